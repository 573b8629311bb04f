package unsubscribe_test

import (
	"context"
	"errors"
	"html/template"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/observe"
	"github.com/beckon-go/beckon/unsubscribe"
)

// C6: the page shows the topics with the choices; its form sets those that differ, and
// nothing else does.
func TestPreferences(t *testing.T) {
	engine, err := beckon.New(memstore.New(), beckon.WithClock(func() time.Time { return start }))
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Publish(t.Context(), beckon.Program{Topics: []beckon.Topic{{ID: "news", Name: "<b>News"}, {ID: "tips"}, {ID: "beta", OptIn: true}}}); err != nil {
		t.Fatal(err)
	}
	s := signer(t)
	token, err := s.Token(ada)
	if err != nil {
		t.Fatal(err)
	}
	past := ada
	past.Expires = start
	expired, err := s.Token(past)
	if err != nil {
		t.Fatal(err)
	}
	h := unsubscribe.Preferences(engine, s, unsubscribe.WithClock(func() time.Time { return start }))
	const all = "preferences=save&shown=news&shown=tips&shown=beta"
	for _, c := range []struct {
		name, method, token, body string
		status                    int
		wanted                    string // of the topics, after it
		shows                     string
	}{
		{"looked at", "GET", token, all, 200, "news tips", `value="news" checked> &lt;b&gt;News`},
		{"only asked", "HEAD", token, "", 200, "news tips", ""},
		{"one click, which is for another page", "POST", token, "List-Unsubscribe=One-Click", 400, "news tips", "not complete"},
		{"bad", "POST", token + "x", all, 400, "news tips", "not complete"},
		{"expired", "POST", expired, all, 410, "news tips", "expired"},
		{"saved", "POST", token, all + "&topic=news&topic=beta&topic=other", 200, "news beta", "saved"},
		{"a topic that was not shown", "POST", token, "preferences=save&shown=news", 200, "beta", "saved"},
		{"none", "POST", token, all, 200, "", "saved"},
		{"PUT", "PUT", token, all, 405, "", "method not allowed"},
	} {
		r := ask(h, c.method, c.token, form, c.body)
		page := text(t, r)
		if r.StatusCode != c.status || !strings.Contains(page, c.shows) || strings.Contains(page, "<b>") || strings.Contains(page, "u1") {
			t.Errorf("%s: %d, it shows\n%s", c.name, r.StatusCode, page)
		}
		if strings.Contains(page, "saved") != (c.method == "POST" && c.status == 200) {
			t.Errorf("%s: it says that it is saved, or should:\n%s", c.name, page)
		}
		if csp := r.Header.Get("Content-Security-Policy"); c.status != 405 && !strings.HasPrefix(csp, "default-src 'none'; style-src 'sha256-") {
			t.Errorf("%s: the policy is %q", c.name, csp)
		}
		topics, err := engine.Topics(t.Context(), beckon.Identity{UserID: "u1"})
		if err != nil {
			t.Fatal(err)
		}
		var wanted []string
		for _, x := range topics {
			if x.Wanted {
				wanted = append(wanted, x.ID)
			}
			if !x.At.IsZero() && x.From != "preferences" {
				t.Errorf("%s: %+v", c.name, x)
			}
		}
		if got := strings.Join(wanted, " "); got != c.wanted {
			t.Errorf("%s: it wants %q, want %q", c.name, got, c.wanted)
		}
	}
	if err := engine.Close(); err != nil {
		t.Fatal(err)
	}
	var told error
	h = unsubscribe.Preferences(engine, s, unsubscribe.WithErrors(func(_ *http.Request, err error) { told = err }))
	if r := ask(h, "GET", token, "", ""); r.StatusCode != 503 || !errors.Is(told, beckon.ErrClosed) {
		t.Errorf("closed: %d, %v", r.StatusCode, told)
	}
}

