package scenario

import (
	"bytes"
	"fmt"
)

// A Difference is one thing that is not as wanted.
type Difference struct {
	Step  int // counted from 0; -1: the document, or the program before the first step
	Verb  string
	Field string // of the want: "sent", "held"…; empty if it is about the whole
	Got   string // empty if Want says it all
	Want  string // empty if nothing was wanted
	Fault string // in place of the two: what is wrong with the document, or with the event
	Hint  string // what was probably meant; may be empty
}

// String returns the difference in one line.
func (d Difference) String() string {
	var b bytes.Buffer
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
	if d.Hint != "" {
		b.WriteString("; " + d.Hint)
	}
	return b.String()
}

// programStep is the step of what happens before the first one.
const programStep = -1
