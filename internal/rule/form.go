// Package rule compiles rules on contacts and judges them: the form in which a rule is
// written, its JSON, what is run, what counters it needs, why it came out so, and the
// filter that it makes for a store. It knows records and values, not messages.
package rule

import (
	"math/bits"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/tally"
	"github.com/beckon-go/beckon/internal/textmatch"
)

// Limits of rules (A1). They are enforced when a rule is read from JSON and again
// when it is compiled.
const (
	MaxDepth         = 32                // groups, where and segments within one another
	MaxConditions    = 1000              // conditions and groups in one rule
	MaxExpanded      = 10_000            // conditions or groups in the segments that a rule uses, each as often as it is used
	MaxList          = textmatch.MaxList // elements of one list
	MaxText          = textmatch.MaxText // characters of a name or of one text to compare with
	MaxCountInWindow = 10_000            // the greatest number that a windowed count is compared with (A7)
	MaxDistinct      = tally.MaxDistinct // different values that are told apart without a window (A13)
	WindowValues     = 1000              // values that are kept for a window, unless the host has set another number (A13)
	MaxFieldCount    = 1000              // as far as a windowed count goes that is compared with a field (A11)
)

// A Rule is a rule as it is written: a condition on a contact, or a group of
// rules, field for field the JSON document. The zero Rule is no rule. All of it
// may be wrong; compiling finds that. It is not changed once it is made.
type Rule struct {
	All, Any []Rule // nil: not set
	Not      *Rule

	User, Company, Event, Metadata, Page, Message, Segment string

	Stat   Statistic
	Of     string // a metadata key: what the statistic is of
	Op     Operator
	Value  Operand
	Within calendar.Duration
	Where  *Rule
	Since  string // "entry": of a walk through a series (A15)

	VetIgnore []string // codes of findings that are meant; they change nothing else
}

// IsZero reports whether r is no rule at all.
func (r *Rule) IsZero() bool { return r.members()&^hasVetIgnore == 0 }

// SinceEntry limits what is asked of an event to what happened since a walk began.
const SinceEntry = "entry"

// A Statistic is what of an event or a message a condition is about.
type Statistic string

const (
	statisticCount     Statistic = "count"
	statisticFirst     Statistic = "first"
	statisticLast      Statistic = "last"
	statisticSum       Statistic = "sum"
	statisticMin       Statistic = "min"
	statisticMax       Statistic = "max"
	statisticAverage   Statistic = "average"
	statisticDistinct  Statistic = "distinct"
	statisticSentCount Statistic = "sent_count"
	statisticLastSent  Statistic = "last_sent"
)

// eventStatistics are what can be asked of an event.
var eventStatistics = []Statistic{ //nolint:gochecknoglobals // a table that nothing writes to
	statisticCount, statisticFirst, statisticLast, statisticSum, statisticMin, statisticMax, statisticAverage, statisticDistinct,
}

// ofValues reports whether the statistic is of the values under a metadata key (A13).
func (s Statistic) ofValues() bool {
	switch s {
	case statisticSum, statisticMin, statisticMax, statisticAverage, statisticDistinct:
		return true
	}
	return false
}

// A memberSet is the set of members that a rule's JSON document has. It tells
// {"user": ""}, which has a subject, if a bad one, from {}.
type memberSet uint32

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
	hasOf
	hasOp
	hasValue
	hasWithin
	hasWhere
	hasSince
	hasVetIgnore

	hasGroup   = hasAll | hasAny | hasNot
	hasSubject = hasUser | hasCompany | hasEvent | hasMetadata | hasPage | hasMessage | hasSegment
)

// Members are the members in the order in which they are written.
var Members = [...]string{ //nolint:gochecknoglobals // a table that nothing writes to
	"all", "any", "not", "user", "company", "event", "metadata", "page", "message", "segment",
	"stat", "of", "op", "value", "within", "where", "since", "vet_ignore",
}

// members returns the members that are set in r.
func (r *Rule) members() memberSet {
	var m memberSet
	for i, set := range [len(Members)]bool{
		r.All != nil, r.Any != nil, r.Not != nil, r.User != "", r.Company != "", r.Event != "", r.Metadata != "",
		r.Page != "", r.Message != "", r.Segment != "", r.Stat != "", r.Of != "", r.Op != "", !r.Value.IsZero(), !r.Within.IsZero(),
		r.Where != nil, r.Since != "", r.VetIgnore != nil,
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
	for i, name := range Members {
		if m&(1<<i) != 0 {
			list = append(list, `"`+name+`"`)
		}
	}
	return list
}

// word returns the name of a single member.
func (m memberSet) word() string { return Members[bits.TrailingZeros32(uint32(m))] }
