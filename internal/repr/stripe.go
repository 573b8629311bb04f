package repr

import (
	"strings"

	"github.com/beckon-go/beckon/internal/fold"
)

// A stripeKind is what a Stripe identifier names.
type stripeKind uint8

// The kinds of identifiers that metadata has keys for.
const (
	StripeOther stripeKind = iota // not known, or nothing that metadata has a key for
	StripeCustomer
	StripeInvoice
	stripeCharge
)

// StripeKey returns the kind that a metadata key asks for (M3).
func StripeKey(key string) stripeKind {
	// Most keys are told apart by their length; folding can change it only
	// for letters outside ASCII, which the comparison then sees.
	if len(key) < len("stripe_charge") {
		return StripeOther
	}
	switch {
	case fold.EqualKey(key, "stripe_customer"):
		return StripeCustomer
	case fold.EqualKey(key, "stripe_invoice"):
		return StripeInvoice
	case fold.EqualKey(key, "stripe_charge"):
		return stripeCharge
	}
	return StripeOther
}

// StripePrefix returns the kind that an identifier's own prefix names, and
// whether the prefix is a known one.
func StripePrefix(id string) (kind stripeKind, known bool) {
	prefix, _, found := strings.Cut(id, "_")
	if !found {
		return StripeOther, false
	}
	switch prefix {
	case "cus":
		return StripeCustomer, true
	case "in":
		return StripeInvoice, true
	case "ch", "py": // a payment by other means than a card is a charge as well
		return stripeCharge, true
	case "pi", "pm", "sub", "si", "ii", "prod", "price", "plan", "re", "pyr", "evt", "acct",
		"seti", "card", "src", "tok", "txn", "po", "tr", "cs", "cn", "dp", "du":
		return StripeOther, true
	}
	return StripeOther, false
}

// validStripe judges an identifier by M3.
func validStripe(id string) bool {
	if id == "" || id[len(id)-1] == '_' {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}
