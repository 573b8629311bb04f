package beckonhttp

import (
	"context"
	"net/http"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
	"github.com/beckon-go/beckon/internal/ojson"
)

// Browser returns the routes for pages: they track events and visits, get what is to be
// shown, and tell what became of it.
//
//	mux.Handle("/beckon/", http.StripPrefix("/beckon", beckonhttp.Browser(engine, session,
//		beckonhttp.WithBrowserEvents("viewed-video", "added-to-cart"))))
//
// A page is not trusted. Whose it is, who says, and never a body; company, time, source and
// import are not the page's to choose; and it sends only events that [WithBrowserEvents]
// lists. Requests from other sites are refused ([http.CrossOriginProtection]) but for those
// that [WithOrigins] lists. A nil who lets nobody in.
//
// Browser panics if an option names an origin or an event that is none.
func Browser(engine *beckon.Engine, who Identifier, opts ...Option) http.Handler {
	m := &room{settings: settingsOf(opts), engine: engine}
	cross := m.crossOrigin()
	m.enter = func(c *call) error {
		if err := c.cors(cross); err != nil {
			return err
		}
		if who == nil {
			return ErrUnauthorized
		}
		var err error
		if c.caller, err = who(c.r); err == nil && c.caller == (beckon.Identity{}) {
			err = ErrUnauthorized
		}
		return err
	}
	m.routes = []route{
		{"POST", "events", browserEvent},
		{"POST", "visits", browserVisit},
		{"POST", "deliveries", takeDeliveries},
		{"POST", "deliveries/{}/shown", shown},
		{"POST", "deliveries/{}/dismissed", reacted(EventDismissed)},
		{"POST", "deliveries/{}/clicked", reacted(EventClicked)},
	}
	return m
}

// The events by which it is kept what a contact did with a message. Their metadata are
// message, channel and delivery, and url if the page names what was clicked. They are
// events like others: rules count them, and messages and goals may go by them.
const (
	EventDismissed = "message-dismissed"
	EventClicked   = "message-clicked"
)

// pagePrefix stands before the event_id of a page: no page can have an event that the
// host's own servers send taken for a repeat.
const pagePrefix = "page:"

// WithBrowserEvents lists the events that a page may send, by any spelling. All others are
// 403. By default there are none.
func WithBrowserEvents(names ...string) Option {
	return func(s *settings) {
		for _, name := range names {
			canonical, err := beckon.CanonicalEventName(name)
			if err != nil {
				panic("beckonhttp: WithBrowserEvents: " + err.Error())
			}
			s.events[canonical] = true
		}
	}
}

// WithShownChannels sets which channels pages show. The default are all in-app channels;
// one of the host's own ([beckon.Custom]) must be listed.
func WithShownChannels(channels ...beckon.Channel) Option {
	return func(s *settings) {
		s.shows = map[beckon.Channel]bool{}
		for _, c := range channels {
			s.shows[c] = true
		}
	}
}

// A shownJSON is a delivery as a page gets it: without the contact.
type shownJSON struct {
	ID      string            `json:"id"`
	Message string            `json:"message"`
	Channel beckon.Channel    `json:"channel"`
	Subject string            `json:"subject"`
	Format  beckon.Format     `json:"format"` // of body and data
	Body    string            `json:"body"`
	Data    map[string]string `json:"data"`
}

// A decidedJSON is what a page gets of what was decided. Why something is held says how
// the host thinks about people, so it is not there.
type decidedJSON struct {
	Duplicate  bool             `json:"duplicate"`
	Deliveries []shownJSON      `json:"deliveries"`
	Warnings   []beckon.Warning `json:"warnings"`
}

// browserEvent tracks an event of the caller.
func browserEvent(c *call) error {
	body, err := c.body(beckon.MaxEventBytes)
	if err != nil {
		return err
	}
	source, err := c.source()
	if err != nil {
		return err
	}
	ev, _ := beckon.ParseEvent(strings.NewReader(body)) // TrackJSON reports the error with the rest
	if name, err := beckon.CanonicalEventName(ev.Name); err == nil && !c.room.events[name] {
		return refuse(ErrForbidden, "event_name", "pages may not send this event")
	}
	ctx, cancel := c.context()
	defer cancel()
	res, err := c.room.engine.TrackJSON(c.making(ctx), strings.NewReader(body), beckon.As(c.caller, func(ev *beckon.Event) {
		ev.Source = source
		if ev.EventID != "" {
			ev.EventID = pagePrefix + ev.EventID
		}
	}))
	return c.give(ctx, res, err)
}

// source returns where an event comes from: a page may say that a tag manager runs it.
func (c *call) source() (beckon.Source, error) {
	switch s := beckon.Source(c.r.Header.Get("Beckon-Source")); s {
	case "":
		return beckon.SourceJavaScript, nil
	case beckon.SourceJavaScript, beckon.SourceTagManager:
		return s, nil
	}
	return "", refuse(beckon.ErrSourceUnknown, "Beckon-Source", "must be javascript or tag_manager")
}

// browserVisit decides what a page shows: {"page": {"url": "…", "seconds": 12}}.
func browserVisit(c *call) error {
	n, err := c.object()
	if err != nil {
		return err
	}
	source, err := c.source()
	if err != nil {
		return err
	}
	document := ojson.Node{Kind: ojson.Object}
	add := func(name, text string) {
		if text != "" {
			document.Members = append(document.Members, ojson.Member{Name: name, Value: ojson.Node{Kind: ojson.String, Text: text}})
		}
	}
	add("user_id", c.caller.UserID)
	add("id", c.caller.ID)
	add("email", c.caller.Email)
	add("anonymous_id", c.caller.AnonymousID)
	if page := n.Get("page"); page != nil {
		document.Members = append(document.Members, ojson.Member{Name: "page", Value: *page})
	}
	visit, err := beckon.ParseVisit(wire.Append(nil, &document))
	if err != nil {
		return err
	}
	visit.Source = source
	ctx, cancel := c.context()
	defer cancel()
	res, err := c.room.engine.Visit(c.making(ctx), visit)
	return c.give(ctx, res, err)
}

// give answers with what the page is to show of a result, and hands on the rest, unless
// there is an error instead.
func (c *call) give(ctx context.Context, res beckon.Result, err error) error {
	if err != nil {
		return err
	}
	answer := decidedJSON{Duplicate: res.Duplicate, Deliveries: []shownJSON{}, Warnings: res.Warnings}
	if answer.Warnings == nil {
		answer.Warnings = []beckon.Warning{}
	}
	var rest []beckon.Delivery
	for i := range res.Deliveries {
		if d := &res.Deliveries[i]; c.room.shows[d.Channel] && !d.IsQueued() {
			answer.Deliveries = append(answer.Deliveries, shownOf(d))
		} else {
			rest = append(rest, *d)
		}
	}
	res.Deliveries = rest
	c.decided(ctx, res)
	c.answer(http.StatusOK, answer)
	return nil
}

func shownOf(d *beckon.Delivery) shownJSON {
	s := shownJSON{ID: d.ID, Message: d.Message, Channel: d.Channel, Subject: d.Subject, Format: d.Format, Body: d.Body, Data: d.Data}
	if s.Format == "" {
		s.Format = beckon.FormatText
	}
	if s.Data == nil {
		s.Data = map[string]string{}
	}
	return s
}
