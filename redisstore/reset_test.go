package redisstore_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// metaKey returns the key of a namespace's settings.
func metaKey(s *redisstore.Store) string {
	return "{" + strings.ReplaceAll(s.Namespace(), ":", "%3A") + ":meta}"
}

// A namespace that is emptied under an open store, and perhaps made again with the
// same number of partitions or another, is noticed by every call: nothing of it
// is taken for a contact of whom nothing is known.
func TestNamespaceReset(t *testing.T) {
	for _, connect := range []func(t *testing.T) redis.UniversalClient{toServer, toCluster} {
		for name, again := range map[string][]redisstore.Option{"emptied": nil, "made again": {redisstore.WithPartitions(4)}, "divided otherwise": {redisstore.WithPartitions(8)}} {
			client := connect(t)
			s := open(t, client, redisstore.WithPartitions(4))
			if err := step(t.Context(), s, user("u"), count); err != nil {
				t.Fatal(err)
			}
			empty(t, client, s)
			var anew *redisstore.Store
			if again != nil {
				anew = open(t, client, append(again, redisstore.WithNamespace(s.Namespace()))...)
			}
			ctx := t.Context()
			nothing := func(*store.Record, *store.Changes) error { return nil }
			_, events := s.Events(ctx, user("u"), store.EventCursor{}, 1)
			_, totals := s.Totals(ctx, "m")
			_, size := s.Size(ctx, []store.Kind{store.KindUser})
			_, scan := s.Scan(ctx, store.Query{Kinds: []store.Kind{store.KindUser}}, "", 1, nil)
			_, due := s.Scan(ctx, store.Query{Due: 1}, "", 1, nil)
			for i, err := range []error{
				step(ctx, s, user("u"), count), step(ctx, s, user("v"), count), step(ctx, s, user("u"), nothing),
				events, totals, size, scan, due, s.Read(ctx, []store.Key{user("u")}, nil),
			} {
				var typed *beckon.Error
				if !errors.Is(err, redisstore.ErrReset) || !errors.As(err, &typed) {
					t.Errorf("%s: call %d: %v", name, i, err)
				}
			}
			if anew == nil {
				anew = open(t, client, redisstore.WithNamespace(s.Namespace()))
			}
			if read(t, anew, user("u")) != 0 || step(ctx, anew, user("u"), count) != nil || read(t, anew, user("u")) != 1 {
				t.Errorf("%s: the namespace that was made again does not work", name)
			}
		}
	}
}

// empty takes away all keys of a store's namespace.
func empty(t *testing.T, client redis.UniversalClient, s *redisstore.Store) {
	t.Helper()
	remove := func(c *redis.Client) {
		keys, err := c.Keys(t.Context(), "{"+strings.ReplaceAll(s.Namespace(), ":", "%3A")+":*").Result()
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if err := client.Del(t.Context(), key).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	switch c := client.(type) {
	case *redis.Client:
		remove(c)
	case *redis.ClusterClient:
		for _, node := range cluster.Get(t).Nodes {
			o, err := redis.ParseURL(node.URL())
			if err != nil {
				t.Fatal(err)
			}
			remove(closed(t, redis.NewClient(o)))
		}
	}
}

// A namespace that goes between the load and the commit of a step is noticed too:
// the step does not report that it was committed.
func TestNamespaceResetMeanwhile(t *testing.T) {
	for _, c := range []struct{ there, again bool }{{true, true}, {true, false}, {false, true}, {false, false}} {
		client := single(t)
		s := open(t, client)
		if c.there {
			if err := step(t.Context(), s, user("u"), count); err != nil {
				t.Fatal(err)
			}
		}
		went := false
		err := step(t.Context(), s, user("u"), func(rec *store.Record, c2 *store.Changes) error {
			if !went {
				went = true
				empty(t, client, s)
				if c.again {
					open(t, client, redisstore.WithNamespace(s.Namespace()))
				}
			}
			return count(rec, c2)
		})
		if !errors.Is(err, redisstore.ErrReset) {
			t.Errorf("a record that was there %v, made again %v: %v", c.there, c.again, err)
		}
	}
}

// A server that forgets, being started again without persistence, is noticed as
// well.
func TestServerForgets(t *testing.T) {
	node := testserver.StartRedis(t)
	client, _ := wired(t, node.URL(), 3)
	s := open(t, client)
	if err := errors.Join(step(t.Context(), s, user("u"), count), node.Kill(), node.Start()); err != nil {
		t.Fatal(err)
	}
	if err := step(t.Context(), s, user("u"), count); !errors.Is(err, redisstore.ErrReset) {
		t.Errorf("got %v, want %v", err, redisstore.ErrReset)
	}
}

// Settings that an earlier version of the package made name nobody yet: they are
// taken as they are and completed.
func TestSettingsOfBefore(t *testing.T) {
	client := single(t)
	s := open(t, client, redisstore.WithPartitions(3))
	if err := step(t.Context(), s, user("u"), count); err != nil {
		t.Fatal(err)
	}
	const old = "beckon redisstore format=1 partitions=3"
	if err := client.Set(t.Context(), metaKey(s), old, 0).Err(); err != nil {
		t.Fatal(err)
	}
	a, b := open(t, client, redisstore.WithNamespace(s.Namespace())), open(t, client, redisstore.WithNamespace(s.Namespace()))
	text, err := client.Get(t.Context(), metaKey(s)).Result()
	if err != nil || !strings.HasPrefix(text, "beckon redisstore format=3 partitions=3 id=") || read(t, a, user("u")) != 1 || read(t, b, user("u")) != 1 {
		t.Errorf("%v: the settings are %q now", err, text)
	}
}
