package beckonhttp_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/observe"
)

// D11: what a body says of email holds for what the same body triggers, of a contact that is made
// or gets another identity by it, too.
func TestContactsRefuseWithAnUpdate(t *testing.T) {
	w := restWorld(t)
	mail := func(id string, trigger *beckon.Trigger) beckon.Message {
		return beckon.Message{ID: id, Channel: beckon.Email, Status: beckon.Live, Trigger: trigger, Frequency: beckon.EachTime(), Content: beckon.Content{Body: "x"}}
	}
	if err := w.engine.Publish(t.Context(), beckon.Program{
		Segments: map[string]beckon.Rule{"users": beckon.User("role").Is("user")},
		Messages: []beckon.Message{mail("plan", beckon.OnChange("plan")), mail("new", beckon.OnEnter("users"))},
	}); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ method, path, body, sent, held string }{
		{"POST", "/contacts", `{"external_id":"u1","custom_attributes":{"plan":"a"},"unsubscribed_from_emails":true}`, "", "new plan"},
		{"PUT", "/contacts/u1", `{"custom_attributes":{"plan":"b"}}`, "", "plan"},
		{"PUT", "/contacts/u1", `{"custom_attributes":{"plan":"c"},"unsubscribed_from_emails":false}`, "plan", ""},
		{"PUT", "/contacts/u1", `{"custom_attributes":{"plan":"d"},"unsubscribed_from_emails":null}`, "plan", ""},
		{"POST", "/users", `{"user_id":"u1","custom_attributes":{"plan":"e"},"unsubscribed_from_emails":true}`, "", "plan"},
		{"POST", "/users", `{"user_id":"u1","custom_attributes":{"plan":"f"},"unsubscribed":["sms"],"unsubscribed_from_emails":true}`, "", "plan"},
		{"POST", "/users", `{"user_id":"u1","custom_attributes":{"plan":"g"},"unsubscribed":["email","sms"],"unsubscribed_from_emails":false}`, "plan", ""},
		{"POST", "/contacts", `{"external_id":"u2","unsubscribed_from_emails":false}`, "new", ""},
		{"POST", "/contacts", `{"email":"l@b.example","role":"lead"}`, "", ""},
		{"PUT", "/contacts/email:l@b.example", `{"external_id":"u3","unsubscribed_from_emails":true,"role":"user"}`, "", "new"},
	} {
		w.ask(200, x.method, x.path, x.body)
		var held []string
		for _, res := range w.results {
			for _, h := range res.Held() {
				if h.Reason != beckon.ReasonUnsubscribed {
					t.Errorf("%s: %s is held %s", x.body, h.Message, h.Reason)
				}
				held = append(held, h.Message)
			}
		}
		if sent, held := w.sent(), strings.Join(held, " "); sent != x.sent || held != x.held {
			t.Errorf("%s: sent %q and held %q, want %q and %q", x.body, sent, held, x.sent, x.held)
		}
	}
	c, err := w.engine.Contact(t.Context(), beckon.Identity{UserID: "u1"})
	if err != nil || len(c.Unsubscribed) != 1 || c.Unsubscribed[0] != "sms" {
		t.Errorf("unsubscribed from %v: %v", c.Unsubscribed, err)
	}
	// What is refused says nothing of email either.
	w.ask(400, "PUT", "/contacts/u1", `{"unsubscribed_from_emails":true,"custom_attributes":{"a":[1]}}`)
	w.ask(400, "PUT", "/contacts/u1", `{"unsubscribed_from_emails":true,"timezone":"Nowhere"}`)
	if c, err = w.engine.Contact(t.Context(), beckon.Identity{UserID: "u1"}); err != nil || len(c.Unsubscribed) != 1 {
		t.Errorf("unsubscribed from %v: %v", c.Unsubscribed, err)
	}
}

