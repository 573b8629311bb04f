package beckon

import (
	"slices"
	"strconv"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/fault"
)

// A ruleContext says what may stand in a rule.
type ruleContext uint8

const (
	ruleOfContact ruleContext = iota // an audience, a goal, a segment: no metadata
	ruleOfTrigger                    // a trigger's where: metadata too
	ruleOfEvent                      // an event condition's where: metadata and page only
)

// A ruleCompiler compiles the rules of one program. Faults are collected, so
// that all are reported together (A8). It is used by one goroutine.
type ruleCompiler struct {
	segments   map[string]ruleTree
	loc        *time.Location // the workspace's; not nil
	counters   *counterSet    // what the rules need counted; not nil
	slots      *slotTable     // of the names of attributes and events; nil: no others than those of the rule
	faults     *fault.List
	depth      int // 0: MaxRuleDepth
	conditions int // 0: MaxRuleConditions

	set     *segmentSet  // of the segments; made when they are first asked for
	segment *segmentSize // the segment that is being judged by itself
}

// A compiledRule is what is run: a flat program of conditions. It is
// immutable and shares nothing with the Rule that it was made of.
type compiledRule struct {
	conditions []condition
	program    program
	root       *ruleNode      // for Explain
	segments   []*segmentPlan // that it uses, each as often as it does

	usesCompany  bool // data of the company (D2)
	usesEvents   bool
	usesPage     bool
	usesMetadata bool
	calendar     bool // a condition of its own, not of a where in it, depends on days in the workspace's zone
}

func (r *compiledRule) link(loc *time.Location) { r.program = r.part(r.root, loc) }

// part returns the program of a node by itself.
func (r *compiledRule) part(n *ruleNode, loc *time.Location) program {
	return link(r.conditions[n.first:n.end], loc, n.first, n.entry, n.onTrue, n.onFalse)
}

// A ruleNode is a rule in its tree, with its part of the program.
type ruleNode struct {
	text                   string // of a condition: its document; of a group: all, any, not or the segment
	entry, onTrue, onFalse int32
	first, end             int32        // its conditions
	condition              int32        // -1 for a group
	segment                *segmentPlan // that stands here
	of                     []*ruleNode
}

// compileRule compiles a rule that stands at path. Every fault is added to
// c.faults, and then what is returned must not be run. The zero Rule is no
// rule: it compiles to one that always holds.
func compileRule(r *ruleTree, c *ruleCompiler, ctx ruleContext, path string) *compiledRule {
	out := &compiledRule{}
	if c.slots == nil {
		c.slots = &slotTable{}
	}
	e := ruleEmitter{ruleCompiler: c, out: out, ctx: ctx, size: &ruleSize{}}
	if r.IsZero() {
		out.root = &ruleNode{text: "{}", entry: exitTrue, onTrue: exitTrue, onFalse: exitFalse, condition: -1}
		out.link(c.loc)
		return out
	}
	out.root = e.rule(r, path, 0, exitTrue, exitFalse)
	out.link(c.loc)
	return out
}

// A ruleEmitter writes one rule into its program, from the last condition to
// the first: where each goes on is then known.
type ruleEmitter struct {
	*ruleCompiler
	out  *compiledRule
	ctx  ruleContext
	size *ruleSize
}

// fault reports what is wrong with the rule.
func (e *ruleEmitter) fault(path, message string) { e.faults.Fault(path, message) }

