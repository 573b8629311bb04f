package beckon

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
)

// A segmentPlan is a segment, compiled once for all rules that use it. A rule
// has one condition in its place.
type segmentPlan struct {
	number int // among those of its set
	set    *segmentSet
	rule   *compiledRule
}

// A segmentSet is the segments of one program. What they are as rules is known
// beforehand, so that no use of one looks into it; those that are used are compiled.
type segmentSet struct {
	sizes  map[string]*segmentSize
	plans  map[string]*segmentPlan
	sorted []string // names
	looks  int      // so many names were compared with one that is misspelt
}

// segmentSet returns the segments of the program, measured.
func (c *ruleCompiler) segmentSet() *segmentSet {
	if c.set == nil {
		c.set = &segmentSet{
			sizes: make(map[string]*segmentSize, len(c.segments)), plans: map[string]*segmentPlan{},
			sorted: slices.Sorted(maps.Keys(c.segments)),
		}
		for _, name := range c.set.sorted {
			r := c.segments[name]
			s := &segmentSize{pageOnly: true}
			s.measure(&r, 0)
			c.set.sizes[name] = s
		}
		c.set.sum()
	}
	return c.set
}

// alone returns the same segments, for rules that belong to no program: what they
// need counted is their own.
func (set *segmentSet) alone() *segmentSet {
	return &segmentSet{sizes: set.sizes, plans: map[string]*segmentPlan{}, sorted: set.sorted}
}

// judgeSegments compiles every segment by itself, at path.NAME, to find its
// faults: where segments are used only what the use does wrong is reported.
func (c *ruleCompiler) judgeSegments(path string) {
	for _, name := range c.segmentSet().sorted {
		at := fault.JoinPath(path, name)
		r := c.segments[name]
		if name == "" {
			c.faults.Fault(at, "a segment needs a name")
		}
		if r.IsZero() {
			c.faults.Fault(at, "the rule is empty: it needs a group (all, any, not) or a condition")
			continue
		}
		alone := *c
		alone.segment, alone.counters = c.set.sizes[name], &counterSet{} // unused segments count nothing
		compileRule(&r, &alone, ruleOfContact, at)
	}
}

// segmentPlan returns a segment compiled, with what it needs counted. Its faults
// are told by judgeSegments.
func (c *ruleCompiler) segmentPlan(name string) *segmentPlan {
	if p := c.set.plans[name]; p != nil {
		return p
	}
	p := &segmentPlan{number: len(c.set.plans), set: c.set}
	c.set.plans[name] = p
	inner := *c
	inner.faults = &fault.List{}
	r := c.segments[name]
	p.rule = compileRule(&r, &inner, ruleOfContact, "")
	return p
}

// use emits a segment in the place of its name.
func (e *ruleEmitter) use(n *ruleNode, name, path string, depth int, onTrue, onFalse int32) {
	set := e.segmentSet()
	s := set.sizes[name]
	if s == nil {
		e.fault(path, "there is no segment "+fault.Quote(name)+e.suggested(name))
		return
	}
	switch r := e.segments[name]; {
	case e.segment != nil && (s == e.segment || s.closed && e.segment.closed && s.circle == e.segment.circle):
		e.fault(path, "the segment cannot stand here: it leads back to itself"+set.chain(e.segment, s, name))
		return
	case s.closed || s.full || r.IsZero():
		return // a circle that this rule only leads into, or a segment with a fault of its own
	}
	if e.size.conditionsIn, e.size.groupsIn = e.size.conditionsIn+s.conditions, e.size.groupsIn+s.groups; max(e.size.conditionsIn, e.size.groupsIn) > maxRuleExpanded {
		e.size.full = true
		e.fault(path, "the segment cannot stand here: with its segments the rule has more than "+strconv.Itoa(maxRuleExpanded)+" conditions or groups")
		return
	}
	if limit := orDefaultInt(e.depth, maxRuleDepth); depth+1+s.levels > limit {
		e.fault(path, "the segment cannot stand here: the rule nests deeper than "+strconv.Itoa(limit)+" levels")
		return
	}
	if e.ctx == ruleOfEvent && !s.pageOnly {
		e.fault(path, "the segment cannot stand here: in an event condition's where only metadata and page can stand")
		return
	}
	if e.segment != nil { // it is only judged
		return
	}
	c := condition{source: fromSegment, segment: e.segmentPlan(name), onTrue: onTrue, onFalse: onFalse}
	used := c.segment.rule
	e.out.usesCompany = e.out.usesCompany || used.usesCompany
	e.out.usesEvents = e.out.usesEvents || used.usesEvents
	e.out.usesPage = e.out.usesPage || used.usesPage
	e.out.calendar = e.out.calendar || used.calendar
	n.entry, n.segment = int32(len(e.out.conditions)), c.segment
	e.out.conditions = append(e.out.conditions, c)
	e.out.segments = append(e.out.segments, c.segment)
}

// maxChain is how many segments of a circle are named.
const maxChain = 8

// chain says how a segment is led back to, by way of the one it uses, if that
// is soon said.
func (set *segmentSet) chain(s, used *segmentSize, name string) string {
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
func (c *ruleCompiler) suggested(name string) string {
	if c.set.looks += len(c.segments); c.set.looks > maxNameLooks || c.faults.Full() {
		return ""
	}
	return fault.DidYouMean(name, c.set.sorted)
}
