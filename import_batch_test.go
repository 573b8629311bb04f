package beckon_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// A besideStore takes steps beside one another, and has something happen before them.
type besideStore struct {
	beckon.Store
	atStep func(ctx context.Context, steps []store.Step) error
}

func (s *besideStore) Overlaps() bool { return true }

func (s *besideStore) Step(ctx context.Context, steps []store.Step) error {
	if s.atStep != nil {
		if err := s.atStep(ctx, steps); err != nil {
			return err
		}
	}
	return s.Store.Step(ctx, steps)
}

// aboutContact returns the number of the contact "u…" that comes first, from 0.
func aboutContact(steps []store.Step) (n int, ok bool) {
	if steps[0].Key.Kind != store.KindUser {
		return 0, false
	}
	_, err := fmt.Sscanf(steps[0].Key.ID, "u%d", &n)
	return n, err == nil
}

// Two batches are committed beside each other, and a third waits for one of them.
func TestImportBeside(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	under, most, both := 0, 0, make(chan struct{})
	kept := &besideStore{Store: memstore.New()}
	kept.atStep = func(ctx context.Context, steps []store.Step) error {
		n, ok := aboutContact(steps)
		if !ok {
			return nil
		}
		mu.Lock()
		under++
		if most = max(most, under); n == 256 {
			close(both)
		}
		mu.Unlock()
		if n == 0 { // the first waits for the second, if that comes
			select {
			case <-both:
			case <-time.After(10 * time.Second): //nolint:forbidigo // only if it fails
				t.Error("the second batch waits for the first")
			}
		}
		mu.Lock()
		defer mu.Unlock()
		under--
		return ctx.Err()
	}
	e, err := beckon.New(kept)
	if err != nil {
		t.Fatal(err)
	}
	var done []int64
	for f, err := range e.Import(t.Context(), numbered(1_400, func(int) {}), beckon.OnProgress(func(p beckon.Progress) { done = append(done, p.Done) })) {
		t.Fatal(f, err)
	}
	if d := cmp.Diff([]int64{256, 512, 768, 1024, 1280, 1400, 1400}, done); d != "" || most > 2 {
		t.Error(most, "at once; progress:", d)
	}
	if n, err := e.Count(t.Context(), beckon.Rule{}); n != 1_400 || err != nil {
		t.Error(n, err)
	}
}

// C1, E5: batches beside each other leave what updates and events leave one by one, also
// where they are slow by turns.
func TestImportBesideIsOneByOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 4))
		var lines []string
		spell := 0
		for len(lines) < 900 {
			// Mostly others than those before, so that batches go beside each other.
			for range r.IntN(400) {
				spell++
				who := fmt.Sprintf(`"user_id":"n%d"`, spell)
				switch r.IntN(4) {
				case 0:
					lines = append(lines, fmt.Sprintf(`{"event_name":%q,%s,"created_at":%d}`, []string{"Fresh", "fresh", "FRESH"}[r.IntN(3)], who, noon.Unix()-9))
				case 1:
					lines = append(lines, fmt.Sprintf(`{%s,"companies":[{"company_id":"c%d","attributes":{"seats":%d}}]}`, who, r.IntN(3), r.IntN(9)))
				case 2:
					lines = append(lines, fmt.Sprintf(`{%s,"companies":[{"company_id":"full","attributes":{"y%d":1}}]}`, who, r.IntN(9)))
				default:
					lines = append(lines, fmt.Sprintf(`{%s,"name":"N%d"}`, who, spell))
				}
			}
			for range r.IntN(4) {
				lines = append(lines, importLine(r))
			}
		}
		slow := r.IntN(3)
		sameAs(t, rt, lines, func(kept *memstore.Store) beckon.Store {
			n := 0
			var mu sync.Mutex
			return &besideStore{Store: kept, atStep: func(context.Context, []store.Step) error {
				mu.Lock()
				n++
				turn := n
				mu.Unlock()
				if turn%3 == slow && turn > 20 {
					time.Sleep(200 * time.Microsecond) //nolint:forbidigo // the order of goroutines is what is tried
				}
				return nil
			}}
		})
	})
}

