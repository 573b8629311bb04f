package beckon_test

import (
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
)

// T5, D2: a date rule that uses company data goes out once for each value and
// company: a contact that joins its first company later is told about that one.
func TestDateRuleOncePerCompany(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.OnDate("ends_at", beckon.Duration{}),
		Content: beckon.Content{Body: "{{ company.name | fallback: 'nobody' }}"},
	}}})
	kit.Update(beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"ends_at": beckon.Date(kit.Now())}})
	kit.Advance(time.Hour).Sweep().WantBody("m", "nobody")
	kit.Advance(time.Hour).Sweep().WantHeld("m", beckon.ReasonAlreadySent)
	kit.Update(beckon.Contact{UserID: "u", Companies: []beckon.Membership{{CompanyID: "acme", Name: "Acme"}}})
	kit.Advance(time.Hour).Sweep().WantBody("m", "Acme")
	kit.Advance(time.Hour).Sweep().WantHeld("m", beckon.ReasonAlreadySent)
}

// D1, D2, D10: who is of a message's control group for a company has had a turn.
func TestControlIsDecidedOncePerCompany(t *testing.T) {
	t.Parallel()
	kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{{
		ID: "m", Channel: beckon.Email, Status: beckon.Live, Control: 1, Content: beckon.Content{Body: "{{ company.name | fallback: 'nobody' }}"},
	}}})
	kit.Update(beckon.Contact{UserID: "u", Companies: []beckon.Membership{{CompanyID: "acme", Name: "Acme"}}})
	kit.Sweep().WantHeld("m", beckon.ReasonControl)
	kit.Advance(time.Hour).Sweep().WantHeld("m", beckon.ReasonAlreadySent)
	if got := kit.Totals("m"); got.Control != 1 {
		t.Errorf("decided %d times for the control group, want once", got.Control)
	}
}

// R3, X1: what a walk has set is there for its own messages; a rule that is
// judged after one of them, held or sent, sees the contact as it was (A2).
func TestWalkIsNotSeenByTheNext(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"{{ user.plan }}", "{{ user.plan }} {{ user.unknown }}"} {
		series := func(id string, audience beckon.Rule, blocks ...beckon.Block) beckon.Series {
			return beckon.Series{ID: id, Status: beckon.Live, Entry: beckon.Entry{Trigger: beckon.On("go"), Audience: audience}, Blocks: blocks}
		}
		kit := beckontest.New(t, beckon.Program{Series: []beckon.Series{
			series("1", beckon.Rule{},
				beckon.Block{ID: "set", Update: &beckon.Update{Attributes: beckon.Attributes{"plan": beckon.String("pro")}}, Next: "tell"},
				beckon.Block{ID: "tell", Message: &beckon.Message{
					ID: "first", Channel: beckon.Email, Content: beckon.Content{Body: body, Missing: beckon.MissingHold},
				}}),
			series("2", beckon.User("plan").Is("pro"),
				beckon.Block{ID: "tell", Message: &beckon.Message{ID: "second", Channel: beckon.Email, Content: beckon.Content{Body: "x"}}}),
		}})
		out := kit.Track(beckon.Event{Name: "go", UserID: "u"})
		if strings.Contains(body, "unknown") {
			out.WantHeld("first", beckon.ReasonMissingValue).WantSent()
		} else {
			out.WantBody("first", "pro").WantSent("first")
		}
		kit.Advance(time.Hour).Track(beckon.Event{Name: "go", UserID: "u"}).WantSent("second")
	}
}

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
