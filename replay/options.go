package replay

import (
	"time"

	"github.com/beckon-go/beckon"
)

// An Option sets up a replay.
type Option func(*config)

type config struct {
	against  *beckon.Program
	each     func(int, []byte)
	outcome  func(*Outcome)
	progress func(Progress)
	engine   []beckon.Option
}

// Against plays the steps through another program as well, such as an edited one. The
// report then says what it sends that the first does not (added), and what it does not send
// any more (removed).
func Against(program beckon.Program) Option { return func(c *config) { c.against = &program } }

// WithEngine sets up the engines as the host's own is, for example with
// [beckon.WithStrictMetadata]. A clock among the options is overruled; an outbox, workers,
// observers and a log are left out.
func WithEngine(opts ...beckon.Option) Option {
	return func(c *config) { c.engine = append(c.engine, opts...) }
}

// OnStep calls fn with each step's number, which is that of its line, from 0, and what came of it under the first
// program, as the JSON document of a scenario's runner: {"step", "result", "errors"}. fn may
// not keep it.
func OnStep(fn func(step int, outcome []byte)) Option { return func(c *config) { c.each = fn } }

// OnOutcome calls fn with what came of each step under each program. fn may not keep the
// outcome, but may keep its lists.
func OnOutcome(fn func(*Outcome)) Option { return func(c *config) { c.outcome = fn } }

// An Outcome is what one program made of one step. What a sweep and a send hold is not
// listed, as in their results.
type Outcome struct {
	Step       int       // its number, which is that of its line, from 0
	At         time.Time // zero if it is no step
	Other      bool      // of the program that Against names
	Deliveries []beckon.Delivery
	Held       []beckon.Held
	Errors     []*beckon.Error // why it was refused; none if it was not

	single bool // all of it is about one contact
}

// OnProgress calls fn now and then, at most once in some thousand steps, and at the end.
func OnProgress(fn func(Progress)) Option { return func(c *config) { c.progress = fn } }

// A Progress says how far a replay is.
type Progress struct {
	Steps   int       // so far
	Refused int       // of them
	At      time.Time // of the latest
}

// progressEvery is how many steps lie between two calls of OnProgress.
const progressEvery = 4096
