package rule

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// Between two turns time alone changes nothing, and the next turn is the first of them:
// over both changes of the clock, to the second.
func TestTurns(tt *testing.T) {
	zones := []*time.Location{time.UTC, zoneTest(tt, "Europe/Dublin"), zoneTest(tt, "America/New_York")}
	changes := []time.Time{ // in Dublin and New York
		instantTest(tt, "2026-03-08T07:00:00Z"), instantTest(tt, "2026-03-29T01:00:00Z"),
		instantTest(tt, "2026-10-25T01:00:00Z"), instantTest(tt, "2026-11-01T06:00:00Z"),
	}
	rapid.Check(tt, func(t *rapid.T) {
		zone := zones[rapid.IntRange(0, len(zones)-1).Draw(t, "zone")]
		from := rapid.SampledFrom(changes).Draw(t, "change").Add(time.Duration(rapid.IntRange(-100, 100).Draw(t, "hours")) * time.Hour).UnixMilli()
		op := rapid.SampledFrom([]string{"more_than_ago", "less_than_ago", "exactly_ago", "more_than_ahead", "less_than_ahead", "exactly_ahead"}).Draw(t, "op")
		spans := []string{"1d", "2d", "1w", "24h", "90m", "1d30m"}
		if strings.HasPrefix(op, "exactly") {
			spans = []string{"0d", "1d", "2d", "1w"}
		}
		condition := fmt.Sprintf(`{"event":"x","stat":"last","op":%q,"value":%q}`, op, rapid.SampledFrom(spans).Draw(t, "ago"))
		if rapid.Bool().Draw(t, "window") {
			least := rapid.SampledFrom([]string{"2", `{"user":"least"}`}).Draw(t, "least")
			stat := rapid.SampledFrom([]string{`"count"`, `"sum","of":"n"`, `"max","of":"n"`, `"average","of":"n"`, `"distinct","of":"n"`}).Draw(t, "stat")
			condition = `{"any":[` + condition + `,{"event":"x","stat":` + stat + `,"op":"at_least","value":` + least + `,"within":"1d"}]}`
		}
		r := compileTest(tt, condition, OfTrigger, &Compiler{Loc: zone})
		last := from/1000 - rapid.Int64Range(-3*3600, 8*24*3600).Draw(t, "last")
		if strings.HasSuffix(op, "_ahead") {
			last = from/1000 + rapid.Int64Range(-3*3600, 16*24*3600).Draw(t, "ahead")
		}
		rec := lastDid(last)
		rec.Profile = &store.Profile{Attributes: []store.Attribute{store.NewAttribute("least", value.Number(2))}}
		for i := range r.Conditions {
			if d := r.Conditions[i].counter; d != nil {
				k := store.Counter{Def: d.Def}
				for i, at := range []int64{last - 7200, last} {
					d.Add(&k, at, value.Fields{{Key: "n", Value: value.Number(2 - i)}})
				}
				rec.Counters = []store.Counter{k}
			}
		}
		holds := func(at int64) bool {
			s := &Scope{Rec: rec, Now: at, Loc: zone}
			return r.Eval(s)
		}
		scope := &Scope{Rec: rec, Now: from, Loc: zone}
		turns := r.TurnsAfter(scope, from)
		if next := r.NextTurn(scope, from); len(turns) > 0 && next != turns[0] || len(turns) == 0 && next != 0 {
			t.Fatalf("the next turn is %d, all are %d", next, turns)
		}
		if !slices.IsSorted(turns) {
			t.Fatalf("not in order: %d", turns)
		}
		for i, begin := range append([]int64{from}, turns...) {
			end := begin + 400*24*3600*1000
			if i < len(turns) {
				end = turns[i]
			}
			want := holds(begin)
			for _, at := range []int64{end - 1, begin + rapid.Int64Range(0, end-begin-1).Draw(t, "between")} {
				if holds(at) != want {
					t.Fatalf("%s in %s: %v at %s, %v at %s, and no turn between", condition, zone,
						want, time.UnixMilli(begin).UTC(), !want, time.UnixMilli(at).UTC())
				}
			}
		}
	})
}

// When the clock shows 01:59:59, a day ago is the first time that it showed so, an hour
// before the second. At 02:00 it is the end of the second: what was in that hour is more
// than a day ago at once.
func TestTurnAfterARepeatedHour(t *testing.T) {
	newYork := zoneTest(t, "America/New_York")
	r := compileTest(t, `{"event":"x","stat":"last","op":"more_than_ago","value":"1d"}`, OfTrigger, &Compiler{Loc: newYork})
	from, want := instantTest(t, "2026-11-02T01:59:59-05:00").UnixMilli(), instantTest(t, "2026-11-02T02:00:00-05:00").UnixMilli()
	s := &Scope{Rec: lastDid(instantTest(t, "2026-11-01T01:59:58-05:00").Unix()), Now: from, Loc: newYork}
	if at := r.NextTurn(s, from); at != want {
		t.Errorf("it turns at %s, want %s", time.UnixMilli(at).In(newYork), time.UnixMilli(want).In(newYork))
	}
}