// Of two batches with one contact the second waits for the end of the first, also for what
// comes between.
func TestImportBesideKeepsOrder(t *testing.T) {
	t.Parallel()
	for _, last := range []string{`{"user_id":"u0","attributes":{"n":2}}`, `{"email":"a@b.example","attributes":{"n":2}}`} {
		kept := &besideStore{Store: memstore.New()}
		e, err := beckon.New(kept)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		ended := false
		kept.atStep = func(_ context.Context, steps []store.Step) error {
			n, ok := aboutContact(steps)
			switch {
			case !ok:
			case n == 0 && len(steps) == 256:
				time.Sleep(20 * time.Millisecond) //nolint:forbidigo // who does not wait is quicker
				mu.Lock()
				ended = true
				mu.Unlock()
			default:
				mu.Lock()
				defer mu.Unlock()
				if !ended && len(steps) == 1 {
					t.Errorf("%v is written while what comes before is under way", steps[0].Key)
				}
			}
			return nil
		}
		text := `{"user_id":"u0","email":"a@b.example","attributes":{"n":1}}` + "\n"
		for i := range 255 {
			text += fmt.Sprintf(`{"user_id":"u%d"}`+"\n", i+1)
		}
		if faults := importAll(t, e, text+last); faults != nil {
			t.Error(faults)
		}
		if n, err := e.Count(t.Context(), beckon.User("n").Is(2)); n != 1 || err != nil {
			t.Error(last, n, err)
		}
		if n, err := e.Count(t.Context(), beckon.Rule{}); n != 256 || err != nil {
			t.Error(last, n, err)
		}
	}
}

// If a batch fails, or the consumer stops, what was committed beside it does not count as
// done, nothing is left under way, and to resume leaves what a whole import does.
func TestImportBesideFails(t *testing.T) {
	t.Parallel()
	clock := &hand{}
	clock.set(noon)
	engine := func(kept beckon.Store) *beckon.Engine {
		e, err := beckon.New(kept, beckon.WithClock(clock.now))
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	quiet := func(int) {}
	whole := memstore.New()
	for f, err := range engine(whole).Import(t.Context(), numbered(1_400, quiet)) {
		t.Fatal(f, err)
	}
	for _, c := range []struct {
		name  string
		fails int // the contact with whose batch that happens
		err   error
		panic bool
		done  int64
	}{
		{"the first", 0, errStore, false, 0},
		{"the third", 512, errStore, false, 512},
		{"the last", 1_280, errStore, false, 1_280},
		{"a panic", 512, nil, true, 512},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			own := memstore.New()
			var mu sync.Mutex
			under, failing := 0, true
			kept := &besideStore{Store: own, atStep: func(_ context.Context, steps []store.Step) error {
				mu.Lock()
				defer mu.Unlock()
				if n, ok := aboutContact(steps); ok && n == c.fails && failing {
					if c.panic {
						panic("broken")
					}
					return c.err
				}
				return nil
			}}
			kept.Store = &countedStore{Store: own, mu: &mu, under: &under}
			e := engine(kept)
			var at beckon.Progress
			var failed any
			func() {
				defer func() {
					if p := recover(); p != nil {
						failed = p
					}
				}()
				for _, err := range e.Import(t.Context(), numbered(1_400, quiet), beckon.OnProgress(func(p beckon.Progress) { at = p })) {
					failed = err
				}
			}()
			mu.Lock()
			if failing = false; failed == nil || at.Done != c.done || under != 0 {
				t.Errorf("failed: %v; progress: %+v; %d under way", failed, at, under)
			}
			mu.Unlock()
			for f, err := range e.Import(t.Context(), numbered(1_400, quiet), beckon.ResumeAt(at.Cursor)) {
				t.Fatal(f, err)
			}
			if d := cmp.Diff(recordsOf(t, whole), recordsOf(t, own)); d != "" {
				t.Error("resumed:", d)
			}
		})
	}
}

// A countedStore counts steps under way.
type countedStore struct {
	beckon.Store
	mu    *sync.Mutex
	under *int
}

func (s *countedStore) Step(ctx context.Context, steps []store.Step) error {
	add := func(n int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		*s.under += n
	}
	add(1)
	defer add(-1)
	return s.Store.Step(ctx, steps)
}

// A consumer that stops leaves nothing under way.
func TestImportBesideStops(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	under := 0
	e, err := beckon.New(&besideStore{Store: &countedStore{Store: memstore.New(), mu: &mu, under: &under}})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	text.WriteString("{}\n")
	for i := range 2_000 {
		fmt.Fprintf(&text, `{"user_id":"u%d"}`+"\n", i)
	}
	for f, err := range e.Import(t.Context(), beckon.ImportLines(strings.NewReader(text.String()))) {
		if err != nil || f.Item != 1 {
			t.Error(f, err)
		}
		break
	}
	mu.Lock()
	defer mu.Unlock()
	n, err := e.Count(t.Context(), beckon.Rule{})
	if under != 0 || err != nil || n < 255 || n > 3*256 {
		t.Error(under, "under way;", n, "contacts", err)
	}
}
