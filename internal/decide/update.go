package decide

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/attribute"
	"github.com/beckon-go/beckon/internal/consent"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/rows"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A ContactUpdate is a contact's update, checked and in the form in which it is
// applied.
type ContactUpdate struct {
	Set          []store.Attribute // standard ones converted; an unknown value unsets
	LastSeen     int64             // last_seen_at, if the host sets it; Unix milliseconds
	Unsubscribed []string
	Unsubscribes bool           // unsubscribed is to be set
	Choices      []store.Choice // of topics: Of and Yes
	Unchosen     []string       // topics whose choice is taken back
	Where        string         // it was said
	Snooze       int64
	Snoozes      bool // it is to be snoozed until then, in Unix milliseconds
	Companies    []Joining
}

// A Joining is a company that a contact joins, or leaves.
type Joining struct {
	ID     string
	Leaves bool
}

// apply is the decision on an update.
func (d *Decision) apply() error {
	u := d.In.Update
	d.exist()
	p := d.profile()
	if u.Snoozes || slices.ContainsFunc(u.Set, isZone) {
		d.makeSure(p)
	}
	// A merge loses nothing, so that a contact may have more than it may add.
	attributes, companies := len(p.Attributes), len(p.Companies)
	if attributes == 0 {
		p.Attributes = slices.Grow(p.Attributes, len(u.Set))
	}
	for _, a := range u.Set {
		d.assign(p, a)
	}
	if len(p.Attributes) > max(attributes, MaxAttributes+ownAttributes(p)) {
		return fault.List{{Code: fault.ErrAttributeInvalid, Field: "attributes", Message: "more than " + strconv.Itoa(MaxAttributes) + " attributes"}}
	}
	if u.LastSeen != 0 {
		d.Changes.LastSeen = u.LastSeen
	}
	if err := d.choose(p, u); err != nil {
		return err
	}
	if d.In.Refusal.From != "" { // it was said with the update
		if err := d.consent(); err != nil {
			return err
		}
	}
	if u.Snoozes {
		d.snooze(p, u.Snooze)
	}
	p.Companies = joined(p.Companies, u.Companies)
	if len(p.Companies) > max(companies, MaxCompanies) {
		return fault.List{{Code: fault.ErrAttributeInvalid, Field: "companies", Message: "more than " + strconv.Itoa(MaxCompanies) + " companies"}}
	}
	d.judgeChanges(together(d.changes(), d.crossings()))
	d.moveOn()
	return nil
}

// changes returns the messages that the update triggers by changing an attribute (T7).
func (d *Decision) changes() (list []*plan.Message) {
	if d.In.Records {
		return nil
	}
	for _, m := range d.In.State.Plan.Changes {
		if from, to := d.change(m.Change); m.Change.Is(&from, &to) {
			list = append(list, m)
		}
	}
	return list
}

// change returns an attribute before and after the update.
func (d *Decision) change(c *plan.Change) (from, to repr.Value) {
	after := d.updated()
	if d.Record.Exists { // who did not exist had nothing, not even who it is
		from = rule.UserAttribute(d.Record, c.Attribute)
	}
	return from, rule.UserAttribute(&after, c.Attribute)
}

// updated returns what audiences see of an update: the attributes that it has set, and all
// else from before it (A2).
func (d *Decision) updated() store.Record {
	after := *d.Record
	after.Exists, after.Profile = true, d.Changes.Profile
	return after
}

// updates reports whether the occasion is an update that sets or unsets an attribute.
func (d *Decision) updates(name string) bool {
	return d.In.Occasion == OnUpdate && slices.ContainsFunc(d.In.Update.Set, func(a store.Attribute) bool { return a.Name.Value() == name })
}

// AudienceSees returns the state that audiences see, but for those of messages in series: that
// from before the occasion and, of an update, the attributes that it has set (A2).
func (d *Decision) AudienceSees() *store.Record {
	if d.In.Occasion != OnUpdate {
		return d.Record
	}
	after := d.updated()
	return &after
}

