package beckonui_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/beckon-go/beckon"
)

func TestWhyPage(t *testing.T) {
	s := newSite(t, programText)
	s.fill()
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"user_id=u1&message=ready", []string{"Why ready?", "It would be held filter : the rule of its trigger does not hold", "The contact had it 1 time, last at", "Its trigger", "Does not hold:", "the event's minutes is greater than 2", "it is unknown", "Its audience", "at least one of these", `Holds: the contact's plan is "pro"`, "it is pro", "Does not hold: not"}},
		{"user_id=u1&message=ready&on=event&metadata=" + url.QueryEscape(`{"minutes": 9}`), []string{"throttled", "It could be sent at 2 Mar 2026, 13:00 UTC (in 56 minutes)"}},
		{"user_id=new&message=ready&on=event&event=upload-complete&metadata=" + url.QueryEscape(`{"minutes": 9, "file": "b"}`), []string{"It would be sent", "never had it", "Subject Ready b took 9 minutes"}},
		{"user_id=u1&message=ready&on=event&metadata=" + url.QueryEscape(`{"minutes": "9"}`), []string{`the text "9" is not a number`}},
		{"user_id=u1&message=letter", []string{"unsubscribed", "Its audience"}},
		{"user_id=u1&message=plan-changed&on=update&attributes=" + url.QueryEscape(`{"plan": "pro"}`), []string{"no candidate on this occasion: the update does not change"}},
		{"anonymous_id=visitor+7&message=plan-changed&attributes=" + url.QueryEscape(`{"plan": "pro"}`), []string{"It would be sent"}},
		{"user_id=u1&message=ready&on=sweep", []string{"no candidate on this occasion: a sweep does not decide it", "Other candidates on this occasion", "held letter unsubscribed"}},
		{"user_id=u1&message=sale", []string{"It would be held not_live", "draft"}},
		{"user_id=new&message=sale", []string{"nobody is known by this name"}},
		{"user_id=u1&message=ready&on=visit", []string{"a visit does not decide it"}},
		{"user_id=u1&on=event&event=upload-complete", []string{"ready", "It would be held"}},
		{"user_id=u1&on=event&event=upload-completed", []string{"upload-complete"}},
		{"user_id=u1&message=ready&on=event&event=shared", []string{"shared"}},
		{"user_id=u1&on=event&event=upload-complete&metadata=nope", []string{"This cannot be explained:", "metadata: this is not JSON"}},
		{"user_id=u1&on=event&event=upload-complete&metadata=" + url.QueryEscape(`{"a": [1]}`), []string{"This cannot be explained:", "metadata.a"}},
		{"user_id=u1&on=visit&seconds=lots", []string{"This cannot be explained:", "seconds: expected a number"}},
		{"user_id=u1&on=event&event=+", []string{"Why, or why not?"}},
		{"", []string{"Why, or why not?"}},
	} {
		s.see("/why?"+c.query, c.want...)
	}
	if len(s.errors) > 0 {
		t.Error(s.errors)
	}
	if w := s.ask(http.MethodGet, "/why?user_id=u1&on=birthday", nil); w.Code != http.StatusBadRequest {
		t.Errorf("an occasion that there is not: %d", w.Code)
	}
	after, _, err := s.engine.Export(t.Context(), beckon.Identity{UserID: "new"})
	if s.must(err); after.Identity != (beckon.Identity{}) {
		t.Error("to explain makes a contact")
	}
}
