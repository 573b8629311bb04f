package rule

import (
	"math"

	"github.com/shopspring/decimal"

	exact "github.com/beckon-go/beckon/internal/decimal"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/iso4217"
	"github.com/beckon-go/beckon/internal/repr"
)

func (k *checker) order(c *Condition, t subjectType, op Operator, o Operand, path string) {
	take := func(o Operand, path string) (repr.Value, bool) {
		if o.kind == operandMoney && t.takesMoney() {
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
		c.inCurrency(t, v)
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
	c.inCurrency(t, low)
	if t == subjectCount {
		c.countIn(low, high, true, true)
	}
}

// takesMoney reports whether a subject is compared with money, too.
func (t subjectType) takesMoney() bool {
	return t == SubjectAny || t == subjectSum || t == subjectAmount
}

// inCurrency makes a total one of the money of a currency, if it is compared with money.
func (c *Condition) inCurrency(t subjectType, v repr.Value) {
	if (t == subjectSum || t == subjectAmount) && v.Kind == repr.KindMonetary {
		c.text = repr.CurrencyCode(v.Str)
	}
}

// countIn makes the condition one on a count between low and high, each
// included or not; a zero Value is no bound. Bounds become whole numbers.
func (c *Condition) countIn(low, high repr.Value, withLow, withHigh bool) {
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
func (c *Condition) keep() int64 {
	switch {
	case c.field() != nil:
		return MaxFieldCount + 1
	case c.lo > c.hi || c.hi < 0 || c.lo <= 0 && c.hi == math.MaxInt64:
		return 0 // never, or always
	case c.hi == math.MaxInt64:
		return c.lo
	}
	return c.hi + 1
}

// number takes a number within the limits of M3.
func (k *checker) number(o Operand, path string) (repr.Value, bool) {
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
func (k *checker) countable(v repr.Value, path string) bool {
	if repr.CompareNumbers(v, repr.Number(0)) >= 0 {
		return true
	}
	k.faults.Fault(path, "is negative: something happens 0 times or more")
	return false
}

// money takes an amount in minor units with its currency.
func (k *checker) money(o Operand, path string) (repr.Value, bool) {
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
