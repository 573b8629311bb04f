package benchmarks

import (
	"context"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// measure runs fn as often as the benchmark asks. Beside the time that passed
// it reports the processor time that the process had, all goroutines and the
// collector included: on a machine that others use as well, that is the one to
// compare.
func measure(b *testing.B, fn func()) {
	b.Helper()
	b.ReportAllocs()
	begin := processorTime()
	for b.Loop() {
		fn()
	}
	if used := processorTime() - begin; used > 0 {
		b.ReportMetric(float64(used)/float64(b.N), "cpu-ns/op")
	}
}

// A row is one peer of a table.
type row struct {
	name string
	run  func()
}

func measureAll(b *testing.B, rows []row) {
	b.Helper()
	for _, r := range rows {
		b.Run(r.name, func(b *testing.B) { measure(b, r.run) })
	}
}

// check fails on an error. It is called in what is measured, where Helper
// alone would take longer than some of that does.
func check(tb testing.TB, err error) {
	if err != nil {
		tb.Helper()
		tb.Fatal(err)
	}
}

// start is where every clock begins.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// A clock moves on by a second each time that it is asked.
type clock struct{ at time.Time }

func (c *clock) now() time.Time {
	c.at = c.at.Add(time.Second)
	return c.at
}

// newEngine gives an engine in memory that runs the messages.
func newEngine(tb testing.TB, store beckon.Store, messages ...beckon.Message) *beckon.Engine {
	tb.Helper()
	if store == nil {
		store = memstore.New()
	}
	engine, err := beckon.New(store, beckon.WithClock((&clock{at: start}).now))
	check(tb, err)
	check(tb, engine.Publish(context.Background(), beckon.Program{Messages: messages}))
	return engine
}

// A repeater is a store that runs the decision of a call as often as it is
// told, and commits none of them: what a decision costs without a store.
type repeater struct {
	beckon.Store
	repeat func(decide func())
}

func (r *repeater) Read(ctx context.Context, keys []beckon.Key, fn func(*beckon.Record) error) error {
	return r.Store.Read(ctx, keys, func(rec *beckon.Record) error {
		err := fn(rec)
		if r.repeat != nil && rec.Key.Kind.IsContact() {
			r.repeat(func() { err = fn(rec) })
		}
		return err
	})
}

func (r *repeater) Step(ctx context.Context, steps []beckon.Step) error {
	if r.repeat == nil || !steps[0].Key.Kind.IsContact() {
		return r.Store.Step(ctx, steps)
	}
	var c beckon.Changes
	return r.Store.Read(ctx, []beckon.Key{steps[0].Key}, func(rec *beckon.Record) error {
		r.repeat(func() {
			c.Reset()
			steps[0].Err = steps[0].Decide(rec, &c)
		})
		return nil
	})
}
