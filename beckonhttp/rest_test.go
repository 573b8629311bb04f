package beckonhttp_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/storetest"
)

func TestPostEvent(t *testing.T) {
	w := restWorld(t)
	const body = `{"type":"event","event_name":"Upload.Complete","created_at":1772442000,"user_id":42,"source":"javascript","metadata":{"file_name":"cat.mp4"}}`
	if got := w.ask(202, "POST", "/events", body); got != "" {
		t.Errorf("a body: %q", got)
	}
	if got := w.sent(); got != "chat mail" { // D6: REST reaches no banner, whatever the body says
		t.Errorf("sent %q", got)
	}
	w.ask(202, "POST", "/events/", body) // a repeat, and as python-intercom writes the path
	if got := w.sent(); got != "" {
		t.Errorf("sent again: %q", got)
	}
	w.ask(202, "POST", "/events", `{"event_name":"e","id":"user_id:42"}`)
	w.ask(202, "POST", "/events", `{"event_name":"e","id":"lead1"}`)
	w.ask(202, "POST", "/events", `{"event_name":"e","email":"a@b.example","metadata":[]}`)
	for who, want := range map[beckon.Identity]int{{UserID: "42"}: 2, {ID: "lead1"}: 1, {Email: "a@b.example"}: 1} {
		if list, err := w.engine.RecentEvents(t.Context(), who, nil, 0); err != nil || len(list) != want || list[0].Source != beckon.SourceREST {
			t.Errorf("%+v: %+v, %v", who, list, err)
		}
	}
}

// Every refusal is a list of errors, for clients take any other body for success.
func TestPostEventRefused(t *testing.T) {
	w := restWorld(t)
	w.refused(400, beckon.ErrContactMissing, "user_id", "POST", "/events", `{"event_name":"e"}`)
	w.refused(400, beckon.ErrJSONInvalid, "", "POST", "/events", `{"event_name":`)
	w.refused(400, beckon.ErrJSONInvalid, "", "POST", "/events", ``)
	w.refused(400, beckon.ErrTextNotUTF8, "event_name", "POST", "/events", "{\"event_name\":\"\xff\",\"user_id\":\"u\"}")
	w.refused(400, beckon.ErrMetadataNested, "metadata.a", "POST", "/events", `{"event_name":"e","user_id":"u","metadata":{"a":[1]}}`)
	w.refused(400, beckon.ErrCreatedAtInvalid, "created_at", "POST", "/events", `{"event_name":"e","user_id":"u","created_at":1772442000000}`)
	w.refused(413, beckon.ErrBodyTooLarge, "", "POST", "/events", `{"event_name":"`+strings.Repeat("x", beckon.MaxEventBytes)+`"}`)
	w.refused(404, beckonhttp.ErrNotFound, "", "POST", "/event", `{}`)
	w.refused(405, beckonhttp.ErrMethod, "", "DELETE", "/events", ``)
	if got := w.request("DELETE", "/events", "").Header.Get("Allow"); got != "POST, GET" {
		t.Errorf("Allow: %q", got)
	}
	if got := w.ask(400, "POST", "/events", `{}`); !strings.Contains(got, "event_name_missing") || !strings.Contains(got, "contact_missing") { // E3
		t.Error(got)
	}
	if list, err := w.engine.Catalogue(t.Context()); err != nil || len(list) != 0 || w.sent() != "" {
		t.Errorf("recorded: %+v, %v", list, err)
	}
	for range 2 { // an address of several
		w.ask(200, "POST", "/users", `{"user_id":"u1","email":"x@b.example"}`)
		w.ask(200, "POST", "/users", `{"user_id":"u2","email":"x@b.example"}`)
	}
	w.refused(409, beckon.ErrContactAmbiguous, "email", "POST", "/events", `{"event_name":"e","email":"x@b.example"}`)
}

func TestEventNamesLimit(t *testing.T) {
	w := newWorld(t, func(w *world) http.Handler { return beckonhttp.REST(w.engine, beckonhttp.Trusted) }, beckon.WithEventNamesLimit(1))
	w.ask(202, "POST", "/events", `{"event_name":"a","user_id":"u"}`)
	w.refused(422, beckon.ErrEventNamesLimit, "event_name", "POST", "/events", `{"event_name":"b","user_id":"u"}`)
}

