package beckon_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// refuse replaces what a contact is unsubscribed from.
func (w *outboxWorld) refuse(user string, from ...string) {
	w.t.Helper()
	if from == nil {
		from = []string{}
	}
	_, err := w.Update(context.Background(), beckon.Contact{UserID: user, Unsubscribed: from})
	w.must(err)
}

// D11: what the outbox hands to a worker is judged for consent at that moment.
// What is refused is dropped, counted as held, and as if it had not been decided.
func TestConsentAtHandOut(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		edit    func(*beckon.Message)
		refused []string
		dropped bool
	}{
		"the channel":         {refused: []string{"email"}, dropped: true},
		"one of its tags":     {refused: []string{"email:promo"}, dropped: true},
		"another tag":         {refused: []string{"email:other", "push:promo"}},
		"another channel":     {refused: []string{"push", "sms"}},
		"nothing any more":    {refused: nil},
		"a transactional one": {refused: []string{"email", "email:promo"}, edit: func(m *beckon.Message) { m.Transactional = true }},
		"an in-app one":       {refused: []string{"email", "push", "sms"}, edit: func(m *beckon.Message) { m.Channel = beckon.Chat }},
	} {
		program := often()
		m := &program.Messages[0]
		m.Tags, m.Frequency.Max = []string{"news", "promo"}, 2
		if c.edit != nil {
			c.edit(m)
		}
		program.Caps = []beckon.Cap{{ID: "cap", Max: 2, Within: beckon.Days(1)}}
		f := newFleet(t)
		w := f.process(&program, beckon.WithOutbox())
		one, two := w.one("u"), w.one("u")
		w.one("v") // who refuses nothing
		w.refuse("u", c.refused...)
		w.clock.add(beckon.LeaseFor)
		worker := f.process(nil) // it has no program, and was told of nothing
		want := 3
		if c.dropped {
			want = 1
		}
		if got := worker.lease(); len(got) != want {
			t.Errorf("%s: %d handed out, want %d", name, len(got), want)
			continue
		}
		totals, err := w.Totals(ctx, "m")
		if err != nil || totals.Sent != int64(want) || totals.Held[beckon.ReasonUnsubscribed] != int64(3-want) || totals.Judged != 3 {
			t.Errorf("%s: %+v, %v", name, totals, err)
		}
		if !c.dropped {
			continue
		}
		if ids := w.pending(); len(ids) != 1 {
			t.Errorf("%s: %d are pending", name, len(ids))
		}
		for _, d := range []beckon.Delivery{one, two} {
			w.lost("Release of what was dropped", errOr(w.Release(ctx, d), beckon.ErrLeaseLost))
			w.must(w.Acknowledge(ctx, d))
			w.must(w.GiveUp(ctx, d))
		}
		// With consent again, everything is as if neither had been decided.
		w.refuse("u")
		if d := w.one("u"); d.Sequence != 1 || d.ID != one.ID {
			t.Errorf("%s: the number is %d", name, d.Sequence)
		}
		w.one("u")
		if res := w.track(beckon.Event{Name: "e", UserID: "u"}); len(res.Held()) != 1 || res.Held()[0].Reason != beckon.ReasonMaxReached {
			t.Errorf("%s: %+v", name, res.Held())
		}
	}
}

// errOr returns err, or the other where err says that nothing is known.
func errOr(err, other error) error {
	if code, ok := err.(beckon.ErrorList); ok && code[0].Code == beckon.ErrDeliveryUnknown { //nolint:errorlint // ours
		return other
	}
	return err
}

// D11: a repeat hands nothing out that is refused, and says why.
func TestConsentAtRepeat(t *testing.T) {
	program := often()
	second := program.Messages[0]
	second.ID, second.Transactional = "receipt", true
	program.Messages = append(program.Messages, second)
	w := newOutbox(t, memstore.New(), program)
	event := beckon.Event{Name: "e", UserID: "u", EventID: "1"}
	w.track(event)
	w.refuse("u", "email")
	res := w.track(event)
	if !res.Duplicate || len(res.Deliveries) != 1 || res.Deliveries[0].Message != "receipt" ||
		len(res.Held()) != 1 || res.Held()[0].Message != "m" || res.Held()[0].Reason != beckon.ReasonUnsubscribed {
		t.Errorf("%+v, held %+v", res, res.Held())
	}
	if ids := w.pending(); len(ids) != 1 {
		t.Errorf("%d are pending", len(ids))
	}
}

