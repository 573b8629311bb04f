package beckonhttp

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
)

// REST returns the routes that clients of the REST interface use, from any prefix:
//
//	http.Handle("/api/", http.StripPrefix("/api", beckonhttp.REST(engine, beckonhttp.Tokens("…"))))
//
// Events come from [beckon.SourceREST], whatever their bodies say. A nil auth lets nobody
// in. docs/ingest.md lists the routes and docs/openapi.yaml describes each.
func REST(engine *beckon.Engine, auth Authenticator, opts ...Option) http.Handler {
	m := &room{settings: settingsOf(opts), engine: engine}
	m.enter = func(c *call) error {
		if auth == nil {
			return ErrUnauthorized
		}
		return auth(c.r)
	}
	m.routes = []route{
		{"POST", "events", postEvent},
		{"GET", "events", getEvents},
		{"POST", "events/summaries", postSummaries},
		{"POST", "bulk/events", postBulk},
		{"POST", "bulk/users", postBulk},

		{"POST", "contacts", withContact(postContact)},
		{"GET", "contacts", findContact("contact")},
		{"POST", "contacts/merge", mergeContacts},
		{"POST", "contacts/convert", convert("contact", "user")},
		{"POST", "contacts/search", searchContacts},
		{"GET", "contacts/find_by_external_id/{}", findByExternalID},
		{"GET", "contacts/{}", getContact("contact")},
		{"PUT", "contacts/{}", withContact(putContact)},
		{"DELETE", "contacts/{}", deleteContact("contact")},
		{"GET", "contacts/{}/companies", getCompanies},
		{"POST", "contacts/{}/companies", joinCompany},
		{"DELETE", "contacts/{}/companies/{}", leaveCompany},

		{"POST", "users", postUser("user")},
		{"GET", "users", findContact("user")},
		{"DELETE", "users", deleteFound("user")},
		{"GET", "users/{}", getContact("user")},
		{"DELETE", "users/{}", deleteContact("user")},

		{"GET", "visitors", findContact("visitor")},
		{"PUT", "visitors", postUser("visitor")},
		{"POST", "visitors", postUser("visitor")},
		{"POST", "visitors/convert", convert("visitor", "contact")},
		{"GET", "visitors/{}", getContact("visitor")},
		{"DELETE", "visitors/{}", deleteContact("visitor")},

		{"GET", "conversations", checkContact},
	}
	return m
}

// known returns a contact, and reports as contact_unknown that there is none.
func (c *call) known(who beckon.Identity) (beckon.Contact, error) {
	return c.room.engine.Contact(c.r.Context(), who)
}

// query reads the parameters of a request. What cannot be read, and one that is there twice, is
// not passed by: without it a request may be about somebody else, or about all.
func (c *call) query() (url.Values, error) {
	q, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return nil, refuse(ErrParameterInvalid, "", "the query cannot be read: it must be URL-encoded, with & between its parameters")
	}
	for _, name := range parameters {
		if len(q[name]) > 1 {
			return nil, refuse(ErrParameterInvalid, name, "is there twice")
		}
	}
	return q, nil
}

// parameters are those that are read.
//
//nolint:gochecknoglobals // a constant that the language has no form for
var parameters = []string{
	"type", "user_id", "id", "intercom_user_id", "email", "anonymous_id",
	"summary", "per_page", "before", "since", "skip", "starting_after",
}

// queried returns whom the query names.
func queried(q url.Values) beckon.Identity {
	id := q.Get("intercom_user_id")
	if id == "" {
		id = q.Get("id")
	}
	return named(q.Get("user_id"), id, q.Get("email"), q.Get("anonymous_id"))
}

// named returns the contact that some fields name, the id being one of [wire.ContactID].
func named(userID, id, email, anonymousID string) beckon.Identity {
	who := beckon.Identity{UserID: userID, Email: email, AnonymousID: anonymousID}
	if id == "" || userID != "" {
		return who
	}
	return wire.ParseContactID(id)
}

// deciding returns the identity under which a contact is found.
func deciding(c *beckon.Contact) beckon.Identity {
	return beckon.Identity{UserID: c.UserID, ID: c.ID, Email: c.Email, AnonymousID: c.AnonymousID}
}

// wireID returns the id by which clients name a contact.
func wireID(c *beckon.Contact) string { return wire.ContactID(deciding(c)) }

// count reads a whole number of the query, from 1 to most.
func count(q url.Values, name string, otherwise, most int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, refuse(ErrParameterInvalid, name, "must be a whole number from 1")
	}
	return min(n, most), nil
}

// aboutUsers refuses a list of anything else than what a user did.
func aboutUsers(q url.Values) error {
	if kind := q.Get("type"); kind != "" && kind != "user" {
		return refuse(ErrParameterInvalid, "type", `must be "user"`)
	}
	return nil
}
