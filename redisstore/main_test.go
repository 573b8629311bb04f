package redisstore_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// One server and one cluster serve all tests, each in namespaces of its own.
var (
	server     testserver.SharedRedis
	cluster    testserver.SharedRedisCluster
	namespaces atomic.Int64
)

func TestMain(m *testing.M) {
	code := m.Run()
	for _, err := range []error{server.Close(), cluster.Close()} {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// namespace returns one that no other test has, in no other run either: a server
// that the environment names may keep what a run leaves behind.
func namespace() string {
	return fmt.Sprintf("test:%d:%d", os.Getpid(), namespaces.Add(1))
}

func single(tb testing.TB) *redis.Client {
	tb.Helper()
	o, err := redis.ParseURL(server.URL(tb))
	if err != nil {
		tb.Fatal(err)
	}
	return closed(tb, redis.NewClient(o))
}

func clustered(tb testing.TB) *redis.ClusterClient {
	tb.Helper()
	o, err := redis.ParseClusterURL(cluster.Get(tb).URL())
	if err != nil {
		tb.Fatal(err)
	}
	return closed(tb, redis.NewClusterClient(o))
}

// closed closes a client when the test ends.
func closed[C interface{ Close() error }](tb testing.TB, c C) C {
	tb.Cleanup(func() {
		if err := c.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
			tb.Errorf("closing a client: %v", err)
		}
	})
	return c
}

// open opens a store in a namespace that is empty, unless an option names one.
func open(tb testing.TB, client redis.UniversalClient, opts ...redisstore.Option) *redisstore.Store {
	tb.Helper()
	s, err := redisstore.New(context.Background(), client, append([]redisstore.Option{redisstore.WithNamespace(namespace())}, opts...)...)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func user(id string) store.Key { return store.Key{Kind: store.KindUser, ID: id} }

// decide is a decision written as a function.
type decide func(rec *store.Record, c *store.Changes) error

func (d decide) Decide(rec *store.Record, c *store.Changes) error { return d(rec, c) }

// count adds one to a record's LastSeen and to a total.
func count(rec *store.Record, c *store.Changes) error {
	c.LastSeen = rec.LastSeen + 1
	c.Totals = append(c.Totals, store.Increment{Message: "m", Name: "sent", N: 1})
	return nil
}

// step carries out one step and returns both errors in one.
func step(ctx context.Context, s *redisstore.Store, key store.Key, d decide) error {
	steps := []store.Step{{Key: key, Decider: d}}
	if err := s.Step(ctx, steps); err != nil {
		return err
	}
	return steps[0].Err
}

// read returns a record's LastSeen.
func read(tb testing.TB, s *redisstore.Store, key store.Key) (n int64) {
	tb.Helper()
	err := s.Read(context.Background(), []store.Key{key}, func(r *store.Record) error {
		n = r.LastSeen
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// yield lets others run while a test waits for what a real server does.
func yield() { time.Sleep(time.Millisecond) } //nolint:forbidigo // there is no clock to set
