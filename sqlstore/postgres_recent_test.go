package sqlstore_test

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
)

// kept wants that so many steps were decided on rows that were kept, and that so many of
// them had changed.
func kept(t *testing.T, s *sqlstore.Store, what string, used, lost int) {
	t.Helper()
	if _, u, l := sqlstore.Recent(s); u != used || l != lost {
		t.Errorf("%s: %d steps on kept rows, and %d of them had changed; want %d and %d", what, u, l, used, lost)
	}
}

// A step after a step that loaded the same record, or after a scan that says so, loads nothing.
func TestRecent(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	one := openPostgres(t, url)
	key := user("u")
	for i := range 6 {
		if err := add(t.Context(), one, key); err != nil {
			t.Fatal(err)
		}
		kept(t, one, fmt.Sprint("step ", i), i, 0)
	}
	if n := seen(t, one, key); n != 6 {
		t.Errorf("counted %d, want 6", n)
	}

	two := openPostgres(t, url)
	conn := connect(t, url)
	crowd(t, two, 10)
	steps := []store.Step{{Key: key, Decider: decide(func(_ *store.Record, c *store.Changes) error { // it has something for each scan
		c.Profile = &store.Profile{Created: 1, Attributes: []store.Attribute{store.NewAttribute("email", beckon.String("u@example.com")), store.NewAttribute("of", beckon.String("u"))}, SeriesStates: []store.SeriesState{{Series: "s", Block: "b", Since: 1, Due: 1}}}
		c.Pending = append(c.Pending, store.Pending{Until: 1, Delivery: beckon.Delivery{ID: "d", Channel: beckon.Email}})
		c.Events, c.KeepEvents = append(c.Events, store.LoggedEvent{At: 1, Seq: 1, Name: name1("e")}), 3
		return nil
	})}}
	if err := errors.Join(two.Step(t.Context(), steps), steps[0].Err); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		q    store.Query
		used int
	}{
		{"of a kind", store.Query{Kinds: []store.Kind{store.KindUser}, ToStep: true}, 1},
		{"of several kinds", store.Query{Kinds: []store.Kind{store.KindUser, store.KindEmail}, ToStep: true}, 1},
		{"that shows little", store.Query{Kinds: []store.Kind{store.KindUser}, Only: &store.Projection{}, ToStep: true}, 1},
		{"of an address", store.Query{Email: "u@example.com", ToStep: true}, 1},
		{"of what is due", store.Query{Due: 1, ToStep: true}, 1},
		{"of what is pending", store.Query{Pending: 1, ToStep: true}, 1},
		{"by an index", store.Query{Kinds: []store.Kind{store.KindUser}, Filter: &store.Filter{Kind: store.FilterText, Name: "of", Texts: []string{"u"}}, ToStep: true}, 1},
		{"that counts what it leaves out", store.Query{Kinds: []store.Kind{store.KindUser}, Filter: &store.Filter{Kind: store.FilterText, Name: "of", Texts: []string{"u"}}, LeftOut: new(int64), LeftOutLate: true, ToStep: true}, 1},
		{"that does not say so", store.Query{Kinds: []store.Kind{store.KindUser}}, 0},
	} {
		s := openPostgres(t, url)
		want, log := form(t, two, key, 1), logOf(t, two, key)
		if _, err := s.Scan(t.Context(), c.q, "", 100, func(*store.Record) error { return nil }); err != nil {
			t.Fatal(c.name, err)
		}
		if err := add(t.Context(), s, key); err != nil {
			t.Fatal(c.name, err)
		}
		kept(t, s, "a scan "+c.name, c.used, 0)
		if got := form(t, two, key, 0); !bytes.Equal(got, want) {
			t.Errorf("a step after a scan %s made it\n%q\nwant\n%q", c.name, got, want)
		}
		if got := logOf(t, two, key); got != log {
			t.Errorf("a step after a scan %s made the columns of its log %s, want %s", c.name, got, log)
		}

		// What waits is found as it was, and comes again as it is.
		for _, at := range []int64{2, 1} {
			if _, err := s.Scan(t.Context(), c.q, "", 100, func(*store.Record) error { return nil }); err != nil {
				t.Fatal(c.name, err)
			}
			steps := []store.Step{{Key: key, Decider: decide(func(r *store.Record, d *store.Changes) error {
				p := *r.Profile
				p.SeriesStates = []store.SeriesState{{Series: "s", Block: "b", Since: 1, Due: at}}
				d.Profile, d.Pending = &p, append(d.Pending, store.Pending{Until: at, Delivery: beckon.Delivery{ID: "d", Channel: beckon.Email}})
				return nil
			})}}
			if err := errors.Join(s.Step(t.Context(), steps), steps[0].Err); err != nil {
				t.Fatal(err)
			}
			if is := disagree(t, conn); is != "" {
				t.Errorf("a step after a scan %s: of one table only: %s", c.name, is)
			}
		}
	}
}

