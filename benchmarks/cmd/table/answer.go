package main

import "fmt"

// answer says in a few sentences what the tables come to: the page begins with
// it. It is empty if one of its figures was not measured.
func (r *results) answer() string {
	known := true
	figure := func(unit float64, turns func(*results) []float64) string {
		list := turns(r)
		known = known && len(list) > 0
		return number(median(list)/unit, len(list) > 0)
	}
	const µs = 1000
	text := fmt.Sprintf("An event with five candidates costs %s µs of processor time if all of them are held, and %s µs\n"+
		"if one is sent: from the posted body to the rendered message, with contacts in memory.\n"+
		"The same, put together from encoding/json, expr, throttled and html/template, takes %s× and %s× as much.\n"+
		"Only messages that listen to an event cost it time: with 100,000 live messages of other events it\n"+
		"takes %s× what it takes with 1,000. If you need nothing but a rate limit, take a library for that:\n"+
		"`Throttler` runs at %s× the speed of the fastest of throttled, x/time/rate and ulule.",
		figure(µs, metric("Track/held", "beckon-TrackJSON", r.by)), figure(µs, metric("Track/sent", "beckon-TrackJSON", r.by)),
		figure(1, times("Track/held", "assembled-json", "beckon-TrackJSON")), figure(1, times("Track/sent", "assembled-json", "beckon-TrackJSON")),
		figure(1, quotient(cpu, "Curve/messages", "100000", "Curve/messages", "1000")),
		figure(1, faster("Cap/allowed", "beckon-Throttler", "throttled-", "x-time-", "ulule-")))
	if !known {
		return ""
	}
	return text
}
