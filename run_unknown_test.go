package beckon_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A batchFault is what becomes of a step on several contacts.
type batchFault struct {
	name string
	how  func(w *runWorld, cancel func(), ctx context.Context, steps []store.Step) error
}

var errOne = &beckon.Error{Code: "store_busy", Message: "others were faster"}

// errLater is what a fault returns that is to come at the next step.
var errLater = errors.New("later")

// without has a store carry out all steps except the last, which has an error of its own.
func (w *runWorld) without(ctx context.Context, steps []store.Step) error {
	last := len(steps) - 1
	err := w.store.faults.Step(ctx, steps[:last])
	steps[last].Err = errOne
	return err
}

func batchFaults() []batchFault {
	return []batchFault{
		{"nothing was written", func(w *runWorld, _ func(), ctx context.Context, steps []store.Step) error {
			w.store.faults.Arm(1, failBefore, nil)
			return w.store.faults.Step(ctx, steps)
		}},
		{"the answer is lost", func(w *runWorld, _ func(), ctx context.Context, steps []store.Step) error {
			w.store.faults.Arm(1, failAfter, nil)
			return w.store.faults.Step(ctx, steps)
		}},
		{"its context ends before", func(_ *runWorld, cancel func(), ctx context.Context, _ []store.Step) error {
			cancel()
			return ctx.Err()
		}},
		{"its context ends after", func(w *runWorld, cancel func(), ctx context.Context, steps []store.Step) error {
			err := w.store.faults.Step(ctx, steps)
			cancel()
			return errors.Join(ctx.Err(), err)
		}},
		{"it is written when the call has returned", func(w *runWorld, _ func(), ctx context.Context, steps []store.Step) error {
			var c store.Changes
			for i := range steps {
				if err := w.store.Store.Read(ctx, []store.Key{steps[i].Key}, func(rec *store.Record) error { c.Reset(); return steps[i].Decide(rec, &c) }); err != nil {
					return errLater // it needs more
				}
			}
			w.late = slices.Clone(steps)
			return errStore
		}},
		{"one of them fails", func(w *runWorld, _ func(), ctx context.Context, steps []store.Step) error {
			return w.without(ctx, steps)
		}},
		{"one of them fails, and nothing is known of the others", func(w *runWorld, _ func(), ctx context.Context, steps []store.Step) error {
			return errors.Join(errOne, w.without(ctx, steps))
		}},
		{"it panics after", func(w *runWorld, _ func(), ctx context.Context, steps []store.Step) error {
			if err := w.store.faults.Step(ctx, steps); err != nil {
				return err
			}
			panic("the store")
		}},
	}
}

// A stepStore has one step on contacts go wrong.
type stepStore struct {
	*faultStore
	w     *runWorld
	at    int // so many are still to go well; negative: all
	wrong func(context.Context, []store.Step) error
}

func (s *stepStore) Step(ctx context.Context, steps []store.Step) error {
	if !steps[0].Key.Kind.IsContact() {
		return s.faultStore.Step(ctx, steps)
	}
	if s.at--; s.at == -1 {
		return s.wrong(ctx, steps)
	}
	late := s.w.late
	s.w.late = nil
	if late == nil {
		return s.faultStore.Step(ctx, steps)
	}
	wrote := map[store.Key]bool{}
	for i := range steps {
		steps[i].Decider = noting{steps[i].Decider, func() { wrote[steps[i].Key] = true }}
	}
	err := s.faultStore.Step(ctx, steps)
	for i := range late { // what has another version by now is not written
		if !wrote[late[i].Key] {
			_ = s.faultStore.Step(ctx, late[i:i+1])
		}
	}
	return err
}

// A noting decides as another, and notes whether something is written.
type noting struct {
	store.Decider
	wrote func()
}

func (d noting) Decide(rec *store.Record, c *store.Changes) error {
	err := d.Decider.Decide(rec, c)
	if err == nil && !c.IsEmpty() {
		d.wrote()
	}
	return err
}

// Z1: whatever becomes of one step of a run, of the whole of it or of one contact, nobody loses
// a delivery or gets it twice, also without an outbox: what may have been committed and was not
// handed out is taken back, and the next run has it.
func TestRunBatchFails(t *testing.T) {
	t.Parallel()
	for _, kind := range runKinds() {
		for _, f := range batchFaults() {
			for _, opts := range [][]beckon.Option{nil, {beckon.WithOutbox()}} {
				wrong := 0
				for n := range 100 {
					w := newRunWorldWith(t, kind, 9, opts...)
					kept := &stepStore{faultStore: w.store, w: w, at: n}
					engine, err := beckon.New(kept, append([]beckon.Option{beckon.WithClock(w.clock.now)}, opts...)...)
					if err == nil {
						err = engine.Publish(t.Context(), w.program)
					}
					if err != nil {
						t.Fatal(err)
					}
					ctx, cancel := context.WithCancel(t.Context())
					failed := false
					kept.wrong = func(ctx context.Context, steps []store.Step) error {
						failed = true
						err := f.how(w, cancel, ctx, steps)
						if failed = !errors.Is(err, errLater); !failed { // the next one
							kept.at = 0
							return w.store.Step(ctx, steps)
						}
						return err
					}
					var got []string
					run := func(ctx context.Context) (err error) {
						defer func() {
							if p := recover(); p != nil {
								err, _ = p.(error)
								if err == nil {
									err = errors.New("it has panicked")
								}
							}
						}()
						for d, e := range kind.run(engine, ctx, beckon.OnStopError(func(left []beckon.Delivery, err error) {
							t.Errorf("%s, %s, step %d: %d are left: %v", kind.name, f.name, n, len(left), err)
						})) {
							if e != nil {
								err = e
								continue
							}
							got = append(got, sendOf(d))
							if len(opts) > 0 {
								if err := w.engine.Acknowledge(t.Context(), d); err != nil {
									t.Fatal(err)
								}
							}
						}
						return err
					}
					err = run(ctx)
					cancel()
					if !failed {
						break
					}
					wrong++
					w.store.heal()
					if err == nil {
						t.Errorf("%s, %s, step %d: no error", kind.name, f.name, n)
					}
					if err := run(t.Context()); err != nil {
						t.Fatal(err)
					}
					if len(opts) > 0 {
						w.clock.add(2 * beckon.LeaseFor)
						for d, err := range w.engine.Pending(t.Context()) {
							if err != nil {
								t.Fatal(err)
							}
							got = append(got, sendOf(d))
						}
					}
					if slices.Sort(got); !slices.Equal(got, w.want) {
						t.Errorf("%s, %s, outbox %t, step %d: sent\n%v, want\n%v", kind.name, f.name, len(opts) > 0, n, got, w.want)
					}
					checkTotals(t.Context(), t, w, got)
				}
				if wrong < 2 {
					t.Errorf("%s, %s: only %d steps went wrong", kind.name, f.name, wrong)
				}
			}
		}
	}
}
