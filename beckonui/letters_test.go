package beckonui_test

import (
	"context"
	"errors"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonui"
	"github.com/beckon-go/beckon/store"
)

// counted returns how many deliveries are pending, and how many were given up.
func (s *site) counted() (pending, dead int) {
	s.t.Helper()
	for _, err := range s.engine.Outbox(s.t.Context()) {
		s.must(err)
		pending++
	}
	for _, err := range s.engine.DeadLetters(s.t.Context()) {
		s.must(err)
		dead++
	}
	return pending, dead
}

// Those who may redeliver all that was given up, after they were told what that is and have said
// that they are sure; a channel that is chosen stays chosen.
func TestRedeliverAll(t *testing.T) {
	s := outboxSite(t, beckonui.AllowEdits(isEditor))
	editor := []string{"Role", "editor"}
	shows(t, s.ask(http.MethodGet, "/redeliver-all", nil, editor...), 200, "Redeliver all that was given up?", "Nothing was given up.")
	for i := range 5 {
		s.must(s.engine.GiveUp(t.Context(), s.track("e", "u"+itoa(i), itoa(i)), "mailbox", "full"))
	}
	s.must(s.engine.GiveUp(t.Context(), s.track("f", "u1", "")))
	s.track("f", "u2", "")
	sure := url.Values{"sure": {"yes"}}
	for _, c := range []request{
		{"a reader is asked nothing", "GET", "/redeliver-all", nil, nil, 403, "not change it"},
		{"a reader", "POST", "/redeliver-all", sure, nil, 403, "not change it"},
		{"another site", "POST", "/redeliver-all", sure, append([]string{"Sec-Fetch-Site", "cross-site"}, editor...), 403, "another site"},
		{"not sure", "POST", "/redeliver-all", url.Values{}, editor, 400, "Nothing was redelivered: tick the box"},
		{"sure in the query only", "POST", "/redeliver-all?sure=yes", url.Values{}, editor, 400, "Nothing was redelivered"},
		{"no such channel", "POST", "/redeliver-all", url.Values{"sure": {"yes"}, "channel": {"pigeon!"}}, editor, 400, "no such channel"},
		{"asked of no such channel", "GET", "/redeliver-all?channel=pigeon!", nil, editor, 400, "no such channel"},
		{"a place that is none", "POST", "/redeliver-all", url.Values{"sure": {"yes"}, "after": {"***"}}, editor, 400, "does not exist"},
	} {
		s.answers(c)
	}
	if pending, dead := s.counted(); pending != 1 || dead != 6 {
		t.Fatalf("%d pending, %d dead", pending, dead)
	}
	if strings.Contains(s.get("/outbox?dead=yes"), "redeliver-all") {
		t.Error("a reader is shown how to redeliver all")
	}
	for target, want := range map[string]string{"/outbox?dead=yes": `href="redeliver-all"`, "/outbox?dead=yes&channel=email": `href="redeliver-all?channel=email"`} {
		if body := s.ask(http.MethodGet, target, nil, editor...).Body.String(); !strings.Contains(body, want) || !strings.Contains(body, ">Redeliver all…<") {
			t.Errorf("%s does not lead to it", target)
		}
	}
	for _, target := range []string{"/outbox", "/outbox?dead=yes&channel=sms"} {
		if strings.Contains(s.ask(http.MethodGet, target, nil, editor...).Body.String(), "redeliver-all") {
			t.Errorf("%s leads to it, and has nothing that was given up", target)
		}
	}
	asked := s.ask(http.MethodGet, "/redeliver-all", nil, editor...)
	shows(t, asked, 200, "Redeliver all that was given up?", "a worker gets it if its contact still wants it", "6 deliveries", "mail email 5 mailbox: full", "hint banner 1 nothing was said", "I am sure: redeliver these 6 deliveries", "Leave them")
	accessible(t, "redeliver-all", asked.Body.String())
	if inlined(asked.Body.String()) != "" {
		t.Error(inlined(asked.Body.String()))
	}
	one := s.ask(http.MethodGet, "/redeliver-all?channel=banner", nil, editor...)
	if form := formOf(t, one.Body.String(), "redeliver-all"); form.Get("channel") != "banner" {
		t.Errorf("its form is %v", form)
	}
	shows(t, one, 200, "given up on banner?", "1 delivery", "redeliver this delivery", "Leave it")

	s.now = s.now.Add(time.Minute)
	w := s.ask(http.MethodPost, "/redeliver-all", url.Values{"sure": {"yes"}, "channel": {"email"}}, editor...)
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "outbox?channel=email&dead=yes&done=redeliver-all&n=5" {
		t.Fatalf("%d, leads to %q: %s", w.Code, got, words(w.Body.String()))
	}
	s.see("/"+w.Header().Get("Location"), "5 deliveries are pending again.", "Nothing was given up on this channel.")
	if pending, dead := s.counted(); pending != 6 || dead != 1 {
		t.Errorf("%d pending, %d dead", pending, dead)
	}
	w = s.ask(http.MethodPost, "/redeliver-all", sure, editor...)
	s.see("/"+w.Header().Get("Location"), "1 delivery is pending again.", "Nothing was given up.")
	w = s.ask(http.MethodPost, "/redeliver-all", sure, editor...)
	s.see("/"+w.Header().Get("Location"), "Nothing was redelivered.", "Nothing was given up.")
	if pending, dead := s.counted(); pending != 7 || dead != 0 || len(s.errors) > 0 {
		t.Errorf("%d pending, %d dead, %v", pending, dead, s.errors)
	}
	for _, n := range []string{"", "-1", "x", "99999999999999999999"} {
		if body := words(s.get("/outbox?dead=yes&done=redeliver-all&n=" + n)); strings.Contains(body, "pending again") || strings.Contains(body, "redelivered") {
			t.Errorf("n=%s: %s", n, body)
		}
	}
}

