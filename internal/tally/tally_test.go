package tally

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/internal/repr"
)

// drawValue returns a number, of any size, or money.
func drawValue(t *rapid.T) repr.Value {
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return repr.Monetary(rapid.SampledFrom([]int64{0, 1, -1, 1999, 1<<63 - 1, -1 << 63}).Draw(t, "minor"), rapid.SampledFrom([]string{"eur", "EUR", "jpy", "kwd"}).Draw(t, "currency"))
	case 1:
		return repr.Number(rapid.IntRange(-5, 5).Draw(t, "small"))
	}
	return repr.NumberLiteral(rapid.SampledFrom([]string{
		"0", "-0.0", "0e300", "1", "1.0", "1.50", "-0.1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e18", "1e-18", "0.00000000000000000001",
		"1e308", "-1e308", "1e-308", "123456789012345678901234567890.123456789012345678901234567890", "-99999999999999999999",
	}).Draw(t, "literal"))
}

// major returns a value as a decimal, money in major units, and its currency.
func major(v *repr.Value) (decimal.Decimal, string) {
	if code, ok := v.Currency(); ok {
		d, _ := v.MajorUnits()
		return d, code
	}
	d, _ := v.Decimal()
	return d, ""
}

// A naive total adds all that counts up.
func naive(values []repr.Value, currency string) (count int, sum, least, most decimal.Decimal) {
	for i := range values {
		d, code := major(&values[i])
		if currency != "" && code != currency {
			continue
		}
		if count == 0 || d.LessThan(least) {
			least = d
		}
		if count == 0 || d.GreaterThan(most) {
			most = d
		}
		count, sum = count+1, sum.Add(d)
	}
	return count, sum, least, most
}

func checkTotal(t *rapid.T, got Total, values []repr.Value, currency string) {
	count, sum, least, most := naive(values, currency)
	if int(got.Count) != count {
		t.Fatalf("%d of %q count, want %d of %v", got.Count, currency, count, values)
	}
	if count == 0 {
		return
	}
	for name, x := range map[string]struct {
		got  Number
		want decimal.Decimal
	}{"sum": {got.Sum, sum}, "least": {got.Min, least}, "greatest": {got.Max, most}} {
		if !x.got.decimal().Equal(x.want) {
			t.Fatalf("the %s of %q is %s, want %s: %v", name, currency, x.got, x.want, values)
		}
	}
}

// A13: sums are exact, and what was added or joined in another order is the same text.
func TestSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Custom(drawValue), 0, 12).Draw(t, "values")
		parts := [3]string{}
		all := ""
		for i := range values {
			part := &parts[rapid.IntRange(0, 2).Draw(t, "part")]
			*part = Add(*part, &values[i])
			all = Add(all, &values[i])
		}
		for _, currency := range []string{"", "EUR", "JPY", "KWD", "USD"} {
			checkTotal(t, Of(all, currency), values, currency)
		}
		a, b, c := parts[0], parts[1], parts[2]
		for _, joined := range []string{Join(Join(a, b), c), Join(a, Join(b, c)), Join(Join(c, b), a)} {
			if joined != all {
				t.Fatalf("%x is not %x", joined, all)
			}
		}
	})
}

// A13: an average is compared exactly, without being divided.
func TestTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, w := drawValue(t), drawValue(t)
		n := rapid.SampledFrom([]uint64{1, 2, 3, 1000, 1 << 62, 1<<63 + 5, 1<<64 - 1}).Draw(t, "n")
		a, _ := NumberOf(&v)
		b, _ := NumberOf(&w)
		d, _ := major(&v)
		e, _ := major(&w)
		count := decimal.RequireFromString(fmt.Sprint(n))
		if got, want := a.Compare(b.Times(n)), d.Cmp(e.Mul(count)); got != want {
			t.Fatalf("%s against %s × %d: %d, want %d", d, e, n, got, want)
		}
		if got, want := a.Over(n), d.DivRound(count, 16).String(); got != want {
			t.Fatalf("%s / %d is %s, want %s", d, n, got, want)
		}
	})
}

func TestNumberText(t *testing.T) {
	for literal, want := range map[string]string{"1.50": "1.50", "-0.1": "-0.1", "1e3": "1000", "12345678901234567890.5": "12345678901234567890.5", "0.0": "0.0"} {
		v := repr.NumberLiteral(literal)
		if n, ok := NumberOf(&v); !ok || n.String() != want {
			t.Errorf("%s is written %s", literal, n)
		}
	}
	for _, v := range []repr.Value{{}, repr.String("1"), repr.Bool(true), repr.NumberLiteral("x")} {
		if n, ok := NumberOf(&v); ok {
			t.Errorf("%v is the number %v", v, n)
		}
	}
}

