package sqlstore

import (
	"strings"
	"time"
	"unicode/utf8"
)

// DefaultLockTimeout is how long a SQLite store waits for other processes.
const DefaultLockTimeout = 10 * time.Second

// DefaultFlights is how many groups of steps a PostgreSQL store has under way at once,
// each on its own connection. While one waits for the disk, the other works. More of
// them make groups smaller, and even a small group costs the server the time of
// several steps.
const DefaultFlights = 2

// MaxNamespaceLength is the longest namespace, in bytes.
const MaxNamespaceLength = 64

// An Option sets up a [Store]. A nil Option is skipped. A wrong one is an error with
// the code [ErrSetup].
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

// WithNamespace keeps all that the store holds apart from other namespaces in the same
// database. It is part of every key. The default is the empty namespace. All stores of
// one engine, also those of [Tx], must have the same. A namespace is an error with the
// code [ErrSetup] if it has more than [MaxNamespaceLength] bytes, has a NUL, or is not
// UTF-8.
func WithNamespace(name string) Option {
	return optionFunc(func(c *config) { c.namespace = name })
}

// WithNormalSync lets SQLite write to the disk at checkpoints only. A step that has
// returned survives the death of the process, but the latest steps may be lost if the
// power fails. Then a message may be sent once too often; the file stays sound. The
// option does nothing for PostgreSQL, where synchronous_commit decides.
func WithNormalSync() Option {
	return optionFunc(func(c *config) { c.normalSync = true })
}

// WithLockTimeout sets how long a step, or [OpenSQLite], waits while another process
// writes to the SQLite file. After that it fails with [ErrBusy], and so do the steps
// that began to wait later, because the file has been locked for so long by then. With
// zero and less it does not wait.
func WithLockTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) { c.lockTimeout = d })
}

// WithFlights sets how many groups of steps a PostgreSQL store has under way at once.
// Less than 1 is 1. More groups help if the server is far away.
func WithFlights(n int) Option {
	return optionFunc(func(c *config) { c.flights = max(n, 1) })
}
