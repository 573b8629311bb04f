package beckonhttp

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

type listJSON struct {
	Type       string        `json:"type"`
	Data       []contactJSON `json:"data"`
	TotalCount int           `json:"total_count"`
	Pages      listPagesJSON `json:"pages"`
}

type listPagesJSON struct {
	Type       string    `json:"type"`
	Page       int       `json:"page"`
	PerPage    int       `json:"per_page"`
	TotalPages int       `json:"total_pages"`
	Next       *nextJSON `json:"next,omitempty"`
}

type nextJSON struct {
	PerPage       int    `json:"per_page"`
	StartingAfter string `json:"starting_after"`
}

// searchContacts lists the contacts that match a query. It looks at all contacts that the
// store cannot leave out, for each page.
func searchContacts(c *call) error {
	n, err := c.object()
	if err != nil {
		return err
	}
	var faults fault.List
	document := wire.Search(&n, func(id string) (string, string) {
		who := wire.ParseContactID(id)
		switch {
		case who.UserID != "":
			return "user_id", who.UserID
		case who.ID != "":
			return "id", who.ID
		case who.Email != "":
			return "email", who.Email
		}
		return "anonymous_id", who.AnonymousID
	}, &faults)
	q := url.Values{}
	if pagination := n.Get("pagination"); pagination != nil && pagination.Kind == ojson.Object {
		wire.Twins(pagination, "pagination", &faults)
		for _, name := range []string{"per_page", "starting_after"} {
			q.Set(name, wire.Text(pagination, name, &faults))
		}
	}
	if err := raised(faults); err != nil {
		return err
	}
	var rule beckon.Rule
	if err = rule.UnmarshalJSON(document); err == nil {
		err = c.list(rule, q)
	}
	var list beckon.ErrorList
	if errors.As(err, &list) {
		for _, e := range list {
			if e.Code == beckon.ErrProgramInvalid { // of the rule that the query has become
				e.Code, e.Field, e.Path = beckon.ErrTypeInvalid, wire.SearchPath(e.Path), ""
			}
		}
	}
	return err
}

// list answers with a page of the contacts that match.
func (c *call) list(rule beckon.Rule, q url.Values) error {
	size, err := count(q, "per_page", defaultContacts, MaxPerPage)
	if err != nil {
		return err
	}
	from := 0
	if text := q.Get("starting_after"); text != "" {
		if from, err = strconv.Atoi(text); err != nil || from < 0 {
			return refuse(ErrParameterInvalid, "starting_after", "must be what the page before said")
		}
	}
	ctx, cancel := c.context()
	defer cancel()
	answer := listJSON{Type: "list", Data: []contactJSON{}}
	for who, err := range c.room.engine.Match(ctx, rule) {
		var damaged *beckon.DamagedError
		if errors.As(err, &damaged) {
			c.room.report(c.r, err)
			break
		}
		if err != nil {
			return err
		}
		if answer.TotalCount++; answer.TotalCount <= from || len(answer.Data) == size {
			continue
		}
		have, err := c.room.engine.Contact(ctx, who)
		if errors.Is(err, beckon.ErrContactUnknown) {
			continue // it was deleted meanwhile
		}
		if err != nil {
			return err
		}
		answer.Data = append(answer.Data, viewOf("contact", &have))
	}
	answer.Pages = listPagesJSON{Type: "pages", Page: from/size + 1, PerPage: size, TotalPages: (answer.TotalCount + size - 1) / size}
	if from+size < answer.TotalCount {
		answer.Pages.Next = &nextJSON{PerPage: size, StartingAfter: strconv.Itoa(from + size)}
	}
	c.answer(http.StatusOK, answer)
	return nil
}

// defaultContacts is how many contacts a page has if the request does not say.
const defaultContacts = 50
