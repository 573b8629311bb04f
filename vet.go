package beckon

import (
	"encoding/json"

	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/vet"
)

// A Finding is something in a program that can be published, and that no one can have
// meant. Code is one of those in docs/vet.md; ID is that of the message, series, segment or
// cap; Fix says what to do, if that is known.
type Finding struct {
	Path    string `json:"path"`
	ID      string `json:"id"`
	Code    string `json:"code"`
	Message string `json:"message"`
	Fix     string `json:"fix"`
}

// Vet returns what in a program is legal and surely wrong: rules that never or always hold,
// messages that never send, names that nobody knows. Events are known if the program
// declares any, or known is not nil; attributes only by attributes, nil for any. It asks no
// clock. A program that cannot be published is an error, that of [Engine.Publish].
func Vet(program Program, known []Definition, attributes []string) ([]Finding, error) {
	cfg := defaultConfig()
	if _, faults := compile(program, &cfg); len(faults) > 0 {
		return nil, raise(faults)
	}
	doc, err := json.Marshal(program)
	if err != nil {
		return nil, err
	}
	n, err := ojson.ParseString(string(doc), ojson.Limits{Bytes: len(doc), Depth: MaxProgramDepth, Nodes: maxProgramNodes})
	if err != nil {
		return nil, err
	}
	c := &vet.Catalogue{Attributes: attributes}
	if known != nil {
		c.Events = []vet.Event{}
	}
	for _, d := range known {
		e := vet.Event{Name: d.Name, Archived: d.Archived, Keys: map[string]vet.Key{}}
		for _, k := range d.Keys {
			e.Keys[fold.Key(k.Key)] = vet.Key{Name: k.Key, Types: k.Types}
		}
		c.Events = append(c.Events, e)
	}
	var list []Finding
	for _, f := range vet.Check(&n, c) {
		list = append(list, Finding(f))
	}
	return list, nil
}
