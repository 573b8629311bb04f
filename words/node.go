package words

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
)

// A node is a part of a program, and what it says.
type node struct {
	path     string // in the program
	id       string // of the message, series, segment, cap, topic or event that it lies in
	key      string // what finds the same part in another program
	about    string // what it is: "the audience"
	text     string // what it says: "everyone"
	sentence string // of a part of its own: the same as a sentence; empty if nobody asks
	flat     string // the sentence in one line, where it has several
	long     bool   // text is a text, which is not written out whole
	value    any    // what it is in the program
	of       func() []*node
	whole    func() string // text, where it costs to write it
	list     bool          // of has parts that have a place, and others may be added
}

// says returns what a part says.
func (n *node) says() string {
	if n.whole != nil {
		return n.whole()
	}
	return n.text
}

// plurals are the parts that are several.
var plurals = map[string]bool{ //nolint:gochecknoglobals // a table that nothing writes to
	"other keys": true, "the blocks": true, "the caps": true, "the declared events": true, "the keys": true, "the messages": true, "the office hours": true,
	"the parameters": true, "the quiet hours": true, "the segments": true, "the tags": true, "the topics": true,
}

// verb returns the form of a verb that goes with a part.
func (n *node) verb(one, several string) string {
	if plurals[n.about] {
		return several
	}
	return one
}

// same reports whether two parts have the same JSON.
func (n *node) same(other *node) bool {
	v, w := reflect.ValueOf(n.value), reflect.ValueOf(other.value)
	return v.Comparable() && w.Comparable() && n.value == other.value || docOf(n.value) == docOf(other.value)
}

// docOf returns the JSON of a part, and nothing of one that documents leave out.
func docOf(v any) string {
	value := reflect.ValueOf(v)
	if z, ok := v.(interface{ IsZero() bool }); ok && value.Kind() != reflect.Pointer {
		if z.IsZero() {
			return ""
		}
	} else if value.IsZero() {
		return ""
	}
	doc, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(doc)
}

// An owner is what parts belong to.
type owner struct{ path, id string }

// part makes a part of one member.
func (o owner) part(member, about string, v any, text, sentence string) *node {
	path := member
	if o.path != "" {
		path = o.path + "." + member
	}
	return &node{path: path, id: o.id, key: member, about: about, text: text, sentence: sentence, value: v}
}

// sentences joins what parts say in sentences of their own.
func sentences(parts []*node) []string {
	var lines []string
	for _, p := range parts {
		if p.sentence != "" {
			lines = append(lines, p.sentence)
		}
	}
	return lines
}

// block joins lines, with all but the first indented.
func block(lines []string) string {
	return strings.ReplaceAll(strings.Join(lines, "\n"), "\n", "\n  ")
}

// rule makes the sentences of a part from a rule, and what stands before it.
func (n *node) rule(lead string, r *beckon.Rule) {
	if n.flat = lead + " " + inline(r, 0, alone) + "."; r.IsZero() {
		n.flat = lead + " everyone."
	}
	if n.sentence = n.flat; strings.Contains(Outline(*r), "\n") {
		n.sentence = lead + " " + strings.ReplaceAll(Outline(*r), "\n", "\n  ")
	}
}

// timePart is an instant, or what none means.
func timePart(o owner, member, about string, t time.Time, none, lead string) *node {
	if t.IsZero() {
		return o.part(member, about, t, none, "")
	}
	return o.part(member, about, t, timeWords(t), lead+timeWords(t)+".")
}

// flatSentences joins what parts say to one line.
func flatSentences(parts []*node) string {
	var lines []string
	for _, p := range parts {
		switch {
		case p.flat != "":
			lines = append(lines, p.flat)
		case p.sentence != "":
			lines = append(lines, p.sentence)
		}
	}
	return strings.ReplaceAll(strings.Join(lines, " "), "\n", " ")
}
