package beckon

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// decoded returns one piece of metadata as it comes from a body.
func decoded(t *testing.T, key, value string) Value {
	t.Helper()
	n, err := ojson.ParseString(value, ojson.Limits{})
	if err != nil {
		t.Fatalf("%s: %v", value, err)
	}
	return peek.Value(repr.DecodeMetadataValue(key, &n))
}

func TestMetadataTypes(t *testing.T) { // M3, M5
	longURL := "https://a.example/" + strings.Repeat("p", MaxURLLength-18)
	for _, c := range []struct {
		key, value string
		kind       value.Kind
		text       string
	}{
		{"k", `"hello"`, value.KindString, "hello"},
		{"k", `""`, value.KindString, ""},
		{"k", `"$9.99"`, value.KindString, "$9.99"},
		{"k", `"\u0000\r\n"`, value.KindString, "\x00\r\n"}, // fault 17: text, whatever is in it
		{"k", `"<script>{{ x }}"`, value.KindString, "<script>{{ x }}"},
		{"k", `"` + strings.Repeat("é", 255) + `"`, value.KindString, strings.Repeat("é", 255)},
		{"k", `"https://a.example/x"`, value.KindLink, "https://a.example/x"},
		{"k", `"HTTP://A.example"`, value.KindLink, "HTTP://A.example"},
		{"k", strconv.Quote(longURL), value.KindLink, longURL},
		{"k", `"https://a.example/cat.PNG?w=1"`, value.KindImage, "https://a.example/cat.PNG?w=1"},
		{"k", `"https://a.example/?f=cat.png"`, value.KindLink, "https://a.example/?f=cat.png"},
		// fault 13: what only looks like a link is text
		{"k", `"javascript:alert(1)"`, value.KindString, "javascript:alert(1)"},
		{"k", `" https://a.example/"`, value.KindString, " https://a.example/"},
		{"k", `"//a.example/cat.png"`, value.KindString, "//a.example/cat.png"},
		{"k", `"https://u:p@a.example/"`, value.KindString, "https://u:p@a.example/"},
		{"k", `"https:\\\\a.example"`, value.KindString, `https:\\a.example`},
		{"k", `"https://a.example/a b"`, value.KindString, "https://a.example/a b"},
		{"k", `"see https://a.example/"`, value.KindString, "see https://a.example/"},
		{"k", `"https://"`, value.KindString, "https://"},
		{"k", `"ftp://a.example"`, value.KindString, "ftp://a.example"},
		{"k", `0.1`, value.KindNumber, "0.1"},
		{"k", `1.50`, value.KindNumber, "1.50"},
		{"k", `-0`, value.KindNumber, "-0"},
		{"k", `12909364407`, value.KindNumber, "12909364407"},
		{"k", `9007199254740993`, value.KindNumber, "9007199254740993"},
		{"k", `9223372036854775808`, value.KindNumber, "9223372036854775808"},
		{"k", `1E400`[:2] + `30`, value.KindNumber, "1E30"},
		{"k", `"10"`, value.KindString, "10"},
		{"k", `true`, value.KindBool, "true"},
		{"k", `false`, value.KindBool, "false"},
		{"order_date", `1389913941`, value.KindDate, "1389913941"},
		{"ORDER_DATE", `1389913941`, value.KindDate, "1389913941"},
		{"_date", `0`, value.KindDate, "0"},
		{"_date", `-1`, value.KindDate, "-1"},
		{"_date", `-62135596800`, value.KindDate, "-62135596800"},
		{"order_date", `1.389913941e9`, value.KindDate, "1389913941"},
		{"order_date", `1389913941.0`, value.KindDate, "1389913941"},
		{"order_date", `253402300799`, value.KindDate, "253402300799"},
		{"order_date", `"2014-01-16"`, value.KindString, "2014-01-16"},
		{"order_date", `true`, value.KindBool, "true"},
		{"date", `1.5`, value.KindNumber, "1.5"},
		{"order_dates", `1.5`, value.KindNumber, "1.5"},
		{"stripe_customer", `"cus_1"`, value.KindStripe, "cus_1"},
		{"Stripe_Invoice", `"in_1"`, value.KindStripe, "in_1"},
		{"STRIPE_CHARGE", `"x"`, value.KindStripe, "x"},
		{"stripe_customer", `5`, value.KindNumber, "5"},
		{"stripe_refund", `"a/b"`, value.KindString, "a/b"},
		{"my_stripe_customer", `"a/b"`, value.KindString, "a/b"},
		{"k", `{"url": "https://a.example/x", "value": "TX18"}`, value.KindRichLink, "TX18 (https://a.example/x)"},
		{"k", `{"value": "", "url": "https://a.example/cat.png"}`, value.KindRichLink, " (https://a.example/cat.png)"},
		{"stripe_customer", `{"url": "https://a.example/x", "value": "T"}`, value.KindRichLink, "T (https://a.example/x)"},
		{"k", `{"amount": 34999, "currency": "eur"}`, value.KindMonetary, "349.99 EUR"},
		{"k", `{"currency": "UsD", "amount": 0}`, value.KindMonetary, "0.00 USD"},
		{"k", `{"amount": -5, "currency": "EUR"}`, value.KindMonetary, "-0.05 EUR"},
		{"k", `{"amount": 1998.9999999999998, "currency": "eur"}`, value.KindMonetary, "19.99 EUR"},
		{"k", `{"amount": 1.999e3, "currency": "eur"}`, value.KindMonetary, "19.99 EUR"},
		{"k", `{"amount": 12345, "currency": "KWD"}`, value.KindMonetary, "12.345 KWD"},
		{"k", `{"amount": 500, "currency": "jpy"}`, value.KindMonetary, "500 JPY"},
		{"k", `{"amount": 9223372036854775807, "currency": "eur"}`, value.KindMonetary, "92233720368547758.07 EUR"},
		{"k_date", `{"amount": 1, "currency": "XAU"}`, value.KindMonetary, "1 XAU"},
	} {
		v := decoded(t, c.key, c.value)
		if codes := refusals(v); v.Kind() != c.kind || v.Text() != c.text || len(codes) > 0 {
			t.Errorf("%s: %s is %v %q %v, want %v %q", c.key, c.value, v.Kind(), v.Text(), codes, c.kind, c.text)
		}
	}
}

