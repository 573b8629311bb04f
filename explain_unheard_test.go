package beckon_test

import (
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// Z2: of an event to which no message listens, Explain says so, and what was
// probably meant.
func TestExplainUnheard(t *testing.T) {
	t.Parallel()
	e, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	message := func(id, event string, status beckon.Status) beckon.Message {
		return beckon.Message{ID: id, Channel: beckon.Email, Status: status, Trigger: beckon.On(event), Content: beckon.Content{Body: "x"}}
	}
	cart := message("cart", "cart-filled", beckon.Live)
	cart.Trigger = cart.Trigger.Unless("checked-out", beckon.Hours(1), "")
	if err := e.Publish(t.Context(), beckon.Program{
		Segments: map[string]beckon.Rule{"counted": beckon.Did("counted").AtLeast(1)},
		Messages: []beckon.Message{message("paid", "order-paid", beckon.Live), message("draft", "order-drafted", beckon.Draft), cart},
		Series: []beckon.Series{{
			ID: "s", Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("signed-up")}, Blocks: []beckon.Block{{ID: "w", Wait: beckon.Days(1)}},
		}},
	}); err != nil {
		t.Fatal(err)
	}
	if err := e.Archive(t.Context(), "old"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"order-payd":    "no message listens to order-payd; did you mean order-paid?",
		"Order.Payd":    "no message listens to order-payd; did you mean order-paid?",
		"signd-up":      "no message listens to signd-up; did you mean signed-up?",
		"order-draftd":  "no message listens to order-draftd",
		"zebra":         "no message listens to zebra",
		"counted":       "no message listens to counted",
		"old":           `the event name "old" is archived: it triggers nothing`,
		"signed-up":     "",
		"checked-out":   "",
		"order-paid":    "",
		"order-drafted": "",
	} {
		traces, err := e.Explain(t.Context(), beckon.Event{Name: name, UserID: "u"})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(traces) == 1 && traces[0].Message == "" {
			got = traces[0].Note
		}
		if got != want || want != "" && traces[0].Message != "" {
			t.Errorf("%s: %+v, want %q", name, traces, want)
		}
	}
}
