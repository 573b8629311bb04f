package redisstore

import (
	"encoding/binary"
	"math/rand/v2"
	"strconv"

	"github.com/beckon-go/beckon/store"
)

// versionSize is what a stored record begins with: a number that no other
// state of the record has had, so that it tells them apart even when a record
// went and came back.
const versionSize = 8

// A change gathers what the decisions on one record want, one after the
// other, until it becomes the arguments of one commit. It is for one attempt.
type change struct {
	tag     string
	key     store.Key
	version string        // of the record as it was loaded; empty: absent
	rec     *store.Record // as it is after the decisions so far
	form    store.Form    // of rec
	existed bool
	before  facets
	damaged error // why rec, which has but its key, cannot be read
	purge   bool  // what it was before could not be read: its index entries are to be looked for
	stale   []any // operations that take them away

	touched bool   // the record itself, not only totals
	becomes string // what becomes of the record, once there are arguments
	events  []any
	trim    *trimming // not yet in events
	totals  []any
	keys    []string // that operations name
	numbers []any    // their numbers, boxed once
	args    []any
	value   []byte // the new value; its memory is used again by the next commit
}

// A trimming cuts an event log.
type trimming struct {
	keep int
	from int64
}

// of makes x a change of a record.
func (x *change) of(tag string, key store.Key) {
	x.tag, x.key = tag, key
	x.keys = append(x.keys[:0], recordKey(tag, key))
	x.numbers = append(x.numbers[:0], "1")
}

// reset lets go of everything but memory to be used again, as far as that is not
// much: a few large records must not be held forever.
func (x *change) reset() {
	clear(x.args)
	clear(x.events)
	clear(x.totals)
	x.rec, x.form, x.version, x.before, x.damaged, x.stale = nil, store.Form{}, "", facets{}, nil, nil
	if cap(x.value) > maxKept {
		x.value = nil
	}
}

const maxKept = 64 << 10

// begin starts over with a record as it is stored: the value under its key,
// empty if there is none.
func (x *change) begin(value string, d *decoder) {
	*x = change{
		tag: x.tag, key: x.key, events: x.events[:0], totals: x.totals[:0],
		keys: x.keys[:1], numbers: x.numbers[:1], args: x.args[:0], value: x.value[:0],
	}
	rec, version, err := d.decode(x.key, value)
	if err != nil {
		x.rec, x.version, x.existed, x.damaged = &store.Record{Key: x.key}, version, true, err
		return
	}
	x.rec, x.form, x.version, x.existed, x.before = rec, d.form, version, rec.Exists, facetsOf(rec)
}

// number returns the number by which operations name a key.
func (x *change) number(key string) any {
	for i, k := range x.keys {
		if k == key {
			return x.numbers[i]
		}
	}
	x.keys = append(x.keys, key)
	x.numbers = append(x.numbers, strconv.Itoa(len(x.keys)))
	return x.numbers[len(x.numbers)-1]
}

// add takes in what one decision wants.
func (x *change) add(c *store.Changes) {
	for _, inc := range c.Totals {
		op := "h"
		if store.IsLatest(inc.Name) {
			op = "m"
		}
		x.totals = append(x.totals, op, x.number(totalsKey(x.tag, inc.Message)), inc.Name, strconv.FormatInt(inc.N, 10))
	}
	if c.SparesRecord() {
		return
	}
	x.touched = true
	if c.Delete || c.Clear {
		x.dropEvents()
	}
	x.rec.Apply(c)
	x.form.Changed(c)
	if c.Delete || len(c.Events) == 0 {
		return
	}
	if c.KeepEvents <= 0 {
		x.dropEvents()
		return
	}
	// A trimming that is to be followed by one as strict can be left out.
	if t := x.trim; t != nil && (c.KeepEvents > t.keep || c.EventsFrom < t.from) {
		x.trimEvents()
	}
	log := x.number(eventsKey(x.tag, x.key))
	for i := range c.Events {
		e := &c.Events[i]
		place := eventPlace(e.At, e.Seq)
		// What has the same place goes; the codec's first byte is its version.
		x.events = append(x.events, "x", log, "["+string(place), "("+string(place)+"\xff",
			"a", log, store.AppendLoggedEventUnder(place, x.key, e))
	}
	x.trim = &trimming{c.KeepEvents, c.EventsFrom}
}

