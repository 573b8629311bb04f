package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/memstore"
)

// A page of another site loads the script from the door, and speaks with it for a user whom
// its own server has signed for. A site that is not listed may not, nor a user with a wrong
// signature.
func TestOtherSite(t *testing.T) {
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
		ID: "hello", Channel: beckon.Chat, Status: beckon.Live, Trigger: beckon.On("came"), Content: beckon.Content{Body: "Hello {{ user_id }}"},
	}}}); err != nil {
		t.Fatal(err)
	}
	key := bytes.Repeat([]byte("k"), 32)
	signed, err := beckonhttp.Signed(key)
	if err != nil {
		t.Fatal(err)
	}
	doors := http.NewServeMux()
	var asked atomic.Int64 // at the routes for pages
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		doors.ServeHTTP(w, r)
		if r.URL.Path != "/beckon.js" {
			asked.Add(1)
		}
	}))
	t.Cleanup(door.Close)
	site := func() *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'none'; img-src data:; script-src "+door.URL+"; connect-src "+door.URL)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, `<!DOCTYPE html><link rel="icon" href="data:,"><script src="`+door.URL+`/beckon.js?poll=0" data-endpoint="`+door.URL+`/door/"></script>`)
		}))
		t.Cleanup(s.Close)
		return s
	}
	listed, stranger := site(), site()
	doors.Handle("/beckon.js", beckonhttp.Script())
	doors.Handle("/door/", http.StripPrefix("/door", beckonhttp.Browser(engine, signed, beckonhttp.WithBrowserEvents("came"), beckonhttp.WithOrigins(listed.URL))))

	for _, c := range []struct {
		site *httptest.Server
		user string
		hash string
		came bool
	}{
		{listed, "u1", beckonhttp.UserHash(key, "u1"), true},
		{listed, "José Ж%20", beckonhttp.UserHash(key, "José Ж%20"), true}, // which is no value of a header
		{listed, "50%25 é", beckonhttp.UserHash(key, "50%25 é"), true},
		{listed, "50%25", beckonhttp.UserHash(key, "50%25"), true},
		{listed, "u2", beckonhttp.UserHash(key, "u1"), false},
		{stranger, "u3", beckonhttp.UserHash(key, "u3"), false},
	} {
		p := open(t, &shop{url: c.site.URL}, "/")
		asked.Store(0)
		p.eval(fmt.Sprintf(`(beckon('boot', {user_id: %q, user_hash: %q, name: 'x'}), beckon('trackEvent', 'came'))`, c.user, c.hash))
		if c.came {
			p.wait(in(".chat .text") + "?.innerText === 'Hello " + c.user + "'")
		} else {
			for end := time.Now().Add(patience); asked.Load() == 0; p.eval("1") {
				if time.Now().After(end) {
					t.Fatal("the door was not asked")
				}
			}
		}
		if _, known, err := engine.Export(t.Context(), beckon.Identity{UserID: c.user}); err != nil || known != c.came {
			t.Errorf("%s: known: %t, %v", c.user, known, err)
		}
	}
}
