package scenario

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
)

// A comparison holds one step's outcome against what it wants.
type comparison struct {
	step   int
	verb   string
	out    *Outcome
	report *Report

	messages []string // of the program
}

func (c *comparison) differ(field, got, want string) {
	c.report.Differences = append(c.report.Differences, Difference{Step: c.step, Verb: c.verb, Field: field, Got: got, Want: want})
}

func (c *comparison) compare(w *want) {
	if w == nil {
		w = &want{}
	}
	c.errors(w)
	res := c.out.Result
	if res == nil {
		res = &Result{}
	}
	if w.sent != nil {
		c.sent(*w.sent, res.Deliveries)
	}
	if w.held != nil {
		c.held(*w.held, res.Held)
	}
	c.retryAt(w.retryAt, res.Held)
	c.caps(w.caps, res.Held)
	if w.warnings != nil {
		c.warnings(*w.warnings, res.Warnings)
	}
	if w.duplicate != nil && *w.duplicate != res.Duplicate {
		c.differ("duplicate", strconv.FormatBool(res.Duplicate), strconv.FormatBool(*w.duplicate))
	}
	if w.totals != nil {
		c.totals(w.totals)
	}
	if w.contacts != nil {
		c.contacts(*w.contacts)
	}
	if w.messages != nil {
		c.listed(*w.messages)
	}
}

// errors checks what was refused. An error that nobody wanted fails, as does
// a fault in the step itself, which can never be wanted.
func (c *comparison) errors(w *want) {
	got := c.out.Errors
	for _, e := range got {
		if e.Code == scenarioInvalid || e.Code == panicked {
			c.differ("", e.Error(), "a step that can be run")
			return
		}
	}
	if w.rejected != nil && *w.rejected != (len(got) > 0) {
		c.differ("rejected", strconv.FormatBool(len(got) > 0)+describeErrors(got), strconv.FormatBool(*w.rejected))
	}
	if w.errors == nil {
		if w.rejected == nil {
			for _, e := range got {
				c.differ("errors", e.Error(), "")
			}
		}
		return
	}
	wanted, came := match(len(*w.errors), len(got), func(i, j int) bool { return (*w.errors)[i].matches(got[j]) })
	for _, i := range wanted {
		c.differ("errors", "", (*w.errors)[i].raw)
	}
	for _, j := range came {
		c.differ("errors", got[j].Error(), "")
	}
}

func describeErrors(list []*beckon.Error) string {
	var b strings.Builder
	for _, e := range list {
		b.WriteString(", " + e.Error())
	}
	return b.String()
}

func (w *wantError) matches(e *beckon.Error) bool {
	return (w.code == nil || *w.code == string(e.Code)) &&
		(w.field == nil || *w.field == e.Field) &&
		(w.path == nil || *w.path == e.Path) &&
		(w.retryAt == nil || w.retryAt.Equal(e.RetryAt))
}

func (c *comparison) sent(wants []wantDelivery, got []beckon.Delivery) {
	wanted, came := match(len(wants), len(got), func(i, j int) bool { return wants[i].matches(&got[j]) })
	for _, i := range wanted {
		c.differ("sent", "", wants[i].raw)
		if id, named := wants[i].fields["message"]; named {
			c.hint(MessageHint(id, c.messages))
		}
	}
	for _, j := range came {
		c.differ("sent", describeDelivery(&got[j]), "")
	}
	if len(wanted) > 0 && c.out.Result != nil && len(c.out.Result.Held) > 0 {
		c.differ("sent", "these held instead: "+describeHeld(c.out.Result.Held), "what is named above")
	}
}

func describeDelivery(d *beckon.Delivery) string {
	text, err := json.Marshal(d)
	if err != nil {
		return d.Message
	}
	return string(text)
}

func (w *wantDelivery) matches(d *beckon.Delivery) bool {
	for field, text := range w.fields {
		if deliveryField(d, field) != text {
			return false
		}
	}
	for _, part := range w.bodyContains {
		if !strings.Contains(d.Body, part) {
			return false
		}
	}
	return (w.sequence == nil || *w.sequence == d.Sequence) &&
		(w.data == nil || maps.Equal(*w.data, d.Data)) &&
		(w.parameters == nil || sameParameters(*w.parameters, d.Parameters))
}

func deliveryField(d *beckon.Delivery, field string) string {
	switch field {
	case "message":
		return d.Message
	case "user_id":
		return d.Contact.UserID
	case "id", "contact_id": // the contact's, by either name
		return d.Contact.ID
	case "email":
		return d.Contact.Email
	case "anonymous_id":
		return d.Contact.AnonymousID
	case "company_id":
		return d.CompanyID
	case "subject":
		return d.Subject
	case "format":
		return string(cmp.Or(d.Format, beckon.FormatText))
	case "body":
		return d.Body
	case "text":
		return d.Text
	case "channel":
		return string(d.Channel)
	default:
		return d.Series
	}
}

func (c *comparison) warnings(wants []string, got []beckon.Warning) {
	came := make([]string, len(got))
	for i, w := range got {
		came[i] = string(w.Code)
	}
	wants = slices.Clone(wants)
	slices.Sort(came)
	slices.Sort(wants)
	if !slices.Equal(came, wants) {
		c.differ("warnings", fmt.Sprintf("%q", came), fmt.Sprintf("%q", wants))
	}
}