func TestMetadataRefused(t *testing.T) { // M3, M4; faults 3, 4, 6, 7, 13, 14, 18, 19, 21
	for _, c := range []struct {
		key, value string
		says       string // a piece of the sentence
		codes      []Code
	}{
		{"k", `null`, "null", []Code{ErrMetadataNull}},
		{"k", `[]`, "array", []Code{ErrMetadataNested}},
		{"k", `["a"]`, "array", []Code{ErrMetadataNested}},
		{"k", `{}`, `{"url", "value"}`, []Code{ErrMetadataNested}},
		{"k", `{"a": 1}`, `{"amount", "currency"}`, []Code{ErrMetadataNested}},
		{"k", `{"url": "https://a.example"}`, `"value" is missing`, []Code{ErrMetadataNested}},
		{"k", `{"value": "x"}`, `"url" is missing`, []Code{ErrMetadataNested}},
		{"k", `{"url": "https://a.example", "value": "x", "alt": "y"}`, `"alt" is one too many`, []Code{ErrMetadataNested}},
		{"k", `{"url": "https://a.example", "value": "x", "url": "https://b.example"}`, `"url" is there twice`, []Code{ErrMetadataNested}},
		{"k", `{"url": "https://a.example", "url": "https://b.example"}`, `"url" is there twice`, []Code{ErrMetadataNested}},
		{"k", `{"URL": "https://a.example", "value": "x"}`, `"URL" is one too many, did you mean "url"?`, []Code{ErrMetadataNested}},
		{"k", `{"amount": 1, "curency": "eur"}`, `"curency" is one too many, did you mean "currency"?`, []Code{ErrMetadataNested}},
		{"k", `{"url": "https://a.example", "valeu": "x"}`, `"valeu" is one too many, did you mean "value"?`, []Code{ErrMetadataNested}},
		{"k", `{"amount": 1, "currency": "eur", "curency": "eur"}`, `"curency" is one too many`, []Code{ErrMetadataNested}},
		{"k", `{"amount": 1}`, `"currency" is missing`, []Code{ErrMetadataNested}},
		{"k", `{"currency": "eur"}`, `"amount" is missing`, []Code{ErrMetadataNested}},
		{"k", `{"amount": 1, "currency": "eur", "amount": 2}`, `"amount" is there twice`, []Code{ErrMetadataNested}},
		{"k", `{"amount": 1, "url": "https://a.example"}`, `"amount" is one too many`, []Code{ErrMetadataNested}},
		{"k", `{"url": "javascript:alert(1)", "value": "x"}`, "http", []Code{ErrMetadataURLInvalid}},
		{"k", `{"url": "//a.example", "value": "x"}`, "http", []Code{ErrMetadataURLInvalid}},
		{"k", `{"url": "https://a.example/\u202e", "value": "x"}`, "bidirectional", []Code{ErrMetadataURLInvalid}},
		{"k", `{"url": "https://u:secret@a.example", "value": "x"}`, "password", []Code{ErrMetadataURLInvalid}},
		{"k", `{"url": "", "value": "x"}`, "http", []Code{ErrMetadataURLInvalid}},
		{"k", `{"url": 5, "value": "x"}`, "a number", []Code{ErrMetadataURLInvalid}},
		{"k", `{"url": null, "value": null}`, "null", []Code{ErrMetadataURLInvalid, ErrMetadataNested}},
		{"k", `{"url": "https://a.example", "value": 5}`, "a number", []Code{ErrMetadataNested}},
		{"k", `{"url": "x", "value": {}}`, "http", []Code{ErrMetadataURLInvalid, ErrMetadataNested}},
		{"k", `{"url": [], "value": "` + strings.Repeat("x", 256) + `"}`, "an array", []Code{ErrMetadataURLInvalid, ErrMetadataStringTooLong}},
		{"k", `{"url": "https://a.example", "value": "` + strings.Repeat("x", 256) + `"}`, "title", []Code{ErrMetadataStringTooLong}},
		{"k", `{"url": "https://a.example/` + strings.Repeat("p", MaxURLLength-17) + `", "value": "x"}`, "2048", []Code{ErrMetadataURLInvalid}},
		{"k", `{"amount": "1999", "currency": "eur"}`, "a string", []Code{ErrMetadataAmountInvalid}},
		{"k", `{"amount": null, "currency": "eur"}`, "null", []Code{ErrMetadataAmountInvalid}},
		{"k", `{"amount": 19.5, "currency": "eur"}`, "whole", []Code{ErrMetadataAmountInvalid}},
		{"k", `{"amount": 0.5, "currency": "jpy"}`, "whole", []Code{ErrMetadataAmountInvalid}},
		{"k", `{"amount": 9223372036854775808, "currency": "eur"}`, "64 bits", []Code{ErrMetadataAmountInvalid}},
		{"k", `{"amount": 1e400, "currency": "eur"}`, "308", []Code{ErrMetadataAmountInvalid}},
		{"k", `{"amount": 1e-400, "currency": "eur"}`, "308", []Code{ErrMetadataAmountInvalid}},
		{"k", `{"amount": 1, "currency": "euro"}`, "euro", []Code{ErrMetadataCurrency}},
		{"k", `{"amount": 1, "currency": "HRK"}`, "HRK", []Code{ErrMetadataCurrency}},
		{"k", `{"amount": 1, "currency": "trı"}`, "4217", []Code{ErrMetadataCurrency}},
		{"k", `{"amount": 1, "currency": 978}`, "a number", []Code{ErrMetadataCurrency}},
		{"k", `{"amount": 1.5, "currency": 978}`, "a number", []Code{ErrMetadataCurrency, ErrMetadataAmountInvalid}},
		{"k", `{"amount": true, "currency": "x"}`, "a boolean", []Code{ErrMetadataAmountInvalid, ErrMetadataCurrency}},
		{"k", `{"amount": true, "currency": false}`, "a boolean", []Code{ErrMetadataAmountInvalid, ErrMetadataCurrency}},
		{"k", `{"amount": 1.5, "currency": "x"}`, "whole", []Code{ErrMetadataAmountInvalid, ErrMetadataCurrency}},
		{"k", `1e400`, "308", []Code{ErrMetadataNumberInvalid}},
		{"k", `1e-309`, "308", []Code{ErrMetadataNumberInvalid}},
		{"k", strings.Repeat("9", 101), "100 digits", []Code{ErrMetadataNumberInvalid}},
		{"k", strings.Repeat("9", 4000), "100 digits", []Code{ErrMetadataNumberInvalid}},
		{"k_date", `1e400`, "308", []Code{ErrMetadataNumberInvalid}},
		{"k_date", `1.5`, "whole", []Code{ErrMetadataDateInvalid}},
		{"k_date", `-62135596801`, "the year 1,", []Code{ErrMetadataDateInvalid}},
		{"k_Date", `1389913941000`, "milliseconds", []Code{ErrMetadataDateInvalid}},
		{"k_date", `253402300800`, "9999", []Code{ErrMetadataDateInvalid}},
		{"k_date", `253402300799001`, "9999", []Code{ErrMetadataDateInvalid}},
		{"k_date", `1e18`, "9999", []Code{ErrMetadataDateInvalid}},
		{"k_date", `1e30`, "whole Unix seconds", []Code{ErrMetadataDateInvalid}},
		{"stripe_customer", `""`, "identifier", []Code{ErrMetadataStripeInvalid}},
		{"stripe_customer", `"cus_"`, "underscore", []Code{ErrMetadataStripeInvalid}},
		{"Stripe_Charge", `"ch_1/../x"`, "identifier", []Code{ErrMetadataStripeInvalid}},
		{"stripe_invoice", `"https://a.example/"`, "identifier", []Code{ErrMetadataStripeInvalid}},
		{"stripe_invoice", `"in 1"`, "identifier", []Code{ErrMetadataStripeInvalid}},
		{"k", `"` + strings.Repeat("é", 256) + `"`, "255", []Code{ErrMetadataStringTooLong}},
		{"k", `"https://a.example/` + strings.Repeat("p", MaxURLLength-17) + `"`, "255", []Code{ErrMetadataStringTooLong}},
		{"k", `"https://u@a.example/` + strings.Repeat("p", 255) + `"`, "255", []Code{ErrMetadataStringTooLong}},
	} {
		v := decoded(t, c.key, c.value)
		codes := refusals(v)
		_, message := peek.Of(&v).Fault()
		if !slices.Equal(codes, c.codes) || !strings.Contains(message, c.says) || strings.Contains(message, "secret") || len(message) > 300 {
			t.Errorf("%s: %.80s: %v %q, want %v with %q", c.key, c.value, codes, message, c.codes, c.says)
		}
	}
}

