package beckon_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// C1, E1: what stands in a field and among the attributes must agree, as in JSON.
// Only the address of one who is known by another is changed so.
func TestFieldsAndAttributesAgree(t *testing.T) {
	t.Parallel()
	attr := func(name, text string) beckon.Attributes { return beckon.Attributes{name: beckon.String(text)} }
	for _, c := range []struct {
		name    string
		contact beckon.Contact
		field   string // of the fault; empty: there is none
	}{
		{"user_id", beckon.Contact{UserID: "u", Attributes: attr("user_id", "v")}, "attributes.user_id"},
		{"user_id to be unset", beckon.Contact{UserID: "u", Attributes: beckon.Attributes{"user_id": {}}}, "attributes.user_id"},
		{"id", beckon.Contact{ID: "u", Attributes: attr("id", "v")}, "attributes.id"},
		{"anonymous_id", beckon.Contact{AnonymousID: "u", Attributes: attr("anonymous_id", "v")}, "attributes.anonymous_id"},
		{"an id that does not decide", beckon.Contact{UserID: "u", ID: "i", Attributes: attr("id", "j")}, "attributes.id"},
		{"an email that does not decide", beckon.Contact{UserID: "u", Email: "a@x.test", Attributes: attr("email", "b@x.test")}, "attributes.email"},
		{"name", beckon.Contact{UserID: "u", Name: "Ada", Attributes: attr("name", "Bob")}, "attributes.name"},
		{"timezone", beckon.Contact{UserID: "u", Timezone: "UTC", Attributes: attr("timezone", "Europe/Dublin")}, "attributes.timezone"},
		{"the same", beckon.Contact{UserID: "u", ID: "i", Email: "a@x.test", Attributes: beckon.Attributes{
			"user_id": beckon.String("u"), "id": beckon.String("i"), "email": beckon.String("a@x.test"),
		}}, ""},
		{"blank is absent", beckon.Contact{UserID: " ", ID: "i", Attributes: attr("user_id", "v")}, ""},
		{"an address that decides", beckon.Contact{Email: "a@x.test", Attributes: attr("email", "b@x.test")}, ""},
		{"one that is not given", beckon.Contact{ID: "i", Attributes: attr("user_id", "v")}, ""},
	} {
		kit := beckontest.New(t, beckon.Program{})
		_, err := kit.Engine.Update(t.Context(), c.contact)
		var list beckon.ErrorList
		switch errors.As(err, &list); {
		case c.field == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.field != "" && (len(list) != 1 || list[0].Field != c.field || list[0].Message != "given twice, with different values"):
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// Z1: a contact for which another user's id was stored is still given back and
// acknowledged by what its deliveries say, also by those that say that id.
func TestStoredIdentityOfAnother(t *testing.T) {
	t.Parallel()
	ctx, now := context.Background(), noon
	kept := memstore.New()
	other := store.NewAttribute("user_id", beckon.String("v"))
	put(t, kept, store.Key{Kind: store.KindUser, ID: "u"}, store.Profile{
		Created: 1, Attributes: []store.Attribute{other},
	}, store.Pending{Until: 1, Delivery: beckon.Delivery{ID: "old", Message: "m", Contact: beckon.Identity{UserID: "v"}}})
	engine, err := beckon.New(kept, beckon.WithOutbox(), beckon.WithClock(func() time.Time { return now }))
	if err == nil {
		err = engine.Publish(ctx, repeating("m"))
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		res, err := engine.Track(ctx, beckon.Event{Name: "go", UserID: "u"})
		if err != nil || len(res.Deliveries) != 1 || res.Deliveries[0].Contact != (beckon.Identity{UserID: "u"}) {
			t.Fatal(res, err)
		}
		if err := engine.Release(ctx, res.Deliveries[0]); err != nil {
			t.Error(err)
		}
	}
	for d, err := range engine.Outbox(ctx) {
		if err != nil || d.Contact != (beckon.Identity{UserID: "u"}) {
			t.Errorf("%+v, %v", d, err)
		}
	}
	for d, err := range engine.Pending(ctx) {
		if err != nil || d.Contact != (beckon.Identity{UserID: "u"}) {
			t.Fatalf("%+v, %v", d, err)
		}
		if err := engine.Acknowledge(ctx, d); err != nil {
			t.Error(err)
		}
	}
	for d, err := range engine.Outbox(ctx) {
		t.Errorf("still pending: %+v, %v", d, err)
	}
	// One that was taken in is a name of the contact, also where the merge kept it.
	for _, id := range []string{"a", "b"} {
		if _, err := engine.Update(ctx, beckon.Contact{UserID: id}); err != nil {
			t.Fatal(err)
		}
	}
	into := beckon.Identity{UserID: "b"}
	if _, err := engine.Merge(ctx, beckon.Identity{UserID: "a"}, into); err != nil {
		t.Fatal(err)
	}
	res, err := engine.Track(ctx, beckon.Event{Name: "go", UserID: "a"})
	if err != nil || len(res.Deliveries) != 1 || res.Deliveries[0].Contact != into {
		t.Fatalf("%+v, %v", res.Deliveries, err)
	}
}

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
		traces, err := e.Explain(t.Context(), beckon.AtSweep(who))
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

// R3: the name of an attribute is escaped and cut in the field of an error.
func TestOddAttributeNamesInUpdates(t *testing.T) {
	t.Parallel()
	e, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"a\nb": `attributes["a\nb"]`, "plan": "attributes.plan", strings.Repeat("é", 200): `attributes["` + strings.Repeat(`\u00e9`, 64) + `"…]`,
	} {
		_, err := e.Update(t.Context(), beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{name: beckon.String(strings.Repeat("x", 20_000))}})
		var list beckon.ErrorList
		if !errors.As(err, &list) || len(list) != 1 || list[0].Field != want || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want it at %q", name, err, want)
		}
	}
}
