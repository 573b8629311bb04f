// Package sharedmodel plays random histories of a run that engines share, over any store, and
// checks that all contacts are reached, and once. Engines fail in the middle, die, and have
// clocks that are wrong; contacts come, change, merge and go meanwhile.
package sharedmodel

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

// A TB is what of a test a history needs: that of package testing, or that of a property.
type TB interface {
	Helper()
	Log(args ...any)
	Fatalf(format string, args ...any)
}

func second[T any](_ T, err error) error { return err }

// A smallStore has few contacts on a page, and skips few for a part of a shared run: so a
// run over few contacts has many pages and parts. It is what one engine sees of the store.
type smallStore struct {
	*storetest.FaultStore
	kept       beckon.Store // behind it
	page, part int
	beside     bool
	before     func([]store.Step) // called at the beginning of each step
	after      func()             // and at its end
}

// Overlaps implements [store.Overlapper].
func (s *smallStore) Overlaps() bool { return s.beside }

// Scan implements [beckon.Store].
func (s *smallStore) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	return s.FaultStore.Scan(ctx, q, after, min(limit, s.page), fn)
}

// Skip implements [store.Skipper].
func (s *smallStore) Skip(ctx context.Context, q store.Query, after store.Cursor, n int) (store.Cursor, error) {
	if skipper, ok := s.kept.(store.Skipper); ok {
		return skipper.Skip(ctx, q, after, min(n, s.part))
	}
	return s.FaultStore.Scan(ctx, q, after, min(n, s.part), func(*store.Record) error { return nil })
}

// Step implements [beckon.Store].
func (s *smallStore) Step(ctx context.Context, steps []store.Step) error {
	if s.before != nil {
		s.before(steps)
	}
	err := s.FaultStore.Step(ctx, steps)
	if s.after != nil {
		s.after()
	}
	return err
}

// An ending decides as another, and ends a context then.
type ending struct {
	store.Decider
	end func()
}

// Decide implements [store.Decider].
func (d ending) Decide(rec *store.Record, c *store.Changes) error {
	defer d.end()
	return d.Decider.Decide(rec, c)
}

// A replica is an engine that shares runs with others, and the run that it is at.
type replica struct {
	kept   *smallStore
	clock  *hand
	engine *beckon.Engine
	next   func() (beckon.Delivery, error, bool)
	stop   func()
	cancel context.CancelFunc
}

// A world has replicas over one store, and notes who was sent what.
type world struct {
	t        TB
	r        *rand.Rand
	open     func() beckon.Store // as another process does
	outbox   bool
	message  string // "news": what is shared is a Sweep; "once": a Send; "later": a Due
	faults   bool
	fresh    int64 // contacts that were made meanwhile, and whom the message is not for
	strict   bool  // nothing happens to contacts that are there, so one pass is to reach them all
	slow     bool  // time passes, and no run is cut short; without it few time passes within a pass
	replicas []*replica
	plain    *beckon.Engine // of another process, with a clock that is right
	clock    *hand
	yielded  map[string]int    // by contact: how often a run has handed it out
	done     map[string]bool   // that is acknowledged
	made     map[string]bool   // a worker has done it
	loose    map[string]bool   // contacts that were deleted or merged: what is under way may come beside
	into     map[string]string // those that were merged
	known    map[string]bool   // contacts that are there; false: deleted or merged
	pro      map[string]bool
	got      map[string]bool // contacts that were sent to
	pass     time.Time
	paused   bool
	log      []string
}

func (w *world) note(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf(format, args...))
}

func (w *world) fatal(format string, args ...any) {
	w.t.Helper()
	for _, line := range w.log {
		w.t.Log(line)
	}
	w.t.Fatalf(format, args...)
}

// Program has a message for each kind of run.
func Program() beckon.Program {
	text := beckon.Content{Subject: "s", Body: "hello"}
	return beckon.Program{Messages: []beckon.Message{
		{ID: "news", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon().Add(-time.Hour), Audience: beckon.User("plan").Is("pro"), Content: text},
		{ID: "once", Channel: beckon.Email, Mode: beckon.OneOff, Status: beckon.Live, LiveAt: noon().Add(-time.Hour), Audience: beckon.User("plan").Is("pro"), Content: text},
		{ID: "later", Channel: beckon.Email, Status: beckon.Live, LiveAt: noon().Add(-24 * time.Hour), Trigger: beckon.On("uploaded").Unless("paid", beckon.Hours(1), ""), Content: text},
	}}
}

func (w *world) start(rep *replica) {
	kept := w.open()
	rep.kept = &smallStore{FaultStore: storetest.NewFaultStore(kept), kept: kept, page: 1 + w.r.IntN(5), part: 1 + w.r.IntN(12), beside: w.r.IntN(4) == 0}
	opts := []beckon.Option{beckon.WithClock(rep.clock.now)}
	if w.outbox {
		opts = append(opts, beckon.WithOutbox())
	}
	var err error
	if rep.engine, err = beckon.New(rep.kept, opts...); err == nil {
		err = rep.engine.Publish(context.Background(), Program())
	}
	if err != nil {
		w.fatal("%v", err)
	}
}

