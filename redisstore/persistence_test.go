package redisstore_test

import (
	"context"
	"errors"
	"testing"

	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/redis/go-redis/v9"
)

// A host learns whether what it is told is written survives a restart.
func TestAppendOnly(t *testing.T) {
	node := testserver.StartRedis(t)
	if _, err := node.Command("ACL SETUSER blind on >secret ~* +@all -info"); err != nil {
		t.Fatal(err)
	}
	as := func(name, password string) *redisstore.Store {
		return open(t, closed(t, redis.NewClient(&redis.Options{Addr: node.Addr(), Username: name, Password: password})))
	}
	s, blind := as("", node.Password()), as("blind", "secret")
	for _, want := range []bool{false, true, false} {
		setting := map[bool]string{false: "no", true: "yes"}[want]
		if _, err := node.Command("CONFIG SET appendonly " + setting); err != nil {
			t.Fatal(err)
		}
		if got, err := s.AppendOnly(t.Context()); err != nil || got != want {
			t.Errorf("appendonly %s: %v, %v", setting, got, err)
		}
		if got, err := blind.AppendOnly(t.Context()); got || !errors.Is(err, redisstore.ErrSetup) {
			t.Errorf("appendonly %s, INFO forbidden: %v, %v", setting, got, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := s.AppendOnly(ended); got || !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v, %v", got, err)
	}
	hidden := struct{ redis.UniversalClient }{single(t)}
	other := open(t, hidden, redisstore.WithEvictionAllowed(nil))
	if got, err := other.AppendOnly(t.Context()); got || !errors.Is(err, redisstore.ErrSetup) {
		t.Errorf("behind another type: %v, %v", got, err)
	}
}

// One node of a cluster without the file is enough.
func TestAppendOnlyInCluster(t *testing.T) {
	nodes := cluster.Get(t).Nodes
	s := open(t, clustered(t))
	for n := range len(nodes) + 1 {
		if got, err := s.AppendOnly(t.Context()); err != nil || got != (n == len(nodes)) {
			t.Errorf("%d of %d nodes have it: %v, %v", n, len(nodes), got, err)
		}
		if n < len(nodes) {
			if _, err := nodes[n].Command("CONFIG SET appendonly yes"); err != nil {
				t.Fatal(err)
			}
			defer func() { _, _ = nodes[n].Command("CONFIG SET appendonly no") }()
		}
	}
}
