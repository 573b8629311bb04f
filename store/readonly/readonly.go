// Package readonly wraps a store so that nothing can be written to it: for a tool that only
// looks at what another process runs on, such as a replay or a report.
package readonly

import (
	"context"
	"errors"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
)

// ErrReadOnly is the code of a step that was refused because it would write. It is about
// that step alone.
const ErrReadOnly fault.Code = "store_read_only"

// A Store is another store without its writes. It is as safe for concurrent use as that.
// Of what a store may also be it is nothing, such as a [store.Sizer].
type Store struct{ inner store.Store }

var _ store.Store = Store{}

// New returns s without its writes. s stays the caller's.
func New(s store.Store) Store { return Store{s} }

// Step decides each step on what the store has. A step that changes nothing succeeds; one
// that would has an [*fault.Error] of the code [ErrReadOnly] as its Err, and so has one on a
// record that cannot be read the error about that.
func (s Store) Step(ctx context.Context, steps []store.Step) error {
	var c store.Changes
	for i := range steps {
		x := &steps[i]
		err := s.inner.Read(ctx, []store.Key{x.Key}, func(rec *store.Record) error {
			c.Reset()
			if x.Err = x.Decide(rec, &c); x.Err == nil && !c.IsEmpty() {
				x.Err = &fault.Error{Code: ErrReadOnly, Message: "the store is opened for reading only: nothing was written"}
			}
			return nil
		})
		var damaged *store.DamagedError
		switch {
		case errors.As(err, &damaged):
			x.Err = err
		case err != nil:
			for j := range steps[i:] {
				steps[i+j].Err = err
			}
			return err
		}
	}
	return nil
}

// Read implements [store.Store].
func (s Store) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	return s.inner.Read(ctx, keys, fn)
}

// Scan implements [store.Store].
func (s Store) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	return s.inner.Scan(ctx, q, after, limit, fn)
}

// Events implements [store.Store].
func (s Store) Events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	return s.inner.Events(ctx, key, before, limit)
}

// Totals implements [store.Store].
func (s Store) Totals(ctx context.Context, message string) ([]store.Total, error) {
	return s.inner.Totals(ctx, message)
}
