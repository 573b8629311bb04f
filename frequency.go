package beckon

import (
	"errors"
	"time"

	"github.com/beckon-go/beckon/throttle"
)

// DefaultEvery is the least distance of the default [Frequency]. (F1)
const DefaultEvery = time.Minute

// A Frequency is how often a message may reach one contact. Nil or zero is at most once a
// minute ([DefaultEvery]), or no distance if the message is transactional. But nil on an
// ongoing one is once; with one it goes again to who matches then, for each company by itself
// if it uses company data. Negative values, and one on a one-off or in a series, are faults.
// (F1)
type Frequency struct {
	Every Duration `json:"every,omitzero"` // least distance from the last send (F2); zero is DefaultEvery, or none for a transactional message; Seconds(0) is none
	Max   int      `json:"max,omitzero"`   // most sends; 0 is no maximum ("until stopped")
	Wait  Duration `json:"wait,omitzero"`  // of triggered messages: what is throttled or capped waits for room, no longer than that, and Due sends it, the oldest first; at most [DefaultHolds] wait. Zero: it is dropped (F9)
	Per   string   `json:"per,omitzero"`   // a metadata key of the trigger's event: distance and maximum count for each value by itself, unknown included. The most recently used are remembered, [DefaultFrequencyValues] of them (F7)
}

// UnmarshalJSON reads a frequency, as [ParseProgram] does.
func (f *Frequency) UnmarshalJSON(data []byte) error {
	return unmarshalPart(data, f, (*shape).frequency)
}

// Once lets a message reach a contact once.
func Once() *Frequency { return &Frequency{Every: Seconds(0), Max: 1} }

// EachTime lets a message go out each time it is triggered.
func EachTime() *Frequency { return &Frequency{Every: Seconds(0)} }

// Every lets a message go out at most once in a distance.
func Every(d Duration) *Frequency { return &Frequency{Every: d} }

// A Cap limits sends across messages, per contact: at most Max in a sliding
// window, of messages that have both Channel and Tag, or of all. Messages
// exempt from caps are neither held nor counted. (F5)
type Cap struct {
	ID      string   `json:"id,omitzero"`      // required, unique in the program
	Channel Channel  `json:"channel,omitzero"` // empty: every channel
	Tag     string   `json:"tag,omitzero"`     // empty: whatever the tags
	Max     int      `json:"max,omitzero"`     // at least 1, at most MaxCapSends
	Within  Duration `json:"within,omitzero"`  // longer than none; a send that is exactly so old is out
}

// UnmarshalJSON reads a cap, as [ParseProgram] does.
func (c *Cap) UnmarshalJSON(data []byte) error { return unmarshalPart(data, c, (*shape).cap) }

// A Throttler says how often something may happen, by key: the frequency rules of
// messages without messages, contacts or an engine. [NewThrottler] makes one;
// package [github.com/beckon-go/beckon/throttle] describes it and its options.
type Throttler = throttle.Throttler

// A Permit is the answer of a [Throttler] to one question.
type Permit = throttle.Permit

// NewThrottler makes a throttler over a store. The zero Frequency is the default, once a
// minute; for nothing but a limit set Every to Seconds(0). The error is an [ErrorList] of all
// that is wrong, each a program_invalid with a path such as "frequency.every". Per and Wait
// are faults.
func NewThrottler(kept Store, f Frequency, opts ...throttle.Option) (*Throttler, error) {
	every := DefaultEvery
	if !f.Every.IsZero() {
		every = f.Every.span.Elapsed()
	}
	t, err := throttle.New(kept, throttle.Frequency{Every: every, Max: f.Max}, opts...)
	var own ErrorList
	if f.Per != "" {
		own = append(own, &Error{Code: ErrProgramInvalid, Path: "frequency.per", Message: "a throttler has keys of its own"})
	}
	if !f.Wait.IsZero() {
		own = append(own, &Error{Code: ErrProgramInvalid, Path: "frequency.wait", Message: "nothing waits for a throttler"})
	}
	if own == nil {
		return t, err
	}
	var others ErrorList
	_ = errors.As(err, &others)
	return nil, append(own, others...)
}
