package beckon_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// Z1, D11: with an outbox it is pending until it is acknowledged, and consent is
// asked again.
func TestSendToOutbox(t *testing.T) {
	kit, u := composing(t, beckon.WithOutbox())
	kit.SendTo(u, note("one")).WantSent("one")
	kit.SendTo(u, note("two")).WantSent("two")
	pending := func() (ids []string) {
		t.Helper()
		for d, err := range kit.Engine.Pending(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, d.Message)
			if d.Message == "one" {
				if err := kit.Engine.Acknowledge(t.Context(), d); err != nil {
					t.Fatal(err)
				}
			}
		}
		slices.Sort(ids)
		return ids
	}
	kit.Advance(time.Hour)
	if got := pending(); !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("pending: %q", got)
	}
	kit.Unsubscribe(u, "email")
	kit.Advance(time.Hour)
	if got := pending(); len(got) != 0 {
		t.Errorf("pending after all: %q", got)
	}
	if totals := kit.Totals("two"); totals.Sent != 0 || totals.Held[beckon.ReasonUnsubscribed] != 1 {
		t.Errorf("dropped, and counted as %+v", totals)
	}
}

// D14, D12: what waits for a worker says that it was composed, and nothing of a program is
// asked when it is handed out: neither whether it has the message, nor for how long it was
// due. Any engine can tell, also one without a program.
func TestSendToHandedOut(t *testing.T) {
	kept := memstore.New()
	w := newOutbox(t, kept, often())
	if _, err := w.Update(t.Context(), beckon.Contact{UserID: "u"}); err != nil {
		t.Fatal(err)
	}
	if res, err := w.SendTo(t.Context(), beckon.Identity{UserID: "u"}, note("one")); err != nil || len(res.Deliveries) != 1 || !res.Deliveries[0].Composed {
		t.Fatalf("%+v, %v", res, err)
	}
	if d := w.one("v"); d.Composed || w.IsComposed(d) || w.Acknowledge(t.Context(), d) != nil {
		t.Errorf("of the program: %+v", d)
	}
	for range 3 {
		w.clock.add(8 * 24 * time.Hour)
		for d, err := range w.Due(t.Context()) {
			t.Errorf("Due has %+v, %v", d, err)
		}
		got := w.lease()
		if len(got) != 1 || got[0].Message != "one" || !got[0].Composed || !w.IsComposed(got[0]) {
			t.Fatalf("pending: %+v", got)
		}
		var again beckon.Delivery
		text, err := json.Marshal(got[0])
		if err == nil {
			err = json.Unmarshal(text, &again)
		}
		if err != nil || !again.Composed {
			t.Errorf("by JSON: %s, %v", text, err)
		}
	}
	if totals, err := w.Totals(t.Context(), "one"); err != nil || totals.Sent != 1 || len(totals.Held) != 0 {
		t.Errorf("totals: %+v, %v", totals, err)
	}
	bare, err := beckon.New(kept)
	if err != nil {
		t.Fatal(err)
	}
	for d, err := range bare.Outbox(t.Context()) {
		if err != nil || !bare.IsComposed(d) || bare.IsComposed(beckon.Delivery{Message: "m"}) {
			t.Errorf("an engine without a program: %+v, %v", d, err)
		}
	}
}
