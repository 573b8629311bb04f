package fuzz

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
	"pgregory.net/rapid"
)

// programs returns the programs of the rulebook's scenarios.
func programs(t testing.TB) map[string]beckon.Program {
	t.Helper()
	files, err := filepath.Glob("../../testdata/scenarios/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	all := map[string]beckon.Program{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var list []struct {
			Name    string
			Program json.RawMessage
		}
		if err := json.Unmarshal(data, &list); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, s := range list {
			if p, err := beckon.ParseProgram(s.Program); s.Program != nil && err == nil && len(p.Messages)+len(p.Series) > 0 { // some are refused on purpose
				all[filepath.Base(file)+": "+s.Name] = p
			}
		}
	}
	return all
}

// No history breaks a promise on any program of the rulebook, with an outbox or without.
func TestRulebook(t *testing.T) {
	all := programs(t)
	names := slices.Sorted(maps.Keys(all))
	rapid.Check(t, func(t *rapid.T) {
		program := all[rapid.SampledFrom(names).Draw(t, "program")]
		var opts []Option
		if rapid.Bool().Draw(t, "outbox") {
			opts = append(opts, Engine(beckon.WithOutbox()))
		}
		property, err := newFuzzer(program, opts).property()
		if err != nil {
			t.Fatal(err)
		}
		property(t)
	})
}

// A fakeT is a test that fails without failing this one.
type fakeT struct {
	testing.TB

	failures []string
}

type stopped struct{}

func (f *fakeT) Helper()             {}
func (f *fakeT) Name() string        { return "Fake" }
func (f *fakeT) Logf(string, ...any) {}
func (f *fakeT) Log(...any)          {}
func (f *fakeT) Errorf(format string, args ...any) {
	f.failures = append(f.failures, fmt.Sprintf(format, args...))
}
func (f *fakeT) Fatalf(format string, args ...any) { f.Errorf(format, args...); panic(stopped{}) }
func (f *fakeT) Failed() bool                      { return len(f.failures) > 0 }
func (f *fakeT) FailNow()                          { panic(stopped{}) }

// failures runs Program, and returns what it fails with.
func failures(t *testing.T, program beckon.Program, opts ...Option) (text string) {
	t.Helper()
	for name, value := range map[string]string{"nofailfile": "true", "shrinktime": "1s", "seed": "1", "checks": "500"} {
		name = "rapid." + name
		was := flag.Lookup(name).Value.String()
		if err := flag.Set(name, value); err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := flag.Set(name, was); err != nil {
				t.Error(err)
			}
		}()
	}
	f := &fakeT{}
	defer func() {
		if v := recover(); v != nil && v != any(stopped{}) {
			panic(v)
		}
		text = strings.Join(f.failures, "\n")
	}()
	Program(f, program, opts...)
	return ""
}

func uploads(edit func(*beckon.Program)) beckon.Program {
	p := beckon.Program{
		Caps: []beckon.Cap{{ID: "day", Max: 100, Within: beckon.Days(1)}},
		Messages: []beckon.Message{
			{ID: "ready", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("upload"), Frequency: beckon.EachTime(), Content: beckon.Content{Body: "x"}},
			{ID: "post", Channel: beckon.Post, Status: beckon.Live, Frequency: beckon.EachTime(), Content: beckon.Content{Body: "x"}},
		},
		Series: []beckon.Series{{ID: "walk", Status: beckon.Live, Reenter: true, Entry: beckon.Entry{Trigger: beckon.On("upload")}, Blocks: []beckon.Block{
			{ID: "b", Message: &beckon.Message{ID: "hello", Channel: beckon.Push, Content: beckon.Content{Body: "x"}}},
		}}},
	}
	edit(&p)
	return p
}

