package beckon_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// fullOutbox returns an engine with n deliveries of one contact in its outbox, those, and
// its clock.
func fullOutbox(tb testing.TB, n int) (*beckon.Engine, []beckon.Delivery, *time.Time) {
	tb.Helper()
	now := noon
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }), beckon.WithOutbox(), beckon.WithPendingLimit(100_000), beckon.WithoutRecentEvents())
	if err == nil {
		err = engine.Publish(context.Background(), beckon.Program{Messages: liveMessages(n)})
	}
	if err != nil {
		tb.Fatal(err)
	}
	res, err := engine.Track(context.Background(), beckon.Event{Name: "go", UserID: "u"})
	if err != nil || len(res.Deliveries) != n {
		tb.Fatalf("%d deliveries, %v; want %d", len(res.Deliveries), err, n)
	}
	return engine, res.Deliveries, &now
}

// emptied fails a test if something is pending.
func emptied(tb testing.TB, engine *beckon.Engine) {
	tb.Helper()
	for d, err := range engine.Outbox(context.Background()) {
		tb.Fatalf("%s is pending, %v", d.Message, err)
	}
}

// A worker deals with a contact's deliveries one by one, in any order, and has each for
// what one costs: four times as many cost some four times as much.
func TestCostOfOutbox(t *testing.T) {
	ctx := context.Background()
	each := func(tb testing.TB, list []beckon.Delivery, do func(beckon.Delivery) error) {
		tb.Helper()
		for _, d := range list {
			if err := do(d); err != nil {
				tb.Fatal(err)
			}
		}
	}
	for name, work := range map[string]func(tb testing.TB, engine *beckon.Engine, all []beckon.Delivery, now *time.Time) func(){
		"acknowledge in order": func(tb testing.TB, engine *beckon.Engine, all []beckon.Delivery, _ *time.Time) func() {
			tb.Helper()
			return func() {
				each(tb, all, func(d beckon.Delivery) error { return engine.Acknowledge(ctx, d) })
				emptied(tb, engine)
			}
		},
		"acknowledge at random": func(tb testing.TB, engine *beckon.Engine, all []beckon.Delivery, _ *time.Time) func() {
			tb.Helper()
			random := rand.New(rand.NewPCG(1, 2))
			random.Shuffle(len(all), func(i, k int) { all[i], all[k] = all[k], all[i] })
			return func() {
				each(tb, all, func(d beckon.Delivery) error { return engine.Acknowledge(ctx, d) })
				emptied(tb, engine)
			}
		},
		"acknowledge all at once": func(tb testing.TB, engine *beckon.Engine, all []beckon.Delivery, _ *time.Time) func() {
			tb.Helper()
			return func() {
				if err := engine.Acknowledge(ctx, all...); err != nil {
					tb.Fatal(err)
				}
				emptied(tb, engine)
			}
		},
		"give up": func(tb testing.TB, engine *beckon.Engine, all []beckon.Delivery, _ *time.Time) func() {
			tb.Helper()
			return func() {
				each(tb, all, func(d beckon.Delivery) error { return engine.GiveUp(ctx, d) })
				emptied(tb, engine)
			}
		},
		"lease": func(tb testing.TB, engine *beckon.Engine, all []beckon.Delivery, now *time.Time) func() {
			tb.Helper()
			return func() {
				*now = now.Add(beckon.LeaseFor)
				n := 0
				for d, err := range engine.Pending(ctx) {
					if err != nil || d.ID != all[n].ID || d.Attempt != 2 {
						tb.Fatalf("%d: %+v, %v; want %s", n, d, err, all[n].ID)
					}
					n++
				}
				if n != len(all) {
					tb.Fatalf("%d are leased, want %d", n, len(all))
				}
			}
		},
		"lease and acknowledge": func(tb testing.TB, engine *beckon.Engine, all []beckon.Delivery, now *time.Time) func() {
			tb.Helper()
			return func() {
				*now = now.Add(beckon.LeaseFor)
				for d, err := range engine.Pending(ctx) {
					if err == nil {
						err = engine.Acknowledge(ctx, d)
					}
					if err != nil {
						tb.Fatal(err)
					}
				}
				emptied(tb, engine)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			growsWithin(t, 1000, 4, 6, 6, func(tb testing.TB, n int) func() {
				tb.Helper()
				engine, all, now := fullOutbox(tb, n)
				return work(tb, engine, all, now)
			})
		})
	}
}
