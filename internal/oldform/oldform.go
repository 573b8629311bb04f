// Package oldform has what older versions of the persisted form stored, for tests of
// stores: what is read of it goes on where it was.
package oldform

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
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
		{
			name:  "a contact of version 1",
			whole: "0102017502d086030201016502142801016d000002c0b80200010164c0b802016d0005656d61696c0101740200000301650214280214280600016601141400050a020167000000000100010101000000000000000000000000000002c0b80202a09c010104706c616e020000000370726f00010461636d650103736d73f0ab0101017700e0d403020200000002016528c0b802000000000001016b020000000176000101730162c0b80280f10400a09c0102016da0fe0a0000016ef08d0b0202010164000a01016d040201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b0176000200000000000000000000000000000000c0a9070163016d05656d61696c017500000000042a000001790000040000000000030108017601010801761de68de4",
			part:  "0100000000000001016d000002c0b80200010164c0b802016d0005656d61696c0101740200000301650214280214280600016601141400050a020167000000000100010101000000000000000000000000000002c0b80202a09c010104706c616e020000000370726f00010461636d650103736d73f0ab0101017700e0d403020200000002016528c0b802000000000001016b020000000176000101730162c0b80280f10400a09c0102016da0fe0a0000016ef08d0b0202010164000a01016d040201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b0176000200000000000000000000000000000000c0a9070163016d05656d61696c017500000000042a00000179000004000000000003010801760101080176ddeca955",
			goes:  outboxGoesOn,
		},
		{
			name:  "a contact of version 2",
			whole: "0202017502d086030201016502142801016d000002c0b80200010164c0b802016d0005656d61696c0101740200000301650214280214280600016601141400050a020167000000000100010101000000000000000000000000000002c0b80202a09c010104706c616e020000000370726f00010461636d650103736d73f0ab01010102016528c0b802000000000001016b02000000017600017700e0d4030202000000000101730162c0b80280f10400a09c0102016da0fe0a0000c0b802016ef08d0b020200010164000a01016d040201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b017600020101740200000000000000000000000000000000c0a9070163016d05656d61696c017500000000042a000001790000040000000000000003010801760101080176010173d0860313e3b8cd",
			part:  "0200000000000001016d000002c0b80200010164c0b802016d0005656d61696c0101740200000301650214280214280600016601141400050a020167000000000100010101000000000000000000000000000002c0b80202a09c010104706c616e020000000370726f00010461636d650103736d73f0ab01010102016528c0b802000000000001016b02000000017600017700e0d4030202000000000101730162c0b80280f10400a09c0102016da0fe0a0000c0b802016ef08d0b020200010164000a01016d040201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b017600020101740200000000000000000000000000000000c0a9070163016d05656d61696c017500000000042a000001790000040000000000000003010801760101080176010173d0860345578c59",
			goes:  outboxGoesOn,
		},
		{
			name:  "a throttle key of version 3",
			whole: "0312016b02000500000000000100048098dbe6956780b285e4956703c0eed3e6956703b088dbe69567048098dbe6956705000045317977",
			part:  "03000000000000000000000100048098dbe6956780b285e4956703c0eed3e6956703b088dbe69567048098dbe695670500007d3ceaf0",
			goes:  permitsGoOn,
		},
		{
			name:  "a contact of version 3",
			whole: "0302017502d086030201016502142801016d000002c0b80200010164c0b802016d0005656d61696c010174020000030165021428021428060000016601141400040a020167000000000000010101000000000000000000000000000002c0b802000201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b017600020101740200000000000000000000000000000000c0a9070163016d05656d61696c017500000000042a00000179000004000002a09c010104706c616e020000000370726f00010461636d650103736d73f0ab01010102016528c0b802000000000001016b02000000017600017700e0d4030202000000000101730162c0b80280f10400a09c0102016da0fe0a0000c0b802016ef08d0b020200010164000a01016d04000000000003010801760101080176010173d08603019f907f",
			part:  "0300000000000001016d000002c0b80200010164c0b802016d0005656d61696c010174020000030165021428021428060000016601141400040a020167000000000000010101000000000000000000000000000002c0b802000201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b017600020101740200000000000000000000000000000000c0a9070163016d05656d61696c017500000000042a00000179000004000002a09c010104706c616e020000000370726f00010461636d650103736d73f0ab01010102016528c0b802000000000001016b02000000017600017700e0d4030202000000000101730162c0b80280f10400a09c0102016da0fe0a0000c0b802016ef08d0b020200010164000a01016d04000000000003010801760101080176010173d08603a4311d7b",
			goes:  outboxGoesOn,
		},
		{
			name:  "a throttle key of version 4",
			whole: "0412016b02000500000000000100048098dbe6956780b285e4956703c0eed3e6956703b088dbe69567048098dbe69567050000d794a1d8",
			part:  "04000000000000000000000100048098dbe6956780b285e4956703c0eed3e6956703b088dbe69567048098dbe695670500003868d683",
			goes:  permitsGoOn,
		},
		{
			name:  "a contact of version 4",
			whole: "0402017502d086030201016502142801016d000002c0b80200010164c0b802016d0005656d61696c010174020000030165021428021428060000016601141400040a020167000000000000010101000000000000000000000000000002c0b802000201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b0176000200010174020000000000000000000000000000000000c0a9070163016d05656d61696c017500000000042a000001790000040000000002a09c010104706c616e020000000370726f00010461636d650103736d73f0ab01010102016528c0b802000000000001016b02000000017600017700e0d4030202000000000101730162c0b80280f10400a09c0102016da0fe0a0000c0b802016ef08d0b020200010164000a01016d04000000000003010801760101080176010173d086032d7f0f0f",
			part:  "0400000000000001016d000002c0b80200010164c0b802016d0005656d61696c010174020000030165021428021428060000016601141400040a020167000000000000010101000000000000000000000000000002c0b802000201000000000000000000000000000002a08d060164016d05656d61696c01750000000002280000017801016b0176000200010174020000000000000000000000000000000000c0a9070163016d05656d61696c017500000000042a000001790000040000000002a09c010104706c616e020000000370726f00010461636d650103736d73f0ab01010102016528c0b802000000000001016b02000000017600017700e0d4030202000000000101730162c0b80280f10400a09c0102016da0fe0a0000c0b802016ef08d0b020200010164000a01016d04000000000003010801760101080176010173d08603d4dad907",
			goes:  outboxGoesOn,
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
	for p := range r.Pending.All() {
		c.Pending = append(c.Pending, *p)
	}
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

// outboxGoesOn: of the contact "u" two deliveries are pending whose leases ended long
// ago, and what its counters have missed is known.
func outboxGoesOn(t testing.TB, s beckon.Store) {
	t.Helper()
	ctx, key := context.Background(), store.Key{Kind: store.KindUser, ID: "u"}
	engine, err := beckon.New(s, beckon.WithOutbox(), beckon.WithClock(func() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Read(ctx, []store.Key{key}, func(r *store.Record) error {
		if k := r.Counters; len(k) != 3 || k[0].Keep != 3 || k[0].Missed != 0 || k[1].Keep != 2 || k[1].Missed != 2 || k[2].Keep != 0 || k[2].Missed != 1 {
			t.Errorf("counters %+v", k)
		}
		if r.NextPending() != 50_000 || r.Pending.Len() != 2 {
			t.Errorf("%d are pending, the first lease ends at %d; want 2 and 50000", r.Pending.Len(), r.NextPending())
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"d x 2", "c y 3"}
	for d, err := range engine.Pending(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(d.ID, " ", d.Body, " ", d.Attempt); len(want) == 0 || got != want[0] {
			t.Fatalf("%s is pending, want %v", got, want)
		}
		want = want[1:]
		if err := engine.Acknowledge(ctx, d); err != nil {
			t.Fatal(err)
		}
	}
	if len(want) > 0 {
		t.Errorf("%v are not pending", want)
	}
	for d, err := range engine.Outbox(ctx) {
		t.Errorf("still pending: %+v, %v", d, err)
	}
}
