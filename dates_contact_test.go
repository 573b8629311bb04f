package beckon_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
)

// A5, T5: standard attributes and date rules take plain days, and Explain names
// what is no date.
func TestPlainDaysOfContacts(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	e, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Publish(t.Context(), beckon.Program{Timezone: "Pacific/Kiritimati", Messages: []beckon.Message{
		{ID: "ends", Channel: beckon.Email, Status: beckon.Live, Trigger: beckon.OnDate("ends_at", beckon.Days(-3)), Content: beckon.Content{Body: "{{ user.signed_up_at }}"}},
	}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		ends    beckon.Value
		sent    bool
		seen    string
		problem string
	}{
		{beckon.String("2026-03-06"), true, "2026-03-06", ""}, // on the island it is the 3rd already
		{beckon.String("2026-03-05"), false, "2026-03-05", ""},
		{beckon.String("2026-03-06 00:00:00Z"), false, "2026-03-06 00:00:00Z", `the text "2026-03-06 00:00:00Z" is not a date: write it as 2026-01-02 or 2026-01-02T15:04:05Z (RFC 3339)`},
		{beckon.Number(-1), false, "-1", ""},
	} {
		who := beckon.Identity{UserID: "u" + c.seen}
		contact, err := beckon.ParseContact([]byte(`{"user_id":"` + who.UserID + `","signed_up_at":"2026-03-01","attributes":{"created_at":"1969-12-31t23:59:59z"}}`))
		if err != nil {
			t.Fatal(err)
		}
		contact.Attributes["ends_at"] = c.ends
		if _, err := e.Update(t.Context(), contact); err != nil {
			t.Fatal(err)
		}
		traces, err := e.ExplainSweep(t.Context(), who)
		if err != nil || len(traces) != 1 {
			t.Fatal(traces, err)
		}
		x := traces[0]
		if x.Where == nil || x.Sent != c.sent || x.Where.Matched != c.sent || x.Where.Seen != c.seen || x.Where.Problem != c.problem ||
			x.Where.Rule != `{"date":"ends_at","offset":"-3d"}` {
			t.Errorf("%v: %+v, %+v", c.ends, x, x.Where)
		}
		if x.Sent && x.Body != "2026-03-01T00:00:00+14:00" {
			t.Errorf("signed up at %s", x.Body)
		}
		for rule, want := range map[string]bool{
			`{"user":"created_at","op":"on","value":"1969-12-31"}`:                 true, // the island was on the other side of the date line
			`{"user":"signed_up_at","op":"after","value":"2026-02-28T09:59:59Z"}`:  true,
			`{"user":"signed_up_at","op":"before","value":"2026-02-28t10:00:01z"}`: true,
			`{"user":"created_at","op":"more_than_ago","value":"20000d"}`:          true,
			`{"user":"created_at","op":"less_than_ago","value":"20000d"}`:          false,
		} {
			r, err := beckon.ParseRule([]byte(rule))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := e.Matches(t.Context(), r, who); err != nil || got != want {
				t.Errorf("%s: %v, %v", rule, got, err)
			}
		}
	}
}
