package vet_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/vet"
	"github.com/beckon-go/beckon/memstore"
)

// people is how many contacts a rule is tried on.
const people = 25

// heldTrue fails if a rule that is said to hold never, or always, does not: fill makes the
// contacts. It reports whether that was said.
func heldTrue(t *rapid.T, r beckon.Rule, fill func(engine *beckon.Engine, person string)) bool {
	return heldTrueAt(t, "", noon, r, fill)
}

func heldTrueAt(t *rapid.T, zone string, now time.Time, r beckon.Rule, fill func(engine *beckon.Engine, person string)) bool {
	program := beckon.Program{Timezone: zone, Messages: []beckon.Message{{ID: "m", Audience: r, Content: beckon.Content{Body: "x"}}}}
	list, err := beckon.Vet(program, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	told := false
	for _, f := range list {
		if f.Path != "messages[0].audience" || f.Code != vet.Contradiction && f.Code != vet.AlwaysTrue {
			continue
		}
		told = true
		engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(t.Context(), program); err != nil {
			t.Fatal(err)
		}
		for i := range people {
			fill(engine, fmt.Sprint(i))
		}
		n, err := engine.Count(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if want := map[string]int{vet.Contradiction: 0, vet.AlwaysTrue: people}[f.Code]; int(n) != want {
			t.Errorf("at %s %s is %s, and %d of %d match", now, r, f.Code, n, people)
		}
	}
	return told
}

var noon = time.Date(2026, 6, 17, 12, 0, 0, 0, time.UTC)

// What rules are found to hold never or always, a random contact does not contradict.
func TestFindingsAreTrue(t *testing.T) {
	values := []beckon.Value{
		{}, beckon.String("x"), beckon.String("y"), beckon.String("xy"), beckon.String(""), beckon.Number(1), beckon.Number(2), beckon.NumberLiteral("1.5"), beckon.Number(3), beckon.Bool(true), beckon.List("x"), beckon.List("x", "y"), beckon.List(),
	}
	rapid.Check(t, func(t *rapid.T) {
		heldTrue(t, drawRule(t, 0, drawCondition), func(engine *beckon.Engine, person string) {
			attributes := beckon.Attributes{}
			for _, name := range []string{"a", "b"} {
				attributes[name] = rapid.SampledFrom(values).Draw(t, name)
			}
			update(t, engine, person, attributes)
		})
	})
}

// Nor does one with any text, of any type that has one.
func TestFindingsOfTextsAreTrue(t *testing.T) {
	words := rapid.StringOfN(rapid.RuneFrom([]rune("abA *-\u212ak\u0130i")), 0, 5, -1)
	operands := rapid.OneOf(rapid.SampledFrom([]string{"a", "b", "ab", "A", "aba", "a b", "*", "a*", "*b", "a*b", "*a*", "a*a", "k", "i", "\u212a", "\u0130"}), words)
	tell := said(t)
	rapid.Check(t, func(t *rapid.T) {
		r := drawRule(t, 1, func(t *rapid.T) beckon.Rule {
			a, text := beckon.User("a"), operands.Draw(t, "operand")
			return rapid.SampledFrom([]beckon.Rule{
				a.Is(text), a.IsNot(text), a.In(text, "ab"), a.Contains(text), a.DoesNotContain(text), a.StartsWith(text), a.EndsWith(text), a.ContainsWord("a" + text), a.Matches(text),
				a.HasAnyValue(), a.IsUnknown(),
			}).Draw(t, "condition")
		})
		tell(heldTrue(t, r, func(engine *beckon.Engine, person string) {
			text := words.Draw(t, "text")
			v := rapid.SampledFrom([]beckon.Value{
				beckon.String(text), beckon.String(text), beckon.String(text), beckon.RichLink("https://a.example/", text), {}, beckon.Number(1), beckon.List(text), beckon.Link("https://a.example/ab"),
			}).Draw(t, "value")
			update(t, engine, person, beckon.Attributes{"a": v})
		}))
	})
}

// Nor do two fields that are compared.
func TestFindingsOfFieldsAreTrue(t *testing.T) {
	values := []beckon.Value{
		{},
		beckon.String("x"), beckon.String("X"), beckon.String("xy"), beckon.String("x y"), beckon.String(""), beckon.String("*"), beckon.Number(1), beckon.NumberLiteral("1.0"), beckon.Number(2), beckon.Number(noon.Unix()),
		beckon.Bool(true), beckon.Bool(false), beckon.List("x"), beckon.List("x", "xy"), beckon.List(), beckon.String("2026-06-17"), beckon.String("2026-06-17T12:00:00Z"), beckon.String("2026-06-18"),
		beckon.Date(noon), beckon.Date(noon.AddDate(0, 0, 1)), beckon.Monetary(100, "eur"), beckon.Monetary(200, "EUR"), beckon.Monetary(200, "usd"), beckon.Link("https://a.example/x"), beckon.RichLink("https://a.example/x", "x"),
	}
	tell := said(t)
	rapid.Check(t, func(t *rapid.T) {
		r := drawRule(t, 1, func(t *rapid.T) beckon.Rule {
			a := beckon.User("a")
			f := beckon.User(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "field"))
			return rapid.SampledFrom([]beckon.Rule{
				a.Is(f), a.IsNot(f), a.In(f), a.NotIn(f), a.Contains(f), a.DoesNotContain(f), a.ContainsWord(f), a.StartsWith(f), a.EndsWith(f), a.Matches(f),
				a.GreaterThan(f), a.LessThan(f), a.AtLeast(f), a.AtMost(f), a.After(f), a.On(f), a.Before(f), a.ContainsAny(f), a.ContainsAll(f), a.ContainsNone(f),
			}).Draw(t, "condition")
		})
		tell(heldTrue(t, r, func(engine *beckon.Engine, person string) {
			v := rapid.SampledFrom(values).Draw(t, "a")
			w := v
			if rapid.Bool().Draw(t, "other") {
				w = rapid.SampledFrom(values).Draw(t, "b")
			}
			update(t, engine, person, beckon.Attributes{"a": v, "b": w})
		}))
	})
}

// Nor do dates, in the workspace's zone.
func TestFindingsOfDatesAreTrue(t *testing.T) {
	tell := said(t)
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Apia"}).Draw(t, "zone")
		instant := rapid.Custom(func(t *rapid.T) time.Time {
			return noon.Add(time.Duration(rapid.IntRange(-6, 6).Draw(t, "half days"))*12*time.Hour + time.Duration(rapid.IntRange(-1, 1).Draw(t, "seconds"))*time.Second)
		})
		a := beckon.User("a")
		spans := rapid.Bool().Draw(t, "spans")
		r := drawRule(t, 1, func(t *rapid.T) beckon.Rule {
			if spans {
				n := beckon.Days(rapid.IntRange(1, 3).Draw(t, "days"))
				return rapid.SampledFrom([]beckon.Rule{a.MoreThanAgo(n), a.LessThanAgo(n), a.ExactlyAgo(n), a.MoreThanAhead(n), a.LessThanAhead(n), a.ExactlyAhead(n)}).Draw(t, "condition")
			}
			at := instant.Draw(t, "operand")
			day := at.Format(time.DateOnly)
			return rapid.SampledFrom([]beckon.Rule{a.After(at), a.Before(at), a.After(day), a.On(day), a.Before(day), a.On(beckon.User("b")), a.After(beckon.User("b")), a.Is(beckon.User("b"))}).Draw(t, "condition")
		})
		tell(heldTrueAt(t, zone, noon, r, func(engine *beckon.Engine, person string) {
			draw := func(name string) beckon.Value {
				at := instant.Draw(t, name)
				return rapid.SampledFrom([]beckon.Value{beckon.Date(at), beckon.String(at.Format(time.RFC3339)), beckon.Number(at.Unix()), beckon.String(at.Format(time.DateOnly)), {}}).Draw(t, "value")
			}
			update(t, engine, person, beckon.Attributes{"a": draw("a"), "b": draw("b")})
		}))
	})
}

