package sqlstore

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/beckon-go/beckon/store"
)

// mostLoaded is how many rows one statement loads. More cost more: the driver looks for
// each parameter among all of them.
const mostLoaded = 16

// load loads the rows of units, which are in the order of their keys, many in a statement.
func (l *lite) load(ctx context.Context, units []*unit) error {
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
				units = units[size:]
			}
		}
	}
	return nil
}

// loadSome loads the rows of units of one kind.
func (l *lite) loadSome(ctx context.Context, units []*unit) error {
	args := make([]any, 0, 2+mostLoaded)
	args = append(args, l.namespace, int64(units[0].key.Kind))
	for _, u := range units {
		u.absent(u.key)
		args = append(args, u.id)
	}
	var raw rawRow
	next := units // rows come in the order of their ids
	return l.writer.each(ctx, loadSomeSQL(len(units)), args, append([]any{liteView(&raw.id)}, raw.views()...), func() error {
		for len(next) > 0 && string(next[0].id) != string(raw.id) {
			next = next[1:]
		}
		if len(next) > 0 && raw.numbers[0] > 0 {
			_ = next[0].decode(next[0].key, next[0].id, &raw, &l.names) // a damaged row is the unit's own affair
		}
		return nil
	})
}

// views returns where rowColumns go that are looked at before the next row is read.
func (r *rawRow) views() []any {
	columns := r.columns()
	columns[6], columns[7] = liteView(&r.stats), liteView(&r.state)
	return columns
}

func loadSomeSQL(n int) string {
	return "SELECT id, " + rowColumns + " FROM beckon_records WHERE namespace = ? AND kind = ? AND id IN (?" + strings.Repeat(", ?", n-1) + ") ORDER BY id"
}

// fewUnits are decided one after the other; more, while others are written.
const fewUnits = 8

// write has units decide, writes them and returns their totals. Where they are many, a
// goroutine decides the next ones, which ends before.
func (l *lite) write(ctx context.Context, rows *locked, units []*unit) (totals []store.Increment, err error) {
	write := func(u *unit) error {
		totals = append(totals, u.totals...)
		return rows.write(ctx, u)
	}
	if len(units) < fewUnits {
		for _, u := range units {
			rows.decide(u, &l.changes)
			if err := write(u); err != nil {
				return nil, err
			}
		}
		return totals, nil
	}
	decided := make(chan *unit, len(units))
	var stop atomic.Bool
	var panicked any
	go func() {
		defer close(decided)
		defer func() { panicked = recover() }() // it is the caller's to see
		for _, u := range units {
			if stop.Load() {
				return
			}
			rows.decide(u, &l.changes)
			decided <- u
		}
		rows.sortTerms()
	}()
	for u := range decided {
		if err != nil {
			continue // until it is closed
		}
		if err = write(u); err != nil {
			stop.Store(true)
		}
	}
	if panicked != nil {
		panic(panicked)
	}
	return totals, err
}
