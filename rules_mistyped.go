package beckon

import (
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/repr"
)

// mistyped tells that a value is of another type than the condition needs, so
// that it counts as unknown (A5); empty if it is not.
func (c *condition) mistyped(v *Value, loc *time.Location) string {
	if v.Tag == KindUnknown {
		return ""
	}
	want, fits := "", true
	switch c.test {
	case testTextIs, testContains, testWord, testStarts, testEnds:
		want = "a text"
		_, fits = v.ConditionText()
	case testBool:
		want, fits = "a boolean", v.Tag == KindBool
	case testCompare, testBetween:
		want, fits = compares(v, &c.x.values[0])
	case testIn:
		want, fits = c.mayBeIn(v)
	case testListAny, testListAll:
		want, fits = "a list of texts", v.Tag == KindList
	case testSpan, testMoreThanAgo, testLessThanAgo, testDayAgo:
		return notDate(v, loc)
	}
	if fits {
		return ""
	}
	return described(v) + " is not " + want
}

// notDate tells that a value is no date and, if that can be guessed, what was
// meant; empty if it is one.
func notDate(v *Value, loc *time.Location) string {
	if _, dated := v.ConditionDate(loc); dated || v.Tag == KindUnknown {
		return ""
	}
	problem := described(v) + " is not a date"
	switch v.Tag {
	case KindNumber:
		if sec, whole := v.Whole(); !whole {
			problem += ": Unix seconds are whole"
		} else if sec > calendar.MaxDate {
			problem += looksLike(sec)
		}
	case KindString:
		zoned, number := calendar.WithoutZone(v.Str), NumberLiteral(v.Str)
		switch {
		case number.Tag == KindNumber:
			problem += ": Unix seconds are a number"
		case zoned != "":
			problem += ": it has no zone, " + zoned
		default:
			problem += ": write it as 2026-01-02 or 2026-01-02T15:04:05Z (RFC 3339)"
		}
	}
	return problem
}

// compares reports whether a value can be compared with a number or money,
// and what it would have to be.
func compares(v, with *Value) (want string, fits bool) {
	if with.Tag == KindMonetary {
		return "an amount in " + repr.CurrencyCode(with.Str), v.Tag == KindMonetary && repr.SameCurrency(*v, *with)
	}
	_, fits = v.ConditionNumber()
	return "a number", fits
}

// mayBeIn reports whether a value is of the type of something in the list, and
// of which it would have to be. In an empty list is nothing.
func (c *condition) mayBeIn(v *Value) (want string, fits bool) {
	if len(c.x.texts.list) > 0 {
		want = "a text"
		if _, fits = v.ConditionText(); fits {
			return "", true
		}
	}
	for i := range c.x.values {
		need, ok := "a boolean", v.Tag == KindBool
		if w := &c.x.values[i]; w.Tag != KindBool {
			need, ok = compares(v, w)
		}
		if ok {
			return "", true
		}
		if want == "" {
			want = need
		}
	}
	return want, want == ""
}

// described names a value in a sentence, with its type.
func described(v *Value) string {
	text, word := v.Text(), v.Tag.String()
	switch v.Tag {
	case KindNumber, KindBool, KindDate, KindMonetary:
		if len(text) > fault.MaxQuoted {
			text = text[:fault.MaxQuoted] + "…" // digits
		}
		if v.Tag == KindMonetary {
			word = "amount"
		}
		return "the " + word + " " + text
	case KindString:
		word = "text"
	case KindStripe:
		word = "Stripe identifier"
	}
	return "the " + word + " " + fault.Quote(text)
}
