package simulation

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/beckon-go/beckon"
)

// events has things happen until the world's time is over: bursts, often of
// several things about one person at once, with less or more between them; and
// now and then somebody who does one thing again and again.
func (w *world) events() {
	r := w.current.dice
	for time.Now().Before(w.stop) && !w.over {
		who := w.people[r.IntN(len(w.people))]
		switch x := r.IntN(12); {
		case x < 3:
			for range 2 + r.IntN(6) {
				w.begin(who, func() { w.client(who, w.newEvent(who)) })
			}
		case x < 5:
			w.again(who)
		default:
			for range 1 + r.IntN(4) {
				w.something(r, who)
				if r.IntN(2) == 0 {
					who = w.people[r.IntN(len(w.people))]
				}
			}
		}
		switch x := r.IntN(20); {
		case x < 6:
			w.pause(between(r, 0, 50*time.Millisecond))
		case x < 10:
			w.pause(between(r, 0, 10*time.Second))
		case x < 19:
			w.pause(between(r, 0, 5*time.Minute))
		default:
			w.pause(between(r, 0, 2*time.Hour))
		}
	}
}

// again has somebody do one thing for some minutes, from several places.
func (w *world) again(who *person) {
	r := w.current.dice
	name, pace := pick(r, eventNames...), pick(r, 100*time.Millisecond, 2*time.Second, 20*time.Second, time.Minute)
	for range 10 + r.IntN(40) {
		w.begin(who, func() {
			e := w.newEvent(who)
			e.Name = name
			w.client(who, e)
		})
		w.pause(between(r, 0, pace))
	}
}

// begin starts what somebody does.
func (w *world) begin(who *person, fn func()) {
	if who.left {
		return
	}
	w.spawn("client", nil, between(w.current.dice, 0, 3*time.Millisecond), fn)
}

// something is one thing that happens.
func (w *world) something(r *rand.Rand, who *person) {
	has := w.dials.has
	plain := func(fn func()) { w.spawn("client", nil, 0, fn) }
	switch x := r.IntN(100); {
	case x < 40:
		w.begin(who, func() { w.client(who, w.newEvent(who)) })
	case x < 48:
		w.begin(who, func() { w.visit(who) })
	case x < 55:
		w.begin(who, func() { w.change(who) })
	case x < 70:
		plain(func() { w.due() })
	case x < 74 && has(sweeps):
		plain(w.sweep)
	case x < 76 && has(sweeps):
		plain(w.send)
	case x < 78 && has(sweeps):
		w.begin(who, func() { w.check(who) })
	case x < 84 && has(outbox) && has(rounds) && r.IntN(2) == 0:
		plain(w.round)
	case x < 84 && has(outbox):
		plain(w.work)
	case x < 88 && has(publishes):
		plain(func() {
			if p := w.alive(r); p != nil {
				w.publish(p, false)
			}
		})
	case x < 90 && has(pauses):
		plain(w.status)
	case x < 92 && has(throttles):
		plain(w.hosts)
	case x == 92 && has(crashes):
		if p := w.alive(r); p != nil {
			w.crash(p)
		}
	case x == 93 && has(steps):
		if p := w.alive(r); p != nil {
			by := between(r, -pick(r, time.Minute, time.Hour), pick(r, time.Minute, time.Hour))
			w.setClock(p, by)
			w.note("the clock of %s is set to be off by %v", p.name, by)
		}
	case x == 94 && has(outages) && !w.down:
		w.outage(between(r, time.Second, pick(r, 10*time.Second, 20*time.Minute)))
	case x == 95 && has(merges) && r.IntN(4) == 0:
		other := w.people[r.IntN(len(w.people))]
		if other != who && !other.left && !who.left {
			plain(func() { w.merge(who, other) })
		}
	case x == 97:
		w.begin(who, func() { w.word(who) })
	case x == 96 && has(deletes) && r.IntN(10) == 0 && !w.merged(who) && !who.left:
		plain(func() { w.leave(who) })
	}
}

