package rule

import (
	"slices"
	"strconv"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/tally"
)

// A Context says what may stand in a rule.
type Context uint8

// The contexts.
const (
	OfContact  Context = iota // an audience, a goal, a segment: no metadata
	OfWalk                    // a block or the exit of a series: no metadata, but since the entry (A15)
	OfAudience                // the audience of what an event triggers: no metadata but in an event condition's where (A14)
	OfTrigger                 // a trigger's where: metadata too
	OfEntry                   // that of a series, which is no message
	OfEvent                   // an event condition's where: metadata and page only
)

// triggered reports whether the rule is of a message that an event triggers, or a change
// of an attribute.
func (ctx Context) triggered() bool { return ctx == OfAudience || ctx == OfTrigger }

// A Compiler compiles the rules of one program. Faults are collected, so
// that all are reported together (A8). It is used by one goroutine.
type Compiler struct {
	Segments   map[string]Rule
	Loc        *time.Location // the workspace's; not nil
	Counters   *CounterSet    // what the rules need counted; not nil
	Slots      *SlotTable     // of the names of attributes and events; nil: no others than those of the rule
	Faults     *fault.List
	Values     int // how many are kept for a window (A13); 0: WindowValues
	depth      int // 0: MaxDepth
	conditions int // 0: MaxRuleConditions

	Set     *Segments    // of the segments; made when they are first asked for
	segment *segmentSize // the segment that is being judged by itself
	scratch []byte       // the texts of conditions are written here
}

// A Compiled is what is run: a flat program of conditions. It is
// immutable and shares nothing with the Rule that it was made of.
type Compiled struct {
	Conditions []Condition
	Program    program
	root       *node      // for Explain
	Segments   []*Segment // that it uses, each as often as it does

	UsesCompany  bool // data of the company (D2)
	usesEvents   bool
	usesPage     bool
	usesMetadata bool
	usesTrigger  bool // of an event condition's where: what it comes to depends on the triggering event (A14)
	calendar     bool // a condition of its own, not of a where in it, depends on days in the workspace's zone
}

func (r *Compiled) link(loc *time.Location) { r.Program = r.part(r.root, loc) }

// part returns the program of a node by itself.
func (r *Compiled) part(n *node, loc *time.Location) program {
	return link(r.Conditions[n.first:n.end], loc, n.first, n.entry, n.onTrue, n.onFalse)
}

// A node is a rule in its tree, with its part of the program.
type node struct {
	text                   string // of a condition: its document; of a group: all, any, not or the segment
	entry, onTrue, onFalse int32
	first, end             int32    // its conditions
	condition              int32    // -1 for a group
	segment                *Segment // that stands here
	of                     []*node
}

// Compile compiles a rule that stands at path. Every fault is added to
// c.faults, and then what is returned must not be run. The zero Rule is no
// rule: it compiles to one that always holds.
func Compile(r *Rule, c *Compiler, ctx Context, path string) *Compiled {
	out := &Compiled{}
	if c.Slots == nil {
		c.Slots = &SlotTable{}
	}
	e := emitter{Compiler: c, out: out, ctx: ctx, size: &ruleSize{}}
	if c.segment == nil {
		e.ignores(r, path)
	}
	if r.IsZero() {
		out.root = &node{text: "{}", entry: exitTrue, onTrue: exitTrue, onFalse: exitFalse, condition: -1}
		out.link(c.Loc)
		return out
	}
	out.root = e.rule(r, path, 0, exitTrue, exitFalse)
	out.link(c.Loc)
	return out
}

// A emitter writes one rule into its program, from the last condition to
// the first: where each goes on is then known.
type emitter struct {
	*Compiler
	out  *Compiled
	ctx  Context
	of   Context // of an event condition's where: that of the rule around it
	size *ruleSize
}

// fault reports what is wrong with the rule.
func (e *emitter) fault(path, message string) { e.Faults.Fault(path, message) }

// rule emits r such that it goes on at onTrue or at onFalse.
func (e *emitter) rule(r *Rule, path string, depth int, onTrue, onFalse int32) *node {
	n := &node{entry: onFalse, onTrue: onTrue, onFalse: onFalse, first: int32(len(e.out.Conditions)), condition: -1}
	defer func() { n.end = int32(len(e.out.Conditions)) }()
	if limit := orDefaultInt(e.depth, MaxDepth); depth > limit {
		e.fault(path, "the rule nests deeper than "+strconv.Itoa(limit)+" levels")
		return n
	}
	m := r.members()
	if !e.take(m&hasGroup != 0, path) {
		return n
	}
	if depth > 0 {
		e.ignores(r, path)
	}
	check := checker{faults: e.Faults, loc: e.Loc}
	c, sound := check.shape(r, m, path)
	switch {
	case m&(hasGroup|hasSubject) == hasAll:
		n.text = "all"
		e.group(n, r.All, fault.JoinPath(path, "all"), depth, true)
	case m&(hasGroup|hasSubject) == hasAny:
		n.text = "any"
		e.group(n, r.Any, fault.JoinPath(path, "any"), depth, false)
	case m&(hasGroup|hasSubject) == hasNot:
		n.text = "not"
		inner := e.rule(r.Not, fault.JoinPath(path, "not"), depth+1, onFalse, onTrue)
		n.entry, n.of = inner.entry, []*node{inner}
	case m&(hasGroup|hasSubject) == hasSegment:
		n.text = "segment " + r.Segment
		if sound {
			e.use(n, r.Segment, fault.JoinPath(path, "segment"), depth, onTrue, onFalse)
		}
	default:
		if sound {
			sound = e.place(r, &c, path)
		}
		sound = e.counter(r, &c, path, depth) && sound
		if sound {
			c.slot = e.Slots.of(c.handle)
			n.text, e.scratch = r.appendText(e.scratch)
			n.entry = int32(len(e.out.Conditions))
			n.condition = n.entry
			// The opposite of a condition is the condition with its ways
			// exchanged; so an unknown value satisfies it (A5).
			if c.onTrue, c.onFalse = onTrue, onFalse; c.negate {
				c.onTrue, c.onFalse = onFalse, onTrue
			}
			e.out.Conditions = append(e.out.Conditions, c)
		}
	}
	return n
}

