package beckon_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// F4: what one occasion sends for many companies has numbers from 1 on, without
// a gap, and no two the same, whether it changes few rows or many.
func TestSequenceOverCompanies(t *testing.T) {
	t.Parallel()
	for _, companies := range []int{3, 16, 17, 40} {
		var joined []beckon.Membership
		for i := range companies {
			joined = append(joined, beckon.Membership{CompanyID: fmt.Sprint("c", i)})
		}
		kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{
			{ID: "other", Channel: beckon.Email, Status: beckon.Live, Priority: 1, Content: beckon.Content{Body: "{{ company.name }}"}},
			{ID: "m", Channel: beckon.Email, Status: beckon.Live, Content: beckon.Content{Body: "{{ company.name }}"}},
		}})
		kit.Update(beckon.Contact{UserID: "u", Companies: joined})
		next, ids := map[string]int{}, map[string]bool{}
		for _, d := range kit.Check(beckon.Identity{UserID: "u"}).Deliveries {
			if next[d.Message]++; d.Sequence != next[d.Message] || ids[d.ID] {
				t.Errorf("%d companies: %s for %s has the number %d, want %d, and the id %s", companies, d.Message, d.CompanyID, d.Sequence, next[d.Message], d.ID)
			}
			ids[d.ID] = true
		}
		if next["m"] != companies || next["other"] != companies {
			t.Errorf("%d companies: %v were sent", companies, next)
		}
	}
}

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
