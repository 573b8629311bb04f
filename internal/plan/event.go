package plan

import (
	"sync/atomic"
	"unique"

	"github.com/beckon-go/beckon/internal/declared"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// An Event is what an event of one name concerns. One that arrives looks it up once,
// by the text of its name, and finds all of it, also the name interned.
type Event struct {
	Name       unique.Handle[string]
	Candidates []*Message          // in judging order
	First      int                 // the place of the first of them; the others follow
	Quick      []quickPlan         // of each of them; nil if it would help with none
	Rests      []*rule.Instruction // of each of them, what is asked behind that; nil if it is not the audience alone
	Audience   []store.Increment   // of each of them, what counts that its audience held it
	Counters   []*rule.CounterDef
	Declared   *declared.Event // nil: nothing is
	// Defined is what the engine's catalogue remembers of the name, in a form of its
	// own. It says nothing of the plan, and stands here so that it is found with the rest.
	Defined atomic.Value
	// Shape is what posted bodies of the name mostly look like. It stands here for the same
	// reason.
	Shape atomic.Value
}

// A quickPlan is what most of many candidates are asked, before they are held:
// whether they are live, and their audience. Neighbors whose audiences begin
// with the same conditions ask those once. Those of one event stand together,
// and so do the instructions of their audiences, for what costs is to fetch them.
type quickPlan struct {
	Shared *rule.Instruction // the conditions that neighbors have in common; nil if there are none
	Until  int               // the first behind that has other conditions in common
}

// gather makes what candidates are judged by together.
func (e *Event) gather() {
	n, asking := 0, false
	for _, m := range e.Candidates {
		if m.AsksAudience() {
			n += m.Audience.Program.Size()
			asking = true
		}
	}
	if !asking {
		return
	}
	list, ends := make([]rule.Instruction, n), rule.NewEnds()
	e.Quick, e.Audience = make([]quickPlan, len(e.Candidates)), make([]store.Increment, len(e.Candidates))
	e.Rests = make([]*rule.Instruction, len(e.Candidates))
	for i, m := range e.Candidates {
		e.Audience[i] = store.Increment{Message: m.ID, Name: HeldAudience.Total(), N: 1}
		e.Quick[i].Until = i + 1
		if m.AsksAudience() {
			p := &m.Audience.Program
			n := p.Size()
			p.Move(list[:n:n], ends)
			list = list[n:]
			e.Rests[i] = p.Start
		}
	}
	for i := 0; i < len(e.Quick); i = e.Quick[i].Until {
		e.share(i)
	}
}

// share finds what the candidates from i on have in common: as much as the first
// two, for as many as have that.
func (e *Event) share(i int) {
	common := func(j int) int {
		if e.Rests[i] == nil || j == len(e.Rests) || e.Rests[j] == nil {
			return 0
		}
		return e.Rests[i].Common(e.Rests[j])
	}
	n, until := common(i+1), i+2
	if n == 0 {
		return
	}
	for common(until) >= n {
		until++
	}
	shared := e.Rests[i].Head(n)
	for ; i < until; i++ {
		e.Quick[i] = quickPlan{shared, until}
		for range n {
			e.Rests[i], _ = e.Rests[i].Onward()
		}
	}
}

// AsksAudience reports whether nothing but the status stands before the
// audience of a message that an event triggers.
func (m *Message) AsksAudience() bool {
	return m.Audience != nil && m.Where == nil && !m.UsesCompany && (m.Wait == nil || m.Wait.Date == "")
}

// Prejudge returns the first candidate, from i on, that is not held by its
// audience, and whether that lets it through: if not, it is to be judged from
// the beginning. What is looked at stays the same meanwhile, so a condition
// that is shared is asked once for all. s is ready for rules.
//
// It looks no further ahead than some: if each of thousands is let through, it is asked
// for each of them.
func (e *Event) Prejudge(s *rule.Scope, since []int64, i int) (at int, eligible bool) {
	since = since[e.First:]
	for i < len(e.Quick) {
		q := &e.Quick[i]
		if e.Rests[i] == nil || s.Now < since[i] {
			break
		}
		holds := q.Shared == nil || q.Shared.Run(s)
		for most := 64; ; most *= 4 {
			live, end := i+1, min(i+most, q.Until)
			for live < end && s.Now >= since[live] {
				live++
			}
			if holds {
				if at := i + rule.FirstThatHolds(e.Rests[i:live], s); at < live {
					return at, true
				}
			}
			if i = live; live < end || end == q.Until {
				break
			}
		}
	}
	return i, false
}
