package beckon_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// sharedBy sweeps with several engines at once, and returns who was sent to by each.
func sharedBy(t *testing.T, engines []*beckon.Engine, pass time.Time) (got [][]string) {
	t.Helper()
	got = make([][]string, len(engines))
	errs := make([]error, len(engines))
	var all sync.WaitGroup
	for i, engine := range engines {
		all.Go(func() {
			for d, err := range engine.Sweep(t.Context(), beckon.Shared(pass)) {
				if err != nil {
					errs[i] = err
					return
				}
				got[i] = append(got[i], d.Contact.UserID)
			}
		})
	}
	all.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	return got
}

// replicas returns more engines over the store of one.
func replicas(t *testing.T, engine *beckon.Engine, kept beckon.Store, clock *hand, n int, opts ...beckon.Option) []*beckon.Engine {
	t.Helper()
	list := []*beckon.Engine{engine}
	for range n - 1 {
		other, err := beckon.New(kept, append(opts, beckon.WithClock(clock.now))...)
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Publish(t.Context(), aheadProgram()); err != nil {
			t.Fatal(err)
		}
		list = append(list, other)
	}
	return list
}

// few returns how many contacts a test has: under the race detector two parts of them.
func few(n int) int {
	if raceEnabled {
		return 4_500
	}
	return n
}

func wantEach(t *testing.T, what string, got []string, n int) {
	t.Helper()
	slices.Sort(got)
	if len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("%s: somebody got it twice", what)
	}
	if len(got) != n {
		t.Errorf("%s: %d got it, want %d", what, len(got), n)
	}
}

// Engines that share a sweep reach each contact once between them.
func TestSharedSweep(t *testing.T) {
	t.Parallel()
	contacts := few(13_000) // four parts
	engine, kept, clock := aheadWorld(t, contacts)
	engines := replicas(t, engine, kept.Store, clock, 3)
	got := sharedBy(t, engines, noon)
	wantEach(t, "three engines", slices.Concat(got...), contacts)

	// The pass is over, and a later one begins anew.
	for i := range 10 {
		if _, err := engine.Update(t.Context(), beckon.Contact{UserID: fmt.Sprint("new", i), Attributes: beckon.Attributes{"plan": beckon.String("pro")}}); err != nil {
			t.Fatal(err)
		}
	}
	wantEach(t, "the same pass again", slices.Concat(sharedBy(t, engines, noon)...), 0)
	wantEach(t, "an earlier pass", slices.Concat(sharedBy(t, engines, noon.Add(-time.Hour))...), 0)
	wantEach(t, "the next pass", slices.Concat(sharedBy(t, engines, noon.Add(time.Hour))...), 10)
}

// A store that does not skip is scanned for where parts end: the second part that an engine
// takes ends there, too, and leaves the rest to others.
func TestSharedSweepWithoutSkipper(t *testing.T) {
	t.Parallel()
	const part, contacts = 4096, 3*4096 + 100
	if raceEnabled {
		t.Skip("goroutines are not what is tried")
	}
	engine, kept, clock := aheadWorld(t, contacts)
	plain := struct{ beckon.Store }{kept.Store}
	engines := replicas(t, engine, plain, clock, 4)[1:]
	var all []string
	for i, n := range []int{1, part + 1, contacts} {
		var got []string
		next, stop := iter.Pull2(engines[i].Sweep(t.Context(), beckon.Shared(noon)))
		defer stop()
		for range n {
			d, err, more := next()
			if err != nil {
				t.Fatal(err)
			}
			if !more {
				break
			}
			got = append(got, d.Contact.UserID)
		}
		if all = append(all, got...); i == 2 && len(got) != contacts-3*part {
			t.Errorf("while one engine has the first part and another the third, a third engine got %d, want %d", len(got), contacts-3*part)
		}
	}
	if all = slices.Compact(slices.Sorted(slices.Values(all))); len(all) != 1+part+1+contacts-3*part {
		t.Errorf("%d contacts got it", len(all))
	}
}

// An engine alone does all parts; one that stops leaves its part to the others at once,
// and one that dies when its lease ends.
func TestSharedSweepIsTakenOver(t *testing.T) {
	t.Parallel()
	contacts := few(9_000)
	engine, kept, clock := aheadWorld(t, contacts, beckon.WithOutbox())
	others := replicas(t, engine, kept.Store, clock, 2, beckon.WithOutbox())[1:]
	var got []string
	for d, err := range engine.Sweep(t.Context(), beckon.Shared(noon)) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, d.Contact.UserID); len(got) == contacts/2 {
			break
		}
	}
	got = append(got, slices.Concat(sharedBy(t, others, noon)...)...)
	wantEach(t, "after a stop", got, contacts)

	// A later pass, and an engine whose store is gone in the middle.
	engine, kept, clock = aheadWorld(t, contacts, beckon.WithOutbox())
	others = replicas(t, engine, kept.Store, clock, 2, beckon.WithOutbox())[1:]
	got = nil
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for d, err := range engine.Sweep(ctx, beckon.Shared(noon)) {
		if err != nil {
			break
		}
		if got = append(got, d.Contact.UserID); len(got) == contacts/2 {
			kept.gone = true // the process ends
			cancel()
		}
	}
	kept.gone = false
	first := slices.Concat(sharedBy(t, others, noon)...)
	if n := len(got) + len(first); n >= contacts || len(first) == 0 {
		t.Errorf("%d and %d were sent while the part was leased, of %d", len(got), len(first), contacts)
	}
	clock.add(beckon.LeaseFor)
	got = slices.Concat(got, first, slices.Concat(sharedBy(t, others, noon)...))
	for d, err := range others[0].Outbox(t.Context()) { // what was committed and never handed out
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(got, d.Contact.UserID) {
			got = append(got, d.Contact.UserID)
		}
	}
	wantEach(t, "after a crash", got, contacts)
}

