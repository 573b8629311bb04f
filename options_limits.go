package beckon

import (
	"fmt"
	"time"
)

// The default limits of what a contact's record keeps.
const (
	// DefaultEventNames is how many distinct active event names a contact
	// may have (E6).
	DefaultEventNames = 500
	// DefaultRecentEvents is how many of a contact's events are kept to be
	// read and to build counters from (E9).
	DefaultRecentEvents = 1000
	// RecentEventsFor is how long they are kept at most (E9).
	RecentEventsFor = 90 * 24 * time.Hour
	// DefaultRepeats is how many events of a contact are remembered, so that
	// a repeat is known (E7); when it is full the oldest is forgotten.
	DefaultRepeats = 1000
	// RepeatsKnownFor is how long a repeat is known after the first arrival by
	// default.
	RepeatsKnownFor = 24 * time.Hour
)

// DefaultSendLog is how many sends of a contact the log keeps: those that can
// be released and that caps across messages are counted from. What a cap of
// the running program still counts is kept beyond that; where that is over 32 more,
// what nothing counts leaves 32 at a time.
const DefaultSendLog = 256

// DefaultHolds is how many messages wait per contact and message by default
// (T6, S2); one
// more is held ReasonWaitingFull.
const DefaultHolds = 50

// DefaultWaitingBytes is how many bytes of a contact's record what waits may take by
// default, about: the events, each once however many messages wait because of it, and
// some for each message. What would be beyond is held ReasonWaitingFull. A merge
// keeps what waits in both contacts.
const DefaultWaitingBytes = 1 << 20

// atLeastZero makes an option of a limit: zero is the default (Z4), a negative
// one an error.
func atLeastZero(name string, n, standard int, set func(*config, int)) Option {
	return optionFunc(func(c *config) error {
		switch {
		case n < 0:
			return fmt.Errorf("beckon: %s: %d is negative", name, n)
		case n == 0:
			n = standard
		}
		set(c, n)
		return nil
	})
}

// WithEventNamesLimit sets how many distinct active event names a contact may
// have (E6). Zero is DefaultEventNames.
func WithEventNamesLimit(n int) Option {
	return atLeastZero("WithEventNamesLimit", n, DefaultEventNames, func(c *config, n int) { c.eventNames = n })
}

// WithRecentEvents sets how many of a contact's events are kept (E9). Zero is
// DefaultRecentEvents; to keep none, see [WithoutRecentEvents].
func WithRecentEvents(n int) Option {
	return atLeastZero("WithRecentEvents", n, DefaultRecentEvents, func(c *config, n int) { c.recentEvents = n })
}

// WithoutRecentEvents keeps no events, only what is counted of them. A counter
// that a newly published program needs then starts at its publication (A7).
func WithoutRecentEvents() Option {
	return optionFunc(func(c *config) error { c.recentEvents = 0; return nil })
}

// WithRepeatsLimit sets how many events of a contact are remembered, so that a
// repeat is known (E7). Zero is DefaultRepeats.
func WithRepeatsLimit(n int) Option {
	return atLeastZero("WithRepeatsLimit", n, DefaultRepeats, func(c *config, n int) { c.repeats = n })
}

// WithSendLog sets how many sends of a contact can be released and are counted
// by caps published later. Zero is DefaultSendLog.
func WithSendLog(n int) Option {
	return atLeastZero("WithSendLog", n, DefaultSendLog, func(c *config, n int) { c.sendLog = n })
}

// WithHoldsLimit sets how many messages wait per contact and message (T6, S2).
// Zero is DefaultHolds.
func WithHoldsLimit(n int) Option {
	return atLeastZero("WithHoldsLimit", n, DefaultHolds, func(c *config, n int) { c.holds = n })
}

// WithWaitingBytes sets how many bytes of a contact's record what waits may take,
// see [DefaultWaitingBytes], which zero is.
func WithWaitingBytes(n int) Option {
	return atLeastZero("WithWaitingBytes", n, DefaultWaitingBytes, func(c *config, n int) { c.waitingBytes = n })
}

// WithAliasesLimit sets how many identities may have been merged into one
// contact (C2). Zero is DefaultAliases.
func WithAliasesLimit(n int) Option {
	return atLeastZero("WithAliasesLimit", n, DefaultAliases, func(c *config, n int) { c.aliases = n })
}

// WithPendingLimit sets how many deliveries of one contact may be pending in the
// outbox. Zero is DefaultPending.
func WithPendingLimit(n int) Option {
	return atLeastZero("WithPendingLimit", n, DefaultPending, func(c *config, n int) { c.pending = n })
}
