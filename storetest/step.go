package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// stepCases are about one step and the steps of one call.
func stepCases() []testCase {
	return []testCase{
		{name: "step/absent record", run: absentRecord},
		{name: "step/changes are seen afterwards", run: changesSeen},
		{name: "step/changes begin empty", run: changesBeginEmpty},
		{name: "step/no changes no record", run: noChanges},
		{name: "step/touch", run: touchCreates},
		{name: "step/error writes nothing", run: errorWritesNothing},
		{name: "step/panic writes nothing", run: panicWritesNothing},
		{name: "step/order on one key", run: orderOnOneKey},
		{name: "step/independent", run: independentSteps},
		{name: "step/error is set anew", run: errorSetAnew},
		{name: "step/very many", run: veryMany},
		{name: "step/cancelled", run: cancelledStep},
		{name: "read/keys in turn", run: readInTurn},
		{name: "read/error ends it", run: readError},
		{name: "read/cancelled", run: cancelledRead},
	}
}

// A decision about nobody sees an empty record with its key.
func absentRecord(e *env) {
	key := user("nobody")
	var seen *store.Record
	e.step(key, func(r *store.Record, _ *store.Changes) error {
		seen = clone(r)
		return nil
	})
	if want := (&store.Record{Key: key}); seen == nil || !same(seen, want) {
		e.Errorf("Decide saw %+v, want %+v", seen, want)
	}
}

func changesSeen(e *env) {
	key := user("u")
	e.step(key, always(func(c *store.Changes) { c.LastSeen = 7 }))
	var seen int64
	e.step(key, func(r *store.Record, _ *store.Changes) error {
		seen = r.LastSeen
		return nil
	})
	if r := e.read(key); seen != 7 || r.LastSeen != 7 || !r.Exists {
		e.Errorf("the next step saw LastSeen %d, Read %+v; want 7", seen, r)
	}
}

// What one step wrote does not turn up in another's changes, nor what a step
// wanted that failed.
func changesBeginEmpty(e *env) {
	fill := func(c *store.Changes) {
		c.LastSeen, c.EventSeq = 1, 1
		c.Stats = append(c.Stats, store.Stats{Name: name("e"), Count: 1})
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1})
		c.Dedup = append(c.Dedup, store.Dedup{At: 1})
	}
	failed := errors.New("failed")
	e.step(user("a"), always(fill))
	if err := e.try(user("a"), func(_ *store.Record, c *store.Changes) error { fill(c); return failed }); !errors.Is(err, failed) {
		e.Errorf("Err is %v", err)
	}
	empty := false
	e.step(user("a"), func(_ *store.Record, c *store.Changes) error {
		empty = c.IsEmpty()
		return nil
	})
	if !empty {
		e.Errorf("Decide was given changes that are not empty")
	}
	if n := e.totals("m")["sent"]; n != 1 {
		e.Errorf("counted %d times, want 1", n)
	}
}

func noChanges(e *env) {
	e.step(user("u"), always(func(*store.Changes) {}))
	e.step(user("v"), always(func(c *store.Changes) { c.KeepEvents, c.EventsFrom = 10, 10 }))
	// A removal of what is not there makes nothing either.
	e.remove(user("w"))
	// Nor do totals, which are not of the record.
	e.step(user("x"), always(func(c *store.Changes) {
		c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "judged", N: 1})
	}))
	for _, id := range []string{"u", "v", "w", "x"} {
		if e.read(user(id)).Exists {
			e.Errorf("%q exists, although no step has changed it", id)
		}
	}
	if got := e.scan(store.Query{Kinds: []store.Kind{store.KindUser}}, 10); len(got) != 0 {
		e.Errorf("a scan found %v", keys(got))
	}
	if n := e.totals("m")["judged"]; n != 1 {
		e.Errorf("the total of a step that changed no record is %d, want 1", n)
	}
}

func touchCreates(e *env) {
	key := user("u")
	e.touch(key)
	if got, want := e.read(key), (&store.Record{Key: key, Exists: true}); !same(got, want) {
		e.Errorf("got %+v, want %+v", got, want)
	}
}

