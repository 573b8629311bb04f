package rule

import (
	"slices"
	"unique"

	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/tally"
	"github.com/beckon-go/beckon/internal/textmatch"
)

// A source is where a condition's value comes from.
type source uint8

const (
	fromUser source = iota
	fromStandard
	fromCompany
	fromMetadata
	fromTrigger // metadata of the event that triggers the message (A14)
	fromPageURL
	fromPageSeconds
	fromCount        // of an event name, forever (E4)
	fromCounterCount // of events that satisfy a where
	fromWindow       // within a sliding window (A7)
	fromSentCount
	fromFirst
	fromLast
	fromCounterFirst
	fromCounterLast
	fromLastSent
	fromSegment
	fromSum // of the values under a metadata key (A13), as are those that follow
	fromMin
	fromMax
	fromAverage
	fromDistinct
)

// A sourceKind is what a source has.
type sourceKind uint8

const (
	ofValue   sourceKind = iota // of any type
	ofCount                     // a number that is always known
	ofTime                      // or none
	ofOutcome                   // it holds, or does not
	ofTotal                     // a number, which only a sum of nothing has
)

var sourceKinds = [...]sourceKind{ //nolint:gochecknoglobals // a table that nothing writes to
	fromUser: ofValue, fromStandard: ofValue, fromCompany: ofValue, fromMetadata: ofValue, fromTrigger: ofValue,
	fromPageURL: ofValue, fromPageSeconds: ofValue,
	fromCount: ofCount, fromCounterCount: ofCount, fromWindow: ofCount, fromSentCount: ofCount,
	fromFirst: ofTime, fromLast: ofTime, fromCounterFirst: ofTime, fromCounterLast: ofTime,
	fromLastSent: ofTime,
	fromSegment:  ofOutcome,
	fromSum:      ofTotal, fromMin: ofTotal, fromMax: ofTotal, fromAverage: ofTotal, fromDistinct: ofCount,
}

// kind returns what the source has.
func (s source) kind() sourceKind { return sourceKinds[s] }

// A test is what is asked of the value.
type test uint8

const (
	testUnknown test = iota
	testTextIs
	testContains
	testWord
	testStarts
	testEnds
	testMatches
	testBool
	testIn
	testCompare // number or money, by signs
	testBetween
	testListAny
	testListAll
	testSame        // as a field (A11)
	testCount       // lo to hi
	testSpan        // a time from lo, before hi
	testMoreThanAgo // lo seconds or days
	testLessThanAgo
	testMoreThanAhead // minus lo seconds or days
	testLessThanAhead
	testDayAgo // lo days, ahead if that is negative
)

// aboutNow reports whether a test compares a date with now.
func (t test) aboutNow() bool { return testMoreThanAgo <= t && t <= testDayAgo }

// The outcomes of a comparison, which a condition has a set of; see signBit.
const (
	signLess uint8 = 1 << iota
	signEqual
	signGreater
)

func signsOf(op Operator) uint8 {
	switch op {
	case operatorGreaterThan:
		return signGreater
	case operatorLessThan:
		return signLess
	case operatorAtLeast:
		return signGreater | signEqual
	}
	return signLess | signEqual
}

// A Condition is one condition of a compiled rule, as a whole: what its instruction
// leaves out is here.
type Condition struct {
	source          source
	test            test
	negate          bool // it is the opposite that is asked; see newInstruction
	calendar        bool // times are about days in the workspace's zone
	small           bool // num and exp hold the number to compare with
	signs           uint8
	slot            uint8 // where the scope remembers the place of the name
	exp             int32
	onTrue, onFalse int32 // where the rule goes on, negation heeded
	lo, hi          int64 // bounds of a count or a time; a number of seconds or days; num of a small number
	name            string
	text            string                // of a total: the currency, if it is compared with money
	handle          unique.Handle[string] // the name, if it is that of an attribute of the contact or an event
	within          int64                 // milliseconds; 0: no window
	x               *operands             // what few conditions have
	counter         *CounterDef           // of sources that read a counter
	segment         *Segment              // of a segment: all else is empty
}

// ForEachEvent returns how many conditions the condition has each of the recent events
// judged by, 0 if it looks at none (A14, A15).
func (c *Condition) ForEachEvent() int {
	switch {
	case !c.counter.FromEvents():
		return 0
	case c.counter.Where == nil:
		return 1
	}
	return max(len(c.counter.Where.Conditions), 1)
}

// tally returns what the condition needs of the values under a metadata key.
func (c *Condition) tally() tally.Kind {
	switch {
	case c.source == fromDistinct && c.within > 0:
		return tally.Different
	case c.source == fromDistinct:
		return tally.Distinct
	case c.source.kind() != ofTotal:
		return tally.None
	case c.within > 0:
		return tally.Values
	}
	return tally.Sums
}

// operands are the operands that take room.
type operands struct {
	values []repr.Value // compare: one; between: low and high; in: what is not text
	texts  textmatch.Set
	field  *Condition // where the value comes from that is compared with: it has a source and a name; all else is empty (A11)
}

// compare makes the condition a comparison with a number or money.
func (c *Condition) compare(signs uint8, v repr.Value) {
	c.test, c.signs = testCompare, signs
	c.x = &operands{values: []repr.Value{v}}
	if v.Kind == repr.KindNumber && v.Flag&repr.FlagSmall != 0 {
		c.small, c.lo, c.exp = true, v.Num, v.Exp
	}
}

// Onward returns the instruction where a rule goes on that needs the condition to hold,
// or not to; nil if it can hold either way.
func (l *Instruction) Onward() (next *Instruction, opposite bool) {
	switch {
	case l.Op <= opHolds:
	case l.onFalse.Op == opFails:
		return l.onTrue, false
	case l.onTrue.Op == opFails:
		return l.onFalse, true
	}
	return nil, false
}

// Common returns how many of the conditions that each of two rules begins by
// needing are the same.
func (l *Instruction) Common(other *Instruction) (n int) {
	for {
		a, negated := l.Onward()
		b, too := other.Onward()
		if a == nil || b == nil || negated != too || !l.Whole.same(other.Whole) {
			return n
		}
		l, other = a, b
		n++
	}
}

// Head returns a program of the first n conditions of those that a rule begins by
// needing.
func (l *Instruction) Head(n int) *Instruction {
	list := make([]Instruction, n+2)
	list[n].Op, list[n+1].Op = opHolds, opFails
	for i := range n {
		next, negated := l.Onward()
		list[i] = *l
		list[i].onTrue, list[i].onFalse = &list[i+1], &list[n+1]
		if negated {
			list[i].onTrue, list[i].onFalse = list[i].onFalse, list[i].onTrue
		}
		l = next
	}
	return &list[0]
}

// same reports whether two conditions of one program are the same, wherever
// their rules go on.
func (c *Condition) same(other *Condition) bool {
	a, b := *c, *other
	a.onTrue, a.onFalse, a.x = 0, 0, nil
	b.onTrue, b.onFalse, b.x = 0, 0, nil
	if a != b || (c.x == nil) != (other.x == nil) {
		return false
	}
	switch {
	case c.x == nil:
		return true
	case c.x.field != nil || other.x.field != nil:
		return c.x.field != nil && other.x.field != nil && c.x.field.same(other.x.field)
	}
	return slices.EqualFunc(c.x.values, other.x.values, identical) && slices.Equal(c.x.texts.List, other.x.texts.List)
}

// identical reports whether two values are the same in every part.
func identical(v, w repr.Value) bool {
	return v.Kind == w.Kind && v.Flag == w.Flag && v.Exp == w.Exp && v.Num == w.Num && v.Str == w.Str
}
