package event

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

var validateNow = time.Date(2026, 3, 2, 9, 0, 0, 500, time.UTC)

// warningsOf returns "code field" of each warning, in order.
func warningsOf(warnings []fault.Warning) string {
	out := make([]string, len(warnings))
	for i, w := range warnings {
		out[i] = string(w.Code) + " " + w.Field
	}
	return strings.Join(out, ", ")
}

func validateFields(f value.Fields, opt Options) (string, string) {
	e := Event{Name: "a", UserID: "u", Metadata: f}
	warnings, errs := e.Validate(validateNow, opt)
	return warningsOf(warnings), faultsOf(errs)
}

// E5: in Go, and at the edges.
func TestValidateCreatedAt(t *testing.T) {
	for _, c := range []struct {
		at time.Time
		ok bool
	}{
		{time.Time{}, true},
		{time.Unix(0, 0), true},
		{time.Unix(0, 999), true},
		{time.Unix(1, 0), true},
		{validateNow.AddDate(-30, 0, 0), true},
		{validateNow.Add(24 * time.Hour), true},
		{validateNow.Add(24*time.Hour + 900*time.Millisecond), true},
		{validateNow.Add(24*time.Hour + time.Second), false},
		{time.Unix(-1, 0), false},
		{time.Unix(1389913941000, 0), false},
		{time.Unix(calendar.MaxDate, 0), false},
		{time.Unix(calendar.MaxDate+1, 0), false},
	} {
		e := Event{Name: "a", UserID: "u", CreatedAt: c.at}
		_, errs := e.Validate(validateNow, Options{})
		if want := map[bool]string{true: "", false: "created_at_invalid created_at"}[c.ok]; faultsOf(errs) != want {
			t.Errorf("%v: %v", c.at, errs)
		}
	}
	e := Event{Name: "a", UserID: "u", CreatedAt: validateNow.AddDate(1, 0, 0)}
	if _, errs := e.Validate(time.Time{}, Options{}); len(errs) != 0 {
		t.Errorf("without a clock there is no future: %v", errs)
	}
	e.CreatedAt = time.Unix(1389913941000, 0)
	if _, errs := e.Validate(validateNow, Options{}); len(errs) != 1 || !strings.Contains(errs[0].Message, "looks like milliseconds") {
		t.Errorf("got %v", errs)
	}
}

