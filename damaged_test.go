package beckon_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

// broken is an engine over a store in which records can be damaged, with ten users
// who match, u0 to u9, and a clock.
func broken(t *testing.T, program beckon.Program, opts ...beckon.Option) (*beckon.Engine, *storetest.FaultStore, *time.Time) {
	t.Helper()
	store := storetest.NewFaultStore(memstore.New())
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	e, err := beckon.New(store, append(opts, beckon.WithClock(func() time.Time { return now }))...)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Publish(t.Context(), program); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if _, err := e.Update(t.Context(), beckon.Contact{
			UserID: fmt.Sprint("u", i), Attributes: beckon.Attributes{"plan": beckon.String("pro"), "email": beckon.String(fmt.Sprintf("u%d@x.test", i))},
		}); err != nil {
			t.Fatal(err)
		}
	}
	return e, store, &now
}

func userKey(id string) store.Key { return store.Key{Kind: store.KindUser, ID: id} }

func newsletter() beckon.Message {
	return beckon.Message{ID: "news", Channel: beckon.Email, Mode: beckon.Ongoing, Status: beckon.Live, Content: beckon.Content{Subject: "s", Body: "b"}, Audience: beckon.User("plan").Is("pro")}
}

// toldOf reports whether an error is the one that ends a run after it has passed by
// some keys.
func toldOf(err error, keys ...store.Key) bool {
	var d *beckon.DamagedError
	return errors.As(err, &d) && errors.Is(err, store.ErrDataCorrupt) && slices.Equal(d.Keys, keys) && d.Count == len(keys)
}

// A contact that cannot be read ends no sweep, no count, no list: all others get
// what is theirs, and then it is said who was passed by.
func TestDamagedContactIsPassedBy(t *testing.T) {
	once := newsletter()
	once.ID, once.Mode = "launch", beckon.OneOff
	e, kept, _ := broken(t, beckon.Program{Messages: []beckon.Message{newsletter(), once}})
	kept.Damage(userKey("u3"))
	ctx := t.Context()
	var told []store.Key
	tell := beckon.OnDamaged(func(key store.Key, err error) {
		if told = append(told, key); !errors.Is(err, store.ErrDataCorrupt) {
			t.Errorf("told %v", err)
		}
	})
	run := func(name string, want int, seq func(func(beckon.Delivery, error) bool), quiet bool) {
		t.Helper()
		n := 0
		var last error
		for _, err := range seq {
			if last != nil {
				t.Errorf("%s: something came after %v", name, last)
			}
			if last = err; err == nil {
				n++
			}
		}
		if n != want || quiet != (last == nil) || !quiet && !toldOf(last, userKey("u3")) {
			t.Errorf("%s: %d, want %d; then %v", name, n, want, last)
		}
		if quiet && !slices.Equal(told, []store.Key{userKey("u3")}) {
			t.Errorf("%s: told of %v", name, told)
		}
		told = nil
	}
	run("sweep", 9, e.Sweep(ctx), false)
	run("sweep, told", 0, e.Sweep(ctx, tell), true)
	run("sample", 5, e.Send(ctx, "launch", beckon.Sample(5)), false)
	run("send", 4, e.Send(ctx, "launch", tell), true)
	if n, err := e.Count(ctx, beckon.User("plan").Is("pro")); n != 9 || !toldOf(err, userKey("u3")) {
		t.Errorf("counted %d, %v", n, err)
	}
	n := 0
	var last error
	for _, err := range e.Match(ctx, beckon.User("plan").Is("pro")) {
		if last = err; err == nil {
			n++
		}
	}
	if n != 9 || !toldOf(last, userKey("u3")) {
		t.Errorf("listed %d, %v", n, last)
	}
	// What needs it fails, and says which it was.
	_, err := e.Track(ctx, beckon.Event{Name: "x", UserID: "u3"})
	var failed *beckon.StoreError
	if !toldOf(err, userKey("u3")) || !errors.As(err, &failed) {
		t.Errorf("Track: %v", err)
	}
	if _, err := e.Track(ctx, beckon.Event{Name: "x", Email: "u3@x.test"}); !toldOf(err, userKey("u3")) {
		t.Errorf("by email: %v", err)
	}
}

