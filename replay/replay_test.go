package replay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/replay"
)

var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func uploads(every beckon.Duration) beckon.Program {
	return beckon.Program{Timezone: "Asia/Tokyo", Messages: []beckon.Message{
		{ID: "ready", Status: beckon.Live, Trigger: beckon.On("uploaded"), Frequency: beckon.Every(every), Content: beckon.Content{Body: "x"}},
		{ID: "tips", Status: beckon.Live, Channel: beckon.Email, Audience: beckon.Did("uploaded").AtLeast(2), Content: beckon.Content{Body: "x"}},
	}}
}

func list(steps ...replay.Step) iter.Seq2[replay.Step, error] {
	return func(yield func(replay.Step, error) bool) {
		for _, s := range steps {
			if !yield(s, nil) {
				return
			}
		}
	}
}

// The documents' upload example, hour by hour, and what a shorter distance would change.
func TestRun(t *testing.T) {
	upload := beckon.Event{Name: "uploaded", UserID: "u1"}
	steps := []replay.Step{
		replay.Update(monday, beckon.Contact{UserID: "u1"}),
		replay.Track(monday, upload),
		replay.Track(monday.Add(20*time.Minute), upload),
		replay.Track(monday.Add(40*time.Minute), beckon.Event{Name: " ", UserID: "u1"}), // refused
		replay.Track(monday.Add(61*time.Minute), upload),
		replay.Visit(monday.Add(62*time.Minute), beckon.Visit{UserID: "u1"}),
		replay.Sweep(monday.Add(15 * time.Hour)), // midnight in Tokyo
		replay.Due(monday.Add(16 * time.Hour)),
	}
	report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), list(steps...), replay.Against(uploads(beckon.Minutes(15))))
	if err != nil {
		t.Fatal(err)
	}
	want := `{"summary":{"sent":{"ready":2,"tips":1},"held":{"ready":{"throttled":1}},"contacts":1,"days":{"2026-03-02":{"ready":2},"2026-03-03":{"tips":1}}},` +
		`"other":{"sent":{"ready":3,"tips":1},"held":{},"contacts":1,"days":{"2026-03-02":{"ready":3},"2026-03-03":{"tips":1}}},` +
		`"difference":{"added":{"ready":1},"removed":{},"contacts":1,"examples":[{"contact":"u1","message":"ready","at":"2026-03-02T09:20:00Z","change":"added","held":"throttled"}],"added_contacts":1,"removed_contacts":0},` +
		`"steps":8,"refused":1}`
	if got, _ := json.Marshal(report); string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var text strings.Builder
	if err := report.WriteText(&text); err != nil || !strings.Contains(text.String(), "This edit adds 1 send to 1 contact.\n") {
		t.Errorf("%v\n%s", err, &text)
	}
}

// Lines of a recording: blank ones, one that is no step, and what they want.
func TestLines(t *testing.T) {
	recording := `{"at":"2026-03-02T09:00:00Z","track":{"event_name":"uploaded","user_id":"u1"},"want":{"sent":[]}}

{"at":"2026-03-02T09:00:00Z"}
{"track":{"event_name":"uploaded","user_id":"u1"}}
no step
{"at":"2026-03-02T11:00:00Z","merge":{"from":{"user_id":"u1"},"into":{"user_id":"u2"}}}`
	var steps []string
	report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), replay.Lines(strings.NewReader(recording)), replay.OnStep(func(n int, outcome []byte) {
		var doc struct {
			Step   int
			Errors []struct{ Message string }
		}
		if err := json.Unmarshal(outcome, &doc); err != nil || doc.Step != n {
			t.Errorf("%s: %v", outcome, err)
		}
		steps = append(steps, fmt.Sprint(n, len(doc.Errors)))
	}))
	if err != nil || report.Steps != 5 || report.Refused != 3 || report.Summary.Sent["ready"] != 1 {
		t.Errorf("%+v, %v", report, err)
	}
	if got := strings.Join(steps, ", "); got != "0 0, 2 1, 3 1, 4 1, 5 0" {
		t.Errorf("steps and their errors: %s", got)
	}
	for _, err := range replay.Lines(strings.NewReader(strings.Repeat("x", replay.MaxLine+1))) {
		if bad := (*replay.LineError)(nil); !errors.As(err, &bad) || bad.Line != 1 {
			t.Errorf("a line without an end: %v", err)
		}
	}
}

