package beckonwork_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
)

type refusal struct{ text string }

func (r *refusal) Error() string { return r.text }

func TestErrorThatPanics(t *testing.T) {
	for name, fault := range map[string]error{"alone": (*refusal)(nil), "in an answer": beckonwork.Never((*refusal)(nil))} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				l := newLife(t)
				e, mail := l.engine(), newBox()
				l.track(e, "paid", "u")
				mail.answer = func(beckon.Delivery, int) error { return fault }
				l.works(time.Hour, l.worker(e, beckonwork.WithoutDue(), beckonwork.WithoutSweep(), beckonwork.Send(beckon.Email, mail),
					beckonwork.WithPolicy(beckonwork.Policy{Tries: 2}), l.observe(time.Now())))
				if n := len(mail.all()); n != 2 || len(l.outcomes) != 2 {
					t.Fatalf("%d tries, and %v; want two", n, l.outcomes)
				}
				for d, err := range e.DeadLetters(context.Background()) {
					if err != nil || !strings.Contains(d.Reason, "panicked") {
						t.Errorf("the reason is %q (%v)", d.Reason, err)
					}
				}
			})
		})
	}
}

func TestObserverThatPanics(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l := newLife(t)
		e, mail := l.engine(), newBox()
		l.track(e, "paid", "u")
		l.track(e, "paid", "v")
		mail.answer = func(d beckon.Delivery, _ int) error {
			if d.Contact.UserID == "u" && d.Tries() == 1 {
				return errDown
			}
			return nil
		}
		var text bytes.Buffer
		w := l.worker(e, beckonwork.WithoutDue(), beckonwork.WithoutSweep(), beckonwork.Send(beckon.Email, mail),
			beckonwork.WithConcurrency(1), beckonwork.WithLogger(slog.New(slog.NewTextHandler(&text, nil))),
			beckonwork.WithObserver(func(beckonwork.Outcome) { panic(errors.New("a metric that is not registered")) }))
		if errs := l.works(time.Hour, w); errs[0] != nil {
			t.Error(errs[0])
		}
		if got := mail.all(); len(got) != 3 {
			t.Errorf("sent: %v", got)
		}
		if n := strings.Count(text.String(), "an observer has panicked"); n != 3 {
			t.Errorf("%d of 3 panics are logged:\n%s", n, &text)
		}
	})
}
