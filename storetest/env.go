package storetest

import (
	"bytes"
	"context"
	"time"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// An env is what one test has: a store, and verbs that end the test when what
// must not fail does.
type env struct {
	tb
	ctx    context.Context
	store  beckon.Store
	grace  time.Duration
	reopen func(beckon.Store) beckon.Store // see Factory
	second func(beckon.Store) beckon.Store

	damage      func(key store.Key)
	damageEvent func(key store.Key, at store.EventCursor)
	move        func(from, to store.Key)
}

// over returns the same test over another store.
func (e *env) over(store beckon.Store) *env {
	other := *e
	other.store = store
	return &other
}

// returns runs fn, which only notes faults, and reports whether it came back.
// One that takes longer than the grace is a fault: what hangs is named, not
// waited for. It may still write then, so the test leaves alone what it writes to.
func (e *env) returns(what string, fn func()) bool {
	e.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		fn()
	}()
	ctx, cancel := context.WithTimeout(context.Background(), e.grace)
	defer cancel()
	select {
	case <-done:
		return true
	case <-ctx.Done():
		e.Errorf("%s does not return", what)
		return false
	}
}

// decide is a decision written as a function. Like every Decider it may be
// called more than once, so it sets what it tells the test and never adds.
type decide func(rec *store.Record, c *store.Changes) error

// Decide calls the function.
func (d decide) Decide(rec *store.Record, c *store.Changes) error { return d(rec, c) }

// always returns a decision that makes the same changes whatever the record.
func always(change func(c *store.Changes)) decide {
	return func(_ *store.Record, c *store.Changes) error {
		change(c)
		return nil
	}
}

func user(id string) store.Key { return store.Key{Kind: store.KindUser, ID: id} }

func name(s string) unique.Handle[string] { return unique.Make(s) }

// step carries out one step that must succeed.
func (e *env) step(key store.Key, d decide) {
	e.Helper()
	if err := e.try(key, d); err != nil {
		e.Fatalf("step on %v: %v", key, err)
	}
}

// try carries out one step and returns its own error.
func (e *env) try(key store.Key, d decide) error {
	e.Helper()
	steps := []store.Step{{Key: key, Decider: d}}
	if err := e.store.Step(e.ctx, steps); err != nil {
		e.Fatalf("Step on %v: %v", key, err)
	}
	return steps[0].Err
}

// touch makes a record exist.
func (e *env) touch(keys ...store.Key) {
	e.Helper()
	for _, key := range keys {
		e.step(key, always(func(c *store.Changes) { c.Touch = true }))
	}
}

// profile returns the record a profile, whole.
func (e *env) profile(key store.Key, p store.Profile) {
	e.Helper()
	e.step(key, always(func(c *store.Changes) { c.Profile = &p }))
}

// leased returns a delivery that is pending, leased until an instant.
func leased(id string, until int64) store.Pending {
	return store.Pending{Until: until, Delivery: beckon.Delivery{ID: id}}
}

func (e *env) remove(key store.Key) {
	e.Helper()
	e.step(key, always(func(c *store.Changes) { c.Delete = true }))
}

// read returns a copy of the record under key.
func (e *env) read(key store.Key) *store.Record {
	e.Helper()
	var got *store.Record
	err := e.store.Read(e.ctx, []store.Key{key}, func(r *store.Record) error {
		got = clone(r)
		return nil
	})
	if err != nil {
		e.Fatalf("Read of %v: %v", key, err)
	}
	if got == nil {
		e.Fatalf("Read of %v did not call fn", key)
	}
	return got
}

// same reports whether two records are equal, nil and empty sections too.
func same(a, b *store.Record) bool {
	return bytes.Equal(store.AppendRecord(nil, a), store.AppendRecord(nil, b))
}

// clone copies a record, which fn of Read and Scan may not keep.
func clone(r *store.Record) *store.Record {
	c, err := store.DecodeRecord(store.AppendRecord(nil, r))
	if err != nil {
		panic(err) // the codec has its own tests
	}
	return c
}

// scan returns the records that q chooses, in order, read in pages.
func (e *env) scan(q store.Query, page int) []*store.Record {
	e.Helper()
	return e.scanWhile(q, page, func() {})
}

// walked returns the records that a walk shows; false if the store is no Walker.
func (e *env) walked(q store.Query) (got []*store.Record, ok bool) {
	e.Helper()
	w, ok := e.store.(store.Walker)
	if !ok {
		return nil, false
	}
	if err := w.Walk(e.ctx, q, func(r *store.Record) error {
		got = append(got, clone(r))
		return nil
	}); err != nil {
		e.Fatalf("Walk of %+v: %v", q, err)
	}
	return got, true
}

// scanWhile is scan, with something that happens between any two pages.
func (e *env) scanWhile(q store.Query, page int, between func()) []*store.Record {
	e.Helper()
	var got []*store.Record
	var at store.Cursor
	q.ToStep = page%2 == 1 // it shows the same
	for pages := 0; ; pages++ {
		if pages > 10_000 {
			e.Fatalf("a scan of %+v does not end", q)
		}
		n := 0
		next, err := e.store.Scan(e.ctx, q, at, page, func(r *store.Record) error {
			n++
			got = append(got, clone(r))
			return nil
		})
		if err != nil {
			e.Fatalf("Scan of %+v: %v", q, err)
		}
		if n > page {
			e.Errorf("Scan of %+v returned %d records, the limit was %d", q, n, page)
		}
		if next == "" {
			return got
		}
		at = next
		between()
	}
}

// keys returns the keys of records, in their order.
func keys(records []*store.Record) []store.Key {
	out := make([]store.Key, len(records))
	for i, r := range records {
		out[i] = r.Key
	}
	return out
}

// events returns a contact's events from the newest on, at most limit.
func (e *env) events(key store.Key, before store.EventCursor, limit int) []store.LoggedEvent {
	e.Helper()
	got, err := e.store.Events(e.ctx, key, before, limit)
	if err != nil {
		e.Fatalf("Events of %v: %v", key, err)
	}
	return got
}

// totals returns the counts of a message by name.
func (e *env) totals(message string) map[string]int64 {
	e.Helper()
	list, err := e.store.Totals(e.ctx, message)
	if err != nil {
		e.Fatalf("Totals of %q: %v", message, err)
	}
	got := make(map[string]int64)
	for _, t := range list {
		if _, twice := got[t.Name]; twice {
			e.Errorf("Totals of %q has %q twice", message, t.Name)
		}
		got[t.Name] = t.Count
	}
	return got
}
