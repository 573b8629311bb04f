package beckonwork

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/beckon-go/beckon"
)

// A Worker runs Due and Sweep, and makes what is pending. Its methods are safe for
// concurrent use.
type Worker struct {
	engine   *beckon.Engine
	cfg      config
	channels map[beckon.Channel]*channel
	running  atomic.Bool
}

// The errors of [Worker.Run].
var (
	ErrRunning  = errors.New("beckonwork: the worker runs already")
	ErrNoOutbox = errors.New("beckonwork: the engine has no outbox: make it with beckon.WithWorkers or beckon.WithOutbox")
	ErrDrain    = errors.New("beckonwork: sends did not end within the time to drain")
)

// New returns a worker for an engine, which needs [beckon.WithWorkers] or
// [beckon.WithOutbox], or a store whose other engines have it. A worker without
// a sender runs Due and Sweep alone. Faults of options come together.
func New(engine *beckon.Engine, opts ...Option) (*Worker, error) {
	w := &Worker{engine: engine, cfg: config{
		senders: make(map[beckon.Channel]Sender), timeout: DefaultTimeout, poll: DefaultPollEvery,
		due: DefaultDueEvery, sweep: DefaultSweepEvery, drain: DefaultDrain, clock: time.Now, logger: slog.Default(),
	}}
	var errs []error
	if engine == nil {
		errs = append(errs, errors.New("beckonwork: the engine is nil"))
	}
	for _, o := range opts {
		if o != nil {
			errs = append(errs, o(&w.cfg))
		}
	}
	errs = append(errs, w.cfg.policy.check())
	if engine != nil {
		errs = append(errs, w.cfg.fitLease(engine.Lease()))
	}
	if w.cfg.atOnce == 0 {
		w.cfg.atOnce = DefaultAtOnce
	}
	w.channels = make(map[beckon.Channel]*channel, len(w.cfg.order))
	for _, name := range w.cfg.order {
		w.channels[name] = &channel{w: w, name: name, sender: w.cfg.senders[name], slots: make(chan struct{}, w.cfg.atOnce), wake: make(chan struct{}, 1)}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return w, nil
}

// Run works until ctx ends, then drains: it begins nothing new, waits until the sends under
// way have ended, and returns nil. Those that take longer than the time to drain
// ([WithDrain]) have their context ended, and the error is then [ErrDrain]; what their
// senders answer counts as ever. No goroutine is left when it returns, unless a Sender takes
// no notice of its context: then it is left alone, and its delivery comes again when the
// lease has ended, also if it was made.
//
// It begins with the pass of Due and of Sweep whose time has come last, unless a worker has
// made it: where none ever ran, ongoing messages go to all who match, at once.
//
// What fails in the store is tried again, later and later, up to a minute apart. An engine
// that is closed, or has no outbox when Run begins ([ErrNoOutbox]), ends Run. A worker runs once at a time;
// else the error is [ErrRunning].
func (w *Worker) Run(ctx context.Context) error {
	if !w.running.CompareAndSwap(false, true) {
		return ErrRunning
	}
	defer w.running.Store(false)
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	sends, endSends := context.WithCancelCause(context.WithoutCancel(ctx))
	defer endSends(nil)
	acks := newAcks(w)
	s := &session{w: w, ctx: ctx, fail: end, sends: sends, made: acks.put}
	if err := s.waitForOutbox(); err != nil || ctx.Err() != nil {
		return err
	}
	go acks.run()
	var loops sync.WaitGroup
	if !w.cfg.noDue {
		loops.Go(func() { s.every("Due", w.cfg.due, w.engine.Due) })
	}
	if !w.cfg.noSweep {
		loops.Go(func() { s.every("Sweep", w.cfg.sweep, w.engine.Sweep) })
	}
	for _, name := range w.cfg.order {
		loops.Go(func() { s.work(w.channels[name]) })
	}
	<-ctx.Done()
	loops.Wait()
	began := time.Now()
	drained := s.drain(endSends)
	acks.end(w.cfg.drain - time.Since(began))
	if cause := context.Cause(ctx); errors.Is(cause, errEnds) {
		return errors.Join(errors.Unwrap(cause), drained)
	}
	return drained
}

// errEnds marks what ends a Run by itself.
var errEnds = errors.New("the worker cannot go on")

type ending struct{ error }

// Is implements what [errors.Is] asks for.
func (e *ending) Is(target error) bool { return target == errEnds }

// Unwrap returns the cause.
func (e *ending) Unwrap() error { return e.error }

// A session is one Run.
type session struct {
	w     *Worker
	ctx   context.Context // ends when the worker is to begin nothing new
	fail  context.CancelCauseFunc
	sends context.Context // ends when those under way are to end as well
	made  func(made)      // has a delivery acknowledged
	busy  sync.WaitGroup  // sends under way
}

// drain waits for the sends under way.
func (s *session) drain(endSends context.CancelCauseFunc) error {
	done := make(chan struct{})
	go func() { s.busy.Wait(); close(done) }()
	timer := time.NewTimer(s.w.cfg.drain)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
	}
	endSends(ErrDrain)
	timer.Reset(grace)
	select {
	case <-done:
	case <-timer.C: // a sender takes no notice
	}
	return fmt.Errorf("%w of %v", ErrDrain, s.w.cfg.drain)
}

// grace is how long a Sender may take to notice that its context has ended.
const grace = 2 * time.Second

// ends takes in an error of the engine. It reports whether it ends the worker.
func (s *session) ends(err error) bool {
	if errors.Is(err, beckon.ErrClosed) || errors.Is(err, ErrNoOutbox) {
		s.fail(&ending{err})
		return true
	}
	return false
}

// pause waits, and reports whether the worker still runs.
func (s *session) pause(d time.Duration) bool { return s.pauseOr(nil, d) }

// pauseOr is pause that may end early.
func (s *session) pauseOr(early <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-s.ctx.Done():
		return false
	case <-timer.C:
	case <-early:
	}
	return true
}

// A backoff is how long to wait after failures that follow each other: from a second to a
// minute.
type backoff struct{ p Policy }

func newBackoff() *backoff { return &backoff{Policy{First: time.Second, Most: time.Minute}} }

// failed waits after the nth failure, 1 or more.
func (s *session) failed(b *backoff, n int) bool { return s.pause(b.p.wait(n)) }