// A13: sums are of numbers and money, what is different is any value.
func TestTakes(t *testing.T) {
	number, text, money, date := repr.Number(1), repr.String("1"), repr.Monetary(1, "eur"), repr.NewDate(1)
	for kind, want := range map[Kind]string{None: "1111", Sums: "1010", Values: "1010", Distinct: "1111", Different: "1111"} {
		got := ""
		for _, v := range []*repr.Value{&number, &text, &money, &date} {
			got += map[bool]string{true: "1", false: "0"}[kind.Takes(v)]
		}
		if got != want {
			t.Errorf("%s takes %s, want %s", Words[kind], got, want)
		}
	}
	if Distinct.Takes(&repr.Value{}) {
		t.Error("what is unknown is a value")
	}
}

// A13: 1 and 1.0 are one value, 1 and "1" are two.
func TestDistinct(t *testing.T) {
	values := []repr.Value{
		repr.Number(1), repr.NumberLiteral("1.0"), repr.String("1"), repr.NumberLiteral("10e-1"), repr.String("1"), repr.String(" 1"), repr.Bool(true),
		repr.Monetary(1, "eur"), repr.Monetary(1, "EUR"), repr.Monetary(1, "usd"), repr.Link("https://a.example/"), repr.Image("https://a.example/"),
		repr.RichLink("https://a.example/", "x"), repr.RichLink("https://a.example/", "y"), repr.NewDate(1),
	}
	d, again := "", ""
	for i := range values {
		d, again = Tell(d, &values[i]), Tell(again, &values[len(values)-1-i])
	}
	if Count(d) != 11 || d != again {
		t.Errorf("%d different values, %v", Count(d), d == again)
	}
}

func hashes(from, n int) (d string) {
	for i := range n {
		v := repr.Number(from + i)
		d = Tell(d, &v)
	}
	return d
}

// A13: there the counting stops, in whatever order.
func TestDistinctIsFull(t *testing.T) {
	full, one := hashes(0, MaxDistinct), repr.Number(-1)
	if Count(full) != MaxDistinct || Tell(full, &one) != full {
		t.Errorf("%d are told apart", Count(full))
	}
	a, b, c := hashes(0, 600), hashes(300, 600), hashes(800, 600)
	if n := Count(Unite(a, b)); n != 900 {
		t.Errorf("%d, want 900", n)
	}
	for _, u := range []string{Unite(Unite(a, b), c), Unite(a, Unite(b, c)), Unite(c, Unite(b, a))} {
		if Count(u) != MaxDistinct || u != Unite(Unite(a, b), c) {
			t.Errorf("%d are told apart", Count(u))
		}
	}
	if Unite(a, a) != a || Unite("", a) != a || Unite(a, "") != a {
		t.Error("with itself or nothing it is another")
	}
}

// naiveWindow is what a window has of all that entered.
type naiveValue struct {
	at int64
	v  repr.Value
}

// naiveWindow returns the newest values of a list, and when the newest of the others was;
// of different values each stands at its newest time.
func naiveWindow(kind Kind, list []naiveValue, keep int) (kept []naiveValue, since int64) {
	list = slices.Clone(list)
	if kind == Different {
		var last []naiveValue
		for _, x := range list {
			if !slices.ContainsFunc(list, func(y naiveValue) bool { return y.v.Equal(x.v) && y.at > x.at }) &&
				!slices.ContainsFunc(last, func(y naiveValue) bool { return y.v.Equal(x.v) }) {
				last = append(last, x)
			}
		}
		list = last
	}
	slices.SortStableFunc(list, func(x, y naiveValue) int { return int(x.at - y.at) })
	if over := len(list) - keep; over > 0 {
		return list[over:], list[over-1].at + 1
	}
	return list, 0
}

