package beckon

import (
	"slices"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/internal/peek"
)

// A known field in other letter case is one error, on whichever side of the
// field itself it stands; the field itself is not called a repeat for it.
func TestEventFieldInOtherLetterCase(t *testing.T) {
	for doc, want := range map[string][]string{
		`{"event_name":"a","EVENT_NAME":"b","user_id":"u1"}`:    {"json_invalid event_name"},
		`{"EVENT_NAME":"b","event_name":"a","user_id":"u1"}`:    {"json_invalid event_name"},
		`{"Event_Name":"b","user_id":"u1"}`:                     {"json_invalid event_name"},
		`{"event_name":"a","USER_ID":"u1"}`:                     {"json_invalid user_id"},
		`{"event_name":"a","user_id":"u1","page":{"URL":"x"}}`:  {"json_invalid page.url"},
		`{"event_name":"a","event_name":"a","user_id":"u1"}`:    {"json_invalid event_name"},
		`{"event_name":"a","user_id":"u1","Extra":1,"extra":1}`: nil,
	} {
		_, err := ParseEvent(strings.NewReader(doc))
		if got := wire(t, err); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", doc, got, want)
		}
	}
}

// TestRichLinksHeldDifferently: one from a body is a part of the body, one from
// a constructor or from storage is not. They are the same.
func TestRichLinksHeldDifferently(t *testing.T) {
	built := RichLink("https://a.example/x", "T")
	for _, body := range []string{
		`{"url":"https://a.example/x","value":"T"}`,
		`{"url":"https://a.example/x", "value" : "T"}`,
		`{"url":"https:\/\/a.example/x","value":"T"}`,
		`{"url":"https://a.example/x","value":"\u0054"}`,
		`{"value":"T","url":"https://a.example/x"}`,
	} {
		e, err := ParseEvent(strings.NewReader(`{"event_name":"e","user_id":"u","metadata":{"k":` + body + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		v := e.Metadata[0].Value
		if url, _ := v.URL(); url != "https://a.example/x" || !v.Equal(built) || !built.Equal(v) || v.Text() != built.Text() {
			t.Errorf("%s is %v", body, v)
		}
		if title, ok := v.Title(); !ok || title != "T" {
			t.Errorf("%s has the title %q", body, title)
		}
		if a, b := peek.Of(&v).AppendIdentity(nil), peek.Of(&built).AppendIdentity(nil); string(a) != string(b) {
			t.Errorf("%s: identity %q, want %q", body, a, b)
		}
		for _, other := range []Value{RichLink("https://a.example/xT", ""), RichLink("https://a.example/", "T"), RichLink("https://a.example/x", "t"), String("T")} {
			if v.Equal(other) || other.Equal(v) {
				t.Errorf("%s equals %v", body, other)
			}
		}
	}
}
