package wire_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
)

func TestReadContact(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{``, `{}`},
		{
			`{"external_id":"u1","email":"a@b.example","avatar":"x","owner_id":7,"custom_attributes":{"plan":"pro","n":1.50}}`,
			`{"user_id":"u1","email":"a@b.example","attributes":{"plan":"pro","n":1.50}}`,
		},
		{`{"user_id":42,"external_id":42}`, `{"user_id":42}`},
		{`{"external_id":null,"user_id":"u1"}`, `{"user_id":"u1"}`},
		{`{"attributes":{"a":1},"custom_attributes":{"b":[ "x" ]}}`, `{"attributes":{"a":1,"b":["x"]}}`},
		{
			`{"companies":[{"id":"acme","name":"A","plan":"gold","custom_attributes":{"size":3},"tags":[]},{"company_id":7,"remove":true}]}`,
			`{"companies":[{"company_id":"acme","name":"A","attributes":{"plan":"gold","size":3}},{"company_id":7,"remove":true}]}`,
		},
		{`{"companies":{"type":"list","data":[{"id":"x"}]}}`, `{"companies":[{"company_id":"x"}]}`},
		{`{"companies":null,"name":null,"language_override":"fr"}`, `{"companies":null,"name":null,"language":"fr"}`},
		{`{"name":"\u2028<é\"","last_seen_at":5,"id":"x","role":"user"}`, "{\"name\":\"\u2028<é\\\"\"}"},
	} {
		n, faults := wire.Parse(c.body)
		if len(faults) > 0 {
			t.Fatalf("%s: %v", c.body, faults)
		}
		got, faults := wire.ReadContact(&n)
		if diff := cmp.Diff(c.want, string(got.Document())); diff != "" || len(faults) > 0 {
			t.Errorf("%s: %v\n%s", c.body, faults, diff)
		}
	}
}

func TestReadContactFaults(t *testing.T) {
	for body, want := range map[string]string{
		`{"user_id":"a","external_id":"b"}`:                "external_id: is given twice, with different values (json_invalid)",
		`{"name":"a","name":"a"}`:                          "name: is there twice (json_invalid)",
		`{"unsubscribed_from_emails":"yes"}`:               "unsubscribed_from_emails: must be a boolean, got a string (type_invalid)",
		`{"role":[]}`:                                      "role: must be a string, got an array (type_invalid)",
		`{"companies":[{"id":"a","id":"b"}]}`:              "companies[0].id: is there twice (json_invalid)",
		`{"companies":[{"id":"a","custom_attributes":1}]}`: "companies[0].custom_attributes: must be an object, got a number (type_invalid)",
	} {
		n, faults := wire.Parse(body)
		if len(faults) > 0 {
			t.Fatalf("%s: %v", body, faults)
		}
		if _, faults := wire.ReadContact(&n); faults.Error() != want {
			t.Errorf("%s: %s", body, faults.Error())
		}
	}
	for _, body := range []string{"[]", "{", "nul", `{"a":"` + "\xff" + `"}`, "\ufeff{}", "{} {}", `{"a":"\ud800"}`} {
		if _, faults := wire.Parse(body); len(faults) != 1 {
			t.Errorf("%q: %v", body, faults)
		}
	}
}

func TestField(t *testing.T) {
	n, _ := wire.Parse(`{"external_id":"u1","custom_attributes":{}}`)
	c, _ := wire.ReadContact(&n)
	for field, want := range map[string]string{
		"user_id": "external_id", "attributes.plan": "custom_attributes.plan", "attributes": "custom_attributes",
		"attributesx": "attributesx", "name": "name", "": "", "companies[0].attributes.x": "companies[0].attributes.x",
	} {
		if got := c.Field(field); got != want {
			t.Errorf("%q: %q, want %q", field, got, want)
		}
	}
}