// A13: a window answers as a list of all values would, from the second on that it says,
// in whatever order they came and were merged.
func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom([]Kind{Values, Different}).Draw(t, "kind")
		keep := rapid.IntRange(1, 6).Draw(t, "keep")
		var all []naiveValue
		var parts [3]Window
		var since [3]int64
		for range rapid.IntRange(0, 20).Draw(t, "events") {
			x := naiveValue{rapid.Int64Range(-3, 20).Draw(t, "at"), drawValue(t)}
			i := rapid.IntRange(0, 2).Draw(t, "part")
			w, gone, went := kind.Enter(parts[i], keep, x.at, &x.v)
			if parts[i] = w; went {
				since[i] = max(since[i], gone+1)
			}
			all = append(all, x)
		}
		merged := func(order ...int) (Window, int64) {
			w, from := parts[order[0]], since[order[0]]
			for _, i := range order[1:] {
				var gone int64
				var went bool
				if w, gone, went = kind.Merge(w, parts[i], keep); went {
					from = max(from, gone+1)
				}
				from = max(from, since[i])
			}
			return w, from
		}
		w, from := merged(0, 1, 2)
		for _, order := range [][]int{{2, 1, 0}, {1, 0, 2}} {
			if v, other := merged(order...); v.Values != w.Values || !slices.Equal(v.Times, w.Times) || other != from {
				t.Fatalf("merged in the order %v: %v from %d, not %v from %d", order, v, other, w, from)
			}
		}
		kept, want := naiveWindow(kind, all, keep)
		if len(w.Times) != len(kept) || from != max(want, 0) && want > 0 {
			t.Fatalf("%d are kept, exact from %d; want %d, from %d", len(w.Times), from, len(kept), want)
		}
		for _, begin := range []int64{from, from + 1, from + 5} { // seconds from which on it is asked
			skip := len(w.Times) - len(slices.DeleteFunc(slices.Clone(w.Times), func(at int64) bool { return at < begin }))
			later := slices.DeleteFunc(slices.Clone(all), func(x naiveValue) bool { return x.at < begin })
			if kind == Different {
				different, _ := naiveWindow(kind, later, len(later))
				if n := len(w.Times) - skip; n != len(different) {
					t.Fatalf("%d are different from %d on, want %d", n, begin, len(different))
				}
				continue
			}
			values := make([]repr.Value, len(later))
			for i := range later {
				values[i] = later[i].v
			}
			for _, currency := range []string{"", "EUR"} {
				checkTotal(t, Since(w.Values, skip, currency), values, currency)
			}
		}
	})
}

// What no appender wrote is read to some end, and breaks nothing.
func FuzzTally(f *testing.F) {
	one, long, money := repr.Number(1), repr.NumberLiteral("12345678901234567890123.5"), repr.Monetary(1999, "eur")
	f.Add(Add(Add(Add("", &one), &long), &money), []byte{1, 2})
	w := Window{}
	for i, v := range []*repr.Value{&one, &long, &money} {
		w, _, _ = Values.Enter(w, 2, int64(i), v)
	}
	f.Add(w.Values, []byte{1, 2, 3})
	f.Add("\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", []byte{0})
	f.Add("\x00\x03\x05hello", []byte{9})
	f.Fuzz(func(t *testing.T, data string, at []byte) {
		times := make([]int64, len(at))
		for i := range at {
			times[i] = int64(at[i])
		}
		for _, currency := range []string{"", "EUR"} {
			Of(data, currency)
			Since(data, len(at)/2, currency)
		}
		if sums := Join(data, ""); Join(sums, "") != sums {
			t.Errorf("%x is read as %x", sums, Join(sums, ""))
		}
		Unite(data, data)
		Tell(data, &money)
		for _, kind := range []Kind{Values, Different} {
			w, _, _ := kind.Enter(Window{slices.Clone(times), data}, len(at), 5, &money)
			kind.Merge(w, Window{times, data}, len(at)+1)
		}
	})
}

// What is usual allocates only the new text, and to look at it nothing.
func TestAllocations(t *testing.T) {
	price, sums := repr.Monetary(1999, "EUR"), ""
	w := Window{Times: make([]int64, 0, 8)}
	for i := range 20 {
		sums = Add(sums, &price)
		w, _, _ = Values.Enter(w, 8, int64(i), &price)
	}
	if n := testing.AllocsPerRun(100, func() { Of(sums, "EUR"); Of(sums, ""); Since(w.Values, 3, ""); _ = Count(sums) }); n != 0 {
		t.Errorf("%v allocations to look", n)
	}
	at := int64(100)
	if n := testing.AllocsPerRun(100, func() { at++; w, _, _ = Values.Enter(w, 8, at, &price) }); n > 2 {
		t.Errorf("%v allocations for a value of a full window", n)
	}
}

func BenchmarkWindow(b *testing.B) {
	w := Window{}
	for i := range 1000 {
		v := repr.Monetary(rand.Int64N(100_000), "EUR")
		w, _, _ = Values.Enter(w, 1000, int64(i), &v)
	}
	b.Run("look", func(b *testing.B) {
		for b.Loop() {
			Since(w.Values, 0, "EUR")
		}
	})
	price, at := repr.Monetary(1999, "EUR"), int64(1000)
	b.Run("enter", func(b *testing.B) {
		for b.Loop() {
			at++
			w, _, _ = Values.Enter(w, 1000, at, &price)
		}
	})
	city := repr.String(strings.Repeat("x", 20))
	d := hashes(0, 999)
	b.Run("tell", func(b *testing.B) {
		for b.Loop() {
			Tell(d, &city)
		}
	})
}
