package beckon

import (
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// The limits of what is known of a contact or a company.
const (
	MaxAttributes    = 1000 // attributes of one contact or company
	MaxAttributeName = 255  // longest name of an attribute, in code points
	MaxCompanies     = 1000 // companies of one contact
	MaxUnsubscribed  = 200  // entries of a contact's unsubscriptions
)

// A contactUpdate is a contact's update, checked and in the form in which it is
// applied.
type contactUpdate struct {
	set          []store.Attribute // standard ones converted; an unknown value unsets
	lastSeen     int64             // last_seen_at, if the host sets it; Unix milliseconds
	unsubscribed []string
	unsubscribes bool // unsubscribed is to be set
	companies    []joining
}

// A joining is a company that a contact joins, or leaves.
type joining struct {
	id     string
	leaves bool
}

// apply is the decision on an update.
func (d *decision) apply() error {
	u := d.in.update
	d.exist()
	p := d.profile()
	// A merge loses nothing, so that a contact may have more than it may add.
	attributes, companies := len(p.Attributes), len(p.Companies)
	for _, a := range u.set {
		d.assign(p, a)
	}
	if len(p.Attributes) > max(attributes, MaxAttributes) {
		return fault.List{{Code: fault.ErrAttributeInvalid, Field: "attributes", Message: "more than " + strconv.Itoa(MaxAttributes) + " attributes"}}
	}
	if u.lastSeen != 0 {
		d.c.LastSeen = u.lastSeen
	}
	if u.unsubscribes {
		p.Unsubscribed = u.unsubscribed
	}
	for _, j := range u.companies {
		switch i := slices.Index(p.Companies, j.id); {
		case j.leaves && i >= 0:
			p.Companies = slices.Delete(p.Companies, i, i+1)
		case !j.leaves && i < 0:
			p.Companies = append(p.Companies, j.id)
		}
	}
	if len(p.Companies) > max(companies, MaxCompanies) {
		return fault.List{{Code: fault.ErrAttributeInvalid, Field: "companies", Message: "more than " + strconv.Itoa(MaxCompanies) + " companies"}}
	}
	d.moveOn()
	return nil
}

// assign sets an attribute of the profile as it is after the occasion. An address
// that the contact has stays as it was first spelt (E1).
func (d *decision) assign(p *store.Profile, a store.Attribute) {
	if name := a.Name.Value(); name != "email" || a.Value.IsUnknown() || !d.in.limits.sameEmail(p.Attribute(name).Text(), a.Value.Text()) {
		setAttribute(p, name, a.Value)
	}
}

// A refusal is what a contact does not want any more, or wants again.
type refusal struct {
	from string
	back bool
}

// consent is the decision on a refusal.
func (d *decision) consent() error {
	var list []string
	if p := d.rec.Profile; p != nil {
		list = p.Unsubscribed
	}
	i, refused := slices.BinarySearch(list, d.in.refusal.from)
	switch {
	case d.in.refusal.back && refused:
		p := d.profile()
		p.Unsubscribed = slices.Delete(p.Unsubscribed, i, i+1)
	case d.in.refusal.back || refused:
	case len(list) >= MaxUnsubscribed && strings.Contains(d.in.refusal.from, ":"): // there are but three without
		return fault.List{{Code: fault.ErrAttributeInvalid, Field: "from", Message: "the contact has refused " + strconv.Itoa(MaxUnsubscribed) + " things, and can refuse no more tags"}}
	default:
		p := d.profile() // and with it the contact
		p.Unsubscribed = slices.Insert(p.Unsubscribed, i, d.in.refusal.from)
	}
	return nil
}

// unsubscribed is D11: from a channel as a whole, or from one of the
// message's tags on it. In-app channels are not concerned.
func unsubscribed(p *store.Profile, ch store.Channel, tags []string) bool {
	if p == nil || len(p.Unsubscribed) == 0 || !plan.Sweeps(ch) {
		return false
	}
	for _, u := range p.Unsubscribed {
		if u == string(ch) {
			return true
		}
		for _, tag := range tags {
			if len(u) == len(ch)+1+len(tag) && u[:len(ch)] == string(ch) && u[len(ch)] == ':' && u[len(ch)+1:] == tag {
				return true
			}
		}
	}
	return false
}
