package beckon

import (
	"encoding/json"
	"errors"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// ParseRule reads one rule from JSON, strictly: unknown and repeated members,
// wrong types and everything about a condition that can be judged by itself
// are faults. The error is an [ErrorList] with the path of each, such as
// "all[1].op". Segments, and whether metadata may stand where it does, are
// judged when the rule is published.
func ParseRule(data []byte) (Rule, error) {
	var faults fault.List
	n, err := ojson.ParseString(string(data), ojson.Limits{})
	if err != nil {
		faults.Fault("", err.Error())
		return Rule{}, raise(faults)
	}
	r := decodeRule(&n, "", &faults)
	if err := raise(faults); err != nil {
		return Rule{}, err
	}
	return r, nil
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
// numbers, days and durations as they were written. The zero Rule gives {}:
// leave it out by omitzero. An operand that is no value, and nesting that no
// rule may have, are errors.
func (r Rule) MarshalJSON() ([]byte, error) { return r.appendJSON(nil, 0) }

// String returns the rule as compact JSON, the form in which a rule reads
// shortest; what cannot be written is a word in parentheses.
func (r Rule) String() string {
	b, err := r.MarshalJSON()
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(b)
}

var errRuleTooDeep = errors.New("the rule nests too deep")

func (r *Rule) appendJSON(b []byte, depth int) ([]byte, error) {
	if depth > MaxRuleDepth {
		return nil, errRuleTooDeep // a Rule made in Go can even contain itself
	}
	var err error
	b = append(b, '{')
	start := len(b)
	name := func(n string) {
		if len(b) > start {
			b = append(b, ',')
		}
		b = append(b, '"')
		b = append(b, n...)
		b = append(b, `":`...)
	}
	m := r.members()
	for i, member := range ruleMembers {
		if m&(1<<i) == 0 {
			continue
		}
		name(member)
		switch memberSet(1 << i) {
		case hasAll:
			b, err = appendRules(b, r.All, depth)
		case hasAny:
			b, err = appendRules(b, r.Any, depth)
		case hasNot:
			b, err = r.Not.appendJSON(b, depth+1)
		case hasWhere:
			b, err = r.Where.appendJSON(b, depth+1)
		case hasValue:
			b, err = r.Value.appendJSON(b)
		default:
			b = appendJSONText(b, r.text(memberSet(1<<i)))
		}
		if err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// text returns the member of a rule that is written as a string.
func (r *Rule) text(m memberSet) string {
	switch m {
	case hasUser:
		return r.User
	case hasCompany:
		return r.Company
	case hasEvent:
		return r.Event
	case hasMetadata:
		return r.Metadata
	case hasPage:
		return r.Page
	case hasMessage:
		return r.Message
	case hasSegment:
		return r.Segment
	case hasStat:
		return string(r.Stat)
	case hasOp:
		return string(r.Op)
	}
	return r.Within.String()
}

func appendRules(b []byte, list []Rule, depth int) ([]byte, error) {
	var err error
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = list[i].appendJSON(b, depth+1); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// appendJSON appends the operand as it was written.
func (o Operand) appendJSON(b []byte) ([]byte, error) {
	switch o.kind {
	case operandText:
		return appendJSONText(b, o.text), nil
	case operandNumber, operandBool:
		return append(b, o.text...), nil
	case operandMoney:
		b = append(b, `{"amount":`...)
		b = append(b, o.num...)
		b = append(b, `,"currency":`...)
		return append(appendJSONText(b, o.text), '}'), nil
	case operandList:
		b = append(b, '[')
		for i, e := range o.list {
			if i > 0 {
				b = append(b, ',')
			}
			if e.kind == operandList {
				return nil, errors.New("a list inside a list is not a value")
			}
			var err error
			if b, err = e.appendJSON(b); err != nil {
				return nil, err
			}
		}
		return append(b, ']'), nil
	case operandInvalid:
		return nil, errors.New(o.text)
	}
	return append(b, "null"...), nil
}

// UnmarshalJSON reads an operand as a rule's "value" has it.
func (o *Operand) UnmarshalJSON(data []byte) error {
	n, err := ojson.ParseString(string(data), ojson.Limits{})
	if err != nil {
		return err
	}
	var faults fault.List
	d := ruleDecoder{faults: &faults}
	parsed := d.operand(&n, "")
	if err := raise(faults); err != nil {
		return err
	}
	*o = parsed
	return nil
}

func appendJSONText(b []byte, s string) []byte {
	text, err := json.Marshal(s) // cannot fail for a string
	if err != nil {
		return append(b, `""`...)
	}
	return append(b, text...)
}
