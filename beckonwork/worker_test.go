package beckonwork_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
)

// What Track leaves is sent when its lease has ended, what Due decides at once; what no
// sender is for stays.
func TestWorks(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l, mail := newLife(t), newBox()
		e := l.engine(beckon.WithWorkers(beckon.Push)) // mail is leased to the caller first
		l.track(e, "paid", "u1")
		l.track(e, "added", "u2")
		l.track(l.engine(), "paid", "u4")
		if _, err := e.Update(t.Context(), beckon.Contact{UserID: "u3", Attributes: beckon.Attributes{"plan": beckon.String("pro")}}); err != nil {
			t.Fatal(err)
		}
		errs := l.works(2*time.Hour, l.worker(e, beckonwork.Send(beckon.Email, mail), l.observe(mail.began)))
		if errs[0] != nil {
			t.Error(errs[0])
		}
		got := mail.all()
		slices.Sort(got)
		want := []string{"cart u2 +1h0m", "news u3 +0s", "receipt u1 +1m", "receipt u4 +0s"}
		if !slices.EqualFunc(got, want, strings.HasPrefix) {
			t.Errorf("sent %q, want %q", got, want)
		}
		if d := cmp.Diff([]string{"thanks u1", "thanks u4"}, l.pending(e)); d != "" {
			t.Error(d)
		}
	})
}

// What a sender's error says is done.
func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer func(d beckon.Delivery, n int) error
		policy beckonwork.Policy
		want   []string // outcomes
		reason string   // of a dead letter
	}{
		{"made", nil, beckonwork.Policy{}, []string{"made"}, ""},
		{"twice it fails", func(_ beckon.Delivery, n int) error {
			if n < 3 {
				return errDown
			}
			return nil
		}, beckonwork.Policy{}, []string{"retried", "retried", "made"}, ""},
		{"it always fails", func(beckon.Delivery, int) error { return errDown }, beckonwork.Policy{Tries: 4}, []string{"retried", "retried", "retried", "dead"}, "tried too often: the provider is down"},
		{"it panics once", func(_ beckon.Delivery, n int) error {
			if n == 1 {
				panic("oh")
			}
			return nil
		}, beckonwork.Policy{Tries: 2}, []string{"retried", "made"}, ""},
		{"it always panics", func(beckon.Delivery, int) error { panic("oh") }, beckonwork.Policy{Tries: 2}, []string{"retried", "dead"}, "tried too often: the sender panicked: oh"},
		{"never", func(beckon.Delivery, int) error { return beckonwork.Never(errDown) }, beckonwork.Policy{}, []string{"dead"}, "the provider is down"},
		{"later, wrapped, costs no try", func(_ beckon.Delivery, n int) error {
			if n < 6 {
				return fmt.Errorf("wrapped: %w", beckonwork.Later(time.Now().Add(time.Minute), errDown))
			}
			return nil
		}, beckonwork.Policy{Tries: 1}, []string{"postponed", "postponed", "postponed", "postponed", "postponed", "made"}, ""},
		{"limited costs no try", func(_ beckon.Delivery, n int) error {
			if n < 3 {
				return beckonwork.Limited(time.Now().Add(time.Minute), errDown)
			}
			return nil
		}, beckonwork.Policy{Tries: 1}, []string{"postponed", "postponed", "made"}, ""},
		{"an old one is not tried again", func(beckon.Delivery, int) error { return beckonwork.Later(time.Now().Add(time.Hour), nil) }, beckonwork.Policy{Age: 50 * time.Minute}, []string{"postponed", "dead"}, "too old: it cannot be sent yet: no reason is known"},
		{"past and far instants are bounded", func(_ beckon.Delivery, n int) error {
			switch n {
			case 1:
				return beckonwork.Later(time.Time{}, nil)
			case 2:
				return beckonwork.Later(time.Now().AddDate(50, 0, 0), nil)
			}
			return nil
		}, beckonwork.Policy{}, []string{"postponed", "postponed", "made"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				l, mail := newLife(t), newBox()
				mail.answer = c.answer
				e := l.engine()
				l.track(e, "paid", "u1")
				if err := l.works(30*time.Hour, l.worker(e, beckonwork.Send(beckon.Email, mail), beckonwork.WithPolicy(c.policy), beckonwork.WithPollEvery(10*time.Second), l.observe(mail.began)))[0]; err != nil {
					t.Error(err)
				}
				var got []string
				for _, o := range l.outcomes {
					got = append(got, strings.Fields(o)[1])
				}
				if d := cmp.Diff(c.want, got); d != "" {
					t.Error(d)
				}
				reason := ""
				for x, err := range e.DeadLetters(t.Context()) {
					if err != nil {
						t.Error(err)
					}
					reason = x.Reason
				}
				if reason != c.reason {
					t.Errorf("the reason is %q, want %q", reason, c.reason)
				}
			})
		})
	}
}

