package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// run runs the command as a process would, and returns its exit status.
func run(args []string, stdout, stderr io.Writer) int {
	s := &shell{in: strings.NewReader(""), out: stdout, err: stderr, now: func() time.Time { return noon }, env: func(string) string { return "" }}
	return s.run(context.Background(), args)
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func noonNow() time.Time { return noon }

const program = `{"messages":[{"id":"m","status":"live","trigger":{"event":"a"},"content":{"format":"text","body":"<b>"}}]}`

func scenarioDoc(name, want string) string {
	return `{"name":"` + name + `","program":` + program + `,"steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"u1"},"want":` + want + `}]}`
}

// files writes documents and returns their paths, in order.
func files(t *testing.T, docs ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i, doc := range docs {
		path := filepath.Join(dir, string(rune('a'+i))+".json")
		if err := os.WriteFile(path, []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

func TestRun(t *testing.T) {
	good := scenarioDoc("good", `{"sent":[{"message":"m"}]}`)
	bad := scenarioDoc("bad", `{"held":{"m":"throttled"},"duplicate":true}`)
	missing := filepath.Join(t.TempDir(), "missing.json")
	for _, tt := range []struct {
		name   string
		docs   []string
		args   []string // before the files
		status int
		stdout string
		stderr string // in it
	}{
		{"help", nil, []string{"help"}, passed, "", ""},
		{"-h", nil, []string{"-h"}, passed, "", ""},
		{"nothing", nil, nil, unable, "", "usage:"},
		{"unknown command", nil, []string{"tset"}, unable, "", `there is no verb "tset", did you mean "test"?`},
		{"a file is missing", nil, []string{"test"}, unable, "", "a file is missing"},
		{"unknown flag", nil, []string{"test", "-verbose"}, unable, "", "-verbose"},
		{"help for test", nil, []string{"test", "-h"}, passed, "", ""},
		{"passed", []string{good}, []string{"test"}, passed, "ok    good\n1 passed, 0 failed\n", ""},
		{
			"an array",
			[]string{"[" + good + "," + bad + "]"},
			[]string{"test"},
			failed,
			"ok    good\nFAIL  bad\n      {a}:1:478: step 0 track: held.m: got not held, want throttled\n      {a}:1:495: step 0 track: duplicate: got false, want true\n        sent m to u1, number 1: \"<b>\"\n1 passed, 1 failed\n", "",
		},
		{"several files", []string{good, bad, good}, []string{"test"}, failed, "", ""},
		{"not JSON", []string{good, "{", strings.Replace(good, "good", "better", 1)}, []string{"test"}, unable, "ok    good\nok    better\n2 passed, 0 failed\n", "b.json: not JSON: unexpected EOF at line 1, column 2"},
		{"not JSON outranks a failure", []string{bad, "{"}, []string{"test"}, unable, "", "b.json"},
		{"no such file", []string{good}, []string{"test", missing}, unable, "ok    good\n1 passed, 0 failed\n", "missing.json"},
		{"no scenario", []string{"[]"}, []string{"test"}, failed, "0 passed, 0 failed\n", "a.json: no scenario in it"},
		{"no scenario beside one", []string{good, "[]"}, []string{"test"}, failed, "ok    good\n1 passed, 0 failed\n", "b.json: no scenario in it"},
		{"a long name", []string{scenarioDoc(strings.Repeat("é", 10_000), `{}`)}, []string{"test"}, passed, "ok    " + strings.Repeat("é", 199) + "…\n1 passed, 0 failed\n", ""},
		{"a name of two lines", []string{scenarioDoc(`a\nok    b`, `{}`)}, []string{"test"}, passed, "ok    \"a\\nok    b\"\n1 passed, 0 failed\n", ""},
		{"bad verb", []string{`{"name":"verb","steps":[{"at":"2026-03-02T09:00:00Z","teleport":{}}]}`}, []string{"test"}, failed, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			paths := files(t, tt.docs...)
			status := run(append(tt.args, paths...), &stdout, &stderr)
			if len(paths) > 0 {
				tt.stdout = strings.ReplaceAll(tt.stdout, "{a}", paths[0])
			}
			if status != tt.status || tt.stdout != "" && stdout.String() != tt.stdout || !strings.Contains(stderr.String(), tt.stderr) {
				t.Errorf("status %d, want %d; stdout:\n%s\nstderr:\n%s", status, tt.status, &stdout, &stderr)
			}
		})
	}
}

// A scenario whose document is wrong prints that alone, with its file; scenarios of
// one name in two files are told apart by the file.
func TestRunNamesFiles(t *testing.T) {
	t.Parallel()
	good := scenarioDoc("same", `{}`)
	paths := files(t, good, `[{"name":"same","steps":[1]},{"name":"other","program":{"zebra":1},"steps":[{"at":"2026-03-02T09:00:00Z","due":{}}]}]`, scenarioDoc("own", `{}`))
	var stdout, stderr bytes.Buffer
	if status := run(append([]string{"test"}, paths...), &stdout, &stderr); status != failed {
		t.Errorf("status %d, %s", status, &stderr)
	}
	want := "ok    " + paths[0] + ": same\n" +
		"FAIL  " + paths[1] + ": same\n" +
		"      " + paths[1] + ":1:26: scenario.steps[0]: must be an object\n" +
		"FAIL  other\n" +
		"      " + paths[1] + ":1:57: program: got zebra: unknown field (program_invalid), want a program that can be published\n" +
		"ok    own\n2 passed, 2 failed\n"
	if stdout.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &stdout, want)
	}
}

// With -json there is a line for each step and nothing else.
func TestRunJSON(t *testing.T) {
	var stdout, stderr bytes.Buffer
	paths := files(t, "["+scenarioDoc("one", `{"sent":[{"message":"m"}]}`)+","+scenarioDoc("two", `{"sent":[]}`)+"]")
	if status := run(append([]string{"test", "-json"}, paths...), &stdout, &stderr); status != failed {
		t.Errorf("status %d", status)
	}
	lines := strings.Split(strings.TrimSuffix(stdout.String(), "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("got %d lines:\n%s", len(lines), &stdout)
	}
	for i, name := range []string{"one", "two"} {
		var line struct {
			Scenario string
			Step     int
			Result   struct {
				Deliveries []struct{ Message, Body string }
			}
			Errors []any
		}
		if err := json.Unmarshal([]byte(lines[i]), &line); err != nil {
			t.Fatal(err)
		}
		if line.Scenario != name || line.Errors == nil || len(line.Result.Deliveries) != 1 || line.Result.Deliveries[0].Body != "<b>" {
			t.Errorf("got %s", lines[i])
		}
	}
	if !strings.HasPrefix(stderr.String(), "FAIL  two\n      "+paths[0]+":1:469: step 0 track: sent: got") {
		t.Errorf("stderr:\n%s", &stderr)
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

// Output that nobody can read is no success.
func TestRunBrokenOutput(t *testing.T) {
	paths := files(t, scenarioDoc("one", `{}`))
	for _, args := range [][]string{{"test"}, {"test", "-json"}} {
		var stderr bytes.Buffer
		if status := run(append(args, paths...), brokenPipe{}, &stderr); status != unable || !strings.Contains(stderr.String(), "broken pipe") {
			t.Errorf("%v: status %d, %s", args, status, &stderr)
		}
	}
}

// The lines of replay and explain, as other programs read them.
func TestReplayAndExplain(t *testing.T) {
	t.Parallel()
	live := `{"messages":[{"id":"m","status":"live","trigger":{"event":"a"},"audience":{"user":"plan","op":"is","value":"pro"},"frequency":{"every":"1h"},"content":{"format":"html","body":"<b>"}}]}`
	edited := strings.Replace(live, "1h", "5m", 1)
	events := `{"at":"2026-03-02T09:00:00Z","contact":{"user_id":"u1","attributes":{"plan":"pro"}}}
{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"u1"}}
{"at":"2026-03-02T09:20:00Z","track":{"event_name":"a","user_id":"u1"}}
{"at":"2026-03-02T09:20:00Z","track":{"user_id":"u1"}}`
	contact := `{"user_id":"u1","attributes":{"plan":"free"},"history":[{"at":"2026-03-02T08:00:00Z","track":{"event_name":"a","user_id":"u1"}}]}`
	paths := files(t, live, edited, events, contact, `{"event_name":"a","metadata":{"k":1}}`, `{"messages":[{}]}`,
		`{"messages":[`+"\n"+`{"id":"m","channel":"banner","vet_ignore":["x"],"audience":{"all":[{"user":"a","op":"is","value":1},{"user":"a","op":"is","value":2}]},"content":{"body":"x"}}]}`, `{"events":[{"name":"ab"}]}`, "{")
	program, other, recording, person, event, wrong := paths[0], paths[1], paths[2], paths[3], paths[4], paths[5]
	contrary, known, broken := paths[6], paths[7], paths[8]
	missing, page := filepath.Join(t.TempDir(), "missing"), filepath.Join(t.TempDir(), "page.html")
	for _, c := range []struct {
		args   []string
		status int
		want   []string // parts of the output, in order
	}{
		{[]string{"replay", "-program", program, "-events", recording, "-against", other, "-json"}, passed, []string{
			`{"step":0,"result":{`, `{"step":1,"result":{`, `{"step":2,"result":{`, `"reason":"throttled"`, `{"step":3,"result":null,"errors":[{"code":"event_name_missing"`,
			"\n" + `{"summary":{"sent":{"m":1},"held":{"m":{"throttled":1}},"contacts":1,"days":{"2026-03-02":{"m":1}}}}` + "\n",
			`{"difference":{"added":{"m":1},"removed":{},"contacts":1,"examples":[{"contact":"u1","message":"m","at":"2026-03-02T09:20:00Z","change":"added"}]`,
		}},
		{[]string{"replay", "-program", program, "-events", recording}, passed, []string{"4 steps, 1 refused; 1 message to 1 contact", "throttled 1"}},
		{[]string{"replay", "-program", program, "-events", recording, "-against", other, "-progress", "-html", page}, passed, []string{"This edit adds 1 send to 1 contact."}},
		{[]string{"replay", "-program", program, "-events", recording, "-html", filepath.Join(missing, "p.html")}, unable, []string{"no such file"}},
		{[]string{"replay", "-program", missing, "-events", recording}, unable, []string{"missing"}},
		{[]string{"replay", "-program", program, "-events", missing}, unable, []string{"missing"}},
		{[]string{"replay", "-program", program, "-events", recording, "-against", wrong}, unable, []string{"messages[0].id"}},
		{[]string{"replay", "-program", program}, unable, []string{"-events is missing, and so is -store"}},
		{[]string{"replay", "-program", program, "-events", recording, "more"}, unable, []string{"beside the flags"}},
		{[]string{"vet", program, other}, passed, nil},
		{[]string{"vet", "-json", program, contrary, wrong}, failed, []string{
			`{"file":"` + contrary + `","path":"messages[0].audience","id":"m","line":2,"column":49,"severity":"warning","code":"contradiction","message":"`, `{"file":"` + wrong + `","path":"messages[0].id","id":"","line":1,"column":14,"severity":"error","code":"program_invalid","message":"`,
		}},
		{[]string{"vet", contrary}, failed, []string{contrary + ":2:49: warning: messages[0].audience (m): this can never hold (contradiction)\n"}},
		{[]string{"vet", "-catalogue", known, program}, failed, []string{`no event "a" is known (unknown_event)` + "\n    did you mean"}},
		{[]string{"vet", "-catalogue", program, program}, unable, []string{"is a program, not a catalogue"}},
		{[]string{"vet", broken}, failed, []string{":1:2: error: "}},
		{[]string{"vet", missing, contrary}, unable, []string{"contradiction", "missing"}},
		{[]string{"vet"}, unable, []string{"a file is missing"}},
		{[]string{"explain", "-program", program, "-contact", person, "-event", event, "-at", "2026-03-02T09:00:00Z", "-json"}, passed, []string{
			`{"candidates":[{"message":"m","company_id":"","reason":"audience","retry_at":null,"cap":"","why":"the audience does not hold\n`, `free\n“m” is not sent: the contact is not in its audience: `, `."}]}`,
		}},
		{[]string{"explain", "-program", program, "-contact", person, "-event", event, "-at", "2026-03-02T09:00:00Z"}, passed, []string{"m is held: audience\n    the audience does not hold\n      ✗ ", "“m” is not sent: the contact is not in its audience: "}},
		{[]string{"explain", "-program", program, "-contact", person, "-json"}, passed, []string{`{"candidates":[]}`}},
		{[]string{"explain", "-program", program, "-contact", person, "-at", "noon"}, unable, []string{`"noon" is not a time`}},
		{[]string{"explain", "-program", wrong, "-contact", person}, unable, []string{"messages[0].id"}},
		{[]string{"explain", "-program", program, "-contact", recording}, unable, []string{"json"}},
	} {
		var stdout, stderr bytes.Buffer
		status := run(c.args, &stdout, &stderr)
		rest := stdout.String() + stderr.String()
		for _, part := range c.want {
			_, after, ok := strings.Cut(rest, part)
			if rest = after; !ok {
				t.Errorf("%v: no %s in\n%s%s", c.args, part, &stdout, &stderr)
				break
			}
		}
		if status != c.status {
			t.Errorf("%v: status %d, want %d\n%s", c.args, status, c.status, &stderr)
		}
	}
	html, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(html), "<title>Replay of "+filepath.Base(recording)+"</title>") || !strings.Contains(string(html), filepath.Base(other)) {
		t.Errorf("the page: %v\n%s", err, html)
	}
}

// A scenario may name the file of its program, beside its own.
func TestProgramFile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ members, want string }{
		{`"program_file":"b.json"`, "ok    far\n1 passed, 0 failed\n"},
		{`"program_file":"c.json"`, "scenario.program_file: "},
		{`"program_file":"d.json"`, `"d.json" is not JSON: invalid character '}' looking for beginning of object key string at line 2, column 8`},
		{`"program_file":"a.json","program":{}`, "stands beside a program"},
		{`"program_file":""`, "is empty"},
		{`"program_file":7`, "must be a string"},
	} {
		doc := strings.Replace(scenarioDoc("far", `{"sent":[{"message":"m"}]}`), `"program":`+program, c.members, 1)
		paths := files(t, doc, program)
		if err := os.WriteFile(filepath.Join(filepath.Dir(paths[0]), "d.json"), []byte("{\n \"a\":1,}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		var stdout, stderr bytes.Buffer
		run([]string{"test", paths[0]}, &stdout, &stderr)
		if !strings.Contains(stdout.String(), c.want) {
			t.Errorf("%s: %s%s", c.members, &stdout, &stderr)
		}
	}
}
