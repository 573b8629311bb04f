package beckonwork

import (
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

// roomNow is room that does not wait.
func (s *session) roomNow(c *channel) bool {
	select {
	case c.slots <- struct{}{}:
		return s.stays(c)
	default:
		return false
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
func (s *session) begin(c *channel, d beckon.Delivery, old time.Duration) {
	s.busy.Add(1)
	go func() {
		defer s.busy.Done()
		defer func() { <-c.slots }()
		s.send(c, d, old)
	}()
}
