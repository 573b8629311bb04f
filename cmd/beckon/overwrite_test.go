package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What a verb writes never replaces what it reads, also by another name of it. Nothing is
// written then.
func TestOverwrites(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	link := func(make func(from, to string) error, from, to string) {
		t.Helper()
		if err := make(at(from), at(to)); err != nil {
			t.Fatal(err)
		}
	}
	write("p.json", `{"events":{"a":{}},`+program[1:])
	write("q.json", program)
	write("steps.jsonl", `{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"u1"}}`)
	write("known.json", `{"events":[{"name":"a"}]}`)
	if err := os.Mkdir(at("rules"), 0o700); err != nil {
		t.Fatal(err)
	}
	write("rules/s.json", strings.Replace(scenarioDoc("far", `{"sent":[{"message":"m"}]}`), `"program":`+program, `"program_file":"../q.json"`, 1))
	if err := fillStore("sqlite:"+at("s.db"), storeProgram, storeSteps); err != nil {
		t.Fatal(err)
	}
	link(os.Symlink, "s.db", "soft.db")
	link(os.Link, "s.db", "hard.db")
	link(os.Symlink, "p.json", "soft.json")
	link(os.Link, "steps.jsonl", "hard.jsonl")
	link(os.Symlink, "rules", "roles")
	var dumped, stderr bytes.Buffer
	if status := run([]string{"dump", "-store", "sqlite:" + at("s.db"), "-"}, &dumped, &stderr); status != passed {
		t.Fatal(stderr.String())
	}
	write("new.db-wal", dumped.String()) // SQLite would take it for its own
	before := contents(t, dir)
	store, soft := "sqlite:"+at("s.db"), "sqlite:"+at("soft.db")
	replay := []string{"replay", "-program", at("p.json"), "-against", at("q.json")}
	for _, args := range [][]string{
		{"dump", "-store", store, at("s.db")},
		{"dump", "-store", store, at("rules/../s.db")},
		{"dump", "-store", store, at("s.db-wal")},
		{"dump", "-store", store, at("s.db-shm")},
		{"dump", "-store", store, at("s.db-journal")},
		{"dump", "-store", store, at("soft.db")},
		{"dump", "-store", store, at("hard.db")},
		{"dump", "-store", soft, at("s.db")},
		{"dump", "-store", soft, at("s.db-wal")},
		{"dump", "-store", soft, at("roles/../s.db-wal")},
		{"restore", "-store", "sqlite:" + at("new.db"), at("new.db-wal")},
		{"restore", "-replace", "-store", store, at("hard.db")},
		append(replay, "-events", at("steps.jsonl"), "-html", at("p.json")),
		append(replay, "-events", at("steps.jsonl"), "-html", at("soft.json")),
		append(replay, "-events", at("steps.jsonl"), "-html", at("q.json")),
		append(replay, "-events", at("steps.jsonl"), "-html", at("steps.jsonl")),
		append(replay, "-events", at("steps.jsonl"), "-html", at("hard.jsonl")),
		append(replay, "-store", store, "-html", at("s.db")),
		append(replay, "-store", store, "-html", at("s.db-wal")),
		{"test", "-junit", at("rules/s.json"), at("rules/s.json")},
		{"test", "-junit", at("roles/s.json"), at("rules")},
		{"test", "-junit", at("q.json"), at("rules/*.json")},
		{"gen", "-o", at("soft.json"), at("p.json")},
		{"gen", "-o", at("known.json"), "-catalogue", at("known.json")},
	} {
		var stdout, stderr bytes.Buffer
		status := run(args, &stdout, &stderr)
		if status != unable || !strings.Contains(stderr.String(), "is read, and would be replaced") && args[1] != "-replace" {
			t.Errorf("%v: status %d\n%s%s", args, status, &stdout, &stderr)
		}
		if after := contents(t, dir); after != before {
			t.Fatalf("%v changes what was there:\n%s\nwas\n%s", args, after, before)
		}
	}
}

// The standard input and the standard output are files, too.
func TestOverwritesStandardFiles(t *testing.T) {
	t.Parallel()
	path := files(t, `{"events":{"a":{}}}`, "")
	db := filepath.Join(t.TempDir(), "s.db")
	if err := fillStore("sqlite:"+db, storeProgram, storeSteps); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args    []string
		in, out string
		want    string
	}{
		{[]string{"gen", "-o", path[0], "-"}, path[0], path[1], "is read, and would be replaced"},
		{[]string{"words", path[0]}, path[1], path[0], "is the standard output, too"},
		{[]string{"fmt"}, path[0], path[0], "is the standard output, too"},
		{[]string{"dump", "-store", "sqlite:" + db, "-"}, path[0], db, "is the standard output, too"},
	} {
		var stderr bytes.Buffer
		in, err := os.Open(c.in)
		if err != nil {
			t.Fatal(err)
		}
		out, err := os.OpenFile(c.out, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		before := contents(t, filepath.Dir(c.out))
		s := &shell{in: in, out: out, err: &stderr, now: func() time.Time { return noon }, env: func(string) string { return "" }}
		if status := s.run(t.Context(), c.args); status != unable || !strings.Contains(stderr.String(), c.want) {
			t.Errorf("%v: status %d\n%s", c.args, status, &stderr)
		}
		if contents(t, filepath.Dir(c.out)) != before {
			t.Errorf("%v writes", c.args)
		}
		_, _ = in.Close(), out.Close()
	}
}

// contents returns all files of a folder, but for those of SQLite that come and go.
func contents(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if info, err := os.Stat(path); err != nil || info.IsDir() || strings.HasSuffix(path, "-shm") || strings.HasSuffix(path, "s.db-wal") || strings.HasSuffix(path, "soft.db-wal") {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(e.Name() + " " + string(data) + "\n")
	}
	return b.String()
}
