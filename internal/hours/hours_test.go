package hours

import (
	"math"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/schedule"
)

func daily(from, to int64) schedule.Hours {
	var spans []schedule.Span
	for d := range int64(7) {
		spans = append(spans, schedule.Span{From: (d*24 + from) * 3600, To: (d*24 + to) * 3600})
	}
	return schedule.Hours{Week: schedule.NewWeek(spans), Zone: time.UTC}
}

func window(from, to int64, hold bool) *schedule.Schedule {
	return &schedule.Schedule{Start: math.MinInt64, Stop: math.MaxInt64, Windows: daily(from, to), Hold: hold}
}

func at(hour float64) int64 { return int64(hour * 3600_000) } // of 1 January 1970

// S1, S4: which of the three is told, until when, and until when a message waits in all.
func TestAt(t *testing.T) {
	quiet := func(from, to int64) []schedule.Quiet { return []schedule.Quiet{{Hours: daily(from, to)}} }
	drops := []schedule.Quiet{{Hours: daily(22, 32), Drops: true}}
	for _, c := range []struct {
		name        string
		m           plan.Message
		snoozed     int64
		now         float64
		reason      plan.Reason
		until, ends float64
	}{
		{"nothing", plan.Message{}, 0, 12, plan.NotHeld, 0, 12},
		{"schedule, which drops", plan.Message{Schedule: window(9, 17, false)}, 0, 20, plan.HeldSchedule, 33, 20},
		{"schedule, which holds", plan.Message{Schedule: window(9, 17, true)}, 0, 20, plan.HeldSchedule, 33, 33},
		{"schedule before quiet and snoozed", plan.Message{Schedule: window(9, 17, true), Quiet: quiet(20, 34)}, at(35), 20, plan.HeldSchedule, 33, 35},
		{"quiet before snoozed", plan.Message{Quiet: quiet(22, 32)}, at(30), 23, plan.HeldQuiet, 32, 32},
		{"snoozed, then quiet", plan.Message{Quiet: quiet(22, 32)}, at(31), 12, plan.HeldSnoozed, 31, 32},
		{"snoozed, then shut for good", plan.Message{Schedule: window(9, 17, false)}, at(20), 12, plan.HeldSnoozed, 20, 20},
		{"its last millisecond", plan.Message{}, at(20), 20 - 1.0/3600_000, plan.HeldSnoozed, 20, 20},
		{"over", plan.Message{}, at(20), 20, plan.NotHeld, 0, 20},
		{"transactional", plan.Message{Transactional: true}, at(20), 12, plan.NotHeld, 0, 12},
		{"quiet drops", plan.Message{Quiet: drops}, at(40), 23, plan.HeldQuiet, 0, 23},
		{"never again", plan.Message{Schedule: &schedule.Schedule{Stop: at(10)}}, 0, 12, plan.HeldSchedule, 0, 12},
		{"never both", plan.Message{Schedule: window(9, 17, true), Quiet: quiet(9, 17)}, 0, 10, plan.HeldQuiet, 17, 17 + 16 + 49*24},
	} {
		who := Contact{Snoozed: c.snoozed}
		if s := At(&c.m, who, at(c.now)); s.Reason != c.reason || s.Until != at(c.until) {
			t.Errorf("%s: %+v, want %v until %v", c.name, s, c.reason, c.until)
		}
		if got := Waits(&c.m, who, at(c.now)); got != at(c.ends) {
			t.Errorf("%s: waits until %v, want %v", c.name, float64(got)/3600_000, c.ends)
		}
	}
}
