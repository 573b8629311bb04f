package beckonhttp_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/store"
)

// segmentWorld is one whose door is Segment's tracking API.
func segmentWorld(t *testing.T, opts ...beckonhttp.Option) *world {
	t.Helper()
	return newWorld(t, func(w *world) http.Handler {
		w.prefix = "/segment"
		return beckonhttp.Segment(w.engine, beckonhttp.Tokens("secret"), append(w.hooks(), opts...)...)
	})
}

// writeKey is how Segment's libraries say who they are.
func writeKey(r *http.Request) {
	r.Header.Del("Authorization")
	r.SetBasicAuth("secret", "")
}

// event is what is kept of an event.
type event struct {
	Name     string
	At       time.Time
	Metadata string
}

func (w *world) events(who beckon.Identity) (list []event) {
	w.t.Helper()
	past, err := w.engine.RecentEvents(w.t.Context(), who, nil, 100)
	if err != nil && !errors.Is(err, beckon.ErrContactUnknown) {
		w.t.Fatal(err)
	}
	for _, e := range past {
		list = append(list, event{e.Name, e.CreatedAt.UTC(), fmt.Sprint(e.Metadata)})
	}
	return list
}

func (w *world) contact(who beckon.Identity) beckon.Contact {
	w.t.Helper()
	c, err := w.engine.Contact(w.t.Context(), who)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

const succeeded = `{"success":true}`

func TestSegmentTrack(t *testing.T) {
	w := segmentWorld(t)
	const body = `{"userId":"u1","event":"Upload-Complete","messageId":"m1","timestamp":"2026-03-02T08:59:30.250Z",
		"properties":{"file_name":"cat.jpg","by":{"name":"Ada"},"revenue":9.99,"currency":"EUR"},"context":{"ip":"::1"},"integrations":{}}`
	for _, path := range []string{"/v1/track", "/track", "/v1/track/"} { // once, and two repeats
		if got := w.ask(200, "POST", path, body, writeKey); got != succeeded {
			t.Error(got)
		}
	}
	if got := w.sent(); got != "banner chat mail" {
		t.Errorf("sent %q", got)
	}
	want := []event{{"upload-complete", start.Add(-30 * time.Second), "[{file_name cat.jpg} {by_name Ada} {price 9.99 EUR}]"}}
	if diff := cmp.Diff(want, w.events(beckon.Identity{UserID: "u1"})); diff != "" {
		t.Error(diff)
	}
	got := w.ask(200, "POST", "/track", `{"anonymousId":"v1","event":"e","properties":{"a":[1],"b":null,"c":{"d":[]}}}`)
	for _, field := range []string{"properties.a", "properties.b", "properties.c_d"} {
		if !strings.Contains(got, `{"code":"metadata_value_dropped","field":"`+field+`","message":"`) {
			t.Errorf("no warning at %s: %s", field, got)
		}
	}
	if n := len(w.results[len(w.results)-1].Warnings); n != 3 {
		t.Errorf("the host gets %d warnings", n)
	}
	if got := w.events(beckon.Identity{AnonymousID: "v1"}); len(got) != 1 || !got[0].At.Equal(start) {
		t.Error(got)
	}
}

func TestSegmentPaths(t *testing.T) {
	w := segmentWorld(t)
	for kind, body := range map[string]string{
		"track": `{"userId":"u1","event":"e"}`, "identify": `{"userId":"u1"}`, "group": `{"userId":"u1","groupId":"acme"}`,
		"page": `{"userId":"u1"}`, "screen": `{"anonymousId":"v1"}`, "alias": `{"userId":"u1","previousId":"v1"}`, "batch": `{"batch":[]}`, "import": `{"batch":[]}`,
	} {
		for _, prefix := range []string{"/", "/v1/"} {
			if got := w.ask(200, "POST", prefix+kind, body, writeKey); got != succeeded {
				t.Error(prefix+kind, got)
			}
		}
	}
}

func TestSegmentIdentify(t *testing.T) {
	w := segmentWorld(t)
	w.ask(200, "POST", "/v1/track", `{"anonymousId":"v1","event":"looked"}`, writeKey)
	w.ask(200, "POST", "/v1/identify", `{"anonymousId":"v1","traits":{"email":"v@b.example"}}`, writeKey)
	w.ask(200, "POST", "/v1/identify", `{"anonymousId":"v1","traits":{"theme":"dark"}}`, writeKey)
	if c := w.contact(beckon.Identity{AnonymousID: "v1"}); c.UserID != "" || c.Attributes["email"].Text() != "v@b.example" && c.Email != "v@b.example" {
		t.Errorf("%+v", c)
	}
	w.ask(200, "POST", "/v1/identify", `{"userId":"u1","anonymousId":"v1","traits":{"email":"a@b.example","name":"Ada","plan":"pro","seats":3,"address":{"city":"Bonn"},
		"company":{"id":"acme","name":"Acme"},"tags":["x"]}}`, writeKey)
	u1 := beckon.Identity{UserID: "u1"}
	c := w.contact(u1)
	if c.Email != "a@b.example" || c.Name != "Ada" || c.Attributes["plan"].Text() != "pro" || c.Attributes["address_city"].Text() != "Bonn" ||
		c.Attributes["theme"].Text() != "dark" || len(c.Companies) != 1 || c.Companies[0].CompanyID != "acme" || c.Companies[0].Name != "Acme" {
		t.Errorf("%+v", c)
	}
	if got := w.events(u1); len(got) != 1 || got[0].Name != "looked" {
		t.Errorf("what the visitor did: %v", got)
	}
	w.ask(200, "POST", "/v1/identify", `{"userId":"u1","traits":{"plan":null}}`, writeKey)
	if c := w.contact(u1); !c.Attributes["plan"].IsUnknown() || c.Name != "Ada" {
		t.Errorf("%+v", c)
	}
	// Another user on the same device does not become the first.
	w.ask(200, "POST", "/v1/identify", `{"userId":"u2","anonymousId":"v1","traits":{"name":"Bo"}}`, writeKey)
	if a, b := w.contact(u1), w.contact(beckon.Identity{UserID: "u2"}); a.Name != "Ada" || b.Name != "Bo" || b.UserID != "u2" {
		t.Errorf("%+v\n%+v", a, b)
	}
}

// Two who log in at once on one device stay two, and the visitor becomes one of them.
func TestSegmentIdentifyAtOnce(t *testing.T) {
	w := segmentWorld(t)
	for i := range 100 {
		visitor := "v" + strconv.Itoa(i)
		w.ask(200, "POST", "/v1/track", `{"anonymousId":"`+visitor+`","event":"looked"}`, writeKey)
		var wg sync.WaitGroup
		users := make([]beckon.Identity, 4)
		for j := range users {
			users[j] = beckon.Identity{UserID: visitor + "-u" + strconv.Itoa(j)}
			wg.Go(func() {
				if res := w.request("POST", "/v1/identify", `{"userId":"`+users[j].UserID+`","anonymousId":"`+visitor+`","traits":{"n":`+strconv.Itoa(j)+`}}`, writeKey); res.StatusCode != 200 {
					t.Error(res.Status)
				}
			})
		}
		wg.Wait()
		looked := 0
		for j, u := range users {
			if c := w.contact(u); c.UserID != u.UserID || c.Attributes["n"].Text() != strconv.Itoa(j) {
				t.Fatalf("%s is %+v", u.UserID, c)
			}
			looked += len(w.events(u))
		}
		if looked != 1 {
			t.Fatalf("what %s did is there %d times", visitor, looked)
		}
	}
}

func TestSegmentGroup(t *testing.T) {
	w := segmentWorld(t)
	w.ask(200, "POST", "/v1/group", `{"userId":"u1","groupId":"acme","traits":{"name":"Acme","employees":12,"createdAt":"2026-01-01T00:00:00Z","site":{"url":"x"}}}`, writeKey)
	c := w.contact(beckon.Identity{UserID: "u1"})
	if len(c.Companies) != 1 {
		t.Fatalf("%+v", c)
	}
	m := c.Companies[0]
	if m.CompanyID != "acme" || m.Name != "Acme" || m.Attributes["employees"].Text() != "12" || m.Attributes["site_url"].Text() != "x" {
		t.Errorf("%+v", m)
	}
	got := w.ask(200, "POST", "/v1/track", `{"userId":"u1","event":"e","context":{"groupId":"other"}}`, writeKey)
	if !strings.Contains(got, `"company_not_member","field":"context.groupId"`) {
		t.Error(got)
	}
}

// The name of a trait within another has the limit of an attribute's, and one that is longer
// is refused without being repeated for all that is within.
func TestSegmentLongTraits(t *testing.T) {
	w := segmentWorld(t)
	identify := `{"userId":"u1","traits":{"%s":{"b":{"c":1}}}}`
	if got := w.ask(200, "POST", "/identify", fmt.Sprintf(identify, strings.Repeat("é", beckon.MaxAttributeName-4)), writeKey); got != succeeded {
		t.Error(got)
	}
	if v := w.contact(beckon.Identity{UserID: "u1"}).Attributes[strings.Repeat("é", beckon.MaxAttributeName-4)+"_b_c"]; v.Text() != "1" {
		t.Errorf("%v", v)
	}
	for _, more := range []int{3, 2, 0, -10} {
		got := w.ask(400, "POST", "/identify", fmt.Sprintf(identify, strings.Repeat("é", beckon.MaxAttributeName-more)), writeKey)
		if !strings.Contains(got, "longer than 255 characters") {
			t.Error(got)
		}
	}
	const within = 1400
	long := `{"userId":"u1","groupId":"g","traits":{"` + strings.Repeat("x", 10*within) + `":{` + strings.Repeat(`"k":1,"l":[],`, within/2) + `"m":1}}}`
	for _, path := range []string{"/identify", "/group"} {
		if took := allocated(func() { w.ask(400, "POST", path, long, writeKey) }); took > 4<<20 {
			t.Errorf("%s takes %d bytes of memory for a body of %d", path, took, len(long))
		}
	}
}

// allocated returns how many bytes of memory something has taken.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestSegmentAlias(t *testing.T) {
	w := segmentWorld(t)
	w.ask(200, "POST", "/v1/track", `{"anonymousId":"v1","event":"looked"}`, writeKey)
	w.ask(200, "POST", "/v1/track", `{"userId":"old","event":"bought"}`, writeKey)
	for _, previous := range []string{"v1", "old", "v1", "unknown", "u1"} { // the last three change nothing
		w.ask(200, "POST", "/v1/alias", `{"previousId":"`+previous+`","userId":"u1"}`, writeKey)
	}
	if got := w.events(beckon.Identity{UserID: "u1"}); len(got) != 2 {
		t.Errorf("%v", got)
	}
}

