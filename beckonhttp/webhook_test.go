package beckonhttp_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
)

// githubEvent is the host's way to make an event of what GitHub posts.
func githubEvent(r *http.Request, body []byte) (beckon.Event, error) {
	if r.Header.Get("X-GitHub-Event") == "ping" {
		return beckon.Event{}, nil
	}
	fields, _, err := beckonhttp.Flatten(body, "sender_login", "action", "issue_title", "issue_html_url")
	if err != nil {
		return beckon.Event{}, err
	}
	login, ok := fields.Get("sender_login")
	if !ok {
		return beckon.Event{}, errors.New("nobody sent it")
	}
	return beckon.Event{
		Name: "github." + r.Header.Get("X-GitHub-Event"), UserID: login.String(), EventID: r.Header.Get("X-GitHub-Delivery"), Metadata: fields,
	}, nil
}

func webhookWorld(t *testing.T, opts ...beckonhttp.Option) *world {
	t.Helper()
	return newWorld(t, func(w *world) http.Handler {
		check, err := beckonhttp.HubSigned("old secret", "It's a Secret to Everybody")
		if err != nil {
			t.Fatal(err)
		}
		w.prefix = "/webhook"
		return beckonhttp.Webhook(w.engine, check, githubEvent, append(w.hooks(), opts...)...)
	})
}

func github(event, secret, body string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Del("Authorization")
		r.Header.Set("X-GitHub-Event", event)
		r.Header.Set("X-GitHub-Delivery", "d1")
		if secret != "" {
			r.Header.Set("X-Hub-Signature-256", "sha256="+macOf(secret, body))
		}
	}
}

const issueOpened = `{"action":"opened","issue":{"number":7,"title":"It stops","html_url":"https://github.example/o/r/issues/7","labels":[],"milestone":null},"sender":{"login":"octocat"}}`

func TestWebhook(t *testing.T) {
	w := webhookWorld(t)
	for range 2 { // a repeat is known by the id of the delivery
		w.ask(200, "POST", "/", issueOpened, github("issues", "old secret", issueOpened))
	}
	list := w.eventsOf("octocat")
	if len(list) != 1 || list[0].Name != "github-issues" || list[0].Source != beckon.SourceIntegration {
		t.Fatalf("%+v", list)
	}
	var keys []string
	for _, f := range list[0].Metadata {
		keys = append(keys, f.Key+"="+f.Value.String())
	}
	if got := strings.Join(keys, " "); got != "sender_login=octocat action=opened issue_title=It stops issue_html_url=https://github.example/o/r/issues/7" {
		t.Error(got)
	}
	if len(w.results) != 2 || w.results[0].Duplicate || !w.results[1].Duplicate {
		t.Errorf("%+v", w.results)
	}
	if w.ask(200, "POST", "/", `{}`, github("ping", "old secret", `{}`)); len(w.results) != 2 {
		t.Errorf("what is no event was tracked: %+v", w.results)
	}
	w.refused(500, beckonhttp.ErrServer, "", "POST", "/", `{"a":1}`, github("issues", "old secret", `{"a":1}`))
	if len(w.errs) != 1 || w.errs[0].Error() != "nobody sent it" {
		t.Errorf("reported %v", w.errs)
	}
	w.refused(400, beckon.ErrJSONInvalid, "", "POST", "/", `{`, github("issues", "old secret", `{`))
	w.refused(404, beckon.ErrContactUnknown, "", "POST", "/", `{"sender":{"login":"new"}}`, func(r *http.Request) {
		w.door = webhookWorld(t, beckonhttp.WithKnownContacts()).door
		github("issues", "old secret", `{"sender":{"login":"new"}}`)(r)
	})
}

func TestHubSigned(t *testing.T) {
	check, err := beckonhttp.HubSigned("It's a Secret to Everybody", "test_secret")
	if err != nil {
		t.Fatal(err)
	}
	const of = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
	for _, c := range []struct {
		header, body string
		want         int
	}{
		{"sha256=" + of, "Hello, World!", 0}, // the example of GitHub's manual
		{"sha256=" + strings.ToUpper(of), "Hello, World!", 0},
		// The examples of Stripe's library for its own signatures, which are the same kind.
		{"sha256=f7f9bd47fb987337b5796fdc1fdb9ba221d0d5396814bfcaf9521f43fd8927fd", "", 0},
		{"sha256=bebb1a643997f419b315ddba19e6f5411e1ce7f810ba6d3617ce72823092f363", `{"obj1":"hello","obj2":"world"}`, 0},
		{"sha256=837da296d05c4fe31f61d5d7ead035099d9585a5bcde87de952012a78f0b0c43", "\U0001F600", 0},
		{"", "Hello, World!", 401},
		{of, "Hello, World!", 403},
		{"sha1=" + of, "Hello, World!", 403},
		{"sha256=", "Hello, World!", 403},
		{"sha256=zz", "Hello, World!", 403},
		{"sha256=" + of[:62], "Hello, World!", 403},
		{"sha256=" + of, "Hello, World?", 403},
		{"sha256=" + macOf("other", "Hello, World!"), "Hello, World!", 403},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		header("X-Hub-Signature-256", c.header)(r)
		got := 0
		switch err := check(r, []byte(c.body)); {
		case errors.Is(err, beckonhttp.ErrUnauthorized):
			got = 401
		case errors.Is(err, beckonhttp.ErrForbidden):
			got = 403
		case err != nil:
			t.Error(err)
		}
		if got != c.want {
			t.Errorf("%s of %s: got %d, want %d", c.header, c.body, got, c.want)
		}
	}
	for _, secrets := range [][]string{nil, {""}, {"a", ""}} {
		if _, err := beckonhttp.HubSigned(secrets...); err == nil {
			t.Errorf("secrets %q are taken", secrets)
		}
	}
}

// Without a check nobody comes in, and before it nothing of a body is looked at.
func TestWebhookWithoutCheck(t *testing.T) {
	w := newWorld(t, func(w *world) http.Handler { return beckonhttp.Webhook(w.engine, nil, githubEvent, w.hooks()...) })
	w.refused(401, beckonhttp.ErrUnauthorized, "", "POST", "/", issueOpened)
	w = webhookWorld(t)
	w.refused(401, beckonhttp.ErrUnauthorized, "X-Hub-Signature-256", "POST", "/", `{`, github("issues", "", ""))
	w.refused(403, beckonhttp.ErrForbidden, "X-Hub-Signature-256", "POST", "/", `{`, github("issues", "another", `{`))
	if len(w.results) != 0 {
		t.Errorf("%+v", w.results)
	}
}

func TestFlattenPublic(t *testing.T) {
	fields, warnings, err := beckonhttp.Flatten([]byte(issueOpened))
	if err != nil || len(fields) != 5 || fields[1].Key != "issue_number" || len(warnings) != 2 || warnings[0].Field != "metadata.issue_labels" {
		t.Errorf("%v, %v, %v", fields, warnings, err)
	}
	fields, warnings, err = beckonhttp.Flatten([]byte(issueOpened), "sender_login", "nothing", "action")
	if err != nil || len(fields) != 2 || fields[0].Key != "sender_login" || len(warnings) != 0 {
		t.Errorf("%v, %v, %v", fields, warnings, err)
	}
	if _, _, err := beckonhttp.Flatten([]byte(`[1]`)); !errors.Is(err, beckon.ErrTypeInvalid) {
		t.Error(err)
	}
}
