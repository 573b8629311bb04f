package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
)

// Whatever is posted: what is read of it is written as JSON, and a field that is at fault
// has a name.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `[]`, `{"external_id":"u1","custom_attributes":{"a":[1,{"b":null}]},"companies":[{"id":1.5e3,"plan":{}}]}`,
		`{"companies":{"data":[{"id":"x","custom_attributes":null}]},"unsubscribed_from_emails":true,"role":"user"}`,
		`{"query":{"operator":"AND","value":[{"field":"created_at","operator":">","value":5},{"field":"id","operator":"=","value":"email:x"}]}}`,
		`{"event_summaries":[{"event_name":"e","count":1,"first":1,"last":"2026-01-05T09:00:00Z"}]}`, "{\"a\":\"\xff\"}",
		`{"id":"evt_1","type":"invoice.paid","created":1,"data":{"object":{"object":"invoice","id":"in_1","amount":5,"currency":"isk","customer":{"id":"cus_1"},"metadata":{"a":"b"}},"previous_attributes":{"amount":1}}}`, `{"a":"\ud800"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		n, faults := wire.Parse(body)
		if len(faults) > 0 {
			return
		}
		c, faults := wire.ReadContact(&n)
		if document := c.Document(); !json.Valid(document) {
			t.Errorf("a contact of %q is %s", body, document)
		}
		for _, x := range faults {
			if c.Field(x.Field) == "" && x.Field != "" {
				t.Errorf("a fault of %q lost its field %q", body, x.Field)
			}
		}
		fields, _ := wire.Flatten(&n)
		about, _ := wire.ReadStripe(&n)
		fields = append(fields, about.Fields...)
		for _, field := range fields {
			if err := field.Value.Err(); err != nil {
				t.Errorf("%q has metadata that is refused: %s, %v", body, field.Key, err)
			}
		}
		wire.Summaries(&n, &faults)
		rule := wire.Search(&n, func(id string) (string, string) { return "user_id", id }, &faults)
		if !json.Valid(rule) {
			t.Errorf("a rule of %q is %s", body, rule)
		}
		who := wire.ParseContactID(body)
		if id := wire.ContactID(who); body != "" && wire.ParseContactID(id) != who {
			t.Errorf("the id %q of %+v names another", id, who)
		}
	})
}
