package beckon_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// Z4: a wrong option is New's error; zero is the default, a nil option nothing.
func TestLimitsAsOptions(t *testing.T) {
	for name, with := range map[string]func(int) beckon.Option{
		"event names":   beckon.WithEventNamesLimit,
		"aliases":       beckon.WithAliasesLimit,
		"pending":       beckon.WithPendingLimit,
		"lease":         func(n int) beckon.Option { return beckon.WithLease(time.Duration(n) * time.Second) },
		"recent events": beckon.WithRecentEvents,
		"repeats":       beckon.WithRepeatsLimit,
		"send log":      beckon.WithSendLog,
		"composed":      beckon.WithComposedLimit,
		"holds":         beckon.WithHoldsLimit,
		"values":        beckon.WithFrequencyValues,
		"session gap":   func(n int) beckon.Option { return beckon.WithSessionGap(time.Duration(n) * time.Second) },
		"check every":   func(n int) beckon.Option { return beckon.WithCheckEvery(time.Duration(n) * time.Second) },
		"events for":    func(n int) beckon.Option { return beckon.WithRecentEventsFor(time.Duration(n) * time.Second) },
		"repeats for":   func(n int) beckon.Option { return beckon.WithRepeatsKnownFor(time.Duration(n) * time.Second) },
	} {
		for n, wrong := range map[int]bool{-1: true, 0: false, 1: false} {
			if _, err := beckon.New(memstore.New(), with(n), nil); (err != nil) != wrong {
				t.Errorf("%s of %d: %v", name, n, err)
			}
		}
	}
}

// A span without its unit is nanoseconds: nobody means that.
func TestSpansAsOptions(t *testing.T) {
	for name, with := range map[string]func(time.Duration) beckon.Option{
		"lease": beckon.WithLease, "check every": beckon.WithCheckEvery, "session gap": beckon.WithSessionGap, "events for": beckon.WithRecentEventsFor,
		"repeats for": beckon.WithRepeatsKnownFor, "visitors": beckon.WithVisitorsKeptFor,
	} {
		for d, wrong := range map[time.Duration]bool{
			1: true, 30: true, time.Second - 1: true, time.Second: false, 36525 * 24 * time.Hour: false, 36525*24*time.Hour + 1: true,
		} {
			if _, err := beckon.New(memstore.New(), with(d)); (err != nil) != wrong {
				t.Errorf("%s of %v: %v", name, d, err)
			}
		}
	}
}

// D4, Z4: zero asks for the default, not for none.
func TestCheckEveryOfZero(t *testing.T) {
	now := modelStart
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }), beckon.WithCheckEvery(0))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), beckon.Program{}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		fails bool
	}{{0, false}, {beckon.CheckEvery - time.Millisecond, true}, {time.Millisecond, false}} {
		now = now.Add(c.after)
		if _, err := engine.Check(t.Context(), beckon.Identity{UserID: "u1"}); (err != nil) != c.fails {
			t.Errorf("at %v: %v", now, err)
		}
	}
}
