package beckon

import (
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
)

// compile makes a frequency ready and reports its faults, by path. A nil
// frequency is the default. every is the distance of one that sets none.
func (f *Frequency) compile(every time.Duration, path string, faults *fault.List) plan.Frequency {
	plan := plan.Frequency{Every: every.Milliseconds()}
	if f == nil {
		return plan
	}
	switch {
	case f.Every.Negative():
		faults.Fault(path+".every", "a distance between sends cannot be negative")
	case !f.Every.IsZero() && checkDuration(faults, f.Every, path+".every"):
		plan.Every = f.Every.millis()
	}
	if f.Max < 0 {
		faults.Fault(path+".max", "a maximum is at least 1; leave it out for none")
	} else {
		plan.Max = uint64(f.Max)
	}
	return plan
}
