package plan

import (
	"strconv"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/rule"
)

// MaxConditions is how many conditions one occasion of one contact may have to judge.
const MaxConditions = 500_000

// An occasionCost adds up what an occasion may have to judge.
type occasionCost struct {
	conditions int
	events     int                    // that are kept of a contact, and may be looked at again (A14)
	segments   map[*rule.Segment]bool // those that are counted
}

// rule adds the conditions of a rule, which may be nil.
func (c *occasionCost) rule(r *rule.Compiled) {
	if r == nil {
		return
	}
	c.conditions += len(r.Conditions)
	for i := range r.Conditions {
		c.conditions += c.events * r.Conditions[i].ForEachEvent()
	}
	for _, s := range r.Segments {
		if !c.segments[s] {
			c.segments[s] = true
			c.rule(s.Rule)
		}
	}
}

// Conditions returns how many conditions an occasion may have to judge at most that has
// messages as its candidates, of a contact of whom so many events are looked at.
func (p *Plan) Conditions(messages []*Message, events int) int {
	c := occasionCost{events: events, segments: map[*rule.Segment]bool{}}
	for _, m := range p.Crossings {
		c.rule(m.Crossing.Segment)
	}
	for _, m := range messages {
		c.conditions++
		c.rule(m.Where)
		c.rule(m.Audience)
	}
	return c.conditions
}

// Conditions returns how many conditions a rule has to judge at most, of a contact of whom so
// many events are looked at.
func Conditions(r *rule.Compiled, events int) int {
	c := occasionCost{events: events, segments: map[*rule.Segment]bool{}}
	c.rule(r)
	return c.conditions
}

// Budget reports the kinds of occasions that could cost more than they may, at the
// first message that is too much. Of a contact so many events are kept.
func (p *Plan) Budget(events int, faults *fault.List) {
	common := occasionCost{events: events, segments: map[*rule.Segment]bool{}}
	for _, s := range p.Series {
		common.rule(s.Where)
		common.rule(s.Audience)
		common.rule(s.Exit)
		for i := range s.Blocks {
			common.rule(s.Blocks[i].Rule)
		}
	}
	for _, m := range p.Messages {
		if m.Goal != nil {
			common.rule(m.Goal.Rule)
		}
		if m.Series != nil {
			common.rule(m.Audience)
		}
	}
	for _, m := range p.Crossings {
		common.rule(m.Crossing.Segment)
		common.rule(m.Audience)
	}
	always := common.conditions // what every occasion may have to judge
	over := func(occasion string, messages []*Message, counters []*rule.CounterDef) {
		c := occasionCost{conditions: always, events: events, segments: map[*rule.Segment]bool{}}
		for _, def := range counters {
			c.rule(def.Where)
		}
		for i, m := range messages {
			c.conditions++
			c.rule(m.Where)
			c.rule(m.Audience)
			if c.conditions > MaxConditions {
				faults.Fault(m.Path, "with this message, the "+strconv.Itoa(i+1)+"th, "+occasion+" may have more than "+
					strconv.Itoa(MaxConditions)+" conditions to judge for one contact")
				return
			}
		}
		if c.conditions > MaxConditions {
			faults.Fault("", occasion+" may have more than "+strconv.Itoa(MaxConditions)+" conditions to judge for one contact")
		}
	}
	over("a visit", p.Visits, nil)
	over("a sweep", p.Sweeps, nil)
	over("a Due", p.Instants, nil)
	over("an update", p.Changes, nil)
	for _, def := range p.Counters {
		if e := p.Events[def.Event.Value()]; e.Counters[0] == def {
			over("the event "+fault.Quote(def.Event.Value()), e.Candidates, e.Counters)
		}
	}
	for _, m := range p.Messages {
		if e := p.Events[intern.Text(m.Event)]; e != nil && len(e.Counters) == 0 && len(e.Candidates) > 0 && e.Candidates[0] == m {
			over("the event "+fault.Quote(m.Event.Value()), e.Candidates, nil)
		}
	}
}
