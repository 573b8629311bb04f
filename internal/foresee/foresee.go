// Package foresee finds when a message that is held could be sent if nothing but time
// changes. It asks the decision itself, at one instant after the other: each time at the
// first at which that by which the message is held may be over. So the instant is exact,
// and a millisecond earlier the message is held.
package foresee

import (
	"errors"
	"slices"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/clock"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/standing"
	"github.com/beckon-go/beckon/store"
)

// MaxLooks is how many decisions are asked for at most, of all messages of one explanation,
// and, of what waits, how many runs of Due.
const MaxLooks = 1000

// A foresight is what is found out for one explanation.
type foresight struct {
	d     *decide.Decision // that is explained
	at    *decide.Decision // that is asked
	c     store.Changes
	looks int
}

// Explained fills in, of the traces of a decision that was explained, when each message
// could be sent. at is another decision, whose memory is used. The error is decide.ErrNeed if
// d has not what its Out.Need says: then that is to be fetched, and d decided and explained
// anew.
func Explained(d, at *decide.Decision) error {
	f := &foresight{d: d, at: at}
	var waits []waiting
	after := f.after()
	for i := range d.Out.Traces {
		t := &d.Out.Traces[i]
		switch h, waited := d.Out.Waiting[i]; {
		case t.Message == "", t.Never != "":
		case t.Sent:
			t.SendsAt, t.SendsBy = t.At, t.Occasion
		case waited:
			waits = append(waits, waiting{t: t, hold: h})
		case t.Series != "":
			waits = append(waits, waiting{t: t, walks: true})
		case t.Occasion == explain.OnDue:
			waits = append(waits, waiting{t: t, armed: true})
		default:
			if h := f.newHold(after, t); h != nil {
				waits = append(waits, waiting{t: t, hold: *h})
				t.Waits = d.WaitOf(h)
				continue
			}
			if err := f.again(t); err != nil {
				return err
			}
		}
	}
	return f.due(after, waits)
}

// after returns the record as the decision leaves it.
func (f *foresight) after() *store.Record {
	rec := decide.KeptRecord(f.d.Out.Kept)
	if !f.d.Out.Idle {
		rec.Apply(f.d.Changes)
	}
	return rec
}

// newHold returns what a candidate waits as from the occasion on; nil if it does not. A composed
// message never waits, also where one of the program with its id does.
func (f *foresight) newHold(after *store.Record, t *explain.Message) *store.Hold {
	m := f.d.In.State.Plan.ByID[t.Message]
	if after.Profile == nil || m == nil || m.Composed {
		return nil
	}
	switch t.Reason {
	case store.ReasonWaiting, store.ReasonSchedule, store.ReasonQuiet, store.ReasonSnoozed, store.ReasonThrottled, store.ReasonCapped:
	default:
		return nil
	}
	for i := range after.Profile.Holds {
		h := &after.Profile.Holds[i]
		if h.Message == t.Message && h.Company == t.CompanyID && (h.Order == f.d.Out.Kept.EventSeq+1 || m.Dated || !m.Triggered) {
			return h
		}
	}
	return nil
}

// again finds when the same occasion, once more, sends a message that it holds.
func (f *foresight) again(t *explain.Message) error {
	m := f.d.In.State.Plan.ByID[t.Message]
	if m == nil {
		if len(f.d.In.Messages) != 1 || f.d.In.Messages[0].ID != t.Message {
			return nil
		}
		m = f.d.In.Messages[0] // it is composed
	}
	for now := f.d.In.Now; ; f.looks++ {
		if f.looks >= MaxLooks {
			t.Never = "it is not known: too much would have to be looked at"
			return nil
		}
		v, err := f.look(now, m, t.CompanyID)
		if err != nil {
			return err
		}
		if v.sent {
			t.SendsAt, t.SendsBy = standing.Instant(now), t.Occasion
			return nil
		}
		next := f.next(m, t.CompanyID, v)
		if err := f.missing(); err != nil {
			return err
		}
		if next <= now {
			t.Never = never(v.reason, m, t)
			return nil
		}
		now = next
	}
}

// A verdict is what is decided of a message.
type verdict struct {
	sent    bool
	reason  plan.Reason // NotHeld and not sent: it is no candidate
	retryAt int64
}

// look asks what the occasion decides of a message at an instant.
func (f *foresight) look(now int64, m *plan.Message, company string) (v verdict, err error) {
	if err := f.decide(f.d.Out.Kept, now, func(s *decide.Decision) { s.Fetched = f.d.Fetched }); err != nil {
		return v, err
	}
	return f.verdict(m.ID, company), nil
}

func (f *foresight) verdict(message, company string) (v verdict) {
	v.sent = slices.ContainsFunc(f.at.Out.Deliveries, func(x store.Delivery) bool { return x.Message == message && x.CompanyID == company })
	f.at.Out.Held.Each(func(h decide.HeldOne) {
		if h.Message == message && h.Company == company {
			v.reason, v.retryAt = h.Reason, h.RetryAt
		}
	})
	return v
}

// decide makes a decision over a record at an instant: the one that is explained, as setUp
// has it.
func (f *foresight) decide(rec *store.Record, now int64, setUp func(*decide.Decision)) error {
	s := f.at
	s.In = f.d.In
	s.In.Foresees, s.In.Watched, s.In.WantWho, s.In.Readings = true, false, false, clock.Settled()
	setUp(s)
	s.SetNow(now)
	f.c.Reset()
	err := s.Decide(rec, &f.c)
	if errors.Is(err, decide.ErrNeed) {
		return f.need()
	}
	return err
}

// missing returns what was found missing beside a decision.
func (f *foresight) missing() error {
	if f.at.Lacks() {
		return f.need()
	}
	return nil
}

// need hands on what a decision still needs.
func (f *foresight) need() error {
	seq := f.d.Out.Kept.EventSeq
	f.d.Out.Need = f.at.Out.Need
	f.d.Out.Need.Seq = seq
	return decide.ErrNeed
}

// never says why no time alone has a message sent that is held for a reason.
func never(reason plan.Reason, m *plan.Message, t *explain.Message) string {
	switch reason {
	case plan.NotHeld:
		return "it would not be a candidate"
	case plan.HeldNotLive:
		return "the message is not live, and somebody has to change that"
	case plan.HeldSource:
		return "an event of this source never triggers this channel"
	case plan.HeldFilter:
		if m.Dated {
			return "no day to come is one for its date"
		}
		return "the event itself does not fit, and time does not change it"
	case plan.HeldAudience:
		return "the contact is not in the audience, and time alone does not change that"
	case plan.HeldAlreadySent:
		return "it goes out once, and has"
	case plan.HeldWaitingFull:
		return "too much waits for the contact already"
	case plan.HeldSchedule:
		if m.Wait != nil && m.Wait.Date != "" && (t.Hours == nil || t.Hours.Open) {
			return "the time for it has passed"
		}
		return "its schedule does not open any more"
	case plan.HeldQuiet:
		return "the quiet hours never end"
	case plan.HeldUnsubscribed:
		return "the contact does not want it"
	case plan.HeldControl:
		return "the contact is in the control group, and stays in it"
	case plan.HeldCapped:
		return "other messages of the same moment take all the room"
	case plan.HeldOutboxFull:
		return "too many deliveries are pending: they have to be acknowledged"
	case plan.HeldMissingValue:
		return "a value that it insists on is not known"
	case plan.HeldFailed:
		return "it breaks"
	}
	return "the contact has had it as often as it may"
}
