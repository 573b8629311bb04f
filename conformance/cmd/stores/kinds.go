package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// Of SQL more is asked for: its driver makes as many round trips as a step does. That of Redis
// makes half as many.
const (
	onSQL   = 0.8
	onRedis = 0.5
)

// A kind is one store with one setting of what it promises.
type kind struct {
	name  string
	least float64 // of its steps to the driver's, at 64 goroutines: the target
	start func(ctx context.Context, dir string, contacts int) (*bench, error)
}

func kinds() []kind {
	return []kind{
		{"memory", 0, func(context.Context, string, int) (*bench, error) { return startMemory(), nil }},
		{"SQLite", onSQL, func(ctx context.Context, dir string, contacts int) (*bench, error) {
			return startSQLite(ctx, filepath.Join(dir, "full"), contacts, "FULL")
		}},
		{"SQLite, `WithNormalSync`", onSQL, func(ctx context.Context, dir string, contacts int) (*bench, error) {
			return startSQLite(ctx, filepath.Join(dir, "normal"), contacts, "NORMAL", sqlstore.WithNormalSync())
		}},
		{"PostgreSQL", onSQL, startPostgres},
		{"Redis, `appendfsync always`", onRedis, func(ctx context.Context, _ string, _ int) (*bench, error) {
			return startRedis(ctx, "appendonly=yes", "appendfsync=always")
		}},
		{"Redis, no persistence", onRedis, func(ctx context.Context, _ string, _ int) (*bench, error) { return startRedis(ctx) }},
	}
}

// A bench is a kind of store at work, its server too.
type bench struct {
	open     func(ctx context.Context, namespace string) (beckon.Store, func() error, error)
	least    func(ctx context.Context, ids []string) error // what the driver does at its least; nil if there is no driver
	largest  int                                           // of the groups that least gets
	flights  int                                           // of them at once
	bytes    func(ctx context.Context) (int64, error)      // what all contacts take
	holds    string                                        // what they take it of
	versions string
	stop     func() error // ends what open and least need

	store  beckon.Store // that is open
	leave  func() error // closes it; nil if none is open
	tracks func(callers, among int) operation
}

// end closes the store.
func (b *bench) end() (err error) {
	if b.leave != nil {
		err, b.leave = b.leave(), nil
	}
	return err
}

// value is what a driver writes for each contact: as wide as what the stores write for one.
func value(ctx context.Context) ([]byte, error) {
	kept := memstore.New()
	size, err := fill(ctx, kept, 1)
	return bytes.Repeat([]byte("x"), size), errors.Join(err, kept.Close())
}

// largest is of how many steps a group of the stores on SQL is at most.
const largest = 256

func startMemory() *bench {
	return &bench{
		open: func(context.Context, string) (beckon.Store, func() error, error) {
			return memstore.New(), func() error { return nil }, nil
		},
		bytes: heapBytes, holds: "memory",
		stop: func() error { return nil },
	}
}

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
	var data []byte
	if err == nil {
		data, err = value(ctx)
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?1) INSERT INTO driver SELECT printf('contact-%08d', i), ?2 FROM n", contacts, data)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	written := uint64(0)
	return &bench{
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
	}, nil
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
	data, err := value(ctx)
	if err != nil {
		return nil, errors.Join(err, end())
	}
	for _, text := range []string{
		"CREATE TABLE driver (id text PRIMARY KEY, data bytea)",
		"ALTER TABLE driver ALTER COLUMN data SET STORAGE EXTERNAL", // or as many of one letter would be some bytes
		fmt.Sprintf("INSERT INTO driver SELECT 'contact-' || lpad(i::text, 8, '0'), convert_to(repeat('x', %d), 'UTF8') FROM generate_series(0, %d) i", len(data), contacts-1),
	} {
		if _, err := pool.Exec(ctx, text); err != nil {
			return nil, errors.Join(err, end())
		}
	}
	var version string
	if err := pool.QueryRow(ctx, "SHOW server_version").Scan(&version); err != nil {
		return nil, errors.Join(err, end())
	}
	version, _, _ = strings.Cut(version, " ")
	var groups atomic.Uint64
	return &bench{
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
	}, nil
}

// The driver's least for Redis: one call for each of a script that reads and writes its
// row, those of a group in one pipeline.
func startRedis(ctx context.Context, settings ...string) (_ *bench, err error) {
	server, err := testserver.NewRedis(settings...)
	if err != nil {
		return nil, installed(err, "redis-server")
	}
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), Password: server.Password()})
	end := func() error { return errors.Join(client.Close(), server.Close()) }
	script, err := client.ScriptLoad(ctx, `local v = redis.call('GET', KEYS[1]) redis.call('SET', KEYS[1], ARGV[1]) return v and 1 or 0`).Result()
	if err != nil {
		return nil, errors.Join(err, end())
	}
	info, err := client.Info(ctx, "server").Result()
	if err != nil {
		return nil, errors.Join(err, end())
	}
	_, version, _ := strings.Cut(info, "redis_version:")
	version, _, _ = strings.Cut(version, "\r")
	data, err := value(ctx)
	if err != nil {
		return nil, errors.Join(err, end())
	}
	return &bench{
		open: func(ctx context.Context, namespace string) (beckon.Store, func() error, error) {
			s, err := redisstore.New(ctx, client, redisstore.WithNamespace(namespace))
			return s, func() error { return nil }, err
		},
		least: func(ctx context.Context, ids []string) error {
			pipe := client.Pipeline()
			for _, id := range ids {
				pipe.EvalSha(ctx, script, []string{"driver:" + id}, data)
			}
			_, err := pipe.Exec(ctx)
			return err
		},
		bytes: func(ctx context.Context) (size int64, err error) {
			info, err := client.Info(ctx, "memory").Result()
			if err == nil {
				_, text, _ := strings.Cut(info, "used_memory_dataset:")
				text, _, _ = strings.Cut(text, "\r")
				size, err = strconv.ParseInt(text, 10, 64)
			}
			return size, err
		},
		holds:   "memory",
		largest: 128, flights: 2, // as redisstore is
		versions: "Redis " + version + " (go-redis " + module("github.com/redis/go-redis/v9") + ")",
		stop:     end,
	}, nil
}

// installed says how to get a server that is not there.
func installed(err error, pkg string) error {
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%w (Debian: apt-get install %s; or choose stores with -only)", err, pkg)
	}
	return err
}
