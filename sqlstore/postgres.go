package sqlstore

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/beckon-go/beckon/internal/group"
)

// OpenPostgres opens a store in the PostgreSQL database that url names, in any form
// that pgx accepts, and makes or migrates its tables. It keeps a pool of connections,
// which Close ends; set the pool up with pool_max_conns and other parameters in the
// url. If a pooler that shares sessions among clients is in front of the server,
// use [OpenPool]. Of a url that names no host, an empty one too, pgx takes the host from the
// environment (PGHOST), or else the socket of a server on this machine. A connection ends when
// the server has been silent for half a minute. An address that does not answer is left after
// ten seconds, or the connect_timeout of the url.
//
// It works with PostgreSQL 12 and later.
func OpenPostgres(ctx context.Context, url string, opts ...Option) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// What the parser says may quote the password.
		return nil, fail(ErrSetup, "open", "the address cannot be parsed", nil)
	}
	dialing(&config.ConnConfig.Config)
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		connected(conn)
		_, err := conn.Exec(ctx, ownConnection)
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, wrap("open", err)
	}
	s, err := openPool(ctx, pool, true, opts)
	if err != nil {
		pool.Close()
		return nil, err
	}
	return s, nil
}

// OpenPool opens a store in the PostgreSQL database of your own pool, and makes or
// migrates its tables. Close leaves the pool open. The store uses at most as many
// connections at once as [WithFlights] says, and one for each other call under way.
//
// It does not change the settings of connections, and prepares no statements except
// for those that pgx keeps itself. So the pool may lead to a pooler that shares
// sessions, if DefaultQueryExecMode is such that pgx keeps none (QueryExecModeExec). The
// server then plans each statement again, which [OpenPostgres] avoids. A nil pool is an
// error with the code [ErrSetup].
func OpenPool(ctx context.Context, pool *pgxpool.Pool, opts ...Option) (*Store, error) {
	if pool == nil {
		return nil, fail(ErrSetup, "open", "a pool is needed", nil)
	}
	return openPool(ctx, pool, false, opts)
}

func openPool(ctx context.Context, pool *pgxpool.Pool, own bool, opts []Option) (*Store, error) {
	c, err := configure(opts)
	if err != nil {
		return nil, err
	}
	settings := pool.Config()
	p := &postgres{pgReader: pgReader{db: pool, own: own, namespace: c.namespace, hits: newKeptHits(), recent: newRecentRows()}, pool: pool}
	p.prepare = own && settings.ConnConfig.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement
	if err := p.migrate(ctx); err != nil {
		return nil, wrap("open", err)
	}
	if p.probe, err = p.probing(ctx); err != nil {
		return nil, wrap("open", err)
	}
	s := &Store{db: p}
	s.steps = group.New(maxGroup, min(c.flights, int(settings.MaxConns)), p.carryOut)
	return s, nil
}

// maxGroup is how many steps go together at most.
const maxGroup = 256

// A postgres is a PostgreSQL database.
type postgres struct {
	pgReader
	pool    *pgxpool.Pool
	prepare bool // connections may keep prepared statements
	sql     writeStatements
	probe   parts     // how pages are cleaned up of rows that are not loaded
	writers sync.Pool // of *pgWriter
}

func (p *postgres) close() error {
	if p.own {
		p.pool.Close()
	}
	return nil
}

func (p *postgres) now(ctx context.Context) (time.Time, error) {
	var now time.Time
	err := p.pool.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&now)
	return now, wrap("now", err)
}

// probing asks a connection for the version of its server.
func (p *postgres) probing(ctx context.Context) (parts, error) {
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Release()
	return probeOf(conn.Conn().PgConn().ParameterStatus("server_version")), nil
}

// probeOf returns how a server of a version is asked: of one that is not known, as the oldest are.
func probeOf(version string) parts {
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < 14 {
		return partSought
	}
	return partProbed
}

// migrate looks whether there is anything to do before it asks for the right
// to do it: mostly there is not, and the user may have no right to.
func (p *postgres) migrate(ctx context.Context) error {
	var have int
	switch err := p.pool.QueryRow(ctx, "SELECT version FROM beckon_schema").Scan(&have); {
	case err == nil && have == SchemaVersion:
		return nil
	case err == nil && have > SchemaVersion:
		return newerSchema(have)
	case err != nil && !isState(err, "42P01") && !errors.Is(err, pgx.ErrNoRows):
		return err
	}
	// Each statement sees what was committed before it, whatever the database's default is.
	return pgx.BeginTxFunc(ctx, p.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(tx pgx.Tx) error {
		// How long a statement may take is set for those that are to be short. Here ctx is the limit.
		if _, err := tx.Exec(ctx, "SET LOCAL statement_timeout = 0"); err != nil {
			return err
		}
		// Another process that opens the database now waits here, and then finds it done.
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", migrationLock); err != nil {
			return err
		}
		return migrate(ctx, postgresDialect, pgMigrator{tx})
	})
}

// migrationLock is the number of the advisory lock: "beckon" in ASCII.
const migrationLock = int64(0x6265636b6f6e)

type pgMigrator struct{ tx pgx.Tx }

func (m pgMigrator) version(ctx context.Context) (have int, err error) {
	var there bool
	if err := m.tx.QueryRow(ctx, "SELECT to_regclass('beckon_schema') IS NOT NULL").Scan(&there); err != nil || !there {
		return 0, err
	}
	err = m.tx.QueryRow(ctx, "SELECT COALESCE(max(version), 0) FROM beckon_schema").Scan(&have)
	return have, err
}

func (m pgMigrator) exec(ctx context.Context, sql string) error {
	_, err := m.tx.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol) // several statements
	return err
}

func (m pgMigrator) setVersion(ctx context.Context, version int) error {
	return m.exec(ctx, "CREATE TABLE IF NOT EXISTS beckon_schema (version integer NOT NULL); DELETE FROM beckon_schema; INSERT INTO beckon_schema VALUES ("+
		strconv.Itoa(version)+")")
}

// isState reports whether the server refused with one of these codes.
func isState(err error, states ...string) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	for _, s := range states {
		if pg.Code == s {
			return true
		}
	}
	return false
}
