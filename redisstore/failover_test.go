package redisstore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/failover"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

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

// Where a replica takes the place of its master in order, under load, no step is lost and none
// is made twice, and the Store goes on with the next master.
func TestMasterHandsOver(t *testing.T) {
	nodes, client := replicated(t)
	l := failover.NewLoad(t, open(t, client))
	for i := range nodes.Nodes {
		l.Progress()
		if err := nodes.TakeOver(i); err != nil {
			t.Fatal(err)
		}
		l.Progress()
	}
	l.Check(nil)
}

// Where a master dies under load, what had reached its replica is there, and what had not is
// lost whole: nothing is made twice, and records and totals say the same. The Store goes on
// with the replica.
func TestMasterDies(t *testing.T) {
	nodes, client := replicated(t)
	l := failover.NewLoad(t, open(t, client))
	l.Progress()
	safe := l.Acknowledged()
	if err := errors.Join(nodes.Caught(0), nodes.Nodes[0].Kill()); err != nil {
		t.Fatal(err)
	}
	for range 20 { // callers meet it
		yield()
	}
	if err := nodes.TakeOver(0); err != nil {
		t.Fatal(err)
	}
	l.Progress()
	l.Check(safe)
}

// A step that the replica never got is lost with its master, also for the Store that has made
// it and kept what it wrote: whatever comes next is decided on what the replica has.
func TestKeptAfterFailover(t *testing.T) {
	nodes, client := replicated(t)
	s := open(t, client)
	ctx := t.Context()
	var keys []store.Key // of records of the first master
	for i := 0; len(keys) < 4; i++ {
		name, _ := s.Keys(failover.Record(i))
		node, err := client.MasterForKey(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		if node.Options().Addr == nodes.Nodes[0].Addr() {
			keys = append(keys, failover.Record(i))
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
		for ; errors.Is(err, redisstore.ErrUnavailable) && time.Since(began) < failover.GoesOn; err = do() { //nolint:forbidigo // likewise
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
	nodes, client := replicated(t)
	failover.Sweep(t, open(t, client), map[int]func() error{
		failover.Swept / 4:     func() error { return nodes.TakeOver(0) },
		failover.Swept / 2:     func() error { return errors.Join(nodes.Caught(1), nodes.Nodes[1].Kill(), nodes.TakeOver(1)) },
		failover.Swept * 3 / 4: func() error { return errors.Join(nodes.Caught(2), nodes.Nodes[2].Kill()) },
	}, func() error { return nodes.TakeOver(2) })
}