// Nor do spans to now of days beside such of hours, on any day, at any time of it, and in a week
// in which the clocks change.
func TestFindingsOfSpansAreTrue(t *testing.T) {
	tell := said(t)
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"UTC", "Europe/Dublin", "America/Los_Angeles", "Australia/Lord_Howe", "Asia/Beirut"}).Draw(t, "zone")
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		day := rapid.SampledFrom([]time.Time{
			noon, time.Date(2026, 10, 25, 0, 0, 0, 0, loc), time.Date(2026, 11, 1, 0, 0, 0, 0, loc), time.Date(2026, 10, 4, 0, 0, 0, 0, loc),
			time.Date(2027, 3, 14, 0, 0, 0, 0, loc), time.Date(2027, 3, 28, 0, 0, 0, 0, loc), time.Date(2027, 4, 4, 0, 0, 0, 0, loc), time.Date(2030, 10, 27, 0, 0, 0, 0, loc),
		}).Draw(t, "week").In(loc)
		near := rapid.Custom(func(t *rapid.T) time.Duration { // whole hours, and just beside them
			return time.Duration(rapid.IntRange(-1, 1).Draw(t, "seconds"))*time.Second + time.Duration(rapid.IntRange(0, 1).Draw(t, "half"))*30*time.Minute
		})
		y, m, d := day.Date()
		now := time.Date(y, m, d+rapid.IntRange(-2, 2).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"), 0, 0, 0, loc).Add(near.Draw(t, "near"))
		ofEvents := rapid.IntRange(0, 2).Draw(t, "of events") == 0
		a := beckon.User("a")
		if ofEvents {
			a = rapid.SampledFrom([]beckon.Subject{beckon.Did("e").Last(), beckon.Did("e").First()}).Draw(t, "time")
		}
		r := drawRule(t, 1, func(t *rapid.T) beckon.Rule {
			exactly, n := beckon.Days(rapid.IntRange(0, 2).Draw(t, "day")), beckon.Days(rapid.IntRange(1, 2).Draw(t, "days"))
			h := beckon.Hours(rapid.SampledFrom([]int{1, 11, 13, 22, 23, 24, 25, 26, 47, 48, 49}).Draw(t, "hours"))
			if rapid.IntRange(0, 2).Draw(t, "in days") == 0 {
				h = n
			}
			list := []beckon.Rule{a.MoreThanAgo(h), a.LessThanAgo(h), a.ExactlyAgo(exactly), a.MoreThanAgo(h), a.LessThanAgo(h)}
			if !ofEvents {
				list = append(list, a.MoreThanAhead(h), a.LessThanAhead(h), a.ExactlyAhead(exactly))
			}
			return rapid.SampledFrom(list).Draw(t, "condition")
		})
		tell(heldTrueAt(t, zone, now, r, func(engine *beckon.Engine, person string) {
			at := now.Add(time.Duration(rapid.IntRange(-51, 51).Draw(t, "hours"))*time.Hour + near.Draw(t, "beside"))
			if !ofEvents {
				update(t, engine, person, beckon.Attributes{"a": rapid.SampledFrom([]beckon.Value{beckon.Date(at), beckon.Date(at), beckon.Date(at), beckon.Number(at.Unix()), {}}).Draw(t, "value")})
				return
			}
			update(t, engine, person, beckon.Attributes{"x": beckon.Number(1)})
			for range rapid.IntRange(0, 2).Draw(t, "events") {
				at := now.Add(-time.Duration(rapid.IntRange(0, 51).Draw(t, "hours"))*time.Hour + near.Draw(t, "beside"))
				if _, err := engine.Track(t.Context(), beckon.Event{Name: "e", UserID: person, CreatedAt: at}); err != nil {
					t.Fatal(err)
				}
			}
		}))
	})
}

