package words_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
)

// A reader reads a sentence back: it knows the words, and nothing of the rule. It is written
// from the package's documentation, not from its code.
type reader struct{ rest string }

// readRule reads all of a sentence, or panics.
func readRule(sentence string) (r beckon.Rule, err error) {
	in := &reader{sentence}
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%v, before %q", problem, in.rest)
		}
	}()
	if sentence == "everyone" {
		return beckon.Rule{}, nil
	}
	r = in.rule()
	if in.rest != "" {
		panic("something is left")
	}
	return r, nil
}

// has takes the words if they come next.
func (in *reader) has(words string) bool {
	rest, ok := strings.CutPrefix(in.rest, words)
	if ok {
		in.rest = rest
	}
	return ok
}

func (in *reader) must(words string) {
	if !in.has(words) {
		panic("expected " + strconv.Quote(words))
	}
}

// rule reads members that are joined by one word.
func (in *reader) rule() beckon.Rule {
	first := in.member()
	for _, word := range []string{" and ", " or "} {
		members := []beckon.Rule{first}
		for in.has(word) {
			members = append(members, in.member())
		}
		if len(members) > 1 && word == " and " {
			return beckon.All(members...)
		} else if len(members) > 1 {
			return beckon.Any(members...)
		}
	}
	return first
}

func (in *reader) inParentheses() beckon.Rule {
	in.must("(")
	r := in.rule()
	in.must(")")
	return r
}

func (in *reader) member() beckon.Rule {
	switch {
	case in.has("it is not true that "):
		return beckon.Not(in.inParentheses())
	case in.has("always true"):
		return beckon.All()
	case in.has("never true"):
		return beckon.Any()
	case in.has("all of "):
		return beckon.All(in.inParentheses())
	case in.has("any of "):
		return beckon.Any(in.inParentheses())
	case strings.HasPrefix(in.rest, "("):
		r := in.inParentheses()
		if in.has(" [vet ignores ") {
			for r.VetIgnore = []string{in.quoted()}; in.has(", "); {
				r.VetIgnore = append(r.VetIgnore, in.quoted())
			}
			in.must("]")
		}
		return r
	}
	return in.condition()
}

func (in *reader) quoted() string {
	q, err := strconv.QuotedPrefix(in.rest)
	if err != nil {
		panic("expected a text in quotes")
	}
	in.rest = in.rest[len(q):]
	s, _ := strconv.Unquote(q)
	return s
}

// match takes what an expression finds at the beginning.
func (in *reader) match(expression string) []string {
	m := regexp.MustCompile(`^(?:` + expression + `)`).FindStringSubmatch(in.rest)
	if m == nil {
		return nil
	}
	in.rest = in.rest[len(m[0]):]
	return m
}

func (in *reader) name() string {
	if strings.HasPrefix(in.rest, `"`) {
		return in.quoted()
	}
	if m := in.match(`[A-Za-z][A-Za-z0-9_-]*`); m != nil {
		return m[0]
	}
	panic("expected a name")
}

func (in *reader) condition() beckon.Rule {
	switch {
	case in.has("the contact is in the segment "):
		return beckon.Segment(in.quoted())
	case in.has("the unfinished rule "):
		dec := json.NewDecoder(strings.NewReader(in.rest))
		var r beckon.Rule
		if err := dec.Decode(&r); err != nil {
			panic(err)
		}
		in.rest = in.rest[dec.InputOffset():]
		return r
	case in.has("the contact has never done "), in.has("the contact has not done "):
		r := beckon.Rule{Stat: beckon.StatCount, Op: beckon.OpIs, Value: beckon.OperandOf(0)}
		in.events(&r)
		return r
	case in.has("the contact did "):
		r := beckon.Rule{Stat: beckon.StatCount}
		in.events(&r)
		in.must(" ")
		in.often(&r)
		in.window(&r)
		return r
	case in.has("the message "):
		r := beckon.Rule{Message: in.quoted(), Stat: beckon.StatSentCount, Op: beckon.OpIs, Value: beckon.OperandOf(0)}
		if in.has(" was never sent") {
			return r
		}
		in.must(" was sent ")
		in.often(&r)
		return r
	}
	r := in.subject()
	in.must(" ")
	in.predicate(&r)
	return r
}

