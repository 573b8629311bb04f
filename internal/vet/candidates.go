package vet

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/iso4217"
	"github.com/beckon-go/beckon/internal/ojson"
)

// A candidates is what the operands of a subject's conditions tell apart.
type candidates struct {
	zone *time.Location
	now  int64

	texts   []string
	lists   []string   // elements of lists
	points  []*big.Rat // numbers that conditions name, in their order
	numbers []*big.Rat // these, and others between and beyond them
	dates   []int64    // Unix seconds
	spans   []int64
	money   []money
}

type money struct {
	amount   int64
	currency string
}

// candidates reads the operands, as they are at an instant.
func (sub *subject) candidates(now int64) *candidates {
	c := &candidates{zone: sub.zone, now: now}
	for _, l := range sub.leaves {
		v := l.node.Get("value")
		if v == nil {
			continue
		}
		if sub.currency != "" {
			c.majors(v)
			continue
		}
		c.operand(l.op, v)
	}
	slices.Sort(c.texts)
	c.texts = slices.Compact(c.texts)
	slices.Sort(c.lists)
	c.lists = slices.Compact(c.lists)
	c.between()
	for _, list := range []*[]int64{&c.dates, &c.spans} {
		if len(*list) == 0 { // nothing tells one from another
			*list = append(*list, c.now)
			continue
		}
		for _, at := range slices.Clone(*list) {
			*list = append(*list, at-1, at+1)
		}
		*list = append(*list, c.now, c.now-1, c.now+1, c.now-200*365*calendar.DaySeconds, c.now+200*365*calendar.DaySeconds)
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return c
}

func (c *candidates) operand(op string, v *ojson.Node) {
	switch {
	case strings.HasPrefix(op, "contains_") && op != "contains_word":
		for i := range v.Items {
			c.lists = append(c.lists, v.Items[i].Text)
		}
		return
	case strings.HasSuffix(op, "_ago") || strings.HasSuffix(op, "_ahead"):
		if d, bad := calendar.ParseDuration(v.Text); bad == "" {
			c.span(d, strings.HasPrefix(op, "exactly_"), strings.HasSuffix(op, "_ahead"))
		}
		return
	case op == "after" || op == "on" || op == "before":
		if midnight, day := calendar.ParseDay(v.Text); day {
			c.dates = append(c.dates, calendar.FirstAt(midnight, c.zone), calendar.FirstAt(midnight+calendar.DaySeconds, c.zone))
		} else if at, ok := calendar.ParseDate(v.Text, c.zone); ok {
			c.dates = append(c.dates, at)
		}
		return
	}
	switch v.Kind {
	case ojson.Array:
		for i := range v.Items {
			c.operand(op, &v.Items[i])
		}
	case ojson.String:
		c.texts = append(c.texts, v.Text)
	case ojson.Number:
		if n, ok := new(big.Rat).SetString(v.Text); ok {
			c.points = append(c.points, n)
		}
	case ojson.Object:
		amount := v.Get("amount")
		if amount == nil {
			return
		}
		if n, ok := new(big.Rat).SetString(amount.Text); ok && n.IsInt() && n.Num().IsInt64() {
			c.money = append(c.money, money{n.Num().Int64(), strings.ToUpper(text(v, "currency"))})
		}
	}
}

// span takes how long ago or ahead a date is: whole days are days of the calendar (A6).
func (c *candidates) span(d calendar.Duration, exactly, ahead bool) {
	total, sign := d.Total(), int64(1)
	if ahead {
		total, sign = -total, -1
	}
	days, whole := d.Days()
	if !whole {
		c.spans = append(c.spans, c.now-total)
		return
	}
	at := calendar.DaysAgo(c.now, sign*days, c.zone)
	c.spans = append(c.spans, at)
	if exactly {
		y, m, day := calendar.LocalDay(at, c.zone)
		start, end := calendar.DayBounds(y, m, day, c.zone)
		c.spans = append(c.spans, start, end)
	}
}

// majors takes money as a number of major units.
func (c *candidates) majors(v *ojson.Node) {
	if v.Kind != ojson.Array {
		c.points = append(c.points, major(v))
	}
	for i := range v.Items {
		c.points = append(c.points, major(&v.Items[i]))
	}
}

// major returns how many major units money is.
func major(v *ojson.Node) *big.Rat {
	n, ok := new(big.Rat).SetString(v.Member("amount").Text)
	if !ok {
		return new(big.Rat)
	}
	return n.Quo(n, new(big.Rat).SetInt64(minorUnits(text(v, "currency"))))
}

// minorUnits returns how many minor units a major one of a currency has.
func minorUnits(code string) int64 {
	units := int64(1)
	if known, ok := iso4217.Lookup(code); ok {
		for range max(known.Digits, 0) {
			units *= 10
		}
	}
	return units
}

// ascending sorts numbers, and leaves out those that are there twice.
func ascending(list []*big.Rat) []*big.Rat {
	slices.SortFunc(list, (*big.Rat).Cmp)
	return slices.CompactFunc(list, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
}

// between puts numbers between those that conditions name, and beyond them.
func (c *candidates) between() {
	c.points = ascending(c.points)
	c.numbers = []*big.Rat{big.NewRat(0, 1), big.NewRat(1, 1)}
	for i, n := range c.points {
		c.numbers = append(c.numbers, n, new(big.Rat).Sub(n, big.NewRat(1, 1)), new(big.Rat).Add(n, big.NewRat(1, 1)))
		if i > 0 {
			sum := new(big.Rat).Add(n, c.points[i-1])
			c.numbers = append(c.numbers, sum.Mul(sum, big.NewRat(1, 2)))
		}
	}
	c.numbers = ascending(c.numbers)
}

// cell returns the numbers that no condition tells from n.
func (c *candidates) cell(n *big.Rat) *bounds {
	i, named := slices.BinarySearchFunc(c.points, n, (*big.Rat).Cmp)
	if named {
		return only(n)
	}
	var b bounds
	if i > 0 {
		b.low = edge{c.points[i-1], true}
	}
	if i < len(c.points) {
		b.high = edge{c.points[i], true}
	}
	return &b
}

// counted returns the whole numbers at and beside those that conditions name, from 1 on.
// The last stands for all that are greater.
func (c *candidates) counted() (list []*big.Rat) {
	for _, n := range c.numbers {
		whole := new(big.Int).Div(n.Num(), n.Denom())
		for range 2 {
			if whole.Sign() > 0 {
				list = append(list, new(big.Rat).SetInt(whole))
			}
			whole = new(big.Int).Add(whole, big.NewInt(1))
		}
	}
	return ascending(list)
}

// whole returns the whole numbers at and beside those that conditions name, and the Unix
// seconds of the dates: what is read as a number and as a date (A5).
func (c *candidates) whole() []int64 {
	all := slices.Clone(c.dates)
	for _, n := range c.numbers {
		all = append(all, whole(n, 1)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// whole returns the whole numbers at and beside n × scale, those that fit.
func whole(n *big.Rat, scale int64) (list []int64) {
	scaled := new(big.Rat).Mul(n, big.NewRat(scale, 1))
	floor := new(big.Int).Div(scaled.Num(), scaled.Denom())
	for range 2 {
		if floor.IsInt64() {
			list = append(list, floor.Int64())
		}
		floor = new(big.Int).Add(floor, big.NewInt(1))
	}
	return list
}

// amounts returns the money at and beside the numbers that conditions name, in major units
// (A4): in a currency without a minor unit, in one with cents, in the one with the most
// decimals, and in those that conditions name.
func (c *candidates) amounts() (list []money) {
	currencies := []string{"XAF", "EUR", "CLF"}
	for _, m := range c.money {
		currencies = append(currencies, m.currency)
	}
	slices.Sort(currencies)
	for _, code := range slices.Compact(currencies) {
		scale := minorUnits(code)
		for _, n := range c.numbers {
			for _, amount := range whole(n, scale) {
				list = append(list, money{amount, code})
			}
		}
	}
	return list
}
