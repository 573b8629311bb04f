// Package beckontest tests rule sets. It has an engine over a store in memory, a clock
// that the test sets, and assertions that say why a message was held.
//
//	kit := beckontest.New(t, program)
//	kit.At(start)
//	kit.Track(beckon.Event{Name: "upload-complete", UserID: "u1"}).Want("upload-ready", "sent")
//	kit.Advance(20 * time.Minute)
//	kit.Track(beckon.Event{Name: "upload-complete", UserID: "u1"}).Want("upload-ready", "throttled")
//
// [Scenarios] runs the same kind of test from files, so that people who write rules
// but not Go can test them too.
//
// Use it to test what a program decides. To test the code around an engine, make a
// [beckon.Engine] over memstore with a clock of your own. To test a store, use package
// storetest. Never use it in production code: it links package testing, and its engine
// forgets everything.
package beckontest

import (
	"context"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
	"github.com/beckon-go/beckon/memstore"
)

// tester is what a Kit needs of a test: little enough that the kit's own tests
// can look at its failures.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Context() context.Context
}

// A Kit is an engine under test. If the engine returns an error, its methods fail the
// test and stop it; the methods whose names end in Err want an error. A Kit belongs to
// one goroutine.
type Kit struct {
	// Engine is the engine itself, for what the kit has no method for.
	Engine *beckon.Engine

	t        tester
	now      time.Time
	messages []string // of the program that was published last
}

// Epoch returns the instant at which a kit publishes its program. It is so early that
// messages without live_at are live at any instant of a test.
func Epoch() time.Time { return time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC) }

// New makes an engine with the options, over a store in memory, and publishes the
// program at [Epoch]. The clock stands still until [Kit.At] or [Kit.Advance] moves it.
// The kit's clock replaces a clock among the options. If the program cannot be
// published, the test fails and lists all its faults.
func New(t testing.TB, program beckon.Program, opts ...beckon.Option) *Kit {
	t.Helper()
	return newKit(t, program, opts)
}

func newKit(t tester, program beckon.Program, opts []beckon.Option) *Kit {
	t.Helper()
	k := &Kit{t: t, now: Epoch()}
	engine, err := beckon.New(memstore.New(), slices.Concat(opts, []beckon.Option{beckon.WithClock(k.Now)})...)
	if err != nil {
		t.Fatalf("beckontest: %v", err)
		return k
	}
	k.Engine = engine
	k.Publish(program)
	return k
}

// Now returns the kit's clock.
func (k *Kit) Now() time.Time { return k.now }

// At sets the clock. It may go backwards.
func (k *Kit) At(instant time.Time) *Kit {
	k.now = instant
	return k
}

// Advance moves the clock forward.
func (k *Kit) Advance(d time.Duration) *Kit {
	k.now = k.now.Add(d)
	return k
}

// Publish publishes another program.
func (k *Kit) Publish(program beckon.Program) {
	k.t.Helper()
	k.must("Publish", k.Engine.Publish(k.t.Context(), program))
	k.messages = scenario.Messages(&program)
}

// PublishErr wants the program to be refused with exactly these faults, named by their
// paths, in any order.
func (k *Kit) PublishErr(program beckon.Program, paths ...string) {
	k.t.Helper()
	err := k.Engine.Publish(k.t.Context(), program)
	got := make([]string, 0, len(paths))
	for _, e := range single(err) {
		got = append(got, e.Path)
	}
	k.sameSet("Publish", "faults at", got, paths, err)
}

// Track tracks an event.
func (k *Kit) Track(event beckon.Event) *Outcome {
	k.t.Helper()
	why := k.explained(k.Engine.Explain(k.t.Context(), event))
	res, err := k.Engine.Track(k.t.Context(), event)
	return k.outcome("Track "+event.Name, res, err, why)
}

// TrackErr wants the event to be refused with exactly these errors, in any
// order.
func (k *Kit) TrackErr(event beckon.Event, codes ...beckon.Code) {
	k.t.Helper()
	_, err := k.Engine.Track(k.t.Context(), event)
	k.WantErr(err, codes...)
}

// TrackJSON tracks a posted body.
func (k *Kit) TrackJSON(body string) *Outcome {
	k.t.Helper()
	var why []beckon.MessageTrace
	if event, err := beckon.ParseEvent(strings.NewReader(body)); err == nil {
		why = k.explained(k.Engine.Explain(k.t.Context(), event))
	}
	res, err := k.Engine.TrackJSON(k.t.Context(), strings.NewReader(body))
	return k.outcome("TrackJSON", res, err, why)
}

