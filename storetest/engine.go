package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// engineCases are about an engine over the store: what fails and is repeated
// leaves what would be there if it had not failed, and what several do at the
// same time is done once.
func engineCases() []testCase {
	var all []testCase
	for _, op := range operations() {
		all = append(all, testCase{name: "engine/" + op.name + " is repeated", run: func(e *env) { repeated(e, op) }})
	}
	return append(
		all,
		testCase{name: "engine/one cap", run: engineCap},
		testCase{name: "engine/due by many", run: engineDue},
		testCase{name: "engine/leases", run: engineLeases},
		testCase{name: "engine/merged while it goes on", run: engineMerge},
	)
}

// start is the time of the engine's clock.
func start() time.Time { return time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC) }

// engine returns an engine with the trial's program over a store.
func (e *env) engine(store beckon.Store, id string, now time.Time) *beckon.Engine {
	e.Helper()
	engine, err := beckon.New(store, beckon.WithClock(func() time.Time { return now }), beckon.WithOutbox())
	if err == nil {
		err = engine.Publish(e.ctx, program(id))
	}
	if err != nil {
		e.Fatalf("an engine over the store: %v", err)
	}
	return engine
}

// repeated has each call of the store that an operation makes fail in each way,
// repeats the operation as a new process would, and compares with what a store
// in memory has that did not fail.
func repeated(e *env, op operation) {
	faults := NewFaultStore(e.store)
	failed := 0
	for fault := FailBefore; fault <= CrashAfter; fault++ {
		for n := 1; ; n++ {
			id := fmt.Sprintf("%d-%d", fault, n)
			what := fmt.Sprintf("fault %d at call %d of %s", fault, n, op.name)
			model := memstore.New()
			for _, store := range []beckon.Store{model, e.store} {
				if err := op.prepare(e.ctx, e.engine(store, id, start()), id); err != nil {
					e.Fatalf("before %s: %v", what, err)
				}
			}
			now := start().Add(op.later)
			if err := op.do(e.ctx, e.engine(model, id, now), id); err != nil {
				e.Fatalf("%s in memory: %v", op.name, err)
			}
			ctx, cancel := context.WithCancel(e.ctx)
			engine := e.engine(faults, id, now)
			faults.Arm(n, fault, cancel)
			err := op.do(ctx, engine, id)
			cancel()
			met := faults.Heal() >= n
			if met {
				failed++
				want := error(ErrFault)
				if fault == HangBefore || fault == HangAfter {
					want = context.Canceled
				}
				if err != nil && !errors.Is(err, want) {
					e.Errorf("%s: the error is %v, want %v", what, err, want)
				}
				err = op.do(e.ctx, e.engine(e.store, id, now), id)
			}
			if err != nil {
				e.Fatalf("%s, repeated: %v", what, err)
			}
			e.likeModel(what, model, id)
			if !met {
				break
			}
		}
	}
	if failed == 0 {
		e.Errorf("no call of %s could fail", op.name)
	}
}

// likeModel reports where the store differs from the one in memory, in what is
// of a trial.
func (e *env) likeModel(what string, model beckon.Store, id string) {
	e.Helper()
	m := e.over(model)
	all := []store.Key{user("u-" + id), {Kind: store.KindAnonymous, ID: "v-" + id}}
	for _, message := range program(id).Messages {
		all = append(all, store.Key{Kind: store.KindMessage, ID: message.ID})
		if got, want := e.totals(message.ID)["sent"], m.totals(message.ID)["sent"]; got != want {
			e.Errorf("%s, repeated: %q was sent %d times, want %d", what, message.ID, got, want)
		}
	}
	for _, key := range all {
		if got, want := firstAttempt(e.read(key)), firstAttempt(m.read(key)); !same(got, want) {
			e.Errorf("%s, repeated:\n got %+v\nwant %+v", what, show(got), show(want))
		}
		got, want := logged(e.events(key, store.EventCursor{}, 100)), logged(m.events(key, store.EventCursor{}, 100))
		if !slices.Equal(got, want) {
			e.Errorf("%s, repeated: the log of %v is %v, want %v", what, key, got, want)
		}
	}
	for _, q := range []store.Query{{Email: id + "@x.test"}, {Moving: true}} {
		got := e.found(q)
		if q.Moving { // of this trial only
			got = slices.DeleteFunc(got, func(x string) bool { return x != "u-"+id && x != "v-"+id })
		}
		if want := m.found(q); !slices.Equal(got, want) {
			e.Errorf("%s, repeated: %+v finds %v, want %v", what, q, got, want)
		}
	}
}

