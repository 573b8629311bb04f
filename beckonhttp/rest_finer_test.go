package beckonhttp_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/observe"
)

// D11: what a body says of email holds for what the same body triggers, of a contact that is made
// or gets another identity by it, too.
func TestContactsRefuseWithAnUpdate(t *testing.T) {
	w := restWorld(t)
	mail := func(id string, trigger *beckon.Trigger) beckon.Message {
		return beckon.Message{ID: id, Channel: beckon.Email, Status: beckon.Live, Trigger: trigger, Frequency: beckon.EachTime(), Content: beckon.Content{Body: "x"}}
	}
	if err := w.engine.Publish(t.Context(), beckon.Program{
		Segments: map[string]beckon.Rule{"users": beckon.User("role").Is("user")},
		Messages: []beckon.Message{mail("plan", beckon.OnChange("plan")), mail("new", beckon.OnEnter("users"))},
	}); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ method, path, body, sent, held string }{
		{"POST", "/contacts", `{"external_id":"u1","custom_attributes":{"plan":"a"},"unsubscribed_from_emails":true}`, "", "new plan"},
		{"PUT", "/contacts/u1", `{"custom_attributes":{"plan":"b"}}`, "", "plan"},
		{"PUT", "/contacts/u1", `{"custom_attributes":{"plan":"c"},"unsubscribed_from_emails":false}`, "plan", ""},
		{"PUT", "/contacts/u1", `{"custom_attributes":{"plan":"d"},"unsubscribed_from_emails":null}`, "plan", ""},
		{"POST", "/users", `{"user_id":"u1","custom_attributes":{"plan":"e"},"unsubscribed_from_emails":true}`, "", "plan"},
		{"POST", "/users", `{"user_id":"u1","custom_attributes":{"plan":"f"},"unsubscribed":["sms"],"unsubscribed_from_emails":true}`, "", "plan"},
		{"POST", "/users", `{"user_id":"u1","custom_attributes":{"plan":"g"},"unsubscribed":["email","sms"],"unsubscribed_from_emails":false}`, "plan", ""},
		{"POST", "/contacts", `{"external_id":"u2","unsubscribed_from_emails":false}`, "new", ""},
		{"POST", "/contacts", `{"email":"l@b.example","role":"lead"}`, "", ""},
		{"PUT", "/contacts/email:l@b.example", `{"external_id":"u3","unsubscribed_from_emails":true,"role":"user"}`, "", "new"},
	} {
		w.ask(200, x.method, x.path, x.body)
		var held []string
		for _, res := range w.results {
			for _, h := range res.Held() {
				if h.Reason != beckon.ReasonUnsubscribed {
					t.Errorf("%s: %s is held %s", x.body, h.Message, h.Reason)
				}
				held = append(held, h.Message)
			}
		}
		if sent, held := w.sent(), strings.Join(held, " "); sent != x.sent || held != x.held {
			t.Errorf("%s: sent %q and held %q, want %q and %q", x.body, sent, held, x.sent, x.held)
		}
	}
	c, err := w.engine.Contact(t.Context(), beckon.Identity{UserID: "u1"})
	if err != nil || len(c.Unsubscribed) != 1 || c.Unsubscribed[0] != "sms" {
		t.Errorf("unsubscribed from %v: %v", c.Unsubscribed, err)
	}
	// What is refused says nothing of email either.
	w.ask(400, "PUT", "/contacts/u1", `{"unsubscribed_from_emails":true,"custom_attributes":{"a":[1]}}`)
	w.ask(400, "PUT", "/contacts/u1", `{"unsubscribed_from_emails":true,"timezone":"Nowhere"}`)
	if c, err = w.engine.Contact(t.Context(), beckon.Identity{UserID: "u1"}); err != nil || len(c.Unsubscribed) != 1 {
		t.Errorf("unsubscribed from %v: %v", c.Unsubscribed, err)
	}
}

// A contact does not get another identity by a body of which something is refused.
func TestContactsRenamedWhole(t *testing.T) {
	w := restWorld(t)
	for i, body := range []string{`"custom_attributes":{"a":[1]}`, `"timezone":"Nowhere"`, `"role":"boss"`, `"email":"nobody"`, `"custom_attributes":{"a":"` + strings.Repeat("x", 1<<17) + `"}`} {
		lead := fmt.Sprintf("lead%d", i)
		if _, err := w.engine.Update(t.Context(), beckon.Contact{ID: lead}); err != nil {
			t.Fatal(err)
		}
		w.ask(400, "PUT", "/contacts/"+lead, `{"external_id":"u1",`+body+`}`)
		if c, err := w.engine.Contact(t.Context(), beckon.Identity{ID: lead}); err != nil || c.UserID != "" {
			t.Errorf("%.40s: the contact is %+v: %v", body, c, err)
		}
		w.ask(404, "GET", "/contacts/user_id:u1", "")
	}
	w.ask(200, "PUT", "/contacts/lead0", `{"external_id":"u1","name":"Ada"}`)
}

// What a body says of email is about its contact, and nobody whom an observer updates meanwhile.
func TestContactsRefuseForThemselves(t *testing.T) {
	var w *world
	w = newWorld(t, func(w *world) http.Handler { return beckonhttp.REST(w.engine, beckonhttp.Tokens("secret")) },
		beckon.WithObserver(observe.Observer{Decided: func(ctx context.Context, d observe.Decision) {
			if d.Contact.UserID == "u1" {
				if _, err := w.engine.Update(ctx, beckon.Contact{UserID: "u2"}); err != nil {
					t.Error(err)
				}
			}
		}}))
	if err := w.engine.Publish(t.Context(), beckon.Program{Messages: []beckon.Message{{
		ID: "plan", Status: beckon.Live, Trigger: beckon.OnChange("plan"), Content: beckon.Content{Body: "x"},
	}}}); err != nil {
		t.Fatal(err)
	}
	w.ask(200, "POST", "/contacts", `{"external_id":"u1","custom_attributes":{"plan":"a"},"unsubscribed_from_emails":true}`)
	if c, err := w.engine.Contact(t.Context(), beckon.Identity{UserID: "u2"}); err != nil || len(c.Unsubscribed) != 0 {
		t.Errorf("unsubscribed from %v: %v", c.Unsubscribed, err)
	}
}
