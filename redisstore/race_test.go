package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// A pipelineCounter counts the round trips of a client.
type pipelineCounter struct {
	redis.Hook
	n atomic.Int64
	// Callers that have steps to make, and those of them whose step is not decided
	// yet: a pipeline that goes before decisions waits until they are the same, so
	// that how many share the next is not up to the scheduler.
	active, waiting atomic.Int64
}

func (p *pipelineCounter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (p *pipelineCounter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		p.n.Add(1)
		return next(ctx, cmd)
	}
}

func (p *pipelineCounter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		p.n.Add(1)
		for !strings.HasPrefix(cmds[0].Name(), "eval") && p.waiting.Load() < p.active.Load() {
			runtime.Gosched()
		}
		return next(ctx, cmds)
	}
}

// A lone step takes two round trips, one that writes nothing takes one, and
// steps that run at once share theirs.
func TestGrouping(t *testing.T) {
	const callers, laps = 64, 20
	client := single(t)
	s := open(t, client)
	trips := new(pipelineCounter)
	client.AddHook(trips)
	if err := step(t.Context(), s, user("u"), count); err != nil || trips.n.Swap(0) != 2 {
		t.Errorf("%v; a lone step took other than 2 round trips", err)
	}
	if err := step(t.Context(), s, user("u"), func(*store.Record, *store.Changes) error { return nil }); err != nil || trips.n.Swap(0) != 1 {
		t.Errorf("%v; a step without changes took other than 1 round trip", err)
	}
	many := make([]store.Step, 100)
	for i := range many {
		many[i] = store.Step{Key: user(fmt.Sprint("many", i)), Decider: decide(count)}
	}
	if err := s.Step(t.Context(), many); err != nil || trips.n.Swap(0) != 2 {
		t.Errorf("%v; a hundred steps of one call took other than 2 round trips", err)
	}
	var wg sync.WaitGroup
	trips.active.Store(callers)
	for c := range callers {
		wg.Go(func() {
			defer trips.active.Add(-1)
			for range laps {
				trips.waiting.Add(1)
				if err := step(t.Context(), s, user(fmt.Sprint(c)), func(r *store.Record, c *store.Changes) error {
					trips.waiting.Add(-1)
					return count(r, c)
				}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := trips.n.Load(); n > callers*laps/4 { // alone each takes two
		t.Errorf("%d steps at once took %d round trips", callers*laps, n)
	}
	for c := range callers {
		if n := read(t, s, user(fmt.Sprint(c))); n != laps {
			t.Errorf("caller %d: %d steps, want %d", c, n, laps)
		}
	}
	t.Logf("%d steps at once took %d round trips", callers*laps, trips.n.Load())
}

// Several stores, as in several processes, race for a few records: each step
// counts once, for a race that is lost is run again on what won.
func TestLostRaces(t *testing.T) {
	const stores, callers, laps, records = 4, 16, 15, 4
	for name, connect := range map[string]func(t *testing.T) redis.UniversalClient{
		"single":  toServer,
		"cluster": toCluster,
	} {
		t.Run(name, func(t *testing.T) {
			space := redisstore.WithNamespace(namespace())
			var all []*redisstore.Store
			for range stores {
				all = append(all, open(t, connect(t), space))
			}
			// One race is lost for certain; the others are up to the scheduler.
			first := 0
			if err := step(t.Context(), all[0], user("0"), func(rec *store.Record, c *store.Changes) error {
				if first++; first == 1 {
					if err := step(t.Context(), all[1], user("0"), logged); err != nil {
						return err
					}
				}
				return logged(rec, c)
			}); err != nil || first != 2 {
				t.Errorf("a step that loses a race: %v, decided %d times, want 2", err, first)
			}
			var decided atomic.Int64
			var wg sync.WaitGroup
			for c := range stores * callers {
				wg.Go(func() {
					for lap := range laps {
						err := step(t.Context(), all[c%stores], user(fmt.Sprint((c+lap)%records)), func(rec *store.Record, c *store.Changes) error {
							decided.Add(1)
							return logged(rec, c)
						})
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
			wg.Wait()
			var sum int64
			for i := range records {
				n := read(t, all[0], user(fmt.Sprint(i)))
				events, err := all[0].Events(t.Context(), user(fmt.Sprint(i)), store.EventCursor{}, 1000)
				if err != nil || int64(len(events)) != n {
					t.Errorf("record %d: %d steps, %d events, %v", i, n, len(events), err)
				}
				sum += n
			}
			const steps = stores*callers*laps + 2
			if sum != steps || total(t, all[0]) != steps {
				t.Errorf("%d steps: %d in the records, %d in the totals", steps, sum, total(t, all[0]))
			}
			t.Logf("%d steps at once, decided %d times", steps-2, decided.Load())
		})
	}
}

// logged is count that logs an event too.
func logged(rec *store.Record, c *store.Changes) error {
	c.Events = append(c.Events, store.LoggedEvent{Seq: rec.EventSeq + 1, At: 1})
	c.EventSeq, c.KeepEvents = rec.EventSeq+1, 1000
	return count(rec, c)
}

// A race lost each time is given up, and says so.
func TestContended(t *testing.T) {
	space := redisstore.WithNamespace(namespace())
	s, other := open(t, single(t), space), open(t, single(t), space)
	err := step(t.Context(), s, user("u"), func(rec *store.Record, c *store.Changes) error {
		if err := step(t.Context(), other, user("u"), count); err != nil {
			t.Error(err)
		}
		return count(rec, c)
	})
	if !errors.Is(err, redisstore.ErrBusy) {
		t.Errorf("got %v", err)
	}
	if n := read(t, s, user("u")); n != total(t, s) {
		t.Errorf("counted %d times, in the totals %d", n, total(t, s))
	}
}

// A record that went and came back is not the one decided upon.
func TestComesBack(t *testing.T) {
	space := redisstore.WithNamespace(namespace())
	s, other := open(t, single(t), space), open(t, single(t), space)
	if err := step(t.Context(), s, user("u"), count); err != nil {
		t.Fatal(err)
	}
	decided := 0
	err := step(t.Context(), s, user("u"), func(rec *store.Record, c *store.Changes) error {
		if decided++; decided == 1 {
			for _, d := range []decide{func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil }, count} {
				if err := step(t.Context(), other, user("u"), d); err != nil {
					t.Error(err)
				}
			}
		}
		return count(rec, c)
	})
	if err != nil || decided != 2 || read(t, s, user("u")) != 2 {
		t.Errorf("%v; decided %d times, the record has %d", err, decided, read(t, s, user("u")))
	}
}

// Callers whose contexts end, leaders or not, harm nobody else, and what they
// were told holds: a step that reported nothing wrong was counted.
func TestCancelledHarmNobody(t *testing.T) {
	const callers, laps = 32, 40
	s := open(t, single(t))
	var unknown, done atomic.Int64
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(uint64(c), 2))
			for range laps {
				ctx, cancel := context.WithCancel(t.Context())
				hasty := c%2 == 0
				err := step(ctx, s, user(fmt.Sprint(random.IntN(8))), func(rec *store.Record, ch *store.Changes) error {
					if hasty && random.IntN(2) == 0 {
						cancel() // as a leader, or while another leads
					}
					return count(rec, ch)
				})
				cancel()
				switch {
				case err == nil:
					done.Add(1)
				case hasty && errors.Is(err, context.Canceled):
					unknown.Add(1)
				default:
					t.Errorf("caller %d: %v", c, err)
				}
			}
		})
	}
	wg.Wait()
	var sum int64
	for i := range 8 {
		sum += read(t, s, user(fmt.Sprint(i)))
	}
	if sum < done.Load() || sum > done.Load()+unknown.Load() || total(t, s) != sum {
		t.Errorf("%d done, %d not known, %d found, %d in the totals", done.Load(), unknown.Load(), sum, total(t, s))
	}
	t.Logf("%d done, %d not known, %d found", done.Load(), unknown.Load(), sum)
}

// A meantime does something once, after the next pipeline that reads an index.
type meantime struct {
	pipelineCounter
	do func()
}

func (m *meantime) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		if do := m.do; do != nil && cmds[0].Name() == "zrangebylex" {
			m.do = nil
			do()
		}
		return err
	}
}

// What changes between the reading of an index and of its records is seen as it
// is then, or not at all.
func TestScanWhileChanged(t *testing.T) {
	client := single(t)
	name := redisstore.WithNamespace(namespace())
	s, other := open(t, client, name), open(t, single(t), name)
	hook := new(meantime)
	client.AddHook(hook)
	due := func(at int64) decide {
		return func(_ *store.Record, c *store.Changes) error {
			c.Profile = &store.Profile{Holds: []store.Hold{{Message: "m", Due: at}}}
			return nil
		}
	}
	gone := func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil }
	change := func(id string, d decide) {
		if err := step(t.Context(), other, user(id), d); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct {
		q    store.Query
		want []string
	}{
		{store.Query{Due: 10}, []string{"stays"}},
		{store.Query{Kinds: []store.Kind{store.KindUser}}, []string{"later", "stays"}},
	} {
		for _, id := range []string{"goes", "later", "stays"} {
			change(id, due(5))
		}
		hook.do = func() { change("goes", gone); change("later", due(1000)) }
		var got []string
		if _, err := s.Scan(t.Context(), c.q, "", 10, func(r *store.Record) error {
			got = append(got, r.Key.ID)
			return nil
		}); err != nil {
			t.Error(err)
		}
		if slices.Sort(got); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.q, got, c.want)
		}
	}
}
