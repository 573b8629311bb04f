package unsubscribe_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/unsubscribe"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func key(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

func signer(t testing.TB, keys ...[]byte) *unsubscribe.Signer {
	t.Helper()
	if len(keys) == 0 {
		keys = [][]byte{key('k')}
	}
	s, err := unsubscribe.NewSigner(keys...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// golden are tokens by the key of 32 bytes "k". A mail keeps its link for years: none of
// these may ever change, or be refused. They were checked by another program, in Python.
var golden = []struct {
	token string
	sub   unsubscribe.Subject
}{
	{"AQEAAnUxZW1haWwSq4Lx3S15JI1UghTbPCHmhZ5N0mS7FxWbwyY84RUTAg", unsubscribe.Subject{Contact: beckon.Identity{UserID: "u1"}, From: "email"}},
	{"AQIABmxlYWQgN3B1c2g6cHJvbW8kAPjHfMO3k9SwMzGHado_lpXTN4oa2vbTUFuIyiinfA", unsubscribe.Subject{Contact: beckon.Identity{ID: "lead 7"}, From: "push:promo"}},
	{"AQMAD0FkYUBleGFtcGxlLmNvbWVtYWlsOm5ld3M39nxD77KynFltBmeqls77ZQGkciei0t02aHvPhL8yAw", unsubscribe.Subject{Contact: beckon.Identity{Email: "Ada@example.com"}, From: "email:news"}},
	{"AQSl0uHZBgRhAMO8c21zsB1tfHGPjNSC-2C6wTbPxFOGAEJKlZLqHMjymt8ftcc", unsubscribe.Subject{Contact: beckon.Identity{AnonymousID: "a\x00ü"}, From: "sms", Expires: time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)}},
}

func TestTokensNeverChange(t *testing.T) {
	s := signer(t)
	for _, c := range golden {
		token, err := s.Token(c.sub)
		if err != nil || token != c.token {
			t.Errorf("%+v: got %s, %v", c.sub, token, err)
		}
		if sub, err := s.Check(c.token, start); err != nil || sub != c.sub {
			t.Errorf("%s: got %+v, %v", c.token, sub, err)
		}
	}
}

// E1: the first identity that is given decides, and the token keeps no other.
func TestTokenKeepsTheIdentityThatDecides(t *testing.T) {
	s := signer(t)
	for _, c := range []struct{ who, want beckon.Identity }{
		{beckon.Identity{UserID: "u", ID: "i", Email: "e@example.com", AnonymousID: "a"}, beckon.Identity{UserID: "u"}},
		{beckon.Identity{UserID: " ", ID: "i", Email: "e@example.com", AnonymousID: "a"}, beckon.Identity{ID: "i"}},
		{beckon.Identity{Email: "e@example.com", AnonymousID: "a"}, beckon.Identity{Email: "e@example.com"}},
	} {
		token, err := s.Token(unsubscribe.Subject{Contact: c.who, From: "email"})
		if err != nil {
			t.Fatal(err)
		}
		if sub, err := s.Check(token, start); err != nil || sub.Contact != c.want {
			t.Errorf("%+v: got %+v, %v", c.who, sub.Contact, err)
		}
	}
}

// A token is made of what the engine takes, and of nothing else: a link that fails when it
// is clicked is of no use.
func TestTokenIsRefusedAsTheEngineRefuses(t *testing.T) {
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	// Of a topic a token cannot know whether the program has it.
	if err := engine.Publish(t.Context(), beckon.Program{Topics: []beckon.Topic{{ID: "banner"}, {ID: "Email"}, {ID: strings.Repeat("x", 255)}}}); err != nil {
		t.Fatal(err)
	}
	s := signer(t)
	good := beckon.Identity{UserID: "u1"}
	for _, c := range []struct {
		who  beckon.Identity
		from string
	}{
		{good, "email"},
		{good, "push"},
		{good, "sms"},
		{good, "email:promo"},
		{good, "push:a:b"},
		{good, "email:" + strings.Repeat("x", 255)},
		{good, "email:" + strings.Repeat("x", 256)},
		{good, ""},
		{good, "email:"},
		{good, "banner"},
		{good, "Email"},
		{good, strings.Repeat("x", 255)},
		{good, strings.Repeat("x", 256)},
		{good, "a\nb"},
		{good, "email:a\nb"},
		{good, "email:\xff"},
		{beckon.Identity{}, "email"},
		{beckon.Identity{UserID: "  "}, "email"},
		{beckon.Identity{Email: "nobody"}, "email"},
		{beckon.Identity{Email: "ada@example.com"}, "email"},
		{beckon.Identity{UserID: "\xff"}, "email"},
		{beckon.Identity{UserID: strings.Repeat("ü", 1024)}, "email"},
		{beckon.Identity{UserID: strings.Repeat("ü", 1025)}, "email"},
		{beckon.Identity{UserID: "a\x00b"}, "email"},
	} {
		token, err := s.Token(unsubscribe.Subject{Contact: c.who, From: c.from})
		refused := engine.Unsubscribe(t.Context(), c.who, c.from)
		if (err == nil) != (refused == nil) {
			t.Errorf("%.40q %+.40v: the token says %v, the engine %v", c.from, c.who, err, refused)
		}
		if err == nil {
			if sub, err := s.Check(token, start); err != nil || sub.Contact != c.who || sub.From != c.from {
				t.Errorf("%.40q %+.40v: got %+v, %v", c.from, c.who, sub, err)
			}
		}
	}
}

func TestTokenExpires(t *testing.T) {
	s := signer(t)
	token, err := s.Token(unsubscribe.Subject{Contact: beckon.Identity{UserID: "u1"}, From: "email", Expires: start.Add(time.Minute + time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		want  error
	}{{0, nil}, {time.Minute - 1, nil}, {time.Minute, unsubscribe.ErrExpired}, {time.Hour, unsubscribe.ErrExpired}} {
		sub, err := s.Check(token, start.Add(c.after))
		if !errors.Is(err, c.want) || err != nil && sub != (unsubscribe.Subject{}) {
			t.Errorf("after %s: %v with %+v", c.after, err, sub)
		}
	}
	if _, err := s.Token(unsubscribe.Subject{Contact: beckon.Identity{UserID: "u1"}, From: "email", Expires: time.Unix(-5, 0)}); err == nil {
		t.Error("a token expires before 1970")
	}
}

// The first key signs, and what any of them has signed is accepted.
func TestKeysAreRotated(t *testing.T) {
	older, newer := key('a'), key('b')
	sub := unsubscribe.Subject{Contact: beckon.Identity{UserID: "u1"}, From: "email"}
	before, both, after := signer(t, older), signer(t, newer, older), signer(t, newer)
	old, err := before.Token(sub)
	if err != nil {
		t.Fatal(err)
	}
	next, err := both.Token(sub)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		signer *unsubscribe.Signer
		token  string
		want   error
	}{
		{"the old one by both", both, old, nil},
		{"the new one by both", both, next, nil},
		{"the new one by the new key", after, next, nil},
		{"the old one by the new key", after, old, unsubscribe.ErrBad},
		{"the new one by the old key", before, next, unsubscribe.ErrBad},
	} {
		if _, err := c.signer.Check(c.token, start); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	older[0]++ // the keys are the signer's own
	if _, err := both.Check(old, start); err != nil {
		t.Errorf("a key was not copied: %v", err)
	}
}

func TestKeysAreLongAndKept(t *testing.T) {
	if _, err := unsubscribe.NewSigner(); err == nil {
		t.Error("a signer without a key")
	}
	if _, err := unsubscribe.NewSigner(key('a'), key('b')[:31]); err == nil || !strings.Contains(err.Error(), "key 2 has 31 bytes") {
		t.Errorf("a key of 31 bytes: %v", err)
	}
	secret := []byte("secret-secret-secret-secret-secret")
	if text := fmt.Sprintf("%v %+v %#v", signer(t, secret), *signer(t, secret), signer(t, secret)); strings.Contains(text, "secret") || strings.Contains(text, "115 101 99") {
		t.Errorf("a signer prints its key: %s", text)
	}
	var zero unsubscribe.Signer
	if _, err := zero.Token(golden[0].sub); err == nil {
		t.Error("the zero Signer makes a token")
	}
	if _, err := zero.Check(golden[0].token, start); !errors.Is(err, unsubscribe.ErrBad) {
		t.Errorf("the zero Signer: %v", err)
	}
}

// Whatever is changed in a token, it is bad: each bit, each length, each spelling.
func TestChangedTokensAreBad(t *testing.T) {
	s := signer(t)
	for _, c := range golden {
		data, err := base64.RawURLEncoding.DecodeString(c.token)
		if err != nil {
			t.Fatal(err)
		}
		var others []string
		for i := range data {
			for bit := range 8 {
				changed := bytes.Clone(data)
				changed[i] ^= 1 << bit
				others = append(others, base64.RawURLEncoding.EncodeToString(changed))
			}
			others = append(others, base64.RawURLEncoding.EncodeToString(data[:i]), base64.RawURLEncoding.EncodeToString(data[i+1:]))
		}
		others = append(others, c.token+"\n", c.token[:9]+"\r\n"+c.token[9:], c.token+"=", " "+c.token, c.token+"A", c.token+"AA", base64.StdEncoding.EncodeToString(data)+"=")
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		for _, last := range alphabet { // the bits that are left over at the end
			if other := c.token[:len(c.token)-1] + string(last); other != c.token {
				others = append(others, other)
			}
		}
		for _, other := range others {
			if sub, err := s.Check(other, start); !errors.Is(err, unsubscribe.ErrBad) || sub != (unsubscribe.Subject{}) {
				t.Fatalf("%q is taken for %q: %+v, %v", other, c.token, sub, err)
			}
		}
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("")
	f.Add("AQE")
	f.Add(strings.Repeat("A", 9000))
	for _, c := range golden {
		f.Add(c.token)
		f.Add(c.token[1:])
		f.Add(c.token + "\n")
	}
	s := signer(f)
	f.Fuzz(func(t *testing.T, token string) {
		sub, err := s.Check(token, start)
		if err != nil {
			if !errors.Is(err, unsubscribe.ErrBad) && !errors.Is(err, unsubscribe.ErrExpired) || sub != (unsubscribe.Subject{}) {
				t.Fatalf("%q: %+v, %v", token, sub, err)
			}
			return
		}
		if again, err := s.Token(sub); err != nil || again != token {
			t.Fatalf("%q has another spelling, %q (%v)", token, again, err)
		}
	})
}

// What has any content but a right signature: the parser sees what only a holder of the key
// could have made.
func FuzzSigned(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{1, 1, 0, 2, 'u', '1', 'e'})
	f.Add([]byte{1, 9, 0, 2, 'u', '1', 'e'})
	f.Add([]byte{2, 1, 0, 2, 'u', '1', 'e'})
	f.Add([]byte{1, 1, 0, 200, 1, 'u'})
	f.Add([]byte{1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0})
	f.Add([]byte{1, 1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		sub, ok := unsubscribe.ParseSubject(data)
		if !ok && sub != (unsubscribe.Subject{}) {
			t.Fatalf("%v is refused with %+v", data, sub)
		}
	})
}
