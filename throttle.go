package beckon

import (
	"time"

	"github.com/beckon-go/beckon/throttle"
)

// DefaultThrottleReleases is how many of the newest permits of a key can be
// given back.
const DefaultThrottleReleases = throttle.DefaultReleases

// A Throttler says how often something may happen, by key: the frequency rules of
// messages without messages, contacts or an engine. [NewThrottler] makes one;
// package [github.com/beckon-go/beckon/throttle] describes it.
type Throttler = throttle.Throttler

// A Permit is the answer of a [Throttler] to one question.
type Permit = throttle.Permit

// A ThrottleOption sets up a [Throttler].
type ThrottleOption = throttle.Option

// WithThrottleClock sets the only clock that decides, see [throttle.WithClock].
func WithThrottleClock(now func() time.Time) ThrottleOption { return throttle.WithClock(now) }

// WithThrottleName keeps throttlers with different rules apart that use the same
// store and keys, see [throttle.WithName].
func WithThrottleName(name string) ThrottleOption { return throttle.WithName(name) }

// WithThrottleLimit permits at most n in any window of that length, see
// [throttle.WithLimit]; n is at most [MaxCapSends].
func WithThrottleLimit(n int, within Duration) ThrottleOption {
	return throttle.WithLimit(n, within.span.Elapsed())
}

// WithThrottleReleases sets how many of the newest permits of a key can be given
// back, see [throttle.WithReleases].
func WithThrottleReleases(n int) ThrottleOption { return throttle.WithReleases(n) }

// NewThrottler makes a throttler over a store. The zero Frequency is the default,
// once a minute; for nothing but a limit set Every to Seconds(0). The error is an
// [ErrorList] of all that is wrong, each a program_invalid with a path such as
// "frequency.every".
func NewThrottler(kept Store, f Frequency, opts ...ThrottleOption) (*Throttler, error) {
	every := DefaultEvery
	if !f.Every.IsZero() {
		every = f.Every.span.Elapsed()
	}
	return throttle.New(kept, throttle.Frequency{Every: every, Max: f.Max}, opts...)
}
