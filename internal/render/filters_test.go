package render

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// R4
func TestMoneyFilter(t *testing.T) {
	const nbsp = "\u00a0"
	for _, c := range []struct {
		filter string
		value  value.Value
		want   string
	}{
		{`money`, value.Monetary(34999, "eur"), "€349.99"},
		{`money: "en-US"`, value.Monetary(34999, "usd"), "$349.99"},
		{`money: "en-US"`, value.Monetary(0, "usd"), "$0.00"},
		{`money: "en-US"`, value.Monetary(5, "usd"), "$0.05"},
		{`money: "en-US"`, value.Monetary(50, "usd"), "$0.50"},
		{`money: "en-US"`, value.Monetary(-50, "usd"), "-$0.50"},
		{`money: "en-US"`, value.Monetary(100, "usd"), "$1.00"},
		{`money: "en-US"`, value.Monetary(99999, "usd"), "$999.99"},
		{`money: "en-US"`, value.Monetary(100000, "usd"), "$1,000.00"},
		{`money: "en-US"`, value.Monetary(int64(123456789012), "usd"), "$1,234,567,890.12"},
		{`money: "en-US"`, value.Monetary(int64(math.MaxInt64), "usd"), "$92,233,720,368,547,758.07"},
		{`money: "en-US"`, value.Monetary(int64(math.MinInt64), "usd"), "-$92,233,720,368,547,758.08"},
		{`money: "en-US"`, value.Monetary(12345, "jpy"), "¥12,345"},
		{`money: "en-US"`, value.Monetary(12345, "kwd"), "KWD" + nbsp + "12.345"},
		{`money: "en-US"`, value.Monetary(12345, "clf"), "CLF" + nbsp + "1.2345"},
		{`money: "en-US"`, value.Monetary(5, "xau"), "XAU" + nbsp + "5"},
		{`money: "en-US"`, value.Monetary(500, "cad"), "CA$5.00"},
		{`money: "en-US"`, value.Monetary(500, "mmk"), "MMK" + nbsp + "5.00"}, // ISO 4217's decimals, not the locale data's
		{`money: "en-US"`, value.Monetary(500, "xcg"), "Cg.5.00"},
		{`money: "de-DE"`, value.Monetary(123456789, "eur"), "1.234.567,89" + nbsp + "€"},
		{`money: "de-CH"`, value.Monetary(123456789, "chf"), "CHF" + nbsp + "1'234'567.89"},
		{`money: "fr"`, value.Monetary(-123456, "eur"), "-1\u202f234,56" + nbsp + "€"},
		{`money: "sv-SE"`, value.Monetary(-500, "sek"), "−5,00" + nbsp + "kr"},
		{`money: "hi-IN"`, value.Monetary(int64(123456789012), "inr"), "₹1,23,45,67,890.12"},
		{`money: "nl-NL"`, value.Monetary(500, "eur"), "€" + nbsp + "5,00"},
		{`money: "pt-BR"`, value.Monetary(500, "brl"), "R$" + nbsp + "5,00"},
		{`money: "pt-PT"`, value.Monetary(500, "eur"), "5,00" + nbsp + "€"},
		{`money: "es-MX"`, value.Monetary(500, "mxn"), "$5.00"},
		{`money: "es"`, value.Monetary(500, "eur"), "5,00" + nbsp + "€"},
		{`money: "en-US-u-va-posix"`, value.Monetary(123456, "usd"), "$1234.56"}, // no groups
		{`money: "ar"`, value.Monetary(123456, "usd"), "\u200f1,234.56" + nbsp + "US$"},

		// Of no other kind of value does the filter make money.
		{`money: "en-US"`, value.String("$9.99"), "$9.99"},
		{`money: "en-US"`, value.NumberLiteral("1.50"), "1.50"},
		{`money: "en-US"`, value.Link("https://h.example/"), "https://h.example/"},
		{`money: "en-US" | fallback: "free"`, value.Value{}, "free"},
		{`money: "en-US"`, value.Value{}, ""},
	} {
		if got := renderBody(t, formatText, "{{ event.v | "+c.filter+" }}", Options{}, renderVars{"event.v": c.value}); got != c.want {
			t.Errorf("%s of %s: %q, want %q", c.filter, c.value, got, c.want)
		}
	}
}

