package words_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

// readOutline reads lines back: what stands below a lead is indented by one bullet.
func readOutline(lines []string) (beckon.Rule, error) {
	lead, not := strings.CutPrefix(lines[0], "it is not true that ")
	if len(lines) == 1 {
		return readRule(lines[0])
	}
	var rules []beckon.Rule
	for begin := 1; begin < len(lines); {
		end := begin + 1
		for end < len(lines) && strings.HasPrefix(lines[end], "  ") {
			end++
		}
		entry := make([]string, 0, end-begin)
		for i, line := range lines[begin:end] {
			if i == 0 && !strings.HasPrefix(line, "- ") {
				return beckon.Rule{}, fmt.Errorf("%q is no entry", line)
			}
			entry = append(entry, line[2:])
		}
		r, err := readOutline(entry)
		if err != nil {
			return r, err
		}
		rules = append(rules, r)
		begin = end
	}
	r := beckon.All(rules...)
	if lead == "at least one of these is true:" {
		r = beckon.Any(rules...)
	} else if lead != "all of these are true:" {
		return r, fmt.Errorf("%q leads nothing", lead)
	}
	if not {
		r = beckon.Not(r)
	}
	return r, nil
}

// A rule rebuilt from its outline is the same, too.
func TestOutlinesAreClear(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := rules(4).Draw(t, "rule")
		outline := words.Outline(r)
		again, err := readOutline(strings.Split(outline, "\n"))
		if err != nil || again.String() != r.String() {
			t.Fatalf("%s\n%s\n%s, %v", r, outline, again, err)
		}
	})
}

func TestOutline(t *testing.T) {
	t.Parallel()
	long := beckon.User("a_long_name_of_an_attribute").Is("and a text that is long, too")
	three := beckon.All(long, beckon.Any(long, long), long)
	for _, c := range []struct {
		rule beckon.Rule
		want string
	}{
		{beckon.Rule{}, "everyone"},
		{beckon.All(beckon.Segment("a"), beckon.Segment("b")), `the contact is in the segment "a" and the contact is in the segment "b"`},
		{beckon.Not(three), `it is not true that all of these are true:
- the contact's a_long_name_of_an_attribute is "and a text that is long, too"
- at least one of these is true:
  - the contact's a_long_name_of_an_attribute is "and a text that is long, too"
  - the contact's a_long_name_of_an_attribute is "and a text that is long, too"
- the contact's a_long_name_of_an_attribute is "and a text that is long, too"`},
		{beckon.Rule{All: three.All, VetIgnore: []string{"always_true"}}, words.Rule(beckon.Rule{All: three.All, VetIgnore: []string{"always_true"}})},
	} {
		if got := words.Outline(c.rule); got != c.want {
			t.Errorf("%s\nwant\n%s", got, c.want)
		}
	}
}

// What is no rule, or nests without an end, has words as well.
func TestUnfinishedRules(t *testing.T) {
	t.Parallel()
	circle := beckon.Rule{}
	circle.Not = &circle
	for _, c := range []struct {
		rule beckon.Rule
		want string
	}{
		{beckon.Rule{User: "plan"}, `the unfinished rule {"user":"plan"}`},
		{beckon.Rule{User: "plan", Op: "is"}, `the unfinished rule {"user":"plan","op":"is"}`},
		{beckon.Rule{User: "plan", Op: "like", Value: beckon.OperandOf(1)}, `the unfinished rule {"user":"plan","op":"like","value":1}`},
		{beckon.Rule{User: "plan", Company: "plan", Op: "is_unknown"}, `the unfinished rule {"user":"plan","company":"plan","op":"is_unknown"}`},
		{beckon.Rule{User: "plan", Op: "is_unknown", Value: beckon.OperandOf(1)}, `the unfinished rule {"user":"plan","op":"is_unknown","value":1}`},
		{beckon.User("plan").MoreThanAgo(beckon.Days(-1)), `the unfinished rule {"user":"plan","op":"more_than_ago","value":"-1d"}`},
		{beckon.User("plan").Is([]string{"a"}), `the unfinished rule {"user":"plan","op":"is","value":["a"]}`},
		{beckon.User("plan").Is(nil), `the unfinished rule (nil is not a value: use IsUnknown or HasAnyValue)`},
		{beckon.Rule{Event: "e", Op: "is", Value: beckon.OperandOf(1)}, `the unfinished rule {"event":"e","op":"is","value":1}`},
		{beckon.Did("e").Within(beckon.Days(0)).AtLeast(1), `the unfinished rule {"event":"e","stat":"count","op":"at_least","value":1,"within":"0d"}`},
		{beckon.Did("e").Within(beckon.Days(1)).Last().On("2026-01-02"), `the unfinished rule {"event":"e","stat":"last","op":"on","value":"2026-01-02","within":"1d"}`},
		{beckon.Did("e").Sum("").AtLeast(1), `the unfinished rule {"event":"e","stat":"sum","op":"at_least","value":1}`},
		{beckon.Rule{Event: "e", Stat: "count", Since: "today", Op: "is", Value: beckon.OperandOf(1)}, `the unfinished rule {"event":"e","stat":"count","op":"is","value":1,"since":"today"}`},
		{beckon.Rule{Event: "e", Stat: "count", Of: "k", Op: "is", Value: beckon.OperandOf(1)}, `the unfinished rule {"event":"e","stat":"count","of":"k","op":"is","value":1}`},
		{beckon.Rule{Segment: "s", Op: "is", Value: beckon.OperandOf(1)}, `the unfinished rule {"segment":"s","op":"is","value":1}`},
		{beckon.Rule{Page: "title", Op: "is_unknown"}, `the unfinished rule {"page":"title","op":"is_unknown"}`},
		{beckon.Rule{All: []beckon.Rule{}, User: "plan"}, `the unfinished rule {"all":[],"user":"plan"}`},
		{beckon.Rule{All: []beckon.Rule{}, Any: []beckon.Rule{}}, `the unfinished rule {"all":[],"any":[]}`},
		{beckon.Rule{All: []beckon.Rule{}, Since: "entry"}, `the unfinished rule {"all":[],"since":"entry"}`},
	} {
		if got := words.Rule(c.rule); got != c.want {
			t.Errorf("%s\nwant\n%s", got, c.want)
		}
	}
	for _, write := range []func(beckon.Rule) string{words.Rule, words.Outline} {
		if got := write(circle); !strings.Contains(got, "a rule that is nested too deeply") || len(got) > 4000 {
			t.Error(got)
		}
	}
}
