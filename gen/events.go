package gen

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/vet"
)

// An Event is what code is written of.
type Event struct {
	Name        string
	Description string
	Keys        []Key // in any order
	Closed      bool  // other keys are warned of, or refused
}

// A Key is a metadata key of an event.
type Key struct {
	Name     string
	Type     string // as in a [beckon.KeyDeclaration]; empty: any
	Required bool
	Values   []beckon.Value // nothing else; nil: any
}

// Declared returns the events that programs declare, by their names. The error is a
// [beckon.ErrorList] with the code program_invalid and paths such as events.purchased: of events
// that several declare, and of what no event, key or type can be.
func Declared(programs ...beckon.Program) ([]Event, error) {
	var events []Event
	for _, p := range programs {
		for _, name := range slices.Sorted(maps.Keys(p.Events)) {
			d := p.Events[name]
			e := Event{Name: name, Description: d.Description, Closed: d.Others == beckon.OthersWarn || d.Others == beckon.OthersRefuse}
			for _, key := range slices.Sorted(maps.Keys(d.Metadata)) {
				k := d.Metadata[key]
				e.Keys = append(e.Keys, Key{key, k.Type, k.Required, k.Values})
			}
			events = append(events, e)
		}
	}
	return sorted(events)
}

// ParseCatalogue reads the events of a catalogue's JSON, as an engine has it, by their names;
// archived ones are left out. Nothing in it is required, and a key that had several types
// is of any. The error is a [beckon.ErrorList].
func ParseCatalogue(data []byte) ([]Event, error) {
	catalogue, faults := vet.ParseCatalogue(data)
	if len(faults) > 0 {
		return nil, faults.Err()
	}
	var events []Event
	for _, e := range catalogue.Events {
		if e.Archived {
			continue
		}
		out := Event{Name: e.Name, Description: e.Description}
		for _, folded := range slices.Sorted(maps.Keys(e.Keys)) {
			k := e.Keys[folded]
			out.Keys = append(out.Keys, Key{Name: k.Name, Type: typeOf(k.Types)})
		}
		events = append(events, out)
	}
	return sorted(events)
}

// typeOf returns the one type that takes all values of some types.
func typeOf(types []string) string {
	rank := map[string]int{"image": 1, "link": 2, "string": 3}
	var widest string
	for _, t := range types {
		switch {
		case widest == "" || rank[widest] > 0 && rank[t] > rank[widest]:
			widest = t
		case t != widest && rank[t] == 0 || rank[widest] == 0 && t != widest:
			return ""
		}
	}
	return widest
}

// sorted puts events into their order, and says what is wrong with them.
func sorted(events []Event) ([]Event, error) {
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.Name, b.Name) })
	if err := check(events); err != nil {
		return nil, err
	}
	return events, nil
}

// ordered returns the keys in the order in which they are sent: those that are required come
// first, because only the first 20 count.
func ordered(keys []Key) []Key {
	keys = slices.Clone(keys)
	slices.SortStableFunc(keys, func(a, b Key) int {
		if a.Required != b.Required {
			if a.Required {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.Name, b.Name)
	})
	return keys
}

// comment writes lines of a comment.
func comment(lines []string, before string) string {
	var b strings.Builder
	for _, line := range lines {
		if line == "" {
			b.WriteString(strings.TrimRight(before, " ") + "\n")
		}
		for part := range strings.Lines(line) {
			b.WriteString(strings.TrimRight(before+plain(part), " \n") + "\n")
		}
	}
	return b.String()
}

// plain leaves out what is no text for people to read, and what would change how the rest is
// shown.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case !printable(r):
			return -1
		}
		return r
	}, s)
}
