package htmlplace

import "strings"

// special reads the content of an element that has no markup inside, up to
// its end tag.
func (s *Scanner) special(text string, i int) int {
	for ; i < len(text); i++ {
		if text[i] == 0 {
			s.lost = "after a NUL character"
			return i
		}
		if text[i] != '<' {
			continue
		}
		rest := text[i+1:]
		n := len(s.element)
		if len(rest) > n+1 && rest[0] == '/' && strings.EqualFold(rest[1:n+1], s.element) &&
			(isSpace(rest[n+1]) || rest[n+1] == '/' || rest[n+1] == '>') {
			s.state, s.end, s.name, s.escaped = stateTag, true, "", false
			return i + 2 + n
		}
		switch {
		case hasPrefixFold("/"+s.element, rest):
			// What follows is a value that could complete the end tag, or nothing.
			s.lost = inTagName
		case s.element == "script" && strings.HasPrefix(rest, "!--"):
			s.escaped = true
		case s.escaped && hasPrefixFold(rest, "script"):
			s.lost = `after a "<!--" and a "<script" within a script`
		case s.noscript:
			s.lost = `after a "<" in special content within noscript`
		}
		if s.lost != "" {
			return i
		}
	}
	return i
}

// closeTag ends a tag: the text behind it belongs to its element.
func (s *Scanner) closeTag(selfClosing bool) {
	s.state = stateText
	name := s.element
	switch name {
	case "a":
		s.link = !s.end
	case "button":
		s.button = !s.end
	case "select", "datalist":
		s.list = !s.end
	case "noscript":
		s.noscript = !s.end
	case "svg", "math":
		switch {
		case s.end:
			s.foreign = max(0, s.foreign-1)
		case !selfClosing:
			s.foreign++
		}
	case "title", "textarea":
		s.content(stateRCDATA)
	case "script", "style", "xmp", "iframe", "noembed", "noframes":
		s.content(stateRaw)
	case "plaintext":
		s.lost = "after plaintext"
	}
}

// content enters the content of an element without markup inside.
func (s *Scanner) content(next state) {
	switch {
	case s.foreign > 0:
		// Inside svg these are ordinary elements, unless the tree builder
		// has already left it.
		s.lost = "after " + s.element + " within svg or math"
	case !s.end:
		s.state = next
	}
}
