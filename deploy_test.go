package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A fleet is several processes, with programs and options of their own, over
// one store and one clock.
type fleet struct {
	t     testing.TB
	store *countingStore
	clock *hand
}

func newFleet(t testing.TB) *fleet {
	f := &fleet{t: t, store: &countingStore{Store: memstore.New()}, clock: &hand{}}
	f.clock.set(noon)
	return f
}

// process starts one; without a program it publishes none.
func (f *fleet) process(program *beckon.Program, opts ...beckon.Option) *outboxWorld {
	f.t.Helper()
	engine, err := beckon.New(f.store, append([]beckon.Option{beckon.WithClock(f.clock.now)}, opts...)...)
	if err == nil && program != nil {
		err = engine.Publish(context.Background(), *program)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return &outboxWorld{Engine: engine, t: f.t, clock: f.clock}
}

// due returns the messages that a Due of a process sends, and those that it holds.
func (w *outboxWorld) due() (sent, held []string) {
	w.t.Helper()
	for d, err := range w.Due(context.Background(), beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) {
		held = append(held, h.Message+" "+string(h.Reason))
	})) {
		w.must(err)
		sent = append(sent, d.Message)
	}
	slices.Sort(sent)
	return sent, held
}

// waitingProgram has, at "go", one message that waits for its window, one that
// waits to be sure, and two of a series after an hour; all are due an hour after
// noon.
func waitingProgram() beckon.Program {
	program := runProgram()
	rename := func(t *beckon.Trigger) *beckon.Trigger { x := *t; x.Event = "go"; return &x }
	program.Messages = slices.DeleteFunc(program.Messages, func(m beckon.Message) bool { return m.ID != "morning" && m.ID != "cart" })
	for i := range program.Messages {
		program.Messages[i].Trigger = rename(program.Messages[i].Trigger)
		program.Messages[i].Schedule = nil
		if program.Messages[i].ID == "morning" {
			program.Messages[i].Schedule = &beckon.Schedule{Windows: []beckon.Window{{From: "13:00", To: "12:00"}}, Outside: beckon.OutsideHold}
		}
	}
	program.Series[0].Entry.Trigger = rename(program.Series[0].Entry.Trigger)
	return program
}

var everythingWaiting = []string{"cart", "morning", "walked", "walked-on"}

// D12: what waits is untouched by a process whose program does not have it, for
// as long as 7 days after it was due, and goes out under one that has: a rolling
// deploy, a wrong deploy and its rollback, a cron process.
func TestWaitsForItsProgram(t *testing.T) {
	ctx := context.Background()
	empty, other := beckon.Program{}, often()
	for _, after := range []time.Duration{0, time.Minute, 24 * time.Hour, beckon.OverdueFor - 2*time.Hour, beckon.OverdueFor} {
		for name, ignorant := range map[string]*beckon.Program{"an empty program": &empty, "another": &other} {
			f := newFleet(t)
			program := waitingProgram()
			old := f.process(&program)
			old.track(beckon.Event{Name: "go", UserID: "u"})
			f.clock.add(time.Hour + after)
			w := f.process(ignorant)
			before, _, _ := old.Export(ctx, user("u"))
			for range 3 {
				f.store.steps.Store(0)
				if sent, held := w.due(); sent != nil || held != nil {
					t.Fatalf("%s, %v overdue: sent %v, held %v", name, after, sent, held)
				}
				if n := f.store.steps.Load(); n != 0 {
					t.Errorf("%s, %v overdue: a Due that has nothing to do takes %d steps", name, after, n)
				}
			}
			if now, _, _ := old.Export(ctx, user("u")); fmt.Sprint(now.Waiting, now.Series) != fmt.Sprint(before.Waiting, before.Series) {
				t.Errorf("%s: what waits was changed:\n%+v\n%+v", name, now, before)
			}
			again := f.process(&program)
			if sent, held := again.due(); !slices.Equal(sent, everythingWaiting) {
				t.Errorf("%s, %v overdue: the program that has it sends %v, holds %v", name, after, sent, held)
			}
		}
	}
}