// firstAttempt changes a copy of a record to what it would be if nothing had been
// leased again: a repeat that is known hands out the delivery once more.
func firstAttempt(r *store.Record) *store.Record {
	for p := range r.Pending.All() {
		p.Delivery.Attempt = min(p.Delivery.Attempt, 1)
	}
	return r
}

// show returns a record with its profile and what is pending, for a message.
func show(r *store.Record) string {
	var pending []store.Pending
	for p := range r.Pending.All() {
		pending = append(pending, *p)
	}
	if r.Profile == nil {
		return fmt.Sprintf("%+v, pending %+v", *r, pending)
	}
	return fmt.Sprintf("%+v, pending %+v, with %+v", *r, pending, *r.Profile)
}

// engineCap has several engines take one cap.
func engineCap(e *env) {
	engines := [4]*beckon.Engine{}
	for i := range engines {
		engines[i] = e.engine(e.store, "c", start())
	}
	sent := make([]map[string]bool, racers)
	race(func(racer int) {
		sent[racer] = make(map[string]bool)
		for lap := range laps / 5 {
			res, err := engines[racer%len(engines)].Track(e.ctx, beckon.Event{Name: "go-c", UserID: "u-c", EventID: fmt.Sprint(racer, "/", lap)})
			if err != nil {
				e.Errorf("Track: %v", err)
			}
			for _, d := range res.Deliveries {
				sent[racer][d.ID] = true
			}
		}
	})
	all := make(map[string]bool)
	for _, s := range sent {
		maps.Copy(all, s)
	}
	s, _ := e.read(user("u-c")).Stat(name("go-c"))
	if len(all) != 3 || s.Count != racers*laps/5 || e.totals("now-c")["sent"] != 3 {
		e.Errorf("a cap of 3: %d were sent, %d events counted of %d, totals %v", len(all), s.Count, racers*laps/5, e.totals("now-c"))
	}
}

// engineDue has several workers do what is due: each message goes out once.
func engineDue(e *env) {
	const contacts = 20
	before := e.engine(e.store, "d", start())
	for i := range contacts {
		if _, err := before.Track(e.ctx, beckon.Event{Name: "wait-d", UserID: fmt.Sprint("u", i)}); err != nil {
			e.Fatalf("Track: %v", err)
		}
	}
	sent := make([][]string, racers)
	race(func(racer int) {
		if racer%4 != 0 {
			return
		}
		for d, err := range e.engine(e.store, "d", start().Add(time.Hour)).Due(e.ctx) {
			if err != nil {
				e.Errorf("Due: %v", err)
				return
			}
			sent[racer] = append(sent[racer], d.Contact.UserID)
		}
	})
	all := slices.Sorted(slices.Values(slices.Concat(sent...)))
	if len(all) != contacts || len(slices.Compact(slices.Clone(all))) != contacts {
		e.Errorf("%d contacts had something due; sent to %v", contacts, all)
	}
}

// engineLeases has several workers take what the outbox has: each delivery is
// with one of them at a time, comes again when its lease has ended, and no more
// once it is acknowledged.
func engineLeases(e *env) {
	const contacts = 20
	first := e.engine(e.store, "l", start())
	for i := range contacts {
		if _, err := first.Track(e.ctx, beckon.Event{Name: "go-l", UserID: fmt.Sprint("u", i)}); err != nil {
			e.Fatalf("Track: %v", err)
		}
	}
	for hour := range 4 {
		now := start().Add(time.Duration(hour) * time.Hour)
		got := make([][]string, racers)
		race(func(racer int) {
			if racer%4 != 0 {
				return
			}
			engine := e.engine(e.store, "l", now)
			for d, err := range engine.Pending(e.ctx) {
				if err == nil && hour == 2 {
					err = engine.Acknowledge(e.ctx, d)
				}
				if err != nil {
					e.Errorf("Pending: %v", err)
					return
				}
				got[racer] = append(got[racer], fmt.Sprint(d.ID, " ", d.Attempt))
			}
		})
		all := slices.Sorted(slices.Values(slices.Concat(got...)))
		// The first lease is that of Track.
		want := map[int]int{1: contacts, 2: contacts}[hour]
		if len(all) != want || len(slices.Compact(slices.Clone(all))) != want {
			e.Errorf("after %d hours %d deliveries were leased, want %d, each once: %v", hour, len(all), want, all)
		}
	}
}

