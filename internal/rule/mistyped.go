package rule

import (
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/repr"
)

// mistyped tells that a value is of another type than the condition needs, so
// that it counts as unknown (A5); empty if it is not.
func (c *Condition) mistyped(v *repr.Value, loc *time.Location) string {
	if v.Kind == repr.KindUnknown {
		return ""
	}
	want, fits := "", true
	switch c.test {
	case testTextIs, testContains, testWord, testStarts, testEnds:
		want = "a text"
		_, fits = v.ConditionText()
	case testBool:
		want, fits = "a boolean", v.Kind == repr.KindBool
	case testCompare, testBetween:
		want, fits = compares(v, &c.x.values[0])
	case testIn:
		want, fits = c.mayBeIn(v)
	case testListAny, testListAll:
		want, fits = "a list of texts", v.Kind == repr.KindList
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
func notDate(v *repr.Value, loc *time.Location) string {
	if _, dated := v.ConditionDate(loc); dated || v.Kind == repr.KindUnknown {
		return ""
	}
	problem := described(v) + " is not a date"
	switch v.Kind {
	case repr.KindNumber:
		if sec, whole := v.Whole(); !whole {
			problem += ": Unix seconds are whole"
		} else if sec > calendar.MaxDate {
			problem += calendar.LooksLike(sec)
		}
	case repr.KindString:
		zoned, number := calendar.WithoutZone(v.Str), repr.NumberLiteral(v.Str)
		switch {
		case number.Kind == repr.KindNumber:
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
func compares(v, with *repr.Value) (want string, fits bool) {
	if with.Kind == repr.KindMonetary {
		return "an amount in " + repr.CurrencyCode(with.Str), v.Kind == repr.KindMonetary && repr.SameCurrency(*v, *with)
	}
	_, fits = v.ConditionNumber()
	return "a number", fits
}

// mayBeIn reports whether a value is of the type of something in the list, and
// what type it would have to be. In an empty list is nothing.
func (c *Condition) mayBeIn(v *repr.Value) (want string, fits bool) {
	if len(c.x.texts.list) > 0 {
		want = "a text"
		if _, fits = v.ConditionText(); fits {
			return "", true
		}
	}
	for i := range c.x.values {
		need, ok := "a boolean", v.Kind == repr.KindBool
		if w := &c.x.values[i]; w.Kind != repr.KindBool {
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
func described(v *repr.Value) string {
	text, word := v.Text(), v.Kind.String()
	switch v.Kind {
	case repr.KindNumber, repr.KindBool, repr.KindDate, repr.KindMonetary:
		if len(text) > fault.MaxQuoted {
			text = text[:fault.MaxQuoted] + "…" // digits
		}
		if v.Kind == repr.KindMonetary {
			word = "amount"
		}
		return "the " + word + " " + text
	case repr.KindString:
		word = "text"
	case repr.KindStripe:
		word = "Stripe identifier"
	}
	return "the " + word + " " + fault.Quote(text)
}
