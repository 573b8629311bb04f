package replay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/observe"
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
		`"steps":8,"refused":1,"refusals":[{"code":"event_name_missing","steps":1,"first":3,"error":"event_name: is missing: an event has a name that is not blank (event_name_missing)"}]}`
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
	want := replay.Refusal{Code: "scenario_invalid", Steps: 3, First: 2, Error: report.Refusals[0].Error}
	if len(report.Refusals) != 1 || report.Refusals[0] != want || !strings.HasPrefix(want.Error, "line 3: step: does nothing; ") {
		t.Errorf("refusals %+v, want %+v", report.Refusals, want)
	}
	var text strings.Builder
	if err := report.WriteText(&text); err != nil || !strings.Contains(text.String(), "\n\nrefused  first step  its error\n3        2           line 3: ") {
		t.Errorf("%v\n%s", err, &text)
	}
}

// Of steps that are refused each code is told, up to a limit; only the first program's count.
func TestRefusals(t *testing.T) {
	var all []replay.Step
	for i := range 2 * replay.MaxRefusals {
		for range 2 {
			all = append(all, replay.Call(monday, func(context.Context, *beckon.Engine) (beckon.Result, error) {
				return beckon.Result{}, beckon.ErrorList{{Code: beckon.Code(fmt.Sprint("code_", i)), Message: "no"}, {Code: "other", Message: "no"}}
			}))
		}
	}
	report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), list(all...), replay.Against(uploads(beckon.Hours(2))))
	if err != nil || report.Refused != 4*replay.MaxRefusals || len(report.Refusals) != replay.MaxRefusals {
		t.Fatalf("%d refused, %d refusals, %v", report.Refused, len(report.Refusals), err)
	}
	want := replay.Refusal{Code: "code_3", Steps: 2, First: 6, Error: "no (code_3)"}
	if report.Refusals[3] != want {
		t.Errorf("got %+v, want %+v", report.Refusals[3], want)
	}
}

// What a step wants is passed over, whatever JSON it is; so is a byte order mark before the
// first line. A line that is too long is refused, and the next are played.
func TestLinesPassedOver(t *testing.T) {
	step := `{"at":"2026-03-02T09:00:00Z","track":{"event_name":"uploaded","user_id":"u1"}`
	for name, c := range map[string]struct {
		recording      string
		steps, refused int
	}{
		"a want with an unknown field": {step + `,"want":{"note":"x"}}`, 1, 0},
		"a want that is text":          {step + `,"want":"x"}`, 1, 0},
		"a want that is null":          {step + `,"want":null}`, 1, 0},
		"a byte order mark":            {"\ufeff" + step + "}", 1, 0},
		"one before a later line":      {step + "}\n\ufeff" + step + "}", 2, 1},
		"a long line":                  {strings.Repeat("x", replay.MaxLine+1) + "\n" + step + "}", 2, 1},
		"a long line at the end":       {step + "}\n" + strings.Repeat("x", replay.MaxLine+1), 2, 1},
	} {
		report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), replay.Lines(strings.NewReader(c.recording)))
		if err != nil || report.Steps != c.steps || report.Refused != c.refused || report.Summary.Sent["ready"] != 1 {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}

// A reader that fails ends the replay, and its error is told; what came before stands.
func TestLinesReaderFails(t *testing.T) {
	broken := errors.New("broken")
	step := `{"at":"2026-03-02T09:00:00Z","track":{"event_name":"uploaded","user_id":"u1"}}`
	r := io.MultiReader(strings.NewReader(step+"\n"), iotest.ErrReader(broken))
	report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), replay.Lines(r))
	if !errors.Is(err, broken) || err.Error() != "line 2: broken" || report.Steps != 1 || report.Summary.Sent["ready"] != 1 {
		t.Errorf("%+v, %v", report, err)
	}
}

