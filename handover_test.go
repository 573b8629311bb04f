package beckon_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/beckon-go/beckon"
)

// consume ranges over an iterator and leaves at the stop-th element, by break or
// by panic, with the store failing from there on in the way of a fault.
func consume[T any](w *runWorld, seq iter.Seq2[T, error], stop int, panics bool, how fault) (got []T, err error) {
	defer func() {
		if p := recover(); p != nil && p != any("the consumer") {
			panic(p)
		}
	}()
	for v, e := range seq {
		if e != nil {
			err = e
			continue
		}
		got = append(got, v)
		if len(got) == stop {
			w.store.arm(1, how)
			if panics {
				panic("the consumer")
			}
			break
		}
	}
	return got, err
}

// Z1: a consumer that has stopped is not called again, whatever the store does
// meanwhile, and the host does not panic: with every iterator that there is.
func TestStopWhileStoreFails(t *testing.T) {
	ctx := context.Background()
	for _, how := range []fault{failBefore, failAfter, failFromHere, failPastHere} {
		for _, panics := range []bool{false, true} {
			for _, kind := range runKinds() {
				for stop := 1; ; stop++ {
					w := newRunWorld(t, kind, 5)
					if stop > len(w.want) {
						break
					}
					if got, _ := consume(w, kind.run(w.engine, ctx), stop, panics, how); len(got) != stop {
						t.Fatalf("%s: stopped after %d, got %d", kind.name, stop, len(got))
					}
					w.store.heal()
				}
			}
			for name, seq := range map[string]func(w *runWorld) iter.Seq2[beckon.Delivery, error]{
				"Pending": func(w *runWorld) iter.Seq2[beckon.Delivery, error] { return w.engine.Pending(ctx) },
				"Outbox":  func(w *runWorld) iter.Seq2[beckon.Delivery, error] { return w.engine.Outbox(ctx) },
			} {
				for stop := 1; stop < 4; stop++ {
					w := newRunWorld(t, runKinds()[0], 5)
					for _, err := range w.engine.Sweep(ctx) {
						if err != nil {
							t.Fatal(err)
						}
					}
					w.clock.add(beckon.LeaseFor)
					if got, _ := consume(w, seq(w), stop, panics, how); len(got) != stop {
						t.Fatalf("%s: stopped after %d, got %d", name, stop, len(got))
					}
				}
			}
			w := newRunWorld(t, runKinds()[0], 5)
			if got, _ := consume(w, w.engine.Match(ctx, beckon.Rule{}), 2, panics, how); len(got) != 2 {
				t.Fatalf("Match: got %d", len(got))
			}
		}
	}
}

// Without the outbox the host is given what was decided, not yielded and not
// given back: with that, and a run more, everybody has got each message once.
func TestOnStopError(t *testing.T) {
	ctx := context.Background()
	for _, kind := range runKinds() {
		told := 0
		for _, how := range []fault{failBefore, failAfter, failFromHere} {
			for _, panics := range []bool{false, true} {
				for stop := 1; ; stop++ {
					w := newRunWorldWith(t, kind, 5)
					if stop > len(w.want) {
						break
					}
					calls := 0
					var left []beckon.Delivery
					got, err := consume(w, kind.run(w.engine, ctx, beckon.OnStopError(func(list []beckon.Delivery, err error) {
						calls++
						left = list
						var storeErr *beckon.StoreError
						if !errors.As(err, &storeErr) || !errors.Is(err, errStore) {
							t.Errorf("%s: the error is %v", kind.name, err)
						}
					})), stop, panics, how)
					if err != nil || calls > 1 || calls == 0 && left != nil {
						t.Fatalf("%s, fault %d, stopped after %d: yielded %v, %d calls", kind.name, how, stop, err, calls)
					}
					w.store.heal()
					told += len(left)
					var sent []string
					for _, d := range got {
						sent = append(sent, sendOf(d))
					}
					for _, d := range left {
						if slices.ContainsFunc(got, func(x beckon.Delivery) bool { return x.ID == d.ID }) {
							t.Errorf("%s: %s was yielded, and is said to be left", kind.name, sendOf(d))
						}
						if kind.name == "Due" && how != failAfter {
							sent = append(sent, sendOf(d)) // made here: what is released does not wait again
							continue
						}
						if err := w.engine.Release(ctx, d); (err == nil) != (how != failAfter) || err != nil && !errors.Is(err, beckon.ErrDeliveryUnknown) {
							t.Errorf("%s, fault %d: Release: %v", kind.name, how, err)
						}
					}
					for d, err := range kind.run(w.engine, ctx) {
						if err != nil {
							t.Fatal(err)
						}
						sent = append(sent, sendOf(d))
					}
					if slices.Sort(sent); !slices.Equal(sent, w.want) {
						t.Errorf("%s, fault %d, stopped after %d (panic: %v): sent\n%v, want\n%v", kind.name, how, stop, panics, sent, w.want)
					}
				}
			}
		}
		if told == 0 && kind.name != "Send" { // which has one delivery for each contact
			t.Errorf("%s: no delivery was told of", kind.name)
		}
	}
}

// All that goes well after the consumer has stopped is told to nobody, and an
// error that can still be yielded is.
func TestOnStopErrorNotCalled(t *testing.T) {
	ctx := context.Background()
	for _, kind := range runKinds() {
		w := newRunWorld(t, kind, 5)
		never := beckon.OnStopError(func(list []beckon.Delivery, err error) {
			t.Errorf("%s: told of %d deliveries, %v", kind.name, len(list), err)
		})
		for _, err := range kind.run(w.engine, ctx, never) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		w.store.arm(3, failFromHere)
		var last error
		for _, err := range kind.run(w.engine, ctx, never) {
			last = err
		}
		if !errors.Is(last, errStore) {
			t.Errorf("%s: the last error is %v", kind.name, last)
		}
		w.store.heal()
	}
}

// A callback of the host that panics loses nothing either: what was decided and
// not yielded is given back.
func TestOnHeldPanics(t *testing.T) {
	ctx := context.Background()
	for _, kind := range runKinds()[:2] {
		w := newRunWorldWith(t, kind, 9)
		var got []string
		for n := 1; n < 100; n++ { // in the end nothing panics
			calls := 0
			func() {
				defer func() { _ = recover() }()
				for d, err := range kind.run(w.engine, ctx, beckon.OnHeld(func(beckon.Identity, beckon.Held) {
					if calls++; calls == n {
						panic("the host")
					}
				})) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, sendOf(d))
				}
			}()
		}
		if slices.Sort(got); !slices.Equal(got, w.want) {
			t.Errorf("%s: sent\n%v, want\n%v", kind.name, got, w.want)
		}
	}
}

// A store that hangs when the consumer has stopped is left after a while.
func TestStopWhileStoreHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newRunWorldWith(t, runKinds()[2], 1)
		var failed error
		begun := time.Now()
		for _, err := range w.engine.Due(context.Background(), beckon.OnStopError(func(_ []beckon.Delivery, err error) { failed = err })) {
			if err != nil {
				t.Fatal(err)
			}
			w.store.arm(1, hang)
			break
		}
		if took := time.Since(begun); !errors.Is(failed, context.DeadlineExceeded) || took > 30*time.Second {
			t.Errorf("told of %v after %v", failed, took)
		}
	})
}
