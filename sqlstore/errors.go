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
)

// The codes of what can go wrong with the database. All but ErrUnknownOutcome
// mean that nothing was written.
const (
	ErrUnavailable    beckon.Code = "store_unavailable"     // the server cannot be reached, or takes nobody
	ErrUnknownOutcome beckon.Code = "store_unknown_outcome" // the connection broke, or time was up, while the commit was under way
	ErrBusy           beckon.Code = "store_busy"            // others kept the file or the records locked for too long
	ErrFull           beckon.Code = "store_full"            // no room: the disk, a quota
	ErrReadOnly       beckon.Code = "store_read_only"       // a read-only file, a standby, a right that is missing
	ErrRefused        beckon.Code = "store_refused"         // the database refuses what was to be written, such as text that is not UTF-8
	ErrSchema         beckon.Code = "store_schema"          // a table or a column is not there
	ErrSetup          beckon.Code = "store_setup"           // an option or an address that makes no sense
	ErrFailed         beckon.Code = "store_failed"          // anything else
)

// An Error is what went wrong with the database. errors.Is finds its Code, and
// what Unwrap gives: the driver's own error, or that of a context.
//
// Its text names no address, no password and nothing that was to be written.
// The driver's error may quote the latter.
type Error struct {
	Code   beckon.Code
	Op     string // what was being done, such as "open" or "step"
	Detail string // the database's own code, such as SQLSTATE 57P01, or what the system says; may be empty
	cause  error
}

// Error gives what was done, the code, and the database's own.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("sqlstore: ")
	b.WriteString(e.Op)
	b.WriteString(": ")
	b.WriteString(string(e.Code))
	if e.Detail != "" {
		b.WriteString(" (")
		b.WriteString(e.Detail)
		b.WriteString(")")
	}
	return b.String()
}

// Is makes errors.Is(err, code) true for the error's own Code.
func (e *Error) Is(target error) bool {
	c, ok := target.(beckon.Code) // compared by identity, never wrapped
	return ok && c == e.Code
}

// Unwrap gives the error of the driver or of a context; it may be nil.
func (e *Error) Unwrap() error { return e.cause }

// wrap makes an error of a driver one of ours. What has a type already, and the
// end of a context, stay as they are.
func wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	var (
		own   *Error
		code  beckon.Code
		typed *beckon.Error
	)
	switch {
	case errors.As(err, &own), errors.As(err, &typed), errors.As(err, &code):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	e := &Error{Code: ErrFailed, Op: op, cause: err}
	var (
		pg      *pgconn.PgError
		connect *pgconn.ConnectError
		lite    *sqlite.Error
	)
	switch {
	case errors.Is(err, pgx.ErrTxClosed), errors.Is(err, sql.ErrTxDone):
		e.Code, e.Detail = beckon.ErrClosed, "the transaction has ended"
	case errors.As(err, &pg):
		e.Code, e.Detail = codeOfState(pg.Code), "SQLSTATE "+pg.Code
	case errors.As(err, &lite):
		e.Code, e.Detail = codeOfSQLite(lite.Code()), sqlite.ErrorCodeString[lite.Code()&0xff]
	case errors.As(err, &connect), isNetwork(err), pgconn.SafeToRetry(err):
		e.Code, e.Detail = ErrUnavailable, whyNetwork(err)
	}
	return e
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
		return errno.Error()
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
	case "25006", "42501": // read-only transaction, insufficient privilege
		return ErrReadOnly
	case "40001", "40P01", "55P03": // serialisation failure, deadlock, lock not available
		return ErrBusy
	case "42P01", "42703", "3F000": // no such table, column, schema
		return ErrSchema
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
		return beckon.ErrDataCorrupt
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
	var own *Error
	return errors.As(err, &own) && own.Code != ErrUnknownOutcome
}
