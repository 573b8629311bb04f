package store

import (
	"hash/maphash"
	"unique"

	"github.com/beckon-go/beckon/internal/intern"
)

// A RecordDecoder decodes as [DecodeRecord] does, the same records from the
// same data with the same errors, and faster: it remembers names of events and
// attributes, of which a host has few and its records many. It remembers some
// hundred names, however many it meets, and nothing else of a record.
//
// The zero value is ready to use. It must not be copied after first use, nor
// used by two goroutines at once: a store has one for each group of steps, or
// a [sync.Pool] of them.
type RecordDecoder struct {
	// Only, if it is not nil, says what of records is looked at: the rest is left out.
	Only *Projection

	names nameTable
	next  *transient // of DecodeNext; nil until it is called
}

// Decode is [DecodeRecord].
func (d *RecordDecoder) Decode(data []byte) (*Record, error) {
	return d.decode(nil, data)
}

// DecodeUnder is [DecodeRecordUnder].
func (d *RecordDecoder) DecodeUnder(key Key, data []byte) (*Record, error) {
	return d.decode(&key, data)
}

func (d *RecordDecoder) decode(key *Key, data []byte) (*Record, error) {
	return decodeRecord(key, data, coder{names: &d.names, only: d.Only})
}

// DecodeNext is Decode into memory that the decoder uses again: the record and all
// that it leads to is good until the next call of DecodeNext or DecodeNextUnder, except
// for texts, which may be kept. It is for scans, whose records nobody keeps.
func (d *RecordDecoder) DecodeNext(data []byte) (*Record, error) { return d.decodeNext(nil, data) }

// DecodeNextUnder is DecodeUnder in the same way.
func (d *RecordDecoder) DecodeNextUnder(key Key, data []byte) (*Record, error) {
	return d.decodeNext(&key, data)
}

func (d *RecordDecoder) decodeNext(key *Key, data []byte) (*Record, error) {
	if d.next == nil {
		d.next = &transient{coder: coder{names: &d.names}}
		d.next.coder.rows = &d.next.rows
	}
	t := d.next
	t.reset()
	t.coder.only = d.Only
	if err := decodeData(key, data, &t.coder, &t.record, codeRecord); err != nil {
		return nil, err
	}
	return &t.record, nil
}

const nameSlots = 512

// A nameTable has interned names in the places that their hashes say: a name
// takes the place of the one before it. To ask package unique costs several
// times as much, since it serves all goroutines and may have to let go of
// names.
type nameTable struct {
	seed  maphash.Seed
	ready bool
	slots [nameSlots]unique.Handle[string]
}

// get returns the interned s, which is not empty. t may be nil. It does not keep s
// itself, which may be a part of something long.
func (t *nameTable) get(s string) unique.Handle[string] {
	if t == nil {
		return unique.Make(s)
	}
	if !t.ready {
		t.seed, t.ready = maphash.MakeSeed(), true
	}
	slot := &t.slots[maphash.String(t.seed, s)%nameSlots]
	if intern.Text(*slot) != s {
		*slot = unique.Make(s) // a copy, if it is new
	}
	return *slot
}
