package words_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/words"
)

// What no program may have is written as it is.
func TestOddParts(t *testing.T) {
	t.Parallel()
	at := func(year int) time.Time { return time.Date(year, 1, 2, 3, 4, 0, 0, time.UTC) }
	invalid := beckon.NumberLiteral("one")
	for _, c := range []struct {
		message beckon.Message
		want    string
	}{
		{beckon.Message{Trigger: &beckon.Trigger{}}, "It is sent by a trigger that names nothing."},
		{beckon.Message{Trigger: &beckon.Trigger{Event: "a", Enters: "b"}}, `It is sent each time the contact does "a" and each time the contact begins to match the segment "b".`},
		{beckon.Message{Trigger: beckon.OnChange("plan").From(invalid)}, "It is sent each time an update changes the contact's plan from a value that is none."},
		{beckon.Message{Trigger: beckon.OnChange("plan").From(beckon.RichLink("https://a.example/", "x"))}, `It is sent each time an update changes the contact's plan from {"url":"https://a.example/","value":"x"}.`},
		{beckon.Message{LiveAt: at(12026)}, `It counts as live from "12026-01-02T03:04:00Z".`},
		{beckon.Message{LiveAt: at(2026)}, `It counts as live from 2 January 2026 at 03:04 UTC.`},
		{beckon.Message{Status: "soon"}, `It is "soon".`},
		{beckon.Message{Mode: "daily"}, `It has the mode "daily".`},
		{beckon.Message{Goal: &beckon.Goal{Rule: beckon.Segment("s")}}, `Its goal is that the contact is in the segment "s", at any time after the send.`},
		{beckon.Message{Control: -0.125}, "-12.5% of the contacts are held out as a control group: they get nothing, and are measured."},
		{beckon.Message{Schedule: &beckon.Schedule{Timezone: `Mars/"Base"`}}, `It goes out only at any hour in "Mars/\"Base\""; outside of that it waits for an occasion within.`},
		{beckon.Message{Schedule: &beckon.Schedule{Outside: "later"}}, `It goes out at any time; outside of that "later".`},
		{beckon.Message{Schedule: &beckon.Schedule{Windows: []beckon.Window{{Days: []beckon.Weekday{"noday"}, From: "9", To: "9"}}}}, `It goes out only on "noday" from "9" to "9" in the time zone of the program; outside of that it waits for an occasion within.`},
		{beckon.Message{Content: beckon.Content{Body: "x" + strings.Repeat("é", 200)}}, `Its body is "x` + strings.Repeat("é", 149) + `" … (201 characters).`},
		{beckon.Message{Audience: beckon.User("d").After("2026-13-40")}, `It goes to contacts for whom the contact's d is after "2026-13-40".`},
		{beckon.Message{Audience: beckon.User("d").After("2026-13-02T00:00:00Z")}, `It goes to contacts for whom the contact's d is after "2026-13-02T00:00:00Z".`},
		{beckon.Message{Audience: beckon.User("d").After("2026-01-02T25:00:00Z")}, `It goes to contacts for whom the contact's d is after "2026-01-02T25:00:00Z".`},
		{beckon.Message{Audience: beckon.User("d").After(5)}, `It goes to contacts for whom the unfinished rule {"user":"d","op":"after","value":5}.`},
		{beckon.Message{Audience: beckon.User("d").On("soon")}, `It goes to contacts for whom the contact's d is on "soon".`},
		{beckon.Message{Audience: beckon.Rule{User: "d", Op: beckon.OpIn, Value: beckon.OperandOf(5)}}, `It goes to contacts for whom the unfinished rule {"user":"d","op":"in","value":5}.`},
		{beckon.Message{Audience: beckon.User("d").In([][]int{{1}, {2}})}, `It goes to contacts for whom the unfinished rule (a list inside a list is not a value).`},
		{beckon.Message{Audience: beckon.User("d").Is(json.Number("one"))}, `It goes to contacts for whom the unfinished rule {"user":"d","op":"is","value":one}.`},
		{beckon.Message{Audience: beckon.Did("e").Between(1, 2.5)}, `It goes to contacts for whom the number of times that the contact did "e" is from 1 to 2.5 (both included).`},
		{beckon.Message{Audience: beckon.Did("e").Where(beckon.Rule{}).AtLeast(1)}, `It goes to contacts for whom the contact did "e" where (no rule) at least once.`},
	} {
		if got := words.Message(c.message); !strings.Contains(got+"\n", c.want+"\n") {
			t.Errorf("%s\nwant\n%s", got, c.want)
		}
	}
	for _, c := range []struct {
		block beckon.Block
		want  string
	}{
		{beckon.Block{ID: "b"}, `Block "b": do nothing; then the walk ends.`},
		{beckon.Block{ID: "b", Split: []beckon.Way{{Weight: 1 / zero()}}}, `Block "b": split by chance, for each contact the same way each time: a part that is no number: the walk ends.`},
		{beckon.Block{ID: "b", Update: &beckon.Update{}, Next: "c"}, `Block "b": set nothing; then go on to "c".`},
	} {
		if got := words.Series(beckon.Series{Blocks: []beckon.Block{c.block}}); !strings.HasSuffix(got, "\n"+c.want) {
			t.Errorf("%s\nwant\n%s", got, c.want)
		}
	}
	if got := words.Program(beckon.Program{Control: zero() / zero(), OfficeHours: &beckon.OfficeHours{}}); got != "The office hours are no windows in the time zone of the program.\nNaN of contacts are a control group: they get nothing but transactional messages." {
		t.Error(got)
	}
}

func zero() float64 { return 0 }
