package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// sessionsOf returns what rules see of a contact's visits.
func sessionsOf(t interface {
	Helper()
	Fatal(args ...any)
}, engine *beckon.Engine, who beckon.Identity,
) (count string, first time.Time) {
	t.Helper()
	c, err := engine.Contact(context.Background(), who)
	if err != nil {
		t.Fatal(err)
	}
	if v, known := c.Attributes["first_seen_at"]; known {
		at, ok := v.Time()
		if !ok {
			t.Fatal("first_seen_at is no date")
		}
		first = at.UTC()
	}
	return c.Attributes["session_count"].Text(), first
}

// D15: a visit more than the gap after the last one begins a session. K2: both are
// unknown before the first visit, and only visits set them.
func TestSessions(t *testing.T) {
	for _, gap := range []time.Duration{0, time.Hour} {
		kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{
			{ID: "m", Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"}},
		}}, beckon.WithSessionGap(gap), beckon.WithOutbox())
		span := gap
		if gap == 0 {
			span = beckon.SessionGap
		}
		u := beckon.Identity{UserID: "u"}
		at := noon
		want := func(count string, first time.Time) {
			t.Helper()
			if c, f := sessionsOf(t, kit.Engine, u); c != count || !f.Equal(first) {
				t.Errorf("gap %v, at %v: %s sessions since %v, want %s since %v", gap, at, c, f, count, first)
			}
		}
		visit := func(after time.Duration) {
			at = at.Add(after)
			kit.At(at)
			kit.Visit(beckon.Visit{UserID: "u"})
		}
		kit.At(at)
		kit.Update(beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String("pro")}})
		kit.Track(beckon.Event{Name: "e", UserID: "u"})
		kit.Check(u)
		kit.Sweep()
		want("", time.Time{})
		visit(time.Minute)
		first := at
		want("1", first)
		visit(span) // exactly so long after is the same session
		want("1", first)
		visit(span) // counted from the last visit, not from the first
		want("1", first)
		visit(span + time.Millisecond)
		want("2", first)
		visit(-2 * span) // a clock that steps back begins none
		want("2", first)
		visit(2*span + time.Millisecond) // the last visit is still the later one
		want("2", first)
		kit.Advance(10 * span)
		kit.Track(beckon.Event{Name: "e", UserID: "u"})
		kit.Update(beckon.Contact{UserID: "u", Name: "Uma"})
		kit.Due()
		want("2", first)
	}
}

// K: what visits set is refused in an update, unset or not; an import is history and
// takes it; a series leaves it alone.
func TestSessionsAreNotUpdated(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{})
	kit.At(noon)
	kit.Visit(beckon.Visit{UserID: "u"})
	for _, name := range []string{"last_seen_at", "first_seen_at", "session_count"} {
		for _, v := range []beckon.Value{beckon.Date(noon), beckon.Number(5), {}} {
			_, err := kit.Engine.Update(t.Context(), beckon.Contact{UserID: "u", Attributes: beckon.Attributes{name: v, "plan": beckon.String("pro")}})
			kit.WantErr(err, beckon.ErrAttributeInvalid)
			if err == nil || !strings.Contains(err.Error(), "attributes."+name) {
				t.Errorf("%s: %v", name, err)
			}
		}
		kit.PublishErr(beckon.Program{Series: []beckon.Series{{ID: "s", Entry: beckon.Entry{Audience: beckon.All()}, Blocks: []beckon.Block{
			{ID: "b", Update: &beckon.Update{Attributes: beckon.Attributes{name: beckon.Number(5)}}},
		}}}}, "series[0].blocks[0].update.attributes."+name)
	}
	if c, err := kit.Engine.Contact(t.Context(), beckon.Identity{UserID: "u"}); err != nil || c.Attributes["session_count"].Text() != "1" || !c.Attributes["plan"].IsUnknown() {
		t.Errorf("got %+v, %v", c, err)
	}
	imported := func(lines string) (errs string) {
		for f, err := range kit.Engine.Import(t.Context(), beckon.ImportLines(strings.NewReader(lines))) {
			errs += fmt.Sprint(f.Err, err)
		}
		return errs
	}
	if errs := imported(`{"user_id":"old","first_seen_at":"2025-01-01T00:00:00Z","session_count":7,"last_seen_at":"2026-03-02T11:45:00Z"}`); errs != "" {
		t.Error(errs)
	}
	for _, bad := range []string{`"session_count":1.5`, `"session_count":0`, `"session_count":-1`, `"attributes":{"session_count":"3"}`, `"first_seen_at":"soon"`} {
		if errs := imported(`{"user_id":"bad",` + bad + `}`); errs == "" {
			t.Errorf("%s was taken", bad)
		}
	}
	old, first := beckon.Identity{UserID: "old"}, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{0, "7"}, {31 * time.Minute, "8"}} {
		kit.Advance(step.after)
		kit.Visit(beckon.Visit{UserID: "old"})
		if count, at := sessionsOf(t, kit.Engine, old); count != step.want || !at.Equal(first) {
			t.Errorf("%s sessions since %v, want %s", count, at, step.want)
		}
	}
}

