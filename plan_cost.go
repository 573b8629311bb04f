package beckon

import (
	"strconv"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/rule"
)

// maxConditions is how many conditions one occasion of one contact may have to judge.
const maxConditions = 500_000

// An occasionCost adds up what an occasion may have to judge.
type occasionCost struct {
	conditions int
	segments   map[*rule.Segment]bool // those that are counted
}

// rule adds the conditions of a rule, which may be nil.
func (c *occasionCost) rule(r *rule.Compiled) {
	if r == nil {
		return
	}
	c.conditions += len(r.Conditions)
	for _, s := range r.Segments {
		if !c.segments[s] {
			c.segments[s] = true
			c.rule(s.Rule)
		}
	}
}

// budget reports the kinds of occasions that could cost more than they may, at the
// first message that is too much.
func (p *programPlan) budget(faults *fault.List) {
	common := occasionCost{segments: map[*rule.Segment]bool{}}
	for _, s := range p.series {
		common.rule(s.where)
		common.rule(s.audience)
		common.rule(s.exit)
		for i := range s.blocks {
			common.rule(s.blocks[i].rule)
		}
	}
	for _, m := range p.messages {
		if m.goal != nil {
			common.rule(m.goal.rule)
		}
		if m.series != nil {
			common.rule(m.audience)
		}
	}
	always := common.conditions // what every occasion may have to judge
	over := func(occasion string, messages []*messagePlan, counters []*rule.CounterDef) {
		c := occasionCost{conditions: always, segments: map[*rule.Segment]bool{}}
		for _, def := range counters {
			c.rule(def.Where)
		}
		for i, m := range messages {
			c.conditions++
			c.rule(m.where)
			c.rule(m.audience)
			if c.conditions > maxConditions {
				faults.Fault(m.path, "with this message, the "+strconv.Itoa(i+1)+"th, "+occasion+" may have more than "+
					strconv.Itoa(maxConditions)+" conditions to judge for one contact")
				return
			}
		}
		if c.conditions > maxConditions {
			faults.Fault("", occasion+" may have more than "+strconv.Itoa(maxConditions)+" conditions to judge for one contact")
		}
	}
	over("a visit", p.visits, nil)
	over("a sweep", p.sweeps, nil)
	for _, def := range p.counters {
		if e := p.events[def.Event.Value()]; e.counters[0] == def {
			over("the event "+fault.Quote(def.Event.Value()), e.candidates, e.counters)
		}
	}
	for _, m := range p.messages {
		if e := p.events[intern.Text(m.event)]; e != nil && len(e.counters) == 0 && len(e.candidates) > 0 && e.candidates[0] == m {
			over("the event "+fault.Quote(m.event.Value()), e.candidates, nil)
		}
	}
}