func TestKnownContacts(t *testing.T) {
	w := restWorld(t, beckonhttp.WithKnownContacts())
	w.refused(404, beckon.ErrContactUnknown, "", "POST", "/events", `{"event_name":"e","user_id":"u1"}`)
	w.ask(400, "POST", "/events", `{}`)
	w.refused(400, beckon.ErrEventNameMissing, "event_name", "POST", "/events", `{"event_name":" ","user_id":"u1"}`) // what is wrong with the event comes first (K)
	w.refused(404, beckon.ErrContactUnknown, "", "GET", "/conversations?user_id=u1", "")
	if err := w.engine.Archive(t.Context(), "old"); err != nil {
		t.Fatal(err)
	}
	w.ask(202, "POST", "/events", `{"event_name":"old","user_id":"u1"}`) // of an archived name nothing is recorded (K2)
	if _, err := w.engine.Contact(t.Context(), beckon.Identity{UserID: "u1"}); !errors.Is(err, beckon.ErrContactUnknown) {
		t.Errorf("the contact was made: %v", err)
	}
	w.ask(200, "POST", "/contacts", `{"external_id":"u1"}`)
	w.ask(202, "POST", "/events", `{"event_name":"e","user_id":"u1"}`)
}

// That contacts must be known is for those of the request: what an observer or a function for
// results tracks in turn makes its contact.
func TestKnownContactsOfTheRequest(t *testing.T) {
	var w *world
	var failed []error
	begun := false
	track := func(ctx context.Context, who string) {
		_, err := w.engine.Track(ctx, beckon.Event{Name: "told", UserID: who})
		failed = append(failed, err)
	}
	observer := observe.Observer{
		Decided: func(ctx context.Context, _ observe.Decision) { track(ctx, fmt.Sprint("decided ", len(failed))) },
		Stepped: func(ctx context.Context, _ observe.Step) {
			if begun { // once
				begun = false
				track(ctx, "stepped")
			}
		},
	}
	w = newWorld(t, func(w *world) http.Handler {
		return beckonhttp.REST(w.engine, beckonhttp.Trusted, beckonhttp.WithKnownContacts(), beckonhttp.WithResults(func(ctx context.Context, _ beckon.Result) { track(ctx, "result") }))
	}, beckon.WithObserver(observer))
	if _, err := w.engine.Update(t.Context(), beckon.Contact{UserID: "u1"}); err != nil {
		t.Fatal(err)
	}
	failed, begun = nil, true
	w.ask(202, "POST", "/events", `{"event_name":"upload-complete","user_id":"u1"}`)
	if err := errors.Join(failed...); err != nil || len(failed) < 4 {
		t.Error(len(failed), err)
	}
}

func TestCallers(t *testing.T) {
	w := restWorld(t)
	const body = `{"event_name":"e","user_id":"u"}`
	for header, status := range map[string]int{
		"Bearer secret": 202, "bearer secret": 202, "Bearer  secret ": 202,
		"Basic c2VjcmV0Og==": 202, "Basic YXBwOnNlY3JldA==": 202, // secret: and app:secret
		"": 401, "Bearer": 401, "Bearer ": 401, "Bearer secret2": 401, "Basic Og==": 401, "Basic !": 401, "secret": 401, "Digest secret": 401,
	} {
		res := w.request("POST", "/events", body, func(r *http.Request) { r.Header.Set("Authorization", header) })
		if res.StatusCode != status || (status == 401) != (res.Header.Get("WWW-Authenticate") == "Bearer") {
			t.Errorf("%q: %s %v", header, res.Status, res.Header)
		}
	}
	w.door = beckonhttp.REST(w.engine, nil)
	w.refused(401, beckonhttp.ErrUnauthorized, "", "POST", "/events", body)
	w.door = beckonhttp.REST(w.engine, beckonhttp.Tokens("", ""))
	w.refused(401, beckonhttp.ErrUnauthorized, "", "POST", "/events", body, func(r *http.Request) { r.SetBasicAuth("", "") })
	w.door = beckonhttp.REST(w.engine, func(*http.Request) error { return beckonhttp.ErrForbidden })
	w.refused(403, beckonhttp.ErrForbidden, "", "POST", "/events", body)
	w.refused(403, beckonhttp.ErrForbidden, "", "POST", "/nowhere", body) // who may not come in learns nothing

	var told error
	w.door = beckonhttp.REST(w.engine, func(*http.Request) error { return errors.New("the secret database is away") },
		beckonhttp.WithErrors(func(_ *http.Request, err error) { told = err }))
	if got := w.ask(500, "POST", "/events", body); strings.Contains(got, "secret") || told == nil {
		t.Errorf("%s, %v", got, told)
	}
}

