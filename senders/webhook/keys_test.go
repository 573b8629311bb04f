package webhook_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon/senders/webhook"
)

func secret(b byte, length int) string {
	return "whsec_" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(b), length)))
}

func parse(t testing.TB, secrets ...string) webhook.Keys {
	t.Helper()
	keys, err := webhook.ParseKeys(secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// The example of the specification's own libraries.
const (
	specSecret    = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	specID        = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	specTime      = 1614265330
	specBody      = `{"test": 2432232314}`
	specSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

func headers(id, timestamp, signature string) http.Header {
	h := http.Header{}
	for name, value := range map[string]string{webhook.HeaderID: id, webhook.HeaderTimestamp: timestamp, webhook.HeaderSignature: signature} {
		if value != "" {
			h.Set(name, value)
		}
	}
	return h
}

func TestVerify(t *testing.T) {
	keys := parse(t, secret('o', 24), specSecret)
	at := time.Unix(specTime, 0)
	other := strings.Replace(specSignature, "g0h", "g1h", 1)
	for _, c := range []struct {
		name                      string
		id, timestamp, sign, body string
		after                     time.Duration
		want                      error
	}{
		{"as it was sent", specID, "1614265330", specSignature, specBody, 0, nil},
		{"one of several", specID, "1614265330", "v1a,AAAA " + other + " v1,% " + specSignature, specBody, 0, nil},
		{"five minutes late", specID, "1614265330", specSignature, specBody, 5 * time.Minute, nil},
		{"five minutes early", specID, "1614265330", specSignature, specBody, -5 * time.Minute, nil},
		{"later", specID, "1614265330", specSignature, specBody, 5*time.Minute + 1, webhook.ErrTime},
		{"earlier", specID, "1614265330", specSignature, specBody, -5*time.Minute - 1, webhook.ErrTime},
		{"another body", specID, "1614265330", specSignature, specBody + " ", 0, webhook.ErrSignature},
		{"another time", specID, "1614265331", specSignature, specBody, 0, webhook.ErrSignature},
		{"another id", specID + "x", "1614265330", specSignature, specBody, 0, webhook.ErrSignature},
		{"another signature", specID, "1614265330", other, specBody, 0, webhook.ErrSignature},
		{"another scheme", specID, "1614265330", "v2" + specSignature[2:], specBody, 0, webhook.ErrSignature},
		{"half a signature", specID, "1614265330", specSignature[:20], specBody, 0, webhook.ErrSignature},
		{"no signature", specID, "1614265330", "", specBody, 0, webhook.ErrSignature},
		{"an empty signature", specID, "1614265330", "v1,", specBody, 0, webhook.ErrSignature},
		{"no id", "", "1614265330", specSignature, specBody, 0, webhook.ErrSignature},
		{"no time", specID, "", specSignature, specBody, 0, webhook.ErrSignature},
		{"a time that is none", specID, "-1614265330", specSignature, specBody, 0, webhook.ErrSignature},
		{"a time beyond all", specID, "99999999999999999999", specSignature, specBody, 0, webhook.ErrSignature},
		{"far too many signatures", specID, "1614265330", specSignature + strings.Repeat(" v1,AAAA", 1000), specBody, 0, webhook.ErrSignature},
	} {
		if err := keys.Verify(headers(c.id, c.timestamp, c.sign), []byte(c.body), at.Add(c.after)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	good := headers(specID, "1614265330", specSignature)
	if err := parse(t, secret('o', 24)).Verify(good, []byte(specBody), at); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("with another key: %v", err)
	}
	if err := (webhook.Keys{}).Verify(good, []byte(specBody), at); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("without a key: %v", err)
	}
	// What is signed is joined by points: an id with one could take the timestamp's place.
	if err := keys.Verify(headers("msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330", "1614265330", specSignature), []byte(specBody), at); !errors.Is(err, webhook.ErrSignature) {
		t.Errorf("an id with a point: %v", err)
	}
}

func TestParseKeys(t *testing.T) {
	parse(t, secret('a', webhook.MinKeyLength), secret('b', webhook.MaxKeyLength))
	for _, list := range [][]string{
		nil,
		{""},
		{specSecret, "topsecret"},
		{specSecret, strings.TrimPrefix(specSecret, "whsec_")},
		{"whsec_%%%"},
		{secret('t', webhook.MinKeyLength-1)},
		{secret('t', webhook.MaxKeyLength+1)},
	} {
		if _, err := webhook.ParseKeys(list...); err == nil || strings.Contains(err.Error(), "topsecret") || strings.Contains(err.Error(), "dHR0") {
			t.Errorf("%q: %v", list, err)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", parse(t, secret('t', 32)), parse(t, secret('t', 32)), parse(t, secret('t', 32))); strings.Contains(text, "116") || strings.Contains(text, "ttt") {
		t.Errorf("keys are printed: %s", text)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(specID, "1614265330", specSignature, specBody)
	f.Add("", "", "", "")
	f.Add("a.b", "1", "v1,AAAA v1,", "{}")
	keys := parse(f, specSecret)
	f.Fuzz(func(t *testing.T, id, timestamp, signature, body string) {
		err := keys.Verify(headers(id, timestamp, signature), []byte(body), time.Unix(specTime, 0))
		if err == nil && (id != specID || timestamp != "1614265330" || body != specBody) {
			t.Fatalf("%q %q %q is taken", id, timestamp, body)
		}
		if err != nil && !errors.Is(err, webhook.ErrSignature) && !errors.Is(err, webhook.ErrTime) {
			t.Fatal(err)
		}
	})
}
