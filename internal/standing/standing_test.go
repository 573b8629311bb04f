package standing_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/standing"
	"github.com/beckon-go/beckon/store"
)

// A6, F5, F6: a window of W is (now - W, now], what lies in the future counts as now, and a
// cap that is full has room when the oldest that is too many leaves the window.
func TestCaps(t *testing.T) {
	const now, hour = int64(1_772_000_000_000), int64(3_600_000)
	caps := plan.NewCaps([]plan.Cap{{ID: "two", Max: 2, Within: hour}, {ID: "mail", Channel: store.Email, Max: 1, Within: hour}, {ID: "day", Max: 9, Within: 24 * hour}})
	m := &plan.Message{ID: "m", Channel: store.Push, Caps: caps.Concern(nil, store.Push, nil)}
	log := []store.SendLogEntry{
		{Message: "future", At: now + 1, Channel: store.Push},
		{Message: "out", At: now - hour, Channel: store.Push},
		{Message: "edge", At: now - hour + 1, Channel: store.Chat},
		{Message: "exempt", At: now, Exempt: true},
	}
	got := standing.Caps(&caps, m, log, []store.SendLogEntry{{Message: "same", At: now, Channel: store.Email}}, now)
	if len(got) != 2 || got[0].ID != "two" || got[1].ID != "day" {
		t.Fatalf("%+v", got)
	}
	names := ""
	for _, s := range got[0].Sends {
		names += s.Message + " "
	}
	if got[0].Count != 3 || !got[0].Full || names != "edge future same " || !got[0].FreeAt.Equal(time.UnixMilli(now+hour)) {
		t.Errorf("%+v", got[0])
	}
	if got[1].Count != 4 || got[1].Full || !got[1].FreeAt.IsZero() {
		t.Errorf("%+v", got[1])
	}
	many := make([]store.SendLogEntry, explain.MaxListedSends+5)
	for i := range many {
		many[i] = store.SendLogEntry{Message: "x", At: now - int64(len(many)-i)}
	}
	if x := standing.Caps(&caps, m, many, nil, now)[0]; x.Count != len(many) || len(x.Sends) != explain.MaxListedSends || x.Sends[len(x.Sends)-1].At.UnixMilli() != now-1 {
		t.Errorf("%d of %d listed", len(x.Sends), x.Count)
	}
}

// An instant that no JSON can hold is none.
func TestInstant(t *testing.T) {
	for ms, want := range map[int64]bool{0: false, 1: true, -1: true, 253_402_300_799_999: true, 253_402_300_800_000: false, -62_135_596_800_001: false} {
		at := standing.Instant(ms)
		if at.IsZero() == want {
			t.Errorf("%d: %v", ms, at)
		}
		if _, err := at.MarshalJSON(); err != nil {
			t.Errorf("%d: %v", ms, err)
		}
	}
}
