package store

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon/value"
)

// A decoder that remembers names returns what one that does not returns, however
// many names push each other out.
func TestRecordDecoder(t *testing.T) {
	var d RecordDecoder
	full := fullRecord(t)
	for round := range 3 {
		if got, err := d.Decode(AppendRecord(nil, full)); err != nil || !reflect.DeepEqual(got, full) {
			t.Fatalf("round %d: %v\n got %+v\nwant %+v", round, err, got, full)
		}
		for i := range 3 * nameSlots {
			name := fmt.Sprint("name-", i)
			r := &Record{Stats: []Stats{{Name: unique.Make(name), Count: 1}, {Count: 2}}, Profile: &Profile{Attributes: []Attribute{NewAttribute(name, value.Bool(true))}}}
			got, err := d.Decode(AppendRecord(nil, r))
			if err != nil || !reflect.DeepEqual(got, r) {
				t.Fatalf("round %d, %s: %v\n got %+v\nwant %+v", round, name, err, got, r)
			}
		}
	}
	data := AppendRecord(nil, full)
	data[len(data)-1] ^= 1
	if _, err := d.Decode(data); !errors.Is(err, ErrDataCorrupt) {
		t.Errorf("damaged: %v", err)
	}
}

// A decoder with a projection returns what that names, all of the profile but other
// attributes, and nothing else; and it goes on as before without one.
func TestDecodeOnly(t *testing.T) {
	full := fullRecord(t)
	full.Profile.Attributes = append(full.Profile.Attributes, NewAttribute("later", value.List("x", "y")), NewAttribute("more", value.RichLink("https://x.test", "title")))
	data := AppendRecord(nil, full)
	var d RecordDecoder
	for _, only := range []Projection{
		{},
		{Attributes: []string{"more", "none", "", full.Profile.Attributes[0].Name.Value()}},
		{Attributes: []string{"later"}, Stats: true},
		{Sends: true},
		{Counters: true, Seen: true},
	} {
		want := &Record{Key: full.Key, Exists: full.Exists, LastSeen: full.LastSeen, EventSeq: full.EventSeq}
		p := *full.Profile
		want.Profile, p.Attributes = &p, nil
		for _, a := range full.Profile.Attributes {
			if slices.Contains(only.Attributes, a.Name.Value()) {
				p.Attributes = append(p.Attributes, a)
			}
		}
		if only.Stats {
			want.Stats = full.Stats
		}
		if only.Sends {
			want.SendStats, want.SendLog = full.SendStats, full.SendLog
		}
		if only.Counters {
			want.Counters = full.Counters
		}
		for _, decode := range []func([]byte) (*Record, error){d.Decode, d.DecodeNext} {
			d.Only = &only
			if got, err := decode(data); err != nil || !bytes.Equal(AppendRecord(nil, got), AppendRecord(nil, want)) {
				t.Errorf("only %+v: %v", only, err)
			}
			d.Only = nil
			if got, err := decode(data); err != nil || !bytes.Equal(AppendRecord(nil, got), data) {
				t.Errorf("after only %+v: %v", only, err)
			}
		}
	}
}

// What was decoded does not change with the buffer that it came from.
func TestDecodeRecordKeepsNothing(t *testing.T) {
	var d RecordDecoder
	full := fullRecord(t)
	data := AppendRecord(nil, full)
	for _, decode := range []func([]byte) (*Record, error){DecodeRecord, d.Decode} {
		buf := bytes.Clone(data)
		got, err := decode(buf)
		if err != nil {
			t.Fatal(err)
		}
		clear(buf)
		if !bytes.Equal(AppendRecord(nil, got), data) {
			t.Error("a record has changed with the data it was decoded from")
		}
	}
}

