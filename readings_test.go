package beckon_test

import (
	"context"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/throttle"
)

// A stalled world is an engine whose next call of the store waits, after the
// clock was read, while something else happens.
type stalledWorld struct {
	clock  *hand
	store  *faultStore
	engine *beckon.Engine
}

func newStalledWorld(t *testing.T, p beckon.Program, opts ...beckon.Option) *stalledWorld {
	t.Helper()
	w := &stalledWorld{clock: &hand{}, store: newFaultStore()}
	w.clock.set(noon.Add(-time.Hour))
	engine, err := beckon.New(w.store, append(opts, beckon.WithClock(w.clock.now))...)
	if err != nil {
		t.Fatal(err)
	}
	w.engine = engine
	if err := engine.Publish(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	w.clock.set(noon)
	return w
}

// meanwhile has fn happen between the next reading of the clock and its step.
func (w *stalledWorld) meanwhile(fn func()) {
	done := false
	w.store.interleave(func(int) {
		if !done {
			done = true
			fn()
		}
	})
}

// at tracks an event at an instant after noon and reports whether it sent.
func (w *stalledWorld) at(t *testing.T, after time.Duration) (sent bool, held beckon.Held) {
	t.Helper()
	w.clock.set(noon.Add(after))
	return w.track(t)
}

func (w *stalledWorld) track(t *testing.T) (sent bool, held beckon.Held) {
	t.Helper()
	res, err := w.engine.Track(context.Background(), beckon.Event{Name: "e", UserID: "u"})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Held()) > 0 {
		held = res.Held()[0]
	}
	return len(res.Deliveries) == 1, held
}

func triggeredBy(event string, f beckon.Frequency, tags ...string) beckon.Message {
	return beckon.Message{
		ID: "m", Status: beckon.Live, Trigger: beckon.On(event), Frequency: &f, Tags: tags, Content: beckon.Content{Body: "x"},
	}
}

// F2, F6: a caller read the clock at noon and is stalled for ten minutes, while
// another sends at ten past. That send lies ahead of the old reading, not of the
// clock: the next one goes out at ten past one.
func TestDistanceAfterAStall(t *testing.T) {
	w := newStalledWorld(t, beckon.Program{Messages: []beckon.Message{triggeredBy("e", beckon.Frequency{Every: beckon.Hours(1)})}})
	w.meanwhile(func() {
		if sent, _ := w.at(t, 10*time.Minute); !sent {
			t.Error("the caller that is not stalled sends nothing")
		}
	})
	sent, held := w.track(t)
	if want := noon.Add(70 * time.Minute); sent || held.Reason != beckon.ReasonThrottled || !held.RetryAt.Equal(want) {
		t.Errorf("the stalled caller: sent %v, held %+v; want throttled until %v", sent, held, want)
	}
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{time.Hour, false}, {70*time.Minute - time.Millisecond, false}, {70 * time.Minute, true}} {
		if sent, held := w.at(t, c.after); sent != c.want {
			t.Errorf("%v after noon: sent %v, held %+v", c.after, sent, held)
		}
	}
}

