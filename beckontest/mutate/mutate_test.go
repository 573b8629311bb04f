package mutate

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/internal/scenario"
)

var start = time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)

// offers sends an offer to teams of at least five, at most once a day.
func offers() beckon.Program {
	return beckon.Program{Messages: []beckon.Message{{
		ID: "offer", Status: beckon.Live, Trigger: beckon.On("cart-left"), Frequency: beckon.Every(beckon.Hours(24)),
		Audience: beckon.All(beckon.User("plan").Is("team"), beckon.User("seats").AtLeast(5)), Content: beckon.Content{Body: "x"},
	}}}
}

// thorough notices each mutant of offers.
func thorough(t testing.TB, p beckon.Program) {
	kit := beckontest.New(t, p).At(start)
	left := func(user, plan string, seats int) *beckontest.Outcome {
		kit.Update(beckon.Contact{UserID: user, Attributes: beckon.Attributes{"plan": beckon.String(plan), "seats": beckon.Number(seats)}})
		return kit.Track(beckon.Event{Name: "cart-left", UserID: user})
	}
	left("a", "team", 5).Want("offer", "sent")
	left("b", "team", 4).Want("offer", "audience")
	left("c", "free", 9).Want("offer", "audience")
	kit.Advance(24*time.Hour - time.Millisecond)
	left("a", "team", 5).Want("offer", "throttled")
	kit.Advance(time.Millisecond)
	left("a", "team", 5).Want("offer", "sent")
}

// hasty tests one that gets the offer and one that does not.
func hasty(t testing.TB, p beckon.Program) {
	kit := beckontest.New(t, p).At(start)
	kit.Update(beckon.Contact{UserID: "a", Attributes: beckon.Attributes{"plan": beckon.String("team"), "seats": beckon.Number(9)}})
	kit.Track(beckon.Event{Name: "cart-left", UserID: "a"}).Want("offer", "sent")
	kit.Track(beckon.Event{Name: "cart-left", UserID: "b"}).Want("offer", "audience")
}

func run(t *testing.T, p beckon.Program, tests func(testing.TB, beckon.Program), opts ...Option) Report {
	t.Helper()
	report, err := Run(t.Context(), p, func(p beckon.Program) error { return passes(t, p, tests) }, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func names(list []Survivor) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].Path + ": " + list[i].What
	}
	return out
}

// Tests that look at both sides of each condition kill all mutants; others are told what
// they do not look at, with a history that shows it.
func TestSurvivors(t *testing.T) {
	if r := run(t, offers(), thorough); r.Tried < 10 || len(r.Survivors)+len(r.Same) > 0 || r.Left > 0 {
		t.Errorf("of %d these survive: %v, %v", r.Tried, r.Survivors, r.Same)
	}
	r := run(t, offers(), hasty)
	want := []string{
		"messages[0].audience: all is the other of all and any",
		"messages[0].audience.all[0]: a part of all is dropped",
		"messages[0].audience.all[1]: a part of all is dropped",
		"messages[0].audience.all[1].op: the operator is another",
		"messages[0].audience.all[1].value: the operand is another",
		"messages[0].audience.all[1].value: the operand is another",
		"messages[0].frequency.every: a distance is twice as long",
		"messages[0].frequency.every: a distance is half as long",
	}
	if got := names(r.Survivors); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if len(r.Same) > 0 {
		t.Errorf("these are not told apart: %v", names(r.Same))
	}
	for _, s := range r.Survivors {
		at, was, now := differ(t.Context(), offers(), s.Mutant, s.History)
		if at != len(s.History)-1 || was != s.Was || now != s.Now || len(s.History) > 5 {
			t.Errorf("%s: its history of %d steps differs at %d", s.Path, len(s.History), at)
		}
		for _, raw := range s.History {
			if _, err := scenario.ParseStep(raw); err != nil {
				t.Errorf("%s: %v", raw, err)
			}
		}
	}
	text := r.Survivors[3].String()
	for _, want := range []string{
		"messages[0].audience.all[1].op: the operator is another\n    messages[0].audience (offer): ", "at least 5", "greater than 5",
		"\nA history that tells:\n    {\"at\":", "\nOf its last step the program decides\n    sent offer to ", "\nand the mutant\n    held offer: audience",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got\n%s\nwant in it\n%s", text, want)
		}
	}
}

