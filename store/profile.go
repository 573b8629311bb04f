package store

import (
	"slices"
)

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
	own := r.Key.Attribute(name)
	if text := r.Profile.Attribute(name).Text(); text != "" &&
		(own == "" || r.Key.Kind == KindEmail || text == own || slices.Contains(r.Profile.Aliases, Key{Kind: r.Key.Kind, ID: text})) {
		return text
	}
	return own
}

// Attribute returns the identity that a contact's record is kept under if name is
// the attribute of its kind, such as "user_id"; else "".
func (k Key) Attribute(name string) string {
	switch {
	case name == "user_id" && k.Kind == KindUser, name == "id" && k.Kind == KindContact,
		name == "email" && k.Kind == KindEmail, name == "anonymous_id" && k.Kind == KindAnonymous:
		return k.ID
	}
	return ""
}

// A Rare is what few profiles have, apart from them so that the others do not grow with
// it. One that a record holds is never modified. An empty one comes back as none.
type Rare struct {
	MoveWins     bool            // while Moving: this record's attributes win over the target's
	SnoozedUntil int64           // Unix milliseconds (S4); 0 if it is not snoozed
	Armed        []ArmedDate     // by Message
	Crossings    []Crossing      // by Message
	PerValue     []MessageValues // by Message (F7)
	Choices      []Choice        // by Of
	Decided      []Decided       // the latest last
}

// Rarely returns what a profile has of it, for reading. p may be nil.
func (p *Profile) Rarely() Rare {
	if p == nil || p.Rare == nil {
		return Rare{}
	}
	return *p.Rare
}

// Own returns it for writing: p must be a copy that nobody else has, with a copy of it.
func (p *Profile) Own() *Rare {
	if p.Rare == nil {
		p.Rare = new(Rare)
	}
	return p.Rare
}

// A Choice is what a contact has said of a topic (C6), or that it has unsubscribed (D11):
// then the same text stands in Profile.Unsubscribed.
type Choice struct {
	Of   string
	Yes  bool
	At   int64  // Unix milliseconds
	From string // where it was said
}
