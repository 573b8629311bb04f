package main

import (
	"context"
	"errors"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/store"
)

// storeEnv is the variable of the environment that names a store where the flag does not, so
// that a password need not stand on a command line.
const storeEnv = "BECKON_STORE"

// aboutStores is what help says of all verbs over a store.
const aboutStores = `
A store is sqlite:PATH, postgres:DSN (also postgres://…) or redis:HOST:PORT (also
redis://…). The variable BECKON_STORE can have it instead of the flag, so that a
password need not stand on a command line.`

// storeFlags are the flags that name a store, and others.
func storeFlags(others ...cli.Flag) []cli.Flag {
	return append([]cli.Flag{
		textFlag("store", "the `store`; left out: the variable BECKON_STORE"),
		textFlag("namespace", "the `namespace` in it; left out: the default one"),
	}, others...)
}

// An opened is a store that a verb works on.
type opened struct {
	store.Store
	close func() error
}

// open opens the store that the flags name.
func (c *call) open(ctx context.Context, use stores.Use) (*opened, error) {
	text := c.text("store")
	if text == "" {
		text = c.env(storeEnv)
	}
	if text == "" {
		return nil, usagef("-store is missing, and so is the variable %s", storeEnv)
	}
	address, err := stores.Parse(text)
	if err != nil {
		return nil, usagef("-store: %v", err)
	}
	c.address = &address
	for _, file := range address.Files() {
		if use != stores.Read {
			err = c.mayWrite(file)
		}
		if err = errors.Join(err, c.reads(input{name: file})); err != nil {
			return nil, err
		}
	}
	s, closeStore, err := stores.Open(ctx, address, c.text("namespace"), use)
	if err != nil {
		return nil, err
	}
	return &opened{s, closeStore}, nil
}

// over opens the store for reading, calls fn with it and closes it.
func (c *call) over(ctx context.Context, use stores.Use, fn func(store.Store) error) error {
	s, err := c.open(ctx, use)
	if err != nil {
		return err
	}
	return errors.Join(fn(s.Store), s.close())
}

// withEngine is over, with an engine on which nothing is written. If the flag program is set,
// it runs that.
func (c *call) withEngine(ctx context.Context, at time.Time, fn func(*beckon.Engine, store.Store, *beckon.Program) error) error {
	var program *beckon.Program
	if name := c.text("program"); name != "" {
		p, err := c.readProgram(name)
		if err != nil {
			return err
		}
		program = &p
	}
	return c.over(ctx, stores.Read, func(s store.Store) error {
		s = stores.Preview(s)
		engine, err := stores.Engine(ctx, s, beckon.WithClock(func() time.Time { return at }))
		if err != nil {
			return err
		}
		if program != nil {
			if err := engine.Publish(ctx, *program); err != nil {
				return err
			}
		}
		return fn(engine, s, program)
	})
}

// whoFlags are the flags that name a contact by another identity than its user_id.
func whoFlags() []cli.Flag {
	return []cli.Flag{
		textFlag("id", "the contact with this `id`"),
		textFlag("email", "the contact with this email `address`"),
		textFlag("anonymous", "the visitor with this anonymous `id`"),
	}
}

// who returns the contact that the flags name, or else the first argument, by its user_id. rest
// are the other arguments.
func (c *call) who() (who beckon.Identity, rest []string, err error) {
	who = beckon.Identity{ID: c.text("id"), Email: c.text("email"), AnonymousID: c.text("anonymous")}
	rest = c.args()
	if who == (beckon.Identity{}) {
		if len(rest) == 0 {
			return who, nil, usagef("a contact is missing: its user_id, or -id, -email or -anonymous")
		}
		who.UserID, rest = rest[0], rest[1:]
	}
	return who, rest, nil
}

// nameOf returns the identity that decides (E1).
func nameOf(who beckon.Identity) string {
	for _, id := range []string{who.UserID, who.ID, who.Email, who.AnonymousID} {
		if id != "" {
			return id
		}
	}
	return ""
}

// instant returns a time as people read it; empty if there is none.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}