// A contact that was seen before sessions were counted had one by then.
func TestSessionsOfOlderRecords(t *testing.T) {
	shared, now := memstore.New(), noon
	engine, err := beckon.New(shared, beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	seen := noon.Add(-24 * time.Hour)
	steps := []store.Step{{Key: store.Key{Kind: store.KindUser, ID: "u"}, Decider: asDecider(func(_ *store.Record, c *store.Changes) error {
		c.Touch, c.LastSeen = true, seen.UnixMilli()
		return nil
	})}}
	if err := shared.Step(t.Context(), steps); err != nil {
		t.Fatal(err)
	}
	who := beckon.Identity{UserID: "u"}
	if count, _ := sessionsOf(t, engine, who); count != "" {
		t.Errorf("%s sessions before they were counted", count)
	}
	if _, err := engine.Visit(t.Context(), beckon.Visit{UserID: "u"}); err != nil {
		t.Fatal(err)
	}
	if count, first := sessionsOf(t, engine, who); count != "2" || !first.Equal(seen) {
		t.Errorf("%s sessions since %v", count, first)
	}
}

type asDecider func(*store.Record, *store.Changes) error

func (f asDecider) Decide(rec *store.Record, c *store.Changes) error { return f(rec, c) }

// K2: on the visit that begins a session audiences see what was before it; walks, which
// are judged after the occasion, what is then.
func TestSessionsInRules(t *testing.T) {
	body := beckon.Content{Body: "{{ user.session_count | fallback: \"none\" }} since {{ user.first_seen_at | fallback: \"never\" }}"}
	kit := beckontest.New(t, beckon.Program{
		Messages: []beckon.Message{
			{ID: "first", Status: beckon.Live, Audience: beckon.User("session_count").IsUnknown(), Content: body},
			{ID: "second", Status: beckon.Live, Audience: beckon.User("session_count").Is(1), Content: body},
			{ID: "old", Status: beckon.Live, Audience: beckon.User("first_seen_at").MoreThanAgo(beckon.Days(2)), Content: body},
		},
		Series: []beckon.Series{{ID: "s", Status: beckon.Live, Entry: beckon.Entry{Audience: beckon.User("session_count").AtLeast(2)}, Blocks: []beckon.Block{
			{ID: "b", Message: &beckon.Message{ID: "walk", Content: body}},
		}}},
	})
	kit.At(noon)
	v := beckon.Visit{UserID: "u"}
	kit.Visit(v).WantSent("first").WantBody("first", "none since never").WantHeld("second", beckon.ReasonAudience)
	kit.Advance(time.Hour)
	kit.Visit(v).WantSent("second", "walk").WantBody("second", "1 since 2026-03-02T12:00:00Z").WantBody("walk", "2 since 2026-03-02T12:00:00Z").
		WantHeld("old", beckon.ReasonAudience)
	kit.Advance(48 * time.Hour)
	kit.Visit(v).WantSent("old")
	if who := kit.Match(beckon.User("session_count").Is(3)); len(who) != 1 {
		t.Errorf("matched %v", who)
	}
	kit.PublishErr(beckon.Program{Messages: []beckon.Message{{ID: "m", Audience: beckon.User("session_count").Contains("1")}}}, "messages[0].audience.op")
	kit.PublishErr(beckon.Program{Messages: []beckon.Message{{ID: "m", Audience: beckon.User("first_seen_at").Is("x")}}}, "messages[0].audience.op")
}

// K2: a merge takes the earliest and adds the sessions, whichever wins, once; an
// export has it; a deleted contact starts anew; and what visits set is not counted
// among the host's own attributes.
func TestSessionsMerge(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{})
	u, v, n := beckon.Identity{UserID: "u"}, beckon.Identity{AnonymousID: "v"}, beckon.Identity{UserID: "n"}
	kit.At(noon)
	kit.Visit(beckon.Visit{AnonymousID: "v"})
	kit.Advance(time.Hour)
	kit.Visit(beckon.Visit{UserID: "u"})
	kit.Visit(beckon.Visit{AnonymousID: "v"})
	kit.Update(beckon.Contact{UserID: "n"})
	for range 2 { // it is safe to repeat
		kit.Merge(v, u)
		if count, first := sessionsOf(t, kit.Engine, u); count != "3" || !first.Equal(noon) {
			t.Errorf("%s sessions since %v", count, first)
		}
	}
	kit.Advance(29 * time.Minute)
	kit.Visit(beckon.Visit{AnonymousID: "v"}) // it leads there, and the last visit was a moment ago
	kit.Merge(u, n)                           // nobody was seen on the other side
	x, _, err := kit.Engine.Export(t.Context(), n)
	if err != nil || x.Attributes["session_count"].Text() != "3" {
		t.Errorf("export: %+v, %v", x.Attributes, err)
	}
	kit.Delete(n)
	kit.Visit(beckon.Visit{UserID: "n"})
	if count, _ := sessionsOf(t, kit.Engine, n); count != "1" {
		t.Errorf("%s sessions after it was deleted", count)
	}
	full := beckon.Contact{UserID: "n", Attributes: beckon.Attributes{}}
	for i := range beckon.MaxAttributes {
		full.Attributes[fmt.Sprint("a", i)] = beckon.Number(i)
	}
	kit.Update(full)
	kit.UpdateErr(beckon.Contact{UserID: "n", Attributes: beckon.Attributes{"more": beckon.Number(1)}}, beckon.ErrAttributeInvalid)
}

