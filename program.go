package beckon

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/declared"
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/vet"
)

// The limits of a program. Those in bytes and depth are of its JSON.
const (
	MaxProgramBytes = 16 << 20
	MaxProgramDepth = 256              // arrays and objects in one another
	MaxMessages     = 100_000          // messages and series
	MaxBlocks       = plan.MaxBlocks   // blocks of a series
	MaxTags         = 100              // tags of a message
	MaxIDLength     = 255              // bytes of an id or a tag
	MaxCapSends     = plan.MaxCapSends // the greatest maximum of a cap: all these sends are kept
	MaxOffsetDays   = 3660             // days between a date rule and its date (T5)
	MaxUnless       = 100              // events that may cancel what waits (T6)
	MaxDeclared     = declared.MaxKeys // metadata keys that a program declares of an event, and values of a key (V1)

	MaxOccasionConditions = plan.MaxConditions // conditions that one occasion of a contact may have to judge: of candidates and one for each, of counters, series and goals; a segment counts once, a rule over company data for each company
)

// minPriority is the least priority that a document may give: the type has
// no other limit, and a mistyped number should not pass for one.
const minPriority = -1_000_000_000

// maxProgramNodes is how many JSON values a program may have in all.
const maxProgramNodes = 2 << 20

// ParseProgram reads a program from JSON, strictly: an unknown member (also in
// other letter case), one that stands twice, a wrong type, null, an unknown
// word of an enumeration, what is no duration or time, a frequency with a
// maximum of 0, a negative distance, and text that is not UTF-8 are faults.
//
// All faults come at once, up to [MaxFaults], as an [ErrorList] of
// program_invalid, each with its Path, such as "messages[2].trigger.were", in
// the order of the document. What is no JSON is one fault with its place in
// bytes. With faults of shape, the meaning of the rest is judged as well; else
// [Engine.Publish] judges it. docs/programs.md describes the document.
func ParseProgram(data []byte) (Program, error) {
	var faults fault.List
	s := &shape{document.Reader{Faults: &faults}}
	n := s.Document(data, ojson.Limits{Bytes: MaxProgramBytes, Depth: MaxProgramDepth, Nodes: maxProgramNodes})
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
	places := document.PlacesOf(faults)
	for _, e := range meaning {
		if e.More > 0 || !places.Explain(e.Path) {
			faults.Join(e)
		}
	}
	nameFaults(faults, &p)
	return Program{}, raise(faults)
}

// UnmarshalJSON reads what [ParseProgram] reads.
func (p *Program) UnmarshalJSON(data []byte) (err error) {
	*p, err = ParseProgram(data)
	return err
}

func weekdayNames() []Weekday {
	return []Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
}

// A Series is a graph of blocks that a contact walks through. Events, imports,
// visits, updates, merges and Due move walks, and return what these reach;
// sweeps, checks and sends move none. (X1)
type Series struct {
	ID      string  `json:"id,omitzero"`
	Status  Status  `json:"status,omitzero"`
	Entry   Entry   `json:"entry,omitzero"`
	Exit    Rule    `json:"exit,omitzero"`
	Reenter bool    `json:"reenter,omitzero"`
	Blocks  []Block `json:"blocks,omitzero"` // the walk begins at the first

	ReenterAfter Duration `json:"reenter_after,omitzero"` // from one entry to the next; needs Reenter
	MaxEntries   int      `json:"max_entries,omitzero"`   // the first included; 0: any number; needs Reenter
	Goal         *Goal    `json:"goal,omitzero"`          // its span begins with the walk
	VetIgnore    []string `json:"vet_ignore,omitzero"`    // codes that [Vet] passes over
}

// UnmarshalJSON reads a series, as [ParseProgram] does.
func (r *Series) UnmarshalJSON(data []byte) error { return unmarshalPart(data, r, (*shape).series) }

// An Entry starts a walk: an event, a rule, or both. With an event the rule
// sees the state before it. A rule alone starts a walk when the contact begins
// to match, seen after each event, import, visit, update, merge and Due; one
// that matches when the series is first published starts at the next of
// these; with Reenter it must have ceased to. Dates and Unless are faults. (X1, X4)
type Entry struct {
	Trigger  *Trigger `json:"trigger,omitzero"`
	Audience Rule     `json:"audience,omitzero"`
}

// UnmarshalJSON reads an entry, as [ParseProgram] does.
func (e *Entry) UnmarshalJSON(data []byte) error { return unmarshalPart(data, e, (*shape).entry) }

