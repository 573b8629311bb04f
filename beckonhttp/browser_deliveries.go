package beckonhttp

import (
	"errors"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
	"github.com/beckon-go/beckon/internal/fault"
)

// maxShown is how many deliveries a page gets at once.
const maxShown = 20

// takeDeliveries answers with what is pending for the caller in the outbox. Each is leased
// to the page: another page gets it only if this one does not tell that it was shown.
func takeDeliveries(c *call) error {
	if _, err := c.object(); err != nil {
		return err
	}
	channels := make([]beckon.Channel, 0, len(c.room.shows))
	for channel := range c.room.shows {
		channels = append(channels, channel)
	}
	ctx, cancel := c.context()
	defer cancel()
	answer := decidedJSON{Deliveries: []shownJSON{}, Warnings: []beckon.Warning{}}
	for d, err := range c.room.engine.Pending(ctx, beckon.Only(c.caller), beckon.Channels(channels...), beckon.Ahead(maxShown)) {
		if err != nil {
			return err
		}
		if answer.Deliveries = append(answer.Deliveries, shownOf(&d)); len(answer.Deliveries) == maxShown {
			break
		}
	}
	c.answer(http.StatusOK, answer)
	return nil
}

// shown takes a delivery out of the outbox: the contact has seen it. A repeat is safe, and
// so is an id that is not pending for the caller.
func shown(c *call) error {
	if _, err := c.object(); err != nil {
		return err
	}
	ctx, cancel := c.context()
	defer cancel()
	if err := c.room.engine.Acknowledge(ctx, beckon.Delivery{ID: c.parts[0], Contact: c.caller}); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// reacted keeps, as an event, what the caller did with a message that was sent to it, and
// takes the delivery out of the outbox. A repeat is known.
func reacted(event string) func(*call) error {
	return func(c *call) error {
		n, err := c.object()
		if err != nil {
			return err
		}
		source, err := c.source()
		if err != nil {
			return err
		}
		var faults fault.List
		url := wire.Text(&n, "url", &faults)
		if err := raised(faults); err != nil {
			return err
		}
		ctx, cancel := c.context()
		defer cancel()
		x, _, err := c.room.engine.Export(ctx, c.caller)
		var damaged *beckon.DamagedError
		if errors.As(err, &damaged) && damaged.Event != nil { // the log of sends is whole
			c.room.report(c.r, err)
		} else if err != nil {
			return err
		}
		id := c.parts[0]
		i := slices.IndexFunc(x.Log, func(s beckon.Sending) bool { return s.ID == id })
		if i < 0 {
			return refuse(beckon.ErrDeliveryUnknown, "", "no such delivery was sent to the caller of late")
		}
		if err := c.room.engine.Acknowledge(ctx, beckon.Delivery{ID: id, Contact: c.caller}); err != nil {
			return err
		}
		ev := beckon.Event{
			Name: event, EventID: event + ":" + id, Source: source,
			UserID: c.caller.UserID, ID: c.caller.ID, Email: c.caller.Email, AnonymousID: c.caller.AnonymousID,
			Metadata: beckon.Fields{
				{Key: "message", Value: beckon.String(x.Log[i].Message)},
				{Key: "channel", Value: beckon.String(string(x.Log[i].Channel))},
				{Key: "delivery", Value: beckon.String(id)},
			},
		}
		clicked, dropped := clickedAt(url)
		ev.Metadata = append(ev.Metadata, clicked...)
		res, err := c.room.engine.Track(ctx, ev)
		res.Warnings = append(dropped, res.Warnings...)
		return c.give(ctx, res, err)
	}
}

// clickedAt returns what was clicked as metadata: a link as an event of the page would have
// it, or a text. An address that is too long for metadata is left out, with a warning: that
// there was a click counts all the same.
func clickedAt(url string) (beckon.Fields, []beckon.Warning) {
	v := beckon.Link(url)
	switch {
	case url == "":
		return nil, nil
	case v.Err() != nil && utf8.RuneCountInString(url) > beckon.MaxStringLength:
		return nil, []beckon.Warning{{Code: beckon.WarnMetadataValueDropped, Field: "url", Message: "dropped: it is too long for metadata"}}
	case v.Err() != nil:
		v = beckon.String(url)
	}
	return beckon.Fields{{Key: "url", Value: v}}, nil
}
