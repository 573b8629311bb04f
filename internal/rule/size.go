package rule

import (
	"strconv"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fault"
)

// ruleSize counts the conditions and groups of a rule.
type ruleSize struct {
	conditions, groups     int  // written
	conditionsIn, groupsIn int  // in the segments that it uses
	full                   bool // the limit was passed, and said so
}

// take counts one more, and reports whether it is within the limits; that it
// is not is a fault once.
func (s *ruleSize) take(group bool, path string, limit int, faults *fault.List) bool {
	if s.full {
		return false
	}
	if group {
		s.groups++
	} else {
		s.conditions++
	}
	if s.conditions > limit || s.groups > limit {
		s.full = true
		faults.Fault(path, "the rule has more than "+strconv.Itoa(limit)+" conditions or groups")
		return false
	}
	return true
}

// textFault says what is wrong with a name or text of a rule; empty if nothing.
func textFault(s string) string {
	switch {
	case !utf8.ValidString(s):
		return "is not valid UTF-8"
	case utf8.RuneCountInString(s) > MaxText:
		return "has more than " + strconv.Itoa(MaxText) + " characters"
	}
	return ""
}
