package decide

import (
	"cmp"
	"slices"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/perkey"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// capStates are what one decision has found out of the caps across messages:
// only groups that were asked about, each looked for in the log once.
type capStates struct {
	place  []int32 // of each group of the plan, in list, counted from 1; 0: it was not asked about
	List   []capState
	direct int       // groups that went through the log by themselves
	pairs  []capTime // of all groups, by group, then time
	paired bool      // they are made, which is when many groups ask
	times  []int64   // what the states' times stand in
}

// A capState is one group of caps in one decision.
type capState struct {
	group   int32
	Sent    int     // sends of this occasion that count
	room    int     // there is room as long as sent is less: at least that, or just that if counted
	counted bool    // times and room are what the log says
	times   []int64 // of the sends before that count, oldest first; those in the future as now
	judged  int     // the sent for which retryAt and cap were found, and 1
	retryAt int64
	cap     int // the place of the cap that has room last
}

// A capTime is one send that counts for a group.
type capTime struct {
	group int32
	at    int64
}

// Reset forgets everything but the memory, and much of that, too.
func (x *capStates) Reset() {
	for i := range x.List {
		x.place[x.List[i].group] = 0
		x.List[i].times = nil
	}
	if len(x.List) > manyGroups || max(cap(x.times), cap(x.pairs)) > 4*plan.MaxCapSends {
		*x = capStates{}
		return
	}
	x.List, x.direct, x.pairs, x.paired, x.times = x.List[:0], 0, x.pairs[:0], false, x.times[:0]
}

// manyGroups is how many groups a decision keeps memory for.
const manyGroups = 1 << 14

// directGroups is how many groups look through the log by themselves, before it
// is put in order for all of them.
const directGroups = 8

// CapsAllow judges the caps across messages that concern m, over what the log
// holds and what this occasion has sent (A2: only caps see that). All must
// have room; they are taken together by the send (F5). If not, held is the place of the
// cap that has room last, of several the first in the program (F10); else 0.
func (d *Decision) CapsAllow(m *plan.Message) (held int, retryAt int64) {
	for _, group := range m.Caps {
		s := d.CapState(group)
		if s.Sent >= s.room && !s.counted {
			d.countCap(s)
		}
		if s.Sent < s.room {
			continue
		}
		if s.judged != s.Sent+1 {
			s.judged = s.Sent + 1
			s.retryAt, s.cap = d.In.State.Plan.Caps.Groups[group].FreeAt(s.times, s.Sent, d.In.Now)
		}
		if held == 0 || s.retryAt > retryAt || s.retryAt == retryAt && s.cap < held {
			held, retryAt = s.cap, s.retryAt
		}
	}
	return held, retryAt
}

// CapState returns the state of a group. When it is first asked for, the group's
// sends in the future are set back to now (F6).
func (d *Decision) CapState(group int32) *capState {
	x, groups := &d.Reused.Caps, d.In.State.Plan.Caps.Groups
	if len(x.place) != len(groups) { // all are 0
		x.place = slices.Grow(x.place[:0], len(groups))[:len(groups)]
	}
	if at := x.place[group]; at > 0 {
		return &x.List[at-1]
	}
	g := &groups[group]
	d.setBack(g)
	x.List = append(x.List, capState{group: group, room: g.Least - len(d.Record.SendLog)})
	x.place[group] = int32(len(x.List))
	return &x.List[len(x.List)-1]
}

// setBack sets what counts for a group and lies in the future back to now (F6).
func (d *Decision) setBack(g *plan.CapGroup) {
	for _, i := range d.ahead() {
		if i >= 0 && g.Takes(&d.Record.SendLog[i]) {
			d.clamp(d.Record.SendLog[i].Message)
		}
	}
}

// countCap finds in the log what counts for a group.
func (d *Decision) countCap(s *capState) {
	x, g := &d.Reused.Caps, &d.In.State.Plan.Caps.Groups[s.group]
	from := len(x.times)
	if x.direct < directGroups {
		x.direct++
		for i := range d.Record.SendLog {
			if g.Takes(&d.Record.SendLog[i]) {
				x.times = append(x.times, min(d.Record.SendLog[i].At, d.In.Now)) // F6
			}
		}
		slices.Sort(x.times[from:])
	} else {
		if !x.paired {
			x.pairs, x.paired = d.capTimes(x.pairs), true
		}
		i, _ := slices.BinarySearchFunc(x.pairs, s.group, func(p capTime, group int32) int { return cmp.Compare(p.group, group) })
		for ; i < len(x.pairs) && x.pairs[i].group == s.group; i++ {
			x.times = append(x.times, x.pairs[i].at)
		}
	}
	s.times = x.times[from:len(x.times):len(x.times)]
	s.room, s.counted = g.Room(s.times, d.In.Now), true
}

// capTimes returns what counts for each group, found in one pass over the log, in
// the memory of pairs.
func (d *Decision) capTimes(pairs []capTime) []capTime {
	var groups []int32
	for i := range d.Record.SendLog {
		s := &d.Record.SendLog[i]
		if s.Exempt {
			continue
		}
		groups = d.In.State.Plan.Caps.Concern(groups[:0], s.Channel, s.Tags)
		for _, group := range groups {
			pairs = append(pairs, capTime{group, min(s.At, d.In.Now)})
		}
	}
	slices.SortFunc(pairs, func(a, b capTime) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.at, b.at))
	})
	return pairs
}

