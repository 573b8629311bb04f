package render

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
)

// The template language (R1), as the parser below reads it:
//
//	template  = { text | "{{" expression "}}" }
//	expression = variable { "|" filter } | quoted
//	variable  = name                        an attribute of the contact
//	          | "user" key | "company" key | "event" key
//	key       = "." name | "[" quoted "]"   "user" and "company" also after ".custom_attributes"
//	filter    = name [ ":" quoted { "," quoted } ]
//	quoted    = "…" | '…'                   \" \' and \\ stand for the character alone
//	name      = letters, digits, "_" and, not in front, "-"
//
// There is nothing that repeats, branches or calls, so a template always ends.

// A placeholder is one expression of a template.
type placeholder struct {
	ns       Namespace
	key      string
	literal  bool // a quoted text in place of a variable; it stands in fallback
	fallback string
	has      bool   // a fallback was given, or literal
	filter   filter // nil: the plain form
	pos      int    // byte offset of its braces in the source

	place  place  // where it lands; the zero place in text
	absent string // what is written for an unknown value: the fallback, escaped
	plain  bool   // a text is written as it is, except for the escaping of HTML text
}

// A segment is fixed text and the placeholder behind it; the last one of a
// template has none.
type segment struct {
	text  string
	hole  *placeholder
	start int // byte offset of text in the source
}

// A templateParser reads one template. Its faults are collected, so that one
// pass finds all of them.
type templateParser struct {
	src    string
	pos    int
	rc     Options
	path   string
	faults *fault.List
	bare   bool // one expression without braces is all there is
}

// A syntaxError carries the place of a fault up to where the parser can go on.
type syntaxError struct {
	pos int
	msg string
}

// parseTemplate splits src into segments. What is wrong with it is added to
// faults, under path, with line and column; the segments are then of no use.
func parseTemplate(src string, rc Options, path string, faults *fault.List) []segment {
	if limit := rc.Limits.TemplateSize; len(src) > limit {
		faults.Fault(path, fmt.Sprintf("the template has %d bytes; at most %d are allowed", len(src), limit))
		return nil
	}
	p := &templateParser{src: src, rc: rc, path: path, faults: faults}
	if i := invalidUTF8(src); i >= 0 {
		p.fault(i, "the template is not valid UTF-8 here")
		return nil
	}
	var segments []segment
	holes, wrong := 0, 0
	for {
		open := strings.Index(src[p.pos:], "{{")
		if open < 0 {
			open = len(src) - p.pos
		}
		open += p.pos
		text, start := src[p.pos:open], p.pos
		if wrong += p.otherTags(text, start, maxTemplateFaults-wrong); wrong >= maxTemplateFaults {
			return nil
		}
		if open == len(src) {
			return append(segments, segment{text: text, start: start})
		}
		p.pos = open + 2
		hole, err := p.expression(open)
		if err != nil {
			p.fault(err.pos, err.msg)
			if wrong++; wrong == maxTemplateFaults {
				return nil
			}
			end := strings.Index(src[p.pos:], "}}")
			if end < 0 {
				return nil
			}
			p.pos += end + 2
			continue
		}
		if holes++; holes > rc.Limits.TemplateVariables {
			p.fault(open, fmt.Sprintf("more than %d variables in one template", rc.Limits.TemplateVariables))
			return nil
		}
		segments = append(segments, segment{text: text, hole: hole, start: start})
	}
}

// maxTemplateFaults is how many faults of one template are reported; behind
// so many, the rest would tell nothing more.
const maxTemplateFaults = 20

// fault reports what is wrong at a byte offset of the source.
func (p *templateParser) fault(pos int, msg string) {
	line, column := position(p.src, pos)
	p.faults.Fault(p.path, fmt.Sprintf("line %d, column %d: %s", line, column, msg))
}

// position returns line and column, both from 1, the column in characters.
func position(src string, pos int) (line, column int) {
	before := src[:pos]
	line = 1 + strings.Count(before, "\n")
	column = 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return line, column
}

// invalidUTF8 returns the offset of the first byte that is not UTF-8, or -1.
func invalidUTF8(s string) int {
	for i, r := range s {
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(s[i:]); n == 1 {
				return i
			}
		}
	}
	return -1
}

