package benchmarks

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/throttle"
	"github.com/throttled/throttled/v2"
	throttledmemory "github.com/throttled/throttled/v2/store/memstore"
	"github.com/ulule/limiter/v3"
	limitermemory "github.com/ulule/limiter/v3/drivers/store/memory"
	"golang.org/x/time/rate"
)

// capKeys is how many keys BenchmarkCap goes through, again and again.
const capKeys = 1_000_000

// capLimit is the rule itself, as short as it can be written: a distance and a
// maximum, one atomic step.
type capLimit struct {
	seed  maphash.Seed
	parts [64]struct {
		mu   sync.Mutex
		keys map[string]capState
	}
}

type capState struct {
	count uint32
	last  int64
}

func newCapLimit() *capLimit {
	l := &capLimit{seed: maphash.MakeSeed()}
	for i := range l.parts {
		l.parts[i].keys = make(map[string]capState)
	}
	return l
}

func (l *capLimit) take(key string, now, every int64, most uint32) bool {
	p := &l.parts[maphash.String(l.seed, key)%64]
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.keys[key]
	if s.count > 0 && now-s.last < every || s.count >= most {
		return false
	}
	p.keys[key] = capState{s.count + 1, now}
	return true
}

// ratePerKey is x/time/rate, which has no keys, with keys.
type ratePerKey struct {
	seed  maphash.Seed
	parts [64]struct {
		mu   sync.Mutex
		keys map[string]*rate.Limiter
	}
}

func newRatePerKey() *ratePerKey {
	l := &ratePerKey{seed: maphash.MakeSeed()}
	for i := range l.parts {
		l.parts[i].keys = make(map[string]*rate.Limiter)
	}
	return l
}

func (l *ratePerKey) take(key string, now time.Time, every time.Duration) bool {
	p := &l.parts[maphash.String(l.seed, key)%64]
	p.mu.Lock()
	limiter := p.keys[key]
	if limiter == nil {
		limiter = rate.NewLimiter(rate.Every(every), 1)
		p.keys[key] = limiter
	}
	p.mu.Unlock()
	return limiter.AllowN(now, 1)
}

// A capPeer is one limiter. With a clock of the test's own it asks for the
// same distance; those that read the real clock, which no test can move, get
// a rule that allows, or refuses, every time.
type capPeer struct {
	name string
	make func(tb testing.TB) (take func(key string) bool)
}

// capCase is what is measured: that every key is allowed again, or that none is.
type capCase struct {
	name  string
	every time.Duration // the distance by the test's clock
	step  time.Duration // by which that clock moves for each key
}

func capCases() []capCase {
	return []capCase{{"allowed", time.Second, time.Millisecond}, {"refused", 1000 * time.Hour, 0}}
}

func capPeers(c capCase, at *time.Time) []capPeer {
	ctx := context.Background()
	return []capPeer{
		{"limit-sharded-map", func(testing.TB) func(string) bool {
			limit := newCapLimit()
			return func(key string) bool { return limit.take(key, at.UnixMilli(), c.every.Milliseconds(), 1<<31) }
		}},
		{"beckon-Throttler", func(tb testing.TB) func(string) bool {
			f := beckon.Frequency{Every: beckon.DurationOf(c.every)}
			throttler, err := beckon.NewThrottler(memstore.New(), f, throttle.WithClock(func() time.Time { return *at }))
			check(tb, err)
			return func(key string) bool {
				p, err := throttler.Take(ctx, key)
				check(tb, err)
				return p.Allowed
			}
		}},
		{"x-time-rate-per-key", func(testing.TB) func(string) bool {
			perKey := newRatePerKey()
			return func(key string) bool { return perKey.take(key, *at, c.every) }
		}},
		{"throttled-v2-memstore", func(tb testing.TB) func(string) bool {
			memory, err := throttledmemory.NewCtx(0)
			check(tb, err)
			every := c.every
			if c.step > 0 {
				every = time.Nanosecond
			}
			l, err := throttled.NewGCRARateLimiterCtx(memory, throttled.RateQuota{MaxRate: throttled.PerDuration(1, every)})
			check(tb, err)
			return func(key string) bool {
				limited, _, err := l.RateLimitCtx(ctx, key, 1)
				check(tb, err)
				return !limited
			}
		}},
		{"ulule-limiter-memory", func(tb testing.TB) func(string) bool {
			quota := limiter.Rate{Period: c.every, Limit: 1}
			if c.step > 0 {
				quota.Limit = 1 << 40
			}
			// Without a prefix the store need not put each key together.
			l := limiter.New(limitermemory.NewStoreWithOptions(limiter.StoreOptions{CleanUpInterval: time.Hour}), quota)
			return func(key string) bool {
				state, err := l.Get(ctx, key)
				check(tb, err)
				return !state.Reached
			}
		}},
	}
}

func TestCapsAgree(t *testing.T) {
	at := start
	for _, p := range capPeers(capCases()[1], &at) {
		take := p.make(t)
		for i, want := range []bool{true, false, false} {
			if got := take("a"); got != want {
				t.Errorf("%s: call %d: %v, want %v", p.name, i, got, want)
			}
		}
		if !take("b") {
			t.Errorf("%s: the other key is refused", p.name)
		}
	}
	for _, p := range capPeers(capCases()[0], &at) {
		take := p.make(t)
		for i := range 5 {
			at = at.Add(time.Second)
			if !take("a") {
				t.Errorf("%s: call %d is refused", p.name, i)
			}
		}
	}
}

// capRow returns the row of one limiter that knows all keys already. It is asked
// with texts of their own, as in a request: Go compares one and the same text
// without looking at it.
func capRow(tb testing.TB, c capCase, p capPeer, at *time.Time, keys, asked []string) row {
	tb.Helper()
	take, i, allowed := p.make(tb), 0, 0
	for _, key := range keys {
		take(key)
	}
	*at = at.Add(2 * c.step * time.Duration(len(keys))) // the distance is over for all of them
	return row{p.name, func(n int) {
		allowed = 0
		for range n {
			*at = at.Add(c.step)
			if take(asked[i]) {
				allowed++
			}
			if i++; i == len(asked) {
				i = 0
			}
		}
		if want := c.step > 0; (allowed == n) != want {
			tb.Errorf("%s: %d of %d allowed", p.name, allowed, n)
		}
	}}
}

func makeCapKeys(n int) []string {
	return texts(n, func(i int) string { return fmt.Sprintf("message-17/user-%09d", i*7919%n) })
}

// BenchmarkCap checks and takes over many keys; "allowed" gets a permit each
// time, "refused" none.
func BenchmarkCap(b *testing.B) {
	keys, asked := makeCapKeys(capKeys), makeCapKeys(capKeys)
	for _, c := range capCases() {
		if c.step == 0 {
			keys, asked = keys[:capKeys/10], asked[:capKeys/10] // to take them all for the first time takes as long again
		}
		b.Run(c.name, func(b *testing.B) {
			at := start
			for _, p := range capPeers(c, &at) {
				measureCap(b, c, p, &at, keys, asked)
			}
		})
	}
}

// measureCap has a frame of its own, so that nothing of one limiter is alive
// when the memory of the next is counted.
func measureCap(b *testing.B, c capCase, p capPeer, at *time.Time, keys, asked []string) {
	b.Helper()
	before := heap()
	r := capRow(b, c, p, at, keys, asked)
	bytes := (float64(heap()) - float64(before)) / float64(len(keys))
	b.Run(r.name, func(b *testing.B) {
		measure(b, r.run)
		b.ReportMetric(bytes, "heap-B/key")
	})
}
