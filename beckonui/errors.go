package beckonui

import (
	"context"
	"errors"
	"net/http"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// A refused is an answer that is no page of what was asked for.
type refused struct {
	status int
	text   string
}

func (r refused) Error() string { return r.text }

var errNotFound = refused{http.StatusNotFound, "There is no such page."}

// fail shows what went wrong. What a store says may name servers and secrets: it is reported
// and not shown.
func (q *request) fail(err error) {
	var no refused
	var list beckon.ErrorList
	var one *beckon.Error
	switch {
	case errors.As(err, &no):
	case errors.As(err, &list) || errors.As(err, &one):
		no = refused{statusOf(err), sentence(err)}
	case errors.Is(err, context.Canceled):
		return // nobody is there any more
	case errors.Is(err, context.DeadlineExceeded):
		no = refused{http.StatusServiceUnavailable, "This took too long. Please try again."}
		q.tell(err)
	default:
		no = refused{http.StatusServiceUnavailable, "This did not work just now. Please try again in a minute."}
		q.tell(err)
	}
	q.show(no.status, "error", view{Title: http.StatusText(no.status), Of: no.text})
}

// sentence returns what is said of the first thing that is wrong.
func sentence(err error) string {
	var one *beckon.Error
	if !errors.As(err, &one) {
		return "This is not possible."
	}
	switch one.Code { //nolint:exhaustive // the others say it well
	case beckon.ErrProgramMissing:
		return "No program was published yet."
	case beckon.ErrClosed:
		return "The engine is closed."
	case beckon.ErrContactUnknown:
		return "There is no such contact."
	case beckon.ErrContactAmbiguous:
		return "This address is that of several contacts. Find the contact by its id."
	case beckon.ErrMessageUnknown:
		return "There is no such message."
	case beckon.ErrMessageStopped:
		return "It was stopped, for good."
	case store.ErrQueryInvalid:
		return "This page of the list does not exist any more. Begin with the first."
	}
	return one.Message
}

func statusOf(err error) int {
	switch {
	case errors.Is(err, beckon.ErrContactUnknown), errors.Is(err, beckon.ErrMessageUnknown):
		return http.StatusNotFound
	case errors.Is(err, beckon.ErrContactAmbiguous), errors.Is(err, beckon.ErrMessageStopped):
		return http.StatusConflict
	case errors.Is(err, beckon.ErrProgramMissing), errors.Is(err, beckon.ErrClosed):
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}

func (q *request) tell(err error) {
	if q.report != nil {
		q.report(q.r, err)
	}
}

// damaged passes over what cannot be read: it is reported, and the page shows the rest.
func (q *request) damaged(err error) (partial bool, rest error) {
	var d *beckon.DamagedError
	if errors.As(err, &d) {
		q.tell(err)
		return true, nil
	}
	return false, err
}