// F2: a caller that is stalled alone sends late. The distance runs from the
// send, not from the reading of the clock before the stall.
func TestDistanceAfterAStallAlone(t *testing.T) {
	for _, outbox := range []bool{false, true} {
		var opts []beckon.Option
		if outbox {
			opts = append(opts, beckon.WithOutbox())
		}
		w := newStalledWorld(t, beckon.Program{Messages: []beckon.Message{triggeredBy("e", beckon.Frequency{Every: beckon.Hours(1)})}}, opts...)
		w.meanwhile(func() { w.clock.set(noon.Add(10 * time.Minute)) })
		res, err := w.engine.Track(context.Background(), beckon.Event{Name: "e", UserID: "u"})
		if err != nil || len(res.Deliveries) != 1 {
			t.Fatalf("outbox %v: %v, %v", outbox, res.Deliveries, err)
		}
		if at := res.Deliveries[0].At; !at.Equal(noon.Add(10 * time.Minute)) {
			t.Errorf("outbox %v: sent at %v, want the end of the stall", outbox, at)
		}
		for d, err := range w.engine.Outbox(context.Background()) {
			if err != nil || !d.At.Equal(res.Deliveries[0].At) {
				t.Errorf("pending: %v at %v, want %v", err, d.At, res.Deliveries[0].At)
			}
		}
		if outbox {
			if err := w.engine.GiveUp(context.Background(), res.Deliveries[0]); err != nil {
				t.Errorf("the lease of what was dated anew: %v", err)
			}
		}
		if sent, held := w.at(t, 70*time.Minute-time.Millisecond); sent || !held.RetryAt.Equal(noon.Add(70*time.Minute)) {
			t.Errorf("outbox %v: within the hour: sent %v, held %+v", outbox, sent, held)
		}
		if sent, held := w.at(t, 70*time.Minute); !sent {
			t.Errorf("outbox %v: after the hour: held %+v", outbox, held)
		}
	}
}

// What is not the caller's any more is not dated anew: another worker has it by
// now, under the lease that it was given (Z1), or it was given back or deleted.
func TestStallOverWhatIsAnothers(t *testing.T) {
	ctx := context.Background()
	p := beckon.Program{Messages: []beckon.Message{triggeredBy("e", beckon.Frequency{Every: beckon.Hours(1)})}}
	// second has fn happen after the stalled step, before what it sent is dated anew.
	second := func(w *stalledWorld, fn func()) {
		w.store.interleave(func(call int) {
			switch call {
			case 1:
				w.clock.set(noon.Add(10 * time.Minute))
			case 2:
				fn()
			}
		})
	}
	w := newStalledWorld(t, p, beckon.WithOutbox())
	if _, err := w.engine.Visit(ctx, beckon.Visit{UserID: "u"}); err != nil {
		t.Fatal(err)
	}
	var theirs beckon.Delivery
	second(w, func() {
		for d, err := range w.engine.Pending(ctx) {
			if err != nil {
				t.Fatal(err)
			}
			theirs = d
		}
	})
	res, err := w.engine.Track(ctx, beckon.Event{Name: "e", UserID: "u"})
	if err != nil || len(res.Deliveries) != 1 || theirs.Attempt != 2 {
		t.Fatalf("%v, %v; the worker has %+v", res.Deliveries, err, theirs)
	}
	if at := res.Deliveries[0].At; !at.Equal(theirs.At) {
		t.Errorf("the caller has it as of %v, the worker as of %v", at, theirs.At)
	}
	if err := w.engine.GiveUp(ctx, theirs); err != nil {
		t.Errorf("the worker's lease: %v", err)
	}

	w = newStalledWorld(t, p)
	second(w, func() {
		if err := w.engine.Delete(ctx, beckon.Identity{UserID: "u"}); err != nil {
			t.Error(err)
		}
	})
	if res, err = w.engine.Track(ctx, beckon.Event{Name: "e", UserID: "u"}); err != nil || len(res.Deliveries) != 1 {
		t.Fatalf("%v, %v", res.Deliveries, err)
	}
	if at := res.Deliveries[0].At; !at.Equal(noon) {
		t.Errorf("nothing is left of it, and it is as of %v; want the instant of the decision", at)
	}
}

