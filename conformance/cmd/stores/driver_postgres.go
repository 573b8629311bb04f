package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The driver's least for PostgreSQL: one statement reads the rows of a group, and another
// writes them again. Both are planned once, for groups of any size. Each group writes something
// else, at both ends, as a record has it: of a row the server logs only what is between the
// first byte that changes and the last. It waits for its disk, as in production.
func startPostgres(ctx context.Context, _ string, contacts int) (_ *bench, err error) {
	server, err := testserver.NewPostgres("fsync=on", "shared_buffers=256MB", "max_wal_size=4GB", "autovacuum=on")
	if err != nil {
		return nil, installed(err, "postgresql")
	}
	config, err := pgxpool.ParseConfig(server.URL())
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	end := func() error {
		pool.Close()
		return server.Close()
	}
	var version string
	if err := pool.QueryRow(ctx, "SHOW server_version").Scan(&version); err != nil {
		return nil, errors.Join(err, end())
	}
	version, _, _ = strings.Cut(version, " ")
	var groups atomic.Uint64
	var data []byte
	b := &bench{
		open: func(ctx context.Context, namespace string) (beckon.Store, func() error, error) {
			s, err := sqlstore.OpenPostgres(ctx, server.URL(), sqlstore.WithNamespace(namespace))
			if err != nil {
				return nil, nil, err
			}
			return s, s.Close, nil
		},
		least: func(ctx context.Context, ids []string) error {
			rows, err := pool.Query(ctx, "SELECT data FROM driver WHERE id = ANY ($1)", ids)
			if err != nil {
				return err
			}
			n := 0
			for ; rows.Next(); n++ {
				_ = rows.RawValues() // what a caller would decode
			}
			if err := rows.Err(); err != nil || n != len(ids) {
				return errors.Join(err, fmt.Errorf("%d of %d rows were read", n, len(ids)))
			}
			group, changed := groups.Add(1), bytes.Clone(data)
			binary.BigEndian.PutUint64(changed, group)
			binary.BigEndian.PutUint64(changed[len(changed)-8:], group)
			written := make([][]byte, len(ids)) // one for each, as a caller would have
			for i := range written {
				written[i] = changed
			}
			done, err := pool.Exec(ctx, "UPDATE driver SET data = to_be.data FROM unnest($1::text[], $2::bytea[]) to_be (id, data) WHERE driver.id = to_be.id", ids, written)
			if err == nil && int(done.RowsAffected()) != len(ids) {
				err = fmt.Errorf("%d of %d rows were written", done.RowsAffected(), len(ids))
			}
			return err
		},
		bytes: func(ctx context.Context) (size int64, err error) {
			err = pool.QueryRow(ctx, "SELECT COALESCE(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c WHERE relkind = 'r' AND relname LIKE 'beckon%'").Scan(&size)
			return size, err
		},
		holds:   "disk",
		largest: largest, flights: sqlstore.DefaultFlights,
		versions: "PostgreSQL " + version + " (pgx " + module("github.com/jackc/pgx/v5") + ")",
		stop:     end,
	}
	b.wide, err = rowBytes(ctx, b, func(namespace string) (size int, err error) {
		err = pool.QueryRow(ctx, postgresWidth, namespace).Scan(&size)
		return size, err
	})
	if err != nil {
		return nil, errors.Join(err, end())
	}
	data = value(b.wide)
	for _, text := range []string{
		"CREATE TABLE driver (id text PRIMARY KEY, data bytea) WITH (fillfactor = 75)", // as the table of contacts: new versions of a row have room beside it
		"ALTER TABLE driver ALTER COLUMN data SET STORAGE EXTERNAL",                    // or as many of one letter would be some bytes
		fmt.Sprintf("INSERT INTO driver SELECT 'contact-' || lpad(i::text, 8, '0'), convert_to(repeat('x', %d), 'UTF8') FROM generate_series(0, %d) i", len(data), contacts-1),
	} {
		if _, err := pool.Exec(ctx, text); err != nil {
			return nil, errors.Join(err, end())
		}
	}
	return b, nil
}

// postgresWidth is how many bytes a row of a contact has more than one of the driver without
// its data, which is four bytes and the data.
const postgresWidth = `SELECT pg_column_size(r.*) - pg_column_size(ROW (convert_from(id, 'UTF8'), NULL)) - 4
FROM beckon_records r WHERE namespace = $1 AND kind = 1`
