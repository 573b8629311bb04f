package redisstore

import (
	"context"
	"encoding/binary"
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
	"github.com/redis/go-redis/v9"
)

// Scan implements [beckon.Store]. Records by kind come partition by partition, by id
// in each. Records by Due and Pending come earliest first, all others by key. Nothing
// is kept on the server between two pages.
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
	// Partitions may hold little each: so more and more of them are asked at once.
	for parts := 1; ; parts = min(2*parts, maxParts) {
		var keys []store.Key
		var next position
		if keys, next, err = s.kindPage(ctx, pos, parts, limit); err != nil {
			return "", err
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
		if limit == 0 {
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
	return s.each(ctx, keys, damaged, func(r *store.Record) error {
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
