package decide

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/dates"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// A lateRows is what an occasion brings to sorted lists of the profile. It is put
// there in one pass, so that n rows do not move the lists n times.
type lateRows struct {
	goals     []store.GoalState
	walks     []store.SeriesState
	matched   []string // series
	unmatched []string

	dated bool // dates were appended
	dates map[store.DateState]struct{}

	numbers map[string][]uint32 // released, by message, the lowest last; made when there are many
	used    map[store.FreeSequence]struct{}
}

// putLate puts what is late into the profile.
func (d *Decision) putLate() {
	d.putGoals()
	d.putWalks()
	l := &d.Out.late
	if l.dated {
		l.dated = false
		d.Changes.Profile.Dates = trimDates(d.Changes.Profile.Dates)
	}
	if len(l.used) > 0 {
		p := d.Changes.Profile
		p.FreeSequences = slices.DeleteFunc(p.FreeSequences, func(f store.FreeSequence) bool {
			_, used := l.used[f]
			return used
		})
		l.used, l.numbers = nil, nil
	}
}

// putGoals puts goals that were opened where they stand in order.
func (d *Decision) putGoals() {
	if l := &d.Out.late; len(l.goals) > 0 {
		l.putGoals(d.Changes.Profile)
	}
}

func (l *lateRows) putGoals(p *store.Profile) {
	p.Goals = rows.InsertAll(p.Goals, l.goals, compareGoals)
	l.goals = nil
}

// putWalks puts walks that have begun where they stand in order, and the series
// whose audience the contact began or ceased to match.
func (d *Decision) putWalks() {
	if l := &d.Out.late; len(l.walks)+len(l.unmatched)+len(l.matched) > 0 {
		l.putWalks(d.Changes.Profile)
	}
}

func (l *lateRows) putWalks(p *store.Profile) {
	if len(l.walks) > 0 {
		p.SeriesStates = rows.InsertAll(p.SeriesStates, l.walks, compareWalks)
		l.walks = nil
	}
	if len(l.unmatched) > 0 {
		gone := rows.Set(l.unmatched)
		p.Matched = slices.DeleteFunc(p.Matched, func(id string) bool {
			_, left := gone[id]
			return left
		})
		l.unmatched = nil
	}
	if len(l.matched) > 0 {
		p.Matched = rows.InsertAll(p.Matched, l.matched, strings.Compare)
		l.matched = nil
	}
}

func compareWalks(a, b store.SeriesState) int { return strings.Compare(a.Series, b.Series) }

func compareGoals(a, b store.GoalState) int { return strings.Compare(a.Message, b.Message) }

func compareDates(a, b store.DateState) int {
	return cmp.Or(strings.Compare(a.Message, b.Message), strings.Compare(a.Company, b.Company))
}

// isDated reports whether a date rule was decided for a value.
func (d *Decision) isDated(mark store.DateState) bool {
	p := d.current()
	if p == nil || len(p.Dates) == 0 {
		return false
	}
	if l := &d.Out.late; l.dates != nil || len(p.Dates) > rows.Few {
		if l.dates == nil {
			l.dates = rows.Set(p.Dates)
		}
		_, known := l.dates[mark]
		return known
	}
	return slices.Contains(p.Dates, mark)
}

// markDate remembers that a date rule was decided for its value.
func (d *Decision) markDate(cand *Candidate) {
	if cand.Message.Date == "" {
		return
	}
	mark, p, l := store.DateState{Message: cand.Message.ID, Company: cand.company, Value: cand.date}, d.profile(), &d.Out.late
	p.Dates = append(p.Dates, mark)
	if l.dated = true; l.dates != nil {
		l.dates[mark] = struct{}{}
	}
}

// arm puts down when the dates of the contact next fall due, of rules with an
// instant: Due finds it by that (T9). An instant of the last hour counts, too, unless
// it was decided: Due may run late.
func (d *Decision) arm() {
	switch d.In.Occasion {
	case OnEve, OnMatch, OnConsent, OnLook:
		return // no occasion of the contact
	}
	was := d.current().Rarely().Armed
	if d.In.Records || d.Out.Duplicate || len(was)+len(d.In.State.Plan.Instants) == 0 {
		return
	}
	var few [4]store.ArmedDate
	next := few[:0]
	for i := range was {
		if d.In.State.Plan.ByID[was[i].Message] == nil {
			next = append(next, was[i]) // another engine has the message (D12)
		}
	}
	for _, m := range d.In.State.Plan.Instants {
		if x := d.nextDate(m, armedOf(was, m.ID)); x.Due != 0 || x.Held != 0 {
			next = append(next, x)
		}
	}
	slices.SortFunc(next, compareArmed)
	if !slices.Equal(next, was) {
		d.profile().Own().Armed = slices.Clone(next)
	}
}

// GiveBack is [Release] of a send that certainly was not made. If it was of a date with an
// instant, Due meets that again, as long as it is not missed. (F4, T9)
func (d *Decision) GiveBack(rec *store.Record, c *store.Changes, id string) bool {
	if !Release(rec, c, id, d.In.Now) {
		return false
	}
	d.Begin(rec, c)
	d.arm()
	return true
}

func compareArmed(a, b store.ArmedDate) int { return strings.Compare(a.Message, b.Message) }

// armedOf returns the row of a message; with nothing in it if there is none.
func armedOf(list []store.ArmedDate, message string) store.ArmedDate {
	if i, found := slices.BinarySearchFunc(list, store.ArmedDate{Message: message}, compareArmed); found {
		return list[i]
	}
	return store.ArmedDate{Message: message}
}

// rearm puts a row back.
func rearm(list []store.ArmedDate, x store.ArmedDate) []store.ArmedDate {
	return rows.Upsert(list, x, compareArmed)
}

