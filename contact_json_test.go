package beckon

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon/store"
)

func TestParseContactErrors(t *testing.T) {
	for doc, want := range map[string][]string{
		`{"user_id":"u1","Name":"Ada"}`:                                                          {"json_invalid Name"},
		`{"user_id":"u1","name":"a","name":"b"}`:                                                 {"json_invalid name"},
		`{"user_id":"u1","attributes":{"a":1,"a":2}}`:                                            {"json_invalid attributes.a"},
		`{"user_id":7.0}`:                                                                        {"type_invalid user_id"},
		`{"user_id":"u1","name":7}`:                                                              {"type_invalid name"},
		`{"user_id":"u1","attributes":{"name":7}}`:                                               {"type_invalid attributes.name"},
		`{"user_id":"u1","phone":"1","attributes":{"phone":"2"}}`:                                {"json_invalid attributes.phone"},
		`{"user_id":"u1","attributes":{"plan":{}}}`:                                              {"attribute_invalid attributes.plan"},
		`{"user_id":"u1","attributes":{"plan":[1]}}`:                                             {"attribute_invalid attributes.plan"},
		`{"user_id":"u1","companies":["acme",null]}`:                                             {"type_invalid companies[0]", "type_invalid companies[1]"},
		`{"user_id":"u1","foo":1,"email":"` + strings.Repeat("x", 2000) + `"}`:                   {"json_invalid foo", "type_invalid email"},
		`{"user_id":"u1","attributes":[]}`:                                                       {"type_invalid attributes"},
		`{"user_id":"u1","created_at":"soon"}`:                                                   {"attribute_invalid created_at"},
		`{"user_id":"u1","created_at":"2026-02-30"}`:                                             {"attribute_invalid created_at"},
		`{"user_id":"u1","created_at":"0000-12-31"}`:                                             {"attribute_invalid created_at"},
		`{"user_id":"u1","created_at":"2026-01-05 09:00:00Z"}`:                                   {"attribute_invalid created_at"},
		`{"user_id":"u1","created_at":1389913941000}`:                                            {"attribute_invalid created_at"},
		`{"user_id":"u1","created_at":-62135596801}`:                                             {"attribute_invalid created_at"},
		`{"user_id":"u1","created_at":0.5}`:                                                      {"attribute_invalid created_at"},
		`{"user_id":"u1","created_at":true}`:                                                     {"attribute_invalid created_at"},
		`{"user_id":"u1","attributes":{"last_seen_at":"soon"}}`:                                  {"attribute_invalid attributes.last_seen_at"},
		`{"user_id":"u1","unsubscribed":"email"}`:                                                {"type_invalid unsubscribed"},
		`{"user_id":"u1","unsubscribed":["email",1]}`:                                            {"type_invalid unsubscribed[1]"},
		`{"user_id":"u1","companies":[{"company_id":7e0}]}`:                                      {"type_invalid companies[0].company_id"},
		`{"user_id":"u1","companies":[{"company_id":"a","id":1}]}`:                               {"json_invalid companies[0].id"},
		`{"user_id":"u1","companies":[{"company_id":"a","name":1}]}`:                             {"type_invalid companies[0].name"},
		`{"user_id":"u1","companies":[{"company_id":"a","name":"A","attributes":{"name":"B"}}]}`: {"json_invalid companies[0].attributes.name"},
		`[]`:                       {"type_invalid "},
		`{`:                        {"json_invalid "},
		`{"user_id":"` + "\xff\"}": {"text_not_utf8 "},
		`{"user_id":"\ud800"}`:     {"text_not_utf8 "},
		`{"name":"` + strings.Repeat("x", MaxContactBytes) + `"}`: {"body_too_large "},
		// What Update would find comes with what the reader found.
		`{"nmae":"Ada"}`: {"json_invalid nmae", "contact_missing user_id"},
		`{"user_id":"u1","nmae":"Ada","timezone":"Mars/Olympus"}`:          {"json_invalid nmae", "timezone_unknown timezone"},
		`{"user_id":"u1","name":7,"attributes":{"email":"nobody","a":{}}}`: {"type_invalid name", "attribute_invalid attributes.a", "email_invalid email"},
	} {
		_, err := ParseContact([]byte(doc))
		if got := wire(t, err); !slices.Equal(got, want) {
			t.Errorf("%.80s: got %q, want %q", doc, got, want)
		}
	}
}

