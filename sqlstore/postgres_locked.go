package sqlstore

import (
	"context"
	"slices"
	"strings"

	"github.com/beckon-go/beckon"
)

// A pgLocked carries out the steps of one record in a transaction, with the
// row locked from the load to the end of the transaction.
type pgLocked struct {
	db        pgConn
	namespace string
}

const lockedWhere = " WHERE namespace = $1 AND kind = $2 AND id = $3"

// step carries out a unit: what it has decided is written, but not yet
// committed.
func (p *pgLocked) step(ctx context.Context, u *unit, c *beckon.Changes) error {
	if err := p.lock(ctx, u); err != nil {
		return err
	}
	u.decide(c, false)
	if err := checkNames(&u.rec); err != nil {
		return err
	}
	for i := range u.logs {
		if err := p.writeLog(ctx, u, &u.logs[i]); err != nil {
			return err
		}
	}
	if err := p.writeRow(ctx, u); err != nil {
		return err
	}
	return p.writeTotals(ctx, u)
}

// lock locks the row and loads it. Nobody can lock what is not there, so a row
// of version 0 is put there first; whoever else makes the record waits for it.
func (p *pgLocked) lock(ctx context.Context, u *unit) error {
	const (
		sql   = "SELECT " + rowColumns + " FROM beckon_records" + lockedWhere + " FOR UPDATE"
		empty = `INSERT INTO beckon_records (namespace, kind, id, version, last_seen, event_seq, moving, attributes, companies, stats, event_names, log_count, log_keep, log_from, state)
VALUES ($1, $2, $3, 0, 0, 0, false, '{}', '[]', '{}', '[]', 0, 0, 0, '') ON CONFLICT DO NOTHING`
	)
	for try := 1; ; try++ {
		rows, err := p.db.Query(ctx, sql, p.namespace, int16(u.key.Kind), u.id)
		if err != nil {
			return err
		}
		var r pgRow
		there := rows.Next()
		if there {
			err = rows.Scan(r.columns()...)
		}
		rows.Close()
		if err == nil {
			err = rows.Err()
		}
		switch {
		case err != nil:
			return err
		case there && r.numbers[0] == 0: // our own, or put there before in this transaction
			u.absent(u.key)
			return nil
		case there:
			return u.decode(u.key, r.numbers, r.stats, r.state)
		case try == maxTries:
			return &Error{Code: ErrBusy, Op: "step"}
		}
		if _, err := p.db.Exec(ctx, empty, p.namespace, int16(u.key.Kind), u.id); err != nil {
			return err
		}
	}
}

// writeRow writes the row, or removes the one that only stood for it.
func (p *pgLocked) writeRow(ctx context.Context, u *unit) error {
	r := &u.rec
	switch {
	case !r.Exists:
		_, err := p.db.Exec(ctx, "DELETE FROM beckon_records"+lockedWhere, p.namespace, int16(u.key.Kind), u.id)
		return err
	case !u.changed:
		return nil
	}
	d := deriveColumns(r)
	const sql = `UPDATE beckon_records SET version = $4, last_seen = $5, event_seq = $6, log_count = $7, log_keep = $8, log_from = $9,
	email = NULLIF($10, ''), next_due = NULLIF($11::bigint, 0), next_pending = NULLIF($12::bigint, 0), moving = $13, attributes = $14::text::jsonb, companies = $15::text::jsonb,
	stats = $16::text::jsonb, event_names = $17::text::jsonb, state = $18` + lockedWhere
	_, err := p.db.Exec(ctx, sql, p.namespace, int16(u.key.Kind), u.id,
		u.version+1, r.LastSeen, int64(r.EventSeq), u.log.count, u.log.keep, u.log.from,
		d.email, d.nextDue, d.nextPending, d.moving == 1, string(d.attributes), string(d.companies),
		string(appendStats(nil, r.Stats)), string(appendNames(nil, r.Stats)), appendState(nil, r))
	return err
}

const eventsWhere = "DELETE FROM beckon_events" + lockedWhere

// cutSQL takes away what does not count: all before an instant, and all but
// the newest.
const cutSQL = eventsWhere + ` AND (at < $4 OR (at, seq) <= (
	SELECT at, seq FROM beckon_events` + lockedWhere + ` ORDER BY at DESC, seq DESC LIMIT 1 OFFSET $5))`

func (p *pgLocked) writeLog(ctx context.Context, u *unit, do *logChange) error {
	exec := func(sql string, args ...any) error {
		_, err := p.db.Exec(ctx, sql, append([]any{p.namespace, int16(u.key.Kind), u.id}, args...)...)
		return err
	}
	if do.clear {
		if err := exec(eventsWhere); err != nil {
			return err
		}
	}
	if do.cut != nil {
		if err := exec(cutSQL, do.cut.from, do.cut.keep); err != nil {
			return err
		}
	}
	for i := range do.insert {
		e := &do.insert[i]
		const sql = "INSERT INTO beckon_events (namespace, kind, id, at, seq, data) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (namespace, kind, id, at, seq) DO UPDATE SET data = EXCLUDED.data"
		if err := exec(sql, e.At, int64(e.Seq), beckon.AppendLoggedEvent(nil, e)); err != nil {
			return err
		}
	}
	if do.trim != nil {
		return exec(cutSQL, do.trim.from, do.trim.keep)
	}
	return nil
}

// writeTotals adds up what the unit counts, in an order that is the same for
// all, and last: these rows are the ones that others may wait for.
func (p *pgLocked) writeTotals(ctx context.Context, u *unit) error {
	const sql = "INSERT INTO beckon_totals AS c (namespace, message, name, stripe, count) VALUES ($1, $2, $3, " + stripeSQL + ", $4) ON CONFLICT (namespace, message, name, stripe) DO UPDATE SET count = c.count + EXCLUDED.count"
	for _, t := range sumTotals(u.totals) {
		if _, err := p.db.Exec(ctx, sql, p.namespace, columnID(t.Message), escapeText(t.Name), t.N); err != nil {
			return err
		}
	}
	return nil
}

// sumTotals gives each count once, sorted.
func sumTotals(list []beckon.Increment) []beckon.Increment {
	all := slices.Clone(list)
	compare := func(a, b beckon.Increment) int {
		if n := strings.Compare(a.Message, b.Message); n != 0 {
			return n
		}
		return strings.Compare(a.Name, b.Name)
	}
	slices.SortFunc(all, compare)
	out := all[:0]
	for _, t := range all {
		if n := len(out); n > 0 && compare(out[n-1], t) == 0 {
			out[n-1].N += t.N
			continue
		}
		out = append(out, t)
	}
	return out
}
