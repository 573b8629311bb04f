package beckonwork

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/beckon-go/beckon"
)

// An Option sets up a [Worker]. A nil Option is skipped. Zero in an option is its default, a
// negative number or time an error.
type Option func(*config) error

type config struct {
	senders  map[beckon.Channel]Sender
	order    []beckon.Channel
	policy   Policy
	atOnce   int
	timeout  time.Duration
	extend   time.Duration
	poll     time.Duration
	due      time.Duration
	sweep    time.Duration
	drain    time.Duration
	noDue    bool
	noSweep  bool
	clock    func() time.Time
	logger   *slog.Logger
	observer func(Outcome)
}

// The defaults of a [Worker].
const (
	DefaultAtOnce      = 16               // sends of a channel at once
	DefaultTimeout     = 2 * time.Minute  // of one Send
	DefaultExtendEvery = 20 * time.Second // a third of [beckon.LeaseFor]; of another lease it is a third, too
	DefaultPollEvery   = time.Second
	DefaultDueEvery    = time.Minute
	DefaultSweepEvery  = time.Hour
	DefaultDrain       = 30 * time.Second
)

// Send has a sender make the deliveries of a channel. Channels without a sender are left
// to other workers, or to the pages that show them. An unknown channel, a second sender of
// one and nil, also as a [SenderFunc], are errors.
func Send(channel beckon.Channel, s Sender) Option {
	return func(c *config) error {
		switch {
		case isNil(s):
			return fmt.Errorf("beckonwork: the sender of %s is nil", channel)
		case channel == "":
			return errors.New("beckonwork: a sender is for a channel")
		case !beckon.KnownChannel(channel):
			return fmt.Errorf("beckonwork: unknown channel %q", channel)
		case c.senders[channel] != nil:
			return fmt.Errorf("beckonwork: %s has two senders", channel)
		}
		c.senders[channel], c.order = s, append(c.order, channel)
		return nil
	}
}

// isNil reports whether there is no sender.
func isNil(s Sender) bool {
	f, isFunc := s.(SenderFunc)
	return s == nil || isFunc && f == nil
}

// WithPolicy sets how deliveries are tried again; zeros in it, and without the option, are the
// defaults of a [Policy].
func WithPolicy(p Policy) Option {
	return func(c *config) error { c.policy = p; return nil }
}

// WithConcurrency sets how many deliveries of each channel are sent at once; default
// [DefaultAtOnce].
func WithConcurrency(n int) Option {
	return func(c *config) error {
		if n < 0 {
			return fmt.Errorf("beckonwork: %d sends at once", n)
		}
		c.atOnce = n
		return nil
	}
}

// WithTimeout sets how long one Send may take; default [DefaultTimeout].
func WithTimeout(d time.Duration) Option {
	return duration("a timeout", d, func(c *config) { c.timeout = d })
}

// WithExtendEvery sets how often the lease of a delivery that is being sent is extended;
// default a third of the engine's lease ([beckon.WithLease]). It must be shorter than that,
// or slow sends would be made twice: else it is an error.
func WithExtendEvery(d time.Duration) Option {
	return duration("a distance of extensions", d, func(c *config) { c.extend = d })
}

// WithPollEvery sets how often a worker that has nothing to do looks for pending
// deliveries; default [DefaultPollEvery]. Half a second means between a quarter of a
// second and three quarters.
func WithPollEvery(d time.Duration) Option {
	return duration("a distance of polls", d, func(c *config) { c.poll = d })
}

// WithDueEvery sets how often Due runs, once for all workers; default [DefaultDueEvery].
func WithDueEvery(d time.Duration) Option {
	return duration("a distance of Due", d, func(c *config) { c.due = d })
}

// WithSweepEvery sets how often Sweep runs, once for all workers; default
// [DefaultSweepEvery].
func WithSweepEvery(d time.Duration) Option {
	return duration("a distance of Sweep", d, func(c *config) { c.sweep = d })
}

// WithoutDue leaves Due to other processes.
func WithoutDue() Option { return func(c *config) error { c.noDue = true; return nil } }

// WithoutSweep leaves Sweep to other processes.
func WithoutSweep() Option { return func(c *config) error { c.noSweep = true; return nil } }

// WithDrain sets how long sends that are under way may take when the worker ends; default
// [DefaultDrain].
func WithDrain(d time.Duration) Option {
	return duration("a time to drain", d, func(c *config) { c.drain = d })
}

// WithClock has the worker read an instant from now, as the engine does: give both the
// same. Its own pace is that of package time. Default [time.Now]; nil is an error.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if now == nil {
			return errors.New("beckonwork: the clock is nil")
		}
		c.clock = now
		return nil
	}
}

// WithLogger has the worker log what failed as a warning, and what was given up as an
// error. It adds no content and no address; the error of a [Sender] is logged as it is.
// Default [slog.Default]; nil logs nothing.
func WithLogger(l *slog.Logger) Option { return func(c *config) error { c.logger = l; return nil } }

// WithObserver has fn called with what became of each delivery, after that is in the
// store. It is called by several goroutines at once, and delays its worker. A panic in it ends
// with it, and is logged. Default, and nil: nobody is told.
func WithObserver(fn func(Outcome)) Option {
	return func(c *config) error { c.observer = fn; return nil }
}

func duration(what string, d time.Duration, set func(*config)) Option {
	return func(c *config) error {
		if d < 0 {
			return fmt.Errorf("beckonwork: %s of %v", what, d)
		}
		if d > 0 {
			set(c)
		}
		return nil
	}
}
