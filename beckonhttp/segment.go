package beckonhttp

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// The limits of what Segment's libraries send, which are those of Segment itself.
const (
	MaxSegmentCall  = 32 << 10  // bytes of one call, alone or in a batch
	MaxSegmentBatch = 500 << 10 // bytes of a batch, before and after gzip
	MaxSegmentCalls = 2500      // calls of a batch
)

// Segment returns the routes of Segment's tracking API, from any prefix:
//
//	mux.Handle("/segment/", http.StripPrefix("/segment", beckonhttp.Segment(engine, beckonhttp.Tokens(writeKey))))
//
// track, identify, group, page, screen, alias and batch, which some libraries call import or b,
// answer with and without /v1 before them. A body may come as text/plain: it is read as JSON. The
// write key comes by Basic authentication; a nil auth lets nobody in. Events come from [beckon.SourceIntegration], and a messageId makes a repeat known. A page or screen is
// a visit, unless there is [WithPageEvents]. In a batch a call that is refused does not keep
// the others out: the answer is 200 and lists it, and as no client reads that,
// [WithErrors] gets it too. docs/ingest.md says what becomes of each call.
func Segment(engine *beckon.Engine, auth Authenticator, opts ...Option) http.Handler {
	m := &room{settings: settingsOf(opts), engine: engine, gzip: true, plain: true}
	m.enter = func(c *call) error {
		if auth == nil {
			return ErrUnauthorized
		}
		return auth(c.r)
	}
	for _, version := range []string{"v1/", ""} {
		for _, kind := range []string{"track", "identify", "group", "page", "screen", "alias"} {
			m.routes = append(m.routes, route{"POST", version + kind, segmentCall(kind)})
		}
		for _, name := range []string{"batch", "import", "b"} {
			m.routes = append(m.routes, route{"POST", version + name, segmentBatch})
		}
	}
	return m
}

// WithPageEvents makes the page and screen calls of [Segment] events, viewed-page and
// viewed-screen, with name, category and properties as metadata. A visit is then not counted.
func WithPageEvents() Option {
	return func(s *settings) { s.pageEvents = true }
}

// segmentJSON is the body of an answer. Clients read its status only.
type segmentJSON struct {
	Success  bool             `json:"success"`
	Warnings []beckon.Warning `json:"warnings,omitempty"`
	Errors   []itemErrors     `json:"errors,omitempty"`
}

// The warnings that an answer to a batch has at most.
const maxBatchWarnings = 100

// segmentCall takes one call.
func segmentCall(kind string) func(*call) error {
	return func(c *call) error {
		n, err := c.objectOf(MaxSegmentCall)
		if err != nil {
			return err
		}
		ctx, cancel := c.context()
		defer cancel()
		warnings, err := c.segment(ctx, &n, kind, wire.Ahead(&n, c.room.now()))
		if err == nil {
			c.answer(http.StatusOK, segmentJSON{Success: true, Warnings: warnings})
		}
		return err
	}
}

// segmentBatch takes many: {"batch": [{"type": "track", …}]}. If the store fails the request
// fails, and is to be sent again. If it is one record that cannot be read, that happens when all
// others are taken.
func segmentBatch(c *call) error {
	n, err := c.objectOf(MaxSegmentBatch)
	if err != nil {
		return err
	}
	batch := n.Get("batch")
	if batch == nil || batch.Kind != ojson.Array {
		return refuse(beckon.ErrTypeInvalid, "batch", "must be an array of calls")
	}
	if len(batch.Items) > MaxSegmentCalls {
		return refuse(beckon.ErrBodyTooLarge, "batch", "more than "+strconv.Itoa(MaxSegmentCalls)+" calls")
	}
	ctx, cancel := c.context()
	defer cancel()
	answer, more := segmentJSON{Success: true}, 0
	var unread unreadable
	ahead := wire.Ahead(&n, c.room.now())
	for i := range batch.Items {
		warnings, err := c.segmentItem(ctx, &batch.Items[i], ahead)
		place := "batch[" + strconv.Itoa(i) + "]"
		for _, w := range warnings {
			if len(answer.Warnings) == maxBatchWarnings {
				more++
				continue
			}
			w.Field = strings.TrimSuffix(place+"."+w.Field, ".")
			answer.Warnings = append(answer.Warnings, w)
		}
		var list beckon.ErrorList
		switch {
		case err == nil || unread.passBy(c, err):
		case errors.As(err, &list) && statusOf(list[0].Code) < http.StatusInternalServerError:
			for _, e := range list {
				e.Field = strings.TrimSuffix(place+"."+e.Field, ".")
			}
			answer.Errors = append(answer.Errors, itemErrors{Item: i, Status: statusOf(list[0].Code), Errors: list})
			c.room.report(c.r, list)
		default:
			return err
		}
	}
	if unread.first != nil {
		return unread.first
	}
	if more > 0 {
		answer.Warnings = append(answer.Warnings, beckon.Warning{Code: beckon.WarnMore, Message: "and " + strconv.Itoa(more) + " more warnings"})
	}
	c.answer(http.StatusOK, answer)
	return nil
}

func (c *call) segmentItem(ctx context.Context, n *ojson.Node, ahead int64) ([]beckon.Warning, error) {
	if n.Kind != ojson.Object {
		return nil, refuse(beckon.ErrTypeInvalid, "", "a call must be an object, got "+n.Kind.String())
	}
	if len(wire.Append(nil, n)) > MaxSegmentCall {
		return nil, tooLarge(MaxSegmentCall)
	}
	return c.segment(ctx, n, "", ahead)
}

