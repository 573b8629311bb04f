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
)

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
		var step beckon.Step
		steps := group.New(1, 1, func(_ context.Context, items []*item) { failAll(unitsOf(items), err) })
		told := steps.Do(t.Context(), []stepItem{{Value: &step}})
		if !errors.Is(told, c.want) || (step.Err != nil) != c.known {
			t.Errorf("%v: the step has %v, its caller %v", c.err, step.Err, told)
		}
	}
}
