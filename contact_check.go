package beckon

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// lastSeenAt is the attribute that visits set.
const lastSeenAt = "last_seen_at"

// sameAttribute reports whether two attributes are the same, in the way they are written
// too.
func sameAttribute(a, b store.Attribute) bool {
	if a.Name != b.Name || a.Value.Kind() != b.Value.Kind() {
		return false
	}
	v, w := peek.Of(&a.Value), peek.Of(&b.Value)
	if v.Kind != repr.KindInvalid && v.Flag == w.Flag && v.Exp == w.Exp && v.Num == w.Num && v.Str == w.Str {
		return true // mostly, and without memory: a company may have many that stay
	}
	one, errA := v.AppendJSON(nil)
	two, errB := w.AppendJSON(nil)
	return errA == nil && errB == nil && bytes.Equal(one, two)
}

// checkContact finds all that is wrong with an update, which may be history. A plain
// day begins in loc.
func (e *Engine) checkContact(c *Contact, loc *time.Location, history bool) (*decide.ContactUpdate, fault.List) {
	var errs fault.List
	identity.AddFaults(c.identity(), &errs)
	u := &decide.ContactUpdate{}
	u.Set = e.attributes(c.Attributes, "attributes.", true, loc, &errs)
	c.addTwins(&errs)
	for _, name := range [...]string{lastSeenAt, decide.FirstSeenAt, decide.SessionCount} {
		if _, named := c.Attributes[name]; named && !history && !errs.About("attributes."+name) {
			errs.Add(ErrAttributeInvalid, "attributes."+name, "only visits set it, and an import")
		}
	}
	standard := func(name, value string) {
		if value == "" {
			return
		}
		v, message := e.standardAttribute(name, String(value), loc)
		if message != "" {
			errs.Add(attributeCode(name), name, message)
		}
		u.Set = append(u.Set, store.NewAttribute(name, v))
	}
	standard("name", c.Name)
	standard("timezone", c.Timezone)
	// Identity fields beside the deciding one.
	decided := false
	for _, f := range []struct{ name, value string }{
		{"user_id", c.UserID}, {"id", c.ID}, {"email", c.Email}, {"anonymous_id", c.AnonymousID},
	} {
		if identity.Blank(f.value) {
			continue
		}
		if decided {
			standard(f.name, f.value)
		}
		decided = true
	}
	u.Set = slices.DeleteFunc(u.Set, func(a store.Attribute) bool {
		if a.Name.Value() != lastSeenAt {
			return false
		}
		u.LastSeen = peek.Of(&a.Value).Num * 1000
		return true
	})
	if len(u.Set) > MaxAttributes {
		errs.Add(ErrAttributeInvalid, "attributes", "more than "+itoa(MaxAttributes)+" attributes")
	}
	if len(c.Companies) > MaxCompanies {
		errs.Add(ErrAttributeInvalid, "companies", "more than "+itoa(MaxCompanies)+" companies")
	}
	if c.Unsubscribed != nil {
		u.Unsubscribes = true
		u.Unsubscribed = checkUnsubscribed(c.Unsubscribed, &errs)
	}
	if u.Where = "update"; history {
		u.Where = "import"
	}
	c.choices(u, &errs)
	if !c.SnoozedUntil.IsZero() {
		if year := c.SnoozedUntil.UTC().Year(); year < 1 || year > 9999 {
			errs.Add(ErrAttributeInvalid, "snoozed_until", "must lie in the years 1 to 9999")
		}
		u.Snoozes, u.Snooze = true, firstMilli(c.SnoozedUntil)
	}
	for i := range c.Companies {
		m := &c.Companies[i]
		path := "companies[" + itoa(i) + "]."
		switch {
		case m.CompanyID == "":
			errs.Add(ErrAttributeInvalid, path+"company_id", "expected the id of a company")
		case !utf8.ValidString(m.CompanyID):
			errs.Add(ErrTextNotUTF8, path+"company_id", "not valid UTF-8")
		case len(m.CompanyID) > MaxIDLength*4:
			errs.Add(ErrAttributeInvalid, path+"company_id", "longer than "+itoa(MaxIDLength*4)+" bytes")
		}
		repr.String(m.Name).AddAttributeFaults(&errs, path+"name")
		e.attributes(m.Attributes, path+"attributes.", false, loc, &errs)
		u.Companies = append(u.Companies, decide.Joining{ID: m.CompanyID, Leaves: m.Remove})
	}
	return u, errs
}

