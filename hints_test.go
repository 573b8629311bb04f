package beckon

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
)

// A word of another product is told by ours, not by the nearest in letters:
// "and" is not a slip of "any".
func TestOtherWords(t *testing.T) {
	for doc, says := range map[string]string{
		`{"and":[]}`:                                       `did you mean "all"?`,
		`{"or":[]}`:                                        `did you mean "any"?`,
		`{"$or":[]}`:                                       `did you mean "any"?`,
		`{"OR":[]}`:                                        `did you mean "any"?`,
		`{"user":"a","operator":"is","value":1}`:           `did you mean "op"?`,
		`{"attribute":"a","op":"is","value":1}`:            `did you mean "user"?`,
		`{"user":"a","op":"is","values":1}`:                `did you mean "value"?`,
		`{"user":"a","op":"equals","value":1}`:             `did you mean "is"?`,
		`{"user":"a","op":"eq","value":1}`:                 `did you mean "is"?`,
		`{"user":"a","op":"==","value":1}`:                 `did you mean "is"?`,
		`{"user":"a","op":"not_equals","value":1}`:         `did you mean "is_not"?`,
		`{"user":"a","op":"neq","value":1}`:                `did you mean "is_not"?`,
		`{"user":"a","op":"gte","value":1}`:                `did you mean "at_least"?`,
		`{"user":"a","op":">","value":1}`:                  `did you mean "greater_than"?`,
		`{"user":"a","op":"<=","value":1}`:                 `did you mean "at_most"?`,
		`{"user":"a","op":"exists"}`:                       `did you mean "has_any_value"?`,
		`{"user":"a","op":"is_set"}`:                       `did you mean "has_any_value"?`,
		`{"user":"a","op":"startsWith","value":""}`:        `did you mean "starts_with"?`,
		`{"user":"a","op":"like","value":"x"}`:             `did you mean "contains"?`,
		`{"user":"a","op":"one_of","value":[]}`:            `did you mean "in"?`,
		`{"event":"a","stat":"times","op":"is","value":1}`: `did you mean "count"?`,
	} {
		if _, err := ParseRule([]byte(doc)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", doc, err, says)
		}
	}
	for doc, says := range map[string]string{
		`{"campaigns":[]}`:                                                                `did you mean "messages"?`,
		`{"messages":[{"id":"m","type":"chat"}]}`:                                         `did you mean "channel"?`,
		`{"messages":[{"id":"m","status":"active"}]}`:                                     `did you mean "live"?`,
		`{"messages":[{"id":"m","mode":"broadcast"}]}`:                                    `did you mean "one_off"?`,
		`{"messages":[{"id":"m","filters":{}}]}`:                                          `did you mean "audience"?`,
		`{"series":[{"id":"s","steps":[]}]}`:                                              `did you mean "blocks"?`,
		`{"messages":[{"id":"m","event":"x"}]}`:                                           `did you mean "trigger"?`,
		`{"series":[{"entry":{"event":"x"}}]}`:                                            `did you mean "trigger"?`,
		`{"quiet_hours":[{"windows":[{"days":["Monday"],"from":"09:00","to":"10:00"}]}]}`: `did you mean "mon"?`,
	} {
		if _, err := ParseProgram([]byte(doc)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %s", doc, err, says)
		}
	}
}

// The words are written as they are looked up, and lead to words of ours.
func TestOtherWordsTable(t *testing.T) {
	ours := slices.Concat(rule.Members[:], rule.SubjectAny.Operators(), []string{
		"count", "first", "last", "sent_count", "last_sent", "messages", "series", "segments", "caps", "office_hours", "timezone", "name", "subject",
		"channel", "mode", "status", "audience", "trigger", "frequency", "schedule", "wait", "control", "goal", "tags", "content", "body", "every", "max",
		"start", "stop", "exit", "show_until", "unless", "blocks", "next", "no", "yes", "live", "paused", "stopped", "email", "sms", "push", "chat", "post",
		"product_tour", "one_off", "ongoing", "triggered", "hold", "drop", "text", "empty", "event_name", "user_id", "anonymous_id", "event_id", "company_id",
		"url", "import", "attributes", "unsubscribed",
		"string", "number", "boolean", "link", "image", "monetary", // types of declared events
		"created_at", "metadata", "page", "date", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
	})
	for word, list := range fault.OtherWords {
		if string(fault.AppendPlain(nil, word)) != word || len(list) == 0 {
			t.Errorf("%q is never found", word)
		}
		for _, to := range list {
			if !slices.Contains(ours, to) || string(fault.AppendPlain(nil, to)) == word {
				t.Errorf("%q leads to %q", word, to)
			}
		}
	}
}

// An operator that is not known, or does not suit, is told with those that do.
func TestOperatorsThatFit(t *testing.T) {
	for doc, want := range map[string]string{
		`{"event":"a","stat":"count","op":"zzz","value":1}`:        "it takes is, is_not, greater_than, less_than, at_least, at_most, between",
		`{"event":"a","stat":"last","op":"zzz","value":"1d"}`:      "it takes more_than_ago, less_than_ago, exactly_ago, more_than_ahead, less_than_ahead, exactly_ahead, after, on, before, is_unknown, has_any_value",
		`{"user":"created_at","op":"is","value":1}`:                "which is a date: it takes more_than_ago, less_than_ago",
		`{"user":"email","op":"gt","value":1}`:                     "it takes is, is_not, contains",
		`{"event":"a","stat":"count","op":"contains","value":"1"}`: "which is a count: it takes is, is_not, greater_than",
		`{"event":"a","stat":"count","op":"older_than","value":1}`: `unknown operator "older_than"`,
	} {
		if _, err := ParseRule([]byte(doc)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", doc, err, want)
		}
	}
}

