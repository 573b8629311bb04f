package beckon_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckontest"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// refusals returns what a contact has refused.
func refusals(t *testing.T, e *beckon.Engine, who beckon.Identity) []string {
	t.Helper()
	x, _, err := e.Export(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	return x.Unsubscribed
}

// D11: refusals that are noted at the same moment are all kept, and so is an
// update of something else.
func TestUnsubscribeIsAtomic(t *testing.T) {
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	who := beckon.Identity{UserID: "u"}
	if err := engine.Unsubscribe(t.Context(), who, "sms"); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	want := []string{}
	for i := range 32 {
		tag := fmt.Sprintf("email:t%02d", i)
		want = append(want, tag)
		wg.Add(2)
		go func() {
			defer wg.Done()
			if err := engine.Unsubscribe(t.Context(), who, tag); err != nil {
				t.Error(err)
			}
		}()
		go func() {
			defer wg.Done()
			if _, err := engine.Update(t.Context(), beckon.Contact{UserID: "u", Attributes: beckon.Attributes{tag: beckon.Bool(true)}}); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if got := refusals(t, engine, who); !slices.Equal(got, append(want, "sms")) {
		t.Errorf("got %q", got)
	}
	if err := engine.Resubscribe(t.Context(), who, "sms"); err != nil {
		t.Fatal(err)
	}
	if got := refusals(t, engine, who); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// D11: tags are bounded, and a channel as a whole can be refused at any time.
func TestUnsubscribeLimit(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{})
	who := beckon.Identity{UserID: "u"}
	for i := range beckon.MaxUnsubscribed {
		kit.Unsubscribe(who, fmt.Sprint("email:", i))
	}
	kit.Unsubscribe(who, "email:7") // it has it
	kit.WantErr(kit.Engine.Unsubscribe(t.Context(), who, "email:more"), beckon.ErrAttributeInvalid)
	for _, channel := range []string{"email", "push", "sms"} {
		kit.Unsubscribe(who, channel)
	}
	if got := refusals(t, kit.Engine, who); len(got) != beckon.MaxUnsubscribed+3 || !slices.IsSorted(got) {
		t.Errorf("%d refusals: %q", len(got), got)
	}
	kit.Resubscribe(who, "email")
	kit.Resubscribe(who, "email:7")
	if got := refusals(t, kit.Engine, who); len(got) != beckon.MaxUnsubscribed+1 || slices.Contains(got, "email:7") {
		t.Errorf("%d refusals: %q", len(got), got)
	}
}

// D11: what cannot be refused is told, with what is wrong with the identity.
func TestUnsubscribeFaults(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{})
	for _, from := range []string{
		"", "chat", "post", "banner:promo", "custom:x", "EMAIL", " email", "email ", "email:", "email:a\x00b", "email:\xff", "promo", ":", ":promo",
		"email:" + strings.Repeat("x", beckon.MaxIDLength+1),
	} {
		for _, call := range []error{
			kit.Engine.Unsubscribe(t.Context(), beckon.Identity{UserID: "u"}, from),
			kit.Engine.Resubscribe(t.Context(), beckon.Identity{UserID: "u"}, from),
		} {
			var one *beckon.Error
			if !errors.As(call, &one) || one.Code != beckon.ErrSubscriptionUnknown || one.Field != "from" || len(one.Message) > 500 {
				t.Errorf("%q: got %v", from, call)
			}
		}
	}
	kit.WantErr(kit.Engine.Unsubscribe(t.Context(), beckon.Identity{Email: "nobody"}, "chat"), beckon.ErrEmailInvalid, beckon.ErrSubscriptionUnknown)
	if all := kit.Match(beckon.Rule{}); len(all) != 0 {
		t.Errorf("made %v", all)
	}
	if err := kit.Engine.Close(); err != nil {
		t.Fatal(err)
	}
	kit.WantErr(kit.Engine.Unsubscribe(t.Context(), beckon.Identity{UserID: "u"}, "email"), beckon.ErrClosed)
}

// C1: an update that only leaves a company makes none, and what it says of the
// company is set all the same.
func TestLeavingMakesNoCompany(t *testing.T) {
	kept := memstore.New()
	engine, err := beckon.New(kept)
	if err != nil {
		t.Fatal(err)
	}
	update := func(list ...beckon.Membership) {
		t.Helper()
		if _, err := engine.Update(t.Context(), beckon.Contact{UserID: "u", Companies: list}); err != nil {
			t.Fatal(err)
		}
	}
	company := func(id string) (exists bool, name string) {
		t.Helper()
		if err := kept.Read(t.Context(), []store.Key{{Kind: store.KindCompany, ID: id}}, func(rec *store.Record) error {
			exists, name = rec.Exists, rec.Profile.Attribute("name").Text()
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return exists, name
	}
	update(beckon.Membership{CompanyID: "none", Remove: true})
	if exists, _ := company("none"); exists {
		t.Error("leaving made a company")
	}
	update(beckon.Membership{CompanyID: "a", Name: "A"})
	update(beckon.Membership{CompanyID: "a", Name: "B", Remove: true})
	if _, name := company("a"); name != "B" {
		t.Errorf("the company is called %q", name)
	}
	x, _, err := engine.Export(t.Context(), beckon.Identity{UserID: "u"})
	if err != nil || len(x.Companies) != 0 {
		t.Errorf("still in %q, %v", x.Companies, err)
	}
}

// C1: one who is in as many companies as may be can change one for another.
func TestLeavingMakesRoom(t *testing.T) {
	kit := beckontest.New(t, beckon.Program{})
	full := make([]beckon.Membership, beckon.MaxCompanies)
	for i := range full {
		full[i].CompanyID = fmt.Sprint(i)
	}
	kit.Update(beckon.Contact{UserID: "u", Companies: full})
	kit.UpdateErr(beckon.Contact{UserID: "u", Companies: []beckon.Membership{{CompanyID: "new"}}}, beckon.ErrAttributeInvalid)
	kit.Update(beckon.Contact{UserID: "u", Companies: []beckon.Membership{{CompanyID: "new"}, {CompanyID: "7", Remove: true}}})
}
