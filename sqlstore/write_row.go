package sqlstore

import (
	"context"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
)

// Statements are a transaction, or what else executes SQL. Parameters are $1,
// $2 … for both dialects.
type statements interface {
	exec(ctx context.Context, sql string, args ...any) error
	// row reads one row into dest; found is false if there is none.
	row(ctx context.Context, sql string, args []any, dest ...any) (found bool, err error)
}

// A locked carries out the steps of a record in a transaction that keeps
// others from the row, from the load to the end of the transaction.
type locked struct {
	db        statements
	dialect   dialect
	namespace string
	names     *column.Names // may be nil
	terms     *newTerms     // of SQLite: what is to be put into beckon_terms when all rows are written
	numbers   *termNumbers  // of SQLite
	text      []byte        // memory in which texts are made
	state     int           // how long that of the last row was
}

const ofRecord = " WHERE namespace = $1 AND kind = $2 AND id = $3"

// step carries out a unit: what it has decided is written, except for its totals,
// and not yet committed. The error is the database's; those of the decisions
// are in the unit.
func (l *locked) step(ctx context.Context, u *unit, c *store.Changes) error {
	if err := l.lock(ctx, u); err != nil {
		return err
	}
	return l.loaded(ctx, u, c)
}

// loaded is step for a unit whose row is loaded and locked.
func (l *locked) loaded(ctx context.Context, u *unit, c *store.Changes) error {
	l.decide(u, c)
	return l.write(ctx, u)
}

// decide has a unit decide, and makes what its columns are to have. It needs no database.
func (l *locked) decide(u *unit, c *store.Changes) {
	u.decide(c, false)
	u.columns = columns{}
	r := &u.rec
	if u.changed && r.Exists {
		u.columns.state = u.appendState(make([]byte, 0, l.state+l.state/8), u.id)
		l.state = min(len(u.columns.state), maxKept)
		u.columns.stats = l.made(column.AppendStats(l.text[:0], r.Stats))
		switch u.columns.kept = l.dialect == sqliteDialect && u.part == partKept; {
		case u.columns.kept:
			u.columns.derived = derived{nextDue: r.NextDue(), nextPending: r.NextPending(), marks: liteMarks(r)}
		case u.part != partEvents:
			u.columns.derived = deriveColumns(r)
		}
	}
	if l.dialect == sqliteDialect && (u.changed && u.part != partEvents && !u.columns.kept || !r.Exists && u.version > 0) {
		l.compareTerms(u)
	}
}

// maxKept is up to how many bytes memory is kept, or set apart, for what is yet to come.
const maxKept = 16 << 10

// made returns what was made in l.text as a text of its own.
func (l *locked) made(text []byte) string {
	if cap(text) <= maxKept {
		l.text = text
	}
	return string(text)
}

// write writes what a unit has decided.
func (l *locked) write(ctx context.Context, u *unit) error {
	if err := checkNames(&u.rec); err != nil {
		return err
	}
	for i := range u.logs {
		if err := l.writeLog(ctx, u, &u.logs[i]); err != nil {
			return err
		}
	}
	return l.writeRow(ctx, u)
}

// lock loads the row, and in PostgreSQL locks it; in SQLite the transaction
// has the lock already. Nobody can lock what is not there, so a row of version
// 0 is put there first; anyone else who makes the record waits for it.
func (l *locked) lock(ctx context.Context, u *unit) error {
	const (
		load  = "SELECT " + rowColumns + " FROM beckon_records" + ofRecord
		empty = `INSERT INTO beckon_records (namespace, kind, id, version, last_seen, event_seq, marks, attributes, companies, stats, event_names, log_count, log_keep, log_from, state)
VALUES ($1, $2, $3, 0, 0, 0, 0, '{}', '[]', '{}', '[]', 0, 0, 0, '') ON CONFLICT DO NOTHING`
	)
	sql := load
	if l.dialect == postgresDialect {
		sql += " FOR UPDATE"
	}
	var r rawRow
	columns := r.columns()
	if l.dialect == sqliteDialect {
		sql = strings.Replace(load, "SELECT ", "SELECT rowid, ", 1)
		columns = append([]any{&u.rowid}, columns...)
	}
	for range maxTries {
		there, err := l.db.row(ctx, sql, l.args(u), columns...)
		switch {
		case err != nil:
			return err
		case there && r.numbers[0] > 0:
			_ = u.decode(u.key, u.id, &r, l.names) // a damaged row is the unit's own affair
			return nil
		case there, l.dialect == sqliteDialect: // there: the row that stands for it
			u.absent(u.key)
			return nil
		}
		if err := l.db.exec(ctx, empty, l.args(u)...); err != nil {
			return err
		}
	}
	return fail(ErrBusy, "step", "", nil) // others make and delete it all the time
}

