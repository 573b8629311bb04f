package store

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// TestSound: what constructors make can be read back from storage, and what
// would break the methods of a value is found there.
func TestSound(t *testing.T) {
	for _, v := range []value.Value{
		{},
		value.String("x"), value.Number(1), value.NumberLiteral("1e300"), value.Bool(true), value.Date(time.Unix(5, 0)), peek.Value(repr.DateOfNumber(repr.NumberLiteral("5e0"))),
		value.Link("https://a.example"), value.RichLink("https://a.example", "x"), value.Image("https://a.example"), value.Stripe("x"), value.Monetary(1, "eur"),
		value.Monetary(1, "CLF"), value.Monetary(1, "jpy"), value.List(), value.List("a"), value.NumberLiteral("x"), value.Monetary(uint64(1<<63), "x"),
	} {
		e := LoggedEvent{Metadata: value.Fields{{Key: "k", Value: v}}}
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
		e := LoggedEvent{Metadata: value.Fields{{Key: "k", Value: peek.Value(v)}}}
		if back, err := DecodeLoggedEvent(AppendLoggedEvent(nil, &e)); !errors.Is(err, ErrDataCorrupt) {
			t.Errorf("%#v comes back as %v, %v", v, back.Metadata, err)
		}
	}
}

// TestValueBytes: what is stored does not follow how a value is held.
func TestValueBytes(t *testing.T) {
	long := strings.Repeat("l", 300)
	for _, c := range []struct {
		v    value.Value
		want string
	}{
		{value.RichLink("https://a.example", "x"), "\x0c\x00\x00\x00\x11https://a.example\x01\x01x"},
		{value.RichLink("https://a.example", ""), "\x0c\x00\x00\x00\x11https://a.example\x01\x00"},
		{value.List(), "\x14\x00\x00\x00\x00\x00"},
		{value.List("a", "", "b"), "\x14\x00\x00\x00\x00\x03\x01a\x00\x01b"},
		{value.List(long), "\x14\x00\x00\x00\x00\x01\xac\x02" + long},
		{peek.Value(repr.Invalid("c", "m").AlsoInvalid("d", "n")), "\x16\x00\x00\x00\x00\x04\x01c\x01m\x01d\x01n"},
		{value.String("s"), "\x02\x00\x00\x00\x01s\x00"},
	} {
		w := coder{}
		if codeValue(&w, peek.Of(&c.v)); string(w.data) != c.want {
			t.Errorf("%v is stored as %q, want %q", c.v, w.data, c.want)
		}
		r := coder{reading: true, body: c.want}
		var back value.Value
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
		var v value.Value
		if codeValue(&r, peek.Of(&v)); r.err == nil {
			t.Errorf("%q is read as %v", data, v)
		}
	}
}
