package beckon

import (
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/rule"
)

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
