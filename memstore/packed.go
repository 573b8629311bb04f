package memstore

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
)

// A packed is a profile in short: of a contact, whose store.Profile and attributes
// would take some four times as much. It is never changed, only replaced.
type packed struct {
	created    int64
	lastCheck  int64
	companies  []string
	attributes string         // packed, see packAttributes
	rest       *store.Profile // all but what is in attributes, if the profile has more than the above; else nil
}

// A shown is the memory that a packed profile is unpacked into. It keeps what it has
// shown last, so that the same contact in the next step costs nothing.
type shown struct {
	of         *packed
	attributes string   // what profile.Attributes was unpacked from
	numbers    []uint32 // of the names of list
	list       []store.Attribute
	profile    store.Profile
}

// pack returns what is kept of a profile in a record of a kind. was is what the record
// had before, nil if nothing; to may show that.
func (s *Store) pack(kind store.Kind, p *store.Profile, was *packed, to *shown) *packed {
	if !kind.IsContact() {
		return &packed{rest: p} // there are few of them, and they are read all the time
	}
	q := &packed{created: p.Created, lastCheck: p.LastCheck, companies: p.Companies}
	fits := true
	if was != nil && to.attributes == was.attributes && sameAttributes(p.Attributes, to.list) {
		q.attributes = was.attributes
	} else {
		q.attributes, fits = s.attributes.packAttributes(p.Attributes, to)
	}
	if !fits || len(p.Unsubscribed)+len(p.Holds)+len(p.SeriesStates)+len(p.Goals)+len(p.Dates)+len(p.FreeSequences)+len(p.MergedFrom)+len(p.Aliases)+len(p.Matched) > 0 ||
		!p.Forward.IsZero() || !p.Moving.IsZero() || p.MoveWins || p.Generation != 0 || p.Merged != 0 {
		rest := *p
		if rest.Attributes = nil; !fits {
			rest.Attributes = slices.Clone(p.Attributes) // which may be in the memory of to
		}
		q.rest = &rest
	}
	return q
}

// sameAttributes reports whether two lists have the same attributes, held in the same way.
func sameAttributes(a, b []store.Attribute) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		v, w := peek.Of(&a[i].Value), peek.Of(&b[i].Value)
		if a[i].Name != b[i].Name || v.Kind != w.Kind || v.Flag != w.Flag || v.Exp != w.Exp || v.Num != w.Num || v.Str != w.Str {
			return false
		}
	}
	return true
}

// What stands in the third byte of a packed attribute, beside the kind of its value.
const (
	kindMask = 0x0f
	hasFlag  = 0x10 // repr.FlagSmall
	hasExp   = 0x20
	hasNum   = 0x40
	hasStr   = 0x80
)

// packAttributes returns the attributes in a row: how many there are, then each as two
// bytes for the number of its name, one for what follows, and the parts of its value
// that are not zero. It is empty if there are none, and false if one does not fit. Names are mostly those of to, in the same order.
func (n *names) packAttributes(list []store.Attribute, to *shown) (string, bool) {
	var buf [512]byte
	out := buf[:0]
	if len(list) > 0 {
		out = binary.AppendUvarint(out, uint64(len(list)))
	}
	known := to.list
	for i := range list {
		name, v := list[i].Name, peek.Of(&list[i].Value)
		var number uint32
		for len(known) > 0 && known[0].Name != name && i+len(known) > len(list) {
			known = known[1:] // it has left
		}
		if len(known) > 0 && known[0].Name == name {
			number, known = to.numbers[len(to.numbers)-len(known)], known[1:]
		} else {
			var ok bool
			if number, ok = n.number(name); !ok {
				return "", false
			}
		}
		if number > math.MaxUint16 || v.Kind > kindMask || v.Flag > repr.FlagSmall {
			return "", false
		}
		head := byte(v.Kind)
		if v.Flag != 0 {
			head |= hasFlag
		}
		if v.Exp != 0 {
			head |= hasExp
		}
		if v.Num != 0 {
			head |= hasNum
		}
		if v.Str != "" {
			head |= hasStr
		}
		out = append(out, byte(number), byte(number>>8), head)
		if v.Exp != 0 {
			out = binary.AppendVarint(out, int64(v.Exp))
		}
		if v.Num != 0 {
			out = binary.AppendVarint(out, v.Num)
		}
		if v.Str != "" {
			out = binary.AppendUvarint(out, uint64(len(v.Str)))
			out = append(out, v.Str...)
		}
	}
	return string(out), true
}

// unpack returns the profile, which may be nil. It may be in the memory of to, and is
// then good until that is used again, except for texts.
func (p *packed) unpack(n *names, to *shown) *store.Profile {
	switch {
	case p == nil:
		return nil
	case to.of == p:
		return &to.profile
	case p.rest != nil && p.attributes == "":
		return p.rest
	case p.rest != nil:
		to.profile = *p.rest
	default:
		to.profile = store.Profile{Created: p.created, LastCheck: p.lastCheck, Companies: p.companies}
	}
	if to.attributes != p.attributes {
		n.unpackAttributes(p.attributes, to)
	}
	to.profile.Attributes = slices.Clip(to.list)
	to.of = p
	return &to.profile
}

// unpackAttributes fills to.list.
func (n *names) unpackAttributes(row string, to *shown) {
	count, s := uint64(0), row
	if s != "" {
		count, s = cutUvarint(s)
	}
	handles := *n.list.Load()
	list := slices.Grow(to.list[:0], int(count))[:count]
	numbers := slices.Grow(to.numbers[:0], int(count))[:count]
	for i := range list {
		number, head := uint32(s[0])|uint32(s[1])<<8, s[2]
		s = s[3:]
		a, v := &list[i], peek.Of(&list[i].Value)
		a.Name, numbers[i] = handles[number], number
		v.Kind, v.Flag, v.Exp, v.Num = repr.Kind(head&kindMask), head&hasFlag/hasFlag, 0, 0
		if head&hasExp != 0 {
			var x int64
			x, s = cutVarint(s)
			v.Exp = int32(x)
		}
		if head&hasNum != 0 {
			v.Num, s = cutVarint(s)
		}
		if head&hasStr != 0 {
			var size uint64
			size, s = cutUvarint(s)
			v.Str, s = s[:size], s[size:]
		} else {
			v.Str = ""
		}
	}
	if len(list) < len(to.list) {
		clear(to.list[len(list):])
	}
	to.attributes, to.list, to.numbers = row, list, numbers
}

// cutUvarint returns the number that s begins with, and what follows it.
func cutUvarint(s string) (x uint64, rest string) {
	if s[0] < 0x80 {
		return uint64(s[0]), s[1:]
	}
	for i, shift := 0, 0; ; i, shift = i+1, shift+7 {
		x |= uint64(s[i]&0x7f) << shift
		if s[i] < 0x80 {
			return x, s[i+1:]
		}
	}
}

func cutVarint(s string) (int64, string) {
	x, rest := cutUvarint(s)
	return int64(x>>1) ^ -int64(x&1), rest
}
