package sqlstore

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon/store"
)

// PagePlan returns how the database carries out the first page of a scan with a
// filter, a line for each part of its plan, and the way that was chosen: 'i' by
// an index, 'o' in the order of keys.
func (s *Store) PagePlan(ctx context.Context, f *store.Filter) (way byte, plan []string, err error) {
	var out int64
	p := page{query: store.Query{Kinds: []store.Kind{store.KindUser}, Filter: f, LeftOut: &out}, kinds: []store.Kind{store.KindUser}, limit: maxPage, whole: maxPage, way: wayKinds}
	switch d := s.db.(type) {
	case *postgres:
		r := &d.pgReader
		if err := r.findHits(ctx, &p); err != nil {
			return 0, nil, err
		}
		r.hits.keep(p.hits, nil)
		sql := p.sql(postgresDialect, r.namespace)
		tx, err := d.pool.Begin(ctx)
		if err != nil {
			return 0, nil, err
		}
		defer tx.Rollback(ctx) //nolint:errcheck // nothing was written
		// The pool of a host may not prefer indexes as OpenPostgres does.
		if _, err := tx.Exec(ctx, "SET LOCAL enable_seqscan = on"); err != nil {
			return 0, nil, err
		}
		explain := func(sql pageSQL, prefix string) error {
			rows, err := tx.Query(ctx, "EXPLAIN (COSTS OFF) "+sql.text, sql.args...)
			if err != nil {
				return err
			}
			var line string
			_, err = pgx.ForEachRow(rows, []any{&line}, func() error {
				plan = append(plan, prefix+line)
				return nil
			})
			return err
		}
		if p.way == wayByIndex {
			for _, behind := range [][]byte{nil, []byte("a")} {
				w := filterWriter{dialect: postgresDialect, namespace: r.namespace, kinds: p.kinds, after: behind}
				arms, _ := w.indexed(f)
				if err := errors.Join(explain(w.someHitsSQL(arms, leastByIndex+1), "hits: "), explain(w.firstHitsSQL(arms, maxHits), "hits: ")); err != nil {
					return 0, nil, err
				}
			}
		}
		return p.way, plan, explain(sql, "")
	case *lite:
		r := &d.liteReader
		if err := p.findWay(ctx, sqliteDialect, r.namespace, r.count); err != nil {
			return 0, nil, err
		}
		sql := p.sql(sqliteDialect, r.namespace)
		var id, parent, unused int
		var line string
		explain := func(sql pageSQL, prefix string) error {
			return r.each(ctx, "EXPLAIN QUERY PLAN "+sql.text, sql.args, []any{&id, &parent, &unused, &line}, func() error {
				plan = append(plan, prefix+line)
				return nil
			})
		}
		p.after = &position{id: []byte("a")}
		if window, _, ok := p.window(r.namespace); ok {
			if err := explain(window, "window: "); err != nil {
				return 0, nil, err
			}
		}
		return p.way, plan, explain(sql, "")
	}
	return 0, nil, nil
}
