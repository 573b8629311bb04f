package programfile_test

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/programfile"
	"github.com/beckon-go/beckon/store"
)

// A counting store counts what publications write to it.
type counting struct {
	beckon.Store
	steps atomic.Int64
	fail  atomic.Pointer[error]
}

func (c *counting) Step(ctx context.Context, steps []store.Step) error {
	c.steps.Add(1)
	if err := c.fail.Load(); err != nil {
		return *err
	}
	return c.Store.Step(ctx, steps)
}

// A folder is files that change while they are watched.
type folder struct {
	mu    sync.Mutex
	files fstest.MapFS
}

func (f *folder) Open(name string) (fs.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.files.Open(name)
}

func (f *folder) set(name, text string, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files[name] = &fstest.MapFile{Data: []byte(text), ModTime: at}
}

func (f *folder) remove(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.files, name)
}

// A watched is an engine whose program stands in files.
type watched struct {
	t      *testing.T
	engine *beckon.Engine
	store  *counting
	files  *programfile.Files
	log    strings.Builder

	mu   sync.Mutex
	list []error // what was told
}

func (w *watched) told() []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.list)
}

func watch(t *testing.T, fsys fs.FS, opts ...programfile.Option) *watched {
	t.Helper()
	w := &watched{t: t, store: &counting{Store: memstore.New()}}
	var err error
	if w.engine, err = beckon.New(w.store); err != nil {
		t.Fatal(err)
	}
	opts = append([]programfile.Option{
		programfile.WithReport(func(err error) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.list = append(w.list, err)
		}),
		programfile.WithLogger(slog.New(slog.NewTextHandler(&w.log, nil))),
	}, opts...)
	if w.files, err = programfile.New(w.engine, fsys, "*.json", opts...); err != nil {
		t.Fatal(err)
	}
	return w
}

// says returns what the message m says now.
func (w *watched) says() string {
	w.t.Helper()
	traces, err := w.engine.Explain(w.t.Context(), beckon.Event{Name: "e", UserID: "u"})
	if err != nil {
		w.t.Fatal(err)
	}
	return traces[0].Body + traces[0].Note
}

// tick has the files looked at.
func (w *watched) tick(ticks chan<- time.Time) {
	ctx, end := context.WithCancel(w.t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = w.files.Run(ctx) })
	ticks <- time.Time{}
	ticks <- time.Time{} // taken when the first was dealt with
	end()
	wg.Wait()
}

func message(body string) string {
	return `{"messages": [{"id": "m", "status": "live", "trigger": {"event": "e"}, "content": {"body": "` + body + `"}}]}`
}

func TestRunPublishesWhatChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		fsys := &folder{files: fstest.MapFS{}}
		set := func(name, text string) { fsys.set(name, text, time.Now()) }
		set("a.json", message("one"))
		w := watch(t, fsys)
		if err := w.files.Publish(t.Context()); err != nil || w.says() != "one" {
			t.Fatalf("%v, %q", err, w.says())
		}
		steps := w.store.steps.Load()
		if err := w.files.Publish(t.Context()); err != nil || len(w.told()) > 0 {
			t.Fatalf("%v, told %v", err, w.told())
		}
		ctx, end := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if err := w.files.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		tick := func() { time.Sleep(programfile.DefaultInterval); synctest.Wait() }
		for range 3 {
			tick()
		}
		set("a.json", " "+message("one")) // another file with the same program
		tick()
		if w.says() != "one" || len(w.told()) > 0 || w.store.steps.Load() != steps {
			t.Errorf("what did not change was published again: told %v, %d steps, then %d", w.told(), steps, w.store.steps.Load())
		}
		set("a.json", message("two"))
		tick()
		if w.says() != "two" || len(w.told()) != 1 || w.told()[0] != nil {
			t.Errorf("%q, told %v", w.says(), w.told())
		}
		// What is wrong is told once, and the program before runs on.
		set("b.json", "{\n\"messages\": [{\"id\": \"m\"}]}")
		for range 3 {
			tick()
		}
		var f *programfile.Fault
		if w.says() != "two" || len(w.told()) != 2 || !errors.As(w.told()[1], &f) || f.File != "b.json" || f.Line != 2 || f.Column != 15 {
			t.Errorf("%q, told %v", w.says(), w.told())
		}
		if n := strings.Count(w.log.String(), "programfile: the program was not published; the one before it runs on"); n != 1 || !strings.Contains(w.log.String(), "b.json:2:15") {
			t.Errorf("logged %d times:\n%s", n, &w.log)
		}
		// Faults that only publishing finds have their place, too.
		set("b.json", "{\"messages\": [{\"id\": \"n\",\n\"audience\": {\"segment\": \"gone\"}}]}")
		tick()
		if len(w.told()) != 3 || !strings.HasPrefix(w.told()[2].Error(), "b.json:2:") || !strings.Contains(w.told()[2].Error(), "messages[0].audience.segment") {
			t.Errorf("told %v", w.told()[2:])
		}
		fsys.remove("b.json") // as it was: nothing to publish, but the fault is gone
		for range 3 {
			tick()
		}
		if w.says() != "two" || len(w.told()) != 4 || w.told()[3] != nil {
			t.Errorf("%q, told %v", w.says(), w.told())
		}
		set("b.json", "{")
		tick()
		if len(w.told()) != 5 || !strings.HasPrefix(w.told()[4].Error(), "b.json:1:2: ") {
			t.Errorf("told %v", w.told()[4:])
		}
		fsys.remove("b.json")
		set("a.json", message("three"))
		tick()
		if w.says() != "three" || len(w.told()) != 6 || w.told()[5] != nil {
			t.Errorf("%q, told %v", w.says(), w.told())
		}
		fsys.remove("a.json") // no files are no program without messages
		tick()
		tick()
		if w.says() != "three" || len(w.told()) != 7 || !strings.Contains(w.told()[6].Error(), "no file matches") {
			t.Errorf("%q, told %v", w.says(), w.told())
		}
		end()
		wg.Wait()
		if time.Since(began) > time.Hour {
			t.Error("the clock ran")
		}
	})
}

