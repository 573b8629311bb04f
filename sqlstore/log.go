package sqlstore

import (
	"errors"
	"math"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A logState is what a record's row says of its events. To cut the log at
// every event would read it at every event; so what no longer counts stays for
// a while, unseen, and goes in one sweep now and then.
type logState struct {
	count int64 // at least so many are in the table
	keep  int64 // so many of them count, the newest
	from  int64 // and only those from this second on
}

// slack is how many events may stay that no longer count.
func (l logState) slack() int64 { return l.keep/4 + 32 }

// A logChange is what a step does to the events of a record, in this order.
type logChange struct {
	clear  bool        // all that are there go
	cut    *logState   // those go that did not count before
	insert []loggedRow // come, or replace one of the same time and number
	trim   *logState   // those go that do not count now
}

// A loggedRow is an event as it is written. It is made while its step is held: the memory
// of what the step logs is its caller's, who may be gone when the group is written.
type loggedRow struct {
	store.EventCursor
	data []byte
}

// plain reports whether nothing has to go.
func (c *logChange) plain() bool { return !c.clear && c.cut == nil && c.trim == nil }

// change returns what a step does to the log of a record, and the state after it. The key
// is the one under which its events are stored.
func (l logState) change(c *store.Changes, key store.Key) (do logChange, after logState) {
	if c.Delete || c.Clear {
		do.clear = l.count > 0
		l = logState{}
	}
	if len(c.Events) == 0 || c.Delete {
		return do, l
	}
	keep := int64(min(max(c.KeepEvents, 0), math.MaxInt32))
	if keep == 0 {
		do.clear = do.clear || l.count > 0
		return do, logState{}
	}
	from := c.EventsFrom
	oldest := int64(math.MaxInt64)
	for i := range c.Events {
		if e := &c.Events[i]; e.At >= from {
			do.insert = append(do.insert, loggedRow{store.EventCursor{At: e.At, Seq: e.Seq}, store.AppendLoggedEventUnder(nil, key, e)})
			oldest = min(oldest, e.At)
		}
	}
	if l.count > 0 {
		// A looser limit must not bring back what a tighter one took.
		if from < l.from && oldest >= l.from {
			from = l.from // for nothing of before l.from counts, or comes
		}
		if from < l.from || keep > l.keep && l.count > l.keep {
			before := l
			do.cut = &before
			l.count = min(l.count, l.keep)
		}
	}
	l.count += int64(len(do.insert))
	l.keep, l.from = keep, from
	if l.count > l.keep+l.slack() {
		now := l
		do.trim = &now
		l.count = l.keep
	}
	return do, l
}

// markColumns returns a mark as columns have it; the zero mark is behind all.
func markColumns(m store.EventCursor) (at, seq int64) {
	if m == (store.EventCursor{}) {
		return math.MaxInt64, math.MaxInt64
	}
	return m.At, int64(m.Seq)
}

// A logRow takes in the rows that eventsSQL reads.
type logRow struct {
	key    store.Key
	id     []byte // as the column has it
	at     int64
	seq    int64
	data   []byte
	events []store.LoggedEvent
}

func (l *logRow) columns() []any { return []any{&l.at, &l.seq, &l.data} }

// add takes in the row that is in the columns. The first that cannot be read ends it.
func (l *logRow) add() error {
	e, err := store.DecodeLoggedEventUnder(stored(l.key, l.id), l.data)
	mark := store.EventCursor{At: l.at, Seq: uint64(l.seq)}
	if err == nil && (e.At != mark.At || e.Seq != mark.Seq) {
		err = &beckon.Error{Code: store.ErrDataCorrupt, Message: "stored data is another event's"}
	}
	if err != nil {
		return store.Damaged(l.key, &mark, err)
	}
	l.events = append(l.events, e)
	return nil
}

// result returns the events, or those before one that cannot be read.
func (l *logRow) result(err error) ([]store.LoggedEvent, error) {
	var damaged *beckon.DamagedError
	switch {
	case err == nil:
		return l.events, nil
	case errors.As(err, &damaged):
		return l.events, damaged
	}
	return nil, wrap("events", err)
}

// eventsSQL reads events of a record, as far as they count: of what is in the
// table the newest log_keep, from log_from on.
const eventsSQL = "SELECT at, seq, data FROM beckon_events" + ofRecord + `
AND (at, seq) < ($4, $5)
AND at >= (SELECT log_from FROM beckon_records` + ofRecord + `)
AND NOT COALESCE((at, seq) <= (
	SELECT at, seq FROM beckon_events` + ofRecord + `
	ORDER BY at DESC, seq DESC LIMIT 1 OFFSET (SELECT log_keep FROM beckon_records` + ofRecord + `)
), false)
ORDER BY at DESC, seq DESC LIMIT $6`
