package beckonui_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonui"
)

const outboxProgram = `{"messages": [
	{"id": "mail", "channel": "email", "status": "live", "trigger": {"event": "e"}, "frequency": {"every": "0s"}, "content": {"subject": "Dear {{ event.n }}", "body": "Number {{ event.n }}", "data": {"button": "Read"}}},
	{"id": "hint", "channel": "banner", "status": "live", "trigger": {"event": "f"}, "frequency": {"every": "0s"}, "content": {"body": "Hint"}}]}`

// outboxSite returns a site whose engine has an outbox.
func outboxSite(t *testing.T, opts ...beckonui.Option) *site {
	t.Helper()
	s := newSite(t, outboxProgram)
	var err error
	s.engine, err = beckon.New(s.store, beckon.WithClock(func() time.Time { return s.now }), beckon.WithOutbox(), beckon.WithDeadLettersLimit(100), beckon.WithPendingLimit(200))
	s.must(err)
	program, err := beckon.ParseProgram([]byte(outboxProgram))
	s.must(err)
	s.must(s.engine.Publish(t.Context(), program))
	s.Handler = beckonui.Handler(s.engine, append([]beckonui.Option{
		beckonui.WithClock(func() time.Time { return s.now }), beckonui.WithErrors(func(_ *http.Request, err error) { s.errors = append(s.errors, err) }),
	}, opts...)...)
	return s
}

// track returns what the event has delivered.
func (s *site) track(name, who, n string) beckon.Delivery {
	s.t.Helper()
	res, err := s.engine.Track(s.t.Context(), beckon.Event{Name: name, UserID: who, Metadata: beckon.Fields{beckon.F("n", n)}})
	s.must(err)
	if len(res.Deliveries) != 1 {
		s.t.Fatalf("%s by %s: %+v", name, who, res)
	}
	return res.Deliveries[0]
}

// ids collects what the pages from one on have, and how many pages there are.
func (s *site) ids(at string) (all []string, pages int) {
	s.t.Helper()
	for ; at != ""; pages++ {
		*s.store = counting{Store: s.store.Store}
		body := s.get("/" + at)
		if s.store.scanned > 8*256+256 || pages > 100 {
			s.t.Fatalf("%s scans %d records, page %d", at, s.store.scanned, pages)
		}
		for _, m := range regexp.MustCompile(`href="letter\?delivery=([0-9a-f]+)`).FindAllStringSubmatch(body, -1) {
			all = append(all, m[1])
		}
		at = ""
		if m := regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(body); m != nil {
			at = html.UnescapeString(m[1])
		}
	}
	return all, pages
}

// Z1: what is pending, and what was given up, over all contacts.
func TestOutboxPage(t *testing.T) {
	s := outboxSite(t)
	s.see("/outbox", "Outbox", "Pending", "Given up", "Nothing is pending.")
	s.see("/outbox?dead=yes", "Nothing was given up.")
	dead := s.track("e", "u1", "7")
	s.track("f", "u1", "")
	s.must(s.engine.GiveUp(t.Context(), dead, "no such mailbox"))
	s.track("e", "u2", "8")
	s.see("/outbox", "2 deliveries", "hint", "u1 user", "banner", "1 time", "mail", "u2", "email")
	s.see("/outbox?channel=banner", "All channels", "1 delivery", "hint")
	s.see("/outbox?dead=yes", "1 delivery", "mail", "u1", "email", "2 Mar 2026, 12:00 UTC", "no such mailbox")
	s.see("/outbox?dead=yes&channel=banner", "Nothing was given up on this channel.")
	s.see("/contact?user_id=u1", "In the outbox", "hint", "Given up", "mail", "no such mailbox")
	page := "/letter?delivery=" + dead.ID + "&user_id=u1"
	long := s.track("e", "u3", "9")
	s.must(s.engine.GiveUp(t.Context(), long, strings.Repeat("ä", 500)))
	if body := s.get("/outbox?dead=yes"); !strings.Contains(body, strings.Repeat("ä", 120)+"…") || strings.Contains(body, strings.Repeat("ä", 121)) {
		t.Error("a long reason fills the list")
	}
	s.see(page, "mail", "given up", "email · to u1 · decided 2 Mar 2026, 12:00 UTC", "no such mailbox", "Subject Dear 7", "Number 7", "button", "Read", "Its number for the contact 1", "Given to workers 1 time", dead.ID)
	for _, at := range []string{page, "/outbox", "/outbox?dead=yes"} {
		if body := s.get(at); strings.Contains(body, `method="post"`) {
			t.Errorf("%s shows a reader how to change something", at)
		}
	}
	if w := s.ask(http.MethodGet, "/outbox?channel=pigeon!", nil); w.Code != http.StatusBadRequest {
		t.Errorf("an unknown channel: %d", w.Code)
	}
	s = newSite(t, outboxProgram)
	s.see("/outbox", "The engine keeps no outbox")
}

