package beckon

import (
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// The limits of a program as JSON. A program has none of its own in Go: who
// builds one there holds it in memory already.
const (
	MaxProgramBytes = 16 << 20
	MaxProgramDepth = 256     // arrays and objects in one another
	maxProgramNodes = 2 << 20 // values in all
)

// minPriority is the least priority that a document may give: the type has
// no other limit, and a mistyped number should not pass for one.
const minPriority = -1_000_000_000

// ParseProgram reads a program from JSON, as the data contract has it.
//
// It is strict: a member that is not known (in other letter case, too), one
// that stands twice, a value of the wrong type, null, a word that an
// enumeration does not have, a duration or a time that is not one are faults.
// So is what JSON can say and a [Program] cannot mean: a frequency with a
// maximum of 0, and negative distances. Text must be valid UTF-8.
//
// All faults are reported at once, up to [MaxFaults], as an [ErrorList] of
// program_invalid, each with the Path to the fault, such as "messages[2].trigger.were", and in the
// order of the document. JSON that cannot be read is one fault without a path,
// with its place in bytes.
//
// ParseProgram judges shape, [Engine.Publish] judges meaning. Where there are
// faults of shape, the rest of the program is judged for its meaning as well,
// so that anyone who mends it sees everything at once.
func ParseProgram(data []byte) (Program, error) {
	var faults fault.List
	s := &shape{faults: &faults}
	n := s.document(data, ojson.Limits{Bytes: MaxProgramBytes, Depth: MaxProgramDepth, Nodes: maxProgramNodes})
	if n == nil {
		return Program{}, raise(faults)
	}
	p := s.program(n)
	if len(faults) == 0 {
		return p, nil
	}
	// What could be read is judged as Publish would, so that all faults come at
	// once.
	cfg := defaultConfig()
	if faults.Full() {
		return Program{}, raise(faults) // it would only be counted
	}
	_, meaning := compile(p, &cfg)
	places := newShapePlaces(faults)
	for _, e := range meaning {
		if e.More > 0 || !places.explain(e.Path) {
			faults.Join(e)
		}
	}
	nameFaults(faults, &p)
	return Program{}, raise(faults)
}

// shapePlaces are the places of faults of shape.
type shapePlaces struct {
	whole    bool            // one is about the document as a whole
	at       map[string]bool // where they stand
	parents  map[string]bool // the objects that have one
	misspelt map[string]bool // those that have a name that is not known
}

func newShapePlaces(shape fault.List) shapePlaces {
	p := shapePlaces{at: map[string]bool{}, parents: map[string]bool{}, misspelt: map[string]bool{}}
	for _, e := range shape {
		p.whole = p.whole || e.Path == ""
		p.at[e.Path] = true
		parent := e.Path[:max(0, strings.LastIndexAny(e.Path, ".["))]
		p.parents[parent] = true
		if strings.HasPrefix(e.Message, "unknown field") {
			p.misspelt[parent] = true
		}
	}
	return p
}

// explain reports whether a fault of meaning at path may come from nothing but a
// fault of shape: it stands at one, inside one, at the object that has one, or
// beside one, where a name that was misspelt is missing.
func (p *shapePlaces) explain(path string) bool {
	if p.whole || p.at[path] || p.parents[path] {
		return true
	}
	last := -1
	for i := range len(path) {
		if path[i] == '.' || path[i] == '[' {
			if p.at[path[:i]] {
				return true
			}
			last = i
		}
	}
	switch {
	case last < 0:
		return false
	case path[last] == '.':
		return p.misspelt[path[:last]]
	}
	return false
}

// UnmarshalJSON reads what [ParseProgram] reads.
func (p *Program) UnmarshalJSON(data []byte) (err error) {
	*p, err = ParseProgram(data)
	return err
}

// channelNames returns the channels that have names of their own.
func channelNames() []Channel {
	return []Channel{Chat, Post, Email, Banner, Push, SMS, Carousel, ProductTour, Survey, Workflow}
}

func weekdayNames() []Weekday {
	return []Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
}
