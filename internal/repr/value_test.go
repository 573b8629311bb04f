package repr

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/shopspring/decimal"
)

// refusals returns the codes for which metadata refuses a value.
func refusals(v Value) []fault.Code {
	var l fault.List
	v.AddFaults(&l, "metadata.k")
	codes := []fault.Code{}
	for _, e := range l {
		codes = append(codes, e.Code)
	}
	return codes
}

type smallInt int8

func TestConstructors(t *testing.T) { // M3, M5, R4
	dec := decimal.RequireFromString
	for _, c := range []struct {
		name  string
		value Value
		kind  Kind
		text  string
	}{
		{"string", String("$9.99"), KindString, "$9.99"},
		{"empty string", String(""), KindString, ""},
		{"255 letters of two bytes", String(strings.Repeat("é", 255)), KindString, strings.Repeat("é", 255)},
		{"Go says text", String("https://a.example/"), KindString, "https://a.example/"},
		{"int", Number(42), KindNumber, "42"},
		{"negative", Number(int8(-128)), KindNumber, "-128"},
		{"named type", Number(smallInt(7)), KindNumber, "7"},
		{"int64 limits", Number(int64(math.MinInt64)), KindNumber, "-9223372036854775808"},
		{"uint64 limits", Number(uint64(math.MaxUint64)), KindNumber, "18446744073709551615"},
		{"uint64 that fits", Number(uint64(math.MaxInt64)), KindNumber, "9223372036854775807"},
		{"float", Number(0.1), KindNumber, "0.1"},
		{"float32", Number(float32(0.1)), KindNumber, "0.1"},
		{"whole float", Number(1e6), KindNumber, "1000000"},
		{"great float", Number(math.MaxFloat64), KindNumber, "1.7976931348623157e+308"},
		{"tiny float", Number(2.5e-300), KindNumber, "2.5e-300"},
		{"zero float", Number(0.0), KindNumber, "0"},
		{"negative zero", Number(math.Copysign(0, -1)), KindNumber, "-0"},
		{"literal as sent", NumberLiteral("1.50"), KindNumber, "1.50"},
		{"long literal", NumberLiteral("9007199254740993"), KindNumber, "9007199254740993"},
		{"literal with exponent", NumberLiteral("1E+2"), KindNumber, "1E+2"},
		{"decimal", Decimal(dec("12.340")), KindNumber, "12.34"},
		{"decimal with exponent", Decimal(decimal.New(5, 300)), KindNumber, "5e300"},
		{"tiny decimal", Decimal(decimal.New(-5, -300)), KindNumber, "-5e-300"},
		{"true", Bool(true), KindBool, "true"},
		{"false", Bool(false), KindBool, "false"},
		{"date", Date(time.Unix(1389913941, 999)), KindDate, "1389913941"},
		{"first date", Date(time.Unix(0, 0)), KindDate, "0"},
		{"last date", Date(time.Date(9999, 12, 31, 23, 59, 59, 999, time.UTC)), KindDate, "253402300799"},
		{"link", Link("HTTPS://a.example/x"), KindLink, "HTTPS://a.example/x"},
		{"rich link", RichLink("https://a.example/x", "TX18"), KindRichLink, "TX18 (https://a.example/x)"},
		{"rich link, no title", RichLink("https://a.example/x", ""), KindRichLink, " (https://a.example/x)"},
		{"image", Image("https://a.example/x"), KindImage, "https://a.example/x"},
		{"stripe", Stripe("cus_123AbC"), KindStripe, "cus_123AbC"},
		{"stripe, no prefix", Stripe("x"), KindStripe, "x"},
		{"money", Monetary(34999, "eur"), KindMonetary, "349.99 EUR"},
		{"money below one", Monetary(-5, "uSd"), KindMonetary, "-0.05 USD"},
		{"yen", Monetary(uint8(200), "JPY"), KindMonetary, "200 JPY"},
		{"dinar", Monetary(12345, "KWD"), KindMonetary, "12.345 KWD"},
		{"unidad de fomento", Monetary(12345, "CLF"), KindMonetary, "1.2345 CLF"},
		{"gold", Monetary(3, "xau"), KindMonetary, "3 XAU"},
		{"least money", Monetary(int64(math.MinInt64), "eur"), KindMonetary, "-92233720368547758.08 EUR"},
		{"money in major units", MonetaryMajor(dec("349.99"), "eur"), KindMonetary, "349.99 EUR"},
		{"major units, zeros", MonetaryMajor(dec("3.990000"), "eur"), KindMonetary, "3.99 EUR"},
		{"major units, hundreds", MonetaryMajor(decimal.New(2, 2), "eur"), KindMonetary, "200.00 EUR"},
		{"major units, zero", MonetaryMajor(decimal.New(0, 9999), "eur"), KindMonetary, "0.00 EUR"},
		{"gold in major units", MonetaryMajor(dec("3"), "XAU"), KindMonetary, "3 XAU"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if codes := refusals(c.value); len(codes) > 0 || c.value.Err() != nil {
				t.Fatalf("refused: %v, %v", codes, c.value.Err())
			}
			if c.value.Kind != c.kind || c.value.IsUnknown() {
				t.Errorf("Kind() = %v", c.value.Kind)
			}
			if got := c.value.Text(); got != c.text || c.value.String() != c.text || string(c.value.AppendText([]byte("x"))) != "x"+c.text {
				t.Errorf("Text() = %q, want %q", got, c.text)
			}
		})
	}
}

