package beckonhttp

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/beckon-go/beckon"
)

// An eventJSON is an event as clients read it.
type eventJSON struct {
	Type           string        `json:"type"`
	ID             string        `json:"id"`
	EventName      string        `json:"event_name"`
	CreatedAt      int64         `json:"created_at"`
	UserID         *string       `json:"user_id"`
	Email          *string       `json:"email"`
	IntercomUserID string        `json:"intercom_user_id"`
	Metadata       beckon.Fields `json:"metadata"`
}

type eventsJSON struct {
	Type   string        `json:"type"`
	Events []eventJSON   `json:"events"`
	Pages  eventPageJSON `json:"pages"`
}

type eventPageJSON struct {
	Next  string `json:"next,omitempty"`
	Since string `json:"since,omitempty"`
}

// getEvents lists the events of a contact, newest first, or what is counted of them.
func getEvents(c *call) error {
	q, err := c.query()
	if err != nil {
		return err
	}
	if err := aboutUsers(q); err != nil {
		return err
	}
	who := queried(q)
	contact, err := c.known(who)
	if err != nil {
		return err
	}
	if q.Get("summary") == "true" {
		return c.summary(who, &contact)
	}
	size, err := count(q, "per_page", DefaultPerPage, MaxPerPage)
	if err != nil {
		return err
	}
	before, err := instant(q, "before")
	if err != nil {
		return err
	}
	since, err := instant(q, "since")
	if err != nil {
		return err
	}
	skip, err := count(q, "skip", 0, maxSkip)
	if err != nil {
		return err
	}
	list, more, err := c.page(who, before, since, skip, size)
	if err != nil {
		return err
	}
	answer := eventsJSON{Type: "event.list", Events: []eventJSON{}}
	id := wireID(&contact)
	for i := range list {
		answer.Events = append(answer.Events, eventJSON{
			Type: "event", ID: eventID(id, &list[i]), EventName: list[i].Name, CreatedAt: list[i].CreatedAt.Unix(),
			UserID: orNull(contact.UserID), Email: orNull(contact.Email), IntercomUserID: id, Metadata: orEmpty(list[i].Metadata),
		})
	}
	if len(list) > 0 {
		answer.Pages.Since = c.pageURL(q, "since", list[0].CreatedAt, 0)
	}
	if more {
		// Several may have come within one second: the next page begins with the rest.
		last := list[len(list)-1].CreatedAt.Add(time.Second)
		again := 0
		for i := range list {
			if list[i].CreatedAt.Add(time.Second).Equal(last) {
				again++
			}
		}
		if last.Equal(before) {
			again += skip
		}
		answer.Pages.Next = c.pageURL(q, "before", last, again)
	}
	c.answer(http.StatusOK, answer)
	return nil
}

// page returns the events before one instant and after another, newest first, and whether
// there are more. The first skip events of the last second were on the page before.
func (c *call) page(who beckon.Identity, before, since time.Time, skip, size int) (list []beckon.PastEvent, more bool, err error) {
	var at *beckon.PastEvent
	for {
		events, err := c.room.engine.RecentEvents(c.r.Context(), who, at, MaxPerPage)
		var damaged *beckon.DamagedError
		if errors.As(err, &damaged) {
			c.room.report(c.r, err)
		} else if err != nil {
			return nil, false, err
		}
		for i := range events {
			e := &events[i]
			switch {
			case !before.IsZero() && !e.CreatedAt.Before(before):
				continue
			case !since.IsZero() && !e.CreatedAt.After(since):
				return list, false, nil
			case skip > 0 && e.CreatedAt.Add(time.Second).Equal(before):
				skip--
				continue
			case len(list) == size:
				return list, true, nil
			}
			list = append(list, *e)
		}
		if len(events) < MaxPerPage {
			return list, false, nil
		}
		at = &events[len(events)-1]
	}
}

// maxSkip is how many events a page may pass over: more than a contact keeps.
const maxSkip = 1 << 20

