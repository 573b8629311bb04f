package sqlstore

import (
	"math"
	"math/rand/v2"
	"slices"
	"unicode/utf8"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// next returns the version that the row has after a change. The first of a row is no number
// that one before it had, in the upper 32 bits: a record may be removed, and made again,
// while somebody decides on the one that was. The lower 32 count changes from 1.
func (r *row) next() int64 {
	if r.version > 0 {
		return r.version + 1
	}
	return rand.Int64N(1<<31)<<32 | 1
}

// A row is a record with what the table says of it beside.
type row struct {
	rec     store.Record
	version int64 // 0: there is none
	log     logState
	form    store.Form
	damaged error // why rec, which has but its key, cannot be read
	held    int   // bytes of the text that texts of rec are parts of, from when it was read
}

// The columns that make up a row, in the order in which they are read. Those
// that are derived from others are written only.
const rowColumns = "version, last_seen, event_seq, log_count, log_keep, log_from, stats, state"

// A rawRow takes in the columns of a row.
type rawRow struct {
	numbers [6]int64
	stats   []byte
	state   []byte
	kind    int64 // this and all below: in a scan
	id      []byte
	at      int64 // in a scan by time: the instant
}

// columns returns where rowColumns go.
func (r *rawRow) columns() []any {
	n := &r.numbers
	return []any{&n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &r.stats, &r.state}
}

// decode sets r from the columns of a row of key, whose id may be a stand-in if
// the key was not known before; id is what its column has. If the row cannot be
// read, r is the damaged row that it is, and the error says so.
func (r *row) decode(key store.Key, id []byte, raw *rawRow, names *column.Names) error {
	var form store.Form
	rec, err := raw.record(key, id, names, &form)
	if err != nil {
		err = store.Damaged(key, nil, err)
		*r = row{rec: store.Record{Key: key, Exists: true}, version: raw.numbers[0], log: logState{count: max(raw.numbers[3], 1)}, damaged: err}
		return err
	}
	numbers := &raw.numbers
	*r = row{rec: *rec, form: form, version: numbers[0], log: logState{count: numbers[3], keep: numbers[4], from: numbers[5]}, held: len(raw.state)}
	return nil
}

// record returns the record of a row, what names says that is looked at, and sets its form,
// which may be nil.
func (r *rawRow) record(key store.Key, id []byte, names *column.Names, form *store.Form) (*store.Record, error) {
	rec, err := names.Decode(stored(key, id), r.state, form)
	if err != nil {
		return nil, err
	}
	rec.Key.Kind = key.Kind
	if rec.Key.ID == "" {
		rec.Key.ID = key.ID
	}
	rec.Exists = true
	rec.LastSeen, rec.EventSeq = r.numbers[1], uint64(r.numbers[2])
	if names == nil || names.Only == nil || names.Only.Stats {
		rec.Stats, err = column.ParseStats(r.stats, names)
	}
	return rec, err
}

// stored returns the key that checksums cover: with the id as its column has it, which
// is mostly the id.
func stored(key store.Key, id []byte) store.Key {
	if key.ID != string(id) {
		key.ID = string(id)
	}
	return key
}

// absent makes r the row that is not there.
func (r *row) absent(key store.Key) { *r = row{rec: store.Record{Key: key}} }

// appendState appends the part of the record of a row that no other column is the truth of.
// id is what the row's column has.
func (r *row) appendState(dst, id []byte) []byte {
	rec, under := &r.rec, stored(r.rec.Key, id)
	key, exists, seen, seq, stats := rec.Key, rec.Exists, rec.LastSeen, rec.EventSeq, rec.Stats
	rec.Key, rec.Exists, rec.LastSeen, rec.EventSeq, rec.Stats = store.Key{}, false, 0, 0, nil
	if isLong(id) {
		rec.Key.ID = key.ID
	}
	dst = r.form.AppendRecordUnder(dst, under, rec)
	rec.Key, rec.Exists, rec.LastSeen, rec.EventSeq, rec.Stats = key, exists, seen, seq, stats // a copy would be made anew for each row
	return dst
}

// emailColumn returns what the column email has; empty for none. It is looked up
// by the same form, and what is found is compared whole.
func emailColumn(address string) string { return cut(column.Escape(address), maxID) }

// checkNames reports a statistic whose name JSON could not return unchanged.
func checkNames(r *store.Record) error {
	for i := range r.Stats {
		if !utf8.ValidString(r.Stats[i].Name.Value()) {
			return fail(ErrRefused, "step", "an event name is not UTF-8", nil)
		}
	}
	return nil
}

// The marks of a record, bit by bit.
const (
	markMoving  = 1 << iota // a merge of it is under way
	markLeads               // it leads to another record
	markWalking             // a series is under way
	markNumbers             // in the column attributes, each number is one: none is a date

	// From here on, one for each channel of what is pending ([store.ChannelSet]). If none
	// is set, the row is of a time when there were no such marks: any may be pending. In
	// PostgreSQL only a program of version 5 of the tables sets them: they have a column of
	// their own, because indexes look at marks.
	markChannels = 4

	// The sign, in PostgreSQL: the column terms is that of the row. A program of an older
	// version writes the row without it.
	markTerms = math.MinInt16
)

// derived are the columns that are there to be queried.
type derived struct {
	email                 string // empty: NULL
	nextDue, nextPending  int64  // 0: NULL
	marks                 int16  // of SQLite
	attributes, companies []byte
}

// columns are what those of a row are to have, but for numbers.
type columns struct {
	state   []byte
	stats   string
	derived derived
	kept    bool   // of SQLite: those of derived that rules are searched by are as they were, and so is beckon_terms
	gone    []term // of SQLite: what beckon_terms has no more
}

func deriveColumns(r *store.Record) (d derived) {
	d.email = emailColumn(r.Email())
	d.nextDue, d.nextPending = r.NextDue(), r.NextPending()
	d.marks = liteMarks(r)
	d.attributes = appendAttributes(nil, r)
	d.companies = appendCompanies(nil, r)
	return d
}

// Each of these appends what a column has.

func appendAttributes(dst []byte, r *store.Record) []byte {
	return column.AppendAttributes(dst, attributesOf(r))
}

func appendTermNumbers(dst []byte, r *store.Record) []byte {
	return column.AppendTerms(dst, attributesOf(r), r.Stats)
}

func appendCompanies(dst []byte, r *store.Record) []byte {
	if r.Profile == nil {
		return column.AppendTexts(dst, nil)
	}
	return column.AppendTexts(dst, r.Profile.Companies)
}

func attributesOf(r *store.Record) []store.Attribute {
	if r.Profile == nil {
		return nil
	}
	return r.Profile.Attributes
}

// liteMarks returns what the column marks has in SQLite.
func liteMarks(r *store.Record) int16 {
	return marksOf(r) | int16(r.PendingChannels()<<markChannels)
}

// pgMarks returns what the column marks has in PostgreSQL.
func pgMarks(r *store.Record) int16 { return marksOf(r) | markTerms }

// marksOf returns what both have of a record in the column marks.
func marksOf(r *store.Record) (marks int16) {
	p := r.Profile
	if p == nil {
		p = new(store.Profile)
	}
	if !p.Moving.IsZero() {
		marks |= markMoving
	}
	if !p.Forward.IsZero() {
		marks |= markLeads
	}
	if (&store.Filter{Kind: store.FilterWalking}).Holds(&store.Record{Profile: &store.Profile{SeriesStates: p.SeriesStates}}) {
		marks |= markWalking
	}
	isDate := func(a store.Attribute) bool { return a.Value.Kind() == value.KindDate }
	if !slices.ContainsFunc(p.Attributes, isDate) {
		marks |= markNumbers
	}
	return marks
}
