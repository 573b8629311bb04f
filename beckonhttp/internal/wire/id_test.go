package wire_test

import (
	"net/url"
	"testing"

	"pgregory.net/rapid"

	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
	"github.com/beckon-go/beckon/store"
)

func TestContactID(t *testing.T) {
	for _, c := range []struct {
		who  store.Identity
		want string
	}{
		{store.Identity{UserID: "u1", ID: "l1", Email: "a@b.example"}, "user_id:u1"},
		{store.Identity{ID: "5f3a", Email: "a@b.example"}, "5f3a"},
		{store.Identity{ID: "a/b"}, "id:a~2Fb"},
		{store.Identity{ID: "user_id:u1"}, "id:user_id:u1"},
		{store.Identity{ID: "user_id:"}, "user_id:"},
		{store.Identity{Email: "Ada+x@b.example"}, "email:Ada+x@b.example"},
		{store.Identity{AnonymousID: "é?"}, "anonymous_id:~C3~A9~3F"},
		{store.Identity{UserID: ".."}, "user_id:~2E."},
		{store.Identity{}, ""},
	} {
		if got := wire.ContactID(c.who); got != c.want {
			t.Errorf("%+v: %q, want %q", c.who, got, c.want)
		}
	}
	for _, id := range []string{"", "x", "user_id:", "user_id:%20", "email:~2", "email:~2f", "user_id:~41", "other:x"} {
		if got := wire.ParseContactID(id); got != (store.Identity{ID: id}) {
			t.Errorf("%q: %+v", id, got)
		}
	}
}

// An id leads back to whom it was made of, whether or not a client escapes it.
func TestContactIDRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.StringN(1, 20, -1), rapid.SampledFrom([]string{"user_id:u", "id:id:x", "email:~41", "~", "%2F", "/", "?", "#"})).Draw(t, "text")
		who := rapid.SampledFrom([]store.Identity{{UserID: text}, {ID: text}, {Email: text}, {AnonymousID: text}}).Draw(t, "who")
		id := wire.ContactID(who)
		if got := wire.ParseContactID(id); got != who {
			t.Fatalf("%q is %+v, want %+v", id, got, who)
		}
		if u, err := url.Parse("/contacts/" + id); err != nil || u.Path != "/contacts/"+id || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("%q in a path: %+v, %v", id, u, err)
		}
	})
}
