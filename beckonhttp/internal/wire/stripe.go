package wire

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/value"
)

// A Stripe is what a body of Stripe's says.
type Stripe struct {
	ID, Type, Account string
	Live              bool
	Created           time.Time // zero: not said
	Object            string    // what the event is about, such as "invoice"
	Customer          string    // cus_…
	Email             string
	ClientReferenceID string
	Metadata          map[string]string // that the host gave the object
	Fields            value.Fields
}

// ReadStripe reads an event of Stripe's. Types that nobody knows yet are events, too.
func ReadStripe(n *ojson.Node) (s Stripe, faults fault.List) {
	s.ID, s.Type, s.Account = Text(n, "id", &faults), Text(n, "type", &faults), Text(n, "account", &faults)
	for _, need := range []struct{ name, text string }{{"id", s.ID}, {"type", s.Type}} {
		if need.text == "" && len(faults) == 0 {
			faults.Add(fault.ErrTypeInvalid, need.name, "must be there: this is no event of Stripe's")
		}
	}
	if len(faults) > 0 {
		return s, faults
	}
	if live := n.Get("livemode"); live != nil {
		s.Live = live.Bool
	}
	s.Created = createdAt(n.Get("created"))
	var object, previous ojson.Node
	if data := n.Get("data"); data != nil {
		object, previous = sub(data, "object"), sub(data, "previous_attributes")
	}
	s.Object = textIn(&object, "object")
	if s.Customer = idIn(&object, "customer"); s.Object == "customer" {
		s.Customer = textIn(&object, "id")
	}
	for _, name := range []string{"email", "customer_email", "receipt_email"} {
		if s.Email == "" {
			s.Email = textIn(&object, name)
		}
	}
	s.ClientReferenceID = textIn(&object, "client_reference_id")
	own := sub(&object, "metadata")
	s.Metadata = make(map[string]string, len(own.Members))
	for i := range own.Members {
		s.Metadata[own.Members[i].Name] = own.Members[i].Value.Text
	}
	s.Fields = stripeFields(&s, &object, &own, &previous)
	return s, nil
}

// leading are the members of objects that count most: what an event is about.
var leading = []string{ //nolint:gochecknoglobals // a table that nothing writes to
	"amount", "amount_total", "total", "amount_paid", "amount_due", "amount_refunded", "status", "number", "description",
	"hosted_invoice_url", "receipt_url", "trial_end", "current_period_end",
}

// named are members that are said otherwise, or say nothing.
var named = []string{"id", "object", "livemode", "customer", "invoice", "latest_invoice", "charge", "latest_charge", "metadata"} //nolint:gochecknoglobals // a table that nothing writes to

// stripeFields returns the metadata of an event. Only the first keys of an event count, so
// these are the identifiers, what the event is about, and what the host itself has noted
// of the object.
func stripeFields(s *Stripe, object, own, previous *ojson.Node) value.Fields {
	w := stripeWriter{currency: textIn(object, "currency")}
	w.seen = map[string]bool{}
	id := textIn(object, "id")
	invoice, charge := first(object, "invoice", "latest_invoice"), first(object, "charge", "latest_charge")
	switch s.Object {
	case "invoice":
		invoice, id = id, ""
	case "charge":
		charge, id = id, ""
	case "customer":
		id = ""
	}
	w.put("stripe_customer", value.Stripe(s.Customer))
	w.put("stripe_invoice", value.Stripe(invoice))
	w.put("stripe_charge", value.Stripe(charge))
	if id != "" {
		w.put("id", value.String(id))
	}
	for _, name := range leading {
		if v := object.Get(name); v != nil {
			w.typed("", name, v)
		}
	}
	w.members("metadata_", own)
	for i := range object.Members {
		if m := &object.Members[i]; m.Value.Kind != ojson.Object && !slices.Contains(named, m.Name) {
			w.typed("", m.Name, &m.Value)
		}
	}
	for i := range previous.Members {
		w.typed("previous_", previous.Members[i].Name, &previous.Members[i].Value)
	}
	for i := range object.Members {
		if m := &object.Members[i]; m.Value.Kind == ojson.Object && !slices.Contains(named, m.Name) {
			w.member(flatKey(m.Name), &m.Value)
		}
	}
	return w.fields[:min(len(w.fields), value.MaxMetadataKeys)]
}