// A program that is wrong is told, also where there is nothing to play.
func TestWrongProgram(t *testing.T) {
	wrong := beckon.Program{Messages: []beckon.Message{{}}}
	for _, steps := range []iter.Seq2[replay.Step, error]{list(), list(replay.Due(monday))} {
		if _, err := replay.Run(t.Context(), wrong, steps); !errors.Is(err, beckon.ErrProgramInvalid) {
			t.Error(err)
		}
		if _, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), steps, replay.Against(wrong)); !errors.Is(err, beckon.ErrProgramInvalid) {
			t.Error(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if report, err := replay.Run(ctx, uploads(beckon.Hours(1)), list(replay.Due(monday))); !errors.Is(err, context.Canceled) || report.Steps != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

// A replay sends and holds what an engine did that saw the same live, and a program against
// itself has no difference.
func TestReplayIsLive(t *testing.T) {
	ctx := t.Context()
	rapid.Check(t, func(t *rapid.T) {
		program := uploads(beckon.Minutes(rapid.IntRange(0, 90).Draw(t, "every")))
		now := monday
		engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(ctx, program); err != nil {
			t.Fatal(err)
		}
		sent, held := map[string]int64{}, map[string]map[beckon.Reason]int64{}
		var steps []replay.Step
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "minutes")) * time.Minute)
			who := rapid.SampledFrom([]string{"u1", "u2"}).Draw(t, "who")
			take := func(res beckon.Result, err error) {
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range res.Deliveries {
					sent[d.Message]++
				}
				for _, h := range res.Held() {
					if held[h.Message] == nil {
						held[h.Message] = map[beckon.Reason]int64{}
					}
					held[h.Message][h.Reason]++
				}
			}
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0, 1:
				event := beckon.Event{Name: "uploaded", UserID: who}
				take(engine.Track(ctx, event))
				steps = append(steps, replay.Track(now, event))
			case 2:
				visit := beckon.Visit{UserID: who}
				take(engine.Visit(ctx, visit))
				steps = append(steps, replay.Visit(now, visit))
			case 3:
				for d, err := range engine.Sweep(ctx) {
					take(beckon.Result{Deliveries: []beckon.Delivery{d}}, err)
				}
				steps = append(steps, replay.Sweep(now))
			}
		}
		report, err := replay.Run(ctx, program, list(steps...), replay.Against(program))
		if err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(report.Summary.Sent, sent) || !reflect.DeepEqual(report.Summary.Held, held) {
			t.Errorf("sent %v, live %v; held %v, live %v", report.Summary.Sent, sent, report.Summary.Held, held)
		}
		if d := report.Difference; len(d.Added)+len(d.Removed)+d.Contacts+len(d.Examples) > 0 {
			t.Errorf("against itself: %+v", d)
		}
	})
}

// The host's options count, except for its clock: the steps have their own.
func TestWithEngine(t *testing.T) {
	steps := list(replay.Track(monday, beckon.Event{Name: "uploaded", UserID: "u1"}), replay.Track(monday.Add(2*time.Hour), beckon.Event{Name: "uploaded", UserID: "u1"}))
	stands := beckon.WithClock(func() time.Time { return monday })
	if report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), steps, replay.WithEngine(stands)); err != nil || report.Summary.Sent["ready"] != 2 {
		t.Errorf("with a clock that stands: %+v, %v", report, err)
	}
	if report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), steps, replay.WithEngine(beckon.WithKnownContactsOnly())); err != nil || report.Refused != 2 {
		t.Errorf("of known contacts only: %+v, %v", report, err)
	}
}

// The same sends in another order of the steps of one instant are no difference.
func TestOrderWithinAnInstant(t *testing.T) {
	program := func(first string) beckon.Program {
		return beckon.Program{Messages: []beckon.Message{{ID: "m", Status: beckon.Live, Trigger: beckon.On(first), Frequency: beckon.Every(beckon.Hours(1)), Content: beckon.Content{Body: "x"}}}}
	}
	steps := []replay.Step{replay.Track(monday, beckon.Event{Name: "a", UserID: "u"}), replay.Track(monday, beckon.Event{Name: "b", UserID: "u"})}
	report, err := replay.Run(t.Context(), program("a"), list(steps...), replay.Against(program("b")))
	if err != nil || report.Difference.Contacts != 0 {
		t.Errorf("%+v, %v", report.Difference, err)
	}
	slices.Reverse(steps)
	if report, err = replay.Run(t.Context(), program("a"), list(steps[:1]...), replay.Against(program("b"))); err != nil || report.Difference.Added["m"] != 1 {
		t.Errorf("%+v, %v", report.Difference, err)
	}
}