// What a log has of an answer is a sentence, by which one who reads it knows what became of the
// delivery.
func TestAnswerText(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{beckonwork.Never(errDown), "it can never be sent: the provider is down"},
		{beckonwork.Never(nil), "it can never be sent: no reason is known"},
		{beckonwork.Later(time.Now(), errDown), "it cannot be sent yet: the provider is down"},
		{beckonwork.Limited(time.Now(), errDown), "its provider takes no more for now: the provider is down"},
	} {
		if got := c.err.Error(); got != c.want || c.want != "it can never be sent: no reason is known" && !errors.Is(c.err, errDown) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// A provider that limits stops its whole channel, and no other.
func TestLimited(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l, mail, push := newLife(t), newBox(), newBox()
		mail.answer = func(_ beckon.Delivery, n int) error {
			if n == 1 {
				return beckonwork.Limited(time.Now().Add(time.Hour), errDown)
			}
			return nil
		}
		e := l.engine()
		for i := range 50 {
			l.track(e, "paid", fmt.Sprint(i))
			l.track(e, "pinged", fmt.Sprint(i))
		}
		w := l.worker(e, beckonwork.Send(beckon.Email, mail), beckonwork.Send(beckon.Push, push), beckonwork.WithConcurrency(1))
		_ = l.works(30*time.Minute, w)
		if n := len(mail.all()); n != 1 || len(push.all()) != 50 {
			t.Errorf("%d mails in the first half hour, and %d pushes", n, len(push.all()))
		}
		_ = l.works(time.Hour, w)
		if n := len(mail.all()); n != 51 {
			t.Errorf("%d mails", n)
		}
	})
}

// The lease of a slow send is extended: nobody else makes it meanwhile.
func TestSlowSend(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l, mail := newLife(t), newBox()
		mail.answer = func(beckon.Delivery, int) error { time.Sleep(5 * time.Minute); return nil }
		e := l.engine()
		l.track(e, "paid", "u1")
		opts := []beckonwork.Option{beckonwork.Send(beckon.Email, mail), beckonwork.WithTimeout(time.Hour)}
		errs := l.works(20*time.Minute, l.worker(e, opts...), l.worker(l.engine(), opts...))
		if got := mail.all(); len(got) != 1 || errs[0] != nil || errs[1] != nil || len(l.pending(e)) != 1 {
			t.Errorf("sent %q, %v, pending %q", got, errs, l.pending(e))
		}
	})
}

// A send whose lease is lost is cancelled: somebody else has dealt with it.
func TestLostLease(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l := newLife(t)
		e := l.engine()
		began, took := time.Now(), time.Duration(0)
		mail := beckonwork.SenderFunc(func(ctx context.Context, d beckon.Delivery) error {
			if err := e.Release(t.Context(), d); err != nil {
				t.Error(err)
			}
			<-ctx.Done()
			took = time.Since(began)
			return ctx.Err()
		})
		l.track(e, "paid", "u1")
		_ = l.works(10*time.Minute, l.worker(e, beckonwork.Send(beckon.Email, mail), l.observe(began)))
		if d := cmp.Diff([]string{"receipt lost +20s"}, l.outcomes); d != "" || took != beckonwork.DefaultExtendEvery {
			t.Errorf("after %v: %s", took, d)
		}
	})
}

// A worker that ends waits for the sends under way, as long as it may.
func TestDrain(t *testing.T) {
	for _, c := range []struct {
		name  string
		takes time.Duration
		heeds bool // the end of its context
		want  error
		after time.Duration // that Run returns, from its end on
	}{
		{"quick", time.Second, true, nil, time.Second},
		{"in time", 9 * time.Second, true, nil, 9 * time.Second},
		{"too slow", time.Minute, true, beckonwork.ErrDrain, 10 * time.Second},
		{"it takes no notice", time.Minute, false, beckonwork.ErrDrain, 12 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				l := newLife(t)
				e := l.engine()
				var mu sync.Mutex
				begun, made := 0, 0
				mail := beckonwork.SenderFunc(func(ctx context.Context, _ beckon.Delivery) error {
					mu.Lock()
					begun++
					mu.Unlock()
					timer := time.NewTimer(c.takes)
					if c.heeds {
						select {
						case <-ctx.Done():
							return context.Cause(ctx)
						case <-timer.C:
						}
					} else {
						<-timer.C
					}
					mu.Lock()
					made++
					mu.Unlock()
					return nil
				})
				for i := range 40 {
					l.track(e, "paid", fmt.Sprint(i))
				}
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error)
				w := l.worker(e, beckonwork.Send(beckon.Email, mail), beckonwork.WithDrain(10*time.Second))
				go func() { ended <- w.Run(ctx) }()
				for n := 0; n == 0; {
					time.Sleep(time.Millisecond)
					mu.Lock()
					n = begun
					mu.Unlock()
				}
				cancel()
				at := time.Now()
				err := <-ended
				if took := time.Since(at); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) || took > c.after || took < c.after-100*time.Millisecond {
					t.Errorf("Run returned %v after %v", err, took)
				}
				mu.Lock()
				atOnce := begun
				mu.Unlock()
				time.Sleep(2 * time.Minute) // the one that takes no notice
				mu.Lock()
				defer mu.Unlock()
				if begun != atOnce || begun > beckonwork.DefaultAtOnce {
					t.Errorf("%d were begun, %d of them after the end", begun, begun-atOnce)
				}
				if left := len(l.pending(e)) - 40; left != 40-made { // and the banners
					t.Errorf("%d were made, %d are pending", made, left)
				}
			})
		})
	}
}

