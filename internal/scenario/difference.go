package scenario

import (
	"fmt"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
)

// A Difference is one thing that is not as wanted.
type Difference struct {
	Step  int // counted from 0; -1: the document, or the program before the first step
	Verb  string
	Field string // of the want: "sent", "held"…; empty if it is about the whole
	Got   string // empty if Want says it all
	Want  string // empty if nothing was wanted
	Fault string // in place of the two: what is wrong with the document, with the event, or with a name in the want

	Path   string // of what was wanted, in the scenario or, if File is set, in that file
	File   string // of the program, as the scenario names it; empty: the scenario's own file
	Line   int    // from 1; 0 if it cannot be told
	Column int    // in characters, from 1

	// Why says how the message was judged that the difference is about; nil where one call
	// judges many contacts, or the message was no candidate.
	Why *beckon.MessageTrace
}

// String returns the difference in one line, without its place.
func (d Difference) String() string {
	var b strings.Builder
	if d.Step >= 0 {
		fmt.Fprintf(&b, "step %d", d.Step)
		if d.Verb != "" {
			b.WriteString(" " + d.Verb)
		}
		b.WriteString(": ")
	}
	if d.Field != "" {
		b.WriteString(d.Field + ": ")
	}
	switch {
	case d.Fault != "":
		b.WriteString(d.Fault)
	case d.Want == "":
		b.WriteString("got " + d.Got + ", not wanted")
	case d.Got == "":
		b.WriteString("want " + d.Want + ", did not come")
	default:
		b.WriteString("got " + d.Got + ", want " + d.Want)
	}
	return b.String()
}

// item says which item of the list that the want names is meant.
func (d *Difference) item(i int) { d.Path += "[" + strconv.Itoa(i) + "]" }

// Place returns where what was wanted stands, as file:line:column, and the file alone if
// no line is known. The file is the scenario's own, as the caller names it.
func (d Difference) Place(file string) string {
	if d.File != "" {
		file = path.Join(path.Dir(filepath.ToSlash(file)), d.File)
	}
	if d.Line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d:%d", file, d.Line, d.Column)
}

// Tree returns the rules of the message that the difference is about, a line for each
// part, with the values that they saw; each line begins with a line break. Where something
// else than a rule holds the message, such as its hours or a cap, a last line says what.
func (d Difference) Tree() string {
	text := Tree(d.Why, 1)
	if d.Why == nil {
		return text
	}
	switch d.Why.Reason {
	case "", beckon.ReasonSource, beckon.ReasonFilter, beckon.ReasonAudience:
		return text
	}
	return text + "\n    " + d.Why.String()
}

// programStep is the step of what happens before the first one.
const programStep = -1