// One go has an end, however many there are and however far behind others: who goes on comes to
// the end of them, with each redelivered once.
func TestRedeliverMany(t *testing.T) {
	s := outboxSite(t, beckonui.AllowEdits(everybody))
	var dead int
	for i := range 2400 { // so that the first are more than a go looks through
		s.track("f", "waits"+itoa(i), "")
	}
	s.now = s.now.Add(time.Hour)
	for i := range 1130 {
		d := s.track("e", "u"+itoa(i), "")
		s.must(s.engine.GiveUp(t.Context(), d, "down"))
		dead++
	}
	for range 90 {
		s.must(s.engine.GiveUp(t.Context(), s.track("e", "much", ""), "down"))
		dead++
	}
	shows(t, s.ask(http.MethodGet, "/redeliver-all", nil), 200, "Here is none that was given up; there may be some further on.", "Look further")
	total, goes, after := 0, 0, ""
	for ; goes < 20; goes++ {
		*s.store = counting{Store: s.store.Store}
		target := "/redeliver-all"
		if after != "" {
			target += "?after=" + after
		}
		body := s.get(target)
		if s.store.scanned > 8*256 {
			t.Fatalf("it looks at %d contacts", s.store.scanned)
		}
		if strings.Contains(body, "Look further") {
			after = regexp.MustCompile(`rel="next" href="redeliver-all\?after=([^"]*)"`).FindStringSubmatch(body)[1]
			continue
		}
		form := formOf(t, body, "redeliver-all")
		form.Set("sure", "yes")
		w := s.ask(http.MethodPost, "/redeliver-all", form)
		to, err := url.Parse(w.Header().Get("Location"))
		s.must(err)
		n := to.Query().Get("n")
		pending, left := s.counted()
		if total = dead - left; pending != 2400+total || goes == 1 && n != "1000" {
			t.Fatalf("%d pending, %d are left, n=%s", pending, left, n)
		}
		s.see("/"+w.Header().Get("Location"), "pending again.")
		if to.Path == "outbox" {
			break
		}
		shows(t, s.ask(http.MethodGet, "/"+to.String(), nil), 200, "Redeliver what else was given up?", "1,000 deliveries are pending again. That was not all of them.")
		after = to.Query().Get("after")
	}
	if total != dead || goes != 2 {
		t.Errorf("%d of %d are redelivered, in %d goes", total, dead, goes)
	}
}

