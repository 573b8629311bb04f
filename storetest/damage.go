package storetest

import (
	"cmp"
	"context"
	"errors"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A damage is what of a [FaultStore] cannot be read.
type damage struct {
	records map[store.Key]error
	events  map[store.Key]store.EventCursor
}

// errDamaged is what is wrong with what a FaultStore has damaged.
func errDamaged() error {
	return &beckon.Error{Code: store.ErrDataCorrupt, Message: "stored data is damaged, as the test wants it"}
}

// Damage makes a record unreadable, until a step deletes or clears it. Indices still
// find it.
func (f *FaultStore) Damage(key store.Key) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.damage.records == nil {
		f.damage.records = make(map[store.Key]error)
	}
	f.damage.records[key] = store.Damaged(key, nil, errDamaged())
}

// DamageEvent makes one event in the log of a record unreadable: the latest one that
// it was called for.
func (f *FaultStore) DamageEvent(key store.Key, at store.EventCursor) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.damage.events == nil {
		f.damage.events = make(map[store.Key]store.EventCursor)
	}
	f.damage.events[key] = at
}

// damaged returns why a record cannot be read; nil if it can.
func (f *FaultStore) damaged(key store.Key) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.damage.records[key]
}

// mended has a record that was deleted or cleared be read again, and its log.
func (f *FaultStore) mended(key store.Key) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.damage.records, key)
	delete(f.damage.events, key)
}

// stepDamaged is Step where records may be damaged.
func (f *FaultStore) stepDamaged(ctx context.Context, steps []store.Step) error {
	inner := make([]store.Step, len(steps))
	fresh := make(map[store.Key]bool) // by a step of this call
	for i := range steps {
		asked := &steps[i]
		inner[i] = store.Step{Key: asked.Key, Decider: decide(func(rec *store.Record, c *store.Changes) error {
			broken := f.damaged(asked.Key)
			if broken == nil || fresh[asked.Key] {
				return asked.Decide(rec, c)
			}
			if err := asked.DecideDamaged(broken, c); err != nil {
				return err
			}
			fresh[asked.Key] = !c.IsEmpty()
			return nil
		})}
	}
	err := f.store.Step(ctx, inner)
	for i := range steps {
		steps[i].Err = inner[i].Err
		if err == nil && inner[i].Err == nil && fresh[steps[i].Key] {
			f.mended(steps[i].Key)
		}
	}
	return err
}

// readDamaged is Read where records may be damaged.
func (f *FaultStore) readDamaged(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	for i, key := range keys {
		if broken := f.damaged(key); broken != nil {
			return cmp.Or(f.store.Read(ctx, keys[:i], fn), broken)
		}
	}
	return f.store.Read(ctx, keys, fn)
}

// scanDamaged is Scan where records may be damaged.
func (f *FaultStore) scanDamaged(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	return f.store.Scan(ctx, q, after, limit, func(rec *store.Record) error {
		broken := f.damaged(rec.Key)
		switch {
		case broken == nil:
			return fn(rec)
		case q.Damaged == nil:
			return broken
		}
		q.Damaged(rec.Key, broken)
		return nil
	})
}

// eventsDamaged is Events where one may be damaged.
func (f *FaultStore) eventsDamaged(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	list, err := f.store.Events(ctx, key, before, limit)
	f.mu.Lock()
	at, damaged := f.damage.events[key]
	f.mu.Unlock()
	for i := range list {
		if damaged && (store.EventCursor{At: list[i].At, Seq: list[i].Seq}) == at {
			return list[:i], errors.Join(err, store.Damaged(key, &at, errDamaged()))
		}
	}
	return list, err
}
