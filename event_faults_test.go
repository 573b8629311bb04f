package beckon

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/event"
)

// eventFaults returns "code field" of each error, in order.
func eventFaults(err error) string {
	if err == nil {
		return ""
	}
	var l ErrorList
	if !errors.As(err, &l) {
		return "not a list: " + err.Error()
	}
	out := make([]string, len(l))
	for i, e := range l {
		out[i] = strings.TrimSpace(string(e.Code) + " " + e.Field)
	}
	return strings.Join(out, ", ")
}

// The body: what is an error, of what, and what is not.
func TestParseEventFaults(t *testing.T) {
	with := func(rest string) string { return `{"event_name":"a","user_id":"u",` + rest + `}` }
	for _, c := range []struct{ body, want string }{
		{`{"event_name":"a","user_id":"u"}`, ""},
		{with(`"extra":[{"x":null}],"":{},"metadata":{}`), ""},

		// not JSON, or not readable as such: one error, without a field, and none about what was missed
		{``, "json_invalid"},
		{`{`, "json_invalid"},
		{`{"event_name":"a"`, "json_invalid"},
		{`{"event_name":"a","user_id":"u"} x`, "json_invalid"},
		{`{"event_name":"a","user_id":"u"}{}`, "json_invalid"},
		{`{'event_name':"a"}`, "json_invalid"},
		{"\ufeff" + `{"event_name":"a","user_id":"u"}`, "json_invalid"},
		{with(`"metadata":{"a":01}`), "json_invalid"},
		{with(`"metadata":{"a":NaN}`), "json_invalid"},
		{with(`"metadata":{"a":tru}`), "json_invalid"},
		{with(`"extra":[1,]`), "json_invalid"},
		{`{"user_id":4.2,"event_name":}`, "type_invalid user_id, json_invalid"},
		{`[1,]`, "json_invalid"},
		{strings.Repeat("[", 100_000), "json_invalid"},
		{with(`"metadata":{"a":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`), "json_invalid"},
		{with(`"x":"` + strings.Repeat("x", MaxEventBytes) + `"`), "body_too_large"},
		{"\xff{}", "text_not_utf8"},
		{`[]`, "type_invalid"},
		{`"a"`, "type_invalid"},
		{`null`, "type_invalid"},
		{` 1 `, "type_invalid"},

		// E1, E2: required
		{`{}`, "event_name_missing event_name, contact_missing user_id"},
		{`{"event_name":" \t","user_id":"\u00a0"}`, "event_name_missing event_name, contact_missing user_id"},
		{`{"event_name":null,"user_id":null,"id":null,"email":null,"anonymous_id":null}`, "event_name_missing event_name, contact_missing user_id"},
		{`{"event_name":"a\u0000b","id":"i"}`, "event_name_invalid event_name"},
		{`{"event_name":"a","anonymous_id":"v","user_id":""}`, ""},

		// types: a wrong one is one error, not a missing field as well
		{`{"event_name":7,"user_id":4.2}`, "type_invalid event_name, type_invalid user_id"},
		{`{"event_name":"a","id":["i"]}`, "type_invalid id"},
		{`{"event_name":"a","email":{}}`, "type_invalid email"},
		{`{"event_name":"a","anonymous_id":true}`, "type_invalid anonymous_id"},
		{
			with(`"event_id":1.0,"company_id":2e1,"import":"yes","source":3,"page":"p","metadata":[1]`),
			"type_invalid event_id, type_invalid company_id, type_invalid import, type_invalid source, type_invalid page, type_invalid metadata",
		},
		{with(`"import":1`), "type_invalid import"},
		{with(`"page":{"url":1,"seconds":"12"}`), "type_invalid page.url, type_invalid page.seconds"},
		{with(`"page":{"seconds":-1}`), "type_invalid page.seconds"},
		{with(`"page":{"seconds":-0.0e1}`), ""},
		{with(`"page":{"seconds":1e999}`), "metadata_number_invalid page.seconds"},
		{with(`"page":{"url":null,"seconds":null}`), ""},

		// null is as if absent
		{with(`"created_at":null,"id":null,"email":null,"event_id":null,"company_id":null,"import":null,"source":null,"page":null,"metadata":null`), ""},
		{with(`"metadata":[]`), ""}, // as PHP writes an empty object (M4)

		// twice, or in other letter case
		{with(`"user_id":"v"`), "json_invalid user_id"},
		{with(`"user_id":null`), "json_invalid user_id"},
		{with(`"EVENT_NAME":"b"`), "json_invalid event_name"},
		{`{"EVENT_NAME":"b","user_id":"u"}`, "json_invalid event_name"},
		{`{"event_name":"b","User_ID":"u"}`, "json_invalid user_id"},
		{with(`"` + "\u017f" + `ource":"rest"`), "json_invalid source"}, // a long s
		{with(`"metadata":{"a":1},"metadata":{"b":2}`), "json_invalid metadata"},
		{with(`"Metadata":{"a":1}`), "json_invalid metadata"},
		{with(`"page":{"url":"a","URL":"b","url":"c"}`), "json_invalid page.url, json_invalid page.url"},
		{with(`"extra":1,"extra":2,"EXTRA":3`), ""},

		// E5
		{with(`"created_at":0`), ""},
		{with(`"created_at":-0.0e5`), ""},
		{with(`"created_at":1389913941`), ""},
		{with(`"created_at":1.389913941e9`), ""},
		{with(`"created_at":1389913941.0`), ""},
		{with(`"created_at":138991394100e-2`), ""},
		{with(`"created_at":253402300799`), ""},
		{with(`"created_at":1`), ""},
		{with(`"created_at":253402300800`), "created_at_invalid created_at"},
		{with(`"created_at":1389913941000`), "created_at_invalid created_at"},
		{with(`"created_at":1389913941.5`), "created_at_invalid created_at"},
		{with(`"created_at":1e-9`), "created_at_invalid created_at"},
		{with(`"created_at":-1`), "created_at_invalid created_at"},
		{with(`"created_at":1e30`), "created_at_invalid created_at"},
		{with(`"created_at":1e99999999999999999999`), "created_at_invalid created_at"},
		{with(`"created_at":1e-99999999999999999999`), "created_at_invalid created_at"},
		{with(`"created_at":0e99999999999999999999`), ""},
		{with(`"created_at":"1389913941"`), "created_at_invalid created_at"},
		{with(`"created_at":"2026-01-01T00:00:00Z"`), "created_at_invalid created_at"},
		{with(`"created_at":-`), "json_invalid"},
		{with(`"created_at":tru`), "json_invalid"},
		{with(`"created_at":true`), "created_at_invalid created_at"},

		// E8
		{with(`"source":"direct"`), ""},
		{with(`"source":"mobile_sdk"`), ""},
		{with(`"source":""`), ""},
		{with(`"source":"JavaScript"`), "source_unknown source"},
		{with(`"source":"carrier_pigeon"`), "source_unknown source"},

		// UTF-8: never replaced, always named
		{`{"event_name":"a","user_id":"\ud800"}`, "text_not_utf8 user_id"},
		{"{\"event_name\":\"a\xff\",\"user_id\":\"u\"}", "text_not_utf8 event_name"},
		{`{"event_name":"a","email":"\udc00@b.example"}`, "text_not_utf8 email"},
		{with(`"event_id":"\udfff","company_id":"\ud800x","source":"\ud800"`), "text_not_utf8 event_id, text_not_utf8 company_id, text_not_utf8 source"},
		{with(`"page":{"url":"\ud800","x":"\ud800"}`), "text_not_utf8 page.x, text_not_utf8 page.url"},
		{with(`"extra":["\ud800"]`), "text_not_utf8 extra"},
		{with(`"\ud800":1`), `text_not_utf8 \xed\xa0\x80`},
		{with(`"":"\ud800"`), `text_not_utf8 ""`},
		{
			with(`"metadata":{"a":"\ud800","b":{"url":"https://x.example","value":"\ud800"},"\ud800":1,"c":["\ud800"]}`),
			`text_not_utf8 metadata.a, text_not_utf8 metadata.b, text_not_utf8 metadata.\xed\xa0\x80, text_not_utf8 metadata.c`,
		},

		// M2, M4: all at once, in order
		{
			with(`"metadata":{"a.b":1,"c":null,"d":[1],"e":{"x":1},"C":"t"}`),
			"metadata_key_invalid metadata.a.b, metadata_value_null metadata.c, metadata_value_nested metadata.d, metadata_value_nested metadata.e, metadata_key_duplicate metadata.C",
		},
		{with(`"metadata":{"a":{"url":"https://x.example","value":"t","x":1,"y":{}}}`), "metadata_value_nested metadata.a"},
	} {
		e, err := parseBody(c.body)
		if got := eventFaults(err); got != c.want {
			t.Errorf("%.120s\n got %s\nwant %s", c.body, got, c.want)
		}
		// Track sees the same again, whether or not the caller looked (E3).
		var form event.Event
		e.lower(&form)
		_, errs := form.Validate(time.Time{}, event.Options{})
		if got := eventFaults(raise(errs)); got != c.want {
			t.Errorf("%.120s\nvalidated again: got %s\nwant %s", c.body, got, c.want)
		}
	}
}