// events reads the name of an event, which of them count, and the window if it is next.
func (in *reader) events(r *beckon.Rule) {
	r.Event = in.quoted()
	if in.has(" where (no rule)") {
		r.Where = &beckon.Rule{}
	} else if in.has(" where ") {
		where := in.inParentheses()
		r.Where = &where
	}
	in.window(r)
}

func (in *reader) window(r *beckon.Rule) {
	if in.has(" in the last ") {
		r.Within = in.span()
	}
	if in.has(" since entering the series") {
		r.Since = "entry"
	}
}

// span reads a duration; one unit stands without its number.
func (in *reader) span() beckon.Duration {
	if m := in.match(`(week|day|hour|minute|second)\b`); m != nil {
		in.rest = "1 " + m[0] + in.rest
	}
	return in.duration()
}

func (in *reader) duration() beckon.Duration {
	var d string
	for {
		m := in.match(` ?([0-9]+) (week|day|hour|minute|second)s?\b`)
		if m == nil {
			break
		}
		d += m[1] + m[2][:1]
	}
	parsed, err := beckon.ParseDuration(d)
	if err != nil {
		panic(err)
	}
	return parsed
}

func (in *reader) often(r *beckon.Rule) {
	ops := map[string]beckon.Op{"exactly": beckon.OpIs, "more than": beckon.OpGreaterThan, "fewer than": beckon.OpLessThan, "at least": beckon.OpAtLeast, "at most": beckon.OpAtMost}
	if m := in.match(`(exactly|more than|fewer than|at least|at most) (once|([0-9]+) times?)`); m != nil {
		r.Op, r.Value = ops[m[1]], beckon.OperandOf(1)
		if m[3] != "" {
			r.Value = beckon.OperandOf(json.Number(m[3]))
		}
	} else if m := in.match(`from ([0-9]+) to ([0-9]+) times?`); m != nil {
		r.Op, r.Value = beckon.OpBetween, beckon.OperandOf([]json.Number{json.Number(m[1]), json.Number(m[2])})
	} else {
		panic("expected how often")
	}
}

func (in *reader) subject() (r beckon.Rule) {
	values := map[string]beckon.Stat{
		"the sum of ": beckon.StatSum, "the smallest ": beckon.StatMin, "the largest ": beckon.StatMax, "the average ": beckon.StatAverage,
		"the number of different values of ": beckon.StatDistinct,
	}
	for words, stat := range values {
		if in.has(words) {
			r.Stat, r.Of = stat, in.name()
			in.must(" over the events ")
			in.events(&r)
			return r
		}
	}
	switch {
	case in.has("the number of times that the contact did "):
		r.Stat = beckon.StatCount
		in.events(&r)
	case in.has("the number of times that the message "):
		r.Message, r.Stat = in.quoted(), beckon.StatSentCount
		in.must(" was sent")
	case in.has("the last time that the message "):
		r.Message, r.Stat = in.quoted(), beckon.StatLastSent
		in.must(" was sent")
	case in.has("the first time that the contact did "):
		r.Stat = beckon.StatFirst
		in.events(&r)
	case in.has("the last time that the contact did "):
		r.Stat = beckon.StatLast
		in.events(&r)
	case in.has("the address of the page"):
		r.Page = "url"
	case in.has("the number of seconds on the page"):
		r.Page = "seconds"
	case in.has("the contact's "):
		r.User = in.name()
	case in.has("the company's "):
		r.Company = in.name()
	case in.has("the event's "):
		r.Metadata = in.name()
	default:
		panic("expected a subject")
	}
	return r
}

