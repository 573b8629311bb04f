package redisstore_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// A server that may throw records away is refused, unless the host says
// otherwise, and so is one that will not tell.
func TestEviction(t *testing.T) {
	node := testserver.StartRedis(t)
	for name, rights := range map[string]string{"asks": "+@all", "infers": "+@all -config", "guesses": "+@all -config -info"} {
		if _, err := node.Command("ACL SETUSER " + name + " on >secret ~* " + rights); err != nil {
			t.Fatal(err)
		}
	}
	as := func(name string) *redis.Client {
		return closed(t, redis.NewClient(&redis.Options{Addr: node.Addr(), Username: name, Password: "secret"}))
	}
	for _, c := range []struct {
		policy, memory string
		fine           bool
	}{
		{"noeviction", "0", true},
		{"noeviction", "100mb", true},
		{"allkeys-lru", "0", true},
		{"allkeys-lru", "100mb", false},
		{"volatile-ttl", "100mb", false},
	} {
		for _, command := range []string{"CONFIG SET maxmemory-policy " + c.policy, "CONFIG SET maxmemory " + c.memory} {
			if _, err := node.Command(command); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{"asks", "infers", "guesses"} {
			fine := c.fine && name != "guesses"
			_, err := redisstore.New(t.Context(), as(name))
			if fine != (err == nil) || !fine && !errors.Is(err, redisstore.ErrEviction) {
				t.Errorf("%s, maxmemory %s, a client that %s: %v", c.policy, c.memory, name, err)
			}
			var warnings []error
			_, err = redisstore.New(t.Context(), as(name), redisstore.WithEvictionAllowed(func(w error) { warnings = append(warnings, w) }))
			if err != nil || fine != (len(warnings) == 0) || !fine && !errors.Is(warnings[0], redisstore.ErrEviction) {
				t.Errorf("%s, maxmemory %s, allowed, a client that %s: %v, warned %v", c.policy, c.memory, name, err, warnings)
			}
			if _, err := redisstore.New(t.Context(), as(name), redisstore.WithEvictionAllowed(nil)); err != nil {
				t.Errorf("allowed and not to be told: %v", err)
			}
		}
	}
}

// One node of a cluster that may evict is enough.
func TestEvictionInCluster(t *testing.T) {
	node := cluster.Get(t).Nodes[2]
	defer func() {
		if _, err := node.Command("CONFIG SET maxmemory 0"); err != nil {
			t.Error(err)
		}
	}()
	for _, command := range []string{"CONFIG SET maxmemory-policy allkeys-random", "CONFIG SET maxmemory 100mb"} {
		if _, err := node.Command(command); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := redisstore.New(t.Context(), clustered(t)); !errors.Is(err, redisstore.ErrEviction) {
		t.Errorf("got %v", err)
	}
}

// What a namespace is divided into is settled by who opens it first.
func TestPartitions(t *testing.T) {
	client := single(t)
	name := redisstore.WithNamespace(namespace())
	open(t, client, name, redisstore.WithPartitions(7))
	for _, c := range []struct {
		opts []redisstore.Option
		want error
	}{
		{[]redisstore.Option{name, nil}, nil},
		{[]redisstore.Option{name, redisstore.WithPartitions(0)}, nil},
		{[]redisstore.Option{name, redisstore.WithPartitions(7)}, nil},
		{[]redisstore.Option{name, redisstore.WithPartitions(8)}, redisstore.ErrSetup},
		{[]redisstore.Option{redisstore.WithPartitions(redisstore.MaxPartitions + 1)}, redisstore.ErrSetup},
	} {
		if _, err := redisstore.New(t.Context(), client, c.opts...); !errors.Is(err, c.want) {
			t.Errorf("got %v, want %v", err, c.want)
		}
	}
	keys, err := client.Keys(t.Context(), "*:meta}").Result()
	if err != nil || len(keys) == 0 {
		t.Fatalf("%q, %v", keys, err)
	}
	for _, c := range []struct {
		text string
		want error
	}{
		{"beckon redisstore format=4 partitions=7", store.ErrDataVersion},
		{"beckon redisstore format=1 partitions=0", store.ErrDataCorrupt},
		{"beckon redisstore format=1 partitions=5000", store.ErrDataCorrupt},
		{"somebody else's", store.ErrDataCorrupt},
	} {
		space := namespace()
		open(t, client, redisstore.WithNamespace(space))
		key := "{" + strings.ReplaceAll(space, ":", "%3A") + ":meta}"
		if err := client.SetXX(t.Context(), key, c.text, 0).Err(); err != nil {
			t.Fatal(err)
		}
		if _, err := redisstore.New(t.Context(), client, redisstore.WithNamespace(space)); !errors.Is(err, c.want) {
			t.Errorf("%q: got %v, want %v", c.text, err, c.want)
		}
	}
}

// Clients through which a store could not keep its promise are refused.
func TestClients(t *testing.T) {
	for name, client := range map[string]redis.UniversalClient{
		"none":      nil,
		"nil":       (*redis.Client)(nil),
		"nil too":   (*redis.ClusterClient)(nil),
		"a ring":    closed(t, redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": "127.0.0.1:1"}})),
		"replicas":  closed(t, redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, ReadOnly: true})),
		"latencies": closed(t, redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, RouteByLatency: true})),
		"chance":    closed(t, redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{"127.0.0.1:1"}, RouteRandomly: true})),
	} {
		if _, err := redisstore.New(t.Context(), client); !errors.Is(err, redisstore.ErrSetup) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Behind another type there is no telling what the servers do.
	hidden := struct{ redis.UniversalClient }{single(t)}
	if _, err := redisstore.New(t.Context(), hidden); !errors.Is(err, redisstore.ErrEviction) {
		t.Errorf("a client of another type: %v", err)
	}
}

