package sqlstore

import (
	"context"
	"math"
	"slices"

	"github.com/beckon-go/beckon/store"
)

// begin has the page begin behind a cursor. It returns the kinds that follow, each with
// pages of its own, and what the cursors of a scan by kinds say of its filter.
func (p *page) begin(cursor store.Cursor) (kinds []store.Kind, sum int64, err error) {
	q := &p.query
	q.Email, p.way = store.FoldEmail(q.Email), wayKinds
	kinds = []store.Kind{0} // the index scans have one order for all kinds
	if len(q.Kinds) > 0 {
		kinds, sum = distinct(q.Kinds), sumOf(q.Filter)
		p.sum = sum
	}
	if cursor == "" {
		return kinds, sum, nil
	}
	after, ok := decodeCursor(q, cursor)
	if !ok {
		return nil, 0, badCursor()
	}
	p.after = &after
	if len(q.Kinds) > 0 {
		kinds = kinds[slices.Index(kinds, after.kind):]
		switch {
		case p.countsLate():
			p.way, p.shown = cursor[0], after.at
		case q.Filter != nil && after.at == sum: // else its way is that of another filter
			p.way = cursor[0]
		}
	}
	return kinds, sum, nil
}

// scan implements Store.Scan on whatever reads pages.
func scan(ctx context.Context, r reader, mem *pageMemory, q store.Query, cursor store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if err := q.Validate(limit); err != nil {
		return "", err
	}
	p := page{query: q, whole: min(limit, longestPage), mem: mem}
	kinds, sum, err := p.begin(cursor)
	if err != nil {
		return "", err
	}
	if q.Until != "" {
		until, ok := decodeCursor(&q, q.Until)
		if !ok {
			return "", badCursor()
		}
		p.until = &until
	}
	var last position
	for i, kind := range kinds {
		if p.until != nil && kind > p.until.kind && len(q.Kinds) > 0 {
			break
		}
		p.kinds = []store.Kind{kind}
		if i > 0 {
			p.after, p.way, p.shown = nil, wayKinds, 0
		}
		if i > 0 && q.Filter != nil {
			// To look for what the filter holds for costs much more where there is nothing.
			first, _, err := r.skip(ctx, &p, 1)
			if err != nil {
				return "", wrap("scan", err)
			}
			if first.kind == 0 {
				continue
			}
		}
		for {
			if limit == 0 { // there may be more
				return encodeCursor(&q, p.way, last), nil
			}
			p.limit = min(limit, p.mem.atOnce(kind))
			n, end, err := r.page(ctx, &p, fn)
			if err != nil {
				return "", err
			}
			limit -= n
			if n < p.limit && p.upto == nil {
				break
			}
			if last = end; len(q.Kinds) > 0 {
				last.at = sum
			}
			if p.countsLate() {
				p.shown += int64(n)
				last.at = p.shown
			}
			p.after = &last
		}
		// The next kind begins at its beginning; a scan that ends here goes on
		// behind the last row of this one.
		last = position{at: sum, kind: kind, id: endOfKind()}
	}
	return "", nil
}

// skip implements Store.Skip on whatever reads pages: it looks at keys alone.
func skip(ctx context.Context, r reader, q store.Query, cursor store.Cursor, n int) (store.Cursor, error) {
	if err := q.Validate(n); err != nil {
		return "", err
	}
	p := page{query: q}
	kinds, _, err := p.begin(cursor)
	if err != nil {
		return "", err
	}
	for _, kind := range kinds {
		p.kinds = []store.Kind{kind}
		at, there, err := r.skip(ctx, &p, n)
		if err != nil {
			return "", wrap("skip", err)
		}
		if there {
			return encodeCursor(&q, wayKinds, at), nil
		}
		p.after = nil
	}
	return "", nil
}

// walk implements Store.Walk on whatever reads pages.
func walk(ctx context.Context, r reader, mem *pageMemory, q store.Query, fn func(*store.Record) error) error {
	if err := q.Validate(1); err != nil {
		return err
	}
	streams, ok := r.(streamer)
	if ok = ok && len(q.Kinds) > 0 && q.LeftOut == nil && q.Until == ""; ok {
		var err error
		if ok, err = streams.streamed(ctx); err != nil {
			return err
		}
	}
	if !ok {
		_, err := scan(ctx, r, mem, q, "", math.MaxInt, fn)
		return err
	}
	p := page{query: q, kinds: distinct(q.Kinds), limit: math.MaxInt, whole: math.MaxInt, way: wayKinds, mem: mem}
	return streams.stream(ctx, &p, fn)
}

// distinct returns kinds in order, each once.
func distinct(kinds []store.Kind) []store.Kind {
	return slices.Compact(slices.Sorted(slices.Values(kinds)))
}

// A streamer is a reader that can also show rows while it reads others.
type streamer interface {
	// streamed reports whether it should, for as large as the table is.
	streamed(ctx context.Context) (bool, error)
	// stream calls fn for all rows of the page's kinds, in any order.
	stream(ctx context.Context, p *page, fn func(*store.Record) error) error
}

// maxStreamed is how large a table of PostgreSQL, or a file of SQLite, is read by one
// statement, in bytes. One that is larger takes longer than a host may allow a statement;
// meanwhile the server removes no old versions of rows, and SQLite does not empty its log.
const maxStreamed = 4 << 30
