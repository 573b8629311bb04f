package memstore

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/beckon-go/beckon/store"
)

// An eventLog has a contact's events in order of time, packed one behind the other: the
// collector has one block without pointers to look at, whatever their number. The oldest
// leave by moving the head, and only when enough have left do the others move down: at its
// limit a log takes events without allocating, and moves each of them only now and then.
type eventLog struct {
	data  []byte // where the oldest begins, in headSize bytes; what has left; then the events
	count uint32
	first uint32 // when the oldest was, as far as second says
}

// headSize is for a position in data, and where the first event of a new log begins.
const headSize = 8

func (l *eventLog) head() int        { return int(binary.LittleEndian.Uint64(l.data)) }
func (l *eventLog) setHead(head int) { binary.LittleEndian.PutUint64(l.data, uint64(head)) }

// second returns the Unix second at from 1970 to 2106; what is before or after is the first
// or the last of them.
func second(at int64) uint32 { return uint32(min(max(at, 0), math.MaxUint32)) }

// manyEvents is how many enter one by one: each may move all that are later.
const manyEvents = 16

// add takes events in, then keeps the newest keep of those At from or later. guess is
// the number that their names probably have.
func (l *eventLog) add(n *names, guess uint32, events []store.LoggedEvent, keep int, from int64) {
	if len(events) > manyEvents {
		l.merge(n, guess, events)
	} else {
		for i := range events {
			l.insert(n, guess, &events[i])
		}
	}
	for l.count > 0 && (int(l.count) > keep || l.first <= second(from) && l.firstAt() < from) {
		l.drop()
	}
}

// firstAt returns when the oldest was.
func (l *eventLog) firstAt() int64 {
	_, at := placeOf(l.data[l.head():])
	return at
}

// drop lets go of the oldest.
func (l *eventLog) drop() {
	if l.count == 1 {
		*l = eventLog{}
		return
	}
	head := l.head()
	l.setHead(head + sizeAt(l.data[head:]))
	l.count--
	l.first = secondAt(l.data[l.head():])
}

// insert puts e in its place, mostly the end. One with the same time and number is
// replaced.
func (l *eventLog) insert(n *names, guess uint32, e *store.LoggedEvent) {
	if l.count == 0 || l.endsBefore(e.At, e.Seq) {
		l.append(n, guess, e)
		return
	}
	at := l.before(e.At, e.Seq)
	next := at
	if seq, second := placeOf(l.data[at:]); seq == e.Seq && second == e.At {
		next += sizeAt(l.data[at:])
		l.count--
	}
	packed := appendEvent(nil, n, guess, e)
	l.data = slices.Replace(l.data, at, next, packed...)
	l.count++
	l.first = secondAt(l.data[l.head():])
	if at > l.head() {
		l.mark(at)
	}
	// Behind that far no mark reaches back to what has not moved.
	end := at + len(packed)
	for place := end; place < len(l.data) && place <= end+marksApart; place += sizeAt(l.data[place:]) {
		l.mark(place)
	}
}

// endsBefore reports whether the newest is before a time and number. It does not ask where the
// oldest is: of what a step reads nothing else is there.
func (l *eventLog) endsBefore(at int64, seq uint64) bool {
	return isBefore(l.data[len(l.data)-sizeBefore(l.data):], at, seq)
}

// append puts e at the end.
func (l *eventLog) append(n *names, guess uint32, e *store.LoggedEvent) {
	if most := sizeOf(e); len(l.data)+most > cap(l.data) {
		l.makeRoom(most)
	}
	at := len(l.data)
	l.data = appendEvent(l.data, n, guess, e)
	if l.count++; l.count == 1 {
		l.first = second(e.At)
	} else {
		l.mark(at)
	}
}

// Each event has a mark: how far before it another one begins, so that who looks for a place
// passes by many at once. That is at most so many bytes away, or it is the one right before.
// What it marks may have left the log.
const marksApart = 4 << 10

// mark sets the mark of the event at a place from that of the one before it, which there is.
func (l *eventLog) mark(at int) {
	before := at - sizeBefore(l.data[:at])
	if back := l.marked(before); back > 0 && at-before+back <= marksApart {
		l.setMarked(at, at-before+back)
	} else {
		l.setMarked(at, at-before)
	}
}

