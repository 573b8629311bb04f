package unsubscribe_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/unsubscribe"
)

var ada = unsubscribe.Subject{Contact: beckon.Identity{UserID: "u1"}, From: "email"}

func TestLink(t *testing.T) {
	s := signer(t)
	token, err := s.Token(ada)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ page, want string }{
		{"https://example.com/unsubscribe", "https://example.com/unsubscribe?token=" + token},
		{"https://example.com", "https://example.com?token=" + token},
		{"https://example.com/u?lang=de&token=x", "https://example.com/u?lang=de&token=" + token},
		{"https://example.com/a b?x=<>\"", "https://example.com/a%20b?token=" + token + "&x=%3C%3E%22"},
		{"http://localhost:8080/u", "http://localhost:8080/u?token=" + token},
		{"http://127.0.0.1/u", "http://127.0.0.1/u?token=" + token},
		{"http://[::1]:8080/u", "http://[::1]:8080/u?token=" + token},
	} {
		link, err := s.Link(c.page, ada)
		if err != nil || link != c.want {
			t.Errorf("%s: got %s, %v", c.page, link, err)
		}
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if sub, err := s.Check(u.Query().Get("token"), start); err != nil || sub != ada {
			t.Errorf("%s: %+v, %v", link, sub, err)
		}
	}
	for _, page := range []string{
		"", "/unsubscribe", "example.com/u", "https:example.com", "https:///u", "http://example.com/u", "http://localhost.example.com/u", "ftp://example.com",
		"javascript:alert(1)", "https://ada:secret@example.com/u", "https://example.com/u#x", "https://example.com/\r\nBcc: x", "https://example.com/?a=%zz", "mailto:a@example.com",
	} {
		if link, err := s.Link(page, ada); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: got %q, %v", page, link, err)
		}
	}
}

// RFC 8058: one HTTPS link in angle brackets, on one line.
func TestHeaders(t *testing.T) {
	s := signer(t)
	link, err := s.Link("https://example.com/u?x=<>", ada)
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.Headers("https://example.com/u?x=<>", ada)
	if err != nil || h.ListUnsubscribe != "<"+link+">" || h.ListUnsubscribePost != "List-Unsubscribe=One-Click" {
		t.Errorf("got %+v, %v", h, err)
	}
	short := mustLink(t, s, "https://example.com/?x=")
	for length, fits := range map[int]bool{unsubscribe.MaxHeaderLink: true, unsubscribe.MaxHeaderLink + 1: false} {
		page := "https://example.com/?x=" + strings.Repeat("x", length-len(short))
		if _, err := s.Headers(page, ada); (err == nil) != fits || len(mustLink(t, s, page)) != length {
			t.Errorf("a link of %d bytes: %v", length, err)
		}
	}
	long := ada
	long.Contact.UserID = strings.Repeat("x\r\n", 300)
	if _, err := s.Headers("https://example.com/u", long); err == nil || !strings.Contains(err.Error(), "at most 900") {
		t.Errorf("a long identity: %v", err)
	}
	if _, err := s.Headers("http://example.com/u", ada); err == nil {
		t.Error("a page without TLS")
	}
}

func mustLink(t *testing.T, s *unsubscribe.Signer, page string) string {
	t.Helper()
	link, err := s.Link(page, ada)
	if err != nil {
		t.Fatal(err)
	}
	return link
}