// Nothing of a record, whole or damaged, is left for the next one in the same memory;
// what may be kept of it does not change.
func TestDecodeNext(t *testing.T) {
	var d RecordDecoder
	full, busy := fullRecord(t), busyRecord()
	large := &Record{SendLog: make([]SendLogEntry, 3*maxRowsKept)}
	for i := range large.SendLog {
		large.SendLog[i].Tags = []string{fmt.Sprint("tag-", i), ""}
	}
	key := Key{Kind: KindUser, ID: "u"}
	var kept []string
	for i, r := range []*Record{full, busy, {}, full, {Profile: &Profile{}}, large, busy, {SendLog: make([]SendLogEntry, 3)}, full, {Counters: make([]Counter, 40)}, busy} {
		data := AppendRecordUnder(nil, key, r)
		if got, err := d.DecodeNextUnder(key, data); err != nil || !reflect.DeepEqual(got, r) {
			t.Fatalf("record %d: %v\n got %+v\nwant %+v", i, err, got, r)
		} else if r == busy {
			kept = append(kept, got.SendStats[0].Message, got.SendLog[0].Tags[0])
		}
		cut := append([]byte{dataVersion}, data[1:len(data)/2]...)
		if _, err := d.DecodeNextUnder(key, sealed(cut[1:])); !errors.Is(err, ErrDataCorrupt) {
			t.Fatalf("record %d cut short: %v", i, err)
		}
		if got, err := d.DecodeNext(AppendRecord(nil, r)); err != nil || !reflect.DeepEqual(got, r) {
			t.Fatalf("record %d without a key: %v\n got %+v\nwant %+v", i, err, got, r)
		}
	}
	for i := 0; i < len(kept); i += 2 {
		if kept[i] != "message-0" || kept[i+1] != "onboarding" {
			t.Errorf("a text that was kept is now %q", kept[i:i+2])
		}
	}
	data := AppendRecordUnder(nil, key, busy)
	if n := testing.AllocsPerRun(100, func() { _, _ = d.DecodeNextUnder(key, data) }); n > 1 {
		t.Errorf("%v allocations for a record; its texts are one", n)
	}
}

// Rows that could not be shorter are read however many they are: the bound that
// a length is held against is none too high.
func TestDecodeRecordShortestRows(t *testing.T) {
	const n = 1000
	for _, r := range []*Record{
		{Stats: make([]Stats, n)},
		{SendStats: make([]SendStats, n)},
		{SendLog: make([]SendLogEntry, n)},
		{SendLog: []SendLogEntry{{Tags: make([]string, n)}}},
		{Counters: make([]Counter, n)},
		{Counters: []Counter{{Times: make([]int64, n)}}},
		{Permits: make([]Permits, n)},
		{Permits: []Permits{{Newest: make([]Permit, n)}}},
		{Dedup: make([]Dedup, n)},
		{Profile: &Profile{Attributes: make([]Attribute, n)}},
		{Profile: &Profile{Companies: make([]string, n)}},
		{Profile: &Profile{Unsubscribed: make([]string, n)}},
		{Profile: &Profile{Holds: make([]Hold, n)}},
		{Profile: &Profile{SeriesStates: make([]SeriesState, n)}},
		{Profile: &Profile{Goals: make([]GoalState, n)}},
		{Profile: &Profile{Dates: make([]DateState, n)}},
		{Profile: &Profile{FreeSequences: make([]FreeSequence, n)}},
		{Profile: &Profile{MergedFrom: make([]MergedFrom, n)}},
		{Profile: &Profile{Aliases: make([]Key, n)}},
		{Profile: &Profile{Matched: make([]string, n)}},
		{Profile: &Profile{Rare: &Rare{Decided: make([]Decided, n)}}},
		{Profile: &Profile{Holds: []Hold{{Event: LoggedEvent{Metadata: make(value.Fields, n)}}}}},
	} {
		got, err := DecodeRecord(AppendRecord(nil, r))
		if err != nil || !reflect.DeepEqual(got, r) {
			t.Errorf("%.200s: %v", fmt.Sprintf("%+v", r), err)
		}
	}
	// The zero time of a delivery is no zero byte: that of 1970 is the shortest.
	r := &Record{Pending: NewPendingList(make([]Pending, n)...)}
	for p := range r.Pending.All() {
		p.Delivery.At = time.Unix(0, 0).UTC()
	}
	if got, err := DecodeRecord(AppendRecord(nil, r)); err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("deliveries: %v", err)
	}
}

// Not a text, nor a row, is allocated by itself.
func TestDecodeRecordAllocates(t *testing.T) {
	var d RecordDecoder
	data := AppendRecord(nil, busyRecord())
	// The record, its profile, the coder, the one text, five lists of rows and
	// one list of tags for each of four sends.
	if n := testing.AllocsPerRun(100, func() { _, _ = d.Decode(data) }); n > 13 {
		t.Errorf("%v allocations to decode a record of %d bytes", n, len(data))
	}
	buf := make([]byte, 0, 2*len(data))
	record := busyRecord()
	if n := testing.AllocsPerRun(100, func() { buf = AppendRecord(buf[:0], record) }); n > 1 {
		t.Errorf("%v allocations to encode a record into memory that is there", n)
	}
}

// A table returns the handles that package unique returns, at once and later.
func TestNameTable(t *testing.T) {
	var table nameTable
	for range 2 {
		for i := range 2 * nameSlots {
			name := fmt.Sprint("table-", i)
			if first, again := table.get(name), table.get(name); first != unique.Make(name) || again != first {
				t.Fatalf("another handle for %q", name)
			}
		}
	}
}
