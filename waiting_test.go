package beckon_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// large is metadata of some 10 KB.
func large(seq int) (fields beckon.Fields) {
	for i := range 20 {
		fields = append(fields, beckon.Field{Key: fmt.Sprint("k", i), Value: beckon.String(strings.Repeat("é", 240) + fmt.Sprint(seq))})
	}
	return fields
}

// waiters is a program of so many messages that wait after a cart, each to be sure
// that no order follows.
func waiters(n int, edit func(*beckon.Message)) beckon.Program {
	var p beckon.Program
	for i := range n {
		m := beckon.Message{ID: fmt.Sprint("m", i), Status: beckon.Live, Trigger: beckon.On("cart").Unless("order", beckon.Hours(1), "id"), Content: beckon.Content{Body: "b"}}
		edit(&m)
		p.Messages = append(p.Messages, m)
	}
	return p
}

// What waits in a contact is bounded in bytes, whatever visitors send: beyond the
// limit a message is held waiting_full; what waits already still goes out.
func TestWaitingBytes(t *testing.T) {
	const limit = 200_000
	kept := memstore.New()
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	e, err := beckon.New(kept, beckon.WithClock(func() time.Time { return now }), beckon.WithWaitingBytes(limit))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := e.Publish(ctx, waiters(10, func(*beckon.Message) {})); err != nil {
		t.Fatal(err)
	}
	waiting, full := 0, 0
	for i := range 40 {
		fields := append(beckon.Fields{{Key: "id", Value: beckon.Number(i)}}, large(i)[1:]...)
		res, err := e.Track(ctx, beckon.Event{Name: "cart", UserID: "u", Metadata: fields})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range res.Held() {
			switch h.Reason {
			case beckon.ReasonWaiting:
				waiting++
			case beckon.ReasonWaitingFull:
				full++
			default:
				t.Fatalf("held %v", h)
			}
		}
	}
	size := 0
	if err := kept.Read(ctx, []store.Key{{Kind: store.KindUser, ID: "u"}}, func(r *store.Record) error {
		if len(r.Profile.Holds) != waiting {
			t.Errorf("%d wait, %d were told", len(r.Profile.Holds), waiting)
		}
		size = len(store.AppendRecord(nil, &store.Record{Key: r.Key, Profile: &store.Profile{Holds: r.Profile.Holds}}))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if waiting+full != 400 || waiting < 100 || size > limit || size < limit/2 {
		t.Errorf("%d wait and %d were refused, in %d bytes; the limit is %d", waiting, full, size, limit)
	}
	// The same key again takes the place of what it replaces, or leaves it.
	before := waiting
	small, err := e.Track(ctx, beckon.Event{Name: "cart", UserID: "u", Metadata: beckon.Fields{{Key: "id", Value: beckon.Number(0)}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range small.Held() {
		if h.Reason != beckon.ReasonWaiting {
			t.Errorf("a smaller event in the place of a larger: %v", h)
		}
	}
	now = now.Add(2 * time.Hour)
	sent := 0
	for _, err := range e.Due(ctx) {
		if sent++; err != nil {
			t.Fatal(err)
		}
	}
	if sent == 0 || sent > before {
		t.Errorf("%d were sent of %d", sent, before)
	}
	res, err := e.Track(ctx, beckon.Event{Name: "cart", UserID: "u", Metadata: beckon.Fields{{Key: "id", Value: beckon.Number(99)}}})
	if err != nil || res.Held()[0].Reason != beckon.ReasonWaiting {
		t.Errorf("with room again: %v, %v", res.Held(), err)
	}
}

// What waits for its window is bounded too.
func TestWaitingBytesOfWindows(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	e, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }), beckon.WithWaitingBytes(50_000))
	if err != nil {
		t.Fatal(err)
	}
	p := waiters(3, func(m *beckon.Message) {
		m.Trigger, m.Frequency = beckon.On("cart"), &beckon.Frequency{}
		m.Schedule = &beckon.Schedule{Windows: []beckon.Window{{From: "14:00", To: "15:00"}}, Outside: beckon.OutsideHold}
	})
	if err := e.Publish(context.Background(), p); err != nil {
		t.Fatal(err)
	}
	reasons := map[beckon.Reason]int{}
	for i := range 10 {
		res, err := e.Track(context.Background(), beckon.Event{Name: "cart", UserID: "u", Metadata: large(i)})
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range res.Held() {
			reasons[h.Reason]++
		}
	}
	if reasons[beckon.ReasonSchedule] == 0 || reasons[beckon.ReasonWaitingFull] == 0 || len(reasons) != 2 {
		t.Errorf("held %v", reasons)
	}
}

// T6, K2: what cancels is looked for until the message goes out: where it waits for its
// window after the deadline, up to the opening, whose second is the last, however late
// Due is. What is past its deadline is not begun anew by its own event.
func TestFollowedWhileTheWindowIsShut(t *testing.T) {
	program := often()
	program.Messages[0].Trigger = beckon.On("go").Unless("paid", beckon.Hours(1), "")
	program.Messages[0].Schedule = &beckon.Schedule{Windows: []beckon.Window{{From: "15:00", To: "18:00"}}, Outside: beckon.OutsideHold}
	const opening = 3 * time.Hour // after noon
	late := []time.Duration{time.Hour, 2 * time.Hour, opening}
	for _, c := range []struct {
		name string
		at   time.Duration // when the follower comes
		due  []time.Duration
		also time.Duration // when the event comes again
		sent int
	}{
		{name: "before the deadline", at: time.Minute, due: late},
		{name: "on the deadline", at: time.Hour, due: late},
		{name: "after the deadline", at: time.Hour + time.Millisecond, due: late},
		{name: "before a Due that is late", at: 90 * time.Minute, due: late[1:]},
		{name: "before a Due after the opening", at: 90 * time.Minute, due: []time.Duration{opening + time.Hour}},
		{name: "before a Due when the window has closed", at: 90 * time.Minute, due: []time.Duration{opening + 4*time.Hour, opening + 24*time.Hour}},
		{name: "in the opening's second", at: opening + 900*time.Millisecond, due: []time.Duration{time.Hour, opening + time.Minute}},
		{name: "after it", at: opening + time.Second, due: []time.Duration{time.Hour, opening + time.Minute}, sent: 1},
		{name: "after it, and no Due before", at: opening + time.Second, due: []time.Duration{opening + time.Minute}, sent: 1},
		{name: "when the window has closed again", at: opening + 5*time.Hour, due: []time.Duration{opening + 4*time.Hour, opening + 24*time.Hour}, sent: 1},
		{name: "the event again", at: 48 * time.Hour, due: []time.Duration{time.Hour, opening, opening + time.Hour}, also: 2 * time.Hour, sent: 2},
		{name: "the event again, before a Due that is late", at: 48 * time.Hour, due: []time.Duration{opening, opening + time.Hour}, also: 2 * time.Hour, sent: 2},
	} {
		for _, elsewhere := range []bool{false, true} {
			f := newFleet(t)
			w := f.process(&program)
			w.track(beckon.Event{Name: "go", UserID: "u"})
			by := w
			if elsewhere { // it comes to a process that does not know the message
				by = f.process(&beckon.Program{})
			}
			n, tracked, again := 0, false, c.also == 0
			for _, at := range append(c.due, 72*time.Hour) {
				if !again && c.also < at {
					f.clock.set(noon.Add(c.also))
					w.track(beckon.Event{Name: "go", UserID: "u"})
					again = true
				}
				if !tracked && c.at < at {
					f.clock.set(noon.Add(c.at))
					by.track(beckon.Event{Name: "paid", UserID: "u"})
					tracked = true
				}
				if at == 72*time.Hour {
					break
				}
				f.clock.set(noon.Add(at))
				sent, _ := w.due()
				n += len(sent)
			}
			totals, err := w.Totals(t.Context(), "m")
			w.must(err)
			if n != c.sent || totals.Followed != int64(max(0, 1-c.sent)) {
				t.Errorf("%s, elsewhere: %t; %d sent, want %d; %d followed", c.name, elsewhere, n, c.sent, totals.Followed)
			}
		}
	}
}
