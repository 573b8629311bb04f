package beckon_test

import (
	"fmt"
	"testing"

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