func TestDateFilter(t *testing.T) {
	dublin, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 7, 1, 23, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		filter string
		value  value.Value
		want   string
	}{
		{`date: "2 Jan 2006"`, value.Date(noon), "2 Jul 2026"}, // in Dublin it is 00:30 on the day after
		{`date: "2 Jan 2006 15:04", "Asia/Tokyo"`, value.Date(noon), "2 Jul 2026 08:30"},
		{`date: "2 Jan 2006 15:04", "UTC"`, value.Date(noon), "1 Jul 2026 23:30"},
		{`date: "2006"`, value.Number(noon.Unix()), "2026"},
		{`date: "2006-01-02"`, value.Number(0), "1970-01-01"},
		{`date: "2006"`, value.NumberLiteral("1.5e9"), "2017"},
		{`date: "15:04", "UTC"`, value.String("2026-07-01T12:00:00+02:00"), "10:00"},
		{`date: "2006"`, value.String("1955-03-02T00:00:00Z"), "1955"},

		{`date: "15:04:05.000", "UTC"`, value.String("2026-07-01t12:00:00.25z"), "12:00:00.250"},
		{`date: "2 Jan 2006 15:04"`, value.String("2026-07-01"), "1 Jul 2026 00:00"}, // that day in every zone
		{`date: "2 Jan 2006 15:04", "America/New_York"`, value.String("2026-07-01"), "1 Jul 2026 00:00"},
		{`date: "2006", "UTC"`, value.Number(-1), "1969"},

		// What is no date stays as it is.
		{`date: "2006"`, value.String("yesterday"), "yesterday"},
		{`date: "2006"`, value.String("2026-02-30"), "2026-02-30"},
		{`date: "2006"`, value.String("2026-07-01 12:00:00Z"), "2026-07-01 12:00:00Z"},
		{`date: "2006"`, value.NumberLiteral("1.5"), "1.5"},
		{`date: "2006"`, value.Number(int64(calendar.MinDate - 1)), "-62135596801"},
		{`date: "2006"`, value.Number(int64(1389913941000)), "1389913941000"}, // milliseconds
		{`date: "2006"`, value.NumberLiteral("1e40"), "1e40"},
		{`date: "2006"`, value.Bool(true), "true"},
		{`date: "2006"`, value.List("a"), "a"},
		{`date: "2006" | fallback: "soon"`, value.Value{}, "soon"},
		{`date: "2006" | fallback: "soon"`, value.String(""), "soon"},
	} {
		got := renderBody(t, formatText, "{{ event.v | "+c.filter+" }}", Options{Loc: dublin}, renderVars{"event.v": c.value})
		if got != c.want {
			t.Errorf("%s of %s: %q, want %q", c.filter, c.value, got, c.want)
		}
	}
}

// A filtered value is text, and so escaped as such.
func TestFiltersInHTML(t *testing.T) {
	vars := renderVars{"event.v": value.Date(time.Unix(0, 0)), "event.m": value.Monetary(500, "usd"), "event.l": value.Link("https://h.example/")}
	for _, c := range []struct{ body, want string }{
		{`{{ event.v | date: "<b>2006</b>" }}`, "&lt;b&gt;1970&lt;/b&gt;"},
		{`<p title="{{ event.v | date: '\"2006' }}">`, `<p title="&#34;1970">`},
		{`{{ event.m | money }}`, "$5.00"},
		{`{{ event.l | money }}`, "https://h.example/"},
		{`<a href="{{ event.v | date: 'https://2006' }}">`, `<a href="#ZgotmplZ">`},
		{`<a href="/{{ event.v | date: '2006/01' }}">`, `<a href="/1970/01">`},
	} {
		if got := renderBody(t, formatHTML, c.body, Options{}, vars); got != c.want {
			t.Errorf("%s: %q, want %q", c.body, got, c.want)
		}
	}
}