func TestSegmentPages(t *testing.T) {
	const page = `{"userId":"u1","messageId":"m1","name":"Home","properties":{"url":"https://x.example/"}}`
	const screen = `{"userId":"u1","messageId":"m2","category":"Shop"}`
	t.Run("visits", func(t *testing.T) {
		w := segmentWorld(t)
		w.ask(200, "POST", "/v1/page", page, writeKey)
		w.ask(200, "POST", "/v1/screen", screen, writeKey)
		u1 := beckon.Identity{UserID: "u1"}
		if got := w.sent(); got != "ongoing-post" || len(w.events(u1)) != 0 {
			t.Errorf("sent %q, events %v", got, w.events(u1))
		}
		if c := w.contact(u1); c.Attributes["session_count"].Text() != "1" {
			t.Errorf("%+v", c)
		}
	})
	t.Run("events", func(t *testing.T) {
		w := segmentWorld(t, beckonhttp.WithPageEvents())
		for range 2 {
			w.ask(200, "POST", "/v1/page", page, writeKey)
			w.ask(200, "POST", "/v1/screen", screen, writeKey)
		}
		want := []event{{"viewed-screen", start, "[{category Shop}]"}, {"viewed-page", start, "[{name Home} {url https://x.example/}]"}}
		if diff := cmp.Diff(want, w.events(beckon.Identity{UserID: "u1"})); diff != "" {
			t.Error(diff)
		}
		if got := w.sent(); got != "" {
			t.Errorf("sent %q", got)
		}
	})
}

