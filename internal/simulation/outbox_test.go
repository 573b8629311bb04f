package simulation

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// pendingChanged checks that nothing leaves the outbox but by what says so (Z1).
func (w *world) pendingChanged(who *person, s *spy) {
	before, after := s.outbox[0], s.outbox[1]
	for p := range after.All() {
		d := &p.Delivery
		if m := w.book.made[handleOf(d)]; m == nil {
			w.fail(pendingBroken, "%s for %v stands in the outbox and was never decided", d.Message, d.Contact)
		} else {
			m.attempt, m.lease = d.Attempt, p.Until
		}
	}
	if w.dials.has(outbox) && !s.merging {
		for _, x := range s.sends {
			if after.Find(x.ID) == nil {
				w.fail(pendingBroken, "%s for %v was decided past the outbox", x.Message, who.who)
			}
		}
	}
	if s.merging {
		return
	}
	t := w.current
	for p := range before.All() {
		d := &p.Delivery
		m := w.book.made[handleOf(d)]
		if p.Dead != nil {
			continue // it may leave, to make room
		}
		if p := after.Find(d.ID); p != nil && p.Dead == nil && w.book.made[handleOf(&p.Delivery)] == m {
			continue
		}
		switch {
		case m == nil:
		case s.deleted && who.left:
			m.ended, m.why = time.Now(), "deleted"
		case t.call.takes(m.handle.id):
			m.ended, m.why = time.Now(), t.call.what
		case m.message.email && w.mayRefuse(who) && adds(s.totals, d.Message, "held.unsubscribed"):
			m.ended, m.why, m.released = time.Now(), "unsubscribing", true
		case slices.ContainsFunc(s.totals, func(x store.Increment) bool { return x.Message == d.Message && x.Name == "sent" && x.N < 0 }):
			m.ended, m.why, m.released = time.Now(), "given back", true // by the run that decided it
			if m.seen {
				w.fail(pendingBroken, "%s for %v was handed out, and taken back by %s", d.Message, d.Contact, t.call.what)
			}
		default:
			w.fail(pendingBroken, "%s for %v left the outbox by %s", d.Message, d.Contact, t.call.what)
		}
	}
}

// handed takes down that a delivery was handed out, and checks that it may be.
func (w *world) handed(c *call, d *beckon.Delivery) {
	m := w.book.made[handleOf(d)]
	if m == nil {
		w.fail(clockBroken, "%s for %v at %v was handed out and never decided", d.Message, d.Contact, d.At)
		return
	}
	if d.IsQueued() {
		w.note("told: %s to %v, %.8s", d.Message, d.Contact.UserID, d.ID)
		if !m.queued {
			w.fail(leaseBroken, "%s for %v is said to be left to the workers, and was not", d.Message, d.Contact)
		}
		return
	}
	w.note("handed out: %s to %v, %.8s, attempt %d", d.Message, d.Contact.UserID, d.ID, d.Attempt)
	switch {
	case !m.ended.IsZero() && m.ended.Before(c.began):
		w.fail(twiceBroken, "%s for %v was handed out by %s after %s", d.Message, d.Contact, c.what, m.why)
	case !m.pending && m.seen:
		w.fail(twiceBroken, "%s for %v was handed out twice, the second time by %s", d.Message, d.Contact, c.what)
	case slices.Contains(m.attempts, d.Attempt):
		w.fail(twiceBroken, "%s for %v was handed out twice with the attempt %d", d.Message, d.Contact, d.Attempt)
	case m.pending && d.Attempt == 0:
		w.fail(pendingBroken, "%s for %v was handed out past the outbox", d.Message, d.Contact)
	case m.queued && d.Attempt == 1:
		w.fail(leaseBroken, "%s for %v was left to the workers, and handed to who decided it", d.Message, d.Contact)
	case d.Attempt > m.putOff && time.Now().Before(m.notBefore.Add(-w.spread())): // else it was leased before, and its worker stalled
		w.fail(leaseBroken, "%s for %v was handed out by %s %v too soon; clocks differed by up to %v", d.Message, d.Contact, c.what, time.Until(m.notBefore), w.spread())
	case m.pending && (d.Tries() < 1 || m.tries[d.Attempt] > 0 && m.tries[d.Attempt] != d.Tries()):
		w.fail(leaseBroken, "%s for %v, attempt %d, counts as try %d, want %d", d.Message, d.Contact, d.Attempt, d.Tries(), m.tries[d.Attempt])
	}
	m.attempts = append(m.attempts, d.Attempt)
	if m.message.email && !m.person.left && w.refused(m.person, c.began) {
		w.fail(consentBroken, "%s was handed out to %v, who had unsubscribed", d.Message, m.person)
	}
	first := !m.seen
	m.seen = true
	if first {
		m.person.sends = append(m.person.sends, m)
		w.judge(m)
	}
}

