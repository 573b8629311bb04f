package beckonwork_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// torn is a store with five records, of u0 to u4, that fail from some time on.
type torn struct {
	*memstore.Store
	on  atomic.Bool
	err error
}

func (s *torn) Step(ctx context.Context, steps []store.Step) error {
	if !s.on.Load() {
		return s.Store.Step(ctx, steps)
	}
	var rest []store.Step
	var at []int
	for i := range steps {
		if isTorn(steps[i].Key.ID) {
			steps[i].Err = s.err
			continue
		}
		rest, at = append(rest, steps[i]), append(at, i)
	}
	time.Sleep(20 * time.Millisecond) // more comes together meanwhile
	if len(rest) == 0 {
		return nil
	}
	err := s.Store.Step(ctx, rest)
	for i := range rest {
		steps[at[i]] = rest[i]
	}
	return err
}

func isTorn(who string) bool { return len(who) == 2 && who < "u5" }

// A contact whose record fails keeps no other from being acknowledged.
func TestOneContactFails(t *testing.T) {
	for name, fault := range map[string]error{"damaged": &store.DamagedError{Err: errors.New("torn")}, "failing": errors.New("a page cannot be read")} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				l := newLife(t)
				s := &torn{Store: memstore.New(), err: fault}
				l.store = s
				e, mail := l.engine(), newBox()
				for i := range 300 {
					l.track(e, "paid", fmt.Sprint("u", i))
				}
				mail.answer = func(d beckon.Delivery, _ int) error {
					time.Sleep(time.Second)
					if s.on.Store(true); d.Contact.UserID != "u299" { // the first that is acknowledged
						time.Sleep(time.Second / 2)
					}
					return nil
				}
				l.works(10*time.Minute, l.worker(e, beckonwork.WithoutDue(), beckonwork.WithoutSweep(), beckonwork.WithConcurrency(400), beckonwork.Send(beckon.Email, mail)))
				times := map[string]int{}
				for _, line := range mail.all() {
					times[strings.Fields(line)[1]]++
				}
				for who, n := range times {
					if n > 1 && !isTorn(who) {
						t.Errorf("%s gets it %d times", who, n)
					}
				}
				if len(times) != 300 {
					t.Errorf("%d of 300 get it", len(times))
				}
			})
		})
	}
}

// Run does not outlive its drain when nothing can be acknowledged.
func TestRunEndsWithoutStore(t *testing.T) {
	for name, breaks := range map[string]func(*beckon.Engine, *mortal){
		"closed": func(e *beckon.Engine, _ *mortal) { _ = e.Close() },
		"down":   func(_ *beckon.Engine, m *mortal) { m.set(func(m *mortal) { m.fails = 1 << 30 }) },
		"hangs":  func(_ *beckon.Engine, m *mortal) { m.set(func(m *mortal) { m.dead = true }) },
	} {
		t.Run(name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				l := newLife(t)
				m := &mortal{Store: l.store}
				e, mail := l.engineOver(m), newBox()
				l.track(e, "paid", "u")
				mail.answer = func(beckon.Delivery, int) error { time.Sleep(5 * time.Second); return nil }
				w := l.worker(e, beckonwork.WithoutDue(), beckonwork.WithoutSweep(), beckonwork.Send(beckon.Email, mail), beckonwork.WithDrain(10*time.Second))
				began := time.Now()
				time.AfterFunc(4*time.Second, func() { breaks(e, m) })
				l.works(4*time.Second, w)
				if took := time.Since(began); took > 20*time.Second {
					t.Errorf("Run took %v", took)
				}
			})
		})
	}
}

// A pause by a clock that was ahead ends within a day of the clock that is right.
func TestLimitedWithClockSetBack(t *testing.T) {
	inTime(t, func(t *testing.T) {
		l := newLife(t)
		e, mail := l.engine(), newBox()
		var ahead atomic.Int64
		ahead.Store(int64(48 * time.Hour))
		now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		l.track(e, "paid", "u")
		mail.answer = func(_ beckon.Delivery, n int) error {
			if n == 1 {
				return beckonwork.Limited(now().Add(time.Minute), errDown)
			}
			return nil
		}
		w := l.worker(e, beckonwork.WithoutDue(), beckonwork.WithoutSweep(), beckonwork.WithClock(now), beckonwork.Send(beckon.Email, mail))
		l.works(10*time.Second, w)
		ahead.Store(0)
		l.track(e, "paid", "v")
		l.works(26*time.Hour, w)
		if n := len(mail.all()); n < 2 {
			t.Errorf("a day after a limit of a minute nothing is sent: %v", mail.all())
		}
	})
}
