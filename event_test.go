package beckon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"
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

func parseBody(body string) (Event, error) { return ParseEvent(strings.NewReader(body)) }

func TestParseEvent(t *testing.T) {
	e, err := parseBody(`{"event_name": "Upload.Complete", "created_at": 1389913941, "user_id": "u1", "id": "i", "email": "a@b.example",
		"anonymous_id": "v", "event_id": "01J", "company_id": "acme", "import": true, "source": "javascript",
		"page": {"url": "https://x.example/p", "seconds": 12.5, "title": "t"}, "user_agent": {"deep": [1, null, {}]},
		"metadata": {"z": "cat.jpg", "order": {"url": "https://x.example", "value": "TX18"}, "price": {"amount": 34999, "currency": "eur"}, "A": 1.50}}`)
	if err != nil {
		t.Fatal(err)
	}
	if e.Name != "Upload.Complete" || e.UserID != "u1" || e.ID != "i" || e.Email != "a@b.example" || e.AnonymousID != "v" ||
		e.EventID != "01J" || e.CompanyID != "acme" || !e.Import || e.Source != SourceJavaScript ||
		!e.CreatedAt.Equal(time.Unix(1389913941, 0)) || e.Page.URL != "https://x.example/p" || e.Page.Seconds.Text() != "12.5" {
		t.Errorf("got %+v", e)
	}
	var keys []string
	for _, f := range e.Metadata {
		keys = append(keys, f.Key+":"+f.Value.Kind().String())
	}
	if got, want := strings.Join(keys, " "), "z:string order:rich link price:monetary A:number"; got != want {
		t.Errorf("metadata %s, want %s", got, want) // M1: the order is data
	}
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

// E3 and the readers that fail.
func TestParseEventReaders(t *testing.T) {
	if _, err := ParseEvent(nil); eventFaults(err) != "json_invalid" {
		t.Errorf("nil reader: %v", err)
	}
	if _, err := ParseEvent(iotest.ErrReader(io.ErrUnexpectedEOF)); eventFaults(err) != "json_invalid" || !strings.Contains(err.Error(), "unexpected EOF") {
		t.Errorf("broken reader: %v", err)
	}
	if _, err := ParseEvent(iotest.OneByteReader(strings.NewReader(`{"event_name":"a","user_id":"u"}`))); err != nil {
		t.Errorf("slow reader: %v", err)
	}
	endless := &endlessReader{}
	if _, err := ParseEvent(endless); eventFaults(err) != "body_too_large" || endless.read > MaxEventBytes+1 {
		t.Errorf("endless reader: %v after %d bytes", err, endless.read)
	}
	full := `{"event_name":"a","user_id":"u"}`
	full += strings.Repeat(" ", MaxEventBytes-len(full))
	if _, err := parseBody(full); err != nil {
		t.Errorf("a body of exactly the limit: %v", err)
	}
	if _, err := parseBody(full + " "); eventFaults(err) != "body_too_large" {
		t.Errorf("one byte more: %v", err)
	}
}

type endlessReader struct{ read int }

func (r *endlessReader) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	r.read += len(p)
	return len(p), nil
}

// M1: every key is there, only the first twenty with a value.
func TestParseEventKeepsDroppedKeys(t *testing.T) {
	body := `{"event_name":"a","user_id":"u","metadata":{` + numberedKeys(20) + `,"k20":{"deep":[]},"k.21":null}}`
	e, err := parseBody(body)
	if err != nil || len(e.Metadata) != 22 {
		t.Fatalf("%d keys, %v", len(e.Metadata), err)
	}
	if !e.Metadata[20].Value.IsUnknown() || e.Metadata[19].Value.IsUnknown() {
		t.Errorf("got %v", e.Metadata)
	}
	for rest, want := range map[string]string{
		`"k20":"\ud800"`:      "text_not_utf8 metadata.k20",
		`"k\ud800":1`:         `text_not_utf8 metadata.k\xed\xa0\x80`,
		`"K07":1`:             "metadata_key_duplicate metadata.K07",
		`"k20":1,"K20":2`:     "metadata_key_duplicate metadata.K20",
		`"a.b":[{"x":"y"}]`:   "",
		`"k20":1e9,"k21":"x"`: "",
	} {
		_, err := parseBody(`{"event_name":"a","user_id":"u","metadata":{` + numberedKeys(20) + `,` + rest + `}}`)
		if got := eventFaults(err); got != want {
			t.Errorf("%s: got %s, want %s", rest, got, want)
		}
	}
}

// numberedKeys returns n members k00, k01, …
func numberedKeys(n int) string {
	out := make([]string, n)
	for i := range out {
		out[i] = `"k` + string(rune('0'+i/10)) + string(rune('0'+i%10)) + `":"v"`
	}
	return strings.Join(out, ",")
}

