package render

import (
	"errors"
	"fmt"
	"html"
	"strings"
)

// An htmlToken is a piece of a document as a browser's tokenizer makes it. It
// is written from the standard, for tests, and shares nothing with the code it
// judges.
type htmlToken struct {
	kind  string // "text", "start", "end"
	name  string
	attrs [][2]string // names in lower case, values decoded
	text  string      // decoded
}

// shape returns the token without what a value may change.
func (t htmlToken) shape() string {
	if t.kind == "text" {
		return "text"
	}
	s := t.kind + " " + t.name
	for _, a := range t.attrs {
		s += " " + a[0]
	}
	return s
}

// tokenizeHTML reads a document strictly: what a parser would have to repair
// is an error.
func tokenizeHTML(doc string) (tokens []htmlToken, err error) {
	text := func(raw string, decode bool) {
		if raw == "" {
			return
		}
		if decode {
			raw = html.UnescapeString(raw)
		}
		if n := len(tokens); n > 0 && tokens[n-1].kind == "text" {
			tokens[n-1].text += raw
			return
		}
		tokens = append(tokens, htmlToken{kind: "text", text: raw})
	}
	if strings.Contains(doc, "\x00") {
		return nil, errors.New("a NUL")
	}
	for doc != "" {
		i := strings.IndexByte(doc, '<')
		if i < 0 {
			text(doc, true)
			break
		}
		text(doc[:i], true)
		if end := commentEnd(doc[i:]); end != 0 {
			if end < 0 {
				return nil, errors.New("a comment is not closed")
			}
			tokens = append(tokens, htmlToken{kind: "comment " + doc[i:i+end]})
			doc = doc[i+end:]
			continue
		}
		if rest := doc[i+1:]; rest == "" || rest[0] != '/' && (rest[0]|0x20 < 'a' || rest[0]|0x20 > 'z') && !strings.HasPrefix(rest, "!") {
			text("<", false)
			doc = rest
			continue
		}
		var t htmlToken
		if t, doc, err = tag(doc[i+1:]); err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		if t.kind == "end" {
			continue
		}
		switch t.name {
		case "title", "textarea", "script", "style":
			end := endTag(doc, t.name)
			if end < 0 {
				return nil, fmt.Errorf("%s is not closed", t.name)
			}
			text(doc[:end], t.name[0] == 't')
			doc = doc[end:]
		}
	}
	return tokens, nil
}

// commentEnd returns where a comment at the beginning of doc ends: 0 if there is
// none, negative if it is not closed.
func commentEnd(doc string) int {
	switch {
	case strings.HasPrefix(doc, "<!-->"), strings.HasPrefix(doc, "<!--->"):
		return strings.IndexByte(doc, '>') + 1
	case strings.HasPrefix(doc, "<!--"):
		for i := len("<!--"); i < len(doc); i++ {
			for _, end := range []string{"-->", "--!>"} {
				if strings.HasPrefix(doc[i:], end) {
					return i + len(end)
				}
			}
		}
		return -1
	case len(doc) > 1 && (doc[1] == '?' || doc[1] == '!' && !strings.HasPrefix(strings.ToLower(doc), "<!doctype")),
		len(doc) > 2 && doc[1] == '/' && (doc[2]|0x20 < 'a' || doc[2]|0x20 > 'z'):
		if end := strings.IndexByte(doc, '>'); end >= 0 {
			return end + 1
		}
		return -1
	}
	return 0
}

// endTag finds where an element without markup inside ends, or returns -1.
func endTag(doc, name string) int {
	for i := range len(doc) - len(name) - 1 {
		if doc[i:i+2] == "</" && strings.EqualFold(doc[i+2:i+2+len(name)], name) {
			return i
		}
	}
	return -1
}

// tag reads a tag behind its "<".
func tag(doc string) (t htmlToken, rest string, err error) {
	t.kind = "start"
	if doc, ok := strings.CutPrefix(doc, "/"); ok {
		t.kind = "end"
		return readTag(t, doc)
	}
	return readTag(t, doc)
}

func readTag(t htmlToken, doc string) (htmlToken, string, error) {
	const space = " \t\n\f\r"
	n := strings.IndexAny(doc, space+"/>")
	if n <= 0 || doc[0]|0x20 < 'a' || doc[0]|0x20 > 'z' {
		return t, "", fmt.Errorf("no tag: <%.20q", doc)
	}
	t.name, doc = strings.ToLower(doc[:n]), doc[n:]
	for {
		doc = strings.TrimLeft(doc, space)
		if doc == "" {
			return t, "", errors.New("the document ends within a tag")
		}
		if rest, ok := strings.CutPrefix(strings.TrimPrefix(doc, "/"), ">"); ok {
			return t, rest, nil
		}
		n := strings.IndexAny(doc, space+"/>=")
		if n <= 0 || strings.ContainsAny(doc[:n], "\"'<`") {
			return t, "", fmt.Errorf("no attribute: %.20q", doc)
		}
		attr := [2]string{strings.ToLower(doc[:n])}
		doc = strings.TrimLeft(doc[n:], space)
		if value, ok := strings.CutPrefix(doc, "="); ok {
			value = strings.TrimLeft(value, space)
			if value == "" || value[0] != '"' && value[0] != '\'' {
				return t, "", fmt.Errorf("no quotes: %.20q", doc)
			}
			end := strings.IndexByte(value[1:], value[0])
			if end < 0 {
				return t, "", errors.New("a quote is not closed")
			}
			attr[1] = html.UnescapeString(value[1 : 1+end])
			doc = value[end+2:]
		}
		t.attrs = append(t.attrs, attr)
	}
}
