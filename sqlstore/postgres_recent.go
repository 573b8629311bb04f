package sqlstore

import (
	"slices"
	"time"
	"unsafe"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon/internal/recent"
	"github.com/beckon-go/beckon/store"
)

// recentRows are rows of PostgreSQL as this Store has lately written or read them. What another
// has changed since is not there any more: a row is written only where it was, and as the
// version that it was. What writes nothing, or is refused, is decided on a row that is loaded.
// Behind a pooler nobody sees that a connection leads to another server: so a row is not kept
// for long.
type recentRows struct{ *recent.Rows[*recentRow] }

// A recentRow is a row that a step can begin with. One that was written is there as the step
// left it, one that was read as its columns: most of a page no step will want.
type recentRow struct {
	recent.Entry
	row // of version 0: see the columns

	numbers      [6]int64
	stats, state []byte

	placed
}

// appendRecentKey appends the key of a row, whose id is as the column has it.
func appendRecentKey(dst []byte, kind store.Kind, id []byte) []byte {
	return append(append(dst, byte(kind)), id...)
}

// recentBytes is what a row takes beside its record.
const recentBytes = 512

func newRecentRows() *recentRows { return &recentRows{recent.New[*recentRow]()} }

// connected returns since when a connection is known to be there: of our own since it was made,
// of those of a host since a step has first had it.
func connected(conn *pgx.Conn) time.Time {
	const name = "beckon: connected"
	at, known := conn.PgConn().CustomData()[name].(time.Time)
	if !known {
		at = time.Now() //nolint:forbidigo // what memory is good for decides nothing
		conn.PgConn().CustomData()[name] = at
	}
	return at
}

// take sets what is known of the rows of units that are written on a connection. Each is their
// own from then on. A row from before the connection may be of another server.
func (k *recentRows) take(units []*unit, connected time.Time) {
	k.Take(len(units), connected,
		func(dst []byte, i int) []byte { return appendRecentKey(dst, units[i].key.Kind, units[i].id) },
		func(i int, r *recentRow) { units[i].recent = r })
}

// written keeps the rows of units that were won by a statement that began at an instant: this
// process may have stood still after it.
func (k *recentRows) written(units []*unit, began time.Time) {
	if !k.Keeps(len(units)) {
		return
	}
	rows := make([]*recentRow, 0, len(units))
	for _, u := range units {
		if !u.won {
			continue
		}
		size := recentBytes + len(u.id) + recordBytes(&u.rec, max(u.held, u.wrote.state))
		if size > k.Most {
			continue
		}
		r := u.recent
		switch {
		case r == nil:
			r = &recentRow{Entry: recent.Entry{Key: string(appendRecentKey(nil, u.key.Kind, u.id))}}
		case r.version == 0: // it would hold on to its page
			r = &recentRow{Entry: recent.Entry{Key: r.Key}}
		}
		r.row, r.placed, r.Since, r.Size = u.row, u.placed, began, size
		r.version = u.wrote.version
		if u.part != partEvents {
			r.unsure, r.was = false, waited{due: r.rec.NextDue(), pending: r.rec.NextPending(), channels: int16(r.rec.PendingChannels())}
		}
		rows = append(rows, r)
	}
	if len(rows) > 0 {
		k.Add(len(rows), func(i int) *recentRow { return rows[i] })
	}
}

// What an element of each section takes.
const (
	sizeOfStats     = int(unsafe.Sizeof(store.Stats{}))
	sizeOfSendStats = int(unsafe.Sizeof(store.SendStats{}))
	sizeOfSend      = int(unsafe.Sizeof(store.SendLogEntry{}))
	sizeOfCounter   = int(unsafe.Sizeof(store.Counter{}))
	sizeOfDedup     = int(unsafe.Sizeof(store.Dedup{}))
	sizeOfPending   = int(unsafe.Sizeof(store.Pending{}))
	sizeOfProfile   = int(unsafe.Sizeof(store.Profile{}))
	sizeOfAttribute = int(unsafe.Sizeof(store.Attribute{}))

	sizeOfPermits     = int(unsafe.Sizeof(store.Permits{}))
	sizeOfPermit      = int(unsafe.Sizeof(store.Permit{}))
	sizeOfHold        = int(unsafe.Sizeof(store.Hold{}))
	sizeOfSeriesState = int(unsafe.Sizeof(store.SeriesState{}))
)

// sizeOfOther is what an element of the smaller sections takes, about.
const sizeOfOther = 64

// recordBytes returns how many bytes a decoded record takes, about: its elements, and its texts,
// which are parts of one text of so many bytes, also those that have left the record since.
func recordBytes(r *store.Record, text int) int {
	n := text + text/4 + len(r.Stats)*sizeOfStats + len(r.SendStats)*sizeOfSendStats + len(r.SendLog)*sizeOfSend + len(r.Counters)*sizeOfCounter +
		len(r.Dedup)*sizeOfDedup + r.Pending.Len()*sizeOfPending
	for i := range r.Counters {
		n += len(r.Counters[i].Times) * 8
	}
	for i := range r.Permits {
		n += sizeOfPermits + len(r.Permits[i].Newest)*sizeOfPermit
	}
	p := r.Profile
	if p == nil {
		return n
	}
	if len(p.Holds) > 0 || p.Rare != nil { // a hold has the metadata of its event
		n += 2 * text
	}
	n += len(p.Holds)*sizeOfHold + len(p.SeriesStates)*sizeOfSeriesState
	n += sizeOfOther * (len(p.Companies) + len(p.Unsubscribed) + len(p.Goals) + len(p.Dates) + len(p.FreeSequences) + len(p.MergedFrom) + len(p.Aliases) + len(p.Matched))
	return n + sizeOfProfile + len(p.Attributes)*sizeOfAttribute
}

// read keeps the rows of a page whose statement began at an instant. They have their texts
// together, so a page that is longer than a generation is not kept.
func (k *recentRows) read(g *gathering, began time.Time) {
	if len(g.kept) == 0 || len(g.data) > k.Most {
		return
	}
	data, rows := slices.Clone(g.data), make([]recentRow, len(g.kept))
	k.Add(len(rows), func(i int) *recentRow {
		start, end, m := 0, &g.rows[i], &g.kept[i]
		if i > 0 {
			start = g.rows[i-1].id
		}
		rows[i] = recentRow{
			Entry:   recent.Entry{Key: string(appendRecentKey(nil, store.Kind(end.kind), data[end.state:end.id])), Since: began, Size: recentBytes + end.id - start},
			numbers: [6]int64{m.version, end.seen, end.seq, m.log[0], m.log[1], m.log[2]},
			stats:   data[start:end.stats:end.stats], state: data[end.stats:end.state:end.state],
			placed: m.placed,
		}
		return &rows[i]
	})
}
