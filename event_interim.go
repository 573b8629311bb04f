package beckon

import (
	"encoding/json"

	"github.com/beckon-go/beckon/internal/ojson"
)

// Minimal stand-ins until the values' JSON forms are here.

func decodeMetadataValue(key string, n *ojson.Node) Value {
	switch n.Kind {
	case ojson.String:
		return typed(key, String(n.Text))
	case ojson.Number:
		return typed(key, NumberLiteral(n.Text))
	case ojson.Bool:
		return Bool(n.Bool)
	case ojson.Null:
		return Value{}
	}
	return invalid(ErrMetadataNested, "must be a single value")
}

// MarshalJSON stands in.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.kind == KindNumber || v.kind == KindBool || v.kind == KindDate {
		return []byte(v.Text()), nil
	}
	return json.Marshal(v.Text())
}

func emailCanonical(email string) (string, bool) { return email, email != "" }
