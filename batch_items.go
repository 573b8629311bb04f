package beckon

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// An item is one contact that a run has decided and is to hand out.
type item struct {
	key        store.Key // where it was decided
	d          *decide.Decision
	err        error
	deliveries []Delivery
	got        int     // so many of them the consumer has
	free       []int64 // of a worker: when the leases before had ended, Unix milliseconds

	before *item // one that is to be decided first
	open   bool  // the decision needs more

	decided bool // and committed, as the store says

	mu      sync.Mutex     // guards what follows; nobody holds it in a call of the store
	places  map[string]int // of the deliveries, by ID; nil: not asked for yet
	gone    bool           // it is handed out, or taken back
	back    bool           // it was taken back, to be decided again
	leaving bool           // it is being taken back
	lost    error          // why it could not be taken back

	rollback *decide.Rollback // what took it back

	heldTold bool // to observers
	told     int  // so many deliveries
}

// Decide implements [store.Decider]: an item waits for the one before it.
func (it *item) Decide(rec *store.Record, c *store.Changes) error {
	for it.before != nil && it.before.err != nil { // it is refused, and says nothing of those before it
		it.before = it.before.before
	}
	if it.open = it.before != nil && it.before.open; it.open {
		it.d.Begin(rec, c) // and needs nothing more itself
		return decide.ErrNeed
	}
	err := it.d.Decide(rec, c)
	it.open = errors.Is(err, decide.ErrNeed)
	return err
}

// batches are what runs have decided ahead, by contact.
type batches struct {
	size  atomic.Int64 // contacts
	mu    sync.Mutex
	items map[store.Key][]*item
}

func (b *batches) add(items []item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.items == nil {
		b.items = make(map[store.Key][]*item)
	}
	for i := range items {
		if it := &items[i]; len(it.deliveries) > 0 && !it.queued() {
			b.items[it.key] = append(b.items[it.key], it)
		}
	}
	b.size.Store(int64(len(b.items)))
}

func (b *batches) remove(items []item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range items {
		key := items[i].key
		list := slices.DeleteFunc(b.items[key], func(it *item) bool { return it == &items[i] })
		if b.items[key] = list; len(list) == 0 {
			delete(b.items, key)
		}
	}
	b.size.Store(int64(len(b.items)))
}

// of returns what was decided ahead of a contact.
func (b *batches) of(key store.Key) []*item {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.items[key])
}

// any reports whether there is anything.
func (b *batches) any() bool { return b.size.Load() > 0 }

// isSettled reports whether nothing is left to tell of it: it stands, or was taken back.
func (it *item) isSettled() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	return !it.leaving && it.lost == nil
}

// queued reports whether workers have some of what was decided: then it stands, whatever
// happens before it is handed out.
func (it *item) queued() bool {
	return slices.ContainsFunc(it.deliveries, func(d Delivery) bool { return d.IsQueued() })
}

// next takes one more delivery to be handed out; false if they were taken back.
func (it *item) next() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	if !it.back {
		it.got++
	}
	return !it.back
}

// undo returns the decision that takes back what is not handed out.
func (it *item) undo() func(*store.Record, *store.Changes) error {
	if it.d != nil {
		it.rollback = it.d.Rollback(it.got)
		return it.rollback.Decide
	}
	return func(rec *store.Record, c *store.Changes) error {
		for i := it.got; i < len(it.deliveries); i++ {
			decide.UndoLease(rec, c, &it.deliveries[i], it.free[i])
		}
		return nil
	}
}

// waits reports whether one of some deliveries is among those that may be taken back, or are
// being.
func (it *item) waits(about []Delivery) bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.gone || it.got == len(it.deliveries) {
		return it.leaving
	}
	for i := range about {
		if it.got > 0 && it.deliveries[it.got-1].ID == about[i].ID {
			continue // mostly it is the one in hand
		}
		if it.places == nil {
			it.places = make(map[string]int, len(it.deliveries))
			for n := range it.deliveries {
				it.places[it.deliveries[n].ID] = n
			}
		}
		if n, known := it.places[about[i].ID]; known && n >= it.got {
			return true
		}
	}
	return false
}

// take takes an item to be handed out; false if it was taken back.
func (it *item) take() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	if !it.back {
		it.gone = true
	}
	return !it.back
}

// withdraw takes an item to be taken back; false if it is handed out, or another is at it.
func (it *item) withdraw() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.gone {
		return false
	}
	it.gone, it.back, it.leaving = true, true, true
	return true
}

// state reports whether it is being taken back, or why it could not be.
func (it *item) state() (leaving bool, lost error) {
	it.mu.Lock()
	defer it.mu.Unlock()
	return it.leaving, it.lost
}

// left says that it was taken back, or why it could not be.
func (it *item) left(err error) {
	it.mu.Lock()
	defer it.mu.Unlock()
	it.leaving, it.lost = false, err
}

// again lets what could not be taken back be taken back once more.
func (it *item) again() {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.lost != nil {
		it.back, it.lost, it.rollback = false, nil, nil
	}
}

// unsent returns the items with deliveries that nobody has got, which are taken back from
// now on. Those that workers have some of are not to be decided again.
func unsent(items []item, again bool) (list []*item) {
	for i := range items {
		it := &items[i]
		if again && it.queued() {
			continue
		}
		it.mu.Lock()
		if !it.back && it.got < len(it.deliveries) {
			it.back, it.leaving = true, true
			list = append(list, it)
		}
		it.gone = true
		it.mu.Unlock()
	}
	return list
}
