package vet

import (
	"strings"
	"time"

	"github.com/beckon-go/beckon/value"
)

// A typed is a value and its type.
type typed struct {
	value value.Value
	kind  string
}

func (t typed) text() bool {
	switch t.kind {
	case "string", "link", "image", "rich_link", "stripe":
		return true
	}
	return false
}

// plainSamples returns values that are the same, less, greater, and of the same day, as far
// as operators tell them apart: a link, for one, is a text to them.
func (sub *subject) plainSamples() []typed {
	day := time.Unix(sub.noon(), 0).UTC().Add(-12 * time.Hour)
	noon, next := day.Add(12*time.Hour), day.Add(24*time.Hour)
	written := day.Format(time.RFC3339)
	list := []typed{{}, {value.Bool(true), "boolean"}, {value.Bool(false), "boolean"}}
	for _, t := range []string{"", "x", "y", written, strings.Replace(written, "Z", "+00:00", 1), noon.Format(time.RFC3339), next.Format(time.RFC3339)} {
		list = append(list, typed{value.String(t), "string"})
	}
	for _, n := range []string{"0", "1.5", "2.5"} {
		list = append(list, typed{value.NumberLiteral(n), "number"})
	}
	for _, at := range []time.Time{day, noon, next} {
		list = append(list, typed{value.Date(at), "date"}, typed{value.Number(at.Unix()), "number"}, typed{value.Monetary(at.Unix()*100, "EUR"), "monetary"})
	}
	for _, currency := range []string{"EUR", "USD"} {
		list = append(list, typed{value.Monetary(0, currency), "monetary"}, typed{value.Monetary(150, currency), "monetary"}, typed{value.Monetary(250, currency), "monetary"})
	}
	for _, elements := range [][]string{nil, {"x"}, {"y"}, {"x", "y"}} {
		list = append(list, typed{value.List(elements...), "list"})
	}
	return list
}

// samples returns values of each type.
func (sub *subject) samples() []typed {
	const link, image, customer = "https://example.com/a", "https://example.com/a.png", "cus_1"
	list := sub.plainSamples()
	for _, t := range []string{"x", link, image, customer, "2026-06-17"} {
		list = append(list, typed{value.String(t), "string"}, typed{value.RichLink(link, t), "rich_link"})
	}
	return append(list, typed{value.Link(link), "link"}, typed{value.Link(link + "/b"), "link"}, typed{value.Image(image), "image"},
		typed{value.Image("https://example.com/b.png"), "image"}, typed{value.Stripe(customer), "stripe"}, typed{value.Stripe("cus_2"), "stripe"})
}

// has reports whether a field may hold a value of the type.
func has(field, kind string) bool {
	switch whose, name, _ := strings.Cut(field, ":"); {
	case kind == "":
		return true
	case whose == "metadata" || whose == "trigger":
		return kind != "list"
	case whose == "page" && name == "url":
		return kind == "string"
	case whose == "page":
		return kind == "number"
	}
	return true
}

// pairs returns what two fields may hold that are compared (A11), of some values.
func (sub *subject) pairs(all []typed) (worlds []world) {
	own, other := fieldOf(sub.leaves[0].node), fieldOf(sub.leaves[0].node.Get("value"))
	for _, v := range all {
		for _, w := range all {
			if !has(own, v.kind) || !has(other, w.kind) {
				continue
			}
			worlds = append(worlds, world{
				fields: value.Fields{{Key: standsValue, Value: v.value}, {Key: standsOther, Value: w.value}},
				kind:   v.kind, against: w.kind,
				fresh: v.text() && w.text() && v.value.Text() != w.value.Text(),
			})
		}
	}
	return worlds
}