// args returns the key of a unit, and what comes behind it.
func (l *locked) args(u *unit, more ...any) []any {
	return append([]any{l.namespace, int16(u.key.Kind), u.id}, more...)
}

// The statements that write a row. In PostgreSQL there is always one to be
// updated, see lock; its parameters need the types that the server would guess
// wrongly.
const (
	liteUpdate = "UPDATE beckon_records SET version = $1, last_seen = $2, event_seq = $3, log_count = $4, log_keep = $5, log_from = $6, state = $7, stats = $8"
	liteLight  = liteUpdate + " WHERE rowid = $9"
	liteKept   = liteUpdate + ", next_due = NULLIF($9, 0), next_pending = NULLIF($10, 0), marks = $11 WHERE rowid = $12"
	liteWhole  = liteUpdate + ", email = NULLIF($9, ''), next_due = NULLIF($10, 0), next_pending = NULLIF($11, 0), marks = $12, attributes = $13, companies = $14 WHERE rowid = $15"
	liteInsert = `INSERT INTO beckon_records (namespace, kind, id, version, last_seen, event_seq, log_count, log_keep, log_from, state, stats, email, next_due, next_pending, marks, attributes, companies)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULLIF($12, ''), NULLIF($13, 0), NULLIF($14, 0), $15, $16, $17)`

	pgLight = "UPDATE beckon_records SET version = $4, last_seen = $5, event_seq = $6, log_count = $7, log_keep = $8, log_from = $9, state = $10, stats = $11::text::json"
	pgWhole = pgLight + ", email = NULLIF($12, ''), next_due = NULLIF($13::bigint, 0), next_pending = NULLIF($14::bigint, 0), marks = $15, attributes = $16::text::jsonb, companies = $17::text::jsonb, event_names = $18::text::jsonb, terms = $19::text::integer[], channels = $20"
)

// writeRow writes the row, or removes it.
func (l *locked) writeRow(ctx context.Context, u *unit) error {
	r := &u.rec
	switch {
	case !r.Exists && (u.version > 0 || l.dialect == postgresDialect): // there: the row that stood for it
		if err := l.db.exec(ctx, "DELETE FROM beckon_records"+ofRecord, l.args(u)...); err != nil {
			return err
		}
		return l.removeTerms(ctx, u)
	case !u.changed:
		return nil
	}
	numbers := []any{u.next(), r.LastSeen, int64(r.EventSeq), u.log.count, u.log.keep, u.log.from, u.columns.state, u.columns.stats}
	if l.dialect == sqliteDialect {
		return l.writeLite(ctx, u, numbers)
	}
	sql, args := pgLight, l.args(u, numbers...)
	if u.part != partEvents {
		sql, args = pgWhole, append(args, u.columns.derived.args()...)
		args[len(args)-3] = pgMarks(r)
		args = append(args, string(column.AppendNames(nil, r.Stats)), string(appendTermNumbers(nil, r)), int16(r.PendingChannels()))
	}
	return l.db.exec(ctx, sql+ofRecord, args...)
}

// args returns what columns are derived, in the order of the statements.
func (d *derived) args() []any {
	return []any{d.email, d.nextDue, d.nextPending, d.marks, string(d.attributes), string(d.companies)}
}

