package beckon_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// behindInRound returns a process over a contact with n events, who walks a round of a second
// that nobody has looked at for so long.
func behindInRound(tb testing.TB, n int, behind time.Duration) (*fleet, *outboxWorld) {
	tb.Helper()
	f := newFleet(tb)
	rule := beckon.Did("e").Within(beckon.Days(30)).AtLeast(10000)
	program := walkProgram(
		beckon.Block{ID: "asks", Rule: &rule, Within: beckon.Seconds(1), No: "set"},
		beckon.Block{ID: "set", Update: &beckon.Update{Attributes: beckon.Attributes{"a": beckon.Bool(true)}}, Next: "asks"},
	)
	w := f.process(&program)
	w.track(beckon.Event{Name: "go", UserID: "u"})
	for i := range n {
		w.track(beckon.Event{Name: "e", UserID: "u", EventID: fmt.Sprint(i)})
	}
	f.clock.add(behind)
	return f, w
}

// A round that is far behind costs for each block that is passed, and not for all events of the
// contact at each.
func TestRoundBehindCost(t *testing.T) {
	growsWithin(t, 100, 16, 4, 8, func(tb testing.TB, n int) func() {
		_, w := behindInRound(tb, n, time.Hour)
		return func() { w.due() }
	})
}

// What is explained of a walk that is far behind is bounded, however far.
func TestRoundBehindExplained(t *testing.T) {
	growsWithin(t, 100_000, 32, 12, 12, func(tb testing.TB, n int) func() {
		_, w := behindInRound(tb, 0, time.Duration(n)*time.Second)
		return func() {
			list, err := w.ExplainSeries(tb.Context(), beckon.Identity{UserID: "u"})
			if err != nil || len(list) != 1 || !list[0].NextAt.IsZero() {
				tb.Errorf("%+v, %v", list, err)
			}
		}
	})
}