// A contact does not get another identity by a body if something in it is refused.
func TestContactsRenamedWhole(t *testing.T) {
	w := restWorld(t)
	for i, body := range []string{`"custom_attributes":{"a":[1]}`, `"timezone":"Nowhere"`, `"role":"boss"`, `"email":"nobody"`, `"custom_attributes":{"a":"` + strings.Repeat("x", 1<<17) + `"}`} {
		lead := fmt.Sprintf("lead%d", i)
		if _, err := w.engine.Update(t.Context(), beckon.Contact{ID: lead}); err != nil {
			t.Fatal(err)
		}
		w.ask(400, "PUT", "/contacts/"+lead, `{"external_id":"u1",`+body+`}`)
		if c, err := w.engine.Contact(t.Context(), beckon.Identity{ID: lead}); err != nil || c.UserID != "" {
			t.Errorf("%.40s: the contact is %+v: %v", body, c, err)
		}
		w.ask(404, "GET", "/contacts/user_id:u1", "")
	}
	w.ask(200, "PUT", "/contacts/lead0", `{"external_id":"u1","name":"Ada"}`)
}

// A contact that the path names is not missing, whatever else is wrong.
func TestContactsNamedByThePath(t *testing.T) {
	w := restWorld(t)
	w.ask(200, "POST", "/contacts", `{"external_id":"u1"}`)
	w.refused(400, beckon.ErrAttributeInvalid, "custom_attributes.a", "PUT", "/contacts/u1", `{"custom_attributes":{"a":[1]}}`)
	w.refused(400, beckon.ErrAttributeInvalid, "custom_attributes.a", "POST", "/contacts", `{"role":"lead","custom_attributes":{"a":[1]}}`)
}

// What is known to be empty is no attribute of the host's on the wire.
func TestContactsWithEmptyFields(t *testing.T) {
	w := restWorld(t)
	got := w.ask(200, "POST", "/contacts", `{"external_id":"u1","name":"","phone":"","custom_attributes":{"a":""}}`)
	if got := fields(t, got, "name", "phone", "custom_attributes"); got != `null null {"a":""}` {
		t.Error(got)
	}
}

// What is wrong with a query is told by its place in the query.
func TestSearchFaults(t *testing.T) {
	w := restWorld(t)
	const path = "/contacts/search"
	w.refused(400, beckon.ErrTypeInvalid, "query.value", "POST", path, `{"query":{"field":"a","operator":"~","value":5}}`)
	w.refused(400, beckon.ErrTypeInvalid, "query.operator", "POST", path, `{"query":{"field":"email","operator":">","value":5}}`)
	w.refused(400, beckon.ErrTypeInvalid, "query.value[1].value[0].value[2]", "POST", path,
		`{"query":{"operator":"AND","value":[{"field":"a","operator":"=","value":1},{"operator":"OR","value":[{"field":"a","operator":"IN","value":[1,"x",null]}]}]}}`)
}

// E4: a count without one of its times has the other, and one without any is refused.
func TestSummariesWithoutTimes(t *testing.T) {
	w := restWorld(t)
	const path = "/events/summaries"
	w.ask(200, "POST", "/contacts", `{"external_id":"u1"}`)
	for i, times := range []string{`,"first":1389913941`, `,"last":1389913941`, `,"first":null,"last":"2014-01-16T23:12:21Z"`} {
		w.ask(200, "POST", path, fmt.Sprintf(`{"user_id":"u1","event_summaries":{"event_name":"e%d","count":2%s}}`, i, times))
	}
	w.ask(200, "POST", path, `{"user_id":"u1","event_summaries":{"event_name":"e0","count":0}}`)
	got := fields(t, w.ask(200, "GET", "/events?user_id=u1&summary=true", ""), "events")
	if n := strings.Count(got, `"first":"2014-01-16T23:12:21.000Z","last":"2014-01-16T23:12:21.000Z","count":2`); n != 3 {
		t.Error(got)
	}
	for _, times := range []string{"", `,"first":null`, `,"last":null,"first":null`} {
		w.refused(400, beckon.ErrCreatedAtInvalid, "event_summaries[0].first", "POST", path, `{"user_id":"u1","event_summaries":{"event_name":"e","count":1`+times+`}}`)
	}
}

