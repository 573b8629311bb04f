package foresee

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/hours"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/standing"
	"github.com/beckon-go/beckon/store"
)

// Walks tells where a contact stands in the series of the plan, of a decision that has only
// looked at it. at and the error are as for [Explained].
func Walks(d, at *decide.Decision) ([]explain.Walk, error) {
	f := &foresight{d: d, at: at}
	if err := f.decide(d.Out.Kept, d.In.Now, func(s *decide.Decision) { s.Fetched = d.Fetched }); err != nil {
		return nil, err
	}
	list := make([]explain.Walk, 0, len(d.In.State.Plan.Series))
	for _, s := range d.In.State.Plan.Series {
		list = append(list, f.walk(s))
	}
	if at.Lacks() {
		return nil, f.need()
	}
	next := make([]explain.Message, len(list))
	var waits []waiting
	for i := range list {
		if w := &list[i]; w.State == explain.Walking {
			next[i].Series = w.Series
			waits = append(waits, waiting{t: &next[i], next: true})
			if w.Message != nil {
				waits = append(waits, waiting{t: w.Message, walks: true})
			}
		}
	}
	if err := f.due(decide.KeptRecord(d.Out.Kept), waits); err != nil {
		return nil, err
	}
	for i := range list {
		if !next[i].SendsAt.IsZero() {
			list[i].NextMessage, list[i].NextAt = next[i].Message, next[i].SendsAt
		}
	}
	return list, nil
}

func (f *foresight) walk(s *plan.Series) explain.Walk {
	d, rec := f.at, f.d.Out.Kept
	x := explain.Walk{Series: s.ID, State: explain.NeverBegan, Live: d.In.State.SeriesLive(s), Unknown: !rec.Exists}
	var w store.SeriesState
	found := false
	if rec.Profile != nil {
		if i := slices.IndexFunc(rec.Profile.SeriesStates, func(w store.SeriesState) bool { return w.Series == s.ID }); i >= 0 {
			w, found = rec.Profile.SeriesStates[i], true
		}
	}
	if found {
		x.Entered, x.Entries, x.Exits = standing.Instant(w.Entered), int(max(w.Entries, 1)), int(min(w.Exits, math.MaxInt32))
	}
	entry := calendar.FloorSeconds(d.In.Now)
	if found && !w.Done {
		entry = calendar.FloorSeconds(w.Entered)
	}
	x.Exit = d.ExplainRule(s.Exit, entry)
	switch {
	case found && !w.Done:
		x.State, x.Block, x.Since, x.Until = explain.Walking, w.Block, standing.Instant(w.Since), standing.Instant(w.Due)
		f.standing(&x, s, &w, entry)
	case found && int(w.Exits) >= x.Entries:
		x.State = explain.Exited
	case found:
		x.State = explain.Finished
	}
	if x.State != explain.Walking {
		x.Entry = f.entry(&x, s, &w, found)
	}
	return x
}

// standing tells of the block at which a walk stands.
func (f *foresight) standing(x *explain.Walk, s *plan.Series, w *store.SeriesState, entry int64) {
	d := f.at
	i := s.Block(w.Block)
	if i < 0 {
		x.Note = "the program does not have the block: the walk is left to an engine that has"
		return
	}
	switch b := &s.Blocks[i]; {
	case b.Exit:
		x.Kind = explain.ExitBlock
	case b.Rule != nil:
		x.Kind, x.Rule = explain.RuleBlock, d.ExplainRule(b.Rule, entry)
		if b.Within != 0 {
			x.Ends = standing.Instant(w.Since + b.Within)
		}
	case b.Message != nil:
		x.Kind, x.Message = explain.MessageBlock, d.TraceOf(b.Message, s, w)
		shut := hours.At(b.Message, d.In.State.HoursOf(d.Record.Profile), d.In.Now)
		if x.For = store.Reason(shut.Reason.Text()); x.For == "" && w.Due > d.In.Now {
			x.For = store.ReasonOutboxFull
		}
		x.Message.Reason = x.For
	case b.Set != nil:
		x.Kind = explain.UpdateBlock
	case b.Split != nil:
		x.Kind = explain.SplitBlock
	case b.Until != nil:
		x.Kind = explain.WaitUntilBlock
	default:
		x.Kind = explain.WaitBlock
	}
	if x.Live.Status != string(plan.Live) {
		x.Note = "the series is " + x.Live.Status + ": the walk does not move"
	}
}

// entry tells why a walk is not under way.
func (f *foresight) entry(x *explain.Walk, s *plan.Series, w *store.SeriesState, found bool) *explain.Entry {
	d, rec := f.at, f.d.Out.Kept
	e := &explain.Entry{Again: s.Reenter, Audience: d.ExplainRule(s.Audience, 0), Barred: x.Exit != nil && x.Exit.Matched}
	if s.Triggers {
		e.Event = s.Event.Value()
		if st, ever := rec.Stat(s.Event); ever {
			e.Count, e.Last = int(min(st.Count, math.MaxInt)), time.Unix(st.Last, 0).UTC()
		}
		e.Where = s.Where.String()
	} else if rec.Profile != nil {
		_, e.Matched = slices.BinarySearch(rec.Profile.Matched, s.ID)
	}
	if found {
		if s.Apart > 0 {
			e.From = standing.Instant(calendar.AddMillis(w.Entered, s.Apart))
		}
		if s.Entries > 0 {
			e.Left = int(s.Entries) - min(x.Entries, int(s.Entries))
		}
		e.Spent = !s.Reenter || s.Entries > 0 && e.Left == 0
	}
	fits := e.Audience == nil || e.Audience.Matched
	switch {
	case x.Live.Status != string(plan.Live):
		e.Why = "the series is " + x.Live.Status + ": nobody enters it"
	case !rec.Exists:
		e.Why = "nobody is known by that id"
	case e.Spent && !s.Reenter:
		e.Why = "it has been entered, and may not be entered again"
	case e.Spent:
		e.Why = fmt.Sprintf("it has been entered %d times, which is the most", x.Entries)
	case d.In.Now < e.From.UnixMilli() && !e.From.IsZero():
		e.Why = "it may be entered again from " + e.From.Format(time.RFC3339) + " on"
	case e.Barred:
		e.Why = "the exit rule holds, which bars entry"
	case s.Triggers && e.Count == 0:
		e.Why = "the event " + e.Event + ", which begins it, has never come"
	case s.Triggers && !fits:
		e.Why = "the event " + e.Event + " begins it for those in the audience, in which the contact is not now"
	case s.Triggers:
		e.Why = "it begins when the event " + e.Event + " comes; the last came at " + e.Last.Format(time.RFC3339) +
			", when the audience or the rule on the event did not hold, or before the series was live, or as history"
	case !fits:
		e.Why = "it begins when the contact comes to match the audience, which it does not"
	case e.Matched:
		e.Why = "the contact has matched the audience all along: it must cease to, and begin again"
	default:
		e.Why = "the contact matches, and enters on its next occasion"
	}
	return e
}
