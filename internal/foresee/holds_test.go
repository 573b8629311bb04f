package foresee_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
)

// by returns what is explained of a message, by company.
func (f *foreseen) by(m beckon.Moment, message string) map[string]beckon.MessageTrace {
	f.t.Helper()
	list, err := f.engine.Explain(f.t.Context(), m)
	if err != nil {
		f.t.Fatal(err)
	}
	out := map[string]beckon.MessageTrace{}
	for _, x := range list {
		if x.Message == message {
			out[x.CompanyID] = x
		}
	}
	return out
}

// S4, T6: of a message that waits for several companies, each is sent when its own hold is
// due, whichever came first.
func TestHoldsOfCompanies(t *testing.T) {
	const (
		body    = `"content":{"body":"{{ company.name }}"}`
		absence = `{"id":"late","channel":"chat","status":"live","frequency":{"every":"0s"},"trigger":{"event":"cart","unless":{"event":"order","within":"1h","same":"cart_id"}},` + body + `}`
		quiet   = `{"quiet_hours":[{"channels":["push"],"windows":[{"from":"08:00","to":"12:00"}]}],`
		once    = `{"id":"open","channel":"push","mode":"one_off","status":"live",` + body + `}`
	)
	f := newForeseen(t, quiet+program(absence, once)[1:])
	f.update(beckon.Contact{Companies: []beckon.Membership{
		{CompanyID: "c1", Attributes: beckon.Attributes{"name": beckon.String("One")}}, {CompanyID: "c2", Attributes: beckon.Attributes{"name": beckon.String("Two")}},
	}})
	start := f.now
	cart := func(company string) beckon.Event {
		return beckon.Event{Name: "cart", UserID: who.UserID, CompanyID: company, Metadata: beckon.Fields{{Key: "cart_id", Value: beckon.String("of " + company)}}}
	}
	for _, company := range []string{"c2", "c1"} {
		if _, err := f.engine.Track(t.Context(), cart(company)); err != nil {
			t.Fatal(err)
		}
		f.now = f.now.Add(10 * time.Minute)
	}
	list := f.by(beckon.AtDue(who), "late")
	for company, after := range map[string]time.Duration{"c2": time.Hour, "c1": 70 * time.Minute} {
		if x := list[company]; !x.SendsAt.Equal(start.Add(after)) || x.Waits == nil || !x.Waits.Until.Equal(start.Add(after)) {
			t.Errorf("late, %s: sends at %s, %+v, %q", company, x.SendsAt, x.Waits, x.Never)
		}
	}
	noon := start.Add(3 * time.Hour)
	list = f.by(beckon.AtSend(who, "open"), "open")
	for _, company := range []string{"c1", "c2"} {
		if x := list[company]; x.Reason != beckon.ReasonQuiet || x.Waits == nil || !x.SendsAt.Equal(noon) {
			t.Errorf("open, %s: %s, sends at %s, %q", company, x.Reason, x.SendsAt, x.Never)
		}
	}
	// What another event of the same company waits for is another hold.
	x := f.by(cart("c1"), "late")["c1"]
	if x.Waits == nil || !x.SendsAt.Equal(f.now.Add(time.Hour)) {
		t.Errorf("once more: sends at %s, %+v, %q", x.SendsAt, x.Waits, x.Never)
	}
}

// F9: what waits for room gives up behind the second in which its time is over. That it is due
// until then keeps nothing else from its instant.
func TestDueOfOthers(t *testing.T) {
	f := newForeseen(t, program(
		message("m", `"trigger":{"event":"b"},"frequency":{"every":"5h","wait":"1h"}`),
		message("n", `"trigger":{"event":"cart","unless":{"event":"order","within":"2h"}}`),
	))
	start := f.now
	f.track("cart")
	f.then("b", 10*time.Minute)
	f.track("b")
	list := f.says(beckon.AtDue(who))
	if x := list["n"]; !x.SendsAt.Equal(start.Add(2 * time.Hour)) {
		t.Errorf("n: sends at %s, %q", x.SendsAt, x.Never)
	}
	if x := list["m"]; x.Never != "when it is due it is dropped: throttled" || x.Unsure {
		t.Errorf("m: sends at %s, %q", x.SendsAt, x.Never)
	}
}

// What is sent after the year 9999 only has nothing due before it.
func TestNeverHasNothingBefore(t *testing.T) {
	f := newForeseen(t, program(
		message("far", `"trigger":{"event":"b"},"audience":{"user":"ends_at","op":"more_than_ago","value":"1d"}`),
		message("n", `"trigger":{"event":"cart","unless":{"event":"order","within":"2h"}}`),
	))
	f.update(beckon.Contact{Attributes: beckon.Attributes{"ends_at": beckon.String("9999-12-31")}})
	f.track("cart")
	if x := f.says(beckon.Event{Name: "b", UserID: who.UserID})["far"]; x.Never == "" || !x.SendsAt.IsZero() || !x.DueBefore.IsZero() {
		t.Errorf("sends at %s, due before %s, never %q", x.SendsAt, x.DueBefore, x.Never)
	}
}

// A message that has not enough of its own share takes what others have left of theirs.
func TestSharesLeft(t *testing.T) {
	const events = 1200 // so that to look at all turns takes more than a half of what there is, and less than all
	f := newForeseen(t, program(
		message("m", `"trigger":{"event":"b"},"audience":{"event":"a","stat":"count","op":"at_most","value":0,"where":{"metadata":"n","op":"is_not","value":{"trigger":"n"}}}`),
		message("z", `"trigger":{"event":"b"},"priority":9,"audience":{"user":"plan","op":"is","value":"pro"}`),
	), beckon.WithRecentEvents(events))
	for range events {
		f.then("a", time.Second)
	}
	want := f.now.Add(90*24*time.Hour - time.Second)
	if x := f.says(beckon.Event{Name: "b", UserID: who.UserID})["m"]; x.Unsure || !x.SendsAt.Equal(want) {
		t.Errorf("sends at %s, want %s: %q", x.SendsAt, want, x.Never)
	}
}
