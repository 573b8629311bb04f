package beckonui_test

import (
	"context"
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonui"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

const programText = `{
  "topics": [{"id": "news", "name": "Newsletter", "channels": ["email"]}],
  "events": {"upload-complete": {"description": "A file is ready", "metadata": {"file": {"type": "string", "required": true}, "plan": {"type": "string", "values": ["free", "pro"]}}, "others": "warn"}},
  "messages": [
    {"id": "ready", "name": "Upload ready", "channel": "banner", "status": "live",
     "trigger": {"event": "upload-complete", "where": {"metadata": "minutes", "op": "greater_than", "value": 2}},
     "audience": {"any": [{"user": "plan", "op": "is", "value": "pro"}, {"not": {"user": "plan", "op": "has_any_value"}}]},
     "frequency": {"every": "1h"}, "goal": {"rule": {"event": "shared", "stat": "count", "op": "at_least", "value": 1}, "within": "7d"},
     "content": {"subject": "Ready", "body": "{{ event.file }} took {{ event.minutes }} minutes"}},
    {"id": "letter", "name": "Letter", "channel": "email", "status": "live", "topic": "news", "audience": {"user": "plan", "op": "is", "value": "pro"}, "frequency": {"every": "30d"},
     "content": {"format": "html", "subject": "Dear {{ name | fallback: \"friend\" }}", "body": "<p style=\"color:red\">Hello {{ name }}</p>", "text": "Hello {{ name }}", "data": {"button": "Read"}}},
    {"id": "cart", "channel": "email", "status": "live", "trigger": {"event": "filled-cart", "unless": {"event": "paid", "within": "1h"}}, "content": {"subject": "Cart", "body": "Still there"}},
    {"id": "plan-changed", "channel": "chat", "status": "live", "trigger": {"attribute": "plan", "to": "pro"}, "content": {"body": "Welcome to pro"}},
    {"id": "sale", "channel": "email", "mode": "one_off", "status": "draft", "content": {"subject": "Sale", "body": "Now"}}
  ],
  "series": [{"id": "onboarding", "status": "live", "entry": {"trigger": {"event": "signed-up"}}, "reenter": false,
    "blocks": [{"id": "wait", "wait": "1d", "next": "did"}, {"id": "did", "rule": {"event": "upload-complete", "stat": "count", "op": "at_least", "value": 1}, "within": "3d", "yes": "hello", "no": "halves"},
      {"id": "hello", "message": {"id": "hello-mail", "channel": "email", "status": "live", "content": {"subject": "Hello", "body": "There"}}, "next": "mark"},
      {"id": "mark", "update": {"attributes": {"onboarded": true}}, "next": "morning"}, {"id": "morning", "wait_until": {"at": "09:00"}, "next": "end"},
      {"id": "halves", "split": [{"weight": 1, "next": "end"}, {"weight": 3}]}, {"id": "end", "exit": true}]}]
}`

// A site is a handler over an engine of its own.
type site struct {
	t      *testing.T
	engine *beckon.Engine
	store  *counting
	days   *beckonui.Days
	http.Handler
	now    time.Time
	errors []error
}

func newSite(t *testing.T, text string, opts ...beckonui.Option) *site {
	t.Helper()
	s := &site{t: t, now: noon, store: &counting{Store: memstore.New()}, days: beckonui.NewDays(nil)}
	clock := func() time.Time { return s.now }
	var err error
	s.engine, err = beckon.New(s.store, beckon.WithClock(clock), beckon.WithObserver(s.days.Observer()))
	s.must(err)
	program, err := beckon.ParseProgram([]byte(text))
	s.must(err)
	s.must(s.engine.Publish(t.Context(), program))
	s.Handler = beckonui.Handler(s.engine, append([]beckonui.Option{
		beckonui.WithProgram(beckonui.NewProgram(s.engine, []byte(text), nil)), beckonui.WithDays(s.days), beckonui.WithClock(clock),
		beckonui.WithErrors(func(_ *http.Request, err error) { s.errors = append(s.errors, err) }),
	}, opts...)...)
	return s
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// fill has contacts do things.
func (s *site) fill() {
	s.t.Helper()
	ctx := s.t.Context()
	_, err := s.engine.Update(ctx, beckon.Contact{
		UserID: "u1", Email: "ada@example.com", Name: "Ada", Attributes: beckon.Attributes{"plan": beckon.String("pro"), "seats": beckon.Number(3), "since": beckon.Date(noon)},
		Companies: []beckon.Membership{{CompanyID: "acme", Name: "Acme", Attributes: beckon.Attributes{"employees": beckon.Number(80)}}},
	})
	s.must(err)
	for i, name := range []string{"upload-complete", "upload-complete", "filled-cart", "signed-up", "shared"} {
		s.now = noon.Add(time.Duration(i) * time.Minute)
		_, err := s.engine.Track(ctx, beckon.Event{Name: name, UserID: "u1", Metadata: beckon.Fields{beckon.F("file", "cat.mp4"), beckon.F("minutes", 5)}, Page: &beckon.Page{URL: "https://example.com/a"}})
		s.must(err)
	}
	for _, err := range s.engine.Sweep(ctx) {
		s.must(err)
	}
	s.must(s.engine.Unsubscribe(ctx, beckon.Identity{UserID: "u1"}, "email:promo", "link"))
	s.must(s.engine.Unsubscribe(ctx, beckon.Identity{UserID: "u1"}, "news"))
	_, err = s.engine.Visit(ctx, beckon.Visit{AnonymousID: "visitor 7"})
	s.must(err)
}

// ask sends a request as a browser does that is on one of the pages.
func (s *site) ask(method, target string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, "http://admin.example"+target, strings.NewReader(form.Encode()))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// A request is asked of the pages, which answer with a status and a text.
type request struct {
	name, method, target string
	form                 url.Values
	headers              []string
	want                 int
	says                 string
}

// answers sends a request, and fails the test if the answer is not the one wanted.
func (s *site) answers(c request) http.Header {
	s.t.Helper()
	w := s.ask(c.method, c.target, c.form, c.headers...)
	if body := words(w.Body.String()); w.Code != c.want || !strings.Contains(body, c.says) {
		s.t.Errorf("%s: %d, want %d: %s", c.name, w.Code, c.want, body)
	}
	return w.Header()
}

// get returns a page, which must be there.
func (s *site) get(target string) string {
	s.t.Helper()
	w := s.ask(http.MethodGet, target, nil)
	if w.Code != http.StatusOK {
		s.t.Fatalf("%s: %d %s", target, w.Code, words(w.Body.String()))
	}
	return w.Body.String()
}

// see fails if a page does not say all of the texts, in this order.
func (s *site) see(target string, texts ...string) {
	s.t.Helper()
	body := words(s.get(target))
	rest := body
	for _, text := range texts {
		_, after, ok := strings.Cut(rest, text)
		if !ok {
			s.t.Errorf("%s does not say %q (in this place):\n%s", target, text, body)
			return
		}
		rest = after
	}
}

// formOf returns the hidden fields of the form with an action that a page has.
func formOf(t *testing.T, body, action string) url.Values {
	t.Helper()
	_, form, ok := strings.Cut(body, `action="`+action+`"`)
	if !ok {
		t.Fatalf("there is no form for %s: %s", action, words(body))
	}
	form, _, _ = strings.Cut(form, "</form>")
	v := url.Values{}
	for _, m := range regexp.MustCompile(`type="hidden" name="([^"]*)" value="([^"]*)"`).FindAllStringSubmatch(form, -1) {
		v.Add(m[1], html.UnescapeString(m[2]))
	}
	return v
}

func isEditor(r *http.Request) bool { return r.Header.Get("Role") == "editor" }

var (
	tag   = regexp.MustCompile(`(?s)<(svg|title|script).*?</(svg|title|script)>|<[^>]*>`)
	space = regexp.MustCompile(`\s+`)
)

// words returns what a page says, without its tags.
func words(page string) string {
	page = tag.ReplaceAllString(page, " ")
	page = strings.NewReplacer("&#34;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&", "&#43;", "+").Replace(page)
	return strings.TrimSpace(space.ReplaceAllString(page, " "))
}

// counting is a store that counts what it is asked, and fails if it is told to.
type counting struct {
	store.Store
	scanned, read, totals int
	broken                error
}

func (c *counting) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if c.broken != nil {
		return "", c.broken
	}
	return c.Store.Scan(ctx, q, after, limit, func(r *store.Record) error { c.scanned++; return fn(r) })
}

func (c *counting) Read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	if c.read += len(keys); c.broken != nil {
		return c.broken
	}
	return c.Store.Read(ctx, keys, fn)
}

func (c *counting) Totals(ctx context.Context, message string) ([]store.Total, error) {
	if c.totals++; c.broken != nil {
		return nil, c.broken
	}
	return c.Store.Totals(ctx, message)
}

// failingLater is a store that fails after some steps.
type failingLater struct {
	store.Store
	left int
}

func (f *failingLater) Step(ctx context.Context, steps []store.Step) error {
	if f.left--; f.left < 0 {
		return errSecret
	}
	return f.Store.Step(ctx, steps)
}

var errSecret = errors.New("dial postgres://admin:hunter2@db.internal: refused")

func itoa(n int) string { return strconv.Itoa(n) }
