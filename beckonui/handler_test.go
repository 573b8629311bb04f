package beckonui_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonui"
)

func everybody(*http.Request) bool { return true }

// What is refused, and why. Nothing of it changes anything.
func TestRefusals(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(func(r *http.Request) bool { return r.Header.Get("Role") == "editor" }))
	s.fill()
	ready := url.Values{"message": {"ready"}}
	sure := url.Values{"message": {"ready"}, "sure": {"yes"}}
	for _, c := range []request{
		{"no such page", "GET", "/nope", nil, nil, 404, "There is no such page."},
		{"a page of a page", "GET", "/messages/", nil, nil, 200, ""},
		{"a method", "DELETE", "/messages", nil, nil, 405, "how this address is asked"},
		{"a post to a page", "POST", "/messages", ready, nil, 405, "how this address is asked"},
		{"a get that would change something", "GET", "/pause?message=ready", nil, []string{"Role", "editor"}, 405, ""},
		{"an unknown message", "GET", "/message?id=nope", nil, nil, 404, "no such message"},
		{"no message", "GET", "/message", nil, nil, 404, "no such message"},
		{"an unknown series", "GET", "/series?id=nope", nil, nil, 404, "no such series"},
		{"an unknown contact", "GET", "/contact?user_id=nope", nil, nil, 404, "no such contact"},
		{"no contact", "GET", "/contact", nil, nil, 404, ""},
		{"an identity with a control character", "GET", "/contact?user_id=%00", nil, nil, 404, ""},
		{"an identity that is no text", "GET", "/contact?user_id=%ff", nil, nil, 400, ""},
		{"an identity that is too long", "GET", "/contact?user_id=" + strings.Repeat("x", 2000), nil, nil, 400, ""},
		{"an unknown event", "GET", "/event?name=nope", nil, nil, 404, "No event of this name"},
		{"no event", "GET", "/event", nil, nil, 404, ""},
		{"a query that is none", "GET", "/message?id=%zz", nil, nil, 400, "not a valid one"},
		{"a query that is too long", "GET", "/why?q=" + strings.Repeat("x", 40<<10), nil, nil, 414, "too long"},
		{"a cursor that is none", "GET", "/contacts?after=***", nil, nil, 400, "does not exist"},
		{"a cursor of another list", "GET", "/contacts?after=bm9wZQ", nil, nil, 400, ""},
		{"a place in a timeline that is none", "GET", "/contact?user_id=u1&before=x.y", nil, nil, 400, "does not exist"},
		{"a preview of text", "GET", "/preview?message=ready", nil, nil, 404, ""},
		{"a preview of nothing", "GET", "/preview", nil, nil, 404, ""},
		{"a preview for nobody", "GET", "/preview?message=letter&user_id=nope", nil, nil, 422, "cannot be filled in"},

		{"a reader", "POST", "/pause", ready, nil, 403, "not change it"},
		{"a reader who asks to stop", "GET", "/stop?message=ready", nil, nil, 403, "not change it"},
		{"a page of another site", "POST", "/pause", ready, []string{"Role", "editor", "Sec-Fetch-Site", "cross-site"}, 403, "another site"},
		{"a page of a neighbour", "POST", "/pause", ready, []string{"Role", "editor", "Sec-Fetch-Site", "same-site"}, 403, "another site"},
		{"an old browser on another site", "POST", "/pause", ready, []string{"Role", "editor", "Sec-Fetch-Site", "", "Origin", "https://evil.example"}, 403, "another site"},
		{"an unknown message to pause", "POST", "/pause", url.Values{"message": {"nope"}}, []string{"Role", "editor"}, 404, "no such message"},
		{"an unknown series to pause", "POST", "/pause", url.Values{"series": {"nope"}}, []string{"Role", "editor"}, 404, "no such message"},
		{"nothing to pause", "POST", "/pause", nil, []string{"Role", "editor"}, 400, "says nothing"},
		{"what is to be paused in the query only", "POST", "/pause?message=ready", nil, []string{"Role", "editor"}, 400, "says nothing"},
		{"a form that is too long", "POST", "/pause", url.Values{"message": {strings.Repeat("x", 70<<10)}}, []string{"Role", "editor"}, 413, "too long"},
		{"a form that is none", "POST", "/pause", ready, []string{"Role", "editor", "Content-Type", "text/%"}, 400, ""},
		{"a stop that is not sure", "POST", "/stop", ready, []string{"Role", "editor"}, 400, "Nothing was stopped"},
		{"a stop by a reader", "POST", "/stop", sure, nil, 403, "not change it"},
	} {
		h := s.answers(c)
		if h.Get("Cache-Control") != "no-store" || h.Get("Content-Security-Policy") == "" || c.want == 405 && h.Get("Allow") == "" {
			t.Errorf("%s: the headers are %v", c.name, h)
		}
	}
	if len(s.errors) > 0 {
		t.Errorf("refusals are reported as failures: %v", s.errors)
	}
	list, err := s.engine.Messages(t.Context(), beckon.MessageFilter{ID: "ready"})
	if s.must(err); list[0].Status != beckon.Live {
		t.Errorf("the message is %s", list[0].Status)
	}
}

