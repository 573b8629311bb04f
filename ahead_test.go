package beckon_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A stepCounter is a store that counts calls.
type stepCounter struct {
	*memstore.Store
	mu                    sync.Mutex
	steps, largest, reads int
	gone                  bool // every step fails
	overlaps              bool
}

func (s *stepCounter) Overlaps() bool { return s.overlaps }

func (s *stepCounter) Step(ctx context.Context, steps []store.Step) error {
	s.mu.Lock()
	gone := s.gone
	s.steps++
	s.largest = max(s.largest, len(steps))
	s.mu.Unlock()
	if gone {
		return errStore
	}
	return s.Store.Step(ctx, steps)
}

func (s *stepCounter) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	s.mu.Lock()
	s.reads++
	s.mu.Unlock()
	return s.Store.Read(ctx, keys, fn)
}

// aheadWorld is an engine with n contacts, u000 and on, each in a company of its own,
// whom a sweep sends "news" and a Due "later".
func aheadWorld(t testing.TB, n int, opts ...beckon.Option) (*beckon.Engine, *stepCounter, *hand) {
	t.Helper()
	kept := &stepCounter{Store: memstore.New()}
	engine, clock := aheadOn(t, kept, opts...)
	for i := range n {
		id := fmt.Sprintf("u%03d", i)
		if _, err := engine.Update(t.Context(), beckon.Contact{
			UserID: id, Attributes: beckon.Attributes{"plan": beckon.String("pro")},
			Companies: []beckon.Membership{{CompanyID: "c" + id, Attributes: beckon.Attributes{"seats": beckon.Number(i)}}},
		}); err != nil {
			t.Fatal(err)
		}
	}
	return engine, kept, clock
}

// aheadOn is an engine with that program over a store, at noon.
func aheadOn(t testing.TB, kept beckon.Store, opts ...beckon.Option) (*beckon.Engine, *hand) {
	t.Helper()
	clock := &hand{}
	clock.set(noon)
	engine, err := beckon.New(kept, append(opts, beckon.WithClock(clock.now))...)
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), aheadProgram()); err != nil {
		t.Fatal(err)
	}
	return engine, clock
}

func aheadProgram() beckon.Program {
	text := beckon.Content{Subject: "s", Body: "hello"}
	return beckon.Program{
		Caps: []beckon.Cap{{ID: "one", Max: 1, Within: beckon.Hours(1)}},
		Messages: []beckon.Message{
			{ID: "news", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Audience: beckon.User("plan").Is("pro"), Content: text},
			{ID: "later", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Trigger: beckon.On("uploaded").Unless("paid", beckon.Hours(1), ""), Content: text},
			{ID: "at-once", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Trigger: beckon.On("bought"), Content: text},
		},
	}
}

// sweptUntil sweeps, calls then once after n deliveries, and returns who got one.
func sweptUntil(t *testing.T, engine *beckon.Engine, n int, then func(done []string)) (got []string) {
	t.Helper()
	for d, err := range engine.Sweep(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, d.Contact.UserID); len(got) == n {
			then(got)
		}
	}
	return got
}

