package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
)

// F4, C2: no two deliveries that were both made have the same id, whatever is
// merged and given back in whatever order.
func TestReleaseAfterMergeKeepsIDsApart(t *testing.T) {
	t.Parallel()
	for _, into := range []string{"a", "b"} {
		kit := beckontest.New(t, repeating("m"))
		made := map[string]bool{} // not given back
		send := func(user string) beckon.Delivery {
			t.Helper()
			d := kit.Advance(time.Second).Track(beckon.Event{Name: "go", UserID: user}).Deliveries[0]
			if made[d.ID] {
				t.Fatalf("into %s: the id of send %d is that of one which was made", into, d.Sequence)
			}
			made[d.ID] = true
			return d
		}
		release := func(user string, d beckon.Delivery) {
			t.Helper()
			if err := kit.Engine.Release(t.Context(), beckon.Delivery{ID: d.ID, Contact: beckon.Identity{UserID: user}}); err != nil {
				t.Fatal(err)
			}
			delete(made, d.ID)
		}
		a := []beckon.Delivery{send("a"), send("a"), send("a")}
		b := []beckon.Delivery{send("b"), send("b"), send("b")}
		release("a", a[1])
		release("b", b[0])
		from := map[string]string{"a": "b", "b": "a"}[into]
		kit.Merge(beckon.Identity{UserID: from}, beckon.Identity{UserID: into})
		for _, d := range []beckon.Delivery{a[0], b[2], b[1], a[2]} {
			for range 3 {
				send(into)
			}
			release(into, d)
		}
		for range 5 {
			send(into)
		}
	}
}

// C1: what a merge brought beyond the limit of attributes is not lost, and the
// contact can still be updated.
func TestUpdateOfMergedContactPastTheLimit(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{})
	for _, user := range []string{"a", "b"} {
		attributes := beckon.Attributes{}
		var companies []beckon.Membership
		for i := range 600 {
			attributes[user+strconv.Itoa(i)] = beckon.Bool(true)
			companies = append(companies, beckon.Membership{CompanyID: user + strconv.Itoa(i)})
		}
		kit.Update(beckon.Contact{UserID: user, Attributes: attributes, Companies: companies})
	}
	kit.Merge(beckon.Identity{UserID: "b"}, beckon.Identity{UserID: "a"})
	a := beckon.Identity{UserID: "a"}
	kit.Update(beckon.Contact{UserID: a.UserID, Attributes: beckon.Attributes{"a0": beckon.Bool(false)}})
	kit.Update(beckon.Contact{UserID: a.UserID, Attributes: beckon.Attributes{"b0": {}}})
	kit.UpdateErr(beckon.Contact{UserID: a.UserID, Attributes: beckon.Attributes{"c0": beckon.Bool(true)}}, beckon.ErrAttributeInvalid)
	kit.UpdateErr(beckon.Contact{UserID: a.UserID, Companies: []beckon.Membership{{CompanyID: "c0"}}}, beckon.ErrAttributeInvalid)
}

// C2, A7: a window counts the events of both, also where only one of them had
// the counter, because the program that needs it is younger than the other's
// events.
func TestMergedWindowCountsBothSides(t *testing.T) {
	t.Parallel()
	for _, into := range []string{"a", "b"} {
		kit := beckontest.New(t, beckon.Program{})
		for range 2 {
			kit.Advance(time.Hour).Track(beckon.Event{Name: "bought", UserID: "a"})
		}
		program := repeating("m")
		program.Messages[0].Audience = beckon.Did("bought").Within(beckon.Days(7)).Is(3)
		kit.Publish(program)
		kit.Advance(time.Hour).Track(beckon.Event{Name: "bought", UserID: "b"})
		from := map[string]string{"a": "b", "b": "a"}[into]
		kit.Merge(beckon.Identity{UserID: from}, beckon.Identity{UserID: into})
		kit.Track(beckon.Event{Name: "go", UserID: from}).Want("m", "sent")
		kit.Advance(7*24*time.Hour).Track(beckon.Event{Name: "go", UserID: into}).Want("m", "audience")
	}
}

// A merge is the same if the store decides everything twice on the same records, as one does
// that makes sure of what it has kept.
func TestMergeDecidedTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, into := range []string{"a", "b"} {
			engine, err := beckon.New(twice{memstore.New()})
			if err != nil {
				t.Fatal(err)
			}
			program := repeating("m")
			program.Messages[0].Audience = beckon.Did("bought").Within(beckon.Days(7)).Is(3)
			from := map[string]string{"a": "b", "b": "a"}[into]
			sent := 0
			for _, do := range []func() error{
				func() error { return second(engine.Track(t.Context(), beckon.Event{Name: "bought", UserID: "a"})) },
				func() error { return second(engine.Track(t.Context(), beckon.Event{Name: "bought", UserID: "a"})) },
				func() error { return engine.Publish(t.Context(), program) },
				func() error { return second(engine.Track(t.Context(), beckon.Event{Name: "bought", UserID: "b"})) },
				func() error {
					return second(engine.Merge(t.Context(), beckon.Identity{UserID: from}, beckon.Identity{UserID: into}))
				},
				func() error {
					res, err := engine.Track(t.Context(), beckon.Event{Name: "go", UserID: into})
					sent = len(res.Deliveries)
					return err
				},
			} {
				if err := do(); err != nil {
					t.Fatal(err)
				}
			}
			if sent != 1 {
				t.Errorf("into %s: %d were sent to who did it three times", into, sent)
			}
		}
	})
}

