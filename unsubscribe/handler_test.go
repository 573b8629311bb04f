package unsubscribe_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/unsubscribe"
)

// refusals is an engine that writes down what it is told.
type refusals struct {
	list []string
	ctx  context.Context
	err  error
}

func (r *refusals) Unsubscribe(ctx context.Context, who beckon.Identity, from string, where ...string) error {
	r.list, r.ctx = append(r.list, who.UserID+" "+from), ctx
	if len(where) != 1 || where[0] != "link" {
		return errors.New("it does not say from where")
	}
	return r.err
}

const form = "application/x-www-form-urlencoded"

func ask(h http.Handler, method, token, contentType, body string) *http.Response {
	r := httptest.NewRequest(method, "/unsubscribe?token="+url.QueryEscape(token), strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestHandler(t *testing.T) {
	s := signer(t)
	good, err := s.Token(ada)
	if err != nil {
		t.Fatal(err)
	}
	short := ada
	short.Expires = start
	expired, err := s.Token(short)
	if err != nil {
		t.Fatal(err)
	}
	const multi = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
	for _, c := range []struct {
		name, method, token, contentType, body string
		status                                 int
		shows                                  string
		refused                                int
	}{
		{"one click", "POST", good, form, "List-Unsubscribe=One-Click", 200, "It is done", 1},
		{"one click, another form", "POST", good, "multipart/form-data; boundary=b", multi, 200, "It is done", 1},
		{"a scanner opens the link", "GET", good, "", "", 200, "<button>", 0},
		{"a scanner only asks", "HEAD", good, "", "", 200, "", 0},
		{"GET with the form", "GET", good, form, "List-Unsubscribe=One-Click", 200, "<button>", 0},
		{"no form", "POST", good, "", "", 400, "not complete", 0},
		{"no type", "POST", good, "", "List-Unsubscribe=One-Click", 400, "not complete", 0},
		{"another field", "POST", good, form, "Unsubscribe=One-Click", 400, "not complete", 0},
		{"another value", "POST", good, form, "List-Unsubscribe=Never", 400, "not complete", 0},
		{"JSON", "POST", good, "application/json", `{"List-Unsubscribe":"One-Click"}`, 400, "not complete", 0},
		{"a broken form", "POST", good, "multipart/form-data; boundary=b", "--b\r\nCont", 400, "not complete", 0},
		{"a long form", "POST", good, form, "List-Unsubscribe=One-Click&x=" + strings.Repeat("x", 5000), 400, "not complete", 0},
		{"a long form of another type", "POST", good, "multipart/form-data; boundary=b", multi[:len(multi)-7] + "\r\n" + strings.Repeat("x", 5000), 400, "not complete", 0},
		{"bad", "POST", good + "x", form, "List-Unsubscribe=One-Click", 400, "not complete", 0},
		{"bad, looked at", "GET", "<script>", "", "", 400, "not complete", 0},
		{"none", "GET", "", "", "", 400, "not complete", 0},
		{"expired", "POST", expired, form, "List-Unsubscribe=One-Click", 410, "expired", 0},
		{"expired, looked at", "GET", expired, "", "", 410, "expired", 0},
		{"PUT", "PUT", good, form, "List-Unsubscribe=One-Click", 405, "method not allowed", 0},
		{"DELETE", "DELETE", good, "", "", 405, "method not allowed", 0},
		{"OPTIONS", "OPTIONS", good, "", "", 405, "method not allowed", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var engine refusals
			h := unsubscribe.Handler(&engine, s, unsubscribe.WithClock(func() time.Time { return start }))
			r := ask(h, c.method, c.token, c.contentType, c.body)
			page := text(t, r)
			if r.StatusCode != c.status || !strings.Contains(page, c.shows) || len(engine.list) != c.refused {
				t.Errorf("%d, %v refused, it shows\n%s", r.StatusCode, engine.list, page)
			}
			if c.refused > 0 && engine.list[0] != "u1 email" {
				t.Errorf("refused: %v", engine.list)
			}
			if strings.Contains(page, "<button>") != (c.status == 200 && c.method != "POST") {
				t.Errorf("it has a button, or should:\n%s", page)
			}
			if strings.Contains(page, "u1") || strings.Contains(page, "<script") {
				t.Errorf("it says too much:\n%s", page)
			}
			if c.status == http.StatusMethodNotAllowed {
				if r.Header.Get("Allow") != "GET, HEAD, POST" {
					t.Errorf("Allow: %q", r.Header.Get("Allow"))
				}
				return
			}
			for name, want := range map[string]string{"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Content-Type": "text/html; charset=utf-8", "Location": ""} {
				if got := r.Header.Get(name); got != want {
					t.Errorf("%s: %q", name, got)
				}
			}
		})
	}
}

// The field has to be in the form: in the link it would be followed by what opens it.
func TestQueryIsNoForm(t *testing.T) {
	s := signer(t)
	token, err := s.Token(ada)
	if err != nil {
		t.Fatal(err)
	}
	var engine refusals
	h := unsubscribe.Handler(&engine, s)
	if r := ask(h, "POST", token+"&List-Unsubscribe=One-Click", form, ""); r.StatusCode != 400 || len(engine.list) > 0 {
		t.Errorf("%d, %v", r.StatusCode, engine.list)
	}
	r := httptest.NewRequest("POST", "/?List-Unsubscribe=One-Click&token="+token, nil)
	r.Header.Set("Content-Type", form)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 400 || len(engine.list) > 0 {
		t.Errorf("%d, %v", w.Code, engine.list)
	}
}

// A tag is text of the program, written by those who write messages.
func TestPageIsEscaped(t *testing.T) {
	s := signer(t)
	token, err := s.Token(unsubscribe.Subject{Contact: beckon.Identity{UserID: "u1"}, From: `email:<script>"&amp;`})
	if err != nil {
		t.Fatal(err)
	}
	page := text(t, ask(unsubscribe.Handler(&refusals{}, s), "GET", token, "", ""))
	if !strings.Contains(page, "no more email about &lt;script&gt;&#34;&amp;amp;?") {
		t.Errorf("it shows\n%s", page)
	}
}

// The default page has a style that its policy names, and runs and loads nothing. What the host
// shows has the host's policy.
func TestPagePolicy(t *testing.T) {
	s := signer(t)
	token, err := s.Token(ada)
	if err != nil {
		t.Fatal(err)
	}
	own := template.Must(template.New("").Parse(`<p>{{.State}}`))
	broken := template.Must(template.New("").Parse(`half {{.Nothing}}`))
	for name, c := range map[string]struct {
		h      http.Handler
		policy bool
	}{
		"default":     {unsubscribe.Handler(&refusals{}, s), true},
		"preferences": {unsubscribe.Preferences(chooser{}, s), true},
		"own":         {unsubscribe.Handler(&refusals{}, s, unsubscribe.WithPage(own)), false},
		"broken":      {unsubscribe.Handler(&refusals{}, s, unsubscribe.WithPage(broken)), true},
	} {
		r := ask(c.h, "GET", token, "", "")
		policy, page := r.Header.Get("Content-Security-Policy"), text(t, r)
		if !c.policy {
			if policy != "" {
				t.Errorf("%s: the policy is %s", name, policy)
			}
			continue
		}
		_, style, _ := strings.Cut(page, "<style>")
		style, _, _ = strings.Cut(style, "</style>")
		sum := sha256.Sum256([]byte(style))
		if want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; "; style == "" || !strings.HasPrefix(policy, want) {
			t.Errorf("%s: the policy is %s, for\n%s", name, policy, page)
		}
	}
}