// addTwins finds what stands in a field and, with another value, among the
// attributes. It is a fault as it is in JSON, or else a user_id among the attributes
// would be what the deliveries to the contact say. The address that decides says whose
// the update is, and may be changed by it.
func (c *Contact) addTwins(l *fault.List) {
	kind, _ := identity.Deciding(c.identity())
	for _, f := range [...]struct{ name, value string }{
		{"user_id", c.UserID}, {"id", c.ID}, {"email", c.Email}, {"anonymous_id", c.AnonymousID}, {"name", c.Name}, {"timezone", c.Timezone},
	} {
		v, twice := c.Attributes[f.name]
		if !twice || identity.Blank(f.value) || f.name == "email" && kind == store.KindEmail {
			continue
		}
		if field := "attributes." + f.name; (v.Kind() != value.KindString || v.Text() != f.value) && !l.About(field) {
			l.Add(ErrAttributeInvalid, field, "given twice, with different values")
		}
	}
}

// attributeCode is the code for a standard attribute that is wrong.
func attributeCode(name string) Code {
	switch name {
	case "timezone":
		return ErrTimezoneUnknown
	case "email":
		return ErrEmailInvalid
	}
	return ErrAttributeInvalid
}

// attributes checks a map of attributes and returns it sorted by name; a
// contact's standard ones are converted to their type, plain days to their
// first instant in loc.
func (e *Engine) attributes(m Attributes, path string, contact bool, loc *time.Location, errs *fault.List) []store.Attribute {
	var faults fault.List
	list := make([]store.Attribute, 0, len(m)+2)
	for name, v := range m {
		list = append(list, store.NewAttribute(name, v))
	}
	slices.SortFunc(list, func(a, b store.Attribute) int { return strings.Compare(a.Name.Value(), b.Name.Value()) })
	for i := range list {
		a := &list[i]
		name := a.Name.Value()
		switch {
		case name == "":
			errs.Add(ErrAttributeInvalid, strings.TrimSuffix(path, "."), "an attribute needs a name")
		case !utf8.ValidString(name):
			errs.Add(ErrTextNotUTF8, strings.TrimSuffix(path, "."), "the name of an attribute is not valid UTF-8: "+fault.Quote(name))
		case utf8.RuneCountInString(name) > MaxAttributeName:
			errs.Add(ErrAttributeInvalid, strings.TrimSuffix(path, "."), "the name of an attribute is longer than "+itoa(MaxAttributeName)+" characters: "+fault.Quote(name))
		}
		before := errs.Found()
		if peek.Of(&a.Value).AddAttributeFaults(&faults, ""); faults != nil { // else the field is not needed
			faults = nil
			peek.Of(&a.Value).AddAttributeFaults(errs, fault.JoinPath(strings.TrimSuffix(path, "."), name))
		}
		if contact && errs.Found() == before {
			v, message := e.standardAttribute(name, a.Value, loc)
			if message != "" {
				errs.Add(attributeCode(name), path+name, message)
			}
			a.Value = v
		}
	}
	return list
}

// standardAttribute converts a standard attribute to its type; all others
// are the host's own and stay as they are.
func (e *Engine) standardAttribute(name string, v Value, loc *time.Location) (Value, string) {
	if v.IsUnknown() {
		return v, ""
	}
	switch name {
	case "user_id", "id", "anonymous_id", "name", "phone", "language":
		if v.Kind() == value.KindNumber && name == "phone" {
			return String(v.Text()), ""
		}
		if v.Kind() != value.KindString {
			return v, "expected text"
		}
	case "role":
		if t := v.Text(); v.Kind() != value.KindString || t != "visitor" && t != "lead" && t != "user" {
			return v, "expected visitor, lead or user"
		}
	case "email":
		address, ok := fold.EmailSpelling(v.Text())
		if v.Kind() != value.KindString || !ok {
			return v, "expected a bare email address"
		}
		return String(address), ""
	case "timezone":
		if v.Kind() != value.KindString {
			return v, "expected the name of a time zone, such as Europe/Dublin"
		}
		if e.zones.Get(v.Text()) == nil {
			return v, calendar.ZoneFault(v.Text())
		}
	case decide.SessionCount:
		if n, err := strconv.ParseInt(v.Text(), 10, 64); v.Kind() != value.KindNumber || err != nil || n < 1 {
			return v, "expected a whole number of at least 1"
		}
	case "created_at", "signed_up_at", decide.FirstSeenAt, lastSeenAt, "last_contacted_at":
		sec, ok := peek.Of(&v).ConditionDate(loc)
		if !ok {
			return v, "expected a date: RFC 3339, a day (2026-01-02) or Unix seconds"
		}
		return peek.Value(repr.NewDate(sec)), ""
	}
	return v, ""
}