func (in *reader) predicate(r *beckon.Rule) {
	in.asked(r)
	in.match(` \((any letter case|in the past|in the future)\)`)
	in.match(` \(also if (unknown|that is unknown|either is unknown)\)`)
}

func (in *reader) asked(r *beckon.Rule) {
	set := func(op beckon.Op, v any) { r.Op, r.Value = op, beckon.OperandOf(v) }
	for _, c := range []struct {
		words string
		op    beckon.Op
	}{
		{"is one of", beckon.OpIn}, {"is none of", beckon.OpNotIn}, {"contains any of", beckon.OpContainsAny}, {"contains all of", beckon.OpContainsAll}, {"contains none of", beckon.OpContainsNone},
	} {
		switch {
		case in.has(c.words + " the values of "):
			set(c.op, in.value())
			return
		case in.has(c.words + " nothing"):
			set(c.op, []any{})
			return
		case in.has(c.words + " "):
			list := []any{in.value()}
			for in.has(", ") {
				list = append(list, in.value())
			}
			set(c.op, list)
			return
		}
	}
	be := "is "
	if strings.HasPrefix(in.rest, "was ") {
		be = "was "
	}
	for _, c := range []struct {
		words string
		op    beckon.Op
	}{
		{"is unknown", beckon.OpIsUnknown}, {"has any value", beckon.OpHasAnyValue},
	} {
		if in.has(c.words) {
			r.Op = c.op
			return
		}
	}
	switch {
	case in.has(be + "on the day of "):
		set(beckon.OpOn, in.value())
		return
	case in.has(be + "on the day "):
		d := in.duration()
		if set(beckon.OpExactlyAgo, d); !in.has(" ago") {
			in.must(" from now")
			set(beckon.OpExactlyAhead, d)
		}
		in.match(` \(today\)`)
		return
	case in.has(be + "within the next "):
		set(beckon.OpLessThanAhead, in.span())
		return
	case in.has(be + "on "):
		set(beckon.OpOn, in.day())
		return
	case in.has(be + "after the end of "):
		set(beckon.OpAfter, in.day())
		return
	case in.has(be + "before the start of "):
		set(beckon.OpBefore, in.day())
		return
	case in.has(be + "after "):
		set(beckon.OpAfter, in.instant())
		return
	case in.has(be + "before "):
		set(beckon.OpBefore, in.instant())
		return
	case in.has(be + "from "):
		low := in.value()
		in.must(" to ")
		set(beckon.OpBetween, []any{low, in.value()})
		in.must(" (both included)")
		return
	}
	before := in.rest
	if m := in.match(be + `(more|less) than `); m != nil {
		func() {
			defer func() {
				if recover() != nil {
					in.rest = before
				}
			}()
			d, more := in.duration(), m[1] == "more"
			switch ago := in.has(" ago"); {
			case ago && more:
				set(beckon.OpMoreThanAgo, d)
			case ago:
				set(beckon.OpLessThanAgo, d)
			case more && in.has(" from now"):
				set(beckon.OpMoreThanAhead, d)
			default:
				panic("not of time")
			}
		}()
		if r.Op != "" {
			return
		}
	}
	for _, c := range []struct {
		words string
		op    beckon.Op
	}{
		{"is greater than ", beckon.OpGreaterThan},
		{"is less than ", beckon.OpLessThan},
		{"is at least ", beckon.OpAtLeast},
		{"is at most ", beckon.OpAtMost},
		{"is not ", beckon.OpIsNot},
		{"is ", beckon.OpIs},
		{"contains the word ", beckon.OpContainsWord},
		{"contains ", beckon.OpContains},
		{"does not contain ", beckon.OpDoesNotContain},
		{"starts with ", beckon.OpStartsWith},
		{"ends with ", beckon.OpEndsWith},
		{"matches the pattern ", beckon.OpMatches},
	} {
		if in.has(c.words) {
			set(c.op, in.value())
			return
		}
	}
	panic("expected what is asked")
}
