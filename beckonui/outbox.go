package beckonui

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"

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
