package sqlstore

import (
	"errors"
	"slices"
	"testing"
	"unique"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A name whose number was rolled back has none: the number may be another name's next.
func TestTermNumberRolledBack(t *testing.T) {
	s, err := OpenSQLite(t.Context(), t.TempDir()+"/beckon.db")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	step := func(id, attribute string) error {
		steps := []store.Step{{Key: store.Key{Kind: store.KindUser, ID: id}, Decider: decide(func(_ *store.Record, c *store.Changes) error {
			c.Profile = &store.Profile{Attributes: []store.Attribute{store.NewAttribute(attribute, value.String("x"))}}
			c.Totals = []store.Increment{{Message: "m", Name: "sent", N: 1}}
			return nil
		})}}
		if err := s.Step(t.Context(), steps); err != nil {
			return err
		}
		return steps[0].Err
	}
	Pragma(t, s, "CREATE TRIGGER refuse BEFORE INSERT ON beckon_totals BEGIN SELECT RAISE(ABORT, 'no'); END")
	if err := step("a", "first"); err == nil {
		t.Fatal("the trigger has not refused")
	}
	Pragma(t, s, "DROP TRIGGER refuse")
	if err := errors.Join(step("b", "second"), step("c", "first")); err != nil {
		t.Fatal(err)
	}
	for attribute, want := range map[string][]string{"first": {"c"}, "second": {"b"}} {
		var found []string
		q := store.Query{Kinds: []store.Kind{store.KindUser}, Filter: &store.Filter{Kind: store.FilterText, Name: attribute, Texts: []string{"x"}}}
		if _, err := s.Scan(t.Context(), q, "", 10, func(r *store.Record) error {
			found = append(found, r.Key.ID)
			return nil
		}); err != nil || !slices.Equal(found, want) {
			t.Errorf("%s: %q, %v; want %q", attribute, found, err, want)
		}
	}
}

// Two names of attributes that are cut to one have terms that both need.
func TestTermsOfCutNames(t *testing.T) {
	s, err := OpenSQLite(t.Context(), t.TempDir()+"/beckon.db")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	long := string(slices.Repeat([]byte("n"), maxID))
	for _, names := range [][]string{{long + "a", long + "b"}, {long + "b"}} {
		steps := []store.Step{{Key: store.Key{Kind: store.KindUser, ID: "u"}, Decider: decide(func(_ *store.Record, c *store.Changes) error {
			p := &store.Profile{}
			for _, name := range names {
				p.Attributes = append(p.Attributes, store.NewAttribute(name, value.String("x")))
			}
			c.Profile = p
			return nil
		})}}
		if err := s.Step(t.Context(), steps); err != nil || steps[0].Err != nil {
			t.Fatal(err, steps[0].Err)
		}
		var terms int
		if err := s.db.(*lite).reading.QueryRowContext(t.Context(), "SELECT count(*) FROM beckon_terms").Scan(&terms); err != nil || terms != 1 {
			t.Errorf("of %d names there are %d terms, %v; want 1", len(names), terms, err)
		}
	}
}

// Another process may take away all that there was, and so the numbers of names, or put a
// copy of the file in its place. Numbers that were known before are forgotten then.
func TestTermNumberTakenAway(t *testing.T) {
	path := t.TempDir() + "/beckon.db"
	s, err := OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	other, err := OpenSQLite(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = s.Close(), other.Close() }()
	set := func(s *Store, id, attribute string) {
		t.Helper()
		steps := []store.Step{{Key: store.Key{Kind: store.KindUser, ID: id}, Decider: decide(func(_ *store.Record, c *store.Changes) error {
			c.Profile = &store.Profile{Attributes: []store.Attribute{store.NewAttribute(attribute, value.String("x"))}}
			return nil
		})}}
		if err := errors.Join(s.Step(t.Context(), steps), steps[0].Err); err != nil {
			t.Fatal(err)
		}
	}
	found := func(attribute string) (n int) {
		q := store.Query{Kinds: []store.Kind{store.KindUser}, Filter: &store.Filter{Kind: store.FilterText, Name: attribute, Texts: []string{"x"}}}
		if _, err := s.Scan(t.Context(), q, "", 10, func(*store.Record) error { n++; return nil }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	set(s, "a", "first")
	set(s, "b", "second")
	Pragma(t, other, "DELETE FROM beckon_records; DELETE FROM beckon_terms; DELETE FROM beckon_names")
	set(other, "c", "second") // has the number that the first had
	set(s, "d", "first")
	set(s, "e", "second")
	if first, second := found("first"), found("second"); first != 1 || second != 2 {
		t.Errorf("%d and %d are found, want 1 and 2", first, second)
	}
}

// A group whose lists are long leaves no more memory behind than one of short ones.
func TestTermsMemory(t *testing.T) {
	var n newTerms
	for i := range 3 {
		name := termName{store.KindUser, termAttribute, unique.Make(string(rune('a' + i)))}
		for range 100_000 {
			n.add(name.kind, nil, term{class: name.class, name: name.name})
		}
		n.terms = make([]term, 100_000)
	}
	n.empty()
	kept := cap(n.terms)
	for _, of := range n.byName {
		kept += cap(of.rows)
	}
	if kept > 4*maxRows {
		t.Errorf("memory of %d terms is kept", kept)
	}
}
