package beckonwork

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
)

// A Sender makes deliveries of a channel, for example by SMTP. Send is called by several
// goroutines at once, and returns nil if the delivery is made. Any other error counts as a
// try: the delivery is tried again later, as the [Policy] says. [Later], [Limited] and
// [Never] return errors that say more. A Send that panics counts as a try, too, and so does
// an error whose text panics, such as a nil pointer.
//
// The context ends when the worker has drained for as long as it may, and when the time
// for one Send is over. Send then returns soon; whether the delivery was made is what its
// error says. A delivery may come twice: after a crash, nobody knows whether it was made.
// Its ID tells a provider. Its Tries count from 1 with [beckon.WithWorkers], Attempt does not.
type Sender interface {
	Send(ctx context.Context, d beckon.Delivery) error
}

// A SenderFunc is a function as a [Sender].
type SenderFunc func(ctx context.Context, d beckon.Delivery) error

// Send implements [Sender].
func (f SenderFunc) Send(ctx context.Context, d beckon.Delivery) error { return f(ctx, d) }

// An answer is an error of a Sender that says what is to become of the delivery.
type answer struct {
	is    verdict
	until time.Time
	err   error
}

type verdict uint8

const (
	tried verdict = iota
	later
	limited
	never
)

// Later returns the error of a [Sender] that could not try yet, for example since a
// recipient's server asks to come back: the delivery is free again at an instant, and no
// try is counted. An instant that is past, or zero, means at once. A delivery is put off
// for a day at most at a time, and given up when it is older than the [Policy] allows.
func Later(at time.Time, err error) error { return &answer{later, at, err} }

// Limited returns the error of a [Sender] whose provider limits it: no delivery of the
// channel is sent by this worker until an instant, and none of those that were put off
// counts a try. An instant more than a day ahead means in a day.
func Limited(until time.Time, err error) error { return &answer{limited, until, err} }

// Never returns the error of a [Sender] for a delivery that cannot be made, for example
// since its address does not exist: it is a dead letter at once ([beckon.Engine.DeadLetters]),
// and the text of err is the reason, which is kept: no secret belongs in it. Of what the
// [Policy] gives up the reason begins with "tried too often: " or "too old: ".
func Never(err error) error { return &answer{never, time.Time{}, err} }

// noReason is the text of a nil error.
const noReason = "no reason is known"

// Error implements error.
func (a *answer) Error() string {
	cause := noReason
	if a.err != nil {
		cause = a.err.Error()
	}
	switch a.is { // sentences: this is what a log has
	case later:
		return "it cannot be sent yet: " + cause
	case limited:
		return "its provider takes no more for now: " + cause
	case never:
		return "it can never be sent: " + cause
	}
	return cause
}

// Unwrap returns the cause.
func (a *answer) Unwrap() error { return a.err }

// A panicked is a panic of a Sender, or of its error.
type panicked struct {
	who   string
	value any
}

// Error implements error.
func (p *panicked) Error() string { return fmt.Sprintf("%s panicked: %v", p.who, p.value) }

// answered returns what is to become of a delivery after an error of its Sender.
func answered(err error) *answer {
	var a *answer
	if errors.As(err, &a) {
		return a
	}
	return &answer{is: tried, err: err}
}
