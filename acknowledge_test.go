package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A spotty store fails the steps of some contacts.
type spotty struct {
	*memstore.Store
	mu    sync.Mutex
	fails func(id string) error // nil: none
	down  error
	tried int
}

func (s *spotty) Step(ctx context.Context, steps []store.Step) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails == nil {
		return s.Store.Step(ctx, steps)
	}
	s.tried += len(steps)
	if s.down != nil {
		return s.down
	}
	for i := range steps {
		if err := s.fails(steps[i].Key.ID); err != nil {
			steps[i].Err = err
			continue
		}
		if err := s.Store.Step(ctx, steps[i:i+1]); err != nil {
			return err
		}
	}
	return nil
}

// Z1: what fails for one contact keeps none of the others from being acknowledged, also
// those behind it, and those with several names. The error names what is left.
func TestAcknowledgeGoesOn(t *testing.T) {
	t.Parallel()
	kept := &spotty{Store: memstore.New()}
	w := newOutbox(t, kept, often())
	torn, slow := &store.DamagedError{Err: errors.New("torn")}, errors.New("a page cannot be read")
	var all []beckon.Delivery
	var want []string
	for i := range 300 {
		e := beckon.Event{Name: "e", UserID: fmt.Sprintf("u%03d", i)}
		if i%3 == 0 {
			e.Email = fmt.Sprintf("%d@h.example", i) // goes by two names
		}
		all = append(all, w.track(e).Deliveries...)
	}
	for _, d := range all {
		switch d.Contact.UserID {
		case "u003", "u004", "u100", "u299":
			want = append(want, d.ID)
		}
	}
	kept.fails = func(id string) error {
		switch id {
		case "u003", "u100":
			return torn
		case "u004", "u299":
			return slow
		}
		return nil
	}
	err := w.Acknowledge(t.Context(), all...)
	kept.fails = nil
	var left *beckon.UnacknowledgedError
	if !errors.As(err, &left) {
		t.Fatalf("got %v", err)
	}
	slices.Sort(want)
	var named []string
	for id := range left.Failed {
		named = append(named, id)
	}
	if slices.Sort(named); !slices.Equal(named, want) {
		t.Errorf("it names %q, want %q", named, want)
	}
	if got := w.pending(); !slices.Equal(slices.Sorted(slices.Values(got)), want) {
		t.Errorf("pending are %q, want %q", got, want)
	}
	var damaged *beckon.DamagedError
	if !errors.As(err, &damaged) || !errors.Is(err, slow) {
		t.Errorf("it wraps neither or one alone: %v", left.Unwrap())
	}
	if text := err.Error(); !strings.HasPrefix(text, "4 deliveries were not acknowledged: ") || !strings.Contains(text, want[3]) {
		t.Errorf("it reads %s", text)
	}
	if err := w.Acknowledge(t.Context(), all...); err != nil || len(w.pending()) != 0 {
		t.Errorf("again: %v, %d pending", err, len(w.pending()))
	}
	if err := w.Acknowledge(t.Context(), beckon.Delivery{ID: want[0]}); err == nil || !strings.HasPrefix(err.Error(), "a delivery was not acknowledged: ") {
		t.Errorf("one without a contact: %v", err)
	}
}

// Many contacts that fail one after the other are no store that is down, if others go well
// behind them.
func TestAcknowledgeGoesOnBehindMany(t *testing.T) {
	t.Parallel()
	kept := &spotty{Store: memstore.New()}
	w := newOutbox(t, kept, often())
	var all []beckon.Delivery
	for i := range 300 {
		all = append(all, w.one(fmt.Sprintf("u%03d", i)))
	}
	kept.fails = func(id string) error {
		if id < "u020" {
			return errors.New("a page cannot be read")
		}
		return nil
	}
	err := w.Acknowledge(t.Context(), all...)
	kept.fails = nil
	var left *beckon.UnacknowledgedError
	if !errors.As(err, &left) || len(left.Failed) != 20 || len(w.pending()) != 20 {
		t.Errorf("%d are pending, want 20: %v", len(w.pending()), err)
	}
}

// A store that is down is not asked for each contact; all are named, the text is short.
func TestAcknowledgeDown(t *testing.T) {
	t.Parallel()
	for _, named := range []bool{true, false} { // found by one name, or looked for
		kept := &spotty{Store: memstore.New()}
		w := newOutbox(t, kept, often())
		var all []beckon.Delivery
		for i := range 1000 {
			e := beckon.Event{Name: "e", UserID: fmt.Sprint("u", i)}
			if !named {
				e = beckon.Event{Name: "e", Email: fmt.Sprintf("%d@h.example", i)}
			}
			all = append(all, w.track(e).Deliveries...)
		}
		kept.fails, kept.down, kept.tried = func(string) error { return nil }, errors.New("away"), 0
		err := w.Acknowledge(t.Context(), all...)
		var left *beckon.UnacknowledgedError
		if !errors.As(err, &left) || len(left.Failed) != 1000 || len(left.Unwrap()) != 1 || !errors.Is(err, kept.down) {
			t.Errorf("named %t: got %.200v", named, err)
		}
		if n := len(err.Error()); n > 1000 || !strings.Contains(err.Error(), " and 992 more: ") {
			t.Errorf("named %t: %d bytes: %.2000s", named, n, err.Error())
		}
		if kept.tried > 256 {
			t.Errorf("named %t: the store was asked for %d contacts", named, kept.tried)
		}
		kept.fails, kept.down = nil, nil
		if n := len(w.pending()); n != 1000 {
			t.Errorf("named %t: %d are pending", named, n)
		}
	}
}

// A context that ends: what was not taken out is named, and comes again.
func TestAcknowledgeEnds(t *testing.T) {
	t.Parallel()
	kept := &spotty{Store: memstore.New()}
	w := newOutbox(t, kept, often())
	var all []beckon.Delivery
	for i := range 200 {
		all = append(all, w.one(fmt.Sprint("u", i)))
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	kept.fails = func(string) error {
		if n++; n == 64 {
			cancel()
		}
		return nil
	}
	err := w.Acknowledge(ctx, all...)
	kept.fails = nil
	var left *beckon.UnacknowledgedError
	if !errors.As(err, &left) || !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	got := w.pending()
	for _, id := range got {
		if left.Failed[id] == nil {
			t.Errorf("%s is pending and not named", id)
		}
	}
	if len(got) < 130 {
		t.Errorf("%d are pending", len(got))
	}
	if text := (&beckon.UnacknowledgedError{}).Error(); text == "" {
		t.Error("an error without a text")
	}
}
