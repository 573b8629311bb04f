package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// Pending ends, whatever its consumer does meanwhile: it yields what was free
// when it began, each once.
func TestPendingEnds(t *testing.T) {
	ctx := context.Background()
	for name, during := range map[string]func(w *outboxWorld, d beckon.Delivery){
		"the clock goes on": func(w *outboxWorld, _ beckon.Delivery) { w.clock.add(2 * beckon.LeaseFor) },
		"it steps back":     func(w *outboxWorld, _ beckon.Delivery) { w.clock.add(-beckon.LeaseFor / 20) },
		"more is decided":   func(w *outboxWorld, _ beckon.Delivery) { w.one("a"); w.one("z") },
		"acknowledged":      func(w *outboxWorld, d beckon.Delivery) { w.must(w.Acknowledge(ctx, d)) },
		"merged":            func(w *outboxWorld, d beckon.Delivery) { w.must(second(w.Merge(ctx, d.Contact, user("all")))) },
	} {
		w := newOutbox(t, memstore.New(), often())
		want := map[string]int{}
		for i := range 10 {
			for range 3 {
				want[w.one(fmt.Sprint("u", i)).ID] = 1
			}
		}
		w.clock.add(2 * beckon.LeaseFor)
		got := map[string]int{}
		for d, err := range w.Pending(ctx) {
			w.must(err)
			got[d.ID]++
			during(w, d)
		}
		for id := range want {
			if got[id] != 1 {
				t.Errorf("%s: %s was yielded %d times", name, id, got[id])
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d were yielded, want %d", name, len(got), len(want))
		}
	}
}

// Nothing is leased ahead of a consumer, which may stop by break or by panic.
func TestPendingConsumerStops(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	for range 5 {
		w.one("u")
	}
	w.clock.add(beckon.LeaseFor)
	for _, err := range w.Pending(ctx) {
		w.must(err)
		break
	}
	func() {
		defer func() { _ = recover() }()
		for _, err := range w.Pending(ctx) {
			panic(err)
		}
	}()
	for _, err := range w.Outbox(ctx) {
		w.must(err)
		break
	}
	if got := w.lease(); len(got) != 3 {
		t.Errorf("%d are left, want 3", len(got))
	}
}

// Sixteen workers over one store: each delivery goes to exactly one of them,
// and they do not spend their time on each other's.
func TestWorkersShareTheOutbox(t *testing.T) {
	ctx := context.Background()
	const workers, contacts = 16, 600
	store := &countingStore{Store: memstore.New()}
	w := newOutbox(t, store, often())
	for i := range contacts {
		w.one(fmt.Sprint(i))
		w.one(fmt.Sprint(i))
	}
	w.clock.add(beckon.LeaseFor)
	store.steps.Store(0)
	var mu sync.Mutex
	got := map[string]int{}
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for d, err := range w.Pending(ctx) {
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				got[d.ID]++
				mu.Unlock()
				if err := w.Acknowledge(ctx, d); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if len(got) != 2*contacts {
		t.Errorf("%d were yielded, want %d", len(got), 2*contacts)
	}
	for id, n := range got {
		if n != 1 {
			t.Errorf("%s was yielded %d times", id, n)
		}
	}
	if ids := w.pending(); len(ids) != 0 {
		t.Errorf("%d are left", len(ids))
	}
	// Each delivery takes a step to lease and one to acknowledge, each contact
	// one to see that there is no more.
	if least, n := int64(5*contacts), store.steps.Load(); n > 3*least {
		t.Errorf("%d steps, where %d would do", n, least)
	}
}

// A countingStore counts steps.
type countingStore struct {
	*memstore.Store
	steps, reads atomic.Int64
}

func (s *countingStore) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	s.reads.Add(1)
	return s.Store.Read(ctx, keys, fn)
}

func (s *countingStore) Step(ctx context.Context, steps []store.Step) error {
	s.steps.Add(int64(len(steps)))
	return s.Store.Step(ctx, steps)
}

// After Close a worker is told so, as all others are.
func TestOutboxClosed(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	d := w.one("u")
	w.must(w.Close())
	errs := map[string]error{"GiveUp": w.GiveUp(ctx, d), "Acknowledge": w.Acknowledge(ctx, d), "Release": w.Release(ctx, d)}
	for _, err := range w.Pending(ctx) {
		errs["Pending"] = err
	}
	for _, err := range w.Outbox(ctx) {
		errs["Outbox"] = err
	}
	for name, err := range errs {
		if !errors.Is(err, beckon.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(errs) != 5 {
		t.Errorf("%d calls were refused", len(errs))
	}
}

// A process that does nothing but send needs no program and no option: what is
// pending is in the store.
func TestWorkerWithoutProgram(t *testing.T) {
	t.Parallel()
	store := memstore.New()
	w := newOutbox(t, store, often())
	sent := w.one("u")
	worker, err := beckon.New(store, beckon.WithClock(func() time.Time { return noon.Add(beckon.LeaseFor) }))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for d, err := range worker.Pending(t.Context()) {
		if err != nil || d.ID != sent.ID || d.Body != sent.Body || d.Attempt != 2 {
			t.Errorf("got %+v, %v, want attempt 2 of %+v", d, err, sent)
		}
		if err := worker.Acknowledge(t.Context(), d); err != nil {
			t.Error(err)
		}
		n++
	}
	for d, err := range worker.Outbox(t.Context()) {
		t.Errorf("left: %+v, %v", d, err)
	}
	if n != 1 {
		t.Errorf("the worker got %d deliveries, want 1", n)
	}
}

// Z3: a worker that finds another before it goes elsewhere, and on equal inputs
// it goes to the same places.
func TestPendingGoesElsewhereAlike(t *testing.T) {
	ctx := context.Background()
	order := func() (got, inOrder []string) {
		w := newOutbox(t, memstore.New(), often())
		for i := range 30 {
			w.one(fmt.Sprint("u", i))
			w.clock.add(time.Second)
		}
		w.clock.add(2 * beckon.LeaseFor)
		for d, err := range w.Outbox(ctx) {
			w.must(err)
			inOrder = append(inOrder, d.Contact.UserID)
		}
		for d, err := range w.Pending(ctx) {
			w.must(err)
			if got = append(got, d.Contact.UserID); len(got) == 1 { // another takes a few meanwhile
				n := 0
				for _, err := range w.Pending(ctx) {
					w.must(err)
					if n++; n == 4 {
						break
					}
				}
			}
		}
		return got, inOrder
	}
	first, inOrder := order()
	if second, _ := order(); !slices.Equal(first, second) {
		t.Errorf("a worker went\n%q, and on equal inputs\n%q", first, second)
	}
	if len(first) != 26 || slices.Equal(first[1:], inOrder[5:]) {
		t.Errorf("a worker went %q: right behind the other, of\n%q", first, inOrder)
	}
}
