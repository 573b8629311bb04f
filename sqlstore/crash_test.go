package sqlstore_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// The server is killed under load and started again, twice. Callers see typed
// errors meanwhile, and then carry on without being opened again. Every step
// that was acknowledged is there; those that were not are there once or not at
// all.
func TestServerKilled(t *testing.T) {
	server := testserver.StartPostgres(t)
	s := openPostgres(t, server.URL())
	const callers = 8
	var acknowledged, unknown [callers]atomic.Int64
	stop, progress := make(chan struct{}), make(chan struct{}, 1)
	var failed sync.Map
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				err := add(context.Background(), s, user(fmt.Sprint(i%4)))
				var typed *beckon.Error
				switch {
				case err == nil:
					acknowledged[i%4].Add(1)
					select {
					case progress <- struct{}{}:
					default: // somebody has said so already
					}
				case errors.Is(err, sqlstore.ErrUnknownOutcome):
					unknown[i%4].Add(1)
				case errors.As(err, &typed):
					failed.Store(typed.Code, true)
				default:
					t.Errorf("an error without a type: %v", err)
					return
				}
				if err != nil && strings.Contains(err.Error(), password(t, server.URL())) {
					t.Error("an error shows the password")
				}
			}
		})
	}
	sum := func() (n int64) {
		for i := range acknowledged {
			n += acknowledged[i].Load()
		}
		return n
	}
	patience, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	until := func(n int64) {
		for sum() < n {
			select {
			case <-progress:
			case <-patience.Done():
				t.Fatalf("%d steps in two minutes, want %d", sum(), n)
			}
		}
	}
	until(50)
	for range 2 {
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		until(sum() + 50)
	}
	close(stop)
	all.Wait()
	for i := range 4 {
		n, ok, open := seen(t, s, user(fmt.Sprint(i))), acknowledged[i].Load(), unknown[i].Load()
		if n < ok || n > ok+open {
			t.Errorf("record %d counts %d; %d steps were acknowledged, of %d the outcome is unknown", i, n, ok, open)
		}
	}
	failed.Range(func(code, _ any) bool {
		if code != sqlstore.ErrUnavailable {
			t.Errorf("a step failed with %v", code)
		}
		return true
	})
}

func password(t *testing.T, url string) string {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return config.Password
}

// What cannot be opened is a typed error without the password.
func TestOpenErrors(t *testing.T) {
	const secret = "hunter2-secret"
	for url, want := range map[string]beckon.Code{
		"postgres://u:" + secret + "@127.0.0.1:1/db?connect_timeout=5":     sqlstore.ErrUnavailable,
		"postgres://u:" + secret + "@127.0.0.1:1/db?sslmode=" + secret:     sqlstore.ErrSetup,
		"postgres://u:" + secret + "@127.0.0.1:1/db?pool_max_conns=" + "x": sqlstore.ErrSetup,
	} {
		_, err := sqlstore.OpenPostgres(t.Context(), url)
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
		var errno syscall.Errno
		if refused := errors.As(err, &errno); refused != (want == sqlstore.ErrUnavailable) || refused && !strings.Contains(err.Error(), errno.Error()) {
			t.Errorf("the error does not say why: %v", err)
		}
		for _, e := range below(err) {
			if strings.Contains(e.Error(), secret) {
				t.Errorf("the error shows the password: %v", e)
			}
		}
	}
	if _, err := sqlstore.OpenPool(t.Context(), nil); !errors.Is(err, sqlstore.ErrSetup) {
		t.Errorf("without a pool: got %v, want %v", err, sqlstore.ErrSetup)
	}
	for _, opts := range [][]sqlstore.Option{{sqlstore.WithNamespace(strings.Repeat("x", sqlstore.MaxNamespaceLength+1))}, {nil, sqlstore.WithNamespace("\xff")}} {
		if _, err := sqlstore.OpenSQLite(t.Context(), "unused", opts...); !errors.Is(err, sqlstore.ErrSetup) {
			t.Errorf("got %v, want %v", err, sqlstore.ErrSetup)
		}
	}
}

// A caller that waits for a connection of a pool that has none left stops waiting
// when its context ends.
func TestPoolExhausted(t *testing.T) {
	config, err := pgxpool.ParseConfig(postgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	config.MaxConns = 1
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	s, err := sqlstore.OpenPool(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	taken, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := add(ctx, s, user("u")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Step returned %v", err)
	}
	if err := s.Read(ctx, []store.Key{user("u")}, func(*store.Record) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Read returned %v", err)
	}
	taken.Release()
	if err := add(t.Context(), s, user("u")); err != nil {
		t.Error(err)
	}
}

// A closed store says so; to close it again does nothing.
func TestClosed(t *testing.T) {
	for name, p := range places(t) {
		s := p.open(t)
		if err := errors.Join(s.Close(), s.Close()); err != nil {
			t.Error(name, err)
		}
		if err := add(t.Context(), s, user("u")); !errors.Is(err, beckon.ErrClosed) {
			t.Errorf("%s: Step returned %v", name, err)
		}
		if _, err := s.Totals(t.Context(), "m"); !errors.Is(err, beckon.ErrClosed) {
			t.Errorf("%s: Totals returned %v", name, err)
		}
	}
}

// A state that was damaged is a typed error, of the record that has it alone.
func TestDamagedState(t *testing.T) {
	url := postgresURL(t)
	s := openPostgres(t, url)
	for _, id := range []string{"u", "v"} {
		if err := add(t.Context(), s, user(id)); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for _, damage := range []string{`state = set_byte(state, 3, get_byte(state, 3) # 1)`, `state = 'x'`, `stats = '{"a": [1, 2]}'`} {
		if _, err := conn.Exec(t.Context(), "UPDATE beckon_records SET state = (SELECT state FROM beckon_records WHERE id = 'v'), stats = '{}' WHERE id = 'u'"); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), "UPDATE beckon_records SET "+damage+" WHERE id = 'u'"); err != nil {
			t.Fatal(err)
		}
		if err := add(t.Context(), s, user("u")); !errors.Is(err, store.ErrDataCorrupt) {
			t.Errorf("%s: Step returned %v", damage, err)
		}
		if err := s.Read(t.Context(), []store.Key{user("u")}, func(*store.Record) error { return nil }); !errors.Is(err, store.ErrDataCorrupt) {
			t.Errorf("%s: Read returned %v", damage, err)
		}
		write := decide(func(_ *store.Record, c *store.Changes) error { c.Touch = true; return nil })
		steps := []store.Step{{Key: user("u"), Decider: write}, {Key: user("v"), Decider: write}}
		if err := s.Step(t.Context(), steps); err != nil || !errors.Is(steps[0].Err, store.ErrDataCorrupt) || steps[1].Err != nil {
			t.Errorf("%s, beside another record: %v; %v and %v", damage, err, steps[0].Err, steps[1].Err)
		}
	}
}

// below returns an error and all that it stands on.
func below(err error) []error {
	all := []error{err}
	switch e := err.(type) { //nolint:errorlint // it is the tree itself that is walked
	case interface{ Unwrap() error }:
		if under := e.Unwrap(); under != nil {
			all = append(all, below(under)...)
		}
	case interface{ Unwrap() []error }:
		for _, under := range e.Unwrap() {
			all = append(all, below(under)...)
		}
	}
	return all
}
