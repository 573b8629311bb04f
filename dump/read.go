package dump

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// ErrNotEmpty is the code of a destination that has records already.
const ErrNotEmpty beckon.Code = "store_not_empty"

// Read puts what [Write] wrote into a store. The store must be empty: otherwise the
// error is [ErrNotEmpty], unless you pass [Replace]. Find an error of the store or of
// r with errors.Is; then read again, with [Replace]. For a damaged dump the error is a
// [*DamagedError]: the store then has what was whole before the damage, except for
// what was read last. To check a dump before anything is written, use [Verify].
//
// The Counts are of what is in the store.
func Read(ctx context.Context, to beckon.Store, r io.Reader, opts ...Option) (Counts, error) {
	in := &importer{ctx: ctx, to: to}
	if err := in.admit(newConfig(opts)); err != nil {
		return Counts{}, err
	}
	err := readAll(r, in)
	// What stood whole is kept, whatever came after.
	if failed := in.flush(); failed != nil && err == nil {
		err = failed
	}
	return in.done, err
}

// Verify reads a dump to its end and returns how much is in it. If it is damaged, the
// error is a [*DamagedError].
func Verify(r io.Reader) (Counts, error) {
	in := &importer{}
	err := readAll(r, in)
	return in.read, err
}

func readAll(r io.Reader, to *importer) error {
	in := &reader{r: bufio.NewReader(r)}
	err := in.begin()
	for err == nil && !to.ended {
		var kind byte
		var payload []byte
		if kind, payload, err = in.next(); err == nil {
			if err = to.frame(kind, payload); err == nil {
				in.offset += int64(headSize + len(payload) + sumSize)
			}
		}
	}
	if err == nil {
		err = in.end()
	}
	if errors.Is(err, store.ErrDataCorrupt) || errors.Is(err, store.ErrDataVersion) {
		var failed *storeError
		if !errors.As(err, &failed) {
			return &DamagedError{Offset: in.offset, Whole: to.read, Err: err}
		}
	}
	return err
}

// A storeError keeps what the destination says apart from what is wrong with
// the dump.
type storeError struct{ err error }

func (e *storeError) Error() string { return "beckon dump: the destination failed: " + e.err.Error() }
func (e *storeError) Unwrap() error { return e.err }

// An importer puts frames into a store; without one it only checks them.
type importer struct {
	ctx   context.Context
	to    beckon.Store
	steps []store.Step
	size  int // of the payloads of steps, in bytes
	key   store.Key
	read  Counts // checked
	wait  Counts // in steps
	done  Counts // in the store
	ended bool
}

// The most that is written at once.
const (
	maxSteps = 64
	maxBytes = 1 << 20
)

// admit reports whether the destination may be written to.
func (in *importer) admit(c config) error {
	if c.replace {
		return nil
	}
	found := errors.New("found")
	damaged := false
	for _, kind := range kinds() {
		q := store.Query{Kinds: []store.Kind{kind}, Damaged: func(store.Key, error) { damaged = true }}
		_, err := in.to.Scan(in.ctx, q, "", 1, func(*store.Record) error { return found })
		switch {
		case errors.Is(err, found), damaged:
			return &beckon.Error{Code: ErrNotEmpty, Message: "the destination has records already; pass dump.Replace to write into it all the same"}
		case err != nil:
			return &storeError{err}
		}
	}
	return nil
}

// frame takes one frame, whose checksum was right.
func (in *importer) frame(kind byte, payload []byte) error {
	switch kind {
	case frameRecord:
		r, err := store.DecodeRecord(payload)
		if err != nil {
			return err
		}
		if r.Key.IsZero() || !r.Exists {
			return corrupt("has a record that is none")
		}
		in.key = r.Key
		in.read.Records++
		return in.add(putRecord{r}, len(payload), Counts{Records: 1})
	case frameEvents:
		if in.key.IsZero() {
			return corrupt("has events of nobody")
		}
		list, err := readEvents(payload)
		if err != nil {
			return err
		}
		in.read.Events += int64(len(list))
		return in.add(putEvents(list), len(payload), Counts{Events: int64(len(list))})
	case frameTotals:
		message, list, err := readTotals(payload)
		if err != nil {
			return err
		}
		in.read.Messages++
		return in.totals(message, list)
	case frameEnd:
		if !bytes.Equal(payload, appendCounts(nil, in.read)) {
			return corrupt("has not as much in it as its end says")
		}
		in.ended = true
		return nil
	}
	return corrupt(fmt.Sprintf("has a part of the unknown kind %d", kind))
}

