package rule

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/zonetest"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A6: a filter has a condition on a date as two bounds; they are those at which
// the condition itself turns, to the second.
func TestFilterSpans(t *testing.T) {
	dublin, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		t.Fatal(err)
	}
	for _, loc := range []*time.Location{time.UTC, dublin} {
		for _, now := range []time.Time{testTime, time.Date(2026, 3, 29, 3, 30, 0, 500, dublin), time.Date(2026, 10, 25, 0, 0, 0, 0, dublin)} {
			for _, doc := range []string{
				`"more_than_ago","value":"1d"`, `"less_than_ago","value":"1d"`, `"less_than_ago","value":"36h"`, `"more_than_ago","value":"90m"`,
				`"exactly_ago","value":"1d"`, `"more_than_ahead","value":"1d"`, `"less_than_ahead","value":"1d"`, `"less_than_ahead","value":"36h"`,
				`"more_than_ahead","value":"90m"`, `"more_than_ahead","value":"0d"`, `"exactly_ahead","value":"1d"`, `"on","value":"2026-03-29"`, `"after","value":"2026-03-28"`, `"before","value":"2026-03-29"`,
				`"after","value":"2026-03-29T01:30:00Z"`, `"before","value":"2026-03-29T01:30:00+01:00"`,
			} {
				r := compileTest(t, `{"user":"a","op":`+doc+`}`, OfContact, &Compiler{Loc: loc})
				c, s := &r.Conditions[0], &Scope{Rec: &store.Record{}, Now: now.UnixMilli(), Loc: loc}
				s.Begin()
				from, to := c.span(s)
				for _, edge := range []int64{from, to, now.Unix()} {
					if edge == math.MinInt64 || edge == math.MaxInt64 {
						continue // no bound
					}
					for at := edge - 2; at <= edge+2; at++ {
						if got, want := from <= at && at <= to, c.judgeTime(at, s); got != want {
							t.Errorf("%s in %s at %s: %d is within %d to %d: %v, judged %v", doc, loc, now, at, from, to, got, want)
						}
					}
				}
			}
		}
	}
}

// A5: a date may be written in the time of any place.
func TestFilterOfDatedText(t *testing.T) {
	for _, at := range []int64{calendar.MinDate, calendar.MinDate + 1, calendar.MinDate + 2*calendar.DaySeconds, -86401, -1, 0, 1, 86399, 86400, testTime.Unix(), calendar.MaxDate - 1, calendar.MaxDate} {
		f := datedFilter("a", at, at)
		for _, minutes := range []int{0, -23*60 - 59, 23*60 + 59} {
			text := time.Unix(at, 0).In(time.FixedZone("", minutes*60)).Format(time.RFC3339)
			for _, v := range []value.Value{value.String(text), value.String(strings.ToLower(text))} {
				if sec, ok := peek.Of(&v).ConditionDate(time.UTC); ok && sec == at && !f.Holds(withAttribute(v).Rec) {
					t.Errorf("%s is left out", v)
				}
			}
		}
		for _, v := range []value.Value{value.Number(at), peek.Value(repr.NewDate(at))} {
			if !f.Holds(withAttribute(v).Rec) {
				t.Errorf("%v is left out", v)
			}
		}
		for _, v := range []value.Value{value.String("pro"), value.Number(at + 1), value.Number(at - 1), peek.Value(repr.NewDate(at + 1)), value.String("2020-06-01T00:00:00Z"), {}} {
			if f.Holds(withAttribute(v).Rec) && at > calendar.MinDate+2*calendar.DaySeconds && at < calendar.MaxDate-1 {
				t.Errorf("%d: %q is not left out", at, v.Text())
			}
		}
	}
}

