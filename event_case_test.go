package beckon

import (
	"slices"
	"strings"
	"testing"
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
