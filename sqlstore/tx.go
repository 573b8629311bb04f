package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/beckon-go/beckon/internal/group"
	"github.com/beckon-go/beckon/store"
)

// Tx returns a store within your own transaction, in a database in which
// [OpenPostgres] or [OpenPool] has made the tables. What its steps write is committed
// when you commit, with everything else in the transaction. It is gone if you roll
// back.
//
//	res, err := engine.Using(sqlstore.Tx(tx)).Track(ctx, event)
//
// Send what the transaction has delivered only after you have committed it.
//
// The engine's own store and this one must have the same namespace: if you opened that
// store with [WithNamespace], pass the same option here. If you forget it there is no
// error, and decisions are recorded where nothing else finds them.
//
// A step locks the rows of its records until the transaction ends, and other steps on
// them wait for it. So keep the transaction short. Track events of several contacts in
// the same order everywhere: if two transactions wait for each other, PostgreSQL ends
// one of them.
//
// Nothing is tried again. After an error of Step that is the store's own, and not one
// of a decision, PostgreSQL only accepts the rollback. If ctx ends during a call, pgx
// closes the connection, and the transaction ends.
//
// The isolation level must be read committed or higher. With a higher level a lost
// race is an error with the code [ErrBusy]: repeat your transaction.
//
// [WithNamespace] is the only option that does something here. If an option is wrong,
// or the transaction is nil, every call returns that error. When the transaction has
// ended, every call fails with [beckon.ErrClosed]. The store needs no Close. Several
// goroutines may use it, one at a time.
func Tx(tx pgx.Tx, opts ...Option) *Store {
	return within(tx != nil, opts, func(namespace string) *hostTx {
		return &hostTx{
			rows:   locked{db: pgStatements{pgConn: tx}, dialect: postgresDialect, namespace: namespace},
			reader: &pgReader{db: tx, namespace: namespace},
			clock: func(ctx context.Context) (now time.Time, err error) {
				err = tx.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&now)
				return now, wrap("now", err)
			},
		}
	})
}

// TxSQLite is [Tx] for a transaction in a SQLite file in which [OpenSQLite] has made
// the tables. Your own driver runs it. It need not be the driver of this package.
//
// SQLite lets one transaction write at a time. The first step waits for that as long
// as your busy_timeout says. If the transaction has read before, and another has
// written since, the step fails at once: repeat your transaction. A transaction that
// begins with BEGIN IMMEDIATE (_txlock=immediate) does not have this problem. After an
// error of Step nothing of that call is in the transaction, and you may go on with it.
func TxSQLite(tx *sql.Tx, opts ...Option) *Store {
	return within(tx != nil, opts, func(namespace string) *hostTx {
		return &hostTx{
			rows:   locked{db: liteStatements{tx}, dialect: sqliteDialect, namespace: namespace},
			reader: &liteReader{db: tx, namespace: namespace},
			clock:  (*lite)(nil).now,
		}
	})
}

func within(begun bool, opts []Option, open func(namespace string) *hostTx) *Store {
	c, err := configure(opts)
	if err == nil && !begun {
		err = fail(ErrSetup, "open", "a transaction is needed", nil)
	}
	h := open(c.namespace)
	h.turn = make(chan struct{}, 1)
	return &Store{db: h, invalid: err, steps: group.New(maxGroup, 1, h.carryOut)}
}

// A hostTx is the host's own transaction. It does one thing at a time.
type hostTx struct {
	rows    locked
	reader  reader
	clock   func(context.Context) (time.Time, error)
	turn    chan struct{}
	changes store.Changes
}

// enter waits for the transaction to be free; leave is to be called after.
func (h *hostTx) enter(ctx context.Context) error {
	select {
	case h.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (h *hostTx) leave() { <-h.turn }

// carryOut implements database.
func (h *hostTx) carryOut(ctx context.Context, items []*item) {
	units := unitsOf(items, nil)
	if err := h.enter(ctx); err != nil {
		failAll(units, err)
		return
	}
	defer h.leave()
	defer h.changes.Reset()
	if err := h.carry(ctx, units); err != nil {
		failAll(units, wrap("step", err))
		return
	}
	settleAll(units)
}

// carry carries out units. SQLite leaves what was written before a statement
// that fails, so there it takes a savepoint; PostgreSQL leaves nothing.
func (h *hostTx) carry(ctx context.Context, units []*unit) (err error) {
	whole := false
	if h.rows.dialect == sqliteDialect {
		// Statements are short, and one that is interrupted may end the whole
		// transaction.
		ctx = context.WithoutCancel(ctx)
		if err := h.rows.db.exec(ctx, "SAVEPOINT beckon_step"); err != nil {
			return err
		}
		defer func() { // also if a decision ends the goroutine
			if !whole {
				err = errors.Join(err, h.rows.db.exec(ctx, "ROLLBACK TO beckon_step"))
			}
			err = errors.Join(err, h.rows.db.exec(ctx, "RELEASE beckon_step"))
		}()
		// Before anything is read, so that what is read cannot be out of date.
		if err := h.rows.db.exec(ctx, "DELETE FROM beckon_schema WHERE false"); err != nil {
			return err
		}
	}
	var totals []store.Increment
	h.rows.terms, h.rows.numbers = new(newTerms), &termNumbers{of: make(map[termName]int64), sure: true}
	for _, u := range units {
		if err := h.rows.step(ctx, u, &h.changes); err != nil {
			return err
		}
		totals = append(totals, u.totals...)
	}
	err = h.rows.finish(ctx, totals)
	whole = err == nil
	return err
}

func (h *hostTx) read(ctx context.Context, keys []store.Key, fn func(*store.Record) error) error {
	if err := h.enter(ctx); err != nil {
		return err
	}
	defer h.leave()
	return h.reader.read(ctx, keys, fn)
}

func (h *hostTx) page(ctx context.Context, p *page, fn func(*store.Record) error) (int, position, error) {
	if err := h.enter(ctx); err != nil {
		return 0, position{}, err
	}
	defer h.leave()
	return h.reader.page(ctx, p, fn)
}

func (h *hostTx) skip(ctx context.Context, p *page, n int) (position, bool, error) {
	if err := h.enter(ctx); err != nil {
		return position{}, false, err
	}
	defer h.leave()
	return h.reader.skip(ctx, p, n)
}

func (h *hostTx) events(ctx context.Context, key store.Key, before store.EventCursor, limit int) ([]store.LoggedEvent, error) {
	if err := h.enter(ctx); err != nil {
		return nil, err
	}
	defer h.leave()
	return h.reader.events(ctx, key, before, limit)
}

func (h *hostTx) totals(ctx context.Context, message string) ([]store.Total, error) {
	if err := h.enter(ctx); err != nil {
		return nil, err
	}
	defer h.leave()
	return h.reader.totals(ctx, message)
}

func (h *hostTx) size(ctx context.Context, kinds []store.Kind) (int64, error) {
	if err := h.enter(ctx); err != nil {
		return 0, err
	}
	defer h.leave()
	return h.reader.size(ctx, kinds)
}

func (h *hostTx) countFilter(ctx context.Context, kinds []store.Kind, f *store.Filter) (int64, bool, error) {
	if err := h.enter(ctx); err != nil {
		return 0, false, err
	}
	defer h.leave()
	return h.reader.countFilter(ctx, kinds, f)
}

func (h *hostTx) now(ctx context.Context) (time.Time, error) {
	if err := h.enter(ctx); err != nil {
		return time.Time{}, err
	}
	defer h.leave()
	return h.clock(ctx)
}

// close implements database: the transaction is the host's.
func (h *hostTx) close() error { return nil }
