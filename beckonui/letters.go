package beckonui

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/beckon-go/beckon"
)

// A letterRow is a delivery in the outbox.
type letterRow struct {
	beckon.Delivery
	Name, Kind string
	Whose      url.Values
	Dead       bool
	Reason     string    // of one that was given up
	GaveUp     time.Time // of one that was given up
}

func letterRowOf(d beckon.Delivery) letterRow {
	row := letterRow{Delivery: d, Whose: whose(d.Contact)}
	row.Name, row.Kind = named(d.Contact)
	return row
}

func deadRowOf(x beckon.DeadLetter) letterRow {
	row := letterRowOf(x.Delivery)
	row.Dead, row.Reason, row.GaveUp = true, x.Reason, x.At
	return row
}

// letter finds what a request is about in the outbox.
func (q *request) letter() (row letterRow, found bool, err error) {
	who, given := q.who()
	id := q.args.Get("delivery")
	if !given || id == "" {
		return row, false, errNotFound
	}
	x, _, err := q.engine.Export(q.ctx, who)
	if _, err = q.damaged(err); err != nil {
		return row, false, err
	}
	for i := range x.DeadLetters {
		if x.DeadLetters[i].Delivery.ID == id {
			return deadRowOf(x.DeadLetters[i]), true, nil
		}
	}
	for i := range x.Pending {
		if x.Pending[i].ID == id {
			return letterRowOf(x.Pending[i]), true, nil
		}
	}
	return row, false, nil
}

// errNotDead says that a dead letter is none any more.
var errNotDead = refused{http.StatusConflict, "This is not among what was given up any more."}

// letterPage shows one delivery of the outbox.
func letterPage(q *request) error {
	row, found, err := q.letter()
	if err != nil {
		return err
	}
	if !found {
		return refused{http.StatusNotFound, "This is not in the outbox any more: it was made, or dropped."}
	}
	q.show(http.StatusOK, "letter", view{Title: row.Message, Nav: "outbox", Of: row})
	return nil
}

func redeliver(q *request) error { return q.settle("redeliver", q.engine.Replay) }

func discard(q *request) error {
	if q.args.Get("sure") != "yes" {
		return refused{http.StatusBadRequest, "Nothing was dropped: tick the box that says that you are sure."}
	}
	return q.settle("discard", q.engine.Discard)
}

// settle does something to a dead letter.
func (q *request) settle(done string, do func(context.Context, beckon.Delivery) error) error {
	row, found, err := q.letter()
	switch {
	case err != nil:
		return err
	case !found || !row.Dead:
		return errNotDead
	}
	err = do(context.WithoutCancel(q.ctx), row.Delivery)
	if errors.Is(err, beckon.ErrDeliveryUnknown) {
		return errNotDead
	}
	if err != nil {
		return err
	}
	q.redirect(link("outbox", "dead", "yes", "done", done))
	return nil
}
