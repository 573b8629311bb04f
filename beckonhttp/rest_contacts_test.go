package beckonhttp_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
)

// idOf returns the id of the contact in a body.
func idOf(t *testing.T, body string) string {
	t.Helper()
	var c struct{ ID string }
	if err := json.Unmarshal([]byte(body), &c); err != nil || c.ID == "" {
		t.Fatalf("%s: %v", body, err)
	}
	return c.ID
}

// The contacts of newer clients: created once, then found and changed by the id that was
// answered.
func TestContacts(t *testing.T) {
	w := restWorld(t)
	made := w.ask(200, "POST", "/contacts", `{"role":"user","external_id":"u1","email":"a@b.example","name":"Ada","phone":"1","owner_id":7,
		"signed_up_at":1389913941,"unsubscribed_from_emails":true,"language_override":"fr",
		"custom_attributes":{"plan":"pro","seats":12,"paid":true,"price":1.50},"companies":[{"company_id":"acme","name":"Acme","plan":"gold"}]}`)
	const want = `{"type":"contact","id":"user_id:u1","external_id":"u1","user_id":"u1","anonymous_id":null,"role":"user","email":"a@b.example",` +
		`"phone":"1","name":"Ada","timezone":null,"language_override":"fr","unsubscribed_from_emails":true,"created_at":1772442000,` +
		`"signed_up_at":1389913941,"last_seen_at":null,"last_contacted_at":null,"custom_attributes":{"paid":true,"plan":"pro","price":1.50,"seats":12},` +
		`"companies":{"type":"list","data":[{"type":"company","id":"acme","company_id":"acme","name":"Acme","custom_attributes":{"plan":"gold"}}],` +
		`"companies":[{"type":"company","id":"acme","company_id":"acme","name":"Acme","custom_attributes":{"plan":"gold"}}],"total_count":1,"has_more":false},` +
		`"tags":{"type":"list","data":[],"total_count":0,"has_more":false},"notes":{"type":"list","data":[],"total_count":0,"has_more":false}}`
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
	id := idOf(t, made)
	for _, path := range []string{"/contacts/" + id, "/contacts/user_id%3Au1", "/contacts/u1", "/contacts/find_by_external_id/u1", "/contacts?user_id=u1", "/contacts?email=A@b.example"} {
		if got := w.ask(200, "GET", path, ""); got != want {
			t.Errorf("%s: %s", path, cmp.Diff(want, got))
		}
	}
	w.refused(409, beckonhttp.ErrConflict, "", "POST", "/contacts", `{"external_id":"u1"}`)
	w.refused(409, beckonhttp.ErrConflict, "", "POST", "/contacts", `{"role":"user","email":"a@B.example"}`)
	w.refused(409, beckonhttp.ErrConflict, "", "POST", "/contacts", `{"email":"a@b.example"}`, func(r *http.Request) { r.Header.Set("Intercom-Version", "2.14") })

	got := w.ask(200, "PUT", "/contacts/"+id, `{"name":"Ada L.","unsubscribed_from_emails":false,"custom_attributes":{"plan":null,"seats":13}}`)
	if got := fields(t, got, "name", "unsubscribed_from_emails", "phone", "custom_attributes"); got != `"Ada L." false "1" {"paid":true,"price":1.50,"seats":13}` {
		t.Error(got)
	}
	w.ask(200, "POST", "/contacts/"+id+"/companies", `{"id":"other"}`)
	if got := fields(t, w.ask(200, "GET", "/contacts/"+id+"/companies", ""), "total_count"); got != "2" {
		t.Error(got)
	}
	if got := fields(t, w.ask(200, "DELETE", "/contacts/"+id+"/companies/acme", ""), "id", "custom_attributes"); got != `"acme" {}` {
		t.Error(got)
	}
	w.ask(200, "PUT", "/contacts/"+id, `{"companies":[{"company_id":"third"},{"company_id":"other","remove":true}]}`)
	if got := fields(t, w.ask(200, "GET", "/contacts/"+id, ""), "companies"); !strings.Contains(got, `"third"`) || strings.Contains(got, "other") || strings.Contains(got, "acme") {
		t.Error(got)
	}

	if got := w.ask(200, "DELETE", "/contacts/"+id, ""); got != `{"type":"contact","id":"user_id:u1","external_id":"u1","user_id":"u1","deleted":true}` {
		t.Error(got)
	}
	w.refused(404, beckon.ErrContactUnknown, "", "DELETE", "/contacts/"+id, "")
	w.refused(404, beckon.ErrContactUnknown, "", "GET", "/contacts/"+id, "")
	w.refused(404, beckon.ErrContactUnknown, "", "PUT", "/contacts/"+id, `{"name":"x"}`)
}

