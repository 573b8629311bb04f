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
	"github.com/throttled/throttled/v2"
	throttledmemory "github.com/throttled/throttled/v2/store/memstore"
	"golang.org/x/time/rate"
)

// capKeys is how many keys BenchmarkCap goes through, again and again.
const capKeys = 100_000

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

// capPeer is one limiter under the clock of the test, which stands at *at.
type capPeer struct {
	name string
	take func(key string) bool
}

// capPeers gives all limiters with the same distance, in whole seconds.
// throttled has a clock of its own, which no test can move, so it has a
// distance of its own as well.
func capPeers(tb testing.TB, at *time.Time, every, throttledEvery time.Duration) []capPeer {
	tb.Helper()
	limit, perKey := newCapLimit(), newRatePerKey()
	throttler, err := beckon.NewThrottler(memstore.New(), beckon.Frequency{Every: beckon.Duration(every/time.Second) * beckon.Second},
		beckon.WithThrottleClock(func() time.Time { return *at }))
	check(tb, err)
	memory, err := throttledmemory.NewCtx(0)
	check(tb, err)
	quota := throttled.RateQuota{MaxRate: throttled.PerDuration(1, throttledEvery), MaxBurst: 0}
	other, err := throttled.NewGCRARateLimiterCtx(memory, quota)
	check(tb, err)
	ctx := context.Background()
	return []capPeer{
		{"limit-sharded-map", func(key string) bool { return limit.take(key, at.UnixMilli(), every.Milliseconds(), 1<<31) }},
		{"beckon-Throttler", func(key string) bool {
			p, err := throttler.Take(ctx, key)
			check(tb, err)
			return p.Allowed
		}},
		{"x-time-rate-per-key", func(key string) bool { return perKey.take(key, *at, every) }},
		{"throttled-v2-memstore", func(key string) bool {
			limited, _, err := other.RateLimitCtx(ctx, key, 1)
			check(tb, err)
			return !limited
		}},
	}
}

func TestCapsAgree(t *testing.T) {
	at := start
	for _, p := range capPeers(t, &at, time.Hour, time.Hour) {
		for _, want := range []bool{true, false, false} {
			if got := p.take("a"); got != want {
				t.Errorf("%s: %v, want %v", p.name, got, want)
			}
		}
		if !p.take("b") {
			t.Errorf("%s: the other key is refused", p.name)
		}
	}
}

// BenchmarkCap checks and takes over many keys; "allowed" gets a permit each
// time, "refused" none.
func BenchmarkCap(b *testing.B) {
	keys := make([]string, capKeys)
	for i := range keys {
		keys[i] = fmt.Sprintf("message-17/user-%09d", i*7919%capKeys)
	}
	for _, c := range []struct {
		name                  string
		every, throttledEvery time.Duration
		step                  time.Duration // by which the clock moves for each key
	}{{"allowed", time.Second, time.Microsecond, time.Millisecond}, {"refused", 1000 * time.Hour, 1000 * time.Hour, 0}} {
		b.Run(c.name, func(b *testing.B) {
			at := start
			for _, p := range capPeers(b, &at, c.every, c.throttledEvery) {
				b.Run(p.name, func(b *testing.B) {
					for _, key := range keys {
						p.take(key)
					}
					at = at.Add(2 * c.step * capKeys) // the distance is over for all of them
					i, allowed := 0, 0
					measure(b, func() {
						at = at.Add(c.step)
						if p.take(keys[i%capKeys]) {
							allowed++
						}
						i++
					})
					if want := c.step > 0; (allowed == b.N) != want {
						b.Errorf("%d of %d allowed", allowed, b.N)
					}
				})
			}
		})
	}
}
