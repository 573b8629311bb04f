package simulation

import (
	"context"
	"slices"
	"time"

	"github.com/beckon-go/beckon/store"
)

// overdue is how long what waits for a message that nobody knows stays (D12).
const overdue = 7 * 24 * time.Hour

func waitKeyOf(h *store.Hold) waitKey { return waitKey{h.Message, h.Event.EventID} }

func holdsOf(p *store.Profile) []store.Hold {
	if p == nil {
		return nil
	}
	return p.Holds
}

// holdsChanged checks what a step has done to what waits (Z1, D12): whatever
// waits no longer was judged, or cancelled by what followed, and the totals say
// so; and it was judged by an engine that knows its message.
func (w *world) holdsChanged(p *process, who *person, s *spy) {
	before, after := holdsOf(s.before), holdsOf(s.after)
	for i := range after {
		h := &after[i]
		k := waitKeyOf(h)
		if x := w.book.waiting[k]; x == nil {
			x = &waiter{waitKey: k, person: who, due: h.Due, since: w.book.commits}
			w.book.waiting[k] = x
			w.book.queue = append(w.book.queue, x)
			w.note("%s of %s waits for %v, until %v", h.Message, h.Event.EventID, who, time.UnixMilli(h.Due).Sub(w.began))
		} else {
			if x.ended != "" {
				x.since = w.book.commits
				w.book.queue = append(w.book.queue, x)
			}
			x.due, x.ended = h.Due, ""
		}
	}
	if s.merging {
		w.holdsMerged(who, s)
		return
	}
	gone := map[string]int64{}
	for i := range before {
		h := &before[i]
		k := waitKeyOf(h)
		if slices.ContainsFunc(after, func(x store.Hold) bool { return waitKeyOf(&x) == k }) {
			continue
		}
		gone[h.Message]++
		n, names := increments(s.totals, h.Message)
		w.book.waiting[k].ended = "gone"
		switch {
		case s.deleted && who.left:
		case gone[h.Message] > n:
			w.fail(holdBroken, "%s of %s waited for %v and is gone, and no total says why: %v", h.Message, h.Event.EventID, who, names)
		case gone[h.Message] > n-notLive(s.totals, h.Message) && !w.mayDrop(p, h):
			w.fail(holdBroken, "%s of %s waited for %v until %v, and was dropped not_live by %s, with the program %s", h.Message, h.Event.EventID,
				who, time.UnixMilli(h.Due).Sub(w.began), p.name, p.running.name)
		}
	}
}

// holdsMerged checks that a merge takes what waits along. Only an absence may
// end with it: one that the other half has cancelled, or that both have (T6).
func (w *world) holdsMerged(who *person, s *spy) {
	after := holdsOf(s.after)
	if s.after != nil && !s.after.Forward.IsZero() {
		if err := w.memory.Read(context.Background(), []store.Key{w.root(who.key)}, func(rec *store.Record) error {
			after = slices.Clone(holdsOf(rec.Profile))
			return nil
		}); err != nil {
			w.fail(storeBroken, "%v", err)
		}
	}
	for _, h := range holdsOf(s.before) {
		k := waitKeyOf(&h)
		x := w.book.waiting[k]
		if x.ended != "" || slices.ContainsFunc(after, func(y store.Hold) bool { return waitKeyOf(&y) == k }) {
			continue
		}
		if x.ended = "joined"; !h.Absence {
			w.fail(holdBroken, "%s of %s waited for %v, and a merge has lost it", h.Message, h.Event.EventID, who)
		}
	}
}

// notLive is how often a step says that a message is not live: of what waited, or
// of what its own event would have triggered.
func notLive(list []store.Increment, message string) (n int64) {
	for _, x := range list {
		if x.Message == message && x.Name == "held.not_live" {
			n += x.N
		}
	}
	return n
}

// mayDrop reports whether an engine may drop what waits as not live: its own
// program says so, or somebody has paused or stopped the message, or nobody has
// known it for long.
func (w *world) mayDrop(p *process, h *store.Hold) bool {
	if w.stopped(h.Message) || time.Now().Add(w.setHigh).UnixMilli()-h.Due >= overdue.Milliseconds() {
		return true
	}
	return p.may(w.current.call, func(v *version) bool { return v.knows(h.Message) && !v.messages[h.Message] })
}

