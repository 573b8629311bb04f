package beckontest

import (
	"github.com/beckon-go/beckon"
)

// Publish publishes another program.
func (k *Kit) Publish(program beckon.Program) {
	k.t.Helper()
	k.must("Publish", k.Engine.Publish(k.t.Context(), program))
	k.names.Add(&program)
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
