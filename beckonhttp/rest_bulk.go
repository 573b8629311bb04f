package beckonhttp

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// A jobJSON is what older clients get of a bulk request. The items were dealt with when it
// is answered: there is nothing to wait for.
type jobJSON struct {
	AppID       *string      `json:"app_id"`
	ID          string       `json:"id"`
	Name        string       `json:"name"`
	State       string       `json:"state"` // completed, or completed_with_errors
	CreatedAt   int64        `json:"created_at"`
	UpdatedAt   int64        `json:"updated_at"`
	CompletedAt int64        `json:"completed_at"`
	ClosingAt   int64        `json:"closing_at"`
	Links       jobLinksJSON `json:"links"`
	Tasks       []taskJSON   `json:"tasks"`
	Errors      []itemErrors `json:"errors"`
}

type jobLinksJSON struct {
	Self  *string `json:"self"`
	Error *string `json:"error"`
}

type taskJSON struct {
	ID          string `json:"id"`
	ItemCount   int    `json:"item_count"`
	State       string `json:"state"`
	CreatedAt   int64  `json:"created_at"`
	StartedAt   int64  `json:"started_at"`
	CompletedAt int64  `json:"completed_at"`
}

// itemErrors is what is wrong with one item, which was not taken.
type itemErrors struct {
	Item   int             `json:"item"` // counted from 0
	Status int             `json:"status"`
	Errors []*beckon.Error `json:"errors"`
}

// postBulk takes many events or users in one request: {"items": [{"method": "post",
// "data_type": "event", "data": {…}}]}. An item that is refused does not keep the others
// out, and neither does a record that cannot be read: then the request fails at its end. If the
// store fails, it fails at once. To send all of it again is safe as far as
// events have a time or an event_id. (E7)
func postBulk(c *call) error {
	n, err := c.object()
	if err != nil {
		return err
	}
	items := n.Get("items")
	if items == nil || items.Kind != ojson.Array {
		return refuse(beckon.ErrTypeInvalid, "items", "must be an array of items")
	}
	if len(items.Items) > MaxBulkItems {
		return refuse(beckon.ErrBodyTooLarge, "items", "more than "+strconv.Itoa(MaxBulkItems)+" items")
	}
	job := jobJSON{ID: rand.Text(), State: "completed", Tasks: []taskJSON{}, Errors: []itemErrors{}}
	if given := n.Get("job"); given != nil && given.Kind == ojson.Object {
		var faults fault.List
		if id := wire.Text(given, "id", &faults); id != "" {
			job.ID = id
		}
	}
	began := c.room.now().Unix()
	ctx, cancel := c.context()
	defer cancel()
	var unread unreadable
	for i := range items.Items {
		err := c.item(ctx, &items.Items[i])
		var list beckon.ErrorList
		switch {
		case err == nil || unread.passBy(c, err):
		case errors.As(err, &list) && statusOf(list[0].Code) < http.StatusInternalServerError:
			job.State = "completed_with_errors"
			job.Errors = append(job.Errors, itemErrors{Item: i, Status: statusOf(list[0].Code), Errors: list})
		default:
			return err
		}
	}
	if unread.first != nil {
		return unread.first
	}
	ended := c.room.now().Unix()
	job.CreatedAt, job.UpdatedAt, job.CompletedAt, job.ClosingAt = began, ended, ended, ended
	job.Tasks = append(job.Tasks, taskJSON{
		ID: job.ID, ItemCount: len(items.Items), State: job.State, CreatedAt: began, StartedAt: began, CompletedAt: ended,
	})
	c.answer(http.StatusOK, job)
	return nil
}

// unreadable has what concerns records that cannot be read: their items are to come again, and
// keep no other from being taken.
type unreadable struct{ first error }

// passBy reports whether an error is such a one. The first is for the answer, which reports it.
func (u *unreadable) passBy(c *call, err error) bool {
	var damaged *beckon.DamagedError
	switch {
	case !errors.As(err, &damaged):
		return false
	case u.first == nil:
		u.first = err
	default:
		c.room.report(c.r, err)
	}
	return true
}

// item deals with one item of a bulk request.
func (c *call) item(ctx context.Context, n *ojson.Node) error {
	if n.Kind != ojson.Object {
		return refuse(beckon.ErrTypeInvalid, "items", "an item must be an object, got "+n.Kind.String())
	}
	var faults fault.List
	wire.Twins(n, "", &faults)
	method, kind, data := wire.Text(n, "method", &faults), wire.Text(n, "data_type", &faults), member(n, "data", &faults)
	if err := raised(faults); err != nil {
		return err
	}
	switch method + " " + kind {
	case "post event":
		return c.track(ctx, string(wire.Append(nil, &data)))
	case "post user":
		body, faults := wire.ReadContact(&data)
		if err := raised(faults); err != nil {
			return err
		}
		return c.create(ctx, body, whose(body))
	case "delete user":
		body, faults := wire.ReadContact(&data)
		if err := raised(faults); err != nil {
			return err
		}
		return c.room.engine.Delete(ctx, whose(body))
	}
	return refuse(ErrParameterInvalid, "method", "an item is a post of an event or a user, or a delete of a user")
}