// Contacts are counted as they are in the end: identities that were merged are one, and those
// of different kinds are not, whatever their text.
func TestContacts(t *testing.T) {
	upload := func(hour int, who beckon.Event) replay.Step {
		who.Name = "uploaded"
		return replay.Track(monday.Add(time.Duration(hour)*time.Hour), who)
	}
	merge := func(hour int, from, into beckon.Identity) replay.Step {
		return replay.Call(monday.Add(time.Duration(hour)*time.Hour), func(ctx context.Context, e *beckon.Engine) (beckon.Result, error) {
			return e.Merge(ctx, from, into)
		})
	}
	visitor, lead, user := beckon.Event{AnonymousID: "x"}, beckon.Event{ID: "x"}, beckon.Event{UserID: "x"}
	mail := beckon.Event{Email: "Ada@B.example"}
	u9 := beckon.Identity{UserID: "u9"}
	for name, c := range map[string]struct {
		steps []replay.Step
		want  int
	}{
		"a visitor who becomes a user": {[]replay.Step{upload(0, visitor), merge(1, beckon.Identity{AnonymousID: "x"}, u9), upload(2, beckon.Event{UserID: "u9"})}, 1},
		"by way of a lead":             {[]replay.Step{upload(0, visitor), merge(1, beckon.Identity{AnonymousID: "x"}, beckon.Identity{ID: "x"}), upload(2, lead), merge(3, beckon.Identity{ID: "x"}, u9), upload(4, beckon.Event{UserID: "u9"})}, 1},
		"by an address":                {[]replay.Step{upload(0, mail), merge(1, beckon.Identity{Email: "ada@b.example"}, u9), upload(2, beckon.Event{UserID: "u9"})}, 1},
		"nothing sent after the merge": {[]replay.Step{upload(0, visitor), upload(0, user), merge(1, beckon.Identity{AnonymousID: "x"}, beckon.Identity{UserID: "x"})}, 1},
		"not merged":                   {[]replay.Step{upload(0, visitor), upload(0, lead), upload(0, user)}, 3},
	} {
		silent := uploads(beckon.Hours(1))
		silent.Messages = silent.Messages[1:]
		report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), list(c.steps...), replay.Against(silent))
		if err != nil || report.Summary.Contacts != c.want || report.Difference.Contacts != c.want || report.Difference.RemovedContacts != c.want || report.Other.Contacts != 0 {
			t.Errorf("%s: %d contacts, %+v, %v", name, report.Summary.Contacts, report.Difference, err)
		}
		report, err = replay.Run(t.Context(), silent, list(c.steps...), replay.Against(uploads(beckon.Hours(1))))
		if err != nil || report.Other.Contacts != c.want || report.Difference.Contacts != c.want || report.Difference.AddedContacts != c.want {
			t.Errorf("%s: %+v, %v", name, report.Difference, err)
		}
	}
	// Two of one text are not one send that moved.
	only := func(rule beckon.Rule) beckon.Program {
		return beckon.Program{Messages: []beckon.Message{{ID: "m", Status: beckon.Live, Trigger: beckon.On("uploaded"), Audience: rule, Content: beckon.Content{Body: "x"}}}}
	}
	report, err := replay.Run(t.Context(), only(beckon.User("role").Is("visitor")), list(upload(0, visitor), upload(0, user), upload(1, visitor), upload(1, user)), replay.Against(only(beckon.User("role").Is("user"))))
	if d := report.Difference; err != nil || d.Contacts != 2 || d.Added["m"] != 2 || d.Removed["m"] != 2 || len(d.Examples) != 4 {
		t.Errorf("%+v, %v", d, err)
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

// Nobody is told of a replay: no observer, no log. It has no outbox and no workers.
func TestNothingHappens(t *testing.T) {
	told := 0
	var log strings.Builder
	opts := []beckon.Option{
		beckon.WithOutbox(), beckon.WithWorkers(), beckon.WithPendingLimit(1), beckon.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		beckon.WithObserver(observe.Observer{
			Decided: func(context.Context, observe.Decision) { told++ },
			Counted: func(context.Context, observe.Count) { told++ },
			Stepped: func(context.Context, observe.Step) { told++ },
		}),
	}
	event := beckon.Event{Name: "uploaded", UserID: "u1"}
	steps := list(replay.Track(monday, event), replay.Track(monday.Add(2*time.Hour), event), replay.Track(monday.Add(4*time.Hour), event), replay.Sweep(monday.Add(5*time.Hour)))
	report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), steps, replay.WithEngine(opts...), replay.OnOutcome(func(out *replay.Outcome) {
		for _, d := range out.Deliveries {
			if d.Attempt != 0 || d.IsQueued() {
				t.Errorf("%+v is in an outbox", d)
			}
		}
	}))
	if err != nil || report.Summary.Sent["ready"] != 3 || told != 0 || log.Len() > 0 {
		t.Errorf("%+v, %v; told %d times, logged %q", report, err, told, &log)
	}
}

