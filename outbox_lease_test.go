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

// An outboxWorld is an engine with an outbox, a clock and any program.
type outboxWorld struct {
	*beckon.Engine
	t     testing.TB
	clock *hand
}

func newOutbox(t testing.TB, store beckon.Store, program beckon.Program, opts ...beckon.Option) *outboxWorld {
	t.Helper()
	w := &outboxWorld{t: t, clock: &hand{}}
	w.clock.set(noon)
	var err error
	opts = append([]beckon.Option{beckon.WithClock(w.clock.now), beckon.WithOutbox()}, opts...)
	if w.Engine, err = beckon.New(store, opts...); err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(context.Background(), program); err != nil {
		t.Fatal(err)
	}
	return w
}

// often is a program with one message that goes out with every event "e".
func often() beckon.Program {
	return beckon.Program{Messages: []beckon.Message{{
		ID: "m", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Trigger: beckon.On("e"),
		Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Content: beckon.Content{Body: "x", Data: map[string]string{"k": "v"}},
	}}}
}

func (w *outboxWorld) track(e beckon.Event) beckon.Result {
	w.t.Helper()
	res, err := w.Track(context.Background(), e)
	if err != nil {
		w.t.Fatal(err)
	}
	return res
}

// one tracks an event "e" of a contact and gives what it sends.
func (w *outboxWorld) one(user string) beckon.Delivery {
	w.t.Helper()
	res := w.track(beckon.Event{Name: "e", UserID: user})
	if len(res.Deliveries) != 1 {
		w.t.Fatalf("%s: %d deliveries, held %v", user, len(res.Deliveries), res.Held())
	}
	return res.Deliveries[0]
}

// lease returns what a worker gets now.
func (w *outboxWorld) lease() []beckon.Delivery {
	w.t.Helper()
	var got []beckon.Delivery
	for d, err := range w.Pending(context.Background()) {
		if err != nil {
			w.t.Fatal(err)
		}
		got = append(got, d)
	}
	return got
}

// pending returns the ids of what is in the outbox.
func (w *outboxWorld) pending() []string {
	w.t.Helper()
	var ids []string
	for d, err := range w.Outbox(context.Background()) {
		if err != nil {
			w.t.Fatal(err)
		}
		ids = append(ids, d.ID)
	}
	return ids
}

func (w *outboxWorld) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *outboxWorld) lost(what string, err error) {
	w.t.Helper()
	if !errors.Is(err, beckon.ErrLeaseLost) {
		w.t.Errorf("%s: %v, want %s", what, err, beckon.ErrLeaseLost)
	}
}

// Z1: a delivery belongs to one for the time of a lease, and to the next at the
// millisecond at which it ends. Looking changes nothing.
func TestLeaseEnds(t *testing.T) {
	for _, c := range []struct {
		lease, is time.Duration
	}{{0, beckon.LeaseFor}, {5 * time.Second, 5 * time.Second}, {time.Second + time.Nanosecond, 1001 * time.Millisecond}} {
		w := newOutbox(t, memstore.New(), often(), beckon.WithLease(c.lease))
		d := w.one("u")
		if d.Attempt != 1 {
			t.Errorf("decided, it is attempt %d", d.Attempt)
		}
		for attempt := 2; attempt < 5; attempt++ {
			w.clock.add(c.is - time.Millisecond)
			if got := w.lease(); len(got) != 0 {
				t.Fatalf("lease %v: %d leased before its end", c.is, len(got))
			}
			w.clock.add(time.Millisecond)
			if ids := w.pending(); !slices.Equal(ids, []string{d.ID}) {
				t.Fatalf("the outbox has %v", ids)
			}
			got := w.lease()
			if len(got) != 1 || got[0].ID != d.ID || got[0].Attempt != attempt || !got[0].At.Equal(d.At) || got[0].Data["k"] != "v" {
				t.Fatalf("lease %v, attempt %d: %+v", c.is, attempt, got)
			}
			if again := w.lease(); len(again) != 0 {
				t.Fatalf("leased twice at once: %+v", again)
			}
		}
	}
}

