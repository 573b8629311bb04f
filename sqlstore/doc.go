// Package sqlstore keeps beckon's records in SQLite or PostgreSQL. Caps survive a
// restart, and hold across all processes that share the database.
//
//	store, err := sqlstore.OpenSQLite(ctx, "/var/lib/app/beckon.db")
//	store, err := sqlstore.OpenPostgres(ctx, os.Getenv("DATABASE_URL"))
//	engine, err := beckon.New(store)
//
// SQLite ([OpenSQLite]) is one file, for the processes of one machine. There is
// nothing to install. PostgreSQL ([OpenPostgres], [OpenPool]) is for any number of
// machines. Both make their tables when you first open them, and migrate them later.
// They refuse tables of a newer version ([store.ErrDataVersion]).
//
// # How a step is made
//
// Steps of concurrent calls go together: while one group is on its way to the disk,
// the next one gathers. A lone caller waits for nobody. Steps on one key are decided
// one after the other on one record, and written once.
//
// In PostgreSQL a group loads its records with one statement, and writes what was
// decided with one more. It writes each row only if the row still has the version that
// was decided on. If another process changed it meanwhile, the step is decided again;
// after two lost races the row is locked. Rows that the Store has written within the last ten
// seconds, or read for a run, it keeps (up to about 96 MiB of them), and does not load again:
// a step on one that was changed meanwhile, or that writes nothing, is decided twice. What was
// kept before a connection was made is not used on it: the server may be another by now. SQLite
// has one writer, so there a group is one transaction that has the file to itself.
//
// A step is committed whole: record, events and totals, or nothing of them. When Step
// returns without an error, the step is as durable as the database makes commits.
// SQLite waits for the disk (but see [WithNormalSync]). PostgreSQL does what
// synchronous_commit says.
//
// # Your own transaction
//
// [Tx] and [TxSQLite] return a store within a transaction that you have begun, so that
// "order saved" and "message due" are committed together:
//
//	res, err := engine.Using(sqlstore.Tx(tx)).Track(ctx, event)
//
// If the store has a namespace, pass them the same option: see [WithNamespace].
//
// # Errors
//
// All errors of the database are a [beckon.Error] with one of this package's codes,
// such as [ErrUnavailable]. They contain no address and no password. Only
// [ErrUnknownOutcome], and the end of a caller's context, leave open whether something
// was written. If events have ids, it is safe to repeat the call then. The store goes
// on when the database does, or a standby takes over; you need not open it again. (E7)
//
// # What is where
//
// The files in the folder schema say what each column has. Attributes and statistics
// are JSON that you may query. Do not change them. For example, attributes are derived
// from the column state, and a change to them would be overwritten.
package sqlstore
