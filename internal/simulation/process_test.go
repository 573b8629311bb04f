package simulation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonwork"
)

// A process has an engine. When it dies nothing of it is left but what is in
// the store.
type process struct {
	w        *world
	place    int
	name     string
	engine   *beckon.Engine
	dead     bool
	leaves   bool          // e-mail to the workers
	offset   time.Duration // of its clock from true time
	running  *version      // the program that its engine has
	coming   *version      // that may have it already; nil: none
	past     []pastVersion // that calls under way may still go by
	console  bool          // somebody publishes, or refreshes
	unsure   time.Time     // when the store last failed a call, or was too slow for it
	throttle *beckon.Throttler
	worker   *beckonwork.Worker
	rounds   bool                         // it is at a round
	limited  map[beckon.Channel]time.Time // its provider's wish, in true time
}

// start brings the process of a place up, after some time.
func (w *world) start(place int, after time.Duration) {
	w.spawn("start", nil, after, func() {
		p := &process{w: w, place: place, name: fmt.Sprintf("%c%d", 'A'+place, w.started), running: empty(), limited: map[beckon.Channel]time.Time{}}
		w.setClock(p, w.newOffset(p))
		opts := []beckon.Option{beckon.WithClock(p.now), beckon.WithCheckEvery(time.Minute), beckon.WithRepeatsLimit(100_000)}
		switch {
		case !w.dials.has(outbox):
		case place > 0 && w.dials.has(untold) && w.dice.IntN(2) == 0:
			for !w.told { // else the store has none yet
				w.pause(time.Second)
			}
			opts = append(opts, beckon.WithLease(leaseFor))
		default:
			opts = append(opts, beckon.WithOutbox(), beckon.WithLease(leaseFor))
			if p.leaves = w.dials.has(workers) && w.dice.IntN(2) == 0; p.leaves {
				opts = append(opts, beckon.WithWorkers(beckon.Email))
			}
		}
		engine, err := beckon.New(&shakyStore{w: w, p: p}, opts...)
		if err != nil {
			w.fail(errorBroken, "New: %v", err)
			return
		}
		p.engine = engine
		if p.throttle, err = p.throttler(); err != nil {
			w.fail(errorBroken, "NewThrottler: %v", err)
			return
		}
		if p.worker, err = p.newWorker(); err != nil {
			w.fail(errorBroken, "beckonwork.New: %v", err)
			return
		}
		w.processes[place] = p
		w.note("%s is up, its clock off by %v", p.name, p.offset)
		for !p.dead && p.running.name == "none" {
			w.publish(p, false)
			w.pause(time.Second)
		}
	})
}

const leaseFor = 30 * time.Second

// crash ends a process where it stands; its place has another soon.
func (w *world) crash(p *process) {
	if p.dead || p.engine == nil {
		return
	}
	w.note("%s dies", p.name)
	p.dead = true
	w.start(p.place, between(w.dice, time.Second, 10*time.Minute))
}

// now is the clock of a process. Its caller may be suspended after it has read
// it, for as long as a machine sleeps.
func (p *process) now() time.Time {
	w := p.w
	t := w.current
	if t.deciding {
		w.fail(clockBroken, "the clock is read within a decision")
		return time.Now().Add(p.offset)
	}
	w.pause(0)
	read := time.Now()
	said := read.Add(p.offset)
	if t.call != nil {
		t.call.readings = append(t.call.readings, reading{said.UnixMilli(), read})
	}
	switch {
	case w.calm:
	case w.dials.has(stalls) && chance(t.dice, 0.04):
		d := between(t.dice, time.Second, pick(t.dice, 5*time.Second, time.Minute, 20*time.Minute))
		w.note("stalled for %v after it read %v", d, read.Sub(w.began))
		w.pause(d)
	default:
		w.pause(between(t.dice, 0, 2*time.Millisecond))
	}
	return said
}

// A reading is what a clock said, and when that was.
type reading struct {
	said int64     // Unix milliseconds
	at   time.Time // in true time
}

func (w *world) newOffset(p *process) time.Duration {
	if !w.dials.has(skew) || w.calm {
		return 0
	}
	return between(w.dice, -time.Minute, time.Minute)
}

