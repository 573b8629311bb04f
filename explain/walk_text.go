package explain

import (
	"fmt"
	"strings"
)

// String returns a paragraph that says where the contact stands in the series, for people who
// do not know the program.
func (w Walk) String() string {
	name := "the series " + quoted(w.Series)
	var s []string
	switch w.State {
	case Walking:
		s = append(s, fmt.Sprintf("In %s the contact stands at %s since %s", name, quoted(w.Block), when(w.Since)))
		s = append(s, w.waits()...)
		if w.NextMessage != "" {
			s = append(s, "If nothing but time passes it next sends "+quoted(w.NextMessage)+" at "+when(w.NextAt))
		}
	case NeverBegan:
		s = append(s, "The contact has not begun "+name)
	case Finished:
		s = append(s, "The contact has been through "+name+", which it entered last at "+when(w.Entered))
	default:
		s = append(s, "The contact has left "+name+" by its exit rule; it had entered last at "+when(w.Entered))
	}
	if w.Entry != nil {
		s = append(s, w.Entry.Why)
		if a := w.Entry.Audience; a != nil && !a.Matched {
			s = append(s, "It is not in the audience of the entry"+told(a))
		}
	}
	if w.Note != "" {
		s = append(s, w.Note)
	}
	for i := range s {
		s[i] = sentence(s[i])
	}
	return strings.Join(s, " ")
}

// waits says what the walk waits for.
func (w *Walk) waits() (s []string) {
	switch w.Kind {
	case RuleBlock:
		text := "There it waits for a rule to hold" + told(w.Rule)
		if !w.Ends.IsZero() {
			text += "; its time is up at " + when(w.Ends)
		}
		return append(s, text)
	case MessageBlock:
		text := "There it waits to send"
		if w.Message != nil {
			text += " " + quoted(w.Message.Message)
		}
		if w.For != "" {
			text += " (" + string(w.For) + ")"
		}
		if !w.Until.IsZero() {
			text += " until " + when(w.Until)
		}
		return append(s, text)
	}
	if !w.Until.IsZero() {
		return append(s, "There it waits until "+when(w.Until))
	}
	return nil
}