// A short text of a large body does not keep the body alive, and large or
// small, the same is read.
func TestParseEventLargeBody(t *testing.T) {
	e, err := parseBody(`{"event_name":"a","user_id":"u1","metadata":{"k":1.5}}` + strings.Repeat(" ", 10_000))
	if err != nil || e.Name != "a" || e.UserID != "u1" || e.Metadata[0].Value.Text() != "1.5" {
		t.Errorf("%+v, %v", e, err)
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

// What a sender can post never panics, is refused with known codes only, and,
// if taken, is written and read back as the same event.
func FuzzParseEvent(f *testing.F) {
	for _, s := range []string{
		benchmarkBody, `{}`, `{"event_name":"a","user_id":"u","metadata":{"a_date":1,"stripe_charge":"ch_1","l":"https://x.example/a.png","n":-1.50e3}}`,
		`{"event_name":"\ud800","EVENT_NAME":1,"created_at":1e10}`, "{\"\xff\":[[[", `{"event_name":"a","email":"a@b.example","page":{"seconds":0.10},"source":"direct"}`,
	} {
		f.Add(s)
	}
	codes := map[Code]bool{}
	for _, c := range []Code{
		ErrEventNameMissing, ErrEventNameInvalid, ErrContactMissing, ErrCreatedAtInvalid, ErrMetadataKeyInvalid, ErrMetadataKeyDuplicate,
		ErrMetadataStringTooLong, ErrMetadataNested, ErrMetadataNull, ErrMetadataNumberInvalid, ErrMetadataURLInvalid, ErrMetadataCurrency,
		ErrMetadataAmountInvalid, ErrMetadataStripeInvalid, ErrMetadataDateInvalid, ErrTextNotUTF8, ErrEmailInvalid, ErrTypeInvalid,
		ErrSourceUnknown, ErrJSONInvalid, ErrBodyTooLarge,
	} {
		codes[c] = true
	}
	f.Fuzz(func(t *testing.T, body string) {
		e, err := parseBody(body)
		// What the decoder has seen for itself is what looking at all of it finds.
		var whole event.Event
		e.lower(&whole)
		warnings, errs := whole.Validate(time.Time{}, event.Options{Decoded: true})
		if fmt.Sprint(raise(errs)) != fmt.Sprint(err) {
			t.Fatalf("%v, judged again %v", err, raise(errs))
		}
		var d event.Decoder
		known := d.DecodeString(body)
		if w, _ := d.Event.Validate(time.Time{}, known); fmt.Sprint(w) != fmt.Sprint(warnings) {
			t.Fatalf("warnings %v, judged again %v", w, warnings)
		}
		if err != nil {
			var l ErrorList
			if !errors.As(err, &l) || len(l) == 0 {
				t.Fatalf("not a list: %v", err)
			}
			for _, x := range l {
				if !codes[x.Code] || len(x.Message) > 1000 {
					t.Fatalf("%v", x)
				}
			}
			return
		}
		if !json.Valid([]byte(body)) {
			t.Fatal("took what is not JSON")
		}
		out, err := e.MarshalJSON()
		if err != nil {
			t.Fatalf("cannot be written: %v", err)
		}
		again, err := parseBody(string(out))
		if err != nil {
			t.Fatalf("cannot be read back: %v\n%s", err, out)
		}
		second, err := again.MarshalJSON()
		if err != nil || string(second) != string(out) {
			t.Fatalf("%v\n%s\n%s", err, out, second)
		}
		for i := range e.Metadata {
			if x, y := e.Metadata[i], again.Metadata[i]; x.Key != y.Key || x.Value.Kind() != y.Value.Kind() || x.Value.Text() != y.Value.Text() {
				t.Fatalf("%v became %v", x, y)
			}
		}
	})
}

// benchmarkBody has 385 bytes and 8 metadata keys.
const benchmarkBody = `{"event_name":"upload-complete","created_at":1389913941,"user_id":"u-4711","event_id":"01J8Z3V6Q9","source":"javascript",` +
	`"metadata":{"file_name":"holiday-2026.mp4","size":1234567,"duration":12.75,"public":true,"project":"Summer",` +
	`"order_date":1389913941,"order":{"url":"https://shop.example/orders/TX18","value":"TX18"},"price":{"amount":34999,"currency":"eur"}},` +
	`"extra_field":"0123456"}`

func BenchmarkParseEvent(b *testing.B) {
	b.Run("beckon", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ParseEvent(strings.NewReader(benchmarkBody)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var d event.Decoder
			d.DecodeString(benchmarkBody)
		}
	})
	b.Run("encoding-json-map", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var m map[string]any
			if err := json.Unmarshal([]byte(benchmarkBody), &m); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// The target: 12 allocations for a whole event, checks included.
func TestParseEventAllocations(t *testing.T) {
	if len(benchmarkBody) < 380 {
		t.Errorf("the body has %d bytes", len(benchmarkBody))
	}
	got := testing.AllocsPerRun(50, func() {
		if _, err := ParseEvent(strings.NewReader(benchmarkBody)); err != nil {
			t.Error(err)
		}
	})
	if got > 5 {
		t.Errorf("%v allocations, want 5 at most: the body, the fields, a title, the reader and one more", got)
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
