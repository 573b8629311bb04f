package beckon

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/iso4217"
)

// A ruleCheck judges single rules by themselves: whether the members go
// together, and whether operator and value suit the subject. Reading a rule
// and compiling it both do it here, so that they cannot disagree; what it
// makes of a condition on the way is what is run.
type ruleCheck struct {
	faults *ErrorList
	loc    *time.Location // of days; nil while reading, when no instant is needed
}

// A subjectType is what is known of a subject's values at compile time.
type subjectType uint8

const (
	subjectAny    subjectType = iota // an attribute of the host's own, or metadata
	subjectText                      // always a text, if known
	subjectNumber                    // always a number, if known
	subjectDate                      // always a date, if known
	subjectCount                     // a number that is always known
)

// An opClass is a family of operators that take the same values.
type opClass uint8

const (
	classEqual    opClass = 1 << iota // is, is_not
	classIn                           // in, not_in
	classText                         // contains and its like
	classOrder                        // greater_than to between
	classAgo                          // durations
	classDay                          // days and instants
	classList                         // contains_any to contains_none
	classPresence                     // is_unknown, has_any_value
)

// suits tells which operators a subject takes.
func (t subjectType) suits(c opClass) bool {
	switch t {
	case subjectText:
		return c&(classEqual|classIn|classText|classPresence) != 0
	case subjectNumber:
		return c&(classEqual|classOrder|classPresence) != 0
	case subjectDate:
		return c&(classAgo|classDay|classPresence) != 0
	case subjectCount:
		return c&(classEqual|classOrder) != 0
	}
	return true
}

func (t subjectType) String() string {
	switch t {
	case subjectText:
		return "a text"
	case subjectNumber:
		return "a number"
	case subjectDate:
		return "a date"
	case subjectCount:
		return "a count"
	}
	return "of any type"
}

// class gives the family of an operator; 0 for an unknown one.
func (op Op) class() opClass {
	switch op {
	case OpIs, OpIsNot:
		return classEqual
	case OpIn, OpNotIn:
		return classIn
	case OpContains, OpDoesNotContain, OpContainsWord, OpStartsWith, OpEndsWith:
		return classText
	case OpGreaterThan, OpLessThan, OpAtLeast, OpAtMost, OpBetween:
		return classOrder
	case OpMoreThanAgo, OpLessThanAgo, OpExactlyAgo:
		return classAgo
	case OpAfter, OpOn, OpBefore:
		return classDay
	case OpContainsAny, OpContainsAll, OpContainsNone:
		return classList
	case OpIsUnknown, OpHasAnyValue:
		return classPresence
	}
	return 0
}

// negative reports whether an unknown value satisfies the operator (A5); these
// are the opposites of others. has_any_value is the opposite of is_unknown.
func (op Op) negative() bool {
	switch op {
	case OpIsNot, OpDoesNotContain, OpNotIn, OpContainsNone, OpHasAnyValue:
		return true
	}
	return false
}

// standardAttribute gives the type of a user attribute that every contact has
// by definition; all others are the host's own.
func standardAttribute(name string) (subjectType, bool) {
	switch name {
	case "user_id", "id", "email", "anonymous_id", "name", "phone", "role", "timezone", "language":
		return subjectText, true
	case "created_at", "signed_up_at", "last_seen_at", "last_contacted_at":
		return subjectDate, true
	}
	return subjectAny, false
}

// shape judges one rule without the rules inside it; m are the members that
// it has. For a sound condition it gives what to run, but for the where.
func (k *ruleCheck) shape(r *Rule, m memberSet, path string) (c condition, ok bool) {
	before := len(*k.faults)
	switch heads := m & (hasGroup | hasSubject); {
	case m == 0:
		k.faults.fault(path, "the rule is empty: it needs a group (all, any, not) or a condition")
		return c, false
	case heads == 0:
		k.faults.fault(path, "the condition has no subject: user, company, event, metadata, page, message or segment")
		return c, false
	case bits.OnesCount16(uint16(heads)) > 1:
		k.faults.fault(path, "the rule has "+strings.Join(heads.names(), " and ")+": it can have only one of them")
		return c, false
	case heads&hasGroup != 0:
		k.stray(m&^heads, path, "does not belong to a group")
	case heads == hasSegment:
		k.name(r.Segment, joinPath(path, "segment"))
		k.stray(m&^heads, path, "does not belong to a segment")
	default:
		c = k.condition(r, m, heads, path)
	}
	return c, len(*k.faults) == before
}

