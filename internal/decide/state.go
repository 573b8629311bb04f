package decide

import (
	"slices"
	"time"
	"unique"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/dates"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/hours"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// A State is what decisions run under: a plan, and what outlives programs. It
// is immutable and swapped whole, so an event in flight sees one state from
// beginning to end.
type State struct {
	Plan     *plan.Plan
	Live     []Liveness // by messagePlan.place
	Since    []int64    // the same, as liveness.since
	Archived map[unique.Handle[string]]bool
	Zones    *calendar.ZoneCache

	Series map[string]plan.Status // paused or stopped by a call, by id, also of those that the plan does not have
}

// NewState makes the state of a plan. states are of its messages, as far as there are any.
func NewState(p *plan.Plan, states map[string]MessageState, archived map[unique.Handle[string]]bool, zones *calendar.ZoneCache) *State {
	st := &State{Plan: p, Live: make([]Liveness, len(p.Messages)), Since: make([]int64, len(p.Messages)), Archived: archived, Zones: zones}
	for _, m := range p.Messages {
		st.SetLive(m, states[m.ID])
	}
	return st
}

// SeriesLive returns what hosts are told of a series: a pause or a stop by a call outranks
// the program.
func (s *State) SeriesLive(x *plan.Series) *explain.Live {
	status := x.Status
	if by := s.Series[x.ID]; by != "" && status == plan.Live {
		status = by
	}
	return &explain.Live{Status: string(status)}
}

// SetLive sets what k says of a message, in a state that nobody else has.
func (s *State) SetLive(m *plan.Message, k MessageState) {
	s.Live[m.Place] = livenessOf(m, k)
	s.Since[m.Place] = s.Live[m.Place].since()
}

// HoursOf is what hours depend on of a contact.
func (s *State) HoursOf(p *store.Profile) hours.Contact {
	return hours.Contact{Zone: s.ZoneOf(p), Snoozed: p.Rarely().SnoozedUntil}
}

// ZoneOf is the contact's own zone; nil if it has none.
func (s *State) ZoneOf(p *store.Profile) *time.Location {
	if p == nil {
		return nil
	}
	name := p.Attribute("timezone").Text()
	if name == "" {
		return nil
	}
	return s.Zones.Get(name)
}

// walks reports whether the walks of a series go on.
func (s *State) walks(x *plan.Series) bool { return x.Status == plan.Live && s.Series[x.ID] == "" }

// OverdueFor is how long what has fallen due waits for an engine with its
// message or series: longer than a deployment and its rollback. (D12)
const OverdueFor = 7 * 24 * time.Hour

// isAbandoned reports whether what was due then has waited for longer than
// OverdueFor.
func isAbandoned(due, now int64) bool { return due < now-OverdueFor.Milliseconds() }

// leavesHold reports whether the hold waits for a message that is not the
// program's, and is left to an engine that has it (D12).
func (s *State) leavesHold(h *store.Hold, now int64) bool {
	return s.Plan.ByID[h.Message] == nil && !isAbandoned(h.Due, now)
}

// leavesDate is leavesHold for a date that was armed.
func (s *State) leavesDate(x *store.ArmedDate, now int64) bool {
	return s.Plan.ByID[x.Message] == nil && !isAbandoned(x.Due, now)
}

// waitsOnce reports whether a date that was armed falls due once, and not again and again.
func (s *State) waitsOnce(x store.ArmedDate) bool {
	m := s.Plan.ByID[x.Message]
	return x.Due != 0 && (m == nil || m.Dates != nil && m.Dates.Every == dates.None)
}

// leavesWalk reports whether nothing becomes of a walk by time: the series is not
// live, or the program does not know where it stands and leaves it to an engine
// that does (D12).
func (s *State) leavesWalk(w *store.SeriesState, now int64) bool {
	if x := s.Plan.SeriesByID[w.Series]; x != nil && !s.walks(x) {
		return true
	}
	return !s.knowsWalk(w) && !isAbandoned(w.Due, now)
}

// knowsWalk reports whether the program has the series of a walk that is not over,
// and the block at which it stands.
func (s *State) knowsWalk(w *store.SeriesState) bool {
	x := s.Plan.SeriesByID[w.Series]
	return x != nil && x.Block(w.Block) >= 0
}

// Unseen reports whether there is a segment that triggers a message which is live, and
// that nobody has seen the contact match or not (T8).
func (s *State) Unseen(p *store.Profile, now int64) bool {
	return slices.ContainsFunc(s.Plan.Crossings, func(m *plan.Message) bool {
		_, seen := crossingAt(p, m.ID)
		return !seen && s.Live[m.Place].went(now)
	})
}

// NextDue is Record.NextDue without what is left to other engines at now.
func (s *State) NextDue(rec *store.Record, now int64) int64 {
	if rec.Profile == nil {
		return 0
	}
	due := rec.Profile.Merged
	for i := range rec.Profile.Holds {
		if h := &rec.Profile.Holds[i]; (due == 0 || h.Due < due) && !s.leavesHold(h, now) {
			due = h.Due
		}
	}
	for _, x := range rec.Profile.Rarely().Armed {
		if x.Due != 0 && (due == 0 || x.Due < due) && !s.leavesDate(&x, now) {
			due = x.Due
		}
	}
	for i := range rec.Profile.SeriesStates {
		if w := &rec.Profile.SeriesStates[i]; w.Due != 0 && (due == 0 || w.Due < due) && !s.leavesWalk(w, now) {
			due = w.Due
		}
	}
	return due
}

// Droppable reports whether a visitor may be forgotten: unseen for long,
// nothing pending, on no walk, with no date ahead that comes once, nothing refused, not
// snoozed, and nothing taken that the running
// program would still hold against it, or one that has a message which was taken out
// (D7).
func (s *State) Droppable(rec *store.Record, stopped map[string]bool, now, after int64) bool {
	p := rec.Profile
	if Alive(rec) > 0 {
		return false
	}
	if p == nil {
		return true
	}
	if !p.Forward.IsZero() || !p.Moving.IsZero() || len(p.Holds) > 0 || len(p.Aliases) > 0 || len(p.Unsubscribed) > 0 ||
		p.Rarely().SnoozedUntil > now || slices.ContainsFunc(p.Rarely().Choices, func(c store.Choice) bool { return !c.Yes }) {
		return false
	}
	if slices.ContainsFunc(p.SeriesStates, func(w store.SeriesState) bool { return !w.Done && s.Series[w.Series] != plan.Stopped }) {
		return false
	}
	if slices.ContainsFunc(p.Rarely().Armed, s.waitsOnce) {
		return false
	}
	seen := max(rec.LastSeen, p.Created)
	for i := range rec.Stats {
		seen = max(seen, rec.Stats[i].Last*1000)
	}
	for i := range rec.Dedup {
		seen = max(seen, rec.Dedup[i].At) // an event may have come now that says it is old
	}
	if seen > now-after {
		return false
	}
	for i := range rec.SendStats {
		row := &rec.SendStats[i]
		if row.Count == 0 || stopped[row.Message] {
			continue
		}
		// What goes out once, or so many times, would go out again.
		if m := s.Plan.ByID[row.Message]; m == nil || !m.Paced || m.Frequency.Max > 0 || m.Frequency.Every > 0 && row.Last > now-m.Frequency.Every {
			return false
		}
	}
	var groups []int32
	for i := range rec.SendLog {
		if rec.SendLog[i].Exempt {
			continue
		}
		groups = s.Plan.Caps.Concern(groups[:0], rec.SendLog[i].Channel, rec.SendLog[i].Tags)
		for _, g := range groups {
			if rec.SendLog[i].At > now-s.Plan.Caps.Groups[g].Longest {
				return false
			}
		}
	}
	return true
}

// Unheard says that no message listens to an event, and which event was
// probably meant; empty if one listens, or a series, or a message that the event
// would cancel.
func (st *State) Unheard(name unique.Handle[string]) string {
	p := st.Plan
	if of := p.Events[name.Value()]; of != nil && len(of.Candidates) > 0 || p.Triggers[name] ||
		slices.ContainsFunc(p.Messages, func(m *plan.Message) bool { return m.Wait.Follows(name) }) {
		return ""
	}
	var heard []string
	for event, of := range p.Events {
		if slices.ContainsFunc(of.Candidates, func(m *plan.Message) bool { return st.Live[m.Place].status == plan.Live }) {
			heard = append(heard, event)
		}
	}
	for event := range p.Triggers {
		heard = append(heard, event.Value())
	}
	slices.Sort(heard) // of several that are as near, always the same
	note := "no message listens to " + fault.Shown(name.Value())
	if near := fault.Meant(name.Value(), heard); near != "" {
		note += "; did you mean " + fault.Shown(near) + "?"
	}
	return note
}
