package sqlstore

import (
	"bytes"
	"context"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
)

// A pgWriter is the memory that a group takes; it is used again.
type pgWriter struct {
	sql     *writeStatements
	prepare bool  // connections may keep prepared statements
	probe   parts // partProbed or partSought
	raced   bool  // the group has lost a race
	crossed bool  // it and another waited for each other
	changes store.Changes
	names   column.Names
	arrays  []array
	values  [][]byte
	types   []uint32
	units   []unit // of the last group
}

// maxArray is up to how many bytes the memory of a parameter is kept for the next group.
const maxArray = 4 << 20

// forget lets go of the memory of parameters that were large.
func (w *pgWriter) forget() {
	clear(w.values[:cap(w.values)])
	clear(w.units)
	if w.units = w.units[:0]; cap(w.units) > maxUnits {
		w.units = nil
	}
	arrays := w.arrays[:cap(w.arrays)]
	for i := range arrays {
		if cap(arrays[i].data) > maxArray {
			arrays[i].data = nil
		}
	}
}

// maxUnits is up to how many units the memory is kept for the next group.
const maxUnits = 1 << 10

// begin begins the parameters of a statement.
func (w *pgWriter) begin(namespace string) {
	w.arrays = w.arrays[:0]
	w.values = append(w.values[:0], []byte(namespace))
	w.types = append(w.types[:0], oidText)
}

// add begins an array parameter, and returns its place in arrays.
func (w *pgWriter) add(kind uint32) int {
	i := len(w.arrays)
	w.arrays = slices.Grow(w.arrays, 1)[:i+1] // the memory of the last time
	w.arrays[i].reset(elementType(kind))
	w.types = append(w.types, kind)
	return i
}

// query executes a statement with the parameters that were added. Where the
// connection may keep prepared statements, it does.
func (w *pgWriter) query(ctx context.Context, conn *pgx.Conn, name, sql string) (*pgconn.ResultReader, error) {
	binaryFormat := []int16{1}
	size := 4 << 10 // for what is not parameters
	for i := range w.arrays {
		w.values = append(w.values, w.arrays[i].value())
		size += len(w.arrays[i].data) + 4
	}
	if !w.prepare {
		return conn.PgConn().ExecParams(ctx, sql, w.values, w.types, binaryFormat, binaryFormat), nil
	}
	if _, err := conn.Prepare(ctx, name, sql); err != nil {
		return nil, err
	}
	roomOf(conn.PgConn(), size)
	return conn.PgConn().ExecPrepared(ctx, name, w.values, binaryFormat, binaryFormat), nil
}

// load reads the rows of units. Those with a row that was kept need no other.
func (w *pgWriter) load(ctx context.Context, conn *pgx.Conn, namespace string, units []*unit) error {
	units = slices.DeleteFunc(slices.Clone(units), func(u *unit) bool { return u.isRecent(&w.names) })
	if len(units) == 0 {
		return nil
	}
	w.begin(namespace)
	kinds, ids := w.add(oidInt2Array), w.add(oidByteaArray)
	for _, u := range units {
		w.arrays[kinds].int2(int16(u.key.Kind))
		w.arrays[ids].bytes(u.id)
		u.absent(u.key)
	}
	result, err := w.query(ctx, conn, "beckon_load", loadSQL)
	if err != nil {
		return err
	}
	for result.NextRow() {
		v := result.Values()
		u := units[wireInt8(v[0])-1]
		raw := rawRow{stats: v[7], state: v[8]}
		for i := range raw.numbers {
			raw.numbers[i] = wireInt8(v[i+1])
		}
		copy(u.place[:], v[9])
		u.waited(wireInt2(v[10]), wireInt2(v[11]), wireInt8(v[12]), wireInt8(v[13]))
		_ = u.decode(u.key, u.id, &raw, &w.names) // a damaged row is the unit's own affair
	}
	_, err = result.Close()
	return err
}

// write executes the statement that writes units, and marks those whose rows
// were written.
func (w *pgWriter) write(ctx context.Context, conn *pgx.Conn, namespace string, units []*unit) error {
	w.begin(namespace)
	inOneOrder(units, w.crossed)
	p := w.addRows(units)
	p |= w.addLog(units) | w.addTotals(units) | w.addWaits(units)
	if w.raced && p&partMade != 0 {
		p |= partRaced
	}
	if slices.ContainsFunc(units, (*unit).crowds) {
		p |= w.probe
	}
	result, err := w.query(ctx, conn, "beckon_write_"+strconv.Itoa(int(p)), w.sql.of(p))
	if err != nil {
		return err
	}
	for _, u := range units {
		u.won = false
	}
	next := 0
	for result.NextRow() {
		v := result.Values()
		// Rows come back as they went there, mostly: so the first look finds it.
		kind := store.Kind(wireInt2(v[0]))
		for range units {
			u := units[next%len(units)]
			if next++; u.key.Kind == kind && bytes.Equal(u.id, v[1]) {
				u.won = true
				copy(u.place[:], v[2])
				break
			}
		}
	}
	_, err = result.Close()
	return err
}

// crowds reports whether the page of a row is to be cleaned up before the row is written. That
// was done when the row was loaded, or read for a run.
func (u *unit) crowds() bool { return u.changed && u.recent != nil && u.recent.version > 0 }