// What is due, pending or being merged goes on as well.
func TestDamagedContactHoldsUpNothing(t *testing.T) {
	held := beckon.Message{
		ID: "later", Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Subject: "s", Body: "b"},
		Trigger: beckon.On("cart").Unless("paid", beckon.Hours(1), ""),
	}
	e, store, now := broken(t, beckon.Program{Messages: []beckon.Message{held}}, beckon.WithOutbox())
	ctx := t.Context()
	for i := range 10 {
		if _, err := e.Track(ctx, beckon.Event{Name: "cart", UserID: fmt.Sprint("u", i)}); err != nil {
			t.Fatal(err)
		}
	}
	store.Damage(userKey("u3"))
	*now = now.Add(2 * time.Hour)
	count := func(seq func(func(beckon.Delivery, error) bool)) (n int, last error) {
		for _, err := range seq {
			if last = err; err == nil {
				n++
			}
		}
		return n, last
	}
	if n, err := count(e.Due(ctx)); n != 9 || !toldOf(err, userKey("u3")) {
		t.Errorf("due: %d, %v", n, err)
	}
	store.Damage(userKey("u4"))
	*now = now.Add(2 * time.Hour)
	if n, err := count(e.Outbox(ctx)); n != 8 || !toldOf(err, userKey("u4")) {
		t.Errorf("outbox: %d, %v", n, err)
	}
	if n, err := count(e.Pending(ctx)); n != 8 || !toldOf(err, userKey("u4")) {
		t.Errorf("pending: %d, %v", n, err)
	}
}

// A contact that cannot be read can be deleted, by any of its identities, and begins
// anew; the identities that led to it go as well.
func TestDeleteDamaged(t *testing.T) {
	for name, who := range map[string]beckon.Identity{
		"its own": {UserID: "u3"}, "its email": {Email: "u3@x.test"}, "one merged into it": {AnonymousID: "v"},
	} {
		e, store, _ := broken(t, beckon.Program{})
		ctx := t.Context()
		if _, err := e.Visit(ctx, beckon.Visit{AnonymousID: "v"}); err != nil {
			t.Fatal(err)
		}
		if err := merge(ctx, e, beckon.Identity{UserID: "u3"}, beckon.Identity{AnonymousID: "v"}); err != nil {
			t.Fatal(err)
		}
		store.Damage(userKey("u3"))
		if err := e.Delete(ctx, who); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if n, err := e.Count(ctx, beckon.Rule{}); n != 9 || err != nil {
			t.Errorf("%s: %d contacts, %v", name, n, err)
		}
		for _, id := range []beckon.Identity{{UserID: "u3"}, {AnonymousID: "v"}, {Email: "u3@x.test"}} {
			if _, known, err := e.Export(ctx, id); known || err != nil {
				t.Errorf("%s: %+v is known: %v, %v", name, id, known, err)
			}
		}
		if _, err := e.Track(ctx, beckon.Event{Name: "x", UserID: "u3"}); err != nil {
			t.Errorf("%s: anew: %v", name, err)
		}
	}
}

