package benchmarks

import (
	"encoding/json"
	"errors"
	"io"
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

// tokenWalk is what the standard library has for keeping the order.
func tokenWalk(r io.Reader) (keys []string, err error) {
	d := json.NewDecoder(r)
	depth := 0
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return keys, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				depth++
			} else {
				depth--
			}
		case string:
			if depth == 2 {
				keys = append(keys, t)
			}
		}
	}
}

func TestDecodersAgree(t *testing.T) {
	hand := decodeByHand(decodeBody)
	e, err := beckon.ParseEvent(strings.NewReader(decodeBody))
	check(t, err)
	if e.Name != hand.name || e.UserID != hand.user || e.EventID != hand.id || float64(e.CreatedAt.Unix()) != hand.createdAt ||
		string(e.Source) != hand.source || len(e.Metadata) != len(hand.metadata) {
		t.Errorf("%+v\n%+v", e, hand)
	}
	for i, f := range e.Metadata {
		h := hand.metadata[i]
		if f.Key != h.key || h.text != "" && !strings.Contains(f.Value.Text(), h.text) {
			t.Errorf("%v: %q, by hand %+v", f.Key, f.Value.Text(), h)
		}
	}
	var m map[string]any
	check(t, json.Unmarshal([]byte(decodeBody), &m))
	if n := len(m["metadata"].(map[string]any)); m["user_id"] != e.UserID || n != len(e.Metadata) {
		t.Errorf("%v", m)
	}
	keys, err := tokenWalk(strings.NewReader(decodeBody))
	check(t, err)
	if len(keys) < len(e.Metadata) {
		t.Errorf("%q", keys)
	}
}

// BenchmarkDecode reads a posted event. ParseEvent also checks it: UTF-8, types,
// names, URLs, keys that are there twice.
func BenchmarkDecode(b *testing.B) {
	body := []byte(decodeBody)
	measureAll(b, []row{
		{"limit-by-hand", func() { decodeByHand(decodeBody) }},
		{"beckon-ParseEvent", func() {
			_, err := beckon.ParseEvent(strings.NewReader(decodeBody))
			check(b, err)
		}},
		{"encoding-json-map", func() {
			var m map[string]any
			check(b, json.Unmarshal(body, &m))
		}},
		{"encoding-json-Token", func() {
			_, err := tokenWalk(strings.NewReader(decodeBody))
			check(b, err)
		}},
	})
}
