package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A run leases what it yields to its consumer when it yields it, however long
// the consumer takes for each and however long ago the run began.
func TestRunLeasesWhatItYields(t *testing.T) {
	ctx := context.Background()
	var program beckon.Program
	for _, id := range []string{"a", "b", "c"} {
		program.Messages = append(program.Messages, beckon.Message{
			ID: id, Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: beckon.Content{Body: "x"},
		})
	}
	w := newOutbox(t, memstore.New(), program)
	for i := range 3 {
		if _, err := w.Update(ctx, beckon.Contact{UserID: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	sent := map[string]int{}
	for d, err := range w.Sweep(ctx) {
		w.must(err)
		for _, x := range w.lease() {
			t.Fatalf("a worker has %s of %s while the run has %s of %s", x.Message, x.Contact.UserID, d.Message, d.Contact.UserID)
		}
		sent[d.ID]++
		w.clock.add(beckon.LeaseFor/2 - time.Millisecond)
		if got := w.lease(); len(got) != 0 {
			t.Fatalf("half a lease after %s was yielded a worker has %+v", d.Message, got)
		}
		w.must(w.Acknowledge(ctx, d))
	}
	if len(sent) != 9 {
		t.Errorf("%d were sent, want 9", len(sent))
	}
}

// What a worker took because the consumer was too slow for all of a contact is
// not yielded, and not given back when the consumer stops.
func TestRunLosesLeases(t *testing.T) {
	ctx := context.Background()
	for _, stops := range []bool{false, true} {
		var program beckon.Program
		for _, id := range []string{"a", "b", "c"} {
			program.Messages = append(program.Messages, beckon.Message{
				ID: id, Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: beckon.Content{Body: "x"},
			})
		}
		w := newOutbox(t, memstore.New(), program)
		if _, err := w.Update(ctx, beckon.Contact{UserID: "u"}); err != nil {
			t.Fatal(err)
		}
		var got []beckon.Delivery
		var run []string
		for d, err := range w.Sweep(ctx) {
			w.must(err)
			run = append(run, d.Message)
			w.must(w.Acknowledge(ctx, d))
			w.clock.add(beckon.LeaseFor)
			for x, err := range w.Pending(ctx) {
				w.must(err)
				got = append(got, x)
				break // one of two
			}
			if stops {
				break
			}
		}
		want := []string{"a", "c"}
		if stops {
			want = want[:1]
		}
		if !slices.Equal(run, want) || len(got) == 0 || got[0].Message != "b" {
			t.Errorf("stops %v: the run had %v, the worker %+v", stops, run, got)
		}
		w.must(w.Acknowledge(ctx, got...))
		w.clock.add(beckon.LeaseFor)
		if n := w.drain(w.Sweep(ctx)); stops && n != 1 || !stops && n != 0 { // "c" was given back, "b" was not
			t.Errorf("stops %v: the next run sends %d", stops, n)
		}
	}
}

// What a run cannot lease for its consumer, since the store fails, it does not
// yield.
func TestRunRenewalFails(t *testing.T) {
	ctx := context.Background()
	var program beckon.Program
	for _, id := range []string{"a", "b"} {
		program.Messages = append(program.Messages, beckon.Message{
			ID: id, Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Content: beckon.Content{Body: "x"},
		})
	}
	store := newFaultStore()
	w := newOutbox(t, store, program)
	if _, err := w.Update(ctx, beckon.Contact{UserID: "u"}); err != nil {
		t.Fatal(err)
	}
	var failed *beckon.StoreError
	var got []string
	for d, err := range w.Sweep(ctx) {
		if err != nil {
			if !errors.As(err, &failed) {
				t.Fatal(err)
			}
			continue
		}
		got = append(got, d.Message)
		store.arm(1, failBefore)
	}
	store.heal()
	if failed == nil || !slices.Equal(got, []string{"a"}) {
		t.Errorf("yielded %v, error %v", got, failed)
	}
	if n := w.drain(w.Sweep(ctx)); n != 1 {
		t.Errorf("the next run sends %d, want 1: what was not yielded is given back", n)
	}
}
