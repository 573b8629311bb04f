package beckon_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// dead returns what was given up: whose, with which attempt, and why.
func (w *outboxWorld) dead() (got []string) {
	w.t.Helper()
	for x, err := range w.DeadLetters(context.Background()) {
		w.must(err)
		got = append(got, fmt.Sprint(x.Delivery.Contact.UserID, " ", x.Delivery.Sequence, " ", x.Delivery.Attempt, " ", x.Reason, " ", x.At.Sub(noon)))
	}
	return got
}

func (w *outboxWorld) totals(message string) beckon.Totals {
	w.t.Helper()
	totals, err := w.Totals(context.Background(), message)
	w.must(err)
	return totals
}

// What is given up is kept with its reason, and handed out to nobody, until it is
// replayed, dropped, or said to have been made.
func TestDeadLetters(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	event := beckon.Event{Name: "e", UserID: "u", EventID: "1"}
	first := w.track(event).Deliveries[0]
	w.clock.add(time.Second)
	for range 2 { // repeated, it is the same
		w.must(w.GiveUp(ctx, first, "no such", "mailbox"))
		w.clock.add(time.Second)
	}
	if got := w.dead(); !slices.Equal(got, []string{"u 1 1 no such: mailbox 1s"}) {
		t.Fatalf("dead letters: %q", got)
	}
	if res := w.track(event); len(res.Deliveries) != 0 {
		t.Errorf("a repeat got a dead letter: %+v", res.Deliveries)
	}
	w.clock.add(beckon.MaxRetryAfter)
	if got := w.lease(); len(got) != 0 || len(w.pending()) != 0 {
		t.Errorf("a dead letter is leased or pending: %+v", got)
	}
	for what, err := range map[string]error{
		"Release": w.Release(ctx, first), "Retry": w.Retry(ctx, first, noon), "Extend": w.Extend(ctx, first, noon),
	} {
		w.lost(what+" of a dead letter", err)
	}
	for range 2 {
		w.must(w.Replay(ctx, first))
	}
	w.lost("Release by who gave it up, after the replay", w.Release(ctx, first))
	w.lost("GiveUp by who gave it up, after the replay", w.GiveUp(ctx, first))
	if got := w.totals("m"); got.GivenUp != 0 || got.Sent != 1 {
		t.Errorf("replayed: %+v", got)
	}
	got := w.lease()
	if len(got) != 1 || got[0].Attempt != 3 || got[0].Tries() != 2 || got[0].ID != first.ID || len(w.dead()) != 0 {
		t.Fatalf("replayed: %+v", got)
	}
	w.must(w.GiveUp(ctx, got[0]))
	w.must(w.Acknowledge(ctx, first)) // it was made after all
	if got := w.totals("m"); len(w.dead()) != 0 || got.GivenUp != 1 || got.Sent != 1 {
		t.Errorf("made after all: %+v", got)
	}
	second := w.one("u")
	w.must(w.GiveUp(ctx, second))
	for range 2 {
		w.must(w.Discard(ctx, second))
	}
	if got := w.totals("m"); len(w.dead()) != 0 || got.GivenUp != 2 || got.Sent != 2 {
		t.Errorf("dropped: %+v", got)
	}
	third := w.one("u")
	w.must(w.GiveUp(ctx, third))
	third.Attempt = 0
	w.must(w.Release(ctx, third)) // a bounce, learnt later: it is not sent, so not given up either
	if got := w.totals("m"); len(w.dead()) != 0 || got.GivenUp != 2 || got.Sent != 2 {
		t.Errorf("released: %+v", got)
	}
	pending := w.one("u")
	w.must(w.Discard(ctx, pending)) // it is none
	if got := w.pending(); !slices.Equal(got, []string{pending.ID}) {
		t.Errorf("%v are pending", got)
	}
	for _, err := range []error{w.Replay(ctx, second), w.Replay(ctx, beckon.Delivery{ID: "x", Contact: user("nobody")})} {
		if !errors.Is(err, beckon.ErrDeliveryUnknown) {
			t.Errorf("a replay of what is not there: %v", err)
		}
	}
}

// Many of one contact are acknowledged together, dead ones too.
func TestAcknowledgeManyDead(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often(), beckon.WithDeadLettersLimit(50))
	var list []beckon.Delivery
	for i := range 60 {
		d := w.one("u")
		if list = append(list, d); i%2 == 0 {
			w.must(w.GiveUp(ctx, d))
		}
	}
	w.must(w.Acknowledge(ctx, list...))
	if len(w.dead())+len(w.pending()) != 0 {
		t.Errorf("%d and %d are left", len(w.dead()), len(w.pending()))
	}
}