// add queues a step on the record that was read last.
func (in *importer) add(d store.Decider, size int, n Counts) error {
	if in.to == nil {
		return nil
	}
	in.steps = append(in.steps, store.Step{Key: in.key, Decider: d})
	in.size += size
	in.wait.Records += n.Records
	in.wait.Events += n.Events
	if len(in.steps) < maxSteps && in.size < maxBytes {
		return nil
	}
	return in.flush()
}

// flush carries out the steps that wait.
func (in *importer) flush() error {
	if len(in.steps) == 0 {
		return nil
	}
	steps := in.steps
	wait := in.wait
	in.steps, in.size, in.wait = in.steps[:0], 0, Counts{}
	if err := in.step(steps); err != nil {
		return err
	}
	in.done.Records += wait.Records
	in.done.Events += wait.Events
	return nil
}

func (in *importer) step(steps []store.Step) error {
	if err := in.to.Step(in.ctx, steps); err != nil {
		return &storeError{err}
	}
	for i := range steps {
		if err := steps[i].Err; err != nil {
			return &storeError{err}
		}
	}
	return nil
}

// totals makes the totals of a message what they were. They can only be added
// to, so what is there is taken off: then to repeat it changes nothing. An instant is
// as it was, unless a later one is there.
func (in *importer) totals(message string, list []store.Total) error {
	if in.to == nil {
		return nil
	}
	if err := in.flush(); err != nil {
		return err
	}
	have, err := in.to.Totals(in.ctx, message)
	if err != nil {
		return &storeError{err}
	}
	missing := make(map[string]int64, len(list)+len(have))
	for _, t := range list {
		missing[t.Name] += t.Count
	}
	for _, t := range have {
		if !store.IsLatest(t.Name) {
			missing[t.Name] -= t.Count
		}
	}
	var d putTotals
	for name, n := range missing {
		if n != 0 {
			d = append(d, store.Increment{Message: message, Name: name, N: n})
		}
	}
	if len(d) > 0 {
		key := store.Key{Kind: store.KindMessage, ID: message}
		if err := in.step([]store.Step{{Key: key, Decider: d}}); err != nil {
			return err
		}
	}
	in.done.Messages++
	return nil
}

// putRecord is the decision to make a record what it was, its log empty.
type putRecord struct{ r *store.Record }

// Decide implements [store.Decider].
func (d putRecord) Decide(_ *store.Record, c *store.Changes) error {
	r := d.r
	c.Clear, c.Touch = true, true
	c.LastSeen, c.EventSeq, c.Profile = r.LastSeen, r.EventSeq, r.Profile
	c.Stats = append(c.Stats, r.Stats...)
	c.SendStats = append(c.SendStats, r.SendStats...)
	c.SendLog = append(c.SendLog, r.SendLog...)
	c.Counters = append(c.Counters, r.Counters...)
	c.Permits = append(c.Permits, r.Permits...)
	c.Dedup = append(c.Dedup, r.Dedup...)
	for p := range r.Pending.All() {
		c.Pending = append(c.Pending, *p)
	}
	return nil
}

// DecideDamaged implements [store.DamagedDecider]: what cannot be read is replaced
// like all else.
func (d putRecord) DecideDamaged(_ store.Key, _ error, c *store.Changes) error {
	return d.Decide(nil, c)
}

// putEvents is the decision to log events, all of them.
type putEvents []store.LoggedEvent

// Decide implements [store.Decider].
func (d putEvents) Decide(_ *store.Record, c *store.Changes) error {
	c.Events = append(c.Events, d...)
	c.KeepEvents, c.EventsFrom = math.MaxInt32, math.MinInt64
	return nil
}

// putTotals is the decision to add to totals.
type putTotals []store.Increment

// Decide implements [store.Decider].
func (d putTotals) Decide(_ *store.Record, c *store.Changes) error {
	c.Totals = append(c.Totals, d...)
	return nil
}

func readEvents(b []byte) ([]store.LoggedEvent, error) {
	var list []store.LoggedEvent
	for len(b) > 0 {
		if len(b) < lengthSize || uint64(binary.LittleEndian.Uint32(b)) > uint64(len(b)-lengthSize) {
			return nil, corrupt("has an event that is cut short")
		}
		n := lengthSize + int(binary.LittleEndian.Uint32(b))
		e, err := store.DecodeLoggedEvent(b[lengthSize:n])
		if err != nil {
			return nil, err
		}
		list = append(list, e)
		b = b[n:]
	}
	return list, nil
}
