package sqlstore

import (
	"slices"
	"sync"
	"time"
	"unsafe"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon/store"
)

// recentRows are rows of PostgreSQL as this Store has lately written or read them: a step need not
// load them again. What another has changed since is not there any more: a row is written only
// where it was, and as the version that it was. So a step that decided on an old row has
// lost a race, and decides again. What writes nothing, or is refused, would not notice: it is
// decided on a row that is loaded.
//
// There are two generations, so that those that nobody asks for go without being looked for.
type recentRows struct {
	most int           // bytes of a generation; a constant, except in tests
	age  time.Duration // how old a row may be; likewise

	mu         sync.Mutex
	young, old map[string]*recentRow
	size       int         // of young
	text       []byte      // memory in which keys are made
	turns      *time.Timer // while there are any: a Store that is idle keeps none
	used, lost int         // rows that a step was decided on, and of them those that were of no use
	pause      int         // until so many rows are written, none are kept
}

// A recentRow is a row that a step can begin with. One that was written is there as the step
// left it, one that was read as its columns: most of a page no step will want.
type recentRow struct {
	key string
	row // of version 0: see the columns

	numbers      [6]int64
	stats, state []byte

	placed
	since time.Time // it was read, or written, after that
	size  int       // bytes that it takes, about
}

// appendRecentKey appends the key of a row, whose id is as the column has it.
func appendRecentKey(dst []byte, kind store.Kind, id []byte) []byte {
	return append(append(dst, byte(kind)), id...)
}

const (
	maxRecent = 48 << 20 // bytes of a generation
	// recentFor is how old a row may be. A version is that of one row only as long as the
	// server does not lose what it has committed, as one may that takes the place of another,
	// or that comes up again: then connections are new, but behind a pooler nobody sees that.
	recentFor = 10 * time.Second
	// recentWindow is for how many rows that were used it is counted how many were of no use:
	// they had changed, or their step writes nothing, and is decided on a row that is loaded.
	// If it was a third of them, to try costs more than to load: until recentPause more rows
	// are written, none are kept.
	recentWindow = 256
	recentPause  = 16 * recentWindow
	recentBytes  = 512 // that a row takes beside its record
)

func newRecentRows() *recentRows { return &recentRows{most: maxRecent, age: recentFor} }

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
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.young)+len(k.old) == 0 {
		return
	}
	now := time.Now() //nolint:forbidigo // how old memory is decides nothing
	for _, u := range units {
		k.text = appendRecentKey(k.text[:0], u.key.Kind, u.id)
		r := k.remove(k.text)
		if r != nil && now.Sub(r.since) < k.age && !r.since.Before(connected) {
			u.recent = r
		}
	}
}

// remove removes the row of a key, and returns it, if there is one. k.mu is held.
func (k *recentRows) remove(key []byte) *recentRow {
	if r := k.young[string(key)]; r != nil {
		delete(k.young, r.key)
		k.size -= r.size
		return r
	}
	r := k.old[string(key)]
	if r != nil {
		delete(k.old, r.key)
	}
	return r
}

// add takes rows in, which are of one moment.
func (k *recentRows) add(n int, row func(i int) *recentRow) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.turns == nil {
		k.young, k.old = make(map[string]*recentRow), make(map[string]*recentRow)
		k.turns = time.AfterFunc(k.age, k.onTime) //nolint:forbidigo // what memory is kept decides nothing
	}
	for i := range n {
		r := row(i)
		k.text = append(k.text[:0], r.key...)
		k.remove(k.text) // two groups may have the same row
		if k.size >= k.most {
			k.turn()
		}
		k.young[r.key] = r
		k.size += r.size
	}
}

// turn begins a generation. k.mu is held.
func (k *recentRows) turn() {
	k.young, k.old, k.size = k.old, k.young, 0
	clear(k.young)
}

// onTime begins a generation when all rows of the last one are too old.
func (k *recentRows) onTime() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.turn(); len(k.old) > 0 {
		k.turns.Reset(k.age)
		return
	}
	k.young, k.old, k.turns = nil, nil, nil
}

// clear forgets all rows: it is not known what the server has.
func (k *recentRows) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	clear(k.young)
	clear(k.old)
	k.size = 0
}

// judge takes in how many rows steps were decided on, and how many of them were of no use.
func (k *recentRows) judge(used, lost int) {
	if used == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.used, k.lost = k.used+used, k.lost+lost
	if k.used < recentWindow {
		return
	}
	if 3*k.lost >= k.used {
		k.pause = recentPause
	}
	k.used, k.lost = 0, 0
}

// keeps reports whether rows are to be kept now, of which so many are written.
func (k *recentRows) keeps(n int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.pause = max(0, k.pause-n)
	return k.pause == 0
}

// written keeps the rows of units that were won by a statement that began at an instant: this
// process may have stood still after it.
func (k *recentRows) written(units []*unit, began time.Time) {
	if !k.keeps(len(units)) {
		return
	}
	rows := make([]*recentRow, 0, len(units))
	for _, u := range units {
		if !u.won {
			continue
		}
		size := recentBytes + len(u.id) + recordBytes(&u.rec, max(u.held, u.wrote.state))
		if size > k.most {
			continue
		}
		r := u.recent
		switch {
		case r == nil:
			r = &recentRow{key: string(appendRecentKey(nil, u.key.Kind, u.id))}
		case r.version == 0: // it would hold on to its page
			r = &recentRow{key: r.key}
		}
		r.row, r.placed, r.since, r.size = u.row, u.placed, began, size
		r.version = u.wrote.version
		if u.part != partEvents {
			r.unsure, r.was = false, waited{due: r.rec.NextDue(), pending: r.rec.NextPending(), channels: int16(r.rec.PendingChannels())}
		}
		rows = append(rows, r)
	}
	if len(rows) > 0 {
		k.add(len(rows), func(i int) *recentRow { return rows[i] })
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
	if len(g.kept) == 0 || len(g.data) > k.most {
		return
	}
	data, rows := slices.Clone(g.data), make([]recentRow, len(g.kept))
	k.add(len(rows), func(i int) *recentRow {
		start, end, m := 0, &g.rows[i], &g.kept[i]
		if i > 0 {
			start = g.rows[i-1].id
		}
		rows[i] = recentRow{
			key:     string(appendRecentKey(nil, store.Kind(end.kind), data[end.state:end.id])),
			numbers: [6]int64{m.version, end.seen, end.seq, m.log[0], m.log[1], m.log[2]},
			stats:   data[start:end.stats:end.stats], state: data[end.stats:end.state:end.state],
			placed: m.placed, since: began, size: recentBytes + end.id - start,
		}
		return &rows[i]
	})
}