// Of a contact's dead letters the oldest leave, by when they were given up; they take no
// place from what is pending.
func TestDeadLettersLimit(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often(), beckon.WithDeadLettersLimit(2), beckon.WithPendingLimit(4))
	list := []beckon.Delivery{w.one("u"), w.one("u"), w.one("u"), w.one("u")}
	for i, n := range []int{2, 0, 3} {
		w.clock.add(time.Second)
		w.must(w.GiveUp(ctx, list[n], fmt.Sprint(i)))
	}
	if got := w.dead(); !slices.Equal(got, []string{"u 1 1 1 2s", "u 4 1 2 3s"}) {
		t.Errorf("dead letters: %q", got)
	}
	for range 3 { // one is pending
		w.one("u")
	}
	if res := w.track(beckon.Event{Name: "e", UserID: "u"}); len(res.Deliveries) != 0 || res.Held()[0].Reason != beckon.ReasonOutboxFull {
		t.Errorf("beyond the limit: %+v", res)
	}
	if got := w.totals("m"); got.GivenUp != 3 {
		t.Errorf("%+v", got)
	}
	if _, err := beckon.New(memstore.New(), beckon.WithDeadLettersLimit(-1)); err == nil {
		t.Error("a negative limit is no error")
	}
}

// A reason is bounded, and always text.
func TestGiveUpReason(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often(), beckon.WithDeadLettersLimit(20))
	for reason, want := range map[string]string{
		"": "",
		strings.Repeat("x", beckon.MaxGiveUpReason):         strings.Repeat("x", beckon.MaxGiveUpReason),
		strings.Repeat("x", beckon.MaxGiveUpReason+1):       strings.Repeat("x", beckon.MaxGiveUpReason),
		strings.Repeat("x", beckon.MaxGiveUpReason-1) + "é": strings.Repeat("x", beckon.MaxGiveUpReason-1),
		strings.Repeat("é", beckon.MaxGiveUpReason/2) + "é": strings.Repeat("é", beckon.MaxGiveUpReason/2),
		"a\xffb":                     "a?b",
		strings.Repeat("\xff", 5000): "?",
	} {
		d := w.one("u")
		w.must(w.GiveUp(ctx, d, reason))
		for x, err := range w.DeadLetters(ctx) {
			w.must(err)
			if x.Reason != want || !utf8.ValidString(x.Reason) {
				t.Errorf("of %.20q… (%d bytes) stays %.20q… (%d), want %d", reason, len(reason), x.Reason, len(x.Reason), len(want))
			}
		}
		w.must(w.Discard(ctx, d))
	}
}

// Dead letters go with their contact: by a merge, in an export, and when it is deleted. What
// it refuses meanwhile is not sent by a replay.
func TestDeadLettersBelongToContacts(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	res := w.track(beckon.Event{Name: "e", AnonymousID: "a"})
	w.must(w.GiveUp(ctx, res.Deliveries[0], "r"))
	w.must(w.GiveUp(ctx, w.one("u"), "s"))
	w.must(second(w.Merge(ctx, beckon.Identity{AnonymousID: "a"}, user("u"))))
	x, _, err := w.Export(ctx, user("u"))
	w.must(err)
	if len(x.DeadLetters) != 2 || len(x.Pending) != 0 || len(w.dead()) != 2 {
		t.Fatalf("after the merge: %+v, %q", x.DeadLetters, w.dead())
	}
	i := slices.IndexFunc(x.DeadLetters, func(x beckon.DeadLetter) bool { return x.Delivery.ID == res.Deliveries[0].ID })
	data, err := json.Marshal(x.DeadLetters[max(i, 0)])
	w.must(err)
	var back beckon.DeadLetter
	w.must(json.Unmarshal(data, &back))
	if back.Reason != "r" || back.Delivery.ID != res.Deliveries[0].ID || !back.At.Equal(noon) {
		t.Errorf("%s", data)
	}
	w.must(w.Replay(ctx, back.Delivery))
	w.must(w.Unsubscribe(ctx, user("u"), "email"))
	if got := w.lease(); len(got) != 0 || len(w.pending()) != 0 {
		t.Errorf("refused, and sent: %+v", got)
	}
	if got := w.totals("m"); got.Sent != 1 || got.GivenUp != 1 {
		t.Errorf("%+v", got)
	}
	w.must(w.Delete(ctx, user("u")))
	if got := w.dead(); len(got) != 0 {
		t.Errorf("after the contact is deleted: %q", got)
	}
}

// A visitor with nothing but dead letters goes when its time is over, one with something
// pending stays.
func TestDeadLettersKeepNoVisitor(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	dead := w.track(beckon.Event{Name: "e", AnonymousID: "a"}).Deliveries[0]
	w.track(beckon.Event{Name: "e", AnonymousID: "b"})
	w.must(w.GiveUp(ctx, dead))
	w.clock.add(beckon.VisitorsKeptFor + time.Hour)
	w.drain(w.Due(ctx))
	if got := w.dead(); len(got) != 0 || len(w.pending()) != 1 {
		t.Errorf("%q are kept, %d pending", got, len(w.pending()))
	}
}

