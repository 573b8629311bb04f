package decide

import (
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// The limits of what is known of a contact or a company.
const (
	MaxAttributes   = 1000 // attributes of one contact or company
	MaxCompanies    = 1000 // companies of one contact
	MaxDecisions    = 500  // decisions of a contact that can be kept
	MaxUnsubscribed = 200  // entries of a contact's unsubscriptions, and as many choices of topics
)

// Limits are what the host has set of that which a decision is bound by.
type Limits struct {
	KnownOnly    bool                   // contacts that are not known are refused
	ExactEmail   bool                   // the letter case of an address counts
	Foreign      bool                   // companies of events count for every contact
	EventNames   int                    // active ones of a contact
	RecentEvents int                    // kept of a contact
	Repeats      int                    // events remembered of a contact
	SendLog      int                    // sends of a contact in its log
	Values       int                    // of a frequency's key, of one message, for one contact (F7)
	Composed     int                    // composed messages of a contact that are remembered
	Holds        int                    // waiting of one message, for one contact
	WaitingBytes int                    // of all that waits for a contact
	DeadLetters  int                    // of a contact
	Pending      int                    // deliveries of a contact in the outbox
	Lease        int64                  // milliseconds
	CheckEvery   int64                  // milliseconds
	SessionGap   int64                  // milliseconds
	RecentFor    int64                  // milliseconds
	RepeatsFor   int64                  // milliseconds
	Decisions    int                    // kept of a contact; 0: none
	WindowValues int                    // of a counter of values, for its window (A13)
	Sources      plan.Sources           // the channels that a source may trigger
	Workers      map[store.Channel]bool // their deliveries are left to the workers of the outbox
}

// RecentFrom returns the first second whose events are kept at now: what is exactly
// as old as they are kept is out (A6).
func (l *Limits) RecentFrom(now int64) int64 { return calendar.FloorSeconds(now-l.RecentFor) + 1 }

// Spelling returns an address as it was given, if it is that of the record under
// key, which has it in other letters (E1).
func (l *Limits) Spelling(key store.Key, email string) (string, bool) {
	if key.Kind != store.KindEmail {
		return "", false
	}
	text, ok := fold.EmailSpelling(email)
	return text, ok && text != key.ID && l.EmailID(text) == key.ID
}

// EmailID returns the id of the record that is kept under an address.
func (l *Limits) EmailID(spelling string) string {
	if l.ExactEmail {
		return fold.EmailDomain(spelling)
	}
	return fold.Email(spelling)
}

// SameEmail reports whether two spellings are of one address.
func (l *Limits) SameEmail(a, b string) bool {
	return a == b || len(a) == len(b) && l.EmailID(a) == l.EmailID(b)
}

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
func (d *Decision) hasRoom(p *store.Profile, h, without *store.Hold) bool {
	w := &d.Out.taken
	if p == nil {
		*w = waitingSize{events: make(map[waitingEvent]int)}
	} else if w.of != p || w.n != len(p.Holds) {
		*w = waitingSize{of: p, events: make(map[waitingEvent]int, len(p.Holds)+1)}
		for i := range p.Holds {
			w.put(&p.Holds[i], nil)
		}
	}
	if w.with(h, without) > d.In.Limits.WaitingBytes {
		return false
	}
	w.put(h, without)
	return true
}