// What means the same is told apart from what no test notices.
func TestSame(t *testing.T) {
	p := offers()
	p.Messages[0].Audience = beckon.All(beckon.User("plan").Is("team"), beckon.User("plan").Is("team"))
	r := run(t, p, func(t testing.TB, p beckon.Program) {
		kit := beckontest.New(t, p).At(start)
		kit.Update(beckon.Contact{UserID: "a", Attributes: beckon.Attributes{"plan": beckon.String("team")}})
		for _, step := range []struct {
			user string
			wait time.Duration
			want string
		}{{"a", 0, "sent"}, {"b", 0, "audience"}, {"a", 24*time.Hour - 1e6, "throttled"}, {"a", 1e6, "sent"}} {
			kit.Advance(step.wait)
			kit.Track(beckon.Event{Name: "cart-left", UserID: step.user}).Want("offer", step.want)
		}
	})
	want := []string{"messages[0].audience: all is the other of all and any", "messages[0].audience.all[0]: a part of all is dropped"}
	if got := names(r.Same); len(r.Survivors) > 0 || !slices.Equal(got, want) {
		t.Errorf("got %q as the same, and %q", got, names(r.Survivors))
	}
	if got := r.summary(); !strings.HasSuffix(got, "0 survive; 2 more are told from the program by no random history, and may mean the same") {
		t.Errorf("got %q", got)
	}
	if text := r.Same[0].String(); strings.Contains(text, "history") {
		t.Errorf("it has a history: %s", text)
	}
}

// The report is the same however many mutants are tried at once; a limit spreads them.
func TestOptions(t *testing.T) {
	one, four := run(t, offers(), hasty, Workers(1)), run(t, offers(), hasty, Workers(4))
	if !reflect.DeepEqual(names(one.Survivors), names(four.Survivors)) || one.Survivors[0].String() != four.Survivors[0].String() {
		t.Errorf("got %q and %q", names(one.Survivors), names(four.Survivors))
	}
	few := run(t, offers(), hasty, Limit(3))
	if few.Tried != 3 || few.Left != one.Tried-3 || !strings.HasSuffix(few.summary(), fmt.Sprintf("; %d were not tried", few.Left)) {
		t.Errorf("got %s", few.summary())
	}
	if none := run(t, offers(), hasty, Limit(0)); none.Tried != 1 {
		t.Errorf("a limit of none tries %d", none.Tried)
	}
	p := offers()
	p.Segments = map[string]beckon.Rule{"big": beckon.User("seats").AtLeast(50)}
	p.Caps = []beckon.Cap{{ID: "day", Max: 3, Within: beckon.Days(1)}}
	p.Messages = append(p.Messages, beckon.Message{ID: "big-offer", Status: beckon.Live, Trigger: beckon.On("cart-left"), Audience: beckon.Segment("big"), Content: beckon.Content{Body: "x"}})
	for id, want := range map[string]string{"day": "caps[0]", "big": "segments.big", "big-offer": "messages[1]", "offer": "messages[0]"} {
		r := run(t, p, func(testing.TB, beckon.Program) {}, Only(id))
		if r.Tried == 0 {
			t.Errorf("%s: nothing is tried", id)
		}
		for _, s := range append(r.Survivors, r.Same...) {
			if !strings.HasPrefix(s.Path, want) {
				t.Errorf("%s: %s is tried", id, s.Path)
			}
		}
	}
	pass := func(beckon.Program) error { return nil }
	if _, err := Run(t.Context(), p, pass, Only("big", "bg")); err == nil || err.Error() != `nothing of the program that can be mutated is called "bg"` {
		t.Errorf("got %v", err)
	}
	if _, err := Run(t.Context(), beckon.Program{Timezone: "Mars"}, pass); err == nil || !strings.Contains(err.Error(), "timezone") {
		t.Errorf("got %v", err)
	}
	if _, err := Run(t.Context(), p, func(beckon.Program) error { return errors.New("boom") }); !errors.Is(err, ErrTestsFail) || !strings.Contains(err.Error(), "boom") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := Run(ctx, p, pass); !errors.Is(err, context.Canceled) || len(r.Survivors) > 0 {
		t.Errorf("got %v, %v", r, err)
	}
}

