package store

import (
	"slices"
	"unique"

	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/value"
)

// A Profile is what of a record is rarely touched. A step that changes any of
// it replaces it whole, so a Profile that a record holds is never modified.
// Companies, event definitions and message states keep what they know in
// Attributes.
type Profile struct {
	Created       int64          // Unix milliseconds; 0 if not known
	Attributes    []Attribute    // by name
	Companies     []string       // joined, in order of joining
	Unsubscribed  []string       // sorted
	LastCheck     int64          // Unix milliseconds (D4)
	Holds         []Hold         // messages that wait, by Due, then Order
	SeriesStates  []SeriesState  // by Series
	Goals         []GoalState    // by Message
	Dates         []DateState    // values of date rules done (T5)
	FreeSequences []FreeSequence // released sequence numbers, to be used again (F4)
	Forward       Key            // if not zero: this identity leads there, and all else is empty
	Moving        Key            // if not zero: the record is frozen and being merged there
	Generation    uint64         // merges of this record begun
	MergedFrom    []MergedFrom   // merges taken in, so that each counts once
	Aliases       []Key          // identities that lead here
	Matched       []string       // series whose entry by audience alone the contact matched when it was last seen; sorted
	Merged        int64          // Unix milliseconds of a merge that no occasion has followed yet (C2); 0 if there is none
	Rare          *Rare          // nil if it has nothing of that
}

// Identity returns all identities that are known of a contact: the one that the
// record is kept under, and those that it has as attributes. An attribute that
// would decide before the record's own key is left out (E1): what an identity
// leads to is the contact that it was asked of.
func (r *Record) Identity() (who Identity) {
	has := r.Profile.identifiers()
	if r.Key.Kind <= KindUser {
		who.UserID = r.identifier("user_id", has.UserID)
	}
	if r.Key.Kind <= KindContact {
		who.ID = r.identifier("id", has.ID)
	}
	who.Email = r.identifier("email", has.Email) // found by its index, and what an email is sent to
	who.AnonymousID = r.identifier("anonymous_id", has.AnonymousID)
	return who
}

// identifier is one of the identifiers, whose attribute has the text. In the place of what
// the record is kept under stands only an identity that it took in, or another address: by
// any other it could not be found.
func (r *Record) identifier(name, text string) string {
	own := r.Key.Attribute(name)
	if text != "" && (own == "" || r.Key.Kind == KindEmail || text == own || slices.Contains(r.Profile.Aliases, Key{Kind: r.Key.Kind, ID: text})) {
		return text
	}
	return own
}

// The names of the identifiers, interned: each delivery asks for all of them.
//
//nolint:gochecknoglobals // constants, which Go cannot declare
var userID, plainID, emailName, anonymousID = unique.Make("user_id"), unique.Make("id"), unique.Make("email"), unique.Make("anonymous_id")

// identifiers returns the attributes that are identifiers. p may be nil.
func (p *Profile) identifiers() (who Identity) {
	if p == nil {
		return who
	}
	if len(p.Attributes) > manyNames {
		return Identity{
			UserID: p.Attribute("user_id").Text(), ID: p.Attribute("id").Text(),
			Email: p.Attribute("email").Text(), AnonymousID: p.Attribute("anonymous_id").Text(),
		}
	}
	user, id, email, anonymous := userID, plainID, emailName, anonymousID
	for i := range p.Attributes {
		switch a := &p.Attributes[i]; a.Name {
		case user:
			who.UserID = a.Value.Text()
		case id:
			who.ID = a.Value.Text()
		case email:
			who.Email = a.Value.Text()
		case anonymous:
			who.AnonymousID = a.Value.Text()
		}
	}
	return who
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

// Attribute returns the value of an attribute; unknown if there is none. p may
// be nil.
func (p *Profile) Attribute(name string) value.Value {
	if v := p.find(name); v != nil {
		return *v
	}
	return value.Value{}
}

// find returns the place of an attribute's value, nil if there is none. What it
// points to must not be changed.
func (p *Profile) find(name string) *value.Value {
	if p == nil {
		return nil
	}
	if i := p.Search(name); i < len(p.Attributes) && intern.Text(p.Attributes[i].Name) == name {
		return &p.Attributes[i].Value
	}
	return nil
}

// Search returns the index of the first attribute whose name is not less than name:
// where it stands, or would stand.
func (p *Profile) Search(name string) int {
	low, high := 0, len(p.Attributes)
	for low < high {
		if mid := int(uint(low+high) / 2); intern.Text(p.Attributes[mid].Name) < name {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}