// stopped reports whether somebody has ever paused or stopped a message.
func (w *world) stopped(m string) bool {
	return w.universe.byID[m] != nil && w.universe.byID[m].touched
}

// walksChanged checks that an engine leaves the walks of series alone that its
// program does not know (D12).
func (w *world) walksChanged(p *process, s *spy) {
	if s.before == nil || s.before == s.after {
		return
	}
	for _, x := range s.before.SeriesStates {
		if x.Done || p.may(w.current.call, func(v *version) bool { return v.series[x.Series] }) || time.Now().Add(w.setHigh).UnixMilli()-x.Due >= overdue.Milliseconds() && x.Due != 0 {
			continue
		}
		at := -1
		if s.after != nil {
			at = slices.IndexFunc(s.after.SeriesStates, func(y store.SeriesState) bool { return y.Series == x.Series })
		}
		if at < 0 || s.after.SeriesStates[at].Block != x.Block || s.after.SeriesStates[at].Due != x.Due || s.after.SeriesStates[at].Done {
			w.fail(walkBroken, "%s, whose program %s has no series %s, moved its walk from %+v to %+v", p.name, p.running.name, x.Series, s.before.SeriesStates, s.after.SeriesStates)
		}
	}
}

// attribute has a run count what the running call has just taken back of what the run
// had decided ahead.
func (w *world) attribute(run *call) {
	last := &w.current.call.committed[len(w.current.call.committed)-1]
	back := commit{key: last.key}
	var own []store.Increment
	for _, x := range last.totals {
		if x.N < 0 {
			back.totals = append(back.totals, x)
		} else {
			own = append(own, x)
		}
	}
	last.totals = own
	run.committed = append(run.committed, back)
}

// givenBack takes down what a run was not rid of, or a call has taken back that it had
// decided ahead, and checks that what had waited waits again.
func (w *world) givenBack(s *spy) {
	back := map[string]int{}
	if len(s.dropped) > 0 && !s.merging && !s.deleted {
		for _, d := range w.book.sends {
			if d.seen || d.released || !slices.Contains(s.dropped, d.id) {
				continue
			}
			if d.released = true; d.held && !adds(s.totals, d.message.id, "held.unsubscribed") { // which is dropped, not given back
				back[d.message.id]++
			}
			if d.by != w.current.call {
				w.attribute(d.by)
			}
		}
	}
	for message, n := range back {
		if again := waiting(s.after, message) - waiting(s.before, message); again < n {
			w.fail(holdBroken, "%d of %s were given back, and %d of what they came out of wait again", n, message, again)
		}
	}
	// Of what goes out together with what waited no longer, all had waited.
	for i := range s.sends {
		m := s.sends[i].Message
		sent := 0
		for _, x := range s.sends {
			if x.Message == m {
				sent++
			}
		}
		if gone := waiting(s.before, m) - waiting(s.after, m); w.current.call.what == "due" && gone == sent {
			w.book.made[handle{s.sends[i].ID, s.sends[i].At}].held = true
		}
	}
}

// waiting is how much waits for a message.
func waiting(p *store.Profile, message string) (n int) {
	for _, h := range holdsOf(p) {
		if h.Message == message {
			n++
		}
	}
	return n
}

// overdueFor lists what an engine's Due has to deal with now.
func (w *world) overdueFor(p *process, now int64) (list []*waiter) {
	w.book.queue = slices.DeleteFunc(w.book.queue, func(x *waiter) bool { return x.ended != "" })
	for _, x := range w.book.queue {
		if x.due <= now && x.person.sure() && p.running.messages[x.message] && !w.stopped(x.message) {
			list = append(list, x)
		}
	}
	return list
}

// dealtWith checks, after a Due that came to its end, that nothing is left that
// was due before it began.
func (w *world) dealtWith(p *process, list []*waiter, now int64, since uint64, merges int) {
	if len(w.joinings) != merges {
		return // a merge has moved what a scan may have passed already
	}
	for _, x := range list {
		if x.ended == "" && x.due <= now && x.since <= since && x.person.sure() {
			w.fail(lateBroken, "a Due of %s has ended, and %s of %s still waits for %v, due since %v", p.name, x.message, x.event,
				x.person, time.UnixMilli(x.due).Sub(w.began))
		}
	}
}