// D11: what a run hands out after its first delivery of a contact is judged
// again as well.
func TestConsentWithinRun(t *testing.T) {
	ctx := context.Background()
	ongoing := func(id string) beckon.Message {
		return beckon.Message{ID: id, Channel: beckon.Email, Mode: beckon.Ongoing, Status: beckon.Live, Content: beckon.Content{Body: "x"}}
	}
	w := newOutbox(t, memstore.New(), beckon.Program{Messages: []beckon.Message{ongoing("a"), ongoing("b"), ongoing("c")}})
	w.refuse("u")
	var got []string
	for d, err := range w.Sweep(ctx) {
		w.must(err)
		got = append(got, d.Message)
		w.refuse("u", "email")
	}
	if len(got) != 1 || len(w.pending()) != 1 {
		t.Errorf("handed out %v, %d are pending", got, len(w.pending()))
	}
	for id, sent := range map[string]int64{"a": 1, "b": 0, "c": 0} {
		if totals, err := w.Totals(ctx, id); err != nil || totals.Sent != sent || totals.Judged != 1 || totals.Held[beckon.ReasonUnsubscribed] != 1-sent {
			t.Errorf("%s: %+v, %v", id, totals, err)
		}
	}
	w.refuse("u")
	if n := w.drain(w.Sweep(ctx)); n != 2 {
		t.Errorf("with consent again %d are sent, want 2", n)
	}
}

// D11, C2: a refusal that a merge brings holds for what waits already, and what
// has left the send log is dropped as well.
func TestConsentAfterMerge(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often(), beckon.WithSendLog(1))
	for range 3 {
		w.one("u")
		w.clock.add(time.Second)
	}
	w.refuse("other", "email")
	w.must(second(w.Merge(ctx, user("other"), user("u"))))
	w.clock.add(beckon.LeaseFor)
	if got := w.lease(); len(got) != 0 || len(w.pending()) != 0 {
		t.Errorf("%d handed out, %d pending", len(got), len(w.pending()))
	}
	if totals, err := w.Totals(ctx, "m"); err != nil || totals.Sent != 0 || totals.Judged != 3 || totals.Held[beckon.ReasonUnsubscribed] != 3 {
		t.Errorf("%+v, %v", totals, err)
	}
}

// What is refused at the hand-out makes room for what waits for it (F9).
func TestRefusedMakesRoom(t *testing.T) {
	t.Parallel()
	clock := &hand{}
	clock.set(noon)
	engine, err := beckon.New(memstore.New(), beckon.WithClock(clock.now), beckon.WithOutbox())
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), beckon.Program{
		Caps: []beckon.Cap{{ID: "one", Max: 1, Within: beckon.Days(1)}},
		Messages: []beckon.Message{
			{ID: "a", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("e"), Priority: 1, Content: beckon.Content{Body: "x"}},
			{ID: "b", Channel: beckon.Push, Status: beckon.Live, Trigger: beckon.On("e"), Frequency: &beckon.Frequency{Wait: beckon.Days(1)}, Content: beckon.Content{Body: "x"}},
		},
	}); err != nil {
		t.Fatal(err)
	}
	if res, err := engine.Track(t.Context(), beckon.Event{Name: "e", UserID: "u1"}); err != nil || len(res.Deliveries) != 1 || len(res.Held()) != 1 {
		t.Fatalf("%+v, %v", res, err)
	}
	clock.add(beckon.LeaseFor)
	if err := engine.Unsubscribe(t.Context(), beckon.Identity{UserID: "u1"}, string(beckon.Email)); err != nil {
		t.Fatal(err)
	}
	for d, err := range engine.Pending(t.Context()) {
		t.Fatalf("%+v, %v", d, err)
	}
	var got []string
	for d, err := range engine.Due(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.Message)
	}
	if !slices.Equal(got, []string{"b"}) {
		t.Errorf("due: %q", got)
	}
}
