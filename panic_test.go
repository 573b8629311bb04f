package beckon_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A message that panics is held, failed, and nothing else changes: those judged
// before it keep what they did, those after it are judged, and what it had begun
// takes no place under a cap.
func TestPanicCostsOneMessage(t *testing.T) {
	t.Parallel()
	who := beckon.User("plan").Is("pro")
	for _, c := range []struct {
		name     string
		audience beckon.Rule
		broken   func(*beckon.Engine, string)
		occasion func(*beckon.Engine) (beckon.Result, error)
		trigger  *beckon.Trigger
	}{
		{"content on an event", beckon.Rule{}, beckon.BreakContent, trackGo, beckon.On("go")},
		{"content behind an audience on an event", who, beckon.BreakContent, trackGo, beckon.On("go")},
		{"audience on an event", who, beckon.BreakAudience, trackGo, beckon.On("go")},
		{"content on a check", beckon.Rule{}, beckon.BreakContent, checkGo, nil},
		{"audience on a check", who, beckon.BreakAudience, checkGo, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return noon }))
			if err != nil {
				t.Fatal(err)
			}
			program := beckon.Program{Caps: []beckon.Cap{{ID: "three", Max: 3, Within: beckon.Days(1)}}}
			for _, id := range []string{"1 sent", "2 broken", "3 held", "4 sent", "5 broken", "6 sent", "7 capped"} {
				m := beckon.Message{
					ID: id, Status: beckon.Live, Trigger: c.trigger, Audience: c.audience, Content: beckon.Content{Body: id},
				}
				if c.trigger == nil {
					m.Mode, m.Channel = beckon.Ongoing, beckon.Email
				}
				if id == "3 held" {
					m.Audience = beckon.User("plan").Is("free")
				}
				program.Messages = append(program.Messages, m)
			}
			if err := engine.Publish(ctx, program); err != nil {
				t.Fatal(err)
			}
			plan := beckon.Attributes{"plan": beckon.String("pro")}
			if _, err := engine.Update(ctx, beckon.Contact{UserID: "u", Attributes: plan}); err != nil {
				t.Fatal(err)
			}
			c.broken(engine, "2 broken")
			c.broken(engine, "5 broken")
			res, err := c.occasion(engine)
			if err != nil {
				t.Fatal(err)
			}
			var sent, held []string
			for _, d := range res.Deliveries {
				sent = append(sent, d.Message)
			}
			for _, h := range res.Held() {
				held = append(held, h.Message+" "+string(h.Reason))
			}
			if want := []string{"1 sent", "4 sent", "6 sent"}; !slices.Equal(sent, want) {
				t.Errorf("sent %q, want %q", sent, want)
			}
			if want := []string{"2 broken failed", "3 held audience", "5 broken failed", "7 capped capped"}; !slices.Equal(held, want) {
				t.Errorf("held %q, want %q", held, want)
			}
			if n := len(res.Failures()); n != 2 {
				t.Errorf("%d failures, want 2: %v", n, res.Failures())
			}
			for _, m := range program.Messages {
				totals, err := engine.Totals(ctx, m.ID)
				if err != nil {
					t.Fatal(err)
				}
				if want := slices.Contains(sent, m.ID); totals.Judged != 1 || (totals.Sent == 1) != want {
					t.Errorf("%s: totals %+v, sent %v", m.ID, totals, want)
				}
			}
		})
	}
}

func trackGo(e *beckon.Engine) (beckon.Result, error) {
	return e.Track(context.Background(), beckon.Event{Name: "go", UserID: "u"})
}

func checkGo(e *beckon.Engine) (beckon.Result, error) {
	return e.Check(context.Background(), beckon.Identity{UserID: "u"})
}

// D6 stands before the audience, also where all that a message asks is one.
func TestSourceIsJudgedBeforeAudience(t *testing.T) {
	t.Parallel()
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{
		{ID: "m", Status: beckon.Live, Channel: beckon.Banner, Trigger: beckon.On("go"), Audience: beckon.User("plan").Is("pro"), Content: beckon.Content{Body: "x"}},
	}}); err != nil {
		t.Fatal(err)
	}
	for source, want := range map[beckon.Source]beckon.Reason{beckon.SourceREST: beckon.ReasonSource, "": beckon.ReasonAudience} {
		res, err := engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "u", Source: source})
		if held := res.Held(); err != nil || len(held) != 1 || held[0].Reason != want {
			t.Errorf("from %q: %+v, %v; want %s", source, held, err, want)
		}
	}
}

// F6: a send in the future that a message sets back to now stays set back when
// the message then breaks, for those judged after it.
func TestPanicAfterAStepBack(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	clock := &hand{}
	clock.set(noon)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(clock.now))
	if err != nil {
		t.Fatal(err)
	}
	message := func(id, event string) beckon.Message {
		return beckon.Message{
			ID: id, Status: beckon.Live, LiveAt: noon.Add(-24 * time.Hour), Trigger: beckon.On(event),
			Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Content: beckon.Content{Body: id},
		}
	}
	if err := engine.Publish(ctx, beckon.Program{
		Caps:     []beckon.Cap{{ID: "two", Max: 2, Within: beckon.Hours(1)}},
		Messages: []beckon.Message{message("0", "first"), message("1", "go"), message("2", "go"), message("3", "later"), message("4", "later")},
	}); err != nil {
		t.Fatal(err)
	}
	sent := func(event string) (ids []string) {
		t.Helper()
		res, err := engine.Track(ctx, beckon.Event{Name: event, UserID: "u"})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range res.Deliveries {
			ids = append(ids, d.Message)
		}
		return ids
	}
	if got := sent("first"); !slices.Equal(got, []string{"0"}) {
		t.Fatalf("sent %q", got)
	}
	clock.add(-time.Hour)
	beckon.BreakContent(engine, "1")
	if got := sent("go"); !slices.Equal(got, []string{"2"}) {
		t.Fatalf("sent %q", got)
	}
	clock.add(time.Hour) // what was sent before has left the window
	if got := sent("later"); !slices.Equal(got, []string{"3", "4"}) {
		t.Errorf("an hour after the step back, sent %q", got)
	}
}