func TestConstructorsRefuse(t *testing.T) { // M3, M4; faults 3, 4, 13, 14, 18, 19, 21
	for _, c := range []struct {
		name  string
		value Value
		codes []fault.Code
	}{
		{"256 letters", String(strings.Repeat("é", 256)), []fault.Code{fault.ErrMetadataStringTooLong}},
		{"broken text", String("a\xff"), []fault.Code{fault.ErrTextNotUTF8}},
		{"NaN", Number(math.NaN()), []fault.Code{fault.ErrMetadataNumberInvalid}},
		{"infinity", Number(math.Inf(1)), []fault.Code{fault.ErrMetadataNumberInvalid}},
		{"minus infinity", Number(float32(math.Inf(-1))), []fault.Code{fault.ErrMetadataNumberInvalid}},
		{"subnormal float", Number(math.SmallestNonzeroFloat64), []fault.Code{fault.ErrMetadataNumberInvalid}},
		{"literal that is none", NumberLiteral("1,5"), []fault.Code{fault.ErrMetadataNumberInvalid}},
		{"literal too long", NumberLiteral(strings.Repeat("9", 101)), []fault.Code{fault.ErrMetadataNumberInvalid}},
		{"literal too great", NumberLiteral("1e400"), []fault.Code{fault.ErrMetadataNumberInvalid}},
		{"decimal too great", Decimal(decimal.New(1, math.MaxInt32)), []fault.Code{fault.ErrMetadataNumberInvalid}},
		{"decimal too small", Decimal(decimal.New(1, math.MinInt32)), []fault.Code{fault.ErrMetadataNumberInvalid}},
		{"decimal too long", Decimal(decimal.RequireFromString(strings.Repeat("9", 4000)).Shift(5)), []fault.Code{fault.ErrMetadataNumberInvalid}},
		{"date before the year 1", Date(time.Unix(calendar.MinDate-1, 0)), []fault.Code{fault.ErrMetadataDateInvalid}},
		{"date after 9999", Date(time.Unix(calendar.MaxDate+1, 0)), []fault.Code{fault.ErrMetadataDateInvalid}},
		{"zero time", Date(time.Time{}), []fault.Code{fault.ErrMetadataDateInvalid}},
		{"script link", Link("javascript:alert(1)"), []fault.Code{fault.ErrMetadataURLInvalid}},
		{"link with a password", Link("https://u:secret@a.example/"), []fault.Code{fault.ErrMetadataURLInvalid}},
		{"link of broken text", Link("https://a.example/\xff"), []fault.Code{fault.ErrTextNotUTF8}},
		{"script image", Image("data:image/png,x"), []fault.Code{fault.ErrMetadataURLInvalid}},
		{"rich link, all wrong", RichLink("//a.example", strings.Repeat("t", 256)), []fault.Code{fault.ErrMetadataURLInvalid, fault.ErrMetadataStringTooLong}},
		{"rich link, title broken", RichLink("https://a.example", "\xff"), []fault.Code{fault.ErrTextNotUTF8}},
		{"stripe, empty", Stripe(""), []fault.Code{fault.ErrMetadataStripeInvalid}},
		{"stripe, bare prefix", Stripe("cus_"), []fault.Code{fault.ErrMetadataStripeInvalid}},
		{"stripe, slash", Stripe("cus_1/2"), []fault.Code{fault.ErrMetadataStripeInvalid}},
		{"stripe, dots", Stripe(".."), []fault.Code{fault.ErrMetadataStripeInvalid}},
		{"stripe, newline", Stripe("cus_1\n"), []fault.Code{fault.ErrMetadataStripeInvalid}},
		{"stripe, letter outside ASCII", Stripe("cus_é"), []fault.Code{fault.ErrMetadataStripeInvalid}},
		{"stripe, broken", Stripe("cus_\xff"), []fault.Code{fault.ErrTextNotUTF8}},
		{"stripe, too long", Stripe(strings.Repeat("a", 256)), []fault.Code{fault.ErrMetadataStringTooLong}},
		{"no currency", Monetary(1, ""), []fault.Code{fault.ErrMetadataCurrency}},
		{"withdrawn currency", Monetary(1, "DEM"), []fault.Code{fault.ErrMetadataCurrency}},
		{"dotless i", Monetary(1, "trı"), []fault.Code{fault.ErrMetadataCurrency}},
		{"amount beyond int64", Monetary(uint64(math.MaxUint64), "eur"), []fault.Code{fault.ErrMetadataAmountInvalid}},
		{"all wrong", Monetary(uint64(math.MaxUint64), "euro"), []fault.Code{fault.ErrMetadataAmountInvalid, fault.ErrMetadataCurrency}},
		{"half a cent", MonetaryMajor(decimal.RequireFromString("0.005"), "eur"), []fault.Code{fault.ErrMetadataAmountInvalid}},
		{"half a yen", MonetaryMajor(decimal.RequireFromString("0.5"), "jpy"), []fault.Code{fault.ErrMetadataAmountInvalid}},
		{"major units beyond int64", MonetaryMajor(decimal.RequireFromString("92233720368547758.08"), "eur"), []fault.Code{fault.ErrMetadataAmountInvalid}},
		{"astronomic", MonetaryMajor(decimal.New(1, math.MaxInt32), "eur"), []fault.Code{fault.ErrMetadataAmountInvalid}},
		{"infinitesimal", MonetaryMajor(decimal.New(1, math.MinInt32), "eur"), []fault.Code{fault.ErrMetadataAmountInvalid}},
		{"unknown", Value{}, []fault.Code{fault.ErrMetadataNull}},
		{"list", List("a"), []fault.Code{fault.ErrMetadataNested}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := refusals(c.value)
			if len(got) != len(c.codes) {
				t.Fatalf("refused for %v, want %v", got, c.codes)
			}
			for i := range got {
				if got[i] != c.codes[i] {
					t.Fatalf("refused for %v, want %v", got, c.codes)
				}
			}
			code, message := c.value.Fault()
			if code != c.codes[0] || message == "" {
				t.Errorf("fault() = %v, %q", code, message)
			}
			if c.value.Kind == KindList {
				return
			}
			err := c.value.Err()
			for _, code := range c.codes {
				if !errors.Is(err, code) {
					t.Errorf("Err() = %v, not %v", err, code)
				}
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("Err() = %v tells the password", err)
			}
			if len(err.Error()) > 500 {
				t.Errorf("Err() quotes too much: %v", err)
			}
		})
	}
}

