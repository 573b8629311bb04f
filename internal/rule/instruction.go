package rule

import (
	"math"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/textmatch"
)

// An opcode says what an instruction of a compiled rule does. Each but the first is
// the usual case of one source and one test taken together; what is not usual
// goes the way of OpGeneric, by the condition itself. So there is one meaning, and
// a shorter way to it.
type opcode uint8

// The operations.
const (
	opFails      opcode = iota // an end: the rule does not hold
	opHolds                    // an end: it holds
	OpGeneric                  // any condition: see condition.holds
	opUser                     // any test of an attribute of the contact
	opUnknown                  // the attribute is unknown
	opBool                     // the attribute is a boolean, lo
	opShort                    // the attribute is a text of at most 8 bytes, lo
	opIn                       // the attribute is one of some texts
	opContains                 // the attribute is a text that contains another
	opListAny                  // the attribute is a list with one of some texts
	opDateWithin               // the attribute is a date less than span seconds ago
	opNumber                   // the attribute is a number from lo on, in a span
	opCount                    // an event's count is from lo on, in a span
	opLastWithin               // an event's last time is less than span seconds ago
	opLastBefore               // an event's last time is more than span seconds ago
	opLastNever                // there is no last time
)

// An Instruction is one condition of a compiled rule as it runs: 64 bytes that hold what
// the usual case needs. Where to go on if the condition holds, and where if
// not, are instructions of the same program, or one of its ends, so that groups and
// negations cost nothing.
type Instruction struct {
	Op              opcode
	slot            uint8 // where the scope remembers the place of the name
	size            uint8 // of a short text
	exp             int32 // of a number
	onTrue, onFalse *Instruction
	name            unique.Handle[string] // of the attribute or the event
	lo              uint64
	span            uint64 // lo + span is the last that counts
	texts           *textmatch.Set
	Whole           *Condition // what the usual case leaves out
}

// newInstruction returns the instruction of a condition that is not linked yet.
func newInstruction(c *Condition, loc *time.Location) Instruction {
	l := Instruction{Op: OpGeneric, slot: c.slot, name: c.handle, Whole: c}
	if c.field() != nil {
		return l
	}
	switch c.source {
	case fromUser:
		l.user(c, loc)
	case fromCount:
		if c.lo <= c.hi && c.hi >= 0 {
			l.Op, l.lo = opCount, uint64(max(c.lo, 0))
			l.span = uint64(c.hi) - l.lo
			if c.hi == math.MaxInt64 {
				l.span = math.MaxUint64 - l.lo // counts go further than bounds
			}
		}
	case fromLast:
		l.last(c, loc)
	}
	return l
}

func (l *Instruction) user(c *Condition, loc *time.Location) {
	l.Op = opUser
	switch c.test {
	case testUnknown:
		l.Op = opUnknown
	case testBool:
		l.Op, l.lo = opBool, uint64(c.lo)
	case testTextIs:
		if textmatch.IsShort(c.text) {
			l.Op, l.size, l.lo = opShort, uint8(len(c.text)), textmatch.Packed(c.text)
		}
	case testIn:
		if len(c.x.texts.List) > 0 {
			l.Op, l.texts = opIn, &c.x.texts
		}
	case testContains:
		l.Op = opContains
	case testListAny:
		l.Op, l.texts = opListAny, &c.x.texts
	case testLessThanAgo:
		if n, ok := c.seconds(loc); ok {
			l.Op, l.span = opDateWithin, n
		}
	case testCompare:
		if lo, hi, ok := c.bounds(); ok {
			l.Op, l.exp, l.lo, l.span = opNumber, c.exp, uint64(lo), uint64(hi)-uint64(lo)
		}
	}
}

// bounds returns the least and the greatest coefficient, of those with the same
// exponent, that a comparison lets through; false if that is not how it goes.
func (c *Condition) bounds() (lo, hi int64, ok bool) {
	lo, hi = math.MinInt64, math.MaxInt64
	n := c.lo
	switch {
	case !c.small:
		return 0, 0, false
	case c.signs&signLess == 0 && c.signs&signEqual == 0:
		lo, ok = n+1, n < math.MaxInt64
	case c.signs&signGreater == 0 && c.signs&signEqual == 0:
		hi, ok = n-1, n > math.MinInt64
	case c.signs&signLess == 0 && c.signs&signGreater == 0:
		lo, hi, ok = n, n, true
	case c.signs&signLess == 0:
		lo, ok = n, true
	default:
		hi, ok = n, true
	}
	return lo, hi, ok
}

// seconds returns how long ago the condition means; false if the calendar has to
// be asked.
func (c *Condition) seconds(loc *time.Location) (uint64, bool) {
	switch {
	case !c.calendar:
		return uint64(c.lo), true
	case loc == time.UTC:
		return uint64(c.lo) * calendar.DaySeconds, true
	}
	return 0, false
}

func (l *Instruction) last(c *Condition, loc *time.Location) {
	n, ok := c.seconds(loc)
	switch {
	case c.test == testUnknown:
		l.Op = opLastNever
	case c.test == testLessThanAgo && ok:
		l.Op, l.span = opLastWithin, n
	case c.test == testMoreThanAgo && ok:
		l.Op, l.span = opLastBefore, n
	}
}
