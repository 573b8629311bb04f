// Package oldform has what older versions of the persisted form stored, for tests of
// stores: what is read of it goes on where it was.
package oldform

import (
	"context"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A stored is a record as a version wrote it.
type stored struct {
	name  string
	whole string // by store.AppendRecord
	part  string // what stands beside columns, by store.AppendRecordUnder
	goes  func(t testing.TB, s beckon.Store)
}

func all() []stored {
	return []stored{
		{
			name:  "a throttle key of version 1",
			whole: "0112016b02000500000001000480b285e495678098dbe6956706c0eed3e6956706b088dbe69567088098dbe695670a000000005607002f",
			part:  "01000000000000000001000480b285e495678098dbe6956706c0eed3e6956706b088dbe69567088098dbe695670a00000000b9570c85",
			goes:  permitsGoOn,
		},
		{
			name:  "a throttle key of version 2",
			whole: "0212016b02000500000001000480b285e495678098dbe6956706c0eed3e6956706b088dbe69567088098dbe695670a00000000dc487864",
			part:  "02000000000000000001000480b285e495678098dbe6956706c0eed3e6956706b088dbe69567088098dbe695670a00000000caf713de",
			goes:  permitsGoOn,
		},
	}
}

// GoesOn tests that s goes on with what older versions stored. For each record it calls
// replace, which puts what the store keeps of it as the version had it: whole is the
// record by store.AppendRecord, part what is not in Key, Exists, LastSeen, EventSeq and
// Stats, by store.AppendRecordUnder.
func GoesOn(t *testing.T, s beckon.Store, replace func(t testing.TB, key store.Key, whole, part []byte)) {
	t.Helper()
	for _, x := range all() {
		t.Run(x.name, func(t *testing.T) {
			whole, part := unhex(t, x.whole), unhex(t, x.part)
			r, err := store.DecodeRecord(whole)
			if err != nil {
				t.Fatal(err)
			}
			steps := []store.Step{{Key: r.Key, Decider: becoming{r}}}
			if err := errors.Join(s.Step(t.Context(), steps), steps[0].Err); err != nil {
				t.Fatal(err)
			}
			replace(t, r.Key, whole, part)
			x.goes(t, s)
		})
	}
}

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A becoming makes a record what another is.
type becoming struct{ r *store.Record }

// Decide implements [store.Decider].
func (d becoming) Decide(_ *store.Record, c *store.Changes) error {
	r := d.r
	c.Clear, c.Touch = true, true
	c.LastSeen, c.EventSeq, c.Profile = r.LastSeen, r.EventSeq, r.Profile
	c.Stats, c.SendStats, c.SendLog = append(c.Stats, r.Stats...), append(c.SendStats, r.SendStats...), append(c.SendLog, r.SendLog...)
	c.Counters, c.Permits, c.Dedup = append(c.Counters, r.Counters...), append(c.Permits, r.Permits...), append(c.Dedup, r.Dedup...)
	return nil
}

// permitsGoOn: of the key "k" four permits of five count, three of them within the last
// hour.
func permitsGoOn(t testing.TB, s beckon.Store) {
	t.Helper()
	ctx := context.Background()
	now := time.Date(2026, 3, 2, 12, 0, 30, 0, time.UTC)
	throttler, err := beckon.NewThrottler(s, beckon.Frequency{Every: beckon.Seconds(0)}, beckon.WithThrottleClock(func() time.Time { return now }), beckon.WithThrottleLimit(3, beckon.Minutes(45)))
	if err != nil {
		t.Fatal(err)
	}
	take := func(allowed bool) beckon.Permit {
		t.Helper()
		p, err := throttler.Take(ctx, "k")
		if err != nil || p.Allowed != allowed {
			t.Fatalf("%+v, %v; want allowed %v", p, err, allowed)
		}
		return p
	}
	free := time.Date(2026, 3, 2, 12, 44, 0, 0, time.UTC) // the first of the three was taken at 11:59
	if p := take(false); p.Reason != beckon.ReasonCapped || !p.RetryAt.Equal(free) {
		t.Errorf("%+v, want capped until %v", p, free)
	}
	now = free
	if p := take(true); p.Sequence != 6 {
		t.Errorf("the next permit has the number %d, want 6", p.Sequence)
	}
	take(false)
	// The fourth of all, as any throttler names it.
	if err := throttler.Release(ctx, "k", "27495f60bda1ee3ea3bc04137b293878-4"); err != nil {
		t.Errorf("an old permit cannot be given back: %v", err)
	}
	if p := take(true); p.Sequence != 7 {
		t.Errorf("the next permit has the number %d, want 7", p.Sequence)
	}
	take(false)
	var got store.Permits
	counters := 0
	if err := s.Read(ctx, []store.Key{{Kind: store.KindThrottle, ID: "k"}}, func(r *store.Record) error {
		counters = len(r.Counters)
		if len(r.Permits) == 1 {
			got = r.Permits[0]
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got.Count != 5 || got.Last != free.UnixMilli() || got.Prior != 1_772_450_000_000 || len(got.Newest) != 4 || counters != 0 {
		t.Errorf("the key has %+v and %d counters", got, counters)
	}
}
