package decide

import (
	"slices"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/walk"
	"github.com/beckon-go/beckon/store"
)

// Outcome returns the record as it is after the occasion: what goals, and the
// rules of a series, look at. An event that reaches a goal reaches it at once,
// and one that both sends a message and fulfils its goal had fulfilled it when
// the message was sent.
func (d *Decision) Outcome() *store.Record {
	if d.Out.after == nil {
		// No rule looks at the log of sends, at the events remembered or at what is
		// pending, which are the long sections of a record.
		before, c := *d.Record, *d.Changes
		before.SendLog, before.Dedup, before.Pending = nil, nil, store.PendingList{}
		c.SendLog, c.SendLogDrop, c.Dedup, c.DedupDrop, c.Pending, c.PendingDrop = nil, nil, nil, 0, nil, nil
		d.Out.after = CloneRecord(&before)
		d.Out.after.Apply(&c)
		d.Out.after.Key = d.Record.Key
	}
	d.Out.after.Profile = d.current() // its own sends it is told of, see putSends
	return d.Out.after
}

// over evaluates a rule over the state after the occasion, for the contact
// and, if the rule needs it, its first company's data.
func (d *Decision) over(r *rule.Compiled) bool {
	before, built := d.Scope.Rec, d.Scope.Built
	d.Scope.Recent = d.Changes.Events
	// The state afterwards holds the counters that were built, with what this
	// occasion adds to them.
	d.Scope.Rec, d.Scope.Built = d.Outcome(), nil
	if r.UsesCompany {
		if p := d.Scope.Rec.Profile; p != nil && len(p.Companies) > 0 {
			d.Scope.Company = d.needCompany(p.Companies[0])
		}
	}
	ok := d.eval(r)
	d.Scope.Rec, d.Scope.Built, d.Scope.Company, d.Scope.Recent = before, built, nil, nil
	return ok
}

// openGoal begins to watch for the goal of a message that was just sent, or
// held out (D9, D10), or of a series that was entered (X4). Whether the contact matches
// already is judged at the end of the occasion, see convert.
func (d *Decision) openGoal(of string, goal *plan.Goal, control bool) {
	if goal == nil {
		return
	}
	p := d.profile()
	mark := store.GoalState{Message: of, Until: d.In.Now + goal.Within, Control: control, Sent: d.In.Now}
	i, found := slices.BinarySearchFunc(p.Goals, mark, compareGoals)
	switch {
	case !found:
		d.Out.late.goals = append(d.Out.late.goals, mark)
	case p.Goals[i].Converted: // counts once
		return
	default:
		p.Goals[i] = mark
	}
	d.Out.opened = append(d.Out.opened, openedGoal{of, d.Scope.Page})
}

// goalOf returns the goal of a message, or of a series by the key of its totals; nil if the
// program has none.
func (d *Decision) goalOf(name string) *plan.Goal {
	if m := d.In.State.Plan.ByID[name]; m != nil {
		return m.Goal
	}
	if id, ok := walk.Series(name); ok {
		if s := d.In.State.Plan.SeriesByID[id]; s != nil {
			return s.Goal
		}
	}
	return nil
}

// An openedGoal is a send of this occasion whose goal is watched, with the page
// that the contact was on: for what was held, the held event's (K).
type openedGoal struct {
	message string
	page    *store.Page
}

// openedNow returns the latest send of the message in this occasion, nil if there
// is none. No more of them come when it is asked.
func (d *Decision) openedNow(message string) *openedGoal {
	list := d.Out.opened
	if len(list) > rows.Few {
		if d.Out.latest == nil {
			d.Out.latest = make(map[string]int, len(list))
			for i := range list {
				d.Out.latest[list[i].message] = i
			}
		}
		if i, opened := d.Out.latest[message]; opened {
			return &list[i]
		}
		return nil
	}
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].message == message {
			return &list[i]
		}
	}
	return nil
}

// moveOn does what every occasion of X3 ends with: it takes walks on and counts
// goals. What a merge has left to decide is decided with that, but by an engine
// that has a program (D12).
func (d *Decision) moveOn() {
	if d.In.Records {
		return
	}
	d.walk()
	d.crossAgain()
	d.convert()
	if d.merged() && !d.In.State.Plan.Missing {
		d.profile().Merged = 0
	}
}

// convert counts the goals that the contact now reaches: of messages sent on an
// earlier occasion, within the span, its last second included (D9). Goals
// that were already reached when the message was sent do not count, and those
// whose span is over are forgotten.
func (d *Decision) convert() { d.goals(true) }

// goals judges the goals that are open. Where the occasion is not one that
// reaches goals (a sweep, a check, a send) it only finds those that were
// reached already when their message was sent in it.
func (d *Decision) goals(reaches bool) {
	d.putGoals()
	p := d.current()
	if p == nil || len(p.Goals) == 0 {
		return
	}
	var gone []string // by message, in order
	for _, g := range slices.Clone(p.Goals) {
		goal := d.goalOf(g.Message)
		if g.Converted || goal == nil {
			continue
		}
		sent, open := d.openedNow(g.Message), d.openBefore(g.Message)
		if !reaches && (open || sent == nil) {
			continue
		}
		if sent == nil && !open {
			gone = append(gone, g.Message)
			continue
		}
		if open && d.merged() && d.metThen(g, goal) {
			gone = append(gone, g.Message) // it had been reached when the message was sent
			continue
		}
		page := d.Scope.Page
		if !open {
			d.Scope.Page = sent.page
		}
		reached := d.over(goal.Rule)
		d.Scope.Page = page
		if !reached {
			continue
		}
		if !open {
			gone = append(gone, g.Message) // it had been reached when the message was sent
			continue
		}
		q := d.profile()
		if j, found := slices.BinarySearchFunc(q.Goals, g, compareGoals); found {
			q.Goals[j].Converted = true
		}
		name := TotalConverted
		if g.Control {
			name = TotalControlConverted
		}
		d.Changes.Totals = append(d.Changes.Totals, store.Increment{Message: g.Message, Name: name, N: 1})
	}
	if len(gone) > 0 {
		q := d.profile()
		q.Goals = slices.DeleteFunc(q.Goals, func(g store.GoalState) bool {
			_, left := slices.BinarySearch(gone, g.Message)
			return left
		})
	}
}

// openBefore reports whether an earlier occasion left the goal open and its
// span is not over.
func (d *Decision) openBefore(message string) bool {
	p := d.Record.Profile
	if p == nil {
		return false
	}
	i, found := slices.BinarySearchFunc(p.Goals, store.GoalState{Message: message}, compareGoals)
	return found && !p.Goals[i].Converted && calendar.FloorSeconds(d.In.Now) <= calendar.FloorSeconds(p.Goals[i].Until)
}
