package sqlstore

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"unique"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A term is a row of beckon_terms, without the contact that it belongs to. Its name is not
// yet as beckon_names has it: a name is written more often than it is new.
type term struct {
	class int
	name  unique.Handle[string]
	value string
}

const (
	termEvent     = 1
	termAttribute = 2
	maxTerm       = 200 // bytes of a value
)

// appendTerms appends what of a record is found by beckon_terms. A list may have a text
// twice.
func appendTerms(all []term, r *store.Record) []term {
	for i := range r.Stats {
		all = append(all, term{class: termEvent, name: r.Stats[i].Name})
	}
	if r.Profile == nil {
		return all
	}
	for i := range r.Profile.Attributes {
		a := &r.Profile.Attributes[i]
		t := term{class: termAttribute, name: a.Name}
		if long := a.Name.Value(); len(long) > maxID {
			t.name = unique.Make(cut(long, maxID))
		}
		switch a.Value.Kind() {
		case value.KindString:
			t.value = termValue(a.Value.Text())
		case value.KindList:
			for _, s := range a.Value.Texts() {
				t.value = termValue(s)
				all = append(all, t)
			}
			t.value = ""
		}
		all = append(all, t)
	}
	return all
}

// sortedTerms returns what of a record is found by beckon_terms, sorted, each once.
func sortedTerms(r *store.Record) []term {
	all := appendTerms(nil, r)
	slices.SortFunc(all, compareTerms)
	return slices.Compact(all)
}

// termValue returns a text as beckon_terms has it.
func termValue(s string) string { return cut(column.Escape(s), maxTerm) }

func compareTerms(a, b term) int {
	return cmp.Or(cmp.Compare(a.class, b.class), strings.Compare(a.name.Value(), b.name.Value()), strings.Compare(a.value, b.value))
}

// A termName is the name of terms of one kind of records.
type termName struct {
	kind  store.Kind
	class int
	name  unique.Handle[string]
}

// newTerms are the terms that come, by their names.
type newTerms struct {
	byName map[termName]*namedTerms
	list   []*namedTerms // those of byName that have any
	terms  []term        // memory
}

// A namedTerms is the terms that come of one name.
type namedTerms struct {
	termName
	number int64
	values bool // one is not empty
	sorted bool
	rows   []termRow
}

// A termRow is a value and the record that has it.
type termRow struct {
	value string
	id    []byte
}

func (n *newTerms) add(kind store.Kind, id []byte, t term) {
	name := termName{kind, t.class, t.name}
	of := n.byName[name]
	if of == nil {
		if n.byName == nil {
			n.byName = make(map[termName]*namedTerms)
		}
		of = &namedTerms{termName: name}
		n.byName[name] = of
	}
	if len(of.rows) == 0 {
		n.list = append(n.list, of)
	}
	of.rows = append(of.rows, termRow{t.value, id})
	of.values, of.sorted = of.values || t.value != "", false
}

// sort sorts the rows of each name. Records come in the order of their ids: what has no
// value is sorted then.
func (n *newTerms) sort() {
	for _, of := range n.list {
		if !of.sorted && of.values {
			slices.SortFunc(of.rows, func(a, b termRow) int { return cmp.Or(strings.Compare(a.value, b.value), bytes.Compare(a.id, b.id)) })
		}
		of.sorted = true
	}
}

// empty forgets the terms, and keeps the memory, if it is not that of many names or of
// long lists.
func (n *newTerms) empty() {
	if len(n.byName) > maxNamed {
		*n = newTerms{}
		return
	}
	for _, of := range n.list {
		clear(of.rows)
		if of.rows, of.values = of.rows[:0], false; cap(of.rows) > maxRows {
			of.rows = nil
		}
	}
	clear(n.list)
	clear(n.terms)
	if n.list = n.list[:0]; cap(n.terms) > maxRows {
		n.terms = nil
	}
}

const (
	maxNamed   = 256  // names whose memory is kept from one group to the next
	maxRows    = 1024 // terms of a name whose memory is kept likewise
	maxNumbers = 4096 // names that are kept with their numbers
)

// termNumbers are the numbers of names, as far as they are known. They stay what they are
// once they are committed, as long as nobody else changes the file: another process may add
// names, but also put a copy of the file in its place.
type termNumbers struct {
	of      map[termName]int64
	version int64 // of the file, to this connection: another one has changed it if it is another
	sure    bool  // in this transaction nobody has
}

// check forgets the numbers if another connection has changed the file.
func (t *termNumbers) check(ctx context.Context, db statements) error {
	var version int64
	if _, err := db.row(ctx, "PRAGMA data_version", nil, &version); err != nil {
		return err
	}
	if version != t.version || t.of == nil {
		t.of, t.version = make(map[termName]int64), version
	}
	t.sure = true
	return nil
}

// number returns the number of a name. One that is new is written.
func (l *locked) number(ctx context.Context, name termName) (n int64, err error) {
	if !l.numbers.sure {
		if err := l.numbers.check(ctx, l.db); err != nil {
			return 0, err
		}
	}
	if n, ok := l.numbers.of[name]; ok {
		return n, nil
	}
	const (
		find = "SELECT number FROM beckon_names WHERE namespace = $1 AND kind = $2 AND class = $3 AND name = $4"
		add  = "INSERT INTO beckon_names (namespace, kind, class, name) VALUES ($1, $2, $3, $4)"
	)
	args := []any{l.namespace, int16(name.kind), name.class, column.Escape(name.name.Value())}
	there, err := l.db.row(ctx, find, args, &n)
	if err == nil && !there {
		if err = l.db.exec(ctx, add, args...); err == nil {
			_, err = l.db.row(ctx, find, args, &n)
		}
	}
	if err != nil {
		return 0, err
	}
	if len(l.numbers.of) >= maxNumbers {
		clear(l.numbers.of)
	}
	l.numbers.of[name] = n
	return n, nil
}
