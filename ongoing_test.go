package beckon_test

import (
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// D1: what was sent for a company is not sent again when the message no longer
// uses company data.
func TestOngoingThatLosesItsCompany(t *testing.T) {
	t.Parallel()
	program := func(body string) beckon.Program {
		return beckon.Program{Messages: []beckon.Message{{ID: "m", Channel: beckon.Post, Status: beckon.Live, Content: beckon.Content{Body: body}}}}
	}
	kit := beckontest.New(t, program("{{ company.name }}"))
	u := beckon.Identity{UserID: "u"}
	kit.Update(beckon.Contact{UserID: u.UserID, Companies: []beckon.Membership{{CompanyID: "acme", Name: "Acme"}}})
	kit.Visit(beckon.Visit{UserID: u.UserID}).Want("m", "sent")
	kit.Publish(program("Hello"))
	kit.Visit(beckon.Visit{UserID: u.UserID}).Want("m", "already_sent")
}
