package beckonhttp_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
)

func TestSigned(t *testing.T) {
	newer, older := []byte(strings.Repeat("n", 32)), []byte(strings.Repeat("o", 32))
	signed, err := beckonhttp.Signed(newer, older)
	if err != nil {
		t.Fatal(err)
	}
	// printf u1 | openssl dgst -sha256 -hmac secret
	if got := beckonhttp.UserHash([]byte("secret"), "u1"); got != "8a629605d37d74d6c872140bed892da5f3739914899fdd6171dfe43031786151" {
		t.Error(got)
	}
	for _, c := range []struct {
		name, user, hash string
		want             error
	}{
		{"the newer key", "u1", beckonhttp.UserHash(newer, "u1"), nil},
		{"the older key", "u1", beckonhttp.UserHash(older, "u1"), nil},
		{"in capitals", "u1", strings.ToUpper(beckonhttp.UserHash(newer, "u1")), nil},
		{"another's", "u2", beckonhttp.UserHash(newer, "u1"), beckonhttp.ErrForbidden},
		{"no key of ours", "u1", beckonhttp.UserHash([]byte(strings.Repeat("x", 32)), "u1"), beckonhttp.ErrForbidden},
		{"cut short", "u1", beckonhttp.UserHash(newer, "u1")[:62], beckonhttp.ErrForbidden},
		{"no hash", "u1", "", beckonhttp.ErrForbidden},
		{"no hexadecimal", "u1", "zz", beckonhttp.ErrForbidden},
		{"nobody", "", beckonhttp.UserHash(newer, ""), beckonhttp.ErrForbidden},
		{"blank", " ", beckonhttp.UserHash(newer, " "), beckonhttp.ErrForbidden},
		{"nothing", "", "", beckonhttp.ErrUnauthorized},
	} {
		r := &http.Request{Header: http.Header{}}
		r.Header.Set("Beckon-User-Id", c.user)
		r.Header.Set("Beckon-User-Hash", c.hash)
		who, err := signed(r)
		if !errors.Is(err, c.want) || err == nil && who != (beckon.Identity{UserID: c.user}) || err != nil && who != (beckon.Identity{}) {
			t.Errorf("%s: %+v, %v", c.name, who, err)
		}
	}
	// A browser sends no other characters in a header than those of Latin-1, and cuts spaces off.
	for _, c := range []struct{ sent, signed, want string }{
		{"%D0%AE%C3%A9%20", "Юé ", "Юé "},
		{"a%25%D0%AE", "a%Ю", "a%Ю"},
		{"Юé", "Юé", "Юé"},
		{"a%20b", "a%20b", "a%20b"}, // as it is first
		{"%zz", "%zz", "%zz"},
		{"%D0%AE", "Я", ""},
		{"%zz", "zz", ""},
		{"%20", " ", ""},
		{"%2520", " ", ""}, // once
	} {
		r := &http.Request{Header: http.Header{}}
		r.Header.Set("Beckon-User-Id", c.sent)
		r.Header.Set("Beckon-User-Hash", beckonhttp.UserHash(newer, c.signed))
		if who, err := signed(r); who != (beckon.Identity{UserID: c.want}) || (c.want == "") != errors.Is(err, beckonhttp.ErrForbidden) {
			t.Errorf("%q, signed for %q: %+v, %v", c.sent, c.signed, who, err)
		}
	}
	for _, keys := range [][][]byte{nil, {newer, []byte("short")}} {
		if _, err := beckonhttp.Signed(keys...); err == nil {
			t.Errorf("%d keys are taken", len(keys))
		}
	}
}

func TestAnonymousAndFirstOf(t *testing.T) {
	key := []byte(strings.Repeat("k", 32))
	signed, err := beckonhttp.Signed(key)
	if err != nil {
		t.Fatal(err)
	}
	first := beckonhttp.FirstOf(signed, beckonhttp.Anonymous)
	const visitor = "0123456789abcdef"
	for _, c := range []struct {
		name, user, hash, anonymous string
		want                        beckon.Identity
		err                         error
	}{
		{"a user", "u1", beckonhttp.UserHash(key, "u1"), visitor, beckon.Identity{UserID: "u1"}, nil},
		{"a visitor", "", "", visitor, beckon.Identity{AnonymousID: visitor}, nil},
		{"a forged user", "u1", "00", visitor, beckon.Identity{}, beckonhttp.ErrForbidden},
		{"an id that can be guessed", "", "", "1", beckon.Identity{}, beckonhttp.ErrForbidden},
		{"an id of other characters", "", "", visitor + "é", beckon.Identity{}, beckonhttp.ErrForbidden},
		{"an id that is long", "", "", strings.Repeat("a", 65), beckon.Identity{}, beckonhttp.ErrForbidden},
		{"nobody", "", "", "", beckon.Identity{}, beckonhttp.ErrUnauthorized},
	} {
		r := &http.Request{Header: http.Header{}}
		r.Header.Set("Beckon-User-Id", c.user)
		r.Header.Set("Beckon-User-Hash", c.hash)
		r.Header.Set("Beckon-Anonymous-Id", c.anonymous)
		if who, err := first(r); who != c.want || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %v", c.name, who, err)
		}
	}
}