// F5, F6: the window of a cap after a stall. Three sends go out while a caller
// is stalled; none of them leaves the window sooner for that.
func TestCapAfterAStall(t *testing.T) {
	w := newStalledWorld(t, beckon.Program{
		Caps:     []beckon.Cap{{ID: "three", Tag: "t", Max: 3, Within: beckon.Hours(1)}},
		Messages: []beckon.Message{triggeredBy("e", beckon.Frequency{Every: beckon.Seconds(0)}, "t")},
	})
	w.meanwhile(func() {
		for i := range 3 {
			if sent, _ := w.at(t, time.Duration(10+i)*time.Minute); !sent {
				t.Error("a cap of three holds sooner")
			}
		}
	})
	if sent, held := w.track(t); sent || held.Reason != beckon.ReasonCapped || !held.RetryAt.Equal(noon.Add(70*time.Minute)) {
		t.Errorf("the stalled caller: sent %v, held %+v", sent, held)
	}
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{70*time.Minute - time.Millisecond, false}, {70 * time.Minute, true}, {71*time.Minute - time.Millisecond, false}, {71 * time.Minute, true}} {
		if sent, held := w.at(t, c.after); sent != c.want {
			t.Errorf("%v after noon: sent %v, held %+v", c.after, sent, held)
		}
	}
}

// F6: where the clock has indeed stepped back, a second reading says so, and the
// last send counts as made at that moment. Another send that comes between the
// readings is one of the clock as it is now, and keeps its instant.
func TestStepBackIsSeenByASecondReading(t *testing.T) {
	w := newStalledWorld(t, beckon.Program{Messages: []beckon.Message{triggeredBy("e", beckon.Frequency{Every: beckon.Hours(1)})}})
	if sent, _ := w.at(t, 1000*time.Hour); !sent {
		t.Fatal("nothing was sent")
	}
	if sent, held := w.at(t, 0); sent || !held.RetryAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("after the step back: sent %v, held %+v", sent, held)
	}
	if sent, held := w.at(t, 30*time.Minute); sent || !held.RetryAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("half an hour later: sent %v, held %+v", sent, held)
	}
	if sent, held := w.at(t, time.Hour); !sent {
		t.Errorf("an hour later: held %+v", held)
	}
}

// A clock that a racing caller always outruns is read a few times and no more.
func TestReadingsEnd(t *testing.T) {
	w := newStalledWorld(t, beckon.Program{Messages: []beckon.Message{triggeredBy("e", beckon.Frequency{Every: beckon.Seconds(1)})}})
	other := 0
	w.store.interleave(func(int) {
		if other++; other < 50 {
			w.clock.add(2 * time.Second)
			if sent, held := w.track(t); !sent {
				t.Errorf("the other caller: held %+v", held)
			}
		}
	})
	sent, held := w.track(t)
	if sent || held.Reason != beckon.ReasonThrottled || other > 5 {
		t.Errorf("sent %v, held %+v, after %d steps", sent, held, other)
	}
}

// D4: a check by an older reading is not one from before the clock stepped back.
func TestCheckAfterAStall(t *testing.T) {
	w := newStalledWorld(t, beckon.Program{})
	ctx, who := context.Background(), beckon.Identity{UserID: "u"}
	check := func(after time.Duration) error {
		w.clock.set(noon.Add(after))
		_, err := w.engine.Check(ctx, who)
		return err
	}
	w.meanwhile(func() {
		if err := check(10 * time.Minute); err != nil {
			t.Error(err)
		}
	})
	if _, err := w.engine.Check(ctx, who); !isTooSoon(err, noon.Add(25*time.Minute)) {
		t.Errorf("the stalled caller: %v", err)
	}
	if err := check(25*time.Minute - time.Millisecond); !isTooSoon(err, noon.Add(25*time.Minute)) {
		t.Errorf("too soon: %v", err)
	}
	if err := check(25 * time.Minute); err != nil {
		t.Error(err)
	}
}

func isTooSoon(err error, retryAt time.Time) bool {
	list, ok := err.(beckon.ErrorList) //nolint:errorlint // Check returns the list itself
	return ok && len(list) == 1 && list[0].Code == beckon.ErrCheckTooSoon && list[0].RetryAt.Equal(retryAt)
}