// Before 1970 and at its first instant time goes on as ever.
func TestLeaseBefore1970(t *testing.T) {
	w := newOutbox(t, memstore.New(), beckon.Program{}, beckon.WithLease(time.Second))
	w.clock.set(time.UnixMilli(-3000))
	program := often()
	program.Messages[0].LiveAt = time.UnixMilli(-5000)
	w.must(w.Publish(context.Background(), program))
	w.one("u")
	for range 6 {
		w.clock.add(time.Second)
		if got := w.lease(); len(got) != 1 && w.clock.ms.Load() > 1 {
			t.Errorf("at %v: %d leased", w.clock.now(), len(got))
		}
	}
}

// Who has lost the lease can acknowledge, and nothing else.
func TestLeaseLost(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	first := w.one("u")
	w.clock.add(beckon.LeaseFor)
	w.must(w.Release(ctx, first)) // ended, but nobody else had it
	second := w.one("u")
	if second.ID != first.ID || second.Attempt != 1 {
		t.Fatalf("given back, the number is used again: %+v", second)
	}
	// The id and the attempt of the first, but of another decision.
	w.lost("Release of a delivery that was decided anew", w.Release(ctx, first))
	w.lost("GiveUp of a delivery that was decided anew", w.GiveUp(ctx, first))

	w.clock.add(beckon.LeaseFor)
	third := w.lease()[0]
	w.lost("Release after another has it", w.Release(ctx, second))
	w.lost("GiveUp after another has it", w.GiveUp(ctx, second))
	if got := w.pending(); len(got) != 1 {
		t.Fatalf("the outbox has %v", got)
	}
	w.must(w.Acknowledge(ctx, second)) // it was made after all
	w.lost("Release of what was made", w.Release(ctx, third))
	w.must(w.GiveUp(ctx, third))
	w.must(w.Acknowledge(ctx, third, second))
	totals, err := w.Totals(ctx, "m")
	if err != nil || totals.Sent != 1 || totals.GivenUp != 0 {
		t.Errorf("%+v, %v", totals, err)
	}
	// A bounce, learnt later.
	third.Attempt = 0
	w.must(w.Release(ctx, third))
	if err := w.Release(ctx, third); !errors.Is(err, beckon.ErrDeliveryUnknown) {
		t.Errorf("released twice: %v", err)
	}
	if totals, err := w.Totals(ctx, "m"); err != nil || totals.Sent != 0 {
		t.Errorf("%+v, %v", totals, err)
	}
}

// Given up, a delivery is gone and counts as sent: no cap opens.
func TestGiveUp(t *testing.T) {
	ctx := context.Background()
	program := often()
	program.Messages[0].Frequency.Max = 2
	w := newOutbox(t, memstore.New(), program)
	one, two := w.one("u"), w.one("u")
	for range 2 { // repeated, it counts once
		w.must(w.GiveUp(ctx, one))
	}
	w.clock.add(beckon.LeaseFor)
	if got := w.lease(); len(got) != 1 || got[0].ID != two.ID {
		t.Errorf("leased: %+v", got)
	}
	two.Attempt = 0 // known by its id alone: anyone who has it
	w.must(w.GiveUp(ctx, two))
	if res := w.track(beckon.Event{Name: "e", UserID: "u"}); len(res.Deliveries) != 0 || res.Held()[0].Reason != beckon.ReasonMaxReached {
		t.Errorf("what was given up is free again: %+v, %+v", res.Deliveries, res.Held())
	}
	totals, err := w.Totals(ctx, "m")
	if err != nil || totals.Sent != 2 || totals.GivenUp != 2 || totals.Judged != 3 {
		t.Errorf("%+v, %v", totals, err)
	}
	for name, err := range map[string]error{
		"of a contact that is not known": w.GiveUp(ctx, beckon.Delivery{ID: "x", Contact: user("nobody")}),
		"that never was":                 w.GiveUp(ctx, beckon.Delivery{ID: "x", Contact: user("u")}),
	} {
		if err != nil {
			t.Errorf("a delivery %s: %v", name, err)
		}
	}
	if err := w.GiveUp(ctx, beckon.Delivery{ID: "x"}); !errors.Is(err, beckon.ErrContactMissing) {
		t.Errorf("without a contact: %v", err)
	}
}

