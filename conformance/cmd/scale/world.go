package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unique"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/testserver"
	"github.com/beckon-go/beckon/sqlstore"
	"github.com/beckon-go/beckon/store"
	_ "github.com/jackc/pgx/v5/stdlib" // the floors speak to PostgreSQL by database/sql
)

const (
	leastContacts = 2_000
	waves         = 100    // a wave is one per cent of the contacts
	perCompany    = 100    // contacts of a company
	begins        = 1.8e12 // Unix milliseconds
)

// A kind is one store.
type kind struct {
	name  string
	start func(ctx context.Context, dir string, s settings) (*world, error)
}

func kinds() []kind { return []kind{{"SQLite", startSQLite}, {"PostgreSQL", startPostgres}} }

// A world is a store full of contacts, an engine over it, and the database by itself.
type world struct {
	settings
	store   beckon.Store
	engine  *beckon.Engine
	db      *sql.DB
	version string
	stop    func() error

	clock atomic.Int64 // Unix milliseconds
	wave  int          // the next to be swept
	dues  int          // how often there were contacts due
	event atomic.Int64

	imports int // so far
}

func startSQLite(ctx context.Context, dir string, s settings) (*world, error) {
	path := filepath.Join(dir, "scale.db")
	kept, err := sqlstore.OpenSQLite(ctx, path)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		return nil, errors.Join(err, kept.Close())
	}
	w := &world{settings: s, store: kept, db: db, stop: func() error { return errors.Join(db.Close(), kept.Close()) }}
	return w, w.open(ctx, "SELECT 'SQLite ' || sqlite_version()")
}

func startPostgres(ctx context.Context, _ string, s settings) (*world, error) {
	server, err := testserver.NewPostgres("fsync=on", "shared_buffers=256MB", "max_wal_size=4GB", "autovacuum=on")
	if err != nil {
		return nil, err
	}
	kept, err := sqlstore.OpenPostgres(ctx, server.URL())
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	db, err := sql.Open("pgx", server.URL())
	if err != nil {
		return nil, errors.Join(err, kept.Close(), server.Close())
	}
	w := &world{settings: s, store: kept, db: db, stop: func() error { return errors.Join(db.Close(), kept.Close(), server.Close()) }}
	return w, w.open(ctx, "SELECT 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)")
}

// open makes the engines and asks the database what it is.
func (w *world) open(ctx context.Context, version string) (err error) {
	w.clock.Store(begins)
	if err = w.db.QueryRowContext(ctx, version).Scan(&w.version); err == nil {
		w.engine, err = w.newEngine(ctx)
	}
	if err != nil {
		return errors.Join(err, w.stop())
	}
	return nil
}

func (w *world) now() time.Time { return time.UnixMilli(w.clock.Load()).UTC() }

func (w *world) newEngine(ctx context.Context, opts ...beckon.Option) (*beckon.Engine, error) {
	e, err := beckon.New(w.store, append(opts, beckon.WithClock(w.now))...)
	if err != nil {
		return nil, err
	}
	return e, e.Publish(ctx, w.program("", beckon.Rule{}))
}

// program has a message that an event triggers and that is held, one that waits an hour
// to be sure, and one that a sweep sends to an audience.
func (w *world) program(sweep string, audience beckon.Rule) beckon.Program {
	text := beckon.Content{Subject: "Hello", Body: "Hello {{ user.name | fallback: 'you' }}, there is news."}
	live := w.now().Add(-time.Hour)
	p := beckon.Program{Messages: []beckon.Message{
		{ID: "held", Channel: beckon.Email, Status: beckon.Live, LiveAt: live, Trigger: beckon.On("viewed"), Audience: beckon.User("plan").Is("none"), Content: text},
		{
			ID: "later", Channel: beckon.Email, Status: beckon.Live, LiveAt: live, Trigger: beckon.On("uploaded").Unless("paid", beckon.Hours(1), ""),
			Frequency: &beckon.Frequency{Every: beckon.Seconds(0)}, Content: text,
		},
	}}
	if sweep != "" {
		p.Messages = append(p.Messages, beckon.Message{ID: sweep, Channel: beckon.Email, Status: beckon.Live, LiveAt: live, Audience: audience, Content: text})
	}
	return p
}

func contact(i int) string { return fmt.Sprintf("contact-%08d", i) }
func company(i int) string { return fmt.Sprintf("company-%06d", i) }

// A filling makes one record.
type filling struct {
	profile *store.Profile
	stats   []store.Stats
}

// Decide implements [store.Decider].
func (f *filling) Decide(_ *store.Record, c *store.Changes) error {
	c.Touch, c.Profile, c.Stats, c.EventSeq = true, f.profile, f.stats, uint64(len(f.stats))
	return nil
}

// fill makes contacts with ten attributes and five event names each, and a company for
// every hundred of them, in batches.
func (w *world) fill(ctx context.Context, note func(string, ...any)) error {
	const batch = 1_000
	names := make([]unique.Handle[string], 5)
	for i := range names {
		names[i] = unique.Make("event-" + strconv.Itoa(i))
	}
	attribute := func(list []store.Attribute, name string, v beckon.Value) []store.Attribute {
		return append(list, store.NewAttribute(name, v))
	}
	steps := make([]store.Step, 0, batch)
	flush := func() error {
		err := w.store.Step(ctx, steps)
		for i := range steps {
			err = cmp.Or(err, steps[i].Err)
		}
		steps = steps[:0]
		return err
	}
	for i := range w.contacts {
		attrs := []store.Attribute{}
		attrs = attribute(attrs, "email", beckon.String(contact(i)+"@example.com"))
		attrs = attribute(attrs, "name", beckon.String("Somebody Number "+strconv.Itoa(i)))
		attrs = attribute(attrs, "note", beckon.String("a text of some length that nobody reads, with a number: "+strconv.Itoa(i)))
		attrs = attribute(attrs, "plan", beckon.String([]string{"free", "pro", "team"}[i%3]))
		attrs = attribute(attrs, "seats", beckon.Number(i%50))
		attrs = attribute(attrs, "wave", beckon.String("w"+strconv.Itoa(i%waves)))
		for k := range 4 {
			attrs = attribute(attrs, "extra_"+strconv.Itoa(k), beckon.Number(i*k))
		}
		slices.SortFunc(attrs, func(a, b store.Attribute) int { return strings.Compare(a.Name.Value(), b.Name.Value()) })
		f := &filling{profile: &store.Profile{Created: begins, Attributes: attrs, Companies: []string{company(i / perCompany)}}}
		for k, name := range names {
			f.stats = append(f.stats, store.Stats{Name: name, Count: uint64(k + 1), First: begins / 1000, Last: begins / 1000})
		}
		steps = append(steps, store.Step{Key: store.Key{Kind: store.KindUser, ID: contact(i)}, Decider: f})
		if i%perCompany == 0 {
			about := []store.Attribute{store.NewAttribute("name", beckon.String("Company "+strconv.Itoa(i))), store.NewAttribute("seats", beckon.Number(i%1000))}
			steps = append(steps, store.Step{Key: store.Key{Kind: store.KindCompany, ID: company(i / perCompany)}, Decider: &filling{profile: &store.Profile{Created: begins, Attributes: about}}})
		}
		if len(steps) >= batch || i == w.contacts-1 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	_, err := w.db.ExecContext(ctx, "ANALYZE")
	if err != nil { // a connection that only reads
		err = nil
	}
	note("filled")
	return err
}
