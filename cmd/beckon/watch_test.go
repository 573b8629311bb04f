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

	"github.com/fsnotify/fsnotify"
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

// A watched is "beckon test -watch" under way over a folder.
type watched struct {
	t      *testing.T
	dir    string
	out    *teller
	stderr bytes.Buffer
	stop   func()
	ended  chan int
}

// write writes a file, which takes the place of another at once.
func (w *watched) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watched) remove(name string) {
	w.t.Helper()
	if err := os.RemoveAll(filepath.Join(w.dir, name)); err != nil {
		w.t.Fatal(err)
	}
}

// start begins to watch.
func (w *watched) start(args ...string) {
	w.out, w.ended = &teller{told: make(chan string, 100)}, make(chan int, 1)
	for i := range args {
		if !strings.HasPrefix(args[i], "-") {
			args[i] = filepath.Join(w.dir, args[i])
		}
	}
	s := &shell{in: strings.NewReader(""), out: w.out, err: &w.stderr, now: noonNow, env: func(string) string { return "" }}
	ctx, stop := context.WithCancel(w.t.Context())
	w.stop = stop
	go func() { w.ended <- s.run(ctx, append([]string{"test", "-watch"}, args...)) }()
}

// wait waits for a run with a summary. A change in several steps may lead to others before.
func (w *watched) wait(want string) {
	w.t.Helper()
	late := time.After(20 * time.Second)
	var got []string
	for {
		select {
		case line := <-w.out.told:
			if got = append(got, line); line == want {
				return
			}
		case status := <-w.ended:
			w.t.Fatalf("it ended with %d: %s", status, &w.stderr)
		case <-late:
			w.t.Fatalf("it prints %q, and not %q", got, want)
		}
	}
}

func farScenario(name, program string) string {
	return `{"name":"` + name + `","program_file":"` + program + `","steps":[{"at":"2026-03-02T09:00:00Z","track":{"event_name":"a","user_id":"u1"},"want":{"sent":[{"message":"m"}]}}]}`
}

// A change of a scenario, and of the program beside it, leads to another run.
func TestWatch(t *testing.T) {
	t.Parallel()
	w := &watched{t: t, dir: t.TempDir()}
	doc := farScenario("one", "../program.json")
	w.write("program.json", program)
	w.write("scenarios/a.json", doc)
	w.start("scenarios")
	w.wait("1 passed, 0 failed")
	w.write("program.json", strings.Replace(program, `"live"`, `"paused"`, 1))
	w.wait("0 passed, 1 failed")
	w.write("scenarios/notes.txt", "no run")
	w.write("scenarios/b.json", strings.Replace(strings.Replace(doc, "one", "two", 1), `"sent":[{"message":"m"}]`, `"held":{"m":"not_live"}`, 1))
	w.wait("1 passed, 1 failed")
	w.stop()
	if status := <-w.ended; status != failed {
		t.Errorf("status %d, want that of the last run", status)
	}
}

