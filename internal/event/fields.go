package event

import (
	"slices"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/value"
)

// Counted returns the fields that count: the first MaxMetadataKeys (M1).
func Counted(f value.Fields) value.Fields {
	return f[:min(len(f), value.MaxMetadataKeys)]
}

// Copied returns a copy of the fields that count. Values are immutable.
func Copied(f value.Fields) value.Fields {
	if len(f) == 0 {
		return nil
	}
	return slices.Clone(Counted(f))
}

// WithoutNested returns the fields that count, without those whose value is
// nested: a copy, or f itself if it has none. What follows the fields that count
// does not move up into the place of a dropped one.
func WithoutNested(f value.Fields) value.Fields {
	counted := Counted(f)
	i := slices.IndexFunc(counted, func(x value.Field) bool { return peek.Of(&x.Value).Nested() })
	if i < 0 {
		return f
	}
	return slices.DeleteFunc(slices.Clone(counted), func(x value.Field) bool { return peek.Of(&x.Value).Nested() })
}