// What another process has written, removed or made again meanwhile is not passed by: neither
// by a step that writes nor by one that does not.
func TestRecentChanged(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	byPlace, byKey, two := openPostgres(t, url), openPostgres(t, url), openPostgres(t, url)
	sqlstore.Seek(byKey)
	for _, c := range []struct {
		name   string
		change func(t *testing.T, key store.Key)
		want   int64 // LastSeen
	}{
		{"written", func(t *testing.T, key store.Key) {
			if err := add(t.Context(), two, key); err != nil {
				t.Fatal(err)
			}
		}, 2},
		{"removed", func(t *testing.T, key store.Key) { remove(t, two, key) }, 0},
		{"made again", func(t *testing.T, key store.Key) {
			remove(t, two, key)
			if err := add(t.Context(), two, key); err != nil {
				t.Fatal(err)
			}
		}, 1},
		{"written by the host", func(t *testing.T, key store.Key) {
			sqlstore.Exec(t, two, "UPDATE beckon_records SET last_seen = 7 WHERE namespace = $1 AND kind = $2 AND id = $3", sqlstore.Place(two, key)...)
		}, 7},
		{"moved", func(t *testing.T, _ store.Key) { sqlstore.Exec(t, two, "UPDATE beckon_records SET state = state") }, 1},
	} {
		for _, of := range []struct{ seek, writes bool }{{false, false}, {false, true}, {true, true}} {
			one, writes := byPlace, of.writes
			if of.seek {
				one = byKey
			}
			t.Run(fmt.Sprintf("%s/writes=%t/seek=%t", c.name, writes, of.seek), func(t *testing.T) {
				key := user(t.Name())
				if err := add(t.Context(), one, key); err != nil {
					t.Fatal(err)
				}
				c.change(t, key)
				var saw []int64
				steps := []store.Step{{Key: key, Decider: decide(func(r *store.Record, c *store.Changes) error {
					saw = append(saw, r.LastSeen)
					if writes {
						c.Touch, c.LastSeen = true, r.LastSeen+10
						c.Totals = append(c.Totals, store.Increment{Message: key.ID, Name: "n", N: 1})
						c.Events, c.KeepEvents = append(c.Events, store.LoggedEvent{At: 1, Seq: uint64(len(saw)), Name: name1("e")}), 3
					}
					return nil
				})}}
				if err := errors.Join(one.Step(t.Context(), steps), steps[0].Err); err != nil {
					t.Fatal(err)
				}
				if len(saw) != 2 || saw[0] != 1 || saw[1] != c.want {
					t.Errorf("decided on %v, want 1 and then %d", saw, c.want)
				}
				if !writes {
					return
				}
				totals, err := two.Totals(t.Context(), key.ID)
				if n := seen(t, two, key); n != c.want+10 || err != nil || len(totals) != 1 || totals[0].Count != 1 {
					t.Errorf("counted %d, totals %v, %v", n, totals, err)
				}
				events, err := two.Events(t.Context(), key, store.EventCursor{}, 10)
				if len(events) != 1 || events[0].Seq != 2 || err != nil {
					t.Errorf("logged %v, %v; want what the second decision logs", events, err)
				}
			})
		}
	}
}

// A total that goes with no change of a record is of what is there.
func TestRecentTotals(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	one, two := openPostgres(t, url), openPostgres(t, url)
	if err := add(t.Context(), one, user("u")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		steps := []store.Step{{Key: user("u"), Decider: decide(func(r *store.Record, c *store.Changes) error {
			c.Totals = append(c.Totals, store.Increment{Message: "m", Name: fmt.Sprint(r.LastSeen), N: 1})
			return nil
		})}}
		if err := errors.Join(add(t.Context(), two, user("u")), one.Step(t.Context(), steps), steps[0].Err); err != nil {
			t.Fatal(err)
		}
	}
	totals, err := one.Totals(t.Context(), "m")
	if got := fmt.Sprint(totals); err != nil || got != "[{2 1} {3 1} {4 1}]" {
		t.Errorf("totals %s, %v", got, err)
	}
}