// dropEvents empties the event log.
func (x *change) dropEvents() {
	x.events = append(x.events[:0], "d", x.number(eventsKey(x.tag, x.key)))
	x.trim = nil
}

// trimEvents cuts the event log as the last decision wanted.
func (x *change) trimEvents() {
	if x.trim == nil {
		return
	}
	log := x.number(eventsKey(x.tag, x.key))
	x.events = append(x.events, "n", log, strconv.Itoa(-x.trim.keep-1))
	x.events = append(x.events, "x", log, "-", "("+string(appendInstant(nil, x.trim.from)))
	x.trim = nil
}

// isEmpty reports whether there is nothing to write.
func (x *change) isEmpty() bool { return !x.touched && len(x.totals) == 0 }

// What becomes of a record, as commitScript has it.
const (
	keeps   = "keep"
	sets    = "set"
	deletes = "delete"
)

// scriptHead is how many arguments of commitScript come before operations.
const scriptHead = 4

// arguments returns the keys and arguments of commitScript. They are good until
// it is called again.
func (x *change) arguments(sent *sending) ([]string, []any) {
	value := binary.LittleEndian.AppendUint64(x.value[:0], rand.Uint64())
	becomes := keeps
	switch {
	case x.touched && x.rec.Exists:
		becomes = sets
		value = x.form.AppendRecord(value, x.rec)
	case x.touched && x.existed:
		becomes = deletes
	}
	x.value, x.becomes = value, becomes
	args := append(x.args[:0], x.version, value, sent, becomes)
	if becomes == sets || becomes == deletes && len(x.totals) > 0 { // not if something is only taken away, which a full server takes
		args = append(args, "p", x.numbers[0])
	}
	if becomes != keeps {
		x.trimEvents()
		args = append(args, x.events...)
		args = x.index(args)
		if becomes == sets && len(args) == scriptHead+2 && len(x.totals) == 0 {
			args = args[:scriptHead] // the record alone: SET needs memory
		} else {
			args = append(args, "w", x.numbers[0])
		}
	}
	x.args = append(args, x.totals...)
	return x.keys, x.args
}

// index appends the operations that bring the indices up to date.
func (x *change) index(args []any) []any {
	put := func(key, was, is string) {
		if was == is {
			return
		}
		number := x.number(x.tag + key)
		if was != "" {
			args = append(args, "r", number, was)
		}
		if is != "" {
			args = append(args, "a", number, is)
		}
	}
	if x.existed != x.rec.Exists {
		op := "a"
		if x.existed {
			op = "r"
		}
		args = append(args, op, x.number(kindKey(x.tag, x.key.Kind)), x.key.ID)
	}
	args = append(args, x.stale...)
	before, after := x.before, facetsOf(x.rec)
	if before == after {
		return args
	}
	put(dueKey, timeFacet(before.due, x.key), timeFacet(after.due, x.key))
	if was, is := leaseFacet(before, x.key), leaseFacet(after, x.key); was != is {
		put(pendingKey, timeFacet(before.pending, x.key), "") // as format 2 had it
		put(pendingKey, was, is)
	}
	put(emailKey, emailFacet(before.email, x.key), emailFacet(after.email, x.key))
	put(movingKey, movingFacet(before.moving, x.key), movingFacet(after.moving, x.key))
	return args
}

// The facets are members of the indices; empty: the record is in none.

func timeFacet(at int64, key store.Key) string {
	if at == 0 {
		return ""
	}
	return timeMember(at, key)
}

func leaseFacet(f facets, key store.Key) string {
	if f.pending == 0 {
		return ""
	}
	return leaseMember(f.pending, f.channels, key)
}

func emailFacet(email string, key store.Key) string {
	if email == "" {
		return ""
	}
	return emailMember(email, key)
}

func movingFacet(moving bool, key store.Key) string {
	if !moving {
		return ""
	}
	return movingMember(key)
}

// A sending is the argument of a command that says whether an earlier sending
// of it remained without an answer. The client asks for it as it writes the
// command, which is how one learns that it was written at all.
type sending struct {
	unanswered bool
	written    bool
}

// MarshalBinary returns the argument.
func (s *sending) MarshalBinary() ([]byte, error) {
	s.written = true
	if s.unanswered {
		return []byte("1"), nil
	}
	return []byte("0"), nil
}
