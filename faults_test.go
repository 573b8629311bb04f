package beckon_test

import (
	"context"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// racers is how many goroutines race; few, for the runs are many.
const racers = 8

// race runs fn in racers goroutines that start together, and waits for them.
func race(fn func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range racers {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			fn(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// The rows of the fault model that are about two things at once. Each race is
// run many times, and what it must leave behind is exact.
func TestFaultsOfRaces(t *testing.T) {
	t.Parallel()
	message := func(m beckon.Message) beckon.Program {
		m.ID, m.Status, m.Trigger = "m", beckon.Live, beckon.On("go")
		m.Content = beckon.Content{Body: "Go"}
		return beckon.Program{Messages: []beckon.Message{m}}
	}
	always := &beckon.Frequency{Every: beckon.Seconds(0)}
	for _, c := range []struct {
		name    string
		program beckon.Program
		opts    []beckon.Option
		event   func(i int) beckon.Event
		sent    int // deliveries that all racers got together
		refused int // racers that got an error
		count   uint64
	}{
		{
			name: "27: two cannot both add the last event name", opts: []beckon.Option{beckon.WithEventNamesLimit(3)},
			program: message(beckon.Message{Frequency: always}),
			event:   func(i int) beckon.Event { return beckon.Event{Name: "n" + strconv.Itoa(i), UserID: "u"} },
			refused: racers - 3, count: 3,
		},
		{
			name:    "38: exactly one first event sees that there was none",
			program: message(beckon.Message{Frequency: always, Audience: beckon.Did("go").Is(0)}),
			event:   func(int) beckon.Event { return beckon.Event{Name: "go", UserID: "u"} },
			sent:    1, count: racers,
		},
		{
			name:    "43: a maximum holds",
			program: message(beckon.Message{Frequency: &beckon.Frequency{Every: beckon.Seconds(0), Max: 3}}),
			event:   func(int) beckon.Event { return beckon.Event{Name: "go", UserID: "u"} },
			sent:    3, count: racers,
		},
		{
			name: "43: a cap across messages holds",
			program: beckon.Program{Messages: message(beckon.Message{Frequency: always}).Messages, Caps: []beckon.Cap{{
				ID: "c", Max: 2, Within: beckon.Days(1),
			}}},
			event: func(int) beckon.Event { return beckon.Event{Name: "go", UserID: "u"} },
			sent:  2, count: racers,
		},
		{
			name:    "59: the same event at once is one event",
			program: message(beckon.Message{Frequency: always}),
			event:   func(int) beckon.Event { return beckon.Event{Name: "go", UserID: "u", EventID: "e1"} },
			sent:    1, count: 1,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for range 20 {
				kit := beckontest.New(t, c.program, c.opts...)
				var sent, refused atomic.Int64
				race(func(i int) {
					res, err := kit.Engine.Track(t.Context(), c.event(i))
					if err != nil {
						refused.Add(1)
					}
					sent.Add(int64(len(res.Deliveries)))
				})
				x, _, err := kit.Engine.Export(t.Context(), beckon.Identity{UserID: "u"})
				if err != nil {
					t.Fatal(err)
				}
				var count uint64
				for _, e := range x.Events {
					count += e.Count
				}
				if int(sent.Load()) != c.sent || int(refused.Load()) != c.refused || count != c.count {
					t.Fatalf("sent %d, refused %d, counted %d; want %d, %d, %d", sent.Load(), refused.Load(), count, c.sent, c.refused, c.count)
				}
				got := kit.Totals("m")
				var held int64
				for _, n := range got.Held {
					held += n
				}
				if got.Judged != got.Sent+held || got.Sent != int64(c.sent) {
					t.Fatalf("totals %+v", got) // Z2
				}
			}
		})
	}
}

// 61: merges in both directions while events come lose none and count none
// twice, and take no cap twice.
func TestFaultMergeWhileTracking(t *testing.T) {
	t.Parallel()
	a, b := beckon.Identity{UserID: "a"}, beckon.Identity{AnonymousID: "b"}
	for range 20 {
		program := repeating("m")
		program.Messages[0].Frequency.Max = 3
		kit := beckontest.New(t, program)
		kit.Update(beckon.Contact{UserID: a.UserID, ID: a.ID, Email: a.Email, AnonymousID: a.AnonymousID})
		kit.Update(beckon.Contact{UserID: b.UserID, ID: b.ID, Email: b.Email, AnonymousID: b.AnonymousID})
		race(func(i int) {
			var err error
			switch i % 4 {
			case 0:
				_, err = kit.Engine.Merge(t.Context(), a, b)
			case 1:
				_, err = kit.Engine.Merge(t.Context(), b, a)
			case 2:
				_, err = kit.Engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "a"})
			case 3:
				_, err = kit.Engine.Track(t.Context(), beckon.Event{Name: "go", AnonymousID: "b"})
			}
			if err != nil {
				t.Error(err)
			}
		})
		for _, who := range []beckon.Identity{a, b} {
			x, _, err := kit.Engine.Export(t.Context(), who)
			if err != nil {
				t.Fatal(err)
			}
			if len(x.Events) != 1 || x.Events[0].Count != racers/2 {
				t.Fatalf("%+v: counted %+v, want %d", who, x.Events, racers/2)
			}
		}
		// Before they were one, each had a cap of its own; afterwards none is open.
		kit.Advance(time.Second)
		for range 3 {
			kit.Engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "a"}) //nolint:errcheck // judged by the last
		}
		kit.Track(beckon.Event{Name: "go", AnonymousID: "b"}).Want("m", "max_reached")
	}
}

