package rule

import (
	"slices"

	"github.com/beckon-go/beckon/store"
)

// ProjectionOf returns what a rule looks at of a contact's record, whatever it comes to:
// nothing if it is nil.
func ProjectionOf(r *Compiled) *store.Projection {
	p := new(store.Projection)
	if r != nil {
		look(p, r, map[*Segment]bool{})
	}
	return p
}

// look adds what a rule looks at. A condition's where is about events, never the record.
func look(p *store.Projection, r *Compiled, seen map[*Segment]bool) {
	for i := range r.Conditions {
		c := &r.Conditions[i]
		if s := c.segment; s != nil {
			if !seen[s] {
				seen[s] = true
				look(p, s.Rule, seen)
			}
			continue
		}
		c.look(p)
		if f := c.field(); f != nil {
			f.look(p)
		}
	}
}

// look adds what a source reads.
func (c *Condition) look(p *store.Projection) {
	switch c.source {
	case fromUser:
		LookAt(p, c.name)
	case fromStandard: // see derivedAttribute
		LookAt(p, c.name)
		p.Seen = p.Seen || c.name == "last_seen_at"
		p.Sends = p.Sends || c.name == LastContacted
	case fromCompany, fromMetadata, fromTrigger, fromPageURL, fromPageSeconds: // not of the record
	case fromSentCount, fromLastSent:
		p.Sends = true
	case fromCount, fromFirst, fromLast:
		p.Stats = true
	default: // from a counter, or what it is to be built of
		p.Stats, p.Counters, p.Seen = true, true, true
	}
}

// LookAt adds an attribute to a projection.
func LookAt(p *store.Projection, attribute string) {
	if !slices.Contains(p.Attributes, attribute) {
		p.Attributes = append(p.Attributes, attribute)
	}
}
