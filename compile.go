package beckon

import (
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/render"
	"github.com/beckon-go/beckon/internal/rule"
)

// compile makes a plan of a program, or returns all its faults with their paths.
func compile(program Program, cfg *config) (*plan.Plan, fault.List) {
	var faults fault.List
	p := &plan.Plan{
		Loc: time.UTC, Segments: lowerRules(program.Segments), ByID: map[string]*plan.Message{},
		Events: map[string]*plan.Event{}, Triggers: map[unique.Handle[string]]bool{},
	}
	if program.Timezone != "" {
		loc, err := calendar.LoadZone(program.Timezone)
		if err != nil {
			faults.Fault("timezone", calendar.ZoneFault(program.Timezone))
		} else {
			p.Loc = loc
		}
	}
	schedules := newScheduleCompiler(program.OfficeHours, p.Loc, "office_hours", &faults)
	p.Caps = plan.NewCaps(compileCaps(program.Caps, "caps", &faults))
	k := &compiler{plan: p, cfg: cfg, faults: &faults, schedules: schedules, filters: render.Filters{}}
	k.rules = &rule.Compiler{Segments: p.Segments, Loc: p.Loc, Counters: &rule.CounterSet{}, Slots: &p.Slots, Faults: &faults}
	k.rules.JudgeSegments("segments")
	p.SegmentSet = k.rules.Set
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
	p.Index(k.rules.Counters.List())
	p.Budget(&faults)
	if len(faults) > 0 {
		return nil, faults
	}
	return p, nil
}

// MaxMessages is how many messages and series a program may have.
const MaxMessages = 100_000

// MaxOccasionConditions is how many conditions one occasion of a contact may
// have to judge: those of candidates and one for each, of counters, series and
// goals. A segment counts once, rules over company data for each company. A
// program that could have more is refused.
const MaxOccasionConditions = plan.MaxConditions

// A compiler makes one plan.
type compiler struct {
	plan      *plan.Plan
	cfg       *config
	faults    *fault.List
	rules     *rule.Compiler
	schedules *scheduleCompiler
	filters   render.Filters
}