// inOneOrder has rows locked by the order of their keys, as far as it costs nothing: two groups
// that lock the same rows in different orders wait for each other, until the server ends one of
// them, or a statement of the host that waits behind. Rows are locked part by part. So where some
// are of partKept, those of partEvents are, too: it writes what they have anyway, and touches no
// index. Of a row that is unsure it would say that its terms are known.
//
// If it is to be so whatever it costs, all rows that are there are written whole: by one part.
func inOneOrder(units []*unit, whole bool) {
	slices.SortFunc(units, compareUnits) // those that are tried again come in any order
	if whole {
		for _, u := range units {
			if u.part&(partEvents|partKept) != 0 {
				u.part = partWhole
			}
		}
		return
	}
	if !slices.ContainsFunc(units, func(u *unit) bool { return u.changed && u.part == partKept }) {
		return
	}
	for _, u := range units {
		if u.part == partEvents && !u.unsure {
			u.part = partKept
		}
	}
}

// A wroteRow is what a statement writes of a row.
type wroteRow struct {
	version int64
	state   int // bytes
}

// addRows adds the columns of rows that have changed.
func (w *pgWriter) addRows(units []*unit) (p parts) {
	for _, part := range []parts{partEvents, partKept, partWhole, partMade} {
		if !slices.ContainsFunc(units, func(u *unit) bool { return u.changed && u.part == part }) {
			continue
		}
		p |= part
		first := w.add(oidInt2Array)
		for _, kind := range []uint32{oidByteaArray, oidInt8Array, oidInt8Array, oidInt8Array, oidInt8Array, oidInt8Array, oidInt8Array, oidJSONArray, oidByteaArray} {
			w.add(kind)
		}
		more := []uint32{oidTIDArray}
		switch part {
		case partKept:
			more = []uint32{oidTIDArray, oidInt8Array, oidInt8Array, oidInt2Array, oidInt2Array}
		case partWhole, partMade:
			more = []uint32{oidTextArray, oidInt8Array, oidInt8Array, oidInt2Array, oidTextArray, oidTextArray, oidTextArray, oidTextArray, oidInt2Array}
			if part == partWhole {
				more = append(more, oidTIDArray)
			}
		}
		for _, kind := range more {
			w.add(kind)
		}
		a := w.arrays[first:]
		for _, u := range units {
			if !u.changed || u.part != part {
				continue
			}
			r := &u.rec
			a[0].int2(int16(u.key.Kind))
			a[1].bytes(u.id)
			u.wrote.version = u.next()
			for i, n := range []int64{u.wrote.version, r.LastSeen, int64(r.EventSeq), u.log.count, u.log.keep, u.log.from} {
				a[2+i].int8(n)
			}
			a[8].build(func(dst []byte) []byte { return column.AppendStats(dst, r.Stats) })
			u.wrote.state = a[9].build(func(dst []byte) []byte { return u.appendState(dst, u.id) })
			switch part {
			case partEvents:
				a[10].bytes(u.place[:])
				continue
			case partKept:
				a[10].bytes(u.place[:])
				a[11].int8(r.NextDue())
				a[12].int8(r.NextPending())
				a[13].int2(pgMarks(r))
				a[14].int2(int16(r.PendingChannels()))
				continue
			}
			a[10].text(emailColumn(r.Email()))
			a[11].int8(r.NextDue())
			a[12].int8(r.NextPending())
			a[13].int2(pgMarks(r))
			a[14].build(func(dst []byte) []byte { return appendAttributes(dst, r) })
			a[15].build(func(dst []byte) []byte { return appendCompanies(dst, r) })
			a[16].build(func(dst []byte) []byte { return column.AppendNames(dst, r.Stats) })
			a[17].build(func(dst []byte) []byte { return appendTermNumbers(dst, r) })
			a[18].int2(int16(r.PendingChannels()))
			if part == partWhole {
				a[19].bytes(u.place[:])
			}
		}
	}
	return p
}

// addLog adds the events that units log.
func (w *pgWriter) addLog(units []*unit) parts {
	if !slices.ContainsFunc(units, func(u *unit) bool { return len(u.logs) > 0 }) {
		return 0
	}
	first := w.add(oidInt2Array)
	for _, kind := range []uint32{oidByteaArray, oidInt8Array, oidInt8Array, oidByteaArray} {
		w.add(kind)
	}
	a := w.arrays[first:]
	for _, u := range units {
		for _, e := range u.logged() {
			a[0].int2(int16(u.key.Kind))
			a[1].bytes(u.id)
			a[2].int8(e.At)
			a[3].int8(int64(e.Seq))
			a[4].bytes(e.data)
		}
	}
	return partLog
}

// addTotals adds what units count: each count under the key of the row that it
// depends on, if it does.
func (w *pgWriter) addTotals(units []*unit) parts {
	if !slices.ContainsFunc(units, func(u *unit) bool { return len(u.totals) > 0 }) {
		return 0
	}
	first := w.add(oidInt2Array)
	for _, kind := range []uint32{oidByteaArray, oidByteaArray, oidTextArray, oidInt8Array} {
		w.add(kind)
	}
	a := w.arrays[first:]
	for _, u := range units {
		kind, id := int16(0), []byte(nil)
		if u.changed {
			kind, id = int16(u.key.Kind), u.id
		}
		for _, t := range u.totals {
			a[0].int2(kind)
			a[1].bytes(id)
			a[2].bytes(columnID(t.Message))
			a[3].text(column.Escape(t.Name))
			a[4].int8(t.N)
		}
	}
	return partTotals
}
