// Package foresee finds when a message that is held could be sent if nothing but time
// changes. It asks the decision itself, at one instant after the other: each time at the
// first at which that by which the message is held may be over. So the instant is exact,
// and a millisecond earlier the message is held.
package foresee

import (
	"errors"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/clock"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/standing"
	"github.com/beckon-go/beckon/store"
)

// The limits of one explanation. Beyond them it is not known when a message could be sent.
const (
	// MaxLooks is how many other instants are looked at, for all messages together, and how
	// many runs of Due. Each message has its equal share, and what others have left of theirs.
	MaxLooks = 1000
	// MaxWork is how many conditions all looks together have to judge at most: four times as
	// many as one occasion may. MinLooks are made whatever they cost.
	MaxWork  = 4 * plan.MaxConditions
	MaxWaits = plan.MaxConditions // and how much of what waits, and of blocks on the way, the runs of Due look at, all together
	MinLooks = 20
)

// A foresight is what is found out for one explanation.
type foresight struct {
	d   *decide.Decision // that is explained
	at  *decide.Decision // that is asked
	c   store.Changes
	own *rule.Own // what the occasion that is asked writes of its own instant
}

// Explained fills in, of the traces of a decision that was explained, when each message
// could be sent. at is another decision, whose memory is used. The error is decide.ErrNeed if
// d has not what its Out.Need says: then that is to be fetched, and d decided and explained
// anew.
func Explained(d, at *decide.Decision) error {
	f := &foresight{d: d, at: at}
	var waits []waiting
	var again []*asked
	after := f.after()
	holds := holdsOf(after)
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
			if h := f.newHold(holds, t); h != nil {
				waits = append(waits, waiting{t: t, hold: *h})
				t.Waits = d.WaitOf(h)
			} else if m := f.message(t.Message); m != nil {
				again = append(again, &asked{t: t, m: m})
			}
		}
	}
	if err := f.again(again); err != nil {
		return err
	}
	return f.due(after, waits)
}

// message returns a message of the plan, or the one that is composed; nil if there is none.
func (f *foresight) message(id string) *plan.Message {
	if list := f.d.In.Messages; f.d.In.Occasion == decide.OnSendTo && len(list) == 1 && list[0].ID == id {
		return list[0]
	}
	return f.d.In.State.Plan.ByID[id]
}

// sends says of a message that it could be sent at an instant.
func sends(t *explain.Message, at int64, by explain.Occasion) {
	if t.SendsAt = standing.Instant(at); t.SendsAt.IsZero() {
		t.Never = "it could be sent only after the year 9999"
		return
	}
	t.SendsBy = by
}

// notKnown says of a message that it is not known when it could be sent.
func notKnown(t *explain.Message, why string) {
	t.Never, t.Unsure = why, true
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
func (f *foresight) newHold(holds map[pair][]*store.Hold, t *explain.Message) *store.Hold {
	m := f.d.In.State.Plan.ByID[t.Message]
	if m == nil || m.Composed {
		return nil
	}
	switch t.Reason {
	case store.ReasonWaiting, store.ReasonSchedule, store.ReasonQuiet, store.ReasonSnoozed, store.ReasonThrottled, store.ReasonCapped:
	default:
		return nil
	}
	for _, h := range holds[pair{t.Message, t.CompanyID}] {
		if h.Order == f.d.Out.Kept.EventSeq+1 || m.Dated || !m.Triggered {
			return h
		}
	}
	return nil
}

// holdsOf returns what is held in a record, by message and company.
func holdsOf(rec *store.Record) map[pair][]*store.Hold {
	holds := map[pair][]*store.Hold{}
	if rec.Profile != nil {
		for i := range rec.Profile.Holds {
			h := &rec.Profile.Holds[i]
			holds[pair{h.Message, h.Company}] = append(holds[pair{h.Message, h.Company}], h)
		}
	}
	return holds
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

// need hands on what a decision still needs.
func (f *foresight) need() error {
	seq := f.d.Out.Kept.EventSeq
	f.d.Out.Need = f.at.Out.Need
	f.d.Out.Need.Seq = seq
	return decide.ErrNeed
}
