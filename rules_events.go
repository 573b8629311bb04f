package beckon

// Did is an event name as the subject of a condition: how often the contact did
// it, and when first and last. (E4)
//
//	Did("uploaded-video").Within(Days(7)).AtLeast(3)
//	Did("invited-teammate").Last().LessThanAgo(Days(7))
type Did string

// Within counts only the sliding window (now − d, now]. (A7)
func (event Did) Within(d Duration) Counted { return event.count().Within(d) }

// Where counts only the events whose metadata satisfies the rule. (A7)
func (event Did) Where(rule Rule) Counted { return event.count().Where(rule) }

// First is the time of the first occurrence; unknown if there is none.
func (event Did) First() Moment { return event.count().First() }

// Last is the time of the last occurrence; unknown if there is none.
func (event Did) Last() Moment { return event.count().Last() }

// Times is the number of occurrences; 0 if there is none.
func (event Did) Times() Counted { return event.count() }

// Is returns the condition that the count is exactly n.
func (event Did) Is(n int) Rule { return event.count().Is(n) }

// IsNot returns the condition that the count is another than n.
func (event Did) IsNot(n int) Rule { return event.count().IsNot(n) }

// GreaterThan returns the condition that the count is more than n.
func (event Did) GreaterThan(n int) Rule { return event.count().GreaterThan(n) }

// LessThan returns the condition that the count is less than n.
func (event Did) LessThan(n int) Rule { return event.count().LessThan(n) }

// AtLeast returns the condition that the count is n or more.
func (event Did) AtLeast(n int) Rule { return event.count().AtLeast(n) }

// AtMost returns the condition that the count is n or less.
func (event Did) AtMost(n int) Rule { return event.count().AtMost(n) }

// Between returns the condition that the count is low, high or between them.
func (event Did) Between(low, high int) Rule { return event.count().Between(low, high) }

func (event Did) count() Counted {
	return Counted{subject: Rule{Event: string(event), Stat: StatCount}}
}

// WasSent is a message id as the subject of a condition: how often it was sent
// to the contact and when last, over all companies. (A7)
//
//	WasSent("welcome").Last().MoreThanAgo(Days(30))
type WasSent string

// Last is the time of the last send; unknown if there is none.
func (message WasSent) Last() Moment {
	return Moment{subject: Rule{Message: string(message), Stat: StatLastSent}}
}

// Times is the number of sends; 0 if there is none.
func (message WasSent) Times() Counted {
	return Counted{subject: Rule{Message: string(message), Stat: StatSentCount}}
}

// Is returns the condition that the count is exactly n.
func (message WasSent) Is(n int) Rule { return message.Times().Is(n) }

// IsNot returns the condition that the count is another than n.
func (message WasSent) IsNot(n int) Rule { return message.Times().IsNot(n) }

// GreaterThan returns the condition that the count is more than n.
func (message WasSent) GreaterThan(n int) Rule { return message.Times().GreaterThan(n) }

// LessThan returns the condition that the count is less than n.
func (message WasSent) LessThan(n int) Rule { return message.Times().LessThan(n) }

// AtLeast returns the condition that the count is n or more.
func (message WasSent) AtLeast(n int) Rule { return message.Times().AtLeast(n) }

// AtMost returns the condition that the count is n or less.
func (message WasSent) AtMost(n int) Rule { return message.Times().AtMost(n) }

// Between returns the condition that the count is low, high or between them.
func (message WasSent) Between(low, high int) Rule { return message.Times().Between(low, high) }

// A Counted is a count as the subject of a condition; see [Did] and [WasSent].
type Counted struct{ subject Rule }

// Within counts only the sliding window (now − d, now] of events. It is not for
// First, Last and what was sent. (A7)
func (c Counted) Within(d Duration) Counted {
	if d.IsZero() {
		d = Seconds(0) // else a mistake would look like no window at all
	}
	c.subject.Within = d
	return c
}

// Where counts only the events whose metadata satisfies the rule. (A7)
func (c Counted) Where(rule Rule) Counted {
	c.subject.Where = &rule
	return c
}

// First is the time of the first of the events counted; unknown if none is.
func (c Counted) First() Moment { return c.moment(StatFirst) }

// Last is the time of the last of the events counted; unknown if none is.
func (c Counted) Last() Moment { return c.moment(StatLast) }

func (c Counted) moment(stat Stat) Moment {
	c.subject.Stat = stat
	if c.subject.Message != "" {
		c.subject.Stat = StatLastSent
	}
	return Moment(c)
}

// Is returns the condition that the count is exactly n.
func (c Counted) Is(n int) Rule { return c.subject.with(OpIs, OperandOf(n)) }

// IsNot returns the condition that the count is another than n.
func (c Counted) IsNot(n int) Rule { return c.subject.with(OpIsNot, OperandOf(n)) }

// GreaterThan returns the condition that the count is more than n.
func (c Counted) GreaterThan(n int) Rule { return c.subject.with(OpGreaterThan, OperandOf(n)) }

// LessThan returns the condition that the count is less than n.
func (c Counted) LessThan(n int) Rule { return c.subject.with(OpLessThan, OperandOf(n)) }

// AtLeast returns the condition that the count is n or more.
func (c Counted) AtLeast(n int) Rule { return c.subject.with(OpAtLeast, OperandOf(n)) }

// AtMost returns the condition that the count is n or less.
func (c Counted) AtMost(n int) Rule { return c.subject.with(OpAtMost, OperandOf(n)) }

// Between returns the condition that the count is low, high or between them.
func (c Counted) Between(low, high int) Rule {
	return c.subject.with(OpBetween, OperandOf([]int{low, high}))
}

// A Moment is a time as the subject of a condition, or unknown.
type Moment struct{ subject Rule }

// MoreThanAgo returns the condition that it was more than d ago. (A6)
func (m Moment) MoreThanAgo(d Duration) Rule { return m.subject.with(OpMoreThanAgo, OperandOf(d)) }

// LessThanAgo returns the condition that it is past and less than d ago. (A6)
func (m Moment) LessThanAgo(d Duration) Rule { return m.subject.with(OpLessThanAgo, OperandOf(d)) }

// ExactlyAgo returns the condition that it was d ago, in whole days. (A6)
func (m Moment) ExactlyAgo(d Duration) Rule { return m.subject.with(OpExactlyAgo, OperandOf(d)) }

// After returns the condition that it is after a day or a time.Time.
func (m Moment) After(when any) Rule { return m.subject.with(OpAfter, OperandOf(when)) }

// On returns the condition that it lies on the day, in the workspace's zone.
func (m Moment) On(day string) Rule { return m.subject.with(OpOn, OperandOf(day)) }

// Before returns the condition that it is before a day or a time.Time.
func (m Moment) Before(when any) Rule { return m.subject.with(OpBefore, OperandOf(when)) }

// IsUnknown returns the condition that it has not happened.
func (m Moment) IsUnknown() Rule { return m.subject.with(OpIsUnknown, Operand{}) }

// HasAnyValue returns the condition that it has happened.
func (m Moment) HasAnyValue() Rule { return m.subject.with(OpHasAnyValue, Operand{}) }
