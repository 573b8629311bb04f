package rule

import (
	"unique"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
)

// A SlotTable numbers the names of attributes and events that rules use, so that a
// scope can remember the place of each. Names beyond the first 256 share
// numbers, which costs time and nothing else. The zero value is empty; a plan's
// is not changed once it is compiled.
type SlotTable struct {
	numbers map[unique.Handle[string]]uint8
	outer   *SlotTable // looked at first, not changed
}

// More returns a table for the names that s does not have.
func (s *SlotTable) More() *SlotTable { return &SlotTable{outer: s} }

func (s *SlotTable) len() int {
	if s == nil {
		return 0
	}
	return len(s.numbers) + s.outer.len()
}

func (s *SlotTable) find(name unique.Handle[string]) (n uint8, found bool) {
	for ; s != nil && !found; s = s.outer {
		n, found = s.numbers[name]
	}
	return n, found
}

// of returns the number of a name, a new one to a new name.
func (s *SlotTable) of(name unique.Handle[string]) uint8 {
	n, found := s.find(name)
	if !found {
		if s.numbers == nil {
			s.numbers = map[unique.Handle[string]]uint8{}
		}
		n = uint8(s.len() % slotCount)
		s.numbers[name] = n
	}
	return n
}

const slotCount = 256

// A nameCache remembers, by slot, where among a record's attributes and statistics a
// name stood the last time. Most contacts have the same ones, so that it mostly
// stands there again, and one comparison of pointers says so; if not, it is
// looked for. Nothing in it has to be forgotten.
//
// Each decision of a batch has one, so it takes little: what few names need is made for those.
type nameCache struct {
	attributes, stats namePlaces
	texts             *[textCount]textPlace // nil until a template names an attribute
	absent            repr.Value            // what is not there; nothing ever writes to these
	never             store.Stats
}

// namePlaces are the places of names, by slot.
type namePlaces struct {
	at   [slotCount]uint32 // from nowhere on: it was not there
	gaps []nameGap         // of the slots up to the last that was looked for
}

// gap returns where the name of a slot is missed.
func (p *namePlaces) gap(slot uint8) *nameGap {
	if n := int(slot) + 1 - len(p.gaps); n > 0 {
		p.gaps = append(p.gaps, make([]nameGap, n)...)
	}
	return &p.gaps[slot]
}

// A textPlace is what is remembered of an attribute that a template names by its text.
// Texts share places, which costs time and nothing else.
type textPlace struct {
	text string
	name unique.Handle[string] // the same, interned
	at   uint32                // as of namePlaces
	gap  nameGap
}

const textCount = 32

// of returns the place of a text, in which it stands.
func (c *nameCache) of(text string) *textPlace {
	if c.texts == nil {
		c.texts = new([textCount]textPlace)
	}
	n := len(text)
	if n > 0 {
		n += 5*int(text[0]) + 11*int(text[n-1])
	}
	x := &c.texts[n%textCount]
	if x.text != text || x.name == (unique.Handle[string]{}) {
		*x = textPlace{text: text, name: unique.Make(text)}
	}
	return x
}

// A nameGap is between which names one was not there: lists are sorted by name, so that it
// stands nowhere again where the same two are neighbors.
type nameGap struct {
	name          unique.Handle[string] // that was not there
	before, after unique.Handle[string]
}

// nowhere is beyond every list. It does not fit in an int of 32 bits: a place is
// compared as the unsigned number that it is.
const nowhere = 1 << 31

// Begin readies s for rules.
func (s *Scope) Begin() {
	if s.names == nil {
		s.names = new(nameCache)
	}
}

// attribute returns the value of a contact's attribute, the unknown value if there
// is none. It must not be changed.
func (s *Scope) attribute(name unique.Handle[string], slot uint8) *repr.Value {
	if p := s.Rec.Profile; p != nil {
		if at := uint(s.names.attributes.at[slot]); at < uint(len(p.Attributes)) && p.Attributes[at].Name == name {
			return peek.Of(&p.Attributes[at].Value)
		}
	}
	return s.seekSlot(name, slot)
}

