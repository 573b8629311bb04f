package beckon_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// F3, F5: a cap counts right when its maximum is above what the log of sends
// keeps without it. What it counts stays in the log, and the rest leaves.
func TestLogOfSendsUnderALargeCap(t *testing.T) {
	t.Parallel()
	const window = time.Hour
	for _, most := range []int{288, 300, 330} {
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			t.Parallel()
			kit := beckontest.New(t, beckon.Program{
				Caps: []beckon.Cap{{ID: "c", Max: most, Within: beckon.DurationOf(window)}},
				Messages: []beckon.Message{{
					ID: "m", Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"},
					Frequency: &beckon.Frequency{Every: beckon.Seconds(0)},
				}},
			})
			var sent []time.Time
			apart := 5 * time.Second // 720 tries in a window
			for now := time.Duration(0); now < 3*window; now += apart {
				if now >= window { // more tries than sends that leave the window
					apart = 3 * time.Second
				}
				res, err := kit.Engine.Track(t.Context(), beckon.Event{Name: "e", UserID: "u"})
				if err != nil {
					t.Fatal(err)
				}
				at := time.Unix(0, 0).Add(now)
				for len(sent) > 0 && at.Sub(sent[0]) >= window {
					sent = sent[1:]
				}
				if want := len(sent) < most; want != (len(res.Deliveries) == 1) {
					t.Fatalf("after %v, with %d of %d in the window: %d sent", now, len(sent), most, len(res.Deliveries))
				} else if want {
					sent = append(sent, at)
				}
				kit.Advance(apart)
			}
			x, _, err := kit.Engine.Export(t.Context(), beckon.Identity{UserID: "u"})
			if err != nil {
				t.Fatal(err)
			}
			// Beyond the cap's maximum it is trimmed in steps of 32.
			if n := len(x.Log); n < most || n > most+32 {
				t.Errorf("%d sends in the log, want %d to %d", n, most, most+32)
			}
		})
	}
}
