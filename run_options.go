package beckon

import (
	"errors"

	"github.com/beckon-go/beckon/store"
)

// A RunOption sets up one Sweep, Due, Send, Match, Import or Pending.
type RunOption interface{ applyRun(*run) }

type runFunc func(*run)

func (f runFunc) applyRun(r *run) { f(r) }

// OnDamaged has fn called, by the goroutine that consumes a run, for every
// record that it cannot read, with its key and what is wrong; the zero Key is
// one that cannot be read itself. The run goes on. Without it the run ends,
// after all else, with a [*DamagedError] that names the first of them.
func OnDamaged(fn func(store.Key, error)) RunOption {
	return runFunc(func(r *run) { r.onDamaged = fn })
}

// OnHeld has fn called, like that of [OnDamaged], for each candidate held.
func OnHeld(fn func(Identity, Held)) RunOption {
	return runFunc(func(r *run) { r.onHeld = fn })
}

// OnStopError has fn called if something fails after the consumer of a run
// stopped, when the run can yield no error, or if deliveries that were decided, or
// may have been when the store failed, cannot be given back: with what failed, and
// those that were not yielded, and not given back as far as is known. With the
// outbox a worker gets them.
// Without it each counts as sent: make it, or give it back by [Engine.Release]
// before the next run, which is delivery_unknown if it was given back after all.
// The consumer's goroutine calls fn once, last, also after a panic.
func OnStopError(fn func([]Delivery, error)) RunOption {
	return runFunc(func(r *run) { r.onStopError = fn })
}

// Progress says how far a run is.
type Progress struct {
	Done   int64        // contacts looked at by this run
	Total  int64        // contacts there were when it began; 0 if the store cannot say, see [store.Sizer]
	Cursor store.Cursor // where [ResumeAt] can take the run up again; empty at the end
}

// OnProgress has fn called likewise after each page of contacts, whose
// deliveries were all yielded, and at the end.
func OnProgress(fn func(Progress)) RunOption {
	return runFunc(func(r *run) { r.progress = fn })
}

// ResumeAt takes a Sweep, Send, Import, Match, Outbox or DeadLetters up at a cursor of its
// [Progress], which belongs to its store or source; any other is query_invalid. A run from the
// beginning sends nothing twice either; it looks at everyone again.
func ResumeAt(cursor store.Cursor) RunOption {
	return runFunc(func(r *run) { r.after = cursor })
}

// Ahead sets how many contacts a run decides at once, in one step of the store, at most: one
// if n is less. If it is not set, a step has 64 at most, and there are two at once where that
// pays ([store.Overlapper]). It begins with one contact, and takes as many as its consumer
// deals with in a second. Without [WithOutbox] a crash loses what was decided ahead.
func Ahead(n int) RunOption {
	return runFunc(func(r *run) { r.ahead, r.beside = max(n, 1), 1 })
}

// Sample limits a Send to the first n contacts that match, by a stable hash of
// message and contact: a repeat means the same contacts, and those reached are
// not reached again. With n of 0 or less it reaches nobody. With a Sweep or a Due, which
// are for all contacts, it is an error. (D5)
func Sample(n int) RunOption {
	return runFunc(func(r *run) { r.sample, r.sampled = max(n, 0), true })
}

// Only limits a Send to one contact, which must be known, or a Pending to what is pending
// of one contact, such as what a page is to show. With a Sweep or a Due, which are for all
// contacts, it is an error: see [Engine.Check]. (D5, Z1)
func Only(who Identity) RunOption {
	return runFunc(func(r *run) { r.only = &who })
}

// Channels limits a Pending to deliveries of these channels; the rest stays free for other
// workers. None yields none; an unknown one is an error.
func Channels(channels ...Channel) RunOption {
	return runFunc(func(r *run) {
		r.channels, r.wrong = make(map[Channel]bool, len(channels)), nil
		for _, c := range channels {
			if r.channels[c] = true; !KnownChannel(c) {
				r.wrong = errors.New("beckon: Channels: " + channelUnknown(c))
			}
		}
	})
}

// forAll reports what of the options a run over all contacts cannot heed: it must not reach
// more than its caller has asked for.
func (r *run) forAll() error {
	switch {
	case r.only != nil:
		return errors.New("beckon: Only: a Sweep and a Due are for all contacts; Check is for one")
	case r.sampled:
		return errors.New("beckon: Sample: a Sweep and a Due are for all contacts")
	}
	return nil
}