// A5: a plain day is left out of no filter that holds for its first instant.
func TestFilterOfPlainDays(t *testing.T) {
	for _, name := range append([]string{"UTC", "Pacific/Kiritimati", "Pacific/Apia"}, zonetest.OddZones...) {
		loc := zonetest.Zone(t, name)
		for _, day := range []string{"0001-01-01", "0001-01-02", "0001-01-03", "1911-01-01", "1969-12-31", "1970-01-01", "2011-12-30", "2026-03-29", "9999-12-31"} {
			v := value.String(day)
			if sec, ok := peek.Of(&v).ConditionDate(loc); ok && !datedFilter("a", sec, sec).Holds(withAttribute(v).Rec) {
				t.Errorf("%s in %s is left out", day, name)
			}
		}
	}
}

// A7: a windowed count begins right after the window's edge.
func TestFilterOfWindow(t *testing.T) {
	r := compileTest(t, `{"event":"paid","stat":"count","op":"at_least","value":2,"within":"1h"}`, OfContact, nil)
	now := testTime.UnixMilli() + 1
	f := FilterOf(r, now, time.UTC)
	for _, c := range []struct {
		count uint64
		last  int64
		want  bool
	}{{2, testTime.Unix(), true}, {1, testTime.Unix(), false}, {2, testTime.Unix() - 3600, false}, {2, testTime.Unix() - 3599, true}, {2, testTime.Unix() + 9, true}} {
		rec := &store.Record{Stats: []store.Stats{{Name: r.Conditions[0].handle, Count: c.count, Last: c.last}}}
		if got := f.Holds(rec); got != c.want {
			t.Errorf("%d times, the last %d before now: %v", c.count, testTime.Unix()-c.last, got)
		}
	}
}

// Whoever meets a record that is moving finishes the merge, so no filter leaves
// it out; an identity that leads elsewhere has nothing to be decided.
func TestFilterOfMovingRecords(t *testing.T) {
	moving := &store.Record{Profile: &store.Profile{Moving: store.Key{Kind: store.KindUser, ID: "u"}}}
	leads := &store.Record{Profile: &store.Profile{Forward: store.Key{Kind: store.KindUser, ID: "u"}}}
	none, all := filterNone(), &store.Filter{Kind: store.FilterAll}
	if !none.Holds(moving) || none.Holds(&store.Record{}) || !all.Holds(moving) || !all.Holds(&store.Record{}) {
		t.Error("a record that is moving was left out, or another was not")
	}
	if all.Holds(leads) || none.Holds(leads) {
		t.Error("an identity that leads elsewhere was not left out")
	}
	var no *store.Filter
	if !no.Holds(leads) || !no.Holds(moving) {
		t.Error("no filter left something out")
	}
}

// A filter is a bounded thing, however large the rule, and every kind of it
// has a name.
func TestFilterBound(t *testing.T) {
	leaf := func() *store.Filter { return &store.Filter{Kind: store.FilterWalking} }
	tree := filterAll(FilterAny(leaf(), leaf()), leaf(), FilterAny(leaf(), leaf(), leaf()), leaf())
	for _, c := range []struct{ budget, leaves int }{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}, {6, 6}, {7, 7}, {100, 7}} {
		f, n := BoundFilter(tree, c.budget)
		if n > c.budget || n != c.leaves || (f == nil) != (n == 0) {
			t.Errorf("of %d leaves %d are left: %v", c.budget, n, f)
		}
	}
	for k := store.FilterAll; k <= store.FilterWalking; k++ {
		if k.String() == "invalid" || k.String() == "" {
			t.Errorf("kind %d has no name", k)
		}
	}
	if (store.FilterWalking+1).String() != "invalid" || !(&store.Filter{Kind: store.FilterWalking + 1}).Holds(&store.Record{}) {
		t.Error("a kind that is not known must hold")
	}
}

