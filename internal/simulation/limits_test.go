package simulation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/throttle"
)

// judge checks a delivery that was handed out against all others that were: by
// the instants at which the engines' clocks were read, in true time (F1 to F6).
// One that may have been given back counts for nothing.
func (w *world) judge(d *made) {
	if !d.counts() {
		return
	}
	// Those after it have not been judged with it.
	w.eachLinked(d, func(x *made) {
		if x.committed > d.committed && w.linked(d, x) {
			w.judgeAt(x)
		}
	})
	w.judgeAt(d)
}

// counts reports whether a send counts: it was not given back, and who got it is
// still who they were.
func (d *made) counts() bool { return !d.released && !d.person.left }

// eachLinked calls fn for all other sends to the person, and to those who may be
// the same.
func (w *world) eachLinked(d *made, fn func(*made)) {
	for _, p := range w.people {
		if p != d.person && (!w.merged(p) || !w.merged(d.person)) {
			continue
		}
		for _, x := range p.sends {
			if x != d && x.counts() {
				fn(x)
			}
		}
	}
}

// linked reports whether a send counts for a later one.
func (w *world) linked(earlier, later *made) bool {
	return earlier.person == later.person || w.one(earlier.person, later.person, later.began)
}

func (w *world) judgeAt(d *made) {
	m := d.message
	before := 0
	counted := map[string]int{}
	w.eachLinked(d, func(x *made) {
		if x.committed > d.committed || !w.linked(x, d) {
			return
		}
		apart := d.read.Sub(x.readBy(d.committed))
		if x.message == m {
			before++
			distance := apart
			if m.series != "" { // a walk goes on from when it was decided, whatever instant was given to the send later
				distance = d.read.Sub(x.read)
			}
			if m.every > 0 && distance < m.every-w.spread() && (m.series == "" || !w.merged(d.person)) {
				w.fail(distanceBroken, "%s to %v %v after another (%.8s, %.8s), every %v; clocks differed by up to %v", m.id, d.person, distance, d.id, x.id, m.every, w.spread())
			}
		}
		for i := range w.universe.limits {
			l := &w.universe.limits[i]
			if slices.Contains(m.caps, l.id) && slices.Contains(x.message.caps, l.id) && apart < l.within-w.spread() {
				counted[l.id]++
			}
		}
	})
	for i := range w.universe.limits {
		if l := &w.universe.limits[i]; counted[l.id] >= l.max {
			w.fail(capBroken, "%s to %v is number %d within %v, and %s allows %d; clocks differed by up to %v", m.id, d.person, counted[l.id]+1, l.within, l.id, l.max, w.spread())
		}
	}
	switch {
	case m.max > 0 && before >= m.max:
		w.fail(maximumBroken, "%s to %v is number %d of at most %d", m.id, d.person, before+1, m.max)
	case m.once && before > 0 && (m.series == "" || !w.merged(d.person)):
		w.fail(maximumBroken, "%s to %v a second time", m.id, d.person)
	}
}

const (
	permitsMax   = 3
	permitsEvery = 2 * time.Minute
	permitsIn    = 20 * time.Minute
)

// permit has a process take a permit of a throttler (F1 to F3, F6): its limits
// hold as those of messages do.
func (w *world) permit(key string) {
	w.ask(w.alive(w.current.dice), "permit", func(ctx context.Context, c *call) {
		got, err := c.process.throttle.Take(ctx, key)
		w.note("permit of %s: %v %v", key, got.Allowed, err)
		if !w.wanted(c, err) || err != nil || !got.Allowed {
			return
		}
		at := c.permit // as it was decided: one that took long is dated anew, later
		list := append(w.book.permits[key], at)
		slices.SortFunc(list, time.Time.Compare)
		w.book.permits[key] = list
		for i := 1; i < len(list); i++ {
			if apart := list[i].Sub(list[i-1]); apart < permitsEvery-w.spread() {
				w.fail(permitBroken, "a permit of %s %v after another; clocks differed by up to %v", key, apart, w.spread())
			}
			if i >= permitsMax && list[i].Sub(list[i-permitsMax]) < permitsIn-w.spread() {
				w.fail(permitBroken, "%d permits of %s within %v; clocks differed by up to %v", permitsMax+1, key, list[i].Sub(list[i-permitsMax]), w.spread())
			}
		}
	})
}

// throttler makes one. Its limits come out of a program, which says durations as text.
func (p *process) throttler() (*beckon.Throttler, error) {
	program, err := beckon.ParseProgram(fmt.Appendf(nil, `{"caps": [{"id": "x", "max": %d, "within": %q}],
		"messages": [{"id": "x", "trigger": {"event": "x"}, "frequency": {"every": %q}, "content": {"body": "x"}}]}`, permitsMax, text(permitsIn), text(permitsEvery)))
	if err != nil {
		return nil, err
	}
	return beckon.NewThrottler(&shakyStore{w: p.w, p: p}, *program.Messages[0].Frequency, throttle.WithClock(p.now),
		throttle.WithLimit(program.Caps[0].Max, program.Caps[0].Within.Elapsed()))
}
