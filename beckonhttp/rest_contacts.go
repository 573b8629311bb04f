package beckonhttp

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
	"github.com/beckon-go/beckon/internal/consent"
	"github.com/beckon-go/beckon/internal/fault"
)

// withContact is a route that is posted a contact.
func withContact(do func(ctx context.Context, c *call, body *wire.Contact) error) func(*call) error {
	return func(c *call) error {
		text, err := c.body(c.room.bodyLimit)
		if err != nil {
			return err
		}
		n, faults := wire.Parse(text)
		if len(faults) > 0 {
			return raised(faults)
		}
		body, faults := wire.ReadContact(&n)
		if len(faults) > 0 {
			return raised(faults)
		}
		ctx, cancel := c.context()
		defer cancel()
		return do(ctx, c, body)
	}
}

// raised returns what is wrong with a body as the engine tells it.
func raised(faults fault.List) error {
	if len(faults) == 0 {
		return nil
	}
	list := make(beckon.ErrorList, len(faults))
	for i, f := range faults {
		list[i] = &beckon.Error{Code: f.Code, Field: f.Field, Message: f.Message}
	}
	return list
}

// update writes what a body says of a contact.
func (c *call) update(ctx context.Context, body *wire.Contact, who beckon.Identity) error {
	contact, err := read(body, who)
	if err == nil {
		var res beckon.Result
		if res, err = c.room.engine.Update(saying(ctx, body), contact); err == nil {
			c.decided(ctx, res)
		}
	}
	return called(body, who, err)
}

// rehearse returns what update would, and writes nothing.
func (c *call) rehearse(ctx context.Context, body *wire.Contact, who beckon.Identity) error {
	contact, err := read(body, who)
	if err == nil {
		_, err = c.room.engine.Explain(ctx, &contact)
	}
	return called(body, who, err)
}

// read returns what a body says of a contact that is named outside of it.
func read(body *wire.Contact, who beckon.Identity) (beckon.Contact, error) {
	contact, err := beckon.ParseContact(body.Document())
	if err == nil {
		contact.UserID, contact.ID, contact.Email, contact.AnonymousID = besides(who, contact)
	}
	return contact, err
}

// called names the fields of an error as the body has them.
func called(body *wire.Contact, who beckon.Identity, err error) error {
	var list beckon.ErrorList
	if errors.As(err, &list) {
		rest := slices.DeleteFunc(slices.Clone(list), func(e *beckon.Error) bool {
			return e.Code == beckon.ErrContactMissing && who != (beckon.Identity{}) // it is named outside of the document
		})
		if len(rest) > 0 { // else it is named by what is blank
			list = rest
		}
		for _, e := range list {
			e.Field = body.Field(e.Field)
		}
		return list
	}
	return err
}

// saying returns the context of an update that says whether the contact wants email, if the body
// says it: what the update triggers goes by that.
func saying(ctx context.Context, body *wire.Contact) context.Context {
	if body.Unsubscribed == nil {
		return ctx
	}
	return consent.Saying(ctx, string(beckon.Email), !*body.Unsubscribed, "rest")
}

// besides returns the identities of an update: the one that decides, and those of the body
// that come after it, which are attributes.
func besides(who beckon.Identity, body beckon.Contact) (userID, id, email, anonymousID string) {
	switch {
	case who.UserID != "":
		return who.UserID, body.ID, body.Email, body.AnonymousID
	case who.ID != "":
		return "", who.ID, body.Email, body.AnonymousID
	case who.Email != "":
		return "", "", who.Email, body.AnonymousID
	}
	return "", "", "", who.AnonymousID
}

// whose returns whom a body means.
func whose(body *wire.Contact) beckon.Identity {
	return named(body.UserID, body.ID, body.Email, "")
}

// postContact creates a contact. A client that knows contacts gets 409 if there is such a
// one; an older one, which sends no external_id and no role, means to update it.
func postContact(ctx context.Context, c *call, body *wire.Contact) error {
	who := whose(body)
	modern := body.Modern || c.r.Header.Get("Intercom-Version") != ""
	switch {
	case who != (beckon.Identity{}) && modern:
		c.take(who)
		have, err := c.room.engine.Contact(ctx, who)
		if err == nil {
			return refuse(ErrConflict, "", "a contact matching those details already exists with id="+wireID(&have))
		}
		if !errors.Is(err, beckon.ErrContactUnknown) {
			return err
		}
	case who == (beckon.Identity{}) && (!modern || body.Role == "lead"):
		who.ID = rand.Text() // a lead of whom nobody knows who it is
	case who == (beckon.Identity{}):
		return refuse(beckon.ErrContactMissing, "external_id", "one of external_id, email and role is required")
	}
	if err := c.create(ctx, body, who); err != nil {
		return err
	}
	return c.show(ctx, "contact", who)
}

// create is update of a contact that may be new: then it has the role that the body says.
func (c *call) create(ctx context.Context, body *wire.Contact, who beckon.Identity) error {
	usual := "visitor"
	if who.UserID != "" {
		usual = "user"
	} else if who.ID != "" || who.Email != "" {
		usual = "lead"
	}
	if body.Role != "" && body.Role != usual {
		if err := roleOf(body); err != nil {
			return err
		}
		body.Set("role", body.Role)
	}
	return c.update(ctx, body, who)
}

// roleOf returns what is wrong with the role that a body says.
func roleOf(body *wire.Contact) error {
	if body.Role != "" && body.Role != "user" && body.Role != "lead" && body.Role != "visitor" {
		return refuse(ErrParameterInvalid, "role", `must be "user" or "lead"`)
	}
	return nil
}