// Nor do events, with what stands under a key of them.
func TestFindingsOfValuesAreTrue(t *testing.T) {
	values := []beckon.Value{
		{}, beckon.Number(0), beckon.Number(1), beckon.Number(2), beckon.Number(-1), beckon.Number(5), beckon.NumberLiteral("1.5"), beckon.String("x"), beckon.String("y"), beckon.Monetary(100, "eur"), beckon.Monetary(250, "eur"), beckon.Monetary(-100, "usd"),
	}
	tell := said(t)
	rapid.Check(t, func(t *rapid.T) {
		r := drawRule(t, 1, drawOfEvents)
		tell(heldTrue(t, r, func(engine *beckon.Engine, person string) {
			for range rapid.IntRange(0, 4).Draw(t, "events") {
				e := beckon.Event{Name: "e", UserID: person, CreatedAt: noon.Add(-time.Duration(rapid.IntRange(0, 10).Draw(t, "days")) * 24 * time.Hour)}
				if v := rapid.SampledFrom(values).Draw(t, "n"); !v.IsUnknown() {
					e.Metadata = append(e.Metadata, beckon.Field{Key: "n", Value: v})
				}
				if rapid.Bool().Draw(t, "k") {
					e.Metadata = append(e.Metadata, beckon.Field{Key: "k", Value: beckon.Number(1)})
				}
				if _, err := engine.Track(t.Context(), e); err != nil {
					t.Fatal(err)
				}
			}
			update(t, engine, person, beckon.Attributes{"x": beckon.Number(1)})
		}))
	})
}

