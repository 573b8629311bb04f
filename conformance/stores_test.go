package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/redis/go-redis/v9"
)

// One server of each kind serves all tests of the binary, each with a namespace
// of its own. Tests that kill a server start another.
var (
	postgresServer testserver.SharedPostgres
	redisServer    testserver.SharedRedis
	redisCluster   testserver.SharedRedisCluster
	namespaces     atomic.Int64
)

// childEnv names the variable that makes of the test binary a process under
// test: it has what the process is to do.
const childEnv = "BECKON_CONFORMANCE_CHILD"

func TestMain(m *testing.M) {
	if task := os.Getenv(childEnv); task != "" {
		os.Exit(child(task))
	}
	redis.SetLogger(quiet{}) // servers are killed on purpose
	code := m.Run()
	for _, err := range []error{postgresServer.Close(), redisServer.Close(), redisCluster.Close()} {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// quiet is a logger of the Redis client that says nothing.
type quiet struct{}

// Printf does nothing.
func (quiet) Printf(context.Context, string, ...any) {}

// A place is where a store has its data: all that another process needs to
// know to open it.
type place struct {
	Kind      string // sqlite, postgres, redis, cluster; memory cannot be opened twice
	Address   string // a file or a URL
	Namespace string
}

// open opens the store at a place. The caller calls end when nobody uses it any
// more.
func (p place) open(ctx context.Context) (store beckon.Store, end func() error, err error) {
	switch p.Kind {
	case "memory":
		return memstore.New(), func() error { return nil }, nil
	case "sqlite":
		s, err := sqlstore.OpenSQLite(ctx, p.Address, sqlstore.WithNamespace(p.Namespace), sqlstore.WithLockTimeout(time.Minute)) // eight processes on a slow machine wait long
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	case "postgres":
		s, err := sqlstore.OpenPostgres(ctx, p.Address, sqlstore.WithNamespace(p.Namespace))
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	case "redis":
		o, err := redis.ParseURL(p.Address)
		if err != nil {
			return nil, nil, err
		}
		return p.openRedis(ctx, redis.NewClient(o))
	case "cluster":
		o, err := redis.ParseClusterURL(p.Address)
		if err != nil {
			return nil, nil, err
		}
		return p.openRedis(ctx, redis.NewClusterClient(o))
	}
	return nil, nil, fmt.Errorf("there is no kind of store %q", p.Kind)
}

func (p place) openRedis(ctx context.Context, client redis.UniversalClient) (store beckon.Store, end func() error, err error) {
	s, err := redisstore.New(ctx, client, redisstore.WithNamespace(p.Namespace))
	if err != nil {
		return nil, nil, errors.Join(err, client.Close())
	}
	return s, client.Close, nil
}

func (p place) String() string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // three strings
	}
	return string(text)
}

// A backend is one kind of store.
type backend struct {
	name string
	// at returns an empty place, or skips the test.
	at func(tb testing.TB) place
}

func backends() []backend {
	return append([]backend{{"memory", func(testing.TB) place { return place{Kind: "memory"} }}}, shared()...)
}

func newNamespace() string { return fmt.Sprintf("c%d-%d", os.Getpid(), namespaces.Add(1)) }

// shared are the stores whose data outlive the process, and that several
// processes may have at the same time.
func shared() []backend {
	return []backend{
		{"sqlite", func(tb testing.TB) place {
			return place{Kind: "sqlite", Address: filepath.Join(tb.TempDir(), "beckon.db"), Namespace: newNamespace()}
		}},
		{"postgres", func(tb testing.TB) place {
			return place{Kind: "postgres", Address: postgresServer.URL(tb), Namespace: newNamespace()}
		}},
		{"redis", func(tb testing.TB) place {
			return place{Kind: "redis", Address: redisServer.URL(tb), Namespace: newNamespace()}
		}},
	}
}

// mustOpen opens the store at a place until the test ends.
func mustOpen(tb testing.TB, p place) beckon.Store {
	tb.Helper()
	s, end, err := p.open(context.Background())
	if err != nil {
		tb.Fatalf("opening %s: %v", p.Kind, err)
	}
	tb.Cleanup(func() {
		if err := end(); err != nil {
			tb.Errorf("closing %s: %v", p.Kind, err)
		}
	})
	return s
}
