package beckon

import (
	"github.com/beckon-go/beckon/value"
)

// The limits of metadata (M1, M2).
const (
	MaxMetadataKeys      = value.MaxMetadataKeys      // keys that count; later ones are dropped
	MaxMetadataKeyLength = value.MaxMetadataKeyLength // Unicode code points of a key
)

// A Field is one key of an event's metadata with its value.
type Field = value.Field

// Fields is an event's metadata, in the order sent. Nil is empty. Any number of
// goroutines may read it. (M1)
type Fields = value.Fields
