package beckon

import (
	"slices"

	"github.com/beckon-go/beckon/internal/intern"
)

// cloneProfile copies a profile so that the copy may be changed: its lists are its
// own, their elements are immutable. The clone of nil is empty.
func cloneProfile(p *Profile) *Profile {
	if p == nil {
		return &Profile{}
	}
	q := *p
	q.Attributes = slices.Clone(p.Attributes)
	q.Companies = slices.Clone(p.Companies)
	q.Unsubscribed = slices.Clone(p.Unsubscribed)
	q.Holds = slices.Clone(p.Holds)
	q.Walks = slices.Clone(p.Walks)
	q.Goals = slices.Clone(p.Goals)
	q.Dates = slices.Clone(p.Dates)
	q.Free = slices.Clone(p.Free)
	q.Pending = slices.Clone(p.Pending)
	q.Took = slices.Clone(p.Took)
	q.Aliases = slices.Clone(p.Aliases)
	q.Matched = slices.Clone(p.Matched)
	return &q
}

// setAttribute sets an attribute; an unknown value unsets it. p must be a clone.
func setAttribute(p *Profile, name string, v Value) {
	i := p.Search(name)
	found := i < len(p.Attributes) && intern.Text(p.Attributes[i].Name) == name
	switch {
	case v.IsUnknown():
		if found {
			p.Attributes = slices.Delete(p.Attributes, i, i+1)
		}
	case found:
		p.Attributes[i].Value = v
	default:
		p.Attributes = slices.Insert(p.Attributes, i, NewAttribute(name, v))
	}
}

// cloneRecord copies a record for a look at the state after the occasion: rows are
// copied, for Apply writes into them.
func cloneRecord(r *Record) *Record {
	q := *r
	q.Stats = slices.Clone(r.Stats)
	q.Sends = slices.Clone(r.Sends)
	q.Log = slices.Clone(r.Log)
	q.Counters = slices.Clone(r.Counters)
	for i := range q.Counters {
		q.Counters[i].Times = slices.Clone(q.Counters[i].Times)
	}
	q.Seen = slices.Clone(r.Seen)
	return &q
}

// Identity returns all identities that are known of a contact: the one that the
// record is kept under, and those that it has as attributes. An attribute that
// would decide before the record's own key is left out (E1): what an identity
// leads to is the contact that it was asked of.
func (r *Record) Identity() (who Identity) {
	if r.Key.Kind <= KindUser {
		who.UserID = r.identifier("user_id")
	}
	if r.Key.Kind <= KindContact {
		who.ID = r.identifier("id")
	}
	who.Email = r.identifier("email") // found by its index, and what an email is sent to
	who.AnonymousID = r.identifier("anonymous_id")
	return who
}

// identifier is the text of one of the identifiers. In the place of what the record
// is kept under stands only an identity that it took in, or another address: by any
// other it could not be found.
func (r *Record) identifier(name string) string {
	own := keyAttribute(r.Key, name)
	if text := r.Profile.Attribute(name).Text(); text != "" &&
		(own == "" || r.Key.Kind == KindEmail || text == own || slices.Contains(r.Profile.Aliases, Key{r.Key.Kind, text})) {
		return text
	}
	return own
}

// addressed returns a pending delivery as it is given out: one that names another
// contact, as was once possible, says whose it is.
func addressed(r *Record, d Delivery) Delivery {
	if key, ok := identityKey(d.Contact); ok && key.Kind != KindEmail && key != r.Key && !slices.Contains(r.Profile.Aliases, key) {
		d.Contact = r.Identity()
	}
	return d
}