// chooser is an engine without topics.
type chooser struct{}

func (chooser) Unsubscribe(context.Context, beckon.Identity, string, ...string) error { return nil }
func (chooser) Resubscribe(context.Context, beckon.Identity, string, ...string) error { return nil }
func (chooser) Topics(context.Context, beckon.Identity) ([]beckon.TopicChoice, error) {
	return nil, nil
}

func TestEngineFails(t *testing.T) {
	s := signer(t)
	token, err := s.Token(ada)
	if err != nil {
		t.Fatal(err)
	}
	engine := refusals{err: errors.New("the store is away")}
	var told error
	h := unsubscribe.Handler(&engine, s, unsubscribe.WithErrors(func(_ *http.Request, err error) { told = err }))
	r := ask(h, "POST", token, form, "List-Unsubscribe=One-Click")
	if page := text(t, r); r.StatusCode != 503 || !strings.Contains(page, "try again") || strings.Contains(page, "store") {
		t.Errorf("%d:\n%s", r.StatusCode, page)
	}
	if !errors.Is(told, engine.err) {
		t.Errorf("told: %v", told)
	}
}

// A browser that is closed at once has clicked; the engine has its time, and no more.
func TestBrowserIsClosed(t *testing.T) {
	s := signer(t)
	token, err := s.Token(ada)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	engine := &waits{}
	r := httptest.NewRequestWithContext(ctx, "POST", "/?token="+token, strings.NewReader("List-Unsubscribe=One-Click"))
	r.Header.Set("Content-Type", form)
	w := httptest.NewRecorder()
	unsubscribe.Handler(engine, s).ServeHTTP(w, r)
	if w.Code != 200 || !engine.bound {
		t.Errorf("%d, bound: %t", w.Code, engine.bound)
	}
}