// 63: Close during Track: what is in flight finishes or is refused as closed,
// and what was refused is not counted.
func TestFaultCloseDuringTrack(t *testing.T) {
	t.Parallel()
	for range 20 {
		kit := beckontest.New(t, repeating("m"))
		race(func(i int) {
			if i == 0 {
				if err := errors.Join(kit.Engine.Close(), kit.Engine.Close()); err != nil {
					t.Error(err)
				}
				return
			}
			res, err := kit.Engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "u"})
			if err == nil && len(res.Deliveries) != 1 || err != nil && !errors.Is(err, beckon.ErrClosed) {
				t.Errorf("%d deliveries, %v", len(res.Deliveries), err)
			}
		})
		if _, err := kit.Engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "u"}); !errors.Is(err, beckon.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
}

// 40: no send starts after Stop has returned.
func TestFaultStopDuringTrack(t *testing.T) {
	t.Parallel()
	for range 20 {
		kit := beckontest.New(t, repeating("m"))
		var stopped atomic.Bool
		race(func(i int) {
			if i == 0 {
				if err := kit.Engine.Stop(t.Context(), "m"); err != nil {
					t.Error(err)
				}
				stopped.Store(true)
				return
			}
			late := stopped.Load()
			res, err := kit.Engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "u"})
			if err != nil || late && len(res.Deliveries) != 0 {
				t.Errorf("%d deliveries after the stop, %v", len(res.Deliveries), err)
			}
		})
		kit.Track(beckon.Event{Name: "go", UserID: "u"}).Want("m", "not_live")
	}
}

// 64: the caller's metadata and page are copied at the door.
func TestFaultCallerChangesTheEvent(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Trigger: beckon.On("go"), Content: beckon.Content{Body: "{{ event.a }}"},
		Schedule: &beckon.Schedule{Windows: []beckon.Window{{From: "09:00", To: "10:00"}}, Outside: beckon.OutsideHold},
	}}})
	event := beckon.Event{
		Name: "go", UserID: "u", Page: &beckon.Page{URL: "https://a.example/"},
		Metadata: beckon.Fields{{Key: "a", Value: beckon.String("before")}},
	}
	kit.Track(event).Want("m", "schedule")
	event.Metadata[0].Value, event.Page.URL = beckon.String("after"), "https://b.example/"
	past, err := kit.Engine.RecentEvents(t.Context(), beckon.Identity{UserID: "u"}, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := past[0].Metadata.Get("a"); got.Text() != "before" || past[0].Page.URL != "https://a.example/" {
		t.Errorf("recorded %s and %s", got.Text(), past[0].Page.URL)
	}
	if d := kit.Advance(9 * time.Hour).Due().Deliveries; len(d) != 1 || d[0].Body != "before" {
		t.Errorf("delivered %+v", d)
	}
}

// endless is a body that never ends; it counts what is read of it.
type endless struct {
	pattern string
	n       int
}

func (r *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.pattern[(r.n+i)%len(r.pattern)]
	}
	r.n += len(p)
	return len(p), nil
}