// segment deals with one call, by a sender whose clock is ahead by so many seconds.
func (c *call) segment(ctx context.Context, n *ojson.Node, kind string, ahead int64) ([]beckon.Warning, error) {
	var faults fault.List
	if wire.Twins(n, "", &faults); len(faults) > 0 {
		return nil, raised(faults)
	}
	s, faults := wire.ReadSegment(n, kind)
	if err := raised(faults); err != nil {
		return nil, err
	}
	s.PutBack(ahead, c.room.now())
	var res beckon.Result
	var err error
	switch s.Type {
	case "track":
		res, err = c.segmentEvent(ctx, s, "")
	case "page", "screen":
		if c.room.pageEvents {
			res, err = c.segmentEvent(ctx, s, "viewed-"+s.Type)
		} else {
			res, err = c.segmentVisit(ctx, s)
		}
	case "alias":
		res, err = c.segmentAlias(ctx, s)
	default:
		res, err = c.segmentContact(ctx, s)
	}
	var list beckon.ErrorList
	if errors.As(err, &list) {
		for _, e := range list {
			if e.Field = s.Field(e.Field); e.Code == beckon.ErrContactMissing {
				e.Message = wire.NobodyNamed
			}
		}
	}
	if err != nil {
		return nil, err
	}
	own := res.Warnings
	res.Warnings = nil
	for _, w := range s.Warnings {
		res.Warnings = append(res.Warnings, beckon.Warning{Code: w.Code, Field: w.Field, Message: w.Message})
	}
	res.Warnings = append(res.Warnings, own...)
	for i := range res.Warnings {
		res.Warnings[i].Field = s.Field(res.Warnings[i].Field)
	}
	c.decided(ctx, res)
	return res.Warnings, nil
}

func (c *call) segmentEvent(ctx context.Context, s *wire.Segment, name string) (beckon.Result, error) {
	ev, _ := beckon.ParseEvent(strings.NewReader(string(s.Event(name)))) // Track reports the error with the rest
	ev.Metadata, ev.Source = s.Metadata, beckon.SourceIntegration
	return c.room.engine.Track(c.making(ctx), ev)
}

func (c *call) segmentVisit(ctx context.Context, s *wire.Segment) (beckon.Result, error) {
	visit := beckon.Visit{UserID: s.UserID, AnonymousID: s.AnonymousID, Source: beckon.SourceIntegration}
	if s.URL != "" {
		visit.Page = &beckon.Page{URL: s.URL}
	}
	return c.room.engine.Visit(c.making(ctx), visit)
}

// segmentContact sets what identify says of a contact, and the company that group names.
func (c *call) segmentContact(ctx context.Context, s *wire.Segment) (beckon.Result, error) {
	contact, err := beckon.ParseContact(s.Contact())
	if err != nil {
		return beckon.Result{}, err
	}
	if contact.UserID == "" && contact.Email != "" { // a visitor's email is an attribute
		if contact.Attributes == nil {
			contact.Attributes = beckon.Attributes{}
		}
		contact.Attributes["email"], contact.Email = beckon.String(contact.Email), ""
	}
	if s.Type == "identify" {
		if err := c.segmentVisitor(ctx, s, &contact); err != nil {
			return beckon.Result{}, err
		}
	}
	return c.room.engine.Update(ctx, contact)
}

// segmentVisitor makes one contact of the visitor and the user that identify names, if the
// visitor is nobody else's: libraries for browsers send no alias when somebody logs in. Of
// two users who log in at once on one device the visitor becomes one, and the two stay two.
// If what is said of the user is refused, nothing is merged.
func (c *call) segmentVisitor(ctx context.Context, s *wire.Segment, said *beckon.Contact) error {
	if s.UserID == "" || s.AnonymousID == "" {
		return nil
	}
	who := beckon.Identity{AnonymousID: s.AnonymousID}
	c.take(who)
	defer c.leave()
	have, err := c.room.engine.Contact(ctx, who)
	if errors.Is(err, beckon.ErrContactUnknown) || err == nil && have.UserID != "" {
		return nil // nothing was done under it, or on a device that several people use
	}
	if err != nil {
		return err
	}
	if _, err := c.room.engine.Explain(ctx, said); err != nil {
		return err
	}
	res, err := c.room.engine.Merge(ctx, who, beckon.Identity{UserID: s.UserID})
	if errors.Is(err, beckon.ErrIdentitiesLimit) {
		c.leave()
		c.room.report(c.r, err) // what is said of the user counts all the same
		return nil
	}
	if err == nil {
		c.decided(ctx, res)
	}
	return err
}

// segmentAlias merges the contact of an earlier id, anonymous or not, into that of userId.
func (c *call) segmentAlias(ctx context.Context, s *wire.Segment) (beckon.Result, error) {
	into := beckon.Identity{UserID: s.UserID}
	from, err := c.foundVisitor(ctx, s.PreviousID, "", "")
	if errors.Is(err, beckon.ErrContactUnknown) {
		return beckon.Result{}, nil // nobody has done anything by that id
	}
	if err != nil || from == into {
		return beckon.Result{}, err
	}
	return c.room.engine.Merge(ctx, from, into)
}