func TestValueWarnings(t *testing.T) { // M3, faults 15, 20, 21
	for _, c := range []struct {
		key, value string
		want       Code
	}{
		{"k", `"text"`, ""},
		{"k", `"https://a.example/"`, ""},
		{"k", `"https://127.0.0.1/"`, ""},
		{"k", `"https://xn--e1afmkfd.example/"`, WarnURLSuspicious},
		{"k", `"https://а.example/cat.png"`, WarnURLSuspicious},
		{"k", `"http://2130706433/"`, WarnURLSuspicious},
		{"k", `"http://0x7f.1/"`, WarnURLSuspicious},
		{"k", `{"url": "https://a.example/\u200b", "value": "x"}`, WarnURLSuspicious},
		{"k", `{"url": "https://a.example/", "value": "\u200b"}`, ""},
		{"stripe_customer", `"cus_1"`, ""},
		{"stripe_invoice", `"in_1"`, ""},
		{"stripe_charge", `"ch_1"`, ""},
		{"stripe_charge", `"py_1"`, ""},
		{"stripe_invoice", `"cus_1"`, WarnStripePrefix},
		{"STRIPE_CUSTOMER", `"in_1"`, WarnStripePrefix},
		{"stripe_charge", `"sub_1"`, WarnStripePrefix},
		{"stripe_charge", `"unheard_1"`, ""},
		{"stripe_charge", `"cus"`, ""},
		{"k", `{"amount": 1, "currency": "eur"}`, ""},
		{"k", `{"amount": 1, "currency": "jpy"}`, ""},
		{"k", `{"amount": 1, "currency": "xau"}`, WarnCurrencyNoMinorUnit},
	} {
		v := decoded(t, c.key, c.value)
		code, message := repr.ValueWarning(c.key, peek.Of(&v))
		if code != c.want || (message != "") != (code != "") || len(refusals(v)) > 0 {
			t.Errorf("%s: %s warns %q %q, want %q", c.key, c.value, code, message, c.want)
		}
	}
	plain := Stripe("in_1")
	if code, _ := repr.ValueWarning("any", peek.Of(&plain)); code != "" {
		t.Errorf("a Stripe identifier under a key of the host's own warns %q", code)
	}
}

