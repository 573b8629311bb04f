package beckon_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// S4: who is snoozed is read, exported, and written as it is read; an instant that has come
// is no snooze.
func TestSnoozeOfAContact(t *testing.T) {
	t.Parallel()
	ctx, who := context.Background(), beckon.Identity{UserID: "u"}
	program := often()
	program.Messages[0].Trigger = nil
	program.Messages[0].Frequency, program.Messages[0].Mode = nil, beckon.OneOff
	w := newOutbox(t, memstore.New(), program)
	until := noon.Add(time.Hour + time.Microsecond)
	w.must(second(w.Update(ctx, beckon.Contact{UserID: "u", SnoozedUntil: until})))
	want := until.Truncate(time.Millisecond).Add(time.Millisecond).UTC()
	c, err := w.Contact(ctx, who)
	w.must(err)
	if !c.SnoozedUntil.Equal(want) {
		t.Errorf("snoozed until %v, want %v", c.SnoozedUntil, want)
	}
	data, err := json.Marshal(c)
	w.must(err)
	if again, err := beckon.ParseContact(data); err != nil || !again.SnoozedUntil.Equal(want) {
		t.Errorf("%s is read as %v, %v", data, again.SnoozedUntil, err)
	}
	w.must(last(w.Send(ctx, "m")))
	x, _, err := w.Export(ctx, who)
	w.must(err)
	if !x.SnoozedUntil.Equal(want) || len(x.Waiting) != 1 || !x.Waiting[0].Until.Equal(want) || x.Waiting[0].Event.Name != "" {
		t.Errorf("the export says snoozed until %v, waiting %+v", x.SnoozedUntil, x.Waiting)
	}
	if data, err := json.Marshal(x); err != nil || strings.Contains(string(data), `"event"`) {
		t.Errorf("%v: an event that there is not: %s", err, data)
	}
	for _, past := range []beckon.Contact{{UserID: "u", SnoozedUntil: noon}, {UserID: "v", SnoozedUntil: noon.Add(-time.Hour)}} {
		w.must(second(w.Update(ctx, past)))
		if c, err := w.Contact(ctx, beckon.Identity{UserID: past.UserID}); err != nil || !c.SnoozedUntil.IsZero() {
			t.Errorf("snoozed until %v, %v", c.SnoozedUntil, err)
		}
	}
	var list beckon.ErrorList
	if _, err := w.Update(ctx, beckon.Contact{UserID: "u", SnoozedUntil: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}); !errors.As(err, &list) || list[0].Field != "snoozed_until" || list[0].Code != beckon.ErrAttributeInvalid {
		t.Errorf("beyond all years: %v", err)
	}
}

// C5, S4: a visitor who is snoozed is not dropped before that is over.
func TestSnoozedVisitorIsKept(t *testing.T) {
	t.Parallel()
	ctx, who := context.Background(), beckon.Identity{AnonymousID: "v"}
	w := newOutbox(t, memstore.New(), beckon.Program{})
	w.must(second(w.Update(ctx, beckon.Contact{AnonymousID: "v", SnoozedUntil: noon.AddDate(0, 0, 100)})))
	for _, c := range []struct {
		days int
		kept bool
	}{{99, true}, {2, false}} {
		w.clock.add(time.Duration(c.days) * 24 * time.Hour)
		w.must(last(w.Due(ctx)))
		if _, err := w.Contact(ctx, who); (err == nil) != c.kept {
			t.Errorf("after %d days more: %v", c.days, err)
		}
	}
}

// S4, C2: of both halves of a merge what waits for the end of a snooze stands, and a one-off
// that both wait for goes out once.
func TestSnoozesMeet(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	program := often()
	program.Messages = append(program.Messages, beckon.Message{ID: "launch", Channel: beckon.Email, Mode: beckon.OneOff, Status: beckon.Live, Content: beckon.Content{Body: "x"}})
	w := newOutbox(t, memstore.New(), program)
	for i, id := range []string{"a", "b"} {
		w.must(second(w.Update(ctx, beckon.Contact{UserID: id, SnoozedUntil: noon.Add(time.Duration(i+1) * time.Hour)})))
		if res := w.track(beckon.Event{Name: "e", UserID: id}); len(res.Deliveries) > 0 {
			t.Fatal("it is not snoozed")
		}
	}
	w.must(last(w.Send(ctx, "launch")))
	w.must(second(w.Merge(ctx, beckon.Identity{UserID: "b"}, beckon.Identity{UserID: "a"})))
	count := map[string]int{}
	for range 3 {
		w.clock.add(time.Hour)
		for d, err := range w.Due(ctx) {
			w.must(err)
			count[d.Message]++
		}
	}
	if count["m"] != 2 || count["launch"] != 1 {
		t.Errorf("sent %v", count)
	}
}

// T7, C4: what an attribute's change has brought, and waits, is exported too.
func TestWaitingChangeIsExported(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	program := often()
	program.Messages[0].Trigger = &beckon.Trigger{Attribute: "plan"}
	w := newOutbox(t, memstore.New(), program)
	w.must(second(w.Update(ctx, beckon.Contact{UserID: "u", SnoozedUntil: noon.Add(time.Hour)})))
	w.must(second(w.Update(ctx, beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String("pro")}})))
	x, _, err := w.Export(ctx, beckon.Identity{UserID: "u"})
	w.must(err)
	if len(x.Waiting) != 1 || x.Waiting[0].Event.Name != "" || x.Waiting[0].Event.Metadata.Index("to") != 0 {
		t.Errorf("waiting %+v", x.Waiting)
	}
}

// D10: Explain says which of the two controls it was.
func TestExplainSaysWhoseControl(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for _, c := range []struct {
		program, message float64
		note             string
	}{{1, 0, "it is in the control group of the program"}, {1, 1, "it is in the control group of the program"}, {0, 1, ""}} {
		program := often()
		program.Control, program.Messages[0].Control = c.program, c.message
		w := newOutbox(t, memstore.New(), program)
		traces, err := w.Explain(ctx, beckon.Event{Name: "e", UserID: "u"})
		w.must(err)
		if len(traces) != 1 || traces[0].Reason != beckon.ReasonControl || traces[0].Note != c.note {
			t.Errorf("program %v, message %v: %+v", c.program, c.message, traces)
		}
	}
}
