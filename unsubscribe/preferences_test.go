package unsubscribe_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/unsubscribe"
)

// C6: the page shows the topics with the choices; its form sets those that differ, and
// nothing else does.
func TestPreferences(t *testing.T) {
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return start }))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), beckon.Program{Topics: []beckon.Topic{{ID: "news", Name: "<b>News"}, {ID: "tips"}, {ID: "beta", OptIn: true}}}); err != nil {
		t.Fatal(err)
	}
	s := signer(t)
	token, err := s.Token(ada)
	if err != nil {
		t.Fatal(err)
	}
	past := ada
	past.Expires = start
	expired, err := s.Token(past)
	if err != nil {
		t.Fatal(err)
	}
	h := unsubscribe.Preferences(engine, s, unsubscribe.WithClock(func() time.Time { return start }))
	const all = "preferences=save&shown=news&shown=tips&shown=beta"
	for _, c := range []struct {
		name, method, token, body string
		status                    int
		wanted                    string // of the topics, after it
		shows                     string
	}{
		{"looked at", "GET", token, all, 200, "news tips", `value="news" checked> &lt;b&gt;News`},
		{"only asked", "HEAD", token, "", 200, "news tips", ""},
		{"one click, which is for another page", "POST", token, "List-Unsubscribe=One-Click", 400, "news tips", "not complete"},
		{"bad", "POST", token + "x", all, 400, "news tips", "not complete"},
		{"expired", "POST", expired, all, 410, "news tips", "expired"},
		{"saved", "POST", token, all + "&topic=news&topic=beta&topic=other", 200, "news beta", "saved"},
		{"a topic that was not shown", "POST", token, "preferences=save&shown=news", 200, "beta", "saved"},
		{"none", "POST", token, all, 200, "", "saved"},
		{"PUT", "PUT", token, all, 405, "", "method not allowed"},
	} {
		r := ask(h, c.method, c.token, form, c.body)
		page := text(t, r)
		if r.StatusCode != c.status || !strings.Contains(page, c.shows) || strings.Contains(page, "<b>") || strings.Contains(page, "u1") {
			t.Errorf("%s: %d, it shows\n%s", c.name, r.StatusCode, page)
		}
		if strings.Contains(page, "saved") != (c.method == "POST" && c.status == 200) {
			t.Errorf("%s: it says that it is saved, or should:\n%s", c.name, page)
		}
		if csp := r.Header.Get("Content-Security-Policy"); c.status != 405 && !strings.HasPrefix(csp, "default-src 'none'; style-src 'sha256-") {
			t.Errorf("%s: the policy is %q", c.name, csp)
		}
		topics, err := engine.Topics(t.Context(), beckon.Identity{UserID: "u1"})
		if err != nil {
			t.Fatal(err)
		}
		var wanted []string
		for _, x := range topics {
			if x.Wanted {
				wanted = append(wanted, x.ID)
			}
			if !x.At.IsZero() && x.From != "preferences" {
				t.Errorf("%s: %+v", c.name, x)
			}
		}
		if got := strings.Join(wanted, " "); got != c.wanted {
			t.Errorf("%s: it wants %q, want %q", c.name, got, c.wanted)
		}
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	var told error
	h = unsubscribe.Preferences(engine, s, unsubscribe.WithErrors(func(_ *http.Request, err error) { told = err }))
	if r := ask(h, "GET", token, "", ""); r.StatusCode != 503 || !errors.Is(told, beckon.ErrClosed) {
		t.Errorf("closed: %d, %v", r.StatusCode, told)
	}
}

// C6: a token may name a topic, and the page says which it is.
func TestTokenOfATopic(t *testing.T) {
	s := signer(t)
	token, err := s.Token(unsubscribe.Subject{Contact: beckon.Identity{UserID: "u1"}, From: "news"})
	if err != nil {
		t.Fatal(err)
	}
	engine := &refusals{}
	h := unsubscribe.Handler(engine, s)
	if page := text(t, ask(h, "GET", token, "", "")); !strings.Contains(page, "no more messages about news?") || len(engine.list) > 0 {
		t.Errorf("it shows\n%s", page)
	}
	if page := text(t, ask(h, "POST", token, form, "List-Unsubscribe=One-Click")); !strings.Contains(page, "It is done") || len(engine.list) != 1 || engine.list[0] != "u1 news" {
		t.Errorf("%q, it shows\n%s", engine.list, page)
	}
}
