package beckon

import "github.com/beckon-go/beckon/internal/fault"

// ParseRule reads one rule from JSON, strictly: unknown and repeated members,
// wrong types and everything about a condition that can be judged by itself
// are faults. The error is an [ErrorList] with the path of each, such as
// "all[1].op". Segments, and whether metadata may stand where it does, are
// judged when the rule is published.
func ParseRule(data []byte) (Rule, error) {
	r, faults := parseRule(data)
	if err := raise(faults); err != nil {
		return Rule{}, err
	}
	return raiseRule(&r), nil
}

// UnmarshalJSON is [ParseRule], but that null and {} are no rule at all, so
// that what MarshalJSON writes can be read.
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

// MarshalJSON returns the rule's document, with the members in a fixed order and
// numbers, days and durations as they were written. The zero Rule is {}:
// leave it out by omitzero. An operand that is no value, and nesting that no
// rule may have, are errors.
func (r Rule) MarshalJSON() ([]byte, error) { return lowerRule(&r).MarshalJSON() }

// String returns the rule as compact JSON, the form in which a rule reads
// shortest; what cannot be written is a word in parentheses.
func (r Rule) String() string {
	return lowerRule(&r).String()
}

// UnmarshalJSON reads an operand as a rule's "value" has it.
func (o *Operand) UnmarshalJSON(data []byte) error {
	form, err := parseOperand(data)
	if faults, ok := err.(fault.List); ok { //nolint:errorlint // as parseOperand made it
		return raise(faults)
	}
	if err == nil {
		o.form = form
	}
	return err
}
