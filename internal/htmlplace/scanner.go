// Package htmlplace reports where in an HTML document a placeholder stands, by the
// tokenizer's rules of the HTML standard. It refuses every place in which a value
// could do harm, or in which parsers disagree.
//
// It reads what the author wrote, also comments. It is stricter than html/template,
// which also escapes values in places that no value should reach.
package htmlplace

import (
	"html"
	"strings"
)

// A Kind is the kind of a place.
type Kind uint8

// The kinds of places that take a value.
const (
	Refused   Kind = iota // no value may stand here; Place.Reason says why
	Text                  // between tags
	RCDATA                // in title or textarea
	Attribute             // in a quoted attribute that holds text
	URL                   // in a quoted attribute that holds a URL
	Custom                // in a quoted data-* or aria-* attribute: the escaper knows whether it holds a URL
)

// A Place is where one placeholder stands.
type Place struct {
	Kind    Kind
	Reason  string // of Refused: a phrase that completes "a variable cannot stand …"
	Element string // the element of the attribute, in lower case
	Name    string // the attribute, in lower case
	// Before is the fixed text of the attribute's value so far, decoded and
	// split where other placeholders stand.
	Before   []string
	InLink   bool // Text: an a or a button is open, which takes no link
	NoMarkup bool // Text: a select or a datalist is open, which takes no markup

	openEntity bool // the fixed text ends in an unfinished character reference
}

// state is where the scanner stands.
type state uint8

const (
	stateText state = iota
	stateDoctype
	stateTagName
	stateTag // between attributes
	stateSlash
	stateAttrName
	stateAfterName
	stateBeforeValue
	stateDouble
	stateSingle
	stateUnquoted
	stateRCDATA
	stateRaw
	stateComment
)

// A Scanner reads literals and placeholders in turn. The zero Scanner stands
// at the beginning of a document's body.
type Scanner struct {
	state   state
	lost    string // why nothing after this can be placed
	element string
	end     bool // the tag is an end tag
	name    string
	before  []string // see Place.Before
	value   string   // the attribute's value since the last placeholder, raw

	link, button, list, noscript bool // such an element is open
	foreign                      int  // svg and math that are open
	escaped                      bool // a "<!--" stands in the script
	bogus                        bool // the comment is one for its "<!", "<?" or "</" alone: ">" ends it
}

// Literal reads fixed text.
func (s *Scanner) Literal(text string) {
	for i := 0; i < len(text) && s.lost == ""; {
		i = s.step(text, i)
	}
}

// Placeholder returns the place at which the scanner stands, and moves past the
// value.
func (s *Scanner) Placeholder() Place {
	if s.lost != "" {
		return Place{Reason: s.lost}
	}
	p := Place{Element: s.element, Name: s.name, InLink: s.link || s.button, NoMarkup: s.list}
	if s.noscript {
		p.Reason = "inside noscript"
		return p
	}
	if s.foreign > 0 {
		p.Reason = "inside svg or math"
		return p
	}
	switch s.state {
	case stateText:
		p.Kind = Text
	case stateRCDATA:
		p.Kind = RCDATA
	case stateRaw:
		p.Reason = "inside " + s.element
	case stateDouble, stateSingle:
		s.before = append(s.before, html.UnescapeString(s.value))
		p.Before = append([]string(nil), s.before...)
		p.openEntity = endsInEntity(s.value)
		s.value = ""
		if p.Kind = attributeKind(s.element, s.name); s.end || p.Kind == Refused {
			p.Kind = Refused
			p.Reason = "in the attribute " + s.name + " of " + s.element
		}
	case stateBeforeValue, stateUnquoted:
		p.Reason = "in an attribute without quotes"
	case stateDoctype:
		p.Reason = "in the document type"
	case stateComment:
		p.Reason = "in a comment"
	default:
		p.Reason = inTagName
	}
	return p
}