func (w *world) runOf(ctx context.Context, e *beckon.Engine, opts ...beckon.RunOption) iter.Seq2[beckon.Delivery, error] {
	switch w.message {
	case "once":
		return e.Send(ctx, "once", opts...)
	case "later":
		return e.Due(ctx, opts...)
	}
	return e.Sweep(ctx, opts...)
}

// take takes the next delivery of a replica's run.
func (w *world) take(i int) {
	rep := w.replicas[i]
	if rep.next == nil {
		ctx, cancel := context.WithCancel(context.Background())
		opts := []beckon.RunOption{beckon.Shared(w.pass), beckon.OnStopError(func(left []beckon.Delivery, _ error) { w.left(i, left) })}
		if n := w.r.IntN(4); n > 0 {
			opts = append(opts, beckon.Ahead([]int{1, 3, 64}[n-1]))
		}
		rep.cancel = cancel
		rep.next, rep.stop = iter.Pull2(w.runOf(ctx, rep.engine, opts...))
		w.note("%d begins pass %v", i, w.pass)
	}
	d, err, more := rep.next()
	switch {
	case !more:
		w.note("%d has ended", i)
		w.ends(rep)
	case err != nil:
		w.note("%d fails: %v", i, err)
		var failed *beckon.StoreError
		if !errors.As(err, &failed) && !errors.Is(err, context.Canceled) {
			w.fatal("the error is %v", err)
		}
		rep.kept.Heal()
		w.ends(rep)
	default:
		w.handed(i, d)
	}
}

// left notes what a run could not give back: without the outbox it is the host's to make.
func (w *world) left(i int, list []beckon.Delivery) {
	for _, d := range list {
		id := d.Contact.UserID
		w.note("%d could not give back that of %s", i, id)
		if w.loose[id] = true; !w.outbox {
			w.got[w.resolve(id)] = true
		}
	}
}

func (w *world) handed(i int, d beckon.Delivery) {
	id := d.Contact.UserID
	w.note("%d sends to %s", i, id)
	if w.yielded[id]++; w.yielded[id] > 1 && !w.loose[id] {
		w.fatal("%s is handed out twice", id)
	}
	if w.made[id] && !w.loose[id] {
		w.fatal("%s is handed out by a run, and was made by a worker", id)
	}
	w.got[w.resolve(id)] = true
	if w.outbox {
		w.must("acknowledge", w.plain.Acknowledge(context.Background(), d))
		w.done[id] = true
	}
}

// resolve returns the contact that a merged one has become.
func (w *world) resolve(id string) string {
	for w.into[id] != "" {
		id = w.into[id]
	}
	return id
}

func (w *world) ends(rep *replica) {
	rep.stop()
	rep.cancel()
	rep.next, rep.stop, rep.cancel = nil, nil, nil
}

// anEngine returns one of a replica, or one of another process, which knows nothing of
// what replicas have decided ahead.
func (w *world) anEngine() *beckon.Engine {
	if w.faults || w.r.IntN(2) == 0 {
		return w.plain
	}
	return w.replicas[w.r.IntN(len(w.replicas))].engine
}

func (w *world) must(what string, err error) {
	if err != nil {
		w.fatal("%s: %v", what, err)
	}
}

// add makes a contact, or changes whether the message is for it.
func (w *world) add(id string, pro bool) {
	ctx, at := context.Background(), w.resolve(id)
	switch {
	case w.message != "later":
		plan := map[bool]string{true: "pro", false: "free"}[pro]
		w.must("update", second(w.anEngine().Update(ctx, beckon.Contact{UserID: id, Attributes: beckon.Attributes{"plan": beckon.String(plan)}})))
		w.known[at], w.pro[at] = true, pro
	case pro && !w.pro[at]:
		w.must("track", second(w.anEngine().Track(ctx, beckon.Event{Name: "uploaded", UserID: id})))
		w.known[at], w.pro[at] = true, true
	default:
		w.must("update", second(w.anEngine().Update(ctx, beckon.Contact{UserID: id})))
		w.known[at] = true
	}
}

func (w *world) remove(id string) {
	w.must("delete", w.anEngine().Delete(context.Background(), beckon.Identity{UserID: id}))
	id = w.resolve(id)
	for from := range w.known {
		if w.resolve(from) == id {
			w.loose[from] = true
			defer delete(w.into, from)
		}
	}
	w.known[id], w.pro[id], w.loose[id], w.got[id] = false, false, true, false // it begins from nothing
}

func (w *world) merge(from, into string) {
	if from, into = w.resolve(from), w.resolve(into); from == into || !w.known[from] || !w.known[into] {
		return
	}
	w.must("merge", second(w.anEngine().Merge(context.Background(), beckon.Identity{UserID: from}, beckon.Identity{UserID: into})))
	w.loose[from], w.loose[into], w.into[from], w.known[from] = true, true, into, false
	w.got[into] = w.got[into] || w.got[from]
	w.pro[into] = w.pro[into] || w.message == "later" && w.pro[from]
	delete(w.pro, from) // should it begin again
}

func (w *world) someone() string { return fmt.Sprintf("u%02d", w.r.IntN(60)) }
