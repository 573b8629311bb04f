package beckon_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

func emailKey(id string) store.Key { return store.Key{Kind: store.KindEmail, ID: id} }

// E1: who was kept under an address as it was written is found by every spelling
// of it, whatever became of the record meanwhile.
func TestAddressesKeptOfOld(t *testing.T) {
	user := store.Key{Kind: store.KindUser, ID: "u"}
	for _, c := range []struct {
		name   string
		put    func(beckon.Store)
		finds  string   // the name of who is found
		not    []string // spellings that find nobody
		option beckon.Option
	}{
		{name: "a lead", put: func(s beckon.Store) {
			put(t, s, emailKey("Ada@x.test"), store.Profile{Created: 1, Attributes: append(address("Ada@x.test"), named("lead"))})
		}, finds: "lead"},
		{name: "without the attribute", put: func(s beckon.Store) {
			put(t, s, emailKey("Ada@x.test"), store.Profile{Created: 1, Attributes: []store.Attribute{named("lead")}})
		}, finds: "lead"},
		{name: "merged", put: func(s beckon.Store) {
			put(t, s, emailKey("Ada@x.test"), store.Profile{Forward: user, Generation: 1})
			put(t, s, user, store.Profile{Created: 1, Aliases: []store.Key{emailKey("Ada@x.test")}, Attributes: append(address("Ada@x.test"), named("user"))})
		}, finds: "user"},
		{name: "merged into one who has another address", put: func(s beckon.Store) {
			put(t, s, emailKey("Ada@x.test"), store.Profile{Forward: user, Generation: 1})
			put(t, s, user, store.Profile{Created: 1, Aliases: []store.Key{emailKey("Ada@x.test")}, Attributes: append(address("other@x.test"), named("user"))})
		}, finds: "user"},
		{name: "a user", put: func(s beckon.Store) {
			put(t, s, user, store.Profile{Created: 1, Attributes: append(address("Ada@X.test"), named("user"))})
		}, finds: "user"},
		{name: "exactly", put: func(s beckon.Store) {
			put(t, s, emailKey("Ada@x.test"), store.Profile{Created: 1, Attributes: append(address("Ada@x.test"), named("lead"))})
		}, finds: "lead", not: []string{"ada@x.test", "ADA@X.test"}, option: beckon.WithExactEmail()},
	} {
		t.Run(c.name, func(t *testing.T) {
			kept := memstore.New()
			c.put(kept)
			engine, err := beckon.New(kept, c.option)
			if err != nil {
				t.Fatal(err)
			}
			for _, spelling := range []string{"Ada@x.test", "ada@x.test", "ADA@X.test", "Ada@X.TEST"} {
				if x, known, err := engine.Export(t.Context(), beckon.Identity{Email: spelling}); err != nil || known != !slices.Contains(c.not, spelling) ||
					known && x.Attributes["name"].Text() != c.finds {
					t.Errorf("%s: found %v %v, %v", spelling, known, x.Attributes, err)
				}
			}
			if len(c.not) > 0 {
				return
			}
			if _, err := engine.Track(t.Context(), beckon.Event{Name: "e", Email: "aDA@x.test"}); err != nil {
				t.Fatal(err)
			}
			if n, err := engine.Count(t.Context(), beckon.Rule{}); n != 1 || err != nil {
				t.Errorf("%d contacts, %v", n, err)
			}
			if err := engine.Delete(t.Context(), beckon.Identity{Email: "ADA@x.test"}); err != nil {
				t.Fatal(err)
			}
			for _, key := range []store.Key{user, emailKey("Ada@x.test"), emailKey("ada@x.test")} {
				if err := kept.Read(t.Context(), []store.Key{key}, func(rec *store.Record) error {
					if rec.Exists {
						t.Errorf("%v is still there", key)
					}
					return nil
				}); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func named(name string) store.Attribute { return store.NewAttribute("name", beckon.String(name)) }

// E1: two leads that were kept under two spellings are one address now. Each is
// reached by its own spelling, and no event can say which is meant.
func TestAddressesKeptTwice(t *testing.T) {
	kept := memstore.New()
	for _, spelling := range []string{"Ada@x.test", "ada@x.test"} {
		put(t, kept, emailKey(spelling), store.Profile{Created: 1, Attributes: append(address(spelling), named(spelling))})
	}
	engine, err := beckon.New(kept)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.Track(t.Context(), beckon.Event{Name: "e", Email: "Ada@x.test"}); !errors.Is(err, beckon.ErrContactAmbiguous) {
		t.Errorf("got %v", err)
	}
	if err := engine.Unsubscribe(t.Context(), beckon.Identity{Email: "ada@x.test"}, "email"); err != nil {
		t.Fatal(err)
	}
	if got := refusals(t, engine, beckon.Identity{Email: "ada@X.test"}); len(got) != 1 {
		t.Errorf("got %q", got)
	}
	if err := engine.Delete(t.Context(), beckon.Identity{Email: "ada@x.test"}); err != nil {
		t.Fatal(err)
	}
	for _, spelling := range []string{"Ada@x.test", "ada@x.test"} {
		x, known, err := engine.Export(t.Context(), beckon.Identity{Email: spelling})
		if err != nil || !known || x.Identity.Email != "Ada@x.test" {
			t.Errorf("%s: %v, %v", spelling, x.Identity, err)
		}
	}
}

// E1: one who was kept under an address, and goes by another, is still found by it
// as it was written.
func TestAddressesLeftOfOld(t *testing.T) {
	kept := memstore.New()
	put(t, kept, emailKey("Ada@x.test"), store.Profile{Created: 1, Attributes: append(address("other@x.test"), named("lead"))})
	engine, err := beckon.New(kept)
	if err != nil {
		t.Fatal(err)
	}
	for _, spelling := range []string{"Ada@x.test", "Ada@X.TEST", "OTHER@x.test"} {
		if x, known, err := engine.Export(t.Context(), beckon.Identity{Email: spelling}); err != nil || !known || x.Attributes["name"].Text() != "lead" {
			t.Errorf("%s: %+v, %v", spelling, x, err)
		}
	}
}

// E1: spellings of one address that come at the same moment are one contact.
func TestSpellingsRace(t *testing.T) {
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	spellings := []string{"ada@x.test", "Ada@x.test", "ADA@X.TEST", "aDa@X.test"}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if _, err := engine.Track(t.Context(), beckon.Event{Name: "e", Email: spellings[i%len(spellings)]}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	x, _, err := engine.Export(t.Context(), beckon.Identity{Email: "ada@x.test"})
	if err != nil || len(x.Events) != 1 || x.Events[0].Count != 40 || !slices.Contains(spellings, x.Identity.Email) {
		t.Errorf("%+v, %v", x, err)
	}
}

// E1: a lead that shares its address with a user, or more, is reached by all that
// is done to a contact, and by nothing that a contact does.
func TestKnownByEmailAlone(t *testing.T) {
	who, other := beckon.Identity{Email: "Lead@x.test"}, beckon.Identity{Email: "lead@X.test"}
	kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Channel: beckon.Email, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"},
	}}}, beckon.WithOutbox())
	kit.Track(beckon.Event{Name: "e", Email: who.Email}).Want("m", "sent")
	var made []beckon.Delivery
	for d, err := range kit.Engine.Outbox(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, d)
	}
	for i := range 3 {
		kit.Update(beckon.Contact{UserID: fmt.Sprint("u", i), Email: "LEAD@x.test"})
	}
	ctx := t.Context()
	for name, err := range map[string]error{
		"Track":         second(kit.Engine.Track(ctx, beckon.Event{Name: "e", Email: other.Email})),
		"Visit":         second(kit.Engine.Visit(ctx, beckon.Visit{Email: other.Email})),
		"Check":         second(kit.Engine.Check(ctx, other)),
		"Explain":       second(kit.Engine.Explain(ctx, beckon.Event{Name: "e", Email: other.Email})),
		"Matches":       second(kit.Engine.Matches(ctx, beckon.User("a").Is(1), other)),
		"ReleaseLatest": kit.Engine.ReleaseLatest(ctx, other, "m"),
	} {
		if !errors.Is(err, beckon.ErrContactAmbiguous) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if len(made) != 1 {
		t.Fatalf("%d deliveries", len(made))
	}
	if err := kit.Engine.Acknowledge(ctx, made[0]); err != nil {
		t.Errorf("Acknowledge: %v", err)
	}
	kit.Unsubscribe(other, "email")
	kit.Unsubscribe(other, "push")
	kit.Resubscribe(who, "push")
	kit.Update(beckon.Contact{Email: other.Email, Name: "Lead"})
	x, known, err := kit.Engine.Export(ctx, other)
	if err != nil || !known || x.Identity != who || x.Attributes["name"].Text() != "Lead" || !slices.Equal(x.Unsubscribed, []string{"email"}) {
		t.Errorf("exported %+v, %v, %v", x, known, err)
	}
	if events, err := kit.Engine.RecentEvents(ctx, other, nil, 0); err != nil || len(events) != 1 {
		t.Errorf("read %v, %v", events, err)
	}
	kit.Merge(beckon.Identity{AnonymousID: "v"}, other) // does nothing: v is not known
	kit.Visit(beckon.Visit{AnonymousID: "v"})
	kit.Merge(beckon.Identity{AnonymousID: "v"}, other)
	kit.Advance(time.Hour)
	kit.Track(beckon.Event{Name: "e", AnonymousID: "v"}).Want("m", "unsubscribed")
	kit.Merge(other, beckon.Identity{UserID: "new"})
	x, _, err = kit.Engine.Export(ctx, beckon.Identity{UserID: "new"})
	if err != nil || x.Identity.Email != who.Email || len(x.Aliases) != 2 {
		t.Errorf("merged into %+v, %v", x, err)
	}
	kit.WantErr(kit.Engine.Delete(ctx, other), beckon.ErrContactAmbiguous) // none is known by it alone any more
}

// E1: a merge into an address that is not known keeps it as it was given.
func TestMergeIntoASpelling(t *testing.T) {
	for _, from := range []beckon.Identity{{AnonymousID: "v"}, {UserID: "u"}} {
		kit := beckontest.New(t, beckon.Program{})
		kit.Update(beckon.Contact{UserID: from.UserID, AnonymousID: from.AnonymousID})
		kit.Merge(from, beckon.Identity{Email: "Ada@X.test"})
		x, _, err := kit.Engine.Export(t.Context(), beckon.Identity{Email: "ada@x.test"})
		if err != nil || x.Identity.Email != "Ada@X.test" || x.Identity.UserID != from.UserID || x.Identity.AnonymousID != from.AnonymousID {
			t.Errorf("%+v, %v", x.Identity, err)
		}
		kit.Merge(beckon.Identity{AnonymousID: "nobody"}, beckon.Identity{Email: "None@x.test"}) // does nothing
		if all := kit.Match(beckon.Rule{}); len(all) != 1 {
			t.Errorf("contacts: %v", all)
		}
	}
}

// E1: one who is known by an address, and got another, is reached by that, too.
func TestKnownByEmailMoved(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{})
	kit.Update(beckon.Contact{Email: "old@x.test", Attributes: beckon.Attributes{"email": beckon.String("new@x.test"), "n": beckon.Number(1)}})
	kit.Update(beckon.Contact{UserID: "u", Email: "new@x.test"})
	for _, spelling := range []string{"New@x.test", "Old@x.test"} {
		x, known, err := kit.Engine.Export(t.Context(), beckon.Identity{Email: spelling})
		if err != nil || !known || x.Attributes["n"].Text() != "1" {
			t.Errorf("%s: %+v, %v", spelling, x, err)
		}
	}
}