// Progress is told now and then, and at the end; what comes of steps is told with what was refused.
func TestProgress(t *testing.T) {
	event := beckon.Event{Name: "uploaded", UserID: "u1"}
	var told []replay.Progress
	errs := 0
	steps := func(yield func(replay.Step, error) bool) {
		for i := range 5000 {
			ev := event
			if i == 7 {
				ev.Name = ""
			}
			if i == 8 && !yield(replay.Step{}, &replay.LineError{Line: 9, Err: errors.New("no step")}) {
				return
			}
			if !yield(replay.Track(monday.Add(time.Duration(i)*time.Second), ev), nil) {
				return
			}
		}
	}
	_, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), steps, replay.OnProgress(func(p replay.Progress) { told = append(told, p) }), replay.OnOutcome(func(out *replay.Outcome) { errs += len(out.Errors) }))
	want := []replay.Progress{{Steps: 4096, Refused: 2, At: monday.Add(4094 * time.Second)}, {Steps: 5001, Refused: 2, At: monday.Add(4999 * time.Second)}}
	if err != nil || !slices.Equal(told, want) || errs != 2 {
		t.Errorf("%v, %v; %d errors", told, err, errs)
	}
	broken := errors.New("broken")
	failing := func(yield func(replay.Step, error) bool) {
		_ = yield(replay.Track(monday, event), nil) && yield(replay.Step{}, broken) && yield(replay.Track(monday, event), nil)
	}
	if report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), failing); !errors.Is(err, broken) || report.Steps != 1 || report.Summary.Sent["ready"] != 1 {
		t.Errorf("a sequence that fails: %+v, %v", report, err)
	}
}

// A step that panics is refused, and the rest go on; a call can be anything.
func TestCall(t *testing.T) {
	event := beckon.Event{Name: "uploaded", UserID: "u1"}
	report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), list(
		replay.Call(monday, func(context.Context, *beckon.Engine) (beckon.Result, error) { panic("broken") }),
		replay.Track(monday, event),
		replay.Call(monday.Add(time.Minute), func(ctx context.Context, e *beckon.Engine) (beckon.Result, error) {
			return beckon.Result{}, e.ReleaseLatest(ctx, beckon.Identity{UserID: "u1"}, "ready")
		}),
		replay.Track(monday.Add(2*time.Minute), event),
	))
	if err != nil || report.Refused != 1 || report.Summary.Sent["ready"] != 2 {
		t.Errorf("%+v, %v", report, err)
	}
}

// A summary lists so many days and no more; sends of all days count.
func TestMaxDays(t *testing.T) {
	steps := func(yield func(replay.Step, error) bool) {
		for i := range replay.MaxDays + 3 {
			if !yield(replay.Track(monday.AddDate(0, 0, i%(replay.MaxDays+2)), beckon.Event{Name: "uploaded", UserID: fmt.Sprint("u", i)}), nil) {
				return
			}
		}
	}
	report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), steps)
	if err != nil || report.Summary.Sent["ready"] != replay.MaxDays+3 || len(report.Summary.Days) != replay.MaxDays || report.Summary.Days["2026-03-02"]["ready"] != 2 {
		t.Errorf("%d days, %v, %v", len(report.Summary.Days), report.Summary.Sent, err)
	}
}

