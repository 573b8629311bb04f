package beckon_test

import (
	"errors"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// What names no message or series is told with the id that was probably meant, and of a
// one-off with why it is none.
func TestIDsMeant(t *testing.T) {
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	ctx, who := t.Context(), beckon.Identity{UserID: "u1"}
	if err := engine.Publish(ctx, beckon.Program{
		Messages: []beckon.Message{{ID: "welcome", Trigger: beckon.On("signed-up")}, {ID: "spring-news", Mode: beckon.OneOff}, {ID: "tips"}},
		Series:   []beckon.Series{{ID: "onboarding", Entry: beckon.Entry{Trigger: beckon.On("signed-up")}, Blocks: []beckon.Block{{ID: "a", Message: &beckon.Message{ID: "nudge"}}}}},
	}); err != nil {
		t.Fatal(err)
	}
	send := func(id string) (err error) {
		for _, err = range engine.Send(ctx, id) {
		}
		return err
	}
	why := func(id string) error {
		_, err := engine.Why(ctx, who, id)
		return err
	}
	for _, step := range []struct {
		err  error
		want string
	}{
		{engine.Pause(ctx, "Welcom"), `no message "Welcom" is known, did you mean "welcome"?`},
		{engine.Stop(ctx, "goodbye"), `no message "goodbye" is known`},
		{engine.PauseSeries(ctx, "on-boarding-"), `no series "on-boarding-" is known, did you mean "onboarding"?`},
		{engine.ResumeSeries(ctx, "welcome"), `no series "welcome" is known`},
		{why("onbording"), `no message or series "onbording" is in the program, did you mean "onboarding"?`},
		{why("nugde"), `no message or series "nugde" is in the program, did you mean "nudge"?`},
		{send("sprng-news"), `no one-off message "sprng-news" is in the program, did you mean "spring-news"?`},
		{send("welcom"), `no one-off message "welcom" is in the program`},
		{send("welcome"), `the message "welcome" has not the mode one_off: it goes out on other occasions`},
		{send("nudge"), `the message "nudge" has not the mode one_off: its series sends it`},
	} {
		var list beckon.ErrorList
		if !errors.As(step.err, &list) || len(list) != 1 || list[0].Code != beckon.ErrMessageUnknown || list[0].Message != step.want {
			t.Errorf("got %v, want %s", step.err, step.want)
		}
	}
}
