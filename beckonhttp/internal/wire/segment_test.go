package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
	"github.com/beckon-go/beckon/internal/fault"
)

func segment(t *testing.T, kind, body string) (*wire.Segment, string) {
	t.Helper()
	n, faults := wire.Parse(body)
	if len(faults) > 0 {
		t.Fatalf("%s: %v", body, faults)
	}
	s, faults := wire.ReadSegment(&n, kind)
	return s, faults.Error()
}

// event returns the event of a call with its metadata.
func event(t *testing.T, s *wire.Segment, name string) string {
	t.Helper()
	metadata, err := json.Marshal(s.Metadata)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(string(s.Event(name)), "}") + `,"metadata":` + string(metadata) + "}"
}

func TestSegmentEvent(t *testing.T) {
	for _, c := range []struct{ body, want, warnings string }{
		{`{"userId":"u1","event":"e"}`, `{"event_name":"e","user_id":"u1","metadata":{}}`, ""},
		{
			`{"type":"screen","userId":7,"anonymousId":"v1","event":"e","messageId":"m","timestamp":"2026-03-02T10:00:00.750+01:00","context":{"groupId":"acme","page":{"url":"https://x.example/"},"ip":1}}`,
			`{"event_name":"e","event_id":"m","user_id":"7","anonymous_id":"v1","company_id":"acme","created_at":1772442000,"page":{"url":"https://x.example/"},"metadata":{}}`, "",
		},
		{
			`{"event":"e","originalTimestamp":"2026-03-02T09:00:00Z","timestamp":null,"properties":null,"context":7}`,
			`{"event_name":"e","created_at":1772442000,"metadata":{}}`, "",
		},
		{
			`{"event":"e","properties":{"order":{"id":7,"lines":{"first":"x","none":{}}},"gift":true,"n":1.50,"email":"a@b.example"}}`,
			`{"event_name":"e","metadata":{"order_id":7,"order_lines_first":"x","gift":true,"n":1.50}}`, "",
		},
		{
			`{"event":"e","properties":{"tags":["a"],"note":null,"a":{"b":null,"c":[]},"x":{"y":1},"X_Y":2}}`,
			`{"event_name":"e","metadata":{"x_y":1}}`,
			"metadata.tags metadata_value_dropped, metadata.note metadata_value_dropped, metadata.a_b metadata_value_dropped, metadata.a_c metadata_value_dropped, metadata.X_Y metadata_value_dropped",
		},
		{`{"event":"e","properties":{"revenue":9.99,"currency":"EUR"}}`, `{"event_name":"e","metadata":{"price":{"amount":999,"currency":"EUR"}}}`, ""},
		{`{"event":"e","properties":{"currency":"jpy","revenue":1.2e3}}`, `{"event_name":"e","metadata":{"price":{"amount":1200,"currency":"jpy"}}}`, ""},
		{`{"event":"e","properties":{"revenue":0,"currency":"USD"}}`, `{"event_name":"e","metadata":{"price":{"amount":0,"currency":"USD"}}}`, ""},
		{`{"event":"e","properties":{"revenue":10.500,"currency":"USD"}}`, `{"event_name":"e","metadata":{"price":{"amount":1050,"currency":"USD"}}}`, ""},
		{`{"event":"e","properties":{"revenue":-10,"currency":"USD"}}`, `{"event_name":"e","metadata":{"price":{"amount":-1000,"currency":"USD"}}}`, ""},
		// What is no amount stays as it is.
		{`{"event":"e","properties":{"revenue":9.999,"currency":"USD"}}`, `{"event_name":"e","metadata":{"revenue":9.999,"currency":"USD"}}`, ""},
		{`{"event":"e","properties":{"revenue":9,"currency":"points"}}`, `{"event_name":"e","metadata":{"revenue":9,"currency":"points"}}`, ""},
		{`{"event":"e","properties":{"revenue":9,"currency":"USD","price":1}}`, `{"event_name":"e","metadata":{"revenue":9,"currency":"USD","price":1}}`, ""},
		{`{"event":"e","properties":{"revenue":1e300,"currency":"USD"}}`, `{"event_name":"e","metadata":{"revenue":1e300,"currency":"USD"}}`, ""},
	} {
		s, faults := segment(t, "track", c.body)
		var told []string
		for _, w := range s.Warnings {
			told = append(told, w.Field+" "+string(w.Code))
		}
		if got := event(t, s, ""); faults != "" || got != c.want || strings.Join(told, ", ") != c.warnings {
			t.Errorf("%s: %s\n%s\n%s", c.body, faults, cmp.Diff(c.want, got), cmp.Diff(c.warnings, strings.Join(told, ", ")))
		}
	}
}