// D12: more than 7 days after its due time it is dropped, not_live, and a walk is
// over; what is not so late stays.
func TestOverdueIsDropped(t *testing.T) {
	ctx := context.Background()
	f := newFleet(t)
	program := waitingProgram()
	old := f.process(&program)
	old.track(beckon.Event{Name: "go", UserID: "u"})
	f.clock.add(time.Minute)
	old.track(beckon.Event{Name: "go", UserID: "v"}) // "morning" is due when the other's is
	f.clock.add(59*time.Minute + beckon.OverdueFor + time.Millisecond)
	w := f.process(&beckon.Program{})
	sent, held := w.due()
	slices.Sort(held)
	if want := []string{"cart not_live", "morning not_live", "morning not_live"}; sent != nil || !slices.Equal(held, want) {
		t.Errorf("sent %v, held %v, want %v", sent, held, want)
	}
	for id, want := range map[string]int64{"cart": 1, "morning": 2, "walked": 0} {
		if totals, err := w.Totals(ctx, id); err != nil || totals.Held[beckon.ReasonNotLive] != want {
			t.Errorf("%s: %+v, %v", id, totals, err)
		}
	}
	if x, _, _ := w.Export(ctx, user("u")); !x.Series[0].Done || len(x.Waiting) != 0 {
		t.Errorf("%+v", x)
	}
	if sent, _ := f.process(&program).due(); !slices.Equal(sent, []string{"cart", "walked", "walked-on"}) { // of v
		t.Errorf("the program that is back sends %v", sent)
	}
}

// D12: nothing else is delayed by what is left alone: not what waits in the same
// contact, nor what stands behind any number of others.
func TestLeftAloneDelaysNothing(t *testing.T) {
	f := newFleet(t)
	program := waitingProgram()
	old := f.process(&program)
	const many = 1000
	for i := range many {
		old.track(beckon.Event{Name: "go", UserID: fmt.Sprint("u", i)})
	}
	mine := waitingProgram()
	mine.Series = nil
	for i := range mine.Messages {
		mine.Messages[i].ID += "-mine"
		m := *mine.Messages[i].Trigger
		m.Event = "mine"
		mine.Messages[i].Trigger = &m
	}
	w := f.process(&mine)
	f.clock.add(time.Minute)
	for _, id := range []string{"u0", fmt.Sprint("u", many-1), "x"} {
		w.track(beckon.Event{Name: "mine", UserID: id})
	}
	f.clock.add(time.Hour)
	f.store.steps.Store(0)
	sent, held := w.due()
	if want := []string{"cart-mine", "cart-mine", "cart-mine", "morning-mine", "morning-mine", "morning-mine"}; !slices.Equal(sent, want) || held != nil {
		t.Errorf("sent %v, held %v, want %v", sent, held, want)
	}
	if n := f.store.steps.Load(); n != 3 {
		t.Errorf("%d steps for 3 contacts", n)
	}
	if sent, _ := old.due(); len(sent) != 4*many {
		t.Errorf("the program that has the others sends %d of %d", len(sent), 4*many)
	}
}

// T6, D12: what cancels counts too if it came to a process that does not know the
// message, in time, with the same value, and not as history.
func TestFollowedElsewhere(t *testing.T) {
	ctx := context.Background()
	program := often()
	program.Messages[0].Trigger = beckon.On("go").Unless("paid", beckon.Hours(1), "cart")
	cart := func(id string) beckon.Fields { return beckon.Fields{{Key: "cart", Value: beckon.String(id)}} }
	for name, c := range map[string]struct {
		after  time.Duration
		event  beckon.Event
		before bool // the message's own event
		sent   int
	}{
		"in time":             {after: time.Minute, event: beckon.Event{Metadata: cart("1")}},
		"at once":             {event: beckon.Event{Metadata: cart("1")}},
		"at the deadline":     {after: time.Hour, event: beckon.Event{Metadata: cart("1")}},
		"said to be long ago": {after: time.Minute, event: beckon.Event{Metadata: cart("1"), CreatedAt: noon.Add(-48 * time.Hour)}},
		"too late":            {after: time.Hour + time.Millisecond, event: beckon.Event{Metadata: cart("1")}, sent: 1},
		"another cart":        {after: time.Minute, event: beckon.Event{Metadata: cart("2")}, sent: 1},
		"no cart":             {after: time.Minute, sent: 1},
		"history":             {after: time.Minute, event: beckon.Event{Metadata: cart("1"), Import: true}, sent: 1},
		"before":              {before: true, event: beckon.Event{Metadata: cart("1")}, sent: 1},
	} {
		f := newFleet(t)
		knows, w := f.process(&program), f.process(&beckon.Program{})
		c.event.Name, c.event.UserID = "paid", "u"
		if c.before {
			w.track(c.event)
		}
		knows.track(beckon.Event{Name: "go", UserID: "u", Metadata: cart("1")})
		f.clock.add(c.after)
		if !c.before {
			w.track(c.event)
		}
		f.clock.set(noon.Add(2 * time.Hour))
		if sent, held := knows.due(); len(sent) != c.sent || held != nil {
			t.Errorf("%s: sent %v, held %v", name, sent, held)
		}
		if totals, err := knows.Totals(ctx, "m"); err != nil || totals.Followed != int64(1-c.sent) {
			t.Errorf("%s: %+v, %v", name, totals, err)
		}
	}
}

