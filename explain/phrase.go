package explain

import (
	"encoding/json"
	"strings"
)

// told names the conditions by which a rule does not hold, behind a colon; empty if there is
// none.
func told(r *Rule) string {
	if r == nil || r.Matched {
		return ""
	}
	var list []string
	failing(r, false, &list)
	if len(list) == 0 {
		return ""
	}
	if len(list) > maxTold {
		list = append(list[:maxTold], "and more")
	}
	return ": " + strings.Join(list, "; ")
}

// failing collects the conditions by which a rule came out as it should not. opposite says
// that it should not hold.
func failing(r *Rule, opposite bool, list *[]string) {
	if r.Matched != opposite {
		return
	}
	if len(r.Of) == 0 {
		*list = append(*list, r.phrase(opposite))
		return
	}
	for i := range r.Of {
		failing(&r.Of[i], opposite != (r.Rule == "not"), list)
	}
}

// phrase says what a condition asks and what it saw.
func (r *Rule) phrase(opposite bool) string {
	var c struct {
		User, Company, Event, Metadata, Page, Message, Stat, Of, Op, Since string
		Within                                                             string
		Where                                                              json.RawMessage
	}
	if json.Unmarshal([]byte(r.Rule), &c) != nil {
		return r.Rule
	}
	subject := ""
	switch {
	case c.User != "":
		subject = "the contact's " + quoted(c.User)
	case c.Company != "":
		subject = "the company's " + quoted(c.Company)
	case c.Metadata != "":
		subject = "the event's " + quoted(c.Metadata)
	case c.Page == "url":
		subject = "the address of the page"
	case c.Page != "":
		subject = "the seconds on the page"
	case c.Message != "" && c.Stat == "last_sent":
		subject = "when " + quoted(c.Message) + " was last sent"
	case c.Message != "":
		subject = "how often " + quoted(c.Message) + " was sent"
	case c.Event != "":
		subject = map[string]string{"count": "how often ", "first": "when first ", "last": "when last "}[c.Stat]
		if c.Of != "" {
			subject = map[string]string{
				"sum": "the sum", "min": "the least", "max": "the greatest", "average": "the average", "distinct": "the number of different values",
			}[c.Stat] + " of " + quoted(c.Of) + " over "
		}
		subject += quoted(c.Event)
		if c.Within != "" {
			subject += " in the last " + c.Within
		}
		if len(c.Where) > 0 {
			subject += " (of some kind)"
		}
	default:
		return r.Rule
	}
	text := subject + " must " + asks(c.Op, opposite)
	if r.Operand != "" {
		text += " " + r.Operand
	}
	switch {
	case r.Unknown:
		text += ", and is not known"
	case r.Problem != "":
		text += ", but " + r.Problem
	case r.Value != "":
		text += ", and is " + r.Value
	}
	if !r.Since.IsZero() {
		text += " (counted since " + when(r.Since) + ")"
	}
	return text
}

// asks says what an operator asks for, behind "must".
func asks(op string, opposite bool) string {
	words, known := map[string]string{
		"is": "be", "is_not": "not be", "contains": "contain", "does_not_contain": "not contain", "contains_word": "contain the word",
		"starts_with": "start with", "ends_with": "end with", "matches": "match", "in": "be one of", "not_in": "be none of", "greater_than": "be greater than",
		"less_than": "be less than", "at_least": "be at least", "at_most": "be at most", "between": "be between", "more_than_ago": "be longer ago than",
		"less_than_ago": "be less long ago than", "exactly_ago": "be on the day that lies back", "after": "be after", "on": "be on", "before": "be before",
		"contains_any": "contain any of", "contains_all": "contain all of", "contains_none": "contain none of", "is_unknown": "be unknown",
		"has_any_value": "be known", "less_than_ahead": "be less far ahead than", "more_than_ahead": "be further ahead than", "exactly_ahead": "be on the day that lies ahead",
	}[op]
	if !known {
		words = op
	}
	if opposite {
		if positive, negated := strings.CutPrefix(words, "not "); negated {
			return positive
		}
		return "not " + words
	}
	return words
}