// nextDate returns when a date rule falls due next, in the state after the occasion.
func (d *Decision) nextDate(m *plan.Message, was store.ArmedDate) store.ArmedDate {
	next := store.ArmedDate{Message: m.ID}
	if s := d.In.State.Live[m.Place].status; s != plan.Live && s != plan.Paused {
		return next // it cannot be live by then without another program
	}
	rec := *d.Record
	rec.Profile, rec.LastSeen = d.current(), max(rec.LastSeen, d.Changes.LastSeen)
	if len(d.Changes.SendStats) > 0 && m.Date == rule.LastContacted {
		rec = *d.Outcome()
	}
	v := rule.UserAttribute(&rec, m.Date)
	date, ok := dates.DateOf(&v)
	if !ok {
		return next
	}
	now, zone := calendar.FloorSeconds(d.In.Now), m.Dates.In(d.In.State.ZoneOf(rec.Profile))
	if o, ok := m.Dates.Latest(date, now, zone); ok && o.Value == was.Held && o.From >= now-dates.Late {
		next.Held = was.Held
	}
	mark := store.DateState{Message: m.ID, Company: d.companyOf(m)}
	if o, ok := m.Dates.Next(date, max(now-dates.Late, d.liveFrom(m)), zone, func(o dates.Occurrence) bool {
		mark.Value = o.Value
		return o.Value != next.Held && !d.isDated(mark)
	}); ok {
		next.Due = o.From * 1000
	}
	return next
}

// occurs judges a date rule whose instant has come (T9). More than an hour later it is
// missed, and the next is waited for.
func (d *Decision) occurs(x *store.ArmedDate) {
	m := d.In.State.Plan.ByID[x.Message]
	if m == nil {
		d.abandon(x.Message, "")
		own := d.profile().Own()
		own.Armed = slices.DeleteFunc(own.Armed, func(y store.ArmedDate) bool { return y.Message == x.Message })
		return
	}
	if !m.ByDue {
		return // by an earlier program: it is forgotten
	}
	o, ok := d.latestDate(m)
	switch late := calendar.FloorSeconds(d.In.Now) - o.From; {
	case !ok || o.From*1000 < x.Due:
		return // the date has changed beside the engine, as by an import
	case late > dates.Late:
		if d.traces() {
			d.Out.Traces = append(d.Out.Traces, d.newTrace(m.ID, d.eventCompany(m)))
			d.note("its time has passed by more than an hour: it is missed")
		}
		d.hold(m, d.eventCompany(m), plan.HeldSchedule, 0)
		return
	}
	cand := Candidate{Message: m, company: d.eventCompany(m), date: o.Value, armed: x}
	d.Safely(m, cand.company, func() {
		if m.UsesCompany {
			cand.data = d.needCompany(cand.company)
		}
		d.Scope.Company = cand.data
		d.judge(&cand)
		d.Scope.Company = nil
	})
	if !d.isDated(store.DateState{Message: m.ID, Company: cand.company, Value: o.Value}) {
		list := d.profile().Own().Armed
		if i, found := slices.BinarySearchFunc(list, *x, compareArmed); found {
			list[i].Held = o.Value
		}
	}
}

// liveFrom returns the first second at which a message is live, if it is not paused: what
// fell due before that does not concern it.
func (d *Decision) liveFrom(m *plan.Message) int64 {
	return -calendar.FloorSeconds(-d.In.State.Live[m.Place].at)
}

// trimDates puts the values of date rules in order, and keeps the newest of each rule
// and company. A value matters on one day only; the newest few stand for all that a
// contact's date can take within it.
func trimDates(list []store.DateState) []store.DateState {
	slices.SortStableFunc(list, compareDates)
	kept, n := len(list), 0
	var behind store.DateState
	for i := len(list) - 1; i >= 0; i-- {
		x := list[i]
		if n++; compareDates(x, behind) != 0 {
			n, behind = 1, x
		}
		if n <= maxDateMarks {
			kept--
			list[kept] = x
		}
	}
	return slices.Delete(list, 0, kept)
}

// maxDateMarks is how many values of a date rule are remembered per message
// and company.
const maxDateMarks = 50

// takeNumber takes the lowest released number of a message; false if there is none.
func (d *Decision) takeNumber(message string) (n uint32, released bool) {
	p := d.current()
	if p == nil || len(p.FreeSequences) == 0 {
		return 0, false
	}
	l := &d.Out.late
	if l.numbers == nil && len(p.FreeSequences) <= rows.Few {
		at := -1
		for i, f := range p.FreeSequences {
			if f.Message == message && (at < 0 || f.Sequence < p.FreeSequences[at].Sequence) {
				at = i
			}
		}
		if at < 0 {
			return 0, false
		}
		n, p = p.FreeSequences[at].Sequence, d.profile()
		p.FreeSequences = slices.Delete(p.FreeSequences, at, at+1)
		return n, true
	}
	if l.numbers == nil {
		l.numbers, l.used = make(map[string][]uint32), make(map[store.FreeSequence]struct{})
		for _, f := range p.FreeSequences {
			l.numbers[f.Message] = append(l.numbers[f.Message], f.Sequence)
		}
		for _, list := range l.numbers {
			slices.SortFunc(list, func(a, b uint32) int { return cmp.Compare(b, a) })
		}
	}
	list := l.numbers[message]
	if len(list) == 0 {
		return 0, false
	}
	n = list[len(list)-1]
	l.numbers[message] = list[:len(list)-1]
	l.used[store.FreeSequence{Message: message, Sequence: n}] = struct{}{}
	d.profile()
	return n, true
}
