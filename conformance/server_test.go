package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/sqlstore"
)

// A server that can be killed and started again at the same address.
type server interface {
	URL() string
	Kill() error
	Start() error
}

// The database server dies under load and comes back: its callers get errors
// that say of what kind they are, repeat, and go on; what was acknowledged is
// there, what was repeated counts once, and no cap is exceeded.
func TestServerKilledUnderLoad(t *testing.T) {
	kills := 6
	if testing.Short() {
		kills = 2
	}
	for _, b := range []struct {
		kind  string
		start func(testing.TB) server
		codes []beckon.Code // what an error may be
	}{
		{
			"postgres", func(tb testing.TB) server { return testserver.StartPostgres(tb) },
			[]beckon.Code{sqlstore.ErrUnavailable, sqlstore.ErrUnknownOutcome},
		},
		{
			"redis", func(tb testing.TB) server { return testserver.StartRedis(tb, "appendonly=yes", "appendfsync=always") },
			[]beckon.Code{redisstore.ErrUnavailable, redisstore.ErrUnknownOutcome},
		},
	} {
		t.Run(b.kind, func(t *testing.T) {
			t.Parallel()
			srv := b.start(t)
			p := place{Kind: b.kind, Address: srv.URL(), Namespace: "killed"}
			store := mustOpen(t, p)
			k := task{Place: p, Prefix: "killed", Contacts: 4, Callers: 8, Now: noon().UnixMilli()}
			engine, err := k.engine(store)
			if err != nil {
				t.Fatal(err)
			}
			ctx, giveUp := context.WithTimeout(t.Context(), 2*time.Minute)
			defer giveUp()
			o := outage{up: make(chan struct{}, 1), again: make(chan struct{})}
			var stop atomic.Bool
			var callers sync.WaitGroup
			said := make([][]string, k.Callers)
			for i := range k.Callers {
				callers.Go(func() {
					for n := 0; !stop.Load(); n++ {
						line, err := o.insist(ctx, engine, k, i, n, b.codes)
						if err != nil {
							t.Error(err)
							giveUp()
							return
						}
						said[i] = append(said[i], line)
						o.done.Add(1)
						o.notify()
					}
				})
			}
			for range kills {
				o.wait(ctx, &o.done, o.done.Load()+40)
				o.down()
				met := o.errors.Load()
				if err := srv.Kill(); err != nil {
					t.Fatal(err)
				}
				o.wait(ctx, &o.errors, met+1) // clients have patience of their own
				if err := srv.Start(); err != nil {
					t.Fatal(err)
				}
				o.recovered()
			}
			o.wait(ctx, &o.done, o.done.Load()+40)
			stop.Store(true)
			callers.Wait()
			all := newAccount()
			for _, lines := range said {
				all.add(t, lines)
			}
			got := all.check(t, store, k)
			got.checkTotals(t, store)
			if got.events != int(o.done.Load()) {
				t.Errorf("%d events were acknowledged in the end, %d are there", o.done.Load(), got.events)
			}
			t.Logf("%d kills: %d events, %d errors", kills, got.events, o.errors.Load())
			if o.errors.Load() == 0 {
				t.Error("no caller noticed anything")
			}
		})
	}
}

// An outage is what callers share while their server is killed and started
// again: who has met an error waits until it is back.
type outage struct {
	done   atomic.Int64 // events acknowledged
	errors atomic.Int64
	up     chan struct{} // a token whenever a count has changed

	mu    sync.Mutex
	again chan struct{} // closed when the server is up
}

func (o *outage) notify() {
	select {
	case o.up <- struct{}{}:
	default:
	}
}

// wait returns when a count has come so far, or a caller has given up.
func (o *outage) wait(ctx context.Context, count *atomic.Int64, n int64) {
	for count.Load() < n && ctx.Err() == nil {
		select {
		case <-o.up:
		case <-ctx.Done():
		}
	}
}

func (o *outage) down() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.again = make(chan struct{})
}

func (o *outage) recovered() {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.again)
}

// insist tracks one event until that is acknowledged.
func (o *outage) insist(ctx context.Context, engine *beckon.Engine, k task, caller, n int, codes []beckon.Code) (line string, err error) {
	for tries := range 100 {
		var got string
		err = k.track(ctx, engine, caller, n, func(words ...string) { got = strings.Join(words, " ") })
		if err == nil {
			return got, nil
		}
		o.errors.Add(1)
		o.notify()
		var typed *beckon.StoreError
		ok := errors.As(err, &typed)
		known := false
		for _, code := range codes {
			known = known || errors.Is(err, code)
		}
		if !ok || !known {
			return "", fmt.Errorf("try %d: the error is %w, of no kind that it should be", tries, err)
		}
		o.mu.Lock()
		again := o.again
		o.mu.Unlock()
		select {
		case <-again:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	return "", fmt.Errorf("it does not come back: %w", err)
}
