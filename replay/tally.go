package replay

import (
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A tally counts what one program does, and makes a [Summary] of it at the end.
type tally struct {
	zone     *time.Location
	messages map[string]*counted
	contacts map[store.Key]struct{} // with a delivery, by the identity that had decided then
	days     map[string]map[string]int64
	today    map[string]int64 // of days: that of from and until; nil if that is not listed
	from     int64            // Unix seconds: the day at hand begins
	until    int64            // and ends; 0: none is at hand
}

// A counted is one message.
type counted struct {
	sent int64
	held []heldFor
}

// A heldFor counts one reason.
type heldFor struct {
	reason beckon.Reason
	n      int64
}

func newTally(zone *time.Location) tally {
	return tally{zone: zone, messages: map[string]*counted{}, contacts: map[store.Key]struct{}{}, days: map[string]map[string]int64{}}
}

// count takes in what came of a step.
func (t *tally) count(out *Outcome) {
	for i := range out.Deliveries {
		d := &out.Deliveries[i]
		t.message(d.Message).sent++
		t.contacts[keyOf(&d.Contact)] = struct{}{}
		if day := t.day(d.At); day != nil {
			day[d.Message]++
		}
	}
	for i := range out.Held {
		h := &out.Held[i]
		t.message(h.Message).hold(h.Reason)
	}
}

func (t *tally) message(id string) *counted {
	m := t.messages[id]
	if m == nil {
		m = &counted{}
		t.messages[id] = m
	}
	return m
}

func (m *counted) hold(reason beckon.Reason) {
	for i := range m.held {
		if m.held[i].reason == reason {
			m.held[i].n++
			return
		}
	}
	m.held = append(m.held, heldFor{reason, 1})
}

// day returns the counts of the day of an instant; nil if that day is not listed.
func (t *tally) day(at time.Time) map[string]int64 {
	if s := at.Unix(); s >= t.from && s < t.until {
		return t.today
	}
	local := at.In(t.zone)
	y, m, d := local.Date()
	// The day ends before the next begins, also where midnight does not exist.
	t.from, t.until = time.Date(y, m, d, 0, 0, 0, 0, t.zone).Unix(), time.Date(y, m, d+1, 0, 0, 0, 0, t.zone).Unix()
	name := local.Format(time.DateOnly)
	if t.today = t.days[name]; t.today == nil && len(t.days) < MaxDays {
		t.today = map[string]int64{}
		t.days[name] = t.today
	}
	return t.today
}

// summary sums up; contacts says how many those with a delivery are in the end.
func (t *tally) summary(contacts int) Summary {
	s := Summary{Sent: map[string]int64{}, Held: map[string]map[beckon.Reason]int64{}, Contacts: contacts, Days: t.days}
	for id, m := range t.messages {
		if m.sent > 0 {
			s.Sent[id] = m.sent
		}
		for _, h := range m.held {
			if s.Held[id] == nil {
				s.Held[id] = map[beckon.Reason]int64{}
			}
			s.Held[id][h.reason] = h.n
		}
	}
	return s
}

// refuse counts a step that was refused.
func (r *Report) refuse(step int, code beckon.Code, text string) {
	r.Refused++
	i := slices.IndexFunc(r.Refusals, func(x Refusal) bool { return x.Code == code })
	switch {
	case i >= 0:
		r.Refusals[i].Steps++
	case len(r.Refusals) < MaxRefusals:
		r.Refusals = append(r.Refusals, Refusal{Code: code, Steps: 1, First: step, Error: text})
	}
}
