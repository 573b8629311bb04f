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
	Place   string // of the store, where the page begins
	Next    string
	IsFirst bool
	Partial bool
	Done    string
}

// outboxPage lists what is pending over all contacts, or what was given up.
func outboxPage(q *request) error {
	v := outboxView{Dead: q.args.Get("dead") != "", Channel: q.args.Get("channel"), IsFirst: q.args.Get("after") == ""}
	v.Done = map[string]string{
		"redeliver": "It is pending again, and a worker gets it.", "discard": "It is dropped.", "redeliver-all": q.redelivered(),
	}[q.args.Get("done")]
	var err error
	if v.Has, err = q.engine.HasOutbox(q.ctx); err != nil {
		return err
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
	v.Place = place
	looked := 0
	var err error
	v.Partial, err = q.walk(place, v.Dead, v.Channel, func(rows []letterRow, at, next string) bool {
		if i := slices.IndexFunc(rows, func(r letterRow) bool { return r.ID == behind }); i >= 0 {
			rows = rows[i+1:]
		}
		room := pageSize - len(v.List)
		v.List = append(v.List, rows[:min(room, len(rows))]...)
		if len(rows) > room {
			v.Next = at + "." + v.List[pageSize-1].ID
			return false
		}
		if looked++; len(v.List) == pageSize || looked == maxLooked {
			v.Next = next
			return false
		}
		return true
	})
	return err
}

// walk goes through the outbox from a place on, a page of the store after the other: page
// gets the deliveries of one, its place and that of the next, empty if it is the last, and
// reports whether to go on. Partial says that contacts were left out.
func (q *request) walk(from string, dead bool, channel string, page func(rows []letterRow, at, next string) bool) (partial bool, err error) {
	cursor, err := base64.RawURLEncoding.DecodeString(from)
	if err != nil {
		return false, refused{http.StatusBadRequest, "This page of the list does not exist."}
	}
	if channel != "" && !beckon.KnownChannel(beckon.Channel(channel)) {
		return false, refused{http.StatusBadRequest, "There is no such channel."}
	}
	ctx, stop := context.WithCancel(q.ctx)
	defer stop()
	var rows []letterRow
	enough := false
	opts := []beckon.RunOption{
		beckon.ResumeAt(store.Cursor(cursor)),
		beckon.OnDamaged(func(_ store.Key, err error) { q.tell(err); partial = true }),
		beckon.OnProgress(func(p beckon.Progress) {
			next := base64.RawURLEncoding.EncodeToString([]byte(p.Cursor))
			if !page(rows, from, next) {
				enough = true
				stop()
			}
			rows, from = nil, next
		}),
	}
	if channel != "" {
		opts = append(opts, beckon.Channels(beckon.Channel(channel)))
	}
	if dead {
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
	if enough && errors.Is(err, context.Canceled) {
		err = nil
	}
	return partial, err
}
