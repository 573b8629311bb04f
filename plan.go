package beckon

import (
	"cmp"
	"sort"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/rule"
)

// A programPlan is a program compiled: typed conditions, parsed templates, loaded
// zones, messages indexed by the event that triggers them, and the counters
// that the rules need. It is immutable; every fault was found when it was made
// (A8).
type programPlan struct {
	loc      *time.Location
	segments map[string]rule.Rule // for rules judged by themselves (A9); not to be changed
	set      *rule.Segments       // of them
	messages []*messagePlan       // in judging order: priority, highest first, then id
	byPlace  []*messagePlan       // the same; those that one event triggers stand together
	byID     map[string]*messagePlan
	visits   []*messagePlan // ongoing, of the channels decided on a visit (D3)
	sweeps   []*messagePlan // ongoing email, push and SMS, and date rules
	other    eventPlan      // of all other names: nothing
	caps     capIndex
	counters []*rule.CounterDef
	events   map[string]*eventPlan // by canonical name, of those that the program names
	series   []*seriesPlan
	triggers map[unique.Handle[string]]bool // names that start a series
	slots    rule.SlotTable                 // of the names that rules use
	missing  bool                           // it stands for a program that nobody has published yet
	serieses map[string]*seriesPlan         // by id
}

// event returns the eventPlan of a name, for filling.
func (p *programPlan) event(name unique.Handle[string]) *eventPlan {
	e := p.events[name.Value()]
	if e == nil {
		e = &eventPlan{name: name}
		p.events[name.Value()] = e
	}
	return e
}

// rank is a message's place in judging order; one that the plan does not have
// comes last.
func (p *programPlan) rank(id string) int {
	if m := p.byID[id]; m != nil {
		return m.index
	}
	return len(p.messages)
}

// index puts the messages into judging order and makes the indices. counters are
// what the rules count.
func (p *programPlan) index(counters []*rule.CounterDef) {
	sort.SliceStable(p.messages, func(i, j int) bool {
		a, b := p.messages[i], p.messages[j]
		return cmp.Or(cmp.Compare(b.priority, a.priority), cmp.Compare(a.id, b.id)) < 0
	})
	for i, m := range p.messages {
		m.index, m.dated, m.triggered = i, m.date != "", m.mode == modeTriggered
		m.caps = p.caps.concern(nil, m.channel, m.tags)
		switch {
		case m.series != nil:
		case m.mode == modeTriggered && m.date == "":
			e := p.event(m.event)
			e.candidates = append(e.candidates, m)
		case m.date != "":
			p.sweeps = append(p.sweeps, m)
		case m.mode == modeOngoing && sweeps(m.channel):
			p.sweeps = append(p.sweeps, m)
		case m.mode == modeOngoing:
			p.visits = append(p.visits, m)
		}
	}
	p.serieses = make(map[string]*seriesPlan, len(p.series))
	for _, s := range p.series {
		p.serieses[s.id] = s
	}
	p.counters = counters
	for _, def := range p.counters {
		e := p.event(def.Event)
		e.counters = append(e.counters, def)
	}
	p.settle()
	for _, e := range p.events {
		e.gather()
	}
}

// settle returns each message its place. What is asked of each candidate of an
// event is kept by place, so that it stands together.
func (p *programPlan) settle() {
	put := func(m *messagePlan) {
		m.place = len(p.byPlace)
		p.byPlace = append(p.byPlace, m)
	}
	p.byPlace = make([]*messagePlan, 0, len(p.messages))
	for _, m := range p.messages {
		if m.series != nil || !m.triggered || m.dated {
			put(m)
			continue
		}
		if e := p.event(m.event); e.candidates[0] == m {
			e.first = len(p.byPlace)
			for _, m := range e.candidates { // this one, and what follows it
				put(m)
			}
		}
	}
}
