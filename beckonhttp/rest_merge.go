package beckonhttp

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
)

// object reads a posted object.
func (c *call) object() (ojson.Node, error) { return c.objectOf(c.room.bodyLimit) }

// objectOf reads one of at most so many bytes, which has no name twice.
func (c *call) objectOf(limit int64) (ojson.Node, error) {
	body, err := c.body(limit)
	if err != nil {
		return ojson.Node{}, err
	}
	n, faults := wire.Parse(body)
	if len(faults) == 0 {
		wire.Twins(&n, "", &faults)
	}
	return n, raised(faults)
}

// mergeContacts makes one contact of two: {"from": id, "into": id}.
func mergeContacts(c *call) error {
	n, err := c.object()
	if err != nil {
		return err
	}
	var faults fault.List
	from, into := wire.Text(&n, "from", &faults), wire.Text(&n, "into", &faults)
	for _, x := range []struct{ name, id string }{{"from", from}, {"into", into}} {
		if x.id == "" && !faults.About(x.name) {
			faults.Add(fault.ErrContactMissing, x.name, "expected the id of a contact")
		}
	}
	if err := raised(faults); err != nil {
		return err
	}
	ctx, cancel := c.context()
	defer cancel()
	source, target := wire.ParseContactID(from), wire.ParseContactID(into)
	for _, x := range []struct {
		name string
		who  beckon.Identity
	}{{"from", source}, {"into", target}} {
		if _, err := c.room.engine.Contact(ctx, x.who); err != nil {
			return of(err, x.name)
		}
	}
	return c.merge(ctx, "contact", source, target)
}

// of returns an error about what a member of the body names.
func of(err error, member string) error {
	var list beckon.ErrorList
	if !errors.As(err, &list) {
		return err
	}
	for _, e := range list {
		e.Field = member
	}
	return list
}

// merge merges a contact that is known into another, and answers with that.
func (c *call) merge(ctx context.Context, kind string, from, into beckon.Identity) error {
	if _, err := c.room.engine.Contact(ctx, from); err != nil {
		return err
	}
	res, err := c.room.engine.Merge(ctx, from, into)
	if err != nil {
		return err
	}
	c.decided(ctx, res)
	return c.show(ctx, kind, into)
}

// convert makes a user or a lead of a visitor, or a user of a lead: {"visitor": {…},
// "user": {…}, "type": "user"}. What was tracked as a visitor stays. (C2)
func convert(from, kind string) func(*call) error {
	return func(c *call) error {
		n, err := c.object()
		if err != nil {
			return err
		}
		var faults fault.List
		source, target := member(&n, from, &faults), member(&n, "user", &faults)
		wire.Twins(&source, from, &faults)
		wire.Twins(&target, "user", &faults)
		role := wire.Text(&n, "type", &faults)
		text := func(n *ojson.Node, path, name string) (text string) {
			var within fault.List
			text = wire.Text(n, name, &within)
			for _, f := range within {
				faults.Add(f.Code, path+"."+f.Field, f.Message)
			}
			return text
		}
		userID, id, email := text(&source, from, "user_id"), text(&source, from, "id"), text(&source, from, "email")
		if v := text(&source, from, "anonymous_id"); userID == "" {
			userID = v
		}
		into := named(text(&target, "user", "user_id"), text(&target, "user", "id"), text(&target, "user", "email"), "")
		if err := raised(faults); err != nil {
			return err
		}
		ctx, cancel := c.context()
		defer cancel()
		who, err := c.foundVisitor(ctx, userID, id, email)
		if err != nil {
			return within(err, from)
		}
		if into == (beckon.Identity{}) {
			if role != "lead" {
				return refuse(beckon.ErrContactMissing, "user", "expected user_id, id or email of the user")
			}
			into.ID = rand.Text()
		}
		return within(c.merge(ctx, kind, who, into), "user")
	}
}

// within returns an error whose fields lie in a member of the body.
func within(err error, member string) error {
	var list beckon.ErrorList
	if !errors.As(err, &list) {
		return err
	}
	for _, e := range list {
		if e.Field != "" {
			e.Field = member + "." + e.Field
		}
	}
	return list
}

// member returns a member that is an object, an empty one if it is not there.
func member(n *ojson.Node, name string, faults *fault.List) ojson.Node {
	v := n.Get(name)
	if v == nil || v.Kind == ojson.Null {
		return ojson.Node{Kind: ojson.Object}
	}
	if v.Kind != ojson.Object {
		faults.Add(fault.ErrTypeInvalid, name, "must be an object, got "+v.Kind.String())
	}
	return *v
}

// foundVisitor returns the visitor that is named, as far as one is known. What clients call
// the user_id of a visitor is an anonymous_id, if there is such a one.
func (c *call) foundVisitor(ctx context.Context, userID, id, email string) (beckon.Identity, error) {
	var tries []beckon.Identity
	switch {
	case userID != "":
		tries = []beckon.Identity{{AnonymousID: userID}, {UserID: userID}, {ID: userID}}
	case id != "":
		if tries = []beckon.Identity{wire.ParseContactID(id)}; tries[0].ID == id {
			tries = append(tries, beckon.Identity{AnonymousID: id})
		}
	default:
		tries = []beckon.Identity{{Email: email}}
	}
	var err error
	for _, who := range tries {
		if _, err = c.room.engine.Contact(ctx, who); err == nil || !errors.Is(err, beckon.ErrContactUnknown) {
			return who, err
		}
	}
	return beckon.Identity{}, err
}

// getCompanies lists the companies of a contact.
func getCompanies(c *call) error {
	have, _, err := c.byPath(c.r.Context())
	if err == nil {
		c.answer(http.StatusOK, companyListOf(&have))
	}
	return err
}

// joinCompany has a contact join a company: {"id": company}.
func joinCompany(c *call) error {
	n, err := c.object()
	if err != nil {
		return err
	}
	var faults fault.List
	company := wire.Company(&n, "", &faults)
	id := wire.Text(&company, "company_id", &faults)
	if id == "" && len(faults) == 0 {
		faults.Add(fault.ErrAttributeInvalid, "id", "expected the id of a company")
	}
	if err := raised(faults); err != nil {
		return err
	}
	return c.membership(id, false)
}

// leaveCompany has a contact leave a company.
func leaveCompany(c *call) error { return c.membership(c.parts[1], true) }

func (c *call) membership(id string, remove bool) error {
	ctx, cancel := c.context()
	defer cancel()
	_, who, err := c.byPath(ctx)
	if err != nil {
		return err
	}
	res, err := c.room.engine.Update(ctx, beckon.Contact{
		UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID,
		Companies: []beckon.Membership{{CompanyID: id, Remove: remove}},
	})
	if err != nil {
		return err
	}
	c.decided(ctx, res)
	have, err := c.room.engine.Contact(ctx, who)
	if err != nil {
		return err
	}
	answer := companyOf(&beckon.Membership{CompanyID: id}) // it was left
	for i := range have.Companies {
		if have.Companies[i].CompanyID == id {
			answer = companyOf(&have.Companies[i])
		}
	}
	c.answer(http.StatusOK, answer)
	return nil
}
