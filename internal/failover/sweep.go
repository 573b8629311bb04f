package failover

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// Swept is how many contacts Sweep makes.
const Swept = 200

// Sweep sends a message to contacts, from a sweep or, where that has failed in the middle, from the
// outbox, and expects that each gets it once. When so many have got it as a key of at says, it
// calls that function, which makes something of the server fail. When all were called and the
// sweep has failed, it calls repair once, and goes on.
func Sweep(t *testing.T, s beckon.Store, at map[int]func() error, repair func() error) {
	t.Helper()
	now := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	engine, err := beckon.New(s, beckon.WithOutbox(), beckon.WithClock(func() time.Time { return now }))
	if err == nil {
		err = engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
			ID: "news", Channel: beckon.Email, Mode: beckon.Ongoing, Status: beckon.Live, Content: beckon.Content{Subject: "s", Body: "b"},
		}}})
	}
	if err != nil {
		t.Fatal(err)
	}
	for f, err := range engine.Import(t.Context(), func(yield func(beckon.ImportItem, error) bool) {
		for i := 0; i < Swept && yield(beckon.ImportItem{Contact: &beckon.Contact{UserID: fmt.Sprint("u", i)}}, nil); i++ {
		}
	}) {
		t.Fatal(f, err)
	}
	got, began := map[string]int{}, time.Now() //nolint:forbidigo // there is no clock to set
	insist := func(do func() error) {
		t.Helper()
		for err := do(); err != nil; err = do() {
			var failed *beckon.StoreError
			if !errors.As(err, &failed) || !errors.Is(err, unavailable) && !errors.Is(err, unknown) || time.Since(began) > 2*GoesOn { //nolint:forbidigo // likewise
				t.Fatal(err)
			}
			Pause()
		}
	}
	must := func(do func() error) {
		t.Helper()
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	var open []beckon.Delivery // whose acknowledgement has failed
	ends, left := 0, 0
	insist(func() error {
		for d, err := range engine.Sweep(t.Context(), beckon.Ahead(16)) {
			if err != nil {
				if ends++; len(at) == 0 && ends == 1 { // it has met what is dead
					must(repair)
				}
				return err
			}
			got[d.Contact.UserID]++
			if fn := at[len(got)]; fn != nil {
				delete(at, len(got))
				must(fn)
			}
			if engine.Acknowledge(t.Context(), d) != nil {
				open = append(open, d)
			}
		}
		return nil
	})
	insist(func() error { return engine.Acknowledge(t.Context(), open...) })
	now = now.Add(2 * beckon.LeaseFor)
	insist(func() error {
		for d, err := range engine.Pending(t.Context()) {
			if err != nil {
				return err
			}
			left++
			got[d.Contact.UserID]++
			insist(func() error { return engine.Acknowledge(t.Context(), d) })
		}
		return nil
	})
	for i := range Swept {
		if id := fmt.Sprint("u", i); got[id] != 1 {
			t.Errorf("%s got it %d times", id, got[id])
		}
	}
	if totals, err := engine.Totals(t.Context(), "news"); err != nil || totals.Sent != Swept || len(at) > 0 || ends == 0 {
		t.Errorf("%d were sent in all, %v; %d things have not failed, and the sweep %d times", totals.Sent, err, len(at), ends)
	}
	t.Logf("the sweep failed %d times; %d were acknowledged late, %d found in the outbox", ends, len(open), left)
}
