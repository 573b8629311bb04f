// Package observe is how a host watches an engine: what was decided of each message, and
// how long the store took. beckon.WithObserver takes an [Observer].
//
//	engine, err := beckon.New(store, beckon.WithObserver(observe.Observer{
//		Decided: func(ctx context.Context, d observe.Decision) {
//			decisions.Add(ctx, d.Message, d.Sent, d.Reason)
//		},
//	}))
//
// The modules observe/opentelemetry and observe/prometheus have observers that are ready.
package observe

import (
	"context"
	"time"

	"github.com/beckon-go/beckon/store"
)

// An Observer is functions that an engine calls. One that is nil is not called, and the
// zero Observer sees nothing. It is a struct and no interface, so that it can get another
// function without a change in any host.
//
// They are called by the goroutine of the call that they tell of, with its context, before
// it returns; so they should be quick, and must be safe for concurrent use. They are called
// after the store has committed, while no step of the store is open and the engine holds no
// lock: they may call the engine.
//
// What they are told is true, and may be too little: a decision is told once at most.
// Nothing is told of a step that the store says has failed, also if it has committed, nor
// after a crash. A repeat of an event, an explanation and a match are no decisions.
//
// A panic in one of them ends with it. The engine goes on, the other observers are called,
// and beckon.WithLogger logs it.
type Observer struct {
	// Decided is told of a candidate: it was sent, or held. Of what a run (Sweep, Send,
	// Due) decides ahead it is told when that is handed out, or when it is clear that it
	// stands; what the run takes back it is not told.
	Decided func(ctx context.Context, d Decision)

	// Counted is told, when a run ends, of candidates that it has held of contacts with
	// nothing to write: most of a Sweep. A sweep is told of the same contacts each time,
	// while the totals count each of them once.
	Counted func(ctx context.Context, c Count)

	// Stepped is told of a call that writes to the store, also of one that has failed.
	Stepped func(ctx context.Context, s Step)
}

// An Occasion is what made the engine decide.
type Occasion string

// The occasions.
const (
	OnEvent  Occasion = "event"  // Track
	OnVisit  Occasion = "visit"  // Visit
	OnUpdate Occasion = "update" // Update
	OnMerge  Occasion = "merge"  // Merge
	OnSweep  Occasion = "sweep"  // Sweep
	OnCheck  Occasion = "check"  // Check
	OnSend   Occasion = "send"   // Send, SendTo
	OnDue    Occasion = "due"    // Due
)

// A Decision is one candidate for one contact, sent or held. Contact may hold addresses:
// take care where you write it.
type Decision struct {
	Occasion  Occasion
	Contact   store.Identity
	Message   string        // its ID in the program
	Composed  bool          // it is of no program: the host composed it for SendTo
	CompanyID string        // empty unless the message uses company data
	Channel   store.Channel // empty if the program does not have the message any more
	At        time.Time

	Sent     bool   // else it was held
	Delivery string // if sent: its ID
	Sequence int    // if sent: its number for this contact, from 1

	Reason  store.Reason // why it was held; empty if sent
	RetryAt time.Time    // when it could be sent; zero if never, or not known
	Cap     string       // if held capped: the ID of the cap that has room last
}

// A Count is candidates of one message that a run has held for one reason. Of a sweep that
// ended early they may be without those that the store left out.
type Count struct {
	Occasion Occasion
	Message  string
	Channel  store.Channel
	Reason   store.Reason
	N        int64
}

// A Step is one call that writes to the store.
type Step struct {
	// Call says what wrote. For decisions it is the text of an [Occasion]. The others are
	// "import"; "consent" (Unsubscribe and Resubscribe); "delivery" (what becomes of
	// deliveries: leases, answers, what a run gives back); and for all else what the record
	// is about: "contact", "company", "name" (of an event), "program" and "run".
	Call string

	Records  int           // that were to be written
	Began    time.Time     // by the clock of the system, and not by that of beckon.WithClock
	Duration time.Duration // by a monotonic reading of the same
	Again    int           // so many decisions had to run once more, since another writer was first or a store made sure of a record that it had kept
	Err      error         // of the store: nothing is known of what was committed; or, if it took the others, of the first record that it refused
}
