package render

import (
	"errors"
	"fmt"
	"html"
	"html/template"
	"io"
	"slices"
	"sort"
	"strconv"
	"strings"
	"text/template/parse"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/htmlescape"
	"github.com/beckon-go/beckon/internal/htmlplace"
)

// A place is where a placeholder lands in HTML; the zero place is text that
// is not HTML.
type place struct {
	html     bool
	kind     htmlplace.Kind // Text, RCDATA, Attribute or URL
	part     htmlplace.Part // of URL
	inLink   bool           // takes no link
	noMarkup bool           // takes no markup at all
	dot      bool           // PathStart before another "/": "//" would begin a host
}

// placeHTML finds the place of every placeholder. The fixed texts stay as they
// are, comments included (R5): html/template would leave those out, and with them
// what is meant for Outlook.
//
// html/template decides the context, once; the scanner of our own must agree,
// and has the say on whether a value may stand there at all. What neither
// knows, or they see differently, is a fault.
func placeHTML(src string, segments []segment, path string, faults *fault.List) {
	fault := func(pos int, msg string) {
		line, column := position(src, pos)
		faults.Fault(path, fmt.Sprintf("line %d, column %d: %s", line, column, msg))
	}
	if i := strayLess(segments); i >= 0 {
		fault(i, `too many "<" that open no tag; write them &lt;`)
		return
	}
	if i := scriptHole(segments); i >= 0 {
		fault(i, `too many "${"; they belong to scripts, and a message needs none`)
		return
	}
	oracle, err := newOracle(segments)
	if err != nil {
		fault(faultPosition(src, segments), "the HTML cannot be escaped safely: "+describe(err))
		return
	}
	found, wrong := faults.Found(), 0
	var scanner htmlplace.Scanner
	begin := "" // the fallback of the latest placeholder that a URL begins with: what follows it there must suit both
	for i := range segments {
		scanner.Literal(segments[i].text)
		if h := segments[i].hole; h != nil {
			reason := h.put(scanner.Placeholder(), oracle.chain(i), begin)
			if reason != "" {
				if wrong++; wrong <= maxTemplateFaults {
					fault(h.pos, "a variable cannot stand "+reason)
				}
			}
			if h.place.kind == htmlplace.URL && h.place.part == htmlplace.Whole {
				begin = h.fallback
			}
		}
	}
	if scanner.InComment() && faults.Found() == found {
		fault(len(src), "the HTML ends within a comment that is not closed")
	}
	if faults.Found() > found {
		return
	}
	for i := range segments {
		if h := segments[i].hole; h != nil && h.place.part == htmlplace.PathStart {
			next := html.UnescapeString(segments[i+1].text)
			h.place.dot = strings.HasPrefix(next, "/") || strings.HasPrefix(next, `\`)
		}
	}
	if err := oracle.probe(segments); err != nil {
		fault(0, err.Error())
	}
}

// The escapers that html/template inserts, as far as we have our own.
const (
	escText      = "_html_template_htmlescaper"
	escRCDATA    = "_html_template_rcdataescaper"
	escAttr      = "_html_template_attrescaper"
	escURLFilter = "_html_template_urlfilter"
	escURL       = "_html_template_urlnormalizer"
	escQuery     = "_html_template_urlescaper"
	escComment   = "_html_template_commentescaper" // known, to say so; never used
)

// put records the place if html/template escapes for the same one; else it
// returns the reason why nothing may stand there.
func (h *placeholder) put(p htmlplace.Place, chain, fallback string) (reason string) {
	h.place = place{html: true, kind: p.Kind, inLink: p.InLink, noMarkup: p.NoMarkup}
	if p.Kind == htmlplace.Custom {
		h.place.kind = htmlplace.URL
		if chain == escAttr {
			h.place.kind = htmlplace.Attribute
		}
	}
	if h.place.kind == htmlplace.URL {
		h.place.part, reason = p.URLPart(fallback)
	}
	switch {
	case chain == escComment:
		return "in a comment"
	case p.Kind == htmlplace.Refused:
		return p.Reason
	case reason != "":
		return reason
	case chain != h.place.chain():
		return "here: parsers may differ about the place, or it holds more than text"
	}
	return ""
}

// chain returns the escapers that belong to the place.
func (p place) chain() string {
	switch p.kind {
	case htmlplace.Text:
		return escText
	case htmlplace.RCDATA:
		return escRCDATA
	case htmlplace.Attribute:
		return escAttr
	}
	switch p.part {
	case htmlplace.Whole:
		return escURLFilter + " " + escURL + " " + escAttr
	case htmlplace.Query:
		return escQuery + " " + escAttr
	default:
		return escURL + " " + escAttr
	}
}

// appendEscaped writes text escaped for the place, as html/template would, and
// in mailto: and tel: links with "?" and "&" percent-encoded as well.
func appendEscaped[T ~string | ~[]byte](p place, dst []byte, s T) []byte {
	switch {
	case p.kind != htmlplace.URL:
		return htmlescape.AppendText(dst, s)
	case p.part == htmlplace.Query:
		return htmlescape.AppendQuery(dst, s)
	case p.part == htmlplace.Mail:
		return htmlescape.AppendMail(dst, s)
	default:
		return htmlescape.AppendURL(dst, s)
	}
}

// An oracle is a template as html/template has rewritten it.
type oracle struct {
	template *template.Template
	nodes    []parse.Node // text and action in turn, with a text last
}

// oracleData is what the oracle's placeholders show.
type oracleData struct{ V string }

// newOracle has html/template escape fixed texts with a placeholder between
// each two. The tree is made by hand, so no text is taken for an action.
func newOracle(segments []segment) (*oracle, error) {
	blank := template.Must(template.New("").Parse("{{.V}}")).Tree
	root := &parse.ListNode{NodeType: parse.NodeList}
	for _, s := range segments {
		root.Nodes = append(root.Nodes, &parse.TextNode{NodeType: parse.NodeText, Text: []byte(s.text)})
		if s.hole != nil {
			root.Nodes = append(root.Nodes, blank.Root.Nodes[0].Copy())
		}
	}
	tree := &parse.Tree{Name: "content", Root: root}
	t, err := template.New("content").AddParseTree("content", tree)
	if err == nil {
		err = t.Execute(io.Discard, oracleData{})
	}
	if err != nil {
		return nil, err
	}
	return &oracle{template: t, nodes: root.Nodes}, nil
}

// text returns the fixed text of a segment, rewritten.
func (o *oracle) text(segment int) string {
	return string(o.nodes[2*segment].(*parse.TextNode).Text) //nolint:errcheck // newOracle sets text and action in turn
}

// chain returns the names of the escapers of a segment's placeholder.
func (o *oracle) chain(segment int) string {
	var names []string
	for _, cmd := range o.nodes[2*segment+1].(*parse.ActionNode).Pipe.Cmds[1:] { //nolint:errcheck // as above
		names = append(names, cmd.String())
	}
	return strings.Join(names, " ")
}

// probeValues hold what escapers treat in a way of their own.
func probeValues() []string {
	return []string{
		"https://h.example/p a?q=1&r=%41%zz#'\"<>+\x00\u2028é",
		"javascript:alert(1)",
		"</title></textarea><script>&amp;{{.V}}",
	}
}

// probe renders values both ways, with the fixed texts of html/template; a difference would mean that this version
// of html/template escapes otherwise than we know.
func (o *oracle) probe(segments []segment) error {
	for _, value := range probeValues() {
		var want strings.Builder
		err := o.template.Execute(&want, oracleData{value})
		var got []byte
		for i, s := range segments {
			got = append(got, o.text(i)...)
			if s.hole == nil {
				continue
			}
			p := s.hole.place
			if p.part == htmlplace.Mail {
				p.part = htmlplace.Path // what html/template knows of it
			}
			if p.kind == htmlplace.URL && p.part == htmlplace.Whole && strings.HasPrefix(value, "javascript:") {
				got = append(got, defanged...)
			} else {
				got = appendEscaped(p, got, value)
			}
		}
		if err != nil || string(got) != want.String() {
			return errors.New("this version of html/template escapes the template otherwise than expected")
		}
	}
	return nil
}

// describe returns what html/template says of a template, without its own idea
// of the place.
func describe(err error) string {
	if e := (*template.Error)(nil); errors.As(err, &e) {
		if e.ErrorCode == template.ErrEndContext {
			return "it ends within a tag, a comment or an element that is not closed"
		}
		return requote(e.Description)
	}
	return requote(err.Error())
}

// requote shortens what a message of another package quotes of its input to
// what ours quote, and the message itself to a sentence or two.
func requote(message string) string {
	const most = 300
	var b strings.Builder
	for message != "" && b.Len() < most {
		i := strings.IndexByte(message, '"')
		if i < 0 {
			i = len(message)
		}
		b.WriteString(message[:min(i, most)])
		message = message[i:]
		quoted, err := strconv.QuotedPrefix(message)
		if err != nil { // the end, or a quotation mark that begins nothing
			n := min(len(message), 1)
			b.WriteString(message[:n])
			message = message[n:]
			continue
		}
		text, _ := strconv.Unquote(quoted) // it is quoted: QuotedPrefix said so
		b.WriteString(fault.Quote(text))
		message = message[len(quoted):]
	}
	return strings.ToValidUTF8(b.String(), "")
}

// faultPosition finds where html/template first refuses the source: behind
// the longest beginning that is at most unfinished.
func faultPosition(src string, segments []segment) int {
	total := 0
	for _, s := range segments {
		total += len(s.text)
	}
	n := sort.Search(total, func(n int) bool {
		_, err := newOracle(cut(segments, n+1))
		e := (*template.Error)(nil)
		return err != nil && !(errors.As(err, &e) && e.ErrorCode == template.ErrEndContext)
	})
	// From the length of fixed text to an offset in the source.
	i := 0
	for ; n >= len(segments[i].text) && segments[i].hole != nil; i++ {
		n -= len(segments[i].text)
	}
	return min(segments[i].start+n, len(src))
}

// cut returns the segments up to n bytes of their fixed text.
func cut(segments []segment, n int) []segment {
	i := 0
	for ; n > len(segments[i].text); i++ {
		n -= len(segments[i].text)
	}
	return append(slices.Clone(segments[:i]), segment{text: segments[i].text[:n]})
}