// The day of a summary is that of the program's zone, also where a clock is put forward.
func TestDays(t *testing.T) {
	program := uploads(beckon.Minutes(1))
	program.Timezone = "America/Sao_Paulo" // its midnight of 2018-11-04 did not exist
	at := func(text string) replay.Step {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return replay.Track(when, beckon.Event{Name: "uploaded", UserID: "u1"})
	}
	report, err := replay.Run(t.Context(), program, list(at("2018-11-04T02:59:00Z"), at("2018-11-04T03:01:00Z"), at("2018-11-05T01:59:00Z"), at("2018-11-05T02:01:00Z"), at("2018-11-04T02:59:59Z")))
	got := map[string]int64{}
	for day, sent := range report.Summary.Days {
		got[day] = sent["ready"]
	}
	if want := map[string]int64{"2018-11-03": 1, "2018-11-04": 2, "2018-11-05": 1}; err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

// A difference in words.
func TestDifferenceString(t *testing.T) {
	for _, c := range []struct {
		d    replay.Difference
		want string
	}{
		{replay.Difference{}, "changes no send"},
		{replay.Difference{Added: map[string]int64{"a": 1000, "b": 240}, AddedContacts: 310, Removed: map[string]int64{"a": 12}, RemovedContacts: 1}, "adds 1,240 sends to 310 contacts, removes 12 from 1 contact"},
		{replay.Difference{Removed: map[string]int64{"a": 1}, RemovedContacts: 1}, "removes 1 send from 1 contact"},
	} {
		if got := c.d.String(); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// An example says why the other program held it, where it is known whose that is: not if
// several had to do with the instant, or a run has decided something in it.
func TestExampleHeld(t *testing.T) {
	track := func(minutes int, who string) replay.Step {
		return replay.Track(monday.Add(time.Duration(minutes)*time.Minute), beckon.Event{Name: "uploaded", UserID: who})
	}
	at := monday.Add(20 * time.Minute)
	held := beckon.ReasonThrottled
	for name, c := range map[string]struct {
		steps []replay.Step
		want  beckon.Reason
	}{
		"alone":            {[]replay.Step{track(20, "u")}, held},
		"beside idle runs": {[]replay.Step{replay.Due(at), track(20, "u"), replay.Due(at)}, held},
		"beside another":   {[]replay.Step{track(20, "v"), track(20, "u")}, ""},
		"beside a sweep":   {[]replay.Step{track(20, "u"), replay.Sweep(at)}, ""}, // which sends the tips
	} {
		steps := append([]replay.Step{track(0, "u")}, c.steps...)
		report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), list(steps...), replay.Against(uploads(beckon.Minutes(15))))
		if err != nil || len(report.Difference.Examples) != 1 || report.Difference.Examples[0].Held != c.want {
			t.Errorf("%s: %+v, %v", name, report.Difference.Examples, err)
		}
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

// Nothing is no steps, and a store that is none is an error: nothing panics.
func TestNil(t *testing.T) {
	t.Parallel()
	var nobody beckon.Store
	for name, c := range map[string]struct {
		steps iter.Seq2[replay.Step, error]
		fails bool
	}{
		"steps":   {nil, false},
		"reader":  {replay.Lines(nil), false},
		"ticking": {replay.Ticking(nil, replay.Ticks{Due: time.Minute, Until: monday}), false},
		"store":   {replay.Kept(t.Context(), nobody, replay.Window{}), true},
	} {
		report, err := replay.Run(t.Context(), uploads(beckon.Hours(1)), c.steps)
		if report == nil || report.Steps != 0 || (err != nil) != c.fails {
			t.Errorf("%s: %+v, %v", name, report, err)
		}
	}
}