// What is done to a contact in the middle of a run finds it not decided yet, however
// many were decided in one step.
func TestAheadIsTakenBack(t *testing.T) {
	t.Parallel()
	const contacts = 100
	others := func(done []string) (list []string) {
		for i := range contacts {
			if id := fmt.Sprintf("u%03d", i); !slices.Contains(done, id) {
				list = append(list, id)
			}
		}
		return list
	}
	for _, c := range []struct {
		name string
		then func(e *beckon.Engine, id string) error
		want int // deliveries of those it was done to
	}{
		{"update out of the audience", func(e *beckon.Engine, id string) error {
			_, err := e.Update(t.Context(), beckon.Contact{UserID: id, Attributes: beckon.Attributes{"plan": beckon.String("free")}})
			return err
		}, 0},
		{"unsubscribe", func(e *beckon.Engine, id string) error {
			return e.Unsubscribe(t.Context(), beckon.Identity{UserID: id}, string(beckon.Email))
		}, 0},
		{"delete", func(e *beckon.Engine, id string) error {
			return e.Delete(t.Context(), beckon.Identity{UserID: id})
		}, 0},
		{"the cap is taken by an event", func(e *beckon.Engine, id string) error {
			res, err := e.Track(t.Context(), beckon.Event{Name: "bought", UserID: id})
			if err == nil && len(res.Deliveries) != 1 {
				t.Errorf("the event sends %d", len(res.Deliveries))
			}
			return err
		}, 0},
		{"an event that changes nothing", func(e *beckon.Engine, id string) error {
			return second(e.Track(t.Context(), beckon.Event{Name: "looked", UserID: id}))
		}, 1},
		{"a visit", func(e *beckon.Engine, id string) error {
			return second(e.Visit(t.Context(), beckon.Visit{UserID: id}))
		}, 1},
	} {
		for _, outbox := range []bool{false, true} {
			var opts []beckon.Option
			if outbox {
				opts = append(opts, beckon.WithOutbox())
			}
			engine, _, _ := aheadWorld(t, contacts, opts...)
			var left []string
			got := sweptUntil(t, engine, 40, func(done []string) {
				left = others(done)
				for _, id := range left {
					if err := c.then(engine, id); err != nil {
						t.Error(err)
					}
				}
			})
			if len(left) != contacts-40 || len(got) != 40+c.want*len(left) {
				t.Errorf("%s, outbox %t: %d got the message, of %d", c.name, outbox, len(got), contacts)
			}
			if slices.Sort(got); len(slices.Compact(slices.Clone(got))) != len(got) {
				t.Errorf("%s, outbox %t: somebody got it twice", c.name, outbox)
			}
			totals, err := engine.Totals(t.Context(), "news")
			if err != nil || totals.Sent != int64(len(got)) {
				t.Errorf("%s, outbox %t: the totals say %d sent, %d were; %v", c.name, outbox, totals.Sent, len(got), err)
			}
		}
	}
}

