package beckon

// Metadata is a key of an event's metadata as the subject of a condition. It
// stands only where an event is looked at: in [Trigger.Where] and [Did.Where].
// The key is found whatever the case of its letters (M2), and one that the
// event does not carry is unknown (T4).
//
//	On("upload-complete").Where(Metadata("duration").GreaterThan(2))
type Metadata string

// Is gives the condition that the value is exactly v: a text, a number, a
// boolean or money.
func (key Metadata) Is(v any) Rule {
	return Rule{Metadata: string(key)}.with(OpIs, OperandOf(v))
}

// IsNot gives the condition that the value is not v, or is unknown.
func (key Metadata) IsNot(v any) Rule {
	return Rule{Metadata: string(key)}.with(OpIsNot, OperandOf(v))
}

// In gives the condition that the value is one of the values.
func (key Metadata) In(values ...any) Rule {
	return Rule{Metadata: string(key)}.with(OpIn, listOperand(values))
}

// NotIn gives the condition that the value is none of the values, or is
// unknown.
func (key Metadata) NotIn(values ...any) Rule {
	return Rule{Metadata: string(key)}.with(OpNotIn, listOperand(values))
}

// Contains gives the condition that the value contains the text, ignoring
// case.
func (key Metadata) Contains(text string) Rule {
	return Rule{Metadata: string(key)}.with(OpContains, OperandOf(text))
}

// DoesNotContain gives the condition that the value does not contain the text,
// ignoring case, or is unknown.
func (key Metadata) DoesNotContain(text string) Rule {
	return Rule{Metadata: string(key)}.with(OpDoesNotContain, OperandOf(text))
}

// ContainsWord gives the condition that the value contains the word, ignoring
// case: not as a part of a longer one.
func (key Metadata) ContainsWord(word string) Rule {
	return Rule{Metadata: string(key)}.with(OpContainsWord, OperandOf(word))
}

// StartsWith gives the condition that the value starts with the text, ignoring
// case.
func (key Metadata) StartsWith(text string) Rule {
	return Rule{Metadata: string(key)}.with(OpStartsWith, OperandOf(text))
}

// EndsWith gives the condition that the value ends with the text, ignoring
// case.
func (key Metadata) EndsWith(text string) Rule {
	return Rule{Metadata: string(key)}.with(OpEndsWith, OperandOf(text))
}

// GreaterThan gives the condition that the value is a number greater than n.
func (key Metadata) GreaterThan(n any) Rule {
	return Rule{Metadata: string(key)}.with(OpGreaterThan, OperandOf(n))
}

// LessThan gives the condition that the value is a number less than n.
func (key Metadata) LessThan(n any) Rule {
	return Rule{Metadata: string(key)}.with(OpLessThan, OperandOf(n))
}

// AtLeast gives the condition that the value is a number, n or greater.
func (key Metadata) AtLeast(n any) Rule {
	return Rule{Metadata: string(key)}.with(OpAtLeast, OperandOf(n))
}

// AtMost gives the condition that the value is a number, n or less.
func (key Metadata) AtMost(n any) Rule {
	return Rule{Metadata: string(key)}.with(OpAtMost, OperandOf(n))
}

// Between gives the condition that the value is a number, low, high or between
// them.
func (key Metadata) Between(low, high any) Rule {
	return Rule{Metadata: string(key)}.with(OpBetween, listOperand([]any{low, high}))
}

// MoreThanAgo gives the condition that the value is a date more than d in the
// past (A6).
func (key Metadata) MoreThanAgo(d Duration) Rule {
	return Rule{Metadata: string(key)}.with(OpMoreThanAgo, OperandOf(d))
}

// LessThanAgo gives the condition that the value is a date less than d in the
// past, and not in the future (A6).
func (key Metadata) LessThanAgo(d Duration) Rule {
	return Rule{Metadata: string(key)}.with(OpLessThanAgo, OperandOf(d))
}

// ExactlyAgo gives the condition that the value is a date on the calendar day
// that many days ago; d is in whole days (A6).
func (key Metadata) ExactlyAgo(d Duration) Rule {
	return Rule{Metadata: string(key)}.with(OpExactlyAgo, OperandOf(d))
}

// After gives the condition that the value is a date after a day
// ("2026-01-02") or an instant (a [time.Time]).
func (key Metadata) After(when any) Rule {
	return Rule{Metadata: string(key)}.with(OpAfter, OperandOf(when))
}

// On gives the condition that the value is a date on the day ("2026-01-02") in
// the workspace's zone.
func (key Metadata) On(day string) Rule {
	return Rule{Metadata: string(key)}.with(OpOn, OperandOf(day))
}

// Before gives the condition that the value is a date before a day
// ("2026-01-02") or an instant (a [time.Time]).
func (key Metadata) Before(when any) Rule {
	return Rule{Metadata: string(key)}.with(OpBefore, OperandOf(when))
}

// ContainsAny gives the condition that the value is a list that has at least
// one of the texts.
func (key Metadata) ContainsAny(texts ...any) Rule {
	return Rule{Metadata: string(key)}.with(OpContainsAny, listOperand(texts))
}

// ContainsAll gives the condition that the value is a list that has all of the
// texts.
func (key Metadata) ContainsAll(texts ...any) Rule {
	return Rule{Metadata: string(key)}.with(OpContainsAll, listOperand(texts))
}

// ContainsNone gives the condition that the value is a list that has none of
// the texts, or is unknown.
func (key Metadata) ContainsNone(texts ...any) Rule {
	return Rule{Metadata: string(key)}.with(OpContainsNone, listOperand(texts))
}

// IsUnknown gives the condition that the value is unknown.
func (key Metadata) IsUnknown() Rule {
	return Rule{Metadata: string(key)}.with(OpIsUnknown, Operand{})
}

// HasAnyValue gives the condition that the value is known; the empty text is.
func (key Metadata) HasAnyValue() Rule {
	return Rule{Metadata: string(key)}.with(OpHasAnyValue, Operand{})
}
