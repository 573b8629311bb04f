package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/memstore"
)

const asJSON = "application/json"

// Other clients come in with a token, and only for contacts that are known.
func TestDoors(t *testing.T) {
	s := newShop(t)
	event := `{"event_name":"bought-video","user_id":"u1","event_id":"e1","metadata":{"title":"Depot 9"}}`
	for _, c := range []struct {
		status             int
		method, path, body string
		headers            []string
	}{
		{401, "POST", "/api/events", event, nil},
		{401, "POST", "/api/events", event, []string{"Authorization", "Bearer other"}},
		{404, "POST", "/api/events", event, []string{"Authorization", "Bearer demo"}},
		{200, "POST", "/api/contacts", `{"external_id":"u1","email":"u1@example.org"}`, []string{"Authorization", "Bearer demo"}},
		{202, "POST", "/api/events", event, []string{"Authorization", "Bearer demo"}},
		{202, "POST", "/api/events", event, []string{"Authorization", "Basic ZGVtbzo="}},
		{200, "GET", "/api/events?type=user&user_id=u1", "", []string{"Authorization", "Basic ZGVtbzo="}},
		{401, "POST", "/segment/v1/track", `{"event":"x","userId":"u1","messageId":"m1"}`, nil},
		{200, "POST", "/segment/v1/track", `{"event":"x","userId":"u1","messageId":"m1"}`, []string{"Authorization", "Basic ZGVtbzo="}},
		{401, "POST", "/stripe", `{}`, nil},
		{401, "POST", "/beckon/events", `{"event_name":"watched-video"}`, nil},
		{401, "GET", "/panel", "", nil},
		{401, "GET", "/panel/why?message=receipt", "", nil},
		{403, "POST", "/upload", `{"name":"x"}`, []string{"Sec-Fetch-Site", "cross-site"}},
		{400, "POST", "/upload", `{`, nil},
		{400, "POST", "/buy", `{`, nil},
		{401, "POST", "/buy", `{"id":"tides"}`, nil},
		{400, "POST", "/sign-in", "email=none", nil},
		{404, "GET", "/mail/1", "", nil},
		{404, "GET", "/nowhere", "", nil},
		{200, "GET", "/beckon.js", "", nil},
	} {
		kind := asJSON
		if strings.Contains(c.path, "sign-in") {
			kind = "application/x-www-form-urlencoded"
		}
		if status, body := get(t, c.method, s.url+c.path, c.body, append(c.headers, "Content-Type", kind)...); status != c.status {
			t.Errorf("%s %s %v: %d %s, want %d", c.method, c.path, c.headers, status, body, c.status)
		}
	}
	// What is for pages waits for one, and the receipt goes out.
	for range 1000 {
		if list := s.inbox.list(); len(list) == 2 {
			return
		}
		get(t, "GET", s.url+"/mail", "")
	}
	t.Errorf("%+v", s.inbox.list())
}

// Every page is under a policy without inline scripts and styles, and with trusted types but
// where a tag manager writes scripts.
func TestPolicy(t *testing.T) {
	s := newShop(t)
	for _, path := range []string{"/", "/mail", "/messages", "/documents", "/static/shop.js", "/unsubscribe", "/preferences", "/nowhere"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		got := res.Header.Get("Content-Security-Policy")
		if path == "/unsubscribe" || path == "/preferences" { // these have their own, and no script
			if !strings.HasPrefix(got, "default-src 'none'; style-src 'sha256-") || strings.Contains(got, "script") || strings.Contains(got, "unsafe") {
				t.Errorf("%s: %s", path, got)
			}
			continue
		}
		if !strings.Contains(got, "default-src 'none'; script-src 'self'; style-src 'self'") || strings.Contains(got, "unsafe") ||
			strings.Contains(got, "require-trusted-types-for 'script'") == (path == "/documents") {
			t.Errorf("%s: %s", path, got)
		}
	}
}

// An event of Stripe's is that of who is known by its address, and nobody else's.
func TestStripe(t *testing.T) {
	s := newShop(t)
	if _, err := s.engine.Update(t.Context(), beckon.Contact{UserID: "u1", Email: "u1@example.org"}); err != nil {
		t.Fatal(err)
	}
	for i, email := range []string{"u1@example.org", "stranger@example.org", ""} {
		at := strconv.FormatInt(s.clock.now().Unix(), 10)
		body := fmt.Sprintf(`{"id":"evt_%d","object":"event","type":"invoice.paid","created":%s,"data":{"object":{"id":"in_1","object":"invoice","customer_email":%q,"amount_paid":500,"currency":"eur"}}}`, i, at, email)
		mac := hmac.New(sha256.New, []byte("whsec_demo"))
		mac.Write([]byte(at + "." + body))
		if status, got := get(t, "POST", s.url+"/stripe", body, "Content-Type", asJSON, "Stripe-Signature", "t="+at+",v1="+hex.EncodeToString(mac.Sum(nil))); status != 200 {
			t.Error(status, got)
		}
	}
	if n, err := s.engine.Count(t.Context(), beckon.Did("invoice-paid").AtLeast(1)); err != nil || n != 1 {
		t.Error(n, err)
	}
	if n, err := s.engine.Count(t.Context(), beckon.All()); err != nil || n != 1 {
		t.Error(n, err)
	}
}

