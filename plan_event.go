package beckon

import (
	"sync/atomic"
	"unique"

	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// An eventPlan is what an event of one name concerns. An event looks it up once,
// by the text of its name, and finds all of it, also the name interned.
type eventPlan struct {
	name       unique.Handle[string]
	candidates []*messagePlan    // in judging order
	first      int               // the place of the first of them; the others follow
	quick      []quickPlan       // of each of them; nil if it would help with none
	audience   []store.Increment // of each of them, what counts that its audience held it
	counters   []*rule.CounterDef
	// defined is what the engine's catalogue remembers of the name, in a form of its
	// own. It says nothing of the plan, and stands here so that it is found with the rest.
	defined atomic.Value
}

// A quickPlan is what most of many candidates are asked, before they are held:
// whether they are live, and their audience. Neighbors whose audiences begin
// with the same conditions ask those once. Those of one event stand together,
// and so do the instructions of their audiences, for what costs is to fetch them.
type quickPlan struct {
	shared *rule.Instruction // the conditions that neighbors have in common; nil if there are none
	rest   *rule.Instruction // the audience without them; nil if there is more to ask
	until  int               // the first behind that has other conditions in common
}

// gather makes what candidates are judged by together.
func (e *eventPlan) gather() {
	n := 0
	for _, m := range e.candidates {
		if m.asksAudience() {
			n += len(m.audience.Program.Instructions)
		}
	}
	if n == 0 {
		return
	}
	list := make([]rule.Instruction, n)
	e.quick, e.audience = make([]quickPlan, len(e.candidates)), make([]store.Increment, len(e.candidates))
	for i, m := range e.candidates {
		e.audience[i] = store.Increment{Message: m.id, Name: heldAudience.total(), N: 1}
		e.quick[i].until = i + 1
		if m.asksAudience() {
			p := &m.audience.Program
			n := len(p.Instructions)
			p.Move(list[:n:n])
			list = list[n:]
			e.quick[i].rest = p.Start
		}
	}
	for i := 0; i < len(e.quick); i = e.quick[i].until {
		e.share(i)
	}
}

// share finds what the candidates from i on have in common: as much as the first
// two, for as many as have that.
func (e *eventPlan) share(i int) {
	common := func(j int) int {
		if e.quick[i].rest == nil || j == len(e.quick) || e.quick[j].rest == nil {
			return 0
		}
		return e.quick[i].rest.Common(e.quick[j].rest)
	}
	n, until := common(i+1), i+2
	if n == 0 {
		return
	}
	for common(until) >= n {
		until++
	}
	shared := e.quick[i].rest.Head(n)
	for ; i < until; i++ {
		q := &e.quick[i]
		q.shared, q.until = shared, until
		for range n {
			q.rest, _ = q.rest.Onward()
		}
	}
}

// asksAudience reports whether nothing but the status stands before the
// audience of a message that an event triggers.
func (m *messagePlan) asksAudience() bool {
	return m.audience != nil && m.where == nil && !m.usesCompany
}

// prejudge returns the first candidate, from i on, that is not held by its
// audience, and whether that lets it through: if not, it is to be judged from
// the beginning. What is looked at stays the same meanwhile, so a condition
// that is shared is asked once for all. s is ready for rules.
func (e *eventPlan) prejudge(s *rule.Scope, since []int64, i int) (at int, eligible bool) {
	since = since[e.first:]
	for i < len(e.quick) {
		q := &e.quick[i]
		if q.rest == nil || s.Now < since[i] {
			break
		}
		holds := q.shared == nil || q.shared.Run(s)
		for ; i < q.until; i++ {
			if s.Now < since[i] {
				return i, false
			}
			if holds && e.quick[i].rest.Run(s) {
				return i, true
			}
		}
	}
	return i, false
}
