package beckonui

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

// maxLooked is how many pages of the store one page of the outbox looks through: what was given
// up may lie far behind what is pending.
const maxLooked = 8

type outboxView struct {
	Dead    bool
	Channel string
	Has     bool // the engine has an outbox
	List    []letterRow
	Next    string
	IsFirst bool
	Partial bool
	Done    string
}

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

// outboxPage lists what is pending over all contacts, or what was given up.
func outboxPage(q *request) error {
	v := outboxView{Dead: q.args.Get("dead") != "", Channel: q.args.Get("channel"), IsFirst: q.args.Get("after") == ""}
	v.Done = map[string]string{"redeliver": "It is pending again, and a worker gets it.", "discard": "It is dropped."}[q.args.Get("done")]
	var err error
	if v.Has, err = q.engine.HasOutbox(q.ctx); err != nil {
		return err
	}
	if v.Channel != "" && !beckon.KnownChannel(beckon.Channel(v.Channel)) {
		return refused{http.StatusBadRequest, "There is no such channel."}
	}
	if err := v.list(q); err != nil {
		return err
	}
	title := "What is pending"
	if v.Dead {
		title = "What was given up"
	}
	q.show(http.StatusOK, "outbox", view{Title: title, Nav: "outbox", Of: v})
	return nil
}

// list reads one page. It begins at a place of the store and behind a delivery, since one
// place may have more of them than a page. If that delivery is gone, the place is shown from its
// beginning: rather a row twice than none.
func (v *outboxView) list(q *request) error {
	place, behind, _ := strings.Cut(q.args.Get("after"), ".")
	at, err := base64.RawURLEncoding.DecodeString(place)
	if err != nil {
		return refused{http.StatusBadRequest, "This page of the list does not exist."}
	}
	ctx, stop := context.WithCancel(q.ctx)
	defer stop()
	var rows []letterRow // of the place
	looked := 0
	opts := []beckon.RunOption{
		beckon.ResumeAt(store.Cursor(at)),
		beckon.OnDamaged(func(_ store.Key, err error) { q.tell(err); v.Partial = true }),
		beckon.OnProgress(func(p beckon.Progress) {
			if i := slices.IndexFunc(rows, func(r letterRow) bool { return r.ID == behind }); i >= 0 {
				rows = rows[i+1:]
			}
			room := pageSize - len(v.List)
			v.List = append(v.List, rows[:min(room, len(rows))]...)
			switch {
			case len(rows) > room:
				v.Next = base64.RawURLEncoding.EncodeToString(at) + "." + v.List[pageSize-1].ID
				stop()
				return
			case p.Cursor == "":
				return
			}
			rows, behind, at = nil, "", []byte(p.Cursor)
			if looked++; len(v.List) == pageSize || looked == maxLooked {
				v.Next = base64.RawURLEncoding.EncodeToString(at)
				stop()
			}
		}),
	}
	if v.Channel != "" {
		opts = append(opts, beckon.Channels(beckon.Channel(v.Channel)))
	}
	if v.Dead {
		for x, failed := range q.engine.DeadLetters(ctx, opts...) {
			err = failed
			rows = append(rows, deadRowOf(x))
		}
	} else {
		for d, failed := range q.engine.Outbox(ctx, opts...) {
			err = failed
			rows = append(rows, letterRowOf(d))
		}
	}
	if v.Next != "" && errors.Is(err, context.Canceled) {
		err = nil // it was enough
	}
	return err
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