// A member that is none says which was probably meant, in our words or in those of others.
func TestContactSuggestions(t *testing.T) {
	for doc, want := range map[string]string{
		`{"user_id":"u","nmae":"x"}`:                      "name",
		`{"user_id":"u","custom_attributes":{}}`:          "attributes",
		`{"user_id":"u","traits":{}}`:                     "attributes",
		`{"user_id":"u","unsubscribed_from":[]}`:          "unsubscribed",
		`{"user_id":"u","companies":[{"companyId":"c"}]}`: "company_id",
		`{"user_id":"u","plan":"x"}`:                      "",
		`{"user_id":"u","companies":[{"seats":5}]}`:       "",
	} {
		_, err := ParseContact([]byte(doc))
		if want == "" {
			want = `unknown field; an attribute of your own stands under "attributes"`
		} else {
			want = `unknown field, did you mean "` + want + `"?`
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", doc, err, want)
		}
	}
}

// C1: standard attributes stand at the top level or under "attributes"; null
// unsets; an empty identity or zone is none, an empty name is one (A4).
func TestParseContact(t *testing.T) {
	for doc, want := range map[string]Contact{
		`{}`: {},
		`{"user_id":"u1","id":"","email":"","anonymous_id":"","timezone":""}`:  {UserID: "u1"},
		`{"attributes":{"user_id":"u1","name":"Ada","timezone":"Asia/Tokyo"}}`: {UserID: "u1", Name: "Ada", Timezone: "Asia/Tokyo"},
		`{"user_id":"u1","name":"Ada","attributes":{"name":"Ada"}}`:            {UserID: "u1", Name: "Ada"},
		`{"user_id":"u1","name":""}`:                                           {UserID: "u1", Attributes: Attributes{"name": String("")}},
		`{"user_id":"u1","name":null,"phone":null,"signed_up_at":null}`:        {UserID: "u1", Attributes: Attributes{"name": {}, "phone": {}, "signed_up_at": {}}},
		`{"user_id":"u1","phone":"+353","attributes":{"plan":null,"score":1.50,"teams":["a"]}}`: {UserID: "u1", Attributes: Attributes{
			"phone": String("+353"), "plan": {}, "score": NumberLiteral("1.50"), "teams": List("a"),
		}},
		`{"user_id":"u1","created_at":"2014-01-16T23:12:21.9Z"}`:     {UserID: "u1", Attributes: Attributes{"created_at": dateAt(1389913941)}},
		`{"user_id":"u1","created_at":"2014-01-16t23:12:21z"}`:       {UserID: "u1", Attributes: Attributes{"created_at": dateAt(1389913941)}},
		`{"user_id":"u1","created_at":"1969-12-31T23:59:58.9Z"}`:     {UserID: "u1", Attributes: Attributes{"created_at": dateAt(-2)}},
		`{"user_id":"u1","created_at":-2}`:                           {UserID: "u1", Attributes: Attributes{"created_at": dateAt(-2)}},
		`{"user_id":"u1","signed_up_at":"2026-01-05"}`:               {UserID: "u1", Attributes: Attributes{"signed_up_at": String("2026-01-05")}},
		`{"user_id":"u1","attributes":{"created_at":1389913941.0}}`:  {UserID: "u1", Attributes: Attributes{"created_at": dateAt(1389913941)}},
		`{"user_id":"u1","trial_ends_at":1}`:                         {},
		`{"user_id":"u1","unsubscribed":[]}`:                         {UserID: "u1", Unsubscribed: []string{}},
		`{"user_id":"u1","unsubscribed":null}`:                       {UserID: "u1", Unsubscribed: []string{}},
		`{"user_id":"u1","unsubscribed":["email"],"companies":null}`: {UserID: "u1", Unsubscribed: []string{"email"}},
		`{"user_id":"u1","companies":[{"company_id":"acme","name":"Acme","attributes":{"employees":80}},{"company_id":"b","name":""},{"company_id":"c","name":null}]}`: {
			UserID: "u1", Companies: []Membership{
				{CompanyID: "acme", Name: "Acme", Attributes: Attributes{"employees": Number(80)}},
				{CompanyID: "b", Attributes: Attributes{"name": String("")}},
				{CompanyID: "c", Attributes: Attributes{"name": {}}},
			},
		},
	} {
		got, err := ParseContact([]byte(doc))
		if refused := strings.Contains(doc, "trial_ends_at"); (err != nil) != refused {
			t.Errorf("%s: %v", doc, err)
			continue
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(equalValues)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", doc, diff)
		}
		written, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseContact(written)
		if err != nil {
			t.Errorf("%s is written as %s: %v", doc, written, err)
			continue
		}
		if diff := cmp.Diff(got, again, cmp.Comparer(equalValues)); diff != "" {
			t.Errorf("%s is written as %s (-read +read again):\n%s", doc, written, diff)
		}
	}
}

func dateAt(sec int64) Value { return Date(unixMilli(sec * 1000)) }

