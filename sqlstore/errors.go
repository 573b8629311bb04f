package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// The codes of the database's errors. Except for ErrUnknownOutcome they all mean
// that nothing was written. The errors are a [*beckon.Error], as those of all stores
// are, and errors.As finds the driver's own error in them.
const (
	ErrUnavailable    beckon.Code = "store_unavailable"     // the server cannot be reached, or takes nobody
	ErrUnknownOutcome beckon.Code = "store_unknown_outcome" // the connection broke, or time was up, while the commit was under way
	ErrBusy           beckon.Code = "store_busy"            // others kept the file or the records locked for too long
	ErrFull           beckon.Code = "store_full"            // no room: the disk, a quota
	ErrReadOnly       beckon.Code = "store_read_only"       // a read-only file, a standby, a missing right
	ErrRefused        beckon.Code = "store_refused"         // the database refuses what was to be written, such as text that is not UTF-8
	ErrSchema         beckon.Code = "store_schema"          // a table or a column is not there
	ErrSetup          beckon.Code = "store_setup"           // a wrong option or address
	ErrFailed         beckon.Code = "store_failed"          // anything else
)

// A failure is a typed error, and below it what the driver or a context says,
// which may be nil. Its own text names no address, no password and nothing that
// was to be written; the driver's may quote the latter.
type failure struct {
	typed *beckon.Error
	cause error
}

// fail makes a failure. op is what was being done, such as "open" or "step";
// detail the database's own code, such as SQLSTATE 57P01, or what the system
// says, and may be empty.
func fail(code beckon.Code, op, detail string, cause error) error {
	message := "sqlstore: " + op
	if detail != "" {
		message += ": " + detail
	}
	return &failure{&beckon.Error{Code: code, Message: message}, cause}
}

// Error returns what was done, the database's own code, and ours.
func (f *failure) Error() string { return f.typed.Error() }

// Unwrap returns the typed error and its cause, for errors.Is and errors.As.
func (f *failure) Unwrap() []error {
	if f.cause == nil {
		return []error{f.typed}
	}
	return []error{f.typed, f.cause}
}

// wrap makes an error of a driver one of ours. What has a type already, and the
// end of a context, stay as they are.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	var (
		own   *failure
		code  beckon.Code
		typed *beckon.Error
	)
	switch {
	case errors.As(err, &own), errors.As(err, &typed), errors.As(err, &code):
		return err
	}
	kind, detail := ErrFailed, ""
	var (
		pg      *pgconn.PgError
		connect *pgconn.ConnectError
		lite    *sqlite.Error
	)
	switch late := errors.Is(err, context.DeadlineExceeded); {
	case late && errors.As(err, &connect):
		kind, detail = ErrUnavailable, "the server does not answer" // whose deadline it was is not known
	case late, errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, pgx.ErrTxClosed), errors.Is(err, sql.ErrTxDone):
		kind, detail = beckon.ErrClosed, "the transaction has ended"
	case errors.As(err, &pg):
		kind, detail = codeOfState(pg.Code), inWords(stateWords(pg.Code), "SQLSTATE "+pg.Code)
	case isMissingTable(err):
		kind, detail = ErrSchema, "the database has not the tables, or not those of this version: OpenSQLite makes them"
	case errors.As(err, &lite):
		kind, detail = codeOfSQLite(lite.Code()), sqlite.ErrorCodeString[lite.Code()&0xff]
		if lite.Code()&0xff == sqlite3.SQLITE_CANTOPEN {
			detail = inWords("the file cannot be opened: its folder is not there, or the right to it is missing", "SQLITE_CANTOPEN")
		}
	case errors.As(err, &connect), isNetwork(err), pgconn.SafeToRetry(err):
		kind, detail = ErrUnavailable, whyNetwork(err)
	}
	return fail(kind, op, detail, err)
}

// inWords puts the database's own code behind what it means.
func inWords(words, code string) string {
	if words == "" {
		return code
	}
	return words + " (" + code + ")"
}

