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
	"fmt"
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
