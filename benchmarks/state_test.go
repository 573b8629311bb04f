package benchmarks

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

	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
)

// The contacts of BenchmarkState, and the event names of each.
const (
	stateContacts = 200_000
	stateNames    = 20
)

func stateID(i int) string   { return fmt.Sprintf("user-%09d", i) }
func stateName(n int) string { return fmt.Sprintf("event-name-%02d", n) }

// mapOfMaps is what one would write first.
type mapOfMaps struct {
	seed  maphash.Seed
	parts [64]struct {
		mu       sync.Mutex
		contacts map[string]map[string]*stat
	}
}

type stat struct{ count, first, last int64 }

func newMapOfMaps() *mapOfMaps {
	m := &mapOfMaps{seed: maphash.MakeSeed()}
	for i := range m.parts {
		m.parts[i].contacts = make(map[string]map[string]*stat)
	}
	return m
}

func (m *mapOfMaps) add(id, name string, at int64) int64 {
	p := &m.parts[maphash.String(m.seed, id)%64]
	p.mu.Lock()
	defer p.mu.Unlock()
	names := p.contacts[id]
	if names == nil {
		names = make(map[string]*stat)
		p.contacts[strings.Clone(id)] = names
	}
	s := names[name]
	if s == nil {
		s = &stat{first: at}
		names[name] = s
	}
	s.count++
	s.last = at
	return s.count
}

// inlineArrays is the limit: contacts and names are numbers, and a contact is
// an array of 12 bytes a name among others, without a pointer.
type inlineArrays struct {
	parts [64]struct {
		mu       sync.Mutex
		contacts map[uint64]uint32
		pages    []*[256][stateNames]struct{ count, first, last uint32 }
	}
}

func newInlineArrays() *inlineArrays {
	l := &inlineArrays{}
	for i := range l.parts {
		l.parts[i].contacts = make(map[uint64]uint32)
	}
	return l
}

func (l *inlineArrays) add(id uint64, name, at uint32) int64 {
	p := &l.parts[id%64]
	p.mu.Lock()
	defer p.mu.Unlock()
	place, ok := p.contacts[id]
	if !ok {
		place = uint32(len(p.contacts))
		p.contacts[id] = place
		if place%256 == 0 {
			p.pages = append(p.pages, new([256][stateNames]struct{ count, first, last uint32 }))
		}
	}
	s := &p.pages[place/256][place%256][name]
	if s.count == 0 {
		s.first = at
	}
	s.count++
	s.last = at
	return int64(s.count)
}

// pointerLists has texts as ids, and of each contact a short list, 16 bytes a
// name, which are numbers.
type pointerLists struct {
	seed  maphash.Seed
	parts [64]struct {
		mu       sync.Mutex
		contacts map[string]*[]shortStat
	}
}

type shortStat struct{ name, count, first, last uint32 }

func newPointerLists() *pointerLists {
	l := &pointerLists{seed: maphash.MakeSeed()}
	for i := range l.parts {
		l.parts[i].contacts = make(map[string]*[]shortStat)
	}
	return l
}

func (l *pointerLists) add(id string, name, at uint32) int64 {
	p := &l.parts[maphash.String(l.seed, id)%64]
	p.mu.Lock()
	defer p.mu.Unlock()
	rows := p.contacts[id]
	if rows == nil {
		rows = new([]shortStat)
		p.contacts[strings.Clone(id)] = rows
	}
	for i := range *rows {
		if s := &(*rows)[i]; s.name == name {
			s.count++
			s.last = at
			return int64(s.count)
		}
	}
	if *rows == nil {
		*rows = make([]shortStat, 0, stateNames)
	}
	*rows = append(*rows, shortStat{name, 1, at, at})
	return 1
}

// counting is the decision that counts one event, and nothing else.
type counting struct {
	name unique.Handle[string]
	at   int64
	n    uint64
}

func (d *counting) Decide(rec *store.Record, c *store.Changes) error {
	s, known := rec.Stat(d.name)
	if !known {
		s.First = d.at
	}
	s.Count++
	s.Last = d.at
	d.n = s.Count
	c.Stats = append(c.Stats, s)
	return nil
}

// A statePeer counts an event of a contact, and returns how many there are now.
type statePeer struct {
	name string
	make func(testing.TB) func(contact, name int) int64
}

func statePeers(ids []string) []statePeer {
	names := make([]string, stateNames)
	handles := make([]unique.Handle[string], stateNames)
	for i := range names {
		names[i] = stateName(i)
		handles[i] = unique.Make(names[i])
	}
	const at = 1_700_000_000
	return []statePeer{
		{"limit-inline-arrays", func(testing.TB) func(int, int) int64 {
			l := newInlineArrays()
			return func(contact, name int) int64 { return l.add(uint64(contact), uint32(name), at) }
		}},
		{"beckon-memstore-Step", func(tb testing.TB) func(int, int) int64 {
			kept, d := memstore.New(), &counting{at: at}
			steps, ctx := []store.Step{{Decider: d}}, context.Background()
			return func(contact, name int) int64 {
				d.name = handles[name]
				steps[0].Key = store.Key{Kind: store.KindUser, ID: ids[contact]}
				check(tb, kept.Step(ctx, steps))
				check(tb, steps[0].Err)
				return int64(d.n)
			}
		}},
		{"lists-by-text-id", func(testing.TB) func(int, int) int64 {
			l := newPointerLists()
			return func(contact, name int) int64 { return l.add(ids[contact], uint32(name), at) }
		}},
		{"map-of-maps", func(testing.TB) func(int, int) int64 {
			m := newMapOfMaps()
			return func(contact, name int) int64 { return m.add(ids[contact], names[name], at) }
		}},
	}
}

func stateIDs(n int) []string { return texts(n, stateID) }

func TestStatesAgree(t *testing.T) {
	for _, p := range statePeers(stateIDs(3)) {
		add := p.make(t)
		for _, x := range []struct {
			contact, name int
			want          int64
		}{{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {0, 0, 2}, {0, 1, 2}, {2, 19, 1}, {0, 0, 3}} {
			if got := add(x.contact, x.name); got != x.want {
				t.Errorf("%s: event %d of contact %d: %d, want %d", p.name, x.name, x.contact, got, x.want)
			}
		}
	}
}

// BenchmarkState counts a known event of a random contact, under a lock, and
// says what a contact takes, with the text of its id where it has one.
func BenchmarkState(b *testing.B) {
	ids := stateIDs(stateContacts)
	for _, p := range statePeers(ids) {
		measureState(b, p, ids)
	}
}

// measureState has a frame of its own, so that nothing of one peer is alive
// when the memory of the next is counted.
func measureState(b *testing.B, p statePeer, ids []string) {
	b.Helper()
	before := heap()
	add := p.make(b)
	for contact := range stateContacts {
		for name := range stateNames {
			add(contact, name)
		}
	}
	// Asked with texts of their own, as in a request: Go compares one and the same
	// text without looking at it.
	copy(ids, stateIDs(len(ids)))
	bytes := (float64(heap()) - float64(before)) / stateContacts
	random := rand.New(rand.NewPCG(1, 2))
	b.Run(p.name, func(b *testing.B) {
		measure(b, each(func() { add(random.IntN(stateContacts), random.IntN(stateNames)) }))
		b.ReportMetric(bytes, "heap-B/contact")
	})
	runtime.KeepAlive(add)
}
