package decide

import (
	"cmp"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/walk"
	"github.com/beckon-go/beckon/store"
)

// walk takes the contact on through the series of the plan, on every occasion
// of X3: events, imports, visits, updates, merges and Due. Sweeps, checks and
// sends move no walk.
func (d *Decision) walk() {
	for _, s := range d.inTurn() {
		if d.In.State.walks(s) {
			d.walkOne(s)
		} else {
			d.ceases(s)
		}
	}
	d.putWalks()
	d.dropWalks()
}

// inTurn returns the series of the plan; first those whose walk has fallen due, in order of
// due time (K).
func (d *Decision) inTurn() []*plan.Series {
	list, p := d.In.State.Plan.Series, d.current()
	isDue := func(w store.SeriesState) bool { return w.Due != 0 && w.Due <= d.In.Now && !w.Done }
	if len(list) < 2 || p == nil || !slices.ContainsFunc(p.SeriesStates, isDue) {
		return list
	}
	due := make(map[string]int64)
	for _, w := range p.SeriesStates {
		if isDue(w) {
			due[w.Series] = w.Due
		}
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *plan.Series) int {
		x, isX := due[a.ID]
		y, isY := due[b.ID]
		switch {
		case isX && isY:
			return cmp.Compare(x, y)
		case isX:
			return -1
		case isY:
			return 1
		}
		return 0
	})
	return list
}

// catchUp takes walks through what had come before a merge that is about to be
// made (X3), as far as a message: it is no occasion, and sends nothing.
func (d *Decision) catchUp() {
	d.seeBefore()
	for _, s := range d.inTurn() {
		i, found := d.walkAt(s)
		if !d.In.State.walks(s) || !found {
			continue
		}
		w := d.current().SeriesStates[i]
		if w.Done || !d.In.State.knowsWalk(&w) {
			continue
		}
		before := w
		d.advance(s, &w, stride{past: true})
		if w != before {
			d.putWalk(w)
		}
	}
}

// dropWalks ends the walks that have waited too long for a series, or a block of
// it, that the program does not have (D12). Before that they are left as they are,
// for an engine that has it.
func (d *Decision) dropWalks() {
	p := d.current()
	if p == nil || d.In.Occasion != OnDue {
		return
	}
	for i := range p.SeriesStates {
		w := &p.SeriesStates[i]
		if w.Due != 0 && !d.In.State.knowsWalk(w) && !d.In.State.leavesWalk(w, d.In.Now) {
			q := d.profile()
			d.end(&q.SeriesStates[i])
			p = q
		}
	}
}

// walkOne takes the contact on through one series. What fell due before the
// occasion comes first, as things stood then; the exit rule and the entry then find
// the walk as a Due on time would have left it (X3).
func (d *Decision) walkOne(s *plan.Series) {
	i, found := d.walkAt(s)
	var w store.SeriesState
	if found {
		w = d.current().SeriesStates[i]
	}
	d.Out.walkFrom, d.Out.anchored = len(d.Out.Origins), anchored{}
	before, active := w, found && !w.Done
	if active && !d.In.State.knowsWalk(&w) {
		d.begins(s, false)
		return // D12
	}
	if active && !d.advance(s, &w, stride{past: true}) {
		d.putWalk(w)
		return // it is far behind: what is now is not its matter yet
	}
	active = found && !w.Done
	may := !active && (!found || s.Reenter && mayReenter(s, &w, d.In.Now))
	enters := d.begins(s, may) && may
	if active || enters {
		d.Scope.Entry = calendar.FloorSeconds(d.In.Now)
		if active {
			d.Scope.Entry = calendar.FloorSeconds(w.Entered)
		}
		exits := s.Exit != nil && d.over(s.Exit) // it ends the walk and bars entry
		switch {
		case exits && active:
			d.exit(&w)
		case enters && !exits:
			w = store.SeriesState{
				Series: s.ID, Block: s.Blocks[0].ID, Since: d.In.Now, Entered: d.In.Now, Entries: 1, Exits: w.Exits,
			}
			if found {
				w.Entries = entries(&before) + 1
			}
			d.Out.anchored = anchored{} // that was another walk
			d.openGoal(walk.Key(s.ID), s.Goal, false)
			d.advance(s, &w, stride{reached: true})
		case active:
			d.advance(s, &w, stride{})
		}
	}
	if w != before {
		d.putWalk(w)
	}
}

// mayReenter reports whether a walk that is over may be followed by another (X4).
func mayReenter(s *plan.Series, w *store.SeriesState, now int64) bool {
	return (s.Entries == 0 || entries(w) < s.Entries) && now >= calendar.AddMillis(w.Entered, s.Apart)
}

// entries returns how often a walk was entered: once at least.
func entries(w *store.SeriesState) uint32 { return max(w.Entries, 1) }

// ceases notes of a series that does not run that the contact matches its entry no more: if
// it does again when the series runs, it has begun to.
func (d *Decision) ceases(s *plan.Series) {
	p := d.current()
	if s.Triggers || p == nil {
		return
	}
	if _, matched := slices.BinarySearch(p.Matched, s.ID); matched && !d.over(s.Audience) {
		d.profile()
		d.Out.late.unmatched = append(d.Out.late.unmatched, s.ID)
	}
}

