package beckonui_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonui"
)

var hrefs = regexp.MustCompile(`(?:href|src)="([^"]*)"`)

// crawl follows all links from the first page on, and returns the pages by their address.
func crawl(t *testing.T, h http.Handler, start string) map[string]*httptest.ResponseRecorder {
	t.Helper()
	base, err := url.Parse("http://admin.example" + start)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]*httptest.ResponseRecorder{}
	for todo := []*url.URL{base}; len(todo) > 0; todo = todo[1:] {
		at := *todo[0]
		at.Fragment = ""
		if seen[at.String()] != nil {
			continue
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, at.String(), http.NoBody))
		seen[at.String()] = w
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d: %s", at.String(), w.Code, words(w.Body.String()))
		}
		if strings.Contains(at.Path, "preview") {
			continue
		}
		for _, m := range hrefs.FindAllStringSubmatch(w.Body.String(), -1) {
			to, err := todo[0].Parse(html.UnescapeString(m[1]))
			if err != nil {
				t.Fatalf("%s has the link %q: %v", at.String(), m[1], err)
			}
			if to.Host != at.Host || !strings.HasPrefix(to.Path, start) {
				t.Errorf("%s leads to %s", at.String(), to)
				continue
			}
			todo = append(todo, to)
		}
	}
	return seen
}

// inlined returns what of a page is a script or a style within it; empty if nothing is.
func inlined(body string) string {
	if scheme := schemes.FindString(body); scheme != "" {
		return scheme
	}
	return inline.FindString(quoted.ReplaceAllString(body, `=""`))
}

var (
	quoted  = regexp.MustCompile(`="[^"]*"`)
	schemes = regexp.MustCompile(`(?i)(href|src|action)="\s*[a-z]+:`)
	inline  = regexp.MustCompile(`(?i)<style|<[^>]*\s(style|on[a-z]+|srcdoc|formaction)=|<script[^>]*>[^<]`)
	opening = regexp.MustCompile(`<(main|h1)[ >]`)
)

// Each page that a link leads to is there, whatever the prefix; each has the headers, a
// heading, landmarks and labels, and nothing that its policy forbids.
func TestEveryPage(t *testing.T) {
	s := newSite(t, programText, beckonui.AllowEdits(func(*http.Request) bool { return true }))
	s.fill()
	mux := http.NewServeMux()
	mux.Handle("/", s)
	mux.Handle("/beckon/", s)
	mux.Handle("/deep/er/", http.StripPrefix("/deep/er", s))
	for _, start := range []string{"/", "/beckon/", "/deep/er/"} {
		pages := crawl(t, mux, start)
		if len(pages) < 30 {
			t.Errorf("%s leads to %d pages only", start, len(pages))
		}
		for at, w := range pages {
			h, body := w.Header(), w.Body.String()
			for name, want := range map[string]string{
				"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8",
			} {
				switch {
				case strings.Contains(at, "preview") && name == "X-Frame-Options":
					want = "SAMEORIGIN"
				case strings.Contains(at, "?v="):
					want = h.Get(name) // a file
				}
				if h.Get(name) != want {
					t.Errorf("%s: %s is %q", at, name, h.Get(name))
				}
			}
			policy := h.Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors") {
				t.Errorf("%s: the policy is %q", at, policy)
			}
			if strings.Contains(at, "preview") || strings.Contains(at, "?v=") {
				continue
			}
			if strings.Contains(policy, "unsafe") {
				t.Errorf("%s: the policy is %q", at, policy)
			}
			if got := inlined(body); got != "" {
				t.Errorf("%s has %q", at, got)
			}
			if n := len(opening.FindAllString(body, -1)); n != 2 || !strings.Contains(body, `<html lang="en">`) || !strings.Contains(body, `href="#main"`) {
				t.Errorf("%s has %d of main and h1", at, n)
			}
			accessible(t, at, body)
		}
	}
}

var (
	fields   = regexp.MustCompile(`<(?:input|select|textarea)[^>]*>`)
	labelled = regexp.MustCompile(`(?s)<label[^>]*>.*?</label>`)
	headings = regexp.MustCompile(`<h([1-6])`)
)

