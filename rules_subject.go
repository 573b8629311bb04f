package beckon

// A Subject is what a condition is about: an attribute of the contact ([User]) or of a company
// ([Company]), a key of an event's metadata ([Metadata]), the page ([PageURL], [PageSeconds]),
// or a count, a total or a time of what was done or sent ([Did], [WasSent]). Its methods make
// the condition. An operator that does not suit, and a value that it cannot take, are faults
// on publish. Money counts in major units: 20 is 20.00. In the place of a value may stand
// another Subject that is a field, for what it holds. (A11)
//
//	User("plan").In("pro", "team")
//	User("gb_used").GreaterThan(User("gb_plan"))
//	On("upload-complete").Where(Metadata("duration").GreaterThan(2))
type Subject struct {
	rule Rule // without an operator
}

// User is the subject of conditions about an attribute of the contact.
func User(name string) Subject { return Subject{Rule{User: name}} }

// Company is the subject of conditions about an attribute of the company that
// the event or the pair is about. Without one it is unknown. (D2)
func Company(name string) Subject { return Subject{Rule{Company: name}} }

// Metadata is the subject of conditions about a key of an event's metadata, in
// any case of its letters. It stands only in [Trigger.Where] and [Counted.Where]. A
// key that the event does not carry is unknown. (M2, T4)
func Metadata(key string) Subject { return Subject{Rule{Metadata: key}} }

// PageURL is the URL of the page that the contact is on, a text in which case
// counts. It is unknown outside events and visits. (T3)
func PageURL() Subject { return Subject{Rule{Page: "url"}} }

// PageSeconds is how many seconds the contact has been on the page, a number. It is
// unknown outside events and visits. (T3)
func PageSeconds() Subject { return Subject{Rule{Page: "seconds"}} }

// Is returns the condition that it is v: a text, number, boolean or money.
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

// NotIn returns the condition that it is none of the values, or is unknown.
func (s Subject) NotIn(values ...any) Rule {
	return s.rule.with(OpNotIn, operandOfList(values))
}

// Contains returns the condition that it contains the text, in any case.
func (s Subject) Contains(text any) Rule {
	return s.rule.with(OpContains, OperandOf(text))
}

// DoesNotContain returns the opposite of Contains: an unknown value matches.
func (s Subject) DoesNotContain(text any) Rule {
	return s.rule.with(OpDoesNotContain, OperandOf(text))
}

// ContainsWord returns the condition that it has the whole word, in any case.
func (s Subject) ContainsWord(word any) Rule {
	return s.rule.with(OpContainsWord, OperandOf(word))
}

// StartsWith returns the condition that it starts with the text, in any case.
func (s Subject) StartsWith(text any) Rule {
	return s.rule.with(OpStartsWith, OperandOf(text))
}

// EndsWith returns the condition that it ends with the text, in any case.
func (s Subject) EndsWith(text any) Rule {
	return s.rule.with(OpEndsWith, OperandOf(text))
}

