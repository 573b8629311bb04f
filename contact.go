package beckon

import (
	"context"
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/attribute"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/store"
)

// An Identity names a contact: the first that is given of its fields UserID, ID, Email and
// AnonymousID decides; blank is not given. Case and space count, except for the letter case of
// an email ([WithExactEmail]); the spelling that came first is kept and shown. If an email
// fits several contacts, events, visits, checks and sends are contact_ambiguous; Update,
// Merge, Delete, Contact, Export, RecentEvents, Unsubscribe and Resubscribe mean the one made
// by this email and known by nothing else, if there is one. (E1)
type Identity = store.Identity

// Attributes are the state of a contact or company by name, in exact case. In
// an update the zero Value unsets, and what is not named stays. Money and rich links can be set
// in Go alone: no JSON that is parsed has them as attributes. (C1)
type Attributes map[string]Value

// A Contact is what is known of a contact. As an update, what is named is set, a zero [Value]
// unsets, the rest stays; identities beside the first are attributes. [json.Marshal] writes
// what [ParseContact] reads, except for [Attributes] that no JSON has. (C1)
type Contact struct {
	UserID       string           `json:"user_id,omitempty"` // of the four identities the first that is given decides (E1)
	ID           string           `json:"id,omitempty"`      // your identifier for a lead or a user
	Email        string           `json:"email,omitempty"`
	AnonymousID  string           `json:"anonymous_id,omitempty"`
	Name         string           `json:"name,omitzero"`          // as Attributes["name"]; empty leaves it as it is
	Timezone     string           `json:"timezone,omitzero"`      // an IANA zone, as Attributes["timezone"]; empty leaves it
	Unsubscribed []string         `json:"unsubscribed,omitzero"`  // "email", "push:promo" (D11); nil leaves it, empty and not nil clears it
	SnoozedUntil time.Time        `json:"snoozed_until,omitzero"` // only transactional messages before (S4); zero leaves it, an instant that has come ends it
	Topics       map[string]*bool `json:"topics,omitempty"`       // choices by the topic's id (C6); nil takes one back, also of a topic that no program has
	Attributes   Attributes       `json:"attributes,omitempty"`
	Companies    []Membership     `json:"companies,omitzero"` // joined, in this order, after those already joined, or left (C1)
}

// A Membership is a company of a contact, with an update of the company's data,
// which all its members share. (C1)
type Membership struct {
	CompanyID  string     `json:"company_id"`
	Name       string     `json:"name,omitzero"`
	Attributes Attributes `json:"attributes,omitempty"`
	Remove     bool       `json:"remove,omitzero"` // the contact leaves the company, and stays out if it was not in it (C1)
}

// Contact returns what is known of a contact: its identity, its companies with their data, in
// the order of joining, and all attributes that rules read, such as role and last_seen_at;
// name, timezone and identities only in their fields. To write it back, first delete
// last_seen_at, first_seen_at and session_count from its Attributes, which only visits set.
// The error is an [ErrorList], contact_unknown if there is none, or a [StoreError]. (C1)
func (e *Engine) Contact(ctx context.Context, who Identity) (Contact, error) {
	var c Contact
	_, known, err := e.readContact(ctx, who, func(rec *store.Record) { c = contactOf(rec) })
	switch {
	case err != nil:
		return Contact{}, err
	case !known:
		return Contact{}, raise(decide.UnknownContact())
	case len(c.Companies) == 0:
		return c, nil
	}
	keys, places := make([]store.Key, len(c.Companies)), make(map[string]int, len(c.Companies))
	for i := range c.Companies {
		id := c.Companies[i].CompanyID
		keys[i], places[id] = store.Key{Kind: store.KindCompany, ID: id}, i
	}
	if err := e.store.Read(ctx, keys, func(rec *store.Record) error {
		m := &c.Companies[places[rec.Key.ID]]
		m.Attributes = attributesOf(rec.Profile)
		m.Name = m.Attributes.take("name")
		return nil
	}); err != nil {
		return Contact{}, storeError(err)
	}
	return c, nil
}

