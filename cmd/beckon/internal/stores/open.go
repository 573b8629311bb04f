package stores

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
	_ "modernc.org/sqlite" // its driver reads the version of a file's tables

	"github.com/beckon-go/beckon/redisstore"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/store/readonly"
)

// A Use is what a store is opened for.
type Use int

const (
	// Read opens a store that is there, and refuses all writes. Its tables stay as they are:
	// if they are of an older version, it is not opened.
	Read Use = iota
	// Write opens a store that is there.
	Write
	// Make opens a store, and makes it if it is not there.
	Make
)

// ErrNoStore is wrapped by the error about a store that is not there.
var ErrNoStore = errors.New("there is no store")

// Open opens the store at an address. close ends its connections. Close it when nothing uses
// the store any more. In an error passwords are hidden.
func Open(ctx context.Context, a Address, namespace string, use Use) (s store.Store, closeStore func() error, err error) {
	if use != Make {
		err = a.probe(ctx, namespace)
	}
	if err == nil {
		switch a.kind {
		case sqlite, postgres:
			s, closeStore, err = openSQL(ctx, a, namespace)
		default:
			s, closeStore, err = openRedis(ctx, a, namespace)
		}
	}
	if err != nil {
		return nil, nil, &hiddenError{a.Hide(err.Error()), err}
	}
	if use == Read {
		s = readonly.New(s)
	}
	return s, closeStore, nil
}

// A hiddenError is another without the passwords in its text.
type hiddenError struct {
	text  string
	cause error
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.cause }

func openSQL(ctx context.Context, a Address, namespace string) (store.Store, func() error, error) {
	open := sqlstore.OpenPostgres
	if a.kind == sqlite {
		open = sqlstore.OpenSQLite
	}
	s, err := open(ctx, a.rest, sqlstore.WithNamespace(namespace))
	if err != nil {
		return nil, nil, err
	}
	return s, s.Close, nil
}

func openRedis(ctx context.Context, a Address, namespace string) (store.Store, func() error, error) {
	client, err := redisClient(a.rest)
	if err != nil {
		return nil, nil, err
	}
	var opts []redisstore.Option
	if namespace != "" {
		opts = append(opts, redisstore.WithNamespace(namespace))
	}
	s, err := redisstore.New(ctx, client, opts...)
	if err != nil {
		return nil, nil, errors.Join(err, client.Close())
	}
	return s, client.Close, nil
}

// Quiet keeps the client of Redis from writing to the standard error: what matters is in the
// errors. It is about the whole process.
func Quiet() { redis.SetLogger(quiet{}) }

type quiet struct{}

// Printf does nothing.
func (quiet) Printf(context.Context, string, ...any) {}

// redisClient returns a client of a server, or of a cluster.
func redisClient(rest string) (redis.UniversalClient, error) {
	server, err := redisAt(rest)
	if err != nil {
		return nil, errRedis
	}
	return server.client(), nil
}

// probe reports, as an error, whether there is no store at the address, or one that opening
// would change.
func (a Address) probe(ctx context.Context, namespace string) error {
	switch a.kind {
	case sqlite:
		return probeSQLite(ctx, a.rest)
	case postgres:
		return probePostgres(ctx, a.rest)
	}
	return probeRedis(ctx, a.rest, namespace)
}

// tablesOf says what follows from the version of tables.
func tablesOf(version int) error {
	switch {
	case version == 0:
		return fmt.Errorf("%w: the database has no tables of beckon", ErrNoStore)
	case version < sqlstore.SchemaVersion:
		return fmt.Errorf("the tables have version %d, and to open them would make that %d: let the application that uses them do it", version, sqlstore.SchemaVersion)
	}
	return nil
}

const (
	tablesThere   = "SELECT count(*) FROM sqlite_schema WHERE name = 'beckon_schema'"
	tablesVersion = "SELECT COALESCE(max(version), 0) FROM beckon_schema"
)

func probeSQLite(ctx context.Context, path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: the file %s is not there", ErrNoStore, path)
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%w: %s is a folder", ErrNoStore, path)
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	file := url.URL{Scheme: "file", Path: filepath.ToSlash(full), RawQuery: "mode=ro"}
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		return err
	}
	var there, version int
	if err = db.QueryRowContext(ctx, tablesThere).Scan(&there); err == nil && there > 0 {
		err = db.QueryRowContext(ctx, tablesVersion).Scan(&version)
	}
	if err = errors.Join(err, db.Close()); err != nil {
		return fmt.Errorf("%s cannot be read: %w", path, err)
	}
	return tablesOf(version)
}

func probePostgres(ctx context.Context, dsn string) error {
	config, err := pgxpool.ParseConfig(dsn) // with the settings of the pool, which the server does not know
	if err != nil {
		return errPostgres
	}
	conn, err := pgx.ConnectConfig(ctx, config.ConnConfig)
	if err != nil {
		return fmt.Errorf("PostgreSQL cannot be reached: %w", err)
	}
	defer func() { _ = conn.Close(ctx) }() // it was only read
	var there bool
	version := 0
	if err = conn.QueryRow(ctx, "SELECT to_regclass('beckon_schema') IS NOT NULL").Scan(&there); err == nil && there {
		err = conn.QueryRow(ctx, tablesVersion).Scan(&version)
	}
	if err != nil {
		return err
	}
	return tablesOf(version)
}

func probeRedis(ctx context.Context, rest, namespace string) error {
	client, err := redisClient(rest)
	if err != nil {
		return err
	}
	if namespace == "" {
		namespace = redisstore.DefaultNamespace
	}
	// The settings of a namespace, which are there as long as it is.
	n, err := client.Exists(ctx, "{"+url.QueryEscape(namespace)+":meta}").Result()
	if err = errors.Join(err, client.Close()); err != nil {
		return fmt.Errorf("Redis cannot be reached: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("%w: the namespace %q is empty", ErrNoStore, namespace)
	}
	return nil
}
