package replay

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/store/readonly"
)

// A Window says which part of what a store has kept is played. Zero times set no bound.
type Window struct {
	Since time.Time // events that arrived before are not played, but known from the beginning
	Until time.Time // events that arrived at this instant or later are left out
	// Held is how many events are played after one reading of the store, which holds twice as
	// many in memory: DefaultHeld if it is 0 or less. With more events than that the store is
	// read again for each so many.
	Held int
}

// The measures of [Kept].
const (
	DefaultHeld = 200_000 // events that are played after one reading of the store
	keptPage    = 500     // contacts that are read at a time
	eventPage   = 1000    // events of a contact that are read at a time
)

// Kept returns what a store has kept of its contacts as steps, in order of time: their events
// in the order in which they arrived, and each contact that was made within the window when it
// was made. Contacts from before are there from the beginning, with what was counted of them
// and sent to them before the window. It only reads: the store may be in use, and
// [readonly.Store] refuses all else.
//
// What a store has not kept cannot be played:
//
//   - Visits, sweeps and runs of Due are not kept. See [Ticking] for those that time brings.
//   - Attributes, companies, consent and choices are as they are now, also at the beginning.
//   - Events are kept for 90 days, and at most 1,000 a contact, unless the engine was told
//     otherwise. Of a name that occurred before, the count is exact, and the last time is
//     that of the first occurrence if nothing later is known.
//   - Counters of events with metadata count what is kept.
//   - What waited before the window, walks of series, goals, a snooze, and pauses and stops of
//     messages are left out. A series that was entered before the window is over.
//   - Identities that were merged are one contact from the beginning.
//
// Imported events count, and trigger nothing, as when they were imported.
//
// A record that cannot be read is yielded as a [*store.DamagedError], and the rest go on. Any
// other error of the store is yielded last; a nil store is an error, too.
func Kept(ctx context.Context, s beckon.Store, w Window) iter.Seq2[Step, error] {
	if w.Held <= 0 {
		w.Held = DefaultHeld
	}
	return func(yield func(Step, error) bool) {
		if s == nil {
			yield(Step{}, errors.New("replay: Kept: the store is nil"))
			return
		}
		k := &keeping{ctx: ctx, store: readonly.New(s), since: milli(w.Since), until: milli(w.Until), held: w.Held, yield: yield}
		if err := k.all(); err != nil && !errors.Is(err, errEnough) {
			yield(Step{}, err)
		}
	}
}

// milli returns an instant in Unix milliseconds; 0 for none.
func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// errEnough ends a sequence whose consumer has enough.
var errEnough = errors.New("enough")

// A keeping is one sequence under way. It goes over the store again and again, and takes
// from it each time the earliest of what it has not yielded yet.
type keeping struct {
	ctx          context.Context
	store        store.Store
	since, until int64 // Unix milliseconds; 0: no bound
	held         int
	yield        func(Step, error) bool

	list  []happened // the earliest, at most twice held
	after happened   // what was yielded last; zero before
	more  bool       // some did not find room
}

// A happened is an event of a contact, or its making.
type happened struct {
	at    int64 // Unix milliseconds of the arrival
	key   store.Key
	seq   uint64 // 0: the making
	event store.LoggedEvent
	made  *beckon.Contact // nil of an event
}

func (a *happened) compare(b *happened) int {
	return cmp.Or(cmp.Compare(a.at, b.at), a.key.Compare(b.key), cmp.Compare(a.seq, b.seq))
}

func (k *keeping) all() error {
	if err := k.companies(); err != nil {
		return err
	}
	for first := true; first || k.more; first = false {
		k.list, k.more = k.list[:0], false
		if err := k.pass(first); err != nil {
			return err
		}
		k.cut(k.held)
		for i := range k.list {
			if err := k.tell(k.list[i].step(), nil); err != nil {
				return err
			}
		}
		if len(k.list) > 0 {
			k.after = k.list[len(k.list)-1]
		}
	}
	return nil
}

func (k *keeping) tell(s Step, err error) error {
	if !k.yield(s, err) {
		return errEnough
	}
	return nil
}