// C2: a contact takes in so many identities, those of the other counted with
// it. What is refused changes nothing, and a merge that was made is repeated as
// ever.
func TestMergeAliasesLimit(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	kit := beckontest.New(t, beckon.Program{}, beckon.WithAliasesLimit(3))
	merge := func(from, into string, want error) {
		t.Helper()
		_, err := kit.Engine.Merge(ctx, beckon.Identity{UserID: from}, beckon.Identity{UserID: into})
		if want == nil && err != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("%s into %s: %v, want %v", from, into, err, want)
		}
	}
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		kit.Track(beckon.Event{Name: "go", UserID: id})
	}
	merge("b", "a", nil)
	merge("d", "c", nil)
	merge("c", "a", nil) // its own one comes along: three
	merge("e", "a", beckon.ErrIdentitiesLimit)
	merge("a", "e", beckon.ErrIdentitiesLimit)
	merge("d", "a", nil) // was made
	merge("nobody", "a", nil)
	for id, want := range map[string]uint64{"a": 4, "e": 1} {
		x, known, err := kit.Engine.Export(ctx, beckon.Identity{UserID: id})
		if err != nil || !known || len(x.Events) != 1 || x.Events[0].Count != want {
			t.Errorf("%s: %+v, %v; want a count of %d", id, x.Events, err, want)
		}
	}
}

// A merge while events arrive loses none and doubles none.
func TestMergeWhileTracking(t *testing.T) {
	ctx := context.Background()
	const each, most = 60, 4
	for round := range 4 {
		store := newFaultStore()
		engine, err := beckon.New(store, beckon.WithClock(func() time.Time { return noon }))
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(ctx, mergeProgram()); err != nil {
			t.Fatal(err)
		}
		people := mergePeople()
		var wait sync.WaitGroup
		var mu sync.Mutex
		sent := map[string]string{}
		fail := func(err error) {
			if err != nil {
				t.Error(err)
			}
		}
		for i, who := range people {
			wait.Go(func() {
				for k := range each {
					res, err := engine.Track(ctx, beckon.Event{
						Name: "g", UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, EventID: fmt.Sprint(i, "-", k),
					})
					fail(err)
					if res.Duplicate {
						t.Error("a new event is a duplicate")
					}
					res, err = engine.Track(ctx, beckon.Event{
						Name: "f", UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID,
					})
					fail(err)
					mu.Lock()
					for _, d := range res.Deliveries {
						sent[d.ID] = d.Message
					}
					mu.Unlock()
				}
			})
			wait.Go(func() {
				fail(second(engine.Merge(ctx, people[(i+round)%len(people)], people[(i+1)%len(people)])))
				fail(second(engine.Merge(ctx, who, people[round])))
			})
		}
		wait.Wait()
		for _, who := range people {
			fail(second(engine.Merge(ctx, who, people[0])))
		}
		x, _, err := engine.Export(ctx, people[len(people)-1])
		fail(err)
		for _, e := range x.Events {
			if e.Count != uint64(each*len(people)) {
				t.Errorf("%s: %d, want %d", e.Name, e.Count, each*len(people))
			}
		}
		if len(x.Log) != len(sent) {
			t.Errorf("%d sends in the log, %d were delivered", len(x.Log), len(sent))
		}
		for k := range each {
			for i := range people {
				res, err := engine.Track(ctx, beckon.Event{Name: "g", UserID: "u1", EventID: fmt.Sprint(i, "-", k)})
				fail(err)
				if !res.Duplicate {
					t.Fatal("an event that was taken before the merge is taken again")
				}
			}
		}
	}
}

// A merge that a crash left between its steps: anyone who comes next finishes it,
// also who knows the contact by an address that both records have at that
// moment, and who deletes it.
func TestMergeCrashThen(t *testing.T) {
	ctx := context.Background()
	const address = "secret-address@example.com"
	who := beckon.Identity{AnonymousID: "secret-visitor"}
	for _, then := range []struct {
		name string
		do   func(*beckon.Engine) error
		gone bool
	}{
		{"track by email", func(e *beckon.Engine) error {
			_, err := e.Track(ctx, beckon.Event{Name: "e", Email: address})
			return err
		}, false},
		{"delete by the new identity", func(e *beckon.Engine) error { return e.Delete(ctx, beckon.Identity{UserID: "secret-user"}) }, true},
		{"delete by the old identity", func(e *beckon.Engine) error { return e.Delete(ctx, who) }, true},
	} {
		for n := 1; ; n++ {
			store := newFaultStore()
			engine, err := beckon.New(store, beckon.WithClock(func() time.Time { return noon }))
			if err != nil {
				t.Fatal(err)
			}
			if err := engine.Publish(ctx, beckon.Program{}); err != nil {
				t.Fatal(err)
			}
			if _, err := engine.Update(ctx, beckon.Contact{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, Attributes: beckon.Attributes{"email": beckon.String(address)}}); err != nil {
				t.Fatal(err)
			}
			store.arm(n, failPastHere)
			_, _ = engine.Merge(ctx, who, beckon.Identity{UserID: "secret-user"})
			if store.heal() < n {
				break
			}
			if err := then.do(engine); err != nil {
				t.Errorf("%s after a crash at call %d: %v", then.name, n, err)
			}
			for _, err := range engine.Due(ctx) {
				if err != nil {
					t.Fatal(err)
				}
			}
			if then.gone && merged(ctx, t, engine) {
				t.Errorf("%s after a crash at call %d: the contact came back", then.name, n)
			}
		}
	}
}

// merged reports whether the new contact has taken another in.
func merged(ctx context.Context, t *testing.T, engine *beckon.Engine) bool {
	t.Helper()
	x, known, err := engine.Export(ctx, beckon.Identity{UserID: "secret-user"})
	if err != nil {
		t.Fatal(err)
	}
	return known && len(x.Aliases) > 0
}
