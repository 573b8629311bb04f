// Package definition is the list of metadata keys that the definition of an event name
// has: what it says, and what an event adds to it.
package definition

import (
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/value"
)

// MaxKeys is how many keys a definition lists.
const MaxKeys = 500

// Keys are the metadata keys that a definition lists; replaced, never changed.
type Keys struct {
	Seen  int64             // as the definition has it
	kinds map[string]uint32 // by folded key, a bit for each kind
	order []key             // the same, in first-seen order
}

type key struct {
	folded string
	kinds  uint32
}

// Covers reports whether the definition has nothing to learn from the fields.
func (k *Keys) Covers(fields value.Fields) bool { return k.covers(fields, false) }

// Adopt is [Keys.Covers] that puts the definition's own texts in the place of keys that are
// the same, so that nothing else need keep those.
func (k *Keys) Adopt(fields value.Fields) bool { return k.covers(fields, true) }

func (k *Keys) covers(fields value.Fields, adopt bool) bool {
	at := 0 // events of a name mostly have their keys in the same order
	for i := range fields {
		f := &fields[i]
		kind := uint32(1) << f.Value.Kind()
		if at < len(k.order) && k.order[at].folded == f.Key && k.order[at].kinds&kind != 0 {
			if adopt {
				f.Key = k.order[at].folded
			}
			at++
			continue
		}
		kinds, ok := k.kinds[fold.Key(f.Key)]
		if (!ok && len(k.kinds) < MaxKeys) || (ok && kinds&kind == 0) {
			return false
		}
	}
	return true
}

// Read reads the list of a definition.
func Read(list []string) *Keys {
	k := &Keys{kinds: make(map[string]uint32, len(list)), order: make([]key, 0, len(list))}
	for _, row := range list {
		name, kinds, _ := strings.Cut(row, "\t")
		var bits uint32
		for _, word := range strings.Split(kinds, ",") {
			if k, ok := parseKind(word); ok {
				bits |= 1 << k
			}
		}
		folded := fold.Key(name)
		k.kinds[folded] = bits
		k.order = append(k.order, key{folded, bits})
	}
	return k
}

// Add adds to a definition's list what an event's fields bring.
func Add(list []string, fields value.Fields) []string {
	list = slices.Clone(list)
	for _, f := range fields {
		kind := f.Value.Kind().String()
		i := slices.IndexFunc(list, func(row string) bool {
			name, _, _ := strings.Cut(row, "\t")
			return fold.EqualKey(name, f.Key)
		})
		if i < 0 {
			if len(list) < MaxKeys {
				list = append(list, f.Key+"\t"+kind)
			}
			continue
		}
		_, kinds, _ := strings.Cut(list[i], "\t")
		if !slices.Contains(strings.Split(kinds, ","), kind) {
			list[i] += "," + kind
		}
	}
	return list
}

// parseKind is the inverse of value.Kind.String.
func parseKind(name string) (value.Kind, bool) {
	for k := value.KindUnknown; k <= value.KindList; k++ {
		if k.String() == name {
			return k, true
		}
	}
	return 0, false
}
