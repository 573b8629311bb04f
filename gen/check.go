package gen

import (
	"errors"
	"fmt"
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/declared"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
)

// check finds what no events, keys or types can be, and which events stand twice. What a
// program declares, and is published, has none of it. The error is a [beckon.ErrorList].
func check(events []Event) error {
	var faults fault.List
	seen := map[string]string{}
	for i := range events {
		e := &events[i]
		at := fault.JoinPath("events", e.Name)
		canonical, err := beckon.CanonicalEventName(e.Name)
		before, twice := seen[canonical]
		var wrong *beckon.Error
		switch {
		case errors.As(err, &wrong):
			faults.Fault(at, wrong.Message)
		case twice:
			faults.Fault(at, fmt.Sprintf("the event is there twice, as %q", before))
		default:
			seen[canonical] = e.Name
		}
		e.check(at, &faults)
	}
	return faults.Err()
}

// check finds what is wrong with the keys of an event.
func (e *Event) check(at string, faults *fault.List) {
	seen := map[string]bool{}
	for i := range e.Keys {
		k := &e.Keys[i]
		path := fault.JoinPath(at+".metadata", k.Name)
		switch message := event.KeyFault(k.Name); {
		case message != "":
			faults.Fault(path, message)
		case seen[fold.Key(k.Name)]:
			faults.Fault(path, "the key is there twice")
		case k.Type != "" && !slices.Contains(declared.TypeWords(), k.Type):
			faults.Fault(path, fmt.Sprintf("%q is not a type", k.Type))
		}
		seen[fold.Key(k.Name)] = true
		for _, v := range k.Values {
			if err := v.Err(); err != nil || v.IsUnknown() {
				faults.Fault(path+".values", "not a value")
			}
		}
	}
}
