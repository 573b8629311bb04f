package repr

import (
	"math"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/zonetest"
)

func TestEqual(t *testing.T) { // E7, T6, fault 36: no coercion
	// Each line is one value in several forms; different lines differ.
	lines := [][]Value{
		{{}},
		{String("")},
		{String("10")},
		{String("true")},
		{String("https://a.example/")},
		{Number(10), Number(10.0), NumberLiteral("10.0"), NumberLiteral("1e1"), NumberLiteral("10." + strings.Repeat("0", 60))},
		{Number(0), NumberLiteral("-0"), NumberLiteral("0e5")},
		{Number(uint64(math.MaxUint64)), NumberLiteral("18446744073709551615.0")},
		{NumberLiteral("9007199254740993")},
		{NumberLiteral("9007199254740992"), Number(float64(1 << 53))},
		{Bool(true)},
		{Bool(false)},
		{Date(time.Unix(10, 0)), Date(time.Unix(10, 5)), DateOfNumber(NumberLiteral("1e1"))},
		{Link("https://a.example/")},
		{Image("https://a.example/")},
		{RichLink("https://a.example/", "x")},
		{RichLink("https://a.example/", "y")},
		{Stripe("cus_1")},
		{Monetary(1000, "eur"), Monetary(1000, "EUR"), Monetary(int64(1000), "Eur")},
		{Monetary(1000, "usd")},
		{Monetary(10, "eur")},
		{List()},
		{List("")},
		{List("a", "b")},
		{List("a, b")},
		{List("ab", "")},
		{List("", "ab")},
	}
	for i, a := range lines {
		for j, b := range lines {
			for _, x := range a {
				for _, y := range b {
					if got := x.Equal(y); got != (i == j) {
						t.Errorf("%v %q equals %v %q: %v", x.Kind, x, y.Kind, y, got)
					}
					same := string(x.AppendIdentity(nil)) == string(y.AppendIdentity(nil))
					if same != (i == j) {
						t.Errorf("%v %q has the identity of %v %q: %v", x.Kind, x, y.Kind, y, same)
					}
				}
			}
		}
	}
}

func TestIdentitiesStandInARow(t *testing.T) { // E7
	join := func(values ...Value) string {
		var dst []byte
		for _, v := range values {
			dst = v.AppendIdentity(dst)
		}
		return string(dst)
	}
	if join(String("a"), String("b")) == join(String("ab"), String("")) ||
		join(Number(1), Number(23)) == join(Number(12), Number(3)) ||
		join(List("a"), String("b")) == join(List("a", "b")) {
		t.Error("two lists of values have one identity")
	}
}

func TestCompareNumbers(t *testing.T) { // A4, faults 5 and 36
	ascending := []Value{
		NumberLiteral("-1e308"), Number(int64(math.MinInt64)), Number(-1.5), NumberLiteral("-1e-308"), Number(0),
		NumberLiteral("1e-308"), Number(0.1), NumberLiteral("0.1000000000000000000000000001"), Number(1),
		NumberLiteral("9007199254740992"), NumberLiteral("9007199254740993"), Number(int64(math.MaxInt64)),
		Number(uint64(math.MaxUint64)), NumberLiteral(strings.Repeat("9", 100)), NumberLiteral("1e308"),
	}
	for i, a := range ascending {
		for j, b := range ascending {
			want := big.NewInt(int64(i)).Cmp(big.NewInt(int64(j)))
			if got := CompareNumbers(a, b); got != want {
				t.Errorf("compareNumbers(%v, %v) = %d, want %d", a, b, got, want)
			}
		}
	}
	if euro, _ := Monetary(1999, "eur").ConditionNumber(); CompareNumbers(euro, NumberLiteral("19.990")) != 0 {
		t.Error("19.99 EUR is not 19.990")
	}
}

func TestCompareNumbersIsATotalOrder(t *testing.T) {
	literal := rapid.Map(rapid.StringMatching(`-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,2})?`), NumberLiteral)
	number := rapid.OneOf(literal, rapid.Map(rapid.Int64(), Number[int64]), rapid.Map(rapid.IntRange(-20, 20), Number[int]))
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := number.Draw(t, "a"), number.Draw(t, "b"), number.Draw(t, "c")
		ra, _ := new(big.Rat).SetString(a.Text())
		rb, _ := new(big.Rat).SetString(b.Text())
		ab := CompareNumbers(a, b)
		if ab != ra.Cmp(rb) || CompareNumbers(b, a) != -ab {
			t.Fatalf("compareNumbers(%v, %v) = %d, the other way round %d", a, b, ab, CompareNumbers(b, a))
		}
		if ab <= 0 && CompareNumbers(b, c) <= 0 && CompareNumbers(a, c) > 0 {
			t.Fatalf("%v ≤ %v ≤ %v, but not %v ≤ %v", a, b, c, a, c)
		}
		if a.Equal(b) != (string(a.AppendIdentity(nil)) == string(b.AppendIdentity(nil))) {
			t.Fatalf("%v and %v: equality and identity differ", a, b)
		}
	})
}

