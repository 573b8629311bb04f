package beckonui

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/beckon-go/beckon"
)

// A contentView is what a message says, with its variables as they are written, or as a
// contact would see it.
type contentView struct {
	Subject, Body, Text string
	HTML                bool // Body is shown in a frame
	Data                []dataRow
	Frame               url.Values
	For                 string // the contact that it is filled in for
	Event               string // the kept event that it is filled in with
	Missing             bool
	Faults              []string
}

type dataRow struct{ Name, Value string }

// content returns what a message says. The query may name a contact.
func (q *request) content(m *beckon.Message) (*contentView, error) {
	c := &contentView{
		Subject: m.Content.Subject, Body: m.Content.Body, Text: m.Content.Text,
		HTML: m.Content.Format == "html", Frame: url.Values{"message": {m.ID}},
	}
	data := m.Content.Data
	if who, given := q.who(); given {
		c.For, _ = named(who)
		out, event, err := q.rendered(m, who)
		var list beckon.ErrorList
		switch {
		case errors.As(err, &list):
			for _, e := range list {
				c.Faults = append(c.Faults, e.Message)
			}
			return c, nil
		case err != nil:
			return nil, err
		}
		c.Subject, c.Body, c.Text, c.Missing, c.Event, data = out.Subject, out.Body, out.Text, out.Missing, event, out.Data
		for name, list := range whose(who) {
			c.Frame[name] = list
		}
	}
	for name, value := range data {
		c.Data = append(c.Data, dataRow{name, value})
	}
	slices.SortFunc(c.Data, func(a, b dataRow) int { return strings.Compare(a.Name, b.Name) })
	return c, nil
}

// rendered fills a message's content in for a contact. Of its trigger's event it takes the
// latest that is kept.
func (q *request) rendered(m *beckon.Message, who beckon.Identity) (out beckon.Rendered, event string, err error) {
	contact, err := q.engine.Contact(q.ctx, who)
	if err != nil {
		return out, "", err
	}
	vars := beckon.Vars{User: withFields(&contact)}
	if len(contact.Companies) > 0 {
		vars.Company = contact.Companies[0].Attributes
	}
	if m.Trigger != nil && m.Trigger.Event != "" {
		name, err := beckon.CanonicalEventName(m.Trigger.Event)
		if err != nil {
			return out, "", err
		}
		recent, err := q.engine.RecentEvents(q.ctx, who, nil, 200)
		if _, err = q.damaged(err); err != nil {
			return out, "", err
		}
		for i := range recent {
			if recent[i].Name == name {
				vars.Event, event = recent[i].Metadata, name+" of "+q.shown(recent[i].CreatedAt)
				break
			}
		}
	}
	r, err := beckon.NewRenderer(m.Content, beckon.WithRenderZone(q.zone))
	if err != nil {
		return out, "", err
	}
	out, err = r.Render(vars)
	return out, event, err
}

// withFields returns a contact's attributes, those too that stand in fields of their own.
func withFields(c *beckon.Contact) beckon.Attributes {
	all := beckon.Attributes{}
	for name, v := range c.Attributes {
		all[name] = v
	}
	for name, s := range map[string]string{
		"user_id": c.UserID, "id": c.ID, "email": c.Email, "anonymous_id": c.AnonymousID, "name": c.Name, "timezone": c.Timezone,
	} {
		if s != "" {
			all[name] = beckon.String(s)
		}
	}
	return all
}

// previewPolicy is what the frame with a message may do: it runs nothing, posts nothing, and
// has an origin of its own. Mails have their style inline.
const previewPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; img-src data:"

// previewPage is the body of a message in HTML, for the frame of its page.
func previewPage(q *request) error {
	q.guard(previewPolicy + q.images)
	q.w.Header().Set("X-Frame-Options", "SAMEORIGIN")
	p, err := q.program()
	if err != nil {
		return err
	}
	at := p.message(q.args.Get("message"))
	if at == nil || at.message.Content.Format != "html" {
		return errNotFound
	}
	c, err := q.content(at.message)
	if err != nil {
		return err
	}
	if len(c.Faults) > 0 {
		return refused{http.StatusUnprocessableEntity, "The content cannot be filled in: " + c.Faults[0]}
	}
	q.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if !strings.Contains(strings.ToLower(c.Body), "<html") {
		_, _ = q.w.Write([]byte("<!DOCTYPE html><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><style>body{font:16px/1.5 system-ui,sans-serif;margin:16px;color:#1b1b1f;background:#fff;overflow-wrap:anywhere}</style>\n"))
	}
	_, _ = q.w.Write([]byte(c.Body)) // who does not read it has gone
	return nil
}