func TestRequestID(t *testing.T) {
	w := restWorld(t)
	for id, keep := range map[string]bool{"abc-1.X_2": true, "": false, "a b": false, "a\"b": false, strings.Repeat("x", 65): false} {
		res := w.request("POST", "/events", `{}`, func(r *http.Request) { r.Header.Set("X-Request-Id", id) })
		got := res.Header.Get("X-Request-Id")
		if (got == id) != keep || len(got) < 9 || fields(t, read(t, res), "request_id") != strconv.Quote(got) {
			t.Errorf("%q: %q", id, got)
		}
	}
}

func TestRateLimit(t *testing.T) {
	limit := beckonhttp.RateLimit{Limit: 10, Remaining: 3, Reset: start.Add(90 * time.Second)}
	asked := 0
	w := restWorld(t, beckonhttp.WithRateLimit(func(*http.Request) beckonhttp.RateLimit { asked++; return limit }))
	res := w.request("POST", "/events", `{"event_name":"e","user_id":"u"}`)
	if h := res.Header; res.StatusCode != 202 || h.Get("X-RateLimit-Limit") != "10" || h.Get("X-RateLimit-Remaining") != "3" ||
		h.Get("X-RateLimit-Reset") != strconv.FormatInt(start.Unix()+90, 10) {
		t.Errorf("%s %v", res.Status, h)
	}
	limit = beckonhttp.RateLimit{Limit: 10, Remaining: -1, Reset: start.Add(90 * time.Second), Exceeded: true}
	w.refused(429, beckonhttp.ErrRateLimit, "", "POST", "/events", `{}`)
	if res := w.request("POST", "/events", `{}`); res.Header.Get("Retry-After") != "90" || res.Header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("%v", res.Header)
	}
	// A host that says no end of the period has its callers come back, and names no instant.
	limit = beckonhttp.RateLimit{Limit: 10, Exceeded: true}
	if res := w.request("POST", "/events", `{}`); res.StatusCode != 429 || res.Header.Get("Retry-After") != "1" || res.Header["X-Ratelimit-Reset"] != nil {
		t.Errorf("%s %v", res.Status, res.Header)
	}
	asked = 0
	w.request("POST", "/events", `{}`, func(r *http.Request) { r.Header.Del("Authorization") })
	if asked != 0 {
		t.Error("who may not come in spends nothing")
	}
}

// A hook that panics is a failed request, not a failed server.
func TestPanic(t *testing.T) {
	w := restWorld(t)
	w.door = beckonhttp.REST(w.engine, func(*http.Request) error { panic("secret") }, w.hooks()...)
	if got := w.ask(500, "POST", "/events", `{}`); strings.Contains(got, "secret") || len(w.errs) != 1 || !strings.Contains(w.errs[0].Error(), "secret") {
		t.Errorf("%s %v", got, w.errs)
	}
}

// brokenStore is a store whose steps and reads fail.
type brokenStore struct{ *memstore.Store }

var errStore = errors.New("password=secret is wrong")

func (brokenStore) Step(context.Context, []store.Step) error { return errStore }

func (brokenStore) Read(context.Context, []store.Key, func(*store.Record) error) error {
	return errStore
}

// What a store says is for the host. The caller is told to try again.
func TestStoreFails(t *testing.T) {
	w := restWorld(t)
	w.door = beckonhttp.REST(w.engine.Using(brokenStore{memstore.New()}), beckonhttp.Tokens("secret"), w.hooks()...)
	for i, c := range [][3]string{
		{"POST", "/events", `{"event_name":"e","user_id":"u"}`},
		{"POST", "/contacts", `{"external_id":"u"}`},
		{"GET", "/contacts/u"},
		{"POST", "/bulk/events", `{"items":[{"method":"post","data_type":"event","data":{"event_name":"e","user_id":"u"}}]}`},
	} {
		got := w.ask(503, c[0], c[1], c[2])
		if strings.Contains(got, "secret") || !strings.Contains(got, `"service_unavailable"`) || len(w.errs) != i+1 || !errors.Is(w.errs[i], errStore) {
			t.Errorf("%v: %s %v", c, got, w.errs)
		}
	}
}

