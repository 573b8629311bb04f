// Package sqlstore keeps beckon's records in SQLite or PostgreSQL: caps survive
// a restart, and hold across all processes that share the database.
//
//	store, err := sqlstore.OpenSQLite(ctx, "/var/lib/app/beckon.db")
//	store, err := sqlstore.OpenPostgres(ctx, os.Getenv("DATABASE_URL"))
//	engine, err := beckon.New(store)
//
// SQLite ([OpenSQLite]) is one file, for the processes of one machine; nothing
// has to be installed. PostgreSQL ([OpenPostgres], [OpenPool]) is for as many
// machines as one likes. Both make their tables when they are opened first, and
// migrate them later; tables of a newer version are refused
// ([beckon.ErrDataVersion]).
//
// # How a step is made
//
// Steps of concurrent calls go together: while one group is on its way to the
// disk, the next one gathers. A lone caller waits for nobody. Steps on one key
// are decided one after the other on one record and written once.
//
// In PostgreSQL a group loads its records by one statement and writes what was
// decided by one more, each row only if it still has the version that was
// decided on. What another process changed meanwhile is decided again; after
// two lost races the row is locked. In SQLite, which has one writer, a group is
// one transaction that has the file to itself.
//
// A step is committed whole: record, events and totals, or nothing of them. When
// Step returns without an error it is as durable as the database makes commits:
// SQLite waits for the disk (but see [WithNormalSync]), PostgreSQL does as
// synchronous_commit says.
//
// # Transactions of the host's
//
// [Tx] and [TxSQLite] give a store within a transaction that the host has begun,
// so that "order saved" and "message due" are committed together:
//
//	res, err := engine.Using(sqlstore.Tx(tx)).Track(ctx, event)
//
// With a namespace they need the same option as the store: see [WithNamespace].
//
// # Errors
//
// All errors of the database are a [beckon.Error] with one of this package's
// codes, such as [ErrUnavailable], and name neither address nor password. Only
// [ErrUnknownOutcome], and the end of a caller's context, leave open whether
// something was written; to repeat the call is safe then, if events have ids
// (E7). When the trouble is over the store goes on; it need not be opened
// again.
//
// # What is where
//
// The files in the folder schema say what each column has. Attributes and
// statistics are JSON that a host may query. It must not change them: in
// particular attributes are derived from the column state, and a change to them
// would be overwritten.
package sqlstore
