package sqlstore

import (
	"context"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/store"
)

func (l *lite) streamed(ctx context.Context) (bool, error) {
	size, err := l.count(ctx, "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size", nil)
	return size <= maxStreamed, wrap("scan", err)
}

// stream shows the rows of most kinds in the order of the table: who goes by the keys
// finds each row at another place of it. For a kind that an index finds the rows of, and
// for kinds that are a small part of the table, it reads pages.
func (l *lite) stream(ctx context.Context, pg *page, fn func(*store.Record) error) error {
	var all, paged []store.Kind
	for _, kind := range pg.kinds {
		one := page{query: pg.query, kinds: []store.Kind{kind}, whole: pg.whole, way: wayKinds}
		if err := one.findWay(ctx, sqliteDialect, l.namespace, l.count); err != nil {
			return wrap("scan", err)
		}
		if one.way == wayByIndex {
			paged = append(paged, kind)
		} else {
			all = append(all, kind)
		}
	}
	most, err := l.most(ctx, all)
	if err != nil {
		return wrap("scan", err)
	}
	if !most {
		all, paged = nil, pg.kinds
	}
	if len(paged) > 0 {
		q := pg.query
		q.Kinds = paged
		if _, err := scan(ctx, l, pg.mem, q, "", pg.limit, fn); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	pg.kinds = all
	return l.table(ctx, pg, fn)
}

// sampled is how many places of the table are looked at.
const sampled = 64

// most reports whether a good part of the table's rows are of some kinds, going by a few.
func (l *lite) most(ctx context.Context, kinds []store.Kind) (bool, error) {
	if len(kinds) == 0 {
		return false, nil
	}
	last, err := l.count(ctx, "SELECT COALESCE(max(rowid), 0) FROM beckon_records", nil)
	if err != nil {
		return false, err
	}
	places := make([]string, sampled)
	for i := range places {
		places[i] = strconv.FormatInt(1+int64(float64(last)*float64(i)/sampled), 10)
	}
	var there, of int
	text := "SELECT count(*), COALESCE(sum(namespace = ? AND kind IN (" + kindList(kinds) + ")), 0) FROM beckon_records WHERE rowid IN (" + strings.Join(places, ", ") + ")"
	err = l.db.QueryRowContext(ctx, text, l.namespace).Scan(&there, &of)
	return 4*of >= there && of > 0, err
}

func kindList(kinds []store.Kind) string {
	list := make([]string, len(kinds))
	for i, k := range kinds {
		list[i] = strconv.Itoa(int(k))
	}
	return strings.Join(list, ", ")
}

// chunkBytes is how much of a table is handed over at once.
const chunkBytes = 128 << 10

// table shows all rows of the page's kinds in the order of the table. A goroutine, which
// ends before, reads the next of them meanwhile.
func (l *lite) table(ctx context.Context, pg *page, fn func(*store.Record) error) error {
	ctx, cancel := context.WithCancel(ctx)
	found := pg.gather(false)
	text := "SELECT " + strings.Join(pg.columns(), ", ") + " FROM beckon_records NOT INDEXED WHERE namespace = ? AND kind IN (" + kindList(pg.kinds) + ")"
	full, free := make(chan *rawRows, 1), make(chan *rawRows, 2)
	free <- new(rawRows)
	free <- new(rawRows)
	var failed error
	var panicked any
	go func() {
		defer close(full)
		defer func() { panicked = recover() }() // it is the caller's to see
		chunk := <-free
		hand := func() error {
			select {
			case full <- chunk:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case chunk = <-free:
			case <-ctx.Done():
				return ctx.Err()
			}
			return nil
		}
		failed = l.each(ctx, text, []any{l.namespace}, found.columns(liteView), func() error {
			chunk.add(&found.raw)
			if len(chunk.data) < chunkBytes {
				return nil
			}
			return hand()
		})
		if failed == nil && len(chunk.rows) > 0 {
			failed = hand()
		}
	}()
	defer func() {
		cancel()
		for range full { // until it is closed
		}
	}()
	for chunk := range full {
		for i := range chunk.rows {
			raw := chunk.at(i)
			if err := pg.show(&raw, fn); err != nil {
				return err
			}
		}
		chunk.empty()
		free <- chunk
	}
	if panicked != nil {
		panic(panicked)
	}
	return wrap("scan", failed)
}
