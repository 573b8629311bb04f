package redisstore

import (
	"time"

	"github.com/beckon-go/beckon/internal/recent"
	"github.com/beckon-go/beckon/store"
)

// A recentValue is what this Store has lately written under the key of a record: a step that
// finds it loads nothing. Its version tells the commit whether it is still there; if not, the
// answer is what is there, and the step decides again. No two states of a record have the same
// version, whatever becomes of the server. A step that writes nothing commits nothing: it is
// decided on what is loaded.
type recentValue struct {
	recent.Entry
	value string
}

// recentBytes is what a value takes beside itself and its key, about.
const recentBytes = 200

func appendRecentKey(dst []byte, key store.Key) []byte {
	return append(append(dst, byte(key.Kind)), key.ID...)
}

// takeRecent sets for units the values that are kept for them.
func (b *batch) takeRecent() {
	b.store.recent.Take(len(b.units), time.Time{},
		func(dst []byte, i int) []byte { return appendRecentKey(dst, b.units[i].change.key) },
		func(i int, r *recentValue) {
			u := b.units[i]
			u.recent, u.value, u.kept = r, r.value, true
		})
}

// keepRecent keeps what units have written.
func (b *batch) keepRecent() {
	used, lost, wrote := 0, 0, b.wrote[:0]
	for _, u := range b.units {
		if u.recent != nil {
			used++
			if u.stale {
				lost++
			}
		}
		if u.committed && u.change.rec.Exists { // that nothing is there is also so in a namespace that was emptied
			wrote = append(wrote, u)
		}
	}
	b.store.recent.Judge(used, lost)
	if len(wrote) > 0 && b.store.recent.Keeps(len(wrote)) {
		now := time.Now() //nolint:forbidigo // how old memory is decides nothing
		b.store.recent.Add(len(wrote), func(i int) *recentValue { return wrote[i].keep(now) })
	}
	clear(wrote)
	b.wrote = wrote
}

// keep returns what a unit has written as a value to be kept.
func (u *unit) keep(now time.Time) *recentValue {
	r := u.recent
	if r == nil {
		r = &recentValue{Entry: recent.Entry{Key: string(appendRecentKey(nil, u.change.key))}}
	}
	if r.value = u.value; u.change.becomes == sets {
		r.value = string(u.change.value)
	}
	r.Since, r.Size = now, recentBytes+len(r.Key)+len(r.value)
	return r
}
