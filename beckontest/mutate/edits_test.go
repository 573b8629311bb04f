package mutate

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
)

// edits returns the mutants of a program: the path, and what stands there now.
func edits(t *testing.T, document string) []string {
	t.Helper()
	p, err := beckon.ParseProgram([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := documentOf(t, document)
	if err != nil {
		t.Fatal(err)
	}
	var m mutants
	m.of(doc)
	chosen, err := (&config{}).choose(t.Context(), doc, m.edits)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, c := range chosen {
		value, err := json.Marshal(c.edit.value)
		if err != nil {
			t.Fatal(err)
		}
		line := text(c.edit.path) + " " + string(value)
		if c.edit.remove {
			line = text(c.edit.path) + " gone"
		}
		list = append(list, line)
		if same, _ := json.Marshal(c.program); string(same) == string(mustJSON(t, p)) {
			t.Errorf("%s is no mutant", line)
		}
	}
	return list
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func documentOf(t *testing.T, text string) (object, error) {
	t.Helper()
	p, err := beckon.ParseProgram([]byte(text))
	if err != nil {
		return nil, err
	}
	return document(t.Context(), p)
}

// Each part of a program has its mutants. What would be no program is left out.
func TestEdits(t *testing.T) {
	const message = `{"messages":[{"id":"m","status":"live","trigger":{"event":"a"},"content":{"body":"x"},`
	rule := func(r string) string { return message + `"audience":` + r + `}]}` }
	at := "messages[0]."
	for name, tt := range map[string]struct {
		document string
		want     []string
	}{
		"a condition":   {rule(`{"user":"plan","op":"is","value":"pro"}`), []string{at + "audience gone", at + `audience {"not":{"op":"is","user":"plan","value":"pro"}}`, at + `audience.value "pro~"`}},
		"a number":      {rule(`{"user":"n","op":"at_most","value":2.5}`), []string{at + "audience gone", at + `audience {"not":{"op":"at_most","user":"n","value":2.5}}`, at + `audience.op "less_than"`, at + "audience.value 3.5", at + "audience.value 1.5"}},
		"a boolean":     {rule(`{"user":"b","op":"is","value":true}`), []string{at + "audience gone", at + `audience {"not":{"op":"is","user":"b","value":true}}`}},
		"a list":        {rule(`{"user":"p","op":"in","value":["a","b"]}`), []string{at + "audience gone", at + `audience {"not":{"op":"in","user":"p","value":["a","b"]}}`, at + "audience.value[0] gone", at + "audience.value[1] gone"}},
		"a list of one": {rule(`{"user":"p","op":"contains_any","value":["a"]}`), []string{at + "audience gone", at + `audience {"not":{"op":"contains_any","user":"p","value":["a"]}}`, at + `audience.op "contains_all"`, at + `audience.value[0] "a~"`}},
		"between":       {rule(`{"user":"n","op":"between","value":[1,2]}`), []string{at + "audience gone", at + `audience {"not":{"op":"between","user":"n","value":[1,2]}}`, at + "audience.value[0] 2", at + "audience.value[0] 0", at + "audience.value[1] 3", at + "audience.value[1] 1"}},
		"ago":           {rule(`{"user":"d","op":"less_than_ago","value":"7d"}`), []string{at + "audience gone", at + `audience {"not":{"op":"less_than_ago","user":"d","value":"7d"}}`, at + `audience.op "more_than_ago"`, at + `audience.value "14d"`, at + `audience.value "3d"`}},
		"a day":         {rule(`{"user":"d","op":"after","value":"2026-01-01"}`), []string{at + "audience gone", at + `audience {"not":{"op":"after","user":"d","value":"2026-01-01"}}`, at + `audience.op "before"`}},
		"money":         {rule(`{"event":"p","stat":"sum","of":"price","op":"greater_than","value":{"amount":5,"currency":"EUR"}}`), []string{at + "audience gone", at + `audience {"not":{"event":"p","of":"price","op":"greater_than","stat":"sum","value":{"amount":5,"currency":"EUR"}}}`, at + `audience.op "at_least"`, at + "audience.value.amount 6", at + "audience.value.amount 4"}},
		"no value":      {rule(`{"user":"d","op":"is_unknown"}`), []string{at + "audience gone", at + `audience {"not":{"op":"is_unknown","user":"d"}}`}},
		"a count": {rule(`{"event":"e","stat":"count","op":"at_least","value":1,"within":"90m","where":{"metadata":"k","op":"is","value":"v"}}`), []string{
			at + "audience gone", at + `audience {"not":{"event":"e","op":"at_least","stat":"count","value":1,"where":{"metadata":"k","op":"is","value":"v"},"within":"90m"}}`, at + `audience.op "greater_than"`, at + "audience.value 2", at + "audience.value 0",
			at + `audience.within "3h"`, at + `audience.within "45m"`, at + "audience.within gone", at + "audience.where gone", at + `audience.where {"not":{"metadata":"k","op":"is","value":"v"}}`, at + `audience.where.value "v~"`,
		}},
		"groups": {rule(`{"any":[{"not":{"user":"a","op":"is_unknown"}},{"all":[{"user":"b","op":"is_unknown"}]}]}`), []string{
			at + "audience gone", at + `audience {"all":[{"not":{"op":"is_unknown","user":"a"}},{"all":[{"op":"is_unknown","user":"b"}]}]}`, at + "audience.any[0] gone", at + `audience.any[0] {"op":"is_unknown","user":"a"}`,
			at + `audience.any[0].not {"not":{"op":"is_unknown","user":"a"}}`, at + "audience.any[1] gone", at + `audience.any[1].all[0] {"not":{"op":"is_unknown","user":"b"}}`,
		}},
		"segments": {`{"segments":{"s":{"user":"a","op":"is_unknown"}}}`, []string{`segments.s {"not":{"op":"is_unknown","user":"a"}}`}},
		"caps":     {`{"caps":[{"id":"c","max":2,"within":"1d"}]}`, []string{"caps[0] gone", "caps[0].max 3", "caps[0].max 1", `caps[0].within "2d"`}},
		"hours": {`{"office_hours":{"windows":[{"days":["mon"],"from":"00:00","to":"24:00"},{"days":["tue"],"from":"09:00","to":"17:00"}]},"quiet_hours":[{"windows":[{"from":"22:00","to":"08:00"}]}]}`, []string{
			"quiet_hours[0] gone", `quiet_hours[0].windows[0].from "00:00"`, `quiet_hours[0].windows[0].to "24:00"`,
			"office_hours.windows[0] gone", "office_hours.windows[0].days gone", "office_hours.windows[1] gone", "office_hours.windows[1].days gone", `office_hours.windows[1].from "00:00"`, `office_hours.windows[1].to "24:00"`,
		}},
		"frequency": {message + `"frequency":{"every":"1h","max":3,"per":"k","wait":"2h"}}]}`, []string{at + "frequency.max 4", at + "frequency.max 2", at + `frequency.every "2h"`, at + `frequency.every "30m"`, at + "frequency.max gone", at + "frequency.per gone", at + "frequency.wait gone"}},
		"schedule": {`{"office_hours":{"windows":[{"from":"00:00","to":"24:00"}]},` + message[1:] + `"schedule":{"start":"2026-01-01T00:00:00Z","stop":"2027-01-01T00:00:00Z","windows":[{"from":"00:00","to":"10:00"}],"contact_timezone":true,"office_hours":true,"outside":"hold"}}]}`, []string{
			at + "schedule gone", at + "schedule.windows[0] gone", at + `schedule.windows[0].to "24:00"`, at + "schedule.contact_timezone false", at + "schedule.office_hours false", at + "schedule.start gone", at + "schedule.stop gone", at + `schedule.outside "drop"`,
		}},
		"switches": {message + `"transactional":true,"exempt_from_caps":true}]}`, []string{at + "transactional false", at + "exempt_from_caps false"}},
		"goal":     {message + `"goal":{"rule":{"user":"a","op":"is_unknown"},"within":"7d"}}]}`, []string{at + `goal.rule {"not":{"op":"is_unknown","user":"a"}}`, at + `goal.within "14d"`, at + `goal.within "3d"`}},
		"trigger": {`{"messages":[{"id":"m","status":"live","trigger":{"event":"a","where":{"metadata":"k","op":"is_unknown"},"unless":{"event":"b","within":"1h"}},"content":{"body":"x"}},
			{"id":"n","status":"live","trigger":{"date":"d","offset":"-2d"},"content":{"body":"x"}},{"id":"o","status":"live","trigger":{"event":"a","unless":[{"event":"b","within":"1h"},{"event":"c","within":"1h"}]},"content":{"body":"x"}}]}`, []string{
			at + "trigger.where gone", at + `trigger.where {"not":{"metadata":"k","op":"is_unknown"}}`, at + "trigger.unless gone", at + `trigger.unless.within "2h"`, at + `trigger.unless.within "30m"`,
			`messages[1].trigger.offset "-4d"`, `messages[1].trigger.offset "-1d"`, "messages[2].trigger.unless[0] gone", "messages[2].trigger.unless[1] gone",
		}},
		"series": {`{"series":[{"id":"s","status":"live","entry":{"trigger":{"event":"a","where":{"metadata":"k","op":"is_unknown"}},"audience":{"user":"a","op":"is_unknown"}},"exit":{"user":"b","op":"is_unknown"},"reenter":true,
			"blocks":[{"id":"w","wait":"2d","next":"r"},{"id":"r","rule":{"user":"c","op":"is_unknown"},"within":"2h","yes":"m"},{"id":"m","message":{"id":"m","audience":{"user":"d","op":"is_unknown"},"content":{"body":"x"}}}],"goal":{"rule":{"user":"e","op":"is_unknown"},"within":"2d"}}]}`, []string{
			"series[0].entry.audience gone", `series[0].entry.audience {"not":{"op":"is_unknown","user":"a"}}`, "series[0].entry.trigger.where gone", `series[0].entry.trigger.where {"not":{"metadata":"k","op":"is_unknown"}}`,
			"series[0].exit gone", `series[0].exit {"not":{"op":"is_unknown","user":"b"}}`, `series[0].goal.rule {"not":{"op":"is_unknown","user":"e"}}`, `series[0].goal.within "4d"`, `series[0].goal.within "1d"`, "series[0].reenter false",
			`series[0].blocks[0].wait "4d"`, `series[0].blocks[0].wait "1d"`, `series[0].blocks[1].within "4h"`, `series[0].blocks[1].within "1h"`, `series[0].blocks[1].rule {"not":{"op":"is_unknown","user":"c"}}`,
			"series[0].blocks[2].message.audience gone", `series[0].blocks[2].message.audience {"not":{"op":"is_unknown","user":"d"}}`,
		}},
	} {
		if got := edits(t, tt.document); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got\n%s\nwant\n%s", name, strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
		}
	}
}