// ignores refuses a "vet_ignore" of a rule that is no segment's own.
func (e *emitter) ignores(r *Rule, path string) {
	if r.VetIgnore != nil {
		e.fault(fault.JoinPath(path, "vet_ignore"), misplacedCodes)
	}
}

// take counts a rule, against the limit of what is written.
func (e *emitter) take(group bool, path string) bool {
	return e.size.take(group, path, orDefaultInt(e.conditions, MaxConditions), e.Faults)
}

// group emits the rules of all or any.
func (e *emitter) group(n *node, list []Rule, path string, depth int, all bool) {
	// Of none, all is true and any is false.
	next := n.onFalse
	if all {
		next = n.onTrue
	}
	n.of = make([]*node, len(list))
	first := len(*e.Faults)
	for i := len(list) - 1; i >= 0; i-- {
		onTrue, onFalse := n.onTrue, next
		if all {
			onTrue, onFalse = next, n.onFalse
		}
		before := len(*e.Faults)
		n.of[i] = e.rule(&list[i], path+"["+strconv.Itoa(i)+"]", depth+1, onTrue, onFalse)
		next = n.of[i].entry
		if listed := (*e.Faults)[:min(len(*e.Faults), fault.MaxFaults)]; before < len(listed) { // behind them one may count the rest
			moveToFront(listed[first:], before-first)
		}
		if e.size.full {
			break
		}
	}
	n.entry = next
}

// moveToFront moves list[i:] to the front: rules are emitted from the last to
// the first, but faults stand in the order of the document.
func moveToFront[T any](list []T, i int) {
	moved := slices.Clone(list[i:])
	copy(list[len(moved):], list[:i])
	copy(list, moved)
}

// place judges whether a condition may stand where it does, and notes what it
// uses.
func (e *emitter) place(r *Rule, c *Condition, path string) bool {
	before := e.Faults.Found()
	switch {
	case c.source == fromMetadata:
		e.out.usesMetadata = true
		if e.ctx < OfTrigger {
			e.fault(fault.JoinPath(path, "metadata"), "metadata stands only in a trigger's where and in an event condition's where")
		}
	case c.source == fromPageURL || c.source == fromPageSeconds:
		e.out.usesPage = true
	case e.ctx == OfEvent:
		head := r.members() & hasSubject
		e.fault(fault.JoinPath(path, head.word()), "in an event condition's where only metadata and page can stand")
	case c.source == fromCompany:
		e.out.UsesCompany = true
	case c.source == fromUser || c.source == fromStandard:
		c.handle = unique.Make(c.name)
	}
	if f := c.field(); f != nil {
		e.placeField(f, fault.JoinPath(path, "value"))
	}
	e.out.calendar = e.out.calendar || c.calendar
	return e.Faults.Found() == before
}

// counter finds what a condition on an event reads, and registers what must
// be counted for it.
func (e *emitter) counter(r *Rule, c *Condition, path string, depth int) bool {
	if r.Event == "" {
		return true
	}
	e.out.usesEvents = true
	before := e.Faults.Found()
	var where *Compiled
	if r.Where != nil {
		where = &Compiled{}
		inner := *e
		inner.out, inner.ctx, inner.of = where, OfEvent, e.ctx
		where.root = inner.rule(r.Where, fault.JoinPath(path, "where"), depth+1, exitTrue, exitFalse)
		where.link(e.Loc)
	}
	if c.name == "" || e.Faults.Found() > before || e.size.full {
		return e.Faults.Found() == before
	}
	c.handle = unique.Make(c.name)
	def := CounterDef{Event: c.handle, Where: where, Tally: c.tally()}
	keep := int64(0)
	switch {
	case def.Tally != tally.None:
		def.of = fold.Key(r.Of)
		if c.within > 0 {
			keep = int64(orDefaultInt(e.Values, WindowValues))
		}
	case c.within > 0:
		if keep = c.keep(); keep > MaxCountInWindow {
			e.fault(fault.JoinPath(path, "value"), "a count in a window is kept up to "+strconv.Itoa(MaxCountInWindow))
			return false
		}
	}
	if def.SinceEntry = r.Since != ""; def.SinceEntry && e.ctx != OfWalk {
		e.fault(fault.JoinPath(path, "since"), "stands only in a rule block and the exit of a series")
		return false
	}
	if where == nil && c.within == 0 && def.Tally == tally.None && !def.SinceEntry {
		return true
	}
	def.Keep = int(keep)
	if def.FromEvents() {
		c.counter = &def // nothing is counted for it
	} else {
		def.Def = def.name(e.Compiler, c.name, r.Where)
		c.counter = e.Counters.define(def)
	}
	switch {
	case def.Tally != tally.None:
	case c.within > 0:
		c.source = fromWindow
	case c.source == fromCount:
		c.source = fromCounterCount
	case c.source == fromFirst:
		c.source = fromCounterFirst
	default:
		c.source = fromCounterLast
	}
	return true
}

func orDefaultInt(n, fallback int) int {
	if n <= 0 {
		return fallback
	}
	return n
}

// Company reports whether a rule reads company data; no rule reads none.
func (r *Compiled) Company() bool { return r != nil && r.UsesCompany }