// A filter leaves out no record that the rule matches, or whose opposite
// matches: at the very seconds at which a condition turns, of records that have
// nothing, and of values of other types.
func TestFilterAtTheEdges(t *testing.T) {
	const second = 1000
	now := testTime.UnixMilli()
	for _, doc := range []string{
		`{"user":"a","op":"less_than_ago","value":"1h"}`, `{"user":"a","op":"less_than_ahead","value":"1h"}`, `{"user":"a","op":"more_than_ahead","value":"1d"}`,
		`{"user":"last_seen_at","op":"less_than_ahead","value":"1h"}`, `{"user":"created_at","op":"exactly_ahead","value":"0d"}`,
		`{"user":"a","op":"on","value":"2026-03-01"}`, `{"user":"a","op":"is","value":true}`,
		`{"user":"a","op":"is","value":7}`, `{"user":"a","op":"at_most","value":7}`, `{"user":"a","op":"in","value":["x",7]}`, `{"user":"a","op":"contains_any","value":["x"]}`,
		`{"user":"last_seen_at","op":"less_than_ago","value":"1h"}`, `{"user":"last_seen_at","op":"more_than_ago","value":"1h"}`,
		`{"user":"last_seen_at","op":"on","value":"2026-03-01"}`, `{"user":"last_seen_at","op":"is_unknown"}`,
		`{"user":"created_at","op":"less_than_ago","value":"1h"}`, `{"user":"created_at","op":"is_unknown"}`,
		`{"event":"e","stat":"first","op":"less_than_ago","value":"1h"}`, `{"event":"e","stat":"last","op":"more_than_ago","value":"1h"}`,
		`{"event":"e","stat":"last","op":"exactly_ago","value":"1d"}`, `{"event":"e","stat":"first","op":"on","value":"2026-03-01"}`,
		`{"event":"e","stat":"last","op":"is_unknown"}`, `{"event":"e","stat":"count","op":"between","value":[2,3]}`,
		`{"event":"e","stat":"last","op":"is_unknown","where":{"metadata":"n","op":"is","value":1}}`,
		`{"event":"e","stat":"count","op":"at_most","value":0,"where":{"metadata":"n","op":"is","value":1}}`,
	} {
		for _, doc := range []string{doc, `{"not":` + doc + `}`} {
			r := compileTest(t, doc, OfContact, nil)
			f := FilterOf(r, now, time.UTC)
			c := &r.Conditions[0]
			s := &Scope{Now: now, Loc: time.UTC}
			s.Begin()
			records := []*store.Record{{}, {Profile: &store.Profile{}}}
			for _, v := range []value.Value{value.String("x"), value.String("y"), value.String(""), value.Bool(true), value.Bool(false), value.Number(7), value.Number(8), value.List("x"), value.List()} {
				records = append(records, withAttribute(v).Rec)
			}
			edges := []int64{1, testTime.Unix()}
			switch c.test {
			case testSpan, testMoreThanAgo, testLessThanAgo, testMoreThanAhead, testLessThanAhead, testDayAgo:
				from, to := c.span(s)
				edges = append(edges, max(from, 2), min(to, calendar.MaxDate-1))
			}
			for _, edge := range edges {
				for at := edge - 1; at <= edge+1; at++ {
					records = append(records, &store.Record{LastSeen: at * second}, &store.Record{LastSeen: at*second + second - 1},
						&store.Record{Profile: &store.Profile{Created: at * second}}, withAttribute(peek.Value(repr.NewDate(at))).Rec)
					for count := range uint64(5) {
						records = append(records, &store.Record{Stats: []store.Stats{{Name: c.handle, Count: count, First: at, Last: at}}})
						if c.counter != nil {
							records = append(records, &store.Record{
								Stats:    []store.Stats{{Name: c.handle, Count: 5, First: at, Last: at}},
								Counters: []store.Counter{{Def: c.counter.Def, Count: count, First: at, Last: at}},
							})
						}
					}
				}
			}
			matched := 0
			for _, rec := range records {
				if s.Rec = rec; r.Eval(s) {
					if matched++; !f.Holds(rec) {
						t.Errorf("%s matches %+v %+v, which the filter leaves out", doc, rec, rec.Profile)
					}
				}
			}
			if matched == 0 || matched == len(records) {
				t.Errorf("%s matches %d of %d records", doc, matched, len(records))
			}
		}
	}
}