// A stripeWriter writes metadata, and types what is known of Stripe's objects.
type stripeWriter struct {
	flattening
	currency string
}

// put adds a value that can be metadata, the first under its key.
func (w *stripeWriter) put(key string, v value.Value) bool {
	folded := fold.Key(key)
	if v.Err() != nil || v.IsUnknown() || w.seen[folded] || event.KeyFault(key) != "" {
		return false
	}
	w.seen[folded] = true
	w.fields = append(w.fields, value.Field{Key: key, Value: v})
	return true
}

func (w *stripeWriter) typed(prefix, name string, n *ojson.Node) {
	key := prefix + flatKey(name)
	if whole, err := strconv.ParseInt(n.Text, 10, 64); err == nil && n.Kind == ojson.Number {
		if isAmount(name) && w.currency != "" && w.put(key, stripeMoney(whole, w.currency)) {
			return
		}
		if isInstant(name) && whole > 0 && w.put(key, value.Date(time.Unix(whole, 0))) {
			return
		}
	}
	w.member(key, n)
}

// stripeMoney returns an amount in the smallest unit that Stripe counts a currency in. Of
// three currencies this is not the one of ISO 4217.
func stripeMoney(amount int64, currency string) value.Value {
	switch strings.ToLower(currency) {
	case "isk", "ugx": // two decimals, which are always 00
		return value.MonetaryMajor(decimal.New(amount, -2), currency)
	case "mga": // no decimals
		return value.MonetaryMajor(decimal.New(amount, 0), currency)
	}
	return value.Monetary(amount, currency)
}

func isAmount(name string) bool {
	switch name {
	case "amount", "total", "subtotal", "total_excluding_tax", "subtotal_excluding_tax", "tax", "fee", "net",
		"balance", "starting_balance", "ending_balance":
		return true
	}
	return strings.HasPrefix(name, "amount_") || strings.HasSuffix(name, "_amount")
}

func isInstant(name string) bool {
	switch name {
	case "created", "next_payment_attempt", "billing_cycle_anchor", "available_on":
		return true
	}
	return strings.HasSuffix(name, "_at") || strings.HasSuffix(name, "_start") || strings.HasSuffix(name, "_end") || strings.HasSuffix(name, "_date")
}

// createdAt reads Unix seconds, or RFC 3339 as newer events have it.
func createdAt(n *ojson.Node) time.Time {
	var faults fault.List
	if n == nil {
		return time.Time{}
	}
	if sec := instant(n, "created", &faults); len(faults) == 0 && sec > 0 {
		return time.Unix(sec, 0)
	}
	return time.Time{}
}

// sub returns a member that is an object, and an empty one otherwise.
func sub(n *ojson.Node, name string) ojson.Node {
	if v := n.Get(name); v != nil && v.Kind == ojson.Object {
		return *v
	}
	return ojson.Node{Kind: ojson.Object}
}

func textIn(n *ojson.Node, name string) string {
	if v := n.Get(name); v != nil && v.Kind == ojson.String {
		return v.Text
	}
	return ""
}

// idIn returns the id that a member is, or has if it is an object written out.
func idIn(n *ojson.Node, name string) string {
	if v := n.Get(name); v != nil && v.Kind == ojson.Object {
		return textIn(v, "id")
	}
	return textIn(n, name)
}

func first(n *ojson.Node, names ...string) string {
	for _, name := range names {
		if id := idIn(n, name); id != "" {
			return id
		}
	}
	return ""
}
