package beckon

import (
	"strconv"
	"strings"
)

// A faultError is one thing that is wrong with an event, a contact or a program, as
// it is found: [Error] is what a host gets of it.
type faultError struct {
	Code    Code
	Field   string
	Path    string
	ID      string
	Message string

	more int // of the last of a list that is too long: so many errors it stands for
}

// Error returns the place with its id, the sentence and the code.
func (e *faultError) Error() string {
	var b strings.Builder
	if place := e.Path + e.Field; place != "" {
		b.WriteString(place)
		if e.ID != "" {
			b.WriteString(" (" + quoteInput(e.ID) + ")")
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Message)
	b.WriteString(" (")
	b.WriteString(string(e.Code))
	b.WriteByte(')')
	return b.String()
}

// Is makes errors.Is(err, code) true for the error's own [Code].
func (e *faultError) Is(target error) bool {
	c, ok := target.(Code) // compared by identity, never wrapped
	return ok && c == e.Code
}

// A faultList is all that is wrong, in the order in which it stands in the input.
type faultList []*faultError

// Error joins the sentences of all, one a line.
func (l faultList) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the single errors to errors.Is and errors.As.
func (l faultList) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// add appends an error about a field. Those past [MaxErrors] are counted.
func (l *faultList) add(code Code, field, message string) {
	if len(*l) >= MaxErrors {
		l.count(MaxErrors, ErrMore, "errors")
		return
	}
	*l = append(*l, &faultError{Code: code, Field: field, Message: message})
}

// fault appends a program_invalid error about a path. Those past [MaxFaults] are
// counted.
func (l *faultList) fault(path, message string) {
	if len(*l) >= MaxFaults {
		l.count(MaxFaults, ErrProgramInvalid, "faults")
		return
	}
	*l = append(*l, &faultError{Code: ErrProgramInvalid, Path: path, Message: message})
}

// count adds one to the last error of a list that has as many as it may.
func (l *faultList) count(limit int, code Code, what string) {
	if len(*l) == limit {
		*l = append(*l, &faultError{Code: code})
	}
	last := (*l)[limit]
	last.more++
	last.Message = "and " + strconv.Itoa(last.more) + " more " + what
}

// join appends an error of a program, which may stand for several.
func (l *faultList) join(e *faultError) {
	for range max(e.more-1, 0) {
		l.count(MaxFaults, ErrProgramInvalid, "faults")
	}
	if len(*l) >= MaxFaults {
		l.count(MaxFaults, ErrProgramInvalid, "faults")
		return
	}
	*l = append(*l, e)
}

// full reports whether what is appended to the faults of a program is only
// counted: then nobody reads what they say.
func (l *faultList) full() bool { return len(*l) >= MaxFaults }

// found returns how many errors were found, told or counted. It grows with each.
func (l *faultList) found() int {
	n := len(*l)
	if n > 0 && (*l)[n-1].more > 0 {
		return n - 1 + (*l)[n-1].more
	}
	return n
}

// first puts an error in that is told even if the list has as many as it may.
func (l *faultList) first(code Code, field, message string) {
	if len(*l) >= MaxErrors {
		l.count(MaxErrors, ErrMore, "errors")
		(*l)[MaxErrors-1] = &faultError{Code: code, Field: field, Message: message}
		return
	}
	l.add(code, field, message)
}

// alsoAbout returns l and those of more that are about other fields. Nobody is
// called missing where an identity could not be read.
func (l faultList) alsoAbout(more faultList) faultList {
	unread := l.about("") || l.about("user_id") || l.about("id") || l.about("email") || l.about("anonymous_id")
	out := l
	for _, e := range more {
		if !l.about(e.Field) && !(unread && e.Code == ErrContactMissing) {
			out = append(out, e)
		}
	}
	return out
}

// about reports whether the list has an error about the field.
func (l faultList) about(field string) bool {
	for _, e := range l {
		if e.Field == field && e.more == 0 {
			return true
		}
	}
	return false
}