// Each page is a bounded part, and together they have each delivery once, however many are of
// one contact, and however far behind others.
func TestOutboxPaged(t *testing.T) {
	s := outboxSite(t)
	var pending, dead []string
	for i := range 130 {
		pending = append(pending, s.track("e", "one", itoa(i)).ID)
	}
	for i := range 2600 {
		d := s.track("f", "u"+itoa(i), "")
		if i%20 == 0 {
			s.must(s.engine.GiveUp(t.Context(), d))
			dead = append(dead, d.ID)
		} else {
			pending = append(pending, d.ID)
		}
	}
	s.see("/outbox", "The first 50")
	for at, want := range map[string][]string{"outbox": pending, "outbox?dead=yes": dead, "outbox?dead=yes&channel=banner": dead, "outbox?channel=email": pending[:130]} {
		got, pages := s.ids(at)
		if slices.Sort(got); !slices.Equal(got, slices.Sorted(slices.Values(want))) || pages < 3 {
			t.Errorf("%s: %d of %d on %d pages", at, len(got), len(want), pages)
		}
	}
	if got, pages := s.ids("outbox?dead=yes&channel=email"); len(got) != 0 || pages != 2 {
		t.Errorf("none of a channel: %d on %d pages", len(got), pages)
	}
	// The delivery behind which a page begins is made meanwhile: nothing is passed over.
	next := regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(s.get("/outbox?channel=email"))
	if next == nil {
		t.Fatal("there is no second page")
	}
	behind := html.UnescapeString(next[1])
	_, gone, _ := strings.Cut(behind, ".")
	gone, _, _ = strings.Cut(gone, "&")
	s.must(s.engine.Acknowledge(t.Context(), beckon.Delivery{ID: gone, Contact: beckon.Identity{UserID: "one"}}))
	if got, _ := s.ids(behind); len(got) != 129 {
		t.Errorf("behind what is gone there are %d", len(got))
	}
}

// Those who may redeliver what was given up, or drop it.
func TestOutboxActions(t *testing.T) {
	s := outboxSite(t, beckonui.AllowEdits(func(r *http.Request) bool { return r.Header.Get("Role") == "editor" }))
	form := func(d beckon.Delivery, more ...string) url.Values {
		v := url.Values{"user_id": {d.Contact.UserID}, "delivery": {d.ID}}
		for i := 0; i < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return v
	}
	count := func() (pending, dead int) {
		t.Helper()
		for _, err := range s.engine.Outbox(t.Context()) {
			s.must(err)
			pending++
		}
		for _, err := range s.engine.DeadLetters(t.Context()) {
			s.must(err)
			dead++
		}
		return pending, dead
	}
	first, second, alive := s.track("e", "u1", "1"), s.track("e", "u1", "2"), s.track("f", "u1", "")
	s.must(s.engine.GiveUp(t.Context(), first, "bounced"))
	s.must(s.engine.GiveUp(t.Context(), second, "bounced"))
	editor := []string{"Role", "editor"}
	for _, c := range []struct {
		name, method, target string
		form                 url.Values
		headers              []string
		want                 int
		says                 string
	}{
		{"a reader redelivers", "POST", "/redeliver", form(first), nil, 403, "not change it"},
		{"a reader drops", "POST", "/discard", form(first, "sure", "yes"), nil, 403, "not change it"},
		{"another site redelivers", "POST", "/redeliver", form(first), append([]string{"Sec-Fetch-Site", "cross-site"}, editor...), 403, "another site"},
		{"by GET", "GET", "/redeliver?user_id=u1&delivery=" + first.ID, nil, editor, 405, ""},
		{"not sure", "POST", "/discard", form(first), editor, 400, "Nothing was dropped"},
		{"redeliver what is pending", "POST", "/redeliver", form(alive), editor, 409, "not among what was given up"},
		{"drop what is pending", "POST", "/discard", form(alive, "sure", "yes"), editor, 409, "not among what was given up"},
		{"of another contact", "POST", "/redeliver", url.Values{"user_id": {"u2"}, "delivery": {first.ID}}, editor, 409, "not among"},
		{"nothing", "POST", "/redeliver", url.Values{"user_id": {"u1"}}, editor, 404, ""},
		{"nobody", "POST", "/redeliver", url.Values{"delivery": {first.ID}}, editor, 404, ""},
		{"no such letter", "GET", "/letter?user_id=u1&delivery=abc", nil, nil, 404, "not in the outbox any more"},
		{"a letter of nobody", "GET", "/letter?delivery=abc", nil, nil, 404, ""},
		{"a cursor that is none", "GET", "/outbox?after=***", nil, nil, 400, "does not exist"},
	} {
		w := s.ask(c.method, c.target, c.form, c.headers...)
		if body := words(w.Body.String()); w.Code != c.want || !strings.Contains(body, c.says) {
			t.Errorf("%s: %d, want %d: %s", c.name, w.Code, c.want, body)
		}
	}
	if pending, dead := count(); pending != 1 || dead != 2 {
		t.Fatalf("%d pending, %d dead", pending, dead)
	}
	page := s.ask(http.MethodGet, "/letter?user_id=u1&delivery="+first.ID, nil, editor...)
	if body := page.Body.String(); !strings.Contains(body, `action="redeliver"`) || !strings.Contains(body, `action="discard"`) || inlined(body) != "" {
		t.Errorf("the page of an editor: %s", words(body))
	}
	accessible(t, "letter", page.Body.String())
	for _, c := range []struct {
		target        string
		form          url.Values
		says          string
		pending, dead int
	}{
		{"/redeliver", form(first), "It is pending again", 2, 1},
		{"/discard", form(second, "sure", "yes"), "It is dropped.", 2, 0},
	} {
		w := s.ask(http.MethodPost, c.target, c.form, editor...)
		if w.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", c.target, w.Code, words(w.Body.String()))
		}
		s.see("/"+w.Header().Get("Location"), c.says)
		if pending, dead := count(); pending != c.pending || dead != c.dead {
			t.Errorf("%s: %d pending, %d dead", c.target, pending, dead)
		}
	}
	if w := s.ask(http.MethodPost, "/redeliver", form(second), editor...); w.Code != http.StatusConflict {
		t.Errorf("what is dropped is redelivered: %d", w.Code)
	}
	if len(s.errors) > 0 {
		t.Error(s.errors)
	}
}

