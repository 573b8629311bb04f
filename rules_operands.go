package beckon

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/beckon-go/beckon/internal/calendar"
	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/iso4217"
	"github.com/beckon-go/beckon/internal/repr"
)

// value judges the operand and puts it into c.
func (k *ruleCheck) value(c *condition, t subjectType, class opClass, op operator, o ruleOperand, path string) {
	if o.kind == operandInvalid {
		k.faults.Fault(path, o.text)
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
		if op == operatorContainsAll {
			c.test = testListAll
		}
		if o.kind != operandList {
			k.faults.Fault(path, "must be a list of texts, is "+o.what())
			return
		}
		c.x = &operands{texts: newTextSet(k.texts(o.list, path))}
	}
}

// texts takes a list of texts.
func (k *ruleCheck) texts(list []ruleOperand, path string) []string {
	if len(list) > maxRuleList {
		k.faults.Fault(path, "the list has more than "+strconv.Itoa(maxRuleList)+" elements")
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
func (k *ruleCheck) text(o ruleOperand, path string) (string, bool) {
	if o.kind != operandText {
		k.mistyped(o, "a text", path)
		return "", false
	}
	if problem := ruleTextFault(o.text); problem != "" {
		k.faults.Fault(path, problem)
		return "", false
	}
	return o.text, true
}

func (k *ruleCheck) mistyped(o ruleOperand, want, path string) {
	if o.kind == operandInvalid {
		k.faults.Fault(path, o.text)
		return
	}
	k.faults.Fault(path, "must be "+want+", is "+o.what())
}

// number takes a number within the limits of M3.
func (k *ruleCheck) number(o ruleOperand, path string) (repr.Value, bool) {
	if o.kind != operandNumber {
		k.mistyped(o, "a number", path)
		return repr.Value{}, false
	}
	v := repr.NumberLiteral(o.text)
	if _, problem := v.Fault(); problem != "" {
		k.faults.Fault(path, problem)
		return repr.Value{}, false
	}
	return v, true
}

// countable reports whether a count can be compared with the number in earnest.
func (k *ruleCheck) countable(v repr.Value, path string) bool {
	if repr.CompareNumbers(v, repr.Number(0)) >= 0 {
		return true
	}
	k.faults.Fault(path, "is negative: something happens 0 times or more")
	return false
}

// money takes an amount in minor units with its currency.
func (k *ruleCheck) money(o ruleOperand, path string) (repr.Value, bool) {
	currency, known := iso4217.Lookup(o.text)
	if !known {
		k.faults.Fault(path, fault.Quote(o.text)+" is not a currency of ISO 4217")
		return repr.Value{}, false
	}
	amount, whole := exact.Round(o.num)
	if !whole {
		k.faults.Fault(path, "the amount must be in whole minor units")
		return repr.Value{}, false
	}
	return repr.Monetary(amount, currency.Code), true
}

// scalar takes a text, a number, a boolean or money: what a subject of that
// type can be equal to.
func (k *ruleCheck) scalar(o ruleOperand, t subjectType, path string) (repr.Value, bool) {
	switch {
	case t == subjectText || o.kind == operandText && t == subjectAny:
		s, ok := k.text(o, path)
		return repr.String(s), ok
	case t != subjectAny || o.kind == operandNumber:
		return k.number(o, path)
	case o.kind == operandBool:
		return repr.Bool(o.text == "true"), true
	case o.kind == operandMoney:
		return k.money(o, path)
	}
	k.mistyped(o, "a text, a number, a boolean or money", path)
	return repr.Value{}, false
}

func (k *ruleCheck) equal(c *condition, t subjectType, o ruleOperand, path string) {
	v, ok := k.scalar(o, t, path)
	if !ok || t == subjectCount && !k.countable(v, path) {
		return
	}
	switch v.Kind {
	case repr.KindString:
		c.test, c.text = testTextIs, v.Str
	case repr.KindBool:
		c.test, c.lo = testBool, v.Num
	default:
		c.compare(signEqual, v)
	}
	if t == subjectCount {
		c.countIn(v, v, true, true)
	}
}

func (k *ruleCheck) in(c *condition, t subjectType, o ruleOperand, path string) {
	if o.kind != operandList {
		k.faults.Fault(path, "must be a list, is "+o.what())
		return
	}
	if len(o.list) > maxRuleList {
		k.faults.Fault(path, "the list has more than "+strconv.Itoa(maxRuleList)+" elements")
		return
	}
	var texts []string
	c.test, c.x = testIn, &operands{}
	for i, e := range o.list {
		v, ok := k.scalar(e, t, path+"["+strconv.Itoa(i)+"]")
		switch {
		case !ok:
		case v.Kind == repr.KindString:
			texts = append(texts, v.Str)
		default:
			c.x.values = append(c.x.values, v)
		}
	}
	c.x.texts = newTextSet(texts)
}

func (k *ruleCheck) textTest(c *condition, op operator, o ruleOperand, path string) {
	s, ok := k.text(o, path)
	if !ok {
		return
	}
	c.text = fold.Key(s)
	switch op {
	case operatorContains, operatorDoesNotContain:
		c.test = testContains
	case operatorContainsWord:
		c.test = testWord
		if strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
			k.faults.Fault(path, "a word has at least one letter or digit")
		}
	case operatorStartsWith:
		c.test = testStarts
	case operatorEndsWith:
		c.test = testEnds
	}
}

func (k *ruleCheck) order(c *condition, t subjectType, op operator, o ruleOperand, path string) {
	take := func(o ruleOperand, path string) (repr.Value, bool) {
		if o.kind == operandMoney && t == subjectAny {
			return k.money(o, path)
		}
		v, ok := k.number(o, path)
		return v, ok && (t != subjectCount || k.countable(v, path))
	}
	if op != operatorBetween {
		v, ok := take(o, path)
		if !ok {
			return
		}
		c.compare(signsOf(op), v)
		if t == subjectCount {
			switch op {
			case operatorGreaterThan, operatorAtLeast:
				c.countIn(v, repr.Value{}, op == operatorAtLeast, false)
			case operatorLessThan, operatorAtMost:
				c.countIn(repr.Value{}, v, false, op == operatorAtMost)
			}
		}
		return
	}
	if o.kind != operandList || len(o.list) != 2 {
		k.faults.Fault(path, "between takes a list of two: [low, high]")
		return
	}
	low, lowOK := take(o.list[0], path+"[0]")
	high, highOK := take(o.list[1], path+"[1]")
	switch {
	case !lowOK || !highOK:
		return
	case low.Kind != high.Kind || low.Kind == repr.KindMonetary && !repr.SameCurrency(low, high):
		k.faults.Fault(path, "low and high must be of one kind, money of one currency")
		return
	case low.Kind == repr.KindMonetary && low.Num > high.Num, low.Kind == repr.KindNumber && repr.CompareNumbers(low, high) > 0:
		k.faults.Fault(path, "low is greater than high")
		return
	}
	c.test = testBetween
	c.x = &operands{values: []repr.Value{low, high}}
	if t == subjectCount {
		c.countIn(low, high, true, true)
	}
}

func (k *ruleCheck) ago(c *condition, op operator, o ruleOperand, path string) {
	if o.kind != operandText {
		k.mistyped(o, `a duration such as "7d"`, path)
		return
	}
	s, ok := k.text(o, path)
	if !ok {
		return
	}
	d, problem := calendar.ParseDuration(s)
	days, whole := d.Days()
	switch {
	case problem != "":
		k.faults.Fault(path, problem)
		return
	case d.Negative():
		k.faults.Fault(path, fault.Quote(s)+" is negative")
		return
	case op == operatorLessThanAgo && d.Total() == 0:
		k.faults.Fault(path, "must be longer than no time: nothing is less than that ago")
		return
	case op == operatorExactlyAgo && !whole:
		k.faults.Fault(path, "exactly_ago takes whole days")
		return
	}
	switch op {
	case operatorMoreThanAgo:
		c.test = testMoreThanAgo
	case operatorLessThanAgo:
		c.test = testLessThanAgo
	case operatorExactlyAgo:
		c.test = testDayAgo
	}
	if whole && (days != 0 || op == operatorExactlyAgo) { // no days ago is now, also when the clock shows it twice
		c.lo, c.calendar = days, true
	} else {
		c.lo = d.Total()
	}
}

func (k *ruleCheck) day(c *condition, op operator, o ruleOperand, path string) {
	s, ok := k.text(o, path)
	if !ok {
		return
	}
	c.test, c.lo, c.hi = testSpan, math.MinInt64, math.MaxInt64
	if midnight, plain := calendar.ParseDay(s); plain && midnight >= calendar.MinDate {
		c.calendar = true
		var start, end int64
		if k.loc != nil {
			start, end = calendar.FirstAt(midnight, k.loc), calendar.FirstAt(midnight+calendar.DaySeconds, k.loc)
		}
		switch op {
		case operatorAfter:
			c.lo = end
		case operatorOn:
			c.lo, c.hi = start, end
		case operatorBefore:
			c.hi = start
		}
		return
	}
	at, isInstant := calendar.ParseRFC3339(s)
	isInstant = isInstant && calendar.MinDate <= at && at <= calendar.MaxDate
	zoned := calendar.WithoutZone(s)
	switch {
	case op == operatorOn:
		k.faults.Fault(path, fault.Quote(s)+" is not a day: write it as 2026-01-02")
	case zoned != "":
		k.faults.Fault(path, fault.Quote(s)+" has no zone: "+zoned)
	case !isInstant:
		k.faults.Fault(path, fault.Quote(s)+" is neither a day (2026-01-02) nor an instant (2026-01-02T15:04:05Z)")
	case op == operatorAfter:
		c.lo = at + 1
	default:
		c.hi = at
	}
}

// countIn makes the condition one on a count between low and high, each
// included or not; a zero Value is no bound. Bounds become whole numbers.
func (c *condition) countIn(low, high repr.Value, withLow, withHigh bool) {
	c.test, c.lo, c.hi = testCount, 0, math.MaxInt64
	if low.Kind == repr.KindNumber {
		d, _ := low.Decimal()
		whole := d.Ceil()
		if !withLow && whole.Equal(d) {
			whole = whole.Add(decimal.New(1, 0))
		}
		c.lo = saturate(whole)
	}
	if high.Kind == repr.KindNumber {
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
