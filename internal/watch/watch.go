// Package watch calls the observers of an engine, and writes its log.
package watch

import (
	"context"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/store"
)

// A Watch is who watches an engine. It does not change while the engine runs. The nil
// Watch watches nothing.
type Watch struct {
	Observers []observe.Observer
	Log       *slog.Logger
	Now       func() time.Time // with a monotonic reading

	// Apart returns the context of a call without what concerns that call alone: observers
	// get it, which may make calls of their own. Nil: there is no such thing.
	Apart func(context.Context) context.Context
}

func (w *Watch) apart(ctx context.Context) context.Context {
	if w.Apart == nil || len(w.Observers) == 0 {
		return ctx
	}
	return w.Apart(ctx)
}

// Decides reports whether decisions are told to anybody.
func (w *Watch) Decides(ctx context.Context) bool {
	if w == nil {
		return false
	}
	for i := range w.Observers {
		if w.Observers[i].Decided != nil {
			return true
		}
	}
	return w.logs(ctx, slog.LevelDebug)
}

// logs reports whether something of a level is to be written.
func (w *Watch) logs(ctx context.Context, level slog.Level) (is bool) {
	if w != nil && w.Log != nil {
		w.guard(ctx, func() { is = w.Log.Enabled(ctx, level) })
	}
	return is
}

// guard calls a function of the host. What it panics with ends here.
func (w *Watch) guard(ctx context.Context, fn func()) {
	defer func() {
		if p := recover(); p != nil {
			w.panicked(ctx, p)
		}
	}()
	fn()
}

// panicked logs what an observer has panicked with: its text only if it is of the runtime,
// since any other may say whatever it likes.
func (w *Watch) panicked(ctx context.Context, p any) {
	if w.Log == nil {
		return
	}
	defer func() { _ = recover() }() // of the logger, maybe
	text := "a value of the host"
	if err, ok := p.(runtime.Error); ok {
		text = err.Error()
	}
	w.Log.LogAttrs(ctx, slog.LevelError, "an observer has panicked", slog.String("panic", text), slog.String("stack", string(debug.Stack())))
}

// Decided tells of a decision.
func (w *Watch) Decided(ctx context.Context, d *observe.Decision) {
	if w.logs(ctx, slog.LevelDebug) {
		w.logDecision(ctx, d)
	}
	ctx = w.apart(ctx)
	for i := range w.Observers {
		if fn := w.Observers[i].Decided; fn != nil {
			w.guard(ctx, func() { fn(ctx, *d) })
		}
	}
}

// Counted tells of candidates that a run has held.
func (w *Watch) Counted(ctx context.Context, c *observe.Count) {
	if w.logs(ctx, slog.LevelDebug) {
		w.write(ctx, slog.LevelDebug, "held", slog.String("occasion", string(c.Occasion)), slog.String("message", c.Message),
			slog.String("reason", string(c.Reason)), slog.Int64("contacts", c.N))
	}
	ctx = w.apart(ctx)
	for i := range w.Observers {
		if fn := w.Observers[i].Counted; fn != nil {
			w.guard(ctx, func() { fn(ctx, *c) })
		}
	}
}

// stepped tells of a step.
func (w *Watch) stepped(ctx context.Context, s *observe.Step) {
	ctx = w.apart(ctx)
	for i := range w.Observers {
		if fn := w.Observers[i].Stepped; fn != nil {
			w.guard(ctx, func() { fn(ctx, *s) })
		}
	}
}

func (w *Watch) logDecision(ctx context.Context, d *observe.Decision) {
	attrs := append(make([]slog.Attr, 0, 9), slog.String("occasion", string(d.Occasion)), slog.String("message", d.Message))
	attrs = append(attrs, name(&d.Contact)...)
	if d.CompanyID != "" {
		attrs = append(attrs, slog.String("company", d.CompanyID))
	}
	if d.Sent {
		w.write(ctx, slog.LevelDebug, "sent", append(attrs, slog.String("channel", string(d.Channel)), slog.String("delivery", d.Delivery), slog.Int("sequence", d.Sequence))...)
		return
	}
	attrs = append(attrs, slog.String("reason", string(d.Reason)))
	if !d.RetryAt.IsZero() {
		attrs = append(attrs, slog.Time("retry_at", d.RetryAt))
	}
	if d.Cap != "" {
		attrs = append(attrs, slog.String("cap", d.Cap))
	}
	w.write(ctx, slog.LevelDebug, "held", attrs...)
}

// name returns the first name of a contact that is no address.
func name(who *store.Identity) []slog.Attr {
	for _, id := range [...]struct{ key, text string }{{"user_id", who.UserID}, {"id", who.ID}, {"anonymous_id", who.AnonymousID}} {
		if id.text != "" && !strings.Contains(id.text, "@") {
			return []slog.Attr{slog.String(id.key, id.text)}
		}
	}
	return nil
}

// write writes to the log, if there is one.
func (w *Watch) write(ctx context.Context, level slog.Level, text string, attrs ...slog.Attr) {
	if w != nil && w.Log != nil {
		w.guard(ctx, func() { w.Log.LogAttrs(ctx, level, text, attrs...) })
	}
}
