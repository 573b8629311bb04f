package beckonhttp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
)

// A Checker says whether a request with its body comes from whom it should: nil if it does,
// [ErrUnauthorized], [ErrForbidden], or an error of its own, which is 500 and told to
// [WithErrors] only. It is called by several goroutines at once, and must not keep the body.
type Checker func(r *http.Request, body []byte) error

// Webhook returns a handler, at any path, for what another system posts. The host makes an
// event of each body, for which [Flatten] helps. An event without a name is passed by: 200,
// as for one that is taken. An error refuses the request, so that most systems post it again
// later: a [beckon.Code] or a [beckon.ErrorList] says why, any other error is 500 and told
// to [WithErrors] only. Give the event an EventID, so that a repeat is known. A zero Source
// is [beckon.SourceIntegration].
//
// A nil check lets nobody in. [HubSigned] is one. Bodies are JSON.
func Webhook(engine *beckon.Engine, check Checker, event func(r *http.Request, body []byte) (beckon.Event, error), opts ...Option) http.Handler {
	return webhook(engine, settingsOf(opts), check, event)
}

func webhook(engine *beckon.Engine, s settings, check Checker, event func(r *http.Request, body []byte) (beckon.Event, error)) http.Handler {
	m := &room{settings: s, engine: engine}
	m.enter = func(*call) error {
		if check == nil {
			return ErrUnauthorized
		}
		return nil
	}
	m.routes = []route{{"POST", anyPath, func(c *call) error {
		text, err := c.body(m.bodyLimit)
		if err != nil {
			return err
		}
		body := []byte(text)
		if err := check(c.r, body); err != nil {
			return err
		}
		ev, err := event(c.r, body)
		if err != nil {
			return err
		}
		if ev.Name != "" {
			err = c.hook(ev)
		}
		if err == nil {
			c.w.WriteHeader(http.StatusOK)
		}
		return err
	}}}
	return m
}

// hook tracks an event that another system told of.
func (c *call) hook(ev beckon.Event) error {
	if ev.Source == "" {
		ev.Source = beckon.SourceIntegration
	}
	ctx, cancel := c.context()
	defer cancel()
	return c.tracked(ctx, ev)
}

// HubSigned checks the header X-Hub-Signature-256, as GitHub sends it: "sha256=" and the
// HMAC-SHA-256 of the body, in hexadecimal. Several secrets are good at once, so that one
// can be changed. It is an error if there is no secret, or one is empty.
func HubSigned(secrets ...string) (Checker, error) {
	keys, err := keysOf("HubSigned", secrets)
	if err != nil {
		return nil, err
	}
	return func(r *http.Request, body []byte) error {
		header := r.Header.Get("X-Hub-Signature-256")
		if header == "" {
			return refuse(ErrUnauthorized, "X-Hub-Signature-256", "the request has no signature")
		}
		text, ok := strings.CutPrefix(header, "sha256=")
		given, err := hex.DecodeString(text)
		if !ok || err != nil || !signedBy(keys, [][]byte{given}, body) {
			return refuse(ErrForbidden, "X-Hub-Signature-256", "the signature is not that of the body")
		}
		return nil
	}, nil
}

// keysOf returns the keys that secrets are.
func keysOf(name string, secrets []string) (keys [][]byte, err error) {
	if len(secrets) == 0 {
		return nil, errors.New("beckonhttp: " + name + ": there is no secret")
	}
	for i, secret := range secrets {
		if secret == "" {
			return nil, fmt.Errorf("beckonhttp: %s: secret %d is empty", name, i)
		}
		keys = append(keys, []byte(secret))
	}
	return keys, nil
}

// signedBy reports whether one of some signatures is that of a text by one of the keys. It
// compares all, and each in constant time.
func signedBy(keys, given [][]byte, parts ...[]byte) bool {
	found := false
	for _, key := range keys {
		mac := hmac.New(sha256.New, key)
		for _, part := range parts {
			mac.Write(part)
		}
		want := mac.Sum(nil)
		for _, g := range given {
			found = hmac.Equal(g, want) || found
		}
	}
	return found
}

// Flatten returns the members of a JSON object as metadata, in their order: a member of an
// object within is named by the names on the way, joined by "_", as repository_owner_login.
// A rich link and an amount with its currency stay one value, and what no key may have
// becomes "_". What cannot be metadata is left out, with a warning: lists, null, text of more
// than [beckon.MaxStringLength] characters, a key that was there before. With keys, only
// these are returned, in the order of the keys and without warnings: of an event the first
// [beckon.MaxMetadataKeys] count. The error says that the body is no JSON object.
func Flatten(body []byte, keys ...string) (beckon.Fields, []beckon.Warning, error) {
	n, faults := wire.Parse(string(body))
	if err := raised(faults); err != nil {
		return nil, nil, err
	}
	all, list := wire.Flatten(&n)
	if len(keys) > 0 {
		return picked(all, keys), nil, nil
	}
	warnings := make([]beckon.Warning, len(list))
	for i, w := range list {
		warnings[i] = beckon.Warning(w)
	}
	return all, warnings, nil
}

// picked returns the fields of some keys.
func picked(all beckon.Fields, keys []string) (fields beckon.Fields) {
	for _, key := range keys {
		for i := range all {
			if all[i].Key == key {
				fields = append(fields, all[i])
				break
			}
		}
	}
	return fields
}