func errorWritesNothing(e *env) {
	failed := errors.New("failed")
	e.step(user("u"), always(func(c *store.Changes) { c.LastSeen = 1 }))
	for _, key := range []store.Key{user("u"), user("absent")} {
		before := e.read(key)
		err := e.try(key, func(_ *store.Record, c *store.Changes) error {
			changeAll(c, 9)
			return failed
		})
		if err != failed { //nolint:errorlint // it must come back unchanged
			e.Errorf("Err is %v, not the error of Decide itself", err)
		}
		if got := e.read(key); !same(got, before) {
			e.Errorf("a failed decision has written: %+v, before %+v", got, before)
		}
		if got := e.events(key, store.EventCursor{}, 10); len(got) != 0 {
			e.Errorf("a failed decision has logged %d events", len(got))
		}
	}
	if got := e.totals("m9"); len(got) != 0 {
		e.Errorf("a failed decision has counted %v", got)
	}
}

// A decision that panics is an error like another, and the record is not
// locked forever.
func panicWritesNothing(e *env) {
	key := user("u")
	e.step(key, always(func(c *store.Changes) { c.LastSeen = 1 }))
	before := e.read(key)
	err := e.try(key, func(_ *store.Record, c *store.Changes) error {
		changeAll(c, 9)
		panic("out of order")
	})
	var typed *beckon.PanicError
	if !errors.As(err, &typed) {
		e.Errorf("Err is %v, not a *beckon.PanicError", err)
	}
	if got := e.read(key); !same(got, before) {
		e.Errorf("it has written: %+v, before %+v", got, before)
	}
	e.step(key, always(func(c *store.Changes) { c.LastSeen = 2 }))
	if got := e.read(key).LastSeen; got != 2 {
		e.Errorf("the step after it wrote %d, want 2", got)
	}
}

// Steps on one key in one call see each other, in their order.
func orderOnOneKey(e *env) {
	var steps []store.Step
	for i := range 20 {
		next := func(r *store.Record, c *store.Changes) error {
			c.LastSeen = r.LastSeen*3 + int64(i)
			return nil
		}
		steps = append(steps, store.Step{Key: user("u"), Decider: decide(next)},
			store.Step{Key: user("other" + string(rune('a'+i))), Decider: decide(next)})
	}
	if err := e.store.Step(e.ctx, steps); err != nil {
		e.Fatalf("Step: %v", err)
	}
	var want int64
	for i := range 20 {
		want = want*3 + int64(i)
	}
	if got := e.read(user("u")).LastSeen; got != want {
		e.Errorf("twenty steps gave %d, in their order they give %d", got, want)
	}
}

// One step's error is no other's.
func independentSteps(e *env) {
	failed := errors.New("failed")
	write := always(func(c *store.Changes) { c.LastSeen = 5 })
	steps := []store.Step{
		{Key: user("a"), Decider: write},
		{Key: user("b"), Decider: decide(func(*store.Record, *store.Changes) error { return failed })},
		{Key: user("c"), Decider: write},
		{Key: user("b"), Decider: write},
	}
	if err := e.store.Step(e.ctx, steps); err != nil {
		e.Fatalf("Step: %v", err)
	}
	for i, s := range steps {
		if want := map[bool]error{i == 1: failed}[true]; !errors.Is(s.Err, want) || s.Err != nil && want == nil {
			e.Errorf("step %d: Err is %v, want %v", i, s.Err, want)
		}
	}
	for _, id := range []string{"a", "b", "c"} {
		if got := e.read(user(id)).LastSeen; got != 5 {
			e.Errorf("%s has LastSeen %d, want 5", id, got)
		}
	}
}

// Steps may be used again: an old Err does not stay.
func errorSetAnew(e *env) {
	steps := []store.Step{{Key: user("u"), Decider: always(func(c *store.Changes) { c.Touch = true }), Err: errors.New("old")}}
	if err := e.store.Step(e.ctx, steps); err != nil || steps[0].Err != nil {
		e.Errorf("Step returned %v, Err is %v; want none", err, steps[0].Err)
	}
}

