package beckon_test

import (
	"errors"
	"strings"
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

// A program that is built in Go is told what was meant, as one in JSON is.
func TestWordsMeantInGo(t *testing.T) {
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	err = engine.Publish(t.Context(), beckon.Program{
		Messages: []beckon.Message{
			{ID: "a", Channel: "mail"},
			{ID: "b", Channel: "fax"},
			{ID: "c", Status: "Live"},
			{ID: "d", Status: "none"},
			{ID: "e", Mode: "broadcast"},
		},
	})
	var list beckon.ErrorList
	if !errors.As(err, &list) {
		t.Fatal(err)
	}
	const channels = "chat, post, email, banner, push, sms, carousel, product_tour, survey, workflow, custom:NAME"
	want := []string{
		`"mail" is not known, did you mean "email"? It must be one of ` + channels,
		`"fax" is not known; it must be one of ` + channels,
		`"Live" is not known, did you mean "live"? It must be one of draft, live, paused, stopped`,
		`"none" is not known; it must be one of draft, live, paused, stopped`,
		`"broadcast" is not known, did you mean "one_off"? It must be one of triggered, ongoing, one_off`,
	}
	for i, w := range want {
		if i >= len(list) || list[i].Message != w {
			t.Fatalf("fault %d is not %s:\n%v", i, w, err)
		}
	}
}

// A channel that is none is told in the same words wherever it stands, in Go and as JSON, and
// that a host may have its own.
func TestChannelMeant(t *testing.T) {
	t.Parallel()
	const channels = "chat, post, email, banner, push, sms, carousel, product_tour, survey, workflow, custom:NAME"
	want := map[beckon.Channel]string{
		"slack":   `"slack" is not known; it must be one of ` + channels,
		"mail":    `"mail" is not known, did you mean "email"? It must be one of ` + channels,
		"custom:": "custom: needs a name after it, such as custom:kiosk",
	}
	for c, message := range want {
		engine, err := beckon.New(memstore.New())
		if err != nil {
			t.Fatal(err)
		}
		program := beckon.Program{
			Messages:   []beckon.Message{{ID: "m", Channel: c}},
			Caps:       []beckon.Cap{{ID: "c", Channel: c, Max: 1, Within: beckon.Days(1)}},
			QuietHours: []beckon.QuietHours{{Channels: []beckon.Channel{c}, Windows: []beckon.Window{{From: "22:00", To: "08:00"}}}},
			Topics:     []beckon.Topic{{ID: "t", Channels: []beckon.Channel{c}}},
		}
		text := strings.ReplaceAll(`{"messages":[{"id":"m","channel":"slack"}],"caps":[{"id":"c","channel":"slack","max":1,"within":"1d"}],
			"quiet_hours":[{"channels":["slack"],"windows":[{"from":"22:00","to":"08:00"}]}],"topics":[{"id":"t","channels":["slack"]}]}`, "slack", string(c))
		_, parsed := beckon.ParseProgram([]byte(text))
		for name, err := range map[string]error{"Go": engine.Publish(t.Context(), program), "JSON": parsed} {
			var list beckon.ErrorList
			if !errors.As(err, &list) || len(list) != 4 {
				t.Fatalf("%s, %s: %v", name, c, err)
			}
			for _, e := range list {
				if e.Message != message {
					t.Errorf("%s, %s: %v", name, c, e)
				}
			}
		}
	}
	_, err := beckon.ParseProgram([]byte(`{"events":{"paid":{"metadata":{"a":{"type":"money"},"b":{"type":"text"},"c":{"type":"bool"},"d":{"type":"url"}}}}}`))
	for _, meant := range []string{"monetary", "string", "boolean", "link"} {
		if err == nil || !strings.Contains(err.Error(), `did you mean "`+meant+`"?`) {
			t.Errorf("%s is not meant: %v", meant, err)
		}
	}
}
