package replay_test

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/replay"
)

// Due and sweeps come between the steps, from the first one on, and after the last only as asked.
func TestTicking(t *testing.T) {
	at := func(minutes int) time.Time { return monday.Add(time.Duration(minutes) * time.Minute) }
	event := beckon.Event{Name: "uploaded", UserID: "u1"}
	steps := func(minutes ...int) iter.Seq2[replay.Step, error] {
		return func(yield func(replay.Step, error) bool) {
			for _, m := range minutes {
				var err error
				if m < 0 {
					err = errors.New("broken")
				}
				if !yield(replay.Track(at(m), event), err) {
					return
				}
			}
		}
	}
	for _, c := range []struct {
		minutes    []int
		due, sweep int
		until      int
		want       string
	}{
		{[]int{0, 5, 30}, 10, 0, 0, "0 5 10 20 30 30"},
		{[]int{0, 30}, 10, 20, 0, "0 10 20 20 30 30"},
		{[]int{0, 30}, 0, 15, 0, "0 15 30 30"},
		{[]int{0, 30, 10, 35}, 20, 0, 0, "0 20 30 10 35"},
		{[]int{0, 30}, 0, -5, 0, "0 30"},
		{[]int{0, -30, 30}, 30, 0, 0, "0 broken 30 30"},
		{[]int{0, 5}, 10, 20, 40, "0 5 10 20 20 30 40 40"},
		{nil, 1, 1, 9, ""},
	} {
		ticks := replay.Ticks{Due: time.Duration(c.due) * time.Minute, Sweep: time.Duration(c.sweep) * time.Minute}
		if c.until > 0 {
			ticks.Until = at(c.until)
		}
		var got []string
		for s, err := range replay.Ticking(steps(c.minutes...), ticks) {
			if err != nil {
				got = append(got, err.Error())
				continue
			}
			got = append(got, fmt.Sprint(s.At().Sub(monday).Minutes()))
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%v, %+v: %s, want %s", c.minutes, ticks, text, c.want)
		}
		for n := range len(got) { // and who has enough, has
			for _, err := range replay.Ticking(steps(c.minutes...), ticks) {
				if err != nil && err.Error() != "broken" {
					t.Error(err)
				}
				if n--; n < 0 {
					break
				}
			}
		}
	}
}