func TestGetEvents(t *testing.T) {
	w := restWorld(t)
	w.ask(200, "POST", "/contacts", `{"external_id":"u1","email":"a@b.example"}`)
	for i := range 7 { // some in one second
		w.ask(202, "POST", "/events", `{"event_name":"e","user_id":"u1","created_at":`+strconv.FormatInt(start.Unix()-1+int64(i/4), 10)+`,"metadata":{"n":`+strconv.Itoa(i)+`,"z":1,"a":"x"}}`)
	}
	first := w.ask(200, "GET", "/events?type=user&user_id=u1&per_page=1", "")
	if diff := cmp.Diff(`"event.list"`, fields(t, first, "type")); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(first, `"event_name":"e","created_at":1772442000,"user_id":"u1","email":"a@b.example","intercom_user_id":"user_id:u1","metadata":{"n":6,"z":1,"a":"x"}`) {
		t.Error(first)
	}
	for _, size := range []string{"1", "2", "3", "5", "7", "8"} {
		var seen []string
		for next := "http://example.com/events?type=user&email=a@b.example&per_page=" + size; next != ""; {
			if len(seen) > 7 {
				t.Fatalf("per_page=%s does not end: %v", size, seen)
			}
			u, err := url.Parse(next)
			if err != nil || u.Host != "example.com" || u.Path != "/events" {
				t.Fatalf("%q, %v", next, err)
			}
			body := w.ask(200, "GET", u.RequestURI(), "")
			for _, part := range strings.Split(body, `"metadata":{"n":`)[1:] {
				seen = append(seen, part[:1])
			}
			next = ""
			if _, rest, ok := strings.Cut(body, `"next":"`); ok {
				next, _, _ = strings.Cut(rest, `"`)
				next = strings.ReplaceAll(next, `\u0026`, "&")
			}
		}
		if got := strings.Join(seen, ""); got != "6543210" {
			t.Errorf("per_page=%s: %s", size, got)
		}
	}
	since := w.ask(200, "GET", "/events?user_id=u1&since="+strconv.FormatInt(start.UnixMilli()-1000, 10), "")
	if strings.Count(since, `"event_name"`) != 3 || !strings.Contains(since, `"since":"http://example.com/events?since=1772442000000`) {
		t.Error(since)
	}
	w.refused(404, beckon.ErrContactUnknown, "", "GET", "/events?type=user&user_id=nobody", "")
	w.refused(400, beckon.ErrContactMissing, "user_id", "GET", "/events?type=user", "")
	w.refused(400, beckonhttp.ErrParameterInvalid, "type", "GET", "/events?type=lead&user_id=u1", "")
	for _, q := range []string{"per_page=0", "per_page=x", "before=x", "before=-1", "since=9999999999999999", "skip=-1"} {
		name, _, _ := strings.Cut(q, "=")
		w.refused(400, beckonhttp.ErrParameterInvalid, name, "GET", "/events?user_id=u1&"+q, "")
	}
}

