package beckon_test

import (
	"bytes"
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/store"
)

// What an observer panics with ends there: the delivery is the caller's, the other
// observers are called, and the log says so.
func TestObserverPanics(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w, clock, broken, none := new(watcher), &hand{}, 0, []int{}
	clock.set(noon)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(clock.now), beckon.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		beckon.WithObserver(observe.Observer{
			Decided: func(context.Context, observe.Decision) { broken++; panic("the address is ada@h.example") },
			Counted: func(context.Context, observe.Count) { broken++; panic("c") },
			Stepped: func(_ context.Context, s observe.Step) { broken++; none[s.Records]++ },
		}), beckon.WithObserver(w.observer()))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), watchedProgram()); err != nil {
		t.Fatal(err)
	}
	res, err := engine.Track(t.Context(), beckon.Event{Name: "go", UserID: "u"})
	if err != nil || len(res.Deliveries) != 1 {
		t.Fatal(res, err)
	}
	n := 0
	for _, err := range engine.Sweep(t.Context()) {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	if got := len(w.decisions) + len(w.counts) + len(w.steps); got != broken || len(w.decisions) < 5 || len(w.counts) == 0 {
		t.Errorf("one observer was called %d times, the other %d", broken, got)
	}
	if text := log.String(); strings.Count(text, "an observer has panicked") != broken || !strings.Contains(text, "index out of range") || strings.Contains(text, "ada@") {
		t.Errorf("the log: %s", text)
	}
}

// The log has what nobody else sees, and nothing of what people are called or do.
func TestLogger(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	clock, ctx := &hand{}, t.Context()
	clock.set(noon)
	kept := memstore.New()
	open := func(level slog.Level) *beckon.Engine {
		engine, err := beckon.New(kept, beckon.WithClock(clock.now), beckon.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level}))))
		if err != nil {
			t.Fatal(err)
		}
		p := watchedProgram()
		for i := range p.Messages {
			p.Messages[i].Content.Body = "secret text {{ user.name | fallback: 'x' }}"
		}
		if err := engine.Publish(ctx, p); err != nil {
			t.Fatal(err)
		}
		return engine
	}
	has := func(parts ...string) {
		t.Helper()
		text := log.String()
		for _, p := range parts {
			if !strings.Contains(text, p) {
				t.Errorf("the log does not have %s:\n%s", p, text)
			}
		}
		for _, p := range []string{"secret", "ada@", "Ada", "metadata-value"} {
			if strings.Contains(text, p) {
				t.Errorf("the log has %s:\n%s", p, text)
			}
		}
		log.Reset()
	}
	quiet, loud := open(slog.LevelInfo), open(slog.LevelDebug)
	track := func(engine *beckon.Engine, e beckon.Event) {
		t.Helper()
		e.Name, e.Metadata = "go", beckon.Fields{{Key: "key", Value: beckon.String("metadata-value")}}
		if err := second(engine.Update(ctx, beckon.Contact{UserID: e.UserID, Email: e.Email, Attributes: beckon.Attributes{"name": beckon.String("Ada"), "plan": beckon.String("free")}})); err != nil {
			t.Fatal(err)
		}
		if err := second(engine.Track(ctx, e)); err != nil {
			t.Fatal(err)
		}
	}
	if track(quiet, beckon.Event{UserID: "q"}); log.Len() > 0 {
		t.Errorf("at Info the log has %s", log.String())
	}
	for _, e := range []beckon.Event{{UserID: "u", Email: "ada@h.example"}, {Email: "ada@h.example"}, {UserID: "ada@h.example", AnonymousID: "v"}} {
		track(loud, e)
	}
	has(`level=DEBUG msg=sent occasion=event message="1 sent"`, "sequence=1", `message="3 capped"`, "reason=capped", "cap=week", "retry_at=2026-03-09T12:00:00.000Z", "user_id=u")

	// A message that breaks in a run, also where it is only looked at.
	beckon.BreakContent(quiet, "6 swept")
	if err := last(quiet.Sweep(ctx)); err != nil {
		t.Fatal(err)
	}
	has("level=ERROR", "a message broke: it was held, failed", `6 swept`, "panic: runtime error: invalid memory address")

	// What another engine has changed.
	if err := loud.Pause(ctx, "6 swept"); err != nil {
		t.Fatal(err)
	}
	log.Reset()
	if err := quiet.Refresh(ctx); err != nil {
		t.Fatal(err)
	}
	has("level=INFO", "the program was refreshed from the store", `messages="[6 swept]"`)
	if err := quiet.Refresh(ctx); err != nil || log.Len() > 0 {
		t.Error(err, log.String())
	}

	// Nil logs nothing.
	if engine, err := beckon.New(memstore.New(), beckon.WithLogger(nil)); err != nil || second(engine.Track(ctx, beckon.Event{Name: "go", UserID: "u"})) != nil {
		t.Error(err)
	}
}

