package sqlstore

import (
	"context"

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
		if err := p.findWay(ctx, postgresDialect, r.namespace, r.count); err != nil {
			return 0, nil, err
		}
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
		rows, err := tx.Query(ctx, "EXPLAIN (COSTS OFF) "+sql.text, sql.args...)
		if err != nil {
			return 0, nil, err
		}
		defer rows.Close()
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return 0, nil, err
			}
			plan = append(plan, line)
		}
		return p.way, plan, rows.Err()
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
