// Package beckon decides which messages an event brings about. The host, your
// application, tells it what its contacts do. The same call returns the messages
// to send now, rendered, and a reason for every message that it held back. The
// host sends. There is no server, no queue and no goroutine in the background. The
// README and the example of the package have a first program.
//
// # Which call when
//
// These decide, and return what to send:
//   - [Engine.Track]: a contact did something (an [Event])
//   - [Engine.Visit]: a login or a page view
//   - [Engine.Update], [Engine.Merge]: a contact changed, two became one
//   - [Engine.Due]: every minute or so, for what waited until now
//   - [Engine.Sweep]: every hour, for ongoing and dated messages to all contacts
//   - [Engine.Check]: for one contact, what the next sweep would send
//   - [Engine.Send]: a one-off message, once
//
// These serve them:
//   - [ParseProgram], [ParseEvent], [ParseVisit], [ParseContact]: from JSON
//   - [Engine.Release]: a delivery was certainly not made
//   - [WithOutbox], [Engine.Pending], [Engine.Acknowledge]: a crash loses no delivery
//   - [Engine.Explain], [Engine.Totals]: why, and how many
//   - [Engine.Pause], [Engine.Resume], [Engine.Stop]: one message
//   - [Engine.Matches], [Engine.Match], [Engine.Count]: a [Rule] by itself
//   - [Engine.Unsubscribe], [Engine.Export], [Engine.Delete]: a contact's wishes
//   - [Engine.Catalogue], [Engine.Describe], [Engine.Archive]: event names
//   - [Engine.Using]: within a transaction of the host
//   - [NewRenderer], [NewThrottler]: templates and frequencies, without an engine
//
// # What holds everywhere
//
// An [Engine] is safe for concurrent use. To record an event, decide its messages
// and take their caps is one atomic step on the contact's record: no race sends
// one too many. What you pass in is neither kept nor changed. Results are yours.
// The engine's clock ([WithClock]) is the only one that decides.
//
// To be held is a value, not an error. An error means bad input or a failed store
// ([StoreError]). All that is wrong comes at once, as an [ErrorList] of [Error].
// A program acts on the [Code].
//
// A refused event records nothing. If the store fails, nothing is delivered, and
// the event was recorded or not: track it again with the same EventID. An error is
// the last thing that a method of the engine yields. A program
// is checked whole by [Engine.Publish], and never when an event arrives.
// [Error.ID] names the message, series or cap with the fault.
//
// All that input could make grow has a limit: an exported constant, with an option
// if a host may move it. Zero in an option is the default, never "unlimited". An
// option for a time takes a second or more.
//
// # What is not promised
//
//   - That a message is sent: a delivery is a decision.
//   - The wording of errors, warnings and the log, except for the log messages that
//     docs/running.md promises. Codes are stable.
//   - The order of contacts in a sweep, a send or a match.
//   - Exact caps on a store that loses writes which it had confirmed, such as one
//     that fails over to a stale replica.
//   - Anything fetched: no URL of an event is ever opened.
//
// # Read on
//
// docs/rulebook.md has the facts that (E4) and the like cite. docs/concepts.md
// has the words; then programs.md, time.md, outbox.md, testing.md, stores.md,
// choosing-a-store.md and security.md, which has the table of limits.
package beckon
