package vet

import (
	"math/big"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/value"
)

// literal writes a number that has a last digit.
func literal(n *big.Rat) value.Value {
	digits, _ := n.FloatPrec()
	return value.NumberLiteral(n.FloatString(digits))
}

// dated returns an instant as a text.
func dated(at int64) value.Value {
	return value.String(time.Unix(at, 0).UTC().Format(time.RFC3339))
}

// values returns the values that a field may have, of each type. Of metadata there are no
// lists.
func (c *candidates) values(attribute bool) []world {
	worlds := []world{{}}
	for _, t := range c.texts {
		worlds = append(worlds, single(value.String(t), "string", false))
	}
	worlds = append(worlds, single(value.String(freshText), "string", true), single(value.String(""), "string", false))
	for _, n := range c.numbers {
		worlds = append(worlds, single(literal(n), "number", false))
	}
	worlds = append(worlds, single(value.Bool(true), "boolean", false), single(value.Bool(false), "boolean", false))
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
	dates := c.instants()
	if dates == nil || len(c.lists) > maxLists {
		return nil
	}
	worlds = append(worlds, dates...)
	if attribute {
		worlds = append(worlds, c.listed()...)
	}
	return worlds
}

// instants returns dates, and what is read as a date (A5); nil if they are too many.
func (c *candidates) instants() (worlds []world) {
	whole := c.whole()
	if max(len(c.dates), len(whole))*len(c.spans) > maxWorlds {
		return nil
	}
	both := func(at, span value.Value, kind string, fresh bool) {
		worlds = append(worlds, world{fields: value.Fields{{Key: standsValue, Value: at}, {Key: standsSpan, Value: span}}, kind: kind, fresh: fresh})
	}
	date := func(at int64) value.Value { return value.Date(time.Unix(at, 0)) }
	for _, span := range c.spans {
		for _, at := range c.dates {
			both(date(at), date(span), "date", false)
			both(dated(at), dated(span), "string", true)
		}
		for _, at := range whole {
			both(value.Number(at), value.Number(span), "number", false)
		}
		for _, t := range c.texts {
			if _, is := calendar.ParseDate(t, c.zone); is {
				both(value.String(t), dated(span), "string", false)
			}
		}
	}
	return worlds
}

// maxLists is how many elements of lists are told apart. Of more it is not said what holds.
const maxLists = 10

// listed returns lists that have each choice of the elements that conditions name, with and
// without another one.
func (c *candidates) listed() (worlds []world) {
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
