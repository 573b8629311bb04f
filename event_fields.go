package beckon

import (
	"slices"

	"github.com/beckon-go/beckon/internal/peek"
)

// counted returns the fields that count: the first MaxMetadataKeys (M1).
func counted(f Fields) Fields {
	return f[:min(len(f), MaxMetadataKeys)]
}

// copied returns a copy of the fields that count. Values are immutable.
func copied(f Fields) Fields {
	if len(f) == 0 {
		return nil
	}
	return slices.Clone(counted(f))
}

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