// The prefix that a handler around the door cuts off is in the addresses of pages.
func TestPagesBehindPrefix(t *testing.T) {
	w := restWorld(t)
	for range 2 {
		w.ask(202, "POST", "/events", `{"event_name":"e","user_id":"u1"}`)
	}
	w.door, w.prefix = http.StripPrefix("/api", w.door), ""
	got := w.ask(200, "GET", "/api/events?user_id=u1&per_page=1", "", func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") })
	if !strings.Contains(got, `"next":"https://example.com/api/events?`) {
		t.Error(got)
	}
}

func TestEventSummary(t *testing.T) {
	w := restWorld(t)
	for _, e := range []string{`"Invited-Friend","created_at":1389913941`, `"invited-friend"`, `"other"`} {
		w.ask(202, "POST", "/events", `{"user_id":"u1","event_name":`+e+`}`)
	}
	if err := w.engine.Describe(t.Context(), "Invited-Friend", "Somebody asked a friend"); err != nil {
		t.Fatal(err)
	}
	got := w.ask(200, "GET", "/events?type=user&intercom_user_id=user_id:u1&summary=true", "")
	const want = `{"type":"event.summary","email":null,"intercom_user_id":"user_id:u1","user_id":"u1","events":[` +
		`{"name":"invited-friend","first":"2014-01-16T23:12:21.000Z","last":"2026-03-02T09:00:00.000Z","count":2,"description":"Somebody asked a friend"},` +
		`{"name":"other","first":"2026-03-02T09:00:00.000Z","last":"2026-03-02T09:00:00.000Z","count":1,"description":null}]}`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// Descriptions are read once a minute.
	if err := w.engine.Describe(t.Context(), "other", "Another"); err != nil {
		t.Fatal(err)
	}
	for minutes, known := range []bool{false, true} {
		w.pass(time.Duration(minutes) * time.Minute)
		if got := w.ask(200, "GET", "/events?type=user&user_id=u1&summary=true", ""); strings.Contains(got, `"description":"Another"`) != known {
			t.Errorf("after %d minutes: %s", minutes, got)
		}
	}
}

// E4: what another system has counted is read back.
func TestSummaries(t *testing.T) {
	w := restWorld(t)
	const path = "/events/summaries"
	w.refused(404, beckon.ErrContactUnknown, "", "POST", path, `{"user_id":"u1","event_summaries":[]}`)
	w.ask(200, "POST", "/contacts", `{"external_id":"u1"}`)
	if got := w.ask(200, "POST", path, `{"user_id":"u1","event_summaries":{"event_name":"Invited","count":7,"first":1389913941,"last":1389913942}}`); got != "" {
		t.Error(got)
	}
	w.ask(200, "POST", path, `{"id":"user_id:u1","event_summaries":[{"name":"other","count":2,"first":"2014-01-16T23:12:21.000Z","last":"2014-01-16T23:12:22Z","description":null}]}`)
	if got := fields(t, w.ask(200, "GET", "/events?user_id=u1&summary=true", ""), "events"); !strings.Contains(got, `{"name":"invited","first":"2014-01-16T23:12:21.000Z","last":"2014-01-16T23:12:22.000Z","count":7,`) ||
		!strings.Contains(got, `{"name":"other","first":"2014-01-16T23:12:21.000Z","last":"2014-01-16T23:12:22.000Z","count":2,`) {
		t.Error(got)
	}
	w.refused(400, beckon.ErrTypeInvalid, "event_summaries", "POST", path, `{"user_id":"u1"}`)
	w.refused(400, beckon.ErrTypeInvalid, "event_summaries[0]", "POST", path, `{"user_id":"u1","event_summaries":[1]}`)
	for member, field := range map[string]string{`"count":-1`: "count", `"count":1.5`: "count", `"count":1,"first":"now"`: "first", `"count":1,"last":-5`: "last", `"count":1,"first":5e9`: "first"} {
		code := beckon.ErrCreatedAtInvalid
		if field == "count" {
			code = beckon.ErrTypeInvalid
		}
		w.refused(400, code, "event_summaries[0]."+field, "POST", path, `{"user_id":"u1","event_summaries":{"event_name":"e",`+member+`}}`)
	}
}

// D4: to look for a contact's conversations checks that contact now.
func TestConversations(t *testing.T) {
	w := restWorld(t)
	w.ask(200, "POST", "/contacts", `{"external_id":"u1"}`)
	w.sent()
	const path = "/conversations?type=user&user_id=u1"
	if got := w.ask(200, "GET", path, ""); fields(t, got, "type", "conversations", "total_count") != `"conversation.list" [] 0` || w.sent() != "ongoing-mail" {
		t.Error(got)
	}
	w.pass(5 * time.Minute)
	w.refused(429, beckon.ErrCheckTooSoon, "", "GET", path, "")
	if res := w.request("GET", path, ""); res.Header.Get("Retry-After") != "600" || !strings.Contains(read(t, res), `"retry_at":"2026-03-02T09:15:00Z"`) {
		t.Errorf("%v", res.Header)
	}
	w.pass(10 * time.Minute)
	w.ask(200, "GET", path, "")
	w.refused(404, beckon.ErrContactUnknown, "", "GET", "/conversations?type=user&user_id=nobody", "")
	if _, known, err := w.engine.Export(t.Context(), beckon.Identity{UserID: "nobody"}); known || err != nil {
		t.Errorf("who was asked for is made: %v, %v", known, err)
	}
	w.ask(200, "GET", "/conversations", "")
	w.refused(400, beckonhttp.ErrParameterInvalid, "type", "GET", "/conversations?type=admin&user_id=u1", "")
}

func TestBulk(t *testing.T) {
	w := restWorld(t)
	got := w.ask(200, "POST", "/bulk/events", `{"items":[
		{"method":"post","data_type":"event","data":{"event_name":"upload-complete","created_at":1389913941,"user_id":"u1","metadata":{"file_name":"a","b":1.50}}},
		{"method":"post","data_type":"event","data":{"event_name":"upload-complete","created_at":1389913941,"user_id":"u1","metadata":{"file_name":"a","b":1.50}}},
		{"method":"delete","data_type":"event","data":{}},
		{"method":"post","data_type":"event","data":{"user_id":"u1"}}, 7],"job":{"id":"job_5"}}`)
	if fields(t, got, "id", "state") != `"job_5" "completed_with_errors"` || w.sent() != "chat mail" {
		t.Error(got)
	}
	if got := fields(t, got, "errors"); !strings.Contains(got, `{"item":2,"status":400,`) || !strings.Contains(got, `{"item":3,"status":400,"errors":[{"code":"event_name_missing"`) || !strings.Contains(got, `{"item":4,`) {
		t.Error(got)
	}
	if got := fields(t, w.ask(200, "POST", "/bulk/users", `{"items":[{"method":"post","data_type":"user","data":{"user_id":"u2","custom_attributes":{"a":1}}},
		{"method":"delete","data_type":"user","data":{"user_id":"u1"}}]}`), "state", "errors"); got != `"completed" []` {
		t.Error(got)
	}
	w.ask(200, "GET", "/users?user_id=u2", "")
	w.ask(404, "GET", "/users?user_id=u1", "")
	w.refused(400, beckon.ErrTypeInvalid, "items", "POST", "/bulk/events", `{}`)
	w.refused(413, beckon.ErrBodyTooLarge, "items", "POST", "/bulk/events", `{"items":[`+strings.Repeat("1,", beckonhttp.MaxBulkItems)+`1]}`)
}

// damagedWorld is restWorld or segmentWorld over a store in which records can be damaged.
func damagedWorld(t *testing.T, door func(*beckon.Engine, *world) http.Handler) (*world, *storetest.FaultStore) {
	t.Helper()
	kept := storetest.NewFaultStore(memstore.New())
	w := newWorld(t, func(w *world) http.Handler {
		w.engine = w.engine.Using(kept)
		return door(w.engine, w)
	})
	return w, kept
}

// A description that cannot be read is none, and keeps nobody from reading a summary.
func TestSummaryBesideDamage(t *testing.T) {
	w, kept := damagedWorld(t, func(e *beckon.Engine, w *world) http.Handler {
		return beckonhttp.REST(e, beckonhttp.Tokens("secret"), w.hooks()...)
	})
	for _, name := range []string{"bad", "good"} {
		w.ask(202, "POST", "/events", `{"event_name":"`+name+`","user_id":"u1"}`)
		if err := w.engine.Describe(t.Context(), name, "It is "+name); err != nil {
			t.Fatal(err)
		}
	}
	kept.Damage(store.Key{Kind: store.KindEventName, ID: "bad"})
	got := w.ask(200, "GET", "/events?user_id=u1&summary=true", "")
	if !strings.Contains(got, `"name":"bad"`) || !strings.Contains(got, `"description":"It is good"`) {
		t.Error(got)
	}
	var damaged *beckon.DamagedError
	if len(w.errs) != 1 || !errors.As(w.errs[0], &damaged) {
		t.Errorf("reported: %v", w.errs)
	}
}

// A contact who cannot be read keeps nobody else from being taken. The request fails, so that it
// comes again: what was taken is known then.
func TestBulkBesideDamage(t *testing.T) {
	w, kept := damagedWorld(t, func(e *beckon.Engine, w *world) http.Handler {
		return beckonhttp.REST(e, beckonhttp.Tokens("secret"), w.hooks()...)
	})
	item := func(id string) string {
		return `{"method":"post","data_type":"event","data":{"event_name":"e","user_id":"` + id + `","event_id":"e1"}}`
	}
	bad := store.Key{Kind: store.KindUser, ID: "bad"}
	w.ask(202, "POST", "/events", `{"event_name":"e","user_id":"bad"}`)
	kept.Damage(bad)
	for range 2 {
		got := w.ask(503, "POST", "/bulk/events", `{"items":[`+item("bad")+`,`+item("u1")+`,`+item("bad")+`,`+item("u2")+`]}`)
		if strings.Contains(got, "bad") {
			t.Errorf("it tells of the store: %s", got)
		}
	}
	for _, id := range []string{"u1", "u2"} {
		if x, _, err := w.engine.Export(t.Context(), beckon.Identity{UserID: id}); err != nil || len(x.Events) != 1 || x.Events[0].Count != 1 {
			t.Errorf("%s: %+v, %v", id, x.Events, err)
		}
	}
	if len(w.errs) != 4 {
		t.Errorf("reported: %v", w.errs)
	}
}

// Readers differ in which of two members of one name they take, so there is one.
func TestTwins(t *testing.T) {
	w := restWorld(t)
	w.ask(200, "POST", "/contacts", `{"external_id":"u1"}`)
	w.ask(200, "POST", "/contacts", `{"external_id":"u2"}`)
	long := strings.Repeat("é", 100)
	for _, c := range []struct{ path, body, field string }{
		{"/contacts", `{"external_id":"u3","external_id":"u4"}`, "external_id"},
		{"/contacts/merge", `{"from":"user_id:u1","into":"user_id:u2","into":"user_id:u1"}`, "into"},
		{"/contacts/convert", `{"contact":{"user_id":"u1","user_id":"u2"},"user":{"user_id":"u3"}}`, "contact.user_id"},
		{"/contacts/convert", `{"contact":{"user_id":"u1"},"user":{"user_id":"u3","user_id":"u2"}}`, "user.user_id"},
		{"/contacts/search", `{"query":{"field":"email","operator":"=","value":"a","value":"b"}}`, "query.value"},
		{"/contacts/search", `{"query":{"operator":"AND","value":[{"field":"email","field":"name","operator":"=","value":"a"}]}}`, "query.value[0].field"},
		{"/contacts/search", `{"pagination":{"per_page":1,"per_page":2}}`, "pagination.per_page"},
		{"/events/summaries", `{"user_id":"u1","user_id":"u2","event_summaries":[]}`, "user_id"},
		{"/bulk/events", `{"items":[],"items":[]}`, "items"},
		{"/bulk/events", `{"items":[],"` + long + `":1,"` + long + `":2}`, long[:2*64] + "…"},
		{"/events", `{"event_name":"e","user_id":"u1","user_id":"u2"}`, "user_id"},
	} {
		w.refused(400, beckon.ErrJSONInvalid, c.field, "POST", c.path, c.body)
	}
	got := w.ask(200, "POST", "/bulk/events", `{"items":[{"method":"post","data_type":"event","method":"delete","data":{"event_name":"e","user_id":"u1"}}]}`)
	if !strings.Contains(got, `"item":0,"status":400,"errors":[{"code":"json_invalid","field":"method"`) {
		t.Error(got)
	}
}

// E1: an integer stands for its digits, and no other number does.
func TestNumbersAsIDs(t *testing.T) {
	w := restWorld(t)
	w.ask(200, "POST", "/contacts", `{"external_id":42}`)
	w.ask(200, "POST", "/events/summaries", `{"user_id":42,"event_summaries":[]}`)
	for _, number := range []string{"42.0", "4.2e1", "-1e2"} {
		w.refused(400, beckon.ErrTypeInvalid, "user_id", "POST", "/events", `{"event_name":"e","user_id":`+number+`}`)
		w.refused(400, beckon.ErrTypeInvalid, "user_id", "POST", "/events/summaries", `{"user_id":`+number+`,"event_summaries":[]}`)
		w.refused(400, beckon.ErrTypeInvalid, "external_id", "POST", "/contacts", `{"role":"user","external_id":`+number+`}`)
		w.refused(400, beckon.ErrTypeInvalid, "from", "POST", "/contacts/merge", `{"from":`+number+`,"into":"42"}`)
	}
}
