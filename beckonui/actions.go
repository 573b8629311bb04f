package beckonui

import (
	"context"
	"net/http"
)

type stopView struct {
	ID     string
	Series bool
}

// subject returns the message or the series that a form is about.
func (q *request) subject() (id string, series bool, err error) {
	if id = q.args.Get("series"); id != "" {
		return id, true, nil
	}
	if id = q.args.Get("message"); id != "" {
		return id, false, nil
	}
	return "", false, refused{http.StatusBadRequest, "The form says nothing of what it is about."}
}

// change does something to a message or a series, and leads back to its page.
func (q *request) change(done string, message, series func(context.Context, string) error) error {
	id, isSeries, err := q.subject()
	if err != nil {
		return err
	}
	page := "message"
	if isSeries {
		message, page = series, "series"
	}
	ctx, end := q.lasting()
	defer end()
	if err := message(ctx, id); err != nil {
		return err
	}
	q.redirect(link(page, "id", id, "done", done))
	return nil
}

func pause(q *request) error { return q.change("pause", q.engine.Pause, q.engine.PauseSeries) }

func resume(q *request) error { return q.change("resume", q.engine.Resume, q.engine.ResumeSeries) }

// stopPage asks before something is stopped: it is for good.
func stopPage(q *request) error {
	id, series, err := q.subject()
	if err != nil {
		return err
	}
	if !q.editor() {
		return refused{http.StatusForbidden, "You may look at this, and not change it."}
	}
	q.show(http.StatusOK, "stop", view{Title: "Stop " + id, Nav: "messages", Of: stopView{id, series}})
	return nil
}

func stop(q *request) error {
	if q.args.Get("sure") != "yes" {
		return refused{http.StatusBadRequest, "Nothing was stopped: tick the box that says that you are sure."}
	}
	return q.change("stop", q.engine.Stop, q.engine.StopSeries)
}
