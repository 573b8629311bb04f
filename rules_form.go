package beckon

import (
	"math/bits"

	"github.com/beckon-go/beckon/internal/calendar"
)

// Limits of rules (A1). They are enforced when a rule is read from JSON and again
// when it is compiled.
const (
	maxRuleDepth      = 32     // groups, where and segments within one another
	maxRuleConditions = 1000   // conditions and groups in one rule
	maxRuleExpanded   = 10_000 // conditions or groups in the segments that a rule uses, each as often as it is used
	maxRuleList       = 1000   // elements of one list
	maxRuleText       = 2048   // characters of a name or of one text to compare with
	maxCountInWindow  = 10_000 // the greatest number that a windowed count is compared with (A7)
)

// A ruleTree is a rule as it is written: a condition on a contact, or a group of
// rules, field for field the JSON document. The zero ruleTree is no rule. All of it
// may be wrong; compiling finds that. It is not changed once it is made.
type ruleTree struct {
	All, Any []ruleTree // nil: not set
	Not      *ruleTree

	User, Company, Event, Metadata, Page, Message, Segment string

	Stat   statistic
	Op     operator
	Value  ruleOperand
	Within calendar.Duration
	Where  *ruleTree
}

// IsZero reports whether r is no rule at all.
func (r *ruleTree) IsZero() bool { return r.members() == 0 }

// A statistic is what of an event or a message a condition is about.
type statistic string

const (
	statisticCount     statistic = "count"
	statisticFirst     statistic = "first"
	statisticLast      statistic = "last"
	statisticSentCount statistic = "sent_count"
	statisticLastSent  statistic = "last_sent"
)

// A memberSet is the set of members that a rule's JSON document has. It tells
// {"user": ""}, which has a subject, if a bad one, from {}.
type memberSet uint16

const (
	hasAll memberSet = 1 << iota
	hasAny
	hasNot
	hasUser
	hasCompany
	hasEvent
	hasMetadata
	hasPage
	hasMessage
	hasSegment
	hasStat
	hasOp
	hasValue
	hasWithin
	hasWhere

	hasGroup   = hasAll | hasAny | hasNot
	hasSubject = hasUser | hasCompany | hasEvent | hasMetadata | hasPage | hasMessage | hasSegment
)

// ruleMembers are the members in the order in which they are written.
var ruleMembers = [...]string{ //nolint:gochecknoglobals // a table that nothing writes to
	"all", "any", "not", "user", "company", "event", "metadata", "page", "message", "segment",
	"stat", "op", "value", "within", "where",
}

// members returns the members that are set in r.
func (r *ruleTree) members() memberSet {
	var m memberSet
	for i, set := range [len(ruleMembers)]bool{
		r.All != nil, r.Any != nil, r.Not != nil, r.User != "", r.Company != "", r.Event != "", r.Metadata != "",
		r.Page != "", r.Message != "", r.Segment != "", r.Stat != "", r.Op != "", !r.Value.IsZero(), !r.Within.IsZero(),
		r.Where != nil,
	} {
		if set {
			m |= 1 << i
		}
	}
	return m
}

// names returns the members of the set, quoted and joined, for an error.
func (m memberSet) names() []string {
	var list []string
	for i, name := range ruleMembers {
		if m&(1<<i) != 0 {
			list = append(list, `"`+name+`"`)
		}
	}
	return list
}

// word returns the name of a single member.
func (m memberSet) word() string { return ruleMembers[bits.TrailingZeros16(uint16(m))] }
