package beckon

// Did is an event name as the subject of a condition: how often the contact did
// it, and when first and last. (E4)
//
//	Did("uploaded-video").Within(Days(7)).AtLeast(3)
//	Did("invited-teammate").Last().LessThanAgo(Days(7))
func Did(event string) Counted { return Counted{Subject{Rule{Event: event, Stat: StatCount}}} }

// WasSent is a message id as the subject of a condition: how often it was sent to the
// contact and when last. First, Where and Within of it are faults. (A7)
//
//	WasSent("welcome").Last().MoreThanAgo(Days(30))
func WasSent(message string) Counted {
	return Counted{Subject{Rule{Message: message, Stat: StatSentCount}}}
}

// A Counted is a count as a [Subject], made by [Did] or [WasSent]. Without any it is 0,
// and First and Last are unknown. A count takes the operators of numbers.
type Counted struct{ Subject }

// Within counts only the sliding window (now − d, now]. It is not for First and
// Last. (A7)
func (c Counted) Within(d Duration) Counted {
	if d.IsZero() {
		d = Seconds(0) // else a mistake would look like no window at all
	}
	c.rule.Within = d
	return c
}

// SinceEntry counts only what happened since the contact entered the series whose rule it
// is: in a block or the exit, else it is a fault. It is answered from the recent events kept.
// (A15)
func (c Counted) SinceEntry() Counted {
	c.rule.Since = "entry"
	return c
}

// Where counts only the events whose metadata satisfies the rule. (A7)
func (c Counted) Where(rule Rule) Counted {
	c.rule.Where = &rule
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
	c.rule.Stat, c.rule.Of = stat, key
	return c.Subject
}

// Distinct counts how many different values the events have under a metadata key, up to
// [MaxDistinct] without a window. 1 and 1.0 are one value, 1 and "1" are two. (A13)
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