// What comes later is watched, too: a folder that is removed and made again, a new folder in a
// folder, files of any name, folders and files that were not there in the beginning.
func TestWatchFinds(t *testing.T) {
	t.Parallel()
	good, bad := scenarioDoc("s", `{"sent":[{"message":"m"}]}`), scenarioDoc("s", `{"sent":[]}`)
	for name, play := range map[string]func(*watched){
		"a folder is made again": func(w *watched) {
			w.write("wt/c.json", good)
			w.start("wt")
			w.wait("1 passed, 0 failed")
			for range 3 {
				w.remove("wt")
				w.wait("0 passed, 0 failed")
				w.write("wt/c.json", bad)
				w.wait("0 passed, 1 failed")
				w.write("wt/c.json", good)
				w.wait("1 passed, 0 failed")
			}
			w.remove("wt") // at once
			w.write("wt/c.json", bad)
			w.wait("0 passed, 1 failed")
			w.write("wt/c.json", good)
			w.wait("1 passed, 0 failed")
		},
		"a new folder": func(w *watched) {
			w.write("wt/c.json", good)
			w.start("wt")
			w.wait("1 passed, 0 failed")
			w.write("wt/new/deep/d.json", bad)
			w.wait("1 passed, 1 failed")
			w.write("wt/new/deep/d.json", good)
			w.wait("2 passed, 0 failed")
			w.remove("wt/new")
			w.wait("1 passed, 0 failed")
		},
		"another name": func(w *watched) {
			w.write("wt/c.scenario", strings.Replace(farScenario("far", "p.program"), "far", "s", 1))
			w.write("wt/p.program", program)
			w.start("wt/c.scenario")
			w.wait("1 passed, 0 failed")
			w.write("wt/p.program", strings.Replace(program, `"live"`, `"paused"`, 1))
			w.wait("0 passed, 1 failed")
			w.write("wt/c.scenario", "[]")
			w.wait("0 passed, 0 failed")
			w.remove("wt/c.scenario")
			w.write("wt/c.scenario", good)
			w.wait("1 passed, 0 failed")
		},
		"a file that comes": func(w *watched) {
			w.start("wt/deep/c.json")
			w.wait("0 passed, 0 failed")
			w.write("wt/deep/c.json", good)
			w.wait("1 passed, 0 failed")
		},
		"a pattern": func(w *watched) {
			w.write("wt/a1/c.rules", good)
			w.start("wt/a*/*.rules")
			w.wait("1 passed, 0 failed")
			w.write("wt/a2/d.rules", bad)
			w.wait("1 passed, 1 failed")
			w.write("wt/a2/d.rules", good)
			w.wait("2 passed, 0 failed")
			w.write("wt/a1/e.rules", bad)
			w.wait("2 passed, 1 failed")
		},
		"a program in a folder": func(w *watched) {
			w.write("wt/c.json", farScenario("far", "../programs"))
			w.write("programs/a.json", program)
			w.start("wt")
			w.wait("1 passed, 0 failed")
			w.write("programs/b.json", `{"timezone":"Mars"}`)
			w.wait("0 passed, 1 failed")
			w.write("programs/b.json", `{"timezone":"UTC"}`)
			w.wait("1 passed, 0 failed")
		},
		"a program that comes": func(w *watched) {
			w.write("wt/c.json", farScenario("far", "../programs/p"))
			w.start("wt")
			w.wait("0 passed, 1 failed")
			w.write("programs/p", program)
			w.wait("1 passed, 0 failed")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &watched{t: t, dir: t.TempDir()}
			play(w)
			w.stop()
			<-w.ended
		})
	}
}

// What the command writes itself does not count, or it would run without end; nor does what lies
// beside.
func TestWatchCounts(t *testing.T) {
	t.Parallel()
	w := &watched{t: t, dir: t.TempDir()}
	w.write("wt/c.json", scenarioDoc("s", `{}`))
	w.write("wt/sub/.git/x.json", "{}")
	w.write("wt/out.json", "")
	w.write("beside/x.json", "{}")
	out, err := os.OpenFile(filepath.Join(w.dir, "wt", "out.json"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	folder, report := filepath.Join(w.dir, "wt"), filepath.Join(w.dir, "wt", "report.json")
	v := testVerb()
	v.run = func(_ context.Context, c *call) error {
		x, err := (&tester{call: c}).follow()
		if err != nil {
			return err
		}
		for path, want := range map[string]bool{
			"wt/c.json": true, "wt/new.json": true, "wt/NEW.JSON": true, "wt/sub": true, "wt/sub/d.json": true, "wt": true,
			"wt/report.json": false, "wt/out.json": false, "wt/notes.txt": false, "wt/sub/.git": false, "beside": false, "beside/x.json": false,
		} {
			if got := x.counts(fsnotify.Event{Name: filepath.Join(w.dir, path), Op: fsnotify.Create}); got != want {
				t.Errorf("%s: %t, want %t", path, got, want)
			}
		}
		if x.counts(fsnotify.Event{Name: filepath.Join(folder, "c.json"), Op: fsnotify.Chmod}) {
			t.Error("who may read a file counts")
		}
		return x.Close()
	}
	var stderr bytes.Buffer
	s := &shell{stdout: out, err: &stderr, now: noonNow, env: func(string) string { return "" }}
	current := ""
	if err := s.command(v, &current).Run(t.Context(), []string{"test", "-junit", report, folder}); err != nil {
		t.Fatal(err)
	}
}
