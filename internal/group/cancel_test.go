package group_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/beckon-go/beckon/internal/group"
)

func TestCancelledWaiterLeaves(t *testing.T) {
	s := newServer()
	q := group.New(10, 1, s.run)
	var n, never int
	leader := do(t.Context(), q, &n, "a")
	wantGroup(t, s, "a")
	ctx, cancel := context.WithCancel(t.Context())
	waiter := do(ctx, q, &never, "b")
	queued(q, 1)
	last := do(t.Context(), q, &n, "c")
	queued(q, 2)
	cancel()
	if err := <-waiter; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	if queued, aboard := q.Counted(); queued != 1 || aboard != 1 {
		t.Errorf("%d items wait, %d are under way, want one of each", queued, aboard)
	}
	s.proceed <- nil
	wantGroup(t, s, "c")
	s.proceed <- nil
	if err := errors.Join(<-leader, <-last); err != nil || n != 2 || never != 0 {
		t.Errorf("%v; %d carried out, and %d of the one that left", err, n, never)
	}
}

// Who leaves while the group is under way is not touched any more; the others
// of the group are carried out.
func TestCancelledUnderWay(t *testing.T) {
	s := newServer()
	q := group.New(10, 1, s.run)
	var n, gone int
	first := do(t.Context(), q, &n, "a")
	wantGroup(t, s, "a")
	stays := do(t.Context(), q, &n, "b")
	queued(q, 1)
	ctx, cancel := context.WithCancel(t.Context())
	leaves := do(ctx, q, &gone, "c")
	queued(q, 2)
	s.proceed <- nil
	wantGroup(t, s, "b", "c")
	cancel()
	if err := <-leaves; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	s.proceed <- nil
	if err := errors.Join(<-first, <-stays); err != nil || n != 2 || gone != 0 || s.ended.Load() != 0 {
		t.Errorf("%v; %d carried out, %d of the one that left, %d groups ended", err, n, gone, s.ended.Load())
	}
}

// The end of the leader's context is not the end of its group, as long as
// somebody else waits for it.
func TestCancelledLeaderHarmsNobody(t *testing.T) {
	s := newServer()
	q := group.New(10, 1, s.run)
	var n int
	first := do(t.Context(), q, &n, "a")
	wantGroup(t, s, "a")
	ctx, cancel := context.WithCancel(t.Context())
	leader := do(ctx, q, &n, "b")
	queued(q, 1)
	other, leave := context.WithCancel(t.Context())
	member := do(other, q, &n, "c")
	queued(q, 2)
	s.proceed <- nil
	wantGroup(t, s, "b", "c")
	cancel()
	s.proceed <- nil
	if err := errors.Join(<-first, <-leader, <-member); err != nil || n != 3 {
		t.Errorf("%v, %d carried out", err, n)
	}

	// With nobody left the group ends.
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	first = do(t.Context(), q, &n, "a")
	wantGroup(t, s, "a")
	leader = do(ctx, q, &n, "b")
	queued(q, 1)
	member = do(other, q, &n, "c")
	queued(q, 2)
	s.proceed <- nil
	wantGroup(t, s, "b", "c")
	leave()
	if err := <-member; !errors.Is(err, context.Canceled) {
		t.Errorf("the member: %v", err)
	}
	cancel()
	if err := <-leader; !errors.Is(err, context.Canceled) || s.ended.Load() != 1 {
		t.Errorf("the leader: %v; %d groups ended", err, s.ended.Load())
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// A leader whose context has ended is told so, whatever became of its group.
func TestCancelledLeaderOfFailure(t *testing.T) {
	s := newServer()
	q := group.New(10, 1, s.run)
	var n int
	first := do(t.Context(), q, &n, "a")
	wantGroup(t, s, "a")
	ctx, cancel := context.WithCancel(t.Context())
	leader := do(ctx, q, &n, "b")
	queued(q, 1)
	member := do(t.Context(), q, &n, "c")
	queued(q, 2)
	s.proceed <- nil
	wantGroup(t, s, "b", "c")
	cancel()
	lost := errors.New("lost")
	s.proceed <- lost
	if err := <-leader; !errors.Is(err, context.Canceled) {
		t.Errorf("the leader: %v", err)
	}
	if err := errors.Join(<-first, <-member); !errors.Is(err, lost) || n != 1 {
		t.Errorf("the member: %v; %d carried out", err, n)
	}
}

// A countingContext counts what waits for its end.
type countingContext struct {
	context.Context
	never   chan struct{}
	waiting atomic.Int64
}

func (c *countingContext) Done() <-chan struct{} { return c.never }

// AfterFunc is what package context asks for.
func (c *countingContext) AfterFunc(func()) (stop func() bool) {
	c.waiting.Add(1)
	return func() bool { c.waiting.Add(-1); return true }
}

// A call leaves nothing behind with its context, which may be that of a whole
// program.
func TestContextIsLeftAlone(t *testing.T) {
	ctx := &countingContext{Context: t.Context(), never: make(chan struct{})}
	var under int64
	q := group.New(10, 1, func(context.Context, []*item) { under = ctx.waiting.Load() })
	if err := q.Do(ctx, []item{{Key: "a"}}); err != nil {
		t.Fatal(err)
	}
	if left := ctx.waiting.Load(); under != 1 || left != 0 {
		t.Errorf("%d functions wait for the end of the context during a group, %d after it; want 1 and 0", under, left)
	}
}

func TestLoneLeaderIsCancelled(t *testing.T) {
	s := newServer()
	q := group.New(10, 1, s.run)
	var n int
	ctx, cancel := context.WithCancel(t.Context())
	lone := do(ctx, q, &n, "a")
	wantGroup(t, s, "a")
	cancel()
	if err := <-lone; !errors.Is(err, context.Canceled) || n != 0 {
		t.Errorf("got %v, %d carried out", err, n)
	}
	next := do(t.Context(), q, &n, "a")
	wantGroup(t, s, "a")
	s.proceed <- nil
	if err := <-next; err != nil || n != 1 {
		t.Errorf("the next: %v, %d carried out", err, n)
	}
}

// A deafContext ends without telling those who wait for it.
type deafContext struct {
	context.Context
	ended atomic.Bool
}

func (c *deafContext) Err() error {
	if c.ended.Load() {
		return context.Canceled
	}
	return nil
}

// Who is to lead just when its context ends passes the lead on.
func TestLeadIsPassedOn(t *testing.T) {
	s := newServer()
	q := group.New(10, 1, s.run)
	var n, never int
	first := do(t.Context(), q, &n, "a")
	wantGroup(t, s, "a")
	ending := &deafContext{Context: t.Context()}
	chosen := do(ending, q, &never, "b")
	queued(q, 1)
	last := do(t.Context(), q, &n, "c")
	queued(q, 2)
	ending.ended.Store(true)
	s.proceed <- nil
	if err := <-chosen; !errors.Is(err, context.Canceled) {
		t.Errorf("the chosen: %v", err)
	}
	wantGroup(t, s, "c")
	if queued, aboard := q.Counted(); queued != 0 || aboard != 1 {
		t.Errorf("%d items wait, %d are under way, want 0 and 1", queued, aboard)
	}
	s.proceed <- nil
	if err := errors.Join(<-first, <-last); err != nil || n != 2 || never != 0 {
		t.Errorf("%v; %d carried out, and %d of the one that left", err, n, never)
	}
}