// stateWords says what those of PostgreSQL's error codes mean that a host sees when
// it sets up a database; empty for others.
func stateWords(state string) string {
	switch state {
	case "3D000":
		return "the server has no database of that name"
	case "28P01":
		return "the user's name or password is wrong"
	case "28000":
		return "the server does not let that user in from here"
	case readOnly:
		return "the server takes no writes: it is a standby, or set to be read-only"
	case "42P05", "26000": // a prepared statement is there already, or is not there
		return "a pooler shares sessions: use OpenPool, with a pool whose DefaultQueryExecMode is pgx.QueryExecModeExec"
	case "42501":
		return "the user has not the right to"
	case "42P01", "42703", "3F000":
		return "the database has not the tables, or not those of this version: OpenPostgres and OpenPool make them"
	case "53300":
		return "the server takes no more connections"
	case "57P03":
		return "the server is starting up or shutting down"
	}
	return ""
}

// isMissingTable reports whether SQLite, by whichever driver, says that a table or
// a column is not there: its code for that is one for much else.
func isMissingTable(err error) bool {
	text := err.Error()
	return strings.Contains(text, "no such table: beckon_") || strings.Contains(text, "no such column: ") || strings.Contains(text, "has no column named ")
}

// whyNetwork says why the way to the server broke, without naming the server:
// what the system says of it, such as "connection refused"; else nothing.
func whyNetwork(err error) string {
	var (
		errno syscall.Errno
		name  *net.DNSError
	)
	switch {
	case errors.As(err, &errno):
		words := ""
		if errno == syscall.ENOENT {
			words = "an address without a host is the socket of a server on this machine, and there is none"
		}
		return inWords(words, errno.Error())
	case errors.As(err, &name):
		return "the name of the host cannot be resolved"
	}
	return ""
}

// codeOfState sorts PostgreSQL's error codes.
func codeOfState(state string) beckon.Code {
	switch state {
	case "53100", "53400", "54000": // disk full, limit exceeded, program limit exceeded
		return ErrFull
	case readOnly, "42501": // read-only transaction, insufficient privilege
		return ErrReadOnly
	case "40001", "40P01", "55P03": // serialisation failure, deadlock, lock not available
		return ErrBusy
	case "42P01", "42703", "3F000": // no such table, column, schema
		return ErrSchema
	case "42P05", "26000": // prepared statements of another session
		return ErrSetup
	}
	switch state[:min(2, len(state))] {
	case "08", "57", "53": // connection, operator intervention, resources
		return ErrUnavailable
	case "22", "23": // data, constraint
		return ErrRefused
	case "28", "3D": // who is not let in, or asks for a database that is not there
		return ErrUnavailable
	}
	return ErrFailed
}

// codeOfSQLite sorts SQLite's result codes, extended ones too.
func codeOfSQLite(code int) beckon.Code {
	switch code & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return ErrBusy
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_TOOBIG:
		return ErrFull
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return ErrReadOnly
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL:
		return ErrUnavailable
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return store.ErrDataCorrupt
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH:
		return ErrRefused
	}
	return ErrFailed
}

// isNetwork reports whether the way to the server broke.
func isNetwork(err error) bool {
	var n net.Error
	return errors.As(err, &n) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// isKnown reports whether an error says for sure that nothing was written.
func isKnown(err error) bool {
	var own *failure
	return errors.As(err, &own) && own.typed.Code != ErrUnknownOutcome
}

// isOddData reports whether a statement could not be carried out because of what is
// stored: JSON that is damaged, or a number that is none.
func isOddData(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && strings.HasPrefix(pg.Code, "22") || err != nil && strings.Contains(err.Error(), "malformed JSON")
}

// retriable reports whether nothing was written and another try may succeed: a
// deadlock, a serialisation failure, a connection that was dead before use.
func retriable(err error) bool {
	return isState(err, "40001", "40P01") || pgconn.SafeToRetry(err)
}

// isRefusal reports whether the database refuses what was to be written, or a
// record cannot be read: an error of one unit, not of a group.
func isRefusal(err error) bool {
	var (
		own     *failure // is typed too, but about the database
		damaged *beckon.Error
	)
	return !errors.As(err, &own) && errors.As(err, &damaged) || errors.Is(wrap("", err), ErrRefused) || isState(err, "54000")
}

// unknown is wrap for an error that came while something was being committed.
// Unless the server said that it undid it, nobody knows.
func unknown(op string, err error) error {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.SeverityUnlocalized == "ERROR" || pgconn.SafeToRetry(err) {
		return wrap(op, err)
	}
	if ctxErr := contextError(err); ctxErr != nil {
		return ctxErr
	}
	return fail(ErrUnknownOutcome, op, "", err)
}

// contextError returns the error of a context that an error is about.
func contextError(err error) error {
	for _, e := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, e) {
			return e
		}
	}
	return nil
}