func TestContactRefused(t *testing.T) {
	w := restWorld(t)
	const path = "/contacts"
	w.refused(400, beckon.ErrContactMissing, "external_id", "POST", path, `{"external_id":null}`)
	w.refused(400, beckonhttp.ErrParameterInvalid, "role", "POST", path, `{"external_id":"u","role":"admin"}`)
	w.refused(400, beckon.ErrAttributeInvalid, "custom_attributes.a", "POST", path, `{"external_id":"u","custom_attributes":{"a":{"b":1}}}`)
	w.refused(400, beckon.ErrTypeInvalid, "custom_attributes", "POST", path, `{"external_id":"u","custom_attributes":["a"]}`)
	w.refused(400, beckon.ErrEmailInvalid, "email", "POST", path, `{"external_id":"u","email":"nobody"}`)
	w.refused(400, beckon.ErrTimezoneUnknown, "timezone", "POST", path, `{"external_id":"u","timezone":"Mars"}`)
	w.refused(400, beckon.ErrJSONInvalid, "name", "POST", path, `{"external_id":"u","name":"a","name":"b"}`)
	w.refused(400, beckon.ErrTypeInvalid, "external_id", "POST", path, `{"external_id":1.5}`)
	w.refused(400, beckon.ErrTypeInvalid, "", "POST", path, `[]`)
	w.refused(413, beckon.ErrBodyTooLarge, "", "POST", path, `{"external_id":"`+strings.Repeat("x", beckonhttp.DefaultBodyLimit)+`"}`)
	for _, who := range []beckon.Identity{{UserID: "u"}, {Email: "nobody"}} {
		if _, known, err := w.engine.Export(t.Context(), who); known {
			t.Errorf("%+v was made, %v", who, err)
		}
	}
}

// A lead may be nobody in particular: it is known by the id that is answered.
func TestLeads(t *testing.T) {
	w := restWorld(t)
	one, two := w.ask(200, "POST", "/contacts", `{"role":"lead","name":"x"}`), w.ask(200, "POST", "/contacts", ``)
	id := idOf(t, one)
	if id == idOf(t, two) || fields(t, one, "role", "name", "external_id") != `"lead" "x" null` {
		t.Errorf("%s\n%s", one, two)
	}
	w.ask(202, "POST", "/events", `{"event_name":"upload-complete","id":"`+id+`"}`)
	w.ask(200, "POST", "/contacts", `{"id":"`+id+`","name":"y"}`) // an older client updates so
	if got := fields(t, w.ask(200, "GET", "/contacts/"+id, ""), "name"); got != `"y"` {
		t.Error(got)
	}
	// A lead that gets an external_id is from then on that user, with what it did.
	got := w.ask(200, "PUT", "/contacts/"+id, `{"role":"user","external_id":"u1","email":"a@b.example"}`)
	if got := fields(t, got, "id", "external_id", "role", "email", "name"); got != `"user_id:u1" "u1" "user" "a@b.example" "y"` {
		t.Error(got)
	}
	if got := w.ask(200, "GET", "/events?intercom_user_id="+id, ""); !strings.Contains(got, "upload-complete") {
		t.Error(got)
	}
	w.refused(409, beckonhttp.ErrConflict, "", "PUT", "/contacts/"+idOf(t, two), `{"external_id":"u1"}`)

	// One that is known by an address takes another.
	mail := w.ask(200, "POST", "/contacts", `{"role":"lead","email":"old@b.example","custom_attributes":{"a":1}}`)
	w.ask(200, "PUT", "/contacts/"+idOf(t, mail), `{"email":"new@b.example"}`)
	if got := fields(t, w.ask(200, "GET", "/contacts/"+idOf(t, mail), ""), "email", "custom_attributes"); !strings.HasPrefix(got, `"new@b.example" {"a":1`) {
		t.Error(got)
	}
}

