package sqlstore

import (
	"context"
	"database/sql/driver"
	"strings"
	"sync/atomic"

	"github.com/beckon-go/beckon/internal/group"
	"github.com/beckon-go/beckon/store"
)

// mostLoaded is how many rows one statement loads. More cost more: the driver looks for
// each parameter among all of them.
const mostLoaded = 16

// load loads the rows of units, which are in the order of their keys, many in a statement,
// and hands over those that are loaded. The one who takes them in decodes what they have.
func (l *lite) load(ctx context.Context, units []*unit, hand func([]*unit)) error {
	for len(units) > 0 {
		n := 1
		for n < len(units) && n < mostLoaded && units[n].key.Kind == units[0].key.Kind {
			n++
		}
		for size := mostLoaded; size > 0; size /= 2 { // few statements are prepared
			for ; n >= size; n -= size {
				if err := l.loadSome(ctx, units[:size]); err != nil {
					return err
				}
				hand(units[:size])
				units = units[size:]
			}
		}
	}
	return nil
}

// loadSome loads the rows of units of one kind.
func (l *lite) loadSome(ctx context.Context, units []*unit) error {
	args := append(l.args[:0], l.namespace, int64(units[0].key.Kind))
	for _, u := range units {
		u.raw, u.rowid = rawRow{}, 0
		args = append(args, u.id)
	}
	l.args = args
	next := units // rows come in the order of their ids
	return l.writer.each(ctx, loadSomeSQL(len(units)), args, func(row []driver.Value) error {
		id := bytesOf(row[0])
		for len(next) > 0 && string(next[0].id) != string(id) {
			next = next[1:]
		}
		if len(next) > 0 {
			next[0].rowid, next[0].raw = number(row[1]), rawOf(row[2:])
		}
		return nil
	})
}

// rawOf returns a row of rowColumns, in their order.
func rawOf(row []driver.Value) rawRow {
	var r rawRow
	for i := range r.numbers {
		r.numbers[i] = number(row[i])
	}
	r.stats, r.state = bytesOf(row[6]), bytesOf(row[7])
	return r
}

// take has a unit have what was loaded for it.
func (l *lite) take(u *unit) {
	u.absent(u.key)
	if u.raw.numbers[0] > 0 {
		_ = u.decode(u.key, u.id, &u.raw, &l.names) // a damaged row is the unit's own affair
	}
}

// loadSomeSQL returns the statement that loads so many rows. Statistics come as bytes: the
// driver would make a text of them.
func loadSomeSQL(n int) string {
	const columns = "id, rowid, version, last_seen, event_seq, log_count, log_keep, log_from, CAST(stats AS BLOB), state"
	return "SELECT " + columns + " FROM beckon_records WHERE namespace = ? AND kind = ? AND id IN (?" + strings.Repeat(", ?", n-1) + ") ORDER BY id"
}

// fewUnits are decided one after the other; more, while others are loaded and written.
const fewUnits = 8

// work loads units, has them decide, writes them and returns their totals. Where they are
// many, a goroutine decides those that are loaded, which ends before.
func (l *lite) work(ctx context.Context, rows *locked, units []*unit) (totals []store.Increment, err error) {
	write := func(u *unit) error {
		totals = append(totals, u.totals...)
		return rows.write(ctx, u)
	}
	if len(units) < fewUnits {
		if err := l.load(ctx, units, func([]*unit) {}); err != nil {
			return nil, err
		}
		for _, u := range units {
			l.take(u)
			rows.decide(u, &l.changes)
			if err := write(u); err != nil {
				return nil, err
			}
		}
		return totals, nil
	}
	loaded, decided := make(chan []*unit, len(units)), make(chan *unit, len(units))
	var stop atomic.Bool
	var panicked any
	whole := false
	go func() {
		defer close(decided)
		defer func() { panicked = recover() }() // it is the caller's to see
		for some := range loaded {
			for _, u := range some {
				if stop.Load() {
					return
				}
				l.take(u)
				rows.decide(u, &l.changes)
				decided <- u
			}
		}
		rows.terms.sort()
		whole = true
	}()
	err = l.load(ctx, units, func(some []*unit) { loaded <- some })
	if err != nil {
		stop.Store(true)
	}
	close(loaded)
	for u := range decided {
		if err != nil {
			continue // until it is closed
		}
		if err = write(u); err != nil {
			stop.Store(true)
		}
	}
	switch {
	case panicked != nil:
		panic(panicked)
	case err == nil && !whole: // a decision has ended the goroutine
		err = group.ErrUnfinished
	}
	return totals, err
}
