package beckonui

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/ojson"
)

// A finding is something in the text of a program: a fault, or what vet says.
type finding struct {
	Path, ID, Code, Message, Fix string
	Line, Column                 int // from 1; 0: not known
	Near                         []lineOf
}

// A lineOf is a line of the text.
type lineOf struct {
	Number int
	Text   string
	Here   bool
}

// places finds in a text where paths lead.
type places struct {
	text  string
	lines []string
	doc   ojson.Node
	err   error // it is no JSON
}

func placesIn(text string) *places {
	p := &places{text: text, lines: strings.Split(text, "\n")}
	p.doc, p.err = ojson.ParseString(text, ojson.Limits{Bytes: beckon.MaxProgramBytes, Depth: beckon.MaxProgramDepth, Nodes: beckon.MaxProgramBytes})
	return p
}

// at fills in where a finding is.
func (p *places) at(f finding) finding {
	var broken *ojson.Error
	switch {
	case p.err == nil && f.Path != "":
		f.Line, f.Column = ojson.Place(p.text, document.Offset(&p.doc, f.Path))
	case errors.As(p.err, &broken):
		f.Line, f.Column = broken.Line, broken.Column
	}
	f.Near = p.near(f.Line, f.Column)
	return f
}

// near returns the lines around a place.
func (p *places) near(line, column int) (list []lineOf) {
	for n := max(line-1, 1); line > 0 && n <= min(line+1, len(p.lines)); n++ {
		at := 0
		if n == line {
			at = column
		}
		list = append(list, lineOf{n, part(p.lines[n-1], at), n == line})
	}
	return list
}

// part returns a line, or of a long one what is around a column. It looks at no more of it
// than that.
func part(text string, column int) string {
	if len(text) <= maxNear {
		return text
	}
	at := 0 // in bytes
	for ; column > 1 && at < len(text); column-- {
		_, n := utf8.DecodeRuneInString(text[at:])
		at += n
	}
	from := max(0, min(at-maxNear/2, len(text)-maxNear))
	to := from + maxNear
	for from > 0 && !utf8.RuneStart(text[from]) {
		from--
	}
	for to < len(text) && !utf8.RuneStart(text[to]) {
		to++
	}
	near := text[from:to]
	if from > 0 {
		near = "… " + near
	}
	if to < len(text) {
		near += "…"
	}
	return near
}

const maxNear = 160 // bytes of a line that are quoted

// faults lists what an error of ParseProgram or Publish says, and how many there are beyond
// maxShown.
func (p *places) faults(err error) (list []finding, more int) {
	var all beckon.ErrorList
	var one *beckon.Error
	switch {
	case errors.As(err, &all):
	case errors.As(err, &one):
		all = beckon.ErrorList{one}
	}
	more = max(0, len(all)-maxShown)
	for _, e := range all[:len(all)-more] {
		list = append(list, p.at(finding{Path: cmp.Or(e.Path, e.Field), ID: e.ID, Code: string(e.Code), Message: e.Message}))
	}
	slices.SortStableFunc(list, func(a, b finding) int { return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column)) })
	return list, more
}

// Where is the place for people.
func (f finding) Where() string {
	if f.Line == 0 {
		return ""
	}
	return "line " + strconv.Itoa(f.Line) + ", column " + strconv.Itoa(f.Column)
}
