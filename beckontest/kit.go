// Package beckontest tests rule sets. It has an engine over a store in memory, a clock
// that the test sets, and assertions that say why a message was held.
//
//	kit := beckontest.New(t, program)
//	kit.At(start)
//	kit.Track(beckon.Event{Name: "upload-complete", UserID: "u1"}).Want("upload-ready", "sent")
//	kit.Advance(20 * time.Minute)
//	kit.Track(beckon.Event{Name: "upload-complete", UserID: "u1"}).Want("upload-ready", "throttled")
//
// [Scenarios] runs the same kind of test from files, so that people who write rules
// but not Go can test them too.
//
// Use it to test what a program decides. To test the code around an engine, make a
// [beckon.Engine] over memstore with a clock of your own. To test a store, use package
// storetest. Never use it in production code: it links package testing, and its engine
// forgets everything.
package beckontest

import (
	"context"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
	"github.com/beckon-go/beckon/memstore"
)

// tester is what a Kit needs of a test: little enough that the kit's own tests
// can look at its failures.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// A Kit is an engine under test. If the engine returns an error, its methods fail the
// test and stop it; the methods whose names end in Err want an error. A Kit belongs to
// one goroutine.
type Kit struct {
	// Engine is the engine itself, for what the kit has no method for.
	Engine *beckon.Engine

	t     tester
	now   time.Time
	names scenario.Names
	store beckon.Store
}

// Epoch returns the instant at which a kit publishes its program. It is so early that
// messages without live_at are live at any instant of a test.
func Epoch() time.Time { return time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC) }

// New makes an engine with the options, over a store in memory, and publishes the
// program at [Epoch]. The clock stands still until [Kit.At] or [Kit.Advance] moves it.
// The kit's clock replaces a clock among the options. If the program cannot be
// published, the test fails and lists all its faults.
func New(t testing.TB, program beckon.Program, opts ...beckon.Option) *Kit {
	t.Helper()
	return newKit(t, program, opts)
}

func newKit(t tester, program beckon.Program, opts []beckon.Option) *Kit {
	t.Helper()
	k := &Kit{t: t, now: Epoch(), store: memstore.New()}
	engine, err := beckon.New(k.store, slices.Concat(opts, []beckon.Option{beckon.WithClock(k.Now)})...)
	if err != nil {
		t.Fatalf("beckontest: %v", err)
		return k
	}
	k.Engine = engine
	k.Publish(program)
	return k
}

// Now returns the kit's clock.
func (k *Kit) Now() time.Time { return k.now }

// At sets the clock. It may go backwards.
func (k *Kit) At(instant time.Time) *Kit {
	k.now = instant
	return k
}

// Advance moves the clock forward.
func (k *Kit) Advance(d time.Duration) *Kit {
	k.now = k.now.Add(d)
	return k
}

func (k *Kit) must(call string, err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatalf("%s at %s:\n%s", call, k.now.Format(time.RFC3339), indent(err.Error()))
	}
}

// explained returns an explanation. It is made before the call, while the state
// is the one that the call will judge; one that cannot be made is none, for the
// call itself will say what is wrong.
func (k *Kit) explained(why []beckon.MessageTrace, err error) []beckon.MessageTrace {
	if err != nil {
		return nil
	}
	return why
}

func (k *Kit) outcome(call string, res beckon.Result, err error, why []beckon.MessageTrace) *Outcome {
	k.t.Helper()
	k.must(call, err)
	return &Outcome{
		EventID:    res.EventID,
		Duplicate:  res.Duplicate,
		Deliveries: res.Deliveries,
		Held:       res.Held(),
		Warnings:   res.Warnings,
		kit:        k,
		call:       call,
		at:         k.now,
		why:        why,
	}
}

// run takes a whole iterator.
func (k *Kit) run(call string, start func(...beckon.RunOption) iter.Seq2[beckon.Delivery, error]) *Outcome {
	k.t.Helper()
	o := &Outcome{kit: k, call: call, at: k.now}
	deliveries := start(beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) { o.Held = append(o.Held, h) }))
	for d, err := range deliveries {
		k.must(call, err)
		o.Deliveries = append(o.Deliveries, d)
	}
	return o
}
