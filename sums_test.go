package beckon_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
)

// seenOf returns what Explain says of the one condition of a message.
func seenOf(t *testing.T, kit *beckontest.Kit, who string) beckon.RuleTrace {
	t.Helper()
	traces, err := kit.Engine.Explain(t.Context(), beckon.Event{Name: "go", UserID: who})
	if err != nil || len(traces) != 1 || traces[0].Audience == nil {
		t.Fatal(traces, err)
	}
	return *traces[0].Audience
}

func paid(who, amount string) beckon.Event {
	return beckon.Event{Name: "paid", UserID: who, Metadata: beckon.Fields{{Key: "total", Value: beckon.NumberLiteral(amount)}}}
}

// A13: Explain tells what the values come to: sums with all their decimals, an average
// rounded, money with its currency, and nothing where nothing counts.
func TestExplainSums(t *testing.T) {
	t.Parallel()
	euro := beckon.Monetary(100, "eur")
	for _, c := range []struct {
		rule    beckon.Rule
		none    string // of no event
		some    string // of 0.10, 0.20, 100 and 2.00 EUR
		matches bool
	}{
		{beckon.Did("paid").Sum("total").AtLeast(0), "0", "102.30", true},
		{beckon.Did("paid").Sum("Total").Is(beckon.NumberLiteral("102.3")), "0", "102.30", true},
		{beckon.Did("paid").Sum("total").AtLeast(euro), "0 EUR", "2.00 EUR", true},
		{beckon.Did("paid").Sum("total").AtLeast(beckon.Monetary(1, "usd")), "0 USD", "0 USD", false},
		{beckon.Did("paid").Min("total").LessThan(1), "unknown", "0.10", true},
		{beckon.Did("paid").Max("total").IsUnknown(), "unknown", "100", false},
		{beckon.Did("paid").Max("total").Is(beckon.Monetary(200, "eur")), "unknown", "2.00 EUR", true},
		{beckon.Did("paid").Average("total").Between(25, 26), "unknown", "25.575", true},
		{beckon.Did("paid").Average("total").Is(euro), "unknown", "2 EUR", false},
		{beckon.Did("paid").Distinct("total").AtLeast(5), "0", "4", false},
		{beckon.Did("paid").Distinct("total").Within(beckon.Days(1)).AtLeast(4), "0", "4", true},
		{beckon.Did("paid").Where(beckon.Metadata("total").LessThan(50)).Within(beckon.Days(1)).Average("total").LessThan(1), "unknown", "0.7666666666666667", true},
	} {
		program := repeating("m")
		program.Messages[0].Audience = c.rule
		kit := beckontest.New(t, program)
		see := func(want string) beckon.RuleTrace {
			t.Helper()
			x := seenOf(t, kit, "u")
			got := x.Seen
			if x.Unknown {
				got = "unknown" + got
			}
			if got != want || !x.Since.IsZero() {
				t.Errorf("%s: seen %q since %v, want %q", c.rule, got, x.Since, want)
			}
			return x
		}
		see(c.none)
		for _, amount := range []string{"0.10", "0.20", "100"} {
			kit.Track(paid("u", amount))
		}
		kit.Track(beckon.Event{Name: "paid", UserID: "u", Metadata: beckon.Fields{{Key: "total", Value: beckon.Monetary(200, "EUR")}}})
		kit.Track(beckon.Event{Name: "paid", UserID: "u"})
		if x := see(c.some); x.Matched != c.matches {
			t.Errorf("%s matches: %v", c.rule, x.Matched)
		}
	}
}