// A cookie that the shop has not signed is nobody's.
func TestSession(t *testing.T) {
	s := &shop{config: config{key: bytes.Repeat([]byte("k"), 32)}}
	user := hex.EncodeToString([]byte("ada"))
	hash := beckonhttp.UserHash(s.key, "ada")
	for cookie, want := range map[string]beckon.Identity{
		userCookie + "=" + hash + "." + user:                                                         {UserID: "ada"},
		userCookie + "=" + hash + "." + hex.EncodeToString([]byte("bob")):                            {},
		userCookie + "=" + beckonhttp.UserHash([]byte("another"), "ada") + "." + user:                {},
		userCookie + "=" + beckonhttp.UserHash(s.key, "") + ".":                                      {},
		userCookie + "=" + user:                                                                      {},
		visitorCookie + "=short":                                                                     {},
		visitorCookie + "=ABCDEFGHIJKLMNOPQRSTUVWXYZ":                                                {AnonymousID: "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		userCookie + "=" + hash + "." + user + "; " + visitorCookie + "=ABCDEFGHIJKLMNOPQRSTUVWXYZ":  {UserID: "ada"},
		userCookie + "=" + hash + "x." + user + "; " + visitorCookie + "=ABCDEFGHIJKLMNOPQRSTUVWXYZ": {AnonymousID: "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Cookie", cookie)
		if got, _ := s.who(r); got != want {
			t.Errorf("%s: %+v", cookie, got)
		}
	}
}

// A file keeps the program, and SQLite the contacts.
func TestKept(t *testing.T) {
	dir := t.TempDir()
	kept := func(c *config) {
		c.store, c.program = "sqlite:"+filepath.Join(dir, "shop.db"), filepath.Join(dir, "program.json")
	}
	s := newShop(t, kept)
	if status, body := get(t, "POST", s.url+"/messages", `{"messages":[{"id":"only","channel":"chat","status":"live","content":{"body":"Hi"}}]}`); status != 204 {
		t.Fatal(status, body)
	}
	if status, body := get(t, "POST", s.url+"/messages", `{"messages":[{"id":"only","channel":"fax"}]}`); status != 422 || !strings.Contains(body, `"path":"messages[0].channel"`) {
		t.Error(status, body)
	}
	if _, err := s.engine.Update(t.Context(), beckon.Contact{UserID: "u1"}); err != nil {
		t.Fatal(err)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	s.stop = func() error { return nil }
	again := newShop(t, kept)
	list, err := again.engine.Messages(t.Context(), beckon.MessageFilter{})
	if err != nil || len(list) != 1 || list[0].ID != "only" {
		t.Errorf("%+v, %v", list, err)
	}
	if _, err := again.engine.Contact(t.Context(), beckon.Identity{UserID: "u1"}); err != nil {
		t.Error(err)
	}
}

// The command line says what is wrong with it, and the process ends when it is told to.
func TestRun(t *testing.T) {
	t.Setenv("SHOP_KEY", strings.Repeat("k", 32))
	for _, args := range [][]string{
		{"-store", "nowhere"},
		{"-store", "sqlite:"},
		{"-store", "redis:nowhere"},
		{"-store", "postgres:nowhere"},
		{"-store", "postgres://%"},
		{"-store", "redis://%"},
		{"-addr", "none"},
		{"-what"},
		{"-store", "memory", "-addr", "127.0.0.1:0", "-program", "shop_test.go"},
		{"-store", "memory", "-addr", "127.0.0.1:0", "-program", "."},
		{"-store", "memory", "-addr", "127.0.0.1:0", "-stripe", ""},
	} {
		if err := run(t.Context(), t.Output(), args); err == nil {
			t.Errorf("%v is taken", args)
		}
	}
	ctx, end := context.WithCancel(t.Context())
	end()
	var out bytes.Buffer
	if err := run(ctx, &out, []string{"-addr", "127.0.0.1:0", "-store", "sqlite:" + filepath.Join(t.TempDir(), "x.db")}); err != nil && !strings.Contains(err.Error(), "canceled") {
		t.Error(err)
	}
	t.Setenv("SHOP_KEY", "short")
	if err := run(t.Context(), &out, []string{"-addr", "127.0.0.1:0", "-store", "memory"}); err == nil {
		t.Error("a short key is taken")
	}
}

// The program that is built in is one, and -store takes a URL with or without its kind twice.
func TestBuiltIn(t *testing.T) {
	engine, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	var e editor
	if err := e.open(t.Context(), engine, filepath.Join(t.TempDir(), "none.json")); err != nil {
		t.Fatal(err)
	}
	if kept, err := os.ReadFile(e.file); err != nil || !bytes.Equal(kept, firstProgram) {
		t.Errorf("%s, %v", kept, err)
	}
	for _, c := range [][3]string{
		{"postgres:postgres://h/db", "postgres:", "postgres://h/db"},
		{"postgres://h/db", "postgres:", "postgres://h/db"},
		{"redis:redis://h", "redis:", "redis://h"},
		{"redis:unix:///s", "redis:", "unix:///s"},
		{"rediss://h", "redis:", "rediss://h"},
	} {
		if got := address(c[0], c[1]); got != c[2] {
			t.Errorf("%s: %s", c[0], got)
		}
	}
}

// The shop is the same on every store.
func TestStores(t *testing.T) {
	for name, store := range map[string]func(*testing.T) string{
		"memory":   func(*testing.T) string { return "memory" },
		"sqlite":   func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "shop.db") },
		"postgres": func(t *testing.T) string { return "postgres:" + testserver.Postgres(t) },
		"redis":    func(t *testing.T) string { return "redis:" + testserver.Redis(t) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(t, func(c *config) { c.store = store(t) })
			var sent []int
			for range 4 {
				s.clock.pass(uploadTakes)
				res, err := s.engine.Track(t.Context(), beckon.Event{Name: "upload-complete", UserID: "u1", Metadata: beckon.Fields{beckon.F("duration", 20)}})
				if err != nil {
					t.Fatal(err)
				}
				sent = append(sent, len(res.Deliveries))
			}
			if fmt.Sprint(sent) != "[1 0 0 1]" {
				t.Error(sent)
			}
		})
	}
}
