package foresee_test

import (
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/memstore"
)

// explained publishes a program, makes a contact, and explains an event "go" at an instant.
func explained(t *testing.T, now time.Time, p beckon.Program, c beckon.Contact, before ...string) map[string]explain.Message {
	t.Helper()
	clock := now.Add(-time.Hour)
	e, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return clock }))
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	c.UserID = who.UserID
	if _, err := e.Update(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for _, name := range before {
		if _, err := e.Track(t.Context(), beckon.Event{Name: name, UserID: who.UserID}); err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(10 * time.Minute)
	}
	clock = now
	list, err := e.Explain(t.Context(), beckon.Event{Name: "go", UserID: who.UserID, Metadata: beckon.Fields{{Key: "order", Value: beckon.String("99")}}})
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]explain.Message{}
	for _, x := range list {
		m[x.Message] = x
	}
	return m
}

func onGo(id string, channel beckon.Channel) beckon.Message {
	return beckon.Message{ID: id, Channel: channel, Status: beckon.Live, Trigger: beckon.On("go"), Content: beckon.Content{Subject: "s", Body: "{{ user.plan }}"}}
}

var tuesday = time.Date(2026, time.March, 3, 23, 30, 0, 0, time.UTC)

// S1, S4: in which zone hours count, and where it came from.
func TestZones(t *testing.T) {
	windows := []beckon.Window{{Days: []beckon.Weekday{"mon", "tue"}, From: "09:00", To: "24:00"}}
	message := func(id, zone string, contact bool) beckon.Message {
		m := onGo(id, beckon.Chat)
		m.Schedule = &beckon.Schedule{Timezone: zone, ContactTimezone: contact, Windows: windows}
		return m
	}
	messages := []beckon.Message{message("none", "", false), message("own", "Europe/Dublin", false), message("theirs", "", true), message("both", "Asia/Tokyo", true)}
	tokyo := beckon.Contact{Attributes: beckon.Attributes{"timezone": beckon.String("Asia/Tokyo")}}
	type zone struct {
		name   string
		from   explain.ZoneSource
		wanted bool
		open   bool
	}
	for _, c := range []struct {
		program string
		contact beckon.Contact
		want    map[string]zone
	}{
		{"", beckon.Contact{}, map[string]zone{
			"none": {"UTC", explain.ZoneByDefault, false, true}, "own": {"Europe/Dublin", explain.ZoneOfMessage, false, true},
			"theirs": {"UTC", explain.ZoneByDefault, true, true}, "both": {"Asia/Tokyo", explain.ZoneOfMessage, true, false},
		}},
		{"America/New_York", tokyo, map[string]zone{
			"none": {"America/New_York", explain.ZoneOfProgram, false, true}, "own": {"Europe/Dublin", explain.ZoneOfMessage, false, true},
			"theirs": {"Asia/Tokyo", explain.ZoneOfContact, false, false}, "both": {"Asia/Tokyo", explain.ZoneOfContact, false, false},
		}},
	} {
		got := explained(t, tuesday, beckon.Program{Timezone: c.program, Messages: messages}, c.contact)
		for id, want := range c.want {
			s := got[id].Hours.Schedule
			if s.Zone.Name != want.name || s.Zone.From != want.from || s.Zone.Wanted != want.wanted || s.Open != want.open || !s.Zone.Local.Equal(tuesday) {
				t.Errorf("program in %q, %s: %+v, open %v, want %+v", c.program, id, s.Zone, s.Open, want)
			}
			if len(s.Windows) != 2 || s.Windows[0] != (explain.Window{From: "mon 09:00", To: "mon 24:00"}) {
				t.Errorf("%+v", s.Windows)
			}
		}
	}
	// In Tokyo it is Wednesday: the next opening is Monday, 9 March, 09:00 there.
	theirs := explained(t, tuesday, beckon.Program{Messages: messages}, tokyo)["theirs"]
	opens := time.Date(2026, time.March, 9, 0, 0, 0, 0, time.UTC)
	if h := theirs.Hours; h.Open || h.Reason != beckon.ReasonSchedule || !h.OpensAt.Equal(opens) || !h.Schedule.OpensAt.Equal(opens) || !theirs.SendsAt.Equal(opens) {
		t.Errorf("%+v", h)
	}
}

