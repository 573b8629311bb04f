package beckon_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A naiveWait is an event that waits, by what the rulebook says of it: nothing is moved
// or marked, all follows from when it came.
type naiveWait struct {
	n, cart  int // cart 0: it has none
	deadline time.Time
	due      time.Time // the deadline, or the opening that a Due has put it off to
	shut     time.Time // from here on nothing cancels it
	arrived  time.Time
}

// A naiveAbsence is one contact and one message that waits for an absence.
type naiveAbsence struct {
	within        [2]time.Duration // of the followers f0 and f1; 0: there is no such
	same          bool
	window        bool // from ten to twenty past each hour
	hold, recheck bool
	pro           bool // the contact fits the audience
	waits         []*naiveWait
	n, followed   int
}

func (m *naiveAbsence) longest() time.Duration { return max(m.within[0], m.within[1]) }

func (m *naiveAbsence) isOpen(at time.Time) bool {
	return !m.window || at.Minute() >= 10 && at.Minute() < 20
}

func (m *naiveAbsence) opening(at time.Time) time.Time {
	for at = at.Truncate(time.Second); !m.isOpen(at); at = at.Add(time.Second) {
	}
	return at
}

// follow is that a follower comes.
func (m *naiveAbsence) follow(which, cart int, now time.Time) {
	m.waits = slices.DeleteFunc(m.waits, func(x *naiveWait) bool {
		until := x.arrived.Add(m.within[which])
		if m.within[which] == m.longest() {
			until = x.shut
		}
		cancels := m.within[which] != 0 && !now.After(until) && (!m.same || cart != 0 && cart == x.cart)
		if cancels {
			m.followed++
		}
		return cancels
	})
}

// add is that the event comes that the message is triggered by.
func (m *naiveAbsence) add(cart int, now time.Time) string {
	m.n++
	if !m.pro {
		return "audience"
	}
	x := &naiveWait{n: m.n, cart: cart, arrived: now, deadline: now.Add(m.longest())}
	x.due, x.shut = x.deadline, x.deadline
	if !m.isOpen(x.deadline) && m.hold {
		x.shut = m.opening(x.deadline).Add(time.Second - time.Millisecond)
	}
	m.waits = append(slices.DeleteFunc(m.waits, func(y *naiveWait) bool {
		return !now.After(y.deadline) && (!m.same || cart != 0 && cart == y.cart)
	}), x)
	return "waiting"
}

// pass is a Due.
func (m *naiveAbsence) pass(now time.Time) (sent, held []string) {
	slices.SortStableFunc(m.waits, func(a, b *naiveWait) int {
		if c := a.due.Compare(b.due); c != 0 {
			return c
		}
		return a.n - b.n
	})
	m.waits = slices.DeleteFunc(m.waits, func(x *naiveWait) bool {
		switch {
		case x.due.After(now):
			return false
		case !m.isOpen(now) && m.hold:
			x.due = m.opening(now)
			if x.due.After(x.shut) {
				x.shut = time.Time{} // its opening was missed
			}
			held = append(held, "schedule")
			return false
		case m.recheck && !m.pro:
			held = append(held, "audience")
		case !m.isOpen(now):
			held = append(held, "schedule")
		default:
			sent = append(sent, fmt.Sprint(x.n))
		}
		return true
	})
	return sent, held
}

// T6: whatever comes in whatever order, what goes out, what is held and what was followed
// is what the rulebook says.
func TestAbsenceModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spans := []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute}
		m := &naiveAbsence{
			within: [2]time.Duration{rapid.SampledFrom(spans).Draw(t, "within"), rapid.SampledFrom(append(spans, 0)).Draw(t, "or within")},
			same:   rapid.Bool().Draw(t, "same"), window: rapid.Bool().Draw(t, "window"), hold: rapid.Bool().Draw(t, "hold"),
			recheck: rapid.Bool().Draw(t, "recheck"), pro: true,
		}
		msg := beckon.Message{
			ID: "m", Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Audience: beckon.User("plan").Is("pro"), Frequency: beckon.EachTime(),
			Content: beckon.Content{Body: "{{ event.n }}"}, Trigger: beckon.On("added"),
		}
		for i, within := range m.within {
			key := ""
			if m.same {
				key = "cart"
			}
			if within != 0 {
				msg.Trigger = msg.Trigger.Unless(fmt.Sprint("f", i), beckon.DurationOf(within), key)
			}
		}
		msg.Trigger.Recheck = m.recheck
		if m.window {
			msg.Schedule = &beckon.Schedule{}
			for h := range 24 {
				msg.Schedule.Windows = append(msg.Schedule.Windows, beckon.Window{
					From: beckon.TimeOfDay(fmt.Sprintf("%02d:10", h)), To: beckon.TimeOfDay(fmt.Sprintf("%02d:20", h)),
				})
			}
			if m.hold {
				msg.Schedule.Outside = beckon.OutsideHold
			}
		}
		m.hold = m.hold && m.window
		now := noon
		engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
		if err == nil {
			err = engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{msg}})
		}
		if err != nil {
			t.Fatal(err)
		}
		update := func() {
			plan := "free"
			if m.pro {
				plan = "pro"
			}
			if _, err := engine.Update(t.Context(), beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"plan": beckon.String(plan)}}); err != nil {
				t.Fatal(err)
			}
		}
		update()
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			now = now.Add(rapid.SampledFrom([]time.Duration{0, time.Millisecond, time.Second, time.Minute, 5 * time.Minute, 10 * time.Minute, time.Hour}).Draw(t, "after"))
			cart := rapid.IntRange(0, 2).Draw(t, "cart")
			track := func(name string) beckon.Result {
				e := beckon.Event{Name: name, UserID: "u", Metadata: beckon.Fields{{Key: "n", Value: beckon.Number(m.n)}}}
				if cart != 0 {
					e.Metadata = append(e.Metadata, beckon.Field{Key: "Cart", Value: beckon.Number(cart)})
				}
				res, err := engine.Track(t.Context(), e)
				if err != nil {
					t.Fatal(err)
				}
				return res
			}
			switch what := rapid.IntRange(0, 5).Draw(t, "what"); what {
			case 0, 1:
				want := m.add(cart, now)
				res := track("added")
				if list := res.Held(); len(res.Deliveries) != 0 || len(list) != 1 || string(list[0].Reason) != want ||
					want == "waiting" && !list[0].RetryAt.Equal(m.waits[len(m.waits)-1].due) {
					t.Fatalf("%v: the event is held %v, want %s", now, list, want)
				}
			case 2, 3:
				m.follow(what-2, cart, now)
				track(fmt.Sprint("f", what-2))
			case 4:
				m.pro = !m.pro
				update()
			default:
				sent, held := m.pass(now)
				var gotSent, gotHeld []string
				for d, err := range engine.Due(t.Context(), beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) { gotHeld = append(gotHeld, string(h.Reason)) })) {
					if err != nil {
						t.Fatal(err)
					}
					gotSent = append(gotSent, d.Body)
				}
				if !slices.Equal(gotSent, sent) || !slices.Equal(gotHeld, held) {
					t.Fatalf("%v: Due sends %v and holds %v, want %v and %v", now, gotSent, gotHeld, sent, held)
				}
			}
			totals, err := engine.Totals(t.Context(), "m")
			if err != nil || int(totals.Followed) != m.followed {
				t.Fatalf("%v: %d were followed, want %d: %v", now, totals.Followed, m.followed, err)
			}
		}
	})
}
