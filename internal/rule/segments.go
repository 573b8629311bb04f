package rule

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/suggest"
	"github.com/beckon-go/beckon/store"
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
	looks  suggest.Budget
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

// suggested says which segment may have been meant.
func (c *Compiler) suggested(name string) string {
	if c.Faults.Full() || !c.Set.looks.Spend(len(c.Segments)) {
		return ""
	}
	return fault.DidYouMean(name, c.Set.sorted)
}

// A segmentMemo remembers what segments came to, as long as what they look at is
// the same: all messages of one occasion are judged against the state of before,
// so that a segment is judged once for all of them.
type segmentMemo struct {
	about memoState
	round uint32   // grows when something else is looked at
	known []uint32 // by segment: the round in which it was judged, and how, in the last bit

	traces map[*Segment]Trace // of Explain
}

// A memoState is what a segment looks at.
type memoState struct {
	set          *Segments
	rec, company *store.Record
	page         *store.Page
	now          int64
	built        int
}

// forget is for what looks the same and is not: a store uses the memory of a
// record again.
func (m *segmentMemo) forget() {
	if m.round++; m.round > math.MaxUint32/2-1 {
		m.round = 1
		clear(m.known)
	}
	m.traces = nil
}

// ForgetSegments is for a record that looks the same and is not.
func (s *Scope) ForgetSegments() {
	s.memo.forget()
	s.sent = sentCache{}
}

// ForgetSegmentsOf is ForgetSegments if it is this record that was looked at.
func (s *Scope) ForgetSegmentsOf(rec *store.Record) {
	if s.memo.about.rec == rec {
		s.memo.forget()
	}
	if s.sent.rec == rec {
		s.sent = sentCache{}
	}
}

// keptSegments is for how many segments a decision keeps memory.
const keptSegments = 1 << 14

// release leaves the memory alone, for the next decision.
func (m *segmentMemo) release() {
	m.about, m.traces = memoState{}, nil
	if len(m.known) > keptSegments {
		m.round, m.known = 0, nil
	}
}

// traceSegment explains a segment that was just judged. Traces of one occasion
// share those of a segment.
func (s *Scope) traceSegment(p *Segment) Trace {
	t, known := s.memo.traces[p]
	if !known {
		t = p.Rule.trace(s, p.Rule.root)
		if s.memo.traces == nil {
			s.memo.traces = map[*Segment]Trace{}
		}
		s.memo.traces[p] = t
	}
	return t
}

// segment reports whether a segment holds. s is ready for rules.
func (s *Scope) segment(p *Segment) bool {
	m := &s.memo
	if about := (memoState{p.set, s.Rec, s.Company, s.Page, s.Now, len(s.Built)}); about != m.about {
		m.about = about
		m.forget()
	}
	for len(m.known) <= p.number {
		m.known = append(m.known, 0)
	}
	if known := m.known[p.number]; known>>1 == m.round {
		return known&1 == 1
	}
	holds := p.Rule.Program.run(s)
	known := m.round << 1
	if holds {
		known |= 1
	}
	m.known[p.number] = known
	return holds
}