// seekSlot is attribute for one that is not where it was.
func (s *Scope) seekSlot(name unique.Handle[string], slot uint8) *repr.Value {
	p := &s.names.attributes
	return s.seekAttribute(name, &p.at[slot], p.gap(slot))
}

// attributeNamed is attribute by the text of the name, for templates.
func (s *Scope) attributeNamed(text string) *repr.Value {
	s.Begin()
	x := s.names.of(text)
	if p := s.Rec.Profile; p != nil {
		if at := uint(x.at); at < uint(len(p.Attributes)) && p.Attributes[at].Name == x.name {
			return peek.Of(&p.Attributes[at].Value)
		}
	}
	return s.seekAttribute(x.name, &x.at, &x.gap)
}

// seekAttribute is seekSlot for whatever remembers the place.
func (s *Scope) seekAttribute(name unique.Handle[string], place *uint32, gap *nameGap) *repr.Value {
	profile := s.Rec.Profile
	if profile == nil {
		return &s.names.absent
	}
	list, at := profile.Attributes, int(*place&^nowhere)
	if gap.still(*place, name, attributeName(list, at-1), attributeName(list, at)) {
		return &s.names.absent
	}
	for i := max(at-nearby, 0); i < min(at+nearby, len(list)); i++ {
		if list[i].Name == name {
			*place = uint32(i)
			return peek.Of(&list[i].Value)
		}
	}
	i := profile.Search(name.Value())
	if attributeName(list, i) != name {
		*place, *gap = nowhere|uint32(i), nameGap{name, attributeName(list, i-1), attributeName(list, i)}
		return &s.names.absent
	}
	*place = uint32(i)
	return peek.Of(&list[i].Value)
}

// stat returns what is counted of an event name, zeros for nothing. It must not
// be changed.
func (s *Scope) stat(name unique.Handle[string], slot uint8) *store.Stats {
	if at := uint(s.names.stats.at[slot]); at < uint(len(s.Rec.Stats)) && s.Rec.Stats[at].Name == name {
		return &s.Rec.Stats[at]
	}
	return s.seekStat(name, slot)
}

// seekStat is stat for one that is not where it was.
func (s *Scope) seekStat(name unique.Handle[string], slot uint8) *store.Stats {
	list, place, gap := s.Rec.Stats, &s.names.stats.at[slot], s.names.stats.gap(slot)
	at := int(*place &^ nowhere)
	if gap.still(*place, name, statName(list, at-1), statName(list, at)) {
		return &s.names.never
	}
	for i := max(at-nearby, 0); i < min(at+nearby, len(list)); i++ {
		if list[i].Name == name {
			*place = uint32(i)
			return &list[i]
		}
	}
	i := s.Rec.Search(name.Value())
	if statName(list, i) != name {
		*place, *gap = nowhere|uint32(i), nameGap{name, statName(list, i-1), statName(list, i)}
		return &s.names.never
	}
	*place = uint32(i)
	return &list[i]
}

// still reports whether the name is nowhere again; before and after are the
// neighbors there now.
func (g *nameGap) still(place uint32, name, before, after unique.Handle[string]) bool {
	return place >= nowhere && name == g.name && before == g.before && after == g.after
}

// attributeName returns the name at i, the zero handle beyond either end.
func attributeName(list []store.Attribute, i int) (name unique.Handle[string]) {
	if 0 <= i && i < len(list) {
		name = list[i].Name
	}
	return name
}

// statName is attributeName for statistics.
func statName(list []store.Stats, i int) (name unique.Handle[string]) {
	if 0 <= i && i < len(list) {
		name = list[i].Name
	}
	return name
}

// nearby is how far a name is looked for around its place before it is searched
// by its text: contacts mostly differ in a few names that some of them lack.
const nearby = 4
