package beckonwork

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/beckon-go/beckon"
)

// often is how often a run that many workers share is asked for, at least: what a worker
// leaves that dies, another is to find soon.
const often = time.Minute

// checkOutbox returns ErrNoOutbox if the engine has no outbox: then nothing would be pending.
func (w *Worker) checkOutbox(ctx context.Context) error {
	has, err := w.engine.HasOutbox(ctx)
	if err == nil && !has {
		err = ErrNoOutbox
	}
	return err
}

// waitForOutbox is checkOutbox, tried again while the store fails; nil if the worker ends
// meanwhile.
func (s *session) waitForOutbox() error {
	b := newBackoff()
	for n := 1; ; n++ {
		err := s.w.checkOutbox(s.ctx)
		switch {
		case err == nil || s.ctx.Err() != nil:
			return nil
		case errors.Is(err, beckon.ErrClosed), errors.Is(err, ErrNoOutbox):
			return err
		}
		s.w.warn("whether there is an outbox cannot be read", "error", err)
		if !s.failed(b, n) {
			return nil
		}
	}
}

// every runs Due or Sweep, once each interval for all workers: they share a pass.
func (s *session) every(name string, interval time.Duration, run func(context.Context, ...beckon.RunOption) iter.Seq2[beckon.Delivery, error]) {
	b, failures := newBackoff(), 0
	for {
		began := s.w.cfg.clock()
		err := s.pass(run(s.ctx, beckon.Shared(began.Truncate(interval))))
		switch {
		case s.ctx.Err() != nil || s.ends(err):
			return
		case errors.Is(err, beckon.ErrProgramMissing): // nobody has published yet
			failures = 0
		case err != nil:
			failures++
			s.w.warn("a run failed", "run", name, "error", err)
			if !s.failed(b, failures) {
				return
			}
			continue
		default:
			failures = 0
		}
		next := min(interval, often)
		if !s.pause(next - began.Sub(began.Truncate(next))) {
			return
		}
	}
}

// pass hands what a run decides to the senders of its channel. What no sender is for, or
// has a slot for, is free for others at once.
func (s *session) pass(run iter.Seq2[beckon.Delivery, error]) error {
	for d, err := range run {
		switch {
		case err != nil:
			return err
		case d.IsQueued(): // the workers have it
			continue
		case d.Attempt == 0:
			// Nothing keeps it: as if it had not been decided.
			return errors.Join(ErrNoOutbox, s.w.engine.Release(context.WithoutCancel(s.ctx), d))
		}
		s.take(d)
	}
	return nil
}

// take has a delivery that is leased to this worker sent, or gives it back: a channel whose
// sender is slow keeps nothing from the others.
func (s *session) take(d beckon.Delivery) {
	c := s.w.channels[d.Channel]
	switch {
	case c == nil:
		s.putBack(d, time.Time{})
	case s.roomNow(c):
		s.begin(c, d, 0)
	default:
		s.putBack(d, c.pausedUntil())
		c.wakeUp()
	}
}

// putBack returns a delivery to the outbox that was not tried.
func (s *session) putBack(d beckon.Delivery, at time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), storeTime)
	defer cancel()
	if err := s.w.engine.Postpone(ctx, d, at); err != nil && !errors.Is(err, beckon.ErrLeaseLost) {
		s.w.warn("a delivery could not be given back, and is free when its lease has ended", "delivery", d.ID, "error", err)
	}
}

// storeTime is how long a step of the store may take that must not depend on whether the
// worker is to end.
const storeTime = 10 * time.Second
