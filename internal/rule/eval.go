package rule

import (
	"cmp"
	"math"

	"github.com/beckon-go/beckon/internal/calendar"
	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/tally"
	"github.com/beckon-go/beckon/internal/textmatch"
)

// Where a run of a compiled rule ends.
const (
	exitTrue  int32 = -1
	exitFalse int32 = -2
)

// Eval reports whether the rule holds in s. It allocates nothing, except to compare with
// the text or the list that a field holds (A11), changes nothing but what s remembers for itself, and its cost is bounded by the
// rule's size. A nil rule is no rule: it holds.
func (r *Compiled) Eval(s *Scope) bool {
	if r == nil {
		return true
	}
	s.Begin()
	return r.Program.run(s)
}

// holds judges one condition, except for its negation.
func (c *Condition) holds(s *Scope) bool {
	if f := c.field(); f != nil {
		return c.holdsAgainst(f, s)
	}
	switch c.source.kind() {
	case ofOutcome:
		return s.segment(c.segment)
	case ofValue:
		return c.holdsFor(c.value(s), s)
	case ofCount:
		n := c.count(s)
		return c.lo <= n && n <= c.hi
	case ofTotal:
		return c.holdsTotal(c.total(s, c.text))
	}
	at, known := c.moment(s)
	if c.test == testUnknown {
		return !known
	}
	return known && c.judgeTime(at, s)
}

// value returns the value of an attribute, a key or the page. It is valid until
// the next call: what no record holds is put into the scope.
func (c *Condition) value(s *Scope) *repr.Value {
	switch c.source {
	case fromUser:
		return s.attribute(c.handle, c.slot)
	case fromStandard:
		s.scratch = s.derived(c.name, *s.attribute(c.handle, c.slot))
	case fromCompany:
		s.scratch = s.CompanyAttribute(c.name)
	case fromMetadata:
		if i := s.Fields.Index(c.name); i >= 0 {
			return peek.Of(&s.Fields[i].Value)
		}
		s.scratch = repr.Value{}
	case fromTrigger:
		if i := s.Trigger.Index(c.name); i >= 0 {
			return peek.Of(&s.Trigger[i].Value)
		}
		s.scratch = repr.Value{}
	case fromPageURL:
		s.scratch = repr.Value{}
		if s.Page != nil && s.Page.URL != "" {
			s.scratch = repr.String(s.Page.URL)
		}
	case fromPageSeconds:
		s.scratch = repr.Value{}
		if s.Page != nil {
			s.scratch = *peek.Of(&s.Page.Seconds)
		}
	}
	return &s.scratch
}

// count returns the number of times.
func (c *Condition) count(s *Scope) int64 {
	var n uint64
	switch c.source {
	case fromCount:
		n = s.stat(c.handle, c.slot).Count
	case fromCounterCount:
		if k := s.counter(c.counter); k != nil {
			n = k.Count
		}
	case fromWindow:
		if k := s.counter(c.counter); k != nil {
			n = uint64(countWithin(k, s.Now, c.within))
		}
	case fromDistinct:
		if k := s.counter(c.counter); k != nil && c.within > 0 {
			n = uint64(countWithin(k, s.Now, c.within))
		} else if k != nil {
			n = uint64(tally.Count(k.Tally))
		}
	case fromSentCount:
		for _, x := range SendsOf(s.Rec, c.name) {
			if !x.Control {
				n += uint64(x.Count)
			}
		}
	}
	return int64(min(n, math.MaxInt64))
}

// total returns what is known of the values under a metadata key: in a currency, or of
// all of them.
func (c *Condition) total(s *Scope, currency string) (t tally.Total) {
	k := s.counter(c.counter)
	switch {
	case k == nil:
		return t
	case c.within > 0:
		return tally.Since(k.Tally, len(k.Times)-countWithin(k, s.Now, c.within), currency)
	}
	return tally.Of(k.Tally, currency)
}

// holdsTotal judges a total, except for the negation. Of no values only the sum is known:
// it is 0.
func (c *Condition) holdsTotal(t tally.Total) bool {
	if t.Count == 0 && c.source != fromSum || c.test == testUnknown {
		return t.Count == 0 && c.test == testUnknown
	}
	if c.test == testBetween {
		return c.compareTotal(t, &c.x.values[0])&(signGreater|signEqual) != 0 && c.compareTotal(t, &c.x.values[1])&(signLess|signEqual) != 0
	}
	return c.compareTotal(t, &c.x.values[0])&c.signs != 0
}

// compareTotal compares a total with a number or money. An average is not divided: the
// sum is compared with as many times the operand.
func (c *Condition) compareTotal(t tally.Total, w *repr.Value) uint8 {
	n := t.Sum
	with, _ := tally.NumberOf(w)
	switch c.source {
	case fromMin:
		n = t.Min
	case fromMax:
		n = t.Max
	case fromAverage:
		with = with.Times(t.Count)
	}
	return signBit(n.Compare(with))
}

