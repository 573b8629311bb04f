package memstore_test

import (
	"context"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unique"

	"github.com/beckon-go/beckon/internal/workload"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// counting is a decision that counts one event name.
type counting struct {
	name unique.Handle[string]
	at   int64
}

func (d *counting) Decide(rec *store.Record, c *store.Changes) error {
	s, _ := rec.Stat(d.name)
	s.Count++
	if s.First == 0 {
		s.First = d.at
	}
	s.Last = d.at
	c.Stats = append(c.Stats, s)
	return nil
}

// filled returns a store of so many contacts, each with 20 event names, and what
// one of them takes beside its id.
func filled(tb testing.TB, contacts int) (kept *memstore.Store, ids []string, names []unique.Handle[string], perContact float64) {
	tb.Helper()
	ids = make([]string, contacts)
	for i := range ids {
		ids[i] = fmt.Sprintf("user-%09d", i)
	}
	for i := range 20 {
		names = append(names, unique.Make(fmt.Sprintf("event-name-%02d", i)))
	}
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	kept = memstore.New()
	all := make([]store.Stats, 0, len(names))
	fill := decide(func(_ *store.Record, c *store.Changes) error {
		c.Stats = append(c.Stats, all...)
		return nil
	})
	for _, n := range names {
		all = append(all, store.Stats{Name: n, Count: 1, First: 1_700_000_000, Last: 1_700_000_000})
	}
	steps := make([]store.Step, 1)
	for _, id := range ids {
		steps[0] = store.Step{Key: store.Key{Kind: store.KindUser, ID: id}, Decider: fill}
		if err := kept.Step(context.Background(), steps); err != nil || steps[0].Err != nil {
			tb.Fatal(err, steps[0].Err)
		}
	}
	const idBytes = 16 // the store's own copy of each id, as the allocator rounds it
	return kept, ids, names, float64(heap()-before)/float64(contacts) - idBytes
}

// decide is a decision written as a function.
type decide func(*store.Record, *store.Changes) error

func (d decide) Decide(rec *store.Record, c *store.Changes) error { return d(rec, c) }

// BenchmarkStepNoAlloc counts a known event of a random contact out of a
// million.
func BenchmarkStepNoAlloc(b *testing.B) {
	kept, ids, names, perContact := filled(b, 1_000_000)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		ctx, random := context.Background(), rand.New(rand.NewPCG(rand.Uint64(), 1))
		d := &counting{at: 1_700_000_100}
		steps := []store.Step{{Decider: d}}
		for pb.Next() {
			d.name = names[random.IntN(len(names))]
			steps[0].Key = store.Key{Kind: store.KindUser, ID: ids[random.IntN(len(ids))]}
			if err := kept.Step(ctx, steps); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(perContact, "heap-B/contact")
}

// BenchmarkMapOfMaps is what BenchmarkStepNoAlloc is measured against: the
// shards of maps that one would write first.
func BenchmarkMapOfMaps(b *testing.B) {
	type stat struct{ count, first, last int64 }
	type part struct {
		mu       sync.Mutex
		contacts map[string]map[string]*stat
	}
	const contacts, parts = 1_000_000, 64
	seed := maphash.MakeSeed()
	shards := make([]part, parts)
	ids, names := make([]string, contacts), make([]string, 20)
	for i := range names {
		names[i] = fmt.Sprintf("event-name-%02d", i)
	}
	for i := range ids {
		ids[i] = fmt.Sprintf("user-%09d", i)
		s := &shards[maphash.String(seed, ids[i])%parts]
		if s.contacts == nil {
			s.contacts = make(map[string]map[string]*stat)
		}
		rows := make(map[string]*stat)
		for _, n := range names {
			rows[n] = &stat{1, 1_700_000_000, 1_700_000_000}
		}
		s.contacts[strings.Clone(ids[i])] = rows
	}
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		random := rand.New(rand.NewPCG(rand.Uint64(), 1))
		for pb.Next() {
			i := random.IntN(contacts)
			s := &shards[maphash.String(seed, ids[i])%parts]
			s.mu.Lock()
			row := s.contacts[ids[i]][names[random.IntN(len(names))]]
			row.count++
			row.last = 1_700_000_100
			s.mu.Unlock()
		}
	})
}

// persons has contacts with 30 attributes.
func persons(b *testing.B, contacts int) (kept *memstore.Store, ids []string, names []unique.Handle[string]) {
	kept, ids, names, _ = filled(b, contacts)
	attributes := personNames()
	for i, id := range ids {
		steps := []store.Step{{Key: store.Key{Kind: store.KindUser, ID: id}, Decider: decide(func(_ *store.Record, c *store.Changes) error {
			c.Profile = personProfile(attributes, i)
			return nil
		})}}
		if err := kept.Step(b.Context(), steps); err != nil || steps[0].Err != nil {
			b.Fatal(err, steps[0].Err)
		}
	}
	runtime.GC()
	return kept, ids, names
}

// BenchmarkStepOfPersons counts an event of a contact that has 30 attributes, and looks
// at three of them. "random" is one of all, "active" one of a tenth of them.
func BenchmarkStepOfPersons(b *testing.B) {
	kept, ids, names := persons(b, 100_000)
	random := rand.New(rand.NewPCG(1, 1))
	d := &counting{at: 1_700_000_100}
	steps := []store.Step{{Decider: decide(func(r *store.Record, c *store.Changes) error {
		if r.Profile.Attribute("plan").IsUnknown() || r.Profile.Attribute("score").IsUnknown() || r.Profile.Attribute("trial").IsUnknown() {
			b.Error("an attribute is lost")
		}
		return d.Decide(r, c)
	})}}
	for _, of := range []struct {
		name string
		ids  []string
	}{{"random", ids}, {"active", ids[:len(ids)/10]}} {
		b.Run(of.name, func(b *testing.B) {
			b.ReportAllocs()
			begin := workload.ProcessorTime()
			for range b.N {
				d.name = names[random.IntN(len(names))]
				steps[0].Key = store.Key{Kind: store.KindUser, ID: of.ids[random.IntN(len(of.ids))]}
				if err := kept.Step(b.Context(), steps); err != nil || steps[0].Err != nil {
					b.Fatal(err, steps[0].Err)
				}
			}
			b.ReportMetric(float64(workload.ProcessorTime()-begin)/float64(b.N), "cpu-ns/op")
		})
	}
}

// BenchmarkScanOfPersons looks at one contact, as a part of a scan of all.
func BenchmarkScanOfPersons(b *testing.B) {
	kept, ids, _ := persons(b, 100_000)
	b.ReportAllocs()
	b.ResetTimer()
	begin, left := workload.ProcessorTime(), 0
	for n := b.N; n > 0; n -= len(ids) {
		left = min(n, len(ids))
		if _, err := kept.Scan(b.Context(), store.Query{Kinds: []store.Kind{store.KindUser}}, "", left, func(r *store.Record) error {
			if left--; r.Profile.Attribute("plan").IsUnknown() {
				b.Error("an attribute is lost")
			}
			return nil
		}); err != nil || left != 0 {
			b.Fatal(left, err)
		}
	}
	b.ReportMetric(float64(workload.ProcessorTime()-begin)/float64(b.N), "cpu-ns/op")
}
