package sqlstore

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/beckon-go/beckon/store"
)

// Pragma executes a statement on the connection of a SQLite store that writes.
// Nothing else is to be under way.
func Pragma(tb testing.TB, s *Store, text string) {
	tb.Helper()
	if err := s.db.(*lite).writer.script(context.Background(), text); err != nil {
		tb.Fatal(err)
	}
}

// Synchronous returns the setting of that connection.
func Synchronous(tb testing.TB, s *Store) (n int) {
	tb.Helper()
	if _, err := s.db.(*lite).writer.row(context.Background(), "PRAGMA synchronous", nil, &n); err != nil {
		tb.Fatal(err)
	}
	return n
}

// LoadSQL is the statement that loads a group's records.
const LoadSQL = loadSQL

// WriteSQL returns the statement that writes all that a group may.
func WriteSQL() string { return allParts.writeSQL() }

const allParts = (partsEnd - 1) &^ (partProbed | partSought)

// ProbingSQL returns the same where pages are to be cleaned up, by the places of rows or by their keys.
func ProbingSQL(byKey bool) string {
	if byKey {
		return (allParts | partSought).writeSQL()
	}
	return (allParts | partProbed).writeSQL()
}

// LightSQL returns the statement that writes nothing but rows that are there and
// that an event changes.
func LightSQL() string { return partEvents.writeSQL() }

// PageSQL returns the statement of a scan behind a record.
func PageSQL(d string, q store.Query) (text string, args []any) {
	p := page{query: q, kinds: []store.Kind{store.KindUser}, after: &position{at: 1, kind: store.KindUser, id: []byte("u")}, limit: 10}
	s := p.sql(dialect(d), "")
	return s.text, s.args
}

// EventsSQL is the statement that reads events.
const EventsSQL = eventsSQL

// OwnConnection is what connections of a store's own begin with.
const OwnConnection = ownConnection

// Exec executes a statement behind the store's back, with arguments that fit both
// dialects.
func Exec(tb testing.TB, s *Store, text string, args ...any) {
	tb.Helper()
	var err error
	switch db := s.db.(type) {
	case *lite:
		err = db.writer.exec(context.Background(), text, args...)
	case *postgres:
		_, err = db.pool.Exec(context.Background(), text, args...)
	}
	if err != nil {
		tb.Fatal(err)
	}
}

// Bytes returns what a query finds, one value.
func Bytes(tb testing.TB, s *Store, text string, args ...any) (data []byte) {
	tb.Helper()
	var err error
	switch db := s.db.(type) {
	case *lite:
		_, err = db.writer.row(context.Background(), text, args, &data)
	case *postgres:
		err = db.pool.QueryRow(context.Background(), text, args...).Scan(&data)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// Place returns what a row of the store's tables is found by.
func Place(s *Store, key store.Key) []any {
	namespace := ""
	switch db := s.db.(type) {
	case *lite:
		namespace = db.namespace
	case *postgres:
		namespace = db.namespace
	}
	return []any{namespace, int16(key.Kind), columnID(key.ID)}
}

// SetHits sets how many hits of a filter one statement looks for, and how many are found at
// once if there are more.
func SetHits(s *Store, some, most int) {
	k := s.db.(*postgres).hits
	k.some, k.most = some, most
}

// AgeHits makes all hits that are kept too old.
func AgeHits(s *Store) {
	k := s.db.(*postgres).hits
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, h := range k.lists {
		h.found = h.found.Add(-hitsFor)
	}
}

// KeptHits returns of how many scans there are hits.
func KeptHits(s *Store) int {
	k := s.db.(*postgres).hits
	k.mu.Lock()
	defer k.mu.Unlock()
	return len(k.lists)
}

// Recent returns how many rows are kept for steps, how many steps were decided on such rows,
// and how many of those had changed.
func Recent(s *Store) (kept, used, lost int) {
	return s.db.(*postgres).recent.Counts()
}

// AgeRecent makes all rows that are kept too old, if age is zero, or else that age.
func AgeRecent(s *Store, age time.Duration) { s.db.(*postgres).recent.Age = age }

// Seek has a store clean up pages as one does whose server is older than version 14.
func Seek(s *Store) { s.db.(*postgres).probe = partSought }

// ProbeOf returns whether pages are cleaned up by the place of a row where a server says that
// it is of this version.
func ProbeOf(version string) bool { return probeOf(version) == partProbed }

// MaxRoom is up to how many bytes a connection keeps for what is sent.
const MaxRoom = maxRoom

// RoomOf has the next messages of a connection made in its room.
func RoomOf(conn *pgconn.PgConn, size int) { roomOf(conn, size) }

// Reconnect has a store make its connections anew.
func Reconnect(s *Store) { s.db.(*postgres).pool.Reset() }

// SetMostRecent sets how many bytes of rows a store keeps, in each of two generations.
func SetMostRecent(s *Store, most int) { s.db.(*postgres).recent.Most = most }

// NameOf is the id to call a record by if only its column is known.
func NameOf(id string) string { return columnName(columnID(id)) }
