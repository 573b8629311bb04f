package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// When its context ends a run hands out nothing more, however much it has decided ahead.
func TestAheadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(*beckon.Engine, context.Context) iter.Seq2[beckon.Delivery, error]{
		"sweep": func(e *beckon.Engine, ctx context.Context) iter.Seq2[beckon.Delivery, error] {
			return e.Sweep(ctx, beckon.Ahead(64))
		},
		"pending": func(e *beckon.Engine, ctx context.Context) iter.Seq2[beckon.Delivery, error] {
			return e.Pending(ctx, beckon.Ahead(64))
		},
	} {
		engine, _, clock := aheadWorld(t, 60, beckon.WithOutbox())
		if name == "pending" {
			sweptUntil(t, engine, 0, nil)
			clock.add(beckon.LeaseFor)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		got, failed := 0, error(nil)
		for _, err := range begin(engine, ctx) {
			if err != nil {
				failed = err
				continue
			}
			if got++; got == 20 {
				cancel()
			}
		}
		if got != 20 || !errors.Is(failed, context.Canceled) {
			t.Errorf("%s: %d handed out, 20 before the end: %v", name, got, failed)
		}
		for _, err := range begin(engine, t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got++
		}
		if got != 60 {
			t.Errorf("%s: %d handed out in the end", name, got)
		}
	}
}

// So it is with the rest of what one contact gets.
func TestAheadOfOneEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, outbox := range []bool{false, true} {
		var opts []beckon.Option
		if outbox {
			opts = append(opts, beckon.WithOutbox())
		}
		engine, clock := undoneWorld(t, severalProgram(), opts...)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		got := map[string]int{}
		for d, err := range engine.Sweep(ctx, beckon.Ahead(64)) {
			if err != nil {
				break
			}
			if got[d.Message+" "+d.Contact.UserID]++; len(got) == 10 { // the first of three
				cancel()
			}
		}
		if len(got) != 10 {
			t.Errorf("outbox %t: %d handed out, 10 before the end", outbox, len(got))
		}
		clock.add(time.Second)
		takenOf(t, engine.Sweep(t.Context()), 0, got)
		for i := range 20 {
			for m := range 3 {
				if id := fmt.Sprintf("m%d u%02d", m, i); got[id] != 1 {
					t.Errorf("outbox %t: %s: %d", outbox, id, got[id])
				}
			}
		}
	}
}

// severalProgram has three messages for everybody.
func severalProgram() (p beckon.Program) {
	for i := range 3 {
		p.Messages = append(p.Messages, beckon.Message{
			ID: fmt.Sprint("m", i), Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Subject: "s", Body: "hello"},
		})
	}
	return p
}

// What was decided before the clock was put back is decided again: nobody knows how long it
// has waited.
func TestAheadClockPutBack(t *testing.T) {
	t.Parallel()
	engine, _, clock := aheadWorld(t, 60)
	got := 0
	for d, err := range engine.Sweep(t.Context(), beckon.Ahead(64)) {
		if err != nil {
			t.Fatal(err)
		}
		if now := clock.now(); !d.At.Equal(now) {
			t.Errorf("%s at %s: it is %s", d.Contact.UserID, d.At, now)
		}
		if got++; got == 20 {
			clock.add(-time.Hour)
		}
	}
	if got != 60 {
		t.Errorf("%d handed out", got)
	}
}

// A message that is published in the middle of a sweep goes to everybody behind, those too
// who were decided ahead without it.
func TestAheadPublished(t *testing.T) {
	t.Parallel()
	for _, company := range []string{"", "{{ company.seats }}"} {
		engine, _, _ := aheadWorld(t, 60)
		p := aheadProgram()
		p.Caps = nil
		if err := engine.Publish(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for d, err := range engine.Sweep(t.Context(), beckon.Ahead(64)) {
			if err != nil {
				t.Fatal(err)
			}
			if got[d.Message]++; d.Message == "news" && got["news"] == 20 {
				more := p.Messages[0]
				more.ID, more.Content.Body = "more", "hello"+company
				p.Messages = append(p.Messages, more)
				if err := engine.Publish(t.Context(), p); err != nil {
					t.Fatal(err)
				}
			}
		}
		totals, err := engine.Totals(t.Context(), "news")
		if got["news"] != 60 || got["more"] != 40 || err != nil || totals.Judged != 60 {
			t.Errorf("company %q: %v, %+v, %v", company, got, totals, err)
		}
	}
}
