package beckonwork

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/beckon-go/beckon"
)

// A channel is one that the worker sends.
type channel struct {
	w      *Worker
	name   beckon.Channel
	sender Sender
	slots  chan struct{} // one for each send under way
	wake   chan struct{} // something has become free

	mu    sync.Mutex
	until time.Time // it is paused until then; zero: it is not
}

// pausedUntil returns the instant until which the channel is paused; zero if it is not.
func (c *channel) pausedUntil() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.w.cfg.clock()
	if most := now.Add(mostAhead); c.until.After(most) {
		c.until = most // the clock was set back
	}
	if !c.until.IsZero() && !now.Before(c.until) {
		c.until = time.Time{}
	}
	return c.until
}

// pauseUntil pauses the channel until an instant, or longer if it is.
func (c *channel) pauseUntil(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at.After(c.until) {
		c.until = at
	}
}

// wakeUp has the channel look for what is free, if it pauses between two looks.
func (c *channel) wakeUp() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// work makes what is pending of a channel until the worker ends.
func (s *session) work(c *channel) {
	b, failures := newBackoff(), 0
	for s.ctx.Err() == nil {
		if until := c.pausedUntil(); !until.IsZero() {
			if !s.pause(until.Sub(s.w.cfg.clock())) {
				return
			}
			continue
		}
		n, err := s.round(c)
		switch {
		case err != nil && s.ctx.Err() == nil:
			if s.ends(err) {
				return
			}
			failures++
			s.w.warn("pending deliveries cannot be read", "channel", c.name, "error", err)
			if !s.failed(b, failures) {
				return
			}
		case n == 0:
			failures = 0
			poll := s.w.cfg.poll
			if !s.pauseOr(c.wake, poll/2+rand.N(poll+1)) {
				return
			}
		default:
			failures = 0
		}
	}
}

// mostLeased is how many contacts are leased in one step, where the senders are quick.
const mostLeased = 256

// round begins to send what is free, and returns how much it was. Before it takes a
// delivery it has room for it, so that none waits while its lease goes by.
func (s *session) round(c *channel) (n int, err error) {
	if !s.room(c) {
		return 0, nil
	}
	asked, old := time.Now(), time.Duration(0) // a lease is at most so old as the store took for one
	for d, err := range s.w.engine.Pending(s.ctx, beckon.Channels(c.name), beckon.Ahead(mostLeased)) {
		old = max(old, time.Since(asked))
		if err != nil {
			<-c.slots
			return n, err
		}
		if until := c.pausedUntil(); s.ctx.Err() != nil || !until.IsZero() {
			<-c.slots
			s.putBack(d, until)
			return n, nil
		}
		s.begin(c, d, old)
		if n++; !s.room(c) {
			return n, nil
		}
		asked = time.Now()
	}
	<-c.slots
	return n, nil
}

// send makes one delivery, whose lease may be so old, and says so to the engine.
func (s *session) send(c *channel, d beckon.Delivery, old time.Duration) {
	began := time.Now()
	ctx, cancel := context.WithTimeout(s.sends, s.w.cfg.timeout)
	defer cancel()
	lease := s.keepLease(ctx, cancel, &d, old)
	err := safely(ctx, c.sender, d)
	lease.end()
	s.deal(c, d, err, time.Since(began))
}

// safely calls a sender. A panic of it is an error, and so is one of its error that is asked
// for its text, such as a nil pointer that is an error.
func safely(ctx context.Context, sender Sender, d beckon.Delivery) (err error) {
	who := "the sender"
	defer func() {
		if v := recover(); v != nil {
			err = &panicked{who, v}
		}
	}()
	if err = sender.Send(ctx, d); err != nil {
		who = "the sender's error"
		_ = answered(err).Error()
	}
	return err
}
