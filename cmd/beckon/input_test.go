package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a scenario or a folder names is read as far as other files are, and only if it has an
// end. A link to a file is that file.
func TestNamedFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(to, name string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	write("p.json", program)
	f, err := os.Create(filepath.Join(dir, "long.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(maxFile + 1); err != nil { // it takes no room
		t.Fatal(err)
	}
	_ = f.Close()
	link("p.json", "link.json")
	link(os.DevNull, "null.json")
	if err := os.MkdirAll(filepath.Join(dir, "rules", "within"), 0o700); err != nil {
		t.Fatal(err)
	}
	link(os.DevNull, "rules/within/device.json")
	write("rules/s.json", scenarioDoc("here", `{}`))
	for _, c := range []struct {
		file   string
		status int
		want   string
	}{
		{"p.json", passed, "1 passed"},
		{"link.json", passed, "1 passed"},
		{"../" + filepath.Base(dir) + "/p.json", passed, "1 passed"},
		{filepath.Join(dir, "p.json"), passed, "1 passed"},
		{os.DevNull, unable, os.DevNull + " is no regular file"},
		{"null.json", unable, "null.json is no regular file"},
		{"long.json", unable, "long.json has more than 64 MB"},
		{"rules", unable, "s.json is a scenario, not a part of a program"},
		{"none.json", unable, "no such file"},
	} {
		write("s.json", strings.Replace(scenarioDoc("far", `{"sent":[{"message":"m"}]}`), `"program":`+program, `"program_file":"`+c.file+`"`, 1))
		var stdout, stderr bytes.Buffer
		if status := run([]string{"test", filepath.Join(dir, "s.json")}, &stdout, &stderr); status != c.status || !strings.Contains(stdout.String(), c.want) {
			t.Errorf("%s: status %d, want %d and %s\n%s%s", c.file, status, c.status, c.want, &stdout, &stderr)
		}
	}
	for _, arg := range []string{filepath.Join(dir, "rules"), filepath.Join(dir, "rules", "*", "*.json")} {
		var stdout, stderr bytes.Buffer
		if status := run([]string{"test", arg}, &stdout, &stderr); status != unable || !strings.Contains(stderr.String(), "device.json is no regular file") {
			t.Errorf("%s: status %d\n%s%s", arg, status, &stdout, &stderr)
		}
	}
}

// The standard input can be read once.
func TestStandardInputTwice(t *testing.T) {
	t.Parallel()
	path := files(t, program)[0]
	for _, args := range [][]string{
		{"diff", "-", "-"},
		{"fmt", "-", "-"},
		{"vet", "-catalogue", "-", "-"},
		{"words", "-", "-"},
		{"gen", "-", "-"},
		{"render", "-program", "-", "-contact", "-", "m"},
		{"render", "-program", "-", "-event", "-", "m"},
		{"explain", "-program", "-", "-contact", "-"},
		{"explain", "-program", path, "-contact", "-", "-event", "-"},
		{"replay", "-program", "-", "-events", "-"},
		{"replay", "-program", "-", "-against", "-", "-events", path},
		{"replay", "-program", path, "-against", "-", "-events", "-"},
	} {
		var stdout, stderr bytes.Buffer
		text := `{"user_id":"u1"}`
		if args[0] == "replay" || args[1] != path && args[2] != path {
			text = program
		}
		if args[0] == "vet" {
			text = `{"events":[]}`
		}
		s := &shell{in: strings.NewReader(text), out: &stdout, err: &stderr, now: noonNow, env: func(string) string { return "" }}
		if status := s.run(t.Context(), args); status != unable || !strings.Contains(stderr.String(), "the standard input is named twice") {
			t.Errorf("%v: status %d\n%s%s", args, status, &stdout, &stderr)
		}
	}
}

// A byte order mark, as some editors write it, is no fault; another encoding is named.
func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	const mark = "\ufeff"
	paths := files(t, mark+strings.Replace(program, "<b>", "b", 1), mark+`{"user_id":"u1"}`, mark+`{"event_name":"a","user_id":"u1"}`, mark+scenarioDoc("s", `{}`), mark+`{"events":[{"name":"a"}]}`,
		mark+`{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"u1"}}`,
		strings.Replace(scenarioDoc("far", `{}`), `"program":`+program, `"program_file":"a.json"`, 1), mark+`{"events":{"a":{}}}`, "\xff\xfe{\x00}\x00")
	p, contact, event, scenario, catalogue, steps, far, declares, other := paths[0], paths[1], paths[2], paths[3], paths[4], paths[5], paths[6], paths[7], paths[8]
	for _, c := range []struct {
		args   []string
		status int
	}{
		{[]string{"fmt", p}, passed},
		{[]string{"fmt", "-l", p}, failed},
		{[]string{"words", p}, passed},
		{[]string{"diff", p, p}, passed},
		{[]string{"vet", "-catalogue", catalogue, p}, passed},
		{[]string{"render", "-program", p, "-contact", contact, "-event", event, "m"}, passed},
		{[]string{"explain", "-program", p, "-contact", contact, "-event", event}, passed},
		{[]string{"test", scenario, far}, passed},
		{[]string{"replay", "-program", p, "-events", steps}, passed},
		{[]string{"gen", declares}, passed},
		{[]string{"gen", "-catalogue", catalogue}, passed},
		{[]string{"fmt", "-w", p}, passed},
	} {
		var stdout, stderr bytes.Buffer
		if status := run(c.args, &stdout, &stderr); status != c.status || stderr.Len() > 0 {
			t.Errorf("%v: status %d, want %d\n%s%s", c.args, status, c.status, &stdout, &stderr)
		}
	}
	if data, err := os.ReadFile(p); err != nil || strings.Contains(string(data), mark) {
		t.Errorf("%q, %v", data, err)
	}
	var stdout, stderr bytes.Buffer
	if status := run([]string{"words", other}, &stdout, &stderr); status != unable || !strings.Contains(stderr.String(), "is written in UTF-16: save it in UTF-8") {
		t.Errorf("status %d: %s", status, &stderr)
	}
}