// Older clients post what they know, again and again.
func TestUsers(t *testing.T) {
	w := restWorld(t)
	w.ask(200, "POST", "/users", `{"user_id":"u1","email":"a@b.example","custom_attributes":{"a":1},"companies":[{"company_id":"acme","name":"A"}],"last_request_at":5,"update_last_request_at":true}`)
	got := w.ask(200, "POST", "/users", `{"user_id":"u1","name":"Ada","companies":[{"company_id":"acme","remove":true}]}`)
	if got := fields(t, got, "type", "user_id", "name", "email", "custom_attributes"); got != `"user" "u1" "Ada" "a@b.example" {"a":1}` {
		t.Error(got)
	}
	if strings.Contains(got, "acme") {
		t.Error(got)
	}
	w.ask(200, "POST", "/users", `{"email":"a@b.example","name":"Grace"}`) // found by the address (E1)
	for _, path := range []string{"/users?user_id=u1", "/users?email=a@b.example", "/users/user_id:u1"} {
		if got := fields(t, w.ask(200, "GET", path, ""), "name"); got != `"Grace"` {
			t.Errorf("%s: %s", path, got)
		}
	}
	w.refused(400, beckon.ErrContactMissing, "user_id", "POST", "/users", `{"name":"x"}`)
	w.refused(404, beckon.ErrContactUnknown, "", "DELETE", "/users?user_id=nobody", "")
	w.ask(200, "POST", "/users", `{"user_id":"u2"}`)
	w.ask(200, "DELETE", "/users/user_id:u2", "")
	w.ask(200, "DELETE", "/users?user_id=u1", "")
	w.ask(404, "GET", "/users?user_id=u1", "")
}

// C2: who was a visitor keeps what it did.
func TestConvert(t *testing.T) {
	w := restWorld(t)
	track := func(who beckon.Event) {
		t.Helper()
		who.Name = "looked"
		if _, err := w.engine.Track(t.Context(), who); err != nil {
			t.Fatal(err)
		}
	}
	track(beckon.Event{AnonymousID: "v1"})
	track(beckon.Event{AnonymousID: "v2"})
	track(beckon.Event{ID: "l1"})
	if got := fields(t, w.ask(200, "GET", "/visitors?user_id=v1", ""), "type", "user_id", "role"); got != `"visitor" "v1" "visitor"` {
		t.Error(got)
	}
	if got := fields(t, w.ask(200, "PUT", "/visitors", `{"user_id":"v1","name":"Vi"}`), "name", "anonymous_id"); got != `"Vi" "v1"` {
		t.Error(got)
	}
	got := w.ask(200, "POST", "/visitors/convert", `{"type":"user","visitor":{"user_id":"v1"},"user":{"user_id":"u1"}}`)
	if got := fields(t, got, "type", "external_id", "name", "role"); got != `"contact" "u1" "Vi" "user"` {
		t.Error(got)
	}
	w.ask(200, "POST", "/visitors/convert", `{"type":"user","visitor":{"id":"anonymous_id:v1"},"user":{"user_id":"u1"}}`) // again
	lead := w.ask(200, "POST", "/visitors/convert", `{"type":"lead","visitor":{"user_id":"v2"}}`)
	if got := fields(t, lead, "role"); got != `"lead"` {
		t.Error(got)
	}
	if got := fields(t, w.ask(200, "POST", "/contacts/convert", `{"contact":{"user_id":"l1"},"user":{"email":"l@b.example"}}`), "type", "email"); got != `"user" "l@b.example"` {
		t.Error(got)
	}
	for _, who := range []string{"user_id=u1", "intercom_user_id=" + idOf(t, lead), "email=l@b.example"} {
		if got := w.ask(200, "GET", "/events?"+who, ""); strings.Count(got, `"looked"`) != 1 {
			t.Errorf("%s: %s", who, got)
		}
	}
	w.refused(404, beckon.ErrContactUnknown, "", "POST", "/visitors/convert", `{"type":"user","visitor":{"user_id":"nobody"},"user":{"user_id":"u1"}}`)
	w.refused(400, beckon.ErrContactMissing, "user", "POST", "/visitors/convert", `{"type":"user","visitor":{"user_id":"v1"}}`)
	w.refused(400, beckon.ErrTypeInvalid, "visitor", "POST", "/visitors/convert", `{"type":"user","visitor":"v1"}`)
	w.ask(200, "POST", "/visitors", `{"id":"anonymous_id:v2","name":"Vo"}`)
	w.ask(200, "GET", "/visitors/anonymous_id:v2", "")
	w.ask(200, "DELETE", "/visitors/anonymous_id:v2", "")
}