func TestInvalidValuesShowAndDoNothing(t *testing.T) {
	v := NumberLiteral("x")
	if v.Text() != "" || v.String() != "!(metadata_number_invalid)" || v.Kind.String() != "invalid" || v.IsUnknown() {
		t.Errorf("Text() = %q, String() = %q, kind %v", v.Text(), v.String(), v.Kind)
	}
	if _, err := v.AppendJSON(nil); !errors.Is(err, fault.ErrMetadataNumberInvalid) {
		t.Errorf("AppendJSON: %v", err)
	}
}

func TestKindNames(t *testing.T) {
	seen := map[string]bool{}
	for k := KindUnknown; k <= KindInvalid; k++ {
		if s := k.String(); s == "" || seen[s] {
			t.Errorf("%d is named %q, empty or twice", k, s)
		} else {
			seen[s] = true
		}
	}
}

// TestAccessors asks every accessor of a value of every kind: it answers for
// its own kinds only.
func TestAccessors(t *testing.T) {
	values := map[Kind]Value{
		KindUnknown: {}, KindString: String("x"), KindNumber: NumberLiteral("1.50"), KindBool: Bool(true),
		KindDate: Date(time.Unix(60, 0)), KindLink: Link("https://l.example"), KindRichLink: RichLink("https://r.example", "R"),
		KindImage: Image("https://i.example"), KindStripe: Stripe("in_1"), KindMonetary: Monetary(250, "eur"), KindList: List("a", "b"),
		KindInvalid: NumberLiteral("x"),
	}
	for kind, v := range values {
		if got, ok := v.Time(); ok != (kind == KindDate) || ok && !got.Equal(time.Unix(60, 0)) {
			t.Errorf("%v: Time() = %v, %v", kind, got, ok)
		}
		if got, ok := v.Bool(); ok != (kind == KindBool) || got != ok {
			t.Errorf("%v: Bool() = %v, %v", kind, got, ok)
		}
		if got, ok := v.Decimal(); ok != (kind == KindNumber) || ok && got.String() != "1.5" {
			t.Errorf("%v: Decimal() = %v, %v", kind, got, ok)
		}
		wantURL := map[Kind]string{KindLink: "https://l.example", KindRichLink: "https://r.example", KindImage: "https://i.example"}[kind]
		if got, ok := v.URL(); got != wantURL || ok != (wantURL != "") {
			t.Errorf("%v: URL() = %v, %v", kind, got, ok)
		}
		if got, ok := v.Title(); ok != (kind == KindRichLink) || ok && got != "R" {
			t.Errorf("%v: Title() = %v, %v", kind, got, ok)
		}
		if got, ok := v.Amount(); ok != (kind == KindMonetary) || ok && got != 250 {
			t.Errorf("%v: Amount() = %v, %v", kind, got, ok)
		}
		if got, ok := v.MajorUnits(); ok != (kind == KindMonetary) || ok && got.StringFixed(2) != "2.50" {
			t.Errorf("%v: MajorUnits() = %v, %v", kind, got, ok)
		}
		if got, ok := v.Currency(); ok != (kind == KindMonetary) || ok && got != "EUR" {
			t.Errorf("%v: Currency() = %v, %v", kind, got, ok)
		}
		if got := v.Texts(); (got != nil) != (kind == KindList) || strings.Join(got, ", ") != "a, b" && got != nil {
			t.Errorf("%v: Texts() = %v", kind, got)
		}
	}
}

