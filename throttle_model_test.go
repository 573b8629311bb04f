package beckon_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/throttle"
)

// F3, faults 43: never one too many, never one too few.
func TestThrottlerRace(t *testing.T) {
	const goroutines, each, most = 64, 20, 37
	for _, c := range []struct {
		name string
		f    beckon.Frequency
		opts []throttle.Option
		want int64
	}{
		{"maximum", beckon.Frequency{Every: beckon.Seconds(0), Max: most}, nil, most},
		{"limit", beckon.Frequency{Every: beckon.Seconds(0)}, []throttle.Option{throttle.WithLimit(most, time.Hour)}, most},
		{"distance", beckon.Frequency{}, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			throttler, _ := newThrottler(t, c.f, c.opts...)
			var granted atomic.Int64
			var ids sync.Map
			var all sync.WaitGroup
			for range goroutines {
				all.Add(1)
				go func() {
					defer all.Done()
					for range each {
						p, err := throttler.Take(context.Background(), "k")
						if err != nil {
							t.Error(err)
						}
						if !p.Allowed {
							continue
						}
						granted.Add(1)
						if _, twice := ids.LoadOrStore(p.ID(), true); twice {
							t.Errorf("%s was given twice", p.ID())
						}
					}
				}()
			}
			all.Wait()
			if granted.Load() != c.want {
				t.Errorf("%d permits, want %d", granted.Load(), c.want)
			}
		})
	}
}

// Against a list of instants: whatever the rules and the clock, what is
// allowed is what the list says.
func TestThrottlerAgainstList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type entry struct {
			at int64
			id string
		}
		every := rapid.Int64Range(0, 5).Draw(t, "every")
		most := rapid.IntRange(0, 6).Draw(t, "max")
		n := rapid.IntRange(1, 4).Draw(t, "n")
		within := rapid.Int64Range(1, 10).Draw(t, "within")
		releases := rapid.IntRange(1, 12).Draw(t, "releases")
		clock := &hand{}
		f := beckon.Frequency{Every: beckon.Seconds(int(every)), Max: most}
		if every == 0 {
			f.Every = beckon.Seconds(0)
		}
		throttler, err := beckon.NewThrottler(memstore.New(), f, throttle.WithClock(clock.now),
			throttle.WithLimit(n, beckon.Seconds(int(within)).Elapsed()), throttle.WithReleases(releases))
		if err != nil {
			t.Fatal(err)
		}
		now := int64(1_000)
		var list []entry          // given and not given back; the newest n + releases can be, each once
		left := map[string]bool{} // too old to be given back, for good
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now += rapid.SampledFrom([]int64{0, 0, 1, 1, 2, 3, 7, -1, -5}).Draw(t, "after")
			clock.set(time.Unix(now, 0))
			if len(list) > 0 && rapid.IntRange(0, 4).Draw(t, "release") == 0 {
				i := rapid.IntRange(0, len(list)-1).Draw(t, "which")
				err := throttler.Release(context.Background(), "k", list[i].id)
				kept := 0
				for _, x := range list {
					if !left[x.id] {
						kept++
					}
				}
				if left[list[i].id] || kept < len(list) && kept <= n {
					if !errors.Is(err, beckon.ErrDeliveryUnknown) {
						t.Fatalf("releasing one too old or too many: %v, want delivery_unknown", err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				list = append(list[:i:i], list[i+1:]...)
				continue
			}
			last, recent := int64(math.MinInt64), 0
			for i := range list {
				list[i].at = min(list[i].at, now) // F6
				last = max(last, list[i].at)
				if list[i].at > now-within {
					recent++
				}
			}
			want := beckon.Reason("")
			switch {
			case most > 0 && len(list) >= most:
				want = beckon.ReasonMaxReached
			case len(list) > 0 && now-last < every:
				want = beckon.ReasonThrottled
			case recent >= n:
				want = beckon.ReasonCapped
			}
			p, err := throttler.Take(context.Background(), "k")
			if err != nil {
				t.Fatal(err)
			}
			if p.Reason != want {
				t.Fatalf("at %d after %v: %q, want %q", now, list, p.Reason, want)
			}
			if p.Allowed {
				list = append(list, entry{now, p.ID()})
				if i := len(list) - 1 - n - releases; i >= 0 {
					left[list[i].id] = true
				}
			}
		}
	})
}
