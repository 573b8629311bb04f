package beckon

// Company is the name of a company's attribute as the subject of a condition.
// It is that of the company which the event or the pair is about (D2), and
// unknown without one.
//
//	Company("employees").AtLeast(50)
type Company string

// Is gives the condition that the attribute is exactly v: a text, a number, a
// boolean or money.
func (name Company) Is(v any) Rule {
	return Rule{Company: string(name)}.with(OpIs, OperandOf(v))
}

// IsNot gives the condition that the attribute is not v, or is unknown.
func (name Company) IsNot(v any) Rule {
	return Rule{Company: string(name)}.with(OpIsNot, OperandOf(v))
}

// In gives the condition that the attribute is one of the values.
func (name Company) In(values ...any) Rule {
	return Rule{Company: string(name)}.with(OpIn, listOperand(values))
}

// NotIn gives the condition that the attribute is none of the values, or is
// unknown.
func (name Company) NotIn(values ...any) Rule {
	return Rule{Company: string(name)}.with(OpNotIn, listOperand(values))
}

// Contains gives the condition that the attribute contains the text, ignoring
// case.
func (name Company) Contains(text string) Rule {
	return Rule{Company: string(name)}.with(OpContains, OperandOf(text))
}

// DoesNotContain gives the condition that the attribute does not contain the
// text, ignoring case, or is unknown.
func (name Company) DoesNotContain(text string) Rule {
	return Rule{Company: string(name)}.with(OpDoesNotContain, OperandOf(text))
}

// ContainsWord gives the condition that the attribute contains the word,
// ignoring case: not as a part of a longer one.
func (name Company) ContainsWord(word string) Rule {
	return Rule{Company: string(name)}.with(OpContainsWord, OperandOf(word))
}

// StartsWith gives the condition that the attribute starts with the text,
// ignoring case.
func (name Company) StartsWith(text string) Rule {
	return Rule{Company: string(name)}.with(OpStartsWith, OperandOf(text))
}

// EndsWith gives the condition that the attribute ends with the text, ignoring
// case.
func (name Company) EndsWith(text string) Rule {
	return Rule{Company: string(name)}.with(OpEndsWith, OperandOf(text))
}

// GreaterThan gives the condition that the attribute is a number greater than
// n.
func (name Company) GreaterThan(n any) Rule {
	return Rule{Company: string(name)}.with(OpGreaterThan, OperandOf(n))
}

// LessThan gives the condition that the attribute is a number less than n.
func (name Company) LessThan(n any) Rule {
	return Rule{Company: string(name)}.with(OpLessThan, OperandOf(n))
}

// AtLeast gives the condition that the attribute is a number, n or greater.
func (name Company) AtLeast(n any) Rule {
	return Rule{Company: string(name)}.with(OpAtLeast, OperandOf(n))
}

// AtMost gives the condition that the attribute is a number, n or less.
func (name Company) AtMost(n any) Rule {
	return Rule{Company: string(name)}.with(OpAtMost, OperandOf(n))
}

// Between gives the condition that the attribute is a number, low, high or
// between them.
func (name Company) Between(low, high any) Rule {
	return Rule{Company: string(name)}.with(OpBetween, listOperand([]any{low, high}))
}

// MoreThanAgo gives the condition that the attribute is a date more than d in
// the past (A6).
func (name Company) MoreThanAgo(d Duration) Rule {
	return Rule{Company: string(name)}.with(OpMoreThanAgo, OperandOf(d))
}

// LessThanAgo gives the condition that the attribute is a date less than d in
// the past, and not in the future (A6).
func (name Company) LessThanAgo(d Duration) Rule {
	return Rule{Company: string(name)}.with(OpLessThanAgo, OperandOf(d))
}

// ExactlyAgo gives the condition that the attribute is a date on the calendar
// day that many days ago; d is in whole days (A6).
func (name Company) ExactlyAgo(d Duration) Rule {
	return Rule{Company: string(name)}.with(OpExactlyAgo, OperandOf(d))
}

// After gives the condition that the attribute is a date after a day
// ("2026-01-02") or an instant (a [time.Time]).
func (name Company) After(when any) Rule {
	return Rule{Company: string(name)}.with(OpAfter, OperandOf(when))
}

// On gives the condition that the attribute is a date on the day
// ("2026-01-02") in the workspace's zone.
func (name Company) On(day string) Rule {
	return Rule{Company: string(name)}.with(OpOn, OperandOf(day))
}

// Before gives the condition that the attribute is a date before a day
// ("2026-01-02") or an instant (a [time.Time]).
func (name Company) Before(when any) Rule {
	return Rule{Company: string(name)}.with(OpBefore, OperandOf(when))
}

// ContainsAny gives the condition that the attribute is a list that has at
// least one of the texts.
func (name Company) ContainsAny(texts ...any) Rule {
	return Rule{Company: string(name)}.with(OpContainsAny, listOperand(texts))
}

// ContainsAll gives the condition that the attribute is a list that has all of
// the texts.
func (name Company) ContainsAll(texts ...any) Rule {
	return Rule{Company: string(name)}.with(OpContainsAll, listOperand(texts))
}

// ContainsNone gives the condition that the attribute is a list that has none
// of the texts, or is unknown.
func (name Company) ContainsNone(texts ...any) Rule {
	return Rule{Company: string(name)}.with(OpContainsNone, listOperand(texts))
}

// IsUnknown gives the condition that the attribute is unknown.
func (name Company) IsUnknown() Rule {
	return Rule{Company: string(name)}.with(OpIsUnknown, Operand{})
}

// HasAnyValue gives the condition that the attribute is known; the empty text
// is.
func (name Company) HasAnyValue() Rule {
	return Rule{Company: string(name)}.with(OpHasAnyValue, Operand{})
}