// 12, 30: a body without end is refused before memory grows, whatever it
// consists of.
func TestFaultEndlessBody(t *testing.T) {
	if testing.Short() {
		t.Skip("a second, with others like it")
	}
	t.Parallel()
	kit := beckontest.New(t, repeating("m"))
	for _, pattern := range []string{" ", "[", `{"a":`, "\x00", "\""} {
		body := &endless{pattern: pattern}
		_, err := kit.Engine.TrackJSON(t.Context(), body)
		if !errors.Is(err, beckon.ErrBodyTooLarge) && !errors.Is(err, beckon.ErrJSONInvalid) {
			t.Errorf("%q: %v", pattern, err)
		}
		if body.n > 2*beckon.MaxEventBytes {
			t.Errorf("%q: %d bytes were read", pattern, body.n)
		}
	}
	var keys strings.Builder
	for i := range 21 {
		keys.WriteString(`,"` + strings.Repeat(strconv.Itoa(i%10), 1<<19) + `":1`)
	}
	_, err := kit.Engine.TrackJSON(t.Context(), io.MultiReader(
		strings.NewReader(`{"event_name":"go","user_id":"u","metadata":{"a":1`), strings.NewReader(keys.String()), strings.NewReader("}}"),
	))
	if !errors.Is(err, beckon.ErrBodyTooLarge) {
		t.Errorf("long keys: %v", err)
	}
}

// 62: what is deleted while events come starts anew; old counts do not return.
func TestFaultDeleteDuringTrack(t *testing.T) {
	t.Parallel()
	u := beckon.Identity{UserID: "u"}
	for range 20 {
		kit := beckontest.New(t, repeating("m"))
		for range 100 {
			kit.Track(beckon.Event{Name: "go", UserID: "u"})
		}
		race(func(i int) {
			var err error
			if i == 0 {
				err = kit.Engine.Delete(t.Context(), u)
			} else {
				_, err = kit.Engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "u"})
			}
			if err != nil {
				t.Error(err)
			}
		})
		x, _, err := kit.Engine.Export(t.Context(), u)
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Events) > 0 && x.Events[0].Count >= racers || len(x.Recent) >= racers {
			t.Fatalf("counted %+v, kept %d", x.Events, len(x.Recent))
		}
	}
}

// What a store refuses for a single step is a failure of the store to the
// caller, whatever the type of its error: no input is at fault.
func TestRefusalByTheStore(t *testing.T) {
	t.Parallel()
	engine, err := beckon.New(memstore.New(memstore.WithMaxRecords(1)))
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range []string{"u1", "u2"} {
		_, err = engine.Track(t.Context(), beckon.Event{Name: "go", UserID: user})
	}
	var failed *beckon.StoreError
	if !errors.As(err, &failed) || !errors.Is(err, memstore.ErrFull) {
		t.Errorf("a full store returned %T %v, want a StoreError with the code %s", err, err, memstore.ErrFull)
	}
}

func TestFaultStore(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	f := newFaultStore()
	touch := func() error {
		return f.Step(ctx, []store.Step{{Key: store.Key{Kind: store.KindUser, ID: "u"}, Decider: addOne{}}})
	}
	count := func() int64 {
		var n int64
		if err := f.Read(ctx, []store.Key{{Kind: store.KindUser, ID: "u"}}, func(r *store.Record) error {
			n = r.LastSeen
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, c := range []struct {
		kind fault
		want int64
	}{{failBefore, 1}, {failAfter, 2}, {failFromHere, 0}, {failPastHere, 1}} {
		before := count()
		f.arm(1, c.kind)
		if err := touch(); !errors.Is(err, errStore) {
			t.Errorf("fault %d: %v", c.kind, err)
		}
		_ = touch()
		if n := f.heal(); n != 2 {
			t.Errorf("fault %d: %d calls, want 2", c.kind, n)
		}
		if got := count() - before; got != c.want {
			t.Errorf("fault %d: %d steps done of two, want %d", c.kind, got, c.want)
		}
	}
	f.arm(1, hang)
	cancel()
	if err := touch(); !errors.Is(err, context.Canceled) {
		t.Errorf("a call that hangs returned %v", err)
	}
}

// addOne counts in LastSeen how often it was committed.
type addOne struct{}

func (addOne) Decide(r *store.Record, c *store.Changes) error {
	c.LastSeen = r.LastSeen + 1
	return nil
}