// "utf8" is no name of UTF-8, and is what some clients write.
func TestUTF8WithoutDash(t *testing.T) {
	w := restWorld(t)
	w.ask(202, "POST", "/events", `{"event_name":"e","user_id":"u1"}`, func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=utf8") })
}

// Of two contacts that a merge does not name both are told, in the same order.
func TestMergeNamesNobody(t *testing.T) {
	w := restWorld(t)
	for range 20 {
		got := fields(t, w.ask(400, "POST", "/contacts/merge", `{}`), "errors")
		if from, into := strings.Index(got, `"from"`), strings.Index(got, `"into"`); from < 0 || into < from {
			t.Fatal(got)
		}
	}
}

// Segment's libraries for PHP write an empty object as an empty array (M4), and a call has the size
// that it was sent with.
func TestSegmentAsItComes(t *testing.T) {
	w := segmentWorld(t)
	w.ask(200, "POST", "/v1/track", `{"userId":"u1","event":"e","properties":[],"context":[]}`)
	w.ask(200, "POST", "/v1/identify", `{"userId":"u1","traits":[]}`)
	w.refused(400, beckon.ErrTypeInvalid, "properties", "POST", "/v1/track", `{"userId":"u1","event":"e","properties":[1]}`)
	page := strings.Repeat("<p>&", 7000)
	w.ask(200, "POST", "/v1/track", `{"userId":"u1","event":"e","properties":{"page":"`+page+`"}}`)
	if got := w.ask(200, "POST", "/v1/batch", `{"batch":[{"type":"track","userId":"u1","event":"e","properties":{"page":"`+page+`"}}]}`); strings.Contains(got, "errors") {
		t.Errorf("refused: %s", got)
	}
	// Who is missing is told in the words of the call.
	if got := w.ask(400, "POST", "/v1/track", `{"event":"e"}`); !strings.Contains(got, "userId or anonymousId") || strings.Contains(got, "user_id") {
		t.Error(got)
	}
}

// R3: no refusal shows the password of a URL, wherever it stood.
func TestNoPasswordInRefusals(t *testing.T) {
	w := restWorld(t)
	const url = `"https://user:hunter2@h.example/"`
	for _, body := range []string{
		`{"event_name":"e","email":` + url + `}`, `{"event_name":"e\u0001","user_id":"u1","metadata":{` + url + `:1}}`,
		`{"event_name":"e","user_id":"u1","metadata":{"stripe_invoice":` + url + `,"p":{"amount":1,"currency":` + url + `},"l":{"url":` + url + `,"value":"x"}}}`,
		`{` + url + `:1,"event_name":7}`,
	} {
		if got := w.ask(400, "POST", "/events", body); strings.Contains(got, "hunter2") {
			t.Error(got)
		}
	}
	got := w.ask(400, "POST", "/contacts", `{"external_id":"u1","email":`+url+`,"timezone":`+url+`,"topics":{`+url+`:1},"custom_attributes":{`+url+`:[1]}}`)
	if strings.Contains(got, "hunter2") {
		t.Error(got)
	}
	if got := w.ask(400, "POST", "/contacts", `{"external_id":"u1","custom_attributes":{`+url+`:[1]}}`); strings.Contains(got, "hunter2") {
		t.Error(got)
	}
}

// What a body says of email is about its contact, and nobody whom an observer updates meanwhile.
func TestContactsRefuseForThemselves(t *testing.T) {
	var w *world
	w = newWorld(t, func(w *world) http.Handler { return beckonhttp.REST(w.engine, beckonhttp.Tokens("secret")) },
		beckon.WithObserver(observe.Observer{Decided: func(ctx context.Context, d observe.Decision) {
			if d.Contact.UserID == "u1" {
				if _, err := w.engine.Update(ctx, beckon.Contact{UserID: "u2"}); err != nil {
					t.Error(err)
				}
			}
		}}))
	if err := w.engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
		ID: "plan", Status: beckon.Live, Trigger: beckon.OnChange("plan"), Content: beckon.Content{Body: "x"},
	}}}); err != nil {
		t.Fatal(err)
	}
	w.ask(200, "POST", "/contacts", `{"external_id":"u1","custom_attributes":{"plan":"a"},"unsubscribed_from_emails":true}`)
	if c, err := w.engine.Contact(t.Context(), beckon.Identity{UserID: "u2"}); err != nil || len(c.Unsubscribed) != 0 {
		t.Errorf("unsubscribed from %v: %v", c.Unsubscribed, err)
	}
}

