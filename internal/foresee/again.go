package foresee

import (
	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/standing"
)

// An asked is a held message: the question is when the same occasion would send it.
type asked struct {
	t      *explain.Message
	m      *plan.Message
	wants  int64 // it is to be looked at then; 0: no time changes what is decided
	last   verdict
	left   int  // of its share of the work
	spent  bool // and was not enough
	looked bool // its first look was had
	over   bool
}

// A verdict is what is decided of a message.
type verdict struct {
	sent    bool
	reason  plan.Reason // NotHeld and not sent: it is no candidate
	retryAt int64
}

// again finds when the same occasion, once more, sends messages that it holds. It goes from
// one instant to the next at which one of them may be decided otherwise, for all of them
// together: a look decides all that the occasion has as candidates.
func (f *foresight) again(list []*asked) error {
	if len(list) == 0 {
		return nil
	}
	w := f.newWork(list)
	for {
		at := int64(0)
		var first *asked
		for _, x := range list {
			if !x.over && (first == nil || x.wants < at) {
				at, first = x.wants, x
			}
		}
		if first == nil {
			return nil
		}
		if !w.look(first) {
			first.giveUp()
			continue
		}
		if err := f.look(at); err != nil {
			return err
		}
		verdicts := f.verdicts()
		for _, x := range list {
			if x.over || x.wants > at {
				continue
			}
			if x.last = verdicts[pair{x.m.ID, x.t.CompanyID}]; x.last.sent {
				x.over = true
				sends(x.t, at, x.t.Occasion)
				if due := f.dueNext(); due != 0 && due < at && x.t.SendsBy != "" {
					x.t.DueBefore = standing.Instant(due)
				}
			} else {
				x.wants = f.next(x.m, x.t.CompanyID, x.last, func(conditions int) bool { return w.take(x, conditions) })
			}
			switch {
			case x.over:
			case x.spent:
				x.giveUp()
			case x.wants <= at:
				x.over = true
				x.t.Never = never(x.last.reason, x.m, x.t)
			}
			if x.over {
				w.spare += x.left
			}
		}
		if f.at.Lacks() {
			return f.need()
		}
	}
}

// dueNext returns when Due next has something to do for the contact; 0 if it has not.
func (f *foresight) dueNext() int64 {
	due := f.d.In.State.NextDue(f.d.Out.Kept, f.d.In.Now)
	if f.d.In.Occasion == decide.OnSendTo { // it is decided by a plan of its own
		due = f.d.Out.Kept.NextDue()
	}
	if due == 0 {
		return 0
	}
	return max(due, f.d.In.Now)
}

// giveUp ends the search for a message.
func (x *asked) giveUp() {
	x.over = true
	notKnown(x.t, "too much would have to be looked at")
}

// look asks what the occasion decides at an instant.
func (f *foresight) look(now int64) error {
	if err := f.decide(f.d.Out.Kept, now, func(s *decide.Decision) { s.Fetched = f.d.Fetched }); err != nil {
		return err
	}
	e, sec := &f.at.In.Event, calendar.FloorSeconds(now)
	f.own = &rule.Own{At: sec}
	if f.at.In.Occasion == decide.OnTrack {
		f.own.Event, f.own.Dated = f.at.In.Name, e.Dated && e.Created <= sec
	}
	return nil
}

// A pair is a message and the company that it is about.
type pair struct{ message, company string }

// verdicts returns what was decided of each candidate.
func (f *foresight) verdicts() map[pair]verdict {
	list := make(map[pair]verdict, f.at.Out.Held.Count+len(f.at.Out.Deliveries))
	f.at.Out.Held.Each(func(h decide.HeldOne) {
		list[pair{h.Message, h.Company}] = verdict{reason: h.Reason, retryAt: h.RetryAt}
	})
	for i := range f.at.Out.Deliveries {
		x := &f.at.Out.Deliveries[i]
		v := list[pair{x.Message, x.CompanyID}]
		v.sent = true
		list[pair{x.Message, x.CompanyID}] = v
	}
	return list
}

// A work is how much may be looked at, in conditions to judge.
type work struct {
	price int // of a look
	free  int // for the first looks that messages ask for, which no share has to pay
	spare int // of the shares that were left
	begun bool
}

func (f *foresight) newWork(list []*asked) *work {
	candidates := f.d.In.Messages
	switch f.d.In.Occasion {
	case decide.OnTrack:
		candidates = f.d.In.Concerns.Candidates
	case decide.OnUpdate:
		candidates = f.d.In.State.Plan.Changes
	}
	w := &work{price: max(f.d.In.State.Plan.Conditions(candidates, f.d.EventsFetched()), MaxWork/MaxLooks)}
	w.free = max(MaxWork, MinLooks*w.price)
	for _, x := range list {
		x.wants, x.left = f.d.In.Now, MaxWork/len(list)
	}
	return w
}

// look takes what a look costs, for a message that wants it. That at the beginning is for all.
func (w *work) look(x *asked) bool {
	switch {
	case !w.begun:
		w.begun = true
	case !x.looked && w.free >= w.price:
		x.looked = true
		w.free -= w.price
	default:
		return w.take(x, w.price)
	}
	return true
}

// take takes of what is left of a message's share, and then of what others have left of theirs.
func (w *work) take(x *asked, n int) bool {
	own := min(x.left, n)
	if w.spare < n-own {
		x.spent = true
		return false
	}
	x.left -= own
	w.spare -= n - own
	return true
}
