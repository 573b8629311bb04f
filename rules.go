package beckon

import (
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
)

// The limits of rules, checked when one is read and when it is compiled. (A1)
const (
	MaxRuleDepth      = rule.MaxDepth         // groups, where and segments within one another: 32
	MaxRuleConditions = rule.MaxConditions    // conditions and groups in one rule: 1000
	MaxRuleExpanded   = rule.MaxExpanded      // conditions or groups in the segments that a rule uses, each as often as it is used: 10,000
	MaxRuleList       = rule.MaxList          // elements of one list: 1000
	MaxRuleText       = rule.MaxText          // characters of a name or of one text to compare with: 2048
	MaxDistinct       = rule.MaxDistinct      // different values that distinct tells apart without a window: 1000 (A13)
	MaxCountInWindow  = rule.MaxCountInWindow // the greatest number that a windowed count is compared with (A7): 10,000
	MaxFieldCount     = rule.MaxFieldCount    // as far as a windowed count goes that is compared with a field (A11): 1000
)

// A Rule is a condition on a contact, or a group of rules. It is the JSON document, field for
// field; the builders ([User], [Did], [All] …) make it read like a sentence. The zero Rule is
// no rule and matches everyone. Faults are reported when it is published, each with its path.
// (A8)
type Rule struct {
	All, Any []Rule // groups; nil is not set, {"all": []} is true, {"any": []} is false
	Not      *Rule

	// The subject of a condition: exactly one is set. All but Segment take an Op.
	User     string // an attribute of the contact
	Company  string // an attribute of the company (D2)
	Event    string // an event name; Stat says what of it
	Metadata string // a key of the event's metadata; only in a trigger's and an event condition's where
	Page     string // "url" or "seconds"
	Message  string // a message id; Stat says what of it
	Segment  string // a named rule of the program
	Stat     Stat
	Of       string // a metadata key: what sum, min, max, average and distinct are of (A13)
	Op       Op
	Value    Operand
	Within   Duration // a sliding window for a count, or for what has an Of (A7)
	Where    *Rule    // a rule over the metadata of the events counted (A7)
	Since    string   // "entry": only what happened since the walk began; in rule blocks and exits of series (A15)

	VetIgnore []string // of a segment: codes that [Vet] passes over in it
}

// A Stat says what of an event or a message a condition is about.
type Stat string

// The statistics.
const (
	StatCount     Stat = "count"      // of an event
	StatFirst     Stat = "first"      // of an event
	StatLast      Stat = "last"       // of an event
	StatSum       Stat = "sum"        // of an event's values; of none 0
	StatMin       Stat = "min"        // of an event's values
	StatMax       Stat = "max"        // of an event's values
	StatAverage   Stat = "average"    // of an event's values
	StatDistinct  Stat = "distinct"   // of an event: how many different values
	StatSentCount Stat = "sent_count" // of a message: over all companies, without the control group
	StatLastSent  Stat = "last_sent"  // of a message: over all companies, without the control group
)

// An Op is an operator. (A4)
type Op string

