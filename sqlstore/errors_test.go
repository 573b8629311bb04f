package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/group"
	"github.com/beckon-go/beckon/store"
)

// A caller finds one type in the error of any store, the code in it, and the
// driver's own error.
func TestErrorType(t *testing.T) {
	pg := &pgconn.PgError{Code: "53100"}
	for _, c := range []struct {
		err   error
		code  beckon.Code
		says  string
		cause error
	}{
		{wrap("step", pg), ErrFull, "sqlstore: step: SQLSTATE 53100 (store_full)", pg},
		{wrap("read", io.ErrShortBuffer), ErrFailed, "sqlstore: read (store_failed)", io.ErrShortBuffer},
		{fail(ErrBusy, "step", "", nil), ErrBusy, "sqlstore: step (store_busy)", nil},
	} {
		var typed *beckon.Error
		if !errors.As(c.err, &typed) || typed.Code != c.code || !errors.Is(c.err, c.code) || c.err.Error() != c.says {
			t.Errorf("%v: the type has %+v, want %s in %q", c.err, typed, c.code, c.says)
		}
		if c.cause != nil && !errors.Is(c.err, c.cause) {
			t.Errorf("%v: the driver's error is not in it", c.err)
		}
	}
}

// An address that names no host, as where the variable with it is empty, is told so.
func TestNoHost(t *testing.T) {
	t.Setenv("PGHOST", t.TempDir())
	_, err := OpenPostgres(t.Context(), "")
	const want = "sqlstore: open: an address without a host is the socket of a server on this machine, and there is none (no such file or directory) (store_unavailable)"
	if !errors.Is(err, ErrUnavailable) || err.Error() != want {
		t.Error(err)
	}
}

// What the database refuses of one step is that step's error; what is wrong with
// the database is everybody's, although it has the same type.
func TestRefusal(t *testing.T) {
	for _, c := range []struct {
		err  error
		want bool
	}{
		{fmt.Errorf("reading: %w", &beckon.Error{Code: store.ErrDataCorrupt}), true},
		{fail(ErrRefused, "step", "", nil), true},
		{fmt.Errorf("writing: %w", &pgconn.PgError{Code: "22021"}), true},
		{&pgconn.PgError{Code: "54000"}, true},
		{fail(ErrBusy, "step", "", nil), false},
		{fail(ErrUnknownOutcome, "step", "", io.ErrUnexpectedEOF), false},
		{io.ErrUnexpectedEOF, false},
	} {
		if got := isRefusal(c.err); got != c.want {
			t.Errorf("%v: a refusal %v, want %v", c.err, got, c.want)
		}
	}
}

// What goes wrong while something is being committed is known only if the
// server has undone it and says so, in whatever language. The steps are told
// that they failed if that is known, and else nothing.
func TestUnknownOutcome(t *testing.T) {
	server := func(severity, localized, code string) error {
		return fmt.Errorf("writing: %w", &pgconn.PgError{Severity: localized, SeverityUnlocalized: severity, Code: code})
	}
	for _, c := range []struct {
		err   error
		want  error
		known bool
	}{
		{io.ErrUnexpectedEOF, ErrUnknownOutcome, false},
		{errors.New("the driver's own"), ErrUnknownOutcome, false},
		{server("FATAL", "FATAL", "57P01"), ErrUnknownOutcome, false},
		{server("FATAL", "ERROR", "57P01"), ErrUnknownOutcome, false},
		{server("ERROR", "ERROR", "22021"), ErrRefused, true},
		{server("ERROR", "FEHLER", "53100"), ErrFull, true},
		{fmt.Errorf("timeout: %w", context.DeadlineExceeded), context.DeadlineExceeded, false},
		{fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, context.Canceled), context.Canceled, false},
	} {
		err := unknown("step", c.err)
		if !errors.Is(err, c.want) || isKnown(err) != c.known {
			t.Errorf("%v: %v, known %v; want %v, %v", c.err, err, isKnown(err), c.want, c.known)
		}
		var step store.Step
		steps := group.New(1, 1, func(_ context.Context, items []*item) { failAll(unitsOf(items, nil), err) })
		told := steps.Do(t.Context(), []item{{Value: asked{Step: &step}}})
		if !errors.Is(told, c.want) || (step.Err != nil) != c.known {
			t.Errorf("%v: the step has %v, its caller %v", c.err, step.Err, told)
		}
	}
}
