package sharedmodel

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

// within reports whether something may happen in a pass that is to reach everybody.
func (w *world) within(n int) bool {
	if w.slow {
		return slices.Contains([]int{2, 3, 4, 6, 7, 16}, n)
	}
	return slices.Contains([]int{0, 1, 6, 7, 12, 13, 15}, n)
}

// act does one thing at random.
func (w *world) act() {
	ctx := context.Background()
	i := w.r.IntN(len(w.replicas))
	rep := w.replicas[i]
	n := w.r.IntN(40)
	if w.strict && !w.within(n) {
		n = 40
	}
	switch n {
	case 0:
		if rep.next != nil {
			w.note("%d is stopped", i)
			w.ends(rep)
		}
	case 1:
		if rep.next != nil {
			w.note("the context of %d ends", i)
			rep.cancel()
		}
	case 2, 3, 4:
		by := []time.Duration{100 * time.Millisecond, time.Second, beckon.LeaseFor / 3, beckon.LeaseFor + time.Second, time.Hour}[w.r.IntN(5)]
		w.note("it is %v later", by)
		w.later(by)
	case 5:
		by := []time.Duration{time.Second, -time.Second, 2 * beckon.LeaseFor, -2 * beckon.LeaseFor}[w.r.IntN(4)]
		if w.outbox { // leases are as good as clocks agree
			w.note("all clocks are put by %v", by)
			w.later(by)
			break
		}
		w.note("the clock of %d is put by %v", i, by)
		rep.clock.add(by)
	case 6, 7:
		id := w.someone()
		if w.strict { // somebody new
			id = fmt.Sprintf("n%d", len(w.known))
		}
		w.note("update %s", id)
		pro := w.r.IntN(3) > 0
		if w.add(id, pro); !pro {
			w.fresh++
		}
	case 8:
		id := w.someone()
		w.note("delete %s", id)
		w.remove(id)
	case 9:
		a, b := w.someone(), w.someone()
		w.note("merge %s into %s", a, b)
		w.merge(a, b)
	case 10:
		if w.message == "later" {
			break // what is due meanwhile is dropped
		}
		w.note("pause %v", !w.paused)
		e := w.anEngine()
		if w.paused = !w.paused; w.paused {
			w.must("pause", e.Pause(ctx, w.message))
		} else {
			w.must("resume", e.Resume(ctx, w.message))
		}
		for _, rep := range w.replicas {
			if rep.next == nil && !w.faults {
				w.must("refresh", rep.engine.Refresh(ctx))
			}
		}
	case 11:
		w.pass = rep.clock.now().Truncate(time.Minute)
	case 12, 13:
		if w.faults {
			kinds := []storetest.Fault{storetest.FailBefore, storetest.FailAfter, storetest.CrashBefore, storetest.CrashAfter}
			if !w.outbox { // a crash loses what was decided ahead
				kinds = kinds[:2]
			}
			kind, at := kinds[w.r.IntN(len(kinds))], 1+w.r.IntN(6)
			w.note("the store of %d is to fail, %d at call %d", i, kind, at)
			rep.kept.Arm(at, kind, nil)
		}
	case 14:
		if w.outbox {
			w.work()
		}
	case 15:
		if w.outbox && rep.next != nil && w.faults {
			w.note("%d dies", i)
			rep.kept.Arm(1, storetest.CrashBefore, nil)
			w.ends(rep)
			w.start(rep)
		}
	case 16:
		by := beckon.LeaseFor + time.Second
		w.note("%d is slow in its next step", i)
		rep.kept.after = func() {
			rep.kept.after = nil
			w.later(by)
			if w.outbox {
				w.work()
			}
		}
	case 17:
		if w.faults && rep.next != nil {
			within := w.r.IntN(2) == 0
			w.note("the context of %d ends in its next step, within it: %v", i, within)
			rep.kept.before = func(steps []store.Step) {
				rep.kept.before = nil
				switch last := &steps[len(steps)-1]; {
				case rep.cancel == nil:
				case within:
					last.Decider = ending{last.Decider, rep.cancel}
				default:
					rep.cancel()
				}
			}
		}
	default:
		w.take(i)
	}
}

// later puts all clocks.
func (w *world) later(by time.Duration) {
	w.clock.add(by)
	for _, rep := range w.replicas {
		rep.clock.add(by)
	}
}

// work has a worker take what is pending.
func (w *world) work() {
	ctx := context.Background()
	for d, err := range w.plain.Pending(ctx) {
		w.must("pending", err)
		id := d.Contact.UserID
		w.note("a worker gets that of %s", id)
		if (w.done[id] || w.made[id]) && !w.loose[id] {
			w.fatal("a worker gets that of %s again", id)
		}
		w.must("acknowledge", w.plain.Acknowledge(ctx, d))
		w.made[id], w.got[w.resolve(id)] = true, true
	}
}

