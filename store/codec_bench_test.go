package store

import (
	"fmt"
	"testing"
	"unique"

	"github.com/beckon-go/beckon/value"
)

// busyRecord is a contact as many are: 20 event names, 15 attributes, some
// sends and what caps and repeats need of them.
func busyRecord() *Record {
	const second, milli = 1_767_225_600, 1_767_225_600_000
	r := &Record{Key: Key{Kind: KindUser, ID: "user-000123"}, Exists: true, LastSeen: milli, EventSeq: 4321, Profile: &Profile{Created: milli}}
	for i := range int64(20) {
		r.Stats = append(r.Stats, Stats{Name: unique.Make(fmt.Sprintf("event-name-%02d", i)), Count: uint64(9 * i), First: second - 90_000*i, Last: second + i})
		r.Dedup = append(r.Dedup, Dedup{Hash: [16]byte{byte(i), 1, 2, 3, 15: 9}, At: milli + 1000*i})
	}
	for i := range int64(4) {
		message := fmt.Sprintf("message-%d", i)
		r.SendStats = append(r.SendStats, SendStats{Message: message, Count: 2, Last: milli + i})
		r.SendLog = append(r.SendLog, SendLogEntry{ID: fmt.Sprintf("delivery-%016d", i), At: milli + i, Message: message, Channel: "email", Tags: []string{"onboarding"}, Sequence: 2})
	}
	values := []value.Value{value.String("a text of some length"), value.Number(42), value.Bool(true), value.String("pro"), value.Number(-7)}
	for i := range 15 {
		r.Profile.Attributes = append(r.Profile.Attributes, NewAttribute(fmt.Sprintf("attribute-%02d", i), values[i%len(values)]))
	}
	return r
}

// BenchmarkCodec is what a store pays for every step that it keeps in this form.
func BenchmarkCodec(b *testing.B) {
	record := busyRecord()
	data := AppendRecord(nil, record)
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		buf := make([]byte, 0, len(data))
		for b.Loop() {
			buf = AppendRecord(buf[:0], record)
		}
	})
	b.Run("form", func(b *testing.B) { // of a step that changes neither the profile nor what was sent
		b.ReportAllocs()
		var d RecordDecoder
		read, f, err := d.DecodeForm(data)
		if err != nil {
			b.Fatal(err)
		}
		buf := make([]byte, 0, len(data))
		for b.Loop() {
			buf = f.AppendRecord(buf[:0], read)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := DecodeRecord(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("next", func(b *testing.B) {
		b.ReportAllocs()
		var d RecordDecoder
		sealed := AppendRecordUnder(nil, record.Key, record)
		for b.Loop() {
			if _, err := d.DecodeNextUnder(record.Key, sealed); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("under", func(b *testing.B) {
		b.ReportAllocs()
		var d RecordDecoder
		sealed := AppendRecordUnder(nil, record.Key, record)
		for b.Loop() {
			if _, err := d.DecodeUnder(record.Key, sealed); err != nil {
				b.Fatal(err)
			}
		}
	})
}