// A fakeT records what a test is told.
type fakeT struct {
	testing.TB

	failures, logs []string
}

func (f *fakeT) Helper()                  {}
func (f *fakeT) Context() context.Context { return context.Background() }
func (f *fakeT) Logf(format string, args ...any) {
	f.logs = append(f.logs, fmt.Sprintf(format, args...))
}

func (f *fakeT) Errorf(format string, args ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}
func (f *fakeT) Fatalf(format string, args ...any) { f.Errorf("fatal: "+format, args...) }

func TestProgram(t *testing.T) {
	f := &fakeT{}
	Program(f, offers(), thorough)
	if len(f.failures) > 0 || len(f.logs) != 1 || !strings.HasPrefix(f.logs[0], "mutate: ") || !strings.HasSuffix(f.logs[0], " mutants, 0 survive") {
		t.Errorf("got %q, %q", f.failures, f.logs)
	}
	Program(f, offers(), hasty)
	if len(f.failures) != 8 || !strings.HasPrefix(f.failures[0], "mutate: no test notices: messages[0].audience: all is the other of all and any\n    messages[0].audience (offer): ") {
		t.Errorf("got %q", f.failures)
	}
	f = &fakeT{}
	Program(f, beckon.Program{}, hasty)
	if len(f.failures) != 1 || !strings.HasPrefix(f.failures[0], "fatal: mutate: the tests fail with the program as it is: Track cart-left") {
		t.Errorf("got %q", f.failures)
	}
}

// Whatever a test does to fail kills a mutant, and only that.
func TestWaysToFail(t *testing.T) {
	for name, tt := range map[string]struct {
		test func(testing.TB)
		want string
	}{
		"Fail":    {func(t testing.TB) { t.Fail() }, "failed"},
		"FailNow": {func(t testing.TB) { t.FailNow(); panic("on") }, "failed"},
		"Error":   {func(t testing.TB) { t.Error("a", 1) }, "a 1"},
		"Errorf":  {func(t testing.TB) { t.Errorf("%d", 1) }, "1"},
		"Fatal":   {func(t testing.TB) { t.Fatal("a", 1); panic("on") }, "a 1"},
		"Fatalf":  {func(t testing.TB) { t.Fatalf("%d", 1); panic("on") }, "1"},
		"panic":   {func(testing.TB) { panic("boom") }, "panic: boom"},
		"both":    {func(t testing.TB) { t.Error("a"); t.Fatal("b") }, "a\nb"},
		"cleanup": {func(t testing.TB) { t.Cleanup(func() { t.Error("at the end") }) }, "at the end"},
		"Skip":    {func(t testing.TB) { t.Skip("not here"); panic("on") }, ""},
		"Skipf":   {func(t testing.TB) { t.Skipf("%d", 1); panic("on") }, ""},
		"nothing": {func(t testing.TB) { t.Helper(); t.Log("a"); t.Logf("b"); t.Cleanup(func() {}) }, ""},
	} {
		got := ""
		if err := passes(t, beckon.Program{}, func(t testing.TB, _ beckon.Program) { tt.test(t) }); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
	if (&recorder{}).Skipped() {
		t.Error("it says that it was skipped")
	}
}

// Scenario files can be the tests.
func TestScenarios(t *testing.T) {
	files := fstest.MapFS{"a.json": {Data: []byte(`{"name":"one","steps":[
		{"at":"2026-03-02T09:00:00Z","contact":{"user_id":"a","attributes":{"plan":"team","seats":5}}},
		{"at":"2026-03-02T09:00:00Z","track":{"event_name":"cart-left","user_id":"a"},"want":{"sent":[{"message":"offer"}]}}]}`)}}
	r := run(t, offers(), func(t testing.TB, p beckon.Program) { beckontest.ScenariosFor(t, p, files, "*.json") })
	if got := names(r.Survivors); len(got) == 0 || slices.Contains(got, "messages[0].audience.all[1].op: the operator is another") {
		t.Errorf("got %q", got)
	}
}
