package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// goesOn is how long it may take until a Store works with a master that has taken over. A
// client that is not told asks who the masters are once a minute.
const goesOn = 20 * time.Second

func replicated(tb testing.TB) (*testserver.RedisCluster, *redis.ClusterClient) {
	tb.Helper()
	if testing.Short() {
		tb.Skip("six servers take their time to start")
	}
	nodes := testserver.StartReplicatedRedisCluster(tb)
	o, err := redis.ParseClusterURL(nodes.URL())
	if err != nil {
		tb.Fatal(err)
	}
	return nodes, closed(tb, redis.NewClusterClient(o))
}

// A load makes steps on records without end. Each record has one caller.
type load struct {
	t             *testing.T
	s             *redisstore.Store
	done, unknown []atomic.Int64 // by record
	stop          chan struct{}
	ended         sync.Once
	callers       sync.WaitGroup
}

// end ends the load.
func (l *load) end() {
	l.ended.Do(func() { close(l.stop) })
	l.callers.Wait()
}

func newLoad(t *testing.T, s *redisstore.Store) *load {
	t.Helper()
	const callers, each = 6, 8
	l := &load{t: t, s: s, done: make([]atomic.Int64, callers*each), unknown: make([]atomic.Int64, callers*each), stop: make(chan struct{})}
	t.Cleanup(l.end)
	for c := range callers {
		l.callers.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-l.stop:
					return
				default:
				}
				l.step(c*each + n%each)
			}
		})
	}
	return l
}

func record(i int) store.Key { return user(fmt.Sprint("record-", i)) }

func (l *load) step(i int) {
	err := step(context.Background(), l.s, record(i), count)
	switch {
	case err == nil:
		l.done[i].Add(1)
		return
	case errors.Is(err, redisstore.ErrUnknownOutcome):
		l.unknown[i].Add(1)
	case errors.Is(err, redisstore.ErrUnavailable), errors.Is(err, redisstore.ErrReadOnly):
	default:
		l.t.Errorf("an error of another kind: %v", err)
	}
	yield()
}

// acknowledged returns how many steps on each record were.
func (l *load) acknowledged() []int64 {
	list := make([]int64, len(l.done))
	for i := range list {
		list[i] = l.done[i].Load()
	}
	return list
}

// progress waits until some steps on each record were acknowledged.
func (l *load) progress() {
	l.t.Helper()
	began, before := time.Now(), l.acknowledged() //nolint:forbidigo // there is no clock to set
	for i := range before {
		for l.done[i].Load() < before[i]+3 && !l.t.Failed() {
			if time.Since(began) > goesOn { //nolint:forbidigo // likewise
				l.t.Fatalf("after %v there was no step on %s", goesOn, record(i).ID)
			}
			yield()
		}
	}
}

// check ends the load. Each record has at least what least has for it, and no more than was
// acknowledged or is not known; the totals have what the records have.
func (l *load) check(least []int64) {
	l.t.Helper()
	l.end()
	var sum, lost, unknown int64
	for i := range l.done {
		n, done, open := read(l.t, l.s, record(i)), l.done[i].Load(), l.unknown[i].Load()
		want := done
		if least != nil {
			want = least[i]
		}
		if n < want || n > done+open {
			l.t.Errorf("%s has %d steps; %d were acknowledged, of %d nobody knows, and at least %d are to be there", record(i).ID, n, done, open, want)
		}
		sum, lost, unknown = sum+n, lost+max(0, done-n), unknown+open
	}
	if n := total(l.t, l.s); n != sum {
		l.t.Errorf("the records have %d steps, the totals %d", sum, n)
	}
	l.t.Logf("%d steps found; %d that were acknowledged are lost, of %d nobody knows", sum, lost, unknown)
}

// Where a replica takes the place of its master in order, under load, no step is lost and none
// is made twice, and the Store goes on with the next master.
func TestMasterHandsOver(t *testing.T) {
	nodes, client := replicated(t)
	l := newLoad(t, open(t, client))
	for i := range nodes.Nodes {
		l.progress()
		if err := nodes.TakeOver(i); err != nil {
			t.Fatal(err)
		}
		l.progress()
	}
	l.check(nil)
}