// step reads one token, or a part of one, and returns where the next begins.
func (s *Scanner) step(text string, i int) int {
	c := text[i]
	if c == 0 {
		s.lost = "after a NUL character"
		return i
	}
	switch s.state {
	case stateText:
		return s.text(text, i)
	case stateDoctype:
		if c == '>' {
			s.state = stateText
		}
	case stateTagName:
		if !isSpace(c) && c != '/' && c != '>' {
			s.extend(&s.element, c)
			break
		}
		s.state = stateTag
		return i
	case stateTag:
		s.inTag(c)
	case stateSlash:
		if c != '>' {
			s.lost = `after a "/" within a tag`
			return i
		}
		s.closeTag(true)
	case stateAttrName:
		switch {
		case isSpace(c), c == '/', c == '>', c == '=':
			s.state = stateAfterName
			return i
		case c == '"', c == '\'', c == '<':
			s.lost = "after a broken tag"
			return i
		}
		s.extend(&s.name, c)
	case stateAfterName:
		switch {
		case isSpace(c):
		case c == '=':
			s.state = stateBeforeValue
		default:
			s.state = stateTag
			return i
		}
	case stateBeforeValue:
		s.before, s.value = nil, ""
		switch {
		case isSpace(c):
		case c == '"':
			s.state = stateDouble
		case c == '\'':
			s.state = stateSingle
		case c == '>':
			s.lost = "after a broken tag"
		default:
			s.state = stateUnquoted
			return i
		}
	case stateDouble:
		return s.quoted(text, i, '"')
	case stateSingle:
		return s.quoted(text, i, '\'')
	case stateUnquoted:
		switch {
		case isSpace(c):
			s.state = stateTag
		case c == '>':
			s.closeTag(false)
		case strings.IndexByte("\"'<=`", c) >= 0:
			s.lost = "after a broken tag"
		}
	case stateRCDATA, stateRaw:
		return s.special(text, i)
	case stateComment:
		return s.comment(text, i)
	}
	return i + 1
}

// text reads up to the next tag and its first letter.
func (s *Scanner) text(text string, i int) int {
	open := strings.IndexByte(text[i:], '<')
	if open < 0 {
		if strings.IndexByte(text[i:], 0) >= 0 {
			s.lost = "after a NUL character"
		}
		return len(text)
	}
	if strings.IndexByte(text[i:i+open], 0) >= 0 {
		s.lost = "after a NUL character"
		return len(text)
	}
	i += open + 1
	rest := text[i:]
	const doctype = "!doctype"
	switch {
	case len(rest) >= len(doctype) && strings.EqualFold(rest[:len(doctype)], doctype):
		s.state = stateDoctype
		return i + len(doctype)
	case len(rest) > 1 && rest[0] == '/' && isLetter(rest[1]):
		s.end = true
		i++
	case rest != "" && isLetter(rest[0]):
		s.end = false
	case rest == "", rest == "/", rest == "!", rest == "?":
		// What follows is a value, or nothing.
		s.lost = inTagName
		return i
	case strings.IndexByte("!?/", rest[0]) >= 0:
		return s.openComment(text, i)
	default:
		return i // "<" as text
	}
	s.state, s.element, s.name = stateTagName, "", ""
	return i
}

const inTagName = "in the name of a tag or an attribute"

// inTag reads one character between attributes.
func (s *Scanner) inTag(c byte) {
	switch {
	case isSpace(c):
	case c == '/':
		s.state = stateSlash
	case c == '>':
		s.closeTag(false)
	case c == '=', c == '"', c == '\'', c == '<':
		s.lost = "after a broken tag"
	default:
		s.state, s.name = stateAttrName, string(lower(c))
	}
}

// maxName is the greatest length of a name that is looked at: no real one is
// longer, and a template's size is not to be squared.
const maxName = 100

// extend adds a letter to the name of a tag or an attribute.
func (s *Scanner) extend(name *string, c byte) {
	if len(*name) == maxName {
		s.lost = "after an overlong name"
		return
	}
	*name += string(lower(c))
}

// quoted reads an attribute's value up to its quote.
func (s *Scanner) quoted(text string, i int, quote byte) int {
	n := strings.IndexByte(text[i:], quote)
	value := text[i:]
	if n >= 0 {
		value = text[i : i+n]
	}
	switch {
	case strings.IndexByte(value, 0) >= 0:
		s.lost = "after a NUL character"
	case s.noscript && strings.IndexByte(value, '<') >= 0:
		s.lost = `after a "<" in an attribute within noscript`
	}
	s.value += value
	if n < 0 {
		return len(text)
	}
	s.state = stateTag
	return i + n + 1
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'
}

func isLetter(c byte) bool { return 'a' <= lower(c) && lower(c) <= 'z' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