// takeCaps counts a send of m, which capsAllow has let through; n is 1, or -1 to
// take it back.
func (d *Decision) takeCaps(m *plan.Message, n int) {
	if m.NotCounted {
		return
	}
	for _, group := range m.Caps {
		d.CapState(group).Sent += n
	}
}

// noRoom is what becomes of a message that its frequency or a cap, at the place by, has
// no room for until an instant. If it says so, it waits for some, but no longer than it
// says (F9).
func (d *Decision) noRoom(cand *Candidate, w plan.Reason, retryAt int64, by int) {
	m, p := cand.Message, d.current()
	if m.Frequency.Wait == 0 || w != plan.HeldThrottled && w != plan.HeldCapped || m.Composed || cand.series != nil {
		d.holdBy(m, cand.company, w, retryAt, by)
		return
	}
	if w == plan.HeldCapped && by == 0 { // it is behind another
		held, free := d.CapsAllow(m)
		by, retryAt = held, max(retryAt, free)
	}
	h := d.asHold(cand)
	if h.Until == 0 {
		h.Until = calendar.AddMillis(d.In.Now, m.Frequency.Wait)
	}
	if first := d.firstWaiting(cand); first != nil {
		retryAt = max(retryAt, first.Due) // it does not overtake what waits
	}
	if cand.hold != nil { // what Due has missed is past (T6)
		h.Absence = h.Absence && d.In.Now <= cancellable(cand.hold, m, d.patience(p))
	}
	h.Due, h.Capped = min(retryAt, h.Until), w == plan.HeldCapped
	if cand.hold == nil { // else it had its place
		var waiting []int32
		if p != nil {
			waiting = d.Reused.waiting.of(p.Holds, h.Message)
		}
		again := m.Dated && slices.ContainsFunc(waiting, func(i int32) bool {
			return p.Holds[i].Company == h.Company && p.Holds[i].Event.At == h.Event.At
		})
		switch {
		case again: // another sweep found that it waits
			d.holdBy(m, cand.company, w, retryAt, by)
			return
		case len(waiting) >= d.In.Limits.Holds || !d.hasRoom(p, &h, nil):
			d.hold(m, cand.company, plan.HeldWaitingFull, 0)
			return
		}
	}
	p = d.profile()
	p.Holds = append(p.Holds, h)
	d.Out.moved, d.Out.taken.of = true, nil
	d.holdBy(m, cand.company, w, retryAt, by)
}

