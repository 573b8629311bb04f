package value_test

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/beckon-go/beckon/value"
)

func TestOf(t *testing.T) {
	t.Parallel()
	type (
		name  string
		count int16
		day   time.Time
		share float32
	)
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	text, link := "x", url.URL{Scheme: "https", Host: "a.example", Path: "/b"}
	var none *string
	var deep any = &text
	for _, c := range []struct {
		given any
		want  value.Value
	}{
		{"a", value.String("a")},
		{name("a"), value.String("a")},
		{true, value.Bool(true)},
		{7, value.Number(7)},
		{count(-7), value.Number(-7)},
		{uint64(1<<64 - 1), value.NumberLiteral("18446744073709551615")},
		{1.5, value.Number(1.5)},
		{float32(0.1), value.NumberLiteral("0.1")},
		{share(0.1), value.NumberLiteral("0.1")},
		{decimal.RequireFromString("1.50"), value.NumberLiteral("1.5")},
		{json.Number("1.50"), value.NumberLiteral("1.50")},
		{noon, value.Date(noon)},
		{&noon, value.Date(noon)},
		{day(noon), value.Date(noon)},
		{link, value.Link("https://a.example/b")},
		{&link, value.Link("https://a.example/b")},
		{[]string{"a", "b"}, value.List("a", "b")},
		{[]name{"a"}, value.List("a")},
		{[1]string{"a"}, value.List("a")},
		{value.Stripe("cus_1"), value.Stripe("cus_1")},
		{&text, value.String("x")},
		{&deep, value.String("x")},
		{none, value.Value{}},
		{nil, value.Value{}},
	} {
		if got := value.Of(c.given); !got.Equal(c.want) || got.Kind() != c.want.Kind() || (got.Err() != nil) != got.IsUnknown() {
			t.Errorf("%T %v: %v %v, %v", c.given, c.given, got.Kind(), got, got.Err())
		}
	}
	for _, given := range []any{struct{}{}, map[string]int{}, []int{1}, func() {}, make(chan int), 1i, noon.Month, value.Fields{}} {
		if got := value.Of(given); got.Err() == nil {
			t.Errorf("%T makes %v", given, got)
		}
	}
}