// stray faults members that have no business where they are.
func (k *ruleCheck) stray(m memberSet, path, why string) {
	for i, name := range ruleMembers {
		if m&(1<<i) != 0 {
			k.faults.fault(joinPath(path, name), why)
		}
	}
}

// name judges a name.
func (k *ruleCheck) name(name, path string) {
	if name == "" {
		k.faults.fault(path, "is empty")
	} else if problem := ruleTextFault(name); problem != "" {
		k.faults.fault(path, problem)
	}
}

// condition judges a condition and gives what to run. Faults of one member do
// not make others faulty.
func (k *ruleCheck) condition(r *Rule, m, head memberSet, path string) (c condition) {
	subject, known := k.subject(r, m, head, path, &c)
	if head != hasEvent {
		k.stray(m&hasWhere, path, "stands only with an event")
	}
	switch {
	case m&hasWithin == 0:
	case head != hasEvent || known && c.source != fromCount:
		k.faults.fault(joinPath(path, "within"), `stands only with an event's "count"`)
	case r.Within.seconds() <= 0:
		k.faults.fault(joinPath(path, "within"), "must be longer than no time")
	default:
		c.within = r.Within.millis()
	}
	class := r.Op.class()
	switch {
	case m&hasOp == 0:
		k.faults.fault(joinPath(path, "op"), "is missing")
		return c
	case class == 0:
		names := make([]string, len(allOps))
		for i, op := range allOps {
			names[i] = string(op)
		}
		k.faults.fault(joinPath(path, "op"), "unknown operator "+quoteInput(string(r.Op))+didYouMean(string(r.Op), names))
		return c
	case !known:
		return c
	case !subject.suits(class):
		k.faults.fault(joinPath(path, "op"), string(r.Op)+" does not suit the subject, which is "+subject.String())
		return c
	}
	c.negate = r.Op.negative()
	at := joinPath(path, "value")
	switch {
	case class == classPresence:
		c.test = testUnknown
		if m&hasValue != 0 {
			k.faults.fault(at, string(r.Op)+" takes no value")
		}
	case m&hasValue == 0:
		k.faults.fault(at, "is missing")
	default:
		k.value(&c, subject, class, r.Op, r.Value, at)
	}
	return c
}

// subject judges subject and stat, and tells where the value comes from.
func (k *ruleCheck) subject(r *Rule, m, head memberSet, path string, c *condition) (t subjectType, known bool) {
	before := len(*k.faults)
	c.name = r.text(head)
	at := joinPath(path, head.word())
	k.name(c.name, at)
	if head != hasEvent && head != hasMessage {
		k.stray(m&hasStat, path, "stands only with an event or a message")
	}
	switch head {
	case hasUser:
		standard := false
		if t, standard = standardAttribute(r.User); standard {
			c.source = fromStandard
		} else {
			c.source = fromUser
		}
	case hasCompany:
		c.source = fromCompany
	case hasMetadata:
		c.source = fromMetadata
	case hasPage:
		switch r.Page {
		case "url":
			c.source, t = fromPageURL, subjectText
		case "seconds":
			c.source, t = fromPageSeconds, subjectNumber
		case "":
		default:
			k.faults.fault(at, "unknown: a page has url and seconds"+didYouMean(r.Page, []string{"url", "seconds"}))
		}
	case hasEvent:
		if len(*k.faults) == before {
			if canonical, code := canonicalName(r.Event); code != "" {
				k.faults.fault(at, quoteInput(r.Event)+" is not an event name")
			} else {
				c.name = canonical
			}
		}
		return k.stat(r, m, path, c, StatCount, StatFirst, StatLast)
	case hasMessage:
		return k.stat(r, m, path, c, StatSentCount, StatLastSent)
	}
	return t, len(*k.faults) == before
}