// A page of the list that is not the first offers what begins there.
func TestRedeliverFromHere(t *testing.T) {
	s := outboxSite(t, beckonui.AllowEdits(everybody))
	for i := range 70 {
		s.must(s.engine.GiveUp(t.Context(), s.track("e", "u"+itoa(i), "")))
	}
	next := regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(s.get("/outbox?dead=yes"))
	if next == nil {
		t.Fatal("there is no second page")
	}
	second := "/" + html.UnescapeString(next[1])
	s.see(second, "Redeliver all from here on…", "20 more")
	for i := range 300 {
		s.must(s.engine.GiveUp(t.Context(), s.track("f", "v"+itoa(i), "")))
	}
	at := second
	for range 6 { // to what stands in the second part of the store
		at = "/" + html.UnescapeString(regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(s.get(at))[1])
	}
	all := regexp.MustCompile(`href="(redeliver-all[^"]*)"`).FindStringSubmatch(s.get(at))
	if all == nil {
		t.Fatal("it leads nowhere")
	}
	s.see("/"+html.UnescapeString(all[1]), "Redeliver what else was given up?", "114 deliveries")
}

// What fails in between is said with what was done before; the rest is left for another try.
func TestRedeliverFails(t *testing.T) {
	s := outboxSite(t, beckonui.AllowEdits(everybody))
	for i := range 5 {
		s.must(s.engine.GiveUp(t.Context(), s.track("e", "u"+itoa(i), "")))
	}
	failing := &failingLater{Store: s.store.Store, left: 3}
	s.store.Store = failing
	w := s.ask(http.MethodPost, "/redeliver-all", url.Values{"sure": {"yes"}})
	failing.left = 1 << 30
	if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != "redeliver-all?failed=yes&n=3" {
		t.Fatalf("%d, leads to %q: %s", w.Code, got, words(w.Body.String()))
	}
	body := s.get("/" + w.Header().Get("Location"))
	if !strings.Contains(body, `role="alert"`) || strings.Contains(body, "hunter2") {
		t.Errorf("%s", body)
	}
	s.see("/"+w.Header().Get("Location"), "3 deliveries are pending again. Then it did not work any more: what is left is as it was.", "2 deliveries")
	if len(s.errors) != 1 || !errors.Is(s.errors[0], errSecret) {
		t.Errorf("reported %v", s.errors)
	}
	if pending, dead := s.counted(); pending != 3 || dead != 2 {
		t.Errorf("%d pending, %d dead", pending, dead)
	}
	for i := range 1010 { // more than one go
		s.must(s.engine.GiveUp(t.Context(), s.track("e", "v"+itoa(i), "")))
	}
	failing.left = 3
	w = s.ask(http.MethodPost, "/redeliver-all", url.Values{"sure": {"yes"}})
	if got := w.Header().Get("Location"); got != "redeliver-all?failed=yes&n=3" {
		t.Errorf("it leads to %q, and what was left is passed over", got)
	}
	failing.left = 1 << 30
	s.store.broken = errSecret
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if w := s.ask(method, "/redeliver-all", url.Values{"sure": {"yes"}}); w.Code != http.StatusServiceUnavailable || strings.Contains(w.Body.String(), "hunter2") {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

// Somebody else redelivers or drops one between the question and the answer.
func TestRedeliverRace(t *testing.T) {
	s := outboxSite(t, beckonui.AllowEdits(everybody))
	var list []beckon.Delivery
	for i := range 3 {
		d := s.track("e", "u"+itoa(i), "")
		s.must(s.engine.GiveUp(t.Context(), d))
		list = append(list, d)
	}
	racing := &discarding{Store: s.store.Store}
	racing.first = func() { s.must(s.engine.Discard(t.Context(), list[1])) }
	s.store.Store = racing
	w := s.ask(http.MethodPost, "/redeliver-all", url.Values{"sure": {"yes"}})
	s.see("/"+w.Header().Get("Location"), "2 deliveries are pending again.")
	if pending, dead := s.counted(); pending != 2 || dead != 0 || len(s.errors) > 0 {
		t.Errorf("%d pending, %d dead, %v", pending, dead, s.errors)
	}
}

// discarding is a store in which something else happens before the first step.
type discarding struct {
	store.Store
	first func()
}

func (d *discarding) Step(ctx context.Context, steps []store.Step) error {
	if first := d.first; first != nil {
		d.first = nil
		first()
	}
	return d.Store.Step(ctx, steps)
}

// Who closes the browser at once has clicked all the same.
func TestRedeliverGone(t *testing.T) {
	s := outboxSite(t, beckonui.AllowEdits(everybody))
	for i := range 3 {
		s.must(s.engine.GiveUp(t.Context(), s.track("e", "u"+itoa(i), "")))
	}
	ctx, leave := context.WithCancel(t.Context())
	s.store.Store = &discarding{Store: s.store.Store, first: leave}
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "http://admin.example/redeliver-all", strings.NewReader("sure=yes"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if pending, dead := s.counted(); pending != 3 || dead != 0 || len(s.errors) > 0 || ctx.Err() == nil {
		t.Errorf("%d pending, %d dead, %v", pending, dead, s.errors)
	}
}

// Contacts that cannot be read are left out, and the pages say so.
func TestOutboxDamaged(t *testing.T) {
	s := outboxSite(t, beckonui.AllowEdits(everybody))
	s.must(s.engine.GiveUp(t.Context(), s.track("e", "u", "")))
	s.store.Store = damaged{s.store.Store}
	for _, target := range []string{"/outbox", "/outbox?dead=yes", "/redeliver-all"} {
		before := len(s.errors)
		if s.see(target, "Some contacts cannot be read, and are left out."); len(s.errors) != before+1 {
			t.Errorf("%s: reported %v", target, s.errors[before:])
		}
	}
	w := s.ask(http.MethodPost, "/redeliver-all", url.Values{"sure": {"yes"}})
	s.see("/"+w.Header().Get("Location"), "1 delivery is pending again.")
}

// damaged is a store in which one record of the outbox cannot be read.
type damaged struct{ store.Store }

func (d damaged) Scan(ctx context.Context, q store.Query, after store.Cursor, limit int, fn func(*store.Record) error) (store.Cursor, error) {
	if q.Damaged != nil && q.Pending > 0 {
		q.Damaged(store.Key{Kind: store.KindUser, ID: "broken"}, errSecret)
	}
	return d.Store.Scan(ctx, q, after, limit, fn)
}

// Of many messages those with the most are listed, and the others counted.
func TestRedeliverManyMessages(t *testing.T) {
	var list []string
	for i := range 60 {
		list = append(list, `{"id": "m`+itoa(100+i)+`", "channel": "chat", "status": "live", "trigger": {"event": "e`+itoa(i)+`"}, "frequency": {"every": "0s"}, "content": {"body": "x"}}`)
	}
	s := outboxSite(t, beckonui.AllowEdits(everybody))
	program, err := beckon.ParseProgram([]byte(`{"messages": [` + strings.Join(list, ",") + `]}`))
	s.must(err)
	s.must(s.engine.Publish(t.Context(), program))
	for i := range 61 {
		s.must(s.engine.GiveUp(t.Context(), s.track("e"+itoa(min(i, 59)), "u"+itoa(i), "")))
	}
	s.see("/redeliver-all", "61 deliveries", "m159 chat 2", "m100 chat 1", "m148", "and of 10 more messages", "these 61 deliveries")
	if strings.Contains(s.get("/redeliver-all"), "m149") {
		t.Error("all of them are listed")
	}
}
