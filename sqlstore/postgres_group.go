package sqlstore

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// How often a group tries before it gives up, and before it locks rows: a lost
// race is mostly won the second time, while others that race on may go on
// winning.
const (
	maxTries  = 8
	lockAfter = 2
)

const (
	uniqueViolation = "23505"
	deadlock        = "40P01"
	readOnly        = "25006"
)

// carryOut implements database.
//
// A group takes two round trips: one loads the records, except for those that the Store has
// lately written, and one writes what was decided, each row if it is still the one that was
// decided on. Rows that are not were lost to another process; they are decided again. What takes events
// away, deletes, or lost twice locks its row and is a transaction by itself.
func (p *postgres) carryOut(ctx context.Context, items []*item) {
	w, _ := p.writers.Get().(*pgWriter)
	if w == nil {
		w = &pgWriter{sql: &p.sql, probe: p.probe, prepare: p.prepare}
	}
	if cap(w.units) < len(items) {
		w.units = make([]unit, len(items))
	}
	w.units = w.units[:len(items)]
	units := unitsOf(items, w.units)
	w.crossed = false
	defer func() {
		w.changes.Reset()
		w.forget()
		p.writers.Put(w)
	}()
	for try := 1; len(units) > 0; try++ {
		if try > 1 {
			if err := backOff(ctx, try); err != nil {
				failAll(units, err)
				return
			}
		}
		if try > lockAfter {
			p.oneByOne(ctx, w, units)
			return
		}
		w.raced = try > 1
		units = p.together(ctx, w, units)
	}
}

// backOff waits before another try: longer each time, and never twice as long
// as somebody else who lost at the same moment.
func backOff(ctx context.Context, try int) error {
	most := int64(time.Millisecond) << min(try, 6)
	t := time.NewTimer(time.Duration(rand.Int64N(most))) //nolint:forbidigo // a pause, which decides nothing
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func failAll(units []*unit, err error) {
	for _, u := range units {
		u.fail(err)
	}
}

func settleAll(units []*unit) {
	for _, u := range units {
		u.settle(nil)
	}
}

// together carries out units in one statement, and returns those that have
// to be tried again. What it decides on rows that it has lately written, and that have
// changed or would write nothing, it decides again on rows that it loads.
func (p *postgres) together(ctx context.Context, w *pgWriter, units []*unit) (again []*unit) {
	conn, err := p.acquire(ctx)
	if err != nil {
		failAll(units, wrap("step", err))
		return nil
	}
	defer conn.Release()
	for _, u := range units {
		u.recent = nil
	}
	if !w.raced {
		p.recent.take(units, connected(conn.Conn()))
	}
	var alone []*unit
	for len(units) > 0 {
		t := p.attempt(ctx, w, conn.Conn(), units)
		again, alone, units = append(again, t.again...), append(alone, t.alone...), t.stale
	}
	if len(alone) > 0 {
		conn.Release() // oneByOne takes its own; a second Release does nothing
		p.oneByOne(ctx, w, alone)
	}
	return again
}

// acquire returns a connection that has not ended, as far as this machine knows. Where all rows
// are kept the first statement of a group is the one that writes: if that does not reach the
// server, nobody knows whether it did.
func (p *postgres) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	for {
		conn, err := p.pool.Acquire(ctx)
		if err != nil || isQuiet(conn.Conn().PgConn().Conn()) || conn.Ping(ctx) == nil {
			return conn, err
		}
		conn.Release() // it is closed, so another is made
	}
}

// leave ends a connection to a server that takes no writes, such as one that was demoted and kept
// its clients: another may lead to the server that does. A pool of ours has them all made anew.
// A connection that is new is kept, since another would lead there, too: else each step on a
// server that stays read-only would make connections. It reports whether it has ended it.
func (p *postgres) leave(ctx context.Context, conn *pgx.Conn) bool {
	if time.Since(connected(conn)) < leaveAfter { //nolint:forbidigo // how old a connection is decides nothing
		return false
	}
	_ = conn.Close(ctx) // it is of no use whatever comes of it
	if p.own {
		p.pool.Reset()
	}
	return true
}

// leaveAfter is how old a connection is at least that is ended because its server is read-only.
const leaveAfter = 2 * time.Second