// stat judges the stat of an event or a message.
func (k *ruleCheck) stat(r *Rule, m memberSet, path string, c *condition, allowed ...Stat) (t subjectType, known bool) {
	names := make([]string, len(allowed))
	known = false
	for i, s := range allowed {
		names[i] = string(s)
		known = known || r.Stat == s
	}
	if !known {
		problem := "is missing"
		if m&hasStat != 0 {
			problem = "unknown: " + quoteInput(string(r.Stat)) + didYouMean(string(r.Stat), names)
		}
		k.faults.fault(joinPath(path, "stat"), problem+"; it must be one of "+strings.Join(names, ", "))
		return subjectAny, false
	}
	switch r.Stat {
	case StatCount:
		c.source = fromCount
	case StatFirst:
		c.source = fromFirst
	case StatLast:
		c.source = fromLast
	case StatSentCount:
		c.source = fromSentCount
	case StatLastSent:
		c.source = fromLastSent
	}
	if r.Stat == StatCount || r.Stat == StatSentCount {
		return subjectCount, true
	}
	return subjectDate, true
}

// value judges the operand and puts it into c.
func (k *ruleCheck) value(c *condition, t subjectType, class opClass, op Op, o Operand, path string) {
	if o.kind == operandInvalid {
		k.faults.fault(path, o.text)
		return
	}
	switch class {
	case classEqual:
		k.equal(c, t, o, path)
	case classIn:
		k.in(c, t, o, path)
	case classText:
		k.textTest(c, op, o, path)
	case classOrder:
		k.order(c, t, op, o, path)
	case classAgo:
		k.ago(c, op, o, path)
	case classDay:
		k.day(c, op, o, path)
	case classList:
		c.test = testListAny
		if op == OpContainsAll {
			c.test = testListAll
		}
		if o.kind != operandList {
			k.faults.fault(path, "must be a list of texts, is "+o.what())
			return
		}
		c.x = &operands{texts: newTextSet(k.texts(o.list, path))}
	}
}