// A13: with a window so many values are kept; when older ones had to go, Explain says
// since when what is left is exact. A merge keeps no more, and what is over a host's limit
// is not kept either.
func TestWindowValuesLimit(t *testing.T) {
	t.Parallel()
	program := repeating("m")
	program.Messages[0].Audience = beckon.Did("paid").Within(beckon.Days(30)).Sum("total").AtLeast(1000)
	kit := beckontest.New(t, program, beckon.WithWindowValues(3))
	begin := kit.Now()
	for i := 1; i <= 3; i++ {
		kit.Advance(time.Hour).Track(paid("u", fmt.Sprint(i)))
	}
	if x := seenOf(t, kit, "u"); x.Seen != "6" || !x.Since.IsZero() {
		t.Errorf("%q since %v, want 6 since ever", x.Seen, x.Since)
	}
	kit.Advance(time.Hour).Track(paid("u", "4"))
	gone := func(hours int) time.Time { return begin.Add(time.Duration(hours)*time.Hour + time.Second).UTC() }
	if x := seenOf(t, kit, "u"); x.Seen != "9" || !x.Since.Equal(gone(1)) {
		t.Errorf("%q since %v, want 9 since %v", x.Seen, x.Since, gone(1))
	}
	late := paid("u", "500")
	late.CreatedAt, late.EventID = begin.Add(90*time.Minute), "late"
	kit.Track(late)
	if x := seenOf(t, kit, "u"); x.Seen != "9" || !x.Since.Equal(begin.Add(90*time.Minute+time.Second)) {
		t.Errorf("one older than all that are kept: %q since %v", x.Seen, x.Since)
	}
	kit.Advance(time.Hour).Track(paid("v", "5"))
	kit.Merge(beckon.Identity{UserID: "v"}, beckon.Identity{UserID: "u"})
	if x := seenOf(t, kit, "v"); x.Seen != "12" || !x.Since.Equal(gone(2)) {
		t.Errorf("both: %q since %v, want 12 since %v", x.Seen, x.Since, gone(2))
	}
	if beckon.DefaultWindowValues != 1000 || beckon.MaxDistinct != 1000 {
		t.Error("the limits are others than the rulebook's")
	}
}

// A13: a host that raises the limit gets from the recent events what it may keep now.
func TestWindowValuesRaised(t *testing.T) {
	t.Parallel()
	program := repeating("m")
	program.Messages[0].Audience = beckon.Did("paid").Within(beckon.Days(30)).Sum("total").AtLeast(1000)
	for _, recent := range []int{1000, 2} {
		clock, store := &hand{}, memstore.New()
		clock.set(noon)
		engine := func(values int) *beckon.Engine {
			e, err := beckon.New(store, beckon.WithClock(clock.now), beckon.WithWindowValues(values), beckon.WithRecentEvents(recent))
			if err != nil {
				t.Fatal(err)
			}
			if err := e.Publish(t.Context(), program); err != nil {
				t.Fatal(err)
			}
			return e
		}
		few := engine(3)
		for range 5 {
			clock.add(time.Hour)
			if _, err := few.Track(t.Context(), paid("u", "1")); err != nil {
				t.Fatal(err)
			}
		}
		traces, err := engine(4).Explain(t.Context(), beckon.Event{Name: "go", UserID: "u"})
		if err != nil {
			t.Fatal(err)
		}
		seen, since := "4", noon.Add(time.Hour+time.Second)
		if recent == 2 { // what was kept is more
			seen, since = "3", noon.Add(2*time.Hour+time.Second)
		}
		if x := traces[0].Audience; x.Seen != seen || !x.Since.Equal(since) {
			t.Errorf("of %d recent events: %q since %v, want %s since %v", recent, x.Seen, x.Since, seen, since)
		}
	}
}

// A13: without a window distinct tells so many values apart, and there it stops.
func TestDistinctStops(t *testing.T) {
	t.Parallel()
	program := repeating("m")
	program.Messages[0].Audience = beckon.Did("paid").Distinct("total").Is(beckon.MaxDistinct)
	kit := beckontest.New(t, program)
	for i := range beckon.MaxDistinct + 5 {
		kit.Track(paid("u", fmt.Sprint(i)))
	}
	if x := seenOf(t, kit, "u"); x.Seen != "1000" || !x.Matched {
		t.Errorf("%+v", x)
	}
}

// A13: a sum of what no type of Go holds is exact.
func TestSumOfLongNumbers(t *testing.T) {
	t.Parallel()
	program := repeating("m")
	program.Messages[0].Audience = beckon.Did("paid").Sum("total").Is(beckon.NumberLiteral("1e-30"))
	kit := beckontest.New(t, program)
	for _, amount := range []string{"1e30", "0.000000000000000000000000000001", "-1" + strings.Repeat("0", 30)} {
		kit.Track(paid("u", amount))
	}
	if x := seenOf(t, kit, "u"); !x.Matched || x.Seen != "0.000000000000000000000000000001" {
		t.Errorf("%+v", x)
	}
}
