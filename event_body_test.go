package beckon

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

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

func TestEventMarshalJSON(t *testing.T) {
	e := Event{
		Name: "a\"\n", UserID: "u", CreatedAt: time.Unix(1389913941, 999), Import: true, Source: SourceREST, EventID: "e", CompanyID: "c",
		Page:     &Page{URL: "https://x.example", Seconds: Number(1.5)},
		Metadata: Fields{{Key: "z", Value: String("t")}, {Key: "a", Value: Monetary(34999, "eur")}, {Key: "dropped", Value: Value{}}},
	}
	got, err := e.MarshalJSON()
	want := `{"event_name":"a\"\n","created_at":1389913941,"user_id":"u","event_id":"e","company_id":"c","import":true,"source":"rest",` +
		`"page":{"url":"https://x.example","seconds":1.5},"metadata":{"z":"t","a":{"amount":34999,"currency":"eur"},"dropped":null}}`
	if string(got) != want || err != nil {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
	for _, c := range []struct {
		e    Event
		want string
	}{{Event{}, `{}`}, {Event{CreatedAt: time.Unix(0, 5)}, `{}`}, {Event{Page: &Page{}}, `{"page":{}}`}, {Event{Metadata: Fields{}}, `{}`}} {
		if got, err := c.e.MarshalJSON(); string(got) != c.want || err != nil {
			t.Errorf("got %s, %v, want %s", got, err, c.want)
		}
	}
	_, err = Event{Name: "\xff", UserID: "\xff", Metadata: Fields{{Key: "\xff", Value: String("a")}, {Key: "b", Value: String("\xff")}, {Key: "c", Value: Number(math.NaN())}}}.MarshalJSON()
	if got, want := eventFaults(err), `text_not_utf8 event_name, text_not_utf8 user_id, text_not_utf8 metadata.\xff, text_not_utf8 metadata.b, metadata_number_invalid metadata.c`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEventUnmarshalJSON(t *testing.T) {
	var list []Event
	if err := json.Unmarshal([]byte(`[{"event_name":"a","user_id":"u","metadata":{"b":1,"a":2}}, null]`), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 || list[0].Name != "a" || list[0].Metadata[0].Key != "b" || list[1].Name != "" {
		t.Errorf("got %+v", list)
	}
	var e Event
	if err := json.Unmarshal([]byte(`{"event_name":"a","USER_ID":"u"}`), &e); eventFaults(err) != "json_invalid user_id" {
		t.Errorf("got %v", err)
	}
	if err := e.UnmarshalJSON([]byte(strings.Repeat(" ", MaxEventBytes+1))); eventFaults(err) != "body_too_large" {
		t.Errorf("got %v", err)
	}
}
