// Package memstore keeps beckon's records in the memory of one process. It is exact
// under any number of goroutines. It forgets everything when the process ends,
// frequency caps too. Processes do not share it: if your application runs as several
// replicas, use a store that is shared.
//
//	store := memstore.New(memstore.WithMaxRecords(1_000_000))
//	engine, err := beckon.New(store)
package memstore

import (
	"context"
	"fmt"
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// The limits of a Store (Z4). A contact of 20 event names takes some 420 bytes,
// without its event log; with 30 attributes too, some 1,200.
const (
	DefaultMaxRecords = 10_000_000 // records that count: contacts, companies, event names, throttle keys
	DefaultMaxTotals  = 100_000    // messages whose totals are kept
)

// ErrFull is the code of a step that was refused because the store has
// reached a limit: see [WithMaxRecords] and [WithMaxTotals].
const ErrFull beckon.Code = "store_full"

// shardCount is a power of two, and the same everywhere, so that the order of
// a scan follows from what was done alone.
const shardCount = 64

// A Store is a [beckon.Store] in memory. Make one with [New]; the zero Store is not
// usable. All methods are safe for concurrent use.
//
// Each record belongs to one of a fixed number of shards, and each shard has one
// mutex. A step holds the mutex while Decide runs. So steps on one record run one
// after the other, and steps on most others do not wait. The wait is short, because a
// decision does no I/O. A call looks at ctx before each step and record, not during
// one.
//
// Profiles of contacts are packed, except for those of about one contact in six, and of
// 16,384 at least: the ones that steps were about of late. A profile that is packed is made again for each who is
// shown it, in memory that is never used for another.
type Store struct {
	seed       maphash.Seed
	shards     [shardCount]shard
	names      names // of events
	attributes names
	throttlers throttlers
	pool       sync.Pool // of *work
	index      index
	maxRecords int64
	maxTotals  int
	leastReady int          // profiles in each shard
	records    atomic.Int64 // records that count towards maxRecords
	closed     atomic.Bool
}

var (
	_ beckon.Store  = (*Store)(nil)
	_ store.Sizer   = (*Store)(nil)
	_ store.Skipper = (*Store)(nil)
)

// An Option sets up a [Store].
type Option interface{ apply(*Store) }

type optionFunc func(*Store)

func (f optionFunc) apply(s *Store) { f(s) }

// WithMaxRecords sets how many records the store takes. Zero and less mean
// [DefaultMaxRecords]. At the limit, a step that would make another record is refused
// with [ErrFull] and writes nothing. Steps on records that are there go on as before.
// The store never removes a record, because a record may hold a cap. Records of
// messages and runs do not count and are never refused, so you can still stop a
// message when the store is full.
func WithMaxRecords(n int) Option {
	return optionFunc(func(s *Store) {
		if n > 0 {
			s.maxRecords = int64(n)
		}
	})
}

// WithMaxTotals sets how many messages have totals. Zero and less mean
// [DefaultMaxTotals]. A step that would count one more message is refused with
// [ErrFull] and writes nothing.
func WithMaxTotals(n int) Option {
	return optionFunc(func(s *Store) {
		if n > 0 {
			s.maxTotals = n
		}
	})
}

// New makes an empty store. Nil options are skipped.
func New(opts ...Option) *Store {
	s := &Store{seed: maphash.MakeSeed(), maxRecords: DefaultMaxRecords, maxTotals: DefaultMaxTotals, leastReady: readyLeast}
	s.names.init()
	s.attributes.init()
	s.throttlers.init()
	for _, o := range opts {
		if o != nil {
			o.apply(s)
		}
	}
	return s
}

// Close makes every later call fail with [beckon.ErrClosed]. Calls under way finish.
// It always returns nil, also the second time. Len and Snapshot still work after it.
func (s *Store) Close() error {
	s.closed.Store(true)
	return nil
}

// Len returns the number of records of all kinds.
func (s *Store) Len() int {
	n := 0
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		for kind := range max(len(sh.slabs), int(store.KindStore)+1) {
			n += sh.len(store.Kind(kind))
		}
		sh.mu.Unlock()
	}
	return n
}

// Size implements [store.Sizer].
func (s *Store) Size(ctx context.Context, kinds []store.Kind) (int64, error) {
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	n := 0
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		for _, kind := range kinds {
			n += sh.len(kind)
		}
		sh.mu.Unlock()
	}
	return int64(n), nil
}

// ready says why a call cannot begin or go on; nil if it can.
func (s *Store) ready(ctx context.Context) error {
	if s.closed.Load() {
		return &beckon.Error{Code: beckon.ErrClosed, Message: "the store is closed"}
	}
	return ctx.Err()
}

// shard returns the shard of a key. The hash is not seeded, so that the order of
// scans can be repeated: anyone who picks ids to meet in one shard makes
// its steps wait for one another, no more; the table within is seeded.
func (s *Store) shard(key store.Key) *shard {
	const prime = 0x9e3779b97f4a7c15
	h := uint64(key.Kind)
	id := key.ID
	for ; len(id) >= 8; id = id[8:] {
		word := uint64(id[0]) | uint64(id[1])<<8 | uint64(id[2])<<16 | uint64(id[3])<<24 |
			uint64(id[4])<<32 | uint64(id[5])<<40 | uint64(id[6])<<48 | uint64(id[7])<<56
		h = (h ^ word) * prime
		h ^= h >> 32
	}
	for i := range len(id) {
		h = (h ^ uint64(id[i])) * prime
	}
	h ^= h >> 32
	return &s.shards[(h*prime)>>32%shardCount]
}

// reserve counts one more record, or says that the store is full.
func (s *Store) reserve(kind store.Kind) error {
	if !counts(kind) {
		return nil
	}
	if s.records.Add(1) > s.maxRecords {
		s.records.Add(-1)
		return full(fmt.Sprintf("the store holds its %d records", s.maxRecords))
	}
	return nil
}

// release takes back what reserve counted.
func (s *Store) release(kind store.Kind) {
	if counts(kind) {
		s.records.Add(-1)
	}
}

// counts reports whether records of the kind count towards the limit.
func counts(kind store.Kind) bool {
	return kind != store.KindMessage && kind != store.KindRun && kind != store.KindStore
}

func full(message string) error { return &beckon.Error{Code: ErrFull, Message: message} }
