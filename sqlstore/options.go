package sqlstore

import (
	"strings"
	"time"
	"unicode/utf8"
)

// DefaultLockTimeout is how long a SQLite store waits for other processes.
const DefaultLockTimeout = 10 * time.Second

// DefaultFlights is how many groups of steps a PostgreSQL store has under way
// at once, each on a connection of its own. While one waits for the disk the
// other is at work; more of them make groups smaller, and a group costs the
// server several steps' time, however small it is.
const DefaultFlights = 2

// MaxNamespaceLength is the longest namespace, in bytes.
const MaxNamespaceLength = 64

// An Option sets up a [Store]. A nil Option is skipped; one that makes no sense
// is an error of the code ErrSetup.
type Option interface{ apply(*config) }

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

type config struct {
	namespace   string
	normalSync  bool
	lockTimeout time.Duration
	flights     int
}

func configure(opts []Option) (config, error) {
	c := config{lockTimeout: DefaultLockTimeout, flights: DefaultFlights}
	for _, o := range opts {
		if o != nil {
			o.apply(&c)
		}
	}
	if len(c.namespace) > MaxNamespaceLength || !utf8.ValidString(c.namespace) || strings.ContainsRune(c.namespace, 0) {
		return c, fail(ErrSetup, "open", "a namespace is at most 64 bytes of UTF-8 without NUL", nil)
	}
	return c, nil
}

// WithNamespace keeps all that the store holds apart from that of other
// namespaces in the same database. It is part of every key. The default is the
// empty one. Stores of one engine, those of [Tx] too, must have the same; one of
// more than [MaxNamespaceLength] bytes is an error of the code [ErrSetup], and so
// is one with a NUL or one that is not UTF-8.
func WithNamespace(name string) Option {
	return optionFunc(func(c *config) { c.namespace = name })
}

// WithNormalSync lets SQLite write to disk at checkpoints only: a step that has
// returned survives the death of the process, but the latest ones may be lost
// with the power. Lost writes may mean a message too many; the file stays sound.
// It has no meaning for PostgreSQL, whose synchronous_commit decides.
func WithNormalSync() Option {
	return optionFunc(func(c *config) { c.normalSync = true })
}

// WithLockTimeout sets how long a step waits at most while another process writes
// to the SQLite file, before it gives up with [ErrBusy]; likewise [OpenSQLite].
// Steps that are made while others wait already give up with these, since the file
// has been locked for so long by then. Zero and less: not at all.
func WithLockTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) { c.lockTimeout = d })
}

// WithFlights sets how many groups of steps a PostgreSQL store has under way at
// once; less than 1 is 1. More of them help where the way to the server is long.
func WithFlights(n int) Option {
	return optionFunc(func(c *config) { c.flights = max(n, 1) })
}
