package beckon

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/beckon-go/beckon/value"
)

func TestFieldsGet(t *testing.T) { // M1, M2
	var fields Fields
	for i := range 25 {
		fields = append(fields, Field{Key: "Key " + strconv.Itoa(i), Value: Number(i)})
	}
	fields[3].Key = "price\u212a" // the Kelvin sign
	for key, want := range map[string]string{"Key 0": "0", "KEY 19": "19", "key 20": "", "PRICEk": "3", "other": ""} {
		if v, ok := fields.Get(key); v.Text() != want || ok != (want != "") {
			t.Errorf("Get(%q) = %q, %v", key, v, ok)
		}
	}
	if _, ok := Fields(nil).Get("k"); ok {
		t.Error("nil has a key")
	}
	fields = Fields{{Key: "first", Value: String("a")}, {Key: "Price", Value: Monetary(1999, "eur")}, {Key: "n", Value: Number(1)}}
	if n := testing.AllocsPerRun(100, func() { fields.Get("PRICE"); fields.Get("n"); fields.Get("none") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestFieldsEqual(t *testing.T) {
	f := Fields{{Key: "a", Value: Number(1)}, {Key: "b", Value: String("x")}}
	if !f.Equal(Fields{{Key: "A", Value: Number(1.0)}, {Key: "b", Value: String("x")}}) {
		t.Error("letter case or form of a number matters")
	}
	if f.Equal(f[:1]) || f.Equal(Fields{f[1], f[0]}) || f.Equal(Fields{f[0], {Key: "b", Value: String("y")}}) {
		t.Error("length, order or value do not matter")
	}
}

func TestFieldsRoundTrip(t *testing.T) { // M1: order is data; M5: literals as sent
	const body = `{"z":1.50,"a":"line\nquote\" \\ \u0001\u007f\t\r é 😀 <&>","link":"https://a.example/?a=1&b=2","pic":"https://a.example/x.png",` +
		`"rich":{"url":"https://a.example/","value":"T\"1"},"price":{"amount":34999,"currency":"eur"},"ok":true,"no":false,` +
		`"due_date":1.389913941e9,"big":123456789012345678901234567890,"e":1E+2,"stripe_charge":"ch_1","":"x"}`
	var fields Fields
	if err := fields.UnmarshalJSON([]byte(body)); err != nil {
		t.Fatal(err)
	}
	out, err := fields.MarshalJSON()
	if err != nil || string(out) != body {
		t.Errorf("got  %s\nwant %s, %v", out, body, err)
	}
	again, err := json.Marshal(fields) // by way of encoding/json, which escapes more
	var back Fields
	if err != nil || json.Unmarshal(again, &back) != nil || !back.Equal(fields) {
		t.Errorf("%s, %v", again, err)
	}
}

func TestFieldsFromGoToJSON(t *testing.T) {
	out, err := json.Marshal(Fields{{Key: "n", Value: Number(-5)}, {Key: "bad", Value: String("\xff")}, {Key: "list", Value: List("a", "b")}, {Key: "none", Value: Value{}}})
	if want := `{"n":-5,"bad":"\ufffd","list":["a","b"],"none":null}`; err != nil || strings.ReplaceAll(string(out), "\ufffd", `\ufffd`) != want {
		t.Errorf("%s, %v", out, err)
	}
	for _, f := range []Fields{nil, {}} {
		if out, err := json.Marshal(f); string(out) != "{}" || err != nil {
			t.Errorf("%s, %v", out, err)
		}
	}
	if _, err := json.Marshal(Fields{{Key: "k", Value: NumberLiteral("x")}}); !errors.Is(err, ErrMetadataNumberInvalid) {
		t.Errorf("an invalid value is written: %v", err)
	}
}

func TestFieldsUnmarshalRefuses(t *testing.T) { // E3
	for body, want := range map[string][]Code{
		`{"a": null, "b": [], "c": {"amount": 1.5, "currency": "x"}}`: {ErrMetadataNull, ErrMetadataNested, ErrMetadataAmountInvalid, ErrMetadataCurrency},
		`[1]`:       {ErrTypeInvalid},
		`[[]]`:      {ErrTypeInvalid},
		`5`:         {ErrTypeInvalid},
		`{"a":`:     {ErrJSONInvalid},
		`{"a":1}{}`: {ErrJSONInvalid},
	} {
		fields := Fields{{Key: "kept", Value: Number(1)}}
		err := fields.UnmarshalJSON([]byte(body))
		var list ErrorList
		if !errors.As(err, &list) || len(list) != len(want) || len(fields) != 1 {
			t.Errorf("%s: %v, leaves %v", body, err, fields)
			continue
		}
		for i, e := range list {
			if e.Code != want[i] || !strings.HasPrefix(e.Field, "metadata") {
				t.Errorf("%s: %v, want %v", body, e, want[i])
			}
		}
	}
	fields := Fields{{Key: "gone", Value: Number(1)}}
	for _, empty := range []string{`null`, `[]`, ` [ ] `} { // M4
		fields = Fields{{Key: "gone", Value: Number(1)}}
		if err := json.Unmarshal([]byte(empty), &fields); err != nil || len(fields) != 0 {
			t.Errorf("%s: %v, %v", empty, fields, err)
		}
	}
	var b strings.Builder // keys that do not count are not judged (M1)
	for i := range 21 {
		b.WriteString(`,"k` + strconv.Itoa(i) + `":` + map[bool]string{true: "null", false: "1"}[i == 20])
	}
	if err := fields.UnmarshalJSON([]byte("{" + b.String()[1:] + "}")); err != nil || len(fields) != 21 {
		t.Errorf("the 21st key: %v", err)
	}
}

func TestAttributesFromJSON(t *testing.T) { // C1, A4
	for _, c := range []struct {
		json string
		kind value.Kind
		text string
		code Code
	}{
		{`null`, value.KindUnknown, "", ""},
		{`"x"`, value.KindString, "x", ""},
		{`"https://a.example/"`, value.KindString, "https://a.example/", ""},
		{`1.50`, value.KindNumber, "1.50", ""},
		{`true`, value.KindBool, "true", ""},
		{`[]`, value.KindList, "", ""},
		{`["a", ""]`, value.KindList, "a, ", ""},
		{`["a", 1]`, 0, "", ErrAttributeInvalid},
		{`[["a"]]`, 0, "", ErrAttributeInvalid},
		{`[null]`, 0, "", ErrAttributeInvalid},
		{`{}`, 0, "", ErrAttributeInvalid},
		{`{"amount":1,"currency":"eur"}`, value.KindMonetary, "0.01 EUR", ""}, // as MarshalJSON writes it
		{`{"amount": 1, "currency": "eur", "x": 1}`, 0, "", ErrAttributeInvalid},
		{`1e400`, 0, "", ErrAttributeInvalid},
		{`"` + strings.Repeat("a", MaxAttributeLength+1) + `"`, 0, "", ErrAttributeInvalid},
		{`x`, 0, "", ErrJSONInvalid},
	} {
		var v Value
		err := v.UnmarshalJSON([]byte(c.json))
		if c.code != "" {
			if !errors.Is(err, c.code) || !v.IsUnknown() {
				t.Errorf("%.40s: %v, %v, want %v", c.json, v, err, c.code)
			}
			continue
		}
		if err != nil || v.Kind() != c.kind || v.Text() != c.text {
			t.Errorf("%.40s: %v %q, %v", c.json, v.Kind(), v, err)
		}
		out, err := v.MarshalJSON()
		if want := strings.ReplaceAll(c.json, ", ", ","); err != nil || string(out) != want {
			t.Errorf("%s comes back as %s, %v", c.json, out, err)
		}
	}
}