// scan reads all records of some kinds, by pages; between them the store can be asked.
func (k *keeping) scan(kinds []store.Kind, tell bool, take func(*store.Record) error, page func() error) error {
	var damaged []error
	q := store.Query{Kinds: kinds, Damaged: func(_ store.Key, err error) { damaged = append(damaged, err) }}
	for cursor, first := store.Cursor(""), true; first || cursor != ""; first = false {
		var err error
		if cursor, err = k.store.Scan(k.ctx, q, cursor, keptPage, take); err != nil {
			return err
		}
		for _, bad := range damaged {
			if tell {
				if err := k.tell(Step{}, bad); err != nil {
					return err
				}
			}
		}
		damaged = damaged[:0]
		if err := page(); err != nil {
			return err
		}
	}
	return nil
}

// companies yields the companies, as they are.
func (k *keeping) companies() error {
	var list []*given
	return k.scan([]store.Kind{store.KindCompany}, true, func(rec *store.Record) error {
		list = append(list, &given{rec.Key, store.Changes{Touch: true, Profile: ownProfile(rec.Profile)}})
		return nil
	}, func() error {
		for _, g := range list {
			if err := k.tell(Step{kind: givenStep, given: g}, nil); err != nil {
				return err
			}
		}
		list = list[:0]
		return nil
	})
}

// pass goes over all contacts. The first one yields what was there from the beginning.
func (k *keeping) pass(first bool) error {
	var page []known
	return k.scan([]store.Kind{store.KindUser, store.KindContact, store.KindEmail, store.KindAnonymous}, first, func(rec *store.Record) error {
		if p := rec.Profile; p == nil || p.Forward.IsZero() {
			page = append(page, knownOf(rec))
		}
		return nil
	}, func() error {
		for i := range page {
			if err := k.contact(&page[i], first); err != nil {
				return err
			}
		}
		clear(page)
		page = page[:0]
		return nil
	})
}

// contact takes in one contact.
func (k *keeping) contact(c *known, first bool) error {
	events, err := k.events(c, first)
	if err != nil {
		return err
	}
	begins := 0 // the first event of the window
	slices.SortFunc(events, func(a, b store.LoggedEvent) int { return cmp.Compare(a.Seq, b.Seq) })
	for begins < len(events) && events[begins].Arrived < k.since {
		begins++
	}
	ends := begins
	for ends < len(events) && (k.until == 0 || events[ends].Arrived < k.until) {
		ends++
	}
	switch {
	case c.from(k.since) || c.seq > uint64(len(events)):
		if first {
			if err := k.tell(Step{kind: givenStep, given: c.before(events, begins, k.since)}, nil); err != nil {
				return err
			}
		}
	case c.contact.hasMore() && (k.until == 0 || c.created < k.until):
		made := c.contact.Contact // the page is used again
		k.take(happened{at: c.created, key: c.key, made: &made})
	}
	for i := begins; i < ends; i++ {
		k.take(happened{at: events[i].Arrived, key: c.key, seq: events[i].Seq, event: events[i]})
	}
	return nil
}

// events reads the log of a contact. What of it cannot be read is told the first time.
func (k *keeping) events(c *known, first bool) (all []store.LoggedEvent, err error) {
	if c.seq == 0 {
		return nil, nil
	}
	for before := (store.EventCursor{}); ; {
		list, err := k.store.Events(k.ctx, c.key, before, eventPage)
		all = append(all, list...)
		var damaged *store.DamagedError
		switch {
		case errors.As(err, &damaged) && damaged.Event != nil:
			if first {
				if err := k.tell(Step{}, err); err != nil {
					return nil, err
				}
			}
			before = *damaged.Event
		case err != nil:
			return nil, err
		case len(list) < eventPage:
			return all, nil
		default:
			last := &list[len(list)-1]
			before = store.EventCursor{At: last.At, Seq: last.Seq}
		}
	}
}

// take takes in what happened, unless it was yielded or comes later than there is room for.
func (k *keeping) take(x happened) {
	if k.after.at != 0 && x.compare(&k.after) <= 0 {
		return
	}
	if k.list = append(k.list, x); len(k.list) >= 2*k.held {
		k.cut(k.held)
	}
}

// cut leaves the earliest n, in their order.
func (k *keeping) cut(n int) {
	slices.SortFunc(k.list, func(a, b happened) int { return a.compare(&b) })
	if len(k.list) > n {
		clear(k.list[n:])
		k.list, k.more = k.list[:n], true
	}
}
