package beckon

// User is the name of a contact's attribute as the subject of a condition:
//
//	User("plan").In("pro", "team")
//	User("age").AtLeast(18)
//
// What a method is given need not be right: a value that the operator cannot
// take is a fault when the rule is published.
type User string

// Is gives the condition that the attribute is exactly v: a text, a number, a
// boolean or money.
func (name User) Is(v any) Rule {
	return Rule{User: string(name)}.with(OpIs, OperandOf(v))
}

// IsNot gives the condition that the attribute is not v, or is unknown.
func (name User) IsNot(v any) Rule {
	return Rule{User: string(name)}.with(OpIsNot, OperandOf(v))
}

// In gives the condition that the attribute is one of the values.
func (name User) In(values ...any) Rule {
	return Rule{User: string(name)}.with(OpIn, listOperand(values))
}

// NotIn gives the condition that the attribute is none of the values, or is
// unknown.
func (name User) NotIn(values ...any) Rule {
	return Rule{User: string(name)}.with(OpNotIn, listOperand(values))
}

// Contains gives the condition that the attribute contains the text, ignoring
// case.
func (name User) Contains(text string) Rule {
	return Rule{User: string(name)}.with(OpContains, OperandOf(text))
}

// DoesNotContain gives the condition that the attribute does not contain the
// text, ignoring case, or is unknown.
func (name User) DoesNotContain(text string) Rule {
	return Rule{User: string(name)}.with(OpDoesNotContain, OperandOf(text))
}

// ContainsWord gives the condition that the attribute contains the word,
// ignoring case: not as a part of a longer one.
func (name User) ContainsWord(word string) Rule {
	return Rule{User: string(name)}.with(OpContainsWord, OperandOf(word))
}

// StartsWith gives the condition that the attribute starts with the text,
// ignoring case.
func (name User) StartsWith(text string) Rule {
	return Rule{User: string(name)}.with(OpStartsWith, OperandOf(text))
}

// EndsWith gives the condition that the attribute ends with the text, ignoring
// case.
func (name User) EndsWith(text string) Rule {
	return Rule{User: string(name)}.with(OpEndsWith, OperandOf(text))
}

// GreaterThan gives the condition that the attribute is a number greater than
// n.
func (name User) GreaterThan(n any) Rule {
	return Rule{User: string(name)}.with(OpGreaterThan, OperandOf(n))
}

// LessThan gives the condition that the attribute is a number less than n.
func (name User) LessThan(n any) Rule {
	return Rule{User: string(name)}.with(OpLessThan, OperandOf(n))
}

// AtLeast gives the condition that the attribute is a number, n or greater.
func (name User) AtLeast(n any) Rule {
	return Rule{User: string(name)}.with(OpAtLeast, OperandOf(n))
}

// AtMost gives the condition that the attribute is a number, n or less.
func (name User) AtMost(n any) Rule {
	return Rule{User: string(name)}.with(OpAtMost, OperandOf(n))
}

// Between gives the condition that the attribute is a number, low, high or
// between them.
func (name User) Between(low, high any) Rule {
	return Rule{User: string(name)}.with(OpBetween, listOperand([]any{low, high}))
}

// MoreThanAgo gives the condition that the attribute is a date more than d in
// the past (A6).
func (name User) MoreThanAgo(d Duration) Rule {
	return Rule{User: string(name)}.with(OpMoreThanAgo, OperandOf(d))
}

// LessThanAgo gives the condition that the attribute is a date less than d in
// the past, and not in the future (A6).
func (name User) LessThanAgo(d Duration) Rule {
	return Rule{User: string(name)}.with(OpLessThanAgo, OperandOf(d))
}

// ExactlyAgo gives the condition that the attribute is a date on the calendar
// day that many days ago; d is in whole days (A6).
func (name User) ExactlyAgo(d Duration) Rule {
	return Rule{User: string(name)}.with(OpExactlyAgo, OperandOf(d))
}

// After gives the condition that the attribute is a date after a day
// ("2026-01-02") or an instant (a [time.Time]).
func (name User) After(when any) Rule {
	return Rule{User: string(name)}.with(OpAfter, OperandOf(when))
}

// On gives the condition that the attribute is a date on the day
// ("2026-01-02") in the workspace's zone.
func (name User) On(day string) Rule {
	return Rule{User: string(name)}.with(OpOn, OperandOf(day))
}

// Before gives the condition that the attribute is a date before a day
// ("2026-01-02") or an instant (a [time.Time]).
func (name User) Before(when any) Rule {
	return Rule{User: string(name)}.with(OpBefore, OperandOf(when))
}

// ContainsAny gives the condition that the attribute is a list that has at
// least one of the texts.
func (name User) ContainsAny(texts ...any) Rule {
	return Rule{User: string(name)}.with(OpContainsAny, listOperand(texts))
}

// ContainsAll gives the condition that the attribute is a list that has all of
// the texts.
func (name User) ContainsAll(texts ...any) Rule {
	return Rule{User: string(name)}.with(OpContainsAll, listOperand(texts))
}

// ContainsNone gives the condition that the attribute is a list that has none
// of the texts, or is unknown.
func (name User) ContainsNone(texts ...any) Rule {
	return Rule{User: string(name)}.with(OpContainsNone, listOperand(texts))
}

// IsUnknown gives the condition that the attribute is unknown.
func (name User) IsUnknown() Rule {
	return Rule{User: string(name)}.with(OpIsUnknown, Operand{})
}

// HasAnyValue gives the condition that the attribute is known; the empty text
// is.
func (name User) HasAnyValue() Rule {
	return Rule{User: string(name)}.with(OpHasAnyValue, Operand{})
}