func TestDecimalOfALongNumber(t *testing.T) {
	literal := strings.Repeat("9", 40) + ".5"
	if d, ok := NumberLiteral(literal).Decimal(); !ok || d.String() != literal {
		t.Errorf("Decimal() = %v, %v", d, ok)
	}
}

// TestListsAreCopies: what a caller passes in or gets is its own (fault 64).
func TestListsAreCopies(t *testing.T) {
	in := []string{"a", "b"}
	v := List(in...)
	in[0] = "x"
	v.Texts()[1] = "y"
	if got := v.Text(); got != "a, b" {
		t.Errorf("Text() = %q", got)
	}
}

func TestAttributeFaults(t *testing.T) { // C1
	for _, c := range []struct {
		name  string
		value Value
		want  fault.Code
	}{
		{"unset", Value{}, ""},
		{"text longer than metadata allows", String(strings.Repeat("é", MaxAttributeLength)), ""},
		{"text too long", String(strings.Repeat("é", MaxAttributeLength+1)), fault.ErrAttributeInvalid},
		{"text broken", String("\xff"), fault.ErrTextNotUTF8},
		{"list", List("a", ""), ""},
		{"empty list", List(), ""},
		{"list too long", List(make([]string, MaxListLength+1)...), fault.ErrAttributeInvalid},
		{"list with broken text", List("a", "\xff"), fault.ErrTextNotUTF8},
		{"list with long text", List(strings.Repeat("a", MaxAttributeLength+1)), fault.ErrAttributeInvalid},
		{"number", Number(1), ""},
		{"no number", Number(math.NaN()), fault.ErrAttributeInvalid},
		{"broken link", Link("https://a.example/\xff"), fault.ErrTextNotUTF8},
	} {
		var l fault.List
		c.value.AddAttributeFaults(&l, "attributes.k")
		if c.want == "" && len(l) > 0 || c.want != "" && (len(l) != 1 || l[0].Code != c.want || l[0].Field != "attributes.k") {
			t.Errorf("%s: %v, want %q", c.name, l, c.want)
		}
	}
	if err := List("\xff", "\xff").Err(); !errors.Is(err, fault.ErrTextNotUTF8) {
		t.Errorf("Err() = %v", err)
	}
}

// A currency may be withdrawn while money of it is stored: it keeps its name.
func TestWithdrawnCurrencyInStorage(t *testing.T) {
	v, w := Value{Kind: KindMonetary, Exp: -2, Num: 199, Str: "hrk"}, Value{Kind: KindMonetary, Exp: -2, Num: 199, Str: "HRK"}
	if code, ok := v.Currency(); v.Text() != "1.99 HRK" || code != "HRK" || !ok || !v.Equal(w) {
		t.Errorf("Text() = %q, Currency() = %q, %v", v.Text(), code, ok)
	}
}
