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

// What changes of the outbox alone is written without the other columns. It is decided
// again if another process was first, or deleted the record, and goes together with
// whatever else a call changes.
func TestPendingMeanwhile(t *testing.T) {
	url := postgresURL(t)
	one, two := openPostgres(t, url), openPostgres(t, url)
	profile := &store.Profile{Created: 7, Attributes: []store.Attribute{store.NewAttribute("email", beckon.String("a@x.test")), store.NewAttribute("plan", beckon.String("pro"))}}
	put := func(s *sqlstore.Store, id string) {
		t.Helper()
		steps := []store.Step{{Key: user(id), Decider: decide(func(_ *store.Record, c *store.Changes) error {
			c.Profile = profile
			c.Pending = append(c.Pending, store.Pending{Until: 5, Delivery: beckon.Delivery{ID: "a", Channel: beckon.Email}})
			return nil
		})}}
		if err := errors.Join(s.Step(t.Context(), steps), steps[0].Err); err != nil {
			t.Fatal(err)
		}
	}
	other := func(fn func(*store.Changes)) {
		t.Helper()
		steps := []store.Step{{Key: user("pending"), Decider: decide(func(_ *store.Record, c *store.Changes) error { fn(c); return nil })}}
		if err := errors.Join(two.Step(t.Context(), steps), steps[0].Err); err != nil {
			t.Fatal(err)
		}
	}
	for name, meanwhile := range map[string]func(*store.Changes){
		"nothing":        nil,
		"another change": func(c *store.Changes) { c.LastSeen = 9 },
		"another lease": func(c *store.Changes) {
			c.Pending = append(c.Pending, store.Pending{Until: 6, Delivery: beckon.Delivery{ID: "a", Channel: beckon.Email, Attempt: 3}})
		},
		"it is deleted": func(c *store.Changes) { c.Delete = true },
	} {
		t.Run(name, func(t *testing.T) {
			for _, id := range []string{"light", "pending", "gone"} {
				put(one, id)
			}
			tries := 0
			steps := []store.Step{
				{Key: user("light"), Decider: decide(func(r *store.Record, c *store.Changes) error { c.LastSeen = r.LastSeen + 1; return nil })},
				{Key: user("pending"), Decider: decide(func(r *store.Record, c *store.Changes) error {
					if tries++; tries == 1 && meanwhile != nil {
						other(meanwhile)
					}
					if !r.Exists {
						return nil
					}
					p := *r.Pending.Find("a")
					p.Until, p.Delivery.Attempt = 50, p.Delivery.Attempt+1
					c.Pending = append(c.Pending, p, store.Pending{Until: 40, Delivery: beckon.Delivery{ID: "b", Channel: beckon.SMS}})
					c.Totals = append(c.Totals, store.Increment{Message: name, Name: "sent", N: 1})
					return nil
				})},
				{Key: user("gone"), Decider: decide(func(_ *store.Record, c *store.Changes) error { c.PendingDrop = append(c.PendingDrop, "a"); return nil })},
				{Key: user("new " + name), Decider: decide(func(_ *store.Record, c *store.Changes) error { c.Touch = true; return nil })},
			}
			if err := errors.Join(one.Step(t.Context(), steps), steps[0].Err, steps[1].Err, steps[2].Err, steps[3].Err); err != nil {
				t.Fatal(err)
			}
			there := name != "it is deleted"
			if err := two.Read(t.Context(), []store.Key{user("pending"), user("gone")}, func(r *store.Record) error {
				switch {
				case r.Key == user("gone") && r.Pending.Len() != 0:
					t.Error("what was acknowledged is there")
				case r.Key == user("gone"):
				case r.Exists != there:
					t.Errorf("exists %t", r.Exists)
				case there && (r.Pending.Len() != 2 || r.Email() != "a@x.test" || r.Profile.Created != 7):
					t.Errorf("%+v", r)
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			found := func(until int64, channels ...beckon.Channel) (ids []string) {
				q := store.Query{Pending: until, Channels: store.ChannelSetOf(channels...)}
				if _, err := two.Scan(t.Context(), q, "", 9, func(r *store.Record) error { ids = append(ids, r.Key.ID); return nil }); err != nil {
					t.Fatal(err)
				}
				return ids
			}
			want := map[bool][]string{true: {"pending"}, false: nil}[there]
			if got := found(39, beckon.SMS); len(got) != 0 {
				t.Errorf("before its lease ends: %q", got)
			}
			if got := found(40, beckon.SMS); !slices.Equal(got, want) {
				t.Errorf("when its lease ends: %q, want %q", got, want)
			}
			if got := found(10, beckon.Email); !slices.Equal(got, []string{"light"}) {
				t.Errorf("what is free: %q, want light", got)
			}
			list, err := two.Totals(t.Context(), name)
			if counted := len(list) == 1 && list[0].Count == 1; err != nil || counted != there {
				t.Errorf("totals %v, %v: counted with a row that was not written, or twice", list, err)
			}
			if wantTries := map[bool]int{true: 1, false: 2}[meanwhile == nil]; tries != wantTries {
				t.Errorf("decided %d times, want %d", tries, wantTries)
			}
			other(func(c *store.Changes) { c.Delete = true })
		})
	}
}