// HEAD answers as GET, without a body that a client would read.
func TestHead(t *testing.T) {
	s := newSite(t, programText)
	if w := s.ask(http.MethodHead, "/messages", nil); w.Code != http.StatusOK || w.Header().Get("Content-Length") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

// What has no slash is led to it, whatever stands in front.
func TestSlash(t *testing.T) {
	s := newSite(t, programText)
	mux := http.NewServeMux()
	mux.Handle("/deep/my%20ui", http.StripPrefix("/deep/my ui", s))
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/deep/my%20ui", http.NoBody))
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "./my%20ui/" {
		t.Errorf("%d %q", w.Code, got)
	}
}

// D7: those who may can pause, resume and stop; the page says what is then.
func TestActions(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(everybody))
	for _, c := range []struct {
		target string
		form   url.Values
		want   string // where it leads
		says   []string
	}{
		{"/pause", url.Values{"message": {"ready"}}, "message?done=pause&id=ready", []string{"paused", "It is paused.", "Resume", "Stop for good"}},
		{"/resume", url.Values{"message": {"ready"}}, "message?done=resume&id=ready", []string{"live", "as the program says", "Pause"}},
		{"/stop", url.Values{"message": {"ready"}, "sure": {"yes"}}, "message?done=stop&id=ready", []string{"stopped", "It is stopped, for good."}},
		{"/pause", url.Values{"series": {"onboarding"}}, "series?done=pause&id=onboarding", []string{"paused", "Resume"}},
		{"/resume", url.Values{"series": {"onboarding"}}, "series?done=resume&id=onboarding", []string{"live", "Pause"}},
		{"/stop", url.Values{"series": {"onboarding"}, "sure": {"yes"}}, "series?done=stop&id=onboarding", []string{"stopped"}},
	} {
		w := s.ask(http.MethodPost, c.target, c.form)
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != c.want {
			t.Fatalf("%s: %d, leads to %q: %s", c.target, w.Code, got, words(w.Body.String()))
		}
		s.see("/"+c.want, c.says...)
	}
	if got := s.get("/message?id=ready"); strings.Contains(got, "<button>") && strings.Contains(got, "Stop for good") {
		t.Error("what is stopped can be stopped")
	}
	if w := s.ask(http.MethodPost, "/resume", url.Values{"message": {"ready"}}); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "for good") {
		t.Errorf("resumed: %d", w.Code)
	}
	s.see("/stop?message=letter", "Stop letter?", "for good", "I am sure")
	s.see("/stop?series=onboarding", "Nobody enters the series any more")
}

// What a store says is reported, and not shown.
func TestStoreFails(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(everybody))
	s.fill()
	s.store.broken = errSecret
	for _, target := range []string{"/messages", "/message?id=ready", "/series?id=onboarding", "/contacts", "/contacts?q=u1", "/contact?user_id=u1", "/why?user_id=u1&on=sweep", "/events", "/event?name=shared", "/message?id=ready&user_id=u1"} {
		before := len(s.errors)
		w := s.ask(http.MethodGet, target, nil)
		if body := w.Body.String(); w.Code != http.StatusServiceUnavailable || strings.Contains(body, "hunter2") || !strings.Contains(body, "did not work just now") {
			t.Errorf("%s: %d %s", target, w.Code, words(body))
		}
		if len(s.errors) != before+1 || !strings.Contains(s.errors[before].Error(), "hunter2") {
			t.Errorf("%s: reported %v", target, s.errors[before:])
		}
	}
}

