package beckon_test

import (
	gocmp "cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// heldProgram has messages that a sweep decides: two ongoing ones and a date rule.
func heldProgram() beckon.Program {
	text := beckon.Content{Subject: "s", Body: "hello"}
	return beckon.Program{Messages: []beckon.Message{
		{ID: "news", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Audience: beckon.User("plan").Is("pro"), Content: text},
		{ID: "study", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Control: 1, Content: text},
		{ID: "ending", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon.Add(-time.Hour), Trigger: beckon.OnDate("ends_at", beckon.Days(-3)), Content: text},
	}}
}

// heldWorld is a store with so many engines, and its clock.
func heldWorld(t *testing.T, engines int) ([]*beckon.Engine, *memstore.Store, *hand) {
	t.Helper()
	clock, kept := &hand{}, memstore.New()
	clock.set(noon)
	list := make([]*beckon.Engine, engines)
	for i := range list {
		e, err := beckon.New(kept, beckon.WithClock(clock.now))
		if err == nil {
			err = e.Publish(t.Context(), heldProgram())
		}
		if err != nil {
			t.Fatal(err)
		}
		list[i] = e
	}
	return list, kept, clock
}

func update(t *testing.T, e *beckon.Engine, id, plan string) {
	t.Helper()
	if _, err := e.Update(t.Context(), beckon.Contact{UserID: id, Attributes: beckon.Attributes{"plan": beckon.String(plan)}}); err != nil {
		t.Fatal(err)
	}
}

// swept sweeps to the end, and returns how much was sent.
func swept(t *testing.T, e *beckon.Engine, opts ...beckon.RunOption) (n int) {
	t.Helper()
	for _, err := range e.Sweep(t.Context(), opts...) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func wantHeld(t *testing.T, what string, e *beckon.Engine, message string, sent int64, want map[beckon.Reason]int64) {
	t.Helper()
	got, err := e.Totals(t.Context(), message)
	if err != nil {
		t.Fatal(err)
	}
	judged := sent
	for _, n := range want {
		judged += n
	}
	if d := cmp.Diff(want, got.Held); d != "" || got.Sent != sent || got.Judged != judged {
		t.Errorf("%s: %s: sent %d, judged %d, want %d and %d; held (-want +got):\n%s", what, message, got.Sent, got.Judged, sent, judged, d)
	}
}

// Z2: who is held by each pass of each replica counts once, for the reason of the last
// pass that came to its end.
func TestSweepsCountAContactOnce(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{false, true} {
		for _, told := range []bool{false, true} {
			what := fmt.Sprintf("shared %t, OnHeld %t", shared, told)
			engines, _, clock := heldWorld(t, 2)
			passes := func(n int) {
				t.Helper()
				for range n {
					for _, e := range engines {
						var opts []beckon.RunOption
						if shared {
							opts = append(opts, beckon.Shared(clock.now()))
						}
						if told {
							opts = append(opts, beckon.OnHeld(func(beckon.Identity, beckon.Held) {}))
						}
						swept(t, e, opts...)
					}
					clock.add(time.Hour)
				}
			}
			update(t, engines[0], "u1", "free")
			passes(3)
			wantHeld(t, what, engines[1], "news", 0, map[beckon.Reason]int64{beckon.ReasonAudience: 1})
			wantHeld(t, what, engines[1], "ending", 0, map[beckon.Reason]int64{beckon.ReasonFilter: 1})
			wantHeld(t, what, engines[1], "study", 0, map[beckon.Reason]int64{beckon.ReasonControl: 1, beckon.ReasonAlreadySent: 1})

			// A contact whose reason changes moves from one to the other.
			update(t, engines[0], "u2", "free")
			if err := engines[0].Unsubscribe(t.Context(), beckon.Identity{UserID: "u1"}, "email"); err != nil {
				t.Fatal(err)
			}
			update(t, engines[0], "u1", "pro")
			passes(2)
			wantHeld(t, what, engines[0], "news", 0, map[beckon.Reason]int64{beckon.ReasonAudience: 1, beckon.ReasonUnsubscribed: 1})

			// Who was sent it is held no more for what held them, and has had it.
			update(t, engines[0], "u2", "pro")
			passes(3)
			wantHeld(t, what, engines[0], "news", 1, map[beckon.Reason]int64{beckon.ReasonAlreadySent: 1, beckon.ReasonUnsubscribed: 1})

			// What a check holds counts until the next pass.
			if _, err := engines[0].Check(t.Context(), beckon.Identity{UserID: "u1"}); err != nil {
				t.Fatal(err)
			}
			wantHeld(t, what, engines[0], "news", 1, map[beckon.Reason]int64{beckon.ReasonAlreadySent: 1, beckon.ReasonUnsubscribed: 2})
			passes(1)
			wantHeld(t, what, engines[0], "news", 1, map[beckon.Reason]int64{beckon.ReasonAlreadySent: 1, beckon.ReasonUnsubscribed: 1})

			// Who is gone is not counted.
			if err := engines[0].Delete(t.Context(), beckon.Identity{UserID: "u1"}); err != nil {
				t.Fatal(err)
			}
			passes(1)
			wantHeld(t, what, engines[0], "news", 1, map[beckon.Reason]int64{beckon.ReasonAlreadySent: 1})
		}
	}
}

// Parts of a shared sweep that are given back, or taken over, count once.
func TestSharedSweepCountsPartsOnce(t *testing.T) {
	t.Parallel()
	for _, overlaps := range []bool{false, true} { // then pages do not end where parts do
		sharedSweepCountsPartsOnce(t, overlaps)
	}
}

func sharedSweepCountsPartsOnce(t *testing.T, overlaps bool) {
	t.Helper()
	const contacts, part = 4_200, 4_096
	engine, kept, clock := aheadWorld(t, contacts)
	other := replicas(t, engine, kept.Store, clock, 2)[1]
	kept.overlaps = overlaps
	free := int64(0)
	for i := 0; i < contacts; i += 5 {
		update(t, engine, fmt.Sprintf("u%03d", i), "free")
		free++
	}
	order := map[string]int{} // by key
	ids := make([]string, contacts)
	for i := range ids {
		ids[i] = fmt.Sprintf("u%03d", i)
	}
	slices.Sort(ids)
	for i, id := range ids {
		order[id] = i
	}
	sent, stalled := 0, false
	for d, err := range engine.Sweep(t.Context(), beckon.Shared(noon)) {
		if err != nil {
			t.Fatal(err)
		}
		if sent++; stalled || order[d.Contact.UserID] < part-100 {
			continue
		}
		stalled = true
		clock.add(beckon.LeaseFor)
		for d, err := range other.Sweep(t.Context(), beckon.Shared(noon)) {
			if err != nil {
				t.Fatal(err)
			}
			if sent++; order[d.Contact.UserID] >= part {
				break
			}
		}
		wantHeld(t, "in the middle", engine, "news", int64(sent), map[beckon.Reason]int64{})
	}
	if !stalled || int64(sent) != contacts-free {
		t.Errorf("%d sent, want %d", sent, contacts-free)
	}
	totals, err := other.Totals(t.Context(), "news")
	if err != nil {
		t.Fatal(err)
	}
	// Who was sent it before the part was taken over was judged once more.
	if n := totals.Held[beckon.ReasonAlreadySent]; totals.Held[beckon.ReasonAudience] != free || n == 0 || n > 400 {
		t.Errorf("after the pass: held %v, want audience %d", totals.Held, free)
	}
}

// A sweep that is cut short leaves the totals as they were; one that goes on from there
// counts all.
func TestSweepThatIsResumedCountsAll(t *testing.T) {
	t.Parallel()
	const contacts = 700
	engines, _, _ := heldWorld(t, 2)
	want := map[beckon.Reason]int64{}
	for i := range contacts {
		plan := "free"
		if i == 300 || i == 600 {
			plan = "pro"
		} else {
			want[beckon.ReasonAudience]++
		}
		update(t, engines[0], fmt.Sprintf("u%03d", i), plan)
	}
	var at store.Cursor
	opts := func() []beckon.RunOption {
		return []beckon.RunOption{beckon.ResumeAt(at), beckon.OnProgress(func(p beckon.Progress) { at = p.Cursor })}
	}
	for i := range 2 {
		for _, err := range engines[i].Sweep(t.Context(), opts()...) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		wantHeld(t, "cut short", engines[0], "news", int64(i)+1, map[beckon.Reason]int64{})
	}
	swept(t, engines[0], opts()...)
	// Who was sent it in a page that was cut short is looked at again.
	want[beckon.ReasonAlreadySent] = 2
	wantHeld(t, "at the end", engines[0], "news", 2, want)

	for _, err := range engines[0].Sweep(t.Context(), beckon.OnProgress(func(p beckon.Progress) { at = gocmp.Or(at, p.Cursor) })) {
		t.Fatalf("somebody was sent it twice, or %v", err)
	}
	swept(t, engines[1], beckon.ResumeAt(at))
	wantHeld(t, "after one from the middle on", engines[0], "news", 2, want)
	swept(t, engines[1])
	wantHeld(t, "after a whole one", engines[0], "news", 2, want)
}
