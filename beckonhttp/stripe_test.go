package beckonhttp_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp"
	"github.com/beckon-go/beckon/memstore"
)

const stripeSecret = "whsec_test_secret"

// macOf is the HMAC-SHA-256 of a text, in hexadecimal.
func macOf(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = io.WriteString(mac, text)
	return hex.EncodeToString(mac.Sum(nil))
}

// stripeHeader is what Stripe sends with a body.
func stripeHeader(secret, body string, at time.Time) string {
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), macOf(secret, fmt.Sprintf("%d.%s", at.Unix(), body)))
}

func header(name, text string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Del("Authorization")
		if text != "" {
			r.Header.Set(name, text)
		}
	}
}

// customers is the host's way to know whom an event concerns.
func customers(_ context.Context, ev beckonhttp.StripeEvent) (beckon.Identity, error) {
	switch {
	case ev.Metadata["user_id"] != "":
		return beckon.Identity{UserID: ev.Metadata["user_id"]}, nil
	case ev.Customer == "cus_1":
		return beckon.Identity{UserID: "u1"}, nil
	case ev.Customer == "cus_soon":
		return beckon.Identity{}, beckon.ErrContactUnknown
	case ev.Customer == "cus_broken":
		return beckon.Identity{}, errors.New("the table of customers is away")
	}
	return beckon.Identity{}, nil
}