// deal does with a delivery what hosts do: make it and say so, give it back,
// give it up, or die over it.
func (w *world) deal(d beckon.Delivery) {
	if d.IsQueued() {
		return // it is the workers'
	}
	m := w.book.made[handleOf(&d)]
	r := w.current.dice
	if !w.dials.has(outbox) {
		if w.dials.has(releases) && !w.calm && chance(r, 0.05) {
			w.spawn("host", nil, between(r, 0, time.Minute), func() { w.release(m, d) })
		}
		return
	}
	switch x := r.Float64(); {
	case w.calm || x < 0.6:
		w.spawn("host", nil, between(r, 0, 20*time.Second), func() { w.acknowledge(m, d) })
	case x < 0.7 && w.dials.has(releases):
		w.spawn("host", nil, between(r, 0, time.Minute), func() { w.release(m, d) })
	case x < 0.75:
		w.spawn("host", nil, between(r, 0, time.Minute), func() { w.giveUp(m, d) })
	case x < 0.85 && w.dials.has(putOffs):
		w.spawn("host", nil, between(r, 0, 40*time.Second), func() { w.putOff(m, d) })
	case x < 0.9 && w.dials.has(putOffs):
		w.spawn("host", nil, between(r, 0, 40*time.Second), func() { w.extend(m, d) })
	}
}

// putOff returns a delivery to the outbox until later, as a try or as none.
func (w *world) putOff(m *made, d beckon.Delivery) {
	w.ask(w.alive(w.current.dice), "put off", func(ctx context.Context, c *call) {
		r := w.current.dice
		after := between(r, 0, pick(r, time.Second, time.Minute, time.Hour))
		at, call, tries := time.Now().Add(after), c.process.engine.Retry, d.Tries()+1
		if r.IntN(2) == 0 {
			call, tries = c.process.engine.Postpone, d.Tries()
		}
		m.notBefore = time.Time{} // it may be given back, whatever is answered
		err := call(ctx, d, at.Add(c.process.offset))
		w.note("put off %.8s by %v, next is try %d: %v", d.ID, after, tries, err)
		w.leaseKept(c, m, &d, err)
		if w.wanted(c, err, beckon.ErrLeaseLost) && err == nil {
			m.notBefore, m.putOff, m.tries[d.Attempt+1] = at, d.Attempt, tries
		}
	})
}

// extend makes the lease of a delivery longer, and then deals with it.
func (w *world) extend(m *made, d beckon.Delivery) {
	w.ask(w.alive(w.current.dice), "extend", func(ctx context.Context, c *call) {
		until := time.Now().Add(between(w.current.dice, 0, 10*time.Minute))
		err := c.process.engine.Extend(ctx, d, until.Add(c.process.offset))
		w.note("extend %.8s to %v: %v", d.ID, until.Sub(w.began), err)
		w.leaseKept(c, m, &d, err)
		if !w.wanted(c, err, beckon.ErrLeaseLost) || err != nil {
			return
		}
		if d.Attempt > 1 { // else a repeat takes it over
			m.notBefore, m.putOff = until, d.Attempt
		}
		w.deal(d)
	})
}

// refused reports whether somebody had surely unsubscribed from e-mail before.
func (w *world) refused(p *person, before time.Time) bool {
	return slices.ContainsFunc(w.people, func(q *person) bool {
		return !q.refused.IsZero() && q.refused.Before(before) && w.one(p, q, before)
	})
}

// mayRefuse reports whether somebody may have unsubscribed.
func (w *world) mayRefuse(p *person) bool {
	return slices.ContainsFunc(w.people, func(q *person) bool { return q.refuses && w.perhapsOne(p, q) })
}

func (c *call) takes(id string) bool { return c.about == id }

func (w *world) acknowledge(m *made, d beckon.Delivery) {
	w.ask(w.alive(w.current.dice), "acknowledge", func(ctx context.Context, c *call) {
		c.about = d.ID
		err := c.process.engine.Acknowledge(ctx, d)
		w.note("acknowledge %.8s: %v", d.ID, err)
		if w.wanted(c, err) && err == nil {
			m.ended, m.why = time.Now(), "acknowledge"
		}
	})
}

// leaseKept checks that who is told that a lease was lost has lost it.
func (w *world) leaseKept(c *call, m *made, d *beckon.Delivery, err error) {
	if errors.Is(err, beckon.ErrLeaseLost) && m.attempt == d.Attempt && m.ended.IsZero() && !m.person.left && !m.unsure {
		w.fail(pendingBroken, "%s of %s, attempt %d: %v", c.what, d.Message, d.Attempt, err)
	}
}

func (w *world) giveUp(m *made, d beckon.Delivery) {
	w.ask(w.alive(w.current.dice), "give up", func(ctx context.Context, c *call) {
		c.about = d.ID
		err := c.process.engine.GiveUp(ctx, d)
		w.note("give up %.8s: %v", d.ID, err)
		w.leaseKept(c, m, &d, err)
		if w.wanted(c, err, beckon.ErrLeaseLost) && err == nil {
			m.ended, m.why = time.Now(), "give up"
		}
	})
}

func (w *world) release(m *made, d beckon.Delivery) {
	w.ask(w.alive(w.current.dice), "release", func(ctx context.Context, c *call) {
		c.about = d.ID
		m.released = true
		err := c.process.engine.Release(ctx, d)
		w.note("release %s %.8s: %v", d.Message, d.ID, err)
		w.leaseKept(c, m, &d, err)
		if w.wanted(c, err, beckon.ErrLeaseLost, beckon.ErrDeliveryUnknown) && err == nil {
			m.ended, m.why = time.Now(), "release"
		}
	})
}
