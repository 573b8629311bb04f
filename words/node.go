package words

import (
	"encoding/json"
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
	doc      string // its JSON: what says the same has the same
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

// docOf returns the JSON of a part.
func docOf(v any) string {
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
	return &node{path: path, id: o.id, key: member, about: about, text: text, sentence: sentence, doc: docOf(v)}
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

// when returns the sentence if it is worth one.
func when(worth bool, sentence string) string {
	if !worth {
		return ""
	}
	return sentence
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
		return o.part(member, about, omitted{}, none, "")
	}
	return o.part(member, about, t, timeWords(t), lead+timeWords(t)+".")
}

// omitted is a part that is not there.
type omitted struct{}

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
