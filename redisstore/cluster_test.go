package redisstore_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// A slot that is handed from one master to another while steps are made on its
// records loses none and doubles none.
func TestSlotMoves(t *testing.T) {
	const callers, records = 8, 40
	nodes := testserver.StartRedisCluster(t)
	o, err := redis.ParseClusterURL(nodes.URL())
	if err != nil {
		t.Fatal(err)
	}
	client := closed(t, redis.NewClusterClient(o))
	name := namespace()
	s := open(t, client, redisstore.WithNamespace(name), redisstore.WithPartitions(1))
	var done atomic.Int64
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if err := step(t.Context(), s, user(fmt.Sprint((c+i)%records)), count); err != nil {
					t.Errorf("a step: %v", err)
					return
				}
				done.Add(1)
			}
		})
	}
	progress := func() {
		for before := done.Load(); done.Load() < before+100 && !t.Failed(); {
			yield()
		}
	}
	progress()
	// Its settings have a slot of their own, which stays.
	tag := "{" + strings.ReplaceAll(name, ":", "%3A") + ":0."
	moved := 0
	for range 2 { // there and back
		moved += moveSlot(t, nodes, client, tag)
		progress()
	}
	close(stop)
	wg.Wait()
	var sum int64
	for i := range records {
		sum += read(t, s, user(fmt.Sprint(i)))
	}
	if sum != done.Load() || total(t, s) != sum || moved == 0 {
		t.Errorf("%d steps, %d found, %d in the totals; %d keys moved", done.Load(), sum, total(t, s), moved)
	}
	t.Logf("%d steps while %d keys moved", done.Load(), moved)
}

// moveSlot hands the slot of the keys with a prefix to another master, as
// redis-cli does it, and returns the number of keys.
func moveSlot(t *testing.T, nodes *testserver.RedisCluster, client *redis.ClusterClient, prefix string) int {
	t.Helper()
	ctx := t.Context()
	single := func(n *testserver.RedisServer) *redis.Client {
		return closed(t, redis.NewClient(&redis.Options{Addr: n.Addr(), Password: n.Password()}))
	}
	var from, to *redis.Client
	var target *testserver.RedisServer
	key := ""
	for _, n := range nodes.Nodes {
		c := single(n)
		keys, err := c.Keys(ctx, prefix+"*").Result()
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) > 0 {
			from, key = c, keys[0]
		} else {
			to, target = c, n
		}
	}
	slot, err := client.ClusterKeySlot(ctx, key).Result()
	if err != nil {
		t.Fatal(err)
	}
	id := func(c *redis.Client) string {
		id, err := c.Do(ctx, "CLUSTER", "MYID").Text()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	do := func(c *redis.Client, args ...any) {
		t.Helper()
		if err := c.Do(ctx, args...).Err(); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	}
	source, destination := id(from), id(to)
	do(to, "CLUSTER", "SETSLOT", slot, "IMPORTING", source)
	do(from, "CLUSTER", "SETSLOT", slot, "MIGRATING", destination)
	host, port, _ := strings.Cut(target.Addr(), ":")
	moved := 0
	for {
		keys, err := from.ClusterGetKeysInSlot(ctx, int(slot), 3).Result()
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) == 0 {
			break
		}
		args := []any{"MIGRATE", host, port, "", 0, 5000, "AUTH", target.Password(), "KEYS"}
		for _, k := range keys {
			args = append(args, k)
		}
		do(from, args...)
		moved += len(keys)
	}
	for _, n := range nodes.Nodes {
		do(single(n), "CLUSTER", "SETSLOT", slot, "NODE", destination)
	}
	return moved
}

// Everything in a cluster's database has a hash tag: there is nothing that a
// script could miss, and what one partition has is in one slot.
func TestKeysHaveTags(t *testing.T) {
	name := namespace()
	client := clustered(t)
	s := open(t, client, redisstore.WithNamespace(name))
	for i := range 50 {
		err := step(t.Context(), s, user(fmt.Sprint("{}", i)), func(_ *store.Record, c *store.Changes) error {
			c.Events, c.KeepEvents = append(c.Events, store.LoggedEvent{Seq: 1, At: 1}), 1
			c.Totals = append(c.Totals, store.Increment{Message: "}{", Name: "sent", N: 1})
			c.Pending = append(c.Pending, store.Pending{})
			c.Profile = &store.Profile{
				Holds: []store.Hold{{Due: 1}}, Moving: user("x"),
				Attributes: []store.Attribute{store.NewAttribute("email", beckon.String("a@x.test"))},
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var mu sync.Mutex
	tags := map[string]int{}
	err := client.ForEachMaster(t.Context(), func(ctx context.Context, node *redis.Client) error {
		keys, err := node.Keys(ctx, "*"+strings.ReplaceAll(name, ":", "%3A")+":*").Result()
		mu.Lock()
		defer mu.Unlock()
		for _, k := range keys {
			tag, _, _ := strings.Cut(k, "}")
			tags[tag]++
			if !strings.HasPrefix(k, "{"+strings.ReplaceAll(name, ":", "%3A")+":") {
				t.Errorf("the key %q is not of the namespace", k)
			}
		}
		return err
	})
	// Settings, and partitions, each with its indices and totals at least.
	if err != nil || len(tags) < 20 {
		t.Errorf("%v; keys by tag: %v", err, tags)
	}
	for tag, n := range tags {
		if !strings.HasSuffix(tag, ":meta") && n < 8 {
			t.Errorf("the tag %q has %d keys", tag, n)
		}
	}
}
