package beckon_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// Z2: a trace that is held not_live says why the message is not live.
func TestExplainNotLive(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	e, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	message := func(id string, status beckon.Status) beckon.Message {
		return beckon.Message{ID: id, Status: status, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"}}
	}
	later := message("later", beckon.Live)
	later.LiveAt = now.Add(90 * time.Minute)
	if err := e.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{
		message("unset", ""), message("draft", beckon.Draft), message("live", beckon.Live), message("paused", beckon.Paused),
		message("stopped", beckon.Stopped), message("held-up", beckon.Live), message("ended", beckon.Live), later,
	}}); err != nil {
		t.Fatal(err)
	}
	if err := e.Pause(t.Context(), "held-up"); err != nil {
		t.Fatal(err)
	}
	if err := e.Stop(t.Context(), "ended"); err != nil {
		t.Fatal(err)
	}
	traces, err := e.Explain(t.Context(), beckon.Event{Name: "e", UserID: "u"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"unset": "it is a draft", "draft": "it is a draft", "live": "", "paused": "it is paused", "held-up": "it is paused",
		"stopped": "it is stopped", "ended": "it is stopped", "later": "it is live from 2026-03-02T10:30:00Z",
	}
	if len(traces) != len(want) {
		t.Errorf("%d traces, want %d", len(traces), len(want))
	}
	for _, x := range traces {
		if x.Note != want[x.Message] || (x.Note != "") != (x.Reason == beckon.ReasonNotLive) {
			t.Errorf("%s, %s: note %q, want %q", x.Message, x.Reason, x.Note, want[x.Message])
		}
	}
}

// R5: a trace has what would be sent.
func TestExplainShowsTheContent(t *testing.T) {
	t.Parallel()
	e, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Format: beckon.FormatHTML, Subject: "s", Body: "<p>b", Text: "<t>"},
	}}}); err != nil {
		t.Fatal(err)
	}
	traces, err := e.Explain(t.Context(), beckon.Event{Name: "e", UserID: "u"})
	if err != nil || len(traces) != 1 || traces[0].Subject != "s" || traces[0].Body != "<p>b" || traces[0].Text != "<t>" {
		t.Errorf("%+v, %v", traces, err)
	}
}

// Before the first Publish there is nothing to explain, and Explain says so.
func TestExplainUnpublished(t *testing.T) {
	t.Parallel()
	e, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	const want = "no program was published"
	for name, explain := range map[string]func() ([]beckon.MessageTrace, error){
		"event": func() ([]beckon.MessageTrace, error) {
			return e.Explain(t.Context(), beckon.Event{Name: "e", UserID: "u"})
		},
		"visit":  func() ([]beckon.MessageTrace, error) { return e.Explain(t.Context(), beckon.Visit{UserID: "u"}) },
		"update": func() ([]beckon.MessageTrace, error) { return e.Explain(t.Context(), beckon.Contact{UserID: "u"}) },
	} {
		if traces, err := explain(); err != nil || len(traces) != 1 || traces[0].Note != want {
			t.Errorf("%s: %+v, %v", name, traces, err)
		}
	}
	if err := e.Publish(t.Context(), beckon.Program{}); err != nil {
		t.Fatal(err)
	}
	traces, err := e.Explain(t.Context(), beckon.Event{Name: "e", UserID: "u"})
	if err != nil || len(traces) != 1 || traces[0].Note != "no message listens to e" {
		t.Errorf("an empty program: %+v, %v", traces, err)
	}
}