// Due and Sweep run once for all workers, and each delivery goes out once.
func TestManyWorkers(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l, mail := newLife(t), newBox()
		mail.answer = func(d beckon.Delivery, _ int) error {
			if d.Attempt < 2 {
				t.Errorf("%s is sent without a lease", d.Message)
			}
			return nil
		}
		e := l.engine()
		for i := range 300 {
			id := fmt.Sprint(i)
			l.track(e, "added", id)
			if _, err := e.Update(t.Context(), beckon.Contact{UserID: id, Attributes: beckon.Attributes{"plan": beckon.String([]string{"pro", "free"}[i%2])}}); err != nil {
				t.Fatal(err)
			}
		}
		var workers []*beckonwork.Worker
		for range 4 {
			workers = append(workers, l.worker(l.engine(), beckonwork.Send(beckon.Email, mail)))
		}
		for _, err := range l.works(150*time.Minute, workers...) {
			if err != nil {
				t.Error(err)
			}
		}
		seen := map[string]int{}
		for _, x := range mail.all() {
			f := strings.Fields(x)
			seen[f[0]+" "+f[1]]++
		}
		for i := range 300 {
			for _, m := range []string{"cart", "news"} {
				want := 1
				if m == "news" && i%2 == 1 {
					want = 0
				}
				if n := seen[m+" "+fmt.Sprint(i)]; n != want {
					t.Errorf("%s went to %d %d times", m, i, n)
				}
			}
		}
		// Three sweeps, at the beginning and after one and two hours, looked at each of them
		// once, and the totals count each once.
		totals, err := e.Totals(t.Context(), "news")
		if held := totals.Held; err != nil || held[beckon.ReasonAudience] != 150 || held[beckon.ReasonAlreadySent] != 150 {
			t.Errorf("%+v, %v", totals, err)
		}
	})
}

// Of four workers three die; what they had is sent by the one that is left.
func TestDeaths(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l, mail := newLife(t), newBox()
		e := l.engine()
		var stores []*mortal
		var workers []*beckonwork.Worker
		sentByTheDead := 0
		var mu sync.Mutex
		for i := range 4 {
			m := &mortal{Store: l.store}
			stores = append(stores, m)
			workers = append(workers, l.worker(l.engineOver(m), beckonwork.WithDrain(time.Second), beckonwork.Send(beckon.Email, beckonwork.SenderFunc(func(ctx context.Context, d beckon.Delivery) error {
				time.Sleep(200 * time.Millisecond)
				m.mu.Lock()
				dead := m.dead
				m.mu.Unlock()
				if dead {
					mu.Lock()
					sentByTheDead++
					mu.Unlock()
					<-ctx.Done()
					return ctx.Err()
				}
				return mail.Send(ctx, d)
			}))))
			_ = i
		}
		for i := range 400 {
			l.track(e, "paid", fmt.Sprint(i))
			l.track(e, "added", fmt.Sprint(400+i))
		}
		go func() {
			for i := range 3 {
				time.Sleep(time.Duration(100+i*150) * time.Millisecond)
				stores[i].set(func(m *mortal) { m.dead = true })
			}
		}()
		_ = l.works(75*time.Minute, workers...)
		seen := map[string]int{}
		for _, x := range mail.all() {
			seen[strings.Join(strings.Fields(x)[:2], " ")]++
		}
		twice := 0
		for i := range 400 {
			for _, m := range []string{fmt.Sprintf("receipt %d", i), fmt.Sprintf("cart %d", 400+i)} {
				switch n := seen[m]; {
				case n == 0:
					t.Errorf("%s was lost", m)
				case n > 1:
					twice++
				}
			}
		}
		if limit := 3 * (beckonwork.DefaultAtOnce + 512); twice > limit || sentByTheDead == 0 {
			t.Errorf("%d were sent twice, %d under way by the dead", twice, sentByTheDead)
		}
		if d := len(l.pending(e)) - 400; d != 0 { // the banners
			t.Errorf("%d are pending", d)
		}
	})
}
