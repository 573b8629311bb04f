package sqlstore

import (
	"context"
	"testing"

	"github.com/beckon-go/beckon"
)

// Pragma executes a statement on the connection of a SQLite store that writes.
// Nothing else is to be under way.
func Pragma(tb testing.TB, s *Store, text string) {
	tb.Helper()
	if _, err := s.db.(*lite).writer.conn.ExecContext(context.Background(), text); err != nil {
		tb.Fatal(err)
	}
}

// Synchronous gives the setting of that connection.
func Synchronous(tb testing.TB, s *Store) (n int) {
	tb.Helper()
	if err := s.db.(*lite).writer.conn.QueryRowContext(context.Background(), "PRAGMA synchronous").Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

// LoadSQL is the statement that loads a group's records.
const LoadSQL = loadSQL

// WriteSQL gives the statement that writes all that a group may.
func WriteSQL() string { return (partsEnd - 1).writeSQL() }

// LightSQL gives the statement that writes nothing but rows that are there and
// that an event changes.
func LightSQL() string { return partEvents.writeSQL() }

// PageSQL gives the condition and the order of a scan behind a record.
func PageSQL(q beckon.Query, arg func(any) string) (where, order string) {
	p := page{query: q, kind: beckon.KindUser, after: &position{at: 1, kind: beckon.KindUser, id: []byte("u")}, limit: 10}
	return p.where("", arg)
}

// EventsSQL is the statement that reads events.
const EventsSQL = eventsSQL

// OwnConnection is what connections of a store's own begin with.
const OwnConnection = ownConnection