// Z2: of an event to which no message listens, Explain says so, and what was
// probably meant.
func TestExplainUnheard(t *testing.T) {
	t.Parallel()
	e, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	message := func(id, event string, status beckon.Status) beckon.Message {
		return beckon.Message{ID: id, Channel: beckon.Email, Status: status, Trigger: beckon.On(event), Content: beckon.Content{Body: "x"}}
	}
	cart := message("cart", "cart-filled", beckon.Live)
	cart.Trigger = cart.Trigger.Unless("checked-out", beckon.Hours(1), "")
	if err := e.Publish(t.Context(), beckon.Program{
		Segments: map[string]beckon.Rule{"counted": beckon.Did("counted").AtLeast(1)},
		Messages: []beckon.Message{message("paid", "order-paid", beckon.Live), message("draft", "order-drafted", beckon.Draft), cart},
		Series: []beckon.Series{{
			ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("signed-up")}, Blocks: []beckon.Block{{ID: "w", Wait: beckon.Days(1)}},
		}},
	}); err != nil {
		t.Fatal(err)
	}
	if err := e.Archive(t.Context(), "old"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"order-payd":    "no message listens to order-payd; did you mean order-paid?",
		"Order.Payd":    "no message listens to order-payd; did you mean order-paid?",
		"signd-up":      "no message listens to signd-up; did you mean signed-up?",
		"order-draftd":  "no message listens to order-draftd",
		"zebra":         "no message listens to zebra",
		"counted":       "no message listens to counted",
		"old":           `the event name "old" is archived: it triggers nothing`,
		"signed-up":     "",
		"checked-out":   "",
		"order-paid":    "",
		"order-drafted": "",
	} {
		traces, err := e.Explain(t.Context(), beckon.Event{Name: name, UserID: "u"})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(traces) == 1 && traces[0].Message == "" {
			got = traces[0].Note
		}
		if got != want || want != "" && traces[0].Message != "" {
			t.Errorf("%s: %+v, want %q", name, traces, want)
		}
	}
}

// Traces of one occasion share those of a segment, so that many messages on one segment do
// not tell it many times.
func TestTracesShareThoseOfASegment(t *testing.T) {
	t.Parallel()
	e, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	message := func(id string, audience beckon.Rule) beckon.Message {
		return beckon.Message{ID: id, Status: beckon.Live, Trigger: beckon.On("e"), Audience: audience, Content: beckon.Content{Body: "x"}}
	}
	if err := e.Publish(t.Context(), beckon.Program{
		Segments: map[string]beckon.Rule{"s": beckon.All(beckon.User("plan").Is("pro"), beckon.User("seats").AtLeast(2))},
		Messages: []beckon.Message{message("a", beckon.Segment("s")), message("b", beckon.Not(beckon.Segment("s")))},
	}); err != nil {
		t.Fatal(err)
	}
	out, err := e.Explain(t.Context(), beckon.Event{Name: "e", UserID: "u"})
	if err != nil || len(out) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	if &out[0].Audience.Of[0].Of[0] != &out[1].Audience.Of[0].Of[0].Of[0] {
		t.Error("the segment is there twice")
	}
}

// Z2: Why supposes the last event of its name that is kept, however many others came since,
// and says so; one that never came is supposed without metadata.
func TestWhySupposesTheLastEvent(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	e, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
		ID: "m", Status: beckon.Live, Trigger: beckon.On("e").Where(beckon.Metadata("kind").Is("new")), Content: beckon.Content{Body: "x"},
	}}}); err != nil {
		t.Fatal(err)
	}
	track := func(ev beckon.Event) {
		t.Helper()
		ev.UserID = "u"
		if _, err := e.Track(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
	}
	asked := func(who, seen string, at time.Time) {
		t.Helper()
		why, err := e.Why(t.Context(), beckon.Identity{UserID: who}, "m")
		if err != nil || len(why.Messages) != 1 || why.Event != "e" || !why.EventAt.Equal(at) || why.Messages[0].Where.Seen != seen {
			t.Errorf("%s: %+v, %v", who, why, err)
		}
	}
	track(beckon.Event{Name: "e", Metadata: beckon.Fields{beckon.F("kind", "old")}})
	for _, others := range []int{0, 450} {
		for range others {
			track(beckon.Event{Name: "other"})
		}
		asked("u", "old", now)
	}
	asked("nobody", "", time.Time{})
}
