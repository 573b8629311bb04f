package beckon_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// whyWorld is an engine with one message of each kind, and one contact, u1.
func whyWorld(t *testing.T, opts ...beckon.Option) *beckon.Engine {
	t.Helper()
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	e, err := beckon.New(memstore.New(), append(opts, beckon.WithClock(func() time.Time { return now }))...)
	if err != nil {
		t.Fatal(err)
	}
	message := func(id string, channel beckon.Channel, trigger *beckon.Trigger) beckon.Message {
		return beckon.Message{ID: id, Channel: channel, Status: beckon.Live, Trigger: trigger, Content: beckon.Content{Body: "x"}}
	}
	once := message("once", beckon.Email, nil)
	once.Mode = beckon.OneOff
	draft, later := message("draft", beckon.Chat, beckon.OnChange("plan")), message("changed", beckon.Chat, beckon.OnChange("plan"))
	draft.Status = beckon.Draft
	later.Schedule = &beckon.Schedule{Windows: []beckon.Window{{From: "12:00", To: "13:00"}}, Outside: beckon.OutsideHold}
	step := message("step", beckon.Email, nil)
	if err := e.Publish(t.Context(), beckon.Program{
		Messages: []beckon.Message{message("event", beckon.Chat, beckon.On("a")), message("visit", beckon.Chat, nil), message("sweep", beckon.Email, nil), once, draft, later},
		Series:   []beckon.Series{{ID: "series", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("b")}, Blocks: []beckon.Block{{ID: "step", Message: &step}}}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Update(t.Context(), beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"plan": beckon.String("pro")}}); err != nil {
		t.Fatal(err)
	}
	return e
}

// Z2: of an id that nobody has, the value and the text say so, whatever decides the message; of
// one that somebody has, neither does.
func TestWhyNobody(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]beckon.Option{nil, {beckon.WithKnownContactsOnly()}} {
		e := whyWorld(t, opts...)
		for _, id := range []string{"event", "visit", "sweep", "once", "draft", "changed", "series", "step"} {
			for who, unknown := range map[string]bool{"typo": true, "u1": false} {
				why, err := e.Why(t.Context(), beckon.Identity{UserID: who}, id)
				if err != nil {
					if len(opts) == 0 || !unknown || id != "event" && id != "visit" {
						t.Errorf("%s of %s: %v", id, who, err)
					}
					continue
				}
				says := strings.Count(strings.ToLower(why.String()), "nobody is known by that id")
				if why.Unknown != unknown || unknown && says != 1 || !unknown && says != 0 {
					t.Errorf("%s of %s: unknown %v, and says\n%s", id, who, why.Unknown, why.String())
				}
			}
		}
		for name, m := range map[string]beckon.Moment{
			"sweep": beckon.AtSweep(beckon.Identity{UserID: "typo"}), "send": beckon.AtSend(beckon.Identity{UserID: "typo"}, "once"), "due": beckon.AtDue(beckon.Identity{UserID: "typo"}),
		} {
			traces, err := e.Explain(t.Context(), m)
			if err != nil || len(traces) != 1 || !traces[0].Unknown || !strings.HasPrefix(traces[0].Note, "nobody is known by that id") {
				t.Errorf("%s: %+v, %v", name, traces, err)
			}
		}
	}
}

// Z2: the text says which event is supposed to come, and whether one ever has.
func TestWhySaysWhatItSupposes(t *testing.T) {
	t.Parallel()
	e := whyWorld(t)
	text := func(id string) string {
		t.Helper()
		why, err := e.Why(t.Context(), beckon.Identity{UserID: "u1"}, id)
		if err != nil {
			t.Fatal(err)
		}
		return why.String()
	}
	if got, want := text("event"), "Suppose that the event “a” comes now, without metadata: the contact has none that is kept.\n“event” is sent."; got != want {
		t.Errorf("%s", got)
	}
	if _, err := e.Track(t.Context(), beckon.Event{Name: "a", UserID: "u1"}); err != nil {
		t.Fatal(err)
	}
	if got, want := text("event"), "Suppose that the event “a” comes now as it came last, at 2 Mar 2026 09:00:00 UTC.\n“event” is not sent: "; !strings.HasPrefix(got, want) {
		t.Errorf("%s", got)
	}
	if got := text("draft"); got != "It is a draft; it is triggered when plan of a contact changes: explain an update." {
		t.Errorf("%s", got)
	}
	if got := text("changed"); !strings.Contains(got, "It waits until 2 Mar 2026 12:00:00 UTC") || !strings.HasSuffix(got, "It is triggered when plan of a contact changes: explain an update.") {
		t.Errorf("%s", got)
	}
}

