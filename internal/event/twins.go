package event

import (
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/value"
)

// A twinFinder finds keys that are the same key as an earlier one (M2).
type twinFinder struct {
	fields value.Fields
	first  map[string]int // folded key to index; nil while keys are few
	seen   keySet
	wide   bool // a key was not ASCII: seen says nothing
}

// fewKeys is the number of fields up to which comparing all pairs beats a map,
// which would allocate. Past it pairs would cost a hostile body's square.
const fewKeys = 32

// find returns the index of the first field with the same key as field i, -1 if
// none stands before it. It must be asked for every index in order.
func (t *twinFinder) find(i int) int {
	if len(t.fields) <= fewKeys {
		key := t.fields[i].Key
		if !t.mayHave(key) {
			return -1
		}
		return twinOf(t.fields, i)
	}
	if t.first == nil {
		t.first = make(map[string]int, len(t.fields))
	}
	folded := fold.Key(t.fields[i].Key)
	if j, ok := t.first[folded]; ok {
		return j
	}
	t.first[folded] = i
	return -1
}

// mayHave notes a key and reports whether one before it may be the same.
func (t *twinFinder) mayHave(key string) bool {
	for i := range len(key) {
		if key[i] >= utf8.RuneSelf {
			t.wide = true
			return true
		}
	}
	return t.seen.mayHave(key) || t.wide
}

// A keySet has a bit for each length and last letter that keys had: most keys
// differ in one of them, also when letter case is folded.
type keySet uint64

// mayHave adds a key of ASCII and reports whether the same one may have been
// added before.
func (s *keySet) mayHave(key string) bool {
	var last byte
	if key != "" {
		last = key[len(key)-1] | 0x20
	}
	bit := keySet(1) << ((uint(len(key))*7 + uint(last)) % 64)
	may := *s&bit != 0
	*s |= bit
	return may
}

// twinOf returns the index of the first field with the same key as field i, -1 if
// none stands before it.
func twinOf(f value.Fields, i int) int {
	key := f[i].Key
	for j := range f[:i] {
		if other := f[j].Key; fold.MayEqualFold(key, other) && fold.EqualKey(key, other) {
			return j
		}
	}
	return -1
}