func TestSegmentPage(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{
			`{"userId":"u1","name":"Home","category":"Shop","properties":{"url":"https://x.example/a","name":"Other","title":"T"},"context":{"page":{"url":"https://x.example/b"}}}`,
			`{"event_name":"viewed-page","user_id":"u1","page":{"url":"https://x.example/a"},"metadata":{"name":"Home","category":"Shop","url":"https://x.example/a","title":"T"}}`,
		},
		{`{"anonymousId":"v1"}`, `{"event_name":"viewed-page","anonymous_id":"v1","metadata":{}}`},
	} {
		s, faults := segment(t, "page", c.body)
		if got := event(t, s, "viewed-page"); faults != "" || got != c.want {
			t.Errorf("%s: %s\n%s", c.body, faults, cmp.Diff(c.want, got))
		}
	}
}

func TestSegmentContact(t *testing.T) {
	for _, c := range []struct{ kind, body, want string }{
		{"identify", `{"userId":"u1","anonymousId":"v1"}`, `{"user_id":"u1","anonymous_id":"v1","attributes":{}}`},
		{
			"identify", `{"userId":"u1","traits":{"id":"u9","email":"a@b.example","firstName":"Ada","lastName":"L","createdAt":"2026-01-01T00:00:00Z","address":{"city":"Bonn","zip":null},"tags":["x"],"gone":null,"last_seen_at":5}}`,
			`{"user_id":"u1","attributes":{"email":"a@b.example","firstName":"Ada","lastName":"L","signed_up_at":"2026-01-01T00:00:00Z","address_city":"Bonn","address_zip":null,"gone":null,"name":"Ada L"}}`,
		},
		{"identify", `{"userId":"u1","traits":{"name":"Ada","firstName":"A"}}`, `{"user_id":"u1","attributes":{"name":"Ada","firstName":"A"}}`},
		{
			"identify", `{"userId":"u1","traits":{"company":{"id":7,"name":"Acme","plan":"gold","at":{"city":"Bonn"}}}}`,
			`{"user_id":"u1","attributes":{},"companies":[{"company_id":"7","attributes":{"name":"Acme","plan":"gold","at_city":"Bonn"}}]}`,
		},
		{"identify", `{"userId":"u1","traits":{"company":{"name":"Acme"}}}`, `{"user_id":"u1","attributes":{"company_name":"Acme"}}`},
		{"identify", `{"userId":"u1","traits":{"company":"Acme"}}`, `{"user_id":"u1","attributes":{"company":"Acme"}}`},
		{
			"group", `{"userId":"u1","groupId":"acme","traits":{"name":"Acme","employees":12,"createdAt":"2026-01-01","old":null}}`,
			`{"user_id":"u1","companies":[{"company_id":"acme","attributes":{"name":"Acme","employees":12,"created_at":"2026-01-01","old":null}}]}`,
		},
		{"group", `{"anonymousId":"v1","groupId":5}`, `{"anonymous_id":"v1","companies":[{"company_id":"5"}]}`},
	} {
		s, faults := segment(t, c.kind, c.body)
		if got := string(s.Contact()); faults != "" || got != c.want {
			t.Errorf("%s: %s\n%s", c.body, faults, cmp.Diff(c.want, got))
		}
	}
}