// What is asked of walks and counters, row by row.
func TestFilterOfWalksAndCounters(t *testing.T) {
	walks := func(list ...store.SeriesState) *store.Record {
		return &store.Record{Profile: &store.Profile{SeriesStates: list}}
	}
	counted := func(k ...store.Counter) *store.Record {
		return &store.Record{Stats: []store.Stats{{Name: store.NewAttribute("e", value.Value{}).Name, Count: 3}}, Counters: k}
	}
	walking, lacks := &store.Filter{Kind: store.FilterWalking}, &store.Filter{Kind: store.FilterLacks, Name: "e", Def: "d", Keep: 2}
	for _, c := range []struct {
		name   string
		filter *store.Filter
		rec    *store.Record
		want   bool
	}{
		{"no walk", walking, walks(), false},
		{"nothing known", walking, &store.Record{}, false},
		{"a walk that waits without end", walking, walks(store.SeriesState{Block: "b"}), true},
		{"a walk that waits for a time", walking, walks(store.SeriesState{Block: "b", Due: 5}), true},
		{"a walk that is done", walking, walks(store.SeriesState{Done: true}), false},
		{"a walk that is done but due", walking, walks(store.SeriesState{Done: true, Due: 5}), true},
		{"one of two walks", walking, walks(store.SeriesState{Done: true}, store.SeriesState{}), true},
		{"no counter", lacks, counted(), true},
		{"another counter", lacks, counted(store.Counter{Def: "x", Keep: 2}), true},
		{"a counter that keeps enough", lacks, counted(store.Counter{Def: "d", Keep: 2, Count: 3, Times: []int64{1, 2}}), false},
		{"a counter that keeps too few", lacks, counted(store.Counter{Def: "d", Keep: 1, Count: 3, Times: []int64{1}}), true},
		{"a counter that keeps too few, but all", lacks, counted(store.Counter{Def: "d", Keep: 1, Count: 1, Times: []int64{1}}), false},
		{"no event", lacks, &store.Record{}, false},
	} {
		if got := c.filter.Holds(c.rec); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// What is not within a span is before it or after it, to the second.
func TestFilterOutside(t *testing.T) {
	span := func(from, to int64) *store.Filter { return &store.Filter{Kind: store.FilterSeen, From: from, To: to} }
	for _, c := range [][2]int64{{3, 5}, {4, 4}, {math.MinInt64, 4}, {4, math.MaxInt64}, {math.MinInt64, math.MaxInt64}} {
		f := FilterAny(outside(c[0], c[1], span)...)
		for n := range int64(9) {
			if got, want := f.Holds(&store.Record{LastSeen: n * 1000}), n < c[0] || n > c[1]; got != want {
				t.Errorf("%d is outside of %d to %d: %v, want %v", n, c[0], c[1], got, want)
			}
		}
	}
}

// T9: a filter for dates up to an instant holds for that instant, too, also of a standard
// attribute that is not stored.
func TestDateFilterReachesItsEnd(t *testing.T) {
	for _, name := range []string{"last_seen_at", "created_at", "signed_up_at", "ends_at"} {
		for _, to := range []int64{1_774_755_000, calendar.MaxDate} {
			f := DateFilter(name, to-100, to)
			for _, at := range []int64{to - 100, to} {
				derived := &store.Record{Exists: true, LastSeen: at * 1000, Profile: &store.Profile{Created: at * 1000}}
				stored := &store.Record{Exists: true, Profile: &store.Profile{Attributes: []store.Attribute{store.NewAttribute(name, value.Date(time.Unix(at, 0)))}}}
				if !f.Holds(stored) || (name == "last_seen_at" || name == "created_at") && !f.Holds(derived) {
					t.Errorf("%s at %d, up to %d: stored %t, derived %t", name, at, to, f.Holds(stored), f.Holds(derived))
				}
			}
		}
	}
}