// Pages of many contacts, some with something pending, some with dead letters alone.
func TestDeadLettersPages(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), often())
	const contacts = 600
	for i := range contacts {
		d := w.one(fmt.Sprint(i))
		if i%3 == 0 {
			w.one(fmt.Sprint(i))
		}
		if i%2 == 0 {
			w.must(w.GiveUp(ctx, d))
		}
	}
	seen := map[string]int{}
	for x, err := range w.DeadLetters(ctx) {
		w.must(err)
		seen[x.Delivery.ID]++
		w.must(w.Replay(ctx, x.Delivery))
		x.Delivery.Attempt = 0 // no matter who has it
		w.must(w.GiveUp(ctx, x.Delivery))
		break
	}
	for x, err := range w.DeadLetters(ctx) {
		w.must(err)
		seen[x.Delivery.ID]++
		if x.Delivery.Contact.UserID == "" {
			t.Error("whose it is, is not said")
		}
	}
	if len(seen) != contacts/2 {
		t.Errorf("%d were yielded, want %d", len(seen), contacts/2)
	}
	w.must(w.Close())
	for _, err := range w.DeadLetters(ctx) {
		if !errors.Is(err, beckon.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
}

// A list of the outbox goes on where another left off, and shows each row once; it can be of some
// channels alone.
func TestOutboxResumes(t *testing.T) {
	ctx := context.Background()
	w := newOutbox(t, memstore.New(), beckon.Program{Messages: []beckon.Message{
		{ID: "mail", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"}},
		{ID: "chat", Channel: beckon.Chat, Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"}},
	}})
	const contacts = 600
	want := map[bool]map[string]int{false: {}, true: {}} // by whether it is dead
	for i := range contacts {
		for k, d := range w.track(beckon.Event{Name: "e", UserID: fmt.Sprint(i)}).Deliveries {
			dead := i%2 == 0 && (k == 0 || i%4 == 0)
			if want[dead][d.ID] = 1; dead {
				w.must(w.GiveUp(ctx, d))
			}
		}
	}
	for _, dead := range []bool{false, true} {
		seen, pages, of := map[string]int{}, 0, map[beckon.Channel]int{}
		for at, more := store.Cursor(""), true; more; pages++ {
			part, stop := context.WithCancel(ctx)
			var done int64
			opts := []beckon.RunOption{beckon.ResumeAt(at), beckon.OnProgress(func(p beckon.Progress) {
				at, more, done = p.Cursor, p.Cursor != "", p.Done
				stop()
			})}
			take := func(d beckon.Delivery, err error) bool {
				if err == nil {
					seen[d.ID]++
				}
				if err != nil && !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
				return true
			}
			if dead {
				w.DeadLetters(part, opts...)(func(x beckon.DeadLetter, err error) bool { return take(x.Delivery, err) })
			} else {
				w.Outbox(part, opts...)(take)
			}
			if stop(); done == 0 || pages > 5 {
				t.Fatalf("%d contacts were looked at, on page %d", done, pages)
			}
		}
		if !maps.Equal(seen, want[dead]) || pages < 2 {
			t.Errorf("dead: %v: %d rows on %d pages, want %d", dead, len(seen), pages, len(want[dead]))
		}
		if dead {
			for x, err := range w.DeadLetters(ctx, beckon.Channels(beckon.Chat)) {
				w.must(err)
				of[x.Delivery.Channel]++
			}
		} else {
			for d, err := range w.Outbox(ctx, beckon.Channels(beckon.Chat)) {
				w.must(err)
				of[d.Channel]++
			}
		}
		if len(of) != 1 || of[beckon.Chat] == 0 {
			t.Errorf("dead: %v: %v", dead, of)
		}
	}
	for _, err := range w.DeadLetters(ctx, beckon.Channels("pigeon!")) {
		if err == nil {
			t.Error("an unknown channel is taken")
		}
	}
}

// Dead letters take no place from what is pending.
func TestDeadLettersFillNothing(t *testing.T) {
	w := newOutbox(t, memstore.New(), often(), beckon.WithPendingLimit(1))
	for range 3 {
		d := w.one("u")
		if res := w.track(beckon.Event{Name: "e", UserID: "u"}); len(res.Held()) != 1 || res.Held()[0].Reason != beckon.ReasonOutboxFull {
			t.Fatalf("held %+v", res.Held())
		}
		w.must(w.GiveUp(context.Background(), d))
	}
}
