package simulation

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
)

// consume takes what a run yields, slowly, and may stop. It reports whether the
// run came to its end.
func (w *world) consume(c *call, run iter.Seq2[beckon.Delivery, error], codes ...beckon.Code) (whole bool) {
	whole = w.take(c, run, codes...)
	// With the outbox a worker finds the rest.
	for _, d := range c.decided {
		if d.answered && !d.pending && !d.seen && !d.released && !slices.Contains(c.reported, d.id) && !d.person.left {
			w.fail(pendingBroken, "%s for %v was decided by %s, and neither yielded, nor given back, nor was the host told of it", d.message.id, d.person, c.what)
		}
	}
	return whole
}

func (w *world) take(c *call, run iter.Seq2[beckon.Delivery, error], codes ...beckon.Code) (whole bool) {
	r := w.current.dice
	most := -1
	if w.dials.has(cuts) && !w.calm && chance(r, 0.3) {
		most = r.IntN(3)
	}
	c.streams = true
	for d, err := range run {
		if err != nil {
			w.note("%s ends: %v", c.what, err)
			w.wanted(c, err, codes...)
			return false
		}
		c.said[totalKey{d.Message, "sent"}]++
		w.handed(c, &d)
		w.deal(d)
		if most == 0 {
			if w.dials.has(outages) && !w.down && chance(r, 0.3) {
				w.outage(between(r, time.Second, time.Minute)) // that is often why
			}
			w.note("%s is cut short", c.what)
			return false
		}
		most--
		if chance(r, 0.1) {
			w.pause(between(r, 0, 10*time.Second))
		}
	}
	return true
}

const programMissing beckon.Code = "program_missing"

// onStop has a run say what it could not give back.
func (c *call) onStop() beckon.RunOption {
	return beckon.OnStopError(func(list []beckon.Delivery, err error) {
		c.process.w.note("%s could not give back %d: %v", c.what, len(list), err)
		for _, d := range list {
			c.reported = append(c.reported, d.ID)
		}
	})
}

// onHeld has a run say what it holds.
func (c *call) onHeld() beckon.RunOption {
	return beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) {
		c.said[totalKey{h.Message, "held." + string(h.Reason)}]++
	})
}

// due runs Due, and checks that it has left nothing.
func (w *world) due() {
	w.ask(w.alive(w.current.dice), "due", func(ctx context.Context, c *call) {
		p := c.process
		p.atConsole(func() {
			now := time.Now().Add(p.offset).UnixMilli()
			list := w.overdueFor(p, now)
			offset, running, since, merges := p.offset, p.running, w.book.commits, len(w.joinings)
			if !w.consume(c, p.engine.Due(ctx, c.onHeld(), c.onStop()), programMissing) {
				return
			}
			w.note("due has ended, %d were overdue", len(list))
			w.compareTotals(c)
			if p.offset == offset && p.running == running {
				w.dealtWith(p, list, now, since, merges)
			}
		})
	})
}

func (w *world) sweep() {
	w.ask(w.alive(w.current.dice), "sweep", func(ctx context.Context, c *call) {
		opts := []beckon.RunOption{c.onStop()}
		c.sweeps = alone
		if w.dials.has(shares) && w.current.dice.IntN(2) == 0 {
			c.sweeps = together
			opts = append(opts, beckon.Shared(time.Now().Add(c.process.offset).Truncate(20*time.Minute)))
		}
		if w.current.dice.IntN(2) == 0 {
			w.consume(c, c.process.engine.Sweep(ctx, opts...), programMissing)
			return
		}
		c.told = true
		if w.consume(c, c.process.engine.Sweep(ctx, append(opts, c.onHeld())...), programMissing) {
			w.compareTotals(c)
		}
	})
}

func (w *world) send() {
	for _, m := range w.universe.messages {
		if m.mode != beckon.OneOff {
			continue
		}
		w.ask(w.alive(w.current.dice), "send "+m.id, func(ctx context.Context, c *call) {
			opts := []beckon.RunOption{c.onStop()}
			if chance(w.current.dice, 0.3) {
				opts = append(opts, beckon.Sample(1+w.current.dice.IntN(2)))
			}
			w.consume(c, c.process.engine.Send(ctx, m.id, opts...), programMissing, beckon.ErrMessageUnknown)
		})
		return
	}
}

// work is one loop of a worker of the outbox.
func (w *world) work() {
	w.ask(w.alive(w.current.dice), "work", func(ctx context.Context, c *call) {
		w.consume(c, c.process.engine.Pending(ctx))
	})
}
