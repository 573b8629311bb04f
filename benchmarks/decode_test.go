package benchmarks

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
)

// decodeBody has 385 bytes and 8 metadata keys, among them two objects.
const decodeBody = `{"event_name":"upload-complete","created_at":1389913941,"user_id":"u-4711","event_id":"01J8Z3V6Q9","source":"javascript",` +
	`"metadata":{"file_name":"holiday-2026.mp4","size":1234567,"duration":12.75,"public":true,"project":"Summer",` +
	`"order_date":1389913941,"order":{"url":"https://shop.example/orders/TX18","value":"TX18"},"price":{"amount":34999,"currency":"eur"}},` +
	`"extra_field":"0123456"}`

// handEvent is the event as the limit reads it: what is asked for, typed.
type handEvent struct {
	name, user, id, source string
	createdAt              float64
	metadata               []handField
}

type handField struct {
	key, text, second string
	number            float64
}

// A handScanner is JSON read by hand, in order, without escapes and with hardly a check.
type handScanner struct {
	src string
	pos int
}

func (s *handScanner) next() byte {
	for s.src[s.pos] == ' ' || s.src[s.pos] == ',' || s.src[s.pos] == ':' {
		s.pos++
	}
	return s.src[s.pos]
}

func (s *handScanner) text() string {
	s.next()
	begin := s.pos + 1
	s.pos = begin + strings.IndexByte(s.src[begin:], '"') + 1
	return s.src[begin : s.pos-1]
}

func (s *handScanner) number() float64 {
	s.next()
	begin := s.pos
	for s.src[s.pos] != ',' && s.src[s.pos] != '}' {
		s.pos++
	}
	n, _ := strconv.ParseFloat(s.src[begin:s.pos], 64)
	return n
}

func (s *handScanner) value() (f handField) {
	switch s.next() {
	case '"':
		f.text = s.text()
	case '{':
		s.pos++
		for s.next() != '}' {
			s.text()
			inner := s.value()
			if f.text == "" && f.number == 0 {
				f = inner
			} else {
				f.second = inner.text
			}
		}
		s.pos++
	case 't', 'f':
		if s.src[s.pos] == 't' {
			f.number = 1
		}
		s.pos += strings.IndexByte(s.src[s.pos:], 'e') + 1
	default:
		f.number = s.number()
	}
	return f
}

func decodeByHand(body string) (e handEvent) {
	s := handScanner{src: strings.Clone(body), pos: 1}
	for s.next() != '}' {
		switch s.text() {
		case "event_name":
			e.name = s.text()
		case "created_at":
			e.createdAt = s.number()
		case "user_id":
			e.user = s.text()
		case "event_id":
			e.id = s.text()
		case "source":
			e.source = s.text()
		case "metadata":
			e.metadata = make([]handField, 0, 8)
			s.next()
			s.pos++
			for s.next() != '}' {
				key := s.text()
				f := s.value()
				f.key = key
				e.metadata = append(e.metadata, f)
			}
			s.pos++
		default:
			s.value()
		}
	}
	return e
}

// An event as the peers without a scanner of their own put it together, from
// what they call for each token in turn.
type eventBuilder struct {
	event   handEvent
	depth   int
	key     string // the member that a value belongs to
	inner   string // the member of metadata, when inside of an object there
	current handField
}

func (b *eventBuilder) begin() {
	b.depth++
	if b.depth == 2 && b.key == "metadata" {
		b.event.metadata = make([]handField, 0, 8)
	}
	if b.depth == 3 {
		b.current = handField{key: b.inner}
	}
}

func (b *eventBuilder) end() {
	if b.depth == 3 {
		b.event.metadata = append(b.event.metadata, b.current)
	}
	b.depth--
}

func (b *eventBuilder) member(key string) {
	switch b.depth {
	case 1:
		b.key = key
	case 2:
		b.inner = key
	}
}

func (b *eventBuilder) text(s string) {
	switch b.depth {
	case 1:
		switch b.key {
		case "event_name":
			b.event.name = s
		case "user_id":
			b.event.user = s
		case "event_id":
			b.event.id = s
		case "source":
			b.event.source = s
		}
	case 2:
		b.event.metadata = append(b.event.metadata, handField{key: b.inner, text: s})
	case 3:
		if b.current.text == "" && b.current.number == 0 {
			b.current.text = s
		} else {
			b.current.second = s
		}
	}
}

func (b *eventBuilder) number(n float64) {
	switch b.depth {
	case 1:
		if b.key == "created_at" {
			b.event.createdAt = n
		}
	case 2:
		b.event.metadata = append(b.event.metadata, handField{key: b.inner, number: n})
	case 3:
		b.current.number = n
	}
}

func (b *eventBuilder) truth(v bool) {
	if v {
		b.number(1)
	} else {
		b.number(0)
	}
}

func TestDecodersAgree(t *testing.T) {
	want := handEvent{name: "upload-complete", user: "u-4711", id: "01J8Z3V6Q9", source: "javascript", createdAt: 1389913941, metadata: []handField{
		{key: "file_name", text: "holiday-2026.mp4"},
		{key: "size", number: 1234567},
		{key: "duration", number: 12.75},
		{key: "public", number: 1},
		{key: "project", text: "Summer"},
		{key: "order_date", number: 1389913941},
		{key: "order", text: "https://shop.example/orders/TX18", second: "TX18"},
		{key: "price", number: 34999, second: "eur"},
	}}
	for _, p := range decodePeers(t) {
		if got := p.decode(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v", p.name, got)
		}
	}
	e, err := beckon.ParseEvent(strings.NewReader(decodeBody))
	check(t, err)
	if e.Name != want.name || e.UserID != want.user || e.EventID != want.id || float64(e.CreatedAt.Unix()) != want.createdAt ||
		string(e.Source) != want.source || len(e.Metadata) != len(want.metadata) {
		t.Errorf("%+v", e)
	}
	for i, f := range e.Metadata {
		if w := want.metadata[i]; f.Key != w.key || w.text != "" && !strings.Contains(f.Value.Text(), w.text) {
			t.Errorf("%v: %q, want %+v", f.Key, f.Value.Text(), w)
		}
	}
	var m map[string]any
	check(t, json.Unmarshal([]byte(decodeBody), &m))
	if n := len(m["metadata"].(map[string]any)); m["user_id"] != e.UserID || n != len(e.Metadata) {
		t.Errorf("%v", m)
	}
}

func decodeRows(tb testing.TB) []row {
	tb.Helper()
	var e handEvent
	rows := []row{
		{"limit-by-hand", each(func() { e = decodeByHand(decodeBody) })},
		{"beckon-ParseEvent", each(func() {
			_, err := beckon.ParseEvent(strings.NewReader(decodeBody))
			check(tb, err)
		})},
	}
	for _, p := range decodePeers(tb) {
		if p.name != rows[0].name {
			rows = append(rows, row{p.name, each(func() { e = p.decode() })})
		}
	}
	body := []byte(decodeBody)
	rows = append(rows, row{"unordered-encoding-json-map", each(func() {
		var m map[string]any
		check(tb, json.Unmarshal(body, &m))
	})})
	tb.Cleanup(func() {
		if e.name == "" {
			tb.Error("nothing was decoded")
		}
	})
	return rows
}

// BenchmarkDecode reads a posted event. ParseEvent also checks it: UTF-8, types,
// names, URLs, keys that are there twice.
func BenchmarkDecode(b *testing.B) { measureAll(b, decodeRows(b)) }
