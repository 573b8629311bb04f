package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
)

// The driver's least for SQLite: for each contact its row is read, and written again, those of
// a group in one transaction. Each writes something else: SQLite spares itself a page, and
// then the commit, where bytes do not change.
func startSQLite(ctx context.Context, path string, contacts int, sync string, opts ...sqlstore.Option) (_ *bench, err error) {
	db, err := sql.Open("sqlite", "file:"+path+"-driver.db?_pragma=journal_mode(WAL)&_pragma=synchronous("+sync+")")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	var version string
	conn, err := db.Conn(ctx)
	if err == nil {
		err = conn.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&version)
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, "CREATE TABLE driver (id TEXT PRIMARY KEY, data BLOB) STRICT")
	}
	var read, write *sql.Stmt
	if err == nil {
		read, err = conn.PrepareContext(ctx, "SELECT data FROM driver WHERE id = ?")
	}
	if err == nil {
		write, err = conn.PrepareContext(ctx, "UPDATE driver SET data = ? WHERE id = ?")
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	var data []byte
	written := uint64(0)
	b := &bench{
		open: func(ctx context.Context, namespace string) (beckon.Store, func() error, error) {
			s, err := sqlstore.OpenSQLite(ctx, path+".db", append(opts, sqlstore.WithNamespace(namespace))...)
			if err != nil {
				return nil, nil, err
			}
			return s, s.Close, nil
		},
		least: func(ctx context.Context, ids []string) error {
			if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
				return err
			}
			written++
			binary.BigEndian.PutUint64(data, written)
			for _, id := range ids {
				if err := rowsOf(ids[:1])(read.QueryContext(ctx, id)); err != nil {
					return err
				}
				if _, err := write.ExecContext(ctx, data, id); err != nil {
					return err
				}
			}
			_, err := conn.ExecContext(ctx, "COMMIT")
			return err
		},
		bytes: func(ctx context.Context) (int64, error) {
			conn, err := sql.Open("sqlite", "file:"+path+".db")
			if err != nil {
				return 0, err
			}
			_, err = conn.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
			size, err2 := fileBytes(path + ".db")
			return size, errors.Join(err, err2, conn.Close())
		},
		holds:   "disk",
		largest: largest, flights: 1,
		versions: "SQLite " + version + " (modernc.org/sqlite " + module("modernc.org/sqlite") + ")",
		stop:     func() error { return errors.Join(read.Close(), write.Close(), conn.Close(), db.Close()) },
	}
	if b.wide, err = rowBytes(ctx, b, func(namespace string) (int, error) { return liteWidth(ctx, path+".db", namespace) }); err == nil {
		data = value(b.wide)
		_, err = conn.ExecContext(ctx, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1) INSERT INTO driver SELECT printf('contact-%08d', i), ?2 FROM n", contacts, data)
	}
	if err != nil {
		return nil, errors.Join(err, b.stop())
	}
	return b, nil
}

// liteWidth says how many bytes of texts and blobs the row of a contact has. Its numbers take a
// few bytes more.
func liteWidth(ctx context.Context, path, namespace string) (size int, err error) {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var sum string
	err = db.QueryRowContext(ctx, `SELECT group_concat('coalesce(length(CAST("' || name || '" AS BLOB)), 0)', ' + ')
FROM pragma_table_info('beckon_records') WHERE type IN ('TEXT', 'BLOB') AND name NOT IN ('namespace', 'id')`).Scan(&sum)
	if err != nil {
		return 0, err
	}
	err = db.QueryRowContext(ctx, "SELECT "+sum+" FROM beckon_records WHERE namespace = ? AND kind = 1", namespace).Scan(&size)
	return size, err
}

// rowsOf reads the rows of a driver, and fails if one of them is not there.
func rowsOf(ids []string) func(*sql.Rows, error) error {
	return func(rows *sql.Rows, err error) error {
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // Err says what was wrong
		var data sql.RawBytes
		n := 0
		for ; rows.Next(); n++ {
			if err := rows.Scan(&data); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		if n != len(ids) {
			return fmt.Errorf("%d of %d rows are there", n, len(ids))
		}
		return nil
	}
}
