package main

import (
	"fmt"
	"strconv"
	"strings"
)

// A growth is one kind of thing that a program, or who sends events, may make
// large, at several sizes.
type growth struct {
	table, grows string // what grows
	costs        string // what is measured
}

func growths() []growth {
	return []growth{
		{"sends-of-one-event", "messages that one event sends", "Track"},
		{"maximum-of-a-full-cap", "maximum of a cap that is full", "Track"},
		{"caps-and-messages-publish", "messages, and twice as many caps", "Publish"},
		{"caps-and-messages-track", "messages, and twice as many caps that are full", "Track"},
		{"messages-of-one-segment-publish", "messages that use one segment of 990 conditions", "Publish"},
		{"messages-of-one-segment-track", "messages that use one segment of 990 conditions", "Track"},
		{"segments-in-segments", "segments, of three two use 30 others", "Publish"},
		{"misspelt-segments", "segments, and misspelt uses of them", "Publish"},
		{"misspelt-topics", "topics, and messages with a misspelt one", "Publish"},
		{"mixed-faults", "messages with a fault of shape and one of meaning", "ParseProgram"},
		{"long-variables", "long variables and formats", "Publish"},
		{"messages-that-wait", "messages that wait for what does not follow", "Track"},
		{"bytes-that-wait", "bytes of an event that ten messages wait with", "Track"},
		{"event-names-publish", "event names that the store knows", "Publish"},
		{"event-names-due", "event names that the store knows", "Due"},
		{"program-as-json", "messages, written and read as JSON", "ParseProgram"},
		{"conditions-of-a-rule", "conditions of one rule", "Publish, Track"},
		{"values-of-a-list", "values that a rule looks for in an attribute", "Publish, Update, Track"},
		{"variables-of-a-template", "variables of one template", "Publish, Track"},
		{"data-of-a-message", "keys of a message's data", "Publish, Track"},
		{"tags-of-a-message", "tags of 20 messages, and tags that the contact does not want", "Publish, Update, Track"},
		{"windows-of-a-schedule", "windows of one message", "Publish, Track"},
		{"counters-of-one-event-publish", "rules that count one event, each other ones of it", "Publish"},
		{"event-names-archived-refresh", "a tenth as many event names that are archived", "Refresh, Archive"},
		{"messages-paused-refresh", "messages that are paused", "Refresh"},
		{"ids-paused", "messages, each paused and resumed", "Pause, Resume of each, and one Track"},
		{"unknown-ids-paused", "messages and series, and misspelt uses of both", "Pause, StopSeries of each"},
		{"series-stopped-publish", "series that a program stops", "Publish"},
		{"candidates-explained", "messages that one event triggers", "Explain"},
		{"waiting-explained", "messages that wait, each for a time of its own", "Explain"},
		{"keys-of-an-event", "metadata keys of a posted event", "TrackJSON"},
		{"nesting-of-an-event", "a quarter as many values, 50 in one another, of a posted event", "TrackJSON"},
		{"attributes-of-an-update", "attributes of one update", "Update"},
		{"contact-as-json", "attributes and companies of a posted contact", "ParseContact"},
		{"companies-joined-and-left", "companies of one update", "Update"},
		{"companies-track", "companies of the contact", "Track"},
		{"companies-visit", "companies of the contact, a message for each", "Visit"},
		{"companies-sweep", "companies of the contact, a message for each", "Sweep"},
		{"companies-match", "companies of the contact", "Matches"},
		{"contacts-of-a-company", "contacts of one company", "Update and Track of one"},
		{"contacts-of-an-email", "contacts of one email", "Track and Update by it"},
		{"unsubscribed-tags", "tags that the contact does not want", "Update, Track, Unsubscribe"},
		{"unsubscribed-tags-refused", "tags that a contact may not have", "Update"},
		{"members-of-a-contact", "members of a posted contact that nobody knows", "POST /contacts"},
		{"members-of-a-company", "members of a posted contact's company that nobody knows", "POST /contacts"},
		{"members-of-a-bulk-item", "members of a posted item that nobody knows", "POST /bulk/users"},
		{"members-of-a-summary", "members of a posted summary that nobody knows", "POST /events/summaries"},
		{"summaries-of-one-event", "summaries of a contact, all of one event", "POST /events/summaries"},
		{"event-names-of-a-contact", "event names of the contact", "Track"},
		{"repeats-known", "events of the contact that are remembered", "Track"},
		{"counters-of-one-event-track", "counters that one event enters", "Track"},
		{"values-of-a-window-track", "values that a sum over a window keeps", "Track"},
		{"different-values-of-a-window-track", "different values that a window keeps", "Track"},
		{"counters-built-from-the-log", "counters that are made of recent events", "Track"},
		{"counters-no-longer-needed", "counters that no rule needs any more, and as many that one does", "Track"},
		{"goals-opened-and-met", "messages with a goal that are sent, and whose goal is met", "Track"},
		{"date-rules-sweep", "date rules whose day it is", "Sweep"},
		{"released-numbers", "messages with a number that was given back", "Track"},
		{"last-send-asked-for", "messages that ask for the last send, and sends", "Track"},
		{"deliveries-given-back", "deliveries that a run gives back when it is stopped", "Sweep"},
		{"recent-events-read", "recent events of the contact", "RecentEvents"},
		{"holds-due", "messages that have waited", "Due"},
		{"record-exported", "all that a contact may have many of", "Export"},
		{"record-coded", "all that a contact may have many of", "the coded record"},
		{"permits-of-a-throttler", "permits that a limit counts", "Throttler.Take"},
		{"identities-of-a-contact-deleted", "identities of the contact", "Delete"},
		{"acknowledge-one-by-one", "deliveries of one contact that are pending", "Acknowledge of each, in order"},
		{"acknowledge-random", "deliveries of one contact that are pending", "Acknowledge of each, in no order"},
		{"acknowledge-at-once", "deliveries of one contact that are pending", "Acknowledge of all"},
		{"pending-worked-off", "deliveries of one contact that are pending", "Pending, Acknowledge"},
		{"pending-answered-late", "deliveries of one contact that are leased ahead, and answered ten at a time", "Pending, Acknowledge"},
		{"pending-refused", "deliveries of one contact that it refuses meanwhile", "Pending"},
		{"room-given-back", "messages that have waited, half of them for room, and what a stopped run gives back", "Due"},
		{"pending-given-up", "deliveries of one contact that are given up", "GiveUp, DeadLetters, Discard"},
		{"merge-of-events", "recent events of both contacts", "Merge"},
		{"merge-of-counters-and-events", "counters of one contact, and recent events of both", "Merge"},
		{"merge-of-goals-and-events", "open goals and recent events of both contacts", "Merge"},
		{"merge-of-holds-and-events", "messages that wait, and recent events, of both contacts", "Merge"},
		{"merge-of-walks", "walks of both contacts that are due", "Merge"},
		{"merge-into-one-of-many", "contacts that were merged into it before", "Merge"},
		{"merge-of-event-names", "event names of both contacts", "Merge"},
		{"merge-of-sends", "sends of both contacts", "Merge"},
		{"merge-of-counters", "counters of both contacts", "Merge"},
		{"merge-of-repeats", "events of both contacts that are remembered", "Merge"},
		{"merge-of-attributes", "attributes of both contacts", "Merge"},
		{"merge-of-companies", "companies of both contacts", "Merge"},
		{"merge-of-unsubscribed", "tags that neither contact wants", "Merge"},
		{"merge-of-matched", "series whose audience both contacts match", "Merge"},
		{"merge-of-holds", "messages that wait for a window, of both contacts", "Merge"},
		{"merge-of-series-states", "series that both contacts are in", "Merge"},
		{"merge-of-goals", "goals of both contacts", "Merge"},
		{"merge-of-date-states", "values of date rules of both contacts", "Merge"},
		{"merge-of-free-sequences", "sends, and numbers given back, of both contacts", "Merge"},
		{"merge-of-aliases", "identities of both contacts", "Merge"},
		{"blocks-publish", "blocks of a series", "Publish"},
		{"blocks-walked", "blocks of a series, all passed at once", "Track"},
		{"blocks-walked-late", "blocks of a series whose times were up", "Due"},
		{"series-publish", "series of four blocks", "Publish"},
		{"series-entered", "series that one event begins", "Track"},
		{"series-matched", "series that the contact matches, and then does not", "Update"},
		{"series-due", "walks that go on", "Due"},
		{"series-dropped", "walks whose series is gone", "Due"},
		{"messages-in-words", "messages of a program", "words.Program"},
		{"conditions-in-words", "twice as many conditions of one rule", "words.Program"},
		{"segments-in-words", "messages with a segment each, of ten others", "words.Program"},
		{"variables-in-words", "variables of one template", "words.Program"},
		{"messages-compared", "messages that were moved and changed", "words.Diff"},
		{"caps-vetted", "messages, and as many caps", "beckon vet"},
		{"misspelt-names-vetted", "events and attributes of a catalogue, and misspelt uses of them", "beckon vet"},
		{"silenced-codes-vetted", "codes that a program silences, and messages", "beckon vet"},
		{"events-generated", "declared events", "gen.Go, gen.TypeScript"},
		{"keys-generated", "keys of one declared event", "gen.Go, gen.TypeScript"},
		{"contacts-kept-replayed", "contacts with an event each", "replay.Kept"},
		{"held-of-a-step", "messages that a scenario's step holds, each wanted so", "beckon test"},
		{"differences-of-a-step", "the same, each wanted otherwise", "beckon test"},
		{"misspelt-names-of-a-step", "messages of one step, and misspelt wants of them", "beckon test"},
		{"deliveries-of-a-step", "messages that a scenario's step sends, each wanted", "beckon test"},
		{"deliveries-of-a-step-missing", "the same, and as many wants of one of them", "beckon test"},
		{"scenarios-that-fail", "scenarios of one file that fail", "beckon test"},
		{"events-kept-replayed", "events of one contact", "replay.Kept"},
	}
}

// growthTable says what grows with what. Four times as much is to cost about four
// times; it is empty if nothing was measured.
func (r *results) growthTable() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| What grows | sizes | what is done | %s | × for 4 times as much | B/op | × |\n| --- | --- | --- | ---: | ---: | ---: | ---: |\n", r.by)
	any := false
	for _, g := range growths() {
		t := r.find("Growth/" + g.table)
		if t == nil {
			continue
		}
		var sizes, took, times, bytes, more []string
		var before *row
		for _, row := range t.rows {
			size, err := strconv.ParseFloat(row.name, 64)
			if err != nil {
				continue
			}
			y, known := row.value(r.by)
			held, _ := row.value("B/op")
			sizes, took, bytes = append(sizes, count(size)), append(took, number(y, known)), append(bytes, number(held, known))
			if before != nil {
				x, ok := ratio(row, before, r.by)
				times = append(times, number(x, ok))
				x, ok = ratio(row, before, "B/op")
				more = append(more, number(x, ok))
			}
			before, any = row, true
		}
		list := func(texts []string) string { return strings.Join(texts, ", ") }
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", g.grows, list(sizes), g.costs, list(took), list(times), list(bytes), list(more))
	}
	if !any {
		return ""
	}
	return b.String()
}