// setClock sets the clock of a process.
func (w *world) setClock(p *process, offset time.Duration) {
	p.offset = offset
	w.setLow, w.setHigh = min(w.setLow, offset), max(w.setHigh, offset)
}

// A call is what one of a process's tasks asks of its engine.
type call struct {
	process   *process
	what      string
	who       *person // it is about
	about     string  // the id of the delivery it is about
	readings  []reading
	committed []commit // in contacts' records
	decided   []*made
	dated     []*made            // anew
	permit    time.Time          // when the clock was read that decided about it
	reported  []string           // ids that the host was told of after it had stopped
	said      map[totalKey]int64 // candidates judged, as its answer has them
	streams   bool               // it is a run
	sweeps    sweeping           // it is a sweep
	tried     tried              // how the latest try of a worker has ended
	told      bool               // it is told of who is held
	totals    map[totalKey]int64 // that it has read
	unsure    bool               // an answer of the store was lost, or said to be an error
	ctx       context.Context
	began     time.Time
}

// ask has a process do something: it says whether the process lived to answer.
func (w *world) ask(p *process, what string, fn func(ctx context.Context, c *call)) bool {
	if p == nil || p.dead || p.engine == nil {
		return false
	}
	w.calls++
	t := w.spawn(what, p, 0, func() {
		t := w.current
		c := &call{process: p, what: what, began: time.Now(), said: map[totalKey]int64{}}
		t.call = c
		ctx := context.Background()
		if w.dials.has(cuts) && !w.calm && chance(t.dice, 0.05) {
			var cancel context.CancelFunc
			// Half a millisecond off, so that no two things happen at the same time by chance.
			ctx, cancel = context.WithTimeout(ctx, between(t.dice, time.Millisecond, 5*time.Second)+500*time.Microsecond)
			defer cancel()
		}
		c.ctx = ctx
		fn(ctx, c)
	})
	w.join(t)
	return t.survived
}

// wanted reports whether an error is one that the call may have: of the store,
// if the store has failed it, or a refusal that belongs to it.
func (w *world) wanted(c *call, err error, codes ...beckon.Code) bool {
	if err == nil {
		return true
	}
	var failed *beckon.StoreError
	switch {
	case errors.As(err, &failed), errors.Is(err, errStore):
		// Another call may have been to take back what a run had decided ahead.
		if c.unsure || c.streams && c.process.unsure.After(c.began) {
			return true
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		if c.ctx.Err() != nil || c.unsure {
			return true
		}
	}
	if c.ctx.Err() != nil && errors.Is(err, c.ctx.Err()) {
		return true
	}
	for _, code := range codes {
		if errors.Is(err, code) {
			return true
		}
	}
	w.fail(errorBroken, "%s: %v", c.what, err)
	return false
}

// atConsole runs what publishes or refreshes, one at a time for each process: a
// task that waited for a mutex would have everybody wait.
func (p *process) atConsole(fn func()) {
	for p.console {
		p.w.pause(50 * time.Millisecond)
	}
	p.console = true
	defer func() { p.console = false }()
	fn()
}

// publish returns a process a program.
func (w *world) publish(p *process, whole bool) {
	w.ask(p, "publish", func(ctx context.Context, c *call) {
		p.atConsole(func() {
			v, err := w.universe.version(w.current.dice, &w.dials, whole)
			if err != nil {
				w.fail(errorBroken, "a program that the world has made: %v", err)
				return
			}
			p.coming = v
			err = p.engine.Publish(ctx, v.program)
			w.note("publish %s: %v", v.name, err)
			if err == nil {
				p.past = append(p.past, pastVersion{p.running, time.Now()})
				p.running, w.told = v, true
			}
			p.coming = nil
			w.wanted(c, err)
		})
	})
}

type pastVersion struct {
	*version
	until time.Time
}

// may reports whether a call may go by a program for which something is true.
func (p *process) may(c *call, is func(*version) bool) bool {
	if is(p.running) || p.coming != nil && is(p.coming) {
		return true
	}
	for _, old := range p.past {
		if !old.until.Before(c.began) && is(old.version) {
			return true
		}
	}
	return false
}

var errStore = errors.New("the store fails, as the world wants it")