// With a context that has ended nothing is written and its error comes back.
func cancelledStep(e *env) {
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	steps := []store.Step{{Key: user("u"), Decider: always(func(c *store.Changes) { c.Touch = true })}}
	e.returns("Step with a context that has ended", func() {
		if err := e.store.Step(ctx, steps); !errors.Is(err, context.Canceled) {
			e.Errorf("Step returned %v, want %v", err, context.Canceled)
		}
	})
	if e.read(user("u")).Exists {
		e.Errorf("it has written all the same")
	}
}

func readInTurn(e *env) {
	e.touch(user("a"), user("c"))
	want := []store.Key{user("c"), user("b"), user("a"), user("c")}
	var got []store.Key
	var exist []bool
	err := e.store.Read(e.ctx, want, func(r *store.Record) error {
		got, exist = append(got, clone(r).Key), append(exist, r.Exists)
		return nil
	})
	if err != nil || !slices.Equal(got, want) || !slices.Equal(exist, []bool{true, false, true, true}) {
		e.Errorf("Read of %v: %v; saw %v, existing %v", want, err, got, exist)
	}
	if err := e.store.Read(e.ctx, nil, func(*store.Record) error { return errors.New("called") }); err != nil {
		e.Errorf("Read of no keys: %v", err)
	}
}

func readError(e *env) {
	stop, calls := errors.New("stop"), 0
	err := e.store.Read(e.ctx, []store.Key{user("a"), user("b")}, func(*store.Record) error {
		calls++
		return stop
	})
	if !errors.Is(err, stop) || calls != 1 {
		e.Errorf("Read returned %v after %d calls, want %v after 1", err, calls, stop)
	}
}

func cancelledRead(e *env) {
	e.touch(user("u"))
	ctx, cancel := context.WithCancel(e.ctx)
	cancel()
	called := false
	fn := func(*store.Record) error { called = true; return nil }
	if err := e.store.Read(ctx, []store.Key{user("u")}, fn); !errors.Is(err, context.Canceled) {
		e.Errorf("Read returned %v, want %v", err, context.Canceled)
	}
	for _, q := range []store.Query{{Kinds: []store.Kind{store.KindUser}}, {Pending: 1000}} {
		if _, err := e.store.Scan(ctx, q, "", 10, fn); !errors.Is(err, context.Canceled) {
			e.Errorf("Scan of %+v returned %v, want %v", q, err, context.Canceled)
		}
	}
	if _, err := e.store.Events(ctx, user("u"), store.EventCursor{}, 10); !errors.Is(err, context.Canceled) {
		e.Errorf("Events returned %v, want %v", err, context.Canceled)
	}
	if _, err := e.store.Totals(ctx, "m"); !errors.Is(err, context.Canceled) {
		e.Errorf("Totals returned %v, want %v", err, context.Canceled)
	}
	if called {
		e.Errorf("fn was called")
	}
}

// One call may carry more steps than a statement has room for parameters, and
// so may a Read ask for more keys.
func veryMany(e *env) {
	const steps, records = 6000, 2000
	var list []store.Step
	var all []store.Key
	for i := range steps {
		list = append(list, store.Step{Key: user(fmt.Sprint("k", i%records)), Decider: decide(func(r *store.Record, c *store.Changes) error {
			c.LastSeen = r.LastSeen + int64(i/records) + 1
			c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "judged", N: 1})
			return nil
		})})
		if i < records {
			all = append(all, list[i].Key)
		}
	}
	if err := e.store.Step(e.ctx, list); err != nil {
		e.Fatalf("Step with %d steps: %v", steps, err)
	}
	for i := range list {
		if list[i].Err != nil {
			e.Fatalf("step %d: %v", i, list[i].Err)
		}
	}
	at := 0
	err := e.store.Read(e.ctx, all, func(r *store.Record) error {
		if at < len(all) && (r.Key != all[at] || r.LastSeen != 6) {
			e.Errorf("record %d is %v with %d, want %v with 6", at, r.Key, r.LastSeen, all[at])
		}
		at++
		return nil
	})
	if n := e.totals("m")["judged"]; err != nil || at != records || n != steps {
		e.Errorf("Read of %d keys returned %d, %v; the totals say %d of %d", records, at, err, n, steps)
	}
}
