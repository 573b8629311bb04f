package identity

import (
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
)

// E1: the first that is given decides.
func TestIdentityDeciding(t *testing.T) {
	for _, c := range []struct {
		id   store.Identity
		kind store.Kind
		text string
	}{
		{store.Identity{UserID: "u", ID: "i", Email: "e", AnonymousID: "a"}, store.KindUser, "u"},
		{store.Identity{UserID: "", ID: "i", Email: "e", AnonymousID: "a"}, store.KindContact, "i"},
		{store.Identity{UserID: "", ID: "", Email: "e", AnonymousID: "a"}, store.KindEmail, "e"},
		{store.Identity{UserID: "", ID: "", Email: "", AnonymousID: "a"}, store.KindAnonymous, "a"},
		{store.Identity{UserID: "  ", ID: "\t", Email: "", AnonymousID: " a "}, store.KindAnonymous, " a "}, // blank is not given; space is not trimmed
		{store.Identity{}, 0, ""},
		{store.Identity{UserID: "\u00a0", Email: " "}, 0, ""},
	} {
		if kind, text := Deciding(c.id); kind != c.kind || text != c.text {
			t.Errorf("%+v: got %v %q", c.id, kind, text)
		}
	}
}

func TestIdentityKey(t *testing.T) {
	if key, ok := KeyOf(store.Identity{UserID: "U 1", Email: "not an email"}); !ok || key != (store.Key{Kind: store.KindUser, ID: "U 1"}) {
		t.Errorf("got %v, %v", key, ok)
	}
	if key, ok := KeyOf(store.Identity{Email: "ada@example.com"}); !ok || key != (store.Key{Kind: store.KindEmail, ID: "ada@example.com"}) {
		t.Errorf("got %v, %v", key, ok)
	}
	for _, id := range []store.Identity{{}, {Email: "not an email"}} {
		if key, ok := KeyOf(id); ok {
			t.Errorf("%+v: got %v", id, key)
		}
	}
}

func TestIdentityFaults(t *testing.T) {
	long := strings.Repeat("é", store.MaxIdentityLength)
	for _, c := range []struct {
		id   store.Identity
		want string
	}{
		{store.Identity{UserID: "u"}, ""},
		{store.Identity{UserID: "42\x00\n\u202e"}, ""}, // it is compared and never shown
		{store.Identity{}, "contact_missing user_id"},
		{store.Identity{ID: " "}, "contact_missing user_id"},
		{store.Identity{UserID: long, ID: long, AnonymousID: long}, ""},
		{store.Identity{UserID: long + "e", AnonymousID: long + "e"}, "type_invalid user_id, type_invalid anonymous_id"},
		{store.Identity{UserID: "u", ID: "\xff"}, "text_not_utf8 id"},
		{store.Identity{Email: "ada@example.com"}, ""},
		{store.Identity{Email: "Ada <ada@example.com>"}, "email_invalid email"},
		{store.Identity{Email: "\xff"}, "text_not_utf8 email"},
		{store.Identity{UserID: "u", Email: "not an email"}, ""}, // ignored, for the user_id decides
		{store.Identity{Email: "not an email", AnonymousID: "v"}, "email_invalid email"},
	} {
		var l fault.List
		AddFaults(c.id, &l)
		if got := faultsIn(l); got != c.want {
			t.Errorf("%.60v: got %s, want %s", c.id, got, c.want)
		}
	}
	l := fault.List{{Code: fault.ErrTypeInvalid, Field: "user_id"}}
	if AddFaults(store.Identity{Email: "not an email"}, &l); len(l) != 1 {
		t.Errorf("an email was judged that a user_id would have outranked: %v", l)
	}
}

// faultsIn returns "code field" of each fault, in order.
func faultsIn(l fault.List) string {
	out := make([]string, len(l))
	for i, x := range l {
		out[i] = string(x.Code) + " " + x.Field
	}
	return strings.Join(out, ", ")
}
