package beckon_test

import (
	"context"
	"errors"
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
		Pending: []store.Pending{{Until: 1, Delivery: beckon.Delivery{ID: "old", Message: "m", Contact: beckon.Identity{UserID: "v"}}}},
	})
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