// A login whose traits are refused merges nobody.
func TestSegmentIdentifiesWhole(t *testing.T) {
	w := segmentWorld(t)
	w.ask(200, "POST", "/v1/track", `{"anonymousId":"v1","event":"e"}`)
	for _, traits := range []string{`"timezone":"Nowhere"`, `"email":"nobody"`} {
		w.ask(400, "POST", "/v1/identify", `{"userId":"u1","anonymousId":"v1","traits":{`+traits+`}}`)
		if c, err := w.engine.Contact(t.Context(), beckon.Identity{AnonymousID: "v1"}); err != nil || c.UserID != "" {
			t.Errorf("%s: the visitor is %+v: %v", traits, c, err)
		}
	}
	w.ask(200, "POST", "/v1/identify", `{"userId":"u1","anonymousId":"v1","traits":{"timezone":"Europe/Dublin"}}`)
	if c, err := w.engine.Contact(t.Context(), beckon.Identity{AnonymousID: "v1"}); err != nil || c.UserID != "u1" {
		t.Errorf("the visitor is %+v: %v", c, err)
	}
}

// What Segment's libraries for Ruby and Java send, as they write it.
func TestSegmentOfRubyAndJava(t *testing.T) {
	w := segmentWorld(t)
	for i, body := range []string{
		`{"sentAt":"2026-03-02T09:00:01Z","batch":[{"userId":"u1","event":"upload-complete","properties":{"file_name":"a"},"timestamp":"2026-03-02T10:00:00.123+01:00",` +
			`"messageId":"r1","type":"track","context":{"library":{"name":"analytics-ruby","version":"2.4.0"}},"integrations":null,"options":null}]}`,
		`{"batch":[{"type":"track","messageId":"j1","sentAt":"2026-03-02T09:00:01.000Z","timestamp":"2026-03-02T09:00:00.000Z","context":{"library":{"name":"analytics-java"}},` +
			`"anonymousId":"v1","userId":"u1","integrations":{},"event":"upload-complete","properties":{"file_name":"b"}}],"sentAt":"2026-03-02T09:00:02.000Z","context":{},"sequence":1,"writeKey":"secret"}`,
	} {
		if got := w.ask(200, "POST", "/v1/import", body, writeKey); got != `{"success":true}` {
			t.Errorf("%d: %s", i, got)
		}
		if got := w.sent(); got != "banner chat mail" {
			t.Errorf("%d: sent %q", i, got)
		}
	}
}

// What Segment's libraries for Kotlin and Swift send: to another path, by Kotlin as plain text,
// which no other door takes.
func TestSegmentOfKotlinAndSwift(t *testing.T) {
	w := segmentWorld(t)
	const body = `{"batch":[{"type":"track","messageId":"k%d","timestamp":"2026-03-02T09:00:00.000Z","anonymousId":"v1","userId":"u1","context":{"library":{"name":"analytics-kotlin"}},` +
		`"integrations":{},"_metadata":{"bundled":[],"unbundled":[],"bundledIds":[]},"event":"upload-complete","properties":{"file_name":"a"}}],"sentAt":"2026-03-02T09:00:01.000Z","writeKey":"secret"}`
	kotlin := func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }
	swift := func(r *http.Request) { r.Header.Set("Content-Type", "application/json; charset=utf-8") }
	for i, kind := range []func(*http.Request){kotlin, swift, kotlin} {
		path := []string{"/v1/b", "/v1/b", "/b"}[i]
		if got := w.ask(200, "POST", path, fmt.Sprintf(body, i), writeKey, kind); got != `{"success":true}` {
			t.Errorf("%d: %s", i, got)
		}
		if got := w.sent(); got != "banner chat mail" {
			t.Errorf("%d: sent %q", i, got)
		}
	}
	latin := func(r *http.Request) { r.Header.Set("Content-Type", "text/plain; charset=latin1") }
	w.ask(415, "POST", "/v1/b", fmt.Sprintf(body, 9), writeKey, latin)
	w.ask(415, "POST", "/v1/b", fmt.Sprintf(body, 9), writeKey, func(r *http.Request) { r.Header.Set("Content-Type", "text/html") })
	w.ask(401, "POST", "/v1/b", fmt.Sprintf(body, 9), kotlin, func(r *http.Request) { r.Header.Del("Authorization") }) // the key in the body is none
	w = restWorld(t)
	w.ask(415, "POST", "/events", `{"event_name":"upload-complete","user_id":"u1","created_at":1772442000}`, kotlin)
}