// expression reads from behind the opening braces to behind the closing ones.
func (p *templateParser) expression(open int) (*placeholder, *syntaxError) {
	h := &placeholder{pos: open}
	p.space()
	switch c := p.peek(); {
	case p.bare && p.pos == len(p.src):
		return nil, &syntaxError{open, "a parameter names a variable, such as event.order"}
	case p.bare && p.at("{{"):
		return nil, &syntaxError{open, "a parameter names its variable without braces, such as event.order"}
	case !p.bare && p.at("}}"):
		return nil, &syntaxError{open, `nothing stands between "{{" and "}}"`}
	case c == '"' || c == '\'':
		text, err := p.quoted()
		if err != nil {
			return nil, err
		}
		h.literal, h.has, h.fallback = true, true, text
	default:
		if err := p.variable(h); err != nil {
			return nil, err
		}
	}
	for {
		p.space()
		switch {
		case p.bare && p.pos == len(p.src):
			return h, nil
		case !p.bare && p.at("}}"):
			p.pos += 2
			return h, nil
		case p.pos == len(p.src):
			return nil, &syntaxError{open, `"{{" without "}}"; to show two braces write {{ "{{" }}`}
		case p.peek() != '|':
			if p.bare {
				return nil, p.unexpected(`"|" or the end`)
			}
			return nil, p.unexpected(`"|" or "}}"`)
		case h.literal:
			return nil, &syntaxError{p.pos, "a quoted text takes no filter"}
		}
		p.pos++
		p.space()
		if err := p.filter(h); err != nil {
			return nil, err
		}
	}
}

// variable reads what the placeholder shows.
func (p *templateParser) variable(h *placeholder) *syntaxError {
	start := p.pos
	name := p.name()
	if name == "" {
		return p.unexpected("the name of a variable")
	}
	p.space()
	dotted := p.peek() == '.' || p.peek() == '['
	switch name {
	case "user":
		h.ns = User
	case "company":
		h.ns = Company
	case "event":
		h.ns = Event
		if !p.rc.EventVars {
			return &syntaxError{start, "event variables are available in triggered messages only, and not in those of a series"} // R2
		}
	default:
		if dotted {
			return &syntaxError{start, fmt.Sprintf("unknown namespace %s: expected user, company or event%s",
				fault.Quote(name), p.ownBrackets(name))}
		}
		h.ns, h.key = User, name
		return nil
	}
	if !dotted {
		return &syntaxError{start, fmt.Sprintf("%s is not a variable by itself; write %s.NAME", name, name)}
	}
	at := p.pos
	custom, err := p.key(h)
	if err != nil {
		return err
	}
	if h.ns == Event {
		if msg := event.KeyFault(h.key); msg != "" {
			return &syntaxError{at, msg}
		}
	}
	p.space()
	if next := p.peek(); next != '.' && next != '[' {
		return nil
	}
	if h.ns != Event && custom {
		_, err = p.key(h)
		return err
	}
	return &syntaxError{p.pos, fmt.Sprintf(`there is nothing below %s; a name with a dot is written ["a.b"]`, fault.Quote(h.key))}
}

// ownBrackets says how an attribute with an awkward name is written.
func (p *templateParser) ownBrackets(name string) string {
	if lower := strings.ToLower(name); lower == "user" || lower == "company" || lower == "event" {
		return ", in small letters"
	}
	return `; an attribute whose name has a dot is written user["a.b"]`
}

// key reads .name or ["name"] into h.key, and reports whether it was the
// step .custom_attributes, behind which the real key may follow.
func (p *templateParser) key(h *placeholder) (custom bool, _ *syntaxError) {
	if p.peek() == '.' {
		p.pos++
		p.space()
		name := p.name()
		if name == "" {
			return false, p.unexpected("a name")
		}
		h.key = name
		return name == "custom_attributes", nil
	}
	p.pos++
	p.space()
	start := p.pos
	if c := p.peek(); c != '"' && c != '\'' {
		return false, p.unexpected("a name in quotes")
	}
	name, err := p.quoted()
	if err != nil {
		return false, err
	}
	if name == "" {
		return false, &syntaxError{start, "the name is empty"}
	}
	p.space()
	if p.peek() != ']' {
		return false, p.unexpected(`"]"`)
	}
	p.pos++
	h.key = name
	return false, nil
}

// filter reads one filter with its arguments.
func (p *templateParser) filter(h *placeholder) *syntaxError {
	start := p.pos
	name := p.name()
	if name == "" {
		return p.unexpected("the name of a filter")
	}
	var args []string
	p.space()
	if p.peek() == ':' {
		for {
			p.pos++
			p.space()
			if c := p.peek(); c != '"' && c != '\'' {
				return p.unexpected("a text in quotes")
			}
			arg, err := p.quoted()
			if err != nil {
				return err
			}
			args = append(args, arg)
			p.space()
			if p.peek() != ',' {
				break
			}
		}
	}
	if name == "fallback" {
		switch {
		case h.has:
			return &syntaxError{start, "a variable has one fallback"}
		case len(args) != 1:
			return &syntaxError{start, `fallback takes one text: fallback: "friend"`}
		}
		h.has, h.fallback = true, args[0]
		return nil
	}
	f, err := p.rc.Filters.of(name, args, p.rc.location())
	switch {
	case err != nil:
		return &syntaxError{start, err.Error()}
	case h.filter != nil:
		return &syntaxError{start, "a variable takes one of the filters money and date"}
	}
	h.filter = f
	return nil
}