// TrackJSONErr wants the body to be refused with exactly these errors, in any
// order.
func (k *Kit) TrackJSONErr(body string, codes ...beckon.Code) {
	k.t.Helper()
	_, err := k.Engine.TrackJSON(k.t.Context(), strings.NewReader(body))
	k.WantErr(err, codes...)
}

// Update sets what is known of a contact.
func (k *Kit) Update(contact beckon.Contact) *Outcome {
	k.t.Helper()
	why := k.explained(k.Engine.ExplainUpdate(k.t.Context(), contact))
	res, err := k.Engine.Update(k.t.Context(), contact)
	return k.outcome("Update", res, err, why)
}

// UpdateErr wants the update to be refused with exactly these errors, in any
// order.
func (k *Kit) UpdateErr(contact beckon.Contact, codes ...beckon.Code) {
	k.t.Helper()
	_, err := k.Engine.Update(k.t.Context(), contact)
	k.WantErr(err, codes...)
}

// Visit is a login or a page view.
func (k *Kit) Visit(visit beckon.Visit) *Outcome {
	k.t.Helper()
	why := k.explained(k.Engine.ExplainVisit(k.t.Context(), visit))
	res, err := k.Engine.Visit(k.t.Context(), visit)
	return k.outcome("Visit", res, err, why)
}

// VisitErr wants the visit to be refused with exactly these errors, in any
// order.
func (k *Kit) VisitErr(visit beckon.Visit, codes ...beckon.Code) {
	k.t.Helper()
	_, err := k.Engine.Visit(k.t.Context(), visit)
	k.WantErr(err, codes...)
}

// Check decides for one contact what the next sweep would.
func (k *Kit) Check(who beckon.Identity) *Outcome {
	k.t.Helper()
	why := k.explained(k.Engine.ExplainSweep(k.t.Context(), who))
	res, err := k.Engine.Check(k.t.Context(), who)
	return k.outcome("Check", res, err, why)
}

// CheckErr wants the check to be refused with exactly these errors, in any
// order.
func (k *Kit) CheckErr(who beckon.Identity, codes ...beckon.Code) {
	k.t.Helper()
	_, err := k.Engine.Check(k.t.Context(), who)
	k.WantErr(err, codes...)
}

// Sweep runs a whole sweep.
func (k *Kit) Sweep() *Outcome {
	k.t.Helper()
	return k.run("Sweep", func(opts ...beckon.RunOption) iter.Seq2[beckon.Delivery, error] {
		return k.Engine.Sweep(k.t.Context(), opts...)
	})
}

// Due decides what was held until now.
func (k *Kit) Due() *Outcome {
	k.t.Helper()
	return k.run("Due", func(opts ...beckon.RunOption) iter.Seq2[beckon.Delivery, error] {
		return k.Engine.Due(k.t.Context(), opts...)
	})
}

// Send sends a one-off message.
func (k *Kit) Send(message string, opts ...beckon.RunOption) *Outcome {
	k.t.Helper()
	return k.run("Send "+message, func(held ...beckon.RunOption) iter.Seq2[beckon.Delivery, error] {
		return k.Engine.Send(k.t.Context(), message, slices.Concat(held, opts)...)
	})
}

// SendTo sends a composed message to one contact.
func (k *Kit) SendTo(who beckon.Identity, message beckon.Message) *Outcome {
	k.t.Helper()
	res, err := k.Engine.SendTo(k.t.Context(), who, message)
	return k.outcome("SendTo "+message.ID, res, err, nil)
}

// SendToErr wants a composed message to be refused with exactly these errors, in
// any order.
func (k *Kit) SendToErr(who beckon.Identity, message beckon.Message, codes ...beckon.Code) {
	k.t.Helper()
	_, err := k.Engine.SendTo(k.t.Context(), who, message)
	k.WantErr(err, codes...)
}

// SendErr wants the send to be refused with exactly these errors, in any
// order.
func (k *Kit) SendErr(message string, codes ...beckon.Code) {
	k.t.Helper()
	var failed error
	for _, err := range k.Engine.Send(k.t.Context(), message) {
		if err != nil {
			failed = err
		}
	}
	k.WantErr(failed, codes...)
}