// instant reads milliseconds of Unix time.
func instant(q url.Values, name string) (time.Time, error) {
	text := q.Get(name)
	if text == "" {
		return time.Time{}, nil
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms < 0 || ms > 253402300800000 {
		return time.Time{}, refuse(ErrParameterInvalid, name, "must be Unix time in milliseconds")
	}
	return time.UnixMilli(ms), nil
}

// pageURL returns the address of another page of the same list.
func (c *call) pageURL(q url.Values, name string, at time.Time, skip int) string {
	params := url.Values{}
	for _, keep := range []string{"type", "user_id", "email", "intercom_user_id", "id", "anonymous_id", "per_page"} {
		if v := q.Get(keep); v != "" {
			params.Set(keep, v)
		}
	}
	params.Set(name, strconv.FormatInt(at.UnixMilli(), 10))
	if skip > 0 {
		params.Set("skip", strconv.Itoa(skip))
	}
	u := url.URL{Scheme: "http", Host: c.r.Host, Path: c.r.URL.Path, RawQuery: params.Encode()}
	if c.r.TLS != nil || c.r.Header.Get("X-Forwarded-Proto") == "https" {
		u.Scheme = "https"
	}
	if full, err := url.ParseRequestURI(c.r.RequestURI); err == nil && full.Path != "" {
		u.Path = full.Path // with the prefix that a handler around this one has cut off
	}
	return u.String()
}

// eventID returns a stable id for an event: a UUID made of the contact, and of its own id
// or all that it has.
func eventID(contact string, e *beckon.PastEvent) string {
	data, _ := json.Marshal([]any{contact, e.Name, e.CreatedAt, e.EventID, e.ArrivedAt, e.Metadata}) // what is stored can be written
	sum := sha256.Sum256(data)
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // version 8 of RFC 9562: the host's own
	text := hex.EncodeToString(sum[:16])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

type summaryJSON struct {
	Type           string        `json:"type"`
	Email          *string       `json:"email"`
	IntercomUserID string        `json:"intercom_user_id"`
	UserID         *string       `json:"user_id"`
	Events         []countedJSON `json:"events"`
}

type countedJSON struct {
	Name        string  `json:"name"`
	First       string  `json:"first"`
	Last        string  `json:"last"`
	Count       uint64  `json:"count"`
	Description *string `json:"description"`
}

// isoMillis is how the summary writes an instant.
const isoMillis = "2006-01-02T15:04:05.000Z"

// summary answers with what is counted of a contact's events.
func (c *call) summary(who beckon.Identity, contact *beckon.Contact) error {
	x, _, err := c.room.engine.Export(c.r.Context(), who)
	var damaged *beckon.DamagedError
	if errors.As(err, &damaged) {
		c.room.report(c.r, err)
	} else if err != nil {
		return err
	}
	described, err := c.room.descriptions(c.r)
	if err != nil {
		return err
	}
	answer := summaryJSON{Type: "event.summary", Email: orNull(contact.Email), IntercomUserID: wireID(contact), UserID: orNull(contact.UserID), Events: []countedJSON{}}
	for _, e := range x.Events {
		answer.Events = append(answer.Events, countedJSON{
			Name: e.Name, First: e.First.UTC().Format(isoMillis), Last: e.Last.UTC().Format(isoMillis), Count: e.Count,
			Description: orNull(described[e.Name]),
		})
	}
	c.answer(http.StatusOK, answer)
	return nil
}

// describedFor is how long the descriptions of events that were read are good.
const describedFor = time.Minute

// descriptions are those of events, as they were read last.
type descriptions struct {
	mu   sync.Mutex
	at   time.Time
	list map[string]string // by canonical name
}

// descriptions returns the descriptions of events. They are read together and rarely change,
// so a change is seen a minute later. One that cannot be read is reported, and is none.
func (m *room) descriptions(r *http.Request) (map[string]string, error) {
	d := &m.described
	d.mu.Lock()
	defer d.mu.Unlock()
	if age := m.now().Sub(d.at); d.list != nil && age >= 0 && age < describedFor {
		return d.list, nil
	}
	all, err := m.engine.Catalogue(r.Context())
	var damaged *beckon.DamagedError
	if errors.As(err, &damaged) {
		m.report(r, err)
	} else if err != nil {
		return nil, err
	}
	list := map[string]string{}
	for i := range all {
		if all[i].Description != "" {
			list[all[i].Name] = all[i].Description
		}
	}
	d.at, d.list = m.now(), list
	return list, nil
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func orEmpty(f beckon.Fields) beckon.Fields {
	if f == nil {
		return beckon.Fields{}
	}
	return f
}
