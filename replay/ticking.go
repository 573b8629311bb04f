package replay

import (
	"iter"
	"time"
)

// Ticking adds the runs that a host makes by the clock to steps that have none, such as those
// of [Kept]: Due each so long, and Sweep each so long, both from the first step on and up to
// the last one. Zero and less add none. At one instant Due comes first, then Sweep, then what
// else happened. Steps that go back in time add nothing.
func Ticking(steps iter.Seq2[Step, error], due, sweep time.Duration) iter.Seq2[Step, error] {
	return func(yield func(Step, error) bool) {
		var nextDue, nextSweep time.Time
		for s, err := range steps {
			if err == nil && s.kind != givenStep {
				if nextDue.IsZero() && nextSweep.IsZero() {
					nextDue, nextSweep = s.at.Add(due), s.at.Add(sweep)
				}
				for {
					isDue := due > 0 && !nextDue.After(s.at) && (sweep <= 0 || !nextDue.After(nextSweep))
					isSweep := !isDue && sweep > 0 && !nextSweep.After(s.at)
					switch {
					case isDue:
						if !yield(Due(nextDue), nil) {
							return
						}
						nextDue = nextDue.Add(due)
						continue
					case isSweep:
						if !yield(Sweep(nextSweep), nil) {
							return
						}
						nextSweep = nextSweep.Add(sweep)
						continue
					}
					break
				}
			}
			if !yield(s, err) {
				return
			}
		}
	}
}
