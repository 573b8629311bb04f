package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// A teller sends each summary that is written to it.
type teller struct {
	mu   sync.Mutex
	text bytes.Buffer
	told chan string
}

func (t *teller) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text.Write(p)
	for line := range strings.Lines(string(p)) {
		if strings.Contains(line, " passed, ") {
			t.told <- strings.TrimSpace(line)
		}
	}
	return len(p), nil
}

// A change of a scenario, and of the program beside it, leads to another run.
func TestWatch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "scenarios"), 0o700); err != nil {
		t.Fatal(err)
	}
	doc := `{"name":"one","program_file":"../program.json","steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"u1"},"want":{"sent":[{"message":"m"}]}}]}`
	write("program.json", program)
	write("scenarios/a.json", doc)
	out := &teller{told: make(chan string, 10)}
	var stderr bytes.Buffer
	s := &shell{in: strings.NewReader(""), out: out, err: &stderr, now: func() time.Time { return noon }, env: func(string) string { return "" }}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() { ended <- s.run(ctx, []string{"test", "-watch", filepath.Join(dir, "scenarios")}) }()
	wait := func(want string) {
		t.Helper()
		select {
		case got := <-out.told:
			if got != want {
				t.Errorf("it prints %q, want %q", got, want)
			}
		case status := <-ended:
			t.Fatalf("it ended with %d", status)
		}
	}
	wait("1 passed, 0 failed")
	write("program.json", strings.Replace(program, `"live"`, `"paused"`, 1))
	wait("0 passed, 1 failed")
	write("scenarios/notes.txt", "no run")
	write("scenarios/b.json", strings.Replace(strings.Replace(doc, "one", "two", 1), `"sent":[{"message":"m"}]`, `"held":{"m":"not_live"}`, 1))
	wait("1 passed, 1 failed")
	stop()
	if status := <-ended; status != failed {
		t.Errorf("status %d, want that of the last run", status)
	}
}
