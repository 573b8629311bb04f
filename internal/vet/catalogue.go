package vet

import (
	"github.com/beckon-go/beckon/internal/declared"
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// ParseCatalogue reads a catalogue:
//
//	{"events": [{"name": "purchased", "archived": false, "metadata": [{"key": "price", "types": ["monetary"]}]}],
//	 "attributes": ["plan"]}
//
// What it leaves out is empty, not unsaid: of a list that is missing, no name is known.
// Types are those that a declaration may name; another one is a fault.
func ParseCatalogue(data []byte) (*Catalogue, fault.List) {
	var faults fault.List
	r := document.Reader{Faults: &faults}
	n := r.Document(data, ojson.Limits{})
	if n == nil {
		return nil, faults
	}
	c := &Catalogue{Events: []Event{}, Attributes: []string{}}
	r.Object(n, "",
		document.Member{Name: "events", Read: document.ListOf(&r, &c.Events, func(n *ojson.Node, path string) Event { return readEvent(&r, n, path) })},
		document.Member{Name: "attributes", Read: r.Texts(&c.Attributes)},
	)
	return c, faults
}

func readEvent(r *document.Reader, n *ojson.Node, path string) Event {
	e := Event{Keys: map[string]Key{}}
	var keys []Key
	var passed string
	readKeys := document.ListOf(r, &keys, func(n *ojson.Node, path string) (k Key) {
		r.Object(n, path,
			document.Member{Name: "key", Read: r.Text(&k.Name)},
			document.Member{Name: "label", Read: r.Text(&passed)},
			document.Member{Name: "types", Read: document.ListOf(r, &k.Types, func(n *ojson.Node, path string) (word string) {
				document.Word(r, &word, declared.TypeWords()...)(n, path)
				return word
			})},
		)
		return k
	})
	r.Object(n, path,
		document.Member{Name: "name", Read: r.Text(&e.Name)},
		document.Member{Name: "label", Read: r.Text(&passed)},
		document.Member{Name: "description", Read: r.Text(&e.Description)},
		document.Member{Name: "archived", Read: r.Flag(&e.Archived)},
		document.Member{Name: "metadata", Read: readKeys},
		document.Member{Name: "keys", Read: readKeys}, // as a definition of an engine has them
	)
	for _, k := range keys {
		e.Keys[foldKey(k.Name)] = k
	}
	return e
}
