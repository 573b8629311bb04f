package vet

import (
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/iso4217"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/value"
)

// possible returns the values that a subject may have; nil if they are too many.
func (sub *subject) possible() []world {
	c := sub.candidates()
	switch sub.kind {
	case counted:
		worlds := c.counts()
		if sub.never {
			return worlds[:min(1, len(worlds))] // the first is that of none
		}
		return worlds
	case tallied:
		return c.tallies(sub)
	case page:
		worlds := []world{{}}
		if sub.key == "page:seconds" {
			for _, n := range c.numbers {
				if n.Sign() >= 0 {
					worlds = append(worlds, single(literal(n), "number", false))
				}
			}
			return worlds
		}
		for _, t := range c.texts {
			worlds = append(worlds, single(value.String(t), "string", false))
		}
		return append(worlds, single(value.String(freshText), "string", true))
	}
	return c.values(strings.HasPrefix(sub.key, "metadata:"))
}

func single(v value.Value, kind string, fresh bool) world {
	return world{fields: value.Fields{{Key: standsValue, Value: v}, {Key: standsSpan, Value: v}}, kind: kind, fresh: fresh}
}

// freshText is a text that no condition names.
const freshText = "~\u2042 another text \u2042~"

// A candidates is what the operands of a subject's conditions tell apart.
type candidates struct {
	texts   []string
	lists   []string // elements of lists
	numbers []*big.Rat
	dates   []int64 // Unix seconds
	spans   []int64
	money   []money
}

type money struct {
	amount   int64
	currency string
}

