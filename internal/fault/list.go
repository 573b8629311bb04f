package fault

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// An Error is one thing that is wrong with an event, a contact or a program, as it
// is found. The root makes the error that a host gets from it.
type Error struct {
	Code    Code
	Field   string
	Path    string
	ID      string
	Message string
	RetryAt int64 // when the call could succeed, Unix milliseconds; 0: not known, or never

	More int // of the last of a list that is too long: so many errors it stands for
}

// Error returns the place with its id, the sentence and the code.
func (e *Error) Error() string {
	var b strings.Builder
	if place := e.Path + e.Field; place != "" {
		b.WriteString(place)
		if e.ID != "" {
			b.WriteString(" (" + Quote(e.ID) + ")")
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
func (e *Error) Is(target error) bool {
	c, ok := target.(Code) // compared by identity, never wrapped
	return ok && c == e.Code
}

// A List is all that is wrong, in the order in which it stands in the input.
type List []*Error

// Error joins the sentences of all, one a line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, e := range l {
		lines[i] = e.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the single errors to errors.Is and errors.As.
func (l List) Unwrap() []error {
	out := make([]error, len(l))
	for i, e := range l {
		out[i] = e
	}
	return out
}

// Add appends an error about a field. Those past [MaxErrors] are counted.
func (l *List) Add(code Code, field, message string) {
	if len(*l) >= MaxErrors {
		l.count(MaxErrors, ErrMore, "errors")
		return
	}
	*l = append(*l, &Error{Code: code, Field: field, Message: message})
}

// Fault appends a program_invalid error about a path. Those past [MaxFaults] are
// counted.
func (l *List) Fault(path, message string) {
	if len(*l) >= MaxFaults {
		l.count(MaxFaults, ErrProgramInvalid, "faults")
		return
	}
	*l = append(*l, &Error{Code: ErrProgramInvalid, Path: path, Message: message})
}

// count adds one to the last error of a list that has as many as it may.
func (l *List) count(limit int, code Code, what string) {
	if len(*l) == limit {
		*l = append(*l, &Error{Code: code})
	}
	last := (*l)[limit]
	last.More++
	last.Message = "and " + strconv.Itoa(last.More) + " more " + what
}

// Join appends an error of a program, which may stand for several.
func (l *List) Join(e *Error) {
	for range max(e.More-1, 0) {
		l.count(MaxFaults, ErrProgramInvalid, "faults")
	}
	if len(*l) >= MaxFaults {
		l.count(MaxFaults, ErrProgramInvalid, "faults")
		return
	}
	*l = append(*l, e)
}

// Full reports whether what is appended to the faults of a program is only
// counted: then nobody reads what they say.
func (l *List) Full() bool { return len(*l) >= MaxFaults }

// Found returns how many errors were found, told or counted. It grows with each.
func (l *List) Found() int {
	n := len(*l)
	if n > 0 && (*l)[n-1].More > 0 {
		return n - 1 + (*l)[n-1].More
	}
	return n
}

// First puts an error in that is told even if the list has as many as it may.
func (l *List) First(code Code, field, message string) {
	if len(*l) >= MaxErrors {
		l.count(MaxErrors, ErrMore, "errors")
		(*l)[MaxErrors-1] = &Error{Code: code, Field: field, Message: message}
		return
	}
	l.Add(code, field, message)
}

// AlsoAbout returns l and those of more that are about other fields, and not within
// one that l is about. Nobody is called missing where an identity could not be read.
func (l List) AlsoAbout(more List) List {
	unread := l.About("") || l.About("user_id") || l.About("id") || l.About("email") || l.About("anonymous_id")
	out := l
	for _, e := range more {
		around := e.Field[:max(0, strings.LastIndexByte(e.Field, '.'))]
		if !l.About(e.Field) && !(around != "" && l.About(around)) && !(unread && e.Code == ErrContactMissing) {
			out = append(out, e)
		}
	}
	return out
}

// About reports whether the list has an error about the field.
func (l List) About(field string) bool {
	for _, e := range l {
		if e.Field == field && e.More == 0 {
			return true
		}
	}
	return false
}

// AddText appends what is wrong with a text that must be UTF-8 and has a
// greatest length in code points.
func (l *List) AddText(field, text string, limit int) {
	if text != "" { // most are not given
		l.addGivenText(field, text, limit)
	}
}

func (l *List) addGivenText(field, text string, limit int) {
	switch {
	case !utf8.ValidString(text):
		l.Add(ErrTextNotUTF8, field, "is not valid UTF-8: "+Quote(text))
	case len(text) > limit && utf8.RuneCountInString(text) > limit:
		l.Add(ErrTypeInvalid, field, "must be a string of at most "+strconv.Itoa(limit)+
			" characters, got "+strconv.Itoa(utf8.RuneCountInString(text)))
	}
}

// A Warning tells of something that was accepted, but dropped or odd.
type Warning struct {
	Code           Code
	Field, Message string
}
