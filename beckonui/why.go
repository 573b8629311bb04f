package beckonui

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/words"
)

type whyView struct {
	Whose      url.Values
	Name, Kind string
	Message    string
	On         string // event, visit, sweep, send, due, update or series
	Event      string
	Metadata   string
	URL        string
	Seconds    string
	Attributes string
	Asked      bool
	Faults     []string
	Note       string // there is no candidate, and why
	Crossing   string // what of a segment triggers the message, which is no candidate
	Traces     []traceView
	Others     []beckon.MessageTrace // of other messages
	Walks      []walkView            // of a series, or of all
	OtherWalks []explain.Walk
	More       int      // of those that are not shown
	Known      []string // ids of messages, to choose from
	Events     []string // names, to choose from
}

type traceView struct {
	beckon.MessageTrace
	Whose           url.Values // it is about
	Where, Audience *node
	Limits          []limit
}

// The limits of one answer.
const (
	maxTraces = 20  // candidates that are shown with their rules
	maxOthers = 100 // and further ones, with their reasons only
)

// A node is a rule that was judged, or a part of one.
type node struct {
	Text    string
	JSON    string // of a condition: as it is written
	Group   bool
	Matched bool
	Value   string // with its type
	Operand string // with its type, if the types say something
	Seen    string
	Against string
	Unknown bool
	Problem string
	Since   time.Time
	Of      []*node
}

// whyPage says what would be decided of a contact now, and why.
func whyPage(q *request) error {
	v := whyView{
		Message: q.args.Get("message"), On: q.args.Get("on"), Event: strings.TrimSpace(q.args.Get("event")), Metadata: strings.TrimSpace(q.args.Get("metadata")),
		URL: strings.TrimSpace(q.args.Get("url")), Seconds: strings.TrimSpace(q.args.Get("seconds")), Attributes: strings.TrimSpace(q.args.Get("attributes")),
	}
	who, given := q.who()
	if given {
		v.Whose = whose(who)
		v.Name, v.Kind = named(who)
	}
	var err error
	if v.Known, err = q.idsToChoose(); err != nil {
		return err
	}
	if err := v.guess(q); err != nil {
		return err
	}
	if given && v.On != "" {
		if err := v.ask(q, who); err != nil {
			return err
		}
	}
	title := "Why, or why not?"
	if v.Asked && v.Message != "" {
		title = "Why " + v.Message + "?"
	}
	q.show(http.StatusOK, "why", view{Title: title, Nav: "why", Of: v})
	return nil
}

// guess fills in on which occasion a message is decided, if the reader has not said.
func (v *whyView) guess(q *request) error {
	if v.Message == "" || v.On != "" && (v.On != "event" || v.Event != "") {
		return nil
	}
	p, err := q.program()
	if err != nil {
		return err
	}
	if at := p.message(v.Message); at != nil && at.message.Trigger != nil {
		switch t := at.message.Trigger; {
		case t.Event != "":
			v.On, v.Event = "event", t.Event
			return nil
		case t.Attribute != "":
			v.On = cmp.Or(v.On, "update")
			return nil
		}
	}
	list, err := q.engine.Messages(q.ctx, beckon.MessageFilter{ID: v.Message, Limit: 1})
	if err != nil || v.On != "" {
		return err
	}
	if len(list) == 0 {
		v.On = "series" // or a part of one, or nothing: the engine says so
		return nil
	}
	switch m := &list[0]; {
	case m.Mode == beckon.Triggered && p == nil:
		v.On = "event"
	case m.Mode == beckon.OneOff:
		v.On = "send"
	case plan.Sweeps(m.Channel):
		v.On = "sweep"
	default:
		v.On = "visit"
	}
	return nil
}

// ask has the engine explain.
func (v *whyView) ask(q *request, who beckon.Identity) error {
	if v.On == "event" && v.Event == "" {
		return nil // the form asks for it
	}
	v.Asked = true
	var traces []beckon.MessageTrace
	var err error
	if v.On == "series" {
		err = v.explainWalks(q, who)
	} else {
		traces, err = v.explain(q, who)
	}
	var list beckon.ErrorList
	var one *beckon.Error
	switch {
	case errors.As(err, &list):
		for _, e := range list {
			v.Faults = append(v.Faults, faultText(e))
		}
		return nil
	case errors.As(err, &one):
		v.Faults = append(v.Faults, faultText(one))
		return nil
	case err != nil:
		return err
	}
	for i := range traces {
		if m := traces[i].Message; len(v.Traces) >= maxTraces || v.Message != "" && m != "" && m != v.Message {
			if len(v.Others) < maxOthers {
				v.Others = append(v.Others, traces[i])
			} else {
				v.More++
			}
			continue
		}
		t := q.traceViewOf(&traces[i], who)
		if t.Message == "" {
			v.Note = t.Note
			continue
		}
		v.Traces = append(v.Traces, t)
	}
	if v.Message == "" || len(v.Traces) > 0 || v.Note != "" || v.On == "series" {
		return nil
	}
	return v.crossing(q, who)
}

