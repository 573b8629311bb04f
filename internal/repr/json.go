package repr

import (
	"strconv"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// AttributeFromJSON reads an attribute: text, a number, a boolean or a list of
// text; null is unknown, which unsets (C1). Everything else, and what
// [Value.Err] would refuse, comes with a code and a sentence that goes on from
// the name of the field.
func AttributeFromJSON(n *ojson.Node) (Value, fault.Code, string) {
	var v Value
	switch n.Kind {
	case ojson.Null:
		return Value{}, "", ""
	case ojson.String:
		v = String(n.Text)
	case ojson.Number:
		v = NumberLiteral(n.Text)
	case ojson.Bool:
		return Bool(n.Bool), "", ""
	case ojson.Array:
		texts := make([]string, len(n.Items))
		for i := range n.Items {
			if n.Items[i].Kind != ojson.String {
				return Value{}, fault.ErrAttributeInvalid, "must be a list of text only, got " + n.Items[i].Kind.String() + " in it"
			}
			texts[i] = n.Items[i].Text
		}
		v = List(texts...)
	default:
		return Value{}, fault.ErrAttributeInvalid, "must be text, a number, a boolean or a list of text, got " + n.Kind.String()
	}
	var faults fault.List
	if v.AddAttributeFaults(&faults, ""); len(faults) > 0 {
		return Value{}, faults[0].Code, faults[0].Message
	}
	return v, "", ""
}

// WrittenFromJSON is AttributeFromJSON, except that it also reads money and rich links as
// AppendJSON writes them: a document of the library's own may have an attribute of these.
func WrittenFromJSON(n *ojson.Node) (Value, fault.Code, string) {
	if n.Kind == ojson.Object {
		if v := decodeObject(n); v.Kind == KindMonetary || v.Kind == KindRichLink {
			return v, "", ""
		}
	}
	return AttributeFromJSON(n)
}

// AppendJSON appends the form that JSON has for the value. An invalid value is an
// error.
func (v Value) AppendJSON(dst []byte) ([]byte, error) {
	switch v.Kind {
	case KindUnknown:
		return append(dst, "null"...), nil
	case KindString, KindLink, KindImage, KindStripe:
		return AppendQuoted(dst, v.Str), nil
	case KindDate:
		if v.Str != "" {
			return append(dst, v.Str...), nil
		}
	case KindRichLink:
		dst = append(dst, `{"url":`...)
		dst = AppendQuoted(dst, v.RawURL())
		dst = append(dst, `,"value":`...)
		dst = AppendQuoted(dst, v.RawTitle())
		return append(dst, '}'), nil
	case KindMonetary:
		return v.appendMonetaryJSON(dst), nil
	case KindList:
		dst = append(dst, '[')
		for i, s := range v.SplitTexts() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendQuoted(dst, s)
		}
		return append(dst, ']'), nil
	case KindInvalid:
		return nil, v.Err()
	}
	return v.AppendText(dst), nil // booleans, numbers, dates: as in text
}

// AppendQuoted appends s as a JSON string. What is not UTF-8 becomes U+FFFD:
// JSON cannot carry it.
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, '\\', 'n')
		case r == '\r':
			dst = append(dst, '\\', 'r')
		case r == '\t':
			dst = append(dst, '\\', 't')
		case r < ' ' || r == 0x7f:
			dst = append(dst, `\u00`...)
			if r < 0x10 {
				dst = append(dst, '0')
			}
			dst = strconv.AppendUint(dst, uint64(r), 16)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
