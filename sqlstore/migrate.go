package sqlstore

import (
	"context"
	"embed"
	"fmt"

	"github.com/beckon-go/beckon/store"
)

// The migrations: <dialect>_<version>.sql takes tables of the version before to
// that version. What is released is never changed; the next change is the next
// file.
//
//go:embed schema
var schemas embed.FS

// SchemaVersion is the version of the tables that this package works with.
const SchemaVersion = 6

// A dialect is the SQL that a database speaks.
type dialect string

const (
	sqliteDialect   dialect = "sqlite"
	postgresDialect dialect = "postgres"
)

// migration returns the statements that lead to a version.
func (d dialect) migration(version int) (string, error) {
	text, err := schemas.ReadFile(fmt.Sprintf("schema/%s_%d.sql", d, version))
	return string(text), err
}

// A migrator is a transaction that has the sole right to change the tables
// until it ends.
type migrator interface {
	// version returns the version of the tables, 0 if there are none.
	version(ctx context.Context) (int, error)
	exec(ctx context.Context, sql string) error
	setVersion(ctx context.Context, version int) error
}

// migrate brings the tables to SchemaVersion.
func migrate(ctx context.Context, d dialect, m migrator) error {
	have, err := m.version(ctx)
	if err != nil {
		return err
	}
	if have > SchemaVersion {
		return newerSchema(have)
	}
	if have == SchemaVersion {
		return nil
	}
	for v := have + 1; v <= SchemaVersion; v++ {
		text, err := d.migration(v)
		if err != nil {
			return err
		}
		if err := m.exec(ctx, text); err != nil {
			return fmt.Errorf("migration %d: %w", v, err)
		}
	}
	return m.setVersion(ctx, SchemaVersion)
}

func newerSchema(have int) error {
	return fail(store.ErrDataVersion, "open", fmt.Sprintf("the tables have version %d; this package works with %d", have, SchemaVersion), nil)
}