// A walk in a series that is not live costs a Due one look, and waits.
func TestPausedSeriesIsLeftAlone(t *testing.T) {
	f := newFleet(t)
	program, paused := waitingProgram(), waitingProgram()
	program.Messages, paused.Messages = nil, nil
	paused.Series[0].Status = beckon.Paused
	f.process(&program).track(beckon.Event{Name: "go", UserID: "u"})
	w := f.process(&paused)
	f.clock.add(2 * beckon.OverdueFor)
	f.store.steps.Store(0)
	if sent, held := w.due(); sent != nil || held != nil || f.store.steps.Load() != 0 {
		t.Errorf("sent %v, held %v, %d steps", sent, held, f.store.steps.Load())
	}
	if sent, _ := f.process(&program).due(); len(sent) != 2 {
		t.Errorf("live again it sends %v", sent)
	}
}

// D12, D7: a process that does not know a message pauses, resumes and stops it.
func TestStopWithoutProgram(t *testing.T) {
	ctx := context.Background()
	f := newFleet(t)
	program := waitingProgram()
	old := f.process(&program)
	for _, w := range []*outboxWorld{f.process(nil), f.process(&beckon.Program{})} {
		w.must(w.Pause(ctx, "cart"))
		w.must(old.Refresh(ctx))
		if res := old.track(beckon.Event{Name: "go", UserID: "u"}); !slices.ContainsFunc(res.Held(), func(h beckon.Held) bool { return h.Message == "cart" && h.Reason == beckon.ReasonNotLive }) {
			t.Errorf("paused elsewhere: %+v", res.Held())
		}
		w.must(w.Resume(ctx, "cart"))
	}
	w := f.process(nil)
	w.must(w.Stop(ctx, "morning"))
	f.clock.add(time.Hour)
	if sent, held := old.due(); slices.Contains(sent, "morning") || !slices.Contains(held, "morning not_live") {
		t.Errorf("stopped elsewhere: sent %v, held %v", sent, held)
	}
}

// D12: a process without a program decides nothing, and says so; what needs none
// works.
func TestProgramMissing(t *testing.T) {
	ctx := context.Background()
	f := newFleet(t)
	program := waitingProgram()
	f.process(&program).track(beckon.Event{Name: "go", UserID: "u"})
	w := f.process(nil)
	f.clock.add(time.Hour)
	refused := func() map[string]error {
		_, check := w.Check(ctx, user("u"))
		return map[string]error{
			"Due": last(w.Due(ctx)), "Sweep": last(w.Sweep(ctx)), "Send": last(w.Send(ctx, "launch")),
			"Send to one": last(w.Send(ctx, "launch", beckon.Only(user("u")))), "Check": check,
		}
	}
	for range 2 {
		for name, err := range refused() {
			if !errors.Is(err, beckon.ErrProgramMissing) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.must(w.Refresh(ctx)) // which is no publish
	}
	n := 0
	for _, err := range w.Match(ctx, beckon.Rule{}) {
		w.must(err)
		n++
	}
	if n != 1 || len(w.pending()) != 0 || len(w.lease()) != 0 {
		t.Errorf("%d contacts match", n)
	}
	w.track(beckon.Event{Name: "go", UserID: "v"}) // recorded
	w.must(w.Publish(ctx, beckon.Program{}))       // an empty program is one
	for name, err := range refused() {
		if errors.Is(err, beckon.ErrProgramMissing) || name != "Send" && name != "Send to one" && err != nil { // a refused check begins no 15 minutes
			t.Errorf("%s after an empty program: %v", name, err)
		}
	}
}
