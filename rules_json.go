package beckon

import (
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
)

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
	if faults, ok := err.(fault.List); ok { //nolint:errorlint // as parseOperand made it
		return raise(faults)
	}
	if err == nil {
		o.form = form
	}
	return err
}