// writeLite writes a row of SQLite. One that is there is found by its number: by its key it
// was when it was loaded.
func (l *locked) writeLite(ctx context.Context, u *unit, numbers []any) error {
	d := &u.columns.derived
	switch {
	case u.part == partEvents:
		return l.db.exec(ctx, liteLight, append(numbers, u.rowid)...)
	case u.columns.kept:
		return l.db.exec(ctx, liteKept, append(numbers, d.nextDue, d.nextPending, d.marks, u.rowid)...)
	case u.part == partMade:
		if err := l.db.exec(ctx, liteInsert, append(l.args(u, numbers...), d.args()...)...); err != nil {
			return err
		}
	default:
		if err := l.db.exec(ctx, liteWhole, append(append(numbers, d.args()...), u.rowid)...); err != nil {
			return err
		}
	}
	return l.removeTerms(ctx, u)
}

const (
	insertEvent  = "INSERT INTO beckon_events (namespace, kind, id, at, seq, data) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (namespace, kind, id, at, seq) DO UPDATE SET data = EXCLUDED.data"
	deleteEvents = "DELETE FROM beckon_events" + ofRecord
	// cutEvents takes away what does not count: all before an instant, and all
	// but the newest.
	cutEvents = deleteEvents + " AND (at < $4 OR (at, seq) <= (SELECT at, seq FROM beckon_events" + ofRecord + " ORDER BY at DESC, seq DESC LIMIT 1 OFFSET $5))"
)

// writeLog carries out a change of the record's log.
func (l *locked) writeLog(ctx context.Context, u *unit, do *logChange) error {
	if do.clear {
		if err := l.db.exec(ctx, deleteEvents, l.args(u)...); err != nil {
			return err
		}
	}
	if do.cut != nil {
		if err := l.db.exec(ctx, cutEvents, l.args(u, do.cut.from, do.cut.keep)...); err != nil {
			return err
		}
	}
	for i := range do.insert {
		e := &do.insert[i]
		if err := l.db.exec(ctx, insertEvent, l.args(u, e.At, int64(e.Seq), e.data)...); err != nil {
			return err
		}
	}
	if do.trim != nil {
		return l.db.exec(ctx, cutEvents, l.args(u, do.trim.from, do.trim.keep)...)
	}
	return nil
}

// finish writes what is left when all rows of a group are written.
func (l *locked) finish(ctx context.Context, totals []store.Increment) error {
	if err := l.insertTerms(ctx); err != nil {
		return err
	}
	return l.writeTotals(ctx, totals)
}

// writeTotals adds up what was counted, in an order that is the same for all,
// and after all else: these rows are the ones that others may wait for.
func (l *locked) writeTotals(ctx context.Context, list []store.Increment) error {
	sql := "INSERT INTO beckon_totals AS c (namespace, message, name, count) VALUES ($1, $2, $3, $4) ON CONFLICT (namespace, message, name) DO UPDATE SET " + countSQL("max")
	if l.dialect == postgresDialect {
		sql = "INSERT INTO beckon_totals AS c (namespace, message, name, stripe, count) VALUES ($1, $2, $3, " + stripeSQL + ", $4) ON CONFLICT (namespace, message, name, stripe) DO UPDATE SET " + countSQL("greatest")
	}
	for _, t := range sumTotals(list) {
		if err := l.db.exec(ctx, sql, l.namespace, columnID(t.Message), column.Escape(t.Name), t.N); err != nil {
			return err
		}
	}
	return nil
}

// sumTotals returns each count once, added up or the latest, sorted.
func sumTotals(list []store.Increment) []store.Increment {
	all := slices.Clone(list)
	compare := func(a, b store.Increment) int {
		if n := strings.Compare(a.Message, b.Message); n != 0 {
			return n
		}
		return strings.Compare(a.Name, b.Name)
	}
	slices.SortFunc(all, compare)
	out := all[:0]
	for _, t := range all {
		if n := len(out); n > 0 && compare(out[n-1], t) == 0 {
			if store.IsLatest(t.Name) {
				out[n-1].N = max(out[n-1].N, t.N)
			} else {
				out[n-1].N += t.N
			}
			continue
		}
		out = append(out, t)
	}
	return out
}
