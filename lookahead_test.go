package beckon_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// An overlapStore is a store that overlaps calls, and in which something happens at the
// beginning of a scan.
type overlapStore struct {
	*stepCounter
	atScan  func(ctx context.Context, n int) error // the n-th, from 1
	scans   atomic.Int64
	inScans atomic.Int64
	first   []string     // who the first scan has shown
	places  sync.Map     // where scans began
	again   atomic.Int64 // scans of a place where one began before
}

// outside returns how many the first scan has shown who are not in the audience.
func (s *overlapStore) outside() (n int64) {
	for _, id := range s.first {
		if i, _ := strconv.Atoi(id[1:]); i%3 == 0 {
			n++
		}
	}
	return n
}

func (s *overlapStore) Overlaps() bool { return true }

func (s *overlapStore) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	s.inScans.Add(1)
	defer s.inScans.Add(-1)
	n := int(s.scans.Add(1))
	if _, before := s.places.LoadOrStore(after, true); before {
		s.again.Add(1)
	}
	if s.atScan != nil {
		if err := s.atScan(ctx, n); err != nil {
			return "", err
		}
	}
	return s.stepCounter.Scan(ctx, q, after, limit, func(rec *store.Record) error {
		if n == 1 {
			s.first = append(s.first, rec.Key.ID)
		}
		return fn(rec)
	})
}

// overlapWorld is aheadWorld over a store that overlaps calls. Every third of the
// contacts is not in the audience of "news".
func overlapWorld(t *testing.T, n int, opts ...beckon.Option) (*beckon.Engine, *overlapStore, *hand) {
	t.Helper()
	engine, kept, clock := aheadWorld(t, n, opts...)
	for i := 0; i < n; i += 3 {
		if _, err := engine.Update(t.Context(), beckon.Contact{UserID: fmt.Sprintf("u%03d", i), Attributes: beckon.Attributes{"plan": beckon.String("free")}}); err != nil {
			t.Fatal(err)
		}
	}
	s := &overlapStore{stepCounter: kept}
	engine, err := beckon.New(s, append(opts, beckon.WithClock(clock.now))...)
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), aheadProgram()); err != nil {
		t.Fatal(err)
	}
	s.scans.Store(0)
	s.first = nil
	return engine, s, clock
}

// held returns how many contacts were held for the audience of "news".
func heldForAudience(t *testing.T, engine *beckon.Engine) int64 {
	t.Helper()
	totals, err := engine.Totals(context.Background(), "news")
	if err != nil {
		t.Fatal(err)
	}
	return totals.Held[beckon.ReasonAudience]
}

// Over a store that overlaps calls the pages behind are looked at while one is handed out.
// Each contact comes once, and counts once.
func TestLooksAhead(t *testing.T) {
	t.Parallel()
	engine, s, _ := overlapWorld(t, 600)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	second := make(chan struct{})
	s.atScan = func(_ context.Context, n int) error {
		if n == 2 {
			close(second)
		}
		return nil
	}
	var got []string
	for d, err := range engine.Sweep(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, d.Contact.UserID); len(got) == 1 {
			select {
			case <-second:
			case <-ctx.Done():
				t.Fatal("nobody looks at the next page")
			}
		}
	}
	if slices.Sort(got); len(got) != 400 || len(slices.Compact(slices.Clone(got))) != 400 {
		t.Errorf("%d were sent, want 400", len(got))
	}
	if n := heldForAudience(t, engine); n != 200 {
		t.Errorf("%d were held for the audience, want 200", n)
	}
}

// errPanic is what a consumer, or a store, panics with.
var errPanic = errors.New("a panic")

