package beckonui

import (
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

type contactsView struct {
	Query   string
	Asked   bool
	Found   []contactRow
	List    []contactRow
	Total   int64  // in the store; 0 if that is not known
	Next    string // the cursor of the next page
	IsFirst bool
	Partial bool // some could not be read
	Bad     string
}

type contactRow struct {
	Name, Kind string
	Also       string
	Whose      url.Values
}

func contactRowOf(who beckon.Identity) contactRow {
	row := contactRow{Whose: whose(who)}
	row.Name, row.Kind = named(who)
	if row.Kind != "e-mail" {
		row.Also = who.Email
	}
	return row
}

// contactsPage finds contacts by what names them, and lists all of them by pages.
func contactsPage(q *request) error {
	v := contactsView{Query: strings.TrimSpace(q.args.Get("q")), IsFirst: q.args.Get("after") == ""}
	if v.Query != "" {
		v.Asked = true
		if err := v.find(q); err != nil {
			return err
		}
		if len(v.Found) == 1 {
			q.redirect(link("contact", v.Found[0].Whose))
			return nil
		}
	} else if err := v.list(q); err != nil {
		return err
	}
	q.show(http.StatusOK, "contacts", view{Title: "Contacts", Nav: "contacts", Of: v})
	return nil
}

// find looks a text up as each kind of identity. It may say which: "email:ada@example.com".
func (v *contactsView) find(q *request) error {
	kinds := map[string]func(string) beckon.Identity{
		"user_id": func(s string) beckon.Identity { return beckon.Identity{UserID: s} },
		"id":      func(s string) beckon.Identity { return beckon.Identity{ID: s} },
		"email":   func(s string) beckon.Identity { return beckon.Identity{Email: s} },
		"visitor": func(s string) beckon.Identity { return beckon.Identity{AnonymousID: s} },
	}
	var tries []beckon.Identity
	if kind, rest, ok := strings.Cut(v.Query, ":"); ok && kinds[kind] != nil {
		tries = append(tries, kinds[kind](strings.TrimSpace(rest)))
	} else {
		for _, kind := range []string{"user_id", "id", "email", "visitor"} {
			if kind != "email" || strings.Contains(v.Query, "@") {
				tries = append(tries, kinds[kind](v.Query))
			}
		}
	}
	seen := map[beckon.Identity]bool{}
	for _, who := range tries {
		c, err := q.engine.Contact(q.ctx, who)
		var list beckon.ErrorList
		switch {
		case errors.Is(err, beckon.ErrContactAmbiguous):
			v.Bad = sentence(err)
			continue
		case errors.As(err, &list):
			continue // it is no such thing, or nobody is known by it
		case err != nil:
			if partial, rest := q.damaged(err); !partial {
				return rest
			}
			v.Partial = true
			continue
		}
		own := beckon.Identity{UserID: c.UserID, ID: c.ID, Email: c.Email, AnonymousID: c.AnonymousID}
		if !seen[own] {
			seen[own] = true
			v.Found = append(v.Found, contactRowOf(own))
		}
	}
	return nil
}

// list reads one page of contacts, in the order of the store.
func (v *contactsView) list(q *request) error {
	cursor, err := base64.RawURLEncoding.DecodeString(q.args.Get("after"))
	if err != nil {
		return refused{http.StatusBadRequest, "This page of the list does not exist."}
	}
	ended := false
	for who, err := range q.engine.Match(q.ctx, beckon.Rule{}, beckon.ResumeAt(store.Cursor(cursor)),
		beckon.OnDamaged(func(store.Key, error) { v.Partial = true }),
		beckon.OnProgress(func(p beckon.Progress) {
			if !ended {
				v.Total, v.Next = p.Total, base64.RawURLEncoding.EncodeToString([]byte(p.Cursor))
			}
			ended = len(v.List) > 0 // else the whole page was of those that lead elsewhere
		})) {
		if err != nil {
			return err
		}
		if ended {
			break
		}
		v.List = append(v.List, contactRowOf(who))
	}
	return nil
}