// What a run meets, and what becomes of it when something goes wrong, is in the log: a
// record that cannot be read, a part that another engine has by now, and deliveries that
// could not be given back.
func TestLoggerOfRuns(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	has := func(parts ...string) {
		t.Helper()
		for _, p := range parts {
			if !strings.Contains(log.String(), p) {
				t.Errorf("the log does not have %s:\n%s", p, log.String())
			}
		}
		if strings.Contains(log.String(), "@") {
			t.Errorf("the log has an address:\n%s", log.String())
		}
		log.Reset()
	}
	logger := beckon.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))

	engine, kept, _ := broken(t, beckon.Program{Messages: []beckon.Message{newsletter()}}, logger)
	kept.Damage(userKey("u3"))
	if err := last(engine.Sweep(t.Context())); !toldOf(err, userKey("u3")) {
		t.Fatal(err)
	}
	has("level=ERROR", "a record cannot be read", "kind=user id=u3 error=")
	if err := second(engine.Update(t.Context(), beckon.Contact{Email: "ada@h.example"})); err != nil {
		t.Fatal(err)
	}
	who := store.Key{Kind: store.KindEmail, ID: "ada@h.example"}
	kept.Damage(who)
	if err := last(engine.Sweep(t.Context(), beckon.OnDamaged(func(store.Key, error) {}))); err != nil {
		t.Fatal(err)
	}
	has("kind=email error=")

	engine, counted, clock := aheadWorld(t, 20, logger)
	other := replicas(t, engine, counted, clock, 2)[1]
	for _, err := range engine.Sweep(t.Context(), beckon.Shared(noon)) {
		if err != nil {
			t.Fatal(err)
		}
		clock.add(2 * beckon.LeaseFor)
		if err := last(other.Sweep(t.Context(), beckon.Shared(noon))); err != nil {
			t.Fatal(err)
		}
		clock.add(2 * beckon.LeaseFor)
	}
	has("level=WARN", "a part of a run was lost", `run="shared sweep"`)

	engine, counted, _ = aheadWorld(t, 20, logger)
	n := 0
	for _, err := range engine.Sweep(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 4 { // the first of a batch of four
			counted.mu.Lock()
			counted.gone = true
			counted.mu.Unlock()
			break
		}
	}
	has("level=ERROR", "deliveries were decided, not handed out, and not given back", "deliveries=3")
}

// People alert on these log messages: the page promises them as they are.
func TestDocPromisesLogMessages(t *testing.T) {
	page := readFile(t, "docs/running.md")
	for text, folder := range map[string]string{
		"a message broke: it was held, failed":                                  "internal/watch",
		"a record cannot be read":                                               "internal/watch",
		"a run failed":                                                          "beckonwork",
		"a run was ahead of the clock, and goes on from now":                    "internal/watch",
		"programfile: the program was not published; the one before it runs on": "programfile",
	} {
		if !strings.Contains(page, "`"+text+"`") {
			t.Errorf("docs/running.md does not promise the log message %q", text)
		}
		files, err := filepath.Glob(folder + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(files, func(file string) bool {
			return !strings.HasSuffix(file, "_test.go") && strings.Contains(readFile(t, file), `"`+text+`"`)
		}) {
			t.Errorf("%s does not log %q", folder, text)
		}
	}
}
