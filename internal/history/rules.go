package history

import (
	"encoding/json"
	"math/big"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/ojson"
)

// rule takes in a rule. Metadata in it is that of the event.
func (v *vocabulary) rule(n *ojson.Node, event string) {
	for _, group := range []string{"all", "any"} {
		for i := range n.Member(group).Items {
			v.rule(&n.Member(group).Items[i], event)
		}
	}
	if not := n.Get("not"); not != nil {
		v.rule(not, event)
	}
	op, value := n.Member("op").Text, n.Member("value")
	if strings.HasSuffix(op, "_ago") || strings.HasSuffix(op, "_ahead") {
		v.span(n, "value")
	}
	if key := n.Member("user").Text; key != "" {
		v.users[key] = append(v.users[key], near(op, value, false)...)
	}
	if key := n.Member("company").Text; key != "" {
		v.companies[key] = append(v.companies[key], near(op, value, false)...)
	}
	if key := value.Member("user").Text; key != "" {
		v.users[key] = append(v.users[key], either()...)
	}
	if key := value.Member("company").Text; key != "" {
		v.companies[key] = append(v.companies[key], either()...)
	}
	if key := n.Member("metadata").Text; key != "" && event != "" {
		keys := v.event(event)
		keys[key] = append(keys[key], near(op, value, strings.HasSuffix(strings.ToLower(key), "_date"))...)
		if keys[key] == nil { // it is enough that there is a value
			keys[key] = []any{"a"}
		}
	}
	if name := n.Member("event").Text; name != "" {
		keys := v.event(name)
		v.span(n, "within")
		v.rule(n.Member("where"), name)
		if of := n.Member("of").Text; of != "" {
			keys[of] = append(append(keys[of], json.Number("1"), json.Number("-1")), near(op, value, false)...)
		}
	}
	switch n.Member("page").Text {
	case "url":
		for _, x := range near(op, value, false) {
			if text, is := x.(string); is && text != "" {
				v.urls = append(v.urls, "https://shop.example/"+strings.TrimPrefix(strings.TrimPrefix(text, "https://shop.example"), "/"))
			}
		}
	case "seconds":
		for _, x := range near(op, value, false) {
			if number, is := x.(json.Number); is && !strings.ContainsAny(string(number), "-.e") {
				v.seconds = append(v.seconds, number)
			}
		}
	}
}

// near returns values that an operator tells apart by an operand: at it and beside it.
// Dates are text, or numbers if unix says so.
func near(op string, n *ojson.Node, unix bool) []any {
	switch {
	case strings.HasSuffix(op, "_ago"), strings.HasSuffix(op, "_ahead"):
		d, problem := calendar.ParseDuration(n.Text)
		if problem != "" {
			return nil
		}
		span := d.Elapsed()
		if strings.HasSuffix(op, "_ago") {
			span = -span
		}
		return []any{relative{span, unix}, relative{span + time.Second, unix}, relative{span - time.Second, unix}, relative{span / 2, unix}, relative{-span, unix}}
	case op == "after", op == "on", op == "before":
		at, ok := calendar.ParseDate(n.Text, time.UTC)
		if !ok {
			return nil
		}
		var list []any
		for _, by := range []int64{0, -1, 1, calendar.DaySeconds, -calendar.DaySeconds, 5 * calendar.DaySeconds} {
			list = append(list, time.Unix(at+by, 0).UTC().Format(time.RFC3339))
		}
		return list
	case op == "contains_any", op == "contains_all", op == "contains_none":
		var all []any
		for i := range n.Items {
			all = append(all, n.Items[i].Text)
		}
		list := []any{all, []any{}}
		if len(all) > 0 {
			list = append(list, []any{all[0]}, []any{all[0], "another"})
		}
		return list
	}
	return scalars(n)
}

// scalars returns values at an operand and beside it.
func scalars(n *ojson.Node) []any {
	switch n.Kind {
	case ojson.Bool:
		return []any{n.Bool, !n.Bool}
	case ojson.Null:
		return []any{nil}
	case ojson.String:
		text := strings.ReplaceAll(n.Text, "*", "x")
		return []any{text, text + " more", strings.ToUpper(text)}
	case ojson.Number:
		x, ok := new(big.Rat).SetString(n.Text)
		if !ok {
			return nil
		}
		list := []any{json.Number(n.Text)}
		for _, by := range []int64{1, -1} {
			y := new(big.Rat).Add(x, big.NewRat(by, 1))
			digits, _ := y.FloatPrec()
			if digits < 20 && y.Num().BitLen() < 64 {
				list = append(list, json.Number(y.FloatString(digits)))
			}
		}
		return list
	case ojson.Array:
		var list []any
		for i := range n.Items {
			list = append(list, scalars(&n.Items[i])...)
		}
		return list
	case ojson.Object: // money, or another field
		if amount := n.Member("amount"); amount.Kind == ojson.Number {
			list := []any{}
			for _, x := range scalars(amount) {
				list = append(list, object{"amount": x, "currency": n.Member("currency").Text})
			}
			return list
		}
		return either()
	}
	return nil
}

// either returns values of two fields that are compared with each other.
func either() []any { return []any{json.Number("1"), json.Number("2"), "a", "b"} }

// declared returns values of a declared key.
func declared(n *ojson.Node) []any {
	var list []any
	for i := range n.Member("values").Items {
		list = append(list, n.Member("values").Items[i].Text)
	}
	if list != nil {
		return list
	}
	switch n.Member("type").Text {
	case "number":
		return []any{json.Number("0"), json.Number("1"), json.Number("2.5")}
	case "boolean":
		return []any{true, false}
	case "date":
		return []any{relative{0, true}, relative{24 * time.Hour, true}}
	case "link":
		return []any{"https://shop.example/a"}
	case "rich_link":
		return []any{object{"url": "https://shop.example/a", "value": "A"}}
	case "image":
		return []any{"https://shop.example/a.png"}
	case "monetary":
		return []any{object{"amount": json.Number("1000"), "currency": "EUR"}, object{"amount": json.Number("0"), "currency": "USD"}}
	}
	return []any{"a", "b"}
}