func TestMerge(t *testing.T) {
	w := restWorld(t)
	lead := idOf(t, w.ask(200, "POST", "/contacts", `{"role":"lead","email":"a@b.example","custom_attributes":{"a":1,"b":1}}`))
	user := idOf(t, w.ask(200, "POST", "/contacts", `{"external_id":"u1","custom_attributes":{"a":2}}`))
	got := w.ask(200, "POST", "/contacts/merge", `{"from":"`+lead+`","into":"`+user+`"}`)
	if got := fields(t, got, "id", "external_id", "email", "custom_attributes"); got != `"user_id:u1" "u1" "a@b.example" {"a":2,"b":1}` {
		t.Error(got)
	}
	if got := w.ask(200, "GET", "/contacts/"+lead, ""); idOf(t, got) != user {
		t.Error(got)
	}
	w.refused(404, beckon.ErrContactUnknown, "from", "POST", "/contacts/merge", `{"from":"x","into":"`+user+`"}`)
	w.refused(404, beckon.ErrContactUnknown, "into", "POST", "/contacts/merge", `{"from":"`+user+`","into":"x"}`)
	w.refused(400, beckon.ErrContactMissing, "into", "POST", "/contacts/merge", `{"from":"x"}`)
	if _, known, err := w.engine.Export(t.Context(), beckon.Identity{ID: "x"}); known || err != nil {
		t.Errorf("made by a merge: %v, %v", known, err)
	}
}

