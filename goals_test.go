package beckon_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// D9: who matches the goal already when the message is sent does not convert,
// on whatever occasion it was sent.
func TestGoalReachedBeforeTheSend(t *testing.T) {
	t.Parallel()
	goal := &beckon.Goal{Rule: beckon.Did("bought").AtLeast(1), Within: beckon.Days(1)}
	program := beckon.Program{Messages: []beckon.Message{
		{ID: "mail", Channel: beckon.Email, Status: beckon.Live, Goal: goal, Content: beckon.Content{Body: "Mail"}},
		{ID: "news", Mode: beckon.OneOff, Status: beckon.Live, Goal: goal, Content: beckon.Content{Body: "News"}},
		{ID: "post", Channel: beckon.Post, Status: beckon.Live, Goal: goal, Content: beckon.Content{Body: "Post"}},
		{ID: "note", Status: beckon.Live, Trigger: beckon.On("go"), Goal: goal, Content: beckon.Content{Body: "Note"}},
	}}
	u := beckon.Identity{UserID: "u"}
	for _, c := range []struct {
		message string
		send    func(*beckontest.Kit)
	}{
		{"mail", func(k *beckontest.Kit) { k.Sweep() }},
		{"mail", func(k *beckontest.Kit) { k.Check(u) }},
		{"news", func(k *beckontest.Kit) { k.Send("news") }},
		{"post", func(k *beckontest.Kit) {
			k.Visit(beckon.Visit{UserID: u.UserID})
		}},
		{"note", func(k *beckontest.Kit) { k.Track(beckon.Event{Name: "go", UserID: "u"}) }},
	} {
		for _, before := range []bool{false, true} {
			kit := beckontest.New(t, program)
			kit.Update(beckon.Contact{UserID: u.UserID})
			if before {
				kit.Track(beckon.Event{Name: "bought", UserID: "u"})
			}
			c.send(kit.Advance(time.Hour))
			kit.Advance(time.Hour).Track(beckon.Event{Name: "bought", UserID: "u"})
			want := int64(1)
			if before {
				want = 0
			}
			if got := kit.Totals(c.message); got.Sent != 1 || got.Converted != want {
				t.Errorf("%s, bought before: %t: sent %d, converted %d, want 1 and %d", c.message, before, got.Sent, got.Converted, want)
			}
		}
	}
}

// A7, D9: a counter that is built from the log in the very occasion that
// fulfils the goal counts that occasion too.
func TestGoalOverACounterJustBuilt(t *testing.T) {
	t.Parallel()
	program := func(n int) beckon.Program {
		p := beckon.Program{Messages: []beckon.Message{{
			ID: "note", Status: beckon.Live, Trigger: beckon.On("go"), Content: beckon.Content{Body: "Note"},
			Goal: &beckon.Goal{Rule: beckon.Did("bought").Within(beckon.Days(7)).AtLeast(n), Within: beckon.Days(3)},
		}}}
		return p
	}
	kit := beckontest.New(t, program(9))
	kit.Track(beckon.Event{Name: "go", UserID: "u"})
	simple := program(9)
	simple.Messages[0].Goal.Rule = beckon.Did("other").Within(beckon.Days(1)).AtLeast(1)
	kit.Publish(simple)
	kit.Advance(time.Hour).Track(beckon.Event{Name: "bought", UserID: "u"})
	where := program(2)
	where.Messages[0].Goal.Rule = beckon.Did("bought").Where(beckon.Metadata("a").IsUnknown()).Within(beckon.Days(7)).AtLeast(2)
	kit.Publish(where)
	kit.Advance(time.Hour).Track(beckon.Event{Name: "bought", UserID: "u"})
	if got := kit.Totals("note").Converted; got != 1 {
		t.Errorf("converted %d, want 1", got)
	}
}