// The deliveries of one call are acknowledged in one step, those of several
// contacts each, and what is not there any more does not keep the rest.
func TestAcknowledgeTogether(t *testing.T) {
	ctx := context.Background()
	store := &countingStore{Store: memstore.New()}
	w := newOutbox(t, store, mergeProgram())
	u, v := w.track(beckon.Event{Name: "e", UserID: "u"}).Deliveries, w.track(beckon.Event{Name: "e", UserID: "v"}).Deliveries
	if len(u) != 4 || len(v) != 4 {
		t.Fatalf("%d and %d deliveries", len(u), len(v))
	}
	w.must(w.Acknowledge(ctx, u[1]))
	store.steps.Store(0)
	w.must(w.Acknowledge(ctx, append(slices.Clone(u), v[:3]...)...))
	if n := store.steps.Load(); n != 2 {
		t.Errorf("%d steps, want 2", n)
	}
	if ids := w.pending(); !slices.Equal(ids, []string{v[3].ID}) {
		t.Errorf("the outbox has %v", ids)
	}
	w.must(w.Acknowledge(ctx))
}

// A repeat returns what is pending, and with it goes the lease (E7).
func TestRepeatTakesOver(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	event := beckon.Event{Name: "e", UserID: "u", EventID: "1"}
	first := w.track(event).Deliveries[0]
	w.one("u") // of another event
	w.clock.add(beckon.LeaseFor / 2)
	res := w.track(event)
	if !res.Duplicate || len(res.Deliveries) != 1 || res.Deliveries[0].ID != first.ID || res.Deliveries[0].Attempt != 2 {
		t.Fatalf("the repeat: %+v", res)
	}
	w.lost("Release by the first", w.Release(ctx, first))
	w.clock.add(beckon.LeaseFor / 2)
	if got := w.lease(); len(got) != 1 || got[0].ID == first.ID {
		t.Errorf("leased at the end of the first lease: %+v", got)
	}
	w.must(w.Release(ctx, res.Deliveries[0]))
	if res := w.track(event); !res.Duplicate || len(res.Deliveries) != 0 {
		t.Errorf("the repeat after the release: %+v", res)
	}
	// What a worker has is not taken from it.
	if res := w.track(beckon.Event{Name: "e", UserID: "v", EventID: "2"}); len(res.Deliveries) != 1 {
		t.Fatalf("%+v", res)
	}
	w.clock.add(beckon.LeaseFor)
	theirs := w.lease()
	if res := w.track(beckon.Event{Name: "e", UserID: "v", EventID: "2"}); !res.Duplicate || len(res.Deliveries) != 0 {
		t.Errorf("the repeat took what a worker has: %+v", res)
	}
	w.must(w.Acknowledge(ctx, theirs...))
	// An explanation leases nothing.
	again := w.one("u")
	if _, err := w.Explain(ctx, event); err != nil {
		t.Fatal(err)
	}
	w.must(w.Release(ctx, again))
}