// moment returns a time, in Unix seconds, and whether there is one.
func (c *Condition) moment(s *Scope) (at int64, known bool) {
	switch c.source {
	case fromFirst, fromLast:
		st := s.stat(c.handle, c.slot)
		if c.source == fromFirst {
			return st.First, st.Count > 0
		}
		return st.Last, st.Count > 0
	case fromCounterFirst, fromCounterLast:
		k := s.counter(c.counter)
		if k == nil || k.Count == 0 {
			return 0, false
		}
		if c.source == fromCounterFirst {
			return k.First, true
		}
		return k.Last, true
	}
	last := int64(math.MinInt64)
	for _, x := range SendsOf(s.Rec, c.name) {
		if !x.Control && x.Count > 0 {
			last, known = max(last, x.Last), true
		}
	}
	return calendar.FloorSeconds(last), known
}

// holdsFor judges a value, except for the negation. One that is unknown, or of
// another type than the operator needs, does not hold (A5).
func (c *Condition) holdsFor(v *repr.Value, s *Scope) bool {
	switch c.test {
	case testUnknown:
		return v.Kind == repr.KindUnknown
	case testTextIs, testContains, testWord, testStarts, testEnds, testMatches:
		return c.judgeText(v)
	case testBool:
		return v.Kind == repr.KindBool && v.Num == c.lo
	case testIn:
		return c.judgeIn(v)
	case testCompare:
		return c.judgeNumber(v)
	case testBetween:
		return holdsSigns(v, &c.x.values[0], signGreater|signEqual) && holdsSigns(v, &c.x.values[1], signLess|signEqual)
	case testListAny:
		return v.Kind == repr.KindList && c.x.texts.AnyIn(v.Str)
	case testListAll:
		return v.Kind == repr.KindList && c.x.texts.AllIn(v.Str)
	case testSpan, testMoreThanAgo, testLessThanAgo, testMoreThanAhead, testLessThanAhead, testDayAgo:
		if v.Kind == repr.KindDate {
			return c.judgeTime(v.Num, s)
		}
		at, ok := v.ConditionDate(s.Loc)
		return ok && c.judgeTime(at, s)
	}
	return false
}

func (c *Condition) judgeText(v *repr.Value) bool {
	text := v.Str
	if v.Kind != repr.KindString {
		var ok bool
		if text, ok = v.ConditionText(); !ok {
			return false
		}
	}
	return c.test.fits(text, c.text)
}

// fits reports whether a text is what a test of texts asks for. All but the first
// compare with what is folded.
func (t test) fits(text, operand string) bool {
	switch t {
	case testTextIs:
		return text == operand
	case testContains:
		return textmatch.Contains(text, operand, false)
	case testWord:
		return textmatch.Contains(text, operand, true)
	case testStarts:
		_, ok := textmatch.Prefix(text, operand)
		return ok
	case testEnds:
		_, ok := textmatch.Suffix(text, operand)
		return ok
	}
	return textmatch.Match(text, operand)
}

func (c *Condition) judgeIn(v *repr.Value) bool {
	if text, ok := v.ConditionText(); ok {
		return c.x.texts.Find(text) >= 0
	}
	for i := range c.x.values {
		w := &c.x.values[i]
		if w.Kind == repr.KindBool && v.Kind == repr.KindBool && v.Num == w.Num || holdsSigns(v, w, signEqual) {
			return true
		}
	}
	return false
}

func (c *Condition) judgeNumber(v *repr.Value) bool {
	if c.small && v.Kind == repr.KindNumber && v.Flag&repr.FlagSmall != 0 {
		if v.Exp == c.exp {
			return c.signs&signBit(cmp.Compare(v.Num, c.lo)) != 0
		}
		return c.signs&signBit(exact.CompareSmall(v.Num, v.Exp, c.lo, c.exp)) != 0
	}
	return holdsSigns(v, &c.x.values[0], c.signs)
}

// signBit returns the outcome of a comparison that returned -1, 0 or +1.
func signBit(sign int) uint8 { return 1 << (sign + 1) }

// holdsSigns compares a value with a number or money. Money compares with
// money of its own currency, and with a number as its amount in major units
// (A4).
func holdsSigns(v, w *repr.Value, signs uint8) bool {
	switch w.Kind {
	case repr.KindMonetary:
		return v.Kind == repr.KindMonetary && repr.SameCurrency(*v, *w) && signs&signBit(cmp.Compare(v.Num, w.Num)) != 0
	case repr.KindNumber:
		n, ok := v.ConditionNumber()
		if !ok {
			return false
		}
		return signs&signBit(repr.CompareNumbers(n, *w)) != 0
	}
	return false
}

// judgeTime judges a time, in Unix seconds (A6, A10).
func (c *Condition) judgeTime(at int64, s *Scope) bool {
	switch c.test {
	case testSpan:
		return c.lo <= at && at < c.hi
	case testDayAgo:
		start, end := s.dayAgo(c.lo)
		return start <= at && at < end
	}
	now := s.seconds()
	then := now - c.lo
	if c.calendar {
		then = s.daysAgo(c.lo)
	}
	switch c.test {
	case testMoreThanAgo:
		return at < then
	case testMoreThanAhead:
		return at > then
	case testLessThanAhead:
		return now <= at && at < then
	}
	return then < at && at <= now
}