// contactOf returns all of a contact that its own record knows.
func contactOf(rec *store.Record) Contact {
	who := rec.Identity()
	c := Contact{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID, Attributes: attributesOf(rec.Profile)}
	for _, name := range slices.Concat(attribute.Texts(), attribute.Dates()) {
		v := rule.UserAttribute(rec, name)
		if text := v.Text(); text != "" && (name == "user_id" && text == c.UserID || name == "id" && text == c.ID ||
			name == "email" && text == c.Email || name == "anonymous_id" && text == c.AnonymousID) {
			delete(c.Attributes, name)
		} else if !v.IsUnknown() {
			c.Attributes[name] = peek.Value(v)
		}
	}
	c.Name, c.Timezone = c.Attributes.take("name"), c.Attributes.take("timezone")
	if p := rec.Profile; p != nil {
		c.Unsubscribed = orNil(slices.Clone(p.Unsubscribed))
		c.Topics = topicsOf(p)
		c.SnoozedUntil = timeOf(p.Rarely().SnoozedUntil)
		for _, id := range p.Companies {
			c.Companies = append(c.Companies, Membership{CompanyID: id})
		}
	}
	return c
}

// attributesOf returns what is stored of a contact or a company.
func attributesOf(p *store.Profile) Attributes {
	m := Attributes{}
	if p == nil {
		return m
	}
	for _, a := range p.Attributes {
		m[intern.Text(a.Name)] = a.Value
	}
	return m
}

// take removes a text that has a field of its own, and returns it. An empty one
// stays: as an attribute it is known, and in the field it is none (A4).
func (m Attributes) take(name string) string {
	text := m[name].Text()
	if text != "" {
		delete(m, name)
	}
	return text
}

// readContact lets read see the record of a contact that is named as one to which
// something is done (E1), and reports whether it is known. A merge that comes
// between is finished first.
func (e *Engine) readContact(ctx context.Context, who Identity, read func(*store.Record)) (store.Key, bool, error) {
	if err := e.open(); err != nil {
		return store.Key{}, false, err
	}
	if err := checkIdentity(who); err != nil {
		return store.Key{}, false, err
	}
	key, known, err := e.settle(ctx, who)
	for tries := 0; known && err == nil; tries++ {
		settled := false
		err = storeError(e.store.Read(ctx, []store.Key{key}, func(rec *store.Record) error {
			p := rec.Profile
			if settled = p == nil || p.Forward.IsZero() && p.Moving.IsZero(); settled {
				if known = rec.Exists; known {
					read(rec)
				}
			}
			return nil
		}))
		switch {
		case settled || err != nil:
			return key, known, err
		case tries == maxTries:
			return store.Key{}, false, storeError(errNoEnd)
		}
		key, known, err = e.follow(ctx, key)
	}
	return key, known, err
}

// A Visit is a login or a page view, in JSON what [ParseVisit] reads. (D3)
type Visit struct {
	UserID      string `json:"user_id,omitempty"` // of the four identities the first that is given decides (E1)
	ID          string `json:"id,omitempty"`      // your identifier for a lead or a user
	Email       string `json:"email,omitempty"`
	AnonymousID string `json:"anonymous_id,omitempty"`
	Page        *Page  `json:"page,omitzero"`
	Source      Source `json:"source,omitzero"`
}

// identity returns whose data it is.
func (c *Contact) identity() Identity {
	return Identity{UserID: c.UserID, ID: c.ID, Email: c.Email, AnonymousID: c.AnonymousID}
}

// identity returns who visits.
func (v *Visit) identity() Identity {
	return Identity{UserID: v.UserID, ID: v.ID, Email: v.Email, AnonymousID: v.AnonymousID}
}

// UnmarshalJSON reads what [ParseContact] reads.
func (c *Contact) UnmarshalJSON(data []byte) (err error) {
	*c, err = ParseContact(data)
	return err
}

// UnmarshalJSON reads what [ParseVisit] reads.
func (v *Visit) UnmarshalJSON(data []byte) (err error) {
	*v, err = ParseVisit(data)
	return err
}
