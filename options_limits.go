package beckon

import (
	"fmt"
	"time"

	"github.com/beckon-go/beckon/internal/rule"
)

// The default limits of what a contact's record keeps.
const (
	DefaultEventNames      = 500                 // active event names of a contact (E6)
	DefaultRecentEvents    = 1000                // events of a contact kept to be read and to build counters from (E9)
	RecentEventsFor        = 90 * 24 * time.Hour // how long they are kept at most (E9)
	DefaultRepeats         = 1000                // events of a contact remembered to know repeats; the oldest goes first (E7)
	RepeatsKnownFor        = 24 * time.Hour      // how long a repeat is known after the first arrival (E7)
	DefaultFrequencyValues = 100                 // values of Frequency.Per remembered per contact and message; the least recently used goes first (F7)
	DefaultHolds           = 50                  // messages that may wait per contact and message (S2, T6)
	DefaultWaitingBytes    = 1 << 20             // about so many bytes of a record that what waits takes, each event once; more is held ReasonWaitingFull. A merge keeps what waits in both
	DefaultWindowValues    = rule.WindowValues   // values of a contact that one sum, or the like, with a window keeps: 1,000; the oldest goes first (A13)
	DefaultSendLog         = 256                 // sends of a contact in its log: those that can be released and that caps are counted from. What a cap of the program counts is kept beyond it
	DefaultComposed        = 1000                // composed messages of a contact that are remembered as sent; the oldest is forgotten first (D14)
	DefaultAliases         = 1000                // identities that a contact takes in (C2)
	CheckEvery             = 15 * time.Minute    // the least time between two checks of a contact (D4)
	SessionGap             = 30 * time.Minute    // a visit more than so long after the last begins a session (D15)
	VisitorsKeptFor        = 90 * 24 * time.Hour // how long an unseen visitor is kept (C5)
)

// atLeastZero makes an option of a limit: zero is the default (Z4), a negative
// one an error.
func atLeastZero(name string, n, standard int, set func(*config, int)) Option {
	return optionFunc(func(c *config) error {
		n := n // as in positive
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

// WithEventNamesLimit sets how many active event names a contact has. (E6)
func WithEventNamesLimit(n int) Option {
	return atLeastZero("WithEventNamesLimit", n, DefaultEventNames, func(c *config, n int) { c.EventNames = n })
}

// WithRecentEvents sets how many events are kept; see [WithoutRecentEvents].
func WithRecentEvents(n int) Option {
	return atLeastZero("WithRecentEvents", n, DefaultRecentEvents, func(c *config, n int) { c.RecentEvents = n })
}

// WithoutRecentEvents keeps no events, only counts. A counter that a new
// program needs starts when it is published. (A7)
func WithoutRecentEvents() Option {
	return optionFunc(func(c *config) error { c.RecentEvents = 0; return nil })
}

// WithRepeatsLimit sets how many events are remembered for repeats. (E7)
func WithRepeatsLimit(n int) Option {
	return atLeastZero("WithRepeatsLimit", n, DefaultRepeats, func(c *config, n int) { c.Repeats = n })
}

// RepeatsKnownFor returns how long a repeat is known: see [WithRepeatsKnownFor].
func (e *Engine) RepeatsKnownFor() time.Duration {
	return time.Duration(e.cfg.RepeatsFor) * time.Millisecond
}

// WithSendLog sets how many sends of a contact are kept in its log.
func WithSendLog(n int) Option {
	return atLeastZero("WithSendLog", n, DefaultSendLog, func(c *config, n int) { c.SendLog = n })
}

// WithFrequencyValues sets how many values of [Frequency.Per] are kept. (F7)
func WithFrequencyValues(n int) Option {
	return atLeastZero("WithFrequencyValues", n, DefaultFrequencyValues, func(c *config, n int) { c.Values = n })
}

// WithComposedLimit sets how many composed messages of a contact are remembered: what was
// forgotten, [Engine.SendTo] sends again. (D14)
func WithComposedLimit(n int) Option {
	return atLeastZero("WithComposedLimit", n, DefaultComposed, func(c *config, n int) { c.Composed = n })
}

// WithHoldsLimit sets how many may wait per contact and message. (S2, T6)
func WithHoldsLimit(n int) Option {
	return atLeastZero("WithHoldsLimit", n, DefaultHolds, func(c *config, n int) { c.Holds = n })
}

// WithWaitingBytes sets how many bytes of a record what waits may take.
func WithWaitingBytes(n int) Option {
	return atLeastZero("WithWaitingBytes", n, DefaultWaitingBytes, func(c *config, n int) { c.WaitingBytes = n })
}

// WithWindowValues sets how many values of a contact a sum, min, max, average or distinct with
// a window keeps. What a contact has stays. (A13)
func WithWindowValues(n int) Option {
	return atLeastZero("WithWindowValues", n, DefaultWindowValues, func(c *config, n int) { c.WindowValues = n })
}

// WithDecisions keeps the last n decisions of each contact for [Engine.Decisions]; at most
// [MaxDecisions]. Zero keeps no new ones. (Z2)
func WithDecisions(n int) Option {
	return optionFunc(func(c *config) error {
		if n < 0 || n > MaxDecisions {
			return fmt.Errorf("beckon: WithDecisions: %d is not from 0 to %d", n, MaxDecisions)
		}
		c.Decisions = n
		return nil
	})
}

// WithAliasesLimit sets how many identities a contact takes in. (C2)
func WithAliasesLimit(n int) Option {
	return atLeastZero("WithAliasesLimit", n, DefaultAliases, func(c *config, n int) { c.aliases = n })
}

// WithPendingLimit sets how many deliveries of a contact may be pending.
func WithPendingLimit(n int) Option {
	return atLeastZero("WithPendingLimit", n, DefaultPending, func(c *config, n int) { c.Pending = n })
}

// WithDeadLettersLimit sets how many dead letters of a contact are kept.
func WithDeadLettersLimit(n int) Option {
	return atLeastZero("WithDeadLettersLimit", n, DefaultDeadLetters, func(c *config, n int) { c.DeadLetters = n })
}
