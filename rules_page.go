package beckon

// PageURL is the URL of the page that the contact is on, as the subject of a
// condition. It is unknown outside events and visits. (T3)
func PageURL() PageText { return PageText{} }

// PageSeconds is how many seconds the contact has been on the page, as the
// subject of a condition. It is unknown outside events and visits. (T3)
func PageSeconds() PageNumber { return PageNumber{} }

// A PageText is the page's URL as the subject of a condition.
type PageText struct{}

// Is returns the condition that the URL is exactly url; case counts.
func (PageText) Is(url string) Rule {
	return Rule{Page: "url"}.with(OpIs, OperandOf(url))
}

// IsNot returns the condition that the URL is not url, or is unknown.
func (PageText) IsNot(url string) Rule {
	return Rule{Page: "url"}.with(OpIsNot, OperandOf(url))
}

// In returns the condition that the URL is one of the values.
func (PageText) In(values ...any) Rule {
	return Rule{Page: "url"}.with(OpIn, operandOfList(values))
}

// NotIn returns the condition that it is none of the values, or is unknown.
func (PageText) NotIn(values ...any) Rule {
	return Rule{Page: "url"}.with(OpNotIn, operandOfList(values))
}

// Contains returns the condition that the URL contains the text, in any case.
func (PageText) Contains(text string) Rule {
	return Rule{Page: "url"}.with(OpContains, OperandOf(text))
}

// DoesNotContain returns the opposite of Contains: an unknown URL matches.
func (PageText) DoesNotContain(text string) Rule {
	return Rule{Page: "url"}.with(OpDoesNotContain, OperandOf(text))
}

// ContainsWord returns the condition that it has the whole word, in any case.
func (PageText) ContainsWord(word string) Rule {
	return Rule{Page: "url"}.with(OpContainsWord, OperandOf(word))
}

// StartsWith returns the condition that it starts with the text, in any case.
func (PageText) StartsWith(text string) Rule {
	return Rule{Page: "url"}.with(OpStartsWith, OperandOf(text))
}

// EndsWith returns the condition that it ends with the text, in any case.
func (PageText) EndsWith(text string) Rule {
	return Rule{Page: "url"}.with(OpEndsWith, OperandOf(text))
}

// IsUnknown returns the condition that the URL is unknown.
func (PageText) IsUnknown() Rule {
	return Rule{Page: "url"}.with(OpIsUnknown, Operand{})
}

// HasAnyValue returns the condition that the URL is known; the empty text is.
func (PageText) HasAnyValue() Rule {
	return Rule{Page: "url"}.with(OpHasAnyValue, Operand{})
}

// A PageNumber is the time on the page as the subject of a condition.
type PageNumber struct{}

// Is returns the condition that the seconds are exactly v.
func (PageNumber) Is(v any) Rule {
	return Rule{Page: "seconds"}.with(OpIs, OperandOf(v))
}

// IsNot returns the condition that the seconds are not v, or are unknown.
func (PageNumber) IsNot(v any) Rule {
	return Rule{Page: "seconds"}.with(OpIsNot, OperandOf(v))
}

// GreaterThan returns the condition that the seconds are more than n.
func (PageNumber) GreaterThan(n any) Rule {
	return Rule{Page: "seconds"}.with(OpGreaterThan, OperandOf(n))
}

// LessThan returns the condition that the seconds are less than n.
func (PageNumber) LessThan(n any) Rule {
	return Rule{Page: "seconds"}.with(OpLessThan, OperandOf(n))
}

// AtLeast returns the condition that the seconds are n or more.
func (PageNumber) AtLeast(n any) Rule {
	return Rule{Page: "seconds"}.with(OpAtLeast, OperandOf(n))
}

// AtMost returns the condition that the seconds are n or less.
func (PageNumber) AtMost(n any) Rule {
	return Rule{Page: "seconds"}.with(OpAtMost, OperandOf(n))
}

// Between returns the condition that they are from low to high, both included.
func (PageNumber) Between(low, high any) Rule {
	return Rule{Page: "seconds"}.with(OpBetween, operandOfList([]any{low, high}))
}

// IsUnknown returns the condition that the seconds are unknown.
func (PageNumber) IsUnknown() Rule {
	return Rule{Page: "seconds"}.with(OpIsUnknown, Operand{})
}

// HasAnyValue returns the condition that the seconds are known.
func (PageNumber) HasAnyValue() Rule {
	return Rule{Page: "seconds"}.with(OpHasAnyValue, Operand{})
}