// S1, S4: office hours, quiet hours and a snooze, each with its end, and when all are over.
func TestHours(t *testing.T) {
	m := onGo("m", beckon.Push)
	m.Schedule = &beckon.Schedule{OfficeHours: true, Outside: beckon.OutsideHold}
	got := explained(t, tuesday, beckon.Program{
		OfficeHours: &beckon.OfficeHours{Timezone: "Europe/Dublin", Windows: []beckon.Window{{From: "07:00", To: "17:00"}}},
		QuietHours:  []beckon.QuietHours{{Timezone: "Asia/Tokyo", Windows: []beckon.Window{{From: "06:00", To: "18:00"}}}},
		Messages:    []beckon.Message{m},
	}, beckon.Contact{SnoozedUntil: tuesday.Add(10 * time.Hour)})["m"]
	h := got.Hours
	morning, noon := time.Date(2026, time.March, 4, 7, 0, 0, 0, time.UTC), time.Date(2026, time.March, 4, 9, 30, 0, 0, time.UTC)
	if h.Schedule.InOffice == nil || h.Schedule.InOffice.From != explain.ZoneOfOffice || h.Schedule.Zone != nil || !h.Schedule.OpensAt.Equal(morning) || !h.Schedule.Holds {
		t.Errorf("%+v", h.Schedule)
	}
	if len(h.Quiet) != 1 || !h.Quiet[0].Quiet || h.Quiet[0].Zone.From != explain.ZoneOfQuiet || !h.Quiet[0].Ends.Equal(time.Date(2026, time.March, 4, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", h.Quiet)
	}
	if !h.Snoozed.Equal(noon) || !h.OpensAt.Equal(noon) || !got.SendsAt.Equal(noon) || got.SendsBy != explain.OnDue || got.Waits == nil || !got.Waits.Until.Equal(morning) {
		t.Errorf("%+v, sends at %s by %s, %+v", h, got.SendsAt, got.SendsBy, got.Waits)
	}
}

// F1, F5, F7: what was sent, what the limits are, and when there is room.
func TestLimits(t *testing.T) {
	first, capped, keyed := onGo("a", beckon.Push), onGo("b", beckon.Push), onGo("c", beckon.Chat)
	first.Priority = 1
	first.Frequency = &beckon.Frequency{Every: beckon.Hours(2), Max: 3}
	capped.Frequency = &beckon.Frequency{Every: beckon.Seconds(0)}
	keyed.Frequency = &beckon.Frequency{Every: beckon.Days(1), Per: "order"}
	exempt := onGo("d", beckon.Push)
	off := false
	exempt.LimitedByCaps, exempt.CountsTowardCaps = &off, &off
	got := explained(t, tuesday, beckon.Program{
		Caps:     []beckon.Cap{{ID: "all", Max: 9, Within: beckon.Days(1)}, {ID: "push", Channel: beckon.Push, Max: 2, Within: beckon.Hours(3)}},
		Messages: []beckon.Message{first, capped, keyed, exempt},
	}, beckon.Contact{}, "go", "go")
	start := tuesday.Add(-time.Hour)
	f := got["a"].Frequency
	if f.Count != 1 || f.Max != 3 || f.Every != explain.Span(2*time.Hour) || !f.Last.Equal(start) || !f.FreeAt.Equal(start.Add(2*time.Hour)) || !f.Full {
		t.Errorf("%+v", f)
	}
	if x := got["a"]; x.Reason != beckon.ReasonThrottled || !x.SendsAt.Equal(start.Add(3*time.Hour)) { // its frequency has room at 2h, its cap at 3h
		t.Errorf("%s until %s, %s", x.Reason, x.SendsAt, x.Never)
	}
	caps := got["b"].Caps
	if len(caps) != 2 || caps[0].ID != "all" || caps[0].Full || caps[1].ID != "push" || !caps[1].Full || caps[1].Count != 2 || caps[1].Ignored {
		t.Fatalf("%+v", caps)
	}
	if s := caps[1].Sends; len(s) != 2 || s[0] != (explain.Send{Message: "a", At: start}) || s[1] != (explain.Send{Message: "b", At: start}) || !caps[1].FreeAt.Equal(start.Add(3*time.Hour)) {
		t.Errorf("%+v", caps[1])
	}
	if x := got["b"]; x.Reason != beckon.ReasonCapped || x.Cap != "push" || !x.SendsAt.Equal(start.Add(3*time.Hour)) {
		t.Errorf("%s by %s until %s, %s", x.Reason, x.Cap, x.SendsAt, x.Never)
	}
	if f := got["c"].Frequency; f.Per != "order" || f.Value != `the text "99"` || f.Count != 0 {
		t.Errorf("%+v", f)
	}
	if x := got["d"]; !x.Sent || len(x.Caps) != 2 || !x.Caps[1].Ignored {
		t.Errorf("%+v", x.Caps)
	}
}

// C6, D10, D11: what was refused and by what, and which control group holds a contact out. A
// draft says what it would send.
func TestConsentAndControl(t *testing.T) {
	promo, news, must, draft, control := onGo("promo", beckon.Push), onGo("news", beckon.Chat), onGo("must", beckon.Push), onGo("draft", beckon.Chat), onGo("control", beckon.Chat)
	promo.Tags, must.Tags, must.Transactional, news.Topic = []string{"other", "promo"}, []string{"promo"}, true, "news"
	draft.Status, control.Control = beckon.Draft, 1
	got := explained(t, tuesday, beckon.Program{
		Topics:   []beckon.Topic{{ID: "news", Name: "News", OptIn: true}},
		Messages: []beckon.Message{promo, news, must, draft, control},
	}, beckon.Contact{Unsubscribed: []string{"push:promo"}, Attributes: beckon.Attributes{"plan": beckon.String("pro")}})
	if c := got["promo"].Consent; c == nil || !c.Refused || c.Of != "push:promo" || c.OptIn || !c.At.Equal(tuesday.Add(-time.Hour)) || c.From == "" {
		t.Errorf("%+v", c)
	}
	if c := got["news"].Consent; c == nil || !c.Refused || c.Of != "news" || !c.OptIn {
		t.Errorf("%+v", c)
	}
	if c := got["must"].Consent; !got["must"].Sent || c == nil || c.Refused || !c.Overruled {
		t.Errorf("%+v", c)
	}
	if x := got["draft"]; x.Live.Status != "draft" || x.Body != "pro" || x.Subject != "s" || x.Reason != beckon.ReasonNotLive || x.Never == "" {
		t.Errorf("%+v", x)
	}
	if c := got["control"].Control; c == nil || !c.Held || c.Of != "message" || c.Message != 1 || c.Program != 0 {
		t.Errorf("%+v", c)
	}
	all := explained(t, tuesday, beckon.Program{Control: 1, Messages: []beckon.Message{onGo("m", beckon.Chat)}}, beckon.Contact{})["m"]
	if c := all.Control; all.Reason != beckon.ReasonControl || c == nil || !c.Held || c.Of != "program" {
		t.Errorf("%s, %+v", all.Reason, c)
	}
}