// Z2: of a message that a segment triggers, it is told where the contact stands to it.
func TestWhyOfSegments(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	e, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	message := func(id string, trigger *beckon.Trigger) beckon.Message {
		return beckon.Message{ID: id, Channel: beckon.Email, Status: beckon.Live, Trigger: trigger, Content: beckon.Content{Body: "x"}}
	}
	draft := message("draft", beckon.OnEnter("pro"))
	draft.Status = beckon.Draft
	if err := e.Publish(t.Context(), beckon.Program{
		Segments: map[string]beckon.Rule{"pro": beckon.User("plan").Is("pro")},
		Messages: []beckon.Message{message("entered", beckon.OnEnter("pro")), message("left", beckon.OnLeave("pro")), draft},
	}); err != nil {
		t.Fatal(err)
	}
	for id, plan := range map[string]string{"in": "pro", "out": "free"} {
		if _, err := e.Update(t.Context(), beckon.Contact{UserID: id, Attributes: beckon.Attributes{"plan": beckon.String(plan)}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range [][3]string{
		{"in", "entered", `It is triggered when a contact begins to match the segment "pro". This one matches it already.`},
		{"out", "entered", `It is triggered when a contact begins to match the segment "pro". This one does not match it now.`},
		{"in", "left", `It is triggered when a contact ceases to match the segment "pro". This one matches it now.`},
		{"out", "left", `It is triggered when a contact ceases to match the segment "pro". This one does not match it now.`},
		{"out", "draft", `It is a draft; it is triggered when a contact begins to match the segment "pro". This one does not match it now.`},
	} {
		why, err := e.Why(t.Context(), beckon.Identity{UserID: c[0]}, c[1])
		if err != nil || why.String() != c[2] {
			t.Errorf("%s of %s: %v\n%s", c[1], c[0], err, why.String())
		}
	}
}

// Before the first Publish, Explain fails where the call does, and else says why there is
// nothing to decide; what is asked of the program fails. A moment that is nil names nobody.
func TestExplainNothing(t *testing.T) {
	t.Parallel()
	e, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	who := beckon.Identity{UserID: "u1"}
	explained := func(m beckon.Moment) error {
		_, err := e.Explain(t.Context(), m)
		return err
	}
	_, series := e.ExplainSeries(t.Context(), who)
	_, why := e.Why(t.Context(), who, "m")
	for name, c := range map[string]struct {
		err  error
		code beckon.Code
	}{
		"sweep": {explained(beckon.AtSweep(who)), beckon.ErrProgramMissing}, "send": {explained(beckon.AtSend(who, "m")), beckon.ErrProgramMissing},
		"due": {explained(beckon.AtDue(who)), beckon.ErrProgramMissing}, "series": {series, beckon.ErrProgramMissing}, "why": {why, beckon.ErrProgramMissing},
		"event": {explained(beckon.Event{Name: "e", UserID: "u1"}), ""}, "visit": {explained(beckon.Visit{UserID: "u1"}), ""}, "update": {explained(beckon.Contact{UserID: "u1"}), ""},
		"nil": {explained(nil), beckon.ErrContactMissing}, "nil event": {explained((*beckon.Event)(nil)), beckon.ErrContactMissing},
		"nil visit": {explained((*beckon.Visit)(nil)), beckon.ErrContactMissing}, "nil contact": {explained((*beckon.Contact)(nil)), beckon.ErrContactMissing},
	} {
		if c.code == "" && c.err != nil || c.code != "" && !errors.Is(c.err, c.code) {
			t.Errorf("%s: %v, want %q", name, c.err, c.code)
		}
	}
}

// E5: history triggers nothing, and Explain says so.
func TestExplainImport(t *testing.T) {
	t.Parallel()
	traces, err := whyWorld(t).Explain(t.Context(), beckon.Event{Name: "a", UserID: "u1", Import: true})
	if err != nil || len(traces) != 1 || traces[0].Message != "" || traces[0].Note != "the event is history: it triggers nothing" {
		t.Errorf("%+v, %v", traces, err)
	}
}
