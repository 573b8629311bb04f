package main

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/mail"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
)

// The cookies of a session. A visitor's id is random; a user's is signed.
const (
	visitorCookie = "shop_visitor"
	userCookie    = "shop_user"
)

// who returns whose page sends a request: it is what the shop knows, and nothing that the
// page says. It is the shop's [beckonhttp.Identifier].
func (s *shop) who(r *http.Request) (beckon.Identity, error) {
	if c, err := r.Cookie(userCookie); err == nil {
		hash, user, _ := strings.Cut(c.Value, ".")
		id, _ := hex.DecodeString(user) // what is not one has another hash
		if len(id) > 0 && hmac.Equal([]byte(hash), []byte(beckonhttp.UserHash(s.key, string(id)))) {
			return beckon.Identity{UserID: string(id)}, nil
		}
	}
	if c, err := r.Cookie(visitorCookie); err == nil && len(c.Value) == len(rand.Text()) {
		return beckon.Identity{AnonymousID: c.Value}, nil
	}
	return beckon.Identity{}, beckonhttp.ErrUnauthorized
}

// welcome makes a visitor of who has no session yet.
func (s *shop) welcome(w http.ResponseWriter, r *http.Request) beckon.Identity {
	if who, err := s.who(r); err == nil {
		return who
	}
	id := rand.Text()
	setCookie(w, visitorCookie, id)
	return beckon.Identity{AnonymousID: id}
}

func setCookie(w http.ResponseWriter, name, value string) {
	c := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// signIn makes a user of the visitor: what was tracked before is the user's (C2). A shop
// would ask for a password.
func (s *shop) signIn(w http.ResponseWriter, r *http.Request) {
	address, err := mail.ParseAddress(r.PostFormValue("email"))
	if err != nil {
		http.Error(w, "this is no email address", http.StatusBadRequest)
		return
	}
	user := beckon.Identity{UserID: strings.ToLower(address.Address)}
	res, err := s.engine.Update(r.Context(), beckon.Contact{
		UserID: user.UserID, Email: address.Address, Name: strings.TrimSpace(r.PostFormValue("name")),
	})
	if err == nil {
		s.offer(r.Context(), res)
		var visitor beckon.Identity
		if visitor, err = s.who(r); err == nil && visitor.UserID == "" {
			res, err = s.engine.Merge(r.Context(), visitor, user)
			s.offer(r.Context(), res)
			s.panel.join(visitor, user)
		}
	}
	if err != nil {
		s.fail(w, err)
		return
	}
	setCookie(w, userCookie, beckonhttp.UserHash(s.key, user.UserID)+"."+hex.EncodeToString([]byte(user.UserID)))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// signOut ends a session: who comes next is another visitor.
func (s *shop) signOut(w http.ResponseWriter, r *http.Request) {
	setCookie(w, userCookie, "")
	setCookie(w, visitorCookie, "")
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