// texts takes a list of texts.
func (k *ruleCheck) texts(list []Operand, path string) []string {
	if len(list) > MaxRuleList {
		k.faults.fault(path, "the list has more than "+strconv.Itoa(MaxRuleList)+" elements")
		return nil
	}
	texts := make([]string, 0, len(list))
	for i, e := range list {
		if s, ok := k.text(e, path+"["+strconv.Itoa(i)+"]"); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

// text takes a text.
func (k *ruleCheck) text(o Operand, path string) (string, bool) {
	if o.kind != operandText {
		k.mistyped(o, "a text", path)
		return "", false
	}
	if problem := ruleTextFault(o.text); problem != "" {
		k.faults.fault(path, problem)
		return "", false
	}
	return o.text, true
}

func (k *ruleCheck) mistyped(o Operand, want, path string) {
	if o.kind == operandInvalid {
		k.faults.fault(path, o.text)
		return
	}
	k.faults.fault(path, "must be "+want+", is "+o.what())
}

// number takes a number within the limits of M3.
func (k *ruleCheck) number(o Operand, path string) (Value, bool) {
	if o.kind != operandNumber {
		k.mistyped(o, "a number", path)
		return Value{}, false
	}
	v := NumberLiteral(o.text)
	if _, problem := v.fault(); problem != "" {
		k.faults.fault(path, problem)
		return Value{}, false
	}
	return v, true
}

// money takes an amount in minor units with its currency.
func (k *ruleCheck) money(o Operand, path string) (Value, bool) {
	currency, known := iso4217.Lookup(o.text)
	if !known {
		k.faults.fault(path, quoteInput(o.text)+" is not a currency of ISO 4217")
		return Value{}, false
	}
	amount, whole := exact.Round(o.num)
	if !whole {
		k.faults.fault(path, "the amount must be in whole minor units")
		return Value{}, false
	}
	return Monetary(amount, currency.Code), true
}

// scalar takes a text, a number, a boolean or money: what a subject of that
// type can be equal to.
func (k *ruleCheck) scalar(o Operand, t subjectType, path string) (Value, bool) {
	switch {
	case t == subjectText || o.kind == operandText && t == subjectAny:
		s, ok := k.text(o, path)
		return String(s), ok
	case t != subjectAny || o.kind == operandNumber:
		return k.number(o, path)
	case o.kind == operandBool:
		return Bool(o.text == "true"), true
	case o.kind == operandMoney:
		return k.money(o, path)
	}
	k.mistyped(o, "a text, a number, a boolean or money", path)
	return Value{}, false
}

func (k *ruleCheck) equal(c *condition, t subjectType, o Operand, path string) {
	v, ok := k.scalar(o, t, path)
	if !ok {
		return
	}
	switch v.kind {
	case KindString:
		c.test, c.text = testTextIs, v.str
	case KindBool:
		c.test, c.lo = testBool, v.num
	default:
		c.compare(signEqual, v)
	}
	if t == subjectCount {
		c.countIn(v, v, true, true)
	}
}

func (k *ruleCheck) in(c *condition, t subjectType, o Operand, path string) {
	if o.kind != operandList {
		k.faults.fault(path, "must be a list, is "+o.what())
		return
	}
	if len(o.list) > MaxRuleList {
		k.faults.fault(path, "the list has more than "+strconv.Itoa(MaxRuleList)+" elements")
		return
	}
	var texts []string
	c.test, c.x = testIn, &operands{}
	for i, e := range o.list {
		v, ok := k.scalar(e, t, path+"["+strconv.Itoa(i)+"]")
		switch {
		case !ok:
		case v.kind == KindString:
			texts = append(texts, v.str)
		default:
			c.x.values = append(c.x.values, v)
		}
	}
	c.x.texts = newTextSet(texts)
}

func (k *ruleCheck) textTest(c *condition, op Op, o Operand, path string) {
	s, ok := k.text(o, path)
	if !ok {
		return
	}
	c.text = foldKey(s)
	switch op {
	case OpContains, OpDoesNotContain:
		c.test = testContains
	case OpContainsWord:
		c.test = testWord
		if strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
			k.faults.fault(path, "a word has at least one letter or digit")
		}
	case OpStartsWith:
		c.test = testStarts
	case OpEndsWith:
		c.test = testEnds
	}
}

func (k *ruleCheck) order(c *condition, t subjectType, op Op, o Operand, path string) {
	take := func(o Operand, path string) (Value, bool) {
		if o.kind == operandMoney && t == subjectAny {
			return k.money(o, path)
		}
		return k.number(o, path)
	}
	if op != OpBetween {
		v, ok := take(o, path)
		if !ok {
			return
		}
		c.compare(signsOf(op), v)
		if t == subjectCount {
			switch op {
			case OpGreaterThan, OpAtLeast:
				c.countIn(v, Value{}, op == OpAtLeast, false)
			case OpLessThan, OpAtMost:
				c.countIn(Value{}, v, false, op == OpAtMost)
			}
		}
		return
	}
	if o.kind != operandList || len(o.list) != 2 {
		k.faults.fault(path, "between takes a list of two: [low, high]")
		return
	}
	low, lowOK := take(o.list[0], path+"[0]")
	high, highOK := take(o.list[1], path+"[1]")
	switch {
	case !lowOK || !highOK:
		return
	case low.kind != high.kind || low.kind == KindMonetary && !sameCurrency(low, high):
		k.faults.fault(path, "low and high must be of one kind, money of one currency")
		return
	case low.kind == KindMonetary && low.num > high.num, low.kind == KindNumber && compareNumbers(low, high) > 0:
		k.faults.fault(path, "low is greater than high")
		return
	}
	c.test = testBetween
	c.x = &operands{values: []Value{low, high}}
	if t == subjectCount {
		c.countIn(low, high, true, true)
	}
}

func (k *ruleCheck) ago(c *condition, op Op, o Operand, path string) {
	s, ok := k.text(o, path)
	if !ok {
		return
	}
	d, problem := parseDuration(s)
	days, whole := d.Days()
	switch {
	case problem != "":
		k.faults.fault(path, problem)
		return
	case d.seconds() <= 0:
		k.faults.fault(path, "must be longer than no time")
		return
	case op == OpExactlyAgo && !whole:
		k.faults.fault(path, "exactly_ago takes whole days")
		return
	}
	switch op {
	case OpMoreThanAgo:
		c.test = testMoreThanAgo
	case OpLessThanAgo:
		c.test = testLessThanAgo
	case OpExactlyAgo:
		c.test = testDayAgo
	}
	if whole {
		c.lo, c.calendar = days, true
	} else {
		c.lo = d.seconds()
	}
}

func (k *ruleCheck) day(c *condition, op Op, o Operand, path string) {
	s, ok := k.text(o, path)
	if !ok {
		return
	}
	c.test, c.lo, c.hi = testSpan, math.MinInt64, math.MaxInt64
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		c.calendar = true
		var start, end int64
		if k.loc != nil {
			start, end = dayBounds(day.Year(), day.Month(), day.Day(), k.loc)
		}
		switch op {
		case OpAfter:
			c.lo = end
		case OpOn:
			c.lo, c.hi = start, end
		case OpBefore:
			c.hi = start
		}
		return
	}
	at, isInstant := parseRFC3339(s)
	switch {
	case op == OpOn:
		k.faults.fault(path, quoteInput(s)+" is not a day: write it as 2026-01-02")
	case !isInstant:
		k.faults.fault(path, quoteInput(s)+" is neither a day (2026-01-02) nor an instant (2026-01-02T15:04:05Z)")
	case op == OpAfter:
		c.lo = at + 1
	default:
		c.hi = at
	}
}

