package beckon

import (
	"slices"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/value"
)

// The limits of metadata (M1, M2).
const (
	MaxMetadataKeys      = value.MaxMetadataKeys      // keys that count; later ones are dropped
	MaxMetadataKeyLength = value.MaxMetadataKeyLength // Unicode code points of a key
)

// A Field is one key of an event's metadata with its value.
type Field = value.Field

// Fields is an event's metadata, in the order sent. Nil and empty are the same: no
// metadata. Fields are read by any number of goroutines at once (M1).
type Fields = value.Fields

// withoutNested returns the fields that count, without those whose value is
// nested: a copy, or f itself if it has none. What follows the fields that count
// does not move up into the place of a dropped one.
func withoutNested(f Fields) Fields {
	counted := counted(f)
	i := slices.IndexFunc(counted, func(x Field) bool { return peek.Of(&x.Value).Nested() })
	if i < 0 {
		return f
	}
	return slices.DeleteFunc(slices.Clone(counted), func(x Field) bool { return peek.Of(&x.Value).Nested() })
}
