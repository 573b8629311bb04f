package beckon

import (
	"slices"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// holds joins what waits in both contacts (T6): what the other has done since
// cancels it, and of two that wait for the same the later one stays.
func (m *merger) holds() []store.Hold {
	var own []store.Hold
	if p := m.into.Profile; p != nil {
		own = p.Holds
	}
	all := m.unfollowed(own, m.into, m.intoLog, m.fromLog)
	for _, h := range m.unfollowed(m.from.Profile.Holds, m.from, m.fromLog, m.intoLog) {
		h.Ord += m.into.EventSeq
		var u *plan.Unless
		if msg := m.st.plan.ByID[h.Message]; msg != nil {
			u = msg.Unless
		}
		i := slices.IndexFunc(all, func(x store.Hold) bool { return holdDeadline(&h, u) >= m.at && restarts(&h, &x, u, m.at) })
		switch {
		case i < 0:
			all = append(all, h)
		case h.Event.Arrived > all[i].Event.Arrived:
			all[i] = h
		}
	}
	sortHolds(all)
	return all
}

// unfollowed returns those of a contact's holds that no event cancels: one in the
// log of the other contact that arrived after the event that waits, or with it,
// and in time, or one in its own that came to an engine without the message
// (D12). What is overdue stands, whatever the other has done: a Due on time
// would have sent it. What it waited to be sure of is sure.
func (m *merger) unfollowed(list []store.Hold, of *store.Record, own, other []store.LoggedEvent) []store.Hold {
	out, zone := make([]store.Hold, 0, len(list)), m.st.zoneOf(of.Profile)
	for _, h := range list {
		msg := m.st.plan.ByID[h.Message]
		if !h.Absence || msg == nil || msg.Unless == nil {
			out = append(out, h)
			continue
		}
		overdue := cancellable(&h, msg, zone) < m.at
		if followedIn(&h, own, msg, zone) || !overdue && slices.ContainsFunc(other, func(x store.LoggedEvent) bool {
			return x.Arrived >= h.Event.Arrived && !x.Import && followedBy(&h, msg, zone, x.Name, x.Metadata, x.Arrived)
		}) {
			m.c.Totals = append(m.c.Totals, store.Increment{Message: h.Message, Name: totalFollowed, N: 1})
			continue
		}
		h.Absence = !overdue
		out = append(out, h)
	}
	return out
}
