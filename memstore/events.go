package memstore

import (
	"cmp"
	"context"
	"slices"

	"github.com/beckon-go/beckon/store"
)

// An eventLog has a contact's events in order of time. The oldest leave by
// moving head, and only when enough have left do the others move down: at its
// limit a log takes events without allocating, and moves each of them only
// now and then.
type eventLog struct {
	list []store.LoggedEvent
	head int // list[:head] are gone
}

func (l *eventLog) live() []store.LoggedEvent { return l.list[l.head:] }

// manyEvents is how many enter one by one: each may move all that are later.
const manyEvents = 16

// add takes events in, then keeps the newest keep of those At from or later.
func (l *eventLog) add(events []store.LoggedEvent, keep int, from int64) {
	if len(events) > manyEvents {
		l.merge(events)
	} else {
		for i := range events {
			l.insert(&events[i])
		}
	}
	live := l.live()
	// One by one: mostly none or one has to go, and what goes is cleared anyway.
	drop := max(len(live)-max(keep, 0), 0)
	for drop < len(live) && live[drop].At < from {
		drop++
	}
	clear(live[:drop])
	l.head += drop
	if l.head == len(l.list) {
		*l = eventLog{}
	}
}

// insert puts e in its place, mostly the end. One with the same time and
// number is replaced.
func (l *eventLog) insert(e *store.LoggedEvent) {
	if gone := l.head; len(l.list) == cap(l.list) && gone > 0 && gone >= len(l.live())/4 {
		n := copy(l.list, l.live())
		clear(l.list[n:])
		l.list, l.head = l.list[:n], 0
	}
	live := l.live()
	i := len(live)
	if i == 0 || live[i-1].At < e.At || live[i-1].At == e.At && live[i-1].Seq < e.Seq {
		l.list = append(l.list, *e)
		return
	}
	i, found := slices.BinarySearchFunc(live, *e, compareEvents)
	if found {
		live[i] = *e
		return
	}
	l.list = slices.Insert(l.list, l.head+i, *e)
}

// merge puts events in their places in one pass, as insert does one by one.
func (l *eventLog) merge(events []store.LoggedEvent) {
	events = slices.Clone(events)
	slices.SortStableFunc(events, compareEvents)
	live := l.live()
	list := make([]store.LoggedEvent, 0, len(live)+len(events))
	for i := range events {
		e := &events[i]
		if i+1 < len(events) && compareEvents(*e, events[i+1]) == 0 {
			continue // the later one counts
		}
		n := 0
		for n < len(live) && compareEvents(live[n], *e) < 0 {
			n++
		}
		list, live = append(list, live[:n]...), live[n:]
		if len(live) > 0 && compareEvents(live[0], *e) == 0 {
			live = live[1:]
		}
		list = append(list, *e)
	}
	l.list, l.head = append(list, live...), 0
}

func compareEvents(a, b store.LoggedEvent) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Seq, b.Seq))
}

// Events implements [beckon.Store]. The events are copies, except for their Metadata
// and Page, which you must not change. A contact that is not there has no events, and
// a limit below 1 returns none.
func (s *Store) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	sh := s.shard(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	f := sh.find(key, hashOf(s.seed, key.ID))
	live := f.e.events()
	if len(live) == 0 || limit < 1 {
		return nil, nil
	}
	if before != (store.EventCursor{}) {
		mark := store.LoggedEvent{At: before.At, Seq: before.Seq}
		i, _ := slices.BinarySearchFunc(live, mark, compareEvents)
		live = live[:i]
	}
	out := slices.Clone(live[max(0, len(live)-limit):])
	slices.Reverse(out)
	return out, nil
}
