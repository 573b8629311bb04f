package scenario

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

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

func describeHeld(list []beckon.Held) string {
	parts := make([]string, len(list))
	for i, h := range list {
		parts[i] = heldKey(h) + " " + string(h.Reason)
		if !h.RetryAt.IsZero() {
			parts[i] += " until " + h.RetryAt.UTC().Format(time.RFC3339Nano)
		}
	}
	return strings.Join(parts, ", ")
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

func heldKey(h beckon.Held) string {
	if h.CompanyID == "" {
		return h.Message
	}
	return h.Message + "@" + h.CompanyID
}

// named returns the held that a key of a want means: those of message@company,
// or all of a message that no key of that form names.
func named[V any](key string, keys map[string]V, got []beckon.Held) []beckon.Held {
	var out []beckon.Held
	for _, h := range got {
		full := heldKey(h)
		_, exact := keys[full]
		if full == key || h.Message == key && !exact {
			out = append(out, h)
		}
	}
	return out
}

func (c *comparison) held(wants map[string]string, got []beckon.Held) {
	for _, key := range sortedKeys(wants) {
		found := named(key, wants, got)
		if len(found) == 0 {
			c.differ("held."+key, "not held", wants[key])
			c.hint(cmp.Or(MessageHint(key, c.messages), ReasonHint(wants[key])))
		}
		for _, h := range found {
			if string(h.Reason) != wants[key] {
				c.differ("held."+heldKey(h), string(h.Reason), wants[key])
				c.hint(ReasonHint(wants[key]))
			}
		}
	}
	for _, h := range got {
		_, exact := wants[heldKey(h)]
		_, loose := wants[h.Message]
		if !exact && !loose {
			c.differ("held", describeHeld([]beckon.Held{h}), "")
		}
	}
}

func (c *comparison) retryAt(wants map[string]*time.Time, got []beckon.Held) {
	for _, key := range sortedKeys(wants) {
		want := "never"
		if wants[key] != nil {
			want = wants[key].UTC().Format(time.RFC3339Nano)
		}
		found := named(key, wants, got)
		if len(found) == 0 {
			c.differ("retry_at."+key, "not held", want)
			c.hint(MessageHint(key, c.messages))
		}
		for _, h := range found {
			came := "never"
			if !h.RetryAt.IsZero() {
				came = h.RetryAt.UTC().Format(time.RFC3339Nano)
			}
			if came != want {
				c.differ("retry_at."+heldKey(h), came, want)
			}
		}
	}
}

// caps checks what caps have held (F10).
func (c *comparison) caps(wants map[string]string, got []beckon.Held) {
	text := func(id string) string {
		if id == "" {
			return "no cap"
		}
		return id
	}
	for _, key := range sortedKeys(wants) {
		found := named(key, wants, got)
		if len(found) == 0 {
			c.differ("cap."+key, "not held", text(wants[key]))
			c.hint(MessageHint(key, c.messages))
		}
		for _, h := range found {
			if h.Cap != wants[key] {
				c.differ("cap."+heldKey(h), text(h.Cap), text(wants[key]))
			}
		}
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

func (c *comparison) totals(w *wantTotals) {
	t := c.out.Totals
	if t == nil {
		t = &beckon.Totals{}
	}
	came := map[string]int64{
		"judged": t.Judged, "sent": t.Sent, "control": t.Control, "converted": t.Converted, "followed": t.Followed, "control_converted": t.ControlConverted, "given_up": t.GivenUp,
	}
	blocks := map[string]int64(nil)
	if s := c.out.SeriesTotals; s != nil {
		came, blocks = map[string]int64{"entered": s.Entered, "finished": s.Finished, "exited": s.Exited, "converted": s.Converted}, s.Blocks
	}
	check := func(field string, got, want int64) {
		if got != want {
			c.differ("totals."+field, strconv.FormatInt(got, 10), strconv.FormatInt(want, 10))
		}
	}
	for _, field := range sortedKeys(w.counts) {
		check(field, came[field], w.counts[field])
	}
	for _, reason := range sortedKeys(w.held) {
		check("held."+reason, t.Held[beckon.Reason(reason)], w.held[reason])
	}
	for _, block := range sortedKeys(w.blocks) {
		check("blocks."+block, blocks[block], w.blocks[block])
	}
}

// contacts checks who was matched, in any order. A contact without a user_id
// may be named by its id, email or anonymous_id, and need not be named.
func (c *comparison) contacts(wants []string) {
	var users, others []string
	for _, who := range c.out.Contacts {
		if who.UserID != "" {
			users = append(users, who.UserID)
			continue
		}
		for _, id := range []string{who.ID, who.Email, who.AnonymousID} {
			if id != "" {
				others = append(others, id)
			}
		}
	}
	for _, id := range wants {
		if i := slices.Index(users, id); i >= 0 {
			users = slices.Delete(users, i, i+1)
		} else if !slices.Contains(others, id) {
			c.differ("contacts", "", id)
		}
	}
	for _, id := range users {
		c.differ("contacts", id, "")
	}
}

// listed checks the messages of a list, in order.
func (c *comparison) listed(wants []string) {
	came := make([]string, len(c.out.Messages))
	for i := range c.out.Messages {
		came[i] = c.out.Messages[i].ID
	}
	if slices.Equal(came, wants) {
		return
	}
	c.differ("messages", fmt.Sprintf("%q", came), fmt.Sprintf("%q", wants))
	for _, id := range wants {
		if !slices.Contains(came, id) {
			c.hint(MessageHint(id, c.messages))
			return
		}
	}
}

// match pairs as many wants with as many gots as there can be, by augmenting
// paths: a want that names little must not take the only partner of one that
// names much. It returns those left over on both sides.
func match(wants, gots int, fits func(want, got int) bool) (wanted, came []int) {
	partner := make([]int, gots) // of each got: its want, or -1
	for j := range partner {
		partner[j] = -1
	}
	var tried []bool
	var augment func(i int) bool
	augment = func(i int) bool {
		for j := range gots {
			if tried[j] || !fits(i, j) {
				continue
			}
			tried[j] = true
			if partner[j] < 0 || augment(partner[j]) {
				partner[j] = i
				return true
			}
		}
		return false
	}
	for i := range wants {
		tried = make([]bool, gots)
		if !augment(i) {
			wanted = append(wanted, i)
		}
	}
	for j, i := range partner {
		if i < 0 {
			came = append(came, j)
		}
	}
	return wanted, came
}
