package rule

import "errors"

var errTooDeep = errors.New("the rule nests too deep")

// MarshalJSON returns the rule's document, with the members in a fixed order and
// numbers, days and durations as they were written.
func (r Rule) MarshalJSON() ([]byte, error) { return r.appendJSON(nil, 0) }

// String returns the rule as compact JSON; what cannot be written is a word in
// parentheses.
func (r Rule) String() string {
	b, err := r.appendJSON(nil, 0)
	if err != nil {
		return "(" + err.Error() + ")"
	}
	return string(b)
}

func (r *Rule) appendJSON(b []byte, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return nil, errTooDeep // a Rule made in Go can even contain itself
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
	for i, member := range Members {
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
			b, err = r.Value.AppendJSON(b)
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
