package words

import (
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
)

// Trigger returns when a message is sent, such as:
//
//	each time the contact does "added-to-cart", unless "checked-out" follows within 1 hour with the same cart_id
//
// Without a trigger it is "without a trigger".
func Trigger(t *beckon.Trigger) string {
	if t == nil {
		return "without a trigger"
	}
	var ways []string
	if t.Event != "" {
		ways = append(ways, "each time the contact does "+name(t.Event))
	}
	if t.Attribute != "" {
		ways = append(ways, "each time an update changes the contact's "+nameWords(t.Attribute)+changeWords("from", t.Old)+changeWords("to", t.New))
	}
	if t.Enters != "" {
		ways = append(ways, "each time the contact begins to match the segment "+name(t.Enters))
	}
	if t.Leaves != "" {
		ways = append(ways, "each time the contact ceases to match the segment "+name(t.Leaves))
	}
	if t.Date != "" {
		ways = append(ways, dateWords(t, fieldWords("user", t.Date)))
	}
	if len(ways) == 0 {
		ways = append(ways, "by a trigger that names nothing")
	}
	s := strings.Join(ways, " and ")
	if !t.Filter.IsZero() {
		s += " where (" + inline(&t.Filter, 0, alone) + ")"
	}
	if t.Attribute != "" && !t.Filter.IsZero() {
		s += `, whose "from" and "to" are the values before and after`
	}
	if t.EventDate != "" {
		s = dateWords(t, fieldWords("metadata", t.EventDate)) + ", " + s
	}
	if t.Absence != nil {
		s += ", unless " + unlessWords(t.Absence)
	}
	if t.Recheck {
		s += ", and only if the contact still belongs to the audience then"
	}
	return s
}

// changeWords says what a value was or is.
func changeWords(word string, v *beckon.Value) string {
	if v == nil {
		return ""
	}
	return " " + word + " " + valueWords(*v)
}

// valueWords writes a value: unknown is a value here.
func valueWords(v beckon.Value) string {
	doc, err := v.MarshalJSON()
	if err != nil {
		return "a value that is none"
	}
	switch o := operandFrom(doc); o.kind {
	case none:
		if string(doc) == "null" {
			return "unknown"
		}
		return string(doc)
	case list:
		return "the list of " + o.String()
	default:
		return o.String()
	}
}

// dateWords says when a date is due.
func dateWords(t *beckon.Trigger, of string) string {
	days, whole := t.Offset.Days()
	var s string
	switch {
	case t.Offset.IsZero() && t.Time == "" && t.EventDate != "":
		s = "at " + of
	case t.Offset.IsZero(), whole && days == 0:
		s = "on the day of " + of
	case t.Offset.Negative():
		s = durationWords(t.Offset) + " before " + of
	default:
		s = durationWords(t.Offset) + " after " + of
	}
	if t.Time != "" {
		s += " at " + clockWords(t.Time)
	}
	if t.Repeat != "" {
		s += ", again every " + string(t.Repeat)
	}
	if !t.Span.IsZero() {
		s += ", shown for " + durationWords(t.Span)
	}
	return s
}

// unlessWords says which events cancel what waits.
func unlessWords(u *beckon.Unless) string {
	all := append([]beckon.Unless{*u}, u.Or...)
	parts := make([]string, len(all))
	for i, one := range all {
		if parts[i] = name(one.Event) + " follows before it goes out"; !one.Within.IsZero() {
			parts[i] = name(one.Event) + " follows within " + durationWords(one.Within)
		}
		if one.Same != "" {
			parts[i] += " with the same " + nameWords(one.Same)
		}
	}
	return strings.Join(parts, ", or ")
}

// Frequency returns how often a message reaches one contact, its defaults included, such as:
//
//	at most once in 1 hour and at most 3 times in all
func Frequency(m beckon.Message) string {
	f, triggered := m.Frequency, modeOf(&m) == beckon.Triggered
	if f == nil || *f == (beckon.Frequency{}) {
		switch {
		case !triggered && f == nil:
			return "once"
		case m.Transactional:
			return "as often as there is an occasion"
		}
		return "at most once in " + durationWords(beckon.DurationOf(beckon.DefaultEvery))
	}
	every := f.Every
	if every.IsZero() && !m.Transactional {
		every = beckon.DurationOf(beckon.DefaultEvery)
	}
	var s string
	switch far := every.Elapsed() > 0; {
	case !far && f.Max == 1:
		s = "once"
	case far && f.Max > 0:
		s = "at most once in " + durationWords(every) + " and at most " + often(strconv.Itoa(f.Max)) + " in all"
	case far:
		s = "at most once in " + durationWords(every)
	case f.Max > 0:
		s = "at most " + often(strconv.Itoa(f.Max)) + " in all, however close together"
	default:
		s = "as often as there is an occasion"
	}
	if f.Per != "" {
		s += ", counted for each value of the event's " + nameWords(f.Per) + " by itself"
	}
	if !f.Wait.IsZero() {
		s += ", and what has no room waits for it, no longer than " + durationWords(f.Wait)
	}
	return s
}

// modeOf is the mode of a message, the default included.
func modeOf(m *beckon.Message) beckon.Mode {
	switch {
	case m.Mode != "":
		return m.Mode
	case m.Trigger != nil:
		return beckon.Triggered
	}
	return beckon.Ongoing
}
