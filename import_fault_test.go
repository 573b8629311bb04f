package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

// Items that are nil are none, as an empty file is: no panic leaves the engine.
func TestImportOfNothing(t *testing.T) {
	t.Parallel()
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	done := 0
	for fault, err := range engine.Import(t.Context(), nil, beckon.OnProgress(func(p beckon.Progress) {
		if done++; p.Done != 0 || p.Cursor != "" {
			t.Errorf("got %+v", p)
		}
	})) {
		t.Errorf("got %v, %v", fault, err)
	}
	if done != 1 {
		t.Errorf("the end was told %d times", done)
	}
}

// An import whose store fails now and then, or whose context ends, and that is resumed where
// its progress says, leaves what a whole one does, and tells of each item that it could not
// take. Whom an address means may be otherwise the second time, so nobody is named by one, and
// nobody leaves a company: who joins again comes last. Of event names the next event tells.
func TestImportResumesAnywhere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 6))
		var lines []string
		for want := 1 + r.IntN(600); len(lines) < want; {
			if line := importLine(r); !strings.Contains(line, `"email":`) && !strings.Contains(line, `"old"`) {
				lines = append(lines, line)
			}
		}
		text := strings.Join(lines, "\n")
		whole, own := memstore.New(), memstore.New()
		want := importAll(rt, importWorld(t, whole), text)

		faulty := storetest.NewFaultStore(own)
		var kept beckon.Store = faulty
		if r.IntN(2) == 0 {
			kept = &besideStore{Store: faulty}
		}
		e := importWorld(t, kept)
		told := map[int64]string{}
		at, tries := store.Cursor(""), 0
		for ended := false; !ended; tries++ {
			ctx, cancel := context.WithCancel(context.Background())
			calls := r.IntN(12)
			switch {
			case tries == 20: // that is enough
			case r.IntN(3) > 0:
				faulty.Arm(1+calls, []storetest.Fault{storetest.FailBefore, storetest.FailAfter, storetest.CrashBefore, storetest.CrashAfter}[r.IntN(4)], nil)
			default:
				faulty.Arm(1+calls, []storetest.Fault{storetest.HangBefore, storetest.HangAfter}[r.IntN(2)], cancel)
			}
			opts := []beckon.RunOption{beckon.ResumeAt(at), beckon.OnProgress(func(p beckon.Progress) {
				at, ended = p.Cursor, p.Cursor == ""
			})}
			for f, err := range e.Import(ctx, beckon.ImportLines(strings.NewReader(text)), opts...) {
				if err == nil {
					told[f.Item] = fmt.Sprintf("%d: %v", f.Item, f.Err)
					continue
				}
				if ended = false; !errors.Is(err, errStore) && !errors.Is(err, context.Canceled) {
					rt.Fatal(err)
				}
			}
			cancel()
			faulty.Heal()
		}
		var got []string
		for i := range lines {
			if text, is := told[int64(i+1)]; is {
				got = append(got, text)
			}
		}
		if d := cmp.Diff(want, slices.Clip(got)); d != "" {
			rt.Fatal("faults:", d)
		}
		people := func(kept *memstore.Store) []string {
			return slices.DeleteFunc(contents(t, kept), func(s string) bool { return strings.HasPrefix(s, "{event name ") })
		}
		if d := cmp.Diff(people(whole), people(own)); d != "" {
			rt.Fatal(d)
		}
	})
}

// What a store says of one step of a batch ends an import if it is not about the record: the
// item is to be taken when the import is resumed. Else it is told, and all others are taken.
func TestImportStepFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		ends bool
	}{
		{&beckon.Error{Code: "store_unavailable"}, true},
		{&beckon.Error{Code: "store_busy"}, true},
		{&beckon.Error{Code: "store_unknown_outcome"}, true},
		{&beckon.Error{Code: "store_read_only"}, true},
		{beckon.ErrClosed, true},
		{context.Canceled, true},
		{context.DeadlineExceeded, true},
		{&beckon.Error{Code: "store_refused"}, false},
		{&beckon.Error{Code: "store_full"}, false},
		{store.Damaged(store.Key{Kind: store.KindUser, ID: "u300"}, nil, &beckon.Error{Code: store.ErrDataCorrupt}), false},
		{errStore, false},
	} {
		for _, kind := range []store.Kind{store.KindUser, store.KindCompany} {
			failing := true
			kept := &stepErrStore{Store: memstore.New(), err: func(key store.Key) error {
				if failing && key.Kind == kind && (key.ID == "u300" || key.ID == "c6") {
					return c.err
				}
				return nil
			}}
			e, err := beckon.New(kept)
			if err != nil {
				t.Fatal(err)
			}
			var at beckon.Progress
			var ended error
			told := 0
			progress := beckon.OnProgress(func(p beckon.Progress) { at = p })
			for f, err := range e.Import(t.Context(), numbered(600, func(int) {}), progress) {
				if ended = err; err == nil && f.Err != nil {
					told++
				}
			}
			n, err := e.Count(t.Context(), beckon.Rule{})
			if err != nil {
				t.Fatal(err)
			}
			if want := errors.Is(ended, c.err); want != c.ends || c.ends && (told > 0 || at.Done > 256) || !c.ends && n+told != 600 {
				t.Errorf("%v: ended with %v, %d told, progress %+v, %d contacts", c.err, ended, told, at, n)
			}
			if failing = false; !c.ends {
				continue
			}
			for f, err := range e.Import(t.Context(), numbered(600, func(int) {}), progress, beckon.ResumeAt(at.Cursor)) {
				t.Fatal(f, err)
			}
			if n, err := e.Count(t.Context(), beckon.Rule{}); n != 600 || err != nil {
				t.Errorf("%v: resumed, there are %d contacts, %v", c.err, n, err)
			}
		}
	}
}

// A stepErrStore does not commit some steps, and says so of each.
type stepErrStore struct {
	beckon.Store
	err func(store.Key) error
}

func (s *stepErrStore) Step(ctx context.Context, steps []store.Step) error {
	var good []store.Step
	var places []int
	for i := range steps {
		if steps[i].Err = s.err(steps[i].Key); steps[i].Err == nil {
			good, places = append(good, steps[i]), append(places, i)
		}
	}
	err := s.Store.Step(ctx, good)
	for i, place := range places {
		steps[place].Err = good[i].Err
	}
	return err
}
