package throttle

import (
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
)

// DefaultReleases is how many of the newest permits of a key can be given back.
const DefaultReleases = 8

// MaxLimit is the greatest number of permits that a limit may allow.
const MaxLimit = plan.MaxCapSends

// maxSpan is the longest distance or window.
const maxSpan = calendar.MaxDuration * time.Second

// A Frequency is how often something may happen for one key. The zero Frequency
// allows everything (F1).
type Frequency struct {
	Every time.Duration // least distance from the last permit, to the millisecond; 0: none (F2)
	Max   int           // most permits that were not given back; 0: no maximum
}

// compile makes a frequency ready and reports its faults, by path.
func (f Frequency) compile(faults *fault.List) (made plan.Frequency) {
	switch {
	case f.Every < 0:
		faults.Fault("frequency.every", "a distance between sends cannot be negative")
	case f.Every > maxSpan:
		faults.Fault("frequency.every", "is over 100 years, the longest distance")
	default:
		made.Every = f.Every.Milliseconds()
	}
	if f.Max < 0 {
		faults.Fault("frequency.max", "a maximum is at least 1; leave it out for none")
	} else {
		made.Max = uint64(f.Max)
	}
	return made
}

// An Option sets up a [Throttler].
type Option interface {
	apply(*Throttler, *fault.List)
}

type option func(*Throttler, *fault.List)

func (f option) apply(t *Throttler, faults *fault.List) { f(t, faults) }

// WithClock sets the only clock that decides; the default is
// [time.Now]. If it steps back nothing is permitted early, and no key is locked
// for longer than the distance (F6).
func WithClock(now func() time.Time) Option {
	return option(func(t *Throttler, faults *fault.List) {
		if now == nil {
			faults.Fault("clock", "the clock is nil")
			return
		}
		t.now = now
	})
}

// WithName keeps throttlers with different rules apart that use the
// same store and keys. The default is the empty name.
func WithName(name string) Option {
	return option(func(t *Throttler, faults *fault.List) {
		if !utf8.ValidString(name) {
			faults.Fault("name", "the name is not valid UTF-8")
			return
		}
		t.name = name
	})
}

// WithLimit permits at most n in any window of that length, besides
// the frequency; given several times, all limits hold. The window slides: what
// is exactly as old as it is out. A record keeps as many permits as the
// greatest n, so a limit of many thousands costs memory and time; n is at most
// [MaxLimit].
func WithLimit(n int, within time.Duration) Option {
	return option(func(t *Throttler, faults *fault.List) {
		path := "limits[" + strconv.Itoa(len(t.limits)) + "]"
		switch {
		case n < 1:
			faults.Fault(path+".max", "the maximum of a limit is at least 1")
		case n > MaxLimit:
			faults.Fault(path+".max", "the maximum of a limit is at most "+strconv.Itoa(MaxLimit))
		}
		if within.Milliseconds() <= 0 {
			faults.Fault(path+".within", "the window of a limit must be longer than none")
		}
		if within > maxSpan {
			faults.Fault(path+".within", "is over 100 years, the longest window")
		}
		t.limits = append(t.limits, plan.Cap{Max: n, Within: within.Milliseconds()})
	})
}

// WithReleases sets how many of the newest permits of a key can be
// given back by [Throttler.Release]; 0 is [DefaultReleases]. It should
// be no less than how many holders of one key can fail at the same time: after
// so many releases, older permits can be given back only once others are taken.
func WithReleases(n int) Option {
	return option(func(t *Throttler, faults *fault.List) {
		if n < 0 {
			faults.Fault("releases", "the number of releases is negative")
			return
		}
		if n > 0 {
			t.releases = n
		}
	})
}