// The operators. An unknown value satisfies is_unknown and the negative ones:
// is_not, does_not_contain, not_in and contains_none. Money compared with a
// number counts in major units (20 is 20.00), with a [Monetary] value in minor
// units of that currency (2000 is 20.00). (A5)
const (
	OpIs             Op = "is"               // text, number, boolean or money
	OpIsNot          Op = "is_not"           // text, number, boolean or money
	OpContains       Op = "contains"         // text, ignoring case
	OpDoesNotContain Op = "does_not_contain" // text, ignoring case
	OpContainsWord   Op = "contains_word"    // a whole run of letters and digits, ignoring case
	OpStartsWith     Op = "starts_with"      // ignoring case
	OpEndsWith       Op = "ends_with"        // ignoring case
	OpMatches        Op = "matches"          // a pattern, ignoring case (A12)
	OpIn             Op = "in"               // one of a list
	OpNotIn          Op = "not_in"           // one of a list
	OpGreaterThan    Op = "greater_than"     // number or money
	OpLessThan       Op = "less_than"        // number or money
	OpAtLeast        Op = "at_least"         // number or money
	OpAtMost         Op = "at_most"          // number or money
	OpBetween        Op = "between"          // number or money: [low, high], both included
	OpMoreThanAgo    Op = "more_than_ago"    // a duration (A6)
	OpLessThanAgo    Op = "less_than_ago"    // a duration (A6)
	OpExactlyAgo     Op = "exactly_ago"      // whole days (A6)
	OpMoreThanAhead  Op = "more_than_ahead"  // a duration (A10)
	OpLessThanAhead  Op = "less_than_ahead"  // a duration (A10)
	OpExactlyAhead   Op = "exactly_ahead"    // whole days (A10)
	OpAfter          Op = "after"            // an instant, or a day: after its end, before its start
	OpBefore         Op = "before"           // an instant, or a day: after its end, before its start
	OpOn             Op = "on"               // a day
	OpContainsAny    Op = "contains_any"     // a list attribute and a list of texts
	OpContainsAll    Op = "contains_all"     // a list attribute and a list of texts
	OpContainsNone   Op = "contains_none"    // a list attribute and a list of texts
	OpIsUnknown      Op = "is_unknown"       // takes no value
	OpHasAnyValue    Op = "has_any_value"    // takes no value
)

// IsZero reports whether r is no rule at all.
func (r Rule) IsZero() bool {
	return r.All == nil && r.Any == nil && r.Not == nil && r.User == "" && r.Company == "" && r.Event == "" &&
		r.Metadata == "" && r.Page == "" && r.Message == "" && r.Segment == "" && r.Stat == "" && r.Of == "" && r.Op == "" &&
		r.Value.IsZero() && r.Within.IsZero() && r.Where == nil
}

// ParseRule reads one rule from JSON, strictly: unknown and repeated members,
// wrong types, and all that is wrong with a condition by itself are faults. The
// error is an [ErrorList] with the path of each, such as "all[1].op". Segments,
// and where metadata may stand, are judged on publish.
func ParseRule(data []byte) (Rule, error) {
	r, faults := rule.Parse(data)
	if err := raise(faults); err != nil {
		return Rule{}, err
	}
	return raiseRule(&r), nil
}

// UnmarshalJSON is [ParseRule], except that null and {} are no rule at all.
func (r *Rule) UnmarshalJSON(data []byte) error {
	if string(data) == "null" || string(data) == "{}" {
		*r = Rule{}
		return nil
	}
	parsed, err := ParseRule(data)
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// MarshalJSON returns the rule's document in a fixed order, with numbers, days
// and durations as they were written. The zero Rule is {}: leave it out by
// omitzero. An operand that is no value, and too deep a nesting, are errors.
func (r Rule) MarshalJSON() ([]byte, error) { return lowerRule(&r).MarshalJSON() }

// String returns the rule as compact JSON, or in parentheses why it cannot.
func (r Rule) String() string {
	return lowerRule(&r).String()
}

// UnmarshalJSON reads an operand as a rule's "value" has it.
func (o *Operand) UnmarshalJSON(data []byte) error {
	form, err := rule.ParseOperand(data)
	if faults, ok := err.(fault.List); ok { //nolint:errorlint // as rule.ParseOperand made it
		return raise(faults)
	}
	if err == nil {
		o.form = form
	}
	return err
}

// All returns the group that is true if all rules are; also if there is none.
func All(rules ...Rule) Rule { return Rule{All: group(rules)} }

// Any returns the group that is true if some rule is; of none it is false.
func Any(rules ...Rule) Rule { return Rule{Any: group(rules)} }

// group copies the rules: what a caller passes in is not kept.
func group(rules []Rule) []Rule { return append(make([]Rule, 0, len(rules)), rules...) }

// Not returns the rule that is true if rule is not.
func Not(rule Rule) Rule { return Rule{Not: &rule} }

// Segment returns the rule that the program's segment of that name holds. (A7)
func Segment(name string) Rule { return Rule{Segment: name} }

func (r Rule) with(op Op, value Operand) Rule {
	r.Op, r.Value = op, value
	return r
}
