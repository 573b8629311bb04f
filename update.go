package beckon

import (
	"context"
	"slices"
	"time"

	"github.com/beckon-go/beckon/internal/consent"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
)

// The limits of what is known of a contact or a company.
const (
	MaxAttributes    = decide.MaxAttributes    // attributes of one contact or company
	MaxAttributeName = decide.MaxAttributeName // longest name of an attribute, in code points
	MaxDecisions     = decide.MaxDecisions     // decisions of a contact that are kept ([WithDecisions])
	MaxCompanies     = decide.MaxCompanies     // companies of one contact
	MaxUnsubscribed  = decide.MaxUnsubscribed  // entries of a contact's unsubscriptions, and as many choices of topics
	MaxContactBytes  = 1 << 20                 // of the JSON of a contact or of a visit
)

// Update sets what is known of a contact: what is named is set, a zero [Value]
// unsets, the rest stays. It creates an unknown contact. Identities besides the
// one that decides are attributes; only [Engine.Merge] links them. Companies
// are joined or left, and their data, which is the workspace's, merges in the
// same way. An update is an occasion: what it changes triggers, walks move and
// begin, goals count, and what was decided is returned as by Track.
//
// The error is an [ErrorList], or a [StoreError]. A refused contact has not
// changed. If it is refused only because with what it has it passes
// [MaxAttributes] or [MaxCompanies], the data of the companies named was set:
// each company is a record of its own. (C1, D9, K2, T7, X3)
func (e *Engine) Update(ctx context.Context, contact Contact) (Result, error) {
	if err := e.open(); err != nil {
		return Result{}, err
	}
	u, errs := e.checkContact(&contact, e.states.Load().Plan.Loc, false)
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
	set := e.attributes(m.Attributes, "", false, time.UTC, &errs)
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
		if !rec.Exists || !slices.EqualFunc(p.Attributes, rec.Profile.Attributes, sameAttribute) {
			c.Profile, c.Touch = p, !rec.Exists
		}
		return nil
	}
}
