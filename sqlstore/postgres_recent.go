package sqlstore

import (
	"slices"
	"sync"
	"time"

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
	young, old map[recentKey]*recentRow
	size       int         // of what came into young, in bytes
	turns      *time.Timer // while there are any: a Store that is idle keeps none
	used, lost int         // rows that a step was decided on, and of them those that were of no use
	pause      int         // until so many rows are written, none are kept
}

type recentKey struct {
	kind store.Kind
	id   string // as the column has it
}

// A recentRow is a row with the columns that a step loads.
type recentRow struct {
	numbers      [6]int64
	stats, state []byte
	placed
	since time.Time // it was read, or written, after that
}

const (
	maxRecent = 16 << 20 // bytes of a generation
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
	recentBytes  = 256 // that a row takes beside its texts
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
		at := k.young
		r := at[recentKey{u.key.Kind, string(u.id)}]
		if r == nil {
			at = k.old
			r = at[recentKey{u.key.Kind, string(u.id)}]
		}
		if r == nil {
			continue
		}
		delete(at, recentKey{u.key.Kind, string(u.id)})
		if now.Sub(r.since) < k.age && !r.since.Before(connected) {
			u.recent = r
		}
	}
}

// add takes rows in, which are of one moment.
func (k *recentRows) add(n int, row func(i int) (recentKey, *recentRow)) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.turns == nil {
		k.young, k.old = make(map[recentKey]*recentRow), make(map[recentKey]*recentRow)
		k.turns = time.AfterFunc(k.age, k.onTime) //nolint:forbidigo // what memory is kept decides nothing
	}
	for i := range n {
		key, r := row(i)
		if k.size >= k.most {
			k.turn()
		}
		delete(k.old, key)
		k.young[key] = r
		k.size += recentBytes + len(key.id) + len(r.stats) + len(r.state)
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
func (k *recentRows) written(w *pgWriter, units []*unit, began time.Time) {
	if !k.keeps(len(units)) {
		return
	}
	texts, won := 0, 0
	for _, u := range units {
		if u.won {
			won++
			texts += u.wrote.stats.len() + u.wrote.state.len()
		}
	}
	if won == 0 || texts > k.most {
		return
	}
	rows, data := make([]recentRow, 0, won), make([]byte, 0, texts)
	keys := make([]recentKey, 0, won)
	text := func(array int, s span) []byte {
		at := len(data)
		data = append(data, w.arrays[array].data[s.from:s.to]...)
		return data[at:len(data):len(data)]
	}
	for _, u := range units {
		if !u.won {
			continue
		}
		r := &u.rec
		row := recentRow{
			numbers: [6]int64{u.wrote.version, r.LastSeen, int64(r.EventSeq), u.log.count, u.log.keep, u.log.from},
			stats:   text(u.wrote.first+8, u.wrote.stats), state: text(u.wrote.first+9, u.wrote.state),
			placed: u.placed, since: began,
		}
		if u.part != partEvents {
			row.unsure, row.was = false, waited{due: r.NextDue(), pending: r.NextPending(), channels: int16(r.PendingChannels())}
		}
		rows, keys = append(rows, row), append(keys, recentKey{u.key.Kind, string(u.id)})
	}
	k.add(won, func(i int) (recentKey, *recentRow) { return keys[i], &rows[i] })
}

// read keeps the rows of a page whose statement began at an instant. They have their texts
// together, as those of a group have: so a page, or a group, that is longer than a generation
// is not kept.
func (k *recentRows) read(g *gathering, began time.Time) {
	if len(g.kept) == 0 || len(g.data) > k.most {
		return
	}
	data, rows := slices.Clone(g.data), make([]recentRow, len(g.kept))
	k.add(len(rows), func(i int) (recentKey, *recentRow) {
		start, end, m := 0, &g.rows[i], &g.kept[i]
		if i > 0 {
			start = g.rows[i-1].id
		}
		rows[i] = recentRow{
			numbers: [6]int64{m.version, end.seen, end.seq, m.log[0], m.log[1], m.log[2]},
			stats:   data[start:end.stats:end.stats], state: data[end.stats:end.state:end.state],
			placed: m.placed, since: began,
		}
		return recentKey{store.Kind(end.kind), string(data[end.state:end.id])}, &rows[i]
	})
}