// The document of the data contract is written back as it was read.
func TestContactDocument(t *testing.T) {
	const doc = `{"user_id":"u1","email":"a@b.example","name":"Ada","timezone":"Asia/Tokyo","unsubscribed":["email","push:promo"],` +
		`"attributes":{"plan":"pro"},"companies":[{"company_id":"acme","name":"Acme","attributes":{"employees":80}}]}`
	var c Contact
	if err := json.Unmarshal([]byte(doc), &c); err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(c)
	if err != nil || string(written) != doc {
		t.Errorf("got %s, %v", written, err)
	}
}

func TestParseVisitErrors(t *testing.T) {
	for doc, want := range map[string][]string{
		`{"user_id":"u1"}`: nil,
		`{"user_id":null,"email":"a@b.example","page":null,"source":null}`: nil,
		`{"user_id":"u1","source":"direct"}`:                               nil,
		`{"user_id":"u1","page":{"url":null,"seconds":null}}`:              nil,
		`{"user_id":"u1","page":{"seconds":"12"}}`:                         {"type_invalid page.seconds"},
		`{"user_id":"u1","page":{"seconds":1e999},"a":1}`:                  {"json_invalid a", "metadata_number_invalid page.seconds"},
		`{"user_id":"u1","page":{"title":"x"}}`:                            {"json_invalid page.title"},
		// The page is judged as that of an event is.
		`{"user_id":"u1","page":{"seconds":-1}}`:                                                  {"type_invalid page.seconds"},
		`{"user_id":"u1","page":{"seconds":-0.5e-3}}`:                                             {"type_invalid page.seconds"},
		`{"user_id":"u1","page":{"seconds":-0}}`:                                                  nil,
		`{"user_id":"u1","page":{"seconds":1e999}}`:                                               {"metadata_number_invalid page.seconds"},
		`{"page":{"seconds":-1}}`:                                                                 {"type_invalid page.seconds", "contact_missing user_id"},
		`{"user_id":"u1","page":{"url":"` + strings.Repeat("x", store.MaxPageURLLength) + `"}}`:   nil,
		`{"user_id":"u1","page":{"url":"` + strings.Repeat("x", store.MaxPageURLLength+1) + `"}}`: {"type_invalid page.url"},
		`{"user_id":"u1","page":[]}`:                                                              {"type_invalid page"},
		`{"user_id":"u1","source":"smoke"}`:                                                       {"source_unknown source"},
		`{"user_id":"u1","source":1}`:                                                             {"type_invalid source"},
		`{"user_id":"u1","metadata":{}}`:                                                          {"json_invalid metadata"},
		`{"user_id":1.0}`:                                                                         {"type_invalid user_id"},
		`{"page":1}`:                                                                              {"type_invalid page", "contact_missing user_id"},
		`nul`:                                                                                     {"json_invalid "},
	} {
		_, err := ParseVisit([]byte(doc))
		if got := wire(t, err); !slices.Equal(got, want) {
			t.Errorf("%.120s: got %q, want %q", doc, got, want)
		}
	}
}

func TestParseIdentityErrors(t *testing.T) {
	for doc, want := range map[string][]string{
		`{"id":"7"}`:             nil,
		`{}`:                     nil, // who is meant is for the call to judge
		`{"user_id":"u1","a":1}`: {"json_invalid a"},
		`{"a":1}`:                {"json_invalid a", "contact_missing user_id"},
		`{"id":7.0}`:             {"type_invalid id"},
		``:                       {"json_invalid "},
	} {
		_, err := ParseIdentity([]byte(doc))
		if got := wire(t, err); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", doc, got, want)
		}
	}
}

func FuzzParseContact(f *testing.F) {
	for _, seed := range []string{
		`{"user_id":"u1","name":"Ada","attributes":{"plan":"pro","x":null,"n":1.50,"l":["a"]}}`,
		`{"attributes":{"created_at":1389913941,"email":"a@b.example"},"companies":[{"company_id":"acme","name":null}]}`,
		`{"unsubscribed":null}`, `{"timezone":"","name":""}`, `{"companies":[]}`, `{`, `{"a":{"a":{}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		c, err := ParseContact(doc)
		if err != nil {
			return
		}
		written, err := json.Marshal(c)
		if err != nil {
			t.Fatalf("accepted, but cannot be written: %v", err)
		}
		again, err := ParseContact(written)
		if err != nil {
			t.Fatalf("written as %s, which is refused: %v", written, err)
		}
		if diff := cmp.Diff(c, again, cmp.Comparer(equalValues)); diff != "" {
			t.Fatalf("written as %s (-read +read again):\n%s", written, diff)
		}
	})
}
