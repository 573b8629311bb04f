package beckon_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/observe"
)

// An observer is told what was decided, after the store has it.
func ExampleWithObserver() {
	now := monday()
	engine := running(&now, beckon.Program{
		Caps: []beckon.Cap{{ID: "one-a-day", Max: 1, Within: beckon.Days(1)}},
		Messages: []beckon.Message{
			{ID: "tips", Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "A tip"}},
			{ID: "welcome", Status: beckon.Live, Trigger: beckon.On("login"), Priority: 1, Content: beckon.Content{Body: "Welcome"}},
		},
	}, beckon.WithObserver(observe.Observer{
		Decided: func(_ context.Context, d observe.Decision) {
			fmt.Println(d.Occasion, d.Message, d.Sent, d.Reason, d.Cap)
		},
		Stepped: func(_ context.Context, s observe.Step) {
			if s.Call == "event" {
				fmt.Println("a step on", s.Records, "record, error", s.Err)
			}
		},
	}))
	_, err := engine.Track(context.Background(), beckon.Event{Name: "login", UserID: "u1"})
	ok(err)
	// Output:
	// a step on 1 record, error <nil>
	// event tips false capped one-a-day
	// event welcome true
}

// At Debug the log has each decision; at Info only what nobody else sees.
func ExampleWithLogger() {
	now := monday()
	log := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	engine := running(&now, beckon.Program{Messages: []beckon.Message{{
		ID: "tips", Status: beckon.Live, Trigger: beckon.On("login"), Audience: beckon.User("plan").Is("pro"), Content: beckon.Content{Body: "A tip"},
	}}}, beckon.WithLogger(log))
	_, err := engine.Track(context.Background(), beckon.Event{Name: "login", UserID: "u1", Email: "ada@example.com"})
	ok(err)
	// Output:
	// level=DEBUG msg=held occasion=event message=tips user_id=u1 reason=audience
}
