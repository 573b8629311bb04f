package sqlstore

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/store"
)

// Rows that are loaded together are each its own record's: of several kinds, there or not,
// with ids of any length, in a group that is decided while it is written.
func TestGroupLoadsRows(t *testing.T) {
	s, err := OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	var keys []store.Key
	for kind, n := range map[store.Kind]int{store.KindUser: 100, store.KindEmail: 1, store.KindAnonymous: 3, store.KindCompany: 2*mostLoaded + 1} {
		for i := range n {
			id := fmt.Sprintf("%d", i*7)
			if i%10 == 3 {
				id = strings.Repeat("long", 400) + id
			}
			keys = append(keys, store.Key{Kind: kind, ID: id})
		}
	}
	refused := errors.New("refused")
	for round := range 4 {
		steps := make([]store.Step, len(keys))
		for i, key := range keys {
			want := uint64(round) // each third one is not there before the second round, and refuses the last
			if i%3 == 0 {
				want = uint64(max(round-1, 0))
			}
			steps[i] = store.Step{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error {
				if r.Key != key || r.EventSeq != want || r.Exists != (want > 0) {
					t.Errorf("round %d: %v is %+v, want %d", round, key, r, want)
				}
				switch {
				case i%3 == 0 && round == 0:
					return nil
				case i%3 == 0 && round == 3:
					c.EventSeq, c.Touch = 99, true
					return refused
				}
				c.EventSeq, c.Touch = want+1, true
				return nil
			})}
		}
		if err := s.Step(t.Context(), steps); err != nil {
			t.Fatal(err)
		}
		for i := range steps {
			if is := errors.Is(steps[i].Err, refused); is != (i%3 == 0 && round == 3) {
				t.Errorf("round %d: %v: %v", round, steps[i].Key, steps[i].Err)
			}
		}
	}
	at := 0
	if err := s.Read(t.Context(), keys, func(r *store.Record) error {
		want := uint64(4)
		if at%3 == 0 {
			want = 2
		}
		if r.Key != keys[at] || r.EventSeq != want {
			t.Errorf("%v is %+v, want %d", keys[at], r, want)
		}
		at++
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// SQLite's log is emptied seldom, but often where only what is out of it is safe.
func TestLogIsEmptied(t *testing.T) {
	for _, c := range []struct {
		opts []Option
		want int
	}{{nil, fullLog}, {[]Option{WithNormalSync()}, 1000}} {
		s, err := OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "x.db"), c.opts...)
		if err != nil {
			t.Fatal(err)
		}
		var pages int
		_, err = s.db.(*lite).writer.row(t.Context(), "PRAGMA wal_autocheckpoint", nil, &pages)
		if err != nil || pages != c.want {
			t.Errorf("after %d pages, want %d; %v", pages, c.want, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