func stripeWorld(t *testing.T, opts ...beckonhttp.Option) *world {
	t.Helper()
	return newWorld(t, func(w *world) http.Handler {
		door, err := beckonhttp.Stripe(w.engine, []string{stripeSecret, "whsec_next"}, customers, append(w.hooks(), opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		w.prefix = "/stripe"
		return door
	}, beckon.WithRepeatsKnownFor(beckonhttp.StripeRetriesFor))
}

// stripe posts a body, signed now.
func (w *world) stripe(status int, body string) string {
	w.t.Helper()
	return w.ask(status, "POST", "/", body, header("Stripe-Signature", stripeHeader(stripeSecret, body, w.clock())))
}

// eventsOf lists a contact's events, newest first.
func (w *world) eventsOf(user string) []beckon.PastEvent {
	w.t.Helper()
	list, err := w.engine.RecentEvents(w.t.Context(), beckon.Identity{UserID: user}, nil, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

const invoicePaid = `{"id":"evt_1","object":"event","type":"invoice.paid","created":1772442000,"livemode":true,"data":{"object":{
	"id":"in_1","object":"invoice","amount_due":34999,"amount_paid":34999,"currency":"eur","customer":"cus_1","charge":"ch_1","status":"paid","lines":{"data":[]}}}}`

func TestStripeEvent(t *testing.T) {
	w := stripeWorld(t)
	if got := w.stripe(200, invoicePaid); got != "" {
		t.Errorf("the answer has a body: %s", got)
	}
	list := w.eventsOf("u1")
	if len(list) != 1 {
		t.Fatalf("%+v", list)
	}
	ev := list[0]
	if ev.Name != "invoice-paid" || ev.Source != beckon.SourceIntegration || ev.CreatedAt.Unix() != 1772442000 {
		t.Errorf("%+v", ev)
	}
	for key, want := range map[string]string{"stripe_customer": "cus_1", "stripe_invoice": "in_1", "stripe_charge": "ch_1", "amount_paid": "349.99 EUR", "status": "paid"} {
		if v, _ := ev.Metadata.Get(key); v.String() != want {
			t.Errorf("%s is %s, want %s", key, v, want)
		}
	}
	if len(w.results) != 1 || len(w.errs) != 0 {
		t.Errorf("results %v, errors %v", w.results, w.errs)
	}

	// Stripe posts it again, signed anew: almost three days later it is still known.
	w.pass(beckonhttp.StripeRetriesFor - time.Second)
	w.stripe(200, invoicePaid)
	if list := w.eventsOf("u1"); len(list) != 1 || !w.results[1].Duplicate {
		t.Errorf("a repeat is another event: %+v", list)
	}
	// Its id makes it a repeat, not its time: two invoices may be paid in one second.
	w.stripe(200, strings.Replace(invoicePaid, "evt_1", "evt_9", 1))
	if list := w.eventsOf("u1"); len(list) != 2 || list[0].EventID != "stripe:evt_9" {
		t.Errorf("another event of the same second is a repeat: %+v", list)
	}
	w.stripe(200, `{"id":"evt_2","type":"something.new_in_2031","data":{"object":{"object":"thing","customer":"cus_1"}}}`)
	if list := w.eventsOf("u1"); len(list) != 3 || list[0].Name != "something-new_in_2031" {
		t.Errorf("%+v", list)
	}
}

func TestStripeWho(t *testing.T) {
	about := func(object string) string {
		return `{"id":"evt_1","type":"customer.updated","data":{"object":` + object + `}}`
	}
	for _, c := range []struct {
		name, object string
		status       int
		user         string // who has the event
		reported     int
	}{
		{"a customer is one itself", `{"object":"customer","id":"cus_1"}`, 200, "u1", 0},
		{"written out", `{"object":"charge","customer":{"id":"cus_1","object":"customer"}}`, 200, "u1", 0},
		{"by the host's own metadata", `{"object":"charge","metadata":{"user_id":"u7"}}`, 200, "u7", 0},
		{"nobody here: Stripe need not come again", `{"object":"charge","customer":"cus_other"}`, 200, "", 0},
		{"not known yet: Stripe comes again", `{"object":"charge","customer":"cus_soon"}`, 404, "", 0},
		{"the host fails: Stripe comes again", `{"object":"charge","customer":"cus_broken"}`, 500, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := stripeWorld(t)
			if body := w.stripe(c.status, about(c.object)); strings.Contains(body, "table") {
				t.Errorf("the answer tells of the host: %s", body)
			}
			for _, user := range []string{"u1", "u7"} {
				if n := len(w.eventsOf(user)); (n == 1) != (c.user == user) {
					t.Errorf("%s has %d events", user, n)
				}
			}
			if len(w.errs) != c.reported {
				t.Errorf("reported %v", w.errs)
			}
		})
	}
	w := stripeWorld(t, beckonhttp.WithKnownContacts())
	w.refused(404, beckon.ErrContactUnknown, "", "POST", "/", invoicePaid, header("Stripe-Signature", stripeHeader(stripeSecret, invoicePaid, start)))
}

// The cases are those of Stripe's own libraries.
func TestStripeSignature(t *testing.T) {
	good := stripeHeader(stripeSecret, invoicePaid, start)
	_, mac, _ := strings.Cut(good, "v1=")
	at := fmt.Sprintf("t=%d,", start.Unix())
	for _, c := range []struct {
		name, header string
		status       int
	}{
		{"good", good, 200},
		{"spaces after the commas", at + " v1=" + mac, 200},
		{"the old secret and the new", good + ",v1=" + macOf("whsec_unknown", "x"), 200},
		{"a second secret of ours", stripeHeader("whsec_next", invoicePaid, start), 200},
		{"first one that is none", at + "v1=bad_signature,v1=" + mac, 200},
		{"other schemes are passed by", at + "v0=00,v1=" + mac + ",v2=00", 200},
		{"four minutes and 59 seconds ago", stripeHeader(stripeSecret, invoicePaid, start.Add(-299*time.Second)), 200},
		{"five minutes ago", stripeHeader(stripeSecret, invoicePaid, start.Add(-300*time.Second)), 200},
		{"five minutes and a second ago", stripeHeader(stripeSecret, invoicePaid, start.Add(-301*time.Second)), 403},
		{"five minutes and a second ahead", stripeHeader(stripeSecret, invoicePaid, start.Add(301*time.Second)), 403},
		{"none", "", 401},
		{"no form", "v1,t=1", 403},
		{"an empty time", "t=", 403},
		{"no time", "v1=" + mac, 403},
		{"a time that is none", "t=now,v1=" + mac, 403},
		{"no signature", at[:len(at)-1], 403},
		{"an empty signature", at + "v1=", 403},
		{"a wrong scheme", at + "v0=" + mac, 403},
		{"made up", at + "v1=" + hex.EncodeToString([]byte("deadbeef")), 403},
		{"another time than the signed", fmt.Sprintf("t=%d,v1=%s", start.Unix()+1, mac), 403},
		{"of another body", stripeHeader(stripeSecret, invoicePaid+" ", start), 403},
		{"another secret", stripeHeader("whsec_other", invoicePaid, start), 403},
		{"a secret that is none", stripeHeader("", invoicePaid, start), 403},
	} {
		w := stripeWorld(t)
		text := w.ask(c.status, "POST", "/", invoicePaid, header("Stripe-Signature", c.header))
		if n := len(w.eventsOf("u1")); (n == 1) != (c.status == 200) {
			t.Errorf("%s: %d events, %s", c.name, n, text)
		}
	}
	w := stripeWorld(t, beckonhttp.WithStripeTolerance(10*time.Second))
	w.ask(200, "POST", "/", invoicePaid, header("Stripe-Signature", stripeHeader(stripeSecret, invoicePaid, start.Add(-10*time.Second))))
	w.ask(403, "POST", "/", invoicePaid, header("Stripe-Signature", stripeHeader(stripeSecret, invoicePaid, start.Add(-11*time.Second))))
	w = stripeWorld(t, beckonhttp.WithStripeTolerance(0))
	w.stripe(200, invoicePaid)
}

func TestStripeRefuses(t *testing.T) {
	for _, c := range []struct {
		body, field string
		code        beckon.Code
	}{
		{`{"id":"evt_1"`, "", beckon.ErrJSONInvalid},
		{`[]`, "", beckon.ErrTypeInvalid},
		{`{"type":"a"}`, "id", beckon.ErrTypeInvalid},
		{`{"id":"evt_1"}`, "type", beckon.ErrTypeInvalid},
		{`{"id":{},"type":"a"}`, "id", beckon.ErrTypeInvalid},
	} {
		w := stripeWorld(t)
		w.refused(400, c.code, c.field, "POST", "/", c.body, header("Stripe-Signature", stripeHeader(stripeSecret, c.body, start)))
	}
	w := stripeWorld(t)
	w.refused(405, beckonhttp.ErrMethod, "", "GET", "/", "")
}

func TestStripeNeeds(t *testing.T) {
	day, err := beckon.New(memstore.New())
	if err != nil {
		t.Fatal(err)
	}
	long, err := beckon.New(memstore.New(), beckon.WithRepeatsKnownFor(beckonhttp.StripeRetriesFor))
	if err != nil {
		t.Fatal(err)
	}
	if got := day.RepeatsKnownFor(); got != beckon.RepeatsKnownFor {
		t.Errorf("an engine knows repeats for %v", got)
	}
	for _, c := range []struct {
		engine  *beckon.Engine
		secrets []string
		who     func(context.Context, beckonhttp.StripeEvent) (beckon.Identity, error)
		want    string
	}{
		{long, []string{"a"}, customers, ""},
		{day, []string{"a"}, customers, "beckon.WithRepeatsKnownFor"},
		{long, nil, customers, "no secret"},
		{long, []string{"a", ""}, customers, "secret 1 is empty"},
		{long, []string{"a"}, nil, "no function"},
	} {
		door, err := beckonhttp.Stripe(c.engine, c.secrets, c.who)
		if got := fmt.Sprint(err); c.want == "" && err != nil || c.want != "" && !strings.Contains(got, c.want) || (door == nil) != (err != nil) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

// Whatever the header is: nothing but the signature of the body lets it in.
func FuzzStripeSignature(f *testing.F) {
	engine, err := beckon.New(memstore.New(), beckon.WithRepeatsKnownFor(beckonhttp.StripeRetriesFor))
	if err != nil {
		f.Fatal(err)
	}
	door, err := beckonhttp.Stripe(engine, []string{stripeSecret}, customers, beckonhttp.WithClock(func() time.Time { return start }))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"t=1,v1=", "v1,t=1", "t=", "t=1,t=2,v1=00,v1=zz", ",,,=", stripeHeader("x", invoicePaid, start), stripeHeader(stripeSecret, invoicePaid, start)} {
		f.Add(seed, invoicePaid)
		f.Add(seed, `{"id":"e","type":"t","data":{"object":{"customer":{"id":"cus_1"},"metadata":[],"currency":"isk","amount":1}}}`)
	}
	f.Fuzz(func(t *testing.T, text, body string) {
		ask := func(text string) int {
			r := httptest.NewRequest("POST", "/", strings.NewReader(body))
			r.Header.Set("Stripe-Signature", text)
			rec := httptest.NewRecorder()
			door.ServeHTTP(rec, r)
			return rec.Code
		}
		if code := ask(stripeHeader(stripeSecret, body, start)); code >= 500 {
			t.Errorf("%q is answered %d", body, code)
		}
		if code := ask(text); !strings.Contains(text, macOf(stripeSecret, fmt.Sprintf("%d.%s", start.Unix(), body))) && code != 401 && code != 403 && code != 413 {
			t.Errorf("%q with %q is answered %d", body, text, code)
		}
	})
}
