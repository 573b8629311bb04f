// Package ahead is what a run has decided of contacts before its consumer has come to them:
// what is handed out, and what is taken back because something came between.
package ahead

import (
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/store"
)

// An Item is one contact that a run has decided and is to hand out.
type Item struct {
	Key        store.Key // where it was decided
	Decision   *decide.Decision
	Err        error
	Deliveries []store.Delivery
	Got        int     // so many of them the consumer has
	Free       []int64 // of a worker: when the leases before had ended, Unix milliseconds

	Before *Item // one that is to be decided first
	Open   bool  // the decision needs more

	Decided bool // and committed, as the store says
	Unsure  bool // it may be committed: the store has failed

	mu      sync.Mutex     // guards what follows; nobody holds it in a call of the store
	places  map[string]int // of the deliveries, by ID; nil: not asked for yet
	gone    bool           // it is handed out, or taken back
	back    bool           // it was taken back, to be decided again
	leaving bool           // it is being taken back
	lost    error          // why it could not be taken back

	Rollback *decide.Rollback // what took it back

	HeldTold bool // to observers
	Told     int  // so many deliveries
}

// Decide implements [store.Decider]: an item waits for the one before it.
func (it *Item) Decide(rec *store.Record, c *store.Changes) error {
	for it.Before != nil && it.Before.Err != nil { // it is refused, and says nothing of those before it
		it.Before = it.Before.Before
	}
	if it.Open = it.Before != nil && it.Before.Open; it.Open {
		it.Decision.Begin(rec, c) // and needs nothing more itself
		return decide.ErrNeed
	}
	err := it.Decision.Decide(rec, c)
	it.Open = errors.Is(err, decide.ErrNeed)
	return err
}

// Batches are what runs have decided ahead, by contact.
type Batches struct {
	size  atomic.Int64 // contacts
	mu    sync.Mutex
	items map[store.Key][]*Item
}

// Add lets calls find what was decided of contacts, except for what workers have.
func (b *Batches) Add(items []Item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.items == nil {
		b.items = make(map[store.Key][]*Item)
	}
	for i := range items {
		if it := &items[i]; len(it.Deliveries) > 0 && !it.Queued() {
			b.items[it.Key] = append(b.items[it.Key], it)
		}
	}
	b.size.Store(int64(len(b.items)))
}

// Remove ends what [Batches.Add] began: calls find these items no more.
func (b *Batches) Remove(items []Item) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range items {
		key := items[i].Key
		list := slices.DeleteFunc(b.items[key], func(it *Item) bool { return it == &items[i] })
		if b.items[key] = list; len(list) == 0 {
			delete(b.items, key)
		}
	}
	b.size.Store(int64(len(b.items)))
}

// Of returns what was decided ahead of a contact.
func (b *Batches) Of(key store.Key) []*Item {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.items[key])
}

// Size returns of how many contacts something was decided ahead.
func (b *Batches) Size() int { return int(b.size.Load()) }

// IsSettled reports whether nothing is left to tell of it: it stands, or was taken back.
func (it *Item) IsSettled() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	return !it.leaving && it.lost == nil
}

// MayBe reports whether its deliveries may be committed although the store has failed, and
// nobody has them then. With the outbox the workers do.
func (it *Item) MayBe() bool { return it.Unsure && !it.Open && !it.Decision.In.Outbox }

// Queued reports whether workers have some of what was decided: then it stands, whatever
// happens before it is handed out.
func (it *Item) Queued() bool {
	return slices.ContainsFunc(it.Deliveries, func(d store.Delivery) bool { return d.IsQueued() })
}

// Next takes one more delivery to be handed out; false if they were taken back.
func (it *Item) Next() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	if !it.back {
		it.Got++
	}
	return !it.back
}

// Undo returns the decision that takes back what is not handed out.
func (it *Item) Undo() func(*store.Record, *store.Changes) error {
	if it.Decision != nil {
		it.Rollback = it.Decision.Rollback(it.Got)
		if it.Unsure {
			return it.undoUnsure
		}
		return it.Rollback.Decide
	}
	return func(rec *store.Record, c *store.Changes) error {
		for i := it.Got; i < len(it.Deliveries); i++ {
			decide.UndoLease(rec, c, &it.Deliveries[i], it.Free[i])
		}
		return nil
	}
}

// undoUnsure writes in any case: a commit that is still under way then finds another record than
// it was decided on, and comes to nothing.
func (it *Item) undoUnsure(rec *store.Record, c *store.Changes) error {
	err := it.Rollback.Decide(rec, c)
	c.Touch = c.Touch || rec.Exists
	return err
}

// Waits reports whether one of some deliveries is among those that may be taken back, or are
// being.
func (it *Item) Waits(about []store.Delivery) bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.gone || it.Got == len(it.Deliveries) {
		return it.leaving
	}
	for i := range about {
		if it.Got > 0 && it.Deliveries[it.Got-1].ID == about[i].ID {
			continue // mostly it is the one in hand
		}
		if it.places == nil {
			it.places = make(map[string]int, len(it.Deliveries))
			for n := range it.Deliveries {
				it.places[it.Deliveries[n].ID] = n
			}
		}
		if n, known := it.places[about[i].ID]; known && n >= it.Got {
			return true
		}
	}
	return false
}

// Take takes an item to be handed out; false if it was taken back.
func (it *Item) Take() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	if !it.back {
		it.gone = true
	}
	return !it.back
}

// Withdraw takes an item to be taken back; false if it is handed out, or another is at it.
func (it *Item) Withdraw() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.gone {
		return false
	}
	it.gone, it.back, it.leaving = true, true, true
	return true
}

// State reports whether it is being taken back, or why it could not be.
func (it *Item) State() (leaving bool, lost error) {
	it.mu.Lock()
	defer it.mu.Unlock()
	return it.leaving, it.lost
}

// Left says that it was taken back, or why it could not be.
func (it *Item) Left(err error) {
	it.mu.Lock()
	defer it.mu.Unlock()
	it.leaving, it.lost = false, err
}

// Again lets what could not be taken back be taken back once more.
func (it *Item) Again() {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.lost != nil {
		it.back, it.lost, it.Rollback = false, nil, nil
	}
}

// Unsent returns the items with deliveries that nobody has got, which are taken back from
// now on. Those that workers have some of are not to be decided again.
func Unsent(items []Item, again bool) (list []*Item) {
	for i := range items {
		it := &items[i]
		if again && it.Queued() {
			continue
		}
		it.mu.Lock()
		if !it.back && it.Got < len(it.Deliveries) {
			it.back, it.leaving = true, true
			list = append(list, it)
		}
		it.gone = true
		it.mu.Unlock()
	}
	return list
}
