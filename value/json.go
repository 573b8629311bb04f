package value

import (
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/repr"
)

// MarshalJSON returns the form that JSON has for the value: a string for text,
// links, images and Stripe identifiers; the literal as it was sent for a
// number, and Unix seconds for a date; {"url", "value"} for a rich link and
// {"amount", "currency"}, in minor units, for money; an array for a list; null
// for unknown. An invalid value is an error.
func (v Value) MarshalJSON() ([]byte, error) { return v.parts().AppendJSON(nil) }

// UnmarshalJSON reads the value of an attribute: text, a number, a boolean, a
// list of text, null for unknown, or money or a rich link as [Value.MarshalJSON] writes
// them. Metadata has more types, and some go by the key: [Fields] reads those. The
// error is a *beckon.Error.
func (v *Value) UnmarshalJSON(data []byte) error {
	n, err := ojson.ParseString(string(data), ojson.Limits{Bytes: len(data) + 1})
	if err != nil {
		return (&fault.Error{Code: fault.ErrJSONInvalid, Message: err.Error()}).Err()
	}
	w, code, message := repr.WrittenFromJSON(&n)
	if code != "" {
		return (&fault.Error{Code: code, Message: message}).Err()
	}
	*v = of(w)
	return nil
}

// MarshalJSON returns an object with the keys in order and the values in the
// form in which JSON has them, see [Value.MarshalJSON]; no metadata is {}.
func (f Fields) MarshalJSON() ([]byte, error) {
	dst := []byte{'{'}
	for i := range f {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = repr.AppendQuoted(dst, f[i].Key)
		dst = append(dst, ':')
		var err error
		if dst, err = f[i].Value.parts().AppendJSON(dst); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

// UnmarshalJSON reads an object, keeping the order of its keys, and replaces
// what was there; null and an empty array leave no metadata. The error is a
// beckon.ErrorList of all that is wrong with the values of the keys that count.
// Keys are judged where the metadata is used, as in an event (M1).
func (f *Fields) UnmarshalJSON(data []byte) error {
	n, err := ojson.ParseString(string(data), ojson.Limits{Bytes: len(data) + 1})
	if err != nil {
		return fault.List{{Code: fault.ErrJSONInvalid, Field: "metadata", Message: err.Error()}}.Err()
	}
	if n.Kind == ojson.Null || n.Kind == ojson.Array && len(n.Items) == 0 {
		*f = nil
		return nil
	}
	if n.Kind != ojson.Object {
		return fault.List{{Code: fault.ErrTypeInvalid, Field: "metadata", Message: "must be an object, got " + n.Kind.String()}}.Err()
	}
	var faults fault.List
	out := make(Fields, len(n.Members))
	for i := range n.Members {
		m := &n.Members[i]
		v := repr.DecodeMetadataValue(m.Name, &m.Value)
		if i < MaxMetadataKeys {
			v.AddFaults(&faults, "metadata."+fault.Shown(m.Name))
		}
		out[i] = Field{Key: m.Name, Value: of(v)}
	}
	if len(faults) > 0 {
		return faults.Err()
	}
	*f = out
	return nil
}
