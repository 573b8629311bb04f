package beckon

import (
	"errors"
	"fmt"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/render"
	"github.com/beckon-go/beckon/internal/watch"
)

// An Option sets up an [Engine]. [New] applies options in order and reports a wrong one; nil
// is skipped. Zero in an option is its default, such as [LeaseFor] in [WithLease].
type Option interface{ apply(*config) error }

type optionFunc func(*config) error

func (f optionFunc) apply(c *config) error { return f(c) }

// config is what options set; it does not change after New.
type config struct {
	now         func() time.Time
	strict      bool
	lenient     bool
	outbox      bool
	isolate     bool
	rendering   render.Limits
	names       int // that the catalogue lists
	aliases     int
	visitorsFor int64        // milliseconds; 0: never dropped
	namesFor    int64        // milliseconds
	watch       *watch.Watch // nil: nobody watches
	decide.Limits
}

// systemClock is what decides where the host sets no clock, and what observers are told
// durations by; nothing else in the library asks for the time.
func systemClock() time.Time { return time.Now() }

func defaultConfig() config {
	return config{
		now:         systemClock,
		names:       DefaultCatalogueNames,
		namesFor:    NamesListedFor.Milliseconds(),
		aliases:     DefaultAliases,
		visitorsFor: VisitorsKeptFor.Milliseconds(),
		Limits: decide.Limits{
			EventNames:   DefaultEventNames,
			RecentEvents: DefaultRecentEvents,
			Repeats:      DefaultRepeats,
			SendLog:      DefaultSendLog,
			Composed:     DefaultComposed,
			Holds:        DefaultHolds,
			Values:       DefaultFrequencyValues,
			WaitingBytes: DefaultWaitingBytes,
			WindowValues: DefaultWindowValues,
			Pending:      DefaultPending,
			DeadLetters:  DefaultDeadLetters,
			Lease:        LeaseFor.Milliseconds(),
			CheckEvery:   CheckEvery.Milliseconds(),
			SessionGap:   SessionGap.Milliseconds(),
			RecentFor:    RecentEventsFor.Milliseconds(),
			RepeatsFor:   RepeatsKnownFor.Milliseconds(),
		},
	}
}

// WithClock sets the only clock that decides anything. It is read once a call, must
// be safe for concurrent use, and may step back. The default is time.Now; nil is an
// error. Use one clock for all engines over a store. (F6, Z3)
func WithClock(now func() time.Time) Option {
	return optionFunc(func(c *config) error {
		if now == nil {
			return errors.New("beckon: WithClock: the clock is nil")
		}
		c.now = now
		return nil
	})
}

// WithStrictMetadata refuses metadata past 20 keys, metadata_too_many, and what is
// otherwise than declared, metadata_mismatch. (M1, V1)
func WithStrictMetadata() Option {
	return optionFunc(func(c *config) error { c.strict = true; return nil })
}

// WithLenientMetadata drops nested objects, arrays and null in metadata, with
// the warning metadata_value_dropped, instead of refusing the event. The key of a
// dropped value counts. [ParseEvent] knows no engine and reports them; [Engine.TrackJSON],
// and Track of what ParseEvent returned, drop them. (M4)
func WithLenientMetadata() Option {
	return optionFunc(func(c *config) error { c.lenient = true; return nil })
}

// WithKnownContactsOnly refuses events, visits, checks and sends for contacts that
// no Update has made: contact_unknown. Else all but a send create them.
func WithKnownContactsOnly() Option {
	return optionFunc(func(c *config) error { c.KnownOnly = true; return nil })
}

// WithExactEmail makes two addresses of two spellings whose part before the "@"
// differs in letter case. The store keeps what its first engine was told; one
// told otherwise is refused, option_conflict. (E1)
func WithExactEmail() Option {
	return optionFunc(func(c *config) error { c.ExactEmail = true; return nil })
}

// WithForeignCompanies lets an event's company_id count although the contact is
// no member. It is for hosts whose events all come from themselves: any other
// sender could read the data of any company whose id it guesses. (E11)
func WithForeignCompanies() Option {
	return optionFunc(func(c *config) error { c.Foreign = true; return nil })
}

// WithOutbox keeps every delivery with its contact until the host calls
// [Engine.Acknowledge], [Engine.Release] or [Engine.GiveUp]; [Engine.Pending]
// finds what was left. A host that says nothing fills its contacts' outboxes.
// The store keeps that there is an outbox: every engine over it uses it, after
// its next run, Publish or Refresh at the latest. (D12, Z1)
func WithOutbox() Option {
	return optionFunc(func(c *config) error { c.outbox = true; return nil })
}

