package explain_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/store"
)

var at = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// Spans read back as they were written, in the units of docs/time.md.
func TestSpan(t *testing.T) {
	for text, d := range map[string]time.Duration{
		"0s": 0, "90s": 90 * time.Second, "1h": time.Hour, "1d": 24 * time.Hour, "1d12h": 36 * time.Hour, "30d": 720 * time.Hour,
	} {
		out, err := json.Marshal(explain.Span(d))
		if err != nil || string(out) != `"`+text+`"` {
			t.Errorf("%s: %s, %v", d, out, err)
		}
		var back explain.Span
		if err := json.Unmarshal(out, &back); err != nil || back != explain.Span(d) {
			t.Errorf("%s reads back as %s, %v", text, back, err)
		}
	}
	var s explain.Span
	if err := json.Unmarshal([]byte(`"soon"`), &s); err == nil {
		t.Error("soon is no span")
	}
}

// What is told in words, reason by reason.
func TestMessageString(t *testing.T) {
	sent := at.Add(-20 * time.Minute)
	for _, c := range []struct {
		m    explain.Message
		want string
	}{
		{explain.Message{Note: "no message listens to x; did you mean y?"}, "No message listens to x; did you mean y?"},
		{explain.Message{Message: "m", Sent: true, At: at, SendsAt: at}, "“m” is sent."},
		{explain.Message{Message: "m", Sent: true, At: at, SendsAt: at, Sends: 2}, "“m” is sent. The contact has had it 2 times before."},
		{
			explain.Message{Message: "m", CompanyID: "acme", Reason: store.ReasonSource, Never: "an event of this source never triggers this channel"},
			"“m” about the company “acme” is not sent: events from this source do not trigger its channel. Time alone does not bring it about: an event of this source never triggers this channel.",
		},
		{
			explain.Message{Message: "m", Name: "Ready", Reason: store.ReasonNotLive, Note: "it is a draft", Never: "the message is not live, and somebody has to change that"},
			"“Ready” (m) is not sent: it is a draft. Time alone does not bring it about: the message is not live, and somebody has to change that.",
		},
		{
			explain.Message{Message: "m", Reason: store.ReasonMaxReached, Never: "too much would have to be looked at", Unsure: true},
			"“m” is not sent: the contact has had it as often as it may. Whether time alone brings it about is not known: too much would have to be looked at.",
		},
		{explain.Message{
			Message: "m", Reason: store.ReasonThrottled, Sends: 1, LastSent: &sent, SendsAt: at.Add(40 * time.Minute), SendsBy: explain.OnVisit,
			Frequency: &explain.Frequency{Every: explain.Span(time.Hour), Count: 1, Last: sent},
		}, "“m” is not sent: the contact has had it too recently. It was last sent at 2 Mar 2026 08:40:00 UTC, and there must be 1h between two. If nothing else changes it could be sent at 2 Mar 2026 09:40:00 UTC, on a visit then. The contact has had it once before, last at 2 Mar 2026 08:40:00 UTC."},
		{explain.Message{Message: "m", Reason: store.ReasonCapped, Cap: "c", Caps: []explain.Cap{
			{ID: "other"}, {ID: "c", Channel: store.Push, Tag: "promo", Max: 1, Within: explain.Span(36 * time.Hour), Count: 1, Full: true, Sends: []explain.Send{{Message: "n", At: sent}}},
		}}, "“m” is not sent: the limit “c” across messages has no room. The limit “c” allows 1 in 1d12h over push with the tag “promo”, and 1 went out: “n” at 2 Mar 2026 08:40:00 UTC."},
		{explain.Message{Message: "m", Reason: store.ReasonSchedule, Hours: &explain.Hours{Schedule: &explain.Schedule{
			Windows: []explain.Window{{From: "mon 10:00", To: "mon 12:00"}},
			Zone:    &explain.Zone{Name: "Europe/Dublin", From: explain.ZoneOfProgram, Wanted: true, Local: at},
		}}}, "“m” is not sent: it is outside of its hours. It is Mon 09:00 in Europe/Dublin (the zone of the program; the contact has none), and it goes out mon 10:00 to mon 12:00."},
		{
			explain.Message{Message: "m", Reason: store.ReasonUnsubscribed, Consent: &explain.Consent{Refused: true, Of: "push:promo", At: sent, From: "link"}},
			"“m” is not sent: the contact does not want it. The contact has refused “push:promo” at 2 Mar 2026 08:40:00 UTC (link).",
		},
		{
			explain.Message{Message: "m", Reason: store.ReasonWaiting, Waits: &explain.Wait{Event: "added", Since: sent, Until: at, Unless: []string{"paid", "left"}}},
			"“m” is not sent: it waits to see what follows. It waits since “added” at 2 Mar 2026 08:40:00 UTC until 2 Mar 2026 09:00:00 UTC, unless paid or left comes first.",
		},
	} {
		if got := c.m.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	if m := (explain.Message{Message: "m", Reason: "too_far"}); m.String() != "“m” is not sent: it is held, too_far." {
		t.Error(m.String())
	}
	for _, r := range []store.Reason{store.ReasonAlreadySent, store.ReasonWaitingFull, store.ReasonQuiet, store.ReasonSnoozed, store.ReasonMaxReached, store.ReasonControl, store.ReasonOutboxFull, store.ReasonMissingValue} {
		m := explain.Message{Message: "m", Reason: r}
		if got := m.String(); strings.Contains(got, "it broke") || !strings.Contains(got, "is not sent: ") {
			t.Errorf("%s: %s", r, got)
		}
	}
}

// Only the conditions by which a rule came out are named, as what they ask, and a group that
// is reversed asks the opposite.
func TestRuleInWords(t *testing.T) {
	plan := explain.Rule{Rule: `{"user":"plan","op":"is","value":"pro"}`, Value: `the text "free"`, Operand: `the text "pro"`}
	paid := explain.Rule{Rule: `{"event":"paid","stat":"count","op":"at_least","value":1,"within":"7d"}`, Matched: true, Value: "the number 3", Operand: "the number 1"}
	role := explain.Rule{Rule: `{"company":"role","op":"is_unknown"}`, Matched: true, Unknown: true}
	for _, c := range []struct {
		rule explain.Rule
		want string
	}{
		{explain.Rule{Rule: "all", Of: []explain.Rule{plan, paid}}, `the contact's “plan” must be the text "pro", and is the text "free"`},
		{explain.Rule{Rule: "not", Of: []explain.Rule{paid}}, "how often “paid” in the last 7d must not be at least the number 1, and is the number 3"},
		{explain.Rule{Rule: "not", Of: []explain.Rule{{Rule: "any", Matched: true, Of: []explain.Rule{plan, role}}}}, "the company's “role” must not be unknown, and is not known"},
	} {
		m := explain.Message{Message: "m", Reason: store.ReasonAudience, Audience: &c.rule}
		if got, want := m.String(), "“m” is not sent: the contact is not in its audience: "+c.want+"."; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// Of many conditions, and of many sends, a paragraph names five.
func TestManyInWords(t *testing.T) {
	rule := explain.Rule{Rule: "all"}
	c := explain.Cap{ID: "c", Max: 9, Within: explain.Span(time.Hour), Count: 9}
	for i := range 9 {
		rule.Of = append(rule.Of, explain.Rule{Rule: `{"user":"a` + string(rune('0'+i)) + `","op":"is_unknown"}`})
		c.Sends = append(c.Sends, explain.Send{Message: "m" + string(rune('0'+i)), At: at})
	}
	m := explain.Message{Message: "m", Reason: store.ReasonAudience, Audience: &rule}
	if got := m.String(); strings.Count(got, "must be unknown") != 5 || !strings.Contains(got, "“a4” must be unknown; and more.") {
		t.Error(got)
	}
	if got := c.String(); strings.Count(got, " at ") != 5 || strings.Contains(got, "“m3”") || !strings.Contains(got, "“m4”") {
		t.Error(got)
	}
}

// Instants are told to the millisecond where they have any; a topic that asks for a yes is told as
// such; what Never says is not said twice.
func TestFinePointsInWords(t *testing.T) {
	m := explain.Message{Message: "m", Reason: store.ReasonThrottled, SendsAt: at.Add(5 * time.Millisecond), SendsBy: explain.OnSend}
	if got := m.String(); !strings.Contains(got, "at 2 Mar 2026 09:00:00.005 UTC, if it were sent then.") {
		t.Error(got)
	}
	m = explain.Message{Message: "m", Reason: store.ReasonUnsubscribed, Consent: &explain.Consent{Refused: true, Of: "news", OptIn: true}}
	if got := m.String(); !strings.Contains(got, "Its topic “news” asks for a yes, which the contact has not given.") {
		t.Error(got)
	}
	m = explain.Message{Message: "m", Reason: store.ReasonNotLive, Note: "it is a draft", Never: "it is a draft"}
	if got := m.String(); got != "“m” is not sent: it is a draft." {
		t.Error(got)
	}
}

// Where walks stand, and why others have not begun.
func TestWalkString(t *testing.T) {
	later := at.Add(time.Hour)
	rule := &explain.Rule{Rule: `{"event":"paid","stat":"count","op":"at_least","value":1}`, Value: "the number 0", Operand: "the number 1"}
	holds := &explain.Rule{Rule: `{"user":"plan","op":"is","value":"pro"}`, Matched: true}
	for _, c := range []struct {
		w    explain.Walk
		want string
	}{
		{
			explain.Walk{Series: "s", State: explain.Walking, Block: "b", Kind: explain.WaitBlock, Since: at, Until: later, NextMessage: "m", NextAt: later},
			"In the series “s” the contact stands at “b” since 2 Mar 2026 09:00:00 UTC. There it waits until 2 Mar 2026 10:00:00 UTC. If nothing but time passes it next sends “m” at 2 Mar 2026 10:00:00 UTC.",
		},
		{
			explain.Walk{Series: "s", State: explain.Walking, Block: "b", Kind: explain.RuleBlock, Since: at, Ends: later, Rule: rule},
			"In the series “s” the contact stands at “b” since 2 Mar 2026 09:00:00 UTC. There it waits for a rule to hold: how often “paid” must be at least the number 1, and is the number 0; its time is up at 2 Mar 2026 10:00:00 UTC.",
		},
		{
			explain.Walk{Series: "s", State: explain.Walking, Block: "b", Kind: explain.RuleBlock, Since: at, Rule: rule},
			"In the series “s” the contact stands at “b” since 2 Mar 2026 09:00:00 UTC. There it waits for a rule to hold: how often “paid” must be at least the number 1, and is the number 0.",
		},
		{
			explain.Walk{Series: "s", State: explain.Walking, Block: "b", Kind: explain.MessageBlock, Since: at, Until: later, For: store.ReasonQuiet, Message: &explain.Message{Message: "m"}},
			"In the series “s” the contact stands at “b” since 2 Mar 2026 09:00:00 UTC. There it waits to send “m” (quiet) until 2 Mar 2026 10:00:00 UTC.",
		},
		{
			explain.Walk{Series: "s", State: explain.Walking, Block: "b", Kind: explain.SplitBlock, Since: at, Note: "the series is paused: the walk does not move"},
			"In the series “s” the contact stands at “b” since 2 Mar 2026 09:00:00 UTC. The series is paused: the walk does not move.",
		},
		{
			explain.Walk{Series: "s", State: explain.NeverBegan, Entry: &explain.Entry{Why: "it begins when the contact comes to match the audience, which it does not", Audience: rule}},
			"The contact has not begun the series “s”. It begins when the contact comes to match the audience, which it does not. It is not in the audience of the entry: how often “paid” must be at least the number 1, and is the number 0.",
		},
		{
			explain.Walk{Series: "s", State: explain.NeverBegan, Entry: &explain.Entry{Why: "the event e has never come", Audience: holds}},
			"The contact has not begun the series “s”. The event e has never come.",
		},
		{explain.Walk{Series: "s", State: explain.Finished, Entered: at}, "The contact has been through the series “s”, which it entered last at 2 Mar 2026 09:00:00 UTC."},
		{explain.Walk{Series: "s", State: explain.Exited, Entered: at}, "The contact has left the series “s” by its exit rule; it had entered last at 2 Mar 2026 09:00:00 UTC."},
	} {
		if got := c.w.String(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// The JSON of an explanation reads back equal.
func TestJSON(t *testing.T) {
	m := explain.Message{
		Message: "m", Reason: store.ReasonQuiet, At: at, Live: &explain.Live{Status: "live", Since: at},
		Frequency: &explain.Frequency{Every: explain.Span(time.Minute), Full: true}, Caps: []explain.Cap{{ID: "c", Max: 1, Within: explain.Span(time.Hour), Sends: []explain.Send{{Message: "n", At: at}}}},
		Hours:   &explain.Hours{Reason: store.ReasonQuiet, Quiet: []explain.Quiet{{Quiet: true, Windows: []explain.Window{{From: "mon 22:00", To: "tue 08:00"}}, Zone: explain.Zone{Name: "UTC", From: explain.ZoneByDefault, Local: at}}}},
		Control: &explain.Control{Program: 0.5}, Waits: &explain.Wait{For: store.ReasonQuiet, Until: at}, SendsAt: at, SendsBy: explain.OnDue,
	}
	data, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var back explain.Message
	if err := json.Unmarshal(data, &back); err != nil || !reflect.DeepEqual(m, back) {
		t.Errorf("%+v, %v\n%s", back, err, data)
	}
}

// What the calls return prints as its text, also where it is not a pointer.
func TestTextOfValues(t *testing.T) {
	m := explain.Message{Message: "m", Reason: store.ReasonAudience, Caps: []explain.Cap{{ID: "c", Max: 1, Within: explain.Span(time.Hour)}}}
	walk := explain.Walk{Series: "s", State: explain.NeverBegan}
	why := explain.Why{Messages: []explain.Message{m}}
	for _, c := range []struct {
		value any
		want  string
	}{
		{m, m.String()},
		{&m, m.String()},
		{[]explain.Message{m}, "[" + m.String() + "]"},
		{m.Caps, "[" + m.Caps[0].String() + "]"},
		{walk, walk.String()},
		{why, why.String()},
	} {
		if got := fmt.Sprint(c.value); got != c.want {
			t.Errorf("%T prints as %s, want %s", c.value, got, c.want)
		}
	}
}
