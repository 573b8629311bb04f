package beckonhttp

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
)

// postEvent takes one event: 202 and no body, for a repeat too.
func postEvent(c *call) error {
	body, err := c.body(beckon.MaxEventBytes)
	if err != nil {
		return err
	}
	ctx, cancel := c.context()
	defer cancel()
	if err := c.track(ctx, body); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusAccepted)
	return nil
}

// track tracks an event that a client of the REST interface sent.
func (c *call) track(ctx context.Context, body string) error {
	ev, _ := beckon.ParseEvent(strings.NewReader(body)) // Track reports the error with the rest
	ev.Source = beckon.SourceREST
	if ev.ID != "" && ev.UserID == "" {
		who := wire.ParseContactID(ev.ID)
		ev.UserID, ev.ID = who.UserID, who.ID
		if ev.UserID == "" && ev.ID == "" { // the id decides, so what it stands for does (E1)
			ev.Email, ev.AnonymousID = who.Email, who.AnonymousID
		}
	}
	return c.tracked(ctx, ev)
}

// tracked tracks an event, and hands on what was decided.
func (c *call) tracked(ctx context.Context, ev beckon.Event) error {
	res, err := c.room.engine.Track(c.making(ctx), ev)
	if err == nil {
		c.decided(ctx, res)
	}
	return err
}

// making returns the context of a call that makes its contact, unless [WithKnownContacts] has
// the engine refuse one that is not known.
func (c *call) making(ctx context.Context) context.Context {
	if c.room.knownOnly {
		return identity.KnownOnly(ctx)
	}
	return ctx
}

// postSummaries takes what another system has counted: {"user_id": "u1", "event_summaries":
// {"event_name", "count", "first", "last"}}, or a list of these. 200 and no body. (E4)
func postSummaries(c *call) error {
	n, err := c.object()
	if err != nil {
		return err
	}
	var faults fault.List
	who := named(wire.Text(&n, "user_id", &faults), wire.Text(&n, "id", &faults), wire.Text(&n, "email", &faults), wire.Text(&n, "anonymous_id", &faults))
	counted := wire.Summaries(&n, &faults)
	if err := raised(faults); err != nil {
		return err
	}
	list := make([]beckon.EventCount, len(counted))
	for i, x := range counted {
		list[i] = beckon.EventCount{Name: x.Name, Count: x.Count, First: time.Unix(x.First, 0), Last: time.Unix(x.Last, 0)}
	}
	ctx, cancel := c.context()
	defer cancel()
	err = c.room.engine.Recount(ctx, who, list...)
	var refused beckon.ErrorList
	if errors.As(err, &refused) {
		for _, e := range refused {
			if rest, ok := strings.CutPrefix(e.Field, "events["); ok {
				e.Field = "event_summaries[" + rest
			}
		}
	}
	if err == nil {
		c.w.WriteHeader(http.StatusOK)
	}
	return err
}

// checkContact decides for a contact now what the next sweep would. It answers as a list of
// conversations, for that is what clients ask for. (D4)
func checkContact(c *call) error {
	q, err := c.query()
	if err != nil {
		return err
	}
	if err := aboutUsers(q); err != nil {
		return err
	}
	empty := conversationsJSON{Type: "conversation.list", Conversations: []struct{}{}}
	empty.Pages = pagesJSON{Type: "pages", Page: 1, PerPage: DefaultPerPage, TotalPages: 1}
	who := queried(q)
	if who == (beckon.Identity{}) {
		c.answer(http.StatusOK, empty) // nobody is named, so nobody is checked
		return nil
	}
	ctx, cancel := c.context()
	defer cancel()
	res, err := c.room.engine.Check(identity.KnownOnly(ctx), who) // to read is not to make a contact
	if err != nil {
		return err
	}
	c.decided(ctx, res)
	c.answer(http.StatusOK, empty)
	return nil
}

type conversationsJSON struct {
	Type          string     `json:"type"`
	Conversations []struct{} `json:"conversations"`
	Pages         pagesJSON  `json:"pages"`
	TotalCount    int        `json:"total_count"`
}

type pagesJSON struct {
	Type       string  `json:"type"`
	Page       int     `json:"page,omitempty"`
	PerPage    int     `json:"per_page,omitempty"`
	TotalPages int     `json:"total_pages,omitempty"`
	Next       *string `json:"next"`
}
