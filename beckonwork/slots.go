package beckonwork

import (
	"errors"
	"time"

	"github.com/beckon-go/beckon"
)

// room waits until there is a slot for one more send, and takes it; false if the worker ends
// before, or the channel is paused.
func (s *session) room(c *channel) bool {
	select {
	case <-s.ctx.Done():
		return false
	case c.slots <- struct{}{}:
		return s.stays(c)
	}
}

// stays reports whether a slot is of use, and frees it if it is not.
func (s *session) stays(c *channel) bool {
	if s.ctx.Err() != nil || !c.pausedUntil().IsZero() {
		<-c.slots
		return false
	}
	return true
}

// begin begins a send, for which there is a slot.
func (s *session) begin(c *channel, d beckon.Delivery) {
	s.busy.Add(1)
	go func() {
		defer s.busy.Done()
		defer func() { <-c.slots }()
		s.send(c, d)
	}()
}

// roomFor is room for a delivery that is leased already: it is extended meanwhile. lost
// reports that another worker has it, or may have it by the time it would be sent.
func (s *session) roomFor(c *channel, d beckon.Delivery) (is, lost bool) {
	every := s.w.cfg.extend
	sure := time.Now() // when the lease was known to last
	timer := time.NewTimer(every)
	defer timer.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return false, false
		case c.slots <- struct{}{}:
			if !s.stays(c) {
				return false, false
			}
			if time.Since(sure) < every || s.extend(d) == nil {
				return true, false
			}
			<-c.slots
			return false, s.ctx.Err() == nil
		case <-timer.C:
			switch err := s.extend(d); {
			case errors.Is(err, beckon.ErrLeaseLost):
				return false, true
			case err == nil:
				sure = time.Now()
			}
			timer.Reset(every)
		}
	}
}

// extend extends the lease of a delivery that waits. If another worker has it, that is told.
func (s *session) extend(d beckon.Delivery) error {
	err := s.w.engine.Extend(s.ctx, d, s.w.cfg.clock().Add(3*s.w.cfg.extend))
	switch {
	case errors.Is(err, beckon.ErrLeaseLost):
		s.w.tell(Outcome{Delivery: d, Result: Lost, Err: err})
	case err != nil && s.ctx.Err() == nil:
		s.w.warn("a lease could not be extended", "delivery", d.ID, "error", err)
	}
	return err
}
