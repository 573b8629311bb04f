package sqlstore

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/sqlstore/internal/column"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A term is a row of beckon_terms, without the contact that it belongs to.
type term struct {
	class int
	name  string
	value string
}

const (
	termEvent     = 1
	termAttribute = 2
	maxTerm       = 200 // bytes of a value
)

// termsOf returns what of a record is found by beckon_terms, sorted, each once.
func termsOf(r *store.Record) []term {
	var all []term
	for i := range r.Stats {
		all = append(all, term{class: termEvent, name: column.Escape(r.Stats[i].Name.Value())})
	}
	if r.Profile != nil {
		for i := range r.Profile.Attributes {
			a := &r.Profile.Attributes[i]
			t := term{class: termAttribute, name: column.Escape(cut(a.Name.Value(), maxID))}
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
	}
	slices.SortFunc(all, compareTerms)
	return slices.Compact(all)
}

// termValue returns a text as beckon_terms has it.
func termValue(s string) string { return cut(column.Escape(s), maxTerm) }

func compareTerms(a, b term) int {
	return cmp.Or(cmp.Compare(a.class, b.class), strings.Compare(a.name, b.name), strings.Compare(a.value, b.value))
}
