package simulation

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
)

// The policy of a world's workers, and how long they may take for one send: longer than a
// lease, which they make longer.
const (
	triesMost = 3
	sendMost  = 40 * time.Second
)

// A making is one call of a sender that has made a delivery.
type making struct {
	process *process
	call    *call
	until   time.Time // the lease surely lasts until then, in true time
}

// newWorker makes the worker of a process. It works by rounds, each a call of the process:
// what else a worker that runs has are goroutines around the same answers.
func (p *process) newWorker() (*beckonwork.Worker, error) {
	w := p.w
	opts := []beckonwork.Option{
		beckonwork.WithClock(p.now), beckonwork.WithTimeout(sendMost), beckonwork.WithObserver(p.outcome), beckonwork.WithLogger(nil),
		beckonwork.WithPolicy(beckonwork.Policy{Tries: triesMost, First: 20 * time.Second, Most: 10 * time.Minute}),
	}
	for _, channel := range []beckon.Channel{beckon.Email, beckon.Push, beckon.Chat, beckon.Banner} {
		opts = append(opts, beckonwork.Send(channel, beckonwork.SenderFunc(func(ctx context.Context, d beckon.Delivery) error { return w.make(p, d) })))
	}
	return beckonwork.New(p.engine, opts...)
}

// round has a worker do one round.
func (w *world) round() {
	w.ask(w.alive(w.current.dice), "round", func(ctx context.Context, c *call) {
		p := c.process
		if p.worker == nil || p.rounds {
			return // its worker is at it
		}
		p.rounds = true
		defer func() { p.rounds = false }()
		c.streams = true
		n, err := p.worker.Round(ctx)
		w.note("a round has tried %d: %v", n, err)
		if err != nil && w.dials.has(stalls) && strings.Contains(err.Error(), "the store answers too late") {
			return // it was stalled each time that it made a lease longer
		}
		w.wanted(c, err)
	})
}

// make is a sender: it does what providers do.
func (w *world) make(p *process, d beckon.Delivery) error {
	c, r := w.current.call, w.current.dice
	w.handed(c, &d)
	m := w.book.made[handleOf(&d)]
	if m == nil {
		return nil
	}
	c.about, c.tried, m.notBefore = d.ID, tryMade, time.Time{}
	lease := time.UnixMilli(m.lease).Add(-p.offset)
	w.notAgain(p, m)
	if left := time.Until(lease); !w.dials.has(stalls) && left < sendMost-w.spread() {
		w.fail(leaseBroken, "%s to %v is sent with a lease for %v, and may take %v", d.Message, m.person, left, sendMost)
	}
	if at := p.limited[d.Channel]; time.Now().Before(at.Add(-w.spread())) {
		w.fail(leaseBroken, "%s sends on %s %v before its provider allows", p.name, d.Channel, time.Until(at))
	}
	if w.calm {
		return nil
	}
	if chance(r, 0.2) {
		w.pause(between(r, 0, pick(r, time.Second, sendMost)))
	}
	failed := errors.New("the provider fails, as the world wants it")
	switch x := r.IntN(20); {
	case x < 3:
		c.tried = tryFailed
		return failed
	case x == 3:
		c.tried = tryFailed
		panic(failed)
	case x == 4:
		c.tried = tryLater
		return beckonwork.Later(p.now().Add(between(r, 0, time.Hour)), failed)
	case x == 5:
		c.tried = tryLater
		until := time.Now().Add(between(r, 0, 20*time.Minute))
		p.limited[d.Channel] = until
		return beckonwork.Limited(until.Add(p.offset), failed)
	case x == 6:
		c.tried = tryNever
		return beckonwork.Never(failed)
	case x == 7 && w.dials.has(crashes): // it was made, and nobody hears of it
		m.makings = append(m.makings, making{p, c, time.Time{}})
		w.crash(p)
		w.pause(0)
	}
	w.notAgain(p, m)
	m.makings = append(m.makings, making{p, c, lease})
	return nil
}

// notAgain checks that a delivery which was made is made again only where that could not
// be said, or was said too late.
func (w *world) notAgain(p *process, m *made) {
	for _, x := range m.makings {
		if !x.process.dead && !x.call.unsure && x.call.ctx.Err() == nil && time.Now().Before(x.until.Add(-w.spread())) {
			w.fail(twiceBroken, "%s to %v, %.8s, was made, and is made again by %s", m.message.id, m.person, m.id, p.name)
		}
	}
}

// A tried says how a try has ended.
type tried uint8

const (
	tryMade tried = iota
	tryFailed
	tryLater
	tryNever
)

// outcome checks what a worker says that became of a delivery.
func (p *process) outcome(o beckonwork.Outcome) {
	w, d := p.w, &o.Delivery
	c, m := w.current.call, w.book.made[handleOf(d)]
	w.note("%s: %.8s, try %d: %v", o.Result, d.ID, d.Tries(), o.Err)
	if m == nil {
		return
	}
	free := o.At.Add(-p.offset)
	switch o.Result {
	case beckonwork.Made:
		m.ended, m.why = time.Now(), "a worker"
	case beckonwork.Dead:
		m.ended, m.why = time.Now(), "a worker that gave it up"
		if c.tried != tryNever && (c.tried != tryFailed || d.Tries() < triesMost) && time.Since(m.read) < beckonwork.DefaultAge-w.spread() {
			w.fail(leaseBroken, "%s to %v was given up after try %d of %d: %v", d.Message, m.person, d.Tries(), triesMost, o.Err)
		}
	case beckonwork.Retried:
		m.notBefore, m.putOff, m.tries[d.Attempt+1] = free, d.Attempt, d.Tries()+1
		if c.tried != tryFailed || d.Tries() >= triesMost {
			w.fail(leaseBroken, "%s to %v is tried again after try %d of %d: %v", d.Message, m.person, d.Tries(), triesMost, o.Err)
		}
	case beckonwork.Postponed:
		m.notBefore, m.putOff, m.tries[d.Attempt+1] = free, d.Attempt, d.Tries()
		if c.tried != tryLater {
			w.fail(leaseBroken, "%s to %v was put off as if it was not tried: %v", d.Message, m.person, o.Err)
		}
	case beckonwork.Lost:
		w.leaseKept(c, m, d, beckon.ErrLeaseLost)
	}
}