// What was kept too long is loaded, and so is all after a statement whose outcome is unknown.
func TestRecentForgotten(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	s := openPostgres(t, url)
	if err := add(t.Context(), s, user("u")); err != nil {
		t.Fatal(err)
	}
	sqlstore.AgeRecent(s, 0)
	if err := add(t.Context(), s, user("u")); err != nil {
		t.Fatal(err)
	}
	kept(t, s, "a row that is too old", 0, 0)

	sqlstore.AgeRecent(s, time.Hour)
	conn := connect(t, url)
	steps := []store.Step{{Key: user("v"), Decider: decide(func(r *store.Record, c *store.Changes) error {
		c.LastSeen = r.LastSeen + 1
		const others = " FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
		if _, err := conn.Exec(t.Context(), "SELECT pg_terminate_backend(pid)"+others); err != nil {
			return err
		}
		for count(t, conn, "SELECT count(*)"+others) > 0 {
			continue // it is about to end
		}
		return nil
	})}}
	if err := s.Step(t.Context(), steps); !errors.Is(err, sqlstore.ErrUnknownOutcome) {
		t.Fatal(err)
	}
	if n, _, _ := sqlstore.Recent(s); n != 0 {
		t.Errorf("%d rows are kept after a connection broke off", n)
	}
}

// Two processes that write the same records at once lose nothing, and count each step once.
func TestRecentRaces(t *testing.T) {
	t.Parallel()
	url := postgresURL(t)
	stores := []*sqlstore.Store{openPostgres(t, url), openPostgres(t, url)}
	const callers, each, records = 6, 60, 4
	var all sync.WaitGroup
	for _, s := range stores {
		for c := range callers {
			all.Go(func() {
				for i := range each {
					if i%5 == 0 {
						if _, err := s.Scan(t.Context(), store.Query{Kinds: []store.Kind{store.KindUser}, ToStep: true}, "", 10, func(*store.Record) error { return nil }); err != nil {
							t.Error(err)
						}
					}
					if err := add(t.Context(), s, user(fmt.Sprint((c+i)%records))); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	sum := int64(0)
	for i := range records {
		sum += seen(t, stores[0], user(fmt.Sprint(i)))
	}
	if want := int64(len(stores) * callers * each); sum != want {
		t.Errorf("counted %d steps, want %d", sum, want)
	}
}

// form returns a record in its stored form, seen so much later.
func form(t *testing.T, s *sqlstore.Store, key store.Key, later int64) (data []byte) {
	t.Helper()
	if err := s.Read(t.Context(), []store.Key{key}, func(r *store.Record) error {
		is := *r
		is.LastSeen += later
		data = store.AppendRecord(nil, &is)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return data
}

// logOf returns what its row says of a record's log.
func logOf(t *testing.T, s *sqlstore.Store, key store.Key) string {
	t.Helper()
	return string(sqlstore.Bytes(t, s, "SELECT (log_count || ' ' || log_keep || ' ' || log_from)::bytea FROM beckon_records WHERE namespace = $1 AND kind = $2 AND id = $3", sqlstore.Place(s, key)...))
}

// remove removes a record.
func remove(t *testing.T, s *sqlstore.Store, key store.Key) {
	t.Helper()
	steps := []store.Step{{Key: key, Decider: decide(func(_ *store.Record, c *store.Changes) error { c.Delete = true; return nil })}}
	if err := errors.Join(s.Step(t.Context(), steps), steps[0].Err); err != nil {
		t.Fatal(err)
	}
}

// A contact to which much happens stays in its page: old versions of its row are cleaned up,
// so that no index is written. It runs by itself: none is while a transaction of another test
// is older.
func TestRecentSparesIndexes(t *testing.T) {
	url := postgresURL(t)
	conn := connect(t, url)
	for i, seek := range []bool{false, true} {
		s, err := sqlstore.OpenPostgres(t.Context(), url, sqlstore.WithNamespace(fmt.Sprint(seek)))
		if err != nil {
			t.Fatal(err)
		}
		if seek {
			sqlstore.Seek(s)
		}
		crowd(t, s, 200)
		for range 40 {
			if err := add(t.Context(), s, user("user-000100")); err != nil {
				t.Fatal(err)
			}
		}
		if _, used, lost := sqlstore.Recent(s); used != 40 || lost != 0 {
			t.Errorf("seek %t: %d steps on kept rows, %d of them had changed; want 40 and 0", seek, used, lost)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if all, spared := rewritten(t, conn); all != 40*(i+1) || spared != all {
			t.Errorf("seek %t: %d rows are written anew, want %d; of %d no index is", seek, all, 40*(i+1), spared)
		}
	}
}

// How pages are cleaned up depends on the server's version.
func TestProbeOf(t *testing.T) {
	t.Parallel()
	for version, byPlace := range map[string]bool{
		"14.0": true, "15.18 (Debian 15.18-0+deb12u1)": true, "17": true, "100.1": true,
		"13.22": false, "12.1": false, "9.6.24": false, "": false, "16devel": false,
	} {
		if got := sqlstore.ProbeOf(version); got != byPlace {
			t.Errorf("version %q: by place %t, want %t", version, got, byPlace)
		}
	}
}
