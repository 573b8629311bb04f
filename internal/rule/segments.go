package rule

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
)

// A Segment is a segment, compiled once for all rules that use it. A rule
// has one condition in its place.
type Segment struct {
	number int // among those of its set
	set    *Segments
	Rule   *Compiled
}

// A Segments is the segments of one program. What they are as rules is known
// beforehand, so that no use of one looks into it; those that are used are compiled.
type Segments struct {
	sizes  map[string]*segmentSize
	plans  map[string]*Segment
	sorted []string // names
	looks  int      // so many names were compared with one that is misspelt
}

// Segments returns the segments of the program, measured.
func (c *Compiler) segmentSet() *Segments {
	if c.Set == nil {
		c.Set = &Segments{
			sizes: make(map[string]*segmentSize, len(c.Segments)), plans: map[string]*Segment{},
			sorted: slices.Sorted(maps.Keys(c.Segments)),
		}
		for _, name := range c.Set.sorted {
			r := c.Segments[name]
			s := &segmentSize{pageOnly: true}
			s.measure(&r, 0)
			c.Set.sizes[name] = s
		}
		c.Set.sum()
	}
	return c.Set
}

// Alone returns the same segments, for rules that belong to no program: what they
// need counted is their own.
func (set *Segments) Alone() *Segments {
	return &Segments{sizes: set.sizes, plans: map[string]*Segment{}, sorted: set.sorted}
}

// JudgeSegments compiles every segment by itself, at path.NAME, to find its
// faults: where segments are used only what the use does wrong is reported.
func (c *Compiler) JudgeSegments(path string) {
	for _, name := range c.segmentSet().sorted {
		at := fault.JoinPath(path, name)
		r := c.Segments[name]
		if name == "" {
			c.Faults.Fault(at, "a segment needs a name")
		}
		if r.IsZero() {
			c.Faults.Fault(at, "the rule is empty: it needs a group (all, any, not) or a condition")
			continue
		}
		alone := *c
		alone.segment, alone.Counters = c.Set.sizes[name], &CounterSet{} // unused segments count nothing
		Compile(&r, &alone, OfContact, at)
	}
}

// Segment returns a segment compiled, with what it needs counted. Its faults
// are told by JudgeSegments.
func (c *Compiler) segmentPlan(name string) *Segment {
	if p := c.Set.plans[name]; p != nil {
		return p
	}
	p := &Segment{number: len(c.Set.plans), set: c.Set}
	c.Set.plans[name] = p
	inner := *c
	inner.Faults = &fault.List{}
	r := c.Segments[name]
	p.Rule = Compile(&r, &inner, OfContact, "")
	return p
}

// use emits a segment in the place of its name.
func (e *emitter) use(n *node, name, path string, depth int, onTrue, onFalse int32) {
	set := e.segmentSet()
	s := set.sizes[name]
	if s == nil {
		e.fault(path, "there is no segment "+fault.Quote(name)+e.suggested(name))
		return
	}
	switch r := e.Segments[name]; {
	case e.segment != nil && (s == e.segment || s.closed && e.segment.closed && s.circle == e.segment.circle):
		e.fault(path, "the segment cannot stand here: it leads back to itself"+set.chain(e.segment, s, name))
		return
	case s.closed || s.full || r.IsZero():
		return // a circle that this rule only leads into, or a segment with a fault of its own
	}
	if e.size.conditionsIn, e.size.groupsIn = e.size.conditionsIn+s.conditions, e.size.groupsIn+s.groups; max(e.size.conditionsIn, e.size.groupsIn) > MaxExpanded {
		e.size.full = true
		e.fault(path, "the segment cannot stand here: with its segments the rule has more than "+strconv.Itoa(MaxExpanded)+" conditions or groups")
		return
	}
	if limit := orDefaultInt(e.depth, MaxDepth); depth+1+s.levels > limit {
		e.fault(path, "the segment cannot stand here: the rule nests deeper than "+strconv.Itoa(limit)+" levels")
		return
	}
	if e.ctx == OfEvent && !s.pageOnly {
		e.fault(path, "the segment cannot stand here: in an event condition's where only metadata and page can stand")
		return
	}
	if e.segment != nil { // it is only judged
		return
	}
	c := Condition{source: fromSegment, segment: e.segmentPlan(name), onTrue: onTrue, onFalse: onFalse}
	used := c.segment.Rule
	e.out.UsesCompany = e.out.UsesCompany || used.UsesCompany
	e.out.usesEvents = e.out.usesEvents || used.usesEvents
	e.out.usesPage = e.out.usesPage || used.usesPage
	e.out.calendar = e.out.calendar || used.calendar
	n.entry, n.segment = int32(len(e.out.Conditions)), c.segment
	e.out.Conditions = append(e.out.Conditions, c)
	e.out.Segments = append(e.out.Segments, c.segment)
}

// maxChain is how many segments of a circle are named.
const maxChain = 8

// chain says how a segment is led back to, by way of the one it uses, if that
// is soon said.
func (set *Segments) chain(s, used *segmentSize, name string) string {
	names := []string{chainName(name)}
	for range maxChain {
		if used == s {
			return ": " + strings.Join(append([]string{names[len(names)-1]}, names...), " → ")
		}
		// Any use within the circle leads on; one to s itself is the end.
		next := -1
		for i := range used.uses {
			switch x := set.sizes[used.uses[i].name]; {
			case x == s:
				names = append(names, chainName(used.uses[i].name))
				return ": " + strings.Join(append([]string{names[len(names)-1]}, names...), " → ")
			case next < 0 && x != nil && x != used && x.closed && x.circle == s.circle:
				next = i
			}
		}
		if next < 0 {
			break
		}
		name = used.uses[next].name
		names, used = append(names, chainName(name)), set.sizes[name]
	}
	return ""
}

func chainName(name string) string {
	if fault.PlainName(name) {
		return name
	}
	return fault.Quote(name)
}

// maxNameLooks bounds how many names are compared for a program, so that many
// misspelt ones among many segments do not cost their product: those behind are
// faults like all others, only without a suggestion.
const maxNameLooks = 100_000

// suggested says which segment may have been meant.
func (c *Compiler) suggested(name string) string {
	if c.Set.looks += len(c.Segments); c.Set.looks > maxNameLooks || c.Faults.Full() {
		return ""
	}
	return fault.DidYouMean(name, c.Set.sorted)
}
