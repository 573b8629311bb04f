package store

import (
	"slices"

	"github.com/beckon-go/beckon/internal/peek"
)

// A Projection is what of a record the caller of a scan looks at, apart from what every
// record shows: Key and Exists, and of Profile all but Attributes. All else a store may
// show as it is or as zero: so it may spare itself the reading. Damage to what a
// projection does not name may go unnoticed.
type Projection struct {
	Attributes []string // of Profile.Attributes those with these names
	Seen       bool     // LastSeen and EventSeq
	Stats      bool     // Stats
	Sends      bool     // SendStats and SendLog
	Counters   bool     // Counters
}

// section is list for a list of a record that need not be shown: then its rows are read
// into the memory of one, where nobody looks.
func section[T any](c *coder, shown bool, v *[]T, least int, code func(*coder, *T)) {
	if !c.reading || shown {
		list(c, v, least, code)
		return
	}
	n := c.readLength(least)
	if n == 0 {
		return
	}
	row := &rowsOf[T](c.rows, 1)[0]
	for range n {
		if code(c, row); c.err != nil {
			return
		}
	}
}

// codeAttributes codes attributes. Of those that need not be shown only the ends are read.
func codeAttributes(c *coder, v *[]Attribute) {
	if !c.reading || c.only == nil {
		list(c, v, leastAttribute, codeAttribute)
		return
	}
	var shown []Attribute
	for n := c.readLength(leastAttribute); n > 0 && c.err == nil; n-- {
		name := c.readText()
		if !slices.Contains(c.only.Attributes, name) {
			c.skipValue()
			continue
		}
		if shown == nil {
			shown = rowsOf[Attribute](c.rows, min(n, len(c.only.Attributes)))[:0]
		}
		shown = append(shown, Attribute{})
		a := &shown[len(shown)-1]
		if name != "" {
			a.Name = c.names.get(name)
		}
		c.readValue(peek.Of(&a.Value))
	}
	*v = shown
}
