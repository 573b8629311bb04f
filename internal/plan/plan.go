// Package plan has programs compiled: all that is decided by, and nothing that hosts
// write. The root makes plans of programs, and finds their faults.
package plan

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/declared"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/schedule"
	"github.com/beckon-go/beckon/store"
)

// A Plan is a program compiled: typed conditions, parsed templates, loaded
// zones, messages indexed by the event that triggers them, and the counters
// that the rules need. It is immutable; every fault was found when it was made
// (A8).
type Plan struct {
	Loc        *time.Location
	Segments   map[string]rule.Rule // for rules judged by themselves (A9); not to be changed
	SegmentSet *rule.Segments       // of them
	Messages   []*Message           // in judging order: priority, highest first, then id
	ByPlace    []*Message           // the same; those that one event triggers stand together
	ByID       map[string]*Message
	Listed     []*Message // in the program's order, without those of series
	Visits     []*Message // ongoing and date rules, of the channels decided on a visit (D3)
	Sweeps     []*Message // ongoing email, push and SMS, and their date rules of days
	Instants   []*Message // their date rules with an instant, which Due decides (T9)
	Changes    []*Message // that a change of an attribute triggers (T7)
	Crossings  []*Message // that a segment triggers (T8)
	Other      Event      // of all other names: nothing
	Caps       Caps
	Office     *schedule.Hours    // of the workspace; nil: it has none
	Quiet      []QuietHours       // of the program
	Topics     []Topic            // in the program's order, see AddTopic
	Control    float64            // the share of contacts that the program holds out (D10)
	Counters   []*rule.CounterDef // by definition
	Events     map[string]*Event  // by canonical name, of those that the program names
	Series     []*Series
	Triggers   map[unique.Handle[string]]bool // names that start a series
	Slots      rule.SlotTable                 // of the names that rules use
	Declared   map[string]*declared.Event     // by canonical name (V1)
	Zoned      bool                           // the program names its zone; else it is UTC
	Missing    bool                           // it stands for a program that nobody has published yet
	SeriesByID map[string]*Series             // by id
	Near       Near                           // what an unknown id was probably meant to be
	Number     uint64                         // by which decisions that are kept name the program (ledger.ProgramOf); 0: by none

	topics map[string]int // by id, the place of the first
}

// A Topic is what messages are about, for contacts to choose (C6).
type Topic struct {
	ID, Name string
	Channels []store.Channel // none: all
	OptIn    bool            // without a choice it is not wanted
}

// AddTopic adds a topic. What Topic has returned before is void then.
func (p *Plan) AddTopic(t Topic) {
	if _, twice := p.topics[t.ID]; !twice {
		if p.topics == nil {
			p.topics = map[string]int{}
		}
		p.topics[t.ID] = len(p.Topics)
	}
	p.Topics = append(p.Topics, t)
}

// Topic returns the topic of an id, nil if the program does not have it.
func (p *Plan) Topic(id string) *Topic {
	if i, known := p.topics[id]; known {
		return &p.Topics[i]
	}
	return nil
}

// QuietHours are hours in which nothing is to go out on some channels (S4).
type QuietHours struct {
	Channels []store.Channel // none: those that a sweep decides
	schedule.Quiet
}

// QuietOn returns the quiet hours that concern a channel.
func (p *Plan) QuietOn(c store.Channel) (list []schedule.Quiet) {
	for i := range p.Quiet {
		if q := &p.Quiet[i]; slices.Contains(q.Channels, c) || len(q.Channels) == 0 && Sweeps(c) {
			list = append(list, q.Quiet)
		}
	}
	return list
}

// event returns the Event of a name, for filling.
func (p *Plan) event(name unique.Handle[string]) *Event {
	e := p.Events[name.Value()]
	if e == nil {
		e = &Event{Name: name}
		p.Events[name.Value()] = e
	}
	return e
}

// Rank is a message's place in judging order; one that the plan does not have
// comes last.
func (p *Plan) Rank(id string) int {
	if m := p.ByID[id]; m != nil {
		return m.Index
	}
	return len(p.Messages)
}

// Counter returns the counter of a definition, nil if no rule needs it.
func (p *Plan) Counter(def string) *rule.CounterDef {
	i, found := slices.BinarySearchFunc(p.Counters, def, func(d *rule.CounterDef, def string) int { return strings.Compare(d.Def, def) })
	if !found {
		return nil
	}
	return p.Counters[i]
}

// Index puts the messages into judging order and makes the indices. counters are
// what the rules count, by definition.
func (p *Plan) Index(counters []*rule.CounterDef) {
	sort.SliceStable(p.Messages, func(i, j int) bool {
		a, b := p.Messages[i], p.Messages[j]
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), cmp.Compare(a.ID, b.ID)) < 0
	})
	for i, m := range p.Messages {
		m.Index, m.Dated, m.Triggered = i, m.Date != "", m.Mode == Triggered
		m.Caps = p.Caps.Concern(nil, m.Channel, m.Tags)
		switch {
		case m.Series != nil:
		case m.Change != nil:
			p.Changes = append(p.Changes, m)
		case m.Crossing != nil:
			p.Crossings = append(p.Crossings, m)
		case m.Mode == Triggered && m.Date == "":
			e := p.event(m.Event)
			e.Candidates = append(e.Candidates, m)
		case !Sweeps(m.Channel) && (m.Date != "" || m.Mode == Ongoing):
			p.Visits = append(p.Visits, m)
		case m.Date != "" && m.Dates.HasInstant():
			m.ByDue = true
			p.Instants = append(p.Instants, m)
		case m.Date != "" || m.Mode == Ongoing:
			p.Sweeps = append(p.Sweeps, m)
		}
	}
	p.Counters = counters
	for _, def := range p.Counters {
		e := p.event(def.Event)
		e.Counters = append(e.Counters, def)
	}
	for name, d := range p.Declared {
		p.event(unique.Make(name)).Declared = d
	}
	p.settle()
	for _, e := range p.Events {
		e.gather()
	}
}

// Alone makes a copy of a plan one of a single composed message (D14). counters are
// what its rules count.
func (p *Plan) Alone(m *Message, counters []*rule.CounterDef) {
	m.Caps = p.Caps.Concern(nil, m.Channel, m.Tags)
	p.Messages, p.ByPlace, p.Listed = []*Message{m}, []*Message{m}, nil
	p.Visits, p.Sweeps, p.Instants, p.Changes, p.Crossings, p.Counters = nil, nil, nil, nil, nil, counters
}

// settle returns each message its place. What is asked of each candidate of an
// event is kept by place, so that it stands together.
func (p *Plan) settle() {
	put := func(m *Message) {
		m.Place = len(p.ByPlace)
		p.ByPlace = append(p.ByPlace, m)
	}
	p.ByPlace = make([]*Message, 0, len(p.Messages))
	for _, m := range p.Messages {
		if m.Series != nil || !m.Triggered || m.Dated || m.Change != nil || m.Crossing != nil {
			put(m)
			continue
		}
		if e := p.event(m.Event); e.Candidates[0] == m {
			e.First = len(p.ByPlace)
			for _, m := range e.Candidates { // this one, and what follows it
				put(m)
			}
		}
	}
}