// engineMerge merges two contacts, from either side, while events of both come:
// none is lost and none counts twice.
func engineMerge(e *env) {
	const lap = 5
	for round := range lap {
		id := fmt.Sprint("m", round)
		engine := e.engine(e.store, id, start())
		a, b := beckon.Identity{UserID: "u-" + id}, beckon.Identity{AnonymousID: "v-" + id}
		for _, event := range []beckon.Event{{Name: "x", UserID: a.UserID}, {Name: "x", AnonymousID: b.AnonymousID}} {
			if _, err := engine.Track(e.ctx, event); err != nil {
				e.Fatalf("Track: %v", err)
			}
		}
		race(func(racer int) {
			var err error
			switch racer % 4 {
			case 0:
				_, err = engine.Merge(e.ctx, a, b)
			case 1:
				_, err = engine.Merge(e.ctx, b, a)
			case 2:
				_, err = engine.Track(e.ctx, beckon.Event{Name: "x", UserID: a.UserID})
			case 3:
				_, err = engine.Track(e.ctx, beckon.Event{Name: "x", AnonymousID: b.AnonymousID})
			}
			if err != nil {
				e.Errorf("%v", err)
			}
		})
		s, _ := e.read(user("u-" + id)).Stat(name("x"))
		log := e.events(user("u-"+id), store.EventCursor{}, 100)
		if s.Count != 2+racers/2 || len(log) != 2+racers/2 {
			e.Errorf("%d events: %d counted, %d logged", 2+racers/2, s.Count, len(log))
		}
		if found := e.scan(store.Query{Moving: true}, 10); len(found) != 0 {
			e.Errorf("a merge is not finished: %v", keys(found))
		}
	}
}

// engineGoesOn has an engine over what a crash left: caps, repeats, what waits,
// what is pending and what was stopped are as they were.
func engineGoesOn(e *env) {
	engine := e.engine(e.store, "r", start())
	do := func(name, event string) beckon.Result {
		e.Helper()
		res, err := engine.Track(e.ctx, beckon.Event{Name: name, UserID: "u-r", EventID: event})
		if err != nil {
			e.Fatalf("Track: %v", err)
		}
		return res
	}
	again := func(now time.Time) {
		e.Helper()
		e.store = e.reopen(e.store)
		engine = e.engine(e.store, "r", now)
	}
	var sent int
	for i := range 5 {
		sent += len(do("go-r", fmt.Sprint(i)).Deliveries)
		again(start())
		if !do("go-r", fmt.Sprint(i)).Duplicate {
			e.Errorf("event %d is not known to be a repeat", i)
		}
	}
	if sent != 3 {
		e.Errorf("a cap of 3 let %d through", sent)
	}
	do("wait-r", "w")
	again(start().Add(time.Hour))
	due := 0
	for _, err := range engine.Due(e.ctx) {
		if err != nil {
			e.Fatalf("Due: %v", err)
		}
		due++
	}
	again(start().Add(time.Hour))
	pending := 0
	if err := eachPending(e.ctx, engine, "r", func(beckon.Delivery) error { pending++; return nil }); err != nil {
		e.Fatalf("Pending: %v", err)
	}
	if due != 1 || pending != 4 {
		e.Errorf("%d were due and %d are pending, want 1 and 4", due, pending)
	}
	if err := engine.Stop(e.ctx, "wait-r"); err != nil {
		e.Fatalf("Stop: %v", err)
	}
	again(start().Add(time.Hour))
	res := do("wait-r", "w2")
	if held := res.Held(); len(held) != 1 || held[0].Reason != beckon.ReasonNotLive {
		e.Errorf("a message that was stopped is not: %+v", held)
	}
}