// A pass that is not over is finished before a later one begins.
func TestSharedSweepFinishesFirst(t *testing.T) {
	t.Parallel()
	engine, _, clock := aheadWorld(t, 100)
	n := 0
	for _, err := range engine.Sweep(t.Context(), beckon.Shared(noon)) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 50 {
			break
		}
	}
	clock.add(time.Hour)
	for _, err := range engine.Sweep(t.Context(), beckon.Shared(noon.Add(time.Hour))) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 100 {
		t.Errorf("%d sent, want 100", n)
	}
	for d, err := range engine.Sweep(t.Context(), beckon.Shared(noon)) {
		t.Errorf("a pass before the last one yields %s, %v", d.ID, err)
	}
}

// A slow consumer keeps its part: the lease goes on as long as it takes deliveries.
func TestSharedSweepSlow(t *testing.T) {
	t.Parallel()
	engine, kept, clock := aheadWorld(t, 200)
	other := replicas(t, engine, kept.Store, clock, 2)[1]
	var got []string
	for d, err := range engine.Sweep(t.Context(), beckon.Shared(noon)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.Contact.UserID)
		clock.add(beckon.LeaseFor / 3)
		for d, err := range other.Sweep(t.Context(), beckon.Shared(noon)) {
			t.Fatalf("another engine sent to %s, %v", d.Contact.UserID, err)
		}
	}
	wantEach(t, "slowly", got, 200)
}

// A clock that is ahead on one engine does not stop the others for as long: what it has
// begun is given up two passes later, also a part that it was at when it died. That is
// logged.
func TestSharedClockAhead(t *testing.T) {
	t.Parallel()
	const far = 72 * time.Hour
	for _, dies := range []bool{false, true} {
		var log bytes.Buffer
		contacts := 100
		engine, kept, clock := aheadWorld(t, contacts, beckon.WithOutbox(), beckon.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		wrong := &hand{}
		wrong.ms.Store(clock.now().Add(far).UnixMilli())
		ahead := replicas(t, engine, kept.Store, wrong, 2, beckon.WithOutbox())[1]
		n := 0
		gone := func(is bool) {
			kept.mu.Lock()
			defer kept.mu.Unlock()
			kept.gone = is
		}
		for _, err := range ahead.Sweep(t.Context(), beckon.Shared(noon.Add(far))) {
			if err != nil {
				break
			}
			if n++; dies && n == 10 {
				gone(true)
			}
		}
		gone(false)
		for i := range 10 {
			if _, err := engine.Update(t.Context(), beckon.Contact{UserID: fmt.Sprint("new", i), Attributes: beckon.Attributes{"plan": beckon.String("pro")}}); err != nil {
				t.Fatal(err)
			}
		}
		sweep := func(pass int) (got int) {
			t.Helper()
			for _, err := range engine.Sweep(t.Context(), beckon.Shared(noon.Add(time.Duration(pass)*time.Hour))) {
				if err != nil {
					t.Fatal(err)
				}
				got++
			}
			clock.add(time.Hour)
			return got
		}
		if got := sweep(0) + sweep(0); got != 0 || log.Len() > 0 {
			t.Errorf("dies %t: the first pass that meets it sends %d:\n%s", dies, got, &log)
		}
		if got := sweep(1); got < 10 || !strings.Contains(log.String(), `level=WARN msg="a run was ahead of the clock, and goes on from now" run="shared sweep" at=2026-03-05T12:00:00.000Z`) {
			t.Errorf("dies %t: the second pass that meets it sends %d, want 10 at least:\n%s", dies, got, &log)
		}
		// What was held is counted by the passes from now on.
		if _, err := engine.Update(t.Context(), beckon.Contact{UserID: "not pro"}); err != nil {
			t.Fatal(err)
		}
		log.Reset()
		if got := sweep(2); got != 0 || log.Len() > 0 {
			t.Errorf("dies %t: the third sends %d:\n%s", dies, got, &log)
		}
		totals, err := engine.Totals(t.Context(), aheadProgram().Messages[0].ID)
		if held := totals.Held[beckon.ReasonAudience] + totals.Held[beckon.ReasonAlreadySent]; err != nil || held != int64(contacts)+11 {
			t.Errorf("dies %t: totals %+v, %v: want %d held", dies, totals, err, contacts+11)
		}
	}
}

// Engines that share Due.
func TestSharedDue(t *testing.T) {
	t.Parallel()
	const contacts = 1_000
	engine, kept, clock := aheadWorld(t, 0)
	engines := replicas(t, engine, kept.Store, clock, 3)
	for i := range contacts {
		if _, err := engine.Track(t.Context(), beckon.Event{Name: "uploaded", UserID: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	clock.add(2 * time.Hour)
	got := make([][]string, len(engines))
	var all sync.WaitGroup
	for i, e := range engines {
		all.Go(func() {
			for d, err := range e.Due(t.Context(), beckon.Shared(noon)) {
				if err != nil {
					t.Error(err)
					return
				}
				got[i] = append(got[i], d.Contact.UserID)
			}
		})
	}
	all.Wait()
	wantEach(t, "due", slices.Concat(got...), contacts)
}
