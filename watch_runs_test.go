package beckon_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
)

// totals returns what the store counts of the messages of a program.
func totals(t *testing.T, engine *beckon.Engine, p beckon.Program) map[string]int64 {
	t.Helper()
	sums := make(map[string]int64)
	ids := []string{}
	for _, m := range p.Messages {
		ids = append(ids, m.ID)
	}
	for _, s := range p.Series {
		for _, b := range s.Blocks {
			if b.Message != nil {
				ids = append(ids, b.Message.ID)
			}
		}
	}
	for _, id := range ids {
		total, err := engine.Totals(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		add(sums, id, "", total.Sent)
		for reason, n := range total.Held {
			add(sums, id, reason, n)
		}
	}
	return sums
}

func add(sums map[string]int64, message string, reason beckon.Reason, n int64) {
	if key := strings.TrimSuffix(message+" "+string(reason), " "); n != 0 {
		sums[key] += n
	}
}

// forget forgets what was held on an occasion.
func (w *watcher) forget(occasion observe.Occasion) {
	w.decisions = slices.DeleteFunc(w.decisions, func(d observe.Decision) bool { return d.Occasion == occasion && !d.Sent })
	w.counts = slices.DeleteFunc(w.counts, func(c observe.Count) bool { return c.Occasion == occasion })
}

func (w *watcher) totals() map[string]int64 {
	sums := make(map[string]int64)
	for _, d := range w.decisions {
		add(sums, d.Message, d.Reason, 1)
	}
	for _, c := range w.counts {
		add(sums, c.Message, c.Reason, c.N)
	}
	return sums
}

// Whatever happens in the middle of a run, an observer is told what the totals count:
// what is taken back it is not told, and everything else once.
func TestObserverOfRuns(t *testing.T) {
	t.Parallel()
	type world struct {
		engine *beckon.Engine
		clock  *hand
		ctx    context.Context
	}
	during := map[string]func(w *world, d beckon.Delivery, n int) (goOn bool){
		"nothing": func(*world, beckon.Delivery, int) bool { return true },
		"stop":    func(_ *world, _ beckon.Delivery, n int) bool { return n != 20 },
		"slow":    func(w *world, _ beckon.Delivery, _ int) bool { w.clock.add(300 * time.Millisecond); return true },
		"events": func(w *world, _ beckon.Delivery, n int) bool {
			return second(w.engine.Track(w.ctx, beckon.Event{Name: "bought", UserID: fmt.Sprintf("u%03d", (n*7)%80)})) == nil
		},
		"updates": func(w *world, d beckon.Delivery, n int) bool {
			return second(w.engine.Update(w.ctx, beckon.Contact{UserID: fmt.Sprintf("u%03d", (n+3)%80), Attributes: beckon.Attributes{"plan": beckon.String("free")}})) == nil
		},
		"pause": func(w *world, d beckon.Delivery, n int) bool {
			return n%10 != 0 || n%20 == 0 && w.engine.Pause(w.ctx, "news") == nil || w.engine.Resume(w.ctx, "news") == nil
		},
	}
	for _, name := range slices.Sorted(maps.Keys(during)) {
		for kind, opts := range map[string][]beckon.Option{"plain": nil, "outbox": {beckon.WithOutbox()}, "workers": {beckon.WithWorkers()}} {
			for _, overlaps := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, %v", name, kind, overlaps), func(t *testing.T) {
					t.Parallel()
					w := new(watcher)
					engine, kept, clock := aheadWorld(t, 80, append([]beckon.Option{beckon.WithObserver(w.observer())}, opts...)...)
					kept.overlaps = overlaps
					in := &world{engine, clock, t.Context()}
					program := aheadProgram()
					program.Caps, program.Series = nil, countedProgram().Series
					if err := engine.Publish(t.Context(), program); err != nil {
						t.Fatal(err)
					}
					for i := range 80 {
						who := fmt.Sprintf("u%03d", i)
						if i%5 == 0 {
							if err := second(engine.Update(t.Context(), beckon.Contact{UserID: who, Attributes: beckon.Attributes{"plan": beckon.String("free")}})); err != nil {
								t.Fatal(err)
							}
						}
						if i%3 != 0 {
							if err := second(engine.Track(t.Context(), beckon.Event{Name: []string{"uploaded", "joined"}[i%2], UserID: who})); err != nil {
								t.Fatal(err)
							}
						}
					}
					clock.add(90 * time.Minute)
					for _, run := range []func(context.Context, ...beckon.RunOption) func(func(beckon.Delivery, error) bool){
						func(ctx context.Context, o ...beckon.RunOption) func(func(beckon.Delivery, error) bool) {
							return engine.Due(ctx, o...)
						},
						func(ctx context.Context, o ...beckon.RunOption) func(func(beckon.Delivery, error) bool) {
							return engine.Sweep(ctx, o...)
						},
					} {
						n := 0
						for d, err := range run(t.Context()) {
							if err != nil {
								t.Fatal(err)
							}
							if n++; !during[name](in, d, n) {
								break
							}
						}
					}
					if name == "stop" { // what was held by a sweep that has not ended is not in the totals
						w.forget(observe.OnSweep)
						if err := last(engine.Sweep(t.Context())); err != nil {
							t.Fatal(err)
						}
					}
					if diff := cmp.Diff(totals(t, engine, program), w.totals()); diff != "" {
						t.Error(diff)
					}
				})
			}
		}
	}
}

// One option may set up several engines at once.
func TestOptionsAreShared(t *testing.T) {
	options := []beckon.Option{beckon.WithWorkers(), beckon.WithLease(0), beckon.WithVisitorsKeptFor(0), beckon.WithEventNamesLimit(0)}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := beckon.New(memstore.New(), options...); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
