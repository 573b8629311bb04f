package beckon_test

import (
	"context"
	"iter"
	"slices"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/sharedmodel"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A pausedStore has something happen when the first step on a contact has taken effect, and
// its caller does not know that yet.
type pausedStore struct {
	beckon.Store
	paused func()
}

func (s *pausedStore) Step(ctx context.Context, steps []store.Step) error {
	err := s.Store.Step(ctx, steps)
	if paused := s.paused; paused != nil && steps[0].Key.Kind.IsContact() {
		s.paused = nil
		paused()
	}
	return err
}

// Z1: what a process has leased and was then suspended for longer than the lease, it hands
// out only if nobody else has it by now, and with a new lease.
func TestLeaseEndsWithinTheStep(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]func(*beckon.Engine) iter.Seq2[beckon.Delivery, error]{
		"Sweep": func(e *beckon.Engine) iter.Seq2[beckon.Delivery, error] { return e.Sweep(t.Context(), beckon.Ahead(2)) },
		"Send":  func(e *beckon.Engine) iter.Seq2[beckon.Delivery, error] { return e.Send(t.Context(), "once") },
		"Due":   func(e *beckon.Engine) iter.Seq2[beckon.Delivery, error] { return e.Due(t.Context()) },
		"Pending": func(e *beckon.Engine) iter.Seq2[beckon.Delivery, error] {
			return e.Pending(t.Context(), beckon.Ahead(2))
		},
	} {
		for _, taken := range []bool{false, true} {
			kept := &pausedStore{Store: memstore.New()}
			w := newOutbox(t, kept, sharedmodel.Program())
			other, err := beckon.New(kept.Store, beckon.WithClock(w.clock.now), beckon.WithOutbox())
			w.must(err)
			ids := []string{"a", "b", "c"}
			for _, id := range ids {
				_, err := w.Update(t.Context(), beckon.Contact{UserID: id, Attributes: beckon.Attributes{"plan": beckon.String("pro")}})
				w.must(err)
				w.track(beckon.Event{Name: "uploaded", UserID: id})
			}
			if name == "Pending" {
				for _, err := range w.Send(t.Context(), "once") {
					w.must(err)
				}
			}
			w.clock.add(2 * beckon.LeaseFor)
			if name == "Due" {
				w.clock.add(beckon.LeaseFor * 60)
			}
			var want, got []string
			worker := func() (list []string) {
				for d, err := range other.Pending(t.Context()) {
					w.must(err)
					list = append(list, d.Contact.UserID)
					w.must(other.Acknowledge(t.Context(), d))
				}
				return list
			}
			kept.paused = func() {
				w.clock.add(beckon.LeaseFor)
				if taken {
					want = worker()
				}
			}
			for d, err := range run(w.Engine) {
				w.must(err)
				got = append(got, d.Contact.UserID)
				if again := worker(); !taken && slices.Contains(again, d.Contact.UserID) {
					t.Errorf("%s: a worker gets %s while it is in hand", name, d.Contact.UserID)
				} else {
					got = append(got, again...)
				}
				w.must(w.Acknowledge(t.Context(), d))
			}
			got = append(got, want...)
			if slices.Sort(got); !slices.Equal(got, ids) {
				t.Errorf("%s, taken %t: %v got it, want %v", name, taken, got, ids)
			}
			if taken && len(want) == 0 {
				t.Errorf("%s: the worker got nothing", name)
			}
		}
	}
}