// Matches returns the condition that the whole text fits the pattern, in any case: a star is
// any run of characters or none, all else itself. (A12)
func (s Subject) Matches(pattern any) Rule {
	return s.rule.with(OpMatches, OperandOf(pattern))
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

// Between returns the condition that it is from low to high, both included.
func (s Subject) Between(low, high any) Rule {
	return s.rule.with(OpBetween, operandOfList([]any{low, high}))
}

// MoreThanAgo returns the condition that it is a date more than d ago. (A6)
func (s Subject) MoreThanAgo(d Duration) Rule {
	return s.rule.with(OpMoreThanAgo, OperandOf(d))
}

// LessThanAgo returns the condition that it is a past date, under d ago. (A6)
func (s Subject) LessThanAgo(d Duration) Rule {
	return s.rule.with(OpLessThanAgo, OperandOf(d))
}

// ExactlyAgo returns the condition that it was d ago, in whole days. (A6)
func (s Subject) ExactlyAgo(d Duration) Rule {
	return s.rule.with(OpExactlyAgo, OperandOf(d))
}

// MoreThanAhead returns the condition that it is a date over d from now. (A10)
func (s Subject) MoreThanAhead(d Duration) Rule {
	return s.rule.with(OpMoreThanAhead, OperandOf(d))
}

// LessThanAhead returns the condition that it is from now to under d ahead. (A10)
func (s Subject) LessThanAhead(d Duration) Rule {
	return s.rule.with(OpLessThanAhead, OperandOf(d))
}

// ExactlyAhead returns the condition that it is in d, in whole days. (A10)
func (s Subject) ExactlyAhead(d Duration) Rule {
	return s.rule.with(OpExactlyAhead, OperandOf(d))
}

// After returns the condition that it is after a day or a time.Time.
func (s Subject) After(when any) Rule {
	return s.rule.with(OpAfter, OperandOf(when))
}

// On returns the condition that it is on the day, in the workspace's zone.
func (s Subject) On(day any) Rule {
	return s.rule.with(OpOn, OperandOf(day))
}

// Before returns the condition that it is before a day or a time.Time.
func (s Subject) Before(when any) Rule {
	return s.rule.with(OpBefore, OperandOf(when))
}

// ContainsAny returns the condition that the list has at least one of them.
func (s Subject) ContainsAny(texts ...any) Rule {
	return s.rule.with(OpContainsAny, operandOfList(texts))
}

// ContainsAll returns the condition that the list has all of the texts.
func (s Subject) ContainsAll(texts ...any) Rule {
	return s.rule.with(OpContainsAll, operandOfList(texts))
}

// ContainsNone returns the condition that the list has none, or is unknown.
func (s Subject) ContainsNone(texts ...any) Rule {
	return s.rule.with(OpContainsNone, operandOfList(texts))
}

// IsUnknown returns the condition that the value is unknown.
func (s Subject) IsUnknown() Rule {
	return s.rule.with(OpIsUnknown, Operand{})
}

// HasAnyValue returns the condition that it is known; the empty text is.
func (s Subject) HasAnyValue() Rule {
	return s.rule.with(OpHasAnyValue, Operand{})
}

// Did is how often a contact's event happened, and when first and last. (E4)
func Did(event string) Counted { return Counted{Subject{Rule{Event: event, Stat: StatCount}}} }

// WasSent is a message id as the subject of a condition: how often it was sent to the contact
// and when last. First, Where and Within of it are faults. (A7)
func WasSent(message string) Counted {
	return Counted{Subject{Rule{Message: message, Stat: StatSentCount}}}
}

// A Counted is a count as a [Subject], made by [Did] or [WasSent]. Without any it is 0,
// and First and Last are unknown. A count takes the operators of numbers.
type Counted struct{ Subject }

// Within counts only the window (now − d, now]. Not for First and Last. (A7)
func (c Counted) Within(d Duration) Counted {
	if d.IsZero() {
		d = Seconds(0) // else a mistake would look like no window at all
	}
	c.rule.Within = d
	return c
}

// SinceEntry counts what happened since the contact entered the series, as far as events are
// kept: in a block or the exit, else a fault. (A15)
func (c Counted) SinceEntry() Counted {
	c.rule.Since = "entry"
	return c
}

// Where counts only the events whose metadata satisfies the rule. (A7)
func (c Counted) Where(rule Rule) Counted {
	c.rule.Where = &rule
	return c
}

// Sum is the sum of the numbers under a metadata key of the events. Compared with money, it is
// that of all money in its currency; else money counts in major units. Say Within and Where
// before it. It is 0 of no value. (A13)
func (c Counted) Sum(key string) Subject { return c.of(StatSum, key) }

// Min is the least of what [Counted.Sum] adds up; of nothing, unknown.
func (c Counted) Min(key string) Subject { return c.of(StatMin, key) }

// Max is the greatest of what [Counted.Sum] adds up; of nothing, unknown.
func (c Counted) Max(key string) Subject { return c.of(StatMax, key) }

// Average is the average of what [Counted.Sum] adds up; of nothing, unknown.
func (c Counted) Average(key string) Subject { return c.of(StatAverage, key) }

func (c Counted) of(stat Stat, key string) Subject {
	c.rule.Stat, c.rule.Of = stat, key
	return c.Subject
}

// Distinct counts the different values that the events have under a metadata key, without a
// window up to [MaxDistinct]. 1 is 1.0, and not "1". (A13)
func (c Counted) Distinct(key string) Counted {
	c.rule.Stat, c.rule.Of = StatDistinct, key
	return c
}

// First is the time of the first of the events counted.
func (c Counted) First() Subject {
	c.rule.Stat = StatFirst
	return c.Subject
}

// Last is the time of the last of what is counted.
func (c Counted) Last() Subject {
	c.rule.Stat = StatLast
	if c.rule.Message != "" {
		c.rule.Stat = StatLastSent
	}
	return c.Subject
}
