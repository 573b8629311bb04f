package ojson

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// sharedBody is the size in bytes up to which the strings read are slices of
// the body. Of a larger body they are copies, so that a short id that is kept
// for long never keeps a large body alive.
const sharedBody = 4096

// A Scanner pulls the values out of a body from left to right. The caller
// asks for the kind of the next value and then takes it with the method of
// that kind, or with Skip; objects and arrays are entered, and left by asking
// for members or items until there are none:
//
//	s.Enter()
//	for s.Next() {
//		name := s.Name() // in an object
//		s.Skip()         // or Kind, and the method of the kind
//	}
//
// The first error stops it for good: from then on every method returns zero
// values and Next false, so that one look at [Scanner.Err] at the end does. A
// Scanner belongs to one goroutine. The zero Scanner reads an empty body.
type Scanner struct {
	src   string
	pos   int
	start int // of the last string, number or name taken
	depth int
	limit int
	fresh bool // a container was entered and nothing taken from it yet
	share bool

	keep bool // text that is not UTF-8 is kept and noted instead of refused
	bad  int  // offset+1 of the first such text since TakeBadText
	err  *Error
	open [MaxDepth/8 + 1]byte // bit per depth: 1 for an object
}

// Init readies the scanner for a body. depth limits nesting (0: DefaultDepth).
// With keepBadText, a string that is not UTF-8 is no error: its bytes are
// given as they are (a lone surrogate as its three bytes), still not UTF-8,
// and TakeBadText tells; so a caller can name the field and read on.
func (s *Scanner) Init(body string, depth int, keepBadText bool) {
	s.src, s.pos, s.start, s.depth = body, 0, 0, 0
	s.limit, s.share, s.keep = orDefault(depth, DefaultDepth, MaxDepth), len(body) <= sharedBody, keepBadText
	s.fresh, s.bad, s.err = false, 0, nil // open is written before it is read
	if strings.HasPrefix(body, "\ufeff") {
		s.fail(Syntax, 0, "a byte order mark is not allowed")
	}
}

// Err returns the error that stopped the scanner; nil if none has.
func (s *Scanner) Err() error {
	if s.err == nil {
		return nil
	}
	return s.err
}

// Offset returns where the last thing taken began, in bytes.
func (s *Scanner) Offset() int { return s.start }

// Place returns the place of the next thing to be taken, in bytes: its first character
// after [Scanner.Kind], and behind the last thing before that.
func (s *Scanner) Place() int { return s.pos }

// Part returns a part of the body, from one offset to another of what was taken,
// and nothing of a large body, which must not be kept alive.
func (s *Scanner) Part(from, to int) string {
	if !s.share {
		return ""
	}
	return s.src[from:to]
}

// TakeBadText reports whether any text read or skipped since the last call
// was not UTF-8, and where the first one was.
func (s *Scanner) TakeBadText() (offset int, bad bool) {
	offset, bad = s.bad-1, s.bad > 0
	s.bad = 0
	return offset, bad
}

// fail notes the first error and stops the scanner by moving it to the end.
func (s *Scanner) fail(r Reason, at int, message string) {
	if s.err == nil {
		line, column := Place(s.src, at)
		s.err = &Error{Reason: r, Offset: at, Line: line, Column: column, Message: message}
		s.pos = len(s.src)
	}
}

// unexpected fails with what stands at the current place.
func (s *Scanner) unexpected(want string) {
	if s.pos >= len(s.src) {
		s.fail(Syntax, len(s.src), "the body ends where "+want+" is expected")
		return
	}
	r, n := utf8.DecodeRuneInString(s.src[s.pos:])
	if r == utf8.RuneError && n == 1 {
		s.fail(NotUTF8, s.pos, "a byte that is not UTF-8")
		return
	}
	s.fail(Syntax, s.pos, fmt.Sprintf("%+q where %s is expected", r, want))
}

// space skips white space: the four characters of RFC 8259, no others.
func (s *Scanner) space() {
	if s.pos < len(s.src) && s.src[s.pos] <= ' ' { // most bodies have none
		s.pos += spaces(s.src[s.pos:])
	}
}

// spaces counts the white space at the start of src.
func spaces(src string) int {
	i := 0
	for i < len(src) && (src[i] == ' ' || src[i] == '\n' || src[i] == '\t' || src[i] == '\r') {
		i++
	}
	return i
}

// Kind tells the type of the next value by its first character, without
// taking it. It is Invalid where no value begins; taking it with any method
// then returns the error.
func (s *Scanner) Kind() Kind {
	s.space()
	if s.pos >= len(s.src) {
		return Invalid
	}
	switch s.src[s.pos] {
	case '"':
		return String
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return Number
	case '{':
		return Object
	case '[':
		return Array
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	default:
		return Invalid
	}
}

// Enter goes into the object or array that is the next value.
func (s *Scanner) Enter() {
	kind := s.Kind()
	if kind != Object && kind != Array {
		s.unexpected("an object or an array")
		return
	}
	if s.depth == s.limit {
		s.fail(TooDeep, s.pos, fmt.Sprintf("values nest deeper than %d levels", s.limit))
		return
	}
	s.depth++
	bit := byte(1) << (s.depth & 7)
	if kind == Object {
		s.open[s.depth>>3] |= bit
	} else {
		s.open[s.depth>>3] &^= bit
	}
	s.start = s.pos
	s.pos++
	s.fresh = true
}

// Next reports whether the container that was entered last has another member
// or item, and stands before it. At the end it leaves the container.
func (s *Scanner) Next() bool {
	if i := s.pos; i+1 < len(s.src) && s.src[i] == ',' && s.src[i+1] == '"' && !s.fresh && s.depth > 0 {
		s.pos++ // the usual next member, or a string in an array
		return true
	}
	s.space()
	if s.depth == 0 || s.err != nil {
		return false
	}
	object := s.open[s.depth>>3]&(1<<(s.depth&7)) != 0
	end, inside := byte(']'), "a value or ']'"
	if object {
		end, inside = '}', "a member name or '}'"
	}
	if s.pos < len(s.src) && s.src[s.pos] == end {
		s.pos++
		s.depth--
		s.fresh = false
		return false
	}
	if s.fresh {
		s.fresh = false
	} else {
		if s.pos >= len(s.src) || s.src[s.pos] != ',' {
			s.unexpected("',' or '" + string(rune(end)) + "'")
			return false
		}
		s.pos++
		inside = "a value"
		if object {
			inside = "a member name"
		}
	}
	s.space()
	if object && s.pos < len(s.src) && s.src[s.pos] == '"' {
		return true
	}
	if object || s.Kind() == Invalid {
		s.unexpected(inside)
		return false
	}
	return true
}