// Play plays the history of a seed. open opens a store on data of its own, the same at each call,
// as a process does that comes to it.
func Play(t TB, seed uint64, open func() beckon.Store) {
	r := rand.New(rand.NewPCG(seed, 5))
	w := &world{
		t: t, r: r, open: open, outbox: r.IntN(2) == 0, message: []string{"news", "once", "later"}[r.IntN(3)], clock: &hand{}, pass: noon(),
		yielded: map[string]int{}, made: map[string]bool{}, done: map[string]bool{}, known: map[string]bool{}, pro: map[string]bool{},
		got: map[string]bool{}, loose: map[string]bool{}, into: map[string]string{},
	}
	w.faults = r.IntN(2) == 0
	w.clock.set(noon().Add(-2 * time.Hour))
	var err error
	opts := []beckon.Option{beckon.WithClock(w.clock.now)}
	if w.outbox {
		opts = append(opts, beckon.WithOutbox())
	}
	if w.plain, err = beckon.New(open(), opts...); err == nil {
		err = w.plain.Publish(context.Background(), Program())
	}
	w.must("publish", err)
	for range 2 + r.IntN(2) {
		rep := &replica{clock: &hand{}}
		rep.clock.set(w.clock.now())
		w.start(rep)
		w.replicas = append(w.replicas, rep)
	}
	for range 40 {
		w.add(w.someone(), r.IntN(4) > 0)
	}
	w.later(2 * time.Hour)
	w.strict, w.slow = r.IntN(2) == 0, r.IntN(2) == 0
	w.faults = w.faults && !(w.strict && w.slow)
	for range 150 {
		w.act()
	}
	if w.strict {
		w.endPass()
	}
	w.end()
}

// endPass lets a pass come to its end, and looks whether all who were there before it were
// reached by it.
func (w *world) endPass() {
	w.note("the pass is to end")
	if !w.slow {
		w.later(beckon.LeaseFor + time.Second) // of those who have died
	}
	for range 2 {
		for i, rep := range w.replicas {
			rep.kept.Heal()
			for w.take(i); rep.next != nil; w.take(i) {
			}
		}
	}
	if w.outbox {
		w.later(beckon.LeaseFor)
		w.work()
	}
	free := int64(0)
	for id, pro := range w.pro {
		switch {
		case id[0] == 'n':
		case !pro:
			free++
		case !w.got[id]:
			w.fatal("%s has not got it in the pass", id)
		}
	}
	totals, err := w.plain.Totals(context.Background(), "news")
	w.must("totals", err)
	if got := totals.Held[beckon.ReasonAudience]; w.message == "news" && (got < free || got > free+w.fresh) {
		w.fatal("in the pass %d were held audience, want %d, and some of %d", got, free, w.fresh)
	}
}

// end lets runs come to their end, and looks whether everybody was reached.
func (w *world) end() {
	ctx := context.Background()
	w.note("the end")
	for i, rep := range w.replicas {
		rep.kept.Heal()
		rep.kept.before, rep.kept.after = nil, nil
		for w.r.IntN(3) > 0 && rep.next != nil {
			w.take(i)
		}
		if rep.next != nil {
			w.ends(rep)
		}
	}
	if w.paused {
		w.must("resume", w.plain.Resume(ctx, w.message))
	}
	w.must("refresh", w.plain.Refresh(ctx))
	for range 6 {
		w.later(time.Hour)
		for d, err := range w.runOf(ctx, w.plain, beckon.Shared(w.clock.now())) {
			w.must("the last runs", err)
			w.handed(-1, d)
		}
	}
	if w.outbox {
		w.later(24 * time.Hour)
		w.work()
	}
	held := map[beckon.Reason]int64{}
	for id, there := range w.known {
		switch {
		case !there:
		case !w.pro[id]:
			held[beckon.ReasonAudience]++
		default:
			held[beckon.ReasonAlreadySent]++
			if !w.got[id] {
				w.fatal("%s has not got it", id)
			}
		}
	}
	if w.message != "news" {
		return
	}
	totals, err := w.plain.Totals(ctx, "news")
	w.must("totals", err)
	for _, reason := range []beckon.Reason{beckon.ReasonAudience, beckon.ReasonAlreadySent} {
		// Who got it and is not pro any more is of one or the other.
		if got := totals.Held[reason]; got != held[reason] {
			w.fatal("held %s: %d, want %d", reason, got, held[reason])
		}
	}
}