// What @segment/analytics-node 3.1.0 sends, as it was recorded.
const analyticsNode = `{"batch":[` +
	`{"timestamp":"2026-03-02T08:59:30.250Z","integrations":{},"type":"identify","userId":"u1","traits":{"email":"a@b.example","name":"Ada","plan":"pro","address":{"city":"Bonn"}},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"messageId":"m1","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}},` +
	`{"timestamp":"2026-03-02T08:59:30.250Z","integrations":{},"event":"Order Completed","type":"track","properties":{"revenue":9.99,"currency":"EUR","order":{"id":7,"lines":{"first":"x"}},"tags":["a"],"note":null,"gift":true},"context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"u1","messageId":"m2","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}},` +
	`{"timestamp":"2026-03-02T08:59:30.250Z","integrations":{},"type":"page","properties":{"url":"https://shop.example/","path":"/"},"name":"Home","context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"anonymousId":"v1","messageId":"m3","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}},` +
	`{"timestamp":"2026-03-02T08:59:30.250Z","integrations":{},"type":"screen","properties":{},"category":"Shop","name":"Cart","context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"u1","messageId":"m4","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}},` +
	`{"timestamp":"2026-03-02T08:59:30.250Z","integrations":{},"type":"group","traits":{"name":"Acme","employees":12,"plan":"gold"},"groupId":"acme","context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"userId":"u1","messageId":"m5","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}},` +
	`{"timestamp":"2026-03-02T08:59:30.250Z","integrations":{},"userId":"u1","type":"alias","previousId":"v1","context":{"library":{"name":"@segment/analytics-node","version":"3.1.0"}},"messageId":"m6","_metadata":{"nodeVersion":"v20.20.2","jsRuntime":"node"}}` +
	`],"writeKey":"secret","sentAt":"2026-11-29T07:22:08.800Z"}`

