package beckonui

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
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
	ctx, end := q.lasting()
	defer end()
	err = do(ctx, row.Delivery)
	if errors.Is(err, beckon.ErrDeliveryUnknown) {
		return errNotDead
	}
	if err != nil {
		return err
	}
	q.redirect(link("outbox", "dead", "yes", "done", done))
	return nil
}

// maxRedelivered is how many dead letters are redelivered at once: as many as a page has time
// for where each takes a round trip or two to a store.
const maxRedelivered = 1000

type redeliverView struct {
	Channel string
	From    string // the place of the outbox from which on it looks
	N       int    // dead letters that would be redelivered
	Rows    []redeliverRow
	Others  int    // messages that are not shown
	Next    string // the place where there may be more; empty: there are none
	Partial bool
	Done    string // what the last go has done
	Failed  bool   // and was not finished
}

// A redeliverRow is what was given up of one message.
type redeliverRow struct {
	Message  string
	Channel  beckon.Channel
	Composed bool
	N        int
	Reason   string // of one of them
}

// dead collects what was given up from a place on, up to maxRedelivered. Of each delivery it
// keeps what names it.
func (q *request) dead() (v redeliverView, list []beckon.Delivery, err error) {
	v.Channel, v.From = q.args.Get("channel"), q.args.Get("after")
	looked := 0
	v.Partial, err = q.walk(v.From, true, v.Channel, func(rows []letterRow, at, next string) bool {
		for i := range rows {
			if v.N == maxRedelivered {
				v.Next = at // those that were taken are not there any more then
				return false
			}
			v.N++
			v.count(&rows[i])
			list = append(list, beckon.Delivery{ID: rows[i].ID, Contact: rows[i].Contact})
		}
		looked++
		if v.Next = next; looked == maxLooked {
			return false
		}
		v.Next = ""
		return true
	})
	slices.SortStableFunc(v.Rows, func(a, b redeliverRow) int { return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Message, b.Message)) })
	v.Others = max(0, len(v.Rows)-pageSize)
	v.Rows = v.Rows[:len(v.Rows)-v.Others]
	return v, list, err
}

func (v *redeliverView) count(r *letterRow) {
	i := slices.IndexFunc(v.Rows, func(x redeliverRow) bool { return x.Message == r.Message && x.Channel == r.Channel })
	if i < 0 {
		i = len(v.Rows)
		v.Rows = append(v.Rows, redeliverRow{Message: r.Message, Channel: r.Channel, Composed: r.Composed})
	}
	v.Rows[i].N++
	v.Rows[i].Reason = cmp.Or(v.Rows[i].Reason, r.Reason)
}

// redeliverAllPage says what would be redelivered, and asks.
func redeliverAllPage(q *request) error {
	if !q.editor() {
		return refused{http.StatusForbidden, "You may look at this, and not change it."}
	}
	v, _, err := q.dead()
	if err != nil {
		return err
	}
	v.Done, v.Failed = q.redelivered(), q.args.Get("failed") != ""
	q.show(http.StatusOK, "redeliver", view{Title: "Redeliver all", Nav: "outbox", Of: v})
	return nil
}

// redelivered says what the last go has done; empty if there was none.
func (q *request) redelivered() string {
	n, err := strconv.Atoi(q.args.Get("n"))
	switch {
	case err != nil || n < 0:
		return ""
	case n == 0:
		return "Nothing was redelivered."
	case n == 1:
		return "1 delivery is pending again."
	}
	return number(n) + " deliveries are pending again."
}

// redeliverAll redelivers what was given up, up to maxRedelivered, and leads to what is left.
func redeliverAll(q *request) error {
	if q.args.Get("sure") != "yes" {
		return refused{http.StatusBadRequest, "Nothing was redelivered: tick the box that says that you are sure."}
	}
	v, list, err := q.dead()
	if err != nil {
		return err
	}
	ctx, end := q.lasting()
	defer end()
	n, failed := 0, ""
	for i := range list {
		err := q.engine.Replay(ctx, list[i])
		if errors.Is(err, beckon.ErrDeliveryUnknown) {
			continue // somebody was faster
		}
		if err != nil {
			q.tell(err)
			failed, v.Next = "yes", v.From // what was done is not there any more
			break
		}
		n++
	}
	if failed == "" && v.Next == "" {
		q.redirect(link("outbox", "dead", "yes", "channel", v.Channel, "done", "redeliver-all", "n", n))
		return nil
	}
	q.redirect(link("redeliver-all", "channel", v.Channel, "after", v.Next, "n", n, "failed", failed))
	return nil
}