// begins reports whether the occasion is what a walk begins with, for a contact
// who may: the event that the series is entered by, with an audience that held
// before it (A2), or else that the contact begins to match the audience, which
// sees the state after the occasion. A contact of whom nothing is known yet has
// not matched before. An import is no event to enter by. What was last seen is not all: of
// one who may enter it is asked whether the match has ended since, by time alone or by what
// an occasion brought about itself, up to this occasion.
func (d *Decision) begins(s *plan.Series, may bool) bool {
	if s.Triggers {
		return d.In.Occasion == OnTrack && d.In.Name == s.Event && !d.In.Event.Imported &&
			(s.Where == nil || d.eval(s.Where)) && (s.Audience == nil || d.first(s.Audience))
	}
	matches, matched := d.over(s.Audience), false
	if p := d.current(); p != nil {
		_, matched = slices.BinarySearch(p.Matched, s.ID)
	}
	switch {
	case matches && !matched:
		d.profile()
		d.Out.late.matched = append(d.Out.late.matched, s.ID)
		return true
	case matched && !matches:
		d.profile()
		d.Out.late.unmatched = append(d.Out.late.unmatched, s.ID)
	case matches && may:
		return !d.asOf(s.Audience, d.Record, d.In.Now)
	}
	return false
}

// first evaluates a rule over the state before the occasion, with the first
// company's data if it needs any.
func (d *Decision) first(r *rule.Compiled) bool {
	return d.evalFirst(r, d.Scope.Rec)
}

// evalFirst evaluates a rule over a record, with the data of its first company
// if the rule needs any.
func (d *Decision) evalFirst(r *rule.Compiled, rec *store.Record) bool {
	before := d.Scope.Rec
	d.Scope.Rec = rec
	if r.UsesCompany {
		if p := rec.Profile; p != nil && len(p.Companies) > 0 {
			d.Scope.Company = d.needCompany(p.Companies[0])
		}
	}
	ok := d.eval(r)
	d.Scope.Rec, d.Scope.Company = before, nil
	return ok
}

// deliver judges a message that the walk has reached: subject to hours and a
// full outbox, which wait, consent and caps. One that is held for another reason is passed
// by (K). Its audience sees what an update has changed unless it was due before that.
func (d *Decision) deliver(s *plan.Series, m *plan.Message, w *store.SeriesState, k *stride) (opening int64, waits bool) {
	company, state := d.companyOf(m), d.standing()
	if k.past && d.In.Occasion == OnUpdate {
		state = k.before.record()
	}
	before, sent := d.Out.Held.Count, len(d.Out.Origins)
	d.Safely(m, company, func() {
		cand := Candidate{Message: m, company: company, series: s, walk: w}
		if m.UsesCompany {
			cand.data = d.needCompany(company)
		}
		rec, fields := d.Scope.Rec, d.Scope.Fields
		d.Scope.Rec, d.Scope.Company, d.Scope.Fields = state, cand.data, nil
		d.judge(&cand)
		d.Scope.Rec, d.Scope.Company, d.Scope.Fields = rec, nil, fields
	})
	d.adopt(sent)
	if d.Out.Held.Count > before {
		h := d.Out.Held.row(d.Out.Held.Rows - 1)
		if sent > d.Out.walkFrom || d.Out.anchored.is {
			d.Out.behind = append(d.Out.behind, behind{delivery: d.lastOfWalk(), held: before, message: m.ID, company: company, reason: h.reason})
		}
		switch h.reason {
		case plan.HeldSchedule, plan.HeldQuiet, plan.HeldSnoozed, plan.HeldOutboxFull:
			return h.retryAt, h.retryAt != 0
		}
	}
	return 0, false
}

// standing returns what the audience of a series' message sees: the contact's
// data as it is now, with what an update and the blocks before have set (X1),
// and counts, sends and last seen from before the occasion (A2).
func (d *Decision) standing() *store.Record {
	if d.Changes.Profile == nil {
		return d.Record
	}
	rec := *d.Record
	rec.Profile = d.Changes.Profile
	return &rec
}

// companyOf is the company that a series' message is about: the contact's
// first.
func (d *Decision) companyOf(m *plan.Message) string {
	if p := d.current(); m.UsesCompany && p != nil && len(p.Companies) > 0 {
		return p.Companies[0]
	}
	return ""
}

func walksOf(rec *store.Record) []store.SeriesState {
	if rec.Profile == nil {
		return nil
	}
	return rec.Profile.SeriesStates
}

// Moved takes out of the totals of series what the record that takes this one in has
// counted as its own.
func Moved(rec *store.Record, c *store.Changes) {
	c.Totals = walk.Tally(c.Totals, walksOf(rec), nil)
}

func (d *Decision) walkAt(s *plan.Series) (int, bool) {
	p := d.current()
	if p == nil {
		return 0, false
	}
	return slices.BinarySearchFunc(p.SeriesStates, s.ID, func(w store.SeriesState, id string) int { return strings.Compare(w.Series, id) })
}

// putWalk puts a walk into its place, or one that has begun where walk does: each
// series is looked at once.
func (d *Decision) putWalk(w store.SeriesState) {
	p := d.profile()
	if i, found := slices.BinarySearchFunc(p.SeriesStates, w, compareWalks); found {
		p.SeriesStates[i] = w
	} else {
		d.Out.late.walks = append(d.Out.late.walks, w)
	}
}