// Merge makes two contacts one.
func (k *Kit) Merge(from, into beckon.Identity) *Outcome {
	k.t.Helper()
	res, err := k.Engine.Merge(k.t.Context(), from, into)
	return k.outcome("Merge", res, err, nil)
}

// Pause pauses a message.
func (k *Kit) Pause(message string) {
	k.t.Helper()
	k.must("Pause "+message, k.Engine.Pause(k.t.Context(), message))
}

// Resume ends a pause.
func (k *Kit) Resume(message string) {
	k.t.Helper()
	k.must("Resume "+message, k.Engine.Resume(k.t.Context(), message))
}

// Stop ends a message for good.
func (k *Kit) Stop(message string) {
	k.t.Helper()
	k.must("Stop "+message, k.Engine.Stop(k.t.Context(), message))
}

// Archive archives an event name.
func (k *Kit) Archive(event string) {
	k.t.Helper()
	k.must("Archive "+event, k.Engine.Archive(k.t.Context(), event))
}

// Unarchive takes an event name out of the archive.
func (k *Kit) Unarchive(event string) {
	k.t.Helper()
	k.must("Unarchive "+event, k.Engine.Unarchive(k.t.Context(), event))
}

// Release takes back the latest send of the message to the contact.
func (k *Kit) Release(who beckon.Identity, message string) {
	k.t.Helper()
	k.must("Release "+message, k.Engine.ReleaseLatest(k.t.Context(), who, message))
}

// Unsubscribe notes that the contact does not want something any more.
func (k *Kit) Unsubscribe(who beckon.Identity, from string) {
	k.t.Helper()
	k.must("Unsubscribe from "+from, k.Engine.Unsubscribe(k.t.Context(), who, from))
}

// Resubscribe takes back what [Kit.Unsubscribe] noted.
func (k *Kit) Resubscribe(who beckon.Identity, from string) {
	k.t.Helper()
	k.must("Resubscribe to "+from, k.Engine.Resubscribe(k.t.Context(), who, from))
}

// Delete forgets a contact.
func (k *Kit) Delete(who beckon.Identity) {
	k.t.Helper()
	k.must("Delete", k.Engine.Delete(k.t.Context(), who))
}

// Totals returns the counts of a message.
func (k *Kit) Totals(message string) beckon.Totals {
	k.t.Helper()
	totals, err := k.Engine.Totals(k.t.Context(), message)
	k.must("Totals "+message, err)
	return totals
}

// Messages returns the messages of the program that a filter means.
func (k *Kit) Messages(which beckon.MessageFilter) []beckon.ListedMessage {
	k.t.Helper()
	list, err := k.Engine.Messages(k.t.Context(), which)
	k.must("Messages", err)
	return list
}

// Match returns the contacts that a rule matches.
func (k *Kit) Match(rule beckon.Rule) []beckon.Identity {
	k.t.Helper()
	var all []beckon.Identity
	for who, err := range k.Engine.Match(k.t.Context(), rule) {
		k.must("Match", err)
		all = append(all, who)
	}
	return all
}

func (k *Kit) must(call string, err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatalf("%s at %s:\n%s", call, k.now.Format(time.RFC3339), indent(err.Error()))
	}
}

// explained returns an explanation. It is made before the call, while the state
// is the one that the call will judge; one that cannot be made is none, for the
// call itself will say what is wrong.
func (k *Kit) explained(why []beckon.MessageTrace, err error) []beckon.MessageTrace {
	if err != nil {
		return nil
	}
	return why
}

func (k *Kit) outcome(call string, res beckon.Result, err error, why []beckon.MessageTrace) *Outcome {
	k.t.Helper()
	k.must(call, err)
	return &Outcome{
		EventID:    res.EventID,
		Duplicate:  res.Duplicate,
		Deliveries: res.Deliveries,
		Held:       res.Held(),
		Warnings:   res.Warnings,
		kit:        k,
		call:       call,
		at:         k.now,
		why:        why,
	}
}

// run takes a whole iterator.
func (k *Kit) run(call string, start func(...beckon.RunOption) iter.Seq2[beckon.Delivery, error]) *Outcome {
	k.t.Helper()
	o := &Outcome{kit: k, call: call, at: k.now}
	deliveries := start(beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) { o.Held = append(o.Held, h) }))
	for d, err := range deliveries {
		k.must(call, err)
		o.Deliveries = append(o.Deliveries, d)
	}
	return o
}
