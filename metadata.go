package beckon

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

// Fields is an event's metadata, in the order sent (M1). Nil and empty are the
// same: no metadata. Fields are read by any number of goroutines at once.
type Fields []Field

// Get returns the value under key, whatever the case of its letters (M2), and
// whether there is one among the first MaxMetadataKeys. It does not allocate.
func (f Fields) Get(key string) (Value, bool) {
	if v := f.find(key); v != nil {
		return *v, true
	}
	return Value{}, false
}

// find returns the place of the value that Get gives, nil if there is none.
func (f Fields) find(key string) *Value {
	for i := range f[:min(len(f), MaxMetadataKeys)] {
		if f[i].Key == key || fold.EqualKey(f[i].Key, key) {
			return &f[i].Value
		}
	}
	return nil
}

// Equal reports whether two lists have the same keys, except for the case of
// their letters, with equal values in the same order.
func (f Fields) Equal(g Fields) bool {
	return slices.EqualFunc(f, g, func(a, b Field) bool {
		return fold.EqualKey(a.Key, b.Key) && a.Value.Equal(b.Value)
	})
}

// withoutNested returns the fields that count, without those whose value is
// nested: a copy, or f itself if it has none. What follows the fields that count
// does not move up into the place of a dropped one.
func (f Fields) withoutNested() Fields {
	counted := f.counted()
	i := slices.IndexFunc(counted, func(x Field) bool { return x.Value.Nested() })
	if i < 0 {
		return f
	}
	return slices.DeleteFunc(slices.Clone(counted), func(x Field) bool { return x.Value.Nested() })
}
