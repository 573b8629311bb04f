package column

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// PostgreSQL's column terms has a number for each event name and for each text and
// boolean of an attribute, by which its index finds rows. Two may have the same number, so
// what is found is compared. It is made from texts as the other columns have them, so that
// a migration can make it in SQL.

// EventTerm returns the number of an event name.
func EventTerm(name string) int32 {
	var short [128]byte
	return number(appendAsJSON(append(short[:0], 0), name))
}

// ValueTerm returns the number of an attribute's text; a boolean's is "true" or "false".
func ValueTerm(name, text string) int32 {
	var short [256]byte
	return number(appendAsJSON(append(appendAsJSON(short[:0], name), 0), text))
}

func number(term []byte) int32 {
	sum := sha256.Sum256(term)
	return int32(binary.BigEndian.Uint32(sum[:]))
}

// appendAsJSON appends a text as it is read from the JSON of AppendText.
func appendAsJSON(dst []byte, s string) []byte {
	if s = Escape(s); utf8.ValidString(s) {
		return append(dst, s...)
	}
	for _, r := range s { // what is not UTF-8 becomes U+FFFD
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// AppendTerms appends the terms of a record as PostgreSQL writes an array: {1,-2}. Some may
// stand there twice.
func AppendTerms(dst []byte, attributes []store.Attribute, stats []store.Stats) []byte {
	dst = append(dst, '{')
	add := func(term int32) {
		if dst[len(dst)-1] != '{' {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(dst, int64(term), 10)
	}
	for i := range stats {
		add(EventTerm(stats[i].Name.Value()))
	}
	for i := range attributes {
		switch a := &attributes[i]; a.Value.Kind() {
		case value.KindNumber, value.KindDate: // no filter asks the index for them
		case value.KindString:
			add(ValueTerm(a.Name.Value(), a.Value.Text()))
		case value.KindList:
			for _, s := range a.Value.Texts() {
				add(ValueTerm(a.Name.Value(), s))
			}
		default:
			if text, ok := textWithin(a.Value); ok {
				add(ValueTerm(a.Name.Value(), text))
			}
		}
	}
	return append(dst, '}')
}

// textWithin returns the text by which a value that is neither a text nor a list may be
// found: itself if its JSON is a text or a boolean, of an object what it has as "value".
func textWithin(v value.Value) (string, bool) {
	data, err := v.MarshalJSON()
	if err != nil {
		return "", false
	}
	var as any
	if json.Unmarshal(data, &as) != nil {
		return "", false
	}
	if object, ok := as.(map[string]any); ok {
		as = object["value"]
	}
	switch as := as.(type) {
	case string:
		return as, true
	case bool:
		return strconv.FormatBool(as), true
	}
	return "", false
}