// Records of other kinds: a company, an event name, a message. None ends Due, and
// DropDamaged removes each; it leaves what can be read.
func TestDamagedOthers(t *testing.T) {
	m := newsletter()
	m.Audience = beckon.Company("size").GreaterThan(5)
	e, kept, _ := broken(t, beckon.Program{Messages: []beckon.Message{m}})
	ctx := t.Context()
	for i, size := range []int{10, 20} {
		if _, err := e.Update(ctx, beckon.Contact{UserID: fmt.Sprint("u", i), Companies: []beckon.Membership{{
			CompanyID: fmt.Sprint("c", i), Attributes: beckon.Attributes{"size": beckon.Number(size)},
		}}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.Track(ctx, beckon.Event{Name: "x", UserID: "u5"}); err != nil {
		t.Fatal(err)
	}
	company, event, message := store.Key{Kind: store.KindCompany, ID: "c0"}, store.Key{Kind: store.KindEventName, ID: "x"}, store.Key{Kind: store.KindMessage, ID: "news"}
	for _, key := range []store.Key{company, event, message} {
		kept.Damage(key)
	}
	n := 0
	var last error
	for _, err := range e.Sweep(ctx) {
		if last = err; err == nil {
			n++
		}
	}
	if n != 1 || !toldOf(last, company) {
		t.Errorf("a sweep with a damaged company: %d, %v", n, last)
	}
	last = nil
	for _, err := range e.Due(ctx) {
		last = err
	}
	if !toldOf(last, message, event) {
		t.Errorf("Due: %v", last)
	}
	if list, err := e.Catalogue(ctx); len(list) != 0 || !toldOf(err, event) {
		t.Errorf("the catalogue: %v, %v", list, err)
	}
	if err := e.Publish(ctx, beckon.Program{Messages: []beckon.Message{m}}); !toldOf(err, message) {
		t.Errorf("Publish: %v", err)
	}
	if err := e.DropDamaged(ctx, company, event, message, userKey("u5"), userKey("nobody")); err != nil {
		t.Fatal(err)
	}
	for _, err := range e.Due(ctx) {
		t.Errorf("Due: %v", err)
	}
	if err := e.Publish(ctx, beckon.Program{Messages: []beckon.Message{m}}); err != nil {
		t.Error(err)
	}
	if n, err := e.Count(ctx, beckon.Rule{}); n != 10 || err != nil {
		t.Errorf("%d contacts, %v", n, err)
	}
}

// An event that cannot be read keeps nobody from the others, nor from counting on.
func TestDamagedEvent(t *testing.T) {
	e, kept, now := broken(t, beckon.Program{})
	ctx := t.Context()
	track := func() error {
		*now = now.Add(time.Minute)
		_, err := e.Track(ctx, beckon.Event{Name: "x", UserID: "u1"})
		return err
	}
	var marks []store.EventCursor
	for range 5 {
		if err := track(); err != nil {
			t.Fatal(err)
		}
		marks = append(marks, store.EventCursor{At: now.Unix(), Seq: uint64(len(marks) + 1)})
	}
	kept.DamageEvent(userKey("u1"), marks[2])
	list, err := e.RecentEvents(ctx, beckon.Identity{UserID: "u1"}, nil, 10)
	var d *beckon.DamagedError
	if len(list) != 4 || !errors.As(err, &d) || d.Event == nil || *d.Event != marks[2] {
		t.Errorf("%d events, %v", len(list), err)
	}
	x, known, err := e.Export(ctx, beckon.Identity{UserID: "u1"})
	if len(x.Recent) != 4 || !known || !errors.As(err, &d) {
		t.Errorf("the export has %d events, %v", len(x.Recent), err)
	}
	m := newsletter()
	m.Audience = beckon.Did("x").Within(beckon.Days(1)).AtLeast(2)
	if err := e.Publish(ctx, beckon.Program{Messages: []beckon.Message{m}}); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, err := range e.Sweep(ctx) {
		if n++; err != nil {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("%d sent: the two events behind it count", n)
	}
	if err := merge(ctx, e, beckon.Identity{UserID: "u0"}, beckon.Identity{UserID: "u1"}); err != nil {
		t.Errorf("a merge: %v", err)
	}
	if list, err := e.RecentEvents(ctx, beckon.Identity{UserID: "u0"}, nil, 10); len(list) != 4 || err != nil {
		t.Errorf("after the merge: %d events, %v", len(list), err)
	}
}