func TestSegmentBatch(t *testing.T) {
	w := segmentWorld(t)
	for range 2 { // the second is a repeat
		got := w.ask(200, "POST", "/v1/batch", analyticsNode, writeKey)
		if !strings.HasPrefix(got, `{"success":true,"warnings":[{"code":"metadata_value_dropped","field":"batch[1].properties.tags"`) || strings.Contains(got, "errors") {
			t.Error(got)
		}
	}
	u1 := beckon.Identity{UserID: "u1"}
	want := []event{{"order completed", start.Add(-30 * time.Second), "[{price 9.99 EUR} {order_id 7} {order_lines_first x} {gift true}]"}}
	if diff := cmp.Diff(want, w.events(u1)); diff != "" {
		t.Error(diff)
	}
	c := w.contact(beckon.Identity{AnonymousID: "v1"})
	if c.UserID != "u1" || c.Email != "a@b.example" || c.Attributes["address_city"].Text() != "Bonn" || len(c.Companies) != 1 || c.Companies[0].Name != "Acme" {
		t.Errorf("%+v", c)
	}
}

// What is wrong with a call of a batch is told, and the others are taken.
func TestSegmentBatchRefusals(t *testing.T) {
	w := segmentWorld(t)
	got := w.ask(200, "POST", "/batch", `{"batch":[{"type":"track","userId":"u1"},7,{"type":"track","userId":"u1","event":"e"},{"type":"x"},
		{"type":"identify","userId":"u1","traits":{"email":"no address"}},{"type":"track","event":"e"},
		{"type":"track","userId":"u1","event":"e","properties":{"a":"`+strings.Repeat("x", beckonhttp.MaxSegmentCall)+`"}}]}`)
	for _, want := range []string{
		`{"item":0,"status":400,"errors":[{"code":"event_name_missing","field":"batch[0].event"`,
		`{"item":1,"status":400,"errors":[{"code":"type_invalid","field":"batch[1]"`,
		`{"item":3,"status":400,"errors":[{"code":"type_invalid","field":"batch[3].type"`,
		`{"item":4,"status":400,"errors":[{"code":"email_invalid","field":"batch[4].traits.email"`,
		`{"item":5,"status":400,"errors":[{"code":"contact_missing","field":"batch[5].userId"`,
		`{"item":6,"status":413,"errors":[{"code":"body_too_large","field":"batch[6]"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if len(w.events(beckon.Identity{UserID: "u1"})) != 1 || len(w.errs) != 6 {
		t.Errorf("%d reported: %v", len(w.errs), w.errs)
	}
}

func TestSegmentRefusals(t *testing.T) {
	w := segmentWorld(t)
	w.ask(401, "POST", "/v1/track", `{}`, func(r *http.Request) { r.SetBasicAuth("other", "") })
	w.ask(404, "POST", "/v1/video", `{}`, writeKey)
	w.ask(405, "GET", "/v1/track", ``, writeKey)
	w.ask(413, "POST", "/v1/track", `{"a":"`+strings.Repeat("x", beckonhttp.MaxSegmentCall)+`"}`, writeKey)
	w.ask(413, "POST", "/v1/batch", `{"a":"`+strings.Repeat("x", beckonhttp.MaxSegmentBatch)+`"}`, writeKey)
	w.ask(413, "POST", "/v1/batch", `{"batch":[`+strings.Repeat("{},", beckonhttp.MaxSegmentCalls)+`{}]}`, writeKey)
	for _, c := range []struct {
		path, body string
		code       beckon.Code
		field      string
	}{
		{"/v1/track", `{"userId":"u1"}`, beckon.ErrEventNameMissing, "event"},
		{"/v1/track", `{"event":"e"}`, beckon.ErrContactMissing, "userId"},
		{"/v1/track", `{"event":"e","userId":"u1","timestamp":"2026-03-09T09:00:00Z"}`, beckon.ErrCreatedAtInvalid, "timestamp"},
		{"/v1/track", `{"event":"e","userId":"u1","messageId":"` + strings.Repeat("x", 2000) + `"}`, beckon.ErrTypeInvalid, "messageId"},
		{"/v1/track", `[]`, beckon.ErrTypeInvalid, ""},
		{"/v1/track", `{`, beckon.ErrJSONInvalid, ""},
		{"/v1/page", `{}`, beckon.ErrContactMissing, "userId"},
		{"/v1/identify", `{"traits":{"email":"a@b.example"}}`, beckon.ErrContactMissing, "userId"},
		{"/v1/identify", `{"userId":"u1","traits":{"timezone":"Nowhere"}}`, beckon.ErrTimezoneUnknown, "traits.timezone"},
		{"/v1/group", `{"userId":"u1"}`, beckon.ErrAttributeInvalid, "groupId"},
		{"/v1/alias", `{"userId":"u1"}`, beckon.ErrContactMissing, "previousId"},
		{"/v1/batch", `{}`, beckon.ErrTypeInvalid, "batch"},
	} {
		w.refused(400, c.code, c.field, "POST", c.path, c.body)
	}
	known := segmentWorld(t, beckonhttp.WithKnownContacts())
	known.ask(404, "POST", "/v1/track", `{"userId":"u1","event":"e"}`, writeKey)
	known.ask(404, "POST", "/v1/page", `{"userId":"u1"}`, writeKey)
}

// packed is what gzip makes of a body.
func packed(body string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, body)
	_ = z.Close()
	return b.Bytes()
}

// Many of Segment's libraries pack batches. A body is bounded after it was unpacked.
func TestSegmentGzip(t *testing.T) {
	whole := packed(`{"batch":[{"type":"track","userId":"u1","event":"e"}]}`)
	for name, c := range map[string]struct {
		body     []byte
		encoding string
		status   int
	}{
		"whole":        {whole, "gzip", 200},
		"other case":   {whole, "GZIP", 200},
		"no gzip":      {[]byte(`{"batch":[]}`), "gzip", 400},
		"torn":         {whole[:len(whole)-9], "gzip", 400},
		"broken":       {append(whole[:len(whole)-8:len(whole)-8], 0, 0, 0, 0, 0, 0, 0, 0), "gzip", 400},
		"bomb":         {packed(`{"a":"` + strings.Repeat("x", 50<<20) + `"}`), "gzip", 413},
		"other kind":   {whole, "br", 415},
		"twice":        {whole, "gzip, gzip", 415},
		"not unpacked": {whole, "identity", 400},
	} {
		t.Run(name, func(t *testing.T) {
			w := segmentWorld(t)
			w.prefix = "" // its bodies are no text
			got := w.ask(c.status, "POST", "/v1/batch", string(c.body), writeKey, func(r *http.Request) { r.Header.Set("Content-Encoding", c.encoding) })
			if n := len(w.events(beckon.Identity{UserID: "u1"})); n == 1 != (c.status == 200) {
				t.Errorf("%d events, %s", n, got)
			}
		})
	}
	rest := restWorld(t)
	rest.ask(415, "POST", "/events", `{}`, func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") })
}

// If the store fails nobody is told that a batch was taken: it comes again.
func TestSegmentStoreFails(t *testing.T) {
	w := segmentWorld(t)
	if err := w.engine.Close(); err != nil {
		t.Fatal(err)
	}
	w.ask(503, "POST", "/v1/batch", analyticsNode, writeKey)
}

// A contact who cannot be read keeps no other call of a batch from being taken. Libraries send
// the batch again; what was taken is known then.
func TestSegmentBesideDamage(t *testing.T) {
	w, kept := damagedWorld(t, func(e *beckon.Engine, w *world) http.Handler {
		return beckonhttp.Segment(e, beckonhttp.Tokens("secret"), w.hooks()...)
	})
	const call = `{"type":"track","event":"e","messageId":"m1","userId":`
	w.ask(200, "POST", "/v1/track", call+`"bad"}`, writeKey)
	kept.Damage(store.Key{Kind: store.KindUser, ID: "bad"})
	for range 2 {
		w.ask(503, "POST", "/v1/batch", `{"batch":[`+call+`"bad"},`+call+`"u1"},`+call+`"u2"}]}`, writeKey)
	}
	for _, id := range []string{"u1", "u2"} {
		if n := len(w.events(beckon.Identity{UserID: id})); n != 1 {
			t.Errorf("%s: %d events", id, n)
		}
	}
	if len(w.errs) != 2 {
		t.Errorf("reported: %v", w.errs)
	}
}

// A call that has a name twice is refused, in a batch alone.
func TestSegmentTwins(t *testing.T) {
	w := segmentWorld(t)
	w.refused(400, beckon.ErrJSONInvalid, "userId", "POST", "/v1/track", `{"event":"e","userId":"u1","userId":"u2"}`, writeKey)
	w.refused(400, beckon.ErrJSONInvalid, "context.groupId", "POST", "/v1/track", `{"event":"e","userId":"u1","context":{"groupId":"a","groupId":"b"}}`, writeKey)
	w.refused(400, beckon.ErrJSONInvalid, "context.page.url", "POST", "/v1/page", `{"userId":"u1","context":{"page":{"url":"https://a.example","url":"https://b.example"}}}`, writeKey)
	w.refused(400, beckon.ErrTypeInvalid, "userId", "POST", "/v1/track", `{"event":"e","userId":1.0}`, writeKey)
	w.refused(400, beckon.ErrJSONInvalid, "batch", "POST", "/v1/batch", `{"batch":[],"batch":[]}`, writeKey)
	got := w.ask(200, "POST", "/v1/batch", `{"batch":[{"type":"track","event":"e","userId":"u1","userId":"u2"},{"type":"track","event":"e","userId":"u1"}]}`, writeKey)
	if !strings.Contains(got, `"item":0,"status":400,"errors":[{"code":"json_invalid","field":"batch[0].userId"`) || len(w.events(beckon.Identity{UserID: "u1"})) != 1 {
		t.Error(got)
	}
}

// A sender that says that it sent something in the future has a clock that is ahead. Times of its
// calls that are ahead, too, are put back by as much: they would be refused, or count as now.
func TestSegmentClocks(t *testing.T) {
	at := func(d time.Duration) string { return start.Add(d).Format("2006-01-02T15:04:05.000Z") }
	call := func(d time.Duration) string {
		return `{"type":"track","event":"e","userId":"u1","timestamp":"` + at(d) + `"`
	}
	for _, c := range []struct {
		name            string
		timestamp, sent time.Duration
		want            time.Duration
	}{
		{"right", -time.Minute, 0, -time.Minute},
		{"a little ahead", 30 * time.Second, time.Minute, 0}, // it has come, so it has happened
		{"days ahead", 72*time.Hour - time.Minute, 72 * time.Hour, -time.Minute},
		{"an hour ahead", 58*time.Minute + 500*time.Millisecond, time.Hour + 900*time.Millisecond, -2 * time.Minute},
		{"late on its way", -3 * time.Hour, -2 * time.Hour, -3 * time.Hour},
		{"times by another clock", -time.Minute, 72 * time.Hour, -time.Minute},
	} {
		sent := `"sentAt":"` + at(c.sent) + `"`
		for path, body := range map[string]string{
			"/v1/batch": `{"batch":[` + call(c.timestamp) + `}],` + sent + `}`,
			"/v1/track": call(c.timestamp) + `,` + sent + `}`,
		} {
			w := segmentWorld(t)
			w.ask(200, "POST", path, body, writeKey)
			if got := w.events(beckon.Identity{UserID: "u1"}); len(got) != 1 || !got[0].At.Equal(start.Add(c.want)) {
				t.Errorf("%s by %s: %v", c.name, path, got)
			}
		}
	}
	w := segmentWorld(t)
	w.ask(200, "POST", "/v1/batch", `{"batch":[`+call(-time.Minute)+`},`+call(90*time.Minute)+`}],"sentAt":"`+at(2*time.Hour)+`"}`, writeKey)
	if got := w.events(beckon.Identity{UserID: "u1"}); len(got) != 2 || !got[0].At.Equal(start.Add(-time.Minute)) || !got[1].At.Equal(start.Add(-30*time.Minute)) {
		t.Errorf("a batch: %v", got)
	}
	w = segmentWorld(t) // a clock may be further ahead than a time.Duration is long
	w.ask(200, "POST", "/v1/track", `{"event":"e","userId":"u1","timestamp":"9999-01-01T00:00:00Z","sentAt":"9999-01-01T00:01:00Z"}`, writeKey)
	if got := w.events(beckon.Identity{UserID: "u1"}); len(got) != 1 || !got[0].At.Equal(start.Add(-time.Minute)) {
		t.Errorf("centuries ahead: %v", got)
	}
	for _, sent := range []string{`"soon"`, `5`, `null`, `{}`} {
		w.ask(200, "POST", "/v1/track", call(time.Hour)+`,"sentAt":`+sent+`}`, writeKey)
	}
}