// D15, K2: over random visits and merges, with a clock that steps back, the engine
// counts as a plain model does.
func TestSessionsAgainstModel(t *testing.T) {
	type seen struct {
		first, last time.Time
		count       int
	}
	rapid.Check(t, func(t *rapid.T) {
		now := noon
		engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
		if err != nil {
			t.Fatal(err)
		}
		who := []beckon.Identity{{UserID: "a"}, {UserID: "b"}, {ID: "l"}, {AnonymousID: "v"}, {AnonymousID: "w"}}
		people := make([]*seen, len(who))
		for i := range people {
			people[i] = &seen{}
			c := beckon.Contact{UserID: who[i].UserID, ID: who[i].ID, AnonymousID: who[i].AnonymousID}
			if _, err := engine.Update(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(rapid.SampledFrom([]time.Duration{
				0, time.Minute, 29 * time.Minute, 30 * time.Minute, 30*time.Minute + time.Millisecond, time.Hour, -time.Minute, -2 * time.Hour,
			}).Draw(t, "wait"))
			i := rapid.IntRange(0, len(who)-1).Draw(t, "who")
			p := people[i]
			if rapid.IntRange(0, 5).Draw(t, "what") > 0 {
				if _, err := engine.Visit(t.Context(), beckon.Visit{UserID: who[i].UserID, ID: who[i].ID, AnonymousID: who[i].AnonymousID}); err != nil {
					t.Fatal(err)
				}
				if p.count == 0 {
					p.first = now.Truncate(time.Second)
				}
				if p.count == 0 || now.Sub(p.last) > 30*time.Minute {
					p.count++
				}
				if now.After(p.last) {
					p.last = now
				}
			} else {
				j := rapid.IntRange(0, len(who)-1).Draw(t, "into")
				if _, err := engine.Merge(t.Context(), who[i], who[j]); err != nil {
					t.Fatal(err)
				}
				if q := people[j]; q != p {
					both := &seen{first: p.first, last: p.last, count: p.count + q.count}
					if p.count == 0 || q.count > 0 && q.first.Before(p.first) {
						both.first = q.first
					}
					if q.last.After(p.last) {
						both.last = q.last
					}
					for k := range people {
						if slices.Contains([]*seen{p, q}, people[k]) {
							people[k] = both
						}
					}
				}
			}
			for k := range who {
				want := ""
				if people[k].count > 0 {
					want = fmt.Sprint(people[k].count)
				}
				if count, first := sessionsOf(t, engine, who[k]); count != want || !first.Equal(people[k].first) {
					t.Fatalf("%v: %s sessions since %v, want %s since %v", who[k], count, first, want, people[k].first)
				}
			}
		}
	})
}

// K2: session_count in an update is attribute_invalid, whatever it is, as the dates that only visits set.
func TestSessionCountOfAnotherType(t *testing.T) {
	for _, v := range []string{`"5"`, `true`, `[]`, `{}`, `["a"]`} {
		_, err := beckon.ParseContact([]byte(`{"user_id": "u", "session_count": ` + v + `, "attributes": {"last_seen_at": ` + v + `}}`))
		var list beckon.ErrorList
		if !errors.As(err, &list) || len(list) != 2 || list[0].Code != beckon.ErrAttributeInvalid || list[1].Code != beckon.ErrAttributeInvalid {
			t.Errorf("%s: %v", v, err)
		}
	}
}
