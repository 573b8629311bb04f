package value

import (
	"slices"

	"github.com/beckon-go/beckon/internal/fold"
)

// The limits of metadata (M1, M2).
const (
	MaxMetadataKeys      = 20  // keys that count; later ones are dropped
	MaxMetadataKeyLength = 255 // Unicode code points of a key
)

// A Field is one key of an event's metadata with its value.
type Field struct {
	Key   string
	Value Value
}

// Fields is an event's metadata, in the order sent. Nil and empty are the same: no
// metadata. Fields are read by any number of goroutines at once (M1).
type Fields []Field

// Get returns the value under key, whatever the case of its letters, and whether
// there is one among the first MaxMetadataKeys. It does not allocate (M2).
func (f Fields) Get(key string) (Value, bool) {
	if i := f.Index(key); i >= 0 {
		return f[i].Value, true
	}
	return Value{}, false
}

// Index returns the index of the first field with the key, whatever the case of
// its letters, -1 if there is none among the first MaxMetadataKeys. It does not
// allocate (M2).
func (f Fields) Index(key string) int {
	for i := range f[:min(len(f), MaxMetadataKeys)] {
		if f[i].Key == key || fold.EqualKey(f[i].Key, key) {
			return i
		}
	}
	return -1
}

// Equal reports whether two lists have the same keys, except for the case of
// their letters, with equal values in the same order.
func (f Fields) Equal(g Fields) bool {
	return slices.EqualFunc(f, g, func(a, b Field) bool {
		return fold.EqualKey(a.Key, b.Key) && a.Value.Equal(b.Value)
	})
}