// C6: a token may name a topic, and the page says which it is.
func TestTokenOfATopic(t *testing.T) {
	s := signer(t)
	token, err := s.Token(unsubscribe.Subject{Contact: beckon.Identity{UserID: "u1"}, From: "news"})
	if err != nil {
		t.Fatal(err)
	}
	engine := &refusals{}
	h := unsubscribe.Handler(engine, s)
	if page := text(t, ask(h, "GET", token, "", "")); !strings.Contains(page, "no more messages about news?") || len(engine.list) > 0 {
		t.Errorf("it shows\n%s", page)
	}
	if page := text(t, ask(h, "POST", token, form, "List-Unsubscribe=One-Click")); !strings.Contains(page, "It is done") || len(engine.list) != 1 || engine.list[0] != "u1 news" {
		t.Errorf("%q, it shows\n%s", engine.list, page)
	}
}

// C6: a link outlives the topic that it names, and comes before it where a program is
// published later. The choice is noted all the same, once, and the host is told.
func TestTopicThatIsNotThere(t *testing.T) {
	s := signer(t)
	who := beckon.Identity{UserID: "u1"}
	token, err := s.Token(unsubscribe.Subject{Contact: who, From: "news"})
	if err != nil {
		t.Fatal(err)
	}
	own := template.Must(template.New("").Parse(`{{.State}} {{.Topic}} {{.Gone}}`))
	for name, programs := range map[string][]beckon.Program{"no program": nil, "a program without it": {{Topics: []beckon.Topic{{ID: "tips"}}}}} {
		engine, err := beckon.New(memstore.New())
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range programs {
			if err := engine.Publish(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}
		// A caller that names it without a link may have meant another.
		if err := engine.Unsubscribe(t.Context(), who, "news"); !errors.Is(err, beckon.ErrSubscriptionUnknown) {
			t.Errorf("%s: %v", name, err)
		}
		var told []error
		report := unsubscribe.WithErrors(func(_ *http.Request, err error) { told = append(told, err) })
		h := unsubscribe.Handler(engine, s, report)
		r := ask(h, "POST", token, form, "List-Unsubscribe=One-Click")
		if page := text(t, r); r.StatusCode != 200 || !strings.Contains(page, "It is noted: you get no more messages about news.") || !strings.Contains(page, "the link of the newest one") {
			t.Errorf("%s: %d, it shows\n%s", name, r.StatusCode, page)
		}
		if len(told) != 1 || !errors.Is(told[0], beckon.ErrSubscriptionUnknown) {
			t.Errorf("%s: told %v", name, told)
		}
		if page := text(t, ask(unsubscribe.Handler(engine, s, unsubscribe.WithPage(own)), "POST", token, form, "List-Unsubscribe=One-Click")); page != "done news true" {
			t.Errorf("%s: it shows %s", name, page)
		}
		if err := engine.Publish(t.Context(), beckon.Program{Topics: []beckon.Topic{{ID: "news"}}}); err != nil {
			t.Fatal(err)
		}
		topics, err := engine.Topics(t.Context(), who)
		if err != nil || len(topics) != 1 || topics[0].Wanted || topics[0].From != "link" {
			t.Errorf("%s: %+v, %v", name, topics, err)
		}
		if page := text(t, ask(unsubscribe.Handler(engine, s, unsubscribe.WithPage(own)), "POST", token, form, "List-Unsubscribe=One-Click")); page != "done news false" {
			t.Errorf("%s: with the topic it shows %s", name, page)
		}
	}
}

// What a link may refuse is of its own call: an observer that calls the engine with the
// context that it is given names topics of the program, as everybody does.
func TestTopicOfAnObserver(t *testing.T) {
	s := signer(t)
	who := beckon.Identity{UserID: "u1"}
	token, err := s.Token(unsubscribe.Subject{Contact: who, From: "news"})
	if err != nil {
		t.Fatal(err)
	}
	var engine *beckon.Engine
	var said []error
	engine, err = beckon.New(memstore.New(), beckon.WithObserver(observe.Observer{Stepped: func(ctx context.Context, s observe.Step) {
		if s.Call == "consent" && len(said) == 0 {
			said = append(said, nil)
			said[0] = engine.Unsubscribe(ctx, who, "tips")
		}
	}}))
	if err != nil {
		t.Fatal(err)
	}
	if r := ask(unsubscribe.Handler(engine, s), "POST", token, form, "List-Unsubscribe=One-Click"); r.StatusCode != 200 {
		t.Error(r.Status)
	}
	if len(said) != 1 || !errors.Is(said[0], beckon.ErrSubscriptionUnknown) {
		t.Errorf("the observer is told %v", said)
	}
}