func TestGoAndJSONAgree(t *testing.T) { // M3: the same rules whichever way metadata is made
	for _, c := range []struct {
		key   string
		value Value
		json  string
	}{
		{"k", String("https://a.example/x"), `"https://a.example/x"`},
		{"k", String("https://a.example/x.png"), `"https://a.example/x.png"`},
		{"k", String("plain"), `"plain"`},
		{"a_date", Number(5), `5`},
		{"a_date", Number(5.5), `5.5`},
		{"stripe_charge", String("ch_1"), `"ch_1"`},
		{"stripe_charge", String("ch/1"), `"ch/1"`},
		{"k", Monetary(5, "eur"), `{"amount": 5, "currency": "eur"}`},
		{"k", Link("https://a.example/x.png"), ``},
	} {
		got := peek.Value(repr.Typed(c.key, *peek.Of(&c.value)))
		if c.json == "" {
			if got.Kind() != value.KindLink {
				t.Errorf("typed changes an explicit link to %v", got.Kind())
			}
			continue
		}
		if want := decoded(t, c.key, c.json); !got.Equal(want) || !slices.Equal(refusals(got), refusals(want)) {
			t.Errorf("%s: %v from Go, %v from JSON", c.key, got, want)
		}
	}
}

// FuzzMetadata: whatever a body holds, a value is either refused with a code
// of the contract or comes back from its own JSON as it was.
func FuzzMetadata(f *testing.F) {
	for _, s := range [][2]string{
		{"k", `"https://a.example/x.png"`},
		{"a_date", `1e9`},
		{"stripe_charge", `"ch_1"`},
		{"k", `{"url":"https://a.example","value":"x"}`},
		{"k", `{"amount":1998.9999999999998,"currency":"eur"}`},
		{"k", `[null]`},
		{"k", `0.10e-5`},
		{"k", `"\u2028\ud83d\ude00"`},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, key, value string) {
		n, err := ojson.ParseString(value, ojson.Limits{})
		if err != nil {
			return
		}
		v := repr.DecodeMetadataValue(key, &n)
		if code, message := v.Fault(); code != "" {
			if message == "" || !strings.HasPrefix(string(code), "metadata_") && code != ErrTextNotUTF8 {
				t.Fatalf("%s: %q, %q", value, code, message)
			}
			return
		}
		_, _ = repr.ValueWarning(key, &v)
		out, err := v.AppendJSON(nil)
		if err != nil || !json.Valid(out) {
			t.Fatalf("%s comes back as %s, %v", value, out, err)
		}
		m, err := ojson.ParseString(string(out), ojson.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		w := repr.DecodeMetadataValue(key, &m)
		if !w.Equal(v) || w.Text() != v.Text() || string(w.AppendIdentity(nil)) != string(v.AppendIdentity(nil)) {
			t.Fatalf("%s is %v, comes back as %v", value, v, w)
		}
	})
}

// refusals returns the codes for which metadata refuses a value.
func refusals(v Value) []Code {
	var l fault.List
	peek.Of(&v).AddFaults(&l, "metadata.k")
	codes := []Code{}
	for _, e := range l {
		codes = append(codes, e.Code)
	}
	return codes
}