// rule emits r such that it goes on at onTrue or at onFalse.
func (e *ruleEmitter) rule(r *ruleTree, path string, depth int, onTrue, onFalse int32) *ruleNode {
	n := &ruleNode{entry: onFalse, onTrue: onTrue, onFalse: onFalse, first: int32(len(e.out.conditions)), condition: -1}
	defer func() { n.end = int32(len(e.out.conditions)) }()
	if limit := orDefaultInt(e.depth, maxRuleDepth); depth > limit {
		e.fault(path, "the rule nests deeper than "+strconv.Itoa(limit)+" levels")
		return n
	}
	m := r.members()
	if !e.take(m&hasGroup != 0, path) {
		return n
	}
	check := ruleCheck{faults: e.faults, loc: e.loc}
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
		n.entry, n.of = inner.entry, []*ruleNode{inner}
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
			c.slot = e.slots.of(c.handle)
			n.text = r.String()
			n.entry = int32(len(e.out.conditions))
			n.condition = n.entry
			// The opposite of a condition is the condition with its ways
			// exchanged; so an unknown value satisfies it (A5).
			if c.onTrue, c.onFalse = onTrue, onFalse; c.negate {
				c.onTrue, c.onFalse = onFalse, onTrue
			}
			e.out.conditions = append(e.out.conditions, c)
		}
	}
	return n
}

// take counts a rule, against the limit of what is written.
func (e *ruleEmitter) take(group bool, path string) bool {
	return e.size.take(group, path, orDefaultInt(e.conditions, maxRuleConditions), e.faults)
}

// group emits the rules of all or any.
func (e *ruleEmitter) group(n *ruleNode, list []ruleTree, path string, depth int, all bool) {
	// Of none, all is true and any is false.
	next := n.onFalse
	if all {
		next = n.onTrue
	}
	n.of = make([]*ruleNode, len(list))
	first := len(*e.faults)
	for i := len(list) - 1; i >= 0; i-- {
		onTrue, onFalse := n.onTrue, next
		if all {
			onTrue, onFalse = next, n.onFalse
		}
		before := len(*e.faults)
		n.of[i] = e.rule(&list[i], path+"["+strconv.Itoa(i)+"]", depth+1, onTrue, onFalse)
		next = n.of[i].entry
		if listed := (*e.faults)[:min(len(*e.faults), fault.MaxFaults)]; before < len(listed) { // behind them one may count the rest
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
func (e *ruleEmitter) place(r *ruleTree, c *condition, path string) bool {
	before := e.faults.Found()
	switch {
	case c.source == fromMetadata:
		e.out.usesMetadata = true
		if e.ctx == ruleOfContact {
			e.fault(fault.JoinPath(path, "metadata"), "metadata stands only in a trigger's where and in an event condition's where")
		}
	case c.source == fromPageURL || c.source == fromPageSeconds:
		e.out.usesPage = true
	case e.ctx == ruleOfEvent:
		head := r.members() & hasSubject
		e.fault(fault.JoinPath(path, head.word()), "in an event condition's where only metadata and page can stand")
	case c.source == fromCompany:
		e.out.usesCompany = true
	case c.source == fromUser || c.source == fromStandard:
		c.handle = unique.Make(c.name)
	}
	e.out.calendar = e.out.calendar || c.calendar
	return e.faults.Found() == before
}

// counter finds what a condition on an event reads, and registers what must
// be counted for it.
func (e *ruleEmitter) counter(r *ruleTree, c *condition, path string, depth int) bool {
	if r.Event == "" {
		return true
	}
	e.out.usesEvents = true
	before := e.faults.Found()
	var where *compiledRule
	if r.Where != nil {
		where = &compiledRule{}
		inner := *e
		inner.out, inner.ctx = where, ruleOfEvent
		where.root = inner.rule(r.Where, fault.JoinPath(path, "where"), depth+1, exitTrue, exitFalse)
		where.link(e.loc)
	}
	if c.name == "" || e.faults.Found() > before || e.size.full {
		return e.faults.Found() == before
	}
	c.handle = unique.Make(c.name)
	keep := int64(0)
	if c.within > 0 {
		if keep = c.keep(); keep > maxCountInWindow {
			e.fault(fault.JoinPath(path, "value"), "a count in a window is kept up to "+strconv.Itoa(maxCountInWindow))
			return false
		}
	}
	if where == nil && c.within == 0 {
		return true
	}
	calendar := where != nil && where.calendar
	c.counter = e.counters.define(e.counterName(c.name, r.Where, calendar), c.handle, where, int(keep))
	switch {
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

// company reports whether a rule reads company data; no rule reads none.
func (r *compiledRule) company() bool { return r != nil && r.usesCompany }
