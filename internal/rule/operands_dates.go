package rule

import (
	"math"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
)

// span takes how long ago or ahead a date is (A6, A10).
func (k *checker) span(c *Condition, op Operator, o Operand, path string) {
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
	exactly := op == operatorExactlyAgo || op == operatorExactlyAhead
	switch {
	case problem != "":
		k.faults.Fault(path, problem)
		return
	case d.Negative():
		k.faults.Fault(path, fault.Quote(s)+" is negative")
		return
	case (op == operatorLessThanAgo || op == operatorLessThanAhead) && d.Total() == 0:
		k.faults.Fault(path, "must be longer than no time: nothing is less than that "+string(op[len("less_than_"):]))
		return
	case exactly && !whole:
		k.faults.Fault(path, string(op)+" takes whole days")
		return
	}
	ahead := false
	switch op {
	case operatorMoreThanAgo:
		c.test = testMoreThanAgo
	case operatorLessThanAgo:
		c.test = testLessThanAgo
	case operatorMoreThanAhead:
		c.test, ahead = testMoreThanAhead, true
	case operatorLessThanAhead:
		c.test, ahead = testLessThanAhead, true
	case operatorExactlyAgo, operatorExactlyAhead:
		c.test, ahead = testDayAgo, op == operatorExactlyAhead
	}
	if whole && (days != 0 || exactly) { // no days ago is now, also when the clock shows it twice
		c.lo, c.calendar = days, true
	} else {
		c.lo = d.Total()
	}
	if ahead { // what lies ahead is less than no time ago
		c.lo = -c.lo
	}
}

func (k *checker) day(c *Condition, op Operator, o Operand, path string) {
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