// A look ahead ends before the run does, whatever ends that. What nobody came to does not
// count.
func TestLooksAheadEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		stop func(cancel func()) bool
	}{
		{"stops", func(func()) bool { return false }},
		{"panics", func(func()) bool { panic(errPanic) }},
		{"has its context ended", func(cancel func()) bool { cancel(); return true }},
	} {
		engine, s, _ := overlapWorld(t, 600)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		second := make(chan struct{})
		s.atScan = func(ctx context.Context, n int) error {
			if n == 2 {
				close(second)
				<-ctx.Done()
			}
			return ctx.Err()
		}
		n := 0
		var last error
		func() {
			defer func() {
				if v := recover(); v != nil && v != any(errPanic) {
					t.Error(v)
				}
			}()
			for _, err := range engine.Sweep(ctx) {
				if last = err; err != nil {
					break
				}
				if n++; n == 5 {
					<-second
					if !c.stop(cancel) {
						break
					}
				}
			}
		}()
		cancel()
		if running := s.inScans.Load(); running != 0 || s.scans.Load() != 2 {
			t.Errorf("a consumer %s: %d of %d scans are under way after the run", c.name, running, s.scans.Load())
		}
		if last != nil && !errors.Is(last, context.Canceled) {
			t.Errorf("a consumer %s: %v", c.name, last)
		}
		if n := heldForAudience(t, engine); n != 0 || len(s.first) != 64 {
			t.Errorf("a consumer %s: %d were held for the audience, want none of a sweep that is not over", c.name, n)
		}
		s.atScan = nil
		if rest := sweptUntil(t, engine, 0, nil); len(rest) != 400-n {
			t.Errorf("a consumer %s: the next sweep sends %d, want the other %d", c.name, len(rest), 400-n)
		}
		if held := heldForAudience(t, engine); held != 200 {
			t.Errorf("a consumer %s: after the next sweep %d were held for the audience, want 200", c.name, held)
		}
	}
}

// What fails in a look ahead is told when its page comes, as if it were looked at then.
func TestLooksAheadFail(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		fail func() error
	}{
		{"fails", func() error { return errStore }},
		{"panics", func() error { panic(errPanic) }},
	} {
		engine, s, _ := overlapWorld(t, 600)
		s.atScan = func(_ context.Context, n int) error {
			if n == 2 {
				return c.fail()
			}
			return nil
		}
		n := 0
		var last error
		func() {
			defer func() {
				if v := recover(); v != nil {
					last, _ = v.(error)
				}
			}()
			for _, err := range engine.Sweep(t.Context()) {
				if last = err; err == nil {
					n++
				}
			}
		}()
		if n != 64-int(s.outside()) || !errors.Is(last, errStore) && !errors.Is(last, errPanic) {
			t.Errorf("a store that %s: %d were sent, want those of the first page; %v", c.name, n, last)
		}
		if running := s.inScans.Load(); running != 0 {
			t.Errorf("a store that %s: %d scans are under way after the run", c.name, running)
		}
	}
}

// What was looked at more than a second ago is looked at again, and for a slow consumer
// nothing is looked at ahead.
func TestLooksAheadOfTheSlow(t *testing.T) {
	t.Parallel()
	engine, s, clock := overlapWorld(t, 600)
	looked := make(chan struct{})
	s.atScan = func(_ context.Context, n int) error {
		if n == 3 { // the second page is there
			close(looked)
		}
		return nil
	}
	n := 0
	for _, err := range engine.Sweep(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 1 {
			<-looked
			for i := 0; i < 600; i += 3 {
				id := fmt.Sprintf("u%03d", i)
				if slices.Contains(s.first, id) {
					continue
				}
				if _, err := engine.Update(t.Context(), beckon.Contact{UserID: id, Attributes: beckon.Attributes{"plan": beckon.String("pro")}}); err != nil {
					t.Fatal(err)
				}
			}
		}
		clock.add(time.Second)
	}
	if n != 600-int(s.outside()) {
		t.Errorf("%d were sent, want all but those of the first page", n)
	}
	if scans := s.scans.Load(); scans > 4+2 {
		t.Errorf("%d scans for four pages", scans)
	}
}

// A look ahead sees what the engine has changed of a company since.
func TestLooksAheadAtCompanies(t *testing.T) {
	t.Parallel()
	engine, s, _ := overlapWorld(t, 600)
	p := aheadProgram()
	p.Messages[0].Audience = beckon.Company("open").Is(true)
	if err := engine.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	join := func(id string, open bool) {
		company := beckon.Membership{CompanyID: "shared", Attributes: beckon.Attributes{"open": beckon.Bool(open)}}
		if _, err := engine.Update(t.Context(), beckon.Contact{UserID: id, Companies: []beckon.Membership{company}}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 600 {
		join(fmt.Sprintf("u%03d", i), i > 0)
	}
	join("u000", true)
	s.scans.Store(0)
	s.places.Clear()
	s.again.Store(0)
	looked := make(chan struct{})
	s.atScan = func(_ context.Context, n int) error {
		if n == 3 {
			close(looked)
		}
		return nil
	}
	n := 0
	for _, err := range engine.Sweep(t.Context(), beckon.Ahead(1)) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 64 {
			<-looked
			join("u599", false)
		}
	}
	if again := s.again.Load(); n != 64 || again == 0 {
		t.Errorf("%d were sent, and %d pages looked at again; want those before the company closed, and the page behind", n, again)
	}
}
