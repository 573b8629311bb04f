package beckontest

import (
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/scenario"
)

// An Outcome is what one call decided. Its methods assert something, and return the
// Outcome for the next assertion. A failed assertion fails the test and lets it go on.
// It prints all that was sent and held, with the reasons and the values behind them.
//
// Name a message by its id. If the message is judged once for each company, you can
// also name it as message@company. To name a message, a reason or a cap that does not
// exist is a failure of its own, whatever is wanted of it; the failure names the one that
// was probably meant.
type Outcome struct {
	EventID    string
	Duplicate  bool
	Deliveries []beckon.Delivery
	Held       []beckon.Held
	Warnings   []beckon.Warning

	kit  *Kit
	call string
	at   time.Time
	why  []beckon.MessageTrace // made before the call; nil where a call concerns many contacts
}

// Want wants the message to be sent, or held for a reason. want is "sent", a reason,
// or "not a candidate". A message is not a candidate if, for example, another event
// triggers it. Want fits the column of a table test.
func (o *Outcome) Want(message, want string) *Outcome {
	o.kit.t.Helper()
	if o.named(message) && o.known(scenario.NoReason(want, "sent", noCandidate)) {
		if got := o.verdict(message); got != want {
			o.fail("%s: got %s, want %s", message, got, want)
		}
	}
	return o
}

// noCandidate is the verdict on a message that was neither sent nor held.
const noCandidate = "not a candidate"

// named reports whether there are such messages, and fails for those that there are not.
func (o *Outcome) named(messages ...string) bool {
	o.kit.t.Helper()
	all := true
	for _, m := range messages {
		all = (o.verdict(m) != noCandidate || o.known(o.kit.noMessage(m))) && all
	}
	return all
}

// known reports whether nothing is wrong with a name, and fails if something is.
func (o *Outcome) known(problem string) bool {
	o.kit.t.Helper()
	if problem != "" {
		o.fail("%s", problem)
	}
	return problem == ""
}

// verdict returns "sent", a reason, or that the message was no candidate. Sent
// to one company and held for another is sent.
func (o *Outcome) verdict(message string) string {
	if o.delivery(message) != nil {
		return "sent"
	}
	if h := o.heldFor(message); h != nil {
		return string(h.Reason)
	}
	return noCandidate
}

// delivery returns the first delivery of the message.
func (o *Outcome) delivery(message string) *beckon.Delivery {
	i := slices.IndexFunc(o.Deliveries, func(d beckon.Delivery) bool { return means(message, d.Message, d.CompanyID) })
	if i < 0 {
		return nil
	}
	return &o.Deliveries[i]
}

func (o *Outcome) heldFor(message string) *beckon.Held {
	i := slices.IndexFunc(o.Held, func(h beckon.Held) bool { return means(message, h.Message, h.CompanyID) })
	if i < 0 {
		return nil
	}
	return &o.Held[i]
}

// means reports whether a name in a want is that of a message that was judged, perhaps for
// a company.
func means(want, message, company string) bool {
	return want == message || company != "" && want == message+"@"+company
}

// WantSent wants exactly these messages to be sent, in any order. A message that is
// sent twice is named twice. WantSent() wants nothing to be sent.
func (o *Outcome) WantSent(messages ...string) *Outcome {
	o.kit.t.Helper()
	var got []string
	for _, d := range o.Deliveries {
		got = append(got, d.Message)
	}
	want := slices.Clone(messages)
	slices.Sort(got)
	slices.Sort(want)
	if o.named(slices.Compact(slices.Clone(want))...) && !slices.Equal(got, want) {
		o.fail("sent %q, want %q", got, want)
	}
	return o
}

// WantHeld wants the message to be held for the reason.
func (o *Outcome) WantHeld(message string, reason beckon.Reason) *Outcome {
	o.kit.t.Helper()
	return o.Want(message, string(reason))
}

// WantCap wants the message to be held by the cap of that ID, or, with "", by none. (F10)
func (o *Outcome) WantCap(message, id string) *Outcome {
	o.kit.t.Helper()
	if !o.named(message) || !o.known(o.kit.names.NoCap(id)) {
		return o
	}
	h := o.heldFor(message)
	switch {
	case h == nil:
		o.fail("%s: got %s, want it held", message, o.verdict(message))
	case h.Cap != id:
		o.fail("%s: held by the cap %q, want %q", message, h.Cap, id)
	}
	return o
}

// WantRetryAt wants the message to be held until the instant. With the zero time it
// wants it to be held without an instant at which it could be sent.
func (o *Outcome) WantRetryAt(message string, instant time.Time) *Outcome {
	o.kit.t.Helper()
	if !o.named(message) {
		return o
	}
	h := o.heldFor(message)
	switch {
	case h == nil:
		o.fail("%s: got %s, want it held", message, o.verdict(message))
	case !h.RetryAt.Equal(instant):
		o.fail("%s: retry_at is %s, want %s", message, instantText(h.RetryAt), instantText(instant))
	}
	return o
}

// WantBody wants the message to be sent with exactly this body.
func (o *Outcome) WantBody(message, body string) *Outcome {
	o.kit.t.Helper()
	if !o.named(message) {
		return o
	}
	d := o.delivery(message)
	switch {
	case d == nil:
		o.fail("%s: got %s, want it sent", message, o.verdict(message))
	case d.Body != body:
		o.fail("%s: the body is\n    %q, want\n    %q", message, d.Body, body)
	}
	return o
}

// WantBodyContains wants the message to be sent with these in its body.
func (o *Outcome) WantBodyContains(message string, parts ...string) *Outcome {
	o.kit.t.Helper()
	if !o.named(message) {
		return o
	}
	d := o.delivery(message)
	if d == nil {
		o.fail("%s: got %s, want it sent", message, o.verdict(message))
		return o
	}
	for _, part := range parts {
		if !strings.Contains(d.Body, part) {
			o.fail("%s: the body is\n    %q, want in it\n    %q", message, d.Body, part)
		}
	}
	return o
}

// WantWarnings wants exactly these warnings, in any order.
func (o *Outcome) WantWarnings(codes ...beckon.Code) *Outcome {
	o.kit.t.Helper()
	var got []beckon.Code
	for _, w := range o.Warnings {
		got = append(got, w.Code)
	}
	want := slices.Clone(codes)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		o.fail("warnings %q, want %q", got, want)
	}
	return o
}

// WantDuplicate wants the event to be a repeat, or not to be one.
func (o *Outcome) WantDuplicate(want bool) *Outcome {
	o.kit.t.Helper()
	if o.Duplicate != want {
		o.fail("duplicate is %t, want %t", o.Duplicate, want)
	}
	return o
}

// fail prints what is not as wanted, and all that was decided: each hold with
// its reason, its rules and the values that they saw.
func (o *Outcome) fail(format string, args ...any) {
	o.kit.t.Helper()
	var b strings.Builder
	for _, d := range o.Deliveries {
		b.WriteString("\n    " + describe(d))
	}
	for i := range o.Held {
		b.WriteString("\n    " + heldText(&o.Held[i]) + o.rules(o.Held[i].Message, o.Held[i].CompanyID))
	}
	if b.Len() == 0 {
		b.WriteString("\n    nothing sent, nothing held")
	}
	for i := range o.why {
		if note := o.why[i].Note; note != "" {
			b.WriteString("\n    " + note)
		}
	}
	all := append([]any{o.call, instantText(o.at)}, args...)
	o.kit.t.Errorf("%s at %s: "+format+"%s", append(all, b.String())...)
}

func instantText(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339Nano)
}