// crossing says of a message that a segment triggers how the contact stands to that.
func (v *whyView) crossing(q *request, who beckon.Identity) error {
	p, err := q.program()
	if err != nil {
		return err
	}
	at := p.message(v.Message)
	if at == nil || at.message.Trigger == nil || at.message.Trigger.Enters == "" && at.message.Trigger.Leaves == "" {
		return nil
	}
	why, err := q.engine.Why(q.ctx, who, v.Message)
	if errors.As(err, new(*beckon.Error)) { // the text is newer than the program that the engine runs
		return nil
	}
	v.Crossing = why.Note
	return err
}

func (q *request) traceViewOf(t *beckon.MessageTrace, who beckon.Identity) traceView {
	return traceView{MessageTrace: *t, Whose: whose(who), Where: nodeOf(t.Where), Audience: nodeOf(t.Audience), Limits: q.limitsOf(t)}
}

func faultText(e *beckon.Error) string {
	if at := cmp.Or(e.Field, e.Path); at != "" {
		return at + ": " + e.Message
	}
	return e.Message
}

func (v *whyView) explain(q *request, who beckon.Identity) ([]beckon.MessageTrace, error) {
	body := map[string]any{}
	for name, value := range map[string]string{"user_id": who.UserID, "id": who.ID, "email": who.Email, "anonymous_id": who.AnonymousID} {
		if value != "" {
			body[name] = value
		}
	}
	page := map[string]any{}
	if v.URL != "" {
		page["url"] = v.URL
	}
	if v.Seconds != "" {
		page["seconds"] = json.Number(v.Seconds)
	}
	if len(page) > 0 {
		body["page"] = page
	}
	switch v.On {
	case "event":
		body["event_name"] = v.Event
		text, err := documentOf(body, "metadata", v.Metadata)
		if err != nil {
			return nil, err
		}
		ev, err := beckon.ParseEvent(bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		return q.engine.Explain(q.ctx, ev)
	case "visit":
		text, err := documentOf(body, "", "")
		if err != nil {
			return nil, err
		}
		visit, err := beckon.ParseVisit(text)
		if err != nil {
			return nil, err
		}
		return q.engine.Explain(q.ctx, visit)
	case "update":
		delete(body, "page")
		text, err := documentOf(body, "attributes", v.Attributes)
		if err != nil {
			return nil, err
		}
		contact, err := beckon.ParseContact(text)
		if err != nil {
			return nil, err
		}
		return q.engine.Explain(q.ctx, contact)
	case "sweep":
		return q.engine.Explain(q.ctx, beckon.AtSweep(who))
	case "due":
		return q.engine.Explain(q.ctx, beckon.AtDue(who))
	case "send":
		return q.engine.Explain(q.ctx, beckon.AtSend(who, v.Message))
	}
	return nil, refused{http.StatusBadRequest, "There is no such occasion."}
}

// documentOf writes a document with one more member, which the reader has written as JSON.
func documentOf(body map[string]any, name, text string) ([]byte, error) {
	if text != "" {
		if !json.Valid([]byte(text)) {
			return nil, beckon.ErrorList{{Code: beckon.ErrJSONInvalid, Field: name, Message: "this is not JSON, such as {\"plan\": \"pro\"}"}}
		}
		body[name] = json.RawMessage(text)
	}
	data, err := json.Marshal(body)
	if err != nil { // a number that is none
		return nil, beckon.ErrorList{{Code: beckon.ErrTypeInvalid, Field: "seconds", Message: "expected a number"}}
	}
	return data, nil
}

// nodeOf makes of a trace what the page shows.
func nodeOf(t *beckon.RuleTrace) *node {
	if t == nil {
		return nil
	}
	n := &node{
		Text: t.Rule, Matched: t.Matched, Seen: t.Seen, Value: t.Value, Operand: t.Operand, Against: t.Against, Unknown: t.Unknown, Problem: t.Problem, Since: t.Since,
	}
	switch {
	case t.Rule == "all":
		n.Text, n.Group = "all of these", true
	case t.Rule == "any":
		n.Text, n.Group = "at least one of these", true
	case t.Rule == "not":
		n.Text, n.Group = "not", true
	case !strings.HasPrefix(t.Rule, "{"):
		n.Group = true
	default:
		if rule, err := beckon.ParseRule([]byte(t.Rule)); err == nil {
			n.Text, n.JSON = words.Rule(rule), t.Rule
		}
	}
	n.Of = slices.Grow(n.Of, len(t.Of))
	for i := range t.Of {
		n.Of = append(n.Of, nodeOf(&t.Of[i]))
	}
	return n
}
