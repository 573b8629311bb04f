package store

import (
	"maps"
	"slices"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/value"
)

func codePendingList(c *coder, l *PendingList) {
	if c.reading {
		var rows []Pending
		section(c, c.only == nil, &rows, leastPending, codePending)
		*l = NewPendingList(rows...)
		return
	}
	c.writeUint(uint64(l.Len()))
	for p := range l.All() {
		codePending(c, p)
	}
}

func codePending(c *coder, p *Pending) {
	c.hash(&p.Event)
	c.int64(&p.Until)
	codeDelivery(c, &p.Delivery)
	if c.version >= 2 {
		list(c, &p.Tags, 1, (*coder).text)
		topic := p.Topic != ""
		if c.flags(&p.Refusable, &p.Delivery.Composed, &topic, &p.OptIn); topic {
			c.text(&p.Topic)
		}
	}
	if c.version >= 4 {
		optional(c, &p.Dead, codeGivenUp)
	}
}

func codeGivenUp(c *coder, g *GivenUp) {
	c.int64(&g.At)
	c.text(&g.Reason)
}

func codeDelivery(c *coder, d *Delivery) {
	c.text(&d.ID)
	c.text(&d.Message)
	c.text((*string)(&d.Channel))
	codeIdentity(c, &d.Contact)
	c.text(&d.CompanyID)
	c.int(&d.Sequence)
	c.time(&d.At)
	c.text(&d.Subject)
	c.text(&d.Body)
	codeTexts(c, &d.Data)
	c.text(&d.Series)
	c.int(&d.Attempt)
	if c.version >= 4 {
		c.int(&d.Postponed)
	}
	if c.version >= 5 {
		c.text((*string)(&d.Format))
		c.text(&d.Text)
	}
	if c.version >= 6 {
		codeParameters(c, &d.Parameters)
	}
}

func codeIdentity(c *coder, i *Identity) {
	c.text(&i.UserID)
	c.text(&i.ID)
	c.text(&i.Email)
	c.text(&i.AnonymousID)
}

// sortedKeys returns the keys of a map in order. Most maps are empty.
func sortedKeys[V any](m map[string]V) []string {
	if len(m) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(m))
}

// codeParameters codes a map in the order of its keys.
func codeParameters(c *coder, m *map[string]value.Value) {
	if !c.reading {
		c.writeUint(uint64(len(*m)))
		for _, k := range sortedKeys(*m) {
			c.writeText(k)
			v := (*m)[k]
			codeValue(c, peek.Of(&v))
		}
		return
	}
	n := c.readLength(7)
	if n > 0 {
		*m = make(map[string]value.Value, n)
	}
	for range n {
		k := c.readText()
		var v value.Value
		codeValue(c, peek.Of(&v))
		if c.err != nil {
			return
		}
		(*m)[k] = v
	}
}

// codeTexts codes a map in the order of its keys.
func codeTexts(c *coder, m *map[string]string) {
	if !c.reading {
		c.writeUint(uint64(len(*m)))
		for _, k := range sortedKeys(*m) {
			c.writeText(k)
			c.writeText((*m)[k])
		}
		return
	}
	n := c.readLength(2)
	if n > 0 {
		*m = make(map[string]string, n)
	}
	for range n {
		k := c.readText()
		v := c.readText()
		if c.err != nil {
			return
		}
		(*m)[k] = v
	}
}