// What a provider has said is text, as all else is; a store that fails is reported and not shown.
func TestOutboxHostile(t *testing.T) {
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	s := outboxSite(t, beckonui.AllowEdits(everybody))
	d := s.track("e", evil, evil)
	s.must(s.engine.GiveUp(t.Context(), d, evil))
	s.track("f", evil, evil)
	for at, w := range crawl(t, s, "/") {
		if body := w.Body.String(); strings.Contains(body, "<script>") || strings.Contains(body, "<img src=x") || inlined(body) != "" {
			t.Errorf("%s shows it as HTML", at)
		}
		if w.Code == http.StatusOK && strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			accessible(t, at, w.Body.String())
		}
	}
	s.store.broken = errSecret
	for _, target := range []string{"/outbox", "/outbox?dead=yes", "/letter?user_id=u&delivery=1"} {
		before := len(s.errors)
		w := s.ask(http.MethodGet, target, nil)
		if w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "hunter2") || len(s.errors) != before+1 {
			t.Errorf("%s: %d %v", target, w.Code, s.errors[before:])
		}
	}
}

// A reader who has gone gets no page of what was read until then.
func TestOutboxGone(t *testing.T) {
	s := outboxSite(t)
	s.store.broken = context.Canceled
	if w := s.ask(http.MethodGet, "/outbox", nil); w.Body.Len() > 0 || len(s.errors) > 0 {
		t.Errorf("%s, %v", words(w.Body.String()), s.errors)
	}
}

// E10: those who may can say what an event means, and see it at once.
func TestDescribe(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(func(r *http.Request) bool { return r.Header.Get("Role") == "editor" }))
	s.fill()
	s.see("/event?name=shared", "shared")
	if body := s.get("/event?name=shared"); strings.Contains(body, "<textarea") {
		t.Error("a reader is shown how to describe it")
	}
	form := url.Values{"name": {"Shared"}, "description": {"Somebody <shared>\r\na file"}}
	for want, headers := range map[int][]string{403: nil, 303: {"Role", "editor"}} {
		if w := s.ask(http.MethodPost, "/describe", form, headers...); w.Code != want {
			t.Errorf("%d, want %d: %s", w.Code, want, words(w.Body.String()))
		}
	}
	s.see("/event?done=described&name=shared", "shared", "Somebody <shared>", "The description is changed.")
	s.see("/events", "Somebody <shared>")
	for name, want := range map[string]int{"": 404, strings.Repeat("x", 300): 404} {
		if w := s.ask(http.MethodPost, "/describe", url.Values{"name": {name}}, "Role", "editor"); w.Code != want {
			t.Errorf("%q: %d", name, w.Code)
		}
	}
	form.Set("description", strings.Repeat("x", beckon.MaxDescriptionLength+1))
	if w := s.ask(http.MethodPost, "/describe", form, "Role", "editor"); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "at most") {
		t.Errorf("too long: %d %s", w.Code, words(w.Body.String()))
	}
	if w := s.ask(http.MethodPost, "/describe", url.Values{"name": {"shared"}}, "Role", "editor"); w.Code != http.StatusSeeOther || strings.Contains(s.get("/event?name=shared"), "Somebody") {
		t.Errorf("an empty one does not remove it: %d", w.Code)
	}
}
