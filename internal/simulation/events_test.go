package simulation

import (
	"context"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
)

// An accept is an event with an id, and what is known of its being taken.
type accept struct {
	event   beckon.Event
	person  *person
	sure    bool // an answer said so
	perhaps bool // an answer was lost
	settled bool // never to be sent again
}

// newEvent makes an event of somebody.
func (w *world) newEvent(p *person) beckon.Event {
	r := w.current.dice
	w.newest++
	e := beckon.Event{
		Name: pick(r, eventNames...), UserID: p.who.UserID, AnonymousID: p.who.AnonymousID,
		EventID: fmt.Sprint("e", w.newest),
		Metadata: beckon.Fields{
			{Key: "kind", Value: beckon.String(pick(r, "a", "a", "b"))},
			{Key: "cart", Value: beckon.String(pick(r, "1", "2", "3"))},
		},
	}
	if w.dials.has(history) {
		switch r.IntN(12) {
		case 0:
			e.CreatedAt = time.Now().Add(-between(r, time.Second, 48*time.Hour)).Truncate(time.Second)
		case 1:
			e.CreatedAt, e.Import = time.Now().Add(-between(r, time.Hour, 2000*time.Hour)).Truncate(time.Second), true
		}
	}
	return e
}

// client tracks an event as a careful client does: until an answer comes, or it
// loses patience.
func (w *world) client(p *person, e beckon.Event) {
	a := &accept{event: e, person: p}
	w.book.accepts[e.EventID] = a
	r := w.current.dice
	for range 1 + r.IntN(4) {
		if w.attempt(a) {
			if w.dials.has(repeats) && chance(r, 0.05) {
				w.pause(between(r, 0, 10*time.Minute))
				w.attempt(a)
			}
			break
		}
		if !w.dials.has(repeats) {
			break
		}
		w.pause(between(r, 10*time.Millisecond, pick(r, time.Second, time.Minute)))
	}
}

// attempt tracks an event once, and reports whether an answer came.
func (w *world) attempt(a *accept) (answered bool) {
	if a.person.left {
		a.settled = true
		return true
	}
	before, perhaps := a.sure, a.perhaps
	a.perhaps = !a.sure
	w.ask(w.alive(w.current.dice), "track "+a.event.Name, func(ctx context.Context, c *call) {
		c.who = a.person
		res, err := c.process.engine.Track(ctx, a.event)
		w.note("%s %s of %v: %s, %v", a.event.Name, a.event.EventID, a.person, told(&res), err)
		if !w.wanted(c, err) || err != nil {
			return
		}
		answered = true
		switch {
		case a.person.left:
			return
		case res.Duplicate && !before && !perhaps:
			w.fail(repeatBroken, "%s of %v, sent for the first time, is a duplicate", a.event.EventID, a.person)
		case !res.Duplicate && before:
			w.fail(repeatBroken, "%s of %v, which was taken before, is none", a.event.EventID, a.person)
		}
		a.sure, a.perhaps = true, false
		w.took(c, &res)
	})
	return answered
}

// took checks a result against what was committed (Z2), and hands it out.
func (w *world) took(c *call, res *beckon.Result) {
	for i := range res.Deliveries {
		d := &res.Deliveries[i]
		if !res.Duplicate {
			c.said[totalKey{d.Message, "sent"}]++
		}
		w.handed(c, d)
		w.deal(*d)
	}
	for _, h := range res.Held() {
		c.said[totalKey{h.Message, "held." + string(h.Reason)}]++
	}
	w.compareTotals(c)
}

// compareTotals checks that what a call has said is what it has counted.
func (w *world) compareTotals(c *call) {
	if c.unsure {
		return // a step may have been carried out twice over
	}
	counted := map[totalKey]int64{}
	for _, x := range c.committed {
		for _, n := range x.totals {
			if k := (totalKey{n.Message, n.Name}); judges(n.Name) && !c.leaves(n.Name) && (n.N > 0 || c.streams) { // a run takes back what it has decided ahead
				counted[k] += n.N
			}
		}
	}
	for k, n := range counted {
		if c.streams && w.dials.has(outbox) && k.name == "sent" && c.said[k] < n {
			continue // its consumer was so slow that a worker has it
		}
		if c.streams && k.name == "sent" && c.said[k] < n && n-c.said[k] <= w.goneBefore(c, k.message) {
			continue
		}
		if c.said[k] != n {
			w.fail(totalsBroken, "%s: counted %s of %s %d times, said so %d times", c.what, k.name, k.message, n, c.said[k])
		}
	}
	for k, n := range c.said {
		if counted[k] < n && !c.leaves(k.name) {
			w.fail(totalsBroken, "%s: said %s of %s %d times, counted %d", c.what, k.name, k.message, n, counted[k])
		}
	}
}

// goneBefore returns how many of a message a run has decided ahead for people who had left when
// their turn came: they are counted, and handed out to nobody.
func (w *world) goneBefore(c *call, message string) (n int64) {
	for _, m := range w.book.sends {
		if m.by == c && m.message.id == message && m.person.left && !m.seen {
			n++
		}
	}
	return n
}

// judges reports whether a total is of candidates judged.
func judges(name string) bool {
	return name == "sent" || len(name) > 5 && name[:5] == "held."
}

func told(res *beckon.Result) string {
	text := ""
	for i := range res.Deliveries {
		text += fmt.Sprintf(" +%s", res.Deliveries[i].Message)
	}
	for _, h := range res.Held() {
		text += fmt.Sprintf(" %s:%s", h.Message, h.Reason)
	}
	if res.Duplicate {
		text += " duplicate"
	}
	return text
}
