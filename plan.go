package beckon

import (
	"cmp"
	"maps"
	"sort"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/schedule"
)

// A plan is a program compiled: typed conditions, parsed templates, loaded
// zones, messages indexed by the event that triggers them, and the counters
// that the rules need. It is immutable; every fault was found when it was made
// (A8).
type plan struct {
	loc      *time.Location
	segments map[string]Rule // for rules judged by themselves (A9); not to be changed
	set      *segmentSet     // of them
	messages []*messagePlan  // in judging order: priority, highest first, then id
	byPlace  []*messagePlan  // the same; those that one event triggers stand together
	byID     map[string]*messagePlan
	visits   []*messagePlan // ongoing, of the channels decided on a visit (D3)
	sweeps   []*messagePlan // ongoing email, push and SMS, and date rules
	other    eventPlan      // of all other names: nothing
	caps     capIndex
	counters []*counterDef
	events   map[string]*eventPlan // by canonical name, of those that the program names
	series   []*seriesPlan
	triggers map[unique.Handle[string]]bool // names that start a series
	slots    slots                          // of the names that rules use
	missing  bool                           // it stands for a program that nobody has published yet
	serieses map[string]*seriesPlan         // by id
}

// event returns the eventPlan of a name, for filling.
func (p *plan) event(name unique.Handle[string]) *eventPlan {
	e := p.events[name.Value()]
	if e == nil {
		e = &eventPlan{name: name}
		p.events[name.Value()] = e
	}
	return e
}

// A messagePlan is one message, compiled.
type messagePlan struct {
	// What is looked at of each candidate stands together, in 64 bytes.
	id          string
	place       int // in plan.byPlace
	where       *compiledRule
	audience    *compiledRule
	unless      *unlessPlan
	series      *seriesPlan // the series it belongs to; nil for most
	usesCompany bool
	dated       bool // it has a date
	triggered   bool // its mode is Triggered

	index       int    // in plan.messages
	path        string // in the program, for faults found later
	channel     Channel
	mode        Mode
	status      Status
	liveAt      int64 // Unix milliseconds; 0: when it was first published live
	tags        []string
	priority    int
	exempt      bool
	event       unique.Handle[string]
	date        string // the date attribute of a date rule (T5)
	offset      int    // days from it
	frequency   frequencyPlan
	schedule    *schedule.Schedule
	goal        *goalPlan
	control     float64
	caps        []int32 // the groups of caps that concern it
	content     *compiledContent
	holdMissing bool

	transactional bool
}

type unlessPlan struct {
	event  unique.Handle[string]
	within int64 // milliseconds
	same   string
}

type goalPlan struct {
	rule   *compiledRule
	within int64 // milliseconds
}

// rank is a message's place in judging order; one that the plan does not have
// comes last.
func (p *plan) rank(id string) int {
	if m := p.byID[id]; m != nil {
		return m.index
	}
	return len(p.messages)
}

// compile makes a plan of a program, or returns all its faults with their paths.
func compile(program Program, cfg *config) (*plan, fault.List) {
	var faults fault.List
	p := &plan{
		loc: time.UTC, segments: maps.Clone(program.Segments), byID: map[string]*messagePlan{},
		events: map[string]*eventPlan{}, triggers: map[unique.Handle[string]]bool{},
	}
	if program.Timezone != "" {
		loc, err := calendar.LoadZone(program.Timezone)
		if err != nil {
			faults.Fault("timezone", calendar.ZoneFault(program.Timezone))
		} else {
			p.loc = loc
		}
	}
	schedules := newScheduleCompiler(program.OfficeHours, p.loc, "office_hours", &faults)
	p.caps = newCapIndex(compileCaps(program.Caps, "caps", &faults))
	k := &compiler{plan: p, cfg: cfg, faults: &faults, schedules: schedules, filters: filterCache{}}
	k.rules = &ruleCompiler{segments: p.segments, loc: p.loc, counters: &counterSet{}, slots: &p.slots, faults: &faults}
	k.rules.judgeSegments("segments")
	p.set = k.rules.set
	if len(program.Messages)+len(program.Series) > MaxMessages {
		faults.Fault("messages", "more messages than a program may have")
		nameFaults(faults, &program)
		return nil, faults
	}
	for i := range program.Messages {
		k.message(&program.Messages[i], "messages["+itoa(i)+"]", nil)
	}
	for i := range program.Series {
		k.seriesOf(&program.Series[i], "series["+itoa(i)+"]")
	}
	if len(faults) > 0 {
		nameFaults(faults, &program)
		return nil, faults
	}
	k.index()
	k.budget()
	if len(faults) > 0 {
		return nil, faults
	}
	return p, nil
}

// MaxMessages is how many messages and series a program may have.
const MaxMessages = 100_000

// A compiler makes one plan.
type compiler struct {
	plan      *plan
	cfg       *config
	faults    *fault.List
	rules     *ruleCompiler
	schedules *scheduleCompiler
	filters   filterCache
}

// index puts the messages into judging order and makes the indices.
func (k *compiler) index() {
	p := k.plan
	sort.SliceStable(p.messages, func(i, j int) bool {
		a, b := p.messages[i], p.messages[j]
		return cmp.Or(cmp.Compare(b.priority, a.priority), cmp.Compare(a.id, b.id)) < 0
	})
	for i, m := range p.messages {
		m.index, m.dated, m.triggered = i, m.date != "", m.mode == Triggered
		m.caps = p.caps.concern(nil, m.channel, m.tags)
		switch {
		case m.series != nil:
		case m.mode == Triggered && m.date == "":
			e := p.event(m.event)
			e.candidates = append(e.candidates, m)
		case m.date != "":
			p.sweeps = append(p.sweeps, m)
		case m.mode == Ongoing && m.channel.sweeps():
			p.sweeps = append(p.sweeps, m)
		case m.mode == Ongoing:
			p.visits = append(p.visits, m)
		}
	}
	p.serieses = make(map[string]*seriesPlan, len(p.series))
	for _, s := range p.series {
		p.serieses[s.id] = s
	}
	p.counters = k.rules.counters.list()
	for _, def := range p.counters {
		e := p.event(def.event)
		e.counters = append(e.counters, def)
	}
	p.settle()
	for _, e := range p.events {
		e.gather()
	}
}

// settle returns each message its place. What is asked of each candidate of an
// event is kept by place, so that it stands together.
func (p *plan) settle() {
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

// sweeps reports whether ongoing messages of the channel are decided on a
// sweep: email, push and SMS. All others are in-app, the host's own included
// (D3).
func (c Channel) sweeps() bool { return c == Email || c == Push || c == SMS }