// E5: the error says what was probably meant.
func TestCreatedAtSaysWhatWasMeant(t *testing.T) {
	for literal, want := range map[string]string{
		"1389913941000":       "looks like milliseconds",
		"1.389913941e12":      "looks like milliseconds",
		"1389913941000000":    "looks like microseconds",
		"1389913941000000000": "looks like nanoseconds",
		"1389913941.25":       "must be whole Unix seconds",
		"-5":                  "must not be negative",
		"1e40":                "up to the year 9999, got",
		`"1389913941"`:        "got a string",
	} {
		_, err := parseBody(`{"event_name":"a","user_id":"u","created_at":` + literal + `}`)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", literal, err, want)
		}
	}
}

// E3: a text that is not UTF-8 is the fault of its own field, not of the next.
func TestParseEventBlamesTheRightField(t *testing.T) {
	for _, c := range []struct{ body, field string }{
		{"{\"event_name\":\"a\xff\",\"other\":1,\"id\":\"1\"}", "event_name"},
		{"{\"event_name\":\"a\",\"id\":\"1\xff\",\"other\":{\"b\":[2]}}", "id"},
		{"{\"event_name\":\"a\",\"id\":\"1\",\"page\":{\"url\":\"\xff\",\"other\":1},\"another\":1}", "page.url"},
	} {
		_, err := ParseEvent(strings.NewReader(c.body))
		var list ErrorList
		if !errors.As(err, &list) || len(list) != 1 || list[0].Code != ErrTextNotUTF8 || list[0].Field != c.field {
			t.Errorf("%q: %v, want %s of %s alone", c.body, err, ErrTextNotUTF8, c.field)
		}
	}
}

// The sentence names what is wrong.
func TestCanonicalEventNameErrors(t *testing.T) {
	for name, want := range map[string]string{
		"":                       "is missing",
		"a\x1bb":                 `control characters, got "\x1b"`,
		strings.Repeat("é", 300): "at most 255 characters, got 300",
		"\xff":                   `not valid UTF-8: "\xff"`,
	} {
		if _, err := CanonicalEventName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q in it", name, err, want)
		}
	}
}