// WithWorkers is [WithOutbox], and leaves deliveries of these channels to the workers at
// once: Pending has them without waiting for the end of a lease. Without channels that is
// email, push and SMS. Who decides them is told, and is not to make them: they are
// Delivery.IsQueued. Of runs none is taken back. All others are the caller's, such as those
// that a page shows. (Z1)
func WithWorkers(channels ...Channel) Option {
	if len(channels) == 0 { // here: an option may set up several engines at once
		channels = []Channel{Email, Push, SMS}
	}
	return optionFunc(func(c *config) error {
		c.outbox, c.Workers = true, make(map[Channel]bool)
		for _, ch := range channels {
			if c.Workers[ch] = true; !KnownChannel(ch) {
				return errors.New("beckon: WithWorkers: " + channelUnknown(ch))
			}
		}
		return nil
	})
}

// WithBidiIsolation is [WithRenderIsolation] for all messages. (R5)
func WithBidiIsolation() Option {
	return optionFunc(func(c *config) error { c.isolate = true; return nil })
}

// WithContentLimits sets limits of templates (a fault on publish) and of what
// they render to (the message is held, failed).
func WithContentLimits(l RenderLimits) Option {
	return optionFunc(func(c *config) error {
		if render.Limits(l).Negative() {
			return errors.New("beckon: WithContentLimits: a limit is negative")
		}
		c.rendering = render.Limits(l)
		return nil
	})
}

// positive makes an option of a span of time, from a second to 100 years: zero
// is the default (Z4), a negative one an error. Shorter ones are slips, such as
// a number without its unit: time.Duration(30) is 30 nanoseconds. Spans count in
// milliseconds, a part of one as one.
func positive(name string, d, standard time.Duration, set func(*config, int64)) Option {
	return optionFunc(func(c *config) error {
		d := d // an option may set up several engines at once
		switch {
		case d < 0:
			return fmt.Errorf("beckon: %s: %v is negative", name, d)
		case d == 0:
			d = standard
		}
		if err := sensible(name, d); err != nil {
			return err
		}
		set(c, int64((d-1)/time.Millisecond)+1)
		return nil
	})
}

// sensible refuses spans of less than a second and of more than 100 years.
func sensible(name string, d time.Duration) error {
	switch {
	case d < time.Second:
		return fmt.Errorf("beckon: %s: %v is less than a second", name, d)
	case d > calendar.MaxDuration*time.Second:
		return fmt.Errorf("beckon: %s: %v is over 100 years", name, d)
	}
	return nil
}

// WithCheckEvery sets the least time between two checks of a contact. (D4)
func WithCheckEvery(d time.Duration) Option {
	return positive("WithCheckEvery", d, CheckEvery, func(c *config, ms int64) { c.CheckEvery = ms })
}

// WithSessionGap sets how long without a visit ends a session. (D15)
func WithSessionGap(d time.Duration) Option {
	return positive("WithSessionGap", d, SessionGap, func(c *config, ms int64) { c.SessionGap = ms })
}

// WithRecentEventsFor sets how long a contact's events are kept. (E9)
func WithRecentEventsFor(d time.Duration) Option {
	return positive("WithRecentEventsFor", d, RecentEventsFor, func(c *config, ms int64) { c.RecentFor = ms })
}

// WithRepeatsKnownFor sets how long a repeat is known. (E7)
func WithRepeatsKnownFor(d time.Duration) Option {
	return positive("WithRepeatsKnownFor", d, RepeatsKnownFor, func(c *config, ms int64) { c.RepeatsFor = ms })
}

// WithLease sets how long a delivery belongs to its caller: longer than a send
// takes, and no longer than it may be late after a crash.
func WithLease(d time.Duration) Option {
	return positive("WithLease", d, LeaseFor, func(c *config, ms int64) { c.Lease = ms })
}

// WithVisitorsKeptFor sets how long unseen visitors stay; negative: always.
func WithVisitorsKeptFor(d time.Duration) Option {
	return optionFunc(func(c *config) error {
		d := d
		switch {
		case d == 0:
			d = VisitorsKeptFor
		case d < 0:
			c.visitorsFor = 0
			return nil
		}
		if err := sensible("WithVisitorsKeptFor", d); err != nil {
			return err
		}
		c.visitorsFor = d.Milliseconds()
		return nil
	})
}

// WithSourceChannels replaces the channels that events of a source may trigger;
// without channels none. (D6)
func WithSourceChannels(source Source, channels ...Channel) Option {
	return optionFunc(func(c *config) error {
		source, ok := event.SourceOf(source)
		if !ok {
			return fmt.Errorf("beckon: WithSourceChannels: unknown source %s", fault.Quote(string(source)))
		}
		set := make(map[Channel]bool, len(channels))
		for _, ch := range channels {
			if !KnownChannel(ch) {
				return errors.New("beckon: WithSourceChannels: " + channelUnknown(ch))
			}
			set[ch] = true
		}
		if c.Sources == nil {
			c.Sources = plan.Sources{}
		}
		c.Sources[source] = set
		return nil
	})
}