// The witness finds what an engine does that it was not told to: it is told of a stricter
// program than the one that runs.
func TestWitnessFinds(t *testing.T) {
	hours := func(p *beckon.Program, s beckon.Schedule) { p.Messages[0].Schedule = &s }
	night := []beckon.Window{{From: "22:00", To: "08:00"}}
	for name, tt := range map[string]struct {
		claim func(*beckon.Program)
		want  string
	}{
		"distance":          {func(p *beckon.Program) { p.Messages[0].Frequency = beckon.Every(beckon.Hours(1)) }, "its distance is 1h0m0s"},
		"default distance":  {func(p *beckon.Program) { p.Messages[0].Frequency = nil }, "its distance is 1m0s"},
		"maximum":           {func(p *beckon.Program) { p.Messages[0].Frequency = beckon.Once() }, "it is number 2 of at most 1"},
		"once":              {func(p *beckon.Program) { p.Messages[1].Frequency = nil }, `"post" is sent to user u1: it is number 2 of at most 1`},
		"cap":               {func(p *beckon.Program) { p.Caps[0].Max = 1 }, `fall under the cap "day" of 1`},
		"cap of a channel":  {func(p *beckon.Program) { p.Caps[0].Max, p.Caps[0].Channel = 1, beckon.Push }, `"hello" is sent to user u1: 1 others within 1d fall under the cap "day" of 1`},
		"draft":             {func(p *beckon.Program) { p.Messages[0].Status = beckon.Draft }, "it is draft"},
		"draft of a series": {func(p *beckon.Program) { p.Series[0].Status = beckon.Draft }, `"hello" is sent to user u1: it is draft`},
		"live later":        {func(p *beckon.Program) { p.Messages[0].LiveAt = start.AddDate(9, 0, 0) }, "it is live from 2035"},
		"start":             {func(p *beckon.Program) { hours(p, beckon.Schedule{Start: start.AddDate(9, 0, 0)}) }, "it starts at 2035"},
		"stop":              {func(p *beckon.Program) { hours(p, beckon.Schedule{Stop: start}) }, "it has stopped at 2026"},
		"windows":           {func(p *beckon.Program) { hours(p, beckon.Schedule{Windows: night}) }, "is outside its windows"},
		"windows of a zone": {func(p *beckon.Program) { hours(p, beckon.Schedule{Windows: night, Timezone: "Asia/Tokyo"}) }, "+0900 JST is outside its windows"},
		"office hours": {func(p *beckon.Program) {
			p.OfficeHours = &beckon.OfficeHours{Windows: night}
			hours(p, beckon.Schedule{OfficeHours: true})
		}, "is outside office hours"},
		"quiet hours": {func(p *beckon.Program) {
			p.QuietHours = []beckon.QuietHours{{Windows: []beckon.Window{{From: "08:00", To: "22:00"}}}}
		}, "is in quiet hours"},
		"an unknown message":    {func(p *beckon.Program) { p.Messages = p.Messages[1:] }, `"ready" is sent, which the program does not have`},
		"an unknown series":     {func(p *beckon.Program) { p.Series[0].ID = "other" }, `there is no series "walk"`},
		"a message of a series": {func(p *beckon.Program) { p.Series[0].Blocks[0].Message.ID = "other" }, `"hello" is sent, which the program does not have`},
	} {
		t.Run(name, func(t *testing.T) {
			program, claimed := uploads(func(*beckon.Program) {}), uploads(tt.claim)
			got := failures(t, program, func(f *fuzzer) { f.claimed = &claimed })
			if !strings.Contains(got, tt.want) {
				t.Errorf("got %q\nwant in it %q", got, tt.want)
			}
		})
	}
	if got := failures(t, uploads(func(*beckon.Program) {})); got != "" {
		t.Errorf("without a stricter claim: %s", got)
	}
}

// A promise of the host's is checked, and what breaks it is printed as the smallest
// scenario, which runs.
func TestCheck(t *testing.T) {
	never := Check("no second mail", func(s Step) error {
		for i := range s.Sent {
			if s.Sent[i].Message == "ready" && s.Sent[i].Sequence > 1 {
				return errors.New("a second mail to " + s.Sent[i].Contact.UserID)
			}
		}
		return nil
	})
	got := failures(t, uploads(func(*beckon.Program) {}), never)
	_, rest, _ := strings.Cut(got, "fuzz: step 1 track: no second mail: a second mail to u1\n\nThe history, as a scenario:\n")
	doc, _, _ := strings.Cut(rest, "\n]}")
	list, err := scenario.Parse([]byte(doc + "\n]}"))
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, got\n%s", err, got)
	}
	r := list[0].Run(t.Context())
	if !r.OK() || len(r.Steps) != 2 || r.Scenario != "fuzz: no second mail" {
		t.Errorf("got %d steps of %q, %v", len(r.Steps), r.Scenario, r.Differences)
	}
	if n := len(r.Steps[1].Result.Deliveries); n == 0 || r.Steps[1].Result.Deliveries[0].Sequence != 2 {
		t.Errorf("the scenario does not show it: %v", r.Steps[1].Result)
	}
	panics := Check("mine", func(s Step) error {
		panic(fmt.Sprint("at ", s.At.Year(), " ", s.Verb, " ", s.Engine != nil, " ", len(s.JSON) > 0))
	})
	if got := failures(t, uploads(func(*beckon.Program) {}), panics); !strings.Contains(got, "mine: panic: at 2026 track true true") {
		t.Errorf("a check that panics: got %s", got)
	}
}

// What cannot run stops the test.
func TestProgramStops(t *testing.T) {
	if got := failures(t, beckon.Program{Timezone: "Mars"}); !strings.HasPrefix(got, "fuzz: timezone: ") {
		t.Errorf("got %q", got)
	}
	if got := failures(t, beckon.Program{}, Engine(beckon.WithEventNamesLimit(-1))); !strings.HasPrefix(got, "fuzz: ") {
		t.Errorf("got %q", got)
	}
}

// A history has as many steps as it may.
func TestLength(t *testing.T) {
	for want, got := range map[int]int{1: newFuzzer(beckon.Program{}, []Option{Length(-3)}).length, 7: newFuzzer(beckon.Program{}, []Option{Length(7)}).length, DefaultLength: newFuzzer(beckon.Program{}, nil).length} {
		if got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
	longest := 0
	got := failures(t, beckon.Program{}, Length(2), Check("short", func(s Step) error {
		if longest = max(longest, s.Number+1); s.Number >= 2 {
			return errors.New("too long")
		}
		return nil
	}))
	if got != "" || longest != 2 {
		t.Errorf("got %q, %d steps", got, longest)
	}
}

// As a fuzz target it plays the seeds.
func FuzzProgram(f *testing.F) { Program(f, uploads(func(*beckon.Program) {}), Length(10)) }
