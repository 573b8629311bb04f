package memstore

import (
	"cmp"
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"github.com/beckon-go/beckon/store"
)

// Snapshot returns all that the store holds, as of one moment. The result is the same
// for the same contents: each record by [store.AppendRecord], in the order of keys,
// with its events by [store.AppendLoggedEvent], oldest first; then the totals. Each
// part has its length in front. Tests compare two snapshots, or look for what must be
// gone: ids and texts are in it as they are.
//
// All steps wait meanwhile, and it takes as much memory as the store. So do not call
// it on a store in use. Nothing reads a snapshot back.
func (s *Store) Snapshot() []byte {
	type part struct {
		key store.Key
		at  spotted
	}
	for i := range s.shards {
		s.shards[i].mu.Lock()
		defer s.shards[i].mu.Unlock()
	}
	var parts []part
	sums := make(map[string]*tally)
	for i := range s.shards {
		sh := &s.shards[i]
		for n := range max(len(sh.slabs), int(store.KindStore)+1) {
			kind := store.Kind(n)
			for place := range sh.places(kind) {
				if f, id := sh.in(kind, place); f.ok {
					parts = append(parts, part{key: store.Key{Kind: kind, ID: id}, at: f})
				}
			}
		}
		for message, t := range sh.totals.tallies {
			if sums[message] == nil {
				sums[message] = new(tally)
			}
			for _, c := range t.counts {
				sums[message].add(c.Name, c.Count)
			}
		}
	}
	slices.SortFunc(parts, func(a, b part) int { return a.key.Compare(b.key) })

	var out []byte
	add := func(data []byte) {
		out = binary.AppendUvarint(out, uint64(len(data)))
		out = append(out, data...)
	}
	w := s.work()
	defer s.done(w)
	for _, p := range parts {
		add(store.AppendRecord(nil, w.load(s, p.key, &p.at)))
		for _, x := range slices.Backward(p.at.e.log().newest(&s.names, store.EventCursor{}, math.MaxInt)) {
			add(store.AppendLoggedEvent(nil, &x))
		}
	}
	for _, message := range slices.Sorted(maps.Keys(sums)) {
		counts := sums[message].counts
		slices.SortFunc(counts, func(a, b total) int { return cmp.Compare(a.Name, b.Name) })
		for _, c := range counts {
			add([]byte(message))
			add([]byte(c.Name))
			out = binary.AppendVarint(out, c.Count)
		}
	}
	return out
}
