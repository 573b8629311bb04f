package beckonhttp

import (
	"context"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/beckonhttp/internal/wire"
)

// What Stripe does by itself.
const (
	StripeRetriesFor = 3 * 24 * time.Hour // how long it posts an event again that was not answered with 2xx
	StripeTolerance  = 5 * time.Minute    // how far from now a signature's time may be; see WithStripeTolerance
)

// A StripeEvent is what an event of Stripe's says of whom it concerns. What it does not say
// is empty.
type StripeEvent struct {
	ID, Type          string // evt_…, and as Stripe writes it: invoice.paid
	Account           string // the connected account
	Live              bool
	Object            string            // the kind of object that it is about: invoice
	Customer          string            // cus_…
	Email             string            // of the customer, or of the object
	ClientReferenceID string            // that the host gave a checkout session
	Metadata          map[string]string // that the host gave the object
}

// WithStripeTolerance sets how far the time of a signature may be from that of
// [WithClock], before or after. Zero and less is [StripeTolerance].
func WithStripeTolerance(d time.Duration) Option {
	return func(s *settings) {
		if s.tolerance = d; d <= 0 {
			s.tolerance = StripeTolerance
		}
	}
}

// Stripe returns a handler, at any path, for Stripe's webhooks. secrets are those of the
// endpoint, whsec_…: several while one is being changed. A request without a good
// Stripe-Signature is 401 or 403.
//
// An event is named by its type: invoice.paid is the event invoice-paid, and types that are
// new are taken as well. Metadata are stripe_customer, stripe_invoice and stripe_charge, the
// amounts as money, and the rest of the object as far as there is room: docs/ingest.md has
// the order. The source is [beckon.SourceIntegration].
//
// who says which contact an event concerns. If that is the zero Identity, nobody here, the
// event is passed by with 200, and Stripe does not send it again. An error refuses it, and
// Stripe sends it again for [StripeRetriesFor]: [beckon.ErrContactUnknown] is 404, any error
// that is no code 500 and told to [WithErrors] only. It is called by several goroutines at
// once; its context ends with the time that the engine may take.
//
// A repeat is known by the id of the event, so the engine must know repeats for as long as
// Stripe sends them: it is an error if [beckon.WithRepeatsKnownFor] is less than
// [StripeRetriesFor], as it is by default. So it is if there is no secret, an empty one, or
// no who.
func Stripe(engine *beckon.Engine, secrets []string, who func(context.Context, StripeEvent) (beckon.Identity, error), opts ...Option) (http.Handler, error) {
	keys, err := keysOf("Stripe", secrets)
	if err != nil {
		return nil, err
	}
	if who == nil {
		return nil, fmt.Errorf("beckonhttp: Stripe: there is no function that says whom an event concerns")
	}
	if known := engine.RepeatsKnownFor(); known < StripeRetriesFor {
		return nil, fmt.Errorf("beckonhttp: Stripe: the engine knows repeats for %v, and Stripe sends an event again for %v: make it with beckon.WithRepeatsKnownFor(beckonhttp.StripeRetriesFor)", known, StripeRetriesFor)
	}
	s := settingsOf(opts)
	check := func(r *http.Request, body []byte) error {
		return stripeSigned(r.Header.Get("Stripe-Signature"), body, keys, s.now(), s.tolerance)
	}
	return webhook(engine, s, check, func(r *http.Request, body []byte) (beckon.Event, error) {
		return stripeEvent(r, body, who)
	}), nil
}

// stripeEvent returns the event of a body, and the zero Event if it concerns nobody.
func stripeEvent(r *http.Request, body []byte, who func(context.Context, StripeEvent) (beckon.Identity, error)) (beckon.Event, error) {
	n, faults := wire.Parse(string(body))
	if err := raised(faults); err != nil {
		return beckon.Event{}, err
	}
	said, faults := wire.ReadStripe(&n)
	if err := raised(faults); err != nil {
		return beckon.Event{}, err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), EngineWithin)
	defer cancel()
	contact, err := who(ctx, StripeEvent{
		ID: said.ID, Type: said.Type, Account: said.Account, Live: said.Live, Object: said.Object,
		Customer: said.Customer, Email: said.Email, ClientReferenceID: said.ClientReferenceID, Metadata: said.Metadata,
	})
	if err != nil || contact == (beckon.Identity{}) {
		return beckon.Event{}, err
	}
	return beckon.Event{
		Name: said.Type, UserID: contact.UserID, ID: contact.ID, Email: contact.Email, AnonymousID: contact.AnonymousID,
		EventID: stripePrefix + said.ID, CreatedAt: said.Created, Metadata: said.Fields,
	}, nil
}

// stripePrefix stands before the ids of Stripe's events: they are none of the host's own.
const stripePrefix = "stripe:"

// stripeSigned checks a header as "t=1492774577,v1=5257…,v1=…,v0=…": one of the signatures
// v1 is the HMAC-SHA-256 of the time, a dot and the body. Others are passed by.
func stripeSigned(header string, body []byte, keys [][]byte, now time.Time, tolerance time.Duration) error {
	const name = "Stripe-Signature"
	if header == "" {
		return refuse(ErrUnauthorized, name, "the request has no signature")
	}
	at, given := "", [][]byte(nil)
	for part := range strings.SplitSeq(header, ",") {
		key, text, ok := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case !ok:
			return refuse(ErrForbidden, name, "the header is not of the form t=…,v1=…")
		case key == "t":
			at = text
		case key == "v1":
			if mac, err := hex.DecodeString(text); err == nil {
				given = append(given, mac)
			}
		}
	}
	sec, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return refuse(ErrForbidden, name, "the header has no time")
	}
	if !signedBy(keys, given, []byte(at), []byte("."), body) {
		return refuse(ErrForbidden, name, "no signature is that of the body")
	}
	if away := now.Sub(time.Unix(sec, 0)).Abs(); away > tolerance {
		return refuse(ErrForbidden, name, "the signature is of another time than now")
	}
	return nil
}