// behindOthers returns for what a message is held that would overtake one that waits for
// the same room: that one's reason and time (F9).
func (d *Decision) behindOthers(cand *Candidate) (w plan.Reason, retryAt int64) {
	first := d.firstWaiting(cand)
	if first == nil {
		return plan.NotHeld, 0
	}
	return roomReason(first), max(first.Due, d.In.Now)
}

// firstWaiting returns, of what came before a candidate and waits for room in the same
// frequency or in a cap, the one that is due last; nil if there is none.
func (d *Decision) firstWaiting(cand *Candidate) (last *store.Hold) {
	m, p := cand.Message, d.current()
	if p == nil {
		return nil
	}
	for _, i := range d.Reused.waiting.of(p.Holds, m.ID) {
		x := &p.Holds[i]
		if x.Until == 0 || d.waitIsOver(x) || cand.hold != nil && byArrival(x, cand.hold) >= 0 || !sharesRoom(m, x, d.Scope.Fields) {
			continue
		}
		if last == nil || x.Due > last.Due {
			last = x
		}
	}
	return last
}

// sharesRoom reports whether what x waits for is what a message waits for with the fields
// of an event.
func sharesRoom(m *plan.Message, x *store.Hold, fields value.Fields) bool {
	return m.Frequency.Per == "" || x.Capped || valueOf(m, x.Event.Metadata) == valueOf(m, fields)
}

// freeFrom returns the instant from which there is room for what h waits with, as things
// stood at an instant: by the sends made until then, and what came before it and waits for
// the same room. It is that instant itself if there is room then, or never will be.
func (s *State) freeFrom(rec *store.Record, room *roomIndex, m *plan.Message, h *store.Hold, at int64) int64 {
	var count uint64
	var last int64
	if m.Frequency.Per != "" {
		row, _ := perkey.List(rec.Profile.Rarely().PerValue).Row(m.ID, valueOf(m, h.Event.Metadata))
		count, last = uint64(row.Count), row.Last
	} else {
		for _, row := range rule.SendsOf(rec, m.ID) {
			count, last = count+uint64(row.Count), max(last, row.Last)
		}
	}
	free := at
	if reason, retry := m.Frequency.Judge(count, last, at); last <= at && reason == plan.HeldThrottled {
		free = retry
	}
	if !m.NotLimited {
		for _, group := range m.Caps {
			free = max(free, s.capFreeFrom(group, rec, room, at))
		}
	}
	p := rec.Profile
	for _, i := range room.of(p.Holds, m.ID) {
		x := &p.Holds[i]
		if byArrival(x, h) < 0 && sharesRoom(m, x, h.Event.Metadata) {
			free = max(free, x.Due)
		}
	}
	return free
}

// capFreeFrom returns from when a group of caps has room by the sends made until an
// instant; 0 if it has some then.
func (s *State) capFreeFrom(group int32, rec *store.Record, room *roomIndex, at int64) int64 {
	free, _ := s.Plan.Caps.Groups[group].FreeAt(room.until(s, group, rec.SendLog, at), 0, at)
	return free
}

// waitIsOver reports whether what waits for room has waited as long as it may. The second
// in which that ends is included.
func (d *Decision) waitIsOver(h *store.Hold) bool {
	return h.Until != 0 && calendar.FloorSeconds(d.In.Now) > calendar.FloorSeconds(h.Until)
}

// roomReason returns for what the hold is held that waits for room.
func roomReason(h *store.Hold) plan.Reason {
	if h.Capped {
		return plan.HeldCapped
	}
	return plan.HeldThrottled
}

// askForRoom has the next Due ask again for what waits for room: a send was given back. What
// cancels it (T6) is looked for from now on, as of what is due now.
func askForRoom(list []store.Hold, now int64) {
	for i := range list {
		if h := &list[i]; h.Until != 0 {
			h.Due = min(h.Due, max(now, 1))
		}
	}
	sortHolds(list)
}
