// Package ojson reads JSON (RFC 8259) strictly and in order.
//
// It differs from encoding/json where that package is lenient. Text must be UTF-8, and
// a lone surrogate escape is refused, not replaced. A byte order mark and data after
// the value are refused. Every member of an object is seen, twice if it is there
// twice, in the order and the letter case in which it was sent. A number is its
// literal, so no digit is lost.
//
// [Scanner] reads values from a body without building anything. [Parse] builds a tree
// of [Node] on top of it. Both work on a body that [ReadBody] has read whole, up to a
// limit: an endless reader ends there, and no input can nest deeper than the limit
// that was set.
package ojson

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A Kind is the type of a JSON value.
type Kind uint8

// The kinds. Invalid is what no value begins with, the end of the body
// included.
const (
	Invalid Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// String names the kind as a sentence about it would.
func (k Kind) String() string {
	switch k {
	case Null:
		return "null"
	case Bool:
		return "a boolean"
	case Number:
		return "a number"
	case String:
		return "a string"
	case Array:
		return "an array"
	case Object:
		return "an object"
	default:
		return "no value"
	}
}

// A Reason is the class of an [Error].
type Reason uint8

// The reasons.
const (
	Syntax   Reason = iota + 1 // not JSON
	NotUTF8                    // bytes that are not UTF-8, or a surrogate escape without its partner
	TooDeep                    // arrays and objects nest deeper than Limits.Depth
	TooLarge                   // more bytes than Limits.Bytes
	TooMany                    // more values than Limits.Nodes (only Parse)
)

// An Error says what is wrong with a body, and where. Of the body it quotes
// at most one character.
type Error struct {
	Reason  Reason
	Offset  int // in bytes from the start of the body
	Line    int // from 1, as an editor counts; 0 if the body was not looked at
	Column  int // in characters, from 1
	Message string
}

// Error returns the message and the place.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("%s at line %d, column %d", e.Message, e.Line, e.Column)
}

// Place returns the line and the column of an offset in a body, both from 1;
// columns are characters.
func Place(body string, offset int) (line, column int) {
	return NewCursor(body).Place(offset)
}

// A Cursor tells the places of many offsets in a body. Offsets that do not fall cost one
// pass over the body together; one that lies before the last begins anew.
type Cursor struct {
	body             string
	at, line, column int
}

// NewCursor returns a cursor at the beginning of a body.
func NewCursor(body string) *Cursor { return &Cursor{body: body, line: 1, column: 1} }

// Place returns what [Place] returns of the body and the offset.
func (c *Cursor) Place(offset int) (line, column int) {
	offset = max(0, min(offset, len(c.body)))
	if offset < c.at {
		c.at, c.line, c.column = 0, 1, 1
	}
	passed := c.body[c.at:offset]
	if lines := strings.Count(passed, "\n"); lines > 0 {
		c.line, c.column = c.line+lines, 1
		passed = passed[strings.LastIndexByte(passed, '\n')+1:]
	}
	c.at, c.column = offset, c.column+utf8.RuneCountInString(passed)
	return c.line, c.column
}

// Limits bound what is read. Zero fields mean the defaults: there is no way
// to ask for no limit.
type Limits struct {
	Bytes int // size of the body
	Depth int // nested arrays and objects; the outermost is 1. At most MaxDepth
	Nodes int // values that Parse builds
}

// The defaults of [Limits], and the greatest depth that may be asked for:
// reading recurses once a level.
const (
	DefaultBytes = 1 << 20
	DefaultDepth = 128
	DefaultNodes = 1 << 18
	MaxDepth     = 1000

	maxLimit = 1 << 30 // so that a limit plus one fits into an int everywhere
)

// orDefault returns n, the default if there is none, and at most limit.
func orDefault(n, fallback, limit int) int {
	if n <= 0 {
		n = fallback
	}
	return min(n, limit)
}

