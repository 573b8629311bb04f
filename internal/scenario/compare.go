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

	names *Names
	why   []beckon.MessageTrace // of the step, made before it
	whyOf map[string]int        // the first of each message, and of each message@company; made when first asked for
}

// differ notes a difference. The field of the want is where it is told, and its path.
func (c *comparison) differ(field, got, want string) *Difference {
	return c.note(Difference{Field: field, Path: field, Got: got, Want: want})
}

// unknown notes that a name in the want, which stands at a path of it, means nothing.
func (c *comparison) unknown(path, problem string) {
	c.note(Difference{Field: path, Path: path, Fault: problem})
}

func (c *comparison) note(d Difference) *Difference {
	d.Step, d.Verb = c.step, c.verb
	d.Path = within("steps["+strconv.Itoa(c.step)+"].want", d.Path)
	all := &c.report.Differences
	*all = append(*all, d)
	return &(*all)[len(*all)-1]
}

// about says which message a difference is about.
func (c *comparison) about(d *Difference, message string) {
	if c.whyOf == nil {
		c.whyOf = firstOf(c.why)
	}
	if i, ok := c.whyOf[message]; ok {
		d.Why = &c.why[i]
	}
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
				d := c.differ("errors", e.Error(), "")
				d.Path = within(within("steps["+strconv.Itoa(c.step)+"]", c.verb), cmp.Or(e.Path, e.Field))
			}
		}
		return
	}
	names := func(i int) []named { return (*w.errors)[i].names() }
	among := bucketsOf(len(got), names, func(j int, field string) string { return errorField(got[j], field) })
	wanted, came := match(len(*w.errors), len(got), among, func(i, j int) bool { return (*w.errors)[i].matches(got[j]) })
	for _, i := range wanted {
		c.differ("errors", "", (*w.errors)[i].raw).item(i)
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
	for _, n := range w.names() {
		if errorField(e, n.field) != n.text {
			return false
		}
	}
	return w.retryAt == nil || w.retryAt.Equal(e.RetryAt)
}

// names returns the fields that are wanted and are text.
func (w *wantError) names() (list []named) {
	for _, n := range []struct {
		field string
		text  *string
	}{{"code", w.code}, {"field", w.field}, {"path", w.path}} {
		if n.text != nil {
			list = append(list, named{n.field, *n.text})
		}
	}
	return list
}

func errorField(e *beckon.Error, field string) string {
	switch field {
	case "code":
		return string(e.Code)
	case "field":
		return e.Field
	default:
		return e.Path
	}
}

func (c *comparison) sent(wants []wantDelivery, got []beckon.Delivery) {
	names := func(i int) []named { return wants[i].names }
	among := bucketsOf(len(got), names, func(j int, field string) string { return deliveryField(&got[j], field) })
	wanted, came := match(len(wants), len(got), among, func(i, j int) bool { return wants[i].matches(&got[j]) })
	missed := false
	for _, i := range wanted {
		id, names := wants[i].message()
		if problem := c.names.NoMessage(id); names && problem != "" {
			c.unknown("sent["+strconv.Itoa(i)+"].message", problem)
			continue
		}
		missed = true
		d := c.differ("sent", "", wants[i].raw)
		d.item(i)
		c.about(d, id)
	}
	for _, j := range came {
		c.about(c.differ("sent", describeDelivery(&got[j]), ""), key(got[j].Message, got[j].CompanyID))
	}
	if missed && c.out.Result != nil && len(c.out.Result.Held) > 0 {
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
	for _, n := range w.names {
		if deliveryField(d, n.field) != n.text {
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

// message returns the message that is wanted, and whether one is named.
func (w *wantDelivery) message() (id string, names bool) {
	for _, n := range w.names {
		if n.field == "message" {
			return n.text, true
		}
	}
	return "", false
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
