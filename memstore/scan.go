package memstore

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// Scan implements [beckon.Store]. fn runs under the lock of the record's shard.
// Records of one kind come in an order that follows from the steps made. Records by
// Due and by Pending come earliest first, then by key; all others by key. A page may
// be shorter than limit although more follow.
func (s *Store) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if err := q.Validate(limit); err != nil {
		return "", err
	}
	q.Email = store.FoldEmail(q.Email)
	if len(q.Kinds) > 0 {
		return s.scanKinds(ctx, q.Kinds, after, q.Until, limit, fn)
	}
	return s.scanIndex(ctx, q, after, limit, fn)
}

// batch is how many places of a slab are looked at under one lock.
const batch = 64

// A position is where a scan by kinds is: in the slab of a kind in a
// shard, at the next place to look at.
type position struct {
	kind  int
	shard int
	place int
}

func (p position) compare(o position) int {
	return cmp.Or(cmp.Compare(p.kind, o.kind), cmp.Compare(p.shard, o.shard), cmp.Compare(p.place, o.place))
}

func (s *Store) scanKinds(ctx context.Context, kinds []store.Kind, after, until store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	pos, err := decodePosition(after)
	if err != nil {
		return "", err
	}
	last := position{kind: math.MaxInt}
	if until != "" {
		if last, err = decodePosition(until); err != nil {
			return "", err
		}
	}
	var wanted [math.MaxUint8 + 1]bool
	for _, k := range kinds {
		wanted[k] = true
	}
	for ; pos.kind < len(wanted); pos = (position{kind: pos.kind + 1}) {
		if !wanted[pos.kind] {
			continue
		}
		for ; pos.shard < shardCount; pos.shard, pos.place = pos.shard+1, 0 {
			for more := true; more; {
				if err := s.ready(ctx); err != nil {
					return "", err
				}
				if pos.compare(last) >= 0 {
					return "", nil
				}
				if limit == 0 {
					return pos.cursor(), nil
				}
				var seen int
				if seen, more, err = s.scanBatch(&pos, last, limit, fn); err != nil {
					return "", err
				}
				limit -= seen
			}
		}
	}
	return "", nil
}

// scanBatch calls fn for some records from pos on and before last, at most limit, and
// moves pos behind them. more is false at the end of the slab.
func (s *Store) scanBatch(pos *position, last position, limit int, fn func(*store.Record) error) (seen int, more bool, err error) {
	w := s.work()
	defer s.done(w)
	sh, kind := &s.shards[pos.shard], store.Kind(pos.kind)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	places := sh.places(kind)
	if pos.kind == last.kind && pos.shard == last.shard {
		places = min(places, last.place)
	}
	for end := pos.place + batch; pos.place < min(end, places) && seen < limit; pos.place++ {
		f, id := sh.in(kind, pos.place)
		if !f.ok {
			continue
		}
		if err := fn(w.load(s, store.Key{Kind: kind, ID: id}, &f)); err != nil {
			return seen, false, err
		}
		seen++
	}
	return seen, pos.place < places, nil
}

// scanIndex scans in one of the orders of the index. It takes the keys of the
// page first and then visits the records one by one: one that is no longer
// chosen by then is left out.
func (s *Store) scanIndex(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	from := spot{email: q.Email} // before all keys of the email
	if after != "" {
		var err error
		if from, err = decodeSpot(after, q.Email); err != nil {
			return "", err
		}
	}
	if err := s.ready(ctx); err != nil {
		return "", err
	}
	spots := s.index.page(q, from, min(limit, math.MaxInt-1)+1)
	if q.Until != "" {
		last, err := decodeSpot(q.Until, q.Email)
		if err != nil {
			return "", err
		}
		if i := slices.IndexFunc(spots, func(x spot) bool { return x.compare(last) > 0 }); i >= 0 {
			spots = spots[:i]
		}
	}
	var next store.Cursor
	if len(spots) > limit {
		spots = spots[:limit]
		next = spots[limit-1].cursor()
	}
	for _, x := range spots {
		if err := s.ready(ctx); err != nil {
			return "", err
		}
		err := s.read(x.key, func(r *store.Record) error {
			if !r.Exists || !chosen(q, facetsOf(r)) {
				return nil
			}
			return fn(r)
		})
		if err != nil {
			return "", err
		}
	}
	return next, nil
}

