package beckon

import (
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/store"
)

// A refusal is what a contact does not want any more, or wants again.
type refusal struct {
	from string
	back bool
}

// consent is the decision on a refusal.
func (d *decision) consent() error {
	var list []string
	if p := d.rec.Profile; p != nil {
		list = p.Unsubscribed
	}
	i, refused := slices.BinarySearch(list, d.in.refusal.from)
	switch {
	case d.in.refusal.back && refused:
		p := d.profile()
		p.Unsubscribed = slices.Delete(p.Unsubscribed, i, i+1)
	case d.in.refusal.back || refused:
	case len(list) >= MaxUnsubscribed && strings.Contains(d.in.refusal.from, ":"): // there are but three without
		return fault.List{{Code: fault.ErrAttributeInvalid, Field: "from", Message: "the contact has refused " + strconv.Itoa(MaxUnsubscribed) + " things, and can refuse no more tags"}}
	default:
		p := d.profile() // and with it the contact
		p.Unsubscribed = slices.Insert(p.Unsubscribed, i, d.in.refusal.from)
	}
	return nil
}

// unsubscribed is D11: from a channel as a whole, or from one of the
// message's tags on it. In-app channels are not concerned.
func unsubscribed(p *store.Profile, ch store.Channel, tags []string) bool {
	if p == nil || len(p.Unsubscribed) == 0 || !plan.Sweeps(ch) {
		return false
	}
	for _, u := range p.Unsubscribed {
		if u == string(ch) {
			return true
		}
		for _, tag := range tags {
			if len(u) == len(ch)+1+len(tag) && u[:len(ch)] == string(ch) && u[len(ch)] == ':' && u[len(ch)+1:] == tag {
				return true
			}
		}
	}
	return false
}