// hosts has hosts take permits for some minutes.
func (w *world) hosts() {
	r := w.current.dice
	key, pace := pick(r, "a", "b"), pick(r, time.Second, 30*time.Second)
	for range 1 + r.IntN(20) {
		w.spawn("host", nil, 0, func() { w.permit(key) })
		w.pause(between(r, 0, pace))
	}
}

// outage takes the store down for a while.
func (w *world) outage(d time.Duration) {
	w.down = true
	w.note("the store is down")
	w.spawn("outage", nil, d, func() {
		w.down = false
		w.note("the store is up")
	})
}

func (w *world) visit(who *person) {
	w.ask(w.alive(w.current.dice), "visit", func(ctx context.Context, c *call) {
		res, err := c.process.engine.Visit(ctx, beckon.Visit{UserID: who.who.UserID, AnonymousID: who.who.AnonymousID})
		w.note("visit of %v: %s, %v", who, told(&res), err)
		if w.wanted(c, err) && err == nil {
			w.took(c, &res)
		}
	})
}

// word has a host send somebody a message that is in no program.
func (w *world) word(who *person) {
	r := w.current.dice
	var words []*message
	for _, m := range w.universe.messages {
		if m.composed != nil {
			words = append(words, m)
		}
	}
	m := words[r.IntN(len(words))]
	w.ask(w.alive(r), "send to", func(ctx context.Context, c *call) {
		if c.process.running.messages == nil {
			return // no caps hold without a program
		}
		res, err := c.process.engine.SendTo(ctx, who.who, *m.composed)
		w.note("%s to %v: %s, %v", m.id, who, told(&res), err)
		if w.wanted(c, err, beckon.ErrContactUnknown) && err == nil {
			w.took(c, &res)
		}
	})
}

func (w *world) check(who *person) {
	w.ask(w.alive(w.current.dice), "check", func(ctx context.Context, c *call) {
		res, err := c.process.engine.Check(ctx, who.who)
		w.note("check of %v: %s, %v", who, told(&res), err)
		if w.wanted(c, err, beckon.ErrCheckTooSoon, programMissing) && err == nil {
			w.took(c, &res)
		}
	})
}

func (w *world) change(who *person) {
	r := w.current.dice
	w.ask(w.alive(r), "update", func(ctx context.Context, c *call) {
		r := w.current.dice
		x := beckon.Contact{UserID: who.who.UserID, AnonymousID: who.who.AnonymousID, Attributes: beckon.Attributes{}}
		if r.IntN(2) == 0 {
			x.Attributes["plan"] = beckon.String(pick(r, "pro", "free"))
		}
		if r.IntN(3) == 0 {
			x.Attributes["ends_at"] = beckon.String(time.Now().AddDate(0, 0, r.IntN(4)-1).Format(time.RFC3339))
		}
		refuses := w.dials.has(refusals) && r.IntN(30) == 0
		if refuses {
			who.refuses = true
			if x.Unsubscribed = []string{"email"}; w.dials.has(topics) && who.who.UserID < "u3" {
				x.Unsubscribed, x.Topics = nil, map[string]*bool{letters: new(bool)}
			}
		}
		res, err := update(c.process.engine, ctx, x)
		w.note("update of %v to %v, from %v, %d topics: %s, %v", who, x.Attributes, x.Unsubscribed, len(x.Topics), told(&res), err)
		if w.wanted(c, err) && err == nil {
			if refuses && who.refused.IsZero() {
				who.refused = time.Now()
			}
			w.took(c, &res)
		}
	})
}

// status pauses, resumes or stops a message.
func (w *world) status() {
	r := w.current.dice
	m := w.universe.messages[r.IntN(len(w.universe.messages))]
	w.ask(w.alive(r), "status", func(ctx context.Context, c *call) {
		c.process.atConsole(func() {
			var err error
			m.touched = true
			switch x := w.current.dice.IntN(10); {
			case x < 5:
				err = c.process.engine.Pause(ctx, m.id)
			case x < 9:
				err = c.process.engine.Resume(ctx, m.id)
			default:
				err = c.process.engine.Stop(ctx, m.id)
			}
			w.note("pause, resume or stop %s: %v", m.id, err)
			w.wanted(c, err, beckon.ErrMessageUnknown, beckon.ErrMessageStopped)
		})
	})
}
