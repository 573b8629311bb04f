package words

import (
	"regexp"
	"strconv"

	"github.com/beckon-go/beckon"
)

// A condition is one in words. manifold says that commas or a range in it ask for
// parentheses where it is joined to others.
type condition struct {
	text     string
	manifold bool
}

// conditionWords writes a condition. What has no meaning is written as JSON.
func conditionWords(r *beckon.Rule, depth int) condition {
	s, ok := subjectOf(r, depth)
	if r.Segment != "" {
		if ok = ok && r.Op == "" && r.Value.IsZero(); ok {
			return condition{text: s.noun}
		}
	}
	if ok && s.count != "" {
		if c, ok := countWords(&s, r); ok {
			return c
		}
	}
	if ok {
		if c, ok := predicate(&s, r.Op, r.Value); ok {
			return c
		}
	}
	return condition{text: "the unfinished rule " + r.String()}
}

// A subject is what a condition is about.
type subject struct {
	noun  string // "the contact's plan"
	past  bool   // a time that has been: it was, not is
	known bool   // never unknown

	count string // of a count: "the contact did "x" where (…)", before how often
	never string // the same for none at all
	tail  string // behind how often: the window
}

// subjectOf names the subject; ok is false if there is none, more than one, or a member
// that does not belong to it.
func subjectOf(r *beckon.Rule, depth int) (s subject, ok bool) {
	rest := *r
	rest.Op, rest.Value = "", beckon.Operand{}
	switch {
	case r.User != "":
		s.noun, rest.User = fieldWords("user", r.User), ""
	case r.Company != "":
		s.noun, rest.Company = fieldWords("company", r.Company), ""
	case r.Metadata != "":
		s.noun, rest.Metadata = fieldWords("metadata", r.Metadata), ""
	case r.Page == "url":
		s.noun, rest.Page = "the address of the page", ""
	case r.Page == "seconds":
		s.noun, rest.Page = "the number of seconds on the page", ""
	case r.Segment != "":
		s.noun, rest.Segment = "the contact is in the segment "+name(r.Segment), ""
	case r.Message != "":
		s = messageSubject(r)
		rest.Message, rest.Stat = "", ""
	case r.Event != "":
		s = eventSubject(r, depth)
		rest.Event, rest.Stat, rest.Where, rest.Within, rest.Since = "", "", nil, beckon.Duration{}, ""
		if ofValues(r.Stat) {
			rest.Of = ""
		}
	}
	return s, s.noun != "" && rest.IsZero() && rest.Since == ""
}

func ofValues(stat beckon.Stat) bool {
	switch stat {
	case beckon.StatSum, beckon.StatMin, beckon.StatMax, beckon.StatAverage, beckon.StatDistinct:
		return true
	}
	return false
}

// messageSubject names what was sent.
func messageSubject(r *beckon.Rule) (s subject) {
	message := "the message " + name(r.Message) + " was "
	switch r.Stat {
	case beckon.StatSentCount:
		s = subject{noun: "the number of times that " + message + "sent", known: true, count: message + "sent", never: message + "never sent"}
	case beckon.StatLastSent:
		s = subject{noun: "the last time that " + message + "sent", past: true}
	}
	return s
}

// eventSubject names what the contact did.
func eventSubject(r *beckon.Rule, depth int) (s subject) {
	event := name(r.Event)
	if r.Where != nil {
		where := inline(r.Where, depth+1, alone)
		if r.Where.IsZero() {
			where = "no rule"
		}
		event += " where (" + where + ")"
	}
	if !r.Within.IsZero() {
		if r.Within.Negative() || r.Within.Elapsed() == 0 {
			return s
		}
		s.tail = " in the last " + spanWords(durationWords(r.Within))
	}
	switch r.Since {
	case "":
	case "entry":
		s.tail += " since entering the series"
	default:
		return subject{}
	}
	over := nameWords(r.Of) + " over the events " + event + s.tail
	switch r.Stat {
	case beckon.StatCount:
		s.noun, s.known = "the number of times that the contact did "+event+s.tail, true
		s.count = "the contact did " + event
		if s.never = "the contact has never done " + event; s.tail != "" {
			s.never = "the contact has not done " + event
		}
	case beckon.StatFirst, beckon.StatLast:
		if !r.Within.IsZero() {
			return subject{}
		}
		s.noun, s.past = "the "+string(r.Stat)+" time that the contact did "+event+s.tail, true
	case beckon.StatSum:
		s.noun, s.known = "the sum of "+over, true
	case beckon.StatMin:
		s.noun = "the smallest " + over
	case beckon.StatMax:
		s.noun = "the largest " + over
	case beckon.StatAverage:
		s.noun = "the average " + over
	case beckon.StatDistinct:
		s.noun, s.known = "the number of different values of "+over, true
	}
	if ofValues(r.Stat) && r.Of == "" {
		return subject{}
	}
	return s
}

var plainCount = regexp.MustCompile(`^(?:0|[1-9][0-9]*)$`)

// countWords writes how often something happened; ok is false if a plain number does not
// say it.
func countWords(s *subject, r *beckon.Rule) (c condition, ok bool) {
	v := operandOf(r.Value)
	low, high := v, operand{}
	if r.Op == beckon.OpBetween && len(v.list) == 2 {
		low, high = v.list[0], v.list[1]
		if high.kind != number || !plainCount.MatchString(high.text) {
			return c, false
		}
	}
	if low.kind != number || !plainCount.MatchString(low.text) {
		return c, false
	}
	times := func(word string) condition { return condition{text: s.count + " " + word + often(low.text) + s.tail} }
	switch r.Op {
	case beckon.OpIs:
		if low.text == "0" {
			return condition{text: s.never + s.tail}, true
		}
		return times("exactly "), true
	case beckon.OpGreaterThan:
		return times("more than "), true
	case beckon.OpLessThan:
		return condition{text: s.count + " fewer than " + plural(low.text, "time") + s.tail}, true
	case beckon.OpAtLeast:
		return times("at least "), true
	case beckon.OpAtMost:
		return times("at most "), true
	case beckon.OpBetween:
		return condition{text: s.count + " from " + low.text + " to " + plural(high.text, "time") + s.tail}, true
	}
	return c, false
}

func often(n string) string {
	if n == "1" {
		return "once"
	}
	return n + " times"
}

// name names an event, a message or a segment.
func name(s string) string { return strconv.Quote(s) }
