package beckon

// Did is an event name as the subject of a condition: how often the contact did
// it, and when first and last. (E4)
//
//	Did("uploaded-video").Within(Days(7)).AtLeast(3)
//	Did("invited-teammate").Last().LessThanAgo(Days(7))
func Did(event string) Counted { return Counted{subject: Rule{Event: event, Stat: StatCount}} }

// WasSent is a message id as the subject of a condition: how often it was sent to the
// contact and when last. First, Where and Within of it are faults. (A7)
//
//	WasSent("welcome").Last().MoreThanAgo(Days(30))
func WasSent(message string) Counted {
	return Counted{subject: Rule{Message: message, Stat: StatSentCount}}
}

// A Counted is a count as the subject of a condition, made by [Did] or [WasSent].
// Without any it is 0, and First and Last are unknown.
type Counted struct{ subject Rule }

// Within counts only the sliding window (now − d, now]. It is not for First and
// Last. (A7)
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

// Sum is the sum of the numbers under a metadata key of the events. Compared with money,
// it is that of all money in its currency; else money counts in major units. Say Within
// and Where before it. It is 0 of no value. (A13)
//
//	Did("purchased").Within(Days(30)).Sum("price").AtLeast(Monetary(50000, "eur"))
func (c Counted) Sum(key string) Subject { return c.of(StatSum, key) }

// Min is the least of what [Counted.Sum] adds up, unknown if there is nothing.
func (c Counted) Min(key string) Subject { return c.of(StatMin, key) }

// Max is the greatest of what [Counted.Sum] adds up, unknown if there is nothing.
func (c Counted) Max(key string) Subject { return c.of(StatMax, key) }

// Average is the average of what [Counted.Sum] adds up, unknown if there is nothing.
func (c Counted) Average(key string) Subject { return c.of(StatAverage, key) }

func (c Counted) of(stat Stat, key string) Subject {
	c.subject.Stat, c.subject.Of = stat, key
	return Subject{c.subject}
}

// Distinct counts how many different values the events have under a metadata key, up to
// [MaxDistinct] without a window. 1 and 1.0 are one value, 1 and "1" are two. (A13)
func (c Counted) Distinct(key string) Counted {
	c.subject.Stat, c.subject.Of = StatDistinct, key
	return c
}

// First is the time of the first of the events counted.
func (c Counted) First() Moment {
	c.subject.Stat = StatFirst
	return Moment(c)
}

// Last is the time of the last of what is counted.
func (c Counted) Last() Moment {
	c.subject.Stat = StatLast
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
func (m Moment) On(day any) Rule { return m.subject.with(OpOn, OperandOf(day)) }

// Before returns the condition that it is before a day or a time.Time.
func (m Moment) Before(when any) Rule { return m.subject.with(OpBefore, OperandOf(when)) }

// IsUnknown returns the condition that it has not happened.
func (m Moment) IsUnknown() Rule { return m.subject.with(OpIsUnknown, Operand{}) }

// HasAnyValue returns the condition that it has happened.
func (m Moment) HasAnyValue() Rule { return m.subject.with(OpHasAnyValue, Operand{}) }
