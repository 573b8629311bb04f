package redisstore

import (
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// Scan implements [beckon.Store]. Records by kind come partition by partition, by id
// in each. Records by Due and Pending come earliest first, all others by key; of
// what is pending on other channels than those of the query, entries are read and no
// records. Nothing is kept on the server between two pages.
//
// A page by kind usually costs a round trip for the keys, and one for each hundred
// records. All other queries ask every partition for its first records, in one round
// trip: as many small commands as there are partitions.
func (s *Store) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if err := q.Validate(limit); err != nil {
		return "", err
	}
	q.Email = store.FoldEmail(q.Email)
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if len(q.Kinds) > 0 {
		return s.scanKinds(ctx, &q, distinct(q.Kinds), after, limit, fn)
	}
	return s.scanIndex(ctx, q, after, limit, fn)
}

// distinct returns the kinds in order, each once.
func distinct(kinds []store.Kind) []store.Kind {
	kinds = slices.Clone(kinds)
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// A position is where a scan by kinds is: behind an id in a partition.
type position struct {
	kind store.Kind
	part int
	id   string
	mid  bool // behind id; if not, before the partition's first
}

// Sizes of what a scan by kinds asks for.
const (
	idsPage  = 1000 // ids of a partition at once
	maxParts = 64   // partitions at once
)

func (s *Store) scanKinds(ctx context.Context, q *store.Query, kinds []store.Kind, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	pos, err := s.decodePosition(after, kinds)
	if err != nil {
		return "", err
	}
	last := position{kind: math.MaxUint8}
	if q.Until != "" {
		if last, err = s.decodePosition(q.Until, kinds); err != nil {
			return "", err
		}
	}
	// Partitions may hold little each: so more and more of them are asked at once.
	for parts := 1; ; parts = min(2*parts, maxParts) {
		var keys []store.Key
		var next position
		if keys, next, err = s.kindPage(ctx, pos, parts, limit); err != nil {
			return "", err
		}
		if last.before(next) {
			keys, next = s.upTo(keys, last), position{part: len(s.layout.tags), kind: kinds[len(kinds)-1]}
		}
		if err := s.visit(ctx, keys, q.Damaged, fn, func(*store.Record) bool { return true }); err != nil {
			return "", err
		}
		limit -= len(keys)
		pos = next
		if pos.part == len(s.layout.tags) {
			i, _ := slices.BinarySearch(kinds, pos.kind)
			if i+1 == len(kinds) {
				return "", nil
			}
			pos = position{kind: kinds[i+1]}
			parts = 1
		}
		if pos == last {
			return "", nil
		}
		if limit == 0 {
			return pos.cursor(), nil
		}
	}
}

// before reports whether a place comes before another one in a scan by kinds.
func (p position) before(o position) bool {
	switch {
	case p.kind != o.kind:
		return p.kind < o.kind
	case p.part != o.part:
		return p.part < o.part
	case p.mid != o.mid:
		return o.mid
	}
	return p.id < o.id
}

// upTo returns those of some keys in the order of a scan that it has before it is at a
// place.
func (s *Store) upTo(keys []store.Key, last position) []store.Key {
	i := slices.IndexFunc(keys, func(k store.Key) bool {
		return last.before(position{kind: k.Kind, part: s.layout.partOf(k), id: k.ID, mid: true})
	})
	if i < 0 {
		return keys
	}
	return keys[:i]
}

// Skip implements [store.Skipper]: it reads keys alone.
func (s *Store) Skip(ctx context.Context, q store.Query, after store.Cursor, n int) (store.Cursor, error) {
	if err := q.Validate(n); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if len(q.Kinds) == 0 {
		q.Email = store.FoldEmail(q.Email)
		x := selectionOf(q)
		if after != "" && !x.contains(string(after)) {
			return "", badCursor()
		}
		m, err := s.merge(ctx, &x, string(after), min(n, idsPage))
		last := ""
		for i := 0; err == nil && i < n && len(m.heads) > 0; i++ {
			last, err = m.next()
		}
		if err != nil || len(m.heads) == 0 {
			return "", err
		}
		return x.past(last), nil
	}
	kinds := distinct(q.Kinds)
	pos, err := s.decodePosition(after, kinds)
	if err != nil {
		return "", err
	}
	for parts := 1; ; parts = min(2*parts, maxParts) {
		var keys []store.Key
		if keys, pos, err = s.kindPage(ctx, pos, parts, n); err != nil {
			return "", err
		}
		if n -= len(keys); pos.part == len(s.layout.tags) {
			i, _ := slices.BinarySearch(kinds, pos.kind)
			if i+1 == len(kinds) {
				return "", nil
			}
			pos, parts = position{kind: kinds[i+1]}, 1
		}
		if n == 0 {
			return pos.cursor(), nil
		}
	}
}

// kindPage returns the next keys from pos on, at most limit, of a number of
// partitions, and where the next page begins.
func (s *Store) kindPage(ctx context.Context, pos position, parts, limit int) ([]store.Key, position, error) {
	end := min(pos.part+parts, len(s.layout.tags))
	ask := min(limit, idsPage)
	pipe := s.client.Pipeline()
	var commands []*redis.StringSliceCmd
	for p := pos.part; p < end; p++ {
		from := "-"
		if p == pos.part && pos.mid {
			from = "(" + pos.id
		}
		commands = append(commands, pipe.ZRangeByLex(ctx, kindKey(s.layout.tags[p], pos.kind), &redis.ZRangeBy{Min: from, Max: "+", Count: int64(ask)}))
	}
	if err := s.exec(ctx, pipe); err != nil {
		return nil, pos, err
	}
	var keys []store.Key
	for i, cmd := range commands {
		ids, err := cmd.Result()
		if err != nil {
			return nil, pos, unwritten(err)
		}
		more := len(ids) == ask
		if room := limit - len(keys); len(ids) > room {
			ids, more = ids[:room], true
		}
		for _, id := range ids {
			keys = append(keys, store.Key{Kind: pos.kind, ID: id})
		}
		switch {
		case more && len(ids) > 0:
			return keys, position{kind: pos.kind, part: pos.part + i, id: ids[len(ids)-1], mid: true}, nil
		case more: // there was no room for any
			return keys, position{kind: pos.kind, part: pos.part + i}, nil
		}
	}
	return keys, position{kind: pos.kind, part: end}, nil
}

// visit loads records and calls fn for those that are there and still chosen.
func (s *Store) visit(ctx context.Context, keys []store.Key, damaged func(store.Key, error), fn func(*store.Record) error, chosen func(*store.Record) bool) error {
	return s.each(ctx, keys, true, damaged, func(r *store.Record) error {
		if !r.Exists || !chosen(r) {
			return nil // it went, or changed, since the index was read
		}
		return fn(r)
	})
}

// Cursors have no promise of their own: kind, partition and id, or the member
// of an index that the next page begins behind.

func (p position) cursor() store.Cursor {
	b := []byte{byte(p.kind), 0}
	if p.mid {
		b[1] = 1
	}
	b = binary.AppendUvarint(b, uint64(p.part))
	return store.Cursor(append(b, p.id...))
}

func (s *Store) decodePosition(c store.Cursor, kinds []store.Kind) (position, error) {
	if c == "" {
		return position{kind: kinds[0]}, nil
	}
	b := []byte(c)
	if len(b) < 3 || b[1] > 1 || !slices.Contains(kinds, store.Kind(b[0])) {
		return position{}, badCursor()
	}
	part, size := binary.Uvarint(b[2:])
	if size <= 0 || part >= uint64(len(s.layout.tags)) {
		return position{}, badCursor()
	}
	return position{kind: store.Kind(b[0]), mid: b[1] == 1, part: int(part), id: string(b[2+size:])}, nil
}

func badCursor() error {
	return &beckon.Error{Code: store.ErrQueryInvalid, Field: "cursor", Message: "the cursor is of another scan"}
}
