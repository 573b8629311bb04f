package rule

import (
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/tally"
)

// A Trace tells how a rule was judged, down to each condition, with the value
// seen (Z2). Conditions that did not matter any more, because the group was decided,
// are judged all the same. Traces of one occasion share those of a segment.
type Trace = explain.Rule

// Explain judges every part of the rule with the code that eval runs.
func (r *Compiled) Explain(s *Scope) Trace {
	if r == nil {
		return Trace{Rule: "{}", Matched: true}
	}
	s.Begin()
	return r.trace(s, r.root)
}

func (r *Compiled) trace(s *Scope, n *node) Trace {
	part := r.part(n, s.Loc)
	t := Trace{Rule: n.text, Matched: part.run(s)}
	if n.condition >= 0 {
		r.Conditions[n.condition].see(s, &t)
		if t.Operand == "" {
			t.Operand = operandOf(n.text)
		}
	}
	if n.segment != nil {
		t.Of = append(t.Of, s.traceSegment(n.segment))
	}
	for _, inner := range n.of {
		t.Of = append(t.Of, r.trace(s, inner))
	}
	return t
}

// String returns the rule as JSON; empty for none.
func (r *Compiled) String() string {
	if r == nil {
		return ""
	}
	return r.root.document()
}

func (n *node) document() string {
	list := make([]string, len(n.of))
	for i, inner := range n.of {
		list[i] = inner.document()
	}
	switch {
	case n.condition >= 0:
		return n.text
	case n.text == "all" || n.text == "any":
		return `{"` + n.text + `":[` + strings.Join(list, ",") + "]}"
	case n.text == "not":
		return `{"not":` + strings.Join(list, "") + "}"
	}
	if name, segment := strings.CutPrefix(n.text, "segment "); segment {
		return `{"segment":` + string(appendJSONText(nil, name)) + "}"
	}
	return n.text
}

// see tells what a condition looks at.
func (c *Condition) see(s *Scope, t *Trace) {
	switch c.source.kind() {
	case ofValue:
		v := c.value(s)
		t.Seen, t.Unknown, t.Value = seen(v, s.Loc), v.IsUnknown(), typed(v, s.Loc)
		if c.field() == nil {
			t.Problem = c.mistyped(v, s.Loc)
		}
	case ofCount:
		t.Seen = strconv.FormatInt(c.count(s), 10)
		t.Value = "the number " + t.Seen
	case ofTotal:
		currency := c.currency(s)
		t.Seen, t.Unknown = c.seeTotal(c.total(s, currency), currency)
		switch {
		case t.Unknown:
		case currency != "":
			t.Value = "the amount " + t.Seen
		default:
			t.Value = "the number " + t.Seen
		}
	default:
		at, known := c.moment(s)
		if t.Unknown = !known; known {
			t.Seen = seenTime(at, s.Loc)
			t.Value = "the date " + t.Seen
		}
	}
	if f := c.field(); f != nil {
		c.seeField(f, s, t)
	}
	if c.counter != nil {
		if k := s.counter(c.counter); k != nil && k.Since != 0 {
			t.Since = time.Unix(k.Since, 0).UTC()
		}
	}
}

// seeTotal tells what a total comes to: of money in its currency, an average rounded to
// 16 decimals.
func (c *Condition) seeTotal(t tally.Total, currency string) (seen string, unknown bool) {
	switch {
	case c.source == fromSum:
		seen = t.Sum.String()
	case t.Count == 0:
		return "", true
	case c.source == fromMin:
		seen = t.Min.String()
	case c.source == fromMax:
		seen = t.Max.String()
	default:
		seen = t.Sum.Over(t.Count)
	}
	if currency != "" {
		seen += " " + currency
	}
	return seen, false
}

// seen returns a value as people read it, a date like moments.
func seen(v *repr.Value, loc *time.Location) string {
	if v.Kind == repr.KindDate {
		return seenTime(v.Num, loc)
	}
	return v.Text()
}

func seenTime(at int64, loc *time.Location) string {
	return time.Unix(at, 0).In(loc).Format(time.RFC3339)
}

// Describe names a value with its type, a date as RFC 3339 in a zone; empty if it is unknown.
func Describe(v *repr.Value, loc *time.Location) string { return typed(v, loc) }

// typed names a value with its type, a date like moments; empty if it is unknown.
func typed(v *repr.Value, loc *time.Location) string {
	switch v.Kind {
	case repr.KindUnknown:
		return ""
	case repr.KindDate:
		return "the date " + seenTime(v.Num, loc)
	}
	return described(v)
}

// operandOf names what the condition of a document compares with, and its type; empty if
// it compares with nothing, or with a field that is unknown.
func operandOf(text string) string {
	r, faults := Parse([]byte(text))
	if len(faults) > 0 {
		return ""
	}
	return r.Value.described(r.Op.class())
}

// maxDescribed is how many elements of a list are named.
const maxDescribed = 10

// described names an operand and its type, as operators of a class take it.
func (o Operand) described(class opClass) string {
	switch o.kind {
	case operandText:
		switch class {
		case classSpan:
			return "the duration " + o.text
		case classDay:
			if len(o.text) == len(time.DateOnly) {
				return "the day " + o.text
			}
			return "the date " + o.text
		}
		return "the text " + fault.Quote(o.text)
	case operandNumber:
		v := repr.NumberLiteral(o.text)
		return described(&v)
	case operandBool:
		return "the boolean " + o.text
	case operandMoney:
		v := repr.MonetaryLiteral(o.num, o.text)
		return described(&v)
	case operandField:
		return "what " + o.num + " " + fault.Quote(o.text) + " is"
	case operandList:
		names := make([]string, 0, min(len(o.list), maxDescribed)+1)
		for _, e := range o.list[:min(len(o.list), maxDescribed)] {
			names = append(names, e.described(class))
		}
		if more := len(o.list) - maxDescribed; more > 0 {
			names = append(names, strconv.Itoa(more)+" more")
		}
		switch {
		case len(names) == 0:
			return "nothing"
		case class == classOrder:
			return strings.Join(names, " and ")
		}
		return strings.Join(names, ", ")
	}
	return ""
}

// DateTrace tells how a date rule was judged, with the date that it looks at.
func DateTrace(text string, matched bool, v *repr.Value, loc *time.Location) Trace {
	return Trace{Rule: text, Matched: matched, Seen: seen(v, loc), Unknown: v.IsUnknown(), Problem: notDate(v, loc), Value: typed(v, loc)}
}

// mistyped tells that a value is of another type than the condition needs, so
// that it counts as unknown (A5); empty if it is not.
func (c *Condition) mistyped(v *repr.Value, loc *time.Location) string {
	if v.Kind == repr.KindUnknown {
		return ""
	}
	want, fits := "", true
	switch c.test {
	case testTextIs, testContains, testWord, testStarts, testEnds, testMatches:
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
	case testSpan, testMoreThanAgo, testLessThanAgo, testMoreThanAhead, testLessThanAhead, testDayAgo:
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
	if len(c.x.texts.List) > 0 {
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