// What is written a second time within the clock of the file system, with the same size,
// is found, too; and a file system without times is read each time.
func TestRunReadsWhatLooksTheSame(t *testing.T) {
	for name, at := range map[string]time.Time{"one instant": time.Unix(1_800_000_000, 0), "no times": {}} {
		fsys := &folder{files: fstest.MapFS{"a.json": {Data: []byte(message("one")), ModTime: at}}}
		ticks := make(chan time.Time)
		w := watch(t, fsys, programfile.WithTicks(ticks))
		if err := w.files.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if at.IsZero() { // they are never trusted to be as they were
			w.tick(ticks)
			w.tick(ticks)
		}
		fsys.set("a.json", message("two"), at)
		w.tick(ticks)
		if w.says() != "two" {
			t.Errorf("%s: it says %q", name, w.says())
		}
	}
}

// A failure of the store is told once and tried again each time, with the same files.
func TestRunTriesTheStoreAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fsys := fstest.MapFS{"a.json": {Data: []byte(message("one")), ModTime: time.Now()}}
		w := watch(t, fsys, programfile.WithInterval(time.Second))
		down := errors.New("the store is down")
		w.store.fail.Store(&down)
		ctx, end := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { _ = w.files.Run(ctx) })
		time.Sleep(5500 * time.Millisecond)
		synctest.Wait()
		if len(w.told()) != 1 || !errors.Is(w.told()[0], down) || w.store.steps.Load() < 5 {
			t.Errorf("told %v, %d steps", w.told(), w.store.steps.Load())
		}
		w.store.fail.Store(nil)
		time.Sleep(time.Second)
		synctest.Wait()
		if len(w.told()) != 2 || w.told()[1] != nil || w.says() != "one" {
			t.Errorf("told %v, %q", w.told(), w.says())
		}
		end()
		wg.Wait()
	})
}

// A config map of Kubernetes is a folder of links through ..data, which is swapped.
func TestRunFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	put := func(version, body string) {
		t.Helper()
		folder := filepath.Join(dir, version)
		if err := errors.Join(os.Mkdir(folder, 0o755), os.WriteFile(filepath.Join(folder, "p.json"), []byte(message(body)), 0o600),
			os.Symlink(version, filepath.Join(dir, "..tmp")), os.Rename(filepath.Join(dir, "..tmp"), filepath.Join(dir, "..data"))); err != nil {
			t.Skip(err) // no links here
		}
	}
	put("..1", "one")
	if err := os.Symlink(filepath.Join("..data", "p.json"), filepath.Join(dir, "p.json")); err != nil {
		t.Skip(err)
	}
	ticks := make(chan time.Time)
	w := watch(t, os.DirFS(dir), programfile.WithTicks(ticks))
	if err := w.files.Publish(t.Context()); err != nil || w.says() != "one" {
		t.Fatalf("%v, %q", err, w.says())
	}
	put("..2", "two")
	w.tick(ticks)
	if w.says() != "two" {
		t.Errorf("it says %q", w.says())
	}
}

// Two processes over one store: each has its engine, and the second writes nothing.
func TestSecondReplicaChangesNothing(t *testing.T) {
	fsys := fstest.MapFS{"a.json": {Data: []byte(message("one"))}}
	w := watch(t, fsys)
	if err := w.files.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	steps := w.store.steps.Load()
	other, err := beckon.New(w.store)
	if err != nil {
		t.Fatal(err)
	}
	files, err := programfile.New(other, fsys, "*.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := files.Publish(t.Context()); err != nil || w.store.steps.Load() != steps {
		t.Errorf("%v, %d steps more", err, w.store.steps.Load()-steps)
	}
}

func TestNewRefuses(t *testing.T) {
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	fsys := fstest.MapFS{}
	for name, try := range map[string]func() (*programfile.Files, error){
		"no engine":              func() (*programfile.Files, error) { return programfile.New(nil, fsys, "*") },
		"no files":               func() (*programfile.Files, error) { return programfile.New(engine, nil, "*") },
		"no pattern":             func() (*programfile.Files, error) { return programfile.New(engine, fsys, "[") },
		"no pattern by elements": func() (*programfile.Files, error) { return programfile.New(engine, fsys, "[a/b]") },
		"no interval": func() (*programfile.Files, error) {
			return programfile.New(engine, fsys, "*", programfile.WithInterval(0))
		},
	} {
		if f, err := try(); err == nil || f != nil {
			t.Errorf("%s: %v, %v", name, f, err)
		}
	}
	f, err := programfile.New(engine, fsys, "*", programfile.WithLogger(nil), programfile.WithReport(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Publish(t.Context()); err == nil {
		t.Error("no file was a program")
	}
}
