package words_test

import (
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

// names are of attributes, keys, events, messages and segments.
func names() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"plan", "gb used", "is", "from", "to", "and", "K y", "é", "日本", "uploaded-video", "cart_id", `q'`, "created_at", "last_seen_at", "email", "session_count",
			"x is at least 3", "a) and (b", "times", "unknown", "the contact's plan", "99", "-", "over",
		}),
		rapid.StringMatching(`[a-zA-Z][a-z _-]{0,6}`),
	)
}

// texts are texts to compare with.
func texts() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{
			"", "pro", "Pro plan", "99", "true", "2026-01-02", "7d", "日本", `q"\`, "*/shop/*/cart", "a, b", `"quoted"`, "\n", "\u202e", " and ", "1.5e3", "x (any letter case)", "unknown", "nothing",
			") or (", "<b>", "null", "2026-01-02T00:00:00Z",
		}),
		rapid.StringMatching(`[ -~]{0,8}`), rapid.StringN(0, 6, -1).Filter(validText),
	)
}

func validText(s string) bool { return !strings.ContainsRune(s, '�') }

func literals() *rapid.Generator[json.Number] {
	return rapid.OneOf(
		rapid.SampledFrom([]json.Number{"0", "1", "2", "-1", "-0", "1.50", "1e3", "1E+2", "0.0", "9007199254740993", "10000"}),
		rapid.Custom(func(t *rapid.T) json.Number {
			return json.Number(rapid.StringMatching(`-?(0|[1-9][0-9]{0,4})(\.[0-9]{1,3})?(e-?[0-9])?`).Draw(t, "literal"))
		}),
	)
}

func moneys() *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		var o beckon.Operand
		amount := rapid.SampledFrom([]string{"0", "1", "-1", "100", "50000", "-12345", "1.5", "1e3", "-0", "99"}).Draw(t, "amount")
		currency := rapid.SampledFrom([]string{"eur", "EUR", "Eur", "jpy", "KWD", "clf", "xau", "usd"}).Draw(t, "currency")
		if err := json.Unmarshal([]byte(`{"amount":`+amount+`,"currency":"`+currency+`"}`), &o); err != nil {
			t.Skip(err)
		}
		return o
	})
}

func fields() *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		name := names().Draw(t, "field")
		return rapid.SampledFrom([]any{beckon.User(name), beckon.Company(name), beckon.Metadata(name), beckon.TriggerMetadata(name)}).Draw(t, "whose")
	})
}

func anyOf[T any](g *rapid.Generator[T]) *rapid.Generator[any] {
	return rapid.Map(g, func(v T) any { return v })
}

func scalars() *rapid.Generator[any] {
	return rapid.OneOf(anyOf(texts()), anyOf(literals()), anyOf(rapid.Bool()), moneys())
}

func durations() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.SampledFrom([]string{"0d", "0s", "7d", "1d", "1w", "1h", "1m", "24h", "1d12h", "2w3d", "90s", "1h30m5s"}),
		rapid.Custom(func(t *rapid.T) string { return beckon.Days(rapid.IntRange(0, 400).Draw(t, "days")).String() }),
	)
}

func days() *rapid.Generator[any] {
	return rapid.SampledFrom([]any{"2026-01-02", "0001-12-31", "9999-02-28", "2024-02-29"})
}

func instants() *rapid.Generator[any] {
	return rapid.SampledFrom([]any{"2026-01-02T00:00:00Z", "2026-01-02T15:04:05+01:00", "2026-11-30T23:59:00-00:00", "2026-01-02t00:00:00z", "2026-01-02T00:00:00.250Z", "2026-01-02T00:00:00.0+00:00"})
}

// compared adds to a subject an operator and a value of its kind, or now and then of another.
func compared(t *rapid.T, s beckon.Rule, count bool) beckon.Rule {
	s.Op = rapid.SampledFrom([]beckon.Op{
		"is", "is_not", "contains", "does_not_contain", "contains_word", "starts_with", "ends_with", "matches", "in", "not_in", "greater_than", "less_than", "at_least", "at_most",
		"between", "more_than_ago", "less_than_ago", "exactly_ago", "more_than_ahead", "less_than_ahead", "exactly_ahead", "after", "on", "before", "contains_any", "contains_all",
		"contains_none", "is_unknown", "has_any_value",
	}).Draw(t, "op")
	var v any
	draw := func(g *rapid.Generator[any]) {
		if rapid.IntRange(0, 4).Draw(t, "field?") == 0 {
			g = fields()
		}
		v = g.Draw(t, "value")
	}
	if count && rapid.Bool().Draw(t, "plain count") {
		s.Op = rapid.SampledFrom([]beckon.Op{"is", "is_not", "greater_than", "less_than", "at_least", "at_most", "between"}).Draw(t, "op of a count")
	}
	switch s.Op {
	case beckon.OpIsUnknown, beckon.OpHasAnyValue:
		return s
	case beckon.OpIn, beckon.OpNotIn, beckon.OpContainsAny, beckon.OpContainsAll, beckon.OpContainsNone:
		if v = any(rapid.SliceOfN(scalars(), 0, 3).Draw(t, "list")); rapid.IntRange(0, 4).Draw(t, "field?") == 0 {
			v = fields().Draw(t, "field")
		}
	case beckon.OpBetween:
		if v = []any{literals().Draw(t, "low"), literals().Draw(t, "high")}; !count {
			v = []any{scalars().Draw(t, "low"), scalars().Draw(t, "high")}
		}
	case beckon.OpGreaterThan, beckon.OpLessThan, beckon.OpAtLeast, beckon.OpAtMost:
		draw(rapid.OneOf(anyOf(literals()), moneys()))
	case beckon.OpMoreThanAgo, beckon.OpLessThanAgo, beckon.OpExactlyAgo, beckon.OpMoreThanAhead, beckon.OpLessThanAhead, beckon.OpExactlyAhead:
		v = durations().Draw(t, "duration")
	case beckon.OpAfter, beckon.OpBefore:
		draw(rapid.OneOf(days(), instants()))
	case beckon.OpOn:
		draw(days())
	case beckon.OpIs, beckon.OpIsNot:
		if draw(scalars()); count {
			draw(anyOf(literals()))
		}
	default:
		draw(anyOf(texts()))
	}
	s.Value = beckon.OperandOf(v)
	return s
}

func conditions(depth int) *rapid.Generator[beckon.Rule] {
	return rapid.Custom(func(t *rapid.T) beckon.Rule {
		name := names().Draw(t, "name")
		s := beckon.Rule{}
		switch rapid.SampledFrom([]string{"user", "company", "metadata", "page", "message", "segment", "event", "event", "event"}).Draw(t, "subject") {
		case "segment":
			return beckon.Segment(name)
		case "user":
			s.User = name
		case "company":
			s.Company = name
		case "metadata":
			s.Metadata = name
		case "page":
			s.Page = rapid.SampledFrom([]string{"url", "seconds"}).Draw(t, "page")
		case "message":
			s.Message, s.Stat = name, rapid.SampledFrom([]beckon.Stat{beckon.StatSentCount, beckon.StatLastSent}).Draw(t, "stat")
		default:
			s.Event, s.Stat = name, rapid.SampledFrom([]beckon.Stat{"count", "count", "first", "last", "sum", "min", "max", "average", "distinct"}).Draw(t, "stat")
			times := s.Stat == beckon.StatFirst || s.Stat == beckon.StatLast
			if s.Stat != beckon.StatCount && !times {
				s.Of = names().Draw(t, "of")
			}
			if !times && rapid.Bool().Draw(t, "within?") {
				s.Within, _ = beckon.ParseDuration(durations().Filter(func(d string) bool { return d[0] != '0' }).Draw(t, "within"))
			}
			if rapid.IntRange(0, 3).Draw(t, "since?") == 0 {
				s.Since = "entry"
			}
			if depth > 0 && rapid.Bool().Draw(t, "where?") {
				where := rules(depth-1).Draw(t, "where")
				s.Where = &where
			}
		}
		return compared(t, s, s.Stat == beckon.StatCount || s.Stat == beckon.StatSentCount || s.Stat == beckon.StatDistinct)
	})
}

func rules(depth int) *rapid.Generator[beckon.Rule] {
	return rapid.Custom(func(t *rapid.T) (r beckon.Rule) {
		kind := rapid.IntRange(0, 5).Draw(t, "kind")
		switch {
		case depth == 0 || kind > 3:
			r = conditions(depth).Draw(t, "condition")
		case kind == 0:
			r = beckon.All(rapid.SliceOfN(rules(depth-1), 0, 3).Draw(t, "all")...)
		case kind == 1:
			r = beckon.Any(rapid.SliceOfN(rules(depth-1), 0, 3).Draw(t, "any")...)
		case kind == 2:
			r = beckon.Not(rules(depth-1).Draw(t, "not"))
		default:
			r = conditions(depth).Draw(t, "condition")
		}
		if rapid.IntRange(0, 9).Draw(t, "vet_ignore?") == 0 {
			r.VetIgnore = rapid.SliceOfN(texts(), 1, 2).Draw(t, "vet_ignore")
		}
		return r
	})
}

// A rule rebuilt from its sentence alone is the same rule, member for member.
func TestWordsOfARuleAreClear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rules(3).Draw(t, "rule")
		sentence := words.Rule(r)
		again, err := readRule(sentence)
		if err != nil {
			t.Fatalf("%s\n%s\n%v", r, sentence, err)
		}
		if again.String() != r.String() {
			t.Fatalf("%s\n%s\n%s", r, sentence, again)
		}
		if strings.Contains(sentence, "\n") {
			t.Fatalf("%q", sentence)
		}
		// A rule that can be published is no unfinished one.
		if _, err := beckon.ParseRule([]byte(r.String())); err == nil && strings.Contains(sentence, "the unfinished rule ") {
			t.Fatalf("%s\n%s", r, sentence)
		}
	})
}
