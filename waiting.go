package beckon

import (
	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A waitingSize is how much the holds of a profile take, as far as it was counted.
type waitingSize struct {
	of     *store.Profile // of this one, when it had n holds; nil: not counted
	n      int
	bytes  int
	events map[waitingEvent]int // by how many of them
}

// A waitingEvent tells the event of a hold from others: holds of one event share its
// fields, and a store keeps them once.
type waitingEvent struct {
	seq   uint64
	at    int64
	field *value.Field
	page  *store.Page
}

func waitingEventOf(e *store.LoggedEvent) waitingEvent {
	id := waitingEvent{seq: e.Seq, at: e.At, page: e.Page}
	if len(e.Metadata) > 0 {
		id.field = &e.Metadata[0]
	}
	return id
}

// eventSize returns about how many bytes an event takes in a record.
func eventSize(e *store.LoggedEvent) int {
	n := 32 + len(intern.Text(e.Name)) + len(e.EventID) + len(e.CompanyID) + len(e.Source)
	if e.Page != nil {
		n += 16 + len(e.Page.URL) + len(peek.Of(&e.Page.Seconds).Str)
	}
	for i := range e.Metadata {
		n += 16 + len(e.Metadata[i].Key) + len(peek.Of(&e.Metadata[i].Value).Str)
	}
	return n
}

// holdSize returns about how many bytes a hold takes in a record, without its event.
func holdSize(h *store.Hold) int { return 32 + len(h.Message) + len(h.Company) + len(h.Same) }

// with returns the size when one more waits, in the place of another if that is not nil.
func (w *waitingSize) with(h, without *store.Hold) int {
	n, id := w.bytes+holdSize(h), waitingEventOf(&h.Event)
	if w.events[id] == 0 {
		n += eventSize(&h.Event)
	}
	if without != nil {
		n -= holdSize(without)
		if was := waitingEventOf(&without.Event); w.events[was] == 1 && was != id {
			n -= eventSize(&without.Event)
		}
	}
	return n
}

// put takes in that one more waits, in the place of another if that is not nil.
func (w *waitingSize) put(h, without *store.Hold) {
	w.bytes = w.with(h, without)
	w.events[waitingEventOf(&h.Event)]++
	if without != nil {
		w.events[waitingEventOf(&without.Event)]--
		return
	}
	w.n++
}

// hasRoom reports whether one more may wait in the contact, in the place of another
// if that is not nil, and takes it in if so. p is the profile as it is after the
// occasion; nil if there is none.
func (d *decision) hasRoom(p *store.Profile, h, without *store.Hold) bool {
	w := &d.out.taken
	if p == nil {
		*w = waitingSize{events: make(map[waitingEvent]int)}
	} else if w.of != p || w.n != len(p.Holds) {
		*w = waitingSize{of: p, events: make(map[waitingEvent]int, len(p.Holds)+1)}
		for i := range p.Holds {
			w.put(&p.Holds[i], nil)
		}
	}
	if w.with(h, without) > d.in.limits.waitingBytes {
		return false
	}
	w.put(h, without)
	return true
}
