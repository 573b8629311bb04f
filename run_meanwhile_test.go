package beckon_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// The consumer of a run, and what it has called back, may call the same
// engine: no lock is held meanwhile. What it does to contacts is decided as
// ever.
func TestRunReentry(t *testing.T) {
	ctx := context.Background()
	for _, kind := range runKinds() {
		w := newRunWorld(t, kind, 9)
		var got []string
		calls := 0
		again := func(who beckon.Identity) {
			calls++
			if _, err := w.engine.Track(ctx, beckon.Event{Name: "opened", UserID: who.UserID}); err != nil {
				t.Error(err)
			}
			if _, err := w.engine.Update(ctx, beckon.Contact{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, Attributes: beckon.Attributes{"seen": beckon.Bool(true)}}); err != nil {
				t.Error(err)
			}
			for d, err := range w.engine.Sweep(ctx) {
				if err != nil {
					t.Error(err)
				}
				got = append(got, sendOf(d)) // the inner run may be the first to come to it
				break
			}
		}
		for d, err := range kind.run(w.engine, ctx,
			beckon.OnHeld(func(who beckon.Identity, _ beckon.Held) { again(who) }),
			beckon.OnProgress(func(beckon.Progress) { again(beckon.Identity{UserID: "u0"}) })) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, sendOf(d))
			again(d.Contact)
		}
		if calls == 0 {
			t.Errorf("%s: nothing was called back", kind.name)
		}
		got = slices.DeleteFunc(got, func(s string) bool { return kind.name != "Sweep" && !slices.Contains(w.want, s) })
		if slices.Sort(got); !slices.Equal(got, w.want) {
			t.Errorf("%s: sent\n%v, want\n%v", kind.name, got, w.want)
		}
	}
}

// A program published in the middle of a run decides what comes after: each
// contact is judged whole under one program.
func TestRunProgramSwapped(t *testing.T) {
	ctx := context.Background()
	for _, kind := range runKinds()[:2] {
		w := newRunWorld(t, kind, 40)
		swapped := w.program
		// Other messages before those of the run, so that no index means the
		// same, and the first of the run's gone.
		swapped.Messages = append([]beckon.Message{
			{ID: "aaa", Channel: beckon.Chat, Mode: beckon.Ongoing, Content: beckon.Content{Body: "a"}},
			{ID: "aab", Channel: beckon.Chat, Mode: beckon.Ongoing, Content: beckon.Content{Body: "a"}},
		}, slices.DeleteFunc(slices.Clone(w.program.Messages), func(m beckon.Message) bool {
			return m.ID == "company" || m.ID == "morning" || m.ID == "cart"
		})...)
		n := 0
		var after []string
		held := map[beckon.Reason]int{}
		for d, err := range kind.run(w.engine, ctx, beckon.OnHeld(func(_ beckon.Identity, h beckon.Held) { held[h.Reason]++ })) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == 5 {
				if err := w.engine.Publish(ctx, swapped); err != nil {
					t.Fatal(err)
				}
			}
			if n > 8 { // past the contact that was being decided
				after = append(after, sendOf(d))
			}
		}
		if held[beckon.ReasonFailed]+held[beckon.ReasonNotLive] > 0 {
			t.Errorf("%s: held %v", kind.name, held)
		}
		for _, s := range after {
			if strings.HasPrefix(s, "company ") {
				t.Errorf("%s: %s after the message left the program", kind.name, s)
			}
		}
		if len(after) == 0 {
			t.Errorf("%s: nothing was sent after the swap", kind.name)
		}
	}
	// A one-off that leaves the program in the middle of its send reaches
	// nobody else.
	w := newRunWorld(t, runKinds()[1], 40)
	n := 0
	for _, err := range w.engine.Send(ctx, "launch") {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if err := w.engine.Publish(ctx, beckon.Program{}); err != nil {
			t.Fatal(err)
		}
	}
	if n != 1 {
		t.Errorf("Send went on without its message: %d sent", n)
	}
}

// Stop in the middle of a run: nothing of the message comes after it.
func TestRunStopped(t *testing.T) {
	ctx := context.Background()
	w := newRunWorld(t, runKinds()[1], 40)
	n := 0
	for _, err := range w.engine.Send(ctx, "launch") {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 3 {
			if err := w.engine.Stop(ctx, "launch"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n != 3 {
		t.Errorf("%d sent, 3 before the stop", n)
	}
}

// A sweep's memory does not grow with the number of contacts: what is alive
// while it runs is the same for many as for few.
func TestSweepMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector has memory of its own")
	}
	ctx := context.Background()
	alive := func(contacts int) int64 {
		engine, err := beckon.New(newFaultStore(), beckon.WithClock(func() time.Time { return noon }))
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Publish(ctx, beckon.Program{Messages: []beckon.Message{{
			ID: "news", Channel: beckon.Email, Mode: beckon.Ongoing, Status: beckon.Live,
			Audience: beckon.Did("never").AtLeast(1), Content: beckon.Content{Body: "x"},
		}}}); err != nil {
			t.Fatal(err)
		}
		for i := range contacts {
			if _, err := engine.Track(ctx, beckon.Event{Name: "seen", UserID: fmt.Sprint("u", i)}); err != nil {
				t.Fatal(err)
			}
		}
		var before, now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		most, pages := int64(0), 0
		for _, err := range engine.Sweep(ctx, beckon.OnProgress(func(p beckon.Progress) {
			if pages++; pages%64 != 0 && p.Cursor != "" {
				return
			}
			runtime.GC()
			runtime.ReadMemStats(&now)
			most = max(most, int64(now.HeapAlloc)-int64(before.HeapAlloc))
		})) {
			if err != nil {
				t.Fatal(err)
			}
		}
		return most
	}
	contacts := 50_000
	if testing.Short() {
		contacts = 10_000
	}
	few, many := alive(1000), alive(contacts)
	if many > few+256<<10 {
		t.Errorf("a sweep over %d contacts holds %d bytes, over 1000 %d", contacts, many, few)
	}
}