func TestSegmentFaults(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`{}`, `type: must be track, identify, group, page, screen or alias (type_invalid)`},
		{`{"type":"video"}`, `type: must be track, identify, group, page, screen or alias (type_invalid)`},
		{`{"type":[]}`, `type: must be a string, got an array (type_invalid)`},
		{`{"type":"track","userId":{}}`, `userId: must be a string, got an object (type_invalid)`},
		{`{"type":"track","timestamp":"yesterday"}`, `timestamp: must be a time of ISO 8601 with its zone, such as 2026-03-02T09:00:00.000Z (created_at_invalid)`},
		{`{"type":"track","timestamp":5}`, `timestamp: must be a time of ISO 8601 with its zone, such as 2026-03-02T09:00:00.000Z (created_at_invalid)`},
		{`{"type":"track","properties":[1]}`, `properties: must be an object, got an array (type_invalid)`},
		{`{"type":"identify","userId":"u1","traits":"x"}`, `traits: must be an object, got a string (type_invalid)`},
		{`{"type":"identify"}`, `userId: is missing: userId or anonymousId must name the contact (contact_missing)`},
		{`{"type":"group","userId":"u1"}`, `groupId: expected the id of a company (attribute_invalid)`},
		{`{"type":"alias","userId":"u1"}`, `previousId: expected an earlier id of the contact (contact_missing)`},
		{`{"type":"alias","previousId":"v1","anonymousId":"v1"}`, `userId: expected the id of the contact from now on (contact_missing)`},
	} {
		if _, faults := segment(t, "", c.body); faults != c.want {
			t.Errorf("%s: %s, want %s", c.body, faults, c.want)
		}
	}
}

// What is told of a call is bounded.
func TestSegmentWarningsEnd(t *testing.T) {
	s, _ := segment(t, "identify", `{"userId":"u1","traits":{"a":{`+strings.Repeat(`"x":[],`, fault.MaxErrors+10)+`"y":1}}}`)
	if n := len(s.Warnings); n != fault.MaxErrors+1 || s.Warnings[fault.MaxErrors].Message != "10 more were dropped" {
		t.Errorf("%d warnings, the last %v", n, s.Warnings[n-1])
	}
}

// Whatever a call is, what is made of it is JSON, has no object but money below metadata and
// attributes, and names no attribute twice.
func FuzzSegment(f *testing.F) {
	for _, seed := range []string{
		`{"type":"track","event":"e","userId":1,"properties":{"a":{"b":[null],"c":{"d":1}},"revenue":1.5,"currency":"EUR"}}`,
		`{"type":"identify","userId":"u","traits":{"company":{"id":"x","a":{"b":1}},"firstName":"a","a_b":1,"a":{"b":2}}}`,
		`{"type":"group","groupId":"g","traits":{"createdAt":5,"created_at":6}}`, `{"type":"page","name":"n","properties":{"name":"m"}}`,
		`{"type":"alias","previousId":"v","userId":"u","timestamp":"2026-03-02T09:00:00.000Z"}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		n, faults := wire.Parse(body)
		if len(faults) > 0 {
			return
		}
		s, faults := wire.ReadSegment(&n, "")
		if len(faults) > 0 {
			return
		}
		if document := s.Event("e"); !json.Valid(document) {
			t.Errorf("the event of %q is %s", body, document)
		}
		for _, field := range s.Metadata {
			if field.Value.IsUnknown() {
				t.Errorf("the event of %q has no value for %s", body, field.Key)
			}
		}
		document := s.Contact()
		c, faults := wire.Parse(string(document))
		if len(faults) > 0 {
			t.Fatalf("the contact of %q is %s", body, document)
		}
		if all := c.Get("attributes"); all != nil {
			seen := map[string]bool{}
			for _, m := range all.Members {
				if seen[m.Name] || len(m.Value.Members) > 0 || len(m.Value.Items) > 0 {
					t.Errorf("the contact of %q is %s", body, document)
				}
				seen[m.Name] = true
			}
		}
	})
}