// Skip implements [store.Skipper].
func (s *Store) Skip(ctx context.Context, q store.Query, after store.Cursor, n int) (store.Cursor, error) {
	if err := q.Validate(n); err != nil {
		return "", err
	}
	if err := s.ready(ctx); err != nil {
		return "", err
	}
	if len(q.Kinds) > 0 {
		return s.skipKinds(q.Kinds, after, n)
	}
	q.Email = store.FoldEmail(q.Email)
	from := spot{email: q.Email}
	if after != "" {
		var err error
		if from, err = decodeSpot(after, q.Email); err != nil {
			return "", err
		}
	}
	if spots := s.index.page(q, from, min(n, math.MaxInt-1)+1); len(spots) > n {
		return spots[n-1].cursor(), nil
	}
	return "", nil
}

// skipKinds goes n places on, the free ones included.
func (s *Store) skipKinds(kinds []store.Kind, after store.Cursor, n int) (store.Cursor, error) {
	pos, err := decodePosition(after)
	if err != nil {
		return "", err
	}
	for ; pos.kind <= math.MaxUint8; pos = (position{kind: pos.kind + 1}) {
		if !slices.Contains(kinds, store.Kind(pos.kind)) {
			continue
		}
		for ; pos.shard < shardCount; pos.shard, pos.place = pos.shard+1, 0 {
			sh := &s.shards[pos.shard]
			sh.mu.Lock()
			left := sh.places(store.Kind(pos.kind)) - pos.place
			sh.mu.Unlock()
			if left > n {
				pos.place += n
				return pos.cursor(), nil
			}
			n -= max(left, 0)
		}
	}
	return "", nil
}

// page returns the next n spots behind from that q chooses.
func (x *index) page(q store.Query, from spot, n int) []spot {
	order, ok := &x.moving, func(spot) bool { return true }
	switch {
	case q.Due != 0:
		order, ok = &x.due, func(s spot) bool { return s.due <= q.Due }
	case q.Email != "":
		order, ok = &x.email, func(s spot) bool { return s.email == q.Email }
	case q.Pending != 0:
		order, ok = &x.pending, func(s spot) bool { return s.due <= q.Pending }
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return order.after(nil, from, n, q.Channels, ok)
}

// chosen reports whether q, which is not by kind, chooses a record.
func chosen(q store.Query, f facets) bool {
	switch {
	case q.Due != 0:
		return f.due != 0 && f.due <= q.Due
	case q.Email != "":
		return f.email == q.Email
	case q.Pending != 0:
		return f.pending != 0 && f.pending <= q.Pending && (q.Channels == 0 || f.channels&q.Channels != 0)
	}
	return f.moving
}

// Cursors are what they are made of, in a form that has no promise of its own:
// three numbers, or a due time and a key.

func (p position) cursor() store.Cursor {
	b := binary.AppendUvarint(nil, uint64(p.kind))
	b = binary.AppendUvarint(b, uint64(p.shard))
	return store.Cursor(binary.AppendUvarint(b, uint64(p.place)))
}

func decodePosition(c store.Cursor) (position, error) {
	if c == "" {
		return position{}, nil
	}
	var n [3]int
	b := []byte(c)
	for i := range n {
		v, size := binary.Uvarint(b)
		if size <= 0 || v > min(math.MaxInt, math.MaxUint32) {
			return position{}, badCursor()
		}
		n[i], b = int(v), b[size:]
	}
	if p := (position{n[0], n[1], n[2]}); len(b) == 0 && p.kind <= math.MaxUint8 && p.shard < shardCount {
		return p, nil
	}
	return position{}, badCursor()
}

func (s spot) cursor() store.Cursor {
	b := binary.AppendVarint(nil, s.due)
	b = append(b, byte(s.key.Kind))
	return store.Cursor(append(b, s.key.ID...))
}

func decodeSpot(c store.Cursor, email string) (spot, error) {
	b := []byte(c)
	due, size := binary.Varint(b)
	if size <= 0 || len(b) == size {
		return spot{}, badCursor()
	}
	return spot{due: due, email: email, key: store.Key{Kind: store.Kind(b[size]), ID: string(b[size+1:])}}, nil
}

func badCursor() error {
	return &beckon.Error{Code: store.ErrQueryInvalid, Field: "cursor", Message: "the cursor is of another scan"}
}
