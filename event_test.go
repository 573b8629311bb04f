package beckon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/beckon-go/beckon/internal/event"
)

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
		warnings, errs := whole.Validate(time.Time{}, event.Options{Known: event.KnownDecoded})
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
