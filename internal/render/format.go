package render

import (
	"fmt"
	"strings"
)

// otherTags reports the tags of other template languages in fixed text that
// begins at start, at most so many, and returns their number.
func (p *templateParser) otherTags(text string, start, most int) (found int) {
	for i := 0; i+1 < len(text) && found < most; i++ {
		next := strings.IndexByte(text[i:], '{')
		if next < 0 {
			break
		}
		i += next
		if tag := text[i:min(i+2, len(text))]; tag == "{%" || tag == "{#" {
			p.fault(start+i, fmt.Sprintf(`"%s" is a tag of another language; to show it write {{ "%s" }}, in a style sheet a space between`, tag, tag))
			found++
		}
	}
	return found
}

// looksLikeHTML reports whether a body without a format is probably HTML: a "<",
// perhaps a "/", the name of an HTML element in any letter case, and then white
// space, a "/" or a ">". An address in angle brackets is none.
func looksLikeHTML(body string) bool {
	for {
		_, rest, found := strings.Cut(body, "<")
		if !found {
			return false
		}
		body = rest
		rest = strings.TrimPrefix(rest, "/")
		end := strings.IndexAny(rest[:min(len(rest), longestElement+1)], " \t\n\f\r/>")
		if end > 0 && strings.Contains(htmlElements, " "+strings.ToLower(rest[:end])+" ") {
			return true
		}
	}
}

// longestElement is the length of the longest name in htmlElements.
const longestElement = len("selectedcontent")

// htmlElements are the elements of HTML, the obsolete ones included, with a space
// around each.
const htmlElements = " a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink " +
	"blockquote body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir " +
	"div dl dt element em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr " +
	"html i iframe img input ins isindex kbd keygen label legend li link listing main map mark marquee math menu menuitem meta " +
	"meter multicol nav nextid nobr noembed noframes noscript object ol optgroup option output p param picture plaintext pre " +
	"progress q rb rbc rp rt rtc ruby s samp script search section select selectedcontent slot small source spacer span strike strong style " +
	"sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr xmp "
