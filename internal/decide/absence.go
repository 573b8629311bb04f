package decide

import (
	"cmp"
	"slices"
	"sort"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/dates"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/hours"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// await lets a message wait until it is sure that another event does not
// follow (T6), or for the event's own date (T9). Without a key, and for the same
// keyed value, a later trigger restarts the clock; one without the key waits by
// itself. What is overdue stands: its time was up, only nobody has run Due yet.
func (d *Decision) await(cand *Candidate) {
	w := cand.Message.Wait
	h := store.Hold{
		Message: cand.Message.ID, Company: cand.company, Absence: len(w.Followers) > 0, Keyed: w.Same != "",
		Due: d.In.Now + w.Within, Order: d.ordinal(), Event: d.kept(),
	}
	if w.Date != "" {
		if h.Due = d.dueBy(cand); calendar.FloorSeconds(h.Due) < calendar.FloorSeconds(d.In.Now) {
			d.hold(cand.Message, cand.company, plan.HeldSchedule, 0)
			d.note("the time for it was " + time.UnixMilli(h.Due).UTC().Format(time.RFC3339))
			return
		}
	}
	if h.Keyed {
		if v, ok := d.Scope.Fields.Get(w.Same); ok {
			h.Same, h.HasSame = sameValue(v), true
		}
	}
	p, zone := d.profile(), d.In.State.ZoneOf(d.current())
	waiting := d.Reused.waiting.of(p.Holds, h.Message)
	for _, i := range waiting {
		x := &p.Holds[i]
		if restarts(&h, x, holdDeadline(x, cand.Message, zone), d.In.Now) {
			if !d.hasRoom(p, &h, x) {
				d.hold(cand.Message, cand.company, plan.HeldWaitingFull, 0) // the earlier one stands
				return
			}
			p.Holds[i] = h
			d.Out.moved = true
			d.hold(cand.Message, cand.company, plan.HeldWaiting, h.Due)
			return
		}
	}
	d.wait(cand, h, len(waiting), plan.HeldWaiting)
}

// restarts reports whether h, at an instant, takes the place of x: both wait to
// be sure of the same, and x is not past its deadline.
func restarts(h, x *store.Hold, deadline, at int64) bool {
	return h.Absence && x.Absence && h.Message == x.Message && deadline >= at &&
		(!h.Keyed && !x.Keyed || h.Keyed && x.Keyed && h.HasSame && x.HasSame && h.Same == x.Same)
}

// holdDeadline returns until when h waits to be sure. Behind it what is not yet sent
// waits for its window. m is its message, nil if it is not known; zone is the
// contact's own, nil if it has none.
func holdDeadline(h *store.Hold, m *plan.Message, zone *time.Location) int64 {
	if m == nil || m.Wait == nil {
		return h.Due
	}
	if m.Wait.Date == "" {
		return min(h.Due, h.Event.Arrived+m.Wait.Within)
	}
	if due, ok := eventDate(m, h.Event.Metadata, zone); ok {
		return min(h.Due, due)
	}
	return h.Due
}

// eventDate returns when a message is due by the date that its event has, in Unix
// milliseconds; false if it has none (T9).
func eventDate(m *plan.Message, fields value.Fields, zone *time.Location) (due int64, ok bool) {
	i := fields.Index(m.Wait.Date)
	if i < 0 {
		return 0, false
	}
	date, ok := dates.DateOf(peek.Of(&fields[i].Value))
	if !ok {
		return 0, false
	}
	return m.Dates.First(date, m.Dates.In(zone)).From * 1000, true
}

// hasEventDate reports whether the event has the date that the message waits for.
func (d *Decision) hasEventDate(m *plan.Message) bool {
	_, ok := eventDate(m, d.Scope.Fields, nil)
	return ok
}

// dueBy returns when a candidate is due by its event's date, which is there.
func (d *Decision) dueBy(cand *Candidate) int64 {
	due, _ := eventDate(cand.Message, d.Scope.Fields, d.In.State.ZoneOf(d.current()))
	return due
}

// A patience is what says of a contact how long a message waits that may not go out yet.
type patience struct {
	of    *State
	rec   *store.Record // its sends, as they were before the occasion
	room  *roomIndex    // of that record
	hours hours.Contact
}

// patience is patienceOf for the contact of the decision, with a profile as it is after the
// occasion.
func (d *Decision) patience(p *store.Profile) *patience {
	return &patience{d.In.State, d.Record, &d.Out.room, d.In.State.HoursOf(p)}
}

func (s *State) patienceOf(rec *store.Record, p *store.Profile) *patience {
	return &patience{s, rec, new(roomIndex), s.HoursOf(p)}
}

// until returns until when what h waits with waits from its due time on: for its hour and
// for room (F9), one after the other; from the due time itself if it does not wait then.
func (x *patience) until(h *store.Hold, m *plan.Message) int64 {
	at, over := hours.Waits(m, x.hours, h.Due), h.Until
	for m.Frequency.Wait > 0 {
		free := x.of.freeFrom(x.rec, x.room, m, h, at)
		if free <= at {
			break // each turn is later than what held it before, and sends are finite
		}
		if over == 0 {
			over = calendar.AddMillis(at, m.Frequency.Wait)
		}
		if calendar.FloorSeconds(free) > calendar.FloorSeconds(over) {
			return max(at, over)
		}
		if at = hours.Waits(m, x.hours, free); at > free {
			over = 0 // an hour that is shut ends the wait for room
		}
	}
	return at
}

// cancellable returns the last instant at which a follower cancels h: its deadline
// or, if it may not go out then, the end of the second in which that is over. It
// is by what is due and not by when Due comes.
func cancellable(h *store.Hold, m *plan.Message, c *patience) int64 {
	last := c.until(h, m)
	if last > holdDeadline(h, m, c.hours.Zone) {
		last = calendar.FloorSeconds(last)*1000 + 999
	}
	return last
}

// followedBy reports whether an event that arrives at an instant is one that h, of
// a message that waits for absence, waits to be sure does not follow.
func followedBy(h *store.Hold, m *plan.Message, c *patience, name unique.Handle[string], fields value.Fields, at int64) bool {
	if !h.Absence || !slices.ContainsFunc(m.Wait.Followers, func(f plan.Follower) bool { return f.Event == name && inTime(h, m, &f, c, at) }) {
		return false
	}
	if !h.Keyed {
		return true
	}
	v, ok := fields.Get(m.Wait.Same)
	return ok && h.HasSame && sameValue(v) == h.Same
}

// inTime reports whether a follower that comes at an instant is not too late. One
// whose time is shorter than the longest counts within it; of the others it is until
// the message goes out.
func inTime(h *store.Hold, m *plan.Message, f *plan.Follower, c *patience, at int64) bool {
	if f.Within < m.Wait.Within {
		return at <= min(h.Due, h.Event.Arrived+f.Within)
	}
	return at <= h.Due || at <= cancellable(h, m, c)
}

// A followLog is a contact's event log that is asked what has followed. For few
// messages it goes through the events for each; then it knows them by what they are.
type followLog struct {
	events []store.LoggedEvent
	asked  int
	places map[followName][]int32 // in order of arrival, imports left out
}

// A followName is what an event that follows is known by: its name, and of a message
// with a key one of its fields.
type followName struct {
	name      unique.Handle[string]
	key, same string
}

// follows reports whether an event is one that h waits to be sure does not follow,
// and arrived after the event that waits, or with it and with at least this number.
func (l *followLog) follows(h *store.Hold, m *plan.Message, c *patience, seq uint64) bool {
	after := func(x *store.LoggedEvent) bool {
		return x.Arrived > h.Event.Arrived || x.Arrived == h.Event.Arrived && x.Seq >= seq
	}
	if l.asked++; l.asked <= rows.Few {
		return slices.ContainsFunc(l.events, func(x store.LoggedEvent) bool {
			return after(&x) && !x.Import && followedBy(h, m, c, x.Name, x.Metadata, x.Arrived)
		})
	}
	if l.places == nil {
		l.index()
	}
	return slices.ContainsFunc(m.Wait.Followers, func(f plan.Follower) bool {
		name := followName{name: f.Event}
		if h.Keyed {
			name.key, name.same = fold.Key(m.Wait.Same), h.Same
		}
		// The first of them that is late enough: if that comes too late, all do.
		list := l.places[name]
		i := sort.Search(len(list), func(i int) bool { return after(&l.events[list[i]]) })
		if i == len(list) {
			return false
		}
		x := &l.events[list[i]]
		return followedBy(h, m, c, x.Name, x.Metadata, x.Arrived)
	})
}

func (l *followLog) index() {
	l.places = make(map[followName][]int32)
	order := make([]int32, 0, len(l.events))
	for i := range l.events {
		if !l.events[i].Import {
			order = append(order, int32(i))
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		x, y := &l.events[a], &l.events[b]
		return cmp.Or(cmp.Compare(x.Arrived, y.Arrived), cmp.Compare(x.Seq, y.Seq))
	})
	for _, i := range order {
		e := &l.events[i]
		name := followName{name: e.Name}
		l.places[name] = append(l.places[name], i)
		for k := range e.Metadata[:min(len(e.Metadata), value.MaxMetadataKeys)] {
			f := &e.Metadata[k]
			if e.Metadata.Index(f.Key) == k {
				name.key, name.same = fold.Key(f.Key), sameValue(f.Value)
				l.places[name] = append(l.places[name], i)
			}
		}
	}
}

// unfollowed returns those of a contact's holds that no event cancels: one in the
// log of the other contact that arrived after the event that waits, or with it,
// and in time, or one in its own that came to an engine without the message
// (D12). What is overdue stands, whatever the other has done: a Due on time
// would have sent it. What it waited to be sure of is sure.
func (m *Merger) unfollowed(list []store.Hold, of *store.Record, own, other *followLog) []store.Hold {
	out, c := make([]store.Hold, 0, len(list)), m.State.patienceOf(of, of.Profile)
	for _, h := range list {
		msg := m.State.Plan.ByID[h.Message]
		if !h.Absence || msg == nil || msg.Wait == nil {
			out = append(out, h)
			continue
		}
		overdue := cancellable(&h, msg, c) < m.At
		if own.follows(&h, msg, c, h.Order+1) || !overdue && other.follows(&h, msg, c, 0) {
			m.Changes.Totals = append(m.Changes.Totals, store.Increment{Message: h.Message, Name: TotalFollowed, N: 1})
			continue
		}
		h.Absence = !overdue
		out = append(out, h)
	}
	return out
}

// follow cancels what waits to be sure that the event, which has just
// arrived, does not follow (T6): silently, except for the totals.
func (d *Decision) follow() {
	p := d.current()
	if p == nil || len(p.Holds) == 0 || d.In.Event.Imported {
		return
	}
	c := d.patience(p)
	cancelled := func(h *store.Hold) bool {
		m := d.In.State.Plan.ByID[h.Message]
		return m != nil && m.Wait != nil && followedBy(h, m, c, d.In.Name, d.Scope.Fields, d.In.Now)
	}
	if !slices.ContainsFunc(p.Holds, func(h store.Hold) bool { return cancelled(&h) }) {
		return
	}
	p = d.profile()
	d.Reused.waiting.forget()
	p.Holds = slices.DeleteFunc(p.Holds, func(h store.Hold) bool {
		if !cancelled(&h) {
			return false
		}
		d.Changes.Totals = append(d.Changes.Totals, store.Increment{Message: h.Message, Name: TotalFollowed, N: 1})
		return true
	})
}

// wasFollowed reports whether the event that an absence waits for came in time, to
// an engine whose program did not have the message and so left it waiting (T6,
// D12). It is looked for among the contact's recent events.
func (d *Decision) wasFollowed(h *store.Hold, m *plan.Message) bool {
	if !h.Absence || m.Wait == nil {
		return false
	}
	if !slices.ContainsFunc(m.Wait.Followers, func(f plan.Follower) bool { _, ever := d.Record.Stat(f.Event); return ever }) {
		return false
	}
	if !d.Fetched.hasEvents {
		d.Out.Need.Events = true
		return false
	}
	d.Out.follows.events = d.Fetched.log.Events
	return d.Out.follows.follows(h, m, d.patience(d.current()), h.Order+1)
}

// sameValue is a keyed value as absence compares it: type and value.
func sameValue(v value.Value) string {
	var scratch [64]byte
	return string(peek.Of(&v).AppendIdentity(scratch[:0]))
}
