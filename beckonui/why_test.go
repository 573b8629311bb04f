package beckonui_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonui"
)

func TestWhyPage(t *testing.T) {
	s := newSite(t, programText)
	s.fill()
	for _, c := range []struct {
		query string
		want  []string
	}{
		{"user_id=u1&message=ready", []string{"Why ready?", "It would be held filter : the rule of its trigger does not hold", "The contact had it 1 time, last at", "Its trigger", "Does not hold:", "the event's minutes is greater than 2", "it is unknown", "Its audience", "at least one of these", `Holds: the contact's plan is "pro"`, `it is the text "pro"`, "Does not hold: not"}},
		{"user_id=u1&message=ready&on=event&metadata=" + url.QueryEscape(`{"minutes": 9}`), []string{"throttled", "It could be sent at 2 Mar 2026, 13:00 UTC (in 56 minutes) , if this event comes then, and not a millisecond sooner.", "Its limits", "Passed: Status it is live", "Not passed: Frequency at most once in 1h; had it once, last at 2 Mar 2026, 12:00 UTC; room from 2 Mar 2026, 13:00 UTC"}},
		{"user_id=new&message=ready&on=event&event=upload-complete&metadata=" + url.QueryEscape(`{"minutes": 9, "file": "b"}`), []string{"Nobody is known by that id", "It would be sent", "never had it", "Subject Ready b took 9 minutes"}},
		{"user_id=u1&message=ready&on=event&metadata=" + url.QueryEscape(`{"minutes": "9"}`), []string{`the text "9" is not a number`}},
		{"user_id=u1&message=letter", []string{"unsubscribed", "Time alone does not send it:", "Its audience", "Not passed: Consent the contact does not want news, said at 2 Mar 2026, 12:04 UTC"}},
		{"user_id=u1&message=plan-changed&on=update&attributes=" + url.QueryEscape(`{"plan": "pro"}`), []string{"no candidate on this occasion: the update does not change"}},
		{"anonymous_id=visitor+7&message=plan-changed&attributes=" + url.QueryEscape(`{"plan": "pro"}`), []string{"It would be sent"}},
		{"user_id=u1&message=ready&on=sweep", []string{"no candidate on this occasion: a sweep does not decide it", "Other candidates on this occasion", "held letter unsubscribed"}},
		{"user_id=u1&message=sale", []string{"It would be held not_live", "draft"}},
		{"user_id=new&message=sale", []string{"nobody is known by that id"}},
		{"user_id=u1&message=ready&on=due", []string{"nothing of it waits for the contact"}},
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

// Of a message that a segment triggers the page says how the contact stands to that, whatever
// the occasion.
func TestWhySegments(t *testing.T) {
	const text = `{"segments": {"pro": {"user": "plan", "op": "is", "value": "pro"}},
	  "messages": [{"id": "expert", "channel": "email", "status": "live", "trigger": {"enters": "pro"}, "content": {"subject": "x", "body": "x"}},
	    {"id": "gone", "channel": "chat", "status": "live", "trigger": {"leaves": "pro"}, "content": {"body": "x"}}]}`
	s := newSite(t, text)
	for user, plan := range map[string]string{"u1": "pro", "u2": "free"} {
		_, err := s.engine.Update(t.Context(), beckon.Contact{UserID: user, Attributes: beckon.Attributes{"plan": beckon.String(plan)}})
		s.must(err)
	}
	s.see("/why?user_id=u1&message=expert", `no candidate on this occasion: it is triggered when a contact begins to match the segment "pro". This one matches it already.`)
	s.see("/why?user_id=u2&message=expert&on=visit", `begins to match the segment "pro". This one does not match it now.`)
	s.see("/why?user_id=u1&message=gone", `ceases to match the segment "pro". This one matches it now.`)
	s.see("/why?user_id=u1&message=gone&on=update&attributes="+url.QueryEscape(`{"plan": "free"}`), "It would be sent")
	s.see("/why?user_id=typo&message=expert", "nobody is known by that id")

	newer := newSite(t, `{}`, beckonui.WithProgram(fixed(text))) // the text is of a program that the engine does not run yet
	newer.see("/why?user_id=u1&message=expert&on=visit", "a visit does not decide it")
}

// All that limits a message is listed, and how it stands.
func TestWhyLimits(t *testing.T) {
	s := newSite(t, `{
	  "control": 1, "caps": [{"id": "calm", "max": 1, "within": "1d"}, {"id": "wide", "max": 9, "within": "1d"}],
	  "topics": [{"id": "news", "name": "News", "channels": ["email"], "opt_in": true}],
	  "quiet_hours": [{"channels": ["push"], "windows": [{"from": "11:00", "to": "13:00"}]}],
	  "messages": [
	    {"id": "first", "channel": "chat", "status": "live", "transactional": true, "trigger": {"event": "e"}, "content": {"body": "x"}},
	    {"id": "quiet", "channel": "push", "status": "live", "trigger": {"event": "f"}, "frequency": {"every": "0s", "max": 3}, "content": {"body": "x"}},
	    {"id": "office", "channel": "chat", "status": "live", "trigger": {"event": "f"}, "schedule": {"timezone": "Europe/Dublin", "contact_timezone": true, "windows": [{"from": "15:00", "to": "16:00"}]}, "content": {"body": "x"}},
	    {"id": "soon", "channel": "chat", "status": "live", "live_at": "2026-03-03T00:00:00Z", "trigger": {"event": "f"}, "exempt_from_caps": true, "content": {"body": "x"}},
	    {"id": "opt", "channel": "email", "status": "live", "topic": "news", "trigger": {"event": "f"}, "frequency": {"every": "1h", "per": "order"}, "content": {"body": "x"}},
	    {"id": "must", "channel": "email", "status": "live", "transactional": true, "trigger": {"event": "f"}, "content": {"body": "x"}},
	    {"id": "cart", "channel": "chat", "status": "live", "trigger": {"event": "f", "unless": {"event": "g", "within": "1h"}}, "content": {"body": "x"}}]}`)
	for _, name := range []string{"e", "f"} {
		_, err := s.engine.Track(t.Context(), beckon.Event{Name: name, UserID: "u"})
		s.must(err)
	}
	s.must(s.engine.Unsubscribe(t.Context(), beckon.Identity{UserID: "u"}, "email", "link"))
	for id, want := range map[string][]string{
		"quiet":  {"Not passed: Hours closed: quiet, open at 2 Mar 2026, 13:00 UTC; quiet hours in UTC (nothing names a zone)", "Frequency as often as there is an occasion, 3 in all; had it 0 times", "Control group the contact is held out by the program", "Not passed: Cap calm 1 of 1 sends in the last 1d; room from 3 Mar 2026, 12:00 UTC", "Passed: Cap wide 1 of 9 sends in the last 1d"},
		"office": {"Not passed: Hours closed: schedule, open at 2 Mar 2026, 15:00 UTC; Europe/Dublin (of the message), since the contact's own is not known"},
		"soon":   {"Not passed: Status it goes live at 3 Mar 2026, 00:00 UTC", "Passed: Cap calm", "it does not hold this message"},
		"opt":    {"Not passed: Consent the contact", "Frequency at most once in 1h; for each order"},
		"must":   {"Passed: Consent the contact does not want email, said at 2 Mar 2026, 12:00 UTC; the message is transactional and goes out all the same"},
		"cart":   {"Not passed: Waiting it waits already: waiting, until 2 Mar 2026, 13:00 UTC; cancelled by g"},
	} {
		s.see("/why?user_id=u&on=event&event=f&message="+id, want...)
	}
}

// What Due does for the contact before a message could be sent may change that: the page says so,
// and where to look.
func TestWhyDueBefore(t *testing.T) {
	s := newSite(t, `{"messages": [
	  {"id": "a", "channel": "chat", "status": "live", "trigger": {"event": "a"}, "schedule": {"windows": [{"from": "15:00", "to": "16:00"}], "outside": "hold"}, "content": {"body": "x"}},
	  {"id": "b", "channel": "chat", "status": "live", "trigger": {"event": "b"}, "frequency": {"every": "5h"}, "content": {"body": "x"}}]}`)
	track := func(name string) {
		t.Helper()
		_, err := s.engine.Track(t.Context(), beckon.Event{Name: name, UserID: "u&1"})
		s.must(err)
	}
	track("b")
	const page = "/why?user_id=u%261&on=event&event=b&message=b"
	s.see(page, "It could be sent at 2 Mar 2026, 17:00 UTC")
	if body := words(s.get(page)); strings.Contains(body, "is due") {
		t.Errorf("nothing is due: %s", body)
	}
	track("a")
	s.see(page, "It could be sent at 2 Mar 2026, 17:00 UTC", "Something else is due for the contact before, at 2 Mar 2026, 15:00 UTC (in 3 hours) . What that changes was not looked at. What waits for it?")
	if body := s.get(page); !strings.Contains(body, `<a href="contact?user_id=u%261#waits">`) {
		t.Error("it does not lead to what waits")
	}
	s.see("/contact?user_id=u%261", "What waits", "a until 2 Mar 2026, 15:00 UTC")
}

// X1, X3: of a series the page says where the contact stands and what it waits for, or why it
// has not begun.
func TestWhySeries(t *testing.T) {
	s := newSite(t, `{"messages": [{"id": "m", "channel": "chat", "status": "live", "trigger": {"event": "e"}, "content": {"body": "x"}}],
	  "series": [
	  {"id": "onboarding", "status": "live", "entry": {"trigger": {"event": "signed-up", "where": {"metadata": "kind", "op": "is", "value": "new"}}, "audience": {"user": "plan", "op": "is", "value": "pro"}},
	    "exit": {"event": "left", "stat": "count", "op": "at_least", "value": 1}, "blocks": [
	    {"id": "wait", "wait": "1d", "next": "did"}, {"id": "did", "rule": {"event": "shared", "stat": "count", "op": "at_least", "value": 1}, "within": "3d", "yes": "hello", "no": "hello"},
	    {"id": "hello", "message": {"id": "hello-mail", "channel": "email", "content": {"subject": "Hello", "body": "There"}, "schedule": {"windows": [{"from": "18:00", "to": "19:00"}], "outside": "hold"}}}]},
	  {"id": "winback", "status": "draft", "entry": {"audience": {"user": "plan", "op": "is", "value": "free"}}, "blocks": [{"id": "w", "wait": "1d"}]},
	  {"id": "short", "status": "live", "entry": {"trigger": {"event": "blip"}}, "blocks": [{"id": "end", "exit": true}]}]}`)
	ctx := t.Context()
	_, err := s.engine.Update(ctx, beckon.Contact{UserID: "u1", Attributes: beckon.Attributes{"plan": beckon.String("pro")}})
	s.must(err)
	track := func(name string) {
		t.Helper()
		_, err := s.engine.Track(ctx, beckon.Event{Name: name, UserID: "u1", Metadata: beckon.Fields{beckon.F("kind", "new")}})
		s.must(err)
	}
	due := func(at time.Duration) {
		t.Helper()
		s.now = noon.Add(at)
		for _, err := range s.engine.Due(ctx) {
			s.must(err)
		}
	}
	never := []string{"Why onboarding?", "Series onboarding", "has not begun", "The event signed-up, which begins it, has never come.", "What begins it", "signed-up", "which the contact had 0 times", `It must fit: the event's kind is "new"`, "The audience of its entry", `Holds: the contact's plan is "pro"`, "Its exit rule", "Does not hold: the contact did \"left\" at least once"}
	s.see("/why?user_id=u1&message=onboarding", never...)
	s.see("/why?user_id=u1&message=onboarding&on=series", never...)
	s.see("/why?user_id=u1&message=hello-mail", "Why hello-mail?", "has not begun")
	s.see("/why?user_id=nobody&message=onboarding", "Nobody is known by that id.")
	s.see("/why?user_id=u1&on=series", "onboarding", "has not begun", "winback", "The series is draft", "short")
	s.see("/contact?user_id=u1", "It has begun none.", "Where it stands in each series")
	track("signed-up")
	track("blip")
	s.see("/why?user_id=u1&message=onboarding", "under way at wait , since 2 Mar 2026, 12:00 UTC", "It waits for time to pass. Time alone takes it on at 3 Mar 2026, 12:00 UTC", "it next sends hello-mail at 6 Mar 2026, 18:00 UTC", "It entered 1 time")
	for series, badge := range map[string]string{"onboarding": `<span class="badge live">under way`, "winback": `<span class="badge bad">has not begun`, "short": `<span class="badge stopped">over`} {
		if body := s.get("/why?user_id=u1&message=" + series + "&on=series"); !strings.Contains(body, badge) {
			t.Errorf("%s has not the badge %s", series, badge)
		}
	}
	s.see("/why?user_id=u1&message=short", "over", "It has been entered, and may not be entered again.", "It entered 1 time")
	s.see("/contact?user_id=u1", "onboarding at wait since", "Why?")
	due(24 * time.Hour)
	s.see("/why?user_id=u1&message=onboarding", "under way at did", "It waits for a rule to hold. Its time is up at 6 Mar 2026, 12:00 UTC", "as if the rule did not hold", "The rule at which it stands", "Does not hold: the contact did \"shared\" at least once", "it is the number 0")
	due(96 * time.Hour)
	s.see("/why?user_id=u1&message=onboarding", "under way at hello", "It waits for its message to go out:", "Time alone takes it on at 6 Mar 2026, 18:00 UTC", "hello-mail", "It would be held schedule", "It could be sent at 6 Mar 2026, 18:00 UTC", "Its limits", "Not passed: Hours")
	s.must(s.engine.PauseSeries(ctx, "onboarding"))
	s.see("/why?user_id=u1&message=onboarding", "The series is paused: no walk moves, and nobody enters.")
	s.must(s.engine.ResumeSeries(ctx, "onboarding"))
	track("left")
	s.see("/why?user_id=u1&message=onboarding", "left by the exit rule", "Holds: the contact did \"left\" at least once")
	s.see("/why?user_id=u1&message=m&on=series", "This cannot be explained:", "message: it is no series, and no part of one")
	s.see("/why?user_id=u1&message=nope", "This cannot be explained:", "message: no message or series")
	s.see("/series?id=onboarding", "Where does a contact stand?")
	s.see("/event?name=blip", "series short")
	if len(s.errors) > 0 {
		t.Error(s.errors)
	}
	after, _, err := s.engine.Export(ctx, beckon.Identity{UserID: "nobody"})
	if s.must(err); after.Identity != (beckon.Identity{}) {
		t.Error("to explain makes a contact")
	}
	// Without the text the engine knows what is a series.
	s.Handler = beckonui.Handler(s.engine, beckonui.WithClock(func() time.Time { return s.now }))
	s.see("/why?user_id=u1&message=onboarding", "left by the exit rule")
}

// Many series are shown as far as one page goes, and the others can be asked for.
func TestWhyManySeries(t *testing.T) {
	var list []string
	for i := range 130 {
		list = append(list, `{"id": "s`+itoa(100+i)+`", "status": "live", "entry": {"trigger": {"event": "e"}}, "blocks": [{"id": "w", "wait": "1d"}]}`)
	}
	s := newSite(t, `{"series": [`+strings.Join(list, ",")+`]}`)
	body := s.get("/why?user_id=u1&on=series")
	if n := strings.Count(body, `<article`); n != 20 {
		t.Errorf("%d are shown whole", n)
	}
	s.see("/why?user_id=u1&on=series", "Series s119", "Other series", "s120", "s219", "and 10 more")
}
