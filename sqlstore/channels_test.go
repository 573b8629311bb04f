package sqlstore_test

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// pendingOn puts a delivery of each channel into the outbox of a contact.
func pendingOn(t *testing.T, s *sqlstore.Store, id string, channels ...beckon.Channel) {
	t.Helper()
	steps := []store.Step{{Key: user(id), Decider: decide(func(_ *store.Record, c *store.Changes) error {
		for _, channel := range channels {
			c.Pending = append(c.Pending, store.Pending{Until: 1, Delivery: beckon.Delivery{ID: string(channel), Channel: channel}})
		}
		return nil
	})}}
	if err := errors.Join(s.Step(t.Context(), steps), steps[0].Err); err != nil {
		t.Fatal(err)
	}
}

// A scan for some channels shows contacts with something pending on these, and on no
// others. Rows that do not say what is pending in them are shown.
func TestPendingByChannel(t *testing.T) {
	url, path := postgresURL(t), filepath.Join(t.TempDir(), "store.db")
	old := fmt.Sprintf("UPDATE beckon_records SET marks = marks & %d", 1<<4-1)
	for name, c := range map[string]struct {
		open   func() *sqlstore.Store
		forget func() error
	}{
		"postgres": {func() *sqlstore.Store { return openPostgres(t, url) }, func() error {
			conn, err := pgx.Connect(t.Context(), url)
			if err != nil {
				return err
			}
			_, err = conn.Exec(t.Context(), old)
			return errors.Join(err, conn.Close(t.Context()))
		}},
		"sqlite": {func() *sqlstore.Store { return openSQLite(t, path) }, func() error {
			db, err := sql.Open("sqlite", "file:"+path)
			if err != nil {
				return err
			}
			_, err = db.ExecContext(t.Context(), old)
			return errors.Join(err, db.Close())
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.open()
			found := func(channels ...beckon.Channel) (ids []string) {
				t.Helper()
				q := store.Query{Pending: 10, Channels: store.ChannelSetOf(channels...)}
				for at := store.Cursor(""); ; {
					next, err := s.Scan(t.Context(), q, at, 2, func(r *store.Record) error {
						ids = append(ids, r.Key.ID)
						return nil
					})
					if err != nil {
						t.Fatal(err)
					}
					if at = next; at == "" {
						return ids
					}
				}
			}
			want := func(what string, got []string, want ...string) {
				t.Helper()
				if !slices.Equal(got, want) {
					t.Errorf("%s: %v, want %v", what, got, want)
				}
			}
			pendingOn(t, s, "a", beckon.Banner)
			pendingOn(t, s, "b", beckon.Banner, beckon.Email)
			pendingOn(t, s, "c", beckon.Custom("letter"))
			pendingOn(t, s, "d", beckon.Banner)
			want("email", found(beckon.Email), "b")
			want("banner", found(beckon.Banner), "a", "b", "d")
			want("email and the host's own", found(beckon.Email, beckon.Custom("x")), "b", "c")
			want("sms", found(beckon.SMS))
			if err := c.forget(); err != nil {
				t.Fatal(err)
			}
			want("of a time without marks", found(beckon.SMS), "a", "b", "c", "d")
			pendingOn(t, s, "d", beckon.Push)
			want("one is written again", found(beckon.SMS), "a", "b", "c")
		})
	}
}
