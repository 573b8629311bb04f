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
		{"mixed-faults", "messages with a fault of shape and one of meaning", "ParseProgram"},
		{"long-variables", "long variables and formats", "Publish"},
		{"messages-that-wait", "messages that wait for what does not follow", "Track"},
		{"bytes-that-wait", "bytes of an event that ten messages wait with", "Track"},
		{"event-names-publish", "event names that the store knows", "Publish"},
		{"event-names-due", "event names that the store knows", "Due"},
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
