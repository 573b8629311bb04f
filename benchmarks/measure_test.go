package benchmarks

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/workload"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A row is one line of a table: something that does the work n times over. The
// loop is the row's own, so that what takes a nanosecond is not measured
// through a call that takes as long.
type row struct {
	name string
	run  func(n int)
}

// each makes the loop for what takes longer than a call.
func each(fn func()) func(int) {
	return func(n int) {
		for range n {
			fn()
		}
	}
}

// measure runs a row as often as the benchmark asks. Beside the time that
// passed it reports the processor time that the process had, all goroutines and
// the collector included: on a machine that others use as well, that is the one
// to compare.
func measure(b *testing.B, run func(n int)) {
	b.Helper()
	b.ReportAllocs()
	b.ResetTimer()
	begin := workload.ProcessorTime()
	run(b.N)
	used := workload.ProcessorTime() - begin
	b.StopTimer()
	if used > 0 {
		b.ReportMetric(float64(used)/float64(b.N), "cpu-ns/op")
	}
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
var start = workload.Start()

type (
	person    = workload.Person
	condition = workload.Condition
	ruleCase  = workload.RuleCase
)

func newPerson(i int) *person { return workload.NewPerson(i) }

func eventName(n int) string { return workload.EventName(n) }

func atStart() time.Time { return start }

// A clock moves on by a second each time that it is asked.
type clock struct{ at time.Time }

func (c *clock) now() time.Time {
	c.at = c.at.Add(time.Second)
	return c.at
}

// newEngine returns an engine over the store, which is in memory if it is nil,
// that runs the messages.
func newEngine(tb testing.TB, store beckon.Store, now func() time.Time, messages ...beckon.Message) *beckon.Engine {
	tb.Helper()
	if store == nil {
		store = memstore.New()
	}
	engine, err := beckon.New(store, beckon.WithClock(now))
	check(tb, err)
	check(tb, engine.Publish(context.Background(), beckon.Program{Messages: messages}))
	return engine
}

// tracker tracks one event by an engine that has so many candidates for it and
// holds them all. What is held is looked at twice; to copy it each time would be
// measured.
func tracker(tb testing.TB, engine *beckon.Engine, e beckon.Event, candidates int) (track func()) {
	tb.Helper()
	calls := 0
	return func() {
		res, err := engine.Track(context.Background(), e)
		check(tb, err)
		if res.Duplicate || len(res.Deliveries) > 0 {
			tb.Fatalf("duplicate %v, %d deliveries", res.Duplicate, len(res.Deliveries))
		}
		if calls++; calls <= 2 && len(res.Held()) != candidates {
			tb.Fatalf("%d held, want %d", len(res.Held()), candidates)
		}
	}
}

// A repeater is a store that runs the decision of a call as often as it is
// told, and commits none of them: what a decision costs without a store.
type repeater struct {
	beckon.Store
	times int
}

func (r *repeater) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	return r.Store.Read(ctx, keys, func(rec *store.Record) error {
		err := fn(rec)
		if rec.Key.Kind.IsContact() {
			for i := 1; i < r.times; i++ {
				err = fn(rec)
			}
		}
		return err
	})
}

func (r *repeater) Step(ctx context.Context, steps []store.Step) error {
	if r.times == 0 || !steps[0].Key.Kind.IsContact() {
		return r.Store.Step(ctx, steps)
	}
	var c store.Changes
	return r.Store.Read(ctx, []store.Key{steps[0].Key}, func(rec *store.Record) error {
		for range r.times {
			c.Reset()
			steps[0].Err = steps[0].Decide(rec, &c)
		}
		return nil
	})
}

// repeated makes the row of a call whose decision runs n times.
func (r *repeater) repeated(call func()) func(int) {
	return func(n int) {
		r.times = n
		call()
		r.times = 0
	}
}

// heap returns the bytes that are in use, after a collection.
func heap() uint64 {
	for range 2 { // what a pool holds goes with the second
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// texts returns n texts as parts of one: millions of small ones would keep the
// collector busy in what is measured, and that is nobody's merit or fault.
func texts(n int, text func(i int) string) []string {
	ends := make([]int, n)
	var all strings.Builder
	for i := range n {
		all.WriteString(text(i))
		ends[i] = all.Len()
	}
	list, begin := make([]string, n), 0
	for i, end := range ends {
		list[i] = all.String()[begin:end]
		begin = end
	}
	return list
}
