package beckonwork_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
)

// slowly is a sender that takes longer than a lease.
func slowly() *box {
	b := newBox()
	b.answer = func(beckon.Delivery, int) error { time.Sleep(90 * time.Second); return nil }
	return b
}

// A delivery that waits for others of its worker is not sent by two.
func TestSlowSendsOnce(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l := newLife(t)
		e := l.engine()
		for i := range 3 {
			l.track(e, "paid", fmt.Sprint("u", i))
		}
		one, two := slowly(), slowly()
		alone := []beckonwork.Option{beckonwork.WithoutDue(), beckonwork.WithoutSweep(), beckonwork.WithConcurrency(1)}
		l.works(20*time.Minute,
			l.worker(e, append(alone, beckonwork.Send(beckon.Email, one))...),
			l.worker(e, append(alone, beckonwork.Send(beckon.Email, two))...))
		if got := slices.Concat(one.all(), two.all()); len(got) != 3 {
			t.Errorf("3 deliveries were sent %d times: %v", len(got), got)
		}
	})
}

// plans has contacts whom Sweep finds, and an engine that hands it what Sweep decides.
func (l *life) plans(n int) *beckon.Engine {
	l.t.Helper()
	e, err := beckon.New(l.store, beckon.WithOutbox(), beckon.WithClock(time.Now))
	if err == nil {
		err = e.Publish(l.t.Context(), program())
	}
	for i := range n {
		if err == nil {
			_, err = e.Update(l.t.Context(), beckon.Contact{UserID: fmt.Sprint("u", i), Attributes: map[string]beckon.Value{"plan": beckon.String("pro")}})
		}
	}
	if err != nil {
		l.t.Fatal(err)
	}
	return e
}

// What Sweep has decided waits for a slot with its lease extended, beside the channel's loop.
func TestSlowSendsOnceBesideSweep(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l := newLife(t)
		e, mail := l.plans(3), slowly()
		l.works(20*time.Minute, l.worker(e, beckonwork.WithoutDue(), beckonwork.WithConcurrency(1), beckonwork.Send(beckon.Email, mail)))
		if got := mail.all(); len(got) != 3 {
			t.Errorf("3 deliveries were sent %d times: %v", len(got), got)
		}
	})
}

// A lease that is lost while a delivery waits: it is told, and not sent by this worker.
func TestLeaseLostWhileWaiting(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l := newLife(t)
		m := &mortal{Store: l.store}
		l.store = m
		e, mail := l.plans(2), slowly()
		began := time.Now()
		w := l.worker(e, beckonwork.WithoutDue(), beckonwork.WithConcurrency(1), beckonwork.Send(beckon.Email, mail), l.observe(began))
		other := l.engineOver(m.Store)
		time.AfterFunc(10*time.Second, func() { // the store is away from this worker, and another one takes what is free
			m.set(func(m *mortal) { m.fails = 1 << 30 })
			time.Sleep(70 * time.Second)
			for d, err := range other.Pending(t.Context()) {
				if err != nil || other.Acknowledge(t.Context(), d) != nil {
					t.Error("it cannot be made by another")
				}
			}
			m.set(func(m *mortal) { m.fails = 0 })
		})
		l.works(20*time.Minute, w)
		if got := mail.all(); len(got) != 1 {
			t.Errorf("sent by this worker: %v; want the first alone", got)
		}
		if !slices.ContainsFunc(l.outcomes, func(o string) bool { return strings.HasPrefix(o, "news lost") }) {
			t.Errorf("outcomes: %v; want one lost", l.outcomes)
		}
	})
}
