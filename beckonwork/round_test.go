package beckonwork_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
)

// A round tries once what is pending, and leaves it as a worker that runs does.
func TestRound(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l, mail := newLife(t), newBox()
		e := l.engine()
		for i := range 4 {
			l.track(e, "paid", fmt.Sprint("u", i))
		}
		l.track(e, "pinged", "u9") // no sender is for it
		var w *beckonwork.Worker
		mail.answer = func(d beckon.Delivery, n int) error {
			if _, err := w.Round(t.Context()); !errors.Is(err, beckonwork.ErrRunning) {
				t.Errorf("a round within a round: %v", err)
			}
			switch d.Contact.UserID {
			case "u0":
				time.Sleep(90 * time.Second) // longer than a lease, and not so long as it may take
			case "u1":
				return beckonwork.Never(errDown)
			case "u2":
				panic("no address")
			case "u3":
				return beckonwork.Later(time.Now().Add(time.Hour), errDown)
			}
			return nil
		}
		w = l.worker(e, beckonwork.Send(beckon.Email, mail), l.observe(mail.began))
		other := l.worker(l.engine(), beckonwork.Send(beckon.Email, newBox()))
		time.AfterFunc(80*time.Second, func() {
			if n, err := other.Round(t.Context()); n > 3 || err != nil { // what u0 has keeps its lease
				t.Errorf("another round meanwhile: %d, %v", n, err)
			}
		})
		n, err := w.Round(t.Context())
		if n != len(mail.all()) || n == 0 || err != nil {
			t.Errorf("%d of %q were tried, %v", n, mail.all(), err)
		}
		for range 3 {
			time.Sleep(2 * time.Hour)
			mail.answer = nil
			if _, err := w.Round(t.Context()); err != nil {
				t.Error(err)
			}
		}
		for _, d := range l.pending(e) {
			if d[:7] == "receipt" {
				t.Errorf("%s is pending at the end", d)
			}
		}
	})
}

// A round keeps to what a provider asks for, ends with its context, and gives back what it
// has not tried.
func TestRoundEnds(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l, mail := newLife(t), newBox()
		e := l.engine()
		for i := range 3 {
			l.track(e, "paid", fmt.Sprint("u", i))
		}
		until := time.Now().Add(10 * time.Minute)
		mail.answer = func(beckon.Delivery, int) error { return beckonwork.Limited(until, errDown) }
		w := l.worker(e, beckonwork.Send(beckon.Email, mail))
		for range 3 {
			if _, err := w.Round(t.Context()); err != nil || len(mail.all()) != 1 {
				t.Errorf("%q, %v", mail.all(), err)
			}
			time.Sleep(time.Minute)
		}
		time.Sleep(10 * time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		mail.answer = func(beckon.Delivery, int) error { cancel(); return nil }
		if n, err := w.Round(ctx); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		mail.answer = nil
		if n, err := w.Round(t.Context()); n != 2 || err != nil { // at once
			t.Errorf("the rest: %d, %v", n, err)
		}
		if d := cmp.Diff([]string{"thanks u0", "thanks u1", "thanks u2"}, l.pending(e)); d != "" {
			t.Error(d)
		}
	})
}

// What cannot be acknowledged, or has no lease any more, is an error or lost, and comes again.
func TestRoundOverAStoreThatFails(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l, mail := newLife(t), newBox()
		kept := &mortal{Store: l.store}
		e := l.engineOver(kept)
		l.track(e, "paid", "u")
		w := l.worker(e, beckonwork.Send(beckon.Email, mail), beckonwork.WithTimeout(time.Second))
		mail.answer = func(beckon.Delivery, int) error {
			kept.set(func(m *mortal) { m.fails = 100 })
			return nil
		}
		if n, err := w.Round(t.Context()); n != 1 || err == nil {
			t.Errorf("%d, %v", n, err)
		}
		kept.set(func(m *mortal) { m.fails = 0 })
		mail.answer = nil
		time.Sleep(2 * time.Minute)
		if n, err := w.Round(t.Context()); n != 1 || err != nil || len(mail.all()) != 2 {
			t.Errorf("%d, %v, %q", n, err, mail.all())
		}
	})
}

// Z1: a store that is done in time and answers late uses up the lease. What is sent has one
// all the same that lasts as long as sending may take, or it is not sent.
func TestLeasesOverAStoreThatAnswersLate(t *testing.T) {
	for _, c := range []struct {
		name  string
		runs  bool // by Run, else by Round
		late  []time.Duration
		sends int
		fails bool
	}{
		{name: "a round's first extension", late: []time.Duration{25 * time.Second, 25 * time.Second}, sends: 1},
		{name: "as late as there is time", late: []time.Duration{25 * time.Second, 10 * time.Second}, sends: 1},
		{name: "all extensions of a round", late: []time.Duration{25 * time.Second, 25 * time.Second, 11 * time.Second, 11 * time.Second}, fails: true},
		{name: "the lease of a worker that runs", runs: true, late: []time.Duration{45 * time.Second}, sends: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				l, mail := newLife(t), newBox()
				kept := &mortal{Store: l.store}
				e, other := l.engineOver(kept), l.engine()
				l.track(e, "paid", "u")
				w := l.worker(e, beckonwork.Send(beckon.Email, mail), beckonwork.WithTimeout(40*time.Second))
				kept.set(func(m *mortal) { m.late = c.late })
				mail.answer = func(beckon.Delivery, int) error {
					for range 39 {
						time.Sleep(time.Second)
						for d, err := range other.Pending(t.Context(), beckon.Channels(beckon.Email)) {
							t.Errorf("another worker has %v, %v, while it is sent", d.Message, err)
						}
					}
					return nil
				}
				var err error
				if c.runs {
					l.works(2*time.Minute, w)
				} else if _, err = w.Round(t.Context()); (err != nil) != c.fails {
					t.Errorf("the round ends with %v", err)
				}
				if got := mail.all(); len(got) != c.sends {
					t.Errorf("sent %q, want %d", got, c.sends)
				}
				if left := l.pending(e); len(left) != 2-c.sends { // and what nobody sends
					t.Errorf("pending %q", left)
				}
			})
		})
	}
}