// Namespaces that a store which joins carelessly takes for one another, or for
// a part of its keys, hold what was put into them and nothing else.
func TestNamespacesAreApart(t *testing.T) {
	client, base := single(t), namespace()
	names := []string{"a", "a:0.0}r1:u", "a}", "{a}", "a{", "a:", ":a", "a%3A", "a ", "a+", "A", "a\x00", "ä", "a\xff", "a\xfe", "*", "a:meta"}
	var stores []*redisstore.Store
	for i, name := range names {
		s := open(t, client, redisstore.WithNamespace(base+name), redisstore.WithPartitions(2))
		if err := step(t.Context(), s, user("u"), func(rec *store.Record, c *store.Changes) error {
			c.LastSeen = rec.LastSeen + int64(i) + 1
			c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: int64(i) + 1})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		stores = append(stores, s)
	}
	for i, s := range stores {
		n, err := s.Size(t.Context(), []store.Kind{store.KindUser, store.KindUser})
		if err != nil || n != 1 || read(t, s, user("u")) != int64(i)+1 || total(t, s) != int64(i)+1 {
			t.Errorf("namespace %q: %d records, %v; it says %d", names[i], n, err, read(t, s, user("u")))
		}
	}
	// No name is the default one.
	a, b := redisstore.WithNamespace(""), redisstore.WithNamespace(redisstore.DefaultNamespace)
	if err := step(t.Context(), open(t, client, a), user(base), count); err != nil {
		t.Fatal(err)
	}
	if read(t, open(t, client, b), user(base)) != 1 {
		t.Error("the empty namespace is not the default one")
	}
}

// The server's time is near ours, here where they share a clock.
func TestNow(t *testing.T) {
	for _, client := range []redis.UniversalClient{single(t), clustered(t)} {
		s := open(t, client)
		before := time.Now() //nolint:forbidigo // compared with another real clock
		now, err := s.Now(t.Context())
		if err != nil || now.Before(before.Truncate(time.Microsecond)) || now.After(time.Now()) { //nolint:forbidigo // as above
			t.Errorf("%v, %v; it was %v when asked", now, err, before)
		}
	}
}

// Totals stop at the ends of int64 instead of coming out at the other.
func TestTotalsSaturate(t *testing.T) {
	s := open(t, single(t))
	for _, n := range []int64{1<<63 - 1, 5} {
		for i := range 10 { // in several partitions
			if err := step(t.Context(), s, user(fmt.Sprint(i)), func(_ *store.Record, c *store.Changes) error {
				c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "up", N: n}, store.Increment{Message: "m", Name: "down", N: -n - 1})
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	totals, err := s.Totals(t.Context(), "m")
	if err != nil || len(totals) != 2 {
		t.Fatalf("%v, %v", totals, err)
	}
	for _, x := range totals {
		if want := map[string]int64{"up": 1<<63 - 1, "down": -1 << 63}[x.Name]; x.Count != want {
			t.Errorf("%s is %d, want %d", x.Name, x.Count, want)
		}
	}
}

// Size counts what is there, and not what went.
func TestSize(t *testing.T) {
	s := open(t, single(t))
	gone := func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil }
	for i, c := range []struct {
		id   string
		d    decide
		want int64
	}{
		{"a", count, 1},
		{"b", count, 2},
		{"b", count, 2},
		{"a", gone, 1},
		{"a", gone, 1},
		{"c", gone, 1},
		{"a", count, 2},
	} {
		if err := step(t.Context(), s, user(c.id), c.d); err != nil {
			t.Fatal(err)
		}
		n, err := s.Size(t.Context(), []store.Kind{store.KindUser, store.KindCompany})
		if err != nil || n != c.want {
			t.Errorf("after step %d: %d records, %v; want %d", i, n, err, c.want)
		}
	}
}

// The earliest may all be in one partition: the order over all of them holds.
func TestScanUneven(t *testing.T) {
	const partitions, records = 64, 60
	space := namespace()
	s := open(t, single(t), redisstore.WithNamespace(space), redisstore.WithPartitions(partitions))
	first := redisstore.Tag(space, partitions, user("0"))
	var want []string
	for i := 0; len(want) < records; i++ {
		id, due := fmt.Sprint(i), int64(1_000_000) // of the others
		if redisstore.Tag(space, partitions, user(id)) == first {
			due = int64(len(want) + 1)
			want = append(want, id)
		} else if i > 200 {
			continue
		}
		err := step(t.Context(), s, user(id), func(_ *store.Record, c *store.Changes) error {
			c.Profile = &store.Profile{Holds: []store.Hold{{Message: "m", Due: due}}}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	if _, err := s.Scan(t.Context(), store.Query{Due: 2_000_000}, "", records, func(r *store.Record) error {
		got = append(got, r.Key.ID)
		return nil
	}); err != nil || !slices.Equal(got, want) {
		t.Errorf("%v: found %v, want %v", err, got, want)
	}
}
