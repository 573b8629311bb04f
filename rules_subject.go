package beckon

// A Subject is what a condition is about: an attribute of the contact ([User]) or of
// a company ([Company]), or a key of an event's metadata ([Metadata]). Its methods
// make the condition:
//
//	User("plan").In("pro", "team")
//	Company("employees").AtLeast(50)
//	On("upload-complete").Where(Metadata("duration").GreaterThan(2))
//
// A method takes any value. One that its operator cannot take is a fault when the
// rule is published. An amount of money is compared in units of its currency: 20 is
// 20.00.
type Subject struct {
	rule Rule // without an operator
}

// User is the subject of conditions about an attribute of the contact.
func User(name string) Subject { return Subject{Rule{User: name}} }

// Company is the subject of conditions about an attribute of a company. It is that of
// the company which the event or the pair is about, and unknown without one. (D2)
func Company(name string) Subject { return Subject{Rule{Company: name}} }

// Metadata is the subject of conditions about a key of an event's metadata. It
// stands only where an event is looked at: in [Trigger.Where] and [Did.Where]. The
// key is found whatever the case of its letters, and one that the event does not
// carry is unknown. (M2, T4)
func Metadata(key string) Subject { return Subject{Rule{Metadata: key}} }

// Is returns the condition that the value is exactly v: a text, a number, a
// boolean or money.
func (s Subject) Is(v any) Rule {
	return s.rule.with(OpIs, OperandOf(v))
}

// IsNot returns the condition that the value is not v, or is unknown.
func (s Subject) IsNot(v any) Rule {
	return s.rule.with(OpIsNot, OperandOf(v))
}

// In returns the condition that the value is one of the values.
func (s Subject) In(values ...any) Rule {
	return s.rule.with(OpIn, operandOfList(values))
}

// NotIn returns the condition that the value is none of the values, or is
// unknown.
func (s Subject) NotIn(values ...any) Rule {
	return s.rule.with(OpNotIn, operandOfList(values))
}

// Contains returns the condition that the value contains the text, ignoring
// case.
func (s Subject) Contains(text string) Rule {
	return s.rule.with(OpContains, OperandOf(text))
}

// DoesNotContain returns the condition that the value does not contain the text,
// ignoring case, or is unknown.
func (s Subject) DoesNotContain(text string) Rule {
	return s.rule.with(OpDoesNotContain, OperandOf(text))
}

// ContainsWord returns the condition that the value contains the word, ignoring
// case: not as a part of a longer one.
func (s Subject) ContainsWord(word string) Rule {
	return s.rule.with(OpContainsWord, OperandOf(word))
}

// StartsWith returns the condition that the value starts with the text, ignoring
// case.
func (s Subject) StartsWith(text string) Rule {
	return s.rule.with(OpStartsWith, OperandOf(text))
}

// EndsWith returns the condition that the value ends with the text, ignoring
// case.
func (s Subject) EndsWith(text string) Rule {
	return s.rule.with(OpEndsWith, OperandOf(text))
}

// GreaterThan returns the condition that the value is a number greater than n.
func (s Subject) GreaterThan(n any) Rule {
	return s.rule.with(OpGreaterThan, OperandOf(n))
}

// LessThan returns the condition that the value is a number less than n.
func (s Subject) LessThan(n any) Rule {
	return s.rule.with(OpLessThan, OperandOf(n))
}

// AtLeast returns the condition that the value is a number, n or greater.
func (s Subject) AtLeast(n any) Rule {
	return s.rule.with(OpAtLeast, OperandOf(n))
}

// AtMost returns the condition that the value is a number, n or less.
func (s Subject) AtMost(n any) Rule {
	return s.rule.with(OpAtMost, OperandOf(n))
}

// Between returns the condition that the value is a number, low, high or between
// them.
func (s Subject) Between(low, high any) Rule {
	return s.rule.with(OpBetween, operandOfList([]any{low, high}))
}

// MoreThanAgo returns the condition that the value is a date more than d in the
// past. (A6)
func (s Subject) MoreThanAgo(d Duration) Rule {
	return s.rule.with(OpMoreThanAgo, OperandOf(d))
}

// LessThanAgo returns the condition that the value is a date less than d in the
// past, and not in the future. (A6)
func (s Subject) LessThanAgo(d Duration) Rule {
	return s.rule.with(OpLessThanAgo, OperandOf(d))
}

// ExactlyAgo returns the condition that the value is a date on the calendar day
// that many days ago; d is in whole days. (A6)
func (s Subject) ExactlyAgo(d Duration) Rule {
	return s.rule.with(OpExactlyAgo, OperandOf(d))
}

// After returns the condition that the value is a date after a day
// ("2026-01-02") or an instant (a [time.Time]).
func (s Subject) After(when any) Rule {
	return s.rule.with(OpAfter, OperandOf(when))
}

// On returns the condition that the value is a date on the day ("2026-01-02") in
// the workspace's zone.
func (s Subject) On(day string) Rule {
	return s.rule.with(OpOn, OperandOf(day))
}

// Before returns the condition that the value is a date before a day
// ("2026-01-02") or an instant (a [time.Time]).
func (s Subject) Before(when any) Rule {
	return s.rule.with(OpBefore, OperandOf(when))
}

// ContainsAny returns the condition that the value is a list that has at least
// one of the texts.
func (s Subject) ContainsAny(texts ...any) Rule {
	return s.rule.with(OpContainsAny, operandOfList(texts))
}

// ContainsAll returns the condition that the value is a list that has all of the
// texts.
func (s Subject) ContainsAll(texts ...any) Rule {
	return s.rule.with(OpContainsAll, operandOfList(texts))
}

// ContainsNone returns the condition that the value is a list that has none of
// the texts, or is unknown.
func (s Subject) ContainsNone(texts ...any) Rule {
	return s.rule.with(OpContainsNone, operandOfList(texts))
}

// IsUnknown returns the condition that the value is unknown.
func (s Subject) IsUnknown() Rule {
	return s.rule.with(OpIsUnknown, Operand{})
}

// HasAnyValue returns the condition that the value is known; the empty text is.
func (s Subject) HasAnyValue() Rule {
	return s.rule.with(OpHasAnyValue, Operand{})
}