// F2: a sweep decides each contact at an instant of its own, however long the
// consumer takes for the ones before.
func TestSweepDatesEachContact(t *testing.T) {
	w := newStalledWorld(t, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Mode: beckon.Ongoing, Channel: beckon.Email, Content: beckon.Content{Body: "x"},
	}}})
	for _, id := range []string{"a", "b", "c"} {
		if _, err := w.engine.Update(context.Background(), beckon.Contact{UserID: id}); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for d, err := range w.engine.Sweep(context.Background()) {
		if want := noon.Add(time.Duration(n) * time.Minute); err != nil || !d.At.Equal(want) {
			t.Errorf("delivery %d: at %v, %v; want %v", n, d.At, err, want)
		}
		n++
		w.clock.add(time.Minute)
	}
	if n != 3 {
		t.Errorf("%d deliveries", n)
	}
}

// S1, F2: what a sweep decides late is decided as of then: a window that has
// closed meanwhile holds the message.
func TestSweepThatOutlastsAWindow(t *testing.T) {
	w := newStalledWorld(t, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Mode: beckon.Ongoing, Channel: beckon.Email, Content: beckon.Content{Body: "x"},
		Schedule: &beckon.Schedule{Windows: []beckon.Window{{From: "12:00", To: "12:02"}}},
	}}})
	for _, id := range []string{"a", "b", "c"} {
		if _, err := w.engine.Update(context.Background(), beckon.Contact{UserID: id}); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, err := range w.engine.Sweep(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		w.clock.add(time.Minute)
	}
	if n != 2 {
		t.Errorf("%d deliveries, want those before the window closed", n)
	}
}

// F2, F6: a throttler's permit after a stall, with another and alone.
func TestThrottlerAfterAStall(t *testing.T) {
	for _, c := range []struct {
		name      string
		f         beckon.Frequency
		opts      []throttle.Option
		alone     bool
		allowed   bool
		retryAt   time.Duration
		remaining int
	}{
		{"another took one", beckon.Frequency{Every: beckon.Hours(1)}, nil, false, false, 70 * time.Minute, -1},
		{"alone", beckon.Frequency{Every: beckon.Hours(1)}, nil, true, true, 70 * time.Minute, -1},
		{"a limit, another took it", beckon.Frequency{Every: beckon.Seconds(0)}, []throttle.Option{throttle.WithLimit(1, time.Hour)}, false, false, 70 * time.Minute, 0},
		{"a limit, alone", beckon.Frequency{Every: beckon.Seconds(0)}, []throttle.Option{throttle.WithLimit(1, time.Hour)}, true, true, 70 * time.Minute, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, clock, store := context.Background(), &hand{}, newFaultStore()
			clock.set(noon)
			throttler, err := beckon.NewThrottler(store, c.f, append(c.opts, throttle.WithClock(clock.now))...)
			if err != nil {
				t.Fatal(err)
			}
			done := false
			store.interleave(func(int) {
				if done {
					return
				}
				done = true
				clock.set(noon.Add(10 * time.Minute))
				if p, err := throttler.Take(ctx, "k"); !c.alone && (err != nil || !p.Allowed) {
					t.Errorf("the other: %+v, %v", p, err)
				} else if c.alone {
					if err := throttler.Release(ctx, "k", p.ID()); err != nil {
						t.Error(err)
					}
				}
			})
			p, err := throttler.Take(ctx, "k")
			if err != nil || p.Allowed != c.allowed || p.Remaining != c.remaining {
				t.Errorf("the stalled one: %+v, %v", p, err)
			}
			if !c.allowed && !p.RetryAt.Equal(noon.Add(c.retryAt)) {
				t.Errorf("retry at %v", p.RetryAt)
			}
			clock.set(noon.Add(c.retryAt - time.Millisecond))
			if p, _ := throttler.Take(ctx, "k"); p.Allowed || !p.RetryAt.Equal(noon.Add(c.retryAt)) {
				t.Errorf("too soon: %+v", p)
			}
			clock.set(noon.Add(c.retryAt))
			if p, _ := throttler.Take(ctx, "k"); !p.Allowed {
				t.Errorf("in time: %+v", p)
			}
		})
	}
}
