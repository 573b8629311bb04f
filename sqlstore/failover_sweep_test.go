package sqlstore_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
)

// A sweep goes on with a standby that takes over in its middle: each contact gets the message
// once, from the sweep or from the outbox.
func TestSweepOutlivesFailover(t *testing.T) {
	const contacts = 200
	primary, standby := pair(t, "synchronous_standby_names=standby")
	at := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	engine, err := beckon.New(openPostgres(t, primary.Either(standby)), beckon.WithOutbox(), beckon.WithClock(func() time.Time { return at }))
	if err == nil {
		err = engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
			ID: "news", Channel: beckon.Email, Mode: beckon.Ongoing, Status: beckon.Live, Content: beckon.Content{Subject: "s", Body: "b"},
		}}})
	}
	if err != nil {
		t.Fatal(err)
	}
	for f, err := range engine.Import(t.Context(), func(yield func(beckon.ImportItem, error) bool) {
		for i := 0; i < contacts && yield(beckon.ImportItem{Contact: &beckon.Contact{UserID: fmt.Sprint("u", i)}}, nil); i++ {
		}
	}) {
		t.Fatal(f, err)
	}
	got, began := map[string]int{}, time.Now() //nolint:forbidigo // there is no clock to set
	insist := func(do func() error) {
		t.Helper()
		for err := do(); err != nil; err = do() {
			var failed *beckon.StoreError
			if !errors.As(err, &failed) || !errors.Is(err, sqlstore.ErrUnavailable) && !errors.Is(err, sqlstore.ErrUnknownOutcome) || time.Since(began) > 2*goesOn { //nolint:forbidigo // likewise
				t.Fatal(err)
			}
			pause()
		}
	}
	var open []beckon.Delivery // whose acknowledgement has failed
	ends, promoted := 0, false
	insist(func() error {
		for d, err := range engine.Sweep(t.Context(), beckon.Ahead(16)) {
			if err != nil {
				if ends++; !promoted { // the sweep has met the dead primary
					promoted = true
					if err := standby.Promote(); err != nil {
						t.Fatal(err)
					}
				}
				return err
			}
			if got[d.Contact.UserID]++; len(got) == contacts/2 && !promoted {
				if err := primary.Kill(); err != nil {
					t.Fatal(err)
				}
			}
			if engine.Acknowledge(t.Context(), d) != nil {
				open = append(open, d)
			}
		}
		return nil
	})
	insist(func() error { return engine.Acknowledge(t.Context(), open...) })
	at = at.Add(2 * beckon.LeaseFor)
	left := 0
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
	for i := range contacts {
		if id := fmt.Sprint("u", i); got[id] != 1 {
			t.Errorf("%s got it %d times", id, got[id])
		}
	}
	if totals, err := engine.Totals(t.Context(), "news"); err != nil || totals.Sent != contacts || ends == 0 {
		t.Errorf("%d were sent in all, %v; the sweep has failed %d times", totals.Sent, err, ends)
	}
	t.Logf("the sweep failed %d times; %d were acknowledged late, %d found in the outbox", ends, len(open), left)
}
