package benchmarks

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/bytedance/sonic/ast"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
	"github.com/valyala/fastjson"
)

// A decodePeer reads the posted event, metadata in the order of the body.
type decodePeer struct {
	name   string
	decode func() handEvent
}

func decodePeers(tb testing.TB) []decodePeer {
	tb.Helper()
	body := []byte(decodeBody)
	var parser fastjson.Parser
	reader := bytes.NewReader(body)
	reused := jsontext.NewDecoder(reader)
	return []decodePeer{
		{"limit-by-hand", func() handEvent { return decodeByHand(decodeBody) }},
		{"fastjson-Visit-reused-parser", func() handEvent {
			v, err := parser.ParseBytes(body)
			check(tb, err)
			var b eventBuilder
			walkFastJSON(&b, v)
			return b.event
		}},
		{"sonic-Preorder", func() handEvent {
			v := sonicVisitor{}
			check(tb, ast.Preorder(string(body), &v, nil)) // texts are parts of it, so it has to be a copy
			return v.event
		}},
		{"gjson-ForEach", func() handEvent {
			// It takes what is no JSON as well, so it has to be asked first.
			if !gjson.ValidBytes(body) {
				tb.Fatal("not JSON")
			}
			var b eventBuilder
			walkGJSON(&b, gjson.ParseBytes(body))
			return b.event
		}},
		{"jsontext-reused-decoder", func() handEvent {
			reader.Reset(body)
			reused.Reset(reader)
			e, err := walkText(reused)
			check(tb, err)
			return e
		}},
		{"encoding-json-Token", func() handEvent {
			e, err := walkTokens(json.NewDecoder(bytes.NewReader(body)))
			check(tb, err)
			return e
		}},
	}
}

func walkFastJSON(b *eventBuilder, v *fastjson.Value) {
	switch v.Type() {
	case fastjson.TypeObject:
		b.begin()
		v.GetObject().Visit(func(key []byte, v *fastjson.Value) {
			b.member(string(key)) // the parser's bytes are overwritten by the next body
			walkFastJSON(b, v)
		})
		b.end()
	case fastjson.TypeString:
		b.text(string(v.GetStringBytes()))
	case fastjson.TypeNumber:
		b.number(v.GetFloat64())
	case fastjson.TypeTrue, fastjson.TypeFalse:
		b.truth(v.GetBool())
	}
}

func walkGJSON(b *eventBuilder, v gjson.Result) {
	switch v.Type {
	case gjson.JSON:
		b.begin()
		v.ForEach(func(key, value gjson.Result) bool {
			b.member(key.Str)
			walkGJSON(b, value)
			return true
		})
		b.end()
	case gjson.String:
		b.text(v.Str)
	case gjson.Number:
		b.number(v.Num)
	case gjson.True, gjson.False:
		b.truth(v.Type == gjson.True)
	}
}

// A sonicVisitor is what sonic calls for each token.
type sonicVisitor struct{ eventBuilder }

func (v *sonicVisitor) OnNull() error                            { return nil }
func (v *sonicVisitor) OnBool(b bool) error                      { v.truth(b); return nil }
func (v *sonicVisitor) OnString(s string) error                  { v.text(s); return nil }
func (v *sonicVisitor) OnInt64(n int64, _ json.Number) error     { v.number(float64(n)); return nil }
func (v *sonicVisitor) OnFloat64(n float64, _ json.Number) error { v.number(n); return nil }
func (v *sonicVisitor) OnObjectBegin(int) error                  { v.begin(); return nil }
func (v *sonicVisitor) OnObjectKey(key string) error             { v.member(key); return nil }
func (v *sonicVisitor) OnObjectEnd() error                       { v.end(); return nil }
func (v *sonicVisitor) OnArrayBegin(int) error                   { return nil }
func (v *sonicVisitor) OnArrayEnd() error                        { return nil }

func walkText(d *jsontext.Decoder) (handEvent, error) {
	var b eventBuilder
	for {
		t, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return b.event, nil
		}
		if err != nil {
			return b.event, err
		}
		switch t.Kind() {
		case '{':
			b.begin()
		case '}':
			b.end()
		case '"':
			// Members of objects come as strings at odd places.
			if _, n := d.StackIndex(d.StackDepth()); n%2 == 1 {
				b.member(t.String())
			} else {
				b.text(t.String())
			}
		case '0':
			b.number(t.Float())
		case 't', 'f':
			b.truth(t.Bool())
		}
	}
}

// walkTokens is what the standard library has for keeping the order.
func walkTokens(d *json.Decoder) (handEvent, error) {
	var b eventBuilder
	isKey := false
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return b.event, nil
		}
		if err != nil {
			return b.event, err
		}
		switch t := t.(type) {
		case json.Delim:
			if t == '{' {
				b.begin()
			} else {
				b.end()
			}
			isKey = true
			continue
		case string:
			if isKey {
				b.member(t)
				isKey = false
				continue
			}
			b.text(t)
		case float64:
			b.number(t)
		case bool:
			b.truth(t)
		}
		isKey = true
	}
}