// R5, row 73
func TestIsolation(t *testing.T) {
	const fsi, pdi = "\u2068", "\u2069"
	for _, c := range []struct{ value, want string }{
		{"Ada", fsi + "Ada" + pdi},
		{"", ""},
		{"\u202eevil", fsi + "\u202eevil" + pdi},
		{pdi + "\u202eevil", fsi + "\u202eevil" + pdi},                         // cannot leave
		{"a\u2066b\u2067c", fsi + "a\u2066b\u2067c" + pdi + pdi + pdi},         // cannot leave open
		{"a" + fsi + "b" + pdi + "c", fsi + "a" + fsi + "b" + pdi + "c" + pdi}, // may nest
		{"a\n\u202eb", fsi + "a" + pdi + "\n" + fsi + "\u202eb" + pdi},         // a paragraph ends isolates
		{"\u2066a\u2029b" + pdi, fsi + "\u2066a" + pdi + pdi + "\u2029" + fsi + "b" + pdi},
		{"\xffa", fsi + "\xffa" + pdi},
	} {
		vars := renderVars{"user.v": value.String(c.value)}
		rc := Options{Isolate: true}
		if got, want := renderBody(t, formatText, "[{{ v }}]", rc, vars), "["+c.want+"]"; got != want {
			t.Errorf("%q: %q, want %q", c.value, got, want)
		}
		if got, want := renderBody(t, formatHTML, "<p>{{ v }}</p>", rc, vars), "<p>"+c.want+"</p>"; got != want {
			t.Errorf("%q in HTML: %q, want %q", c.value, got, want)
		}
		if got, want := renderBody(t, formatText, "[{{ v }}]", Options{}, vars), "["+c.value+"]"; got != want {
			t.Errorf("%q without the option: %q, want %q", c.value, got, want)
		}
	}
	vars := renderVars{
		"event.l": value.Link("https://h.example/"), "event.r": value.RichLink("https://h.example/r", "T<"), "event.n": value.Number(5),
		"event.m": value.Monetary(500, "usd"), "event.t": value.List("a", "b"), "event.s": value.String("S"),
	}
	for _, c := range []struct{ format, body, want string }{
		{"text", "{{ event.l }} {{ event.n }} {{ event.m }}", "https://h.example/ 5 5.00 USD"},
		{"text", "{{ event.r }} {{ event.t }}", fsi + "T<" + pdi + " (https://h.example/r) " + fsi + "a, b" + pdi},
		{"text", "{{ event.m | money }} {{ event.x | fallback: 'F' }}", fsi + "$5.00" + pdi + " F"},
		{"html", "{{ event.r }}", `<a href="https://h.example/r">` + fsi + "T&lt;" + pdi + "</a>"},
		{"html", "<title>{{ event.s }}</title>", "<title>" + fsi + "S" + pdi + "</title>"},
		{"html", `<p title="{{ event.s }}">`, `<p title="S">`},
	} {
		if got := renderBody(t, c.format, c.body, Options{Isolate: true}, vars); got != c.want {
			t.Errorf("%s: %q, want %q", c.body, got, c.want)
		}
	}
}

// R5: money in the manner of a locale is what CLDR says. The table was written
// by another implementation of it, see testdata/money.js.
func TestMoneyFollowsCLDR(t *testing.T) {
	data, err := os.ReadFile("testdata/money.tsv")
	if err != nil {
		t.Fatal(err)
	}
	amounts := []int64{5, -123450, 1234567, -1234567890}
	filters := map[string]filter{}
	n := 0
	for line := range strings.Lines(string(data)) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 2+len(amounts) {
			continue
		}
		locale, code := fields[0], fields[1]
		f := filters[locale]
		if f == nil {
			if f, err = newMoneyFilter([]string{locale}); err != nil {
				t.Fatal(err)
			}
			filters[locale] = f
		}
		for i, minor := range amounts {
			got, ok := f.apply(nil, repr.Monetary(minor, code))
			if n++; !ok || string(got) != fields[2+i] {
				t.Errorf("%s %s %d: %q, want %q", locale, code, minor, got, fields[2+i])
			}
		}
	}
	if n < 4000 {
		t.Errorf("the table has %d amounts", n)
	}
}
