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

// What Sweep decides is sent once, beside the channel's loop.
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

// A channel whose sender hangs holds up nothing that a run decides for another one, and
// what there is no slot for is free for other workers at once, which have room.
func TestHungChannelAlone(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l := newLife(t)
		text := beckon.Content{Subject: "s", Body: "hello"}
		pro := beckon.User("plan").Is("pro")
		e := l.plans(4)
		if err := e.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{
			{ID: "news", Channel: beckon.Email, Status: beckon.Live, Audience: pro, Priority: 1, Content: text},
			{ID: "note", Channel: beckon.Push, Status: beckon.Live, Audience: pro, Content: text},
		}}); err != nil {
			t.Fatal(err)
		}
		hung, other := newBox(), newBox()
		hung.answer = func(beckon.Delivery, int) error { time.Sleep(8 * time.Hour); return nil }
		push := newBox()
		began := time.Now()
		worker := l.worker(e, beckonwork.WithoutDue(), beckonwork.WithConcurrency(1), beckonwork.WithTimeout(9*time.Hour), beckonwork.WithDrain(9*time.Hour),
			beckonwork.Send(beckon.Email, hung), beckonwork.Send(beckon.Push, push), l.observe(began))
		alone := l.worker(e, beckonwork.WithoutDue(), beckonwork.WithoutSweep(), beckonwork.Send(beckon.Email, other))
		l.works(time.Minute, worker, alone)
		if got := push.all(); len(got) != 4 || !slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "note u3 ") }) {
			t.Errorf("push was sent %v, want all four", got)
		}
		for _, s := range slices.Concat(push.all(), other.all()) {
			if since, err := time.ParseDuration(s[strings.Index(s, "+")+1:]); err != nil || since > 2*beckonwork.DefaultPollEvery {
				t.Errorf("%s, which is late", s)
			}
		}
		if got := append(hung.all(), other.all()...); len(hung.all()) == 0 || len(got) != 4 {
			t.Errorf("email was sent %v and %v, want four together", hung.all(), other.all())
		}
		if got := l.pending(e); len(got) != 0 {
			t.Errorf("pending after the end: %v", got)
		}
	})
}

// One slot and many deliveries: none is lost on the way, none is sent twice, and the slot
// does not wait for the next poll.
func TestRunsFillOneSlot(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l := newLife(t)
		e, mail := l.plans(50), newBox()
		mail.answer = func(beckon.Delivery, int) error { time.Sleep(100 * time.Millisecond); return nil }
		l.works(time.Minute, l.worker(e, beckonwork.WithoutDue(), beckonwork.WithConcurrency(1), beckonwork.WithPollEvery(time.Hour), beckonwork.Send(beckon.Email, mail)))
		got := mail.all()
		if slices.Sort(got); len(slices.Compact(got)) != 50 || len(mail.all()) != 50 {
			t.Errorf("50 deliveries were sent %d times: %v", len(mail.all()), mail.all())
		}
	})
}

// When a worker ends, what a run has decided and no slot was free for is there for the next.
func TestDrainLeavesTheRest(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l := newLife(t)
		e, mail := l.plans(5), slowly()
		l.works(time.Second, l.worker(e, beckonwork.WithoutDue(), beckonwork.WithConcurrency(1), beckonwork.WithTimeout(time.Hour), beckonwork.WithDrain(time.Hour), beckonwork.Send(beckon.Email, mail)))
		if got := mail.all(); len(got) != 1 {
			t.Errorf("sent %v, want one", got)
		}
		n := 0
		for d, err := range e.Pending(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; d.Tries() != 1 {
				t.Errorf("%s is try %d; nobody has tried it", d.ID, d.Tries())
			}
		}
		if n != 4 {
			t.Errorf("%d are free at once, want 4", n)
		}
	})
}
