package beckonwork

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/beckon-go/beckon"
)

// An Outcome is what became of a delivery.
type Outcome struct {
	Delivery beckon.Delivery
	Result   Result
	Err      error         // of the Sender; nil if it was made
	At       time.Time     // when it will be free again; zero unless it is to be tried again
	Took     time.Duration // by the Sender

	// Composed says that the message is none of the program's that the worker's engine has:
	// the host composed it (SendTo), or a program before had it. While the engine has no
	// program it cannot tell the latter.
	Composed bool
}

// A Result is what became of a delivery.
type Result string

// The results.
const (
	Made      Result = "made"
	Retried   Result = "retried"   // the try failed, and another one follows
	Postponed Result = "postponed" // it was not tried: no try is counted
	Dead      Result = "dead"      // it was given up
	Lost      Result = "lost"      // its lease had ended, and another worker has it
)

// deal does what the answer of a sender asks for.
func (s *session) deal(c *channel, d beckon.Delivery, err error, took time.Duration) {
	if err == nil {
		s.made(made{d, took})
		return
	}
	out := Outcome{Delivery: d, Err: err, Took: took}
	a, now := answered(err), s.w.cfg.clock()
	if a.is == limited {
		c.pauseUntil(within(now, a.until))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), storeTime)
	defer cancel()
	var failed error
	switch old := now.Sub(d.At) >= s.w.cfg.policy.Age; {
	case a.is == never, old, a.is == tried && d.Tries() >= s.w.cfg.policy.Tries:
		out.Result = Dead
		failed = s.w.engine.GiveUp(ctx, d, reasonOf(a, old))
	case a.is == tried:
		out.Result, out.At = Retried, now.Add(s.w.cfg.policy.waitOf(d.ID, d.Tries()))
		failed = s.w.engine.Retry(ctx, d, out.At)
	default:
		out.Result, out.At = Postponed, within(now, a.until)
		failed = s.w.engine.Postpone(ctx, d, out.At)
	}
	switch {
	case errors.Is(failed, beckon.ErrLeaseLost):
		out.Result, out.At = Lost, time.Time{}
	case failed != nil: // it comes again when its lease has ended
		s.w.warn("what became of a delivery could not be noted", "delivery", d.ID, "error", failed)
		return
	}
	s.w.tell(out)
}

// reasonOf returns why a delivery is given up.
func reasonOf(a *answer, old bool) string {
	switch {
	case a.is == never && a.err != nil:
		return a.err.Error()
	case a.is == never:
		return noReason
	case old:
		return "too old: " + a.Error()
	}
	return "tried too often: " + a.Error()
}

// within returns an instant that is neither past nor more than a day ahead.
func within(now, at time.Time) time.Time {
	if at.Before(now) {
		return now
	}
	if most := now.Add(mostAhead); at.After(most) {
		return most
	}
	return at
}

// mostAhead is how far a sender can put off a delivery, or pause its channel, at a time.
const mostAhead = 24 * time.Hour

// tell has the observer and the log know.
func (w *Worker) tell(out Outcome) {
	out.Composed = w.engine.IsComposed(out.Delivery)
	if l := w.cfg.logger; l != nil && out.Result != Made {
		level, d := slog.LevelWarn, &out.Delivery
		if out.Result == Dead {
			level = slog.LevelError
		}
		l.Log(context.Background(), level, "a delivery was not made", "result", out.Result, "message", d.Message, "channel", d.Channel,
			"delivery", d.ID, "tries", d.Tries(), "error", out.Err)
	}
	w.observe(out)
}

// observe calls the observer. A panic of it ends here, and is logged with its text only if it
// is of the runtime: any other may say whatever it likes.
func (w *Worker) observe(out Outcome) {
	if w.cfg.observer == nil {
		return
	}
	defer func() {
		p := recover()
		if p == nil || w.cfg.logger == nil {
			return
		}
		text := "a value of the host"
		if err, ok := p.(runtime.Error); ok {
			text = err.Error()
		}
		w.cfg.logger.Error("an observer has panicked", "delivery", out.Delivery.ID, "panic", text, "stack", string(debug.Stack()))
	}()
	w.cfg.observer(out)
}

func (w *Worker) warn(text string, args ...any) {
	if w.cfg.logger != nil {
		w.cfg.logger.Warn(text, args...)
	}
}
