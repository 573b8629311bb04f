package sqlstore_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

const ofRow = " WHERE namespace = $1 AND kind = $2 AND id = $3"

// damage damages rows behind a store's back.
func damage() storetest.Damage {
	of := func(t *testing.T, s beckon.Store) *sqlstore.Store {
		t.Helper()
		store, ok := s.(*sqlstore.Store)
		if !ok {
			t.Fatalf("a %T", s)
		}
		return store
	}
	flip := func(t *testing.T, s *sqlstore.Store, table, column, where string, args []any) {
		t.Helper()
		data := sqlstore.Bytes(t, s, "SELECT "+column+" FROM "+table+where, args...)
		data[len(data)/2] ^= 1
		sqlstore.Exec(t, s, "UPDATE "+table+" SET "+column+" = $"+string('1'+rune(len(args)))+where, append(args, data)...)
	}
	return storetest.Damage{
		Record: func(t *testing.T, s beckon.Store, key store.Key) {
			store := of(t, s)
			flip(t, store, "beckon_records", "state", ofRow, sqlstore.Place(store, key))
		},
		Event: func(t *testing.T, s beckon.Store, key store.Key, at store.EventCursor) {
			store := of(t, s)
			flip(t, store, "beckon_events", "data", ofRow+" AND at = $4 AND seq = $5", append(sqlstore.Place(store, key), at.At, int64(at.Seq)))
		},
		Move: func(t *testing.T, s beckon.Store, from, to store.Key) {
			store := of(t, s)
			state := sqlstore.Bytes(t, store, "SELECT state FROM beckon_records"+ofRow, sqlstore.Place(store, from)...)
			sqlstore.Exec(t, store, "UPDATE beckon_records SET state = $4"+ofRow, append(sqlstore.Place(store, to), state)...)
		},
	}
}

// An event that was moved into the log of another record, or to another place, is
// damaged.
func TestMovedEvent(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			s := p.open(t)
			for _, id := range []string{"a", "b", "c"} {
				steps := []store.Step{{Key: user(id), Decider: decide(func(_ *store.Record, c *store.Changes) error {
					c.Events, c.KeepEvents = append(c.Events, store.LoggedEvent{Seq: 1, At: 1, EventID: id}), 10
					return nil
				})}}
				if err := errors.Join(s.Step(t.Context(), steps), steps[0].Err); err != nil {
					t.Fatal(err)
				}
			}
			data := sqlstore.Bytes(t, s, "SELECT data FROM beckon_events"+ofRow, sqlstore.Place(s, user("a"))...)
			sqlstore.Exec(t, s, "UPDATE beckon_events SET data = $4"+ofRow, append(sqlstore.Place(s, user("b")), data)...)
			sqlstore.Exec(t, s, "UPDATE beckon_events SET at = 2"+ofRow, sqlstore.Place(s, user("c"))...)
			for _, id := range []string{"b", "c"} {
				if list, err := s.Events(t.Context(), user(id), store.EventCursor{}, 10); !errors.Is(err, store.ErrDataCorrupt) || len(list) > 0 {
					t.Errorf("%s: %v, %v", id, list, err)
				}
			}
		})
	}
}

// A record with a long id is found damaged by a scan that cannot know the id: the
// key that it tells is one by which it can be deleted.
func TestDamagedLongID(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			s := p.open(t)
			long := user(strings.Repeat("x", 5000))
			if err := add(t.Context(), s, long); err != nil {
				t.Fatal(err)
			}
			damage().Record(t, s, long)
			var told []store.Key
			scan := func() {
				t.Helper()
				told = nil
				q := store.Query{Kinds: []store.Kind{store.KindUser}, Damaged: func(key store.Key, _ error) { told = append(told, key) }}
				if _, err := s.Scan(t.Context(), q, "", 10, func(*store.Record) error { return nil }); err != nil {
					t.Fatal(err)
				}
			}
			if scan(); len(told) != 1 {
				t.Fatalf("told of %q", told)
			}
			engine, err := beckon.New(s)
			if err != nil {
				t.Fatal(err)
			}
			if err := engine.DropDamaged(t.Context(), told...); err != nil {
				t.Fatal(err)
			}
			if scan(); len(told) > 0 || add(t.Context(), s, long) != nil || seen(t, s, long) != 1 {
				t.Errorf("told of %q still", told)
			}
		})
	}
}

// One row with attributes that are no JSON keeps no other from being found by a
// filter.
func TestDamagedAttributes(t *testing.T) {
	for name, p := range places(t) {
		if name != "sqlite" {
			continue // PostgreSQL takes no such column
		}
		s := p.open(t)
		engine, err := beckon.New(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"a", "b", "c"} {
			if _, err := engine.Update(t.Context(), beckon.Contact{UserID: id, Attributes: beckon.Attributes{"plan": beckon.String("pro")}}); err != nil {
				t.Fatal(err)
			}
		}
		sqlstore.Exec(t, s, "UPDATE beckon_records SET attributes = '{\"plan'"+ofRow, sqlstore.Place(s, user("b"))...)
		if n, err := engine.Count(t.Context(), beckon.User("plan").Is("pro")); err != nil || n != 3 {
			t.Errorf("counted %d, %v; want 3: what the rule judges is whole", n, err)
		}
	}
}
