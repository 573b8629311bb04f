package beckon_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
)

// What an observer panics with ends there: the delivery is the caller's, the other
// observers are called, and the log says so.
func TestObserverPanics(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	w, clock, broken := new(watcher), &hand{}, 0
	clock.set(noon)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(clock.now), beckon.WithLogger(slog.New(slog.NewTextHandler(&log, nil))),
		beckon.WithObserver(observe.Observer{
			Decided: func(context.Context, observe.Decision) { broken++; panic("the address is ada@h.example") },
			Counted: func(context.Context, observe.Count) { broken++; panic("c") },
			Stepped: func(_ context.Context, s observe.Step) { broken++; s.Records /= len(s.Call) - len(s.Call) },
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
	if text := log.String(); strings.Count(text, "an observer has panicked") != broken || !strings.Contains(text, "divide by zero") || strings.Contains(text, "ada@") {
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