// A source that fails is told like a store.
func TestSourceFails(t *testing.T) {
	s := newSite(t, programText, beckonui.WithProgram(failing{}))
	for _, target := range []string{"/messages", "/message?id=ready", "/series?id=onboarding", "/events", "/event?name=shared", "/preview?message=letter"} {
		if w := s.ask(http.MethodGet, target, nil); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

type failing struct{}

func (failing) Text(context.Context) ([]byte, error) { return nil, errSecret }

// A text that cannot be read is told, and all else is shown.
func TestBrokenText(t *testing.T) {
	s := newSite(t, programText)
	s.Handler = beckonui.Handler(s.engine, beckonui.WithProgram(beckonui.NewProgram(s.engine, []byte(`{"messages": 7}`), nil)))
	s.see("/messages", "The text of the program cannot be read", "Upload ready")
	s.see("/message?id=ready", "Upload ready")
}

// Before the first program there is nothing to see, and nothing breaks.
func TestEmpty(t *testing.T) {
	s := newSite(t, `{}`)
	s.see("/messages", "The program has no messages yet.")
	s.see("/contacts", "Nobody is known yet.")
	s.see("/events", "No event was tracked yet.")
	s.see("/why?user_id=u&on=event&event=e", "no message listens to")
	s.must(s.engine.Close())
	if w := s.ask(http.MethodGet, "/messages", nil); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "The engine is closed.") {
		t.Errorf("closed: %d", w.Code)
	}
}

// Whatever people are called, it is text.
func TestHostileTexts(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>'{{.}}` + "\u202e"
	program := strings.ReplaceAll(programText, `"name": "Upload ready"`, `"name": "\"><script>alert(1)</script>"`)
	program = strings.ReplaceAll(program, `{{ event.file }} took`, `<script>alert(1)</script>{{ event.file }} took`)
	program = strings.ReplaceAll(program, `{"subject": "Ready",`, `{"format": "text", "subject": "Ready",`)
	program = strings.ReplaceAll(program, `"id": "sale"`, `"id": "../x?y=1&z=<script>alert(1)</script>#f%00"`)
	s := newSite(t, program, beckonui.AllowEdits(everybody), beckonui.WithTitle(evil))
	ctx := t.Context()
	for _, id := range []string{evil, "../../etc/passwd", "a?b=c&d=e#f", "%2e%2e%2f", "javascript:alert(1)", "a/b", "ü☃", " spaced "} {
		_, err := s.engine.Update(ctx, beckon.Contact{UserID: id, Name: evil, Attributes: beckon.Attributes{evil: beckon.String(evil), "plan": beckon.String(evil)}, Companies: []beckon.Membership{{CompanyID: evil, Name: evil}}})
		s.must(err)
		_, err = s.engine.Track(ctx, beckon.Event{Name: "upload-complete" + evil, UserID: id})
		s.must(err)
		_, err = s.engine.Track(ctx, beckon.Event{Name: "upload-complete", UserID: id, EventID: evil, Page: &beckon.Page{URL: "javascript:alert(1)" + evil}, Metadata: beckon.Fields{beckon.F("file", evil), beckon.F("minutes", 3), beckon.F("<b>", "x")}})
		s.must(err)
	}
	s.must(s.engine.Describe(ctx, "upload-complete", evil))
	pages := crawl(t, s, "/")
	if len(pages) < 45 {
		t.Errorf("there are %d pages", len(pages))
	}
	for at, w := range pages {
		if strings.Contains(at, "preview") {
			continue
		}
		if body := w.Body.String(); strings.Contains(body, "<script>") || strings.Contains(body, "<img src=x") || inlined(body) != "" {
			t.Errorf("%s shows it as HTML: %s", at, inlined(body))
		}
	}
	for _, target := range []string{"/contacts?q=", "/events?q=", "/message?id=", "/why?on=event&user_id=u&event=e&metadata=", "/why?on=visit&seconds=1&user_id=", "/event?name=", "/messages?channel=", "/messages?after=", "/contact?user_id="} {
		w := s.ask(http.MethodGet, target+url.QueryEscape(evil), nil)
		if body := w.Body.String(); strings.Contains(body, "<script>") || strings.Contains(body, "<img src=x") || w.Code >= 500 {
			t.Errorf("%s: %d shows it as HTML", target, w.Code)
		}
	}
}

// The frame of a mail runs nothing, and loads what the host allows.
func TestPreview(t *testing.T) {
	s := newSite(t, programText, beckonui.WithImages("https://cdn.example.com", "", "x; script-src *", "a,b"))
	s.fill()
	w := s.ask(http.MethodGet, "/preview?message=letter&user_id=u1", nil)
	policy := w.Header().Get("Content-Security-Policy")
	if w.Code != 200 || !strings.HasPrefix(policy, "sandbox; default-src 'none';") || !strings.HasSuffix(policy, "img-src data: https://cdn.example.com") || strings.Contains(policy, "script") || w.Header().Get("X-Frame-Options") != "SAMEORIGIN" {
		t.Errorf("%d %q", w.Code, policy)
	}
	if body := w.Body.String(); !strings.Contains(body, `<p style="color:red">Hello Ada</p>`) || !strings.HasPrefix(body, "<!DOCTYPE html>") {
		t.Errorf("%q", body)
	}
	if page := s.get("/message?id=letter"); !strings.Contains(page, `<iframe title="The body of the message" sandbox src="preview?message=letter"`) {
		t.Error("the frame is not sandboxed")
	}
	if body := s.get("/preview?message=letter"); !strings.Contains(body, "Hello {{ name }}") {
		t.Errorf("as it is written: %q", body)
	}
}

// Files are answered from the cache of a browser as long as they are the same.
func TestFiles(t *testing.T) {
	s := newSite(t, programText)
	for name, kind := range map[string]string{"style.css": "text/css; charset=utf-8", "ui.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml; charset=utf-8"} {
		w := s.ask(http.MethodGet, "/x/"+name+"?v=1", nil)
		if w.Code != 200 || w.Header().Get("Content-Type") != kind || w.Header().Get("Cache-Control") != "private, max-age=86400" || w.Body.Len() == 0 {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
		again := s.ask(http.MethodGet, "/x/"+name, nil, "If-None-Match", w.Header().Get("ETag"))
		if again.Code != http.StatusNotModified || again.Header().Get("Cache-Control") != "private, no-cache" {
			t.Errorf("%s again: %d %v", name, again.Code, again.Header())
		}
	}
}

// A reader who has gone is no failure.
func TestGone(t *testing.T) {
	s := newSite(t, programText)
	s.store.broken = context.Canceled
	s.ask(http.MethodGet, "/messages", nil)
	if len(s.errors) != 0 {
		t.Error(s.errors)
	}
	s.store.broken = context.DeadlineExceeded
	if w := s.ask(http.MethodGet, "/messages", nil); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "too long") || len(s.errors) != 1 {
		t.Errorf("%d %v", w.Code, s.errors)
	}
}

func FuzzRequest(f *testing.F) {
	for _, seed := range [][2]string{{"messages", "status=live&after=ready"}, {"contact", "user_id=u1&before=1.2"}, {"why", "user_id=u1&on=event&event=e&metadata={}"}, {"contacts", "after=AAAA"}, {"event", "name=%00"}, {"preview", "message=letter&email=a@b.example"}, {"", ""}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, page, query string) {
		s := newSite(t, programText)
		s.fill()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.URL.Path, r.URL.RawQuery = "/"+page, query
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 || len(s.errors) > 0 {
			t.Errorf("%d %v", w.Code, s.errors)
		}
	})
}

// A form has its time to come, also one that is refused: the server reads on before it answers.
func TestSlowForm(t *testing.T) {
	for name, h := range map[string]http.Handler{"pages": beckonui.Handler(nil)} {
		w := &timed{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequest("POST", "/pause", strings.NewReader("a=b"))
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
