package beckon

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/render"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/suggest"
)

// compile makes a plan of a program, or returns all its faults with their paths.
func compile(program Program, cfg *config) (*plan.Plan, fault.List) {
	var faults fault.List
	p := &plan.Plan{
		Loc: time.UTC, Segments: lowerRules(program.Segments), ByID: map[string]*plan.Message{},
		Events: map[string]*plan.Event{}, Triggers: map[unique.Handle[string]]bool{},
		SeriesByID: map[string]*plan.Series{},
	}
	p.Near = p.NewNear()
	if program.Timezone != "" {
		loc, err := calendar.LoadZone(program.Timezone)
		if err != nil {
			faults.Fault("timezone", calendar.ZoneFault(program.Timezone))
		} else {
			p.Loc, p.Zoned = loc, true
		}
	}
	p.Declared = compileEvents(program.Events, &faults)
	schedules := newScheduleCompiler(program.OfficeHours, p.Loc, "office_hours", &faults)
	p.Caps = plan.NewCaps(compileCaps(program.Caps, "caps", &faults))
	p.Office, p.Quiet = schedules.office, schedules.quiet(program.QuietHours, "quiet_hours", &faults)
	p.Control = share(program.Control, "control", &faults)
	k := &compiler{plan: p, cfg: cfg, faults: &faults, schedules: schedules, filters: render.Filters{}}
	k.rules = &rule.Compiler{Segments: p.Segments, Loc: p.Loc, Counters: &rule.CounterSet{}, Slots: &p.Slots, Faults: &faults, Values: cfg.WindowValues}
	k.rules.JudgeSegments("segments")
	k.topics(program.Topics, "topics")
	p.SegmentSet = k.rules.Set
	if len(program.Messages)+len(program.Series) > MaxMessages {
		faults.Fault("messages", "more messages than a program may have")
		nameFaults(faults, &program)
		return nil, faults
	}
	for i := range program.Messages {
		k.message(&program.Messages[i], "messages["+itoa(i)+"]", nil)
	}
	p.Listed = slices.Clone(p.Messages)
	for i := range program.Series {
		k.seriesOf(&program.Series[i], "series["+itoa(i)+"]")
	}
	if len(faults) > 0 {
		nameFaults(faults, &program)
		return nil, faults
	}
	p.Index(k.rules.Counters.List())
	p.Budget(cfg.RecentEvents, &faults)
	if len(faults) > 0 {
		return nil, faults
	}
	return p, nil
}

// A compiler makes one plan.
type compiler struct {
	plan      *plan.Plan
	cfg       *config
	faults    *fault.List
	rules     *rule.Compiler
	schedules *scheduleCompiler
	filters   render.Filters
	looks     suggest.Budget
}

// compileCaps makes caps ready, in their order, and reports every fault in
// them by path.
func compileCaps(caps []Cap, path string, faults *fault.List) []plan.Cap {
	plans := make([]plan.Cap, len(caps))
	first := make(map[string]int, len(caps))
	for i, c := range caps {
		at := path + "[" + strconv.Itoa(i) + "]"
		if c.ID == "" {
			faults.Fault(at+".id", "a cap needs an id")
		} else if j, twice := first[c.ID]; twice {
			faults.Fault(at+".id", fault.Quote(c.ID)+" is the id of "+path+"["+strconv.Itoa(j)+"] already")
		} else if shortName(c.ID, at+".id", faults) {
			first[c.ID] = i
		}
		shortName(c.Tag, at+".tag", faults)
		if message := channelFault(c.Channel); message != "" {
			faults.Fault(at+".channel", message)
		} else if c.Channel != "" && !KnownChannel(c.Channel) {
			faults.Fault(at+".channel", channelUnknown(c.Channel))
		}
		switch {
		case c.Max < 1:
			faults.Fault(at+".max", "the maximum of a cap is at least 1")
		case c.Max > MaxCapSends:
			faults.Fault(at+".max", "the maximum of a cap is at most "+strconv.Itoa(MaxCapSends))
		}
		if c.Within.millis() <= 0 {
			faults.Fault(at+".within", "expected a window above zero, such as 24h")
		}
		checkDuration(faults, c.Within, at+".within")
		plans[i] = plan.Cap{ID: c.ID, Channel: c.Channel, Tag: c.Tag, Max: c.Max, Within: c.Within.millis()}
	}
	return plans
}

// KnownChannel reports whether c is a channel, or a host's own with a name.
func KnownChannel(c Channel) bool {
	return plan.KnownChannel(c) && channelFault(c) == ""
}

// channelFault judges the name of a channel of the host's own, "" if it is fine or the
// channel is none: it is a name as an id is.
func channelFault(c Channel) string {
	switch name, own := strings.CutPrefix(string(c), plan.CustomPrefix); {
	case !own:
	case identity.Blank(name):
		return "custom: needs a name after it, such as custom:kiosk"
	case len(name) > MaxIDLength:
		return "the name of a channel has at most " + strconv.Itoa(MaxIDLength) + " bytes"
	case !plainText(name):
		return "the name of a channel must be valid UTF-8 without control characters"
	}
	return ""
}

// channelUnknown says of what is no channel what one is.
func channelUnknown(c Channel) string {
	if wrong := channelFault(c); wrong != "" {
		return wrong
	}
	return fault.UnknownWord(string(c), plan.ChannelList())
}

// compile makes a frequency ready and reports its faults, by path. A nil
// frequency is the default. every is the distance of one that sets none.
func (f *Frequency) compile(every time.Duration, path string, faults *fault.List) plan.Frequency {
	plan := plan.Frequency{Every: every.Milliseconds()}
	if f == nil {
		return plan
	}
	switch {
	case f.Every.Negative():
		faults.Fault(path+".every", "a distance between sends cannot be negative")
	case !f.Every.IsZero() && checkDuration(faults, f.Every, path+".every"):
		plan.Every = f.Every.millis()
	}
	if f.Max < 0 {
		faults.Fault(path+".max", "a maximum is at least 1; leave it out for none")
	} else {
		plan.Max = uint64(f.Max)
	}
	if !f.Wait.IsZero() && checkDuration(faults, f.Wait, path+".wait") {
		if plan.Wait = f.Wait.millis(); plan.Wait <= 0 {
			faults.Fault(path+".wait", "expected a time above zero")
		}
	}
	if f.Per != "" {
		plan.Per = fold.Key(f.Per)
		if !utf8.ValidString(f.Per) {
			faults.Fault(path+".per", "is not valid UTF-8")
		} else if message := event.KeyFault(f.Per); message != "" {
			faults.Fault(path+".per", message) // no event can have it (M2)
		}
	}
	return plan
}