// judgeChanges judges what the update triggers.
func (d *Decision) judgeChanges(list []*plan.Message) {
	if len(list) == 0 {
		return
	}
	before, after := d.Scope.Rec, d.updated()
	d.Scope.Rec = &after
	for _, m := range list {
		company := d.companyOf(m)
		d.Safely(m, company, func() {
			if m.Change != nil {
				d.Scope.Fields = changeFields(d.change(m.Change))
			}
			d.consider(m, company)
		})
		d.Scope.Fields = nil
	}
	d.Scope.Rec = before
}

// changeFields returns a change as metadata. An unknown value has no key.
func changeFields(from, to repr.Value) (f value.Fields) {
	if !from.IsUnknown() {
		f = append(f, value.Field{Key: "from", Value: peek.Value(from)})
	}
	if !to.IsUnknown() {
		f = append(f, value.Field{Key: "to", Value: peek.Value(to)})
	}
	return f
}

// makeSure is for what is overdue when the contact is snoozed or moves to another zone. A Due on
// time would have sent it, so nothing cancels it any more while it waits for what begins now (T6).
func (d *Decision) makeSure(p *store.Profile) {
	if len(p.Holds) == 0 {
		return
	}
	left, c := p.Holds[:0], d.patience(d.Record.Profile)
	for _, h := range p.Holds {
		if m := d.In.State.Plan.ByID[h.Message]; h.Absence && m != nil && m.Wait != nil && cancellable(&h, m, c) < d.In.Now {
			if d.wasFollowed(&h, m) {
				d.Changes.Totals = append(d.Changes.Totals, store.Increment{Message: h.Message, Name: TotalFollowed, N: 1})
				continue
			}
			h.Absence = false
		}
		left = append(left, h)
	}
	if len(left) < len(p.Holds) {
		clear(p.Holds[len(left):])
		d.Reused.waiting.forget()
	}
	p.Holds = left
}

// isZone reports whether an attribute is the contact's zone.
func isZone(a store.Attribute) bool { return a.Name.Value() == "timezone" }

// snooze sets until when the contact is snoozed; an instant that has come ends it. What
// has waited for a later one is due by then (S4).
func (d *Decision) snooze(p *store.Profile, until int64) {
	before := p.Rarely().SnoozedUntil
	if until <= d.In.Now {
		until = 0
	}
	if until == before {
		return
	}
	p.Own().SnoozedUntil = until
	if before <= max(until, d.In.Now) {
		return
	}
	due, zone := max(until, d.In.Now), d.In.State.ZoneOf(p)
	for i := range p.Holds {
		h := &p.Holds[i]
		m := d.In.State.Plan.ByID[h.Message]
		if h.Due == before && (m == nil || m.Wait == nil || holdDeadline(h, m, zone) != before) {
			h.Due, d.Out.moved = due, true
		}
	}
	for i := range p.SeriesStates {
		w := &p.SeriesStates[i]
		if s := d.In.State.Plan.SeriesByID[w.Series]; w.Due == before && s != nil && s.AtMessage(w.Block) {
			w.Due = due
		}
	}
}

// ownAttributes returns how many attributes of a contact are not the host's: they do not
// count for its limit.
func ownAttributes(p *store.Profile) (n int) {
	for _, name := range [...]string{attribute.FirstSeenAt, attribute.SessionCount} {
		if !p.Attribute(name).IsUnknown() {
			n++
		}
	}
	return n
}

// joined returns the companies of a contact after some were joined and left, one
// after the other. It may change list.
func joined(list []string, changes []Joining) []string {
	if len(changes) <= rows.Few {
		for _, j := range changes {
			switch i := slices.Index(list, j.ID); {
			case j.Leaves && i >= 0:
				list = slices.Delete(list, i, i+1)
			case !j.Leaves && i < 0:
				list = append(list, j.ID)
			}
		}
		return list
	}
	places, gone := make(map[string]int, len(list)), map[int]bool{}
	for i, id := range list {
		places[id] = i
	}
	for _, j := range changes {
		switch i, in := places[j.ID]; {
		case j.Leaves && in:
			gone[i] = true
			delete(places, j.ID)
		case !j.Leaves && !in:
			places[j.ID] = len(list)
			list = append(list, j.ID)
		}
	}
	left := list[:0]
	for i, id := range list {
		if !gone[i] {
			left = append(left, id)
		}
	}
	clear(list[len(left):])
	return left
}