// candidates reads the operands.
func (sub *subject) candidates() *candidates {
	c := &candidates{}
	for _, l := range sub.leaves {
		v := l.node.Get("value")
		if v == nil {
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
			*list = append(*list, now.Unix())
			continue
		}
		for _, at := range slices.Clone(*list) {
			*list = append(*list, at-calendar.DaySeconds, at-1, at+1, at+calendar.DaySeconds/2, at+calendar.DaySeconds-1, at+calendar.DaySeconds, at+2*calendar.DaySeconds)
		}
		*list = append(*list, now.Unix(), now.Unix()-1, now.Unix()+1, now.Unix()-200*365*calendar.DaySeconds, now.Unix()+200*365*calendar.DaySeconds)
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
			sign := int64(-1)
			if strings.HasSuffix(op, "_ahead") {
				sign = 1
			}
			c.spans = append(c.spans, now.Unix()+sign*d.Total())
		}
		return
	case op == "after" || op == "on" || op == "before":
		if at, ok := calendar.ParseDate(v.Text, time.UTC); ok {
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
			c.numbers = append(c.numbers, n)
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

// between puts numbers between those that conditions name, and beyond them.
func (c *candidates) between() {
	slices.SortFunc(c.numbers, func(a, b *big.Rat) int { return a.Cmp(b) })
	c.numbers = slices.CompactFunc(c.numbers, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
	all := []*big.Rat{big.NewRat(0, 1), big.NewRat(1, 1)}
	for i, n := range c.numbers {
		all = append(all, n, new(big.Rat).Sub(n, big.NewRat(1, 1)), new(big.Rat).Add(n, big.NewRat(1, 1)))
		if i > 0 {
			sum := new(big.Rat).Add(n, c.numbers[i-1])
			all = append(all, sum.Mul(sum, big.NewRat(1, 2)))
		}
	}
	slices.SortFunc(all, func(a, b *big.Rat) int { return a.Cmp(b) })
	c.numbers = slices.CompactFunc(all, func(a, b *big.Rat) bool { return a.Cmp(b) == 0 })
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
		scale := int64(1)
		if known, ok := iso4217.Lookup(code); ok {
			for range max(known.Digits, 0) {
				scale *= 10
			}
		}
		for _, n := range c.numbers {
			for _, amount := range whole(n, scale) {
				list = append(list, money{amount, code})
			}
		}
	}
	return list
}

// literal writes a number that has a last digit.
func literal(n *big.Rat) value.Value {
	digits, _ := n.FloatPrec()
	return value.NumberLiteral(n.FloatString(digits))
}

// values returns the values that a field may have, of each type.
func (c *candidates) values(metadata bool) []world {
	worlds := []world{{}}
	for _, t := range c.texts {
		worlds = append(worlds, single(value.String(t), "string", false))
	}
	worlds = append(worlds, single(value.String(freshText), "string", true), single(value.String(""), "string", false))
	for _, n := range c.numbers {
		worlds = append(worlds, single(literal(n), "number", false))
	}
	worlds = append(worlds, single(value.Bool(true), "boolean", false), single(value.Bool(false), "boolean", false))
	whole := c.whole()
	if max(len(c.dates), len(whole))*len(c.spans) > maxWorlds {
		return nil
	}
	date := func(at int64) value.Value {
		if metadata {
			return value.Date(time.Unix(at, 0))
		}
		return value.String(time.Unix(at, 0).UTC().Format(time.RFC3339))
	}
	pair := func(at, span value.Value, kind string, fresh bool) {
		worlds = append(worlds, world{fields: value.Fields{{Key: standsValue, Value: at}, {Key: standsSpan, Value: span}}, kind: kind, fresh: fresh})
	}
	written := func(at int64) value.Value { return value.String(time.Unix(at, 0).UTC().Format(time.RFC3339)) }
	for _, span := range c.spans {
		for _, at := range c.dates {
			pair(date(at), date(span), "date", !metadata)
			if metadata { // a text may be a date, too (A5)
				pair(written(at), written(span), "string", true)
			}
		}
		for _, at := range whole { // and so may a number
			pair(value.Number(at), value.Number(span), "number", false)
		}
		for _, t := range c.texts {
			if _, dated := calendar.ParseDate(t, time.UTC); dated {
				pair(value.String(t), written(span), "string", false)
			}
		}
	}
	if metadata {
		worlds = append(worlds, single(value.Link("https://example.com/a"), "link", true), single(value.Image("https://example.com/a.png"), "image", true),
			single(value.RichLink("https://example.com/a", freshText), "rich_link", true), single(value.Stripe("cus_1"), "stripe", true))
		for _, t := range c.texts {
			worlds = append(worlds, single(value.RichLink("https://example.com/a", t), "rich_link", false))
			for kind, v := range map[string]value.Value{"link": value.Link(t), "image": value.Image(t), "stripe": value.Stripe(t)} {
				if v.Err() == nil {
					worlds = append(worlds, single(v, kind, false))
				}
			}
		}
		worlds = append(worlds, single(value.Monetary(0, "XAF"), "monetary", false))
		for _, m := range c.money {
			for _, d := range []int64{-1, 0, 1} {
				worlds = append(worlds, single(value.Monetary(m.amount+d, m.currency), "monetary", false))
			}
		}
		for _, m := range c.amounts() {
			worlds = append(worlds, single(value.Monetary(m.amount, m.currency), "monetary", false))
		}
		return worlds
	}
	if len(c.lists) > 10 {
		return nil
	}
	for mask := range 1 << len(c.lists) {
		elements := []string{freshText}
		for i, t := range c.lists {
			if mask>>i&1 != 0 {
				elements = append(elements, t)
			}
		}
		worlds = append(worlds, single(value.List(elements...), "list", false), single(value.List(elements[1:]...), "list", false))
	}
	return worlds
}

// tallies returns what a sum or its like may be: of nothing a sum is 0, and so is how many
// different values there are; all else is unknown.
func (c *candidates) tallies(sub *subject) []world {
	worlds := []world{{}}
	different := strings.HasPrefix(sub.key, "distinct ")
	if different || strings.HasPrefix(sub.key, "sum ") {
		worlds[0] = single(value.Number(0), "number", false)
	}
	if sub.never {
		return worlds
	}
	for _, n := range c.numbers {
		if !different {
			worlds = append(worlds, single(literal(n), "number", false))
			continue
		}
		whole := new(big.Int).Quo(n.Num(), n.Denom()) // between two, those below and above tell the same
		for _, m := range []*big.Int{whole, new(big.Int).Add(whole, big.NewInt(1))} {
			if m.Sign() > 0 {
				worlds = append(worlds, single(literal(new(big.Rat).SetInt(m)), "number", false))
			}
		}
	}
	return worlds
}

// counts returns how often something may have happened, and when first and last.
func (c *candidates) counts() []world {
	if len(c.dates) > 100 || len(c.spans) > 100 || len(c.numbers) > 1000 {
		return nil
	}
	number := func(n int64) value.Field { return value.Field{Key: standsCount, Value: value.Number(n)} }
	worlds := []world{{fields: value.Fields{number(0)}}}
	date := func(key string, at int64) value.Field {
		return value.Field{Key: key, Value: value.String(time.Unix(at, 0).UTC().Format(time.RFC3339))}
	}
	var times []value.Fields // dates that are given and spans to now, each with the first not after the last
	for i, first := range c.dates {
		for _, last := range c.dates[i:] {
			times = append(times, value.Fields{date(standsFirst, first), date(standsLast, last)})
		}
	}
	var spans []value.Fields
	for i, first := range c.spans {
		for _, last := range c.spans[i:] {
			spans = append(spans, value.Fields{date(standsFirstSpan, first), date(standsLastSpan, last)})
		}
	}
	known := map[int64]bool{}
	for _, n := range c.numbers {
		whole := new(big.Int).Quo(n.Num(), n.Denom())
		if !whole.IsInt64() || whole.Sign() < 0 || whole.Int64() > 1<<62 {
			continue
		}
		for _, m := range []int64{max(whole.Int64(), 1), whole.Int64() + 1} {
			if known[m] {
				continue
			}
			known[m] = true
			for _, t := range times {
				for _, s := range spans {
					if len(worlds) == maxWorlds {
						return nil
					}
					worlds = append(worlds, world{fields: slices.Concat(value.Fields{number(m)}, t, s), times: m})
				}
			}
		}
	}
	return worlds
}
