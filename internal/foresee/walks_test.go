package foresee_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/memstore"
)

// X1, X3, X4: where walks stand, what they wait for, and why they have not begun.
func TestWalks(t *testing.T) {
	now := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	message := func(id string, s *beckon.Schedule) *beckon.Message {
		return &beckon.Message{ID: id, Channel: beckon.Email, Status: beckon.Live, Schedule: s, Content: beckon.Content{Body: "x"}}
	}
	evening := &beckon.Schedule{Windows: []beckon.Window{{From: "18:00", To: "20:00"}}}
	program := beckon.Program{Series: []beckon.Series{
		{ID: "by-event", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("go"), Audience: beckon.User("plan").Is("pro")}, Blocks: []beckon.Block{
			{ID: "did", Rule: pointer(beckon.Did("paid").AtLeast(1)), Within: beckon.Hours(2), Yes: "mail", No: "mail"}, {ID: "mail", Message: message("mail", evening)},
		}},
		{ID: "by-audience", Status: beckon.Live, Entry: beckon.Entry{Audience: beckon.User("plan").Is("pro")}, Exit: beckon.Did("left").AtLeast(1), Blocks: []beckon.Block{{ID: "w", Wait: beckon.Hours(1)}}},
		{ID: "draft", Entry: beckon.Entry{Trigger: beckon.On("go")}, Blocks: []beckon.Block{{ID: "w", Wait: beckon.Hours(1)}}},
		{ID: "again", Status: beckon.Live, Reenter: true, ReenterAfter: beckon.Days(1), Entry: beckon.Entry{Trigger: beckon.On("go")}, Blocks: []beckon.Block{{ID: "end", Exit: true}}},
	}}
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), program); err != nil {
		t.Fatal(err)
	}
	user := beckon.Identity{UserID: "u1"}
	walks := func() map[string]explain.Walk {
		t.Helper()
		list, err := engine.ExplainSeries(context.Background(), user)
		if err != nil || len(list) != 4 {
			t.Fatalf("%+v, %v", list, err)
		}
		m := map[string]explain.Walk{}
		for _, w := range list {
			m[w.Series] = w
		}
		return m
	}
	why := func(series, want string) {
		t.Helper()
		w := walks()[series]
		if w.Entry == nil || !strings.Contains(w.Entry.Why, want) {
			t.Errorf("%s: %+v, want %q", series, w.Entry, want)
		}
	}
	why("by-event", "nobody is known")
	if _, err := engine.Update(t.Context(), beckon.Contact{UserID: "u1"}); err != nil {
		t.Fatal(err)
	}
	track := func(name string) {
		t.Helper()
		if _, err := engine.Track(t.Context(), beckon.Event{Name: name, UserID: "u1"}); err != nil {
			t.Fatal(err)
		}
	}
	why("by-event", "never come")
	why("by-audience", "does not")
	why("draft", "is draft")
	track("go")
	why("by-event", "not now")
	why("again", "from 2026-03-03T09:00:00Z on")
	if w := walks()["again"]; w.State != explain.Finished || w.Entries != 1 {
		t.Errorf("%+v", w)
	}
	if _, err := engine.Update(t.Context(), beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"plan": beckon.String("pro")}}); err != nil {
		t.Fatal(err)
	}
	w := walks()["by-audience"]
	if w.State != explain.Walking || w.Block != "w" || w.Kind != explain.WaitBlock || !w.Until.Equal(now.Add(time.Hour)) {
		t.Errorf("%+v", w)
	}
	track("go")
	w = walks()["by-event"]
	opens := time.Date(2026, time.March, 2, 18, 0, 0, 0, time.UTC)
	if w.State != explain.Walking || w.Kind != explain.RuleBlock || w.Rule == nil || w.Rule.Matched || !w.Ends.Equal(now.Add(2*time.Hour)) || w.NextMessage != "mail" || !w.NextAt.Equal(opens) {
		t.Errorf("%+v", w)
	}
	track("left")
	if w := walks()["by-audience"]; w.State != explain.Exited || w.Exits != 1 || !w.Exit.Matched {
		t.Errorf("%+v", w)
	}
	track("paid")
	w = walks()["by-event"]
	if w.Kind != explain.MessageBlock || w.For != beckon.ReasonSchedule || !w.Until.Equal(opens) || w.Message == nil || !w.Message.SendsAt.Equal(opens) || w.Message.Body != "x" {
		t.Errorf("%+v, %+v", w, w.Message)
	}
	answer, err := engine.Why(t.Context(), user, "mail")
	if err != nil || len(answer.Walks) != 1 || answer.Walks[0].Series != "by-event" {
		t.Errorf("%+v, %v", answer, err)
	}
	if text := answer.String(); !strings.Contains(text, "waits to send “mail” (schedule) until 2 Mar 2026 18:00:00 UTC") {
		t.Error(text)
	}
	now = opens // Due has not run yet: nothing is in its way any more
	if w := walks()["by-event"]; w.Kind != explain.MessageBlock || w.For != "" || !w.Message.SendsAt.Equal(opens) {
		t.Errorf("%+v, %+v", w, w.Message)
	}
}