func TestConditionForms(t *testing.T) { // A4, A5
	const noDate = math.MinInt64
	for _, c := range []struct {
		value  Value
		text   string
		number string
		date   int64 // noDate: none
	}{
		{Value{}, "-", "-", noDate},
		{String(""), "", "-", noDate},
		{String("x"), "x", "-", noDate},
		{String("10"), "10", "-", noDate},
		{String("2014-01-16T23:12:21Z"), "2014-01-16T23:12:21Z", "-", 1389913941},
		{String("2014-01-17T00:12:21.999+01:00"), "2014-01-17T00:12:21.999+01:00", "-", 1389913941},
		{String("2014-01-16T23:12:21"), "2014-01-16T23:12:21", "-", noDate},
		{String("2014-01-16 23:12:21Z"), "2014-01-16 23:12:21Z", "-", noDate},
		{String("2014-01-16t23:12:21z"), "2014-01-16t23:12:21z", "-", 1389913941},
		{String("2014-01-17t00:12:21+01:00"), "2014-01-17t00:12:21+01:00", "-", 1389913941},
		{String("2014-01-16"), "2014-01-16", "-", 1389830400},
		{String("1969-12-31T23:59:59Z"), "1969-12-31T23:59:59Z", "-", -1},
		{String("1969-12-31T23:59:58.9Z"), "1969-12-31T23:59:58.9Z", "-", -2},
		{String("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00Z", "-", calendar.MinDate},
		{String("0001-01-01"), "0001-01-01", "-", calendar.MinDate},
		{String("0000-12-31T23:59:59Z"), "0000-12-31T23:59:59Z", "-", noDate},
		{String("0000-12-31"), "0000-12-31", "-", noDate},
		{String("9999-12-31"), "9999-12-31", "-", calendar.MaxDate - 86399},
		{String("9999-12-31T23:59:59-00:01"), "9999-12-31T23:59:59-00:01", "-", noDate},
		{String("2014-02-29"), "2014-02-29", "-", noDate},
		{String("2014-1-16"), "2014-1-16", "-", noDate},
		{String("2014-01-16 "), "2014-01-16 ", "-", noDate},
		{String("２014-01-16"), "２014-01-16", "-", noDate},
		{String("20140116"), "20140116", "-", noDate},
		{String("twenty characters at least"), "twenty characters at least", "-", noDate},
		{String("2014-13-16T23:12:21Z"), "2014-13-16T23:12:21Z", "-", noDate},
		{Number(10), "-", "10", 10},
		{NumberLiteral("1.389913941e9"), "-", "1.389913941e9", 1389913941},
		{NumberLiteral("10.5"), "-", "10.5", noDate},
		{Number(-2), "-", "-2", -2},
		{Number(int64(calendar.MinDate)), "-", "-62135596800", calendar.MinDate},
		{Number(int64(calendar.MinDate - 1)), "-", "-62135596801", noDate},
		{Number(int64(calendar.MaxDate)), "-", "253402300799", calendar.MaxDate},
		{Number(int64(calendar.MaxDate + 1)), "-", "253402300800", noDate},
		{Bool(true), "-", "-", noDate},
		{Date(time.Unix(10, 0)), "-", "-", 10},
		{Link("https://a.example/"), "https://a.example/", "-", noDate},
		{Image("https://a.example/"), "https://a.example/", "-", noDate},
		{RichLink("https://a.example/", "T"), "T", "-", noDate},
		{Stripe("cus_1"), "cus_1", "-", noDate},
		{Monetary(-1999, "eur"), "-", "-19.99", noDate},
		{Monetary(5, "jpy"), "-", "5", noDate},
		{List("a"), "-", "-", noDate},
		{NumberLiteral("x"), "-", "-", noDate},
	} {
		text, ok := c.value.ConditionText()
		if !ok {
			text = "-"
		}
		number := "-"
		if n, ok := c.value.ConditionNumber(); ok {
			number = n.Text()
		}
		date, ok := c.value.ConditionDate(time.UTC)
		if !ok {
			date = noDate
		}
		if text != c.text || number != c.number || date != c.date {
			t.Errorf("%v %q: text %q, number %s, date %d; want %q, %s, %d", c.value.Kind, c.value, text, number, date, c.text, c.number, c.date)
		}
	}
}

// TestNoAllocations holds what every event does over and over to nothing
// allocated.
func TestValuesDoNotAllocate(t *testing.T) {
	long := NumberLiteral(strings.Repeat("9", 60))
	fields := []struct {
		Key   string
		Value Value
	}{{"first", String("a")}, {"Price", Monetary(1999, "eur")}, {"order", RichLink("https://a.example/", "T")}, {"n", long}}
	buf := make([]byte, 0, 1024)
	date, day, dublin := String("2014-01-16T23:12:21Z"), String("2014-01-16"), zonetest.Zone(t, "Europe/Dublin")
	for name, f := range map[string]func(){
		"compare small": func() { CompareNumbers(Number(1), Number(2)) },
		"compare long":  func() { CompareNumbers(long, Number(2)); CompareNumbers(Number(2), long) },
		"number":        func() { Number(12); NumberLiteral("1.50"); _ = Bool(true); Stripe("cus_1") },
		"money":         func() { Monetary(1, "eur"); MonetaryLiteral("1998.9999999999998", "usd") },
		"link":          func() { Link("https://a.example/x"); Typed("k", String("https://a.example/x.png")) },
		"typed": func() {
			Typed("k", String("hello"))
			Typed("stripe_customer", String("cus_1"))
			Typed("a_date", Number(5))
		},
		"fault": func() {
			for i := range fields {
				_, _ = fields[i].Value.Fault()
				ValueWarning(fields[i].Key, &fields[i].Value)
			}
		},
		"text and json": func() {
			for i := range fields {
				fields[i].Value.AppendText(buf)
				_, _ = fields[i].Value.AppendJSON(buf)
			}
		},
		"identity": func() {
			for i := range fields {
				fields[i].Value.AppendIdentity(buf)
			}
			Number(7).AppendIdentity(buf)
		},
		"condition forms": func() {
			date.ConditionDate(time.UTC)
			day.ConditionDate(dublin)
			fields[1].Value.ConditionNumber()
			fields[2].Value.ConditionText()
		},
		"equal": func() { fields[1].Value.Equal(fields[1].Value) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
