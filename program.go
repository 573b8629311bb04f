package beckon

import (
	"errors"
	"strings"

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
// All faults are reported at once, as an [ErrorList] of program_invalid, each
// with the Path to the fault, such as "messages[2].trigger.were", and in the
// order of the document. JSON that cannot be read is one fault without a path,
// with its place in bytes.
//
// ParseProgram judges shape, [Engine.Publish] judges meaning. Where there are
// faults of shape, the rest of the program is judged for its meaning as well,
// so that whoever mends it sees everything at once.
func ParseProgram(data []byte) (Program, error) {
	var faults ErrorList
	s := &shape{faults: &faults}
	n := s.document(data, ojson.Limits{Bytes: MaxProgramBytes, Depth: MaxProgramDepth, Nodes: maxProgramNodes})
	if n == nil {
		return Program{}, faults
	}
	p := s.program(n)
	if len(faults) == 0 {
		return p, nil
	}
	// What could be read is judged as Publish would, so that all faults come at
	// once.
	cfg := defaultConfig()
	var meaning ErrorList
	if _, err := compile(p, &cfg); errors.As(err, &meaning) {
		for _, e := range meaning {
			if !follows(e.Path, faults) {
				faults = append(faults, e)
			}
		}
	}
	return Program{}, faults
}

// follows reports whether a fault of meaning at path may come from nothing
// but a fault of shape: it stands at one, inside one, at the object that has
// one, or beside one, where a name that was misspelt is missing.
func follows(path string, shape ErrorList) bool {
	for _, e := range shape {
		rest, below := strings.CutPrefix(path, e.Path)
		if e.Path == "" || below && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return true
		}
		parent := e.Path[:max(0, strings.LastIndexAny(e.Path, ".["))]
		if path == parent {
			return true
		}
		beside, found := strings.CutPrefix(path, parent+".")
		if found && strings.HasPrefix(e.Message, "unknown field") && !strings.ContainsAny(beside, ".[") {
			return true
		}
	}
	return false
}

// UnmarshalJSON reads what [ParseProgram] reads.
func (p *Program) UnmarshalJSON(data []byte) (err error) {
	*p, err = ParseProgram(data)
	return err
}

// channelNames gives the channels that have names of their own.
func channelNames() []Channel {
	return []Channel{Chat, Post, Email, Banner, Push, SMS, Carousel, ProductTour, Survey, Workflow}
}

func weekdayNames() []Weekday {
	return []Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
}
