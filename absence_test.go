package beckon_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

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