// ReadBody reads r to its end, but never more than one byte over the limit
// (0: DefaultBytes): a longer body is an [Error] TooLarge. An error of the
// reader is returned as it is. A nil reader is an empty body.
func ReadBody(r io.Reader, limit int) (string, error) {
	if r == nil {
		return "", nil
	}
	limit = orDefault(limit, DefaultBytes, maxLimit)
	switch m := r.(type) { // these keep their word about what they hold
	case *Text:
		return m.rest(limit)
	case *strings.Reader:
		if m.Len() <= min(limit, smallBody) {
			return readSmall(m), nil
		}
		return drain(m, m.Len(), limit)
	case *bytes.Reader:
		return drain(m, m.Len(), limit)
	case *bytes.Buffer:
		return drain(m, m.Len(), limit)
	}
	buf, err := readAll(nil, r, limit)
	if err != nil {
		return "", err
	}
	return string(buf), nil
}

// ReadBodyInto is [ReadBody] into the memory of buf, from its beginning, or into larger
// memory if that is too small. What is read is returned with every error, too: the memory
// is the caller's.
func ReadBodyInto(buf []byte, r io.Reader, limit int) ([]byte, error) {
	buf = buf[:0]
	if r == nil {
		return buf, nil
	}
	limit = orDefault(limit, DefaultBytes, maxLimit)
	switch m := r.(type) { // these keep their word about what they hold
	case *strings.Reader:
		return readSized(buf, m, m.Len(), limit)
	case *bytes.Reader:
		return readSized(buf, m, m.Len(), limit)
	case *bytes.Buffer:
		return readSized(buf, m, m.Len(), limit)
	}
	return readAll(buf, r, limit)
}

// readSized takes all that r holds, which is size bytes.
func readSized(buf []byte, r io.Reader, size, limit int) ([]byte, error) {
	if size > limit {
		return buf, tooLarge(limit)
	}
	if size > cap(buf) {
		buf = make([]byte, size)
	}
	n, err := r.Read(buf[:size])
	if err == io.EOF { // it is empty
		err = nil
	}
	return buf[:n], err
}

// readAll reads r to its end into buf, which is empty.
func readAll(buf []byte, r io.Reader, limit int) ([]byte, error) {
	if cap(buf) == 0 {
		buf = make([]byte, 0, min(512, limit+1))
	}
	buf = buf[:0:min(cap(buf), limit+1)]
	for idle := 0; ; {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), min(2*cap(buf), limit+1))
			copy(grown, buf)
			buf = grown
		}
		n, err := r.Read(buf[len(buf):cap(buf)])
		if n < 0 || n > cap(buf)-len(buf) {
			return buf, fmt.Errorf("reader returned an impossible count %d", n)
		}
		buf = buf[:len(buf)+n]
		if len(buf) > limit {
			return buf, tooLarge(limit)
		}
		if err == io.EOF { // readers return io.EOF itself, by contract
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
		if n > 0 {
			idle = 0
		} else if idle++; idle == 100 { // as bufio: a reader that neither reads nor fails
			return buf, io.ErrNoProgress
		}
	}
}

// smallBody is the size in bytes of a body for which there is room on the stack.
const smallBody = 1024

// readSmall takes all that r holds, at most smallBody bytes, without memory that
// an interface would make outlive the call.
func readSmall(r *strings.Reader) string {
	if r.Len() <= smallBody/4 { // as most are: the rest of the room need not be cleared
		var buf [smallBody / 4]byte
		n, _ := r.Read(buf[:])
		return string(buf[:n])
	}
	var buf [smallBody]byte
	n, _ := r.Read(buf[:]) // the error is io.EOF
	return string(buf[:n])
}

// drain takes all that r holds, without a buffer in between.
func drain(r io.WriterTo, size, limit int) (string, error) {
	if size > limit {
		return "", tooLarge(limit)
	}
	var b strings.Builder
	b.Grow(size)
	_, err := r.WriteTo(&b)
	return b.String(), err
}

func tooLarge(limit int) *Error {
	return &Error{Reason: TooLarge, Offset: limit, Message: fmt.Sprintf("the body has more than %d bytes", limit)}
}