// A fault names the id of what its path lies in, in the text and by itself.
func TestFaultsNameTheID(t *testing.T) {
	_, err := ParseProgram([]byte(`{"caps":[{"id":"daily","max":0,"within":"1d"}],"messages":[{"id":"ok","content":{"body":"x"}},{"id":"upload-ready","frequency":{"max":-1},"trigger":{"event":"a"}}],
		"series":[{"id":"course","blocks":[{"id":"b","wait":"-1d"},{"id":"c","message":{"id":"lesson","chanel":"x"}}]}],"segments":{"s":{"user":"a"}}}`))
	var list ErrorList
	if !errors.As(err, &list) {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range list {
		got[e.Path] = e.ID
		b, err := json.Marshal(e)
		if err != nil || e.ID != "" && (!strings.Contains(string(b), `"id":"`+e.ID+`"`) || !strings.HasPrefix(e.Error(), e.Path+` ("`+e.ID+`"): `)) {
			t.Errorf("%s %s", b, e)
		}
	}
	for path, id := range map[string]string{
		"caps[0].max": "daily", "messages[1].frequency.max": "upload-ready", "series[0].blocks[0].wait": "course",
		"series[0].blocks[1].message.chanel": "lesson", "segments.s.op": "",
	} {
		if at, ok := got[path]; !ok || at != id {
			t.Errorf("%s: id %q, %v; all %v", path, at, ok, list)
		}
	}
	for path, id := range map[string]string{
		"messages": "", "messages[9].id": "", "messages[0": "", "messages[-1].id": "", "messages[x].id": "", "": "", "office_hours.windows[0].from": "", "series[0].blocks[7].wait": "s",
	} {
		p := Program{Messages: []Message{{ID: "m"}}, Series: []Series{{ID: "s"}}}
		if got := p.idAt(path); got != id {
			t.Errorf("%q: %q", path, got)
		}
	}
	long := Error{Code: ErrProgramInvalid, Path: "messages[0].id", ID: strings.Repeat("x", 300), Message: "m"}
	if len(long.Error()) > 150 {
		t.Error(long.Error())
	}
}

// A fault says what was probably meant, also where the slip is one of type.
func TestHints(t *testing.T) {
	t.Parallel()
	in := func(member string) string { return `{"messages":[{"id":"m",` + member + `}]}` }
	audience := func(r string) string { return in(`"audience":` + r) }
	for _, c := range []struct{ doc, want string }{
		{in(`"trigger":{"event":"e"},"frequency":{"every":60}`), `must be a string such as "1h", is a number`},
		{audience(`{"event":"e","stat":"count","op":"is","value":1,"within":7}`), `must be a string such as "1h", is a number`},
		{audience(`{"user":"created_at","op":"more_than_ago","value":7}`), `must be a duration such as "7d", is a number`},
		{audience(`{"user":"plan","is":"pro"}`), `unknown field, did you mean "op": "is" and a "value"?`},
		{audience(`{"user":"plan","equals":"pro"}`), `unknown field, did you mean "op": "is" and a "value"?`},
		{audience(`{"user":"age","greater_then":3}`), `unknown field, did you mean "op": "greater_than" and a "value"?`},
		{audience(`{"user":"plan","is_unknown":true}`), `unknown field, did you mean "op": "is_unknown"?`},
		{audience(`{"user":"plan","operator":"is","value":1}`), `unknown field, did you mean "op"?`},
		{audience(`{"user":"plan","op":"is","valu":1}`), `unknown field, did you mean "value"?`},
		{audience(`{"user":"plan","op":"is","value":null}`), `must be a value, is null: use the operator is_unknown or has_any_value`},
		{audience(`{"user":"a","op":"after","value":"2026-01-02T15:04:05"}`), `"2026-01-02T15:04:05" has no zone: write 2026-01-02T15:04:05Z, or an offset such as +01:00 in place of Z`},
		{audience(`{"user":"a","op":"after","value":"2026-01-02 15:04:05"}`), `is neither a day (2026-01-02) nor an instant (2026-01-02T15:04:05Z)`},
		{in(`"live_at":"2026-01-05T09:00:00"`), `"2026-01-05T09:00:00" has no zone: write 2026-01-05T09:00:00Z, or an offset such as +01:00 in place of Z`},
		{in(`"live_at":"soon"`), `"soon" is not a time: write it as 2026-01-05T09:00:00Z (RFC 3339)`},
	} {
		if _, err := ParseProgram([]byte(c.doc)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\n%v, want in it\n%s", c.doc, err, c.want)
		}
	}
	var faults fault.List
	rule.Compile(lowered(All(User("plan").Is(nil), User("plan").In("pro", nil))), &rule.Compiler{Counters: &rule.CounterSet{}, Faults: &faults}, rule.OfContact, "")
	const want = "nil is not a value: use IsUnknown or HasAnyValue"
	if len(faults) != 2 || !strings.Contains(faults[0].Error(), want) || !strings.Contains(faults[1].Error(), want) {
		t.Errorf("%v, want twice\n%s", faults, want)
	}
}
