// Package dump moves everything that one [beckon.Store] holds to another store:
// through a file, or directly.
//
//	_, err := dump.Write(ctx, old, file)
//	_, err = dump.Read(ctx, fresh, file)
//
// It uses stores only by their interface, so it works with any two. However many
// records there are, it needs memory for a few at a time. No engine may use either
// store meanwhile: what changes during a dump is in it as it was before, as it was
// after, or in part.
//
// It moves all records with their event logs, and the totals of all messages that have
// ever been live, paused or stopped, or that some contact has to do with. Any other
// message has at most counts of how often it was held as not live; [Messages] names
// those that you want too. So it is with series, which some contact has walked through. The place of a sweep (a [store.Cursor]) belongs to its
// store and is not moved.
package dump

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/walk"
	"github.com/beckon-go/beckon/store"
)

// Counts say how much was moved.
type Counts struct {
	Records  int64
	Events   int64 // of contacts' logs
	Messages int64 // with totals
}

// An Option sets up one call. One that does not concern the call is ignored.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	messages []string
	replace  bool
}

func newConfig(opts []Option) config {
	var c config
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
		}
	}
	return c
}

// Messages names messages whose totals are moved although the messages never were
// live.
func Messages(ids ...string) Option {
	return optionFunc(func(c *config) { c.messages = append(c.messages, ids...) })
}

// Replace allows a destination that has records. What comes replaces what is there
// under the same key, record by record and total by total; the rest stays, and of two
// instants at which a message was last sent, the later. Use it to
// repeat an import that was interrupted, from its beginning. You can repeat it any
// number of times.
func Replace() Option {
	return optionFunc(func(c *config) { c.replace = true })
}

// Write writes all that a store holds to w. [Read] reads it, in this version of the
// package or a later one. Every part has a checksum, and a dump is only whole with its
// end: if Write returns an error, Read refuses what it left. A dump has everything
// that is known about all contacts, in plain form: keep it as safe as the store.
//
// Records and events that cannot be read are left out. The error is then a
// [*beckon.DamagedError] that names them, and the dump is whole with everything else.
// [Copy] does the same.
func Write(ctx context.Context, from beckon.Store, w io.Writer, opts ...Option) (Counts, error) {
	out := newWriter(w)
	if err := out.begin(); err != nil {
		return Counts{}, err
	}
	counts, damaged, err := export(ctx, from, newConfig(opts), out.frame)
	if err != nil {
		return counts, err
	}
	return counts, cmp.Or(out.w.Flush(), damaged)
}

// Copy moves all that one store holds to another, without a file between them. The
// other store must be empty (see [Replace]).
func Copy(ctx context.Context, to, from beckon.Store, opts ...Option) (Counts, error) {
	c := newConfig(opts)
	in := &importer{ctx: ctx, to: to}
	if err := in.admit(c); err != nil {
		return Counts{}, err
	}
	_, damaged, err := export(ctx, from, c, in.frame)
	if err != nil {
		return in.done, err
	}
	return in.done, cmp.Or(in.flush(), damaged)
}

// page is how many records, and how many events of one, are read at once.
const page = 64

// kinds are all that a record can be, in the order in which they are written.
func kinds() []store.Kind {
	return []store.Kind{
		store.KindUser, store.KindContact, store.KindEmail, store.KindAnonymous, store.KindCompany,
		store.KindEventName, store.KindMessage, store.KindRun, store.KindThrottle, store.KindStore,
	}
}

// export returns all of a store to frame, part by part. damaged says what was left out.
func export(ctx context.Context, from beckon.Store, c config, frame func(kind byte, payload []byte) error) (done Counts, damaged, err error) {
	x := &exporter{ctx: ctx, from: from, frame: frame, messages: map[string]bool{}}
	for _, id := range c.messages {
		x.messages[id] = true
	}
	for _, kind := range kinds() {
		if err := x.records(kind); err != nil {
			return x.done, nil, err
		}
	}
	if err := x.totals(); err != nil {
		return x.done, nil, err
	}
	if x.damaged != nil {
		damaged = x.damaged
	}
	return x.done, damaged, frame(frameEnd, appendCounts(nil, x.done))
}