func drawOfEvents(t *rapid.T) beckon.Rule {
	events := beckon.Did("e")
	if rapid.IntRange(0, 3).Draw(t, "where") == 0 {
		events = events.Where(beckon.Metadata("k").Is(1))
	}
	switch rapid.IntRange(0, 3).Draw(t, "within") {
	case 0:
		events = events.Within(beckon.Days(3))
	case 1:
		events = events.Within(beckon.Days(8))
	}
	var operand any = rapid.SampledFrom([]int{-1, 0, 1, 2, 3, 5}).Draw(t, "operand")
	if rapid.IntRange(0, 2).Draw(t, "money") == 0 {
		operand = beckon.Monetary(int64(rapid.SampledFrom([]int{-100, 0, 100, 200}).Draw(t, "amount")), rapid.SampledFrom([]string{"eur", "usd"}).Draw(t, "currency"))
	}
	whole := rapid.IntRange(0, 3).Draw(t, "times")
	ofValues := func(s beckon.Subject) beckon.Rule {
		return rapid.SampledFrom([]beckon.Rule{s.Is(operand), s.IsNot(operand), s.GreaterThan(operand), s.LessThan(operand), s.AtLeast(operand), s.AtMost(operand)}).Draw(t, "op")
	}
	ofTimes := func(s beckon.Subject) beckon.Rule {
		return rapid.SampledFrom([]beckon.Rule{s.Is(whole), s.IsNot(whole), s.AtLeast(whole), s.LessThan(whole), s.GreaterThan(whole)}).Draw(t, "op")
	}
	switch rapid.IntRange(0, 6).Draw(t, "stat") {
	case 0:
		return ofValues(events.Sum("n"))
	case 1:
		return ofValues(events.Min("n"))
	case 2:
		return ofValues(events.Max("n"))
	case 3:
		return ofValues(events.Average("n"))
	case 4:
		return ofTimes(events.Distinct("n").Subject)
	case 5:
		return rapid.SampledFrom([]beckon.Rule{events.Min("n").IsUnknown(), events.Average("n").HasAnyValue()}).Draw(t, "known")
	}
	return ofTimes(events.Subject)
}

// said returns a func that notes whether something was said, and fails the test in the end
// if that was seldom.
func said(t *testing.T) func(told bool) {
	all, told := 0, 0
	t.Cleanup(func() {
		if all >= 50 && told*50 < all && !t.Failed() {
			t.Errorf("only %d of %d rules are said to hold never or always", told, all)
		}
	})
	return func(yes bool) {
		all++
		if yes {
			told++
		}
	}
}

func update(t *rapid.T, engine *beckon.Engine, person string, attributes beckon.Attributes) {
	if _, err := engine.Update(t.Context(), beckon.Contact{UserID: person, Attributes: attributes}); err != nil {
		t.Fatal(err)
	}
}

func drawRule(t *rapid.T, depth int, draw func(*rapid.T) beckon.Rule) beckon.Rule {
	if depth < 3 && (depth < 2 || rapid.IntRange(0, 2).Draw(t, "group") > 0) {
		var list []beckon.Rule
		for range rapid.IntRange(1, 3).Draw(t, "n") {
			list = append(list, drawRule(t, depth+1, draw))
		}
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0, 1:
			return beckon.All(list...)
		case 2, 3:
			return beckon.Any(list...)
		}
		return beckon.Not(list[0])
	}
	return draw(t)
}

func drawCondition(t *rapid.T) beckon.Rule {
	a := beckon.User(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "attribute"))
	text, n := rapid.SampledFrom([]string{"x", "y"}).Draw(t, "text"), rapid.IntRange(1, 2).Draw(t, "number")
	return rapid.SampledFrom([]beckon.Rule{
		a.Is(text), a.IsNot(text), a.Contains(text), a.DoesNotContain(text), a.StartsWith(text), a.IsUnknown(), a.HasAnyValue(),
		a.AtLeast(n), a.LessThan(n), a.Between(1, n), a.Is(n), a.Is(true), a.ContainsAny(text), a.ContainsNone(text),
	}).Draw(t, "condition")
}
