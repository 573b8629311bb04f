package gen

import (
	"fmt"
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/declared"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
)

// check finds what no event, key or type can be. What a program declares, and is published,
// has none of it.
func (e *Event) check() error {
	at := fault.JoinPath("events", e.Name)
	if _, err := beckon.CanonicalEventName(e.Name); err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	seen := map[string]bool{}
	for i := range e.Keys {
		k := &e.Keys[i]
		path := fault.JoinPath(at+".metadata", k.Name)
		switch message := event.KeyFault(k.Name); {
		case message != "":
			return fmt.Errorf("%s: %s", path, message)
		case seen[fold.Key(k.Name)]:
			return fmt.Errorf("%s: the key is there twice", path)
		case k.Type != "" && !slices.Contains(declared.TypeWords(), k.Type):
			return fmt.Errorf("%s: %q is not a type", path, k.Type)
		}
		seen[fold.Key(k.Name)] = true
		for _, v := range k.Values {
			if err := v.Err(); err != nil || v.IsUnknown() {
				return fmt.Errorf("%s.values: not a value", path)
			}
		}
	}
	return nil
}