// However often an event is repeated, and whenever the workers look, they have
// its delivery the first time that they look two leases after the decision.
func TestRepeatsStarveNoWorker(t *testing.T) {
	for _, every := range []time.Duration{time.Millisecond, time.Second, beckon.LeaseFor / 2, beckon.LeaseFor - time.Millisecond, beckon.LeaseFor} {
		w := newOutbox(t, memstore.New(), often())
		event := beckon.Event{Name: "e", UserID: "u", EventID: "1"}
		begun, had := w.clock.now(), len(w.track(event).Deliveries)
		var got []beckon.Delivery
		for len(got) == 0 && w.clock.now().Before(begun.Add(time.Hour)) {
			w.clock.add(every)
			had += len(w.track(event).Deliveries) // the repeat is always first
			got = w.lease()
		}
		if took := w.clock.now().Sub(begun); len(got) != 1 || had != 2 || took > 2*beckon.LeaseFor+every {
			t.Errorf("repeated every %v: a worker got %d after %v, callers %d", every, len(got), took, had)
		}
	}
}

// C2: what is pending moves with the contact, and can be dealt with under any
// of its identities; a merge loses none past the limit. C4: a deletion takes it.
func TestOutboxMergeAndDelete(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often(), beckon.WithPendingLimit(2))
	var all []beckon.Delivery
	for i := range 4 {
		who := beckon.Event{Name: "e", UserID: "u"}
		if i%2 == 0 {
			who = beckon.Event{Name: "e", AnonymousID: "a"}
		}
		all = append(all, w.track(who).Deliveries...)
		w.clock.add(time.Second)
	}
	w.must(second(w.Merge(ctx, beckon.Identity{AnonymousID: "a"}, user("u"))))
	if ids := w.pending(); len(all) != 4 || !slices.Equal(ids, []string{all[0].ID, all[1].ID, all[2].ID, all[3].ID}) {
		t.Fatalf("after the merge: %v", ids)
	}
	if res := w.track(beckon.Event{Name: "e", UserID: "u"}); len(res.Held()) != 1 || res.Held()[0].Reason != beckon.ReasonOutboxFull {
		t.Errorf("past the limit: %+v", res)
	}
	// Under the identity of before, the lease of before.
	w.must(w.Release(ctx, all[0]))
	w.must(w.Acknowledge(ctx, all[2]))
	w.clock.add(beckon.LeaseFor)
	if got := w.lease(); len(got) != 2 || got[0].ID != all[1].ID || got[1].ID != all[3].ID {
		t.Errorf("leased: %+v", got)
	}
	w.must(w.Delete(ctx, user("u")))
	w.clock.add(beckon.LeaseFor)
	if got := w.lease(); len(got) != 0 {
		t.Errorf("leased after the deletion: %+v", got)
	}
	w.must(w.Acknowledge(ctx, all[1]))
	w.must(w.GiveUp(ctx, all[1]))
	if err := w.Release(ctx, all[1]); !errors.Is(err, beckon.ErrDeliveryUnknown) {
		t.Errorf("Release after the deletion: %v", err)
	}
	if _, known, err := w.Export(ctx, user("u")); known || err != nil {
		t.Errorf("the contact is there again: %v", err)
	}
}

// A visitor with something pending is not dropped (C5).
func TestOutboxKeepsVisitors(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	d := w.track(beckon.Event{Name: "e", AnonymousID: "a"}).Deliveries[0]
	for _, want := range []bool{true, false} {
		w.clock.add(2 * beckon.VisitorsKeptFor)
		for _, err := range w.Due(ctx) {
			w.must(err)
		}
		if _, known, _ := w.Export(ctx, beckon.Identity{AnonymousID: "a"}); known != want {
			t.Errorf("known: %v, want %v", known, want)
		}
		w.must(w.Acknowledge(ctx, d))
	}
}

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

