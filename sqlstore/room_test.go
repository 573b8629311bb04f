package sqlstore_test

import (
	"testing"

	"github.com/beckon-go/beckon/sqlstore"
)

// A connection keeps one room, and none for what is very large.
func TestRoomOfConnection(t *testing.T) {
	conn := connect(t, postgresURL(t))
	sqlstore.RoomOf(conn.PgConn(), sqlstore.MaxRoom+1)
	if n := len(conn.PgConn().CustomData()); n != 0 {
		t.Errorf("%d rooms for what is too large", n)
	}
	for _, size := range []int{10, 100_000, 20} {
		sqlstore.RoomOf(conn.PgConn(), size)
		var n int
		if err := conn.QueryRow(t.Context(), "SELECT length($1::text)", "three").Scan(&n); err != nil || n != 5 {
			t.Fatal(n, err)
		}
		if n := len(conn.PgConn().CustomData()); n != 1 {
			t.Errorf("%d rooms", n)
		}
	}
}
