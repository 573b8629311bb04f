package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"reflect"
	"runtime"
	"testing"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// Cut anywhere, changed anywhere, it is an error and no panic.
func TestDecodeRecordDamaged(t *testing.T) {
	data := AppendRecord(nil, fullRecord(t))
	for n := range len(data) {
		if _, err := DecodeRecord(data[:n]); !errors.Is(err, ErrDataCorrupt) {
			t.Fatalf("cut to %d bytes: %v", n, err)
		}
	}
	if _, err := DecodeRecord(append(bytes.Clone(data), 0)); !errors.Is(err, ErrDataCorrupt) {
		t.Errorf("a byte more: %v", err)
	}
	for i := 1; i < len(data); i++ {
		bad := bytes.Clone(data)
		bad[i] ^= 0x10
		if _, err := DecodeRecord(bad); !errors.Is(err, ErrDataCorrupt) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	bad := bytes.Clone(data)
	bad[0] = 0
	if _, err := DecodeRecord(bad); !errors.Is(err, ErrDataCorrupt) {
		t.Errorf("version 0: %v", err)
	}
	bad[0] = dataVersion + 1
	if _, err := DecodeRecord(bad); !errors.Is(err, ErrDataVersion) {
		t.Errorf("a newer version: %v", err)
	}
	if _, err := DecodeLoggedEvent(data); !errors.Is(err, ErrDataCorrupt) {
		t.Errorf("a record as an event: %v", err)
	}
}

// sealed returns body with the version and the checksum it would have if it had
// been written here.
func sealed(body []byte) []byte { return sealedAs(dataVersion, body) }

func sealedAs(version byte, body []byte) []byte {
	data := append([]byte{version}, body...)
	return binary.LittleEndian.AppendUint32(data, checksum(nil, data))
}

// Behind a right checksum the fields are checked all the same.
func TestDecodeRecordImplausible(t *testing.T) {
	body := func(r *Record) []byte {
		data := AppendRecord(nil, r)
		return data[1 : len(data)-checksumSize]
	}
	event := AppendLoggedEvent(nil, &LoggedEvent{Metadata: value.Fields{{Value: peek.Value(repr.Value{Kind: repr.KindInvalid + 1})}}})
	if _, err := DecodeLoggedEvent(event); !errors.Is(err, ErrDataCorrupt) {
		t.Errorf("a kind that no value has: %v", err)
	}
	zero := body(&Record{})
	tallied := body(&Record{Counters: []Counter{{Def: "d"}, {Def: "e", Tally: "t"}}}) // ends in the place 1 and "t"
	ending := func(with ...byte) []byte { return append(bytes.Clone(tallied[:len(tallied)-3]), with...) }
	for name, b := range map[string][]byte{
		"cut":                   zero[:len(zero)-1],
		"a byte more":           append(bytes.Clone(zero), 0),
		"a number without end":  bytes.Repeat([]byte{0xff}, 40),
		"a kind over 255":       append([]byte{0x80, 0x04}, zero[1:]...),
		"a bool of 2":           append([]byte{2, 0, 4}, zero[3:]...),
		"a text of 2^60 bytes":  append([]byte{2, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10}, zero...),
		"a nanosecond too many": pendingAt(1_000_000_000),
		"a tally of nothing":    ending(2, 1, 't'),
		"a tally twice":         ending(1, 1, 't', 1, 1, 't'),
		"tallies out of order":  ending(1, 1, 't', 0, 1, 't'),
		"an empty tally":        ending(1, 0),
		"a tally cut short":     ending(1, 2, 't'),
		"a hash cut short":      pendingAt(-1),
	} {
		if _, err := DecodeRecord(sealed(b)); !errors.Is(err, ErrDataCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := DecodeRecord(sealed(ending(0, 1, 's', 1, 1, 't'))); err != nil {
		t.Errorf("two tallies: %v", err)
	}
	if _, err := DecodeRecord(sealed(pendingAt(999_999_999))); err != nil {
		t.Errorf("the record that those differ from: %v", err)
	}
}

// pendingAt returns the body of a record with one pending delivery, so many
// nanoseconds after a second; if fewer than none, cut within its event's hash.
func pendingAt(nanos int64) []byte {
	data := AppendRecord(nil, &Record{Pending: NewPendingList(Pending{Delivery: Delivery{At: time.Unix(7, 777)}})})
	body := data[1 : len(data)-checksumSize]
	at := bytes.LastIndex(body, binary.AppendVarint(binary.AppendVarint(nil, 7), 777))
	if nanos < 0 {
		return body[:at-16]
	}
	out := binary.AppendVarint(binary.AppendVarint(bytes.Clone(body[:at]), 7), nanos)
	return append(out, body[at+3:]...)
}

// A made-up length asks for no memory to speak of.
func TestDecodeRecordMemory(t *testing.T) {
	claim := append([]byte{2, 0, 0, 0, 0}, binary.AppendUvarint(nil, 1<<16)...) // 65,536 rows of statistics
	data := sealed(append(claim, make([]byte, 1<<16)...))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := DecodeRecord(data); !errors.Is(err, ErrDataCorrupt) {
		t.Fatalf("nonsense was accepted: %v", err)
	}
	runtime.ReadMemStats(&after)
	allocated := after.TotalAlloc - before.TotalAlloc
	if limit := uint64(50 * len(data)); allocated > limit {
		t.Errorf("%d bytes for an input of %d", allocated, len(data))
	}
}

func FuzzDecodeRecord(f *testing.F) {
	full := AppendRecord(nil, &Record{
		Key: Key{Kind: KindUser, ID: "u"}, Stats: []Stats{{Name: unique.Make("e"), Count: 1}}, Counters: []Counter{{Def: "d", Times: []int64{1}}, {Def: "e", Tally: "t"}},
		Permits: []Permits{{Throttler: "t", Newest: []Permit{{At: 1, Sequence: 2}}}},
		Pending: NewPendingList(Pending{Delivery: Delivery{Data: map[string]string{"k": "v"}}}),
		Profile: &Profile{Holds: []Hold{{Event: LoggedEvent{Page: &Page{}}}}},
	})
	f.Add(full, true)
	f.Add(full, false)
	for _, stored := range append(olderRecords(), olderPermits()...) {
		f.Add(unhex(f, stored), true)
		f.Add(unhex(f, stored), false)
	}
	f.Add(AppendRecord(nil, storedRecord(dataVersion)), true)
	f.Add(AppendRecord(nil, &Record{}), true)
	f.Add([]byte{}, false)
	f.Fuzz(func(t *testing.T, data []byte, seal bool) {
		if seal && len(data) > checksumSize { // or the checksum lets nothing through
			data = sealedAs(data[0], data[1:len(data)-checksumSize])
		}
		r, err := DecodeRecord(data)
		var d RecordDecoder
		for range 2 { // the second finds the memory of the first
			if next, failed := d.DecodeNext(data); (failed == nil) != (err == nil) || err == nil && !reflect.DeepEqual(r, next) {
				t.Fatalf("into memory used again: %v, not %v\n%+v\n%+v", failed, err, next, r)
			}
		}
		d.Only = &Projection{Attributes: []string{"a"}, Sends: true}
		if _, failed := d.DecodeNext(data); failed != nil && err == nil { // it may find less
			t.Fatalf("as a projection: %v", failed)
		}
		if err != nil {
			if !errors.Is(err, ErrDataCorrupt) && !errors.Is(err, ErrDataVersion) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		again, err := DecodeRecord(AppendRecord(nil, r))
		if err != nil || !reflect.DeepEqual(r, again) {
			t.Fatalf("not the same after a round trip: %v\n%+v\n%+v", err, r, again)
		}
	})
}