// assign sets an attribute of the profile as it is after the occasion. An address
// that the contact has stays as it was first spelt (E1).
func (d *Decision) assign(p *store.Profile, a store.Attribute) {
	if name := a.Name.Value(); name != "email" || a.Value.IsUnknown() || !d.In.Limits.SameEmail(p.Attribute(name).Text(), a.Value.Text()) {
		SetAttribute(p, name, a.Value)
	}
}

// A Refusal is what a contact does not want any more, or wants again.
type Refusal struct {
	From  string // a channel, a tag of one, or a topic
	Topic bool
	Back  bool
	Where string // it was said
}

// consent is the decision on a refusal.
func (d *Decision) consent() error {
	r := &d.In.Refusal
	how := store.Choice{Of: r.From, Yes: r.Back, At: d.In.Now, From: r.Where}
	if r.Topic {
		if c := consent.Of(d.Record.Profile, r.From); c != nil && c.Yes == r.Back {
			return nil // it was said before
		}
		d.exist()
		p := d.profile()
		consent.Set(p, how)
		return tooManyTopics(consent.Topics(d.Record.Profile), p, "from")
	}
	var list []string
	if p := cmp.Or(d.Changes.Profile, d.Record.Profile); p != nil {
		list = p.Unsubscribed
	}
	i, refused := slices.BinarySearch(list, r.From)
	switch {
	case r.Back && refused:
		p := d.profile()
		p.Unsubscribed = slices.Delete(p.Unsubscribed, i, i+1)
		consent.Unset(p, r.From)
	case r.Back || refused:
	case len(list) >= MaxUnsubscribed && strings.Contains(r.From, ":"): // there are but three without
		return fault.List{{Code: fault.ErrAttributeInvalid, Field: "from", Message: "the contact has refused " + strconv.Itoa(MaxUnsubscribed) + " things, and can refuse no more tags"}}
	default:
		p := d.profile() // and with it the contact
		p.Unsubscribed = slices.Insert(p.Unsubscribed, i, r.From)
		consent.Set(p, how)
	}
	return nil
}

// tooManyTopics refuses choices beyond the limit. A merge loses none, so that a contact may
// have more than it may add.
func tooManyTopics(before int, p *store.Profile, field string) error {
	if consent.Topics(p) > max(before, MaxUnsubscribed) {
		return fault.List{{Code: fault.ErrAttributeInvalid, Field: field, Message: "choices of more than " + strconv.Itoa(MaxUnsubscribed) + " topics"}}
	}
	return nil
}

// choose sets and takes back choices of topics, and replaces what the contact has
// unsubscribed from, as an update says.
func (d *Decision) choose(p *store.Profile, u *ContactUpdate) error {
	how, before := store.Choice{At: d.In.Now, From: u.Where}, consent.Topics(p)
	if u.Unsubscribes {
		consent.Replace(p, u.Unsubscribed, how)
	}
	for _, of := range u.Unchosen {
		consent.Unset(p, of)
	}
	for _, c := range u.Choices {
		how.Of, how.Yes = c.Of, c.Yes
		consent.Set(p, how)
	}
	return tooManyTopics(before, p, "topics")
}

// consentTo is what consent depends on of a message; of a transactional one nothing.
func consentTo(m *plan.Message) (of consent.Message) {
	if m.Transactional {
		return of
	}
	of.Channel, of.Tags = m.Channel, m.Tags
	if m.Topic != nil {
		of.Topic, of.OptIn = m.Topic.ID, m.Topic.OptIn
	}
	return of
}

// refuses reports whether a contact does not want a message.
func refuses(p *store.Profile, m *plan.Message) bool {
	if m.Topic == nil && (p == nil || len(p.Unsubscribed) == 0) {
		return false
	}
	return consent.Refuses(p, consentTo(m))
}