// The follower of an absence that comes in the middle of Due cancels what Due has not
// handed out yet (T6).
func TestAheadIsCancelled(t *testing.T) {
	t.Parallel()
	engine, _, clock := aheadWorld(t, 0)
	for i := range 50 {
		if _, err := engine.Track(t.Context(), beckon.Event{Name: "uploaded", UserID: strconv.Itoa(i)}); err != nil {
			t.Fatal(err)
		}
	}
	clock.add(2 * time.Hour)
	var got []string
	for d, err := range engine.Due(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, d.Contact.UserID); len(got) == 10 {
			for i := range 50 {
				if id := strconv.Itoa(i); !slices.Contains(got, id) {
					if _, err := engine.Track(t.Context(), beckon.Event{Name: "paid", UserID: id, CreatedAt: clock.now().Add(-90 * time.Minute)}); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	// The time is up for all, and the follower came after it: as it is if Due had not
	// come to them, each is judged when Due comes.
	want := 0
	kept, _, later := aheadWorld(t, 0)
	for i := range 50 {
		if _, err := kept.Track(t.Context(), beckon.Event{Name: "uploaded", UserID: strconv.Itoa(i)}); err != nil {
			t.Fatal(err)
		}
	}
	later.add(2 * time.Hour)
	for i := 10; i < 50; i++ {
		if _, err := kept.Track(t.Context(), beckon.Event{Name: "paid", UserID: strconv.Itoa(i), CreatedAt: later.now().Add(-90 * time.Minute)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range kept.Due(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		want++
	}
	if len(got) != want {
		t.Errorf("%d sent, want %d", len(got), want)
	}
}

// A pause in the middle of a sweep ends it for everybody else, and nothing is lost.
func TestAheadIsPaused(t *testing.T) {
	t.Parallel()
	engine, _, _ := aheadWorld(t, 100)
	got := sweptUntil(t, engine, 40, func([]string) {
		if err := engine.Pause(t.Context(), "news"); err != nil {
			t.Fatal(err)
		}
	})
	if len(got) != 40 {
		t.Errorf("%d sent, 40 before the pause", len(got))
	}
	if err := engine.Resume(t.Context(), "news"); err != nil {
		t.Fatal(err)
	}
	if rest := sweptUntil(t, engine, 0, nil); len(rest) != 60 {
		t.Errorf("%d sent after the resumption, want the other 60", len(rest))
	}
}

// Many contacts are decided in one step; Ahead says how many.
func TestAheadSteps(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		opts           []beckon.RunOption
		steps, largest int // at most; exactly
	}{
		{nil, 20, 64},
		{[]beckon.RunOption{beckon.Ahead(8)}, 85, 8},
		{[]beckon.RunOption{beckon.Ahead(1)}, 601, 1},
		{[]beckon.RunOption{beckon.Ahead(0)}, 601, 1},
	} {
		engine, kept, _ := aheadWorld(t, 600)
		kept.steps, kept.largest = 0, 0
		n := 0
		for _, err := range engine.Sweep(t.Context(), c.opts...) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 600 || kept.steps > c.steps || kept.largest != c.largest {
			t.Errorf("%d sent in %d steps of at most %d contacts, want 600 in %d of at most %d", n, kept.steps, kept.largest, c.steps, c.largest)
		}
	}
}

// What the consumer has not got when it stops is given back in one step.
func TestAheadIsGivenBack(t *testing.T) {
	t.Parallel()
	engine, kept, _ := aheadWorld(t, 200)
	n, before := 0, 0
	for _, err := range engine.Sweep(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 70 { // in the middle of 64
			before = kept.steps
			break
		}
	}
	if kept.steps > before+2 { // and the totals of what was looked at
		t.Errorf("%d steps to give back", kept.steps-before)
	}
	if rest := sweptUntil(t, engine, 0, nil); len(rest) != 130 {
		t.Errorf("the next sweep sends %d, want the other 130", len(rest))
	}
}

// A lease begins when its delivery is handed out, as long as the consumer may take for
// those before it; and a slow consumer has little decided ahead.
func TestAheadLeases(t *testing.T) {
	t.Parallel()
	engine, kept, clock := aheadWorld(t, 60, beckon.WithOutbox())
	worker, err := beckon.New(kept, beckon.WithClock(clock.now), beckon.WithOutbox())
	if err != nil {
		t.Fatal(err)
	}
	kept.steps = 0
	n := 0
	for d, err := range engine.Sweep(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		clock.add(30 * time.Second) // of a lease of a minute
		for stolen, err := range worker.Pending(t.Context()) {
			t.Fatalf("a worker got %s, %v", stolen.Contact.UserID, err)
		}
		if err := engine.Acknowledge(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if n != 60 || kept.steps > 60*4 {
		t.Errorf("%d sent in %d steps", n, kept.steps)
	}
}

// What another engine does to a contact is heeded within a second.
func TestAheadOfOtherEngines(t *testing.T) {
	t.Parallel()
	engine, kept, clock := aheadWorld(t, 100)
	other, err := beckon.New(kept, beckon.WithClock(clock.now))
	if err != nil {
		t.Fatal(err)
	}
	got := sweptUntil(t, engine, 40, func(done []string) {
		for i := range 100 {
			if id := fmt.Sprintf("u%03d", i); !slices.Contains(done, id) {
				if err := other.Delete(t.Context(), beckon.Identity{UserID: id}); err != nil {
					t.Fatal(err)
				}
			}
		}
		clock.add(time.Second)
	})
	if len(got) != 40 {
		t.Errorf("%d sent, 40 before all others were deleted", len(got))
	}
}

// A run over company data reads the companies of a page of contacts at once, and sees
// what the engine changes of one.
func TestCompaniesByThePage(t *testing.T) {
	t.Parallel()
	engine, kept, _ := aheadWorld(t, 600)
	many := beckon.Company("seats").AtLeast(300)
	kept.reads = 0
	n, err := engine.Count(t.Context(), many)
	if err != nil || n != 300 {
		t.Fatalf("%d contacts, want 300; %v", n, err)
	}
	if kept.reads > 5 { // one for each page of 256
		t.Errorf("%d reads for 600 contacts in 600 companies", kept.reads)
	}
	// A company that contacts of all pages share: what the engine changes of it is seen by
	// the looks at the pages behind.
	join := func(id string, seats int) {
		company := beckon.Membership{CompanyID: "shared", Attributes: beckon.Attributes{"seats": beckon.Number(seats)}}
		if _, err := engine.Update(t.Context(), beckon.Contact{UserID: id, Companies: []beckon.Membership{company}}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 600 {
		join(fmt.Sprintf("u%03d", i), 1000)
	}
	seen := 0
	for who, err := range engine.Match(t.Context(), beckon.Company("seats").AtLeast(1000)) {
		if err != nil {
			t.Fatal(err)
		}
		if seen++; seen == 1 {
			join(who.UserID, 1)
		}
	}
	if seen != 256 {
		t.Errorf("%d contacts match, want those of the page that was looked at", seen)
	}
}

// However calls and runs race for the same contacts, the cap holds, and what was
// committed was handed out: what was taken back is not in the log, and nothing else is
// missing.
func TestAheadRaces(t *testing.T) {
	t.Parallel()
	const contacts = 300
	for round := range 4 {
		engine, kept, _ := aheadWorld(t, contacts)
		kept.overlaps = round%2 == 1
		var mu sync.Mutex
		handed := map[string]int{}
		note := func(id string) {
			mu.Lock()
			defer mu.Unlock()
			handed[id]++
		}
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				for d, err := range engine.Sweep(t.Context(), beckon.Ahead(64)) {
					if err != nil {
						t.Error(err)
						return
					}
					note(d.Contact.UserID)
				}
			})
		}
		for k := range 2 {
			all.Go(func() {
				for i := range contacts {
					id := fmt.Sprintf("u%03d", (i*7+round*31+k*150)%contacts)
					res, err := engine.Track(t.Context(), beckon.Event{Name: "bought", UserID: id})
					if err != nil {
						t.Error(err)
						return
					}
					for range res.Deliveries {
						note(id)
					}
				}
			})
		}
		all.Go(func() {
			if engine.Pause(t.Context(), "news") != nil || engine.Resume(t.Context(), "news") != nil {
				t.Error("not paused and resumed")
			}
		})
		all.Wait()
		for i := range contacts {
			id, log := fmt.Sprintf("u%03d", i), 0
			if err := kept.Store.Read(t.Context(), []store.Key{{Kind: store.KindUser, ID: id}}, func(rec *store.Record) error {
				log = len(rec.SendLog)
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if handed[id] != 1 || log != 1 {
				t.Errorf("round %d: %s was handed %d, and the log has %d", round, id, handed[id], log)
			}
		}
		if n := beckon.EngineAhead(engine); n != 0 {
			t.Errorf("round %d: %d contacts are noted as decided ahead", round, n)
		}
	}
}

// A run over all contacts reaches nobody if its options ask for fewer.
func TestRunsOverAllHeedNoFewer(t *testing.T) {
	t.Parallel()
	engine, _, _ := aheadWorld(t, 3)
	for name, run := range map[string]func(context.Context, ...beckon.RunOption) iter.Seq2[beckon.Delivery, error]{"sweep": engine.Sweep, "due": engine.Due} {
		for what, option := range map[string]beckon.RunOption{"only": beckon.Only(beckon.Identity{UserID: "u000"}), "sample": beckon.Sample(1)} {
			failed := false
			for d, err := range run(t.Context(), option) {
				if failed = err != nil; !failed {
					t.Errorf("%s, %s: sent to %s", name, what, d.Contact.UserID)
				}
			}
			if !failed {
				t.Errorf("%s, %s: no error", name, what)
			}
		}
	}
	if got := sweptUntil(t, engine, 0, nil); len(got) != 3 {
		t.Errorf("%d sent without", len(got))
	}
}
