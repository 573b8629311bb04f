package value_test

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/value"
)

// M3, M5, R4: what each constructor makes, as hosts see it.
func TestValues(t *testing.T) {
	day := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for _, c := range []struct {
		v          value.Value
		kind       value.Kind
		name       string
		text, json string
	}{
		{value.Value{}, value.KindUnknown, "unknown", "", "null"},
		{value.String("pro"), value.KindString, "string", "pro", `"pro"`},
		{value.Number(7), value.KindNumber, "number", "7", "7"},
		{value.NumberLiteral("1.50"), value.KindNumber, "number", "1.50", "1.50"},
		{value.Decimal(decimal.RequireFromString("0.5")), value.KindNumber, "number", "0.5", "0.5"},
		{value.Bool(true), value.KindBool, "boolean", "true", "true"},
		{value.Date(day), value.KindDate, "date", "1767323045", "1767323045"},
		{value.Link("https://a.example/"), value.KindLink, "link", "https://a.example/", `"https://a.example/"`},
		{value.RichLink("https://a.example/", "T"), value.KindRichLink, "rich link", "T (https://a.example/)", `{"url":"https://a.example/","value":"T"}`},
		{value.Image("https://a.example/x.png"), value.KindImage, "image", "https://a.example/x.png", `"https://a.example/x.png"`},
		{value.Stripe("cus_1"), value.KindStripe, "stripe", "cus_1", `"cus_1"`},
		{value.Monetary(34999, "eur"), value.KindMonetary, "monetary", "349.99 EUR", `{"amount":34999,"currency":"eur"}`},
		{value.MonetaryMajor(decimal.RequireFromString("349.99"), "eur"), value.KindMonetary, "monetary", "349.99 EUR", `{"amount":34999,"currency":"eur"}`},
		{value.List("a", "b"), value.KindList, "list", "a, b", `["a","b"]`},
	} {
		out, err := json.Marshal(c.v)
		if c.v.Kind() != c.kind || c.kind.String() != c.name || c.v.Text() != c.text || c.v.String() != c.text || string(out) != c.json || err != nil {
			t.Errorf("%s: kind %v, text %q, JSON %s, %v", c.json, c.v.Kind(), c.v.Text(), out, err)
		}
		if !c.v.Equal(c.v) || c.v.IsUnknown() != (c.kind == value.KindUnknown) || c.v.Equal(value.String("other")) { //nolint:gocritic // equal to itself
			t.Errorf("%s is not equal to itself, or to another", c.json)
		}
	}
}

// Each part of a value is there for the kinds that have it, and for no other.
func TestParts(t *testing.T) {
	day := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	if got, ok := value.Date(day).Time(); !ok || !got.Equal(day) {
		t.Errorf("Time() = %v, %v", got, ok)
	}
	if b, ok := value.Bool(true).Bool(); !ok || !b {
		t.Errorf("Bool() = %v, %v", b, ok)
	}
	if d, ok := value.NumberLiteral("1.5").Decimal(); !ok || d.String() != "1.5" {
		t.Errorf("Decimal() = %v, %v", d, ok)
	}
	link := value.RichLink("https://a.example/", "T")
	url, hasURL := link.URL()
	title, hasTitle := link.Title()
	if url != "https://a.example/" || !hasURL || title != "T" || !hasTitle {
		t.Errorf("URL() = %q, Title() = %q", url, title)
	}
	money := value.Monetary(199, "EUR")
	minor, _ := money.Amount()
	major, _ := money.MajorUnits()
	code, ok := money.Currency()
	if minor != 199 || major.String() != "1.99" || code != "EUR" || !ok {
		t.Errorf("Amount() = %d, MajorUnits() = %v, Currency() = %q", minor, major, code)
	}
	if texts := value.List("a", "b").Texts(); len(texts) != 2 || texts[1] != "b" {
		t.Errorf("Texts() = %q", texts)
	}
	text := value.String("x")
	_, isTime := text.Time()
	_, isBool := text.Bool()
	_, isNumber := text.Decimal()
	_, isLink := text.URL()
	_, isTitle := text.Title()
	_, isMoney := text.Amount()
	_, isMajor := text.MajorUnits()
	_, isCode := text.Currency()
	if isTime || isBool || isNumber || isLink || isTitle || isMoney || isMajor || isCode || text.Texts() != nil {
		t.Error("a text has parts of other kinds")
	}
}

