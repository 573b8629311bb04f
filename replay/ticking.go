package replay

import (
	"iter"
	"time"
)

// Ticks are the runs that a host makes by the clock.
type Ticks struct {
	Due   time.Duration // Due runs each so long; 0 and less: never
	Sweep time.Duration // so does Sweep
	Until time.Time     // they go on up to this instant; zero: up to the last step
}

// Ticking adds runs to steps that have none, such as those of [Kept]: from the first step on,
// each first after the time that it takes. At one instant Due comes first, then Sweep, then
// what else happened. Steps that go back in time add nothing. Nil steps are none.
func Ticking(steps iter.Seq2[Step, error], ticks Ticks) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		if steps == nil {
			return
		}
		var t *ticking
		for s, err := range steps {
			if err == nil && s.kind != givenStep {
				if t == nil {
					t = &ticking{Ticks: ticks, due: s.at.Add(ticks.Due), sweep: s.at.Add(ticks.Sweep)}
				}
				if !t.upTo(s.at, yield) {
					return
				}
			}
			if !yield(s, err) {
				return
			}
		}
		if t != nil {
			t.upTo(ticks.Until, yield)
		}
	}
}

// A ticking knows when the next runs are.
type ticking struct {
	Ticks
	due, sweep time.Time
}

// upTo yields the runs up to an instant, and reports whether more are wanted.
func (t *ticking) upTo(at time.Time, yield func(Step, error) bool) bool {
	for {
		isDue := t.Due > 0 && !t.due.After(at)
		isSweep := t.Sweep > 0 && !t.sweep.After(at)
		switch {
		case isDue && (!isSweep || !t.due.After(t.sweep)):
			if !yield(Due(t.due), nil) {
				return false
			}
			t.due = t.due.Add(t.Due)
		case isSweep:
			if !yield(Sweep(t.sweep), nil) {
				return false
			}
			t.sweep = t.sweep.Add(t.Sweep)
		default:
			return true
		}
	}
}
