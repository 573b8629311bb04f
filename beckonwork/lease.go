package beckonwork

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
)

// A lease is that of a delivery which is being sent.
type lease struct {
	stop context.CancelFunc
	done chan struct{} // closed when it is not extended any more
}

// fitLease sets how often a lease is extended, and refuses what comes after its end.
func (c *config) fitLease(of time.Duration) error {
	switch {
	case c.extend == 0:
		c.extend = of / 3
	case c.extend >= of:
		return fmt.Errorf("beckonwork: leases are extended every %v, and the engine's end after %v", c.extend, of)
	}
	return nil
}

// keepLease extends the lease of a delivery, which may be so old, for as long as it takes to
// send it. If another worker has it by now, the send is cancelled.
func (s *session) keepLease(ctx context.Context, cancel context.CancelFunc, d *beckon.Delivery, old time.Duration) *lease {
	own, stop := context.WithCancel(ctx)
	l := &lease{stop: stop, done: make(chan struct{})}
	every := s.w.cfg.extend
	extend := func() {
		defer close(l.done)
		for timer := time.NewTimer(0); ; timer.Reset(every) {
			select {
			case <-own.Done():
				timer.Stop()
				return
			case <-timer.C:
			}
			err := s.w.engine.Extend(own, *d, s.w.cfg.clock().Add(3*every))
			switch {
			case errors.Is(err, beckon.ErrLeaseLost):
				cancel()
				return
			case err != nil && own.Err() == nil:
				s.w.warn("a lease could not be extended", "delivery", d.ID, "error", err)
			}
		}
	}
	timer := time.AfterFunc(max(every-old, 0), extend) // most sends are over before
	l.stop = func() {
		if stop(); timer.Stop() {
			close(l.done)
		}
	}
	return l
}

// end ends the extensions, and waits for one that is under way.
func (l *lease) end() {
	l.stop()
	<-l.done
}