// A tried is what is left of units that were tried together.
type tried struct {
	again []*unit // they lost a race
	alone []*unit // they are to have a transaction of their own
	stale []*unit // they were decided on rows that may have changed, and are to load them
}

// attempt loads units, decides them, and writes what is to be written.
func (p *postgres) attempt(ctx context.Context, w *pgWriter, conn *pgx.Conn, units []*unit) (t tried) {
	if err := w.load(ctx, conn, p.namespace, units); err != nil {
		if retriable(err) && ctx.Err() == nil {
			return tried{again: units}
		}
		failAll(units, wrap("step", err))
		return tried{}
	}
	writing := units[:0:0]
	for _, u := range units {
		u.decide(&w.changes, true)
		switch err := checkNames(&u.rec); {
		case u.locked:
			t.alone = append(t.alone, u)
		case u.recent != nil && (err != nil || !u.changed): // nothing would say that the row has changed
			u.recent = nil
			t.stale = append(t.stale, u)
		case err != nil:
			u.settle(err)
		case u.changed, len(u.totals) > 0:
			writing = append(writing, u)
		default:
			u.settle(nil)
		}
	}
	p.recent.Judge(len(t.stale), len(t.stale))
	lost, err := p.write(ctx, w, conn, writing)
	switch {
	case err == nil:
	case isState(err, readOnly): // it is of nobody's making, and nothing was written
		if !p.leave(ctx, conn) || w.raced {
			failAll(writing, wrap("step", err))
			break
		}
		t.again = append(t.again, writing...)
	case retriable(err), !w.raced && isState(err, uniqueViolation): // a record was made meanwhile
		w.crossed = w.crossed || isState(err, deadlock)
		t.again = append(t.again, writing...)
	case isRefusal(err) && (len(writing) > 1 || writing[0].recent != nil):
		t.alone = append(t.alone, writing...) // so that only who is to blame fails, and for what is there
	case isRefusal(err):
		writing[0].settle(wrap("step", err)) // it is of this unit's making: what others did is known
	default:
		p.recent.Clear()
		failAll(writing, unknown("step", err))
	}
	for _, u := range lost {
		if u.recent == nil {
			t.again = append(t.again, u)
			continue
		}
		u.recent = nil
		t.stale = append(t.stale, u)
	}
	return t
}

// write writes units and settles those that were, and returns those that lost a
// race.
func (p *postgres) write(ctx context.Context, w *pgWriter, conn *pgx.Conn, units []*unit) (lost []*unit, err error) {
	if len(units) == 0 {
		return nil, nil
	}
	began := time.Now() //nolint:forbidigo // how old memory is decides nothing
	err = w.write(ctx, conn, p.namespace, units)
	p.hits.written(units) // also if it is not known whether they were
	if err != nil {
		return nil, err
	}
	p.recent.written(units, began)
	used, old := 0, 0
	for _, u := range units {
		if u.recent != nil {
			used++
		}
		if u.changed && !u.won {
			lost = append(lost, u)
			if u.recent != nil {
				old++
			}
			continue
		}
		u.settle(nil)
	}
	p.recent.Judge(used, old)
	return lost, nil
}

// oneByOne carries out each unit in a transaction of its own that locks its
// row.
func (p *postgres) oneByOne(ctx context.Context, w *pgWriter, units []*unit) {
	for _, u := range units {
		for try := 1; ; try++ {
			committing := false
			err := pgx.BeginTxFunc(ctx, p.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
				row := locked{db: pgStatements{tx, p.own}, dialect: postgresDialect, namespace: p.namespace, names: &w.names}
				err := row.step(ctx, u, &w.changes)
				if err == nil {
					err = row.writeTotals(ctx, u.totals)
				}
				committing = err == nil
				if isState(err, readOnly) {
					p.leave(ctx, tx.Conn())
				}
				return err
			})
			p.hits.written([]*unit{u})
			switch {
			case err == nil:
				u.settle(nil)
			case retriable(err) && try < maxTries && backOff(ctx, try) == nil:
				continue
			case committing:
				u.fail(unknown("step", err))
			case isRefusal(err):
				u.settle(wrap("step", err)) // it is of this step's making
			default:
				u.fail(wrap("step", err))
			}
			break
		}
	}
}