// A Block is one step of a series: exactly one of Wait, WaitUntil, Split, Rule, Message,
// Update and Exit. A rule block goes on by Yes and No, a split by its ways, all others by
// Next. When Within is over, the rule is judged as of that second, over the state before what
// notices that, so a late Due does not matter. (X3)
type Block struct {
	ID      string   `json:"id,omitzero"`
	Wait    Duration `json:"wait,omitzero"`
	Rule    *Rule    `json:"rule,omitzero"`
	Within  Duration `json:"within,omitzero"` // how long a rule block waits; zero: as long as it takes, and it never takes No
	Yes     string   `json:"yes,omitzero"`    // where a rule block goes
	No      string   `json:"no,omitzero"`     // where a rule block goes
	Message *Message `json:"message,omitzero"`
	Update  *Update  `json:"update,omitzero"`
	Exit    bool     `json:"exit,omitzero"`
	Next    string   `json:"next,omitzero"` // empty ends the walk

	WaitUntil *WaitUntil `json:"wait_until,omitzero"`
	Split     []Way      `json:"split,omitzero"` // stable shares: a contact takes the same way on each walk
}

// UnmarshalJSON reads a block, as [ParseProgram] does.
func (b *Block) UnmarshalJSON(data []byte) error { return unmarshalPart(data, b, (*shape).block) }

// A WaitUntil is the next time of day, on some days: at once, if a walk comes in that very
// second. So a round of blocks needs a Wait too, or a No. (X4)
type WaitUntil struct {
	At              TimeOfDay `json:"at,omitzero"`               // to 23:59
	Days            []Weekday `json:"days,omitzero"`             // none: every day
	ContactTimezone bool      `json:"contact_timezone,omitzero"` // the contact's own zone, the workspace's for those without one
}

// A Way is one way out of a split.
type Way struct {
	Weight float64 `json:"weight"`        // its share of the sum; 0: nobody
	Next   string  `json:"next,omitzero"` // empty ends the walk
}

// An Update changes the contact's attributes on the way.
type Update struct {
	Attributes Attributes `json:"attributes,omitzero"`
}

// UnmarshalJSON reads an update, as [ParseProgram] does.
func (u *Update) UnmarshalJSON(data []byte) error { return unmarshalPart(data, u, (*shape).update) }

// nameFaults notes beside each path the id of what it lies in: a message, also one of
// a series, else the series or the cap. Indices are for programs; people look
// for ids.
func nameFaults(l fault.List, p *Program) {
	for _, e := range l {
		if e.Path != "" && e.ID == "" {
			if e.ID = p.idAt(e.Path); len(e.ID) > MaxIDLength { // each of many faults would repeat it
				e.ID = fault.Shown(e.ID)
			}
		}
	}
}

// idAt returns the id of what a path lies in; empty if there is none.
func (p *Program) idAt(path string) string {
	list, i, rest := splitPath(path)
	switch {
	case list == "messages" && i < len(p.Messages):
		return p.Messages[i].ID
	case list == "caps" && i < len(p.Caps):
		return p.Caps[i].ID
	case list == "series" && i < len(p.Series):
		s := &p.Series[i]
		if list, i, rest = splitPath(rest); list == "blocks" && i < len(s.Blocks) && strings.HasPrefix(rest, "message") {
			if m := s.Blocks[i].Message; m != nil && m.ID != "" {
				return m.ID
			}
		}
		return s.ID
	}
	return ""
}

// splitPath takes the first list and index off a path: messages[17].frequency
// is messages, 17 and frequency. Without an index, the list is empty.
func splitPath(path string) (list string, index int, rest string) {
	list, tail, _ := strings.Cut(path, "[")
	number, rest, closed := strings.Cut(tail, "]")
	index, err := strconv.Atoi(number)
	if !closed || err != nil || index < 0 || strings.Contains(list, ".") {
		return "", 0, ""
	}
	return list, index, strings.TrimPrefix(rest, ".")
}

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
// messages that never send, names that nobody knows. Events are known if the program declares
// any, or known is not nil; attributes only by attributes, nil for any. It asks no clock.
// Errors are those of [Engine.Publish], and an unknown type in known.
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
	c, err := knownToVet(known, attributes)
	if err != nil {
		return nil, err
	}
	var list []Finding
	for _, f := range vet.Check(&n, c) {
		list = append(list, Finding(f))
	}
	return list, nil
}

// knownToVet makes a catalogue of what is known beside the program.
func knownToVet(known []Definition, attributes []string) (*vet.Catalogue, error) {
	c := &vet.Catalogue{Attributes: attributes}
	if known != nil {
		c.Events = []vet.Event{}
	}
	var faults fault.List
	types := declared.TypeWords()
	for i, d := range known {
		e := vet.Event{Name: d.Name, Archived: d.Archived, Keys: map[string]vet.Key{}}
		for j, k := range d.Keys {
			e.Keys[fold.Key(k.Key)] = vet.Key{Name: k.Key, Types: k.Types}
			for n, word := range k.Types {
				if !slices.Contains(types, word) {
					faults.Fault(fmt.Sprintf("known[%d].keys[%d].types[%d]", i, j, n), fault.Quote(word)+" is not a type of metadata"+fault.DidYouMean(word, types))
				}
			}
		}
		c.Events = append(c.Events, e)
	}
	return c, raise(faults)
}
