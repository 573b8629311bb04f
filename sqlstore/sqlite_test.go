package sqlstore_test

import (
	"path/filepath"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/storetest"
)

// openSQLite gives a store in the file.
func openSQLite(t testing.TB, path string, opts ...sqlstore.Option) *sqlstore.Store {
	t.Helper()
	s, err := sqlstore.OpenSQLite(t.Context(), path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestSQLite(t *testing.T) {
	storetest.Run(t, func(t *testing.T) beckon.Store {
		return openSQLite(t, filepath.Join(t.TempDir(), "a ?#%25é.db"), sqlstore.WithNormalSync())
	})
}
