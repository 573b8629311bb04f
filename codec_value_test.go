package beckon

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
)

// TestSound: what constructors make can be read back from storage, and what
// would break the methods of a value is found there.
func TestSound(t *testing.T) {
	for _, v := range []Value{
		{},
		String("x"), Number(1), NumberLiteral("1e300"), Bool(true), Date(time.Unix(5, 0)), peek.Value(repr.DateOfNumber(repr.NumberLiteral("5e0"))),
		Link("https://a.example"), RichLink("https://a.example", "x"), Image("https://a.example"), Stripe("x"), Monetary(1, "eur"),
		Monetary(1, "CLF"), Monetary(1, "jpy"), List(), List("a"), NumberLiteral("x"), Monetary(uint64(1<<63), "x"),
	} {
		e := LoggedEvent{Metadata: Fields{{Key: "k", Value: v}}}
		back, err := DecodeLoggedEvent(AppendLoggedEvent(nil, &e))
		if err != nil || !back.Metadata[0].Value.Equal(v) || back.Metadata[0].Value.Text() != v.Text() {
			t.Errorf("%v %q comes back as %v, %v", v.Kind(), v, back.Metadata, err)
		}
	}
	for _, v := range []repr.Value{
		{Kind: repr.KindNumber},
		{Kind: repr.KindNumber, Flag: repr.FlagSmall, Exp: -400},
		{Kind: repr.KindNumber, Flag: repr.FlagSmall, Exp: 1},
		{Kind: repr.KindNumber, Str: "x"},
		{Kind: repr.KindNumber, Str: "1e999"},
		{Kind: repr.KindDate, Str: "x"},
		{Kind: repr.KindMonetary, Str: "euro"},
		{Kind: repr.KindMonetary, Str: "eur", Exp: -5},
		{Kind: repr.KindMonetary, Str: "eur", Exp: 1},
		{Kind: repr.KindInvalid},
		{Kind: repr.KindInvalid, Num: 3, Str: repr.JoinTexts("a", "b", "c")},
	} {
		e := LoggedEvent{Metadata: Fields{{Key: "k", Value: peek.Value(v)}}}
		if back, err := DecodeLoggedEvent(AppendLoggedEvent(nil, &e)); !errors.Is(err, ErrDataCorrupt) {
			t.Errorf("%#v comes back as %v, %v", v, back.Metadata, err)
		}
	}
}

// TestValueBytes: what is stored does not follow how a value is held.
func TestValueBytes(t *testing.T) {
	long := strings.Repeat("l", 300)
	for _, c := range []struct {
		v    Value
		want string
	}{
		{RichLink("https://a.example", "x"), "\x0c\x00\x00\x00\x11https://a.example\x01\x01x"},
		{RichLink("https://a.example", ""), "\x0c\x00\x00\x00\x11https://a.example\x01\x00"},
		{List(), "\x14\x00\x00\x00\x00\x00"},
		{List("a", "", "b"), "\x14\x00\x00\x00\x00\x03\x01a\x00\x01b"},
		{List(long), "\x14\x00\x00\x00\x00\x01\xac\x02" + long},
		{peek.Value(repr.Invalid("c", "m").AlsoInvalid("d", "n")), "\x16\x00\x00\x00\x00\x04\x01c\x01m\x01d\x01n"},
		{String("s"), "\x02\x00\x00\x00\x01s\x00"},
	} {
		w := coder{}
		if codeValue(&w, peek.Of(&c.v)); string(w.data) != c.want {
			t.Errorf("%v is stored as %q, want %q", c.v, w.data, c.want)
		}
		r := coder{reading: true, body: c.want}
		var back Value
		if codeValue(&r, peek.Of(&back)); r.err != nil || r.at != len(c.want) || !back.Equal(c.v) || back.Text() != c.v.Text() {
			t.Errorf("%q comes back as %v, %v", c.want, back, r.err)
		}
	}
	for _, data := range []string{
		"\x0c\x00\x00\x00\x01u\x00",                                 // a rich link without a title
		"\x0c\x00\x00\x00\x01u\x02\x01a\x01b",                       // and with two
		"\x02\x00\x00\x00\x01s\x01\x01a",                            // a string with more
		"\x16\x00\x00\x00\x00\x03\x01c\x01m\x01d",                   // a code without a sentence
		"\x14\x00\x00\x00\x00\x01\x81\x00a",                         // a length in more bytes than it takes
		"\x14\x00\x00\x00\x00\x02\x01a",                             // cut short
		"\x14\x00\x00\x00\x00\x01\xff\xff\xff\xff\xff\xff\xff\x7fa", // a length without end
	} {
		r := coder{reading: true, body: data}
		var v Value
		if codeValue(&r, peek.Of(&v)); r.err == nil {
			t.Errorf("%q is read as %v", data, v)
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
