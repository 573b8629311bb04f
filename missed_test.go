package beckon_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// missedPrograms are a program that needs two counters of e, one that needs one
// of them, and one that needs none.
func missedPrograms() (list []beckon.Program) {
	large := beckon.Did("e").Where(beckon.Metadata("n").GreaterThan(1)).AtLeast(2)
	for _, audiences := range [][]beckon.Rule{
		{beckon.Did("e").Within(beckon.Days(1)).AtLeast(3), large},
		{large},
		{beckon.Did("e").AtLeast(2)},
	} {
		var p beckon.Program
		for i, audience := range audiences {
			p.Messages = append(p.Messages, beckon.Message{
				ID: fmt.Sprint("m", i), Status: beckon.Live, Trigger: beckon.On("go"), Audience: audience, Content: beckon.Content{Body: "x"},
			})
		}
		list = append(list, p)
	}
	return list
}

func counters(t interface{ Fatal(args ...any) }, kept beckon.Store, id string) (all []store.Counter) {
	if err := kept.Read(context.Background(), []store.Key{{Kind: store.KindUser, ID: id}}, func(r *store.Record) error {
		all = append(all, r.Counters...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// A7: a count is exact also if no rule needed it for a while: a message is taken
// out and put back, or another process has a program without it, or two contacts
// became one meanwhile.
func TestCountersMissNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		clock := &hand{}
		clock.set(noon)
		store := memstore.New()
		var engines []*beckon.Engine
		for _, p := range missedPrograms() {
			engine, err := beckon.New(store, beckon.WithClock(clock.now))
			if err != nil {
				t.Fatal(err)
			}
			if err := engine.Publish(ctx, p); err != nil {
				t.Fatal(err)
			}
			engines = append(engines, engine)
		}
		type counts struct{ all, large uint64 }
		of := map[string]*counts{"u": {}, "v": {}}
		visitors := 0
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			clock.add(time.Second)
			engine := rapid.SampledFrom(engines).Draw(t, "engine")
			who := rapid.SampledFrom([]string{"u", "v"}).Draw(t, "who")
			e := beckon.Event{Name: "e", AnonymousID: fmt.Sprint(who, visitors)}
			if who == "u" {
				e.AnonymousID, e.UserID = "", who
			}
			switch rapid.SampledFrom([]string{"e", "e", "e", "go", "merge"}).Draw(t, "what") {
			case "go":
				if _, err := engine.Track(ctx, beckon.Event{Name: "go", UserID: "u"}); err != nil {
					t.Fatal(err)
				}
			case "merge":
				if of["v"].all == 0 {
					continue
				}
				if _, err := engine.Merge(ctx, beckon.Identity{AnonymousID: fmt.Sprint("v", visitors)}, beckon.Identity{UserID: "u"}); err != nil {
					t.Fatal(err)
				}
				of["u"].all += of["v"].all
				of["u"].large += of["v"].large
				of["v"] = &counts{}
				visitors++
			default:
				n := rapid.IntRange(1, 2).Draw(t, "n")
				e.Metadata = beckon.Fields{{Key: "n", Value: beckon.Number(float64(n))}}
				if _, err := engine.Track(ctx, e); err != nil {
					t.Fatal(err)
				}
				of[who].all++
				of[who].large += uint64(n - 1)
			}
		}
		if _, err := engines[0].Track(ctx, beckon.Event{Name: "go", UserID: "u"}); err != nil {
			t.Fatal(err)
		}
		for _, k := range counters(t, store, "u") {
			want := of["u"].all
			if strings.Contains(k.Def, "\n") {
				want = of["u"].large
			}
			if k.Count != want || k.Missed != 0 || k.Since != 0 {
				t.Fatalf("%q: %+v, want %d", k.Def, k, want)
			}
		}
	})
}

// A7: what the log no longer has of what was missed cannot be counted; then the
// counter says since when it is exact, and keeps what it had.
func TestMissedBeyondTheLog(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	clock := &hand{}
	clock.set(noon)
	store := memstore.New()
	track := func(program int, name string) {
		clock.add(time.Minute)
		engine, err := beckon.New(store, beckon.WithClock(clock.now), beckon.WithRecentEvents(2))
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(ctx, missedPrograms()[program]); err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Track(ctx, beckon.Event{Name: name, UserID: "u", Metadata: beckon.Fields{{Key: "n", Value: beckon.Number(2)}}}); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		track(1, "e")
	}
	for i, c := range []struct {
		missed, count int
		exact         bool
	}{{2, 7, true}, {3, 9, false}} {
		for range c.missed {
			track(2, "e")
		}
		track(1, "e") // which it needs to be complete for
		all := counters(t, store, "u")
		if len(all) != 1 || int(all[0].Count) != c.count+1+i || (all[0].Since == 0) != c.exact {
			t.Errorf("%d missed: %+v", c.missed, all)
		}
	}
}

// C2, A7: what a contact has counted stays when it takes in one that has not,
// though its own log no longer has it.
func TestMissedByTheOther(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	clock := &hand{}
	clock.set(noon)
	store := memstore.New()
	engine := func(program int) *beckon.Engine {
		clock.add(time.Minute)
		e, err := beckon.New(store, beckon.WithClock(clock.now), beckon.WithRecentEvents(2))
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Publish(ctx, missedPrograms()[program]); err != nil {
			t.Fatal(err)
		}
		return e
	}
	track := func(e *beckon.Engine, who beckon.Identity) {
		if _, err := e.Track(ctx, beckon.Event{
			Name: "e", UserID: who.UserID, AnonymousID: who.AnonymousID,
			Metadata: beckon.Fields{{Key: "n", Value: beckon.Number(2)}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	u, v := beckon.Identity{UserID: "u"}, beckon.Identity{AnonymousID: "v"}
	for range 5 {
		track(engine(1), u)
	}
	track(engine(2), v)
	if _, err := engine(2).Merge(ctx, v, u); err != nil {
		t.Fatal(err)
	}
	track(engine(1), u)
	if all := counters(t, store, "u"); len(all) != 1 || all[0].Count != 7 || all[0].Since != 0 {
		t.Errorf("5, 1 and 1: %+v", all)
	}
}
