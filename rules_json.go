package beckon

import (
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/ojson"
)

// ParseRule reads one rule from JSON, strictly: unknown and repeated members,
// wrong types and everything about a condition that can be judged by itself
// are faults. The error is an [ErrorList] with the path of each, such as
// "all[1].op". Segments, and whether metadata may stand where it does, are
// judged when the rule is published.
func ParseRule(data []byte) (Rule, error) {
	var faults ErrorList
	n, err := ojson.ParseString(string(data), ojson.Limits{})
	if err != nil {
		faults.fault("", err.Error())
		return Rule{}, faults
	}
	r := decodeRule(&n, "", &faults)
	if err := faults.err(); err != nil {
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

// MarshalJSON gives the rule's document, with the members in a fixed order and
// numbers, days and durations as they were written. The zero Rule gives {}:
// leave it out by omitzero. An operand that is no value, and nesting that no
// rule may have, are errors.
func (r Rule) MarshalJSON() ([]byte, error) { return r.appendJSON(nil, 0) }

// String gives the rule as compact JSON, the form in which a rule reads
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

// text gives the member of a rule that is written as a string.
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
	var faults ErrorList
	d := ruleDecoder{faults: &faults}
	parsed := d.operand(&n, "")
	if err := faults.err(); err != nil {
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

// decodeRule reads a rule from a node at path. Every fault is added to
// faults; what is returned then is only a part of the rule.
func decodeRule(n *ojson.Node, path string, faults *ErrorList) Rule {
	d := ruleDecoder{faults: faults}
	return d.rule(n, path, 0)
}

// A ruleDecoder reads one rule, and stops at the limits.
type ruleDecoder struct {
	faults *ErrorList
	size   ruleSize
}

// ruleSize counts the conditions and groups of a rule.
type ruleSize struct {
	conditions, groups       int  // written
	expanded, expandedGroups int  // in place of segments
	full                     bool // the limit was passed, and said so
}

// take counts one more, and reports whether it is within the limits; that it
// is not is a fault once.
func (s *ruleSize) take(group bool, path string, limit int, faults *ErrorList) bool {
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
		faults.fault(path, "the rule has more than "+strconv.Itoa(limit)+" conditions or groups")
		return false
	}
	return true
}

func (d *ruleDecoder) rule(n *ojson.Node, path string, depth int) (r Rule) {
	if n.Kind != ojson.Object {
		d.faults.fault(path, "a rule must be an object, is "+n.Kind.String())
		return r
	}
	if depth > MaxRuleDepth {
		d.faults.fault(path, "the rule nests deeper than "+strconv.Itoa(MaxRuleDepth)+" levels")
		return r
	}
	before := len(*d.faults)
	var m memberSet
	for i := range n.Members {
		member := &n.Members[i]
		at := joinPath(path, member.Name)
		bit := memberOf(member.Name)
		switch {
		case bit == 0:
			d.faults.fault(at, unknownField(member.Name, ruleMembers[:]))
			continue
		case m&bit != 0:
			d.faults.fault(at, "given twice")
			continue
		}
		m |= bit
	}
	if !d.size.take(m&hasGroup != 0, path, MaxRuleConditions, d.faults) {
		return r
	}
	sound := len(*d.faults) == before
	seen := memberSet(0)
	for i := range n.Members {
		bit := memberOf(n.Members[i].Name)
		if bit == 0 || seen&bit != 0 {
			continue
		}
		seen |= bit
		if !d.member(&r, bit, &n.Members[i].Value, joinPath(path, n.Members[i].Name), depth) {
			sound = false
		}
	}
	if sound {
		c := ruleCheck{faults: d.faults}
		c.shape(&r, m, path)
	}
	return r
}

func memberOf(name string) memberSet {
	for i, known := range ruleMembers {
		if name == known {
			return 1 << i
		}
	}
	return 0
}

// member reads one member into r and reports whether it has the right type.
// Faults inside a nested rule are that rule's own.
func (d *ruleDecoder) member(r *Rule, bit memberSet, n *ojson.Node, path string, depth int) bool {
	before := len(*d.faults)
	switch bit {
	case hasAll, hasAny:
		if n.Kind != ojson.Array {
			d.faults.fault(path, "must be an array of rules, is "+n.Kind.String())
			return false
		}
		list := make([]Rule, len(n.Items))
		for i := range n.Items {
			if d.size.full {
				break
			}
			list[i] = d.rule(&n.Items[i], path+"["+strconv.Itoa(i)+"]", depth+1)
		}
		if bit == hasAll {
			r.All = list
		} else {
			r.Any = list
		}
	case hasNot, hasWhere:
		nested := d.rule(n, path, depth+1)
		if bit == hasNot {
			r.Not = &nested
		} else {
			r.Where = &nested
		}
	case hasValue:
		r.Value = d.operand(n, path)
		return len(*d.faults) == before
	default:
		if n.Kind != ojson.String {
			d.faults.fault(path, "must be a string, is "+n.Kind.String())
			return false
		}
		return d.text(r, bit, n.Text, path)
	}
	return true
}

// text takes a member that is written as a string.
func (d *ruleDecoder) text(r *Rule, bit memberSet, s, path string) bool {
	switch bit {
	case hasUser:
		r.User = s
	case hasCompany:
		r.Company = s
	case hasEvent:
		r.Event = s
	case hasMetadata:
		r.Metadata = s
	case hasPage:
		r.Page = s
	case hasMessage:
		r.Message = s
	case hasSegment:
		r.Segment = s
	case hasStat:
		r.Stat = Stat(s)
	case hasOp:
		r.Op = Op(s)
	case hasWithin:
		within, problem := parseDuration(s)
		if problem != "" {
			d.faults.fault(path, problem)
			return false
		}
		r.Within = within
	}
	return true
}

// operand reads a value. What its operator makes of it is judged later.
func (d *ruleDecoder) operand(n *ojson.Node, path string) Operand {
	switch n.Kind {
	case ojson.String:
		return textOperand(n.Text)
	case ojson.Number:
		return numberOperand(n.Text)
	case ojson.Bool:
		return Operand{kind: operandBool, text: strconv.FormatBool(n.Bool)}
	case ojson.Array:
		if len(n.Items) > MaxRuleList {
			d.faults.fault(path, "the list has more than "+strconv.Itoa(MaxRuleList)+" elements")
			return Operand{}
		}
		list := make([]Operand, len(n.Items))
		for i := range n.Items {
			at := path + "[" + strconv.Itoa(i) + "]"
			if n.Items[i].Kind == ojson.Array {
				d.faults.fault(at, "a list inside a list is not a value")
				continue
			}
			list[i] = d.operand(&n.Items[i], at)
		}
		return Operand{kind: operandList, list: list}
	case ojson.Object:
		return d.money(n, path)
	}
	d.faults.fault(path, "must be a value, is "+n.Kind.String())
	return Operand{}
}

// money reads {"amount", "currency"}, the one object that is a value.
func (d *ruleDecoder) money(n *ojson.Node, path string) Operand {
	amount, currency := n.Get("amount"), n.Get("currency")
	if len(n.Members) != 2 || amount == nil || currency == nil ||
		amount.Kind != ojson.Number || currency.Kind != ojson.String {
		d.faults.fault(path, `the only object that is a value is money: {"amount": minor units, "currency": "eur"}`)
		return Operand{}
	}
	return Operand{kind: operandMoney, num: amount.Text, text: currency.Text}
}

// ruleTextFault says what is wrong with a name or text of a rule; empty if nothing.
func ruleTextFault(s string) string {
	switch {
	case !utf8.ValidString(s):
		return "is not valid UTF-8"
	case utf8.RuneCountInString(s) > MaxRuleText:
		return "has more than " + strconv.Itoa(MaxRuleText) + " characters"
	}
	return ""
}