// What an update decides is handed on, as what an event decides. (T7)
func TestContactDecides(t *testing.T) {
	w := restWorld(t)
	p := program()
	p.Series = []beckon.Series{{ID: "s", Status: beckon.Live, Entry: beckon.Entry{Audience: beckon.User("plan").Is("pro")}, Blocks: []beckon.Block{
		{ID: "m", Message: &beckon.Message{ID: "welcome", Channel: beckon.Chat, Content: beckon.Content{Body: "Hello"}}},
	}}}
	if err := w.engine.Publish(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	w.ask(200, "POST", "/contacts", `{"external_id":"u1","custom_attributes":{"plan":"pro"}}`)
	if got := w.sent(); got != "welcome" {
		t.Errorf("sent %q", got)
	}
}

func TestSearchContacts(t *testing.T) {
	w := restWorld(t)
	for _, body := range []string{
		`{"external_id":"u1","email":"a@b.example","custom_attributes":{"plan":"pro","seats":3}}`,
		`{"external_id":"u2","custom_attributes":{"plan":"free"}}`, `{"role":"lead","email":"c@b.example","custom_attributes":{"plan":"pro"}}`,
	} {
		w.ask(200, "POST", "/contacts", body)
	}
	found := func(body string) string {
		t.Helper()
		var got struct{ Data []struct{ ID string } }
		if err := json.Unmarshal([]byte(w.ask(200, "POST", "/contacts/search", body)), &got); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, c := range got.Data {
			ids = append(ids, c.ID)
		}
		slices.Sort(ids)
		return strings.Join(ids, " ")
	}
	const both = `{"operator":"AND","value":[{"field":"custom_attributes.seats","operator":">=","value":3},{"field":"email","operator":"$","value":"B.example"}]}`
	for query, want := range map[string]string{
		`{"field":"custom_attributes.plan","operator":"=","value":"pro"}`: "email:c@b.example user_id:u1",
		`{"field":"external_id","operator":"IN","value":["u1","u2"]}`:     "user_id:u1 user_id:u2",
		`{"field":"id","operator":"=","value":"email:c@b.example"}`:       "email:c@b.example",
		`{"field":"role","operator":"=","value":"lead"}`:                  "email:c@b.example",
		both: "user_id:u1",
		`{"field":"created_at","operator":"=","value":1772442000}`: "email:c@b.example user_id:u1 user_id:u2",
		`{"field":"created_at","operator":">","value":1772442000}`: "",
	} {
		if got := found(`{"query":` + query + `}`); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	seen := map[string]bool{}
	page := `{"pagination":{"per_page":2}}`
	for range 3 {
		body := w.ask(200, "POST", "/contacts/search", page)
		var got struct {
			Data  []struct{ ID string }
			Total int `json:"total_count"`
			Pages struct {
				Next *struct {
					After string `json:"starting_after"`
				}
			}
		}
		if err := json.Unmarshal([]byte(body), &got); err != nil || got.Total != 3 {
			t.Fatalf("%s, %v", body, err)
		}
		for _, c := range got.Data {
			seen[c.ID] = true
		}
		if got.Pages.Next == nil {
			break
		}
		page = `{"pagination":{"per_page":2,"starting_after":"` + got.Pages.Next.After + `"}}`
	}
	if len(seen) != 3 {
		t.Errorf("pages have %v", seen)
	}
	if got := fields(t, w.ask(200, "GET", "/contacts?per_page=1&starting_after=2", ""), "total_count", "pages"); got != `3 {"type":"pages","page":3,"per_page":1,"total_pages":3}` {
		t.Error(got)
	}
	w.refused(400, beckon.ErrTypeInvalid, "query.operator", "POST", "/contacts/search", `{"query":{"field":"a","operator":"?","value":1}}`)
	w.refused(400, beckonhttp.ErrParameterInvalid, "starting_after", "GET", "/contacts?starting_after=x", "")
	w.ask(400, "POST", "/contacts/search", `{"query":{"field":"a","operator":"~","value":5}}`) // what a rule refuses
}

// What visits say of a contact is no attribute of the host's: who reads a contact and
// writes it back writes none of that.
func TestContactSeen(t *testing.T) {
	w := restWorld(t)
	if _, err := w.engine.Visit(t.Context(), beckon.Visit{UserID: "u1"}); err != nil {
		t.Fatal(err)
	}
	got := w.ask(200, "GET", "/contacts/u1", "")
	if got := fields(t, got, "first_seen_at", "last_seen_at", "session_count", "custom_attributes"); got != "1772442000 1772442000 1 {}" {
		t.Error(got)
	}
	w.ask(200, "PUT", "/contacts/u1", got)
}

// T7: an update over REST delivers what it triggers, by the outbox too.
func TestContactChangesTrigger(t *testing.T) {
	w := newWorld(t, func(w *world) http.Handler {
		w.prefix = "/api"
		return beckonhttp.REST(w.engine, beckonhttp.Tokens("secret"), w.hooks()...)
	}, beckon.WithOutbox())
	if err := w.engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
		ID: "plan", Status: beckon.Live, Trigger: beckon.OnChange("plan"), Frequency: beckon.EachTime(), Content: beckon.Content{Body: "{{ event.from }}>{{ event.to }}"},
	}}}); err != nil {
		t.Fatal(err)
	}
	id := idOf(t, w.ask(200, "POST", "/contacts", `{"external_id":"u1","custom_attributes":{"plan":"free"}}`))
	w.ask(200, "PUT", "/contacts/"+id, `{"custom_attributes":{"plan":"pro"}}`)
	w.ask(200, "PUT", "/contacts/"+id, `{"custom_attributes":{"plan":"pro","seats":2}}`)
	if got := w.sent(); got != "plan plan" {
		t.Errorf("sent %q", got)
	}
	w.pass(time.Hour)
	var pending []string
	for d, err := range w.engine.Pending(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		pending = append(pending, d.Body)
	}
	if diff := cmp.Diff([]string{">free", "free>pro"}, pending); diff != "" {
		t.Error(diff)
	}
}

// PHP's clients write an empty object as an empty array (M4).
func TestContactsOfPHP(t *testing.T) {
	w := restWorld(t)
	got := w.ask(200, "POST", "/contacts", `{"external_id":"u1","custom_attributes":[],"companies":[{"company_id":"acme","custom_attributes":[]}]}`)
	if got := fields(t, got, "external_id", "custom_attributes"); got != `"u1" {}` {
		t.Error(got)
	}
	w.ask(200, "POST", "/users", `{"user_id":"u1","custom_attributes":{"plan":"pro"}}`)
	got = w.ask(200, "POST", "/users", `{"user_id":"u1","custom_attributes":[]}`)
	if got := fields(t, got, "custom_attributes"); got != `{"plan":"pro"}` {
		t.Error(got)
	}
}