// A limit of the outbox holds a message and takes nothing of it; the rest waits
// for the host.
func TestOutboxFull(t *testing.T) {
	ctx := context.Background()
	program := often()
	program.Caps = []beckon.Cap{{ID: "cap", Max: 3, Within: beckon.Days(1)}}
	w := newOutbox(t, memstore.New(), program, beckon.WithPendingLimit(2))
	one := w.one("u")
	w.one("u")
	for range 3 {
		res := w.track(beckon.Event{Name: "e", UserID: "u"})
		if h := res.Held(); len(h) != 1 || h[0].Reason != beckon.ReasonOutboxFull || !h[0].RetryAt.IsZero() {
			t.Fatalf("%+v", h)
		}
	}
	w.one("v") // another contact has its own
	w.must(w.Acknowledge(ctx, one))
	if d := w.one("u"); d.Sequence != 3 {
		t.Errorf("the held ones have taken a number: %d", d.Sequence)
	}
	if res := w.track(beckon.Event{Name: "e", UserID: "u"}); len(res.Held()) != 1 || res.Held()[0].Reason != beckon.ReasonCapped {
		t.Errorf("capped comes first: %+v", res.Held())
	}
	if totals, err := w.Totals(ctx, "m"); err != nil || totals.Held[beckon.ReasonOutboxFull] != 3 || totals.Sent != 4 {
		t.Errorf("%+v, %v", totals, err)
	}
}

// What Due sends and what a series has reached waits on while the outbox is
// full, and goes out once when there is room; an ongoing message at the next
// visit or sweep.
func TestOutboxFullWaits(t *testing.T) {
	ctx := context.Background()
	content := beckon.Content{Body: "x"}
	m := beckon.Message{ID: "late", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: content}
	window := m
	window.Trigger = beckon.On("go")
	window.Schedule = &beckon.Schedule{Windows: []beckon.Window{{From: "13:00", To: "15:00"}}, Outside: beckon.OutsideHold}
	absence := m
	absence.Trigger = beckon.On("go").Unless("stay", beckon.Hours(1), "")
	due := func(w *outboxWorld) int { return w.drain(w.Due(ctx)) }
	for name, c := range map[string]struct {
		message beckon.Message
		series  []beckon.Series
		run     func(w *outboxWorld) int
	}{
		"window":  {message: window, run: due},
		"absence": {message: absence, run: due},
		"ongoing": {message: m, run: func(w *outboxWorld) int { return w.drain(w.Sweep(ctx)) }},
		"series": {run: due, series: []beckon.Series{{
			ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("go")},
			Blocks: []beckon.Block{
				{ID: "wait", Wait: beckon.Hours(1), Next: "send"},
				{ID: "send", Message: &beckon.Message{ID: "late", Channel: beckon.Email, Content: content}},
			},
		}}},
	} {
		program := often()
		program.Series = c.series
		if c.message.ID != "" {
			program.Messages = append(program.Messages, c.message)
		}
		w := newOutbox(t, memstore.New(), program, beckon.WithPendingLimit(1))
		first := w.one("u")
		w.track(beckon.Event{Name: "go", UserID: "u"})
		w.clock.add(time.Hour)
		for range 3 {
			if n := c.run(w); n != 0 {
				t.Fatalf("%s: sent into a full outbox", name)
			}
			w.clock.add(beckon.LeaseFor)
		}
		totals, err := w.Totals(ctx, "late")
		if err != nil || totals.Held[beckon.ReasonOutboxFull] != 3 {
			t.Errorf("%s: %+v, %v", name, totals, err)
		}
		w.must(w.Acknowledge(ctx, first))
		for i, want := range []int{1, 0} {
			if n := c.run(w); n != want {
				t.Errorf("%s, run %d with room: %d sent, want %d", name, i, n, want)
			}
			w.clock.add(beckon.LeaseFor)
		}
	}
}

// drain consumes a run and gives how many deliveries it had.
func (w *outboxWorld) drain(run func(func(beckon.Delivery, error) bool)) (n int) {
	w.t.Helper()
	for _, err := range run {
		w.must(err)
		n++
	}
	return n
}

