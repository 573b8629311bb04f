package beckontest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

// String returns what the call decided, as text for people: the call and its instant, then
// what was sent with its content, what was held with its reason, and the warnings. The
// rules of each message stand below it with the values that they saw. Only what says
// something is printed, so that the text of a test stays as it is when a Result or a trace
// gets another field. It ends without a line break.
func (o *Outcome) String() string {
	var b strings.Builder
	b.WriteString(o.call + " at " + instantText(o.at))
	if o.Duplicate {
		b.WriteString("\n    a duplicate")
	}
	for i := range o.Deliveries {
		d := &o.Deliveries[i]
		fmt.Fprintf(&b, "\n    sent %s to %s by %s, number %d", key(d.Message, d.CompanyID), name(d.Contact), d.Channel, d.Sequence)
		b.WriteString(o.rules(d.Message, d.CompanyID))
		b.WriteString(content(d))
	}
	for i := range o.Held {
		b.WriteString("\n    " + heldText(&o.Held[i]) + o.rules(o.Held[i].Message, o.Held[i].CompanyID))
	}
	for i := range o.Warnings {
		w := &o.Warnings[i]
		b.WriteString("\n    warning " + string(w.Code))
		if w.Field != "" {
			b.WriteString(" at " + w.Field)
		}
	}
	if len(o.Deliveries)+len(o.Held) == 0 {
		b.WriteString("\n    nothing sent, nothing held")
	}
	for i := range o.why {
		if note := o.why[i].Note; note != "" {
			b.WriteString("\n    " + note)
		}
	}
	return b.String()
}

// rules returns the rules of a candidate with the values that they saw.
func (o *Outcome) rules(message, company string) string {
	for i := range o.why {
		if w := &o.why[i]; w.Message == message && w.CompanyID == company {
			return scenario.Tree(w, 2)
		}
	}
	return ""
}

// content returns what would reach the contact, a line for each part.
func content(d *beckon.Delivery) string {
	var b strings.Builder
	line := func(part, text string) { fmt.Fprintf(&b, "\n        %s %q", part, text) }
	if d.Subject != "" {
		line("subject", d.Subject)
	}
	if d.Body != "" {
		line("body", d.Body)
	}
	if d.Text != "" {
		line("text", d.Text)
	}
	for _, k := range slices.Sorted(maps.Keys(d.Data)) {
		line("data "+k, d.Data[k])
	}
	for _, k := range slices.Sorted(maps.Keys(d.Parameters)) {
		line("parameter "+k, d.Parameters[k].String())
	}
	return b.String()
}

func heldText(h *beckon.Held) string {
	text := "held " + key(h.Message, h.CompanyID) + ": " + string(h.Reason)
	if h.Cap != "" {
		text += " by " + h.Cap
	}
	if !h.RetryAt.IsZero() {
		text += " until " + instantText(h.RetryAt)
	}
	return text
}

// key names a message, and the company for which it was judged, if it was for one.
func key(message, company string) string {
	if company == "" {
		return message
	}
	return message + "@" + company
}
