package column

import (
	"unique"

	"github.com/beckon-go/beckon/store"
)

// Names knows the names that came before, so that they are found without
// a copy of the text. It is not for concurrent use; nil knows none.
type Names struct {
	names   map[string]unique.Handle[string]
	decoded bool
	records *store.RecordDecoder // nil until the second record: for one alone it is too large
	// Brief says that a record is good only until the next one is decoded.
	Brief bool
	stats []store.Stats // then their memory
	// Only says what of a record is looked at; nil: all of it.
	Only *store.Projection
}

// Decode is [store.DecodeRecordUnder], faster from the third record on. From then on it sets
// form, too, which may be nil.
func (c *Names) Decode(under store.Key, data []byte, form *store.Form) (rec *store.Record, err error) {
	switch {
	case c == nil:
		return store.DecodeRecordUnder(under, data)
	case c.records == nil && c.decoded:
		c.records = new(store.RecordDecoder)
	}
	if c.records != nil {
		switch c.records.Only = c.Only; {
		case c.Brief:
			return c.records.DecodeNextUnder(under, data)
		case form != nil:
			rec, *form, err = c.records.DecodeFormUnder(under, data)
			return rec, err
		}
		return c.records.DecodeUnder(under, data)
	}
	c.decoded = true
	return store.DecodeRecordUnder(under, data)
}

// room returns an empty list with room for n statistics.
func (c *Names) room(n int) []store.Stats {
	if c == nil || !c.Brief {
		return make([]store.Stats, 0, n)
	}
	if n > cap(c.stats) {
		c.stats = make([]store.Stats, 0, 2*n)
	}
	return c.stats[:0:n]
}

// maxNames bounds a cache: names come from events, which anybody may invent.
const maxNames = 4096

// get returns the name for a text as a column has it.
func (c *Names) get(raw []byte) unique.Handle[string] {
	if c == nil {
		return unique.Make(Unescape(string(raw)))
	}
	if h, ok := c.names[string(raw)]; ok {
		return h
	}
	if c.names == nil || len(c.names) >= maxNames {
		c.names = make(map[string]unique.Handle[string])
	}
	s := string(raw)
	h := unique.Make(Unescape(s))
	c.names[s] = h
	return h
}
