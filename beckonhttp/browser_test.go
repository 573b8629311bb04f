package beckonhttp_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

// session is the host's way to know a page.
func session(r *http.Request) (beckon.Identity, error) {
	if user := r.Header.Get("Test-User"); user != "" {
		return beckon.Identity{UserID: user}, nil
	}
	return beckon.Identity{}, beckonhttp.ErrUnauthorized
}

func as(user string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Test-User", user) }
}

// browserWorld is one whose door is for pages of u1 and others.
func browserWorld(t *testing.T, opts []beckon.Option, more ...beckonhttp.Option) *world {
	t.Helper()
	return newWorld(t, func(w *world) http.Handler {
		w.prefix = "/beckon"
		return beckonhttp.Browser(w.engine, session, append(w.hooks(), append(more, beckonhttp.WithBrowserEvents("Upload.Complete"))...)...)
	}, opts...)
}

// shownTo returns the messages of the deliveries in a body, and the id of the first.
func shownTo(t *testing.T, body string) (messages, id string) {
	t.Helper()
	var got struct {
		Deliveries []struct{ ID, Message string }
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil || got.Deliveries == nil {
		t.Fatalf("%s: %v", body, err)
	}
	for _, d := range got.Deliveries {
		messages = strings.TrimSpace(messages + " " + d.Message)
		if id == "" {
			id = d.ID
		}
	}
	return messages, id
}

func TestBrowserEvent(t *testing.T) {
	w := browserWorld(t, nil)
	got := w.ask(200, "POST", "/events", `{"event_name":"upload-complete","event_id":"e1","user_id":"victim","company_id":"x","source":"rest","import":true,
		"created_at":5,"metadata":{"file_name":"<b>cat</b>"},"page":{"url":"https://a.example/"}}`, as("u1"))
	if messages, _ := shownTo(t, got); messages != "banner chat" || w.sent() != "mail" { // the mail is for the host to send
		t.Error(got)
	}
	var body struct{ Deliveries []map[string]any }
	if err := json.Unmarshal([]byte(got), &body); err != nil {
		t.Fatal(err)
	}
	delete(body.Deliveries[0], "id")
	if diff := cmp.Diff(map[string]any{"message": "banner", "channel": "banner", "subject": "", "format": "text", "body": "<b>cat</b>", "data": map[string]any{}}, body.Deliveries[0]); diff != "" {
		t.Error(diff)
	}
	list, err := w.engine.RecentEvents(t.Context(), beckon.Identity{UserID: "u1"}, nil, 0)
	if err != nil || len(list) != 1 || list[0].Source != beckon.SourceJavaScript || list[0].Import || !list[0].CreatedAt.Equal(start) || list[0].Page.URL != "https://a.example/" || list[0].EventID != "page:e1" {
		t.Errorf("%+v, %v", list, err)
	}
	if got := w.ask(200, "POST", "/events", `{"event_name":"UPLOAD$complete","event_id":"e1"}`, as("u1")); fields(t, got, "duplicate", "deliveries", "warnings") != "true [] []" {
		t.Error(got)
	}
	w.ask(200, "POST", "/events", `{"event_name":"upload-complete"}`, as("u1"), func(r *http.Request) { r.Header.Set("Beckon-Source", "tag_manager") })

	w.refused(403, beckonhttp.ErrForbidden, "event_name", "POST", "/events", `{"event_name":"paid"}`, as("u1"))
	w.refused(403, beckonhttp.ErrForbidden, "event_name", "POST", "/events", `{"event_name":"message-clicked"}`, as("u1"))
	w.refused(400, beckon.ErrEventNameMissing, "event_name", "POST", "/events", `{}`, as("u1"))
	w.refused(400, beckon.ErrJSONInvalid, "", "POST", "/events", `{"event_name":"upload-complete"`, as("u1"))
	w.refused(400, beckon.ErrSourceUnknown, "Beckon-Source", "POST", "/events", `{"event_name":"upload-complete"}`, as("u1"), func(r *http.Request) { r.Header.Set("Beckon-Source", "rest") })
	w.refused(401, beckonhttp.ErrUnauthorized, "", "POST", "/events", `{"event_name":"upload-complete","user_id":"u1"}`)
	if _, known, err := w.engine.Export(t.Context(), beckon.Identity{UserID: "victim"}); known || err != nil {
		t.Errorf("the body said whose it is: %v, %v", known, err)
	}
}

func TestBrowserVisit(t *testing.T) {
	w := browserWorld(t, nil)
	got := w.ask(200, "POST", "/visits", `{"page":{"url":"https://a.example/","seconds":3},"user_id":"victim","source":"rest","extra":[1]}`, as("u1"))
	if messages, _ := shownTo(t, got); messages != "ongoing-post" {
		t.Error(got)
	}
	w.ask(200, "POST", "/visits", ``, as("u1"))
	w.refused(400, beckon.ErrTypeInvalid, "page.url", "POST", "/visits", `{"page":{"url":5}}`, as("u1"))
	if _, known, err := w.engine.Export(t.Context(), beckon.Identity{UserID: "victim"}); known || err != nil {
		t.Errorf("%v, %v", known, err)
	}
}

func TestBrowserKnownContacts(t *testing.T) {
	w := browserWorld(t, nil, beckonhttp.WithKnownContacts())
	w.refused(404, beckon.ErrContactUnknown, "", "POST", "/events", `{"event_name":"upload-complete"}`, as("u1"))
	w.refused(404, beckon.ErrContactUnknown, "", "POST", "/visits", `{}`, as("u1"))
}

// A page is told how a body is to be read.
func TestBrowserFormat(t *testing.T) {
	w := browserWorld(t, nil)
	p := program()
	p.Messages = []beckon.Message{{
		ID: "html", Channel: beckon.Post, Status: beckon.Live, Trigger: beckon.On("upload-complete"),
		Content: beckon.Content{Format: beckon.FormatHTML, Body: "<b>{{ event.file_name }}</b>"},
	}}
	if err := w.engine.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	got := w.ask(200, "POST", "/events", `{"event_name":"upload-complete","metadata":{"file_name":"<i>cat</i>"}}`, as("u1"))
	var body struct {
		Deliveries []struct{ Format, Body string }
	}
	if err := json.Unmarshal([]byte(got), &body); err != nil {
		t.Fatal(err)
	}
	if len(body.Deliveries) != 1 || body.Deliveries[0].Format != "html" || body.Deliveries[0].Body != "<b>&lt;i&gt;cat&lt;/i&gt;</b>" {
		t.Error(got)
	}
}

// What is pending is shown by one page at a time, until it tells that it was shown.
func TestBrowserDeliveries(t *testing.T) {
	w := browserWorld(t, []beckon.Option{beckon.WithOutbox()})
	upload := func(user string) string {
		t.Helper()
		return w.ask(200, "POST", "/events", `{"event_name":"upload-complete"}`, as(user))
	}
	take := func(user string) (string, string) {
		t.Helper()
		return shownTo(t, w.ask(200, "POST", "/deliveries", "", as(user)))
	}
	upload("u2")
	_, banner := shownTo(t, upload("u1"))
	if got, _ := take("u1"); got != "" { // the page that tracked it has it
		t.Errorf("another page shows %q", got)
	}
	res := w.request("POST", "/deliveries/"+banner+"/shown", "", as("u1"))
	if res.StatusCode != 204 || read(t, res) != "" {
		t.Error(res.Status)
	}
	w.ask(204, "POST", "/deliveries/"+banner+"/shown", "", as("u1")) // a repeat
	w.ask(204, "POST", "/deliveries/nothing/shown", "{}", as("u1"))
	w.pass(beckon.LeaseFor)
	got, chat := take("u1")
	if got != "chat" {
		t.Errorf("shows %q", got)
	}
	w.ask(204, "POST", "/deliveries/"+chat+"/shown", "", as("u2")) // not its own
	w.pass(beckon.LeaseFor)
	if got, _ := take("u1"); got != "chat" {
		t.Errorf("shows %q", got)
	}
	if got, _ := take("u2"); got != "banner chat" && got != "chat banner" {
		t.Errorf("u2 is shown %q", got)
	}
	if got, _ := take("nobody"); got != "" {
		t.Errorf("nobody is shown %q", got)
	}
	w.refused(401, beckonhttp.ErrUnauthorized, "", "POST", "/deliveries", "")
	w.refused(405, beckonhttp.ErrMethod, "", "GET", "/deliveries", "", as("u1")) // to get it is to lease it
}

// What a contact does with a message is an event of its own, once.
func TestBrowserReactions(t *testing.T) {
	w := browserWorld(t, []beckon.Option{beckon.WithOutbox()})
	p := program()
	p.Messages = append(p.Messages, beckon.Message{
		ID: "follow-up", Channel: beckon.Chat, Status: beckon.Live,
		Trigger: beckon.On(beckonhttp.EventClicked).Where(beckon.Metadata("message").Is("banner")), Content: beckon.Content{Body: "{{ event.url }}"},
	})
	if err := w.engine.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	_, id := shownTo(t, w.ask(200, "POST", "/events", `{"event_name":"upload-complete"}`, as("u1")))
	clicked := w.ask(200, "POST", "/deliveries/"+id+"/clicked", `{"url":"https://a.example/x","message":"other","user_id":"u2"}`, as("u1"))
	if got, _ := shownTo(t, clicked); got != "follow-up" || !strings.Contains(clicked, "https://a.example/x") {
		t.Error(clicked)
	}
	if got := w.ask(200, "POST", "/deliveries/"+id+"/clicked", ``, as("u1")); fields(t, got, "duplicate") != "true" {
		t.Error(got)
	}
	w.ask(200, "POST", "/deliveries/"+id+"/dismissed", ``, as("u1"))
	w.refused(404, beckon.ErrDeliveryUnknown, "", "POST", "/deliveries/"+id+"/clicked", ``, as("u2"))
	w.refused(404, beckon.ErrDeliveryUnknown, "", "POST", "/deliveries/other/dismissed", ``, as("u1"))
	w.refused(400, beckon.ErrTypeInvalid, "url", "POST", "/deliveries/"+id+"/clicked", `{"url":{}}`, as("u1"))
	w.pass(beckon.LeaseFor)
	for d, err := range w.engine.Outbox(t.Context()) {
		if err != nil || d.ID == id {
			t.Errorf("pending still: %+v, %v", d, err)
		}
	}
	x, _, err := w.engine.Export(t.Context(), beckon.Identity{UserID: "u1"})
	if err != nil || len(x.Events) != 3 || x.Events[0].Name != "message-clicked" || x.Events[0].Count != 1 || x.Events[1].Name != "message-dismissed" {
		t.Errorf("%+v, %v", x.Events, err)
	}
	if got, err := json.Marshal(x.Recent[0].Metadata); err != nil || string(got) != `{"message":"banner","channel":"banner","delivery":"`+id+`"}` {
		t.Errorf("%s, %v", got, err)
	}
	if _, known, _ := w.engine.Export(t.Context(), beckon.Identity{UserID: "u2"}); known {
		t.Error("u2 was made")
	}
}

// WithWorkers: what is queued is not in the answer, and the page finds it at once.
func TestBrowserQueued(t *testing.T) {
	w := browserWorld(t, []beckon.Option{beckon.WithOutbox(), beckon.WithWorkers(beckon.Banner, beckon.Email)}, beckonhttp.WithShownChannels(beckon.Banner))
	got := w.ask(200, "POST", "/events", `{"event_name":"upload-complete"}`, as("u1"))
	if messages, _ := shownTo(t, got); messages != "" {
		t.Error(got)
	}
	if messages, _ := shownTo(t, w.ask(200, "POST", "/deliveries", "", as("u1"))); messages != "banner" {
		t.Errorf("shows %q", messages)
	}
}

func TestOrigins(t *testing.T) {
	w := browserWorld(t, nil, beckonhttp.WithOrigins("https://shop.example"))
	from := func(headers ...string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Test-User", "u1")
			for i := 0; i < len(headers); i += 2 {
				r.Header.Set(headers[i], headers[i+1])
			}
		}
	}
	for _, c := range []struct {
		headers []string
		status  int
		allow   string
	}{
		{nil, 200, ""},
		{[]string{"Sec-Fetch-Site", "same-origin", "Origin", "http://example.com"}, 200, ""},
		{[]string{"Origin", "http://example.com"}, 200, ""},
		{[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://shop.example"}, 200, "https://shop.example"},
		{[]string{"Origin", "https://shop.example"}, 200, "https://shop.example"},
		{[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403, ""},
		{[]string{"Sec-Fetch-Site", "same-site", "Origin", "http://evil.example.com"}, 403, ""},
		{[]string{"Origin", "https://evil.example"}, 403, ""},
		{[]string{"Sec-Fetch-Site", "cross-site", "Origin", "null"}, 403, ""},
		{[]string{"Origin", "https://shop.example.evil.example"}, 403, ""},
	} {
		res := w.request("POST", "/events", `{"event_name":"upload-complete"}`, from(c.headers...))
		if h := res.Header; res.StatusCode != c.status || h.Get("Access-Control-Allow-Origin") != c.allow || h.Get("Vary") != "Origin" ||
			(h.Get("Access-Control-Allow-Credentials") == "true") != (c.allow != "") {
			t.Errorf("%v: %s %v", c.headers, res.Status, h)
		}
	}
	// A page of a listed site reads refusals too.
	if res := w.request("POST", "/nowhere", `{}`, from("Origin", "https://shop.example")); res.StatusCode != 404 || res.Header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("%s %v", res.Status, res.Header)
	}
	preflight := func(origin string) *http.Response {
		return w.request("OPTIONS", "/events", "", func(r *http.Request) {
			r.Header.Set("Origin", origin)
			r.Header.Set("Access-Control-Request-Method", "POST")
		})
	}
	if res := preflight("https://shop.example"); res.StatusCode != 204 || res.Header.Get("Access-Control-Allow-Origin") != "https://shop.example" ||
		!strings.Contains(res.Header.Get("Access-Control-Allow-Headers"), "Beckon-User-Hash") || res.Header.Get("Access-Control-Allow-Methods") != "GET, POST" {
		t.Errorf("%s %v", res.Status, res.Header)
	}
	if res := preflight("https://evil.example"); res.StatusCode != 403 || res.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%s %v", res.Status, res.Header)
	}
}

// A browser writes an origin in one form: an origin in another one is brought to it, or is
// refused if no page can have it.
func TestFormsOfOrigins(t *testing.T) {
	for given, sent := range map[string]string{
		"HTTPS://Shop.Example":       "https://shop.example",
		"https://shop.example:443":   "https://shop.example",
		"http://shop.example:80":     "http://shop.example",
		"http://shop.example:443":    "http://shop.example:443",
		"https://shop.example:":      "https://shop.example",
		"https://shop.example:08443": "https://shop.example:8443",
		"https://xn--bcher-kva.test": "https://xn--bcher-kva.test",
		"http://[2001:DB8:0::1]:80":  "http://[2001:db8::1]",
		"http://127.0.0.1:8080":      "http://127.0.0.1:8080",
		"capacitor://localhost":      "capacitor://localhost",
	} {
		w := browserWorld(t, nil, beckonhttp.WithOrigins(given))
		for _, method := range []string{"POST", "OPTIONS"} {
			res := w.request(method, "/events", `{"event_name":"upload-complete"}`, func(r *http.Request) {
				r.Header.Set("Test-User", "u1")
				r.Header.Set("Origin", sent)
				r.Header.Set("Sec-Fetch-Site", "cross-site")
				if method == "OPTIONS" {
					r.Header.Set("Access-Control-Request-Method", "POST")
				}
			})
			if res.StatusCode/100 != 2 || res.Header.Get("Access-Control-Allow-Origin") != sent {
				t.Errorf("%s, %s from %s: %s %v", given, method, sent, res.Status, res.Header)
			}
		}
	}
	w := browserWorld(t, nil)
	for _, bad := range []string{
		"", "shop.example", "*", "null", "https://", "https://:443", "https://a.example/", "https://a.example/path", "https://a.example?", "https://a.example?b", "https://a.example#", "https://a.example/#b",
		"https://*.a.example", "https://ada@a.example", "https://a.example:99999", "https://b\u00fccher.test", "https://[::1", "https://[::1%25eth0]", " https://a.example", "file:///a", "mailto:a@a.example",
	} {
		func() {
			defer func() {
				if said, _ := recover().(string); !strings.HasPrefix(said, "beckonhttp: WithOrigins: ") {
					t.Errorf("%q was taken: %q", bad, said)
				}
			}()
			beckonhttp.Browser(w.engine, session, beckonhttp.WithOrigins("https://b.example", bad))
		}()
	}
}

// An event of the log that cannot be read keeps nobody from telling what became of a message.
func TestReactionBesideDamage(t *testing.T) {
	kept := storetest.NewFaultStore(memstore.New())
	w := browserWorld(t, []beckon.Option{beckon.WithOutbox()})
	w.engine = w.engine.Using(kept)
	w.door = beckonhttp.Browser(w.engine, session, append(w.hooks(), beckonhttp.WithBrowserEvents("upload-complete"))...)
	_, id := shownTo(t, w.ask(200, "POST", "/events", `{"event_name":"upload-complete"}`, as("u1")))
	key := store.Key{Kind: store.KindUser, ID: "u1"}
	log, err := kept.Events(t.Context(), key, store.EventCursor{}, 1)
	if err != nil || len(log) != 1 {
		t.Fatalf("%v, %v", log, err)
	}
	kept.DamageEvent(key, store.EventCursor{At: log[0].At, Seq: log[0].Seq})
	w.ask(200, "POST", "/deliveries/"+id+"/dismissed", ``, as("u1"))
	x, _, err := w.engine.Export(t.Context(), beckon.Identity{UserID: "u1"})
	var damaged *beckon.DamagedError
	if !errors.As(err, &damaged) || len(x.Events) != 2 || x.Events[0].Name != "message-dismissed" {
		t.Errorf("%+v, %v", x.Events, err)
	}
	if len(w.errs) != 1 || !errors.As(w.errs[0], &damaged) {
		t.Errorf("reported: %v", w.errs)
	}
}

// A click counts however long the address is; the event has as much of it as metadata may have.
func TestClickedAddresses(t *testing.T) {
	long := func(prefix string, n int) string { return prefix + strings.Repeat("x", n-len(prefix)) }
	for _, c := range []struct{ name, url, want, warns string }{
		{"a link", "https://a.example/?a=1&b=2", "https://a.example/?a=1&b=2", ""},
		{"a long link", long("https://a.example/", 2000), long("https://a.example/", 2000), ""},
		{"a link that is too long", long("https://a.example/", 3000), "", "metadata_value_dropped"},
		{"an address of mail", "mailto:a@b.example", "mailto:a@b.example", ""},
		{"a long one", long("mailto:a@b.example?body=", 300), "", "metadata_value_dropped"},
		{"none", "", "", ""},
	} {
		w := browserWorld(t, nil)
		_, id := shownTo(t, w.ask(200, "POST", "/events", `{"event_name":"upload-complete"}`, as("u1")))
		body, err := json.Marshal(map[string]string{"url": c.url})
		if err != nil {
			t.Fatal(err)
		}
		got := w.ask(200, "POST", "/deliveries/"+id+"/clicked", string(body), as("u1"))
		if warnings := fields(t, got, "warnings"); strings.Contains(warnings, "metadata_value_dropped") != (c.warns != "") {
			t.Errorf("%s: %s", c.name, warnings)
		}
		past, err := w.engine.RecentEvents(t.Context(), beckon.Identity{UserID: "u1"}, nil, 1)
		if err != nil || past[0].Name != beckonhttp.EventClicked {
			t.Fatalf("%s: %+v, %v", c.name, past, err)
		}
		url, known := past[0].Metadata.Get("url")
		if url.String() != c.want || known != (c.want != "") {
			t.Errorf("%s: %s", c.name, url)
		}
	}
}