// marked returns the mark of the event at a place; 0 if it has none.
func (l *eventLog) marked(at int) int {
	return int(binary.LittleEndian.Uint32(l.data[at+sizeAt(l.data[at:])-2*frame:]))
}

func (l *eventLog) setMarked(at, back int) {
	binary.LittleEndian.PutUint32(l.data[at+sizeAt(l.data[at:])-2*frame:], uint32(back))
}

// makeRoom makes room for so many bytes at the end: where enough have left, in the same memory.
func (l *eventLog) makeRoom(most int) {
	if l.count == 0 {
		l.data = make([]byte, headSize, headSize+2*most)
	} else {
		live := l.data[l.head():]
		if gone := len(l.data) - len(live) - headSize; gone >= max(len(live)/4, most) {
			l.data = append(l.data[:headSize], live...)
		} else {
			l.data = append(make([]byte, headSize, headSize+len(live)+max(len(live)/2, 2*most)), live...)
		}
	}
	l.setHead(headSize)
}

// before returns where the first event begins that is not before a time and number. It
// looks from the end: what comes late is mostly not very late.
func (l *eventLog) before(at int64, seq uint64) int {
	begin := len(l.data)
	for head := l.head(); begin > head; {
		earlier := begin - sizeBefore(l.data[:begin])
		if isBefore(l.data[earlier:], at, seq) {
			break
		}
		begin = earlier
		for back := l.marked(begin); back > 0 && begin-back >= head && !isBefore(l.data[begin-back:], at, seq); back = l.marked(begin) {
			begin -= back
		}
	}
	return begin
}

// merge puts events in their places in one pass, as insert does one by one.
func (l *eventLog) merge(n *names, guess uint32, events []store.LoggedEvent) {
	events = slices.Clone(events)
	slices.SortStableFunc(events, compareEvents)
	var rest []byte // of those that are there
	if l.count > 0 {
		rest = l.data[l.head():]
	}
	*l = eventLog{data: make([]byte, headSize, headSize+len(rest)+len(events)*sizeOf(&events[0]))}
	l.setHead(headSize)
	copyOne := func() {
		place, size := len(l.data), sizeAt(rest)
		l.data, rest = append(l.data, rest[:size]...), rest[size:]
		if l.count++; l.count > 1 {
			l.mark(place)
			return
		}
		l.setMarked(place, 0)
		l.first = secondAt(l.data[place:])
	}
	for i := range events {
		e := &events[i]
		if i+1 < len(events) && compareEvents(*e, events[i+1]) == 0 {
			continue // the later one counts
		}
		for len(rest) > 0 {
			seq, at := placeOf(rest)
			if order := cmp.Or(cmp.Compare(at, e.At), cmp.Compare(seq, e.Seq)); order > 0 {
				break
			} else if order == 0 {
				rest = rest[sizeAt(rest):]
				break
			}
			copyOne()
		}
		l.append(n, guess, e)
	}
	for len(rest) > 0 {
		copyOne()
	}
}

func compareEvents(a, b store.LoggedEvent) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Seq, b.Seq))
}

// newest returns at most limit events from before a cursor, the newest first; the zero
// cursor is before nothing.
func (l *eventLog) newest(n *names, before store.EventCursor, limit int) []store.LoggedEvent {
	if l == nil || l.count == 0 || limit < 1 {
		return nil
	}
	end := len(l.data)
	if before != (store.EventCursor{}) {
		end = l.before(before.At, before.Seq)
	}
	var list []store.LoggedEvent
	for head := l.head(); end > head && len(list) < limit; {
		begin := end - sizeBefore(l.data[:end])
		list = append(list, unpackEvent(n, l.data[begin:end]))
		end = begin
	}
	return list
}

// frame is what the size of an event takes, which stands in front of it and at its end. Before
// that at the end stands its mark, which takes as much.
const frame = 4

func sizeAt(data []byte) int     { return int(binary.LittleEndian.Uint32(data)) }
func sizeBefore(data []byte) int { return int(binary.LittleEndian.Uint32(data[len(data)-frame:])) }

// Events implements [beckon.Store]. The events are copies. A contact that is not there
// has no events, and a limit below 1 returns none.
func (s *Store) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	sh := s.shard(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	f := sh.find(key, hashOf(s.seed, key.ID))
	return f.e.log().newest(&s.names, before, limit), nil
}
