package sqlstore_test

import (
	"testing"

	"github.com/beckon-go/beckon/internal/oldform"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// Rows that an older version wrote are read for what they are.
func TestOldForm(t *testing.T) {
	for name, p := range places(t) {
		t.Run(name, func(t *testing.T) {
			s := p.open(t)
			oldform.GoesOn(t, s, func(t testing.TB, key store.Key, _, part []byte) {
				sqlstore.Exec(t, s, "UPDATE beckon_records SET state = $4"+ofRow, append(sqlstore.Place(s, key), part)...)
			})
		})
	}
}
