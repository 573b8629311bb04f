package beckonwork

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
)

// Round makes what is pending once, channel by channel and one delivery after the other,
// and returns how many it gave to senders. It is for hosts without a process that goes on,
// such as a function that a timer calls. What becomes of a delivery is as with [Worker.Run];
// Due and Sweep are left to the host. It begins no goroutine, so a lease is made longer
// before each Send, by the time that it may take, and not meanwhile.
//
// When ctx ends, what was leased and not tried is free again at once. An error of the
// store ends the round; what is not acknowledged then comes again. While the worker runs
// the error is [ErrRunning], and without an outbox [ErrNoOutbox].
func (w *Worker) Round(ctx context.Context) (n int, err error) {
	if !w.running.CompareAndSwap(false, true) {
		return 0, ErrRunning
	}
	defer w.running.Store(false)
	if err := w.checkOutbox(ctx); err != nil {
		if ctx.Err() != nil {
			err = nil
		}
		return 0, err
	}
	s := &session{w: w, ctx: ctx, sends: ctx}
	for _, name := range w.cfg.order {
		if n, err = s.tryAll(w.channels[name], n); err != nil || ctx.Err() != nil {
			return n, err
		}
	}
	return n, nil
}

// tryAll makes what is pending of a channel, and adds to n how many.
func (s *session) tryAll(c *channel, n int) (int, error) {
	if !c.pausedUntil().IsZero() {
		return n, nil
	}
	var failed error
	s.made = func(m made) { failed = s.acknowledge(m) }
	for d, err := range s.w.engine.Pending(s.ctx, beckon.Channels(c.name)) {
		switch until := c.pausedUntil(); {
		case err != nil && s.ctx.Err() != nil:
			return n, nil
		case err != nil:
			return n, err
		case s.ctx.Err() != nil || !until.IsZero():
			s.putBack(d, until)
			return n, nil
		}
		tried, err := s.try(c, d)
		if tried {
			n++
		}
		if err = errors.Join(err, failed); err != nil {
			return n, err
		}
	}
	return n, nil
}

// try makes one delivery, whose lease is to last as long as that may take.
func (s *session) try(c *channel, d beckon.Delivery) (tried bool, err error) {
	err = s.lease(d)
	switch {
	case errors.Is(err, beckon.ErrLeaseLost):
		s.w.tell(Outcome{Delivery: d, Result: Lost, Err: err})
		return false, nil
	case err != nil && s.ctx.Err() != nil:
		s.putBack(d, time.Time{})
		return false, nil
	case err != nil:
		return false, fmt.Errorf("beckonwork: the lease of a delivery could not be made longer: %w", err)
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(s.sends, s.w.cfg.timeout)
	defer cancel()
	err = safely(ctx, c.sender, d)
	s.deal(c, d, err, time.Since(began))
	return true, nil
}

// slowAnswers is how often the lease of a delivery is made longer whose answer comes so late
// that too little is left of it.
const slowAnswers = 3

// lease makes the lease of a delivery last as long as sending it may take, from now on.
func (s *session) lease(d beckon.Delivery) error {
	for range slowAnswers {
		asked := time.Now()
		if err := s.w.engine.Extend(s.ctx, d, s.w.cfg.clock().Add(s.w.cfg.timeout+storeTime)); err != nil {
			return err
		}
		if time.Since(asked) <= storeTime {
			return nil
		}
	}
	return errSlowStore
}

var errSlowStore = errors.New("the store answers too late")

// acknowledge says that a delivery was made.
func (s *session) acknowledge(m made) (err error) {
	for range 3 {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), storeTime)
		err = s.w.engine.Acknowledge(ctx, m.d)
		cancel()
		if err == nil {
			s.w.tell(Outcome{Delivery: m.d, Result: Made, Took: m.took})
			return nil
		}
	}
	return err
}
