package beckon_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// C1: what is read of a contact is what it was told, and what rules read besides.
func TestContact(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Status: beckon.Live, Trigger: beckon.On("login"), Content: beckon.Content{Body: "Hello"},
	}}})
	kit.At(noon)
	kit.Update(beckon.Contact{
		UserID: "u1", Email: "Ada@b.example", Name: "Ada", Timezone: "Asia/Tokyo", Unsubscribed: []string{"push:promo", "email"},
		Attributes: beckon.Attributes{"plan": beckon.String("pro"), "tags": beckon.List("a", "b"), "phone": beckon.String("1")},
		Companies: []beckon.Membership{
			{CompanyID: "old"},
			{CompanyID: "acme", Name: "Acme", Attributes: beckon.Attributes{"employees": beckon.Number(80)}},
		},
	})
	kit.At(noon.Add(time.Minute))
	kit.Visit(beckon.Visit{UserID: "u1"})
	kit.At(noon.Add(time.Hour))
	kit.Track(beckon.Event{Name: "login", UserID: "u1"})

	got, err := kit.Engine.Contact(t.Context(), beckon.Identity{UserID: "u1"})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"user_id":"u1","email":"Ada@b.example","name":"Ada","timezone":"Asia/Tokyo","unsubscribed":["email","push:promo"],` +
		`"attributes":{"created_at":1772452800,"first_seen_at":1772452860,"last_contacted_at":1772456400,"last_seen_at":1772452860,` +
		`"phone":"1","plan":"pro","role":"user","session_count":1,"tags":["a","b"]},` +
		`"companies":[{"company_id":"old"},{"company_id":"acme","name":"Acme","attributes":{"employees":80}}]}`
	if diff := cmp.Diff(want, string(marshal(t, got))); diff != "" {
		t.Error(diff)
	}
	if again, err := beckon.ParseContact(marshal(t, got)); err != nil || string(marshal(t, again)) != want {
		t.Errorf("what is read is no contact's document: %s, %v", marshal(t, again), err)
	}

	// Written back: what only visits set is refused, and without it nothing changes.
	_, err = kit.Engine.Update(t.Context(), got)
	var faults beckon.ErrorList
	if !errors.As(err, &faults) || len(faults) != 3 || !errors.Is(err, beckon.ErrAttributeInvalid) {
		t.Errorf("written back as it is: %v", err)
	}
	for _, f := range faults {
		delete(got.Attributes, strings.TrimPrefix(f.Field, "attributes."))
	}
	if _, err := kit.Engine.Update(t.Context(), got); err != nil {
		t.Errorf("written back without these: %v", err)
	}
	if got, err = kit.Engine.Contact(t.Context(), beckon.Identity{UserID: "u1"}); err != nil || string(marshal(t, got)) != want {
		t.Errorf("afterwards: %s, %v", marshal(t, got), err)
	}

	// What was read is the host's own.
	got.Attributes["plan"], got.Unsubscribed[0] = beckon.String("free"), "sms"
	if again, err := kit.Engine.Contact(t.Context(), beckon.Identity{Email: "ada@B.example"}); err != nil || string(marshal(t, again)) != want {
		t.Errorf("read again: %s, %v", marshal(t, again), err)
	}
}

func marshal(t *testing.T, c beckon.Contact) []byte {
	t.Helper()
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// E1: an email that fits several contacts means the one known by it alone. Reading
// makes nobody known.
func TestContactByIdentity(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{})
	read := func(who beckon.Identity) (beckon.Contact, error) { return kit.Engine.Contact(t.Context(), who) }
	refused := func(who beckon.Identity, code beckon.Code) {
		t.Helper()
		if c, err := read(who); !errors.Is(err, code) || !cmp.Equal(c, beckon.Contact{}) {
			t.Errorf("%+v: got %+v, %v, want %s", who, c, err, code)
		}
	}
	shared := beckon.Identity{Email: "a@b.example"}
	refused(shared, beckon.ErrContactUnknown)
	refused(shared, beckon.ErrContactUnknown) // still
	refused(beckon.Identity{}, beckon.ErrContactMissing)
	for _, id := range []string{"u1", "u2"} {
		kit.Update(beckon.Contact{UserID: id, Email: shared.Email})
	}
	refused(shared, beckon.ErrContactAmbiguous)
	if err := kit.Engine.Delete(t.Context(), beckon.Identity{UserID: "u2"}); err != nil {
		t.Fatal(err)
	}
	refused(beckon.Identity{UserID: "u2"}, beckon.ErrContactUnknown)
	if c, err := read(shared); err != nil || c.UserID != "u1" {
		t.Errorf("by the address of one: got %+v, %v", c, err)
	}

	// A lead that the address has made, and others who have it.
	lead := beckon.Identity{Email: "Lead@b.example"}
	kit.Track(beckon.Event{Name: "e", Email: lead.Email})
	kit.Update(beckon.Contact{UserID: "u3", Email: lead.Email})
	if c, err := read(lead); err != nil || c.UserID != "" || c.Email != lead.Email || c.Attributes["role"].Text() != "lead" {
		t.Errorf("the one made by the address: got %+v, %v", c, err)
	}

	// What was merged leads to the contact that took it in.
	if _, err := kit.Engine.Merge(t.Context(), beckon.Identity{AnonymousID: "v"}, beckon.Identity{UserID: "u1"}); err != nil {
		t.Fatal(err)
	}
	kit.Visit(beckon.Visit{AnonymousID: "w"})
	if _, err := kit.Engine.Merge(t.Context(), beckon.Identity{AnonymousID: "w"}, beckon.Identity{UserID: "u1"}); err != nil {
		t.Fatal(err)
	}
	if c, err := read(beckon.Identity{AnonymousID: "w"}); err != nil || c.UserID != "u1" {
		t.Errorf("by an identity merged into it: got %+v, %v", c, err)
	}
	refused(beckon.Identity{AnonymousID: "v"}, beckon.ErrContactUnknown)
}

// C2: a contact that is merged into another while it is read is read there.
func TestContactWhileMerged(t *testing.T) {
	shared := &readStore{Store: memstore.New()}
	engine, err := beckon.New(shared)
	if err != nil {
		t.Fatal(err)
	}
	visitor, user := beckon.Identity{AnonymousID: "v"}, beckon.Identity{UserID: "u"}
	for _, who := range []beckon.Identity{visitor, user} {
		if _, err := engine.Visit(t.Context(), beckon.Visit{UserID: who.UserID, AnonymousID: who.AnonymousID}); err != nil {
			t.Fatal(err)
		}
	}
	reads := 0
	shared.before = func() {
		if reads++; reads == 2 { // it was found, and is read now
			if _, err := engine.Merge(t.Context(), visitor, user); err != nil {
				t.Error(err)
			}
		}
	}
	if c, err := engine.Contact(t.Context(), visitor); err != nil || c.UserID != "u" || reads < 3 {
		t.Errorf("got %+v, %v after %d reads", c, err, reads)
	}
}

// A readStore calls before ahead of each read.
type readStore struct {
	beckon.Store
	before func()
}

func (s *readStore) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	if s.before != nil {
		s.before()
	}
	return s.Store.Read(ctx, keys, fn)
}
