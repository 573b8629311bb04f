package simulation

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon/memstore"
)

// A violation is a promise that was broken.
type violation struct {
	kind  string // which one; failures are alike if this is
	text  string
	after time.Duration
}

// What can be broken. Each is one kind of violation.
const (
	distanceBroken = "distance" // two sends closer than the message allows
	maximumBroken  = "maximum"  // more sends than the message allows
	capBroken      = "cap"      // more sends within a window than a cap allows
	countBroken    = "count"    // an accepted event is not counted once
	repeatBroken   = "repeat"   // a repeat was taken for new, or the other way round
	holdBroken     = "hold"     // something that waits was lost, or dropped without need
	walkBroken     = "walk"     // a walk was lost, or moved by who does not know its series
	lateBroken     = "late"     // a Due has left what was due
	crossingBroken = "crossing" // a segment has triggered without a transition, or a transition nothing
	twiceBroken    = "twice"    // handed out again without need
	pendingBroken  = "pending"  // a delivery was lost
	leaseBroken    = "lease"    // a delivery was handed out before its time, or counts wrong tries
	totalsBroken   = "totals"   // judged is not sent and held
	consentBroken  = "consent"  // sent to who has unsubscribed
	permitBroken   = "permit"   // a throttler let one too many through
	panicBroken    = "panic"    // the host was brought down
	errorBroken    = "error"    // an error without a cause, or of the wrong kind
	clockBroken    = "clock"    // an instant that no clock has said, or a clock read within a decision
	storeBroken    = "store"    // the store does not have what was committed
)

func promises() []string {
	return []string{
		distanceBroken, maximumBroken, capBroken, countBroken, repeatBroken, holdBroken, walkBroken, lateBroken, twiceBroken,
		pendingBroken, leaseBroken, totalsBroken, consentBroken, permitBroken, panicBroken, errorBroken, clockBroken, storeBroken,
	}
}

// A world is one run of the simulation.
type world struct {
	*scheduler
	dials     dials
	began     time.Time
	memory    *memstore.Store
	universe  *universe
	processes []*process // one for each place; who died is replaced
	people    []*person
	book      book // what has been seen: the witness's, not the engines'
	down      bool // the store is
	told      bool // an engine that was told of the outbox has published
	calm      bool // nothing goes wrong any more: what is left is to be settled
	stop      time.Time
	setLow    time.Duration // the furthest that any clock has been behind, 0 or less
	setHigh   time.Duration // and ahead
	broken    *violation
	trace     []string
	calls     int
	newest    int // event
	joinings  []joining
}

// traced is how much of a trace is kept.
const traced = 3000

func newWorld(d dials) *world {
	w := &world{
		scheduler: newScheduler(d.seed), dials: d, began: time.Now(), memory: memstore.New(),
		universe: newUniverse(rand.New(rand.NewPCG(d.seed, 2)), &d), book: newBook(),
	}
	w.stop = w.began.Add(time.Duration(d.hours) * time.Hour)
	w.died = func(v any) {
		w.fail(panicBroken, "%v\n%s", v.(panicked).value, v.(panicked).stack)
	}
	return w
}

// since is the virtual time since the beginning.
func (w *world) since() time.Duration { return time.Since(w.began) }

// note writes a line of the trace.
func (w *world) note(format string, args ...any) {
	if len(w.trace) >= 2*traced {
		w.trace = slices.Delete(w.trace, 0, traced)
	}
	who := ""
	if t := w.current; t != nil {
		who = fmt.Sprintf("#%d %s", t.id, t.name)
		if t.process != nil {
			who = t.process.name + " " + who
		}
	}
	w.trace = append(w.trace, fmt.Sprintf("%14v %s: %s", w.since(), who, fmt.Sprintf(format, args...)))
}

// fail says that a promise was broken. The first ends the world.
func (w *world) fail(kind, format string, args ...any) {
	if w.broken != nil || slices.Contains(w.dials.ignored, kind) {
		return
	}
	w.broken = &violation{kind, fmt.Sprintf(format, args...), w.since()}
	w.note("BROKEN %s: %s", kind, w.broken.text)
	w.over = true
}

// spread is by how much two clocks may have differed until now: by so much a
// distance in true time may be shorter.
func (w *world) spread() time.Duration { return w.setHigh - w.setLow }

// live runs the world: its time, then all that is left.
func (w *world) live() {
	for i := range w.dials.people {
		w.people = append(w.people, w.newPerson(i))
	}
	for i := range w.dials.engines {
		w.processes = append(w.processes, nil)
		w.start(i, 0)
	}
	w.spawn("world", nil, time.Millisecond, func() {
		w.events()
		if w.over {
			return
		}
		w.settle()
	})
	w.run()
	w.current = nil
}

// process returns one that is alive; nil if there is none just now.
func (w *world) alive(r *rand.Rand) *process {
	at := r.IntN(len(w.processes))
	for i := range w.processes {
		if p := w.processes[(at+i)%len(w.processes)]; p != nil && !p.dead && p.engine != nil {
			return p
		}
	}
	return nil
}

// report is what is said of a world that was broken.
func (w *world) report() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\nafter %v with %d engines, %d people, %d messages; %s\nthe end of the trace:\n",
		w.broken.kind, w.broken.text, w.broken.after, w.dials.engines, w.dials.people, w.dials.messages, w.dials.String())
	for _, line := range w.trace[max(0, len(w.trace)-*trace):] {
		fmt.Fprintln(&b, line)
	}
	return b.String()
}