// E3: everything at once, from Go, in the order of the fields.
func TestValidateAllAtOnce(t *testing.T) {
	e := Event{
		Name: "a\x00", Email: "no", EventID: "\xff", CompanyID: strings.Repeat("c", store.MaxIdentityLength+1), CreatedAt: time.Unix(-5, 0), Source: "pigeon",
		Page:     &store.Page{URL: strings.Repeat("u", store.MaxPageURLLength+1), Seconds: value.String("12")},
		Metadata: value.Fields{{Key: "a.b", Value: value.Value{}}, {Key: "A.B", Value: value.Number(math.NaN())}, {Key: "l", Value: value.List("x")}},
	}
	_, errs := e.Validate(validateNow, Options{})
	want := "event_name_invalid event_name, email_invalid email, text_not_utf8 event_id, type_invalid company_id, created_at_invalid created_at, source_unknown source, " +
		"type_invalid page.url, type_invalid page.seconds, metadata_key_invalid metadata.a.b, metadata_value_null metadata.a.b, " +
		"metadata_key_invalid metadata.A.B, metadata_key_duplicate metadata.A.B, metadata_number_invalid metadata.A.B, metadata_value_nested metadata.l"
	if got := faultsOf(errs); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestValidatePageSeconds(t *testing.T) {
	for _, c := range []struct {
		v    value.Value
		want string
	}{
		{value.Value{}, ""},
		{value.Number(0), ""},
		{value.Number(12.5), ""},
		{value.NumberLiteral("-0e5"), ""},
		{value.NumberLiteral("-0.00"), ""},
		{value.Number(-1), "type_invalid page.seconds"},
		{value.NumberLiteral("-1e-300"), "type_invalid page.seconds"},
		{value.Number(math.Inf(1)), "metadata_number_invalid page.seconds"},
		{value.Bool(true), "type_invalid page.seconds"},
	} {
		e := Event{Name: "a", UserID: "u", Page: &store.Page{Seconds: c.v}}
		if _, errs := e.Validate(validateNow, Options{}); faultsOf(errs) != c.want {
			t.Errorf("%v: got %v, want %q", c.v, errs, c.want)
		}
	}
}

// E8: "direct" is the zero Source, in Go too.
func TestValidateSource(t *testing.T) {
	e := Event{Name: "a", UserID: "u", Source: "direct"}
	if _, errs := e.Validate(validateNow, Options{}); len(errs) != 0 || e.Source != store.SourceDirect {
		t.Errorf("got %q, %v", e.Source, errs)
	}
}

// M1: the first twenty count.
func TestValidateDroppedKeys(t *testing.T) {
	fields := func(n int) value.Fields {
		f := make(value.Fields, n)
		for i := range f {
			f[i] = value.Field{Key: fmt.Sprintf("k%02d", i), Value: value.String("v")}
		}
		return f
	}
	if warnings, errs := validateFields(fields(20), Options{StrictMetadata: true}); warnings != "" || errs != "" {
		t.Errorf("twenty: %s; %s", warnings, errs)
	}
	if warnings, errs := validateFields(fields(22), Options{}); warnings != "metadata_key_dropped metadata.k20, metadata_key_dropped metadata.k21" || errs != "" {
		t.Errorf("lenient: %s; %s", warnings, errs)
	}
	if warnings, errs := validateFields(fields(22), Options{StrictMetadata: true}); warnings != "" || errs != "metadata_too_many metadata.k20" {
		t.Errorf("strict: %s; %s", warnings, errs)
	}
	// Of dropped keys only UTF-8 and twins are looked at.
	for _, c := range []struct {
		dropped value.Field
		want    string
	}{
		{value.Field{Key: "a.b", Value: value.Number(math.NaN())}, ""},
		{value.Field{Key: "", Value: value.Value{}}, ""},
		{value.Field{Key: strings.Repeat("k", 300), Value: value.List()}, ""},
		{value.Field{Key: "x", Value: value.String(strings.Repeat("x", 300))}, ""},
		{value.Field{Key: "x", Value: value.String("\xff")}, "text_not_utf8 metadata.x"},
		{value.Field{Key: "\xff", Value: value.String("")}, `text_not_utf8 metadata.\xff`},
		{value.Field{Key: "K03", Value: value.String("")}, "metadata_key_duplicate metadata.K03"},
	} {
		if _, errs := validateFields(append(fields(20), c.dropped), Options{}); errs != c.want {
			t.Errorf("%.40v: got %s, want %s", c.dropped, errs, c.want)
		}
	}
}

// M2: which keys are refused, and that the character is named.
func TestValidateKeys(t *testing.T) {
	for _, key := range []string{
		"a", "A_b-c d", "price (EUR)", "é", "名前", "😀", " ", "a+b=c<d>e/f,g;h:i?j[k]", "__proto__", "constructor", "\u200b", strings.Repeat("é", 255),
	} {
		if _, errs := validateFields(value.Fields{{Key: key, Value: value.String("v")}}, Options{}); errs != "" {
			t.Errorf("%q: %s", key, errs)
		}
	}
	for _, r := range ".$~`!@#%^&*'\"{}|\\\x00\x01\x1f\n\t\x7f\u0080\u009f" {
		e := Event{Name: "a", UserID: "u", Metadata: value.Fields{{Key: "k" + string(r), Value: value.String("v")}}}
		_, errs := e.Validate(validateNow, Options{})
		if len(errs) != 1 || errs[0].Code != fault.ErrMetadataKeyInvalid || !strings.Contains(errs[0].Message, "must not contain") {
			t.Errorf("%q: %v", r, errs)
			continue
		}
		if !strings.Contains(errs[0].Message, fmt.Sprintf("%+q", r)) {
			t.Errorf("%q is not named: %v", r, errs[0])
		}
		if strings.ContainsFunc(errs[0].Error(), func(r rune) bool { return r < ' ' || r >= 0x7f }) {
			t.Errorf("%q is not escaped: %q", r, errs[0].Error())
		}
	}
	for key, want := range map[string]string{"": "metadata_key_invalid metadata.", strings.Repeat("k", 256): "metadata_key_invalid metadata." + strings.Repeat("k", 64) + "…"} {
		if _, errs := validateFields(value.Fields{{Key: key, Value: value.String("v")}}, Options{}); errs != want {
			t.Errorf("%q: got %s, want %s", key, errs, want)
		}
	}
}

// M2: twins are found by the one fold, few or many, and both are named.
func TestValidateTwins(t *testing.T) {
	for _, many := range []int{0, 100} {
		f := value.Fields{{Key: "price", Value: value.String("v")}, {Key: "\u212aey", Value: value.String("v")}, {Key: "Price", Value: value.String("v")}, {Key: "PRICE", Value: value.String("v")}, {Key: "key", Value: value.String("v")}, {Key: "price ", Value: value.String("v")}}
		for i := range many {
			f = append(f, value.Field{Key: fmt.Sprintf("more %d", i), Value: value.String("v")})
		}
		e := Event{Name: "a", UserID: "u", Metadata: f}
		_, errs := e.Validate(validateNow, Options{})
		if got, want := faultsOf(errs), "metadata_key_duplicate metadata.Price, metadata_key_duplicate metadata.PRICE, metadata_key_duplicate metadata.key"; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if m := errs[0].Message; !strings.Contains(m, `"Price"`) || !strings.Contains(m, `"price"`) {
			t.Errorf("both spellings: %s", m)
		}
	}
}

// A body full of keys costs no square of them.
func TestValidateManyKeysIsQuick(t *testing.T) {
	f := make(value.Fields, 100_000)
	for i := range f {
		f[i] = value.Field{Key: fmt.Sprint(i), Value: value.Value{}}
	}
	twins := twinFinder{fields: f}
	for i := range f {
		if twins.find(i) >= 0 {
			t.Fatal("a twin")
		}
	}
	if len(twins.first) != len(f) {
		t.Error("pairs were compared")
	}
}

// M3: warnings of values, by key.
func TestValidateValueWarnings(t *testing.T) {
	warnings, errs := validateFields(value.Fields{
		{Key: "stripe_invoice", Value: value.Stripe("cus_123")}, {Key: "gold", Value: value.Monetary(5, "xau")}, {Key: "site", Value: value.Link("https://xn--e1awd7f.example")}, {Key: "fine", Value: value.String("v")},
	}, Options{})
	if want := "stripe_prefix metadata.stripe_invoice, currency_no_minor_unit metadata.gold, url_suspicious metadata.site"; warnings != want || errs != "" {
		t.Errorf("got %s; %s", warnings, errs)
	}
}

// M3: metadata built in Go is what it would be from JSON; the caller's stays.
func TestValidateTypesMetadata(t *testing.T) {
	mine := value.Fields{{Key: "a", Value: value.String("text")}, {Key: "link", Value: value.String("https://x.example/a.png")}, {Key: "order_date", Value: value.Number(1389913941)}, {Key: "stripe_charge", Value: value.String("ch_1")}}
	before := slices.Clone(mine)
	e := Event{Name: "a", UserID: "u", Metadata: mine}
	if _, errs := e.Validate(validateNow, Options{}); len(errs) != 0 {
		t.Fatal(errs)
	}
	for i, kind := range []value.Kind{value.KindString, value.KindImage, value.KindDate, value.KindStripe} {
		if e.Metadata[i].Value.Kind() != kind {
			t.Errorf("%s is %v, want %v", mine[i].Key, e.Metadata[i].Value.Kind(), kind)
		}
		if mine[i].Value.Kind() != before[i].Value.Kind() {
			t.Errorf("the caller's %s was changed", mine[i].Key)
		}
	}
	if _, errs := validateFields(value.Fields{{Key: "due_date", Value: value.Number(1.5)}, {Key: "stripe_charge", Value: value.String("a/b")}}, Options{}); errs != "metadata_date_invalid metadata.due_date, metadata_stripe_invalid metadata.stripe_charge" {
		t.Errorf("got %s", errs)
	}
}

// The hot path: an event that is fine costs no allocation to check.
func TestValidateAllocatesNothing(t *testing.T) {
	e := decoded(t, usualBody)
	e.Page = &store.Page{URL: "https://x.example", Seconds: value.Number(3)}
	if n := testing.AllocsPerRun(100, func() {
		judged := e
		if warnings, errs := judged.Validate(validateNow, Options{}); warnings != nil || len(errs) != 0 {
			t.Error(warnings, errs)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkValidateEvent(b *testing.B) {
	e := decoded(b, usualBody)
	b.ReportAllocs()
	for b.Loop() {
		judged := e
		_, _ = judged.Validate(validateNow, Options{})
	}
}
