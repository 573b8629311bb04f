package beckon

import (
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/repr"
)

// MarshalJSON returns an object with the keys in order and the values in the
// form in which JSON has them, see [Value.MarshalJSON]; no metadata is {}.
func (f Fields) MarshalJSON() ([]byte, error) {
	dst := []byte{'{'}
	for i, x := range f {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = repr.AppendQuoted(dst, x.Key)
		dst = append(dst, ':')
		var err error
		if dst, err = x.Value.AppendJSON(dst); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

// UnmarshalJSON reads an object, keeping the order of its keys, and replaces
// what was there; null and an empty array leave no metadata. The error is an [ErrorList] of all
// that is wrong with the values of the keys that count (M1). Keys are judged
// where the metadata is used, as in an event.
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
		out[i] = Field{Key: m.Name, Value: repr.DecodeMetadataValue(m.Name, &m.Value)}
		if i < MaxMetadataKeys {
			out[i].Value.AddFaults(&faults, metadataField(m.Name))
		}
	}
	if len(faults) > 0 {
		return faults.Err()
	}
	*f = out
	return nil
}
