// Package beckon decides which messages an event brings about. A host
// application tells it what its contacts do; in the same call it answers with
// the messages to send now, rendered, and with a reason for every message it
// held back. There is no server, no queue and no goroutine in the background:
// the host sends, the library decides.
//
// # Concepts
//
//   - A contact is a visitor, a lead or a user. An [Event] is something a
//     contact did: a name, a time, and ordered, typed metadata ([Fields]).
//   - A [Message] is content with rules about who gets it and when. A
//     [Program] is all messages, segments, caps and series that an engine
//     runs; it is data, written in Go or read by [ParseProgram].
//   - An occasion makes a decision happen: an event ([Engine.Track]), a login
//     or page view ([Engine.Visit]), an update of a contact ([Engine.Update]),
//     a request for one contact ([Engine.Check]), the hourly pass over all
//     contacts ([Engine.Sweep]), the sending of a one-off message
//     ([Engine.Send]), or time ([Engine.Due]).
//   - A [Delivery] is one message, rendered, for one contact. Every other
//     candidate of the occasion is [Held], with a [Reason].
//   - A [Store] keeps what is known of each contact. It is a required
//     argument of [New]. Package memstore keeps all of it in memory, for one
//     process; the modules sqlstore and redisstore, beside this one, in SQLite,
//     PostgreSQL or Redis.
//
// A message is triggered, ongoing or one-off ([Mode]). A triggered message
// goes out each time its event is tracked, as often as its [Frequency]
// allows. An ongoing one goes once to everyone who matches now or later, on a
// visit (in-app channels) or a sweep (email, push, SMS). A one-off message
// goes to anyone who matches when it is sent.
//
// Numbers such as E4, here and there in these comments, refer to
// docs/rulebook.md, which states the behaviour as facts.
//
// # Who and what
//
// A contact is named by user_id, id, email or anonymous_id: the first that is
// given decides. A visitor who becomes a user is joined to it by
// [Engine.Merge]; both identities lead to the one contact from then on. What a
// contact is stands in [Attributes], what it did in counts per event name that
// are kept forever, and in recent events. [Engine.Update] sets attributes,
// companies and unsubscriptions; [Engine.Unsubscribe] and [Engine.Resubscribe]
// change one refusal and leave the others alone. A company's data is the workspace's: all its
// members see it, and an ongoing message that uses it goes out once for each
// company of a contact. [Engine.Export] gives all that is kept,
// [Engine.Delete] forgets it.
//
// A [Trigger] is an event ([On]), narrowed by its metadata; or a date of the
// contact ([OnDate]), decided by a sweep on that day; or an event that another
// one does not follow ([Trigger.Unless]), decided by Due. A [Series] walks a
// contact through waits, rules, messages and updates. A [Goal] counts who did
// what a message was to bring about, and a control group is held out to compare
// with; [Engine.Totals] has both. A contact who has unsubscribed from email,
// push or SMS, or from a tag of it, gets only transactional messages there.
//
// # What a host does
//
// It calls Track, Visit and Update in its handlers, [Engine.Due] every minute
// or so and [Engine.Sweep] every hour, and sends what they return. What it knows
// it could not send it gives back to [Engine.Release]. With [WithOutbox] a
// delivery is pending until [Engine.Acknowledge], and leased to one worker at a
// time by [Engine.Pending], so that what a crash kept from the host is sent all
// the same; its ID is an idempotency key.
//
// [Engine.Explain] decides without committing: a preview, and the answer to why
// a message was held. [Engine.Catalogue] lists what has been tracked, for menus.
// [Engine.Pause], [Engine.Stop] and [Engine.Archive] reach other engines over
// the same store with their next Due or [Engine.Refresh].
//
// # Order of evaluation
//
// Messages are judged by priority, the higher first, then by id. For one
// message the questions stand in this order, and the first that says no is
// the reason reported:
//
//  1. Is the message live? [ReasonNotLive]
//  2. May the event's source trigger its channel? [ReasonSource]
//  3. Does the trigger's where hold, or is it the day of its date?
//     [ReasonFilter]
//  4. Does the audience hold, as things stood before the event?
//     [ReasonAudience]
//  5. Has a message that goes out once gone out? [ReasonAlreadySent]
//  6. Must it be seen first that another event does not follow?
//     [ReasonWaiting], or [ReasonWaitingFull] when too many, or too much, waits already
//  7. Is it within start, stop, windows and office hours? [ReasonSchedule]
//  8. Has the contact unsubscribed? [ReasonUnsubscribed]
//  9. Are all sends of its frequency made, or was the last too recent?
//     [ReasonMaxReached], [ReasonThrottled]
//  10. Is the contact in the control group? [ReasonControl]
//  11. Is there room in the caps across messages? [ReasonCapped]
//  12. With the outbox, is there room in it? [ReasonOutboxFull]
//  13. Is a variable unknown that the message insists on?
//     [ReasonMissingValue]
//
// A message whose judging or rendering breaks is held with [ReasonFailed],
// and the others go on. Messages that are triggered by another event are not
// candidates and are not listed.
//
// All audiences of one occasion see the same state, the one from before it.
// Only caps see the sends made within it. So an audience "never did this"
// on a message triggered by just this is true the first time.
//
// # Time
//
// The engine's clock ([WithClock]) is read once per decision and is the only
// clock: the same inputs give the same decisions. Triggers fire when an event
// arrives, whatever its CreatedAt; recency, windows, first and last use
// CreatedAt, and an event from the future is recorded as of now. Events count
// in whole seconds, sends in milliseconds.
//
// A [Duration] is elapsed time, and a day 24 hours, with one exception: in
// "more than", "less than" and "exactly N days ago" days are calendar days in
// the workspace's zone, so that a change to or from daylight saving does not
// move them. A window of W reaches from now back to, but not including, the
// instant W ago. Schedules go by the wall clock of a named zone or of the
// contact's own.
//
// A clock that steps back sends nothing early: a last send that lies in the
// future counts as made at the moment this is noticed, so nothing is locked
// for longer than its distance. Processes that share a store should share a
// clock as well.
//
// # Concurrency
//
// An [Engine] is safe for concurrent use. To record an event, to decide its
// messages and to take their caps is one atomic step on the contact's record,
// so however many goroutines or processes race, never one send too many. The
// step may run again after a lost race; it is pure, which is why it calls no
// code of the host. Publishing swaps a compiled program as a whole: one
// decision sees one program.
//
// What a caller passes in is neither kept nor changed, and results belong to
// the caller.
//
// # Errors
//
// To be held is a value, not an error. An error means bad input or a failed
// store. Everything that is wrong with an event or a program is reported at
// once, as an [ErrorList] of [Error], each with a [Code], the field or path,
// and a sentence. Programs act on the code:
//
//	if errors.Is(err, beckon.ErrContactUnknown) { … }
//
// What broke for a single message only (it is held [ReasonFailed]) is in
// [Result.Failures], for the host's log; the call itself succeeds.
//
// A refused event records nothing and triggers nothing. When the store fails
// nothing is delivered; whether the event was recorded is then not known, and
// to track it again with the same EventID is safe.
//
// A program is checked whole by [Engine.Publish]: a wrong operand, an unknown
// segment, a variable where none may stand is found there, with its path, and
// never when an event arrives. [Error.ID] is the id of the message, series or cap
// that the path lies in, where it has one.
//
// # Limits
//
// Everything that input could make grow is limited: metadata keys per event,
// event names per contact, the depth and number of conditions, what waits per
// contact and message. Limits are exported constants; those a host may move
// have an option, where zero means the default and never "unlimited". An option
// for a time takes a second or more. The table is in docs/security.md.
//
// # What is not promised
//
//   - That a message is sent. A delivery is a decision; to make it is the
//     host's business, and [Engine.Release] gives back one that could not be
//     made.
//   - The wording of errors and warnings. Their codes are stable.
//   - The order of contacts in a sweep, a send or a match.
//   - Exact caps on a store that loses writes it had confirmed, such as one
//     that fails over to a stale replica.
//   - Anything fetched: no URL that an event carries is ever opened.
package beckon