// Where a master dies under load, what had reached its replica is there, and what had not is
// lost whole: nothing is made twice, and records and totals say the same. The Store goes on
// with the replica.
func TestMasterDies(t *testing.T) {
	nodes, client := replicated(t)
	l := newLoad(t, open(t, client))
	l.progress()
	safe := l.acknowledged()
	if err := errors.Join(nodes.Caught(0), nodes.Nodes[0].Kill()); err != nil {
		t.Fatal(err)
	}
	for range 20 { // callers meet it
		yield()
	}
	if err := nodes.TakeOver(0); err != nil {
		t.Fatal(err)
	}
	l.progress()
	l.check(safe)
}

// A step that the replica never got is lost with its master, also for the Store that has made
// it and kept what it wrote: whatever comes next is decided on what the replica has.
func TestKeptAfterFailover(t *testing.T) {
	nodes, client := replicated(t)
	s := open(t, client)
	ctx := t.Context()
	var keys []store.Key // of records of the first master
	for i := 0; len(keys) < 4; i++ {
		name, _ := s.Keys(record(i))
		node, err := client.MasterForKey(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if node.Options().Addr == nodes.Nodes[0].Addr() {
			keys = append(keys, record(i))
		}
	}
	all := func(d decide) {
		t.Helper()
		for _, key := range keys {
			if err := step(ctx, s, key, d); err != nil {
				t.Fatal(err)
			}
		}
	}
	all(count)
	if err := errors.Join(nodes.Caught(0), nodes.CutOff(0)); err != nil {
		t.Fatal(err)
	}
	all(count)
	all(count)
	if rows, _ := s.Recent(); rows != len(keys) {
		t.Fatalf("%d records are kept, want %d", rows, len(keys))
	}
	if err := errors.Join(nodes.Nodes[0].Kill(), nodes.TakeOver(0)); err != nil {
		t.Fatal(err)
	}
	again := func(do func() error) {
		t.Helper()
		began := time.Now() //nolint:forbidigo // there is no clock to set
		err := do()
		for ; errors.Is(err, redisstore.ErrUnavailable) && time.Since(began) < goesOn; err = do() { //nolint:forbidigo // likewise
			yield()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	saw := int64(-1)
	for i, d := range []decide{
		count,
		func(rec *store.Record, _ *store.Changes) error { saw = rec.LastSeen; return nil },
		func(_ *store.Record, c *store.Changes) error {
			c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1})
			return nil
		},
		func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil },
	} {
		again(func() error { return step(ctx, s, keys[i], d) })
	}
	if saw != 1 {
		t.Errorf("a step that writes nothing saw %d, want 1", saw)
	}
	for i, want := range []int64{2, 1, 1, 0} {
		if n := read(t, s, keys[i]); n != want {
			t.Errorf("record %d has %d steps, want %d", i, n, want)
		}
	}
	if n := total(t, s); n != int64(len(keys))+2 {
		t.Errorf("the totals have %d, want %d", n, len(keys)+2)
	}
}

// A master that is to have a replica for each write refuses steps whole while it has none.
func TestTooFewReplicas(t *testing.T) {
	client, _ := wired(t, testserver.StartRedis(t).URL(), 0)
	s := open(t, client)
	if err := step(t.Context(), s, user("u"), count); err != nil {
		t.Fatal(err)
	}
	replicas := func(n string) {
		t.Helper()
		if err := client.ConfigSet(t.Context(), "min-replicas-to-write", n).Err(); err != nil {
			t.Fatal(err)
		}
	}
	replicas("1")
	for range 2 {
		steps := []store.Step{{Key: user("u"), Decider: decide(count)}, {Key: user("v"), Decider: decide(count)}}
		err := s.Step(t.Context(), steps)
		if !errors.Is(err, redisstore.ErrUnavailable) || !errors.Is(steps[0].Err, redisstore.ErrUnavailable) || !errors.Is(steps[1].Err, redisstore.ErrUnavailable) {
			t.Errorf("%v; %v, %v", err, steps[0].Err, steps[1].Err)
		}
	}
	replicas("0")
	if n := read(t, s, user("u")); n != 1 || total(t, s) != 1 {
		t.Errorf("the record has %d steps and the totals %d, want 1", n, total(t, s))
	}
	if err := step(t.Context(), s, user("u"), count); err != nil || read(t, s, user("u")) != 2 {
		t.Errorf("with replicas again: %v; %d steps, want 2", err, read(t, s, user("u")))
	}
}