// countIn makes the condition one on a count between low and high, each
// included or not; a zero Value is no bound. Bounds become whole numbers.
func (c *condition) countIn(low, high Value, withLow, withHigh bool) {
	c.test, c.lo, c.hi = testCount, 0, math.MaxInt64
	if low.kind == KindNumber {
		d, _ := low.Decimal()
		whole := d.Ceil()
		if !withLow && whole.Equal(d) {
			whole = whole.Add(decimal.New(1, 0))
		}
		c.lo = saturate(whole)
	}
	if high.kind == KindNumber {
		d, _ := high.Decimal()
		whole := d.Floor()
		if !withHigh && whole.Equal(d) {
			whole = whole.Sub(decimal.New(1, 0))
		}
		c.hi = saturate(whole)
	}
}

func saturate(d decimal.Decimal) int64 {
	switch {
	case d.Cmp(decimal.New(math.MaxInt64, 0)) >= 0:
		return math.MaxInt64
	case d.Cmp(decimal.New(math.MinInt64, 0)) <= 0:
		return math.MinInt64
	}
	return d.IntPart()
}

// keep tells how many of the newest times decide a windowed count: enough to
// tell the least count that satisfies it, or the greatest from one more. In
// the end it is a number that the contact's record has room for (A7).
func (c *condition) keep() int64 {
	switch {
	case c.lo > c.hi || c.hi < 0 || c.lo <= 0 && c.hi == math.MaxInt64:
		return 0 // never, or always
	case c.hi == math.MaxInt64:
		return c.lo
	}
	return c.hi + 1
}

// word gives the name of a single member.
func (m memberSet) word() string { return ruleMembers[bits.TrailingZeros16(uint16(m))] }
