package watch

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/beckon-go/beckon/store"
)

// Broke logs that judging or rendering a message broke.
func (w *Watch) Broke(ctx context.Context, message string, err error) {
	attrs := []slog.Attr{slog.Any("error", err)} // which may name the message itself
	if message != "" {
		attrs = append(attrs, slog.String("message", message))
	}
	w.write(ctx, slog.LevelError, "a message broke: it was held, failed", attrs...)
}

// Failed logs what failed beside a call, which goes on.
func (w *Watch) Failed(ctx context.Context, what string, err error) {
	w.write(ctx, slog.LevelWarn, what, slog.Any("error", err))
}

// Damaged logs that a record cannot be read.
func (w *Watch) Damaged(ctx context.Context, key store.Key, err error) {
	if w == nil || w.Log == nil {
		return
	}
	attrs := []slog.Attr{slog.String("kind", key.Kind.String())}
	switch key.Kind {
	case store.KindEmail, store.KindThrottle:
	default:
		if key.ID != "" && !strings.Contains(key.ID, "@") {
			attrs = append(attrs, slog.String("id", key.ID))
		}
	}
	var damaged *store.DamagedError // its text names the key
	if errors.As(err, &damaged) && damaged.Err != nil {
		attrs = append(attrs, slog.Any("error", damaged.Err))
	}
	w.write(ctx, slog.LevelError, "a record cannot be read", attrs...)
}

// LostPart logs that another engine has the part of a shared run that this one worked at.
func (w *Watch) LostPart(ctx context.Context, run string) {
	w.write(ctx, slog.LevelWarn, "a part of a run was lost: its lease had ended, and another engine has it", slog.String("run", run))
}

// Ahead logs that a pass of a shared run, or a lease of a part of it, was named by a clock
// that was ahead, and is forgotten.
func (w *Watch) Ahead(ctx context.Context, run string, at time.Time) {
	w.write(ctx, slog.LevelWarn, "a run was ahead of the clock, and goes on from now", slog.String("run", run), slog.Time("at", at))
}

// LostDeliveries logs that deliveries of a run could not be given back.
func (w *Watch) LostDeliveries(ctx context.Context, n int, err error) {
	w.write(ctx, slog.LevelError, "deliveries were decided, not handed out, and not given back as far as is known", slog.Int("deliveries", n), slog.Any("error", err))
}

// Refreshed logs what other engines have changed.
func (w *Watch) Refreshed(ctx context.Context, what string, ids []string) {
	if len(ids) == 0 {
		return
	}
	more := 0
	if most := 20; len(ids) > most {
		ids, more = ids[:most], len(ids)-most
	}
	attrs := []slog.Attr{slog.Any(what, ids)}
	if more > 0 {
		attrs = append(attrs, slog.Int("and_more", more))
	}
	w.write(ctx, slog.LevelInfo, "the program was refreshed from the store", attrs...)
}