// A sweep goes on while a master hands over, and when one dies whose replica has everything: each
// contact gets the message once, from the sweep or, where that has failed in the middle, from the
// outbox.
func TestSweepOutlivesFailover(t *testing.T) {
	const contacts = 200
	nodes, client := replicated(t)
	at := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	engine, err := beckon.New(open(t, client), beckon.WithOutbox(), beckon.WithClock(func() time.Time { return at }))
	if err == nil {
		err = engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
			ID: "news", Channel: beckon.Email, Mode: beckon.Ongoing, Status: beckon.Live, Content: beckon.Content{Subject: "s", Body: "b"},
		}}})
	}
	if err != nil {
		t.Fatal(err)
	}
	for f, err := range engine.Import(t.Context(), func(yield func(beckon.ImportItem, error) bool) {
		for i := 0; i < contacts && yield(beckon.ImportItem{Contact: &beckon.Contact{UserID: fmt.Sprint("u", i)}}, nil); i++ {
		}
	}) {
		t.Fatal(f, err)
	}
	got, began := map[string]int{}, time.Now() //nolint:forbidigo // there is no clock to set
	insist := func(do func() error) {
		t.Helper()
		for err := do(); err != nil; err = do() {
			var failed *beckon.StoreError
			if !errors.As(err, &failed) || !errors.Is(err, redisstore.ErrUnavailable) && !errors.Is(err, redisstore.ErrUnknownOutcome) || time.Since(began) > 2*goesOn { //nolint:forbidigo // likewise
				t.Fatal(err)
			}
			yield()
		}
	}
	failovers := map[int]func() error{
		contacts / 4:     func() error { return nodes.TakeOver(0) },
		contacts / 2:     func() error { return errors.Join(nodes.Caught(1), nodes.Nodes[1].Kill(), nodes.TakeOver(1)) },
		contacts * 3 / 4: func() error { return errors.Join(nodes.Caught(2), nodes.Nodes[2].Kill()) },
	}
	var open []beckon.Delivery // whose acknowledgement has failed
	ends := 0
	insist(func() error {
		for d, err := range engine.Sweep(t.Context(), beckon.Ahead(16)) {
			if err != nil {
				if ends++; len(failovers) == 0 && ends == 1 { // the master is dead, and the sweep has met it
					if err := nodes.TakeOver(2); err != nil {
						t.Fatal(err)
					}
				}
				return err
			}
			got[d.Contact.UserID]++
			if fn := failovers[len(got)]; fn != nil {
				delete(failovers, len(got))
				if err := fn(); err != nil {
					t.Fatal(err)
				}
			}
			if engine.Acknowledge(t.Context(), d) != nil {
				open = append(open, d)
			}
		}
		return nil
	})
	insist(func() error { return engine.Acknowledge(t.Context(), open...) })
	at = at.Add(2 * beckon.LeaseFor)
	left := 0
	insist(func() error {
		for d, err := range engine.Pending(t.Context()) {
			if err != nil {
				return err
			}
			left++
			got[d.Contact.UserID]++
			insist(func() error { return engine.Acknowledge(t.Context(), d) })
		}
		return nil
	})
	for i := range contacts {
		if id := fmt.Sprint("u", i); got[id] != 1 {
			t.Errorf("%s got it %d times", id, got[id])
		}
	}
	if totals, err := engine.Totals(t.Context(), "news"); err != nil || totals.Sent != contacts || len(failovers) > 0 || ends == 0 {
		t.Errorf("%d were sent in all, %v; %d masters have not failed, and the sweep %d times", totals.Sent, err, len(failovers), ends)
	}
	t.Logf("the sweep failed %d times; %d were acknowledged late, %d found in the outbox", ends, len(open), left)
}
