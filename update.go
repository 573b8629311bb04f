package beckon

import (
	"context"
	"slices"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/attribute"
	"github.com/beckon-go/beckon/internal/consent"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// The limits of what is known of a contact or a company.
const (
	MaxAttributes    = decide.MaxAttributes   // attributes of one contact or company
	MaxAttributeName = attribute.MaxName      // longest name of an attribute, in code points
	MaxDecisions     = decide.MaxDecisions    // decisions of a contact that are kept ([WithDecisions])
	MaxCompanies     = decide.MaxCompanies    // companies of one contact
	MaxUnsubscribed  = decide.MaxUnsubscribed // entries of a contact's unsubscriptions, and as many choices of topics
	MaxContactBytes  = 1 << 20                // of the JSON of a contact or of a visit
)

// Update sets what is known of a contact as a [Contact] says, and creates an unknown one. Only
// [Engine.Merge] links identities. Companies are joined or left, and their data, which is the
// workspace's, merges in the same way. An update is an occasion: what it changes triggers,
// walks move and begin, goals count, and what was decided is returned as by Track.
//
// The error is an [ErrorList], or a [StoreError]. A refused contact has not changed. If all
// that is wrong is that with what it has it passes [MaxAttributes] or [MaxCompanies], company
// data was set. (C1, D9, K2, T7, X3)
func (e *Engine) Update(ctx context.Context, contact Contact) (Result, error) {
	if err := e.open(); err != nil {
		return Result{}, err
	}
	u, errs := checkContact(&contact, attribute.Checker{Zones: e.zones, Loc: e.states.Load().Plan.Loc}, false)
	if err := raise(errs); err != nil {
		return Result{}, err
	}
	key, err := e.reach(ctx, contact.identity())
	if err != nil {
		return Result{}, err
	}
	now := e.clock()
	if len(contact.Companies) > 0 {
		if err := e.rehearse(ctx, key, u, contact.Companies, contact.Email, now); err != nil {
			return Result{}, err
		}
		// Companies first: when the contact belongs to one, its data is there.
		if err := e.updateCompanies(ctx, contact.Companies); err != nil {
			return Result{}, err
		}
	}
	d := e.newDecision(decide.OnUpdate, now)
	defer e.putDecision(d)
	d.In.Update, d.In.Email = u, contact.Email
	if c := consent.Said(ctx); c.Of != "" {
		d.In.Refusal = decide.Refusal{From: c.Of, Back: c.Yes, Where: c.From}
	}
	if _, err := e.step(ctx, key, d); err != nil {
		return Result{}, err
	}
	var res Result
	res.raise(d)
	e.tell(ctx, d)
	return res, nil
}

// checkContact finds all that is wrong with an update, which may be history.
func checkContact(c *Contact, as attribute.Checker, history bool) (*decide.ContactUpdate, fault.List) {
	var errs fault.List
	identity.AddFaults(c.identity(), &errs)
	u := &decide.ContactUpdate{}
	u.Set = as.Contact(c.Attributes, "attributes.", &errs)
	c.addTwins(&errs)
	for _, name := range [...]string{attribute.LastSeenAt, attribute.FirstSeenAt, attribute.SessionCount} {
		if _, named := c.Attributes[name]; named && !history && !errs.About("attributes."+name) {
			errs.Add(ErrAttributeInvalid, "attributes."+name, "only visits set it, and an import")
		}
	}
	standard := func(name, value string) {
		if value == "" {
			return
		}
		v, message := as.Standard(name, String(value))
		if message != "" && !errs.About(name) {
			errs.Add(attribute.Code(name), name, message)
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
		if a.Name.Value() != attribute.LastSeenAt {
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
		attribute.Company(m.Attributes, path+"attributes.", &errs)
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

// rehearse judges an update that reaches several records over snapshots of
// them: what would refuse it on the last must not have changed the first.
func (e *Engine) rehearse(ctx context.Context, key store.Key, u *decide.ContactUpdate, companies []Membership, email string, now int64) error {
	d := e.newDecision(decide.OnUpdate, now)
	defer e.putDecision(d)
	d.In.Update, d.In.Email = u, email
	if _, err := e.view(ctx, key, d); err != nil {
		return err
	}
	for i := range companies {
		if companies[i].onlyLeaves() {
			continue
		}
		decide := e.companyUpdate(&companies[i])
		var refused error
		if err := e.store.Read(ctx, []store.Key{{Kind: store.KindCompany, ID: companies[i].CompanyID}}, func(rec *store.Record) error {
			refused = decide(rec, &store.Changes{})
			return nil
		}); err != nil {
			return storeError(err)
		}
		if refused != nil {
			return refused
		}
	}
	return nil
}

// updateCompanies merges the data of companies into their records.
func (e *Engine) updateCompanies(ctx context.Context, list []Membership) error {
	for i := range list {
		if list[i].onlyLeaves() {
			continue
		}
		step := []store.Step{{Key: store.Key{Kind: store.KindCompany, ID: list[i].CompanyID}, Decider: e.companyUpdate(&list[i])}}
		if err := e.stepOnce(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

// onlyLeaves reports whether there is nothing to set of the company itself.
func (m *Membership) onlyLeaves() bool { return m.Remove && m.Name == "" && len(m.Attributes) == 0 }

// companyUpdate is the decision on a company's own data. What changes nothing writes
// nothing: many contacts say the same of their company.
func (e *Engine) companyUpdate(m *Membership) deciderFunc {
	var errs fault.List
	set := attribute.Company(m.Attributes, "", &errs)
	if m.Name != "" {
		set = append(set, store.NewAttribute("name", String(m.Name)))
	}
	return func(rec *store.Record, c *store.Changes) error {
		p := decide.CloneProfile(rec.Profile)
		for _, a := range set {
			decide.SetAttribute(p, a.Name.Value(), a.Value)
		}
		if len(p.Attributes) > MaxAttributes {
			return ErrorList{{Code: ErrAttributeInvalid, Field: "companies", Message: "more than " + itoa(MaxAttributes) + " attributes"}}
		}
		if !rec.Exists || !slices.EqualFunc(p.Attributes, rec.Profile.Attributes, attribute.Same) {
			c.Profile, c.Touch = p, !rec.Exists
		}
		return nil
	}
}
