package declared

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/repr"
)

// MaxKeys is how many keys of an event may be declared, and how many values of a key.
const MaxKeys = 1000

// A Given is a declaration as it is written; all of it may be wrong.
type Given struct {
	Description string
	Keys        map[string]GivenKey
	Others      string
}

// A GivenKey is a key of a Given.
type GivenKey struct {
	Type     string
	Required bool
	Values   []repr.Value
}

// A compiler compiles the declarations of one program.
type compiler struct {
	faults      *fault.List
	description int // the longest in bytes
}

// Compile compiles the declarations of a program, which stand at path, by canonical name,
// and reports every fault in them.
func Compile(given map[string]Given, path string, maxDescription int, faults *fault.List) map[string]*Event {
	c := compiler{faults, maxDescription}
	events := make(map[string]*Event, len(given))
	spelt := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		at := fault.JoinPath(path, name)
		canonical, code := fold.EventName(name)
		before, twice := spelt[canonical]
		switch {
		case code != "":
			faults.Fault(at, fold.EventNameFault(name, code))
		case twice:
			faults.Fault(at, "is the same event as "+fault.Quote(before))
		}
		if code == "" && !twice {
			spelt[canonical] = name
		}
		g := given[name]
		events[canonical] = c.event(canonical, &g, at)
	}
	return events
}

func (c *compiler) event(name string, g *Given, path string) *Event {
	e := &Event{Name: name, Description: g.Description, Others: g.Others}
	if len(g.Description) > c.description || !utf8.ValidString(g.Description) {
		c.faults.Fault(path+".description", "must be at most "+strconv.Itoa(c.description)+" bytes of UTF-8")
	}
	if len(g.Keys) > MaxKeys {
		c.faults.Fault(path+".metadata", "declares more than "+strconv.Itoa(MaxKeys)+" keys")
		return e
	}
	spelt := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(g.Keys)) {
		at := fault.JoinPath(path+".metadata", key)
		folded := fold.Key(key)
		if !utf8.ValidString(key) {
			c.faults.Fault(at, "the key is not valid UTF-8")
		} else if message := event.KeyFault(key); message != "" {
			c.faults.Fault(at, message)
		}
		if before, twice := spelt[folded]; twice {
			c.faults.Fault(at, "is the same key as "+fault.Quote(before)+": letter case does not matter")
		}
		spelt[folded] = key
		k := g.Keys[key]
		e.Keys = append(e.Keys, c.key(key, folded, &k, at))
	}
	slices.SortFunc(e.Keys, func(a, b Key) int { return strings.Compare(a.Folded, b.Folded) })
	if g.Others != "" {
		c.word(g.Others, OthersWords(), path+".others")
	}
	return e
}

func (c *compiler) word(word string, words []string, path string) {
	if !slices.Contains(words, word) {
		c.faults.Fault(path, "unknown: "+fault.Quote(word)+fault.DidYouMean(word, words)+"; it must be one of "+strings.Join(words, ", "))
	}
}

func (c *compiler) key(key, folded string, g *GivenKey, path string) Key {
	k := Key{Key: key, Folded: folded, Kind: kindOf(g.Type), Required: g.Required}
	if g.Type != "" {
		c.word(g.Type, TypeWords(), path+".type")
	}
	switch {
	case g.Values != nil && len(g.Values) == 0:
		c.faults.Fault(path+".values", "is empty: leave it out if every value is fine")
	case len(g.Values) > MaxKeys:
		c.faults.Fault(path+".values", "lists more than "+strconv.Itoa(MaxKeys)+" values")
		return k
	}
	for i := range g.Values {
		at := path + ".values[" + strconv.Itoa(i) + "]"
		v := repr.Typed(key, g.Values[i])
		if code, message := v.Fault(); code != "" {
			c.faults.Fault(at, message)
		} else if !k.Takes(v.Kind) {
			c.faults.Fault(at, "must be "+article(k.Kind)+types[k.Kind]+", is "+article(v.Kind)+types[v.Kind])
		}
		k.Values = append(k.Values, v)
	}
	return k
}
