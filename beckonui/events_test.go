package beckonui_test

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonui"
)

// E10: those who may archive an event name and restore it, and see at once what that means.
func TestArchive(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(isEditor))
	s.fill()
	editor := []string{"Role", "editor"}
	form := url.Values{"name": {"Upload.Complete"}}
	get := func(target string) string {
		t.Helper()
		return s.ask(http.MethodGet, target, nil, editor...).Body.String()
	}
	tracked := func() bool {
		t.Helper()
		res, err := s.engine.Track(t.Context(), beckon.Event{Name: "upload-complete", UserID: "new", Metadata: beckon.Fields{beckon.F("file", "a"), beckon.F("minutes", 3)}})
		s.must(err)
		return !slices.ContainsFunc(res.Warnings, func(w beckon.Warning) bool { return w.Code == beckon.WarnEventArchived })
	}
	for _, c := range []request{
		{"a reader archives", "POST", "/archive", form, nil, 403, "not change it"},
		{"a reader restores", "POST", "/restore", form, nil, 403, "not change it"},
		{"another site archives", "POST", "/archive", form, append([]string{"Sec-Fetch-Site", "cross-site"}, editor...), 403, "another site"},
		{"by GET", "GET", "/archive?name=shared", nil, editor, 405, "how this address is asked"},
		{"by GET", "GET", "/restore?name=shared", nil, editor, 405, "how this address is asked"},
		{"no name", "POST", "/archive", url.Values{}, editor, 404, "no such page"},
		{"the name in the query only", "POST", "/archive?name=shared", url.Values{}, editor, 404, "no such page"},
		{"a name that is none", "POST", "/restore", url.Values{"name": {strings.Repeat("x", 300)}}, editor, 404, "no such page"},
	} {
		s.answers(c)
	}
	if body := s.get("/event?name=upload-complete"); strings.Contains(body, "rchive") {
		t.Error("a reader is shown how to archive")
	}
	if body := get("/event?name=upload-complete"); !strings.Contains(body, `action="archive"`) || strings.Contains(body, `action="restore"`) || !strings.Contains(words(body), "It is not without use: what it triggers would not begin any more.") {
		t.Errorf("an editor sees %s", words(body))
	}
	if body := get("/event?name=shared"); strings.Contains(body, "not without use") {
		t.Error("what triggers nothing is said to")
	}
	if !tracked() {
		t.Fatal("it is archived by who may not")
	}

	w := s.ask(http.MethodPost, "/archive", form, editor...)
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "event?done=archived&name=upload-complete" {
		t.Fatalf("%d, leads to %q", w.Code, got)
	}
	s.see("/"+w.Header().Get("Location"), "Events · Archived", "upload-complete archived", "It is archived.", "nothing is recorded of it and nothing is triggered by it", "What it would trigger", "ready")
	body := get("/" + w.Header().Get("Location"))
	if strings.Contains(body, `action="archive"`) || !strings.Contains(body, `action="restore"`) || strings.Contains(s.get("/event?name=upload-complete"), `action="restore"`) {
		t.Errorf("an editor sees %s", words(body))
	}
	accessible(t, "event", body)
	if tracked() {
		t.Error("it is recorded")
	}
	s.see("/events", "In use 3 Archived 1", "3 events", "filled-cart", "shared", "signed-up")
	s.see("/events?archived=yes", "In use 3 Archived 1", "1 archived event", "upload-complete declared")
	s.see("/why?user_id=u1&on=event&event=upload-complete", "is archived: it triggers nothing")

	w = s.ask(http.MethodPost, "/restore", form, editor...)
	s.see("/"+w.Header().Get("Location"), "upload-complete declared", "It is restored: it is recorded again", "What it triggers")
	s.see("/events", "In use 4 Archived 0")
	if !tracked() {
		t.Error("it is not restored")
	}
	if len(s.errors) > 0 {
		t.Error(s.errors)
	}
	s.store.Store = &failingLater{Store: s.store.Store}
	for _, target := range []string{"/archive", "/restore"} {
		if w := s.ask(http.MethodPost, target, form, editor...); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

// What is archived is out of the way, and is found all the same.
func TestArchivedEvents(t *testing.T) {
	s := newSite(t, `{}`)
	s.see("/events", "In use 0 Archived 0", "No event was tracked yet.")
	s.see("/events?archived=yes", "No event name is archived.")
	s.must(s.engine.Archive(t.Context(), "old-export"))
	s.Handler = beckonui.Handler(s.engine) // which has read nothing yet
	s.see("/events", "In use 0 Archived 1", "No event is in use.")
	s.see("/events?q=export", "No event is like “export”. 1 archived one is .")
	if body := s.get("/events?q=export"); !strings.Contains(body, `href="events?archived=yes&amp;q=export"`) {
		t.Error("the way there is missing")
	}
	for i := range 130 {
		_, err := s.engine.Track(t.Context(), beckon.Event{Name: "old " + itoa(100+i), UserID: "u"})
		s.must(err)
		s.must(s.engine.Archive(t.Context(), "old "+itoa(100+i)))
	}
	for _, name := range []string{"new", "old new"} {
		_, err := s.engine.Track(t.Context(), beckon.Event{Name: name, UserID: "u"})
		s.must(err)
	}
	s.Handler = beckonui.Handler(s.engine)
	s.see("/events", "In use 2 Archived 131", "2 events", "new", "old new")
	s.see("/events?archived=yes&q=new", "In use 2 Archived 0", "No archived event is like “new”. 2 in use are .")
	s.see("/events?q=export", "In use 0 Archived 1", "1 archived one is")
	s.see("/events?q=old+1&archived=yes", "In use 0 Archived 100", "100 archived events like “old 1”", "Next page") // by its label
	seen := 0
	for at, pages := "events?archived=yes", 0; at != ""; pages++ {
		body := s.get("/" + at)
		seen += strings.Count(body, `href="event?name=old`)
		if at = ""; strings.Contains(body, `rel="next"`) {
			_, rest, _ := strings.Cut(body, `rel="next" href="`)
			at, _, _ = strings.Cut(rest, `"`)
			at = html.UnescapeString(at)
		}
		if pages > 5 || pages > 0 && !strings.Contains(body, `<a href="events?archived=yes">First page</a>`) {
			t.Fatalf("page %d: %s", pages, words(body))
		}
	}
	if seen != 131 {
		t.Errorf("the pages have %d", seen)
	}
	s.see("/events?archived=yes&after=zzz", "There are no more.")
	if form := formOf(t, s.get("/events?archived=yes"), "events"); form.Get("archived") != "yes" {
		t.Error("who seeks in the archive is led out of it")
	}
}