// What is wrong with an attribute is told by the name that it has in the body, whatever that is.
func TestAttributesAsTheyAreCalled(t *testing.T) {
	w := restWorld(t)
	for body, field := range map[string]string{
		`"custom_attributes":{"Job Title":[1]}`:                                    `custom_attributes["Job Title"]`,
		`"attributes":{"Job Title":[1]}`:                                           `attributes["Job Title"]`,
		`"companies":[{"company_id":"a","custom_attributes":{"a b":[1]}}]`:         `companies[0].custom_attributes["a b"]`,
		`"companies":[{"company_id":"a"},{"id":"b","custom_attributes":{"a":{}}}]`: `companies[1].custom_attributes.a`,
		`"language_override":7`:                                                    "language_override",
	} {
		w.refused(400, codeOf(body), field, "POST", "/contacts", `{"external_id":"u1",`+body+`}`)
	}
	w = segmentWorld(t)
	w.refused(400, beckon.ErrAttributeInvalid, `traits["Job Title"]`, "POST", "/v1/identify", `{"userId":"u1","traits":{"Job Title":"`+strings.Repeat("x", 20000)+`"}}`)
	w.refused(400, beckon.ErrAttributeInvalid, `traits.company["a b"]`, "POST", "/v1/identify", `{"userId":"u1","traits":{"company":{"id":"c","a b":"`+strings.Repeat("x", 20000)+`"}}}`)
	w.refused(400, beckon.ErrAttributeInvalid, `traits["a b"]`, "POST", "/v1/group", `{"userId":"u1","groupId":"c","traits":{"a b":"`+strings.Repeat("x", 20000)+`"}}`)
}

// codeOf is the code for an attribute, or for a field of another type.
func codeOf(body string) beckon.Code {
	if strings.Contains(body, "attributes") {
		return beckon.ErrAttributeInvalid
	}
	return beckon.ErrTypeInvalid
}

// What is wrong with one of two contacts is told by where it is named.
func TestMergeFaultsByTheirPlace(t *testing.T) {
	w := restWorld(t)
	if _, err := w.engine.Visit(t.Context(), beckon.Visit{AnonymousID: "v1"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, body, field string
		code              beckon.Code
	}{
		{"/visitors/convert", `{"visitor":{"user_id":true},"user":{"user_id":"u1"}}`, "visitor.user_id", beckon.ErrTypeInvalid},
		{"/visitors/convert", `{"visitor":{"user_id":"v1"},"user":{"user_id":7.5}}`, "user.user_id", beckon.ErrTypeInvalid},
		{"/visitors/convert", `{"visitor":{"email":"bad"},"user":{"user_id":"u1"}}`, "visitor.email", beckon.ErrEmailInvalid},
		{"/visitors/convert", `{"visitor":{"user_id":"v1"},"user":{"email":"bad"}}`, "user.email", beckon.ErrEmailInvalid},
		{"/contacts/convert", `{"contact":{},"user":{"user_id":"u1"}}`, "contact.user_id", beckon.ErrContactMissing},
		{"/contacts/merge", `{"from":"email:bad","into":"anonymous_id:v1"}`, "from", beckon.ErrEmailInvalid},
		{"/contacts/merge", `{"from":"anonymous_id:v1","into":"email:bad"}`, "into", beckon.ErrEmailInvalid},
	} {
		w.refused(400, c.code, c.field, "POST", c.path, c.body)
	}
	w.refused(404, beckon.ErrContactUnknown, "into", "POST", "/contacts/merge", `{"from":"anonymous_id:v1","into":"u9"}`)
}