// postUser creates or updates a user or a visitor, as older clients do.
func postUser(kind string) func(*call) error {
	return withContact(func(ctx context.Context, c *call, body *wire.Contact) (err error) {
		who := whose(body)
		if kind == "visitor" {
			if who, err = c.foundVisitor(ctx, body.UserID, body.ID, body.Email); err != nil {
				return err
			}
			body.Remove("user_id")
		}
		if err := c.create(ctx, body, who); err != nil {
			return err
		}
		return c.show(ctx, kind, who)
	})
}

// putContact updates a contact that is known. To give it another identity is to merge it
// with whom that names.
func putContact(ctx context.Context, c *call, body *wire.Contact) error {
	have, who, err := c.byPath(ctx)
	if err != nil {
		return err
	}
	into := beckon.Identity{}
	switch {
	case body.UserID != "" && body.UserID != have.UserID:
		into.UserID = body.UserID
	case have.UserID == "" && have.ID == "" && have.Email != "" && body.Email != "" && body.Email != have.Email:
		into.Email = body.Email
	}
	if into != (beckon.Identity{}) {
		if err := c.rename(ctx, body, who, into); err != nil {
			return err
		}
		who = into
	} else if have.UserID != "" {
		who = beckon.Identity{UserID: have.UserID}
	}
	body.Remove("user_id")
	if body.Role != "" && body.Role != have.Attributes["role"].Text() {
		if err := c.create(ctx, body, who); err != nil {
			return err
		}
	} else if err := c.update(ctx, body, who); err != nil {
		return err
	}
	return c.show(ctx, "contact", who)
}

// rename lets a contact have an identity that nobody else has, if all else that is said of it can
// be set too. What it does not want any more it has not wanted before the merge is decided.
func (c *call) rename(ctx context.Context, body *wire.Contact, who, into beckon.Identity) error {
	c.take(into)
	switch other, err := c.room.engine.Contact(ctx, into); {
	case err == nil:
		return refuse(ErrConflict, "", "a contact matching those details already exists with id="+wireID(&other))
	case !errors.Is(err, beckon.ErrContactUnknown):
		return err
	}
	if err := roleOf(body); err != nil {
		return err
	}
	if err := c.rehearse(ctx, body, who); err != nil {
		return err
	}
	if body.Unsubscribed != nil && *body.Unsubscribed {
		if err := c.room.engine.Unsubscribe(ctx, who, string(beckon.Email), "rest"); err != nil {
			return err
		}
	}
	res, err := c.room.engine.Merge(ctx, who, into)
	if err == nil {
		c.decided(ctx, res)
	}
	return err
}

// byPath returns the contact that the path names: by its id or, if nobody has that, by its
// user_id.
func (c *call) byPath(ctx context.Context) (beckon.Contact, beckon.Identity, error) {
	who := wire.ParseContactID(c.parts[0])
	have, err := c.room.engine.Contact(ctx, who)
	if who.ID == c.parts[0] && errors.Is(err, beckon.ErrContactUnknown) {
		if user, err := c.room.engine.Contact(ctx, beckon.Identity{UserID: who.ID}); err == nil {
			return user, beckon.Identity{UserID: who.ID}, nil
		}
	}
	return have, who, err
}

func getContact(kind string) func(*call) error {
	return func(c *call) error {
		have, _, err := c.byPath(c.r.Context())
		if err == nil {
			c.answer(http.StatusOK, viewOf(kind, &have))
		}
		return err
	}
}

func findByExternalID(c *call) error {
	return c.show(c.r.Context(), "contact", beckon.Identity{UserID: c.parts[0]})
}

// findContact answers with the contact that the query names. If it names none, all contacts
// are listed.
func findContact(kind string) func(*call) error {
	return func(c *call) error {
		q, err := c.query()
		if err != nil {
			return err
		}
		who := queried(q)
		if who == (beckon.Identity{}) && kind == "contact" {
			return c.list(beckon.All(), q)
		}
		if kind == "visitor" && who.UserID != "" {
			if who, err = c.foundVisitor(c.r.Context(), who.UserID, "", ""); err != nil {
				return err
			}
		}
		return c.show(c.r.Context(), kind, who)
	}
}

// show answers with a contact as it is now.
func (c *call) show(ctx context.Context, kind string, who beckon.Identity) error {
	have, err := c.room.engine.Contact(ctx, who)
	if err == nil {
		c.answer(http.StatusOK, viewOf(kind, &have))
	}
	return err
}

type deletedJSON struct {
	Type       string  `json:"type"`
	ID         string  `json:"id"`
	ExternalID *string `json:"external_id"`
	UserID     *string `json:"user_id,omitempty"`
	Deleted    bool    `json:"deleted"`
}

// deleteContact forgets the contact that the path names by its id.
func deleteContact(kind string) func(*call) error {
	return func(c *call) error { return c.forget(kind, wire.ParseContactID(c.parts[0])) }
}

// deleteFound forgets the contact that the query names.
func deleteFound(kind string) func(*call) error {
	return func(c *call) error {
		q, err := c.query()
		if err != nil {
			return err
		}
		return c.forget(kind, queried(q))
	}
}

func (c *call) forget(kind string, who beckon.Identity) error {
	ctx, cancel := c.context()
	defer cancel()
	have, err := c.room.engine.Contact(ctx, who)
	if err != nil {
		return err
	}
	if err := c.room.engine.Delete(ctx, who); err != nil {
		return err
	}
	c.answer(http.StatusOK, deletedJSON{Type: kind, ID: wireID(&have), ExternalID: orNull(have.UserID), UserID: orNull(have.UserID), Deleted: true})
	return nil
}
