package beckon_test

import (
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/shopspring/decimal"

	"github.com/beckon-go/beckon"
)

// printValue prints a value's type, its plain form and its JSON.
func printValue(v beckon.Value) {
	if err := v.Err(); err != nil {
		fmt.Println("refused")
		return
	}
	data, err := json.Marshal(v)
	ok(err)
	fmt.Println(v.Kind(), v.Text(), string(data))
}

func ExampleString() {
	printValue(beckon.String("cat.mp4"))
	printValue(beckon.String("javascript:alert(1)")) // text, and stays text
	// Output:
	// string cat.mp4 "cat.mp4"
	// string javascript:alert(1) "javascript:alert(1)"
}

func ExampleNumber() {
	printValue(beckon.Number(int64(12909364407)))
	printValue(beckon.Number(0.1))
	printValue(beckon.Number(math.NaN()))
	// Output:
	// number 12909364407 12909364407
	// number 0.1 0.1
	// refused
}

// A literal appears in messages as it was written.
func ExampleNumberLiteral() {
	printValue(beckon.NumberLiteral("1.50"))
	fmt.Println(beckon.NumberLiteral("1.50").Equal(beckon.Number(1.5)))
	// Output:
	// number 1.50 1.50
	// true
}

func ExampleDecimal() {
	printValue(beckon.Decimal(decimal.RequireFromString("19.99")))
	// Output:
	// number 19.99 19.99
}

func ExampleBool() {
	printValue(beckon.Bool(true))
	// Output:
	// boolean true true
}

// A date is whole Unix seconds.
func ExampleDate() {
	v := beckon.Date(time.Date(2026, time.March, 2, 9, 15, 0, 0, time.UTC))
	printValue(v)
	t, _ := v.Time()
	fmt.Println(t.UTC().Format(time.RFC3339))
	// Output:
	// date 1772442900 1772442900
	// 2026-03-02T09:15:00Z
}

func ExampleLink() {
	printValue(beckon.Link("https://files.example/7?a=1&b=2"))
	printValue(beckon.Link("javascript:alert(1)"))
	printValue(beckon.Link("https://ada:secret@files.example/"))
	// Output:
	// link https://files.example/7?a=1&b=2 "https://files.example/7?a=1\u0026b=2"
	// refused
	// refused
}

func ExampleRichLink() {
	v := beckon.RichLink("https://shop.example/orders/18", "TX18")
	printValue(v)
	title, _ := v.Title()
	url, _ := v.URL()
	fmt.Println(title, url)
	// Output:
	// rich link TX18 (https://shop.example/orders/18) {"url":"https://shop.example/orders/18","value":"TX18"}
	// TX18 https://shop.example/orders/18
}

// An image is a link to one; by constructor its path may end as it likes.
func ExampleImage() {
	printValue(beckon.Image("https://img.example/u/7"))
	// Output:
	// image https://img.example/u/7 "https://img.example/u/7"
}

func ExampleStripe() {
	printValue(beckon.Stripe("ch_3PkT8e2eZvKYlo2C"))
	// Output:
	// stripe ch_3PkT8e2eZvKYlo2C "ch_3PkT8e2eZvKYlo2C"
}

// An amount is in minor units of its currency: cents, but whole yen.
func ExampleMonetary() {
	printValue(beckon.Monetary(34999, "eur"))
	printValue(beckon.Monetary(500, "JPY"))
	printValue(beckon.Monetary(1, "zzz"))
	// Output:
	// monetary 349.99 EUR {"amount":34999,"currency":"eur"}
	// monetary 500 JPY {"amount":500,"currency":"JPY"}
	// refused
}

func ExampleMonetaryMajor() {
	printValue(beckon.MonetaryMajor(decimal.RequireFromString("349.99"), "eur"))
	printValue(beckon.MonetaryMajor(decimal.RequireFromString("349.999"), "eur")) // no such amount
	// Output:
	// monetary 349.99 EUR {"amount":34999,"currency":"eur"}
	// refused
}

// A list is for attributes; metadata has none.
func ExampleList() {
	printValue(beckon.List("music", "film"))
	// Output:
	// list music, film ["music","film"]
}

// The order of metadata is data, and keys are found in any letter case.
func ExampleFields() {
	var fields beckon.Fields
	ok(json.Unmarshal([]byte(`{"file_name": "cat.jpg", "Price": {"amount": 100, "currency": "usd"}, "size": 1.50}`), &fields))
	for _, f := range fields {
		fmt.Println(f.Key, f.Value.Kind())
	}
	price, _ := fields.Get("price")
	fmt.Println(price.Text())
	// Output:
	// file_name string
	// Price monetary
	// size number
	// 1.00 USD
}

func ExampleCanonicalEventName() {
	for _, name := range []string{"Completed.Order", " completed-order ", "\t"} {
		canonical, err := beckon.CanonicalEventName(name)
		fmt.Println(canonical, err != nil)
	}
	// Output:
	// completed-order false
	// completed-order false
	//  true
}

func ExampleDisplayKey() {
	fmt.Println(beckon.DisplayKey("invited-friend"), "|", beckon.DisplayKey("file_name"))
	// Output:
	// Invited friend | File_name
}

// Seven days and 168 hours are as long, and print as they were written.
func ExampleParseDuration() {
	for _, s := range []string{"7d", "1w", "168h", "1d12h"} {
		d, err := beckon.ParseDuration(s)
		ok(err)
		_, whole := d.Days()
		fmt.Println(d, d.Elapsed(), whole)
	}
	_, err := beckon.ParseDuration("1 day")
	fmt.Println(err != nil)
	// Output:
	// 7d 168h0m0s true
	// 1w 168h0m0s true
	// 168h 168h0m0s false
	// 1d12h 36h0m0s false
	// true
}

// A duration says its unit. It can be added to another, and nothing else.
func ExampleDuration() {
	notice := beckon.Days(3).Add(beckon.Hours(12))
	fmt.Println(notice, notice.Elapsed())
	fmt.Println(beckon.Seconds(0), beckon.Seconds(0).IsZero(), beckon.Duration{}.IsZero())
	fmt.Println(beckon.DurationOf(90*time.Minute), beckon.Days(7) == beckon.Weeks(1))
	// Output:
	// 3d12h 84h0m0s
	// 0s false true
	// 90m false
}

func ExampleCustom() {
	fmt.Println(beckon.Custom("pager"))
	// Output:
	// custom:pager
}