// A run leases what it yields to its consumer when it yields it, however long
// the consumer takes for each and however long ago the run began.
func TestRunLeasesWhatItYields(t *testing.T) {
	ctx := context.Background()
	var program beckon.Program
	for _, id := range []string{"a", "b", "c"} {
		program.Messages = append(program.Messages, beckon.Message{
			ID: id, Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: beckon.Content{Body: "x"},
		})
	}
	w := newOutbox(t, memstore.New(), program)
	for i := range 3 {
		if _, err := w.Update(ctx, beckon.Contact{UserID: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	sent := map[string]int{}
	for d, err := range w.Sweep(ctx) {
		w.must(err)
		for _, x := range w.lease() {
			t.Fatalf("a worker has %s of %s while the run has %s of %s", x.Message, x.Contact.UserID, d.Message, d.Contact.UserID)
		}
		sent[d.ID]++
		w.clock.add(beckon.LeaseFor/2 - time.Millisecond)
		if got := w.lease(); len(got) != 0 {
			t.Fatalf("half a lease after %s was yielded a worker has %+v", d.Message, got)
		}
		w.must(w.Acknowledge(ctx, d))
	}
	if len(sent) != 9 {
		t.Errorf("%d were sent, want 9", len(sent))
	}
}

// What a worker took because the consumer was too slow for all of a contact is
// not yielded, and not given back when the consumer stops.
func TestRunLosesLeases(t *testing.T) {
	ctx := context.Background()
	for _, stops := range []bool{false, true} {
		var program beckon.Program
		for _, id := range []string{"a", "b", "c"} {
			program.Messages = append(program.Messages, beckon.Message{
				ID: id, Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: beckon.Content{Body: "x"},
			})
		}
		w := newOutbox(t, memstore.New(), program)
		if _, err := w.Update(ctx, beckon.Contact{UserID: "u"}); err != nil {
			t.Fatal(err)
		}
		var got []beckon.Delivery
		var run []string
		for d, err := range w.Sweep(ctx) {
			w.must(err)
			run = append(run, d.Message)
			w.must(w.Acknowledge(ctx, d))
			w.clock.add(beckon.LeaseFor)
			for x, err := range w.Pending(ctx) {
				w.must(err)
				got = append(got, x)
				break // one of two
			}
			if stops {
				break
			}
		}
		want := []string{"a", "c"}
		if stops {
			want = want[:1]
		}
		if !slices.Equal(run, want) || len(got) == 0 || got[0].Message != "b" {
			t.Errorf("stops %v: the run had %v, the worker %+v", stops, run, got)
		}
		w.must(w.Acknowledge(ctx, got...))
		w.clock.add(beckon.LeaseFor)
		if n := w.drain(w.Sweep(ctx)); stops && n != 1 || !stops && n != 0 { // "c" was given back, "b" was not
			t.Errorf("stops %v: the next run sends %d", stops, n)
		}
	}
}

// What a run cannot lease for its consumer, since the store fails, it does not
// yield.
func TestRunRenewalFails(t *testing.T) {
	ctx := context.Background()
	var program beckon.Program
	for _, id := range []string{"a", "b"} {
		program.Messages = append(program.Messages, beckon.Message{
			ID: id, Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: beckon.Content{Body: "x"},
		})
	}
	store := newFaultStore()
	w := newOutbox(t, store, program)
	if _, err := w.Update(ctx, beckon.Contact{UserID: "u"}); err != nil {
		t.Fatal(err)
	}
	var failed *beckon.StoreError
	var got []string
	for d, err := range w.Sweep(ctx) {
		if err != nil {
			if !errors.As(err, &failed) {
				t.Fatal(err)
			}
			continue
		}
		got = append(got, d.Message)
		store.arm(1, failBefore)
	}
	store.heal()
	if failed == nil || !slices.Equal(got, []string{"a"}) {
		t.Errorf("yielded %v, error %v", got, failed)
	}
	if n := w.drain(w.Sweep(ctx)); n != 1 {
		t.Errorf("the next run sends %d, want 1: what was not yielded is given back", n)
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