// waits is an engine that wants its time.
type waits struct{ bound bool }

func (e *waits) Unsubscribe(ctx context.Context, _ beckon.Identity, _ string, _ ...string) error {
	_, e.bound = ctx.Deadline()
	return ctx.Err()
}

func TestPageOfTheHost(t *testing.T) {
	s := signer(t)
	token, err := s.Token(unsubscribe.Subject{Contact: beckon.Identity{UserID: "u1"}, From: "push:promo"})
	if err != nil {
		t.Fatal(err)
	}
	own := template.Must(template.New("").Parse(`{{.State}} {{.Channel}} {{.Tag}}`))
	for _, c := range []struct{ method, want string }{{"GET", "ask push promo"}, {"POST", "bad push promo"}} {
		if page := text(t, ask(unsubscribe.Handler(&refusals{}, s, unsubscribe.WithPage(own)), c.method, token, "", "")); page != c.want {
			t.Errorf("%s: %s", c.method, page)
		}
	}
	var told error
	broken := template.Must(template.New("").Parse(`half {{.Nothing}}`))
	r := ask(unsubscribe.Handler(&refusals{}, s, unsubscribe.WithPage(broken), unsubscribe.WithErrors(func(_ *http.Request, err error) { told = err })), "GET", token, "", "")
	if page := text(t, r); r.StatusCode != 200 || !strings.Contains(page, "<button>") || strings.Contains(page, "half") || told == nil {
		t.Errorf("%d, told %v:\n%s", r.StatusCode, told, page)
	}
	if page := text(t, ask(unsubscribe.Handler(&refusals{}, s, unsubscribe.WithPage(nil), unsubscribe.WithClock(nil)), "GET", token, "", "")); !strings.Contains(page, "<button>") {
		t.Errorf("nil options:\n%s", page)
	}
}

// A form has its time to come, also one that is refused: the server reads on before it answers.
func TestSlowForm(t *testing.T) {
	s := signer(t)
	for name, h := range map[string]http.Handler{"unsubscribe": unsubscribe.Handler(&refusals{}, s), "preferences": unsubscribe.Preferences(chooser{}, s)} {
		w := &timed{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequest("POST", "/?token=x", strings.NewReader("a=b"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		h.ServeHTTP(w, r)
		if len(w.until) == 0 || w.until[0].IsZero() {
			t.Errorf("%s: %v", name, w.until)
		}
	}
}

// timed is an answer over a connection that writes down its deadlines.
type timed struct {
	*httptest.ResponseRecorder
	until []time.Time
}

// SetReadDeadline is what [http.ResponseController] looks for.
func (w *timed) SetReadDeadline(t time.Time) error {
	w.until = append(w.until, t)
	return nil
}