// E3: what a constructor refuses is told by Err, with its code.
func TestErr(t *testing.T) {
	if err := value.String("x").Err(); err != nil {
		t.Errorf("a text: %v", err)
	}
	if err := value.Link("nowhere").Err(); !errors.Is(err, fault.ErrMetadataURLInvalid) {
		t.Errorf("no link: %v", err)
	}
	both := value.RichLink("nowhere", "\xff").Err()
	if !errors.Is(both, fault.ErrMetadataURLInvalid) || !errors.Is(both, fault.ErrTextNotUTF8) {
		t.Errorf("two faults: %v", both)
	}
}

// What JSON has of a value reads back: the same text, and the same kind where JSON tells it.
func TestValueReadsBack(t *testing.T) {
	for _, tt := range []struct {
		v    value.Value
		kind value.Kind
	}{
		{value.Value{}, value.KindUnknown},
		{value.String(""), value.KindString},
		{value.NumberLiteral("1.50"), value.KindNumber},
		{value.Bool(false), value.KindBool},
		{value.Date(time.Unix(5, 0)), value.KindNumber},
		{value.Link("https://beckon.example/a"), value.KindString},
		{value.Image("https://beckon.example/a.png"), value.KindString},
		{value.Stripe("cus_1"), value.KindString},
		{value.RichLink("https://beckon.example/a", ""), value.KindRichLink},
		{value.Monetary(-1999, "EUR"), value.KindMonetary},
		{value.List("a", ""), value.KindList},
	} {
		data, err := json.Marshal(tt.v)
		if err != nil {
			t.Fatal(err)
		}
		var back value.Value
		if err := json.Unmarshal(data, &back); err != nil || back.Kind() != tt.kind {
			t.Errorf("%s: %v, %v, want %v", data, back.Kind(), err, tt.kind)
		}
		if again, err := json.Marshal(back); string(again) != string(data) || err != nil {
			t.Errorf("%s comes back as %s, %v", data, again, err)
		}
	}
	for _, bad := range []string{`{}`, `{"amount":5}`, `{"amount":5,"currency":"nowhere"}`, `{"amount":0.001,"currency":"eur"}`, `{"amount":5,"currency":"eur","more":1}`, `{"url":"javascript:x","value":"a"}`, `{"a":{"amount":5,"currency":"eur"}}`} {
		v := value.Bool(true)
		if err := json.Unmarshal([]byte(bad), &v); !errors.Is(err, fault.ErrAttributeInvalid) || v.Kind() != value.KindBool {
			t.Errorf("%s: %v, %v", bad, v.Kind(), err)
		}
	}
}

// M1: fields keep their order and what was sent.
func TestFields(t *testing.T) {
	var f value.Fields
	const body = `{"Price":{"amount":5,"currency":"eur"},"n":1.0,"when_date":5}`
	if err := json.Unmarshal([]byte(body), &f); err != nil {
		t.Fatal(err)
	}
	if out, err := json.Marshal(f); string(out) != body || err != nil {
		t.Errorf("comes back as %s, %v", out, err)
	}
	if f.Index("PRICE") != 0 || f.Index("when_date") != 2 || f.Index("none") != -1 {
		t.Errorf("Index: %d, %d, %d", f.Index("PRICE"), f.Index("when_date"), f.Index("none"))
	}
	if v, ok := f.Get("WHEN_date"); !ok || v.Kind() != value.KindDate {
		t.Errorf("Get: %v, %v", v.Kind(), ok)
	}
	for _, bad := range []string{`{`, `[1]`, `{"k":null}`} {
		if err := json.Unmarshal([]byte(bad), &f); err == nil || len(f) != 3 {
			t.Errorf("%s: %v, %v", bad, err, f)
		}
	}
}
