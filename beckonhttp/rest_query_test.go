package beckonhttp_test

import (
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
)

// A query that cannot be read, or says twice what is read of it, names nobody else.
func TestQueries(t *testing.T) {
	w := restWorld(t)
	w.ask(200, "POST", "/users", `{"user_id":"u1","email":"a@b.example"}`)
	w.ask(200, "POST", "/users", `{"user_id":"u2","email":"c@d.example"}`)
	for _, c := range []struct{ query, field string }{
		{"user_id=50%&email=a@b.example", ""},
		{"user_id=x;y&email=a@b.example", ""},
		{"email=%zz", ""},
		{"user_id=u1&%zz", ""},
		{"user_id=u1&user_id=u2", "user_id"},
		{"email=a@b.example&email=", "email"},
		{"user_id=u1&summary=true&summary=false", "summary"},
		{"user_id=u1&per_page=1&per_page=2", "per_page"},
	} {
		for _, route := range []string{"GET /events", "GET /users", "GET /contacts", "GET /visitors", "GET /conversations", "DELETE /users"} {
			method, path, _ := strings.Cut(route, " ")
			w.refused(400, beckonhttp.ErrParameterInvalid, c.field, method, path+"?"+c.query, "")
		}
	}
	for _, id := range []string{"u1", "u2"} {
		if c := w.contact(beckon.Identity{UserID: id}); c.UserID != id {
			t.Errorf("%s: %+v", id, c)
		}
	}
	w.ask(200, "GET", "/users?user_id=u1&expand[]=a&expand[]=b", "") // what is not read may be there twice
}

// A contact that is named by what is blank is nobody: the client's fault, and not the door's.
func TestBlankNames(t *testing.T) {
	w := restWorld(t)
	for _, c := range []struct{ path, body string }{
		{"/users", `{"id":" "}`},
		{"/users", `{"user_id":" "}`},
		{"/users", `{"email":" "}`},
		{"/contacts", `{"external_id":"\t"}`},
		{"/contacts", `{"id":" ","role":"lead"}`},
	} {
		w.refused(400, beckon.ErrContactMissing, "user_id", "POST", c.path, c.body)
	}
	text := w.ask(200, "POST", "/bulk/users", `{"items":[{"method":"post","data_type":"user","data":{"id":" "}},{"method":"post","data_type":"user","data":{"id":"x"}}]}`)
	if got := fields(t, text, "state"); got != `"completed_with_errors"` || !strings.Contains(text, string(beckon.ErrContactMissing)) {
		t.Error(text)
	}
	if c := w.contact(beckon.Identity{ID: "x"}); c.ID != "x" {
		t.Errorf("%+v", c)
	}
	if len(w.errs) > 0 {
		t.Error(w.errs)
	}
}