// accessible checks what a reader of a screen needs.
func accessible(t *testing.T, at, body string) {
	t.Helper()
	inLabels := strings.Join(labelled.FindAllString(body, -1), "")
	for _, f := range fields.FindAllString(body, -1) {
		id := regexp.MustCompile(` id="([^"]*)"`).FindStringSubmatch(f)
		if strings.Contains(f, `type="hidden"`) || strings.Contains(inLabels, f) || id != nil && strings.Contains(body, `for="`+id[1]+`"`) {
			continue
		}
		t.Errorf("%s: no label for %s", at, f)
	}
	if strings.Count(body, "<table") != strings.Count(body, "<caption") {
		t.Errorf("%s: a table has no caption", at)
	}
	last := "1"
	for _, m := range headings.FindAllStringSubmatch(body, -1) {
		if m[1] > last && m[1] != string(last[0]+1) {
			t.Errorf("%s: a heading of level %s follows one of %s", at, m[1], last)
		}
		last = m[1]
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if ids[m[1]] {
			t.Errorf("%s: the id %q stands twice", at, m[1])
		}
		ids[m[1]] = true
	}
}

func TestMessagesPage(t *testing.T) {
	s := newSite(t, programText)
	s.fill()
	s.see("/messages", "Upload ready", "ready", "live", "banner triggered", "1 1 1 100 % 4 minutes ago", "Letter", "cart", "sale", "draft", "onboarding", "1 1 0 0", "Counted by this process only, since 2 Mar 2026, 12:00 UTC")
	for query, want := range map[string]string{
		"status=draft": "sale", "channel=banner": "ready", "mode=one_off": "sale", "status=live&channel=email": "letter cart", "mode=nope": "",
	} {
		var got []string
		for _, m := range regexp.MustCompile(`href="message\?id=([^"]*)"`).FindAllStringSubmatch(s.get("/messages?"+query), -1) {
			got = append(got, m[1])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	s.see("/messages?mode=nope", "No message is like that.")
}

func TestMessagePage(t *testing.T) {
	s := newSite(t, programText)
	s.fill()
	s.see("/message?id=ready", "Upload ready", "live", "banner · triggered · live since 2 Mar 2026, 12:00 UTC (4 minutes ago)", "2 judged", "1 sent 50 %", "1 held", "1 reached the goal 100 %",
		"throttled the contact has had it too recently 1", `where (the event's minutes is greater than 2)`, `"greater_than"`, "As it is written", "{{ event.file }} took {{ event.minutes }} minutes")
	s.see("/message?id=ready&user_id=u1", "As u1 would see it now, with the event upload-complete of 2 Mar 2026, 12:01 UTC", "cat.mp4 took 5 minutes")
	s.see("/message?id=letter&user_id=u1", "Subject Dear Ada", "Hello Ada", "button Read")
	s.see("/message?id=hello-mail", "a part of the series onboarding , at the block hello")
	if got := s.get("/message?id=ready"); strings.Contains(got, "<button>Pause") || strings.Contains(got, "Stop for good") {
		t.Error("who may not change anything is shown how")
	}
}

// D2: the words of a message know what its content shows, and which series has it.
func TestMessageInWords(t *testing.T) {
	s := newSite(t, `{"messages": [{"id": "m", "channel": "email", "status": "live", "content": {"body": "{{ company.name }}"}}],
		"series": [{"id": "s", "status": "live", "entry": {"trigger": {"event": "e"}}, "blocks": [{"id": "b", "message": {"id": "n", "channel": "email", "content": {"body": "x"}}}]}]}`)
	s.see("/message?id=m", "it goes out once for each company of the contact")
	s.see("/message?id=n", "It goes out when a walk through the series reaches it.")
}

// A snooze is shown as long as it lasts.
func TestSnoozed(t *testing.T) {
	s := newSite(t, programText)
	s.fill()
	if strings.Contains(s.get("/contact?user_id=u1"), "Snoozed until") {
		t.Error("who is not snoozed is said to be")
	}
	_, err := s.engine.Update(t.Context(), beckon.Contact{UserID: "u1", SnoozedUntil: s.now.Add(time.Hour)})
	s.must(err)
	s.see("/contact?user_id=u1", "Snoozed until 2 Mar 2026, 13:04 UTC")
	s.now = s.now.Add(time.Hour)
	if strings.Contains(s.get("/contact?user_id=u1"), "Snoozed until") {
		t.Error("the snooze is over")
	}
}

// Without the text of the program the pages show what the engine tells.
func TestWithoutText(t *testing.T) {
	s := newSite(t, programText, beckonui.WithProgram(nil))
	s.fill()
	s.see("/message?id=ready", "Upload ready", "1 sent", "Rules and content are shown where")
	s.see("/event?name=upload-complete", "file", "string")
	if strings.Contains(s.get("/"), `href="program"`) {
		t.Error("there is a link to an editor")
	}
	for _, target := range []string{"/series?id=onboarding", "/message?id=hello-mail", "/preview?message=letter"} {
		if w := s.ask(http.MethodGet, target, nil); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", target, w.Code)
		}
	}
}

func TestSeriesPage(t *testing.T) {
	s := newSite(t, programText)
	s.fill()
	s.see("/series?id=onboarding", "onboarding", "live", "A series of 7 blocks.", "1 entered", "1 under way", `each time the contact does "signed-up"`, `"signed-up"`, "wait waits 1d 1 here now → did", "did waits 3d for a rule", "it holds → hello", "its time is up → halves",
		"hello sends hello-mail → mark", "mark sets attributes set the contact's onboarded to true → morning", "morning waits for a time of day wait until 09:00 every day in the time zone of the program → end", "halves splits", "25 % → end", "75 % → the end", "end ends the walk")
	s.must(s.engine.Publish(t.Context(), beckon.Program{}))
	s.see("/series?id=onboarding", "not in the program")
}

func TestContactPage(t *testing.T) {
	s := newSite(t, programText)
	s.fill()
	s.see("/contact?user_id=u1", "Ada", "user", "u1 · known since 2 Mar 2026, 12:00 UTC", "never seen on a visit",
		"shared", "2 Mar 2026, 12:04 UTC", "signed-up", "Sent ready banner no. 1", "upload-complete", "2 Mar 2026, 12:00 UTC", "file cat.mp4", "minutes 5", "on https://example.com/a", "What would it trigger now?",
		"cart until 2 Mar 2026, 13:02 UTC (in 58 minutes) after filled-cart", "onboarding at wait since", "ready 1", "plan pro string", "seats 3 number", "Company Acme", "employees 80",
		"Unsubscribed from email:promo", "Newsletter: not wanted", "no to", "email:promo", "from link", "upload-complete 2")
	s.see("/contact?email=ADA@example.com", "Ada")
	s.see("/contact?anonymous_id=visitor+7", "visitor 7", "Unsubscribed from nothing.")
}

// Z2: decisions that the engine keeps stand in the timeline, sends once.
func TestDecisions(t *testing.T) {
	s := newSite(t, programText)
	s.fill()
	s.see("/contact?user_id=u1", "What was held is shown where the engine keeps")
	s = newSite(t, programText, beckonui.WithProgram(nil))
	var err error
	s.engine, err = beckon.New(s.store, beckon.WithClock(func() time.Time { return s.now }), beckon.WithDecisions(50), beckon.WithSendLog(1))
	s.must(err)
	program, err := beckon.ParseProgram([]byte(programText))
	s.must(err)
	s.must(s.engine.Publish(t.Context(), program))
	s.Handler = beckonui.Handler(s.engine)
	s.fill()
	_, err = s.engine.Track(t.Context(), beckon.Event{Name: "upload-complete", UserID: "u1", Metadata: beckon.Fields{beckon.F("minutes", 5)}})
	s.must(err)
	s.see("/contact?user_id=u1", "Sent letter email no. 1", "Held ready throttled", "the contact has had it too recently; on upload-complete, 2 times since 2 Mar 2026, 12:01 UTC", "Held cart waiting", "Sent ready no. 1", "on upload-complete", "occasion: update", "upload-complete", "2 Mar 2026, 12:00 UTC")
	if n := strings.Count(s.get("/contact?user_id=u1"), "<b>Sent</b>"); n != 3 {
		t.Errorf("%d sends are shown", n)
	}
}

// The names of metadata stand in the timeline as they were tracked and as rules have them; how
// they are shown to people (M2) is said where it is another.
func TestTimelineNames(t *testing.T) {
	s := newSite(t, programText)
	_, err := s.engine.Track(t.Context(), beckon.Event{Name: "filled-cart", UserID: "u1", Metadata: beckon.Fields{beckon.F("cart_id", "c7"), beckon.F("Place", "here"), beckon.F("invited-friend", "Bo"), beckon.F("total", 5)}})
	s.must(err)
	body := s.get("/contact?user_id=u1")
	for _, want := range []string{`<dt>cart_id</dt>`, `<dt>Place</dt>`, `<dt title="Invited friend">invited-friend</dt>`, `<dt>total</dt>`} {
		if !strings.Contains(body, want) {
			t.Errorf("the timeline has no %s:\n%s", want, body)
		}
	}
}

func TestFind(t *testing.T) {
	s := newSite(t, programText)
	s.fill()
	for _, c := range []struct{ q, want string }{
		{"u1", "contact?user_id=u1"},
		{" ada@EXAMPLE.com ", "contact?user_id=u1"},
		{"email: ada@example.com", "contact?user_id=u1"},
		{"visitor 7", "contact?anonymous_id=visitor+7"},
		{"visitor:visitor 7", "contact?anonymous_id=visitor+7"},
		{"id:u1", ""},
		{"user_id:visitor 7", ""},
		{"nobody", ""},
		{"a\x00b", ""},
		{strings.Repeat("x", 3000), ""},
	} {
		w := s.ask(http.MethodGet, "/contacts?q="+url.QueryEscape(c.q), nil)
		if got := w.Header().Get("Location"); got != c.want || c.want == "" && !strings.Contains(words(w.Body.String()), "Nobody is known as") {
			t.Errorf("%q leads to %q, want %q: %d", c.q, got, c.want, w.Code)
		}
	}
	for _, c := range []beckon.Contact{{ID: "u1"}, {UserID: "u2", Email: "two@example.com"}, {UserID: "u3", Email: "two@example.com"}} {
		_, err := s.engine.Update(t.Context(), c)
		s.must(err)
	}
	s.see("/contacts?q=u1", "Several are known as “u1”", "u1 user ada@example.com", "u1 id")
	s.see("/contacts?q=two@example.com", "This address is that of several contacts")
}

func TestEvents(t *testing.T) {
	s := newSite(t, programText)
	s.fill()
	s.must(s.engine.Describe(t.Context(), "shared", "Someone <shared>"))
	s.must(s.engine.Archive(t.Context(), "paid"))
	s.see("/events?archived=yes", "In use 4 Archived 1", "1 archived event", "paid")
	s.see("/events", "In use 4 Archived 1", "4 events", "filled-cart", "shared Someone <shared> file, minutes", "upload-complete declared A file is ready")
	s.see("/events?q=SHARE", "1 event like “SHARE”", "shared")
	s.see("/events?q=nope", "No event is like “nope”.")
	s.see("/event?name=Upload.Complete", "upload-complete", "declared", "A file is ready", "file File string string required", "minutes Minutes number not declared", "plan Plan never seen string one of free , pro", "Other keys: warn", "ready")
	s.see("/event?name=signed-up", "series onboarding")
	s.see("/event?name=shared", "No message and no series begins with it.")
}

// Lists of pages show each of many exactly once, and a page reads a part of the store.
func TestPaged(t *testing.T) {
	program := beckon.Program{}
	var want []string
	for i := range 120 {
		id := "m" + itoa(1000+i)
		want = append(want, id)
		program.Messages = append(program.Messages, beckon.Message{ID: id, Status: beckon.Live, Trigger: beckon.On("e"), Content: beckon.Content{Body: "x"}})
	}
	s := newSite(t, "{}", beckonui.WithProgram(nil))
	s.must(s.engine.Publish(t.Context(), program))
	var people []string
	for i := range 2000 {
		who := "u" + itoa(10000+i)
		people = append(people, who)
		_, err := s.engine.Track(t.Context(), beckon.Event{Name: "event " + itoa(i%130), UserID: who})
		s.must(err)
	}
	walk := func(start, item string) (all []string) {
		t.Helper()
		for at, n := start, 0; at != ""; n++ {
			*s.store = counting{Store: s.store.Store}
			body := s.get("/" + at)
			if s.store.scanned > 600 || s.store.totals > 60 || n > 100 {
				t.Fatalf("%s scans %d records and reads %d totals", at, s.store.scanned, s.store.totals)
			}
			for _, m := range regexp.MustCompile(item).FindAllStringSubmatch(body, -1) {
				all = append(all, m[1])
			}
			at = ""
			if m := regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(body); m != nil {
				at = html.UnescapeString(m[1])
			}
		}
		return all
	}
	if got := walk("messages", `href="message\?id=([^"]*)"`); !slices.Equal(got, want) {
		t.Errorf("messages: %d of %d", len(got), len(want))
	}
	got := walk("contacts", `href="contact\?user_id=([^"]*)"`)
	if slices.Sort(got); !slices.Equal(got, people) {
		t.Errorf("contacts: %d of %d", len(got), len(people))
	}
	names := walk("events", `href="event\?name=([^"]*)"`)
	if n := len(slices.Compact(slices.Sorted(slices.Values(names)))); n != 130 || len(names) != 130 {
		t.Errorf("events: %d, of them %d different", len(names), n)
	}
	// What is scanned for one contact does not follow how many there are.
	*s.store = counting{Store: s.store.Store}
	s.get("/contact?user_id=u10007")
	s.get("/why?user_id=u10007&on=event&event=e")
	if s.store.scanned > 0 || s.store.read > 50 {
		t.Errorf("a contact: %d scanned, %d read", s.store.scanned, s.store.read)
	}
}

// The pages of a timeline have everything once, also where much happened within a second,
// and whatever comes meanwhile.
func TestTimelinePaged(t *testing.T) {
	s := newSite(t, `{"messages": [{"id": "m", "status": "live", "trigger": {"event": "e0"}, "frequency": {"every": "0s"}, "content": {"body": "x"}}]}`)
	const n = 163
	for i := range n {
		if s.now = noon; i > 120 {
			s.now = noon.Add(-time.Minute)
		}
		_, err := s.engine.Track(t.Context(), beckon.Event{Name: "e" + itoa(i), UserID: "u"})
		s.must(err)
	}
	seen := map[string]int{}
	pages := 0
	for at := "contact?user_id=u"; at != ""; pages++ {
		body := s.get("/" + at)
		_, line, _ := strings.Cut(body, `<ol class="timeline">`)
		line, _, _ = strings.Cut(line, "</ol>")
		for _, m := range regexp.MustCompile(`href="(?:event\?name|message\?id)=([^"]*)"`).FindAllStringSubmatch(line, -1) {
			seen[m[1]]++
		}
		if at = ""; strings.Contains(body, "Older") {
			m := regexp.MustCompile(`rel="next" href="([^"#]*)`).FindStringSubmatch(body)
			at = html.UnescapeString(m[1])
		}
		s.now = noon.Add(time.Hour)
		_, err := s.engine.Track(t.Context(), beckon.Event{Name: "new", UserID: "u"})
		s.must(err)
	}
	if pages != 4 || len(seen) != n+1 {
		t.Errorf("%d pages with %d of %d", pages, len(seen), n+1)
	}
	for name, times := range seen {
		if times != 1 {
			t.Errorf("%s is shown %d times", name, times)
		}
	}
	s.see("/contact?user_id=u&before=1.0", "There is nothing older.")
}