// leaveOut takes in that a record, or an event of it, cannot be read.
func (x *exporter) leaveOut(key store.Key, err error) {
	if x.damaged == nil {
		x.damaged = &beckon.DamagedError{Err: err}
	}
	if x.damaged.Count++; len(x.damaged.Keys) < store.MaxDamagedTold {
		x.damaged.Keys = append(x.damaged.Keys, key)
	}
}

type exporter struct {
	ctx      context.Context
	from     beckon.Store
	frame    func(kind byte, payload []byte) error
	messages map[string]bool // that may have totals
	done     Counts
	buf      []byte
	damaged  *beckon.DamagedError // what was left out; nil if nothing
}

// records writes all records of a kind, each with its events behind it. They
// are encoded during the scan, which shows them only then.
func (x *exporter) records(kind store.Kind) error {
	type place struct {
		key    store.Key
		end    int
		events bool
	}
	var at store.Cursor
	var list []place
	var data []byte
	for {
		list, data = list[:0], data[:0]
		next, err := x.from.Scan(x.ctx, store.Query{Kinds: []store.Kind{kind}, Damaged: x.leaveOut}, at, page, func(r *store.Record) error {
			x.meet(r)
			data = store.AppendRecord(data, r)
			list = append(list, place{r.Key, len(data), kind.IsContact() || r.EventSeq > 0})
			return nil
		})
		if err != nil {
			return err
		}
		start := 0
		for _, p := range list {
			if err := x.frame(frameRecord, data[start:p.end]); err != nil {
				return err
			}
			x.done.Records++
			start = p.end
			if p.events {
				if err := x.events(p.key); err != nil {
					return err
				}
			}
		}
		if at = next; at == "" {
			return nil
		}
	}
}

// meet remembers the messages that a record has to do with.
func (x *exporter) meet(r *store.Record) {
	if r.Key.Kind == store.KindMessage {
		x.messages[r.Key.ID] = true
	}
	for i := range r.SendStats {
		x.messages[r.SendStats[i].Message] = true
	}
	for i := range r.SendLog {
		x.messages[r.SendLog[i].Message] = true
	}
	for p := range r.Pending.All() {
		x.messages[p.Delivery.Message] = true
	}
	if p := r.Profile; p != nil {
		for i := range p.Holds {
			x.messages[p.Holds[i].Message] = true
		}
		for i := range p.SeriesStates {
			x.messages[walk.Key(p.SeriesStates[i].Series)] = true
		}
		for i := range p.Goals {
			x.messages[p.Goals[i].Message] = true
		}
		for i := range p.Dates {
			x.messages[p.Dates[i].Message] = true
		}
		for _, a := range p.Rarely().Armed {
			x.messages[a.Message] = true
		}
		for i := range p.FreeSequences {
			x.messages[p.FreeSequences[i].Message] = true
		}
	}
}

func (x *exporter) events(key store.Key) error {
	var before store.EventCursor
	for {
		list, err := x.from.Events(x.ctx, key, before, page)
		var broken *beckon.DamagedError
		goOn := errors.As(err, &broken) && broken.Event != nil && *broken.Event != before
		if goOn {
			x.leaveOut(key, err)
			if before = *broken.Event; len(list) == 0 {
				continue
			}
		} else if err != nil || len(list) == 0 {
			return err
		}
		x.buf = x.buf[:0]
		for i := range list {
			start := len(x.buf)
			x.buf = store.AppendLoggedEvent(append(x.buf, 0, 0, 0, 0), &list[i])
			putLength(x.buf[start:], len(x.buf)-start-lengthSize)
		}
		if err := x.frame(frameEvents, x.buf); err != nil {
			return err
		}
		x.done.Events += int64(len(list))
		if goOn {
			continue
		}
		if len(list) < page {
			return nil
		}
		last := &list[len(list)-1]
		before = store.EventCursor{At: last.At, Seq: last.Seq}
	}
}

func (x *exporter) totals() error {
	ids := make([]string, 0, len(x.messages))
	for id := range x.messages {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		list, err := x.from.Totals(x.ctx, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			continue
		}
		if err := x.frame(frameTotals, appendTotals(x.buf[:0], id, list)); err != nil {
			return err
		}
		x.done.Messages++
	}
	return nil
}
