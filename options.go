package beckon

import (
	"errors"
	"fmt"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/render"
)

// An Option sets up an [Engine]. Options are applied by [New], in order; a
// wrong one is New's error, never a later panic. A nil Option is skipped.
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
	visitorsFor int64 // milliseconds; 0: never dropped
	namesFor    int64 // milliseconds
	limits
}

// systemClock is what decides where the host sets no clock; nothing else in the
// library asks for the time.
func systemClock() time.Time { return time.Now() }

func defaultConfig() config {
	return config{
		now:         systemClock,
		names:       DefaultCatalogueNames,
		namesFor:    NamesListedFor.Milliseconds(),
		aliases:     DefaultAliases,
		visitorsFor: VisitorsKeptFor.Milliseconds(),
		limits: limits{
			eventNames:   DefaultEventNames,
			recentEvents: DefaultRecentEvents,
			repeats:      DefaultRepeats,
			sendLog:      DefaultSendLog,
			holds:        DefaultHolds,
			waitingBytes: DefaultWaitingBytes,
			pending:      DefaultPending,
			lease:        LeaseFor.Milliseconds(),
			checkEvery:   CheckEvery.Milliseconds(),
			recentFor:    RecentEventsFor.Milliseconds(),
			repeatsFor:   RepeatsKnownFor.Milliseconds(),
		},
	}
}

// WithClock sets the engine's clock: the only one that decides anything (Z3).
// It is read once for each call, must be safe for concurrent use, and may
// step back (F6). The default is time.Now; nil is an error. Engines that
// share a store should share a clock.
func WithClock(now func() time.Time) Option {
	return optionFunc(func(c *config) error {
		if now == nil {
			return errors.New("beckon: WithClock: the clock is nil")
		}
		c.now = now
		return nil
	})
}

// WithStrictMetadata makes a metadata key beyond the first 20 an error,
// metadata_too_many, instead of a warning (M1).
func WithStrictMetadata() Option {
	return optionFunc(func(c *config) error { c.strict = true; return nil })
}

// WithLenientMetadata drops metadata values that are not supported, with the
// warning metadata_value_dropped for each, instead of refusing the event: nested
// objects, arrays and null (M4). All else that is wrong with metadata stays an
// error. The key of a dropped value counts among the first 20. [ParseEvent]
// knows no engine and reports such values; [Engine.TrackJSON], and
// [Engine.Track] of the event that it returned, drop them.
func WithLenientMetadata() Option {
	return optionFunc(func(c *config) error { c.lenient = true; return nil })
}

// WithKnownContactsOnly refuses events, visits, checks and sends for contacts
// that no Update has made known: contact_unknown. Without it an event, a visit
// or a check creates the contact.
func WithKnownContactsOnly() Option {
	return optionFunc(func(c *config) error { c.knownOnly = true; return nil })
}

// WithExactEmail makes two spellings of an email address two addresses where the
// part before the "@" differs in letter case (E1). The domain never differs by
// that. Without it no letter case counts. It belongs to the store, which keeps what
// the first engine was told: one that was told otherwise is refused, option_conflict.
func WithExactEmail() Option {
	return optionFunc(func(c *config) error { c.exactEmail = true; return nil })
}

// WithForeignCompanies lets the company_id of an event count although the contact
// is no member of that company. It is for hosts whose events all come from
// themselves: else a sender reads the data of any company whose id it can guess.
func WithForeignCompanies() Option {
	return optionFunc(func(c *config) error { c.foreign = true; return nil })
}

// WithOutbox keeps every delivery with its contact until the host says what
// became of it: [Engine.Acknowledge], [Engine.Release] or [Engine.GiveUp]. What a
// crash kept from the caller, and what the caller could not make, is found by
// [Engine.Pending] (Z1). A host that says nothing fills the outbox of its
// contacts up to [WithPendingLimit].
//
// That there is an outbox is kept in the store, for good: every engine over it
// uses the outbox, whether or not it was told so, at the latest after its next
// run, Publish or Refresh (D12).
func WithOutbox() Option {
	return optionFunc(func(c *config) error { c.outbox = true; return nil })
}

// WithBidiIsolation wraps each rendered value in U+2068 and U+2069 where text
// stands, so that right-to-left text in a value cannot reorder what is around
// it (R5).
func WithBidiIsolation() Option {
	return optionFunc(func(c *config) error { c.isolate = true; return nil })
}

// WithContentLimits sets other limits of templates and of what they render to.
// A template past them is a fault on publish; a message that renders to more
// is held, failed.
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

// WithCheckEvery sets the least time between two checks of one contact (D4).
// Zero is CheckEvery.
func WithCheckEvery(d time.Duration) Option {
	return positive("WithCheckEvery", d, CheckEvery, func(c *config, ms int64) { c.checkEvery = ms })
}

// WithRecentEventsFor sets how long a contact's events are kept (E9). Zero is
// RecentEventsFor.
func WithRecentEventsFor(d time.Duration) Option {
	return positive("WithRecentEventsFor", d, RecentEventsFor, func(c *config, ms int64) { c.recentFor = ms })
}

// WithRepeatsKnownFor sets how long a repeat is known after the first arrival
// (E7). Zero is RepeatsKnownFor.
func WithRepeatsKnownFor(d time.Duration) Option {
	return positive("WithRepeatsKnownFor", d, RepeatsKnownFor, func(c *config, ms int64) { c.repeatsFor = ms })
}

// WithLease sets how long a delivery of the outbox belongs to whom it was given:
// longer than the host takes to make it and say so, and no longer than a
// delivery may be late when a worker crashes. Zero is LeaseFor.
func WithLease(d time.Duration) Option {
	return positive("WithLease", d, LeaseFor, func(c *config, ms int64) { c.lease = ms })
}

// VisitorsKeptFor is how long a visitor is kept after the last visit or event
// by default (C5).
const VisitorsKeptFor = 90 * 24 * time.Hour

// WithVisitorsKeptFor sets how long a visitor who is not seen is kept (C5).
// Zero is VisitorsKeptFor; a negative duration keeps visitors forever.
func WithVisitorsKeptFor(d time.Duration) Option {
	return optionFunc(func(c *config) error {
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

// WithSourceChannels replaces the channels that events of a source may
// trigger (D6). Without channels it may trigger none.
func WithSourceChannels(source Source, channels ...Channel) Option {
	return optionFunc(func(c *config) error {
		source, ok := event.SourceOf(source)
		if !ok {
			return fmt.Errorf("beckon: WithSourceChannels: unknown source %s", fault.Quote(string(source)))
		}
		set := make(map[Channel]bool, len(channels))
		for _, ch := range channels {
			if !knownChannel(ch) {
				return fmt.Errorf("beckon: WithSourceChannels: unknown channel %s", fault.Quote(string(ch)))
			}
			set[ch] = true
		}
		if c.sources == nil {
			c.sources = map[Source]map[Channel]bool{}
		}
		c.sources[source] = set
		return nil
	})
}
