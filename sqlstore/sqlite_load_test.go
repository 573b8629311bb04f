package sqlstore

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
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

// A decision that ends its goroutine leaves nothing written of its group, and is an error.
func TestDecisionEndsGoroutine(t *testing.T) {
	s, err := OpenSQLite(t.Context(), t.TempDir()+"/beckon.db")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	count := func(end bool) error {
		steps := make([]store.Step, 2*fewUnits)
		for i := range steps {
			steps[i] = store.Step{Key: store.Key{Kind: store.KindUser, ID: string(rune('a' + i))}, Decider: decide(func(r *store.Record, c *store.Changes) error {
				if end && i == fewUnits {
					runtime.Goexit()
				}
				c.EventSeq, c.Touch = r.EventSeq+1, true
				return nil
			})}
		}
		return s.Step(t.Context(), steps)
	}
	if err := count(true); err == nil {
		t.Error("no error")
	}
	if err := count(false); err != nil {
		t.Fatal(err)
	}
	if err := s.Read(t.Context(), []store.Key{{Kind: store.KindUser, ID: "a"}}, func(r *store.Record) error {
		if r.EventSeq != 1 {
			t.Errorf("counted %d", r.EventSeq)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// A profile that has the attributes of the one before is written with what else follows
// from it.
func TestKeptColumns(t *testing.T) {
	s, err := OpenSQLite(t.Context(), t.TempDir()+"/beckon.db")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	attributes := []store.Attribute{store.NewAttribute("email", value.String("Ada@x.test"))}
	for _, c := range []struct {
		change func(*store.Profile)
		want   string
	}{
		{func(p *store.Profile) { p.Attributes = attributes }, "ada@x.test due - marks 8"},
		{func(p *store.Profile) { p.Holds = []store.Hold{{Due: 7}} }, "ada@x.test due 7 marks 8"},
		{func(p *store.Profile) { p.Holds, p.Moving = nil, store.Key{Kind: store.KindUser, ID: "v"} }, "ada@x.test due - marks 9"},
		{func(p *store.Profile) { p.Forward, p.Moving = p.Moving, store.Key{} }, "- due - marks 10"},
		{func(p *store.Profile) { p.Forward = store.Key{} }, "ada@x.test due - marks 8"},
		{func(p *store.Profile) { p.Attributes = nil }, "- due - marks 8"},
	} {
		steps := []store.Step{{Key: store.Key{Kind: store.KindUser, ID: "u"}, Decider: decide(func(r *store.Record, ch *store.Changes) error {
			p := store.Profile{Created: 1}
			if r.Profile != nil {
				p = *r.Profile
			}
			c.change(&p)
			ch.Profile = &p
			return nil
		})}}
		if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
			t.Fatal(err, steps[0].Err)
		}
		got := Bytes(t, s, "SELECT coalesce(email, '-') || ' due ' || coalesce(next_due, '-') || ' marks ' || marks FROM beckon_records")
		if string(got) != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
