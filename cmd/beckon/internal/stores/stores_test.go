package stores_test

import (
	"context"
	"errors"
	"testing"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/memstore"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/store/readonly"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, ok := range map[string]bool{
		"sqlite:a.db": true, "SQLite:/a.db": true, "postgres://h/d": true, "postgresql://h/d": true, "postgres:host=h": true, "redis:h:1": true,
		"redis://h": true, "rediss://h": true, "": false, "a.db": false, "sqlite:": false, "redis:": false, "mysql:x": false, "sqlite://a.db": false,
		"sqlite:what?.db": true, "sqlite:a.db?_pragma=key(x)": false, "rediss:h:1": false, "redis:h": false, "redis:h:x": false, "redis:h:70000": false,
		"redis:h:1,g:2": true, "redis:u:p@h:1": false, "redis:h:1?password=x": false, "redis:h:1,u:p@h:2": false, "redis:[::1]:1": true,
		"redis://u:p@h:1,g:2": true, "redis://h1,h2:1?dial_timeout=1": true, "redis://h:1?addr=g:2": true, "redis://h:1,g:2/3": false, "redis://h:1,u:p@g:2": true,
		"redis://u:1/2@h": false, "redis://u:1#2@h": false, "redis://u:1?x=2@h": false, "redis://h/3": true, "REDIS://h": true,
		"postgres://u:a/b@h/d": false, "postgres://u:1/b@h/d": false, "postgres://u:1#b@h/d": false, "postgres://u:1?b@h/d": false, "postgres://u:1?x=b@h/d": false,
		"postgres://h/d?user=app@server": true, "postgres://u:p@h1:1,h2:2/d?pool_max_conns=2": true, "postgres:host=/var/run user=u": true, "postgres:host=h pool_max_conns=x": false,
	} {
		if _, err := stores.Parse(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What is a password in an address is hidden in a text, as it is written and as it is meant.
func TestHide(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ address, text, want string }{
		{"postgres://u:s3cret@h/d", "s3cret and u", "*** and u"},
		{"postgres://u:s%33cret@h/d", "s%33cret, s3cret", "***, ***"},
		{"postgres://u:a%2Fb@h/d", "a/b", "***"},
		{"postgres://h/d?password=s3cret&user=u", "u s3cret", "u ***"},
		{"postgres:host=h password = 's3 c\\'ret' user=u", "s3 c'ret u", "*** u"},
		{"postgres:host=h pasword=s3cret user=u", "s3cret", "***"},
		{"postgres:host=h search_path=app user=u", "app", "app"},
		{"postgres://u:s\"3@h", `"s\"3"`, `"***"`},
		{"redis://s3cret@h", "s3cret", "***"},
		{"redis://u:s3cret@h:1,g:2", "u s3cret g", "u *** g"},
		{"postgres://u@h/d?password=s3cret", "s3cret", "***"},
		{"postgres:host=h password='s3cret' user=u", "s3cret", "***"},
		{"redis://:s3cret@h", "s3cret", "***"},
		{"redis://u:p@h:1", "dial tcp: p, (p)p p1 pp", "dial tcp: ***, (***)*** p1 pp"},
		{"redis://u:p%C3%A9@h:1", "pé épé pépé 'pé'", "*** épé pépé '***'"},
		{"redis:h:1", "h:1", "h:1"},
		{"sqlite:a:b@c.db", "a:b@c.db", "a:b@c.db"},
	} {
		a, err := stores.Parse(c.address)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Hide(c.text); got != c.want {
			t.Errorf("%s: %q, want %q", c.address, got, c.want)
		}
	}
}

// A program is published on a preview, and the store has nothing of it.
func TestPreview(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := memstore.New()
	preview := stores.Preview(s)
	engine, err := stores.Engine(ctx, preview)
	if err != nil {
		t.Fatal(err)
	}
	program := beckon.Program{Messages: []beckon.Message{{ID: "m", Status: beckon.Live, Trigger: beckon.On("a"), Content: beckon.Content{Body: "x"}}}}
	if err := engine.Publish(ctx, program); err != nil {
		t.Fatal(err)
	}
	list, err := engine.Messages(ctx, beckon.MessageFilter{})
	if err != nil || len(list) != 1 || list[0].Status != beckon.Live || list[0].LiveAt.IsZero() {
		t.Errorf("%v, %v", list, err)
	}
	_, err = engine.Track(ctx, beckon.Event{Name: "a", UserID: "u1"})
	if !errors.Is(err, beckon.Code(readonly.ErrReadOnly)) {
		t.Errorf("an event is tracked: %v", err)
	}
	for _, kind := range []store.Kind{store.KindMessage, store.KindStore, store.KindUser, store.KindEventName} {
		if _, err := s.Scan(ctx, store.Query{Kinds: []store.Kind{kind}}, "", 10, func(r *store.Record) error {
			t.Errorf("the store has %v", r.Key)
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
}

// An engine compares addresses as the store has it.
func TestEngine(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := memstore.New()
	host, err := beckon.New(s, beckon.WithExactEmail())
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Publish(ctx, beckon.Program{}); err != nil {
		t.Fatal(err)
	}
	if _, err := host.Update(ctx, beckon.Contact{Email: "Ada@example.com"}); err != nil {
		t.Fatal(err)
	}
	engine, err := stores.Engine(ctx, stores.Preview(s))
	if err != nil {
		t.Fatal(err)
	}
	for email, want := range map[string]bool{"Ada@example.com": true, "ada@example.com": false} {
		if _, known, err := engine.Export(ctx, beckon.Identity{Email: email}); err != nil || known != want {
			t.Errorf("%s: known %t, %v", email, known, err)
		}
	}
}

// What looks like an address is hidden where none was expected.
func TestHideAll(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"there is \"postgres://u:s3cret@h/d\" here":       "there is \"postgres://***@h/d\" here",
		"postgres://u:s3 c\"r/et@h/d":                     "postgres://***@h/d",
		"redis:u:s3cret@h:1":                              "redis:***@h:1",
		"-stor=rediss://:s3cret@h":                        "-stor=rediss://***@h",
		"amqp://u:s3cret@h is none":                       "amqp://***@h is none",
		"host=h password='s3 cret' user=u":                "host=h password=*** user=u",
		"redis:h:1?password=s3cret&x=1":                   "redis:h:1?***",
		"sqlite:a.db?_pragma=key(s3cret)":                 "sqlite:a.db?***",
		"https://h/a?b=c and me@h":                        "https://h/a?b=c and me@h",
		"a.db cannot be read: no password, ada@h.ie":      "a.db cannot be read: no password, ada@h.ie",
		"two\npostgres://u:s3cret@h\nlines, and ada@h.ie": "two\npostgres://***@h\nlines, and ada@h.ie",
	} {
		if got := stores.HideAll(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
