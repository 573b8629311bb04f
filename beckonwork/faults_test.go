package beckonwork_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/memstore"
)

// A store that fails for a while costs nothing but time.
func TestStoreFails(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l, mail := newLife(t), newBox()
		mail.answer = func(beckon.Delivery, int) error { time.Sleep(5 * time.Millisecond); return nil }
		m := &mortal{Store: l.store}
		e := l.engineOver(m)
		for i := range 100 {
			l.track(e, "paid", fmt.Sprint(i))
		}
		go func() {
			time.Sleep(2 * time.Millisecond)
			m.set(func(m *mortal) { m.fails = 20 })
		}()
		if err := l.works(30*time.Minute, l.worker(e, beckonwork.Send(beckon.Email, mail)))[0]; err != nil {
			t.Error(err)
		}
		seen := map[string]bool{}
		for _, x := range mail.all() {
			seen[strings.Fields(x)[1]] = true
		}
		if n := len(mail.all()); n != 100 || len(seen) != 100 || len(l.pending(e)) != 100 {
			t.Errorf("%d were sent, %d of them once, %d are pending", n, len(seen), len(l.pending(e))-100)
		}
	})
}

// A provider that is down for an hour costs no try beyond the policy.
func TestProviderDown(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l, mail := newLife(t), newBox()
		mail.answer = func(beckon.Delivery, int) error {
			if time.Since(mail.began) < time.Hour {
				return errDown
			}
			return nil
		}
		e := l.engine()
		for i := range 20 {
			l.track(e, "paid", fmt.Sprint(i))
		}
		_ = l.works(3*time.Hour, l.worker(e, beckonwork.Send(beckon.Email, mail), beckonwork.WithPollEvery(5*time.Second)))
		tries := map[string]int{}
		for _, x := range mail.all() {
			tries[strings.Fields(x)[1]]++
		}
		for who, n := range tries {
			if n < 7 || n > 10 { // 30 s, 1, 2, 4, 8, 16, 32 minutes apart, a fifth more or less
				t.Errorf("%s had %d tries", who, n)
			}
		}
		if len(tries) != 20 || len(l.pending(e)) != 20 {
			t.Errorf("%d were tried, %d are pending", len(tries), len(l.pending(e))-20)
		}
	})
}

func TestRunErrors(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l := newLife(t)
		e := l.engine()
		w := l.worker(e)
		errs := l.works(time.Minute, w, w)
		if !errors.Is(errors.Join(errs...), beckonwork.ErrRunning) || errs[0] != nil && errs[1] != nil {
			t.Errorf("two runs of one worker: %v", errs)
		}
		go func() {
			time.Sleep(10 * time.Minute)
			_ = e.Close()
		}()
		began := time.Now()
		if err := l.works(time.Hour, l.worker(e, beckonwork.Send(beckon.Email, newBox())))[0]; !errors.Is(err, beckon.ErrClosed) || time.Since(began) > 12*time.Minute {
			t.Errorf("the run of a closed engine ends after %v with %v", time.Since(began), err)
		}
		bare, err := beckon.New(memstore.New(), beckon.WithClock(time.Now))
		if err == nil {
			err = bare.Publish(t.Context(), program())
		}
		if err == nil {
			_, err = bare.Update(t.Context(), beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String("pro")}})
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := l.works(time.Minute, l.worker(bare))[0]; !errors.Is(err, beckonwork.ErrNoOutbox) {
			t.Errorf("without an outbox Run returns %v", err)
		}
		if totals, err := bare.Totals(t.Context(), "news"); err != nil || totals.Sent != 0 {
			t.Errorf("without an outbox nobody gets it, and %d are counted; %v", totals.Sent, err)
		}
	})
}

func TestNewFaults(t *testing.T) {
	t.Parallel()
	l := newLife(t)
	_, err := beckonwork.New(nil,
		beckonwork.Send(beckon.Email, nil), beckonwork.Send("", newBox()), beckonwork.Send(beckon.Push, newBox()), beckonwork.Send(beckon.Push, newBox()),
		beckonwork.WithConcurrency(-1), beckonwork.WithTimeout(-1), beckonwork.WithClock(nil), beckonwork.WithPolicy(beckonwork.Policy{Tries: -1}), nil)
	if n := strings.Count(fmt.Sprint(err), "beckonwork: "); n != 8 {
		t.Errorf("%d faults:\n%v", n, err)
	}
	if _, err := beckonwork.New(l.engine(), beckonwork.WithPolicy(beckonwork.Policy{First: time.Hour, Most: time.Minute})); err == nil {
		t.Error("a first distance longer than the longest is accepted")
	}
}
