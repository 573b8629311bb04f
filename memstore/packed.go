package memstore

import (
	"encoding/binary"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A row is a profile in a text, which takes about a seventh of the memory: when the
// contact was created and checked, its companies and its attributes, with the numbers of
// their names. Like every text it is never changed, so the texts of a profile that is
// made from it are parts of it.
type row string

// What stands in the byte behind the number of an attribute's name: the kind of its
// value, and which of its parts follow. The others are zero.
const (
	kindMask = 0x0f
	hasFlag  = 0x10 // repr.FlagSmall; nothing follows
	hasExp   = 0x20
	hasNum   = 0x40
	hasStr   = 0x80
)

// A follower knows which name stood behind which in the profile before: mostly it does
// again. Names whose numbers end in the same byte share a place.
type follower [256]uint16

// packProfile returns a profile as a row, and what is in no row: a profile without what the row
// has, or nil if there is no more. It is not ok if an attribute does not fit.
func (n *names) packProfile(p *store.Profile, next *follower) (_ row, rest *store.Profile, ok bool) {
	var buf [512]byte
	out := binary.AppendVarint(buf[:0], p.Created)
	out = binary.AppendVarint(out, p.LastCheck)
	out = binary.AppendUvarint(out, uint64(len(p.Companies)))
	for _, c := range p.Companies {
		out = appendText(out, c)
	}
	out = binary.AppendUvarint(out, uint64(len(p.Attributes)))
	handles, before := *n.list.Load(), uint32(0)
	for i := range p.Attributes {
		name, v := p.Attributes[i].Name, peek.Of(&p.Attributes[i].Value)
		number := uint32(next[before%256])
		if int(number) >= len(handles) || handles[number] != name {
			if number, ok = n.number(name); !ok {
				return "", nil, false
			}
			next[before%256] = uint16(number) // below maxNames
		}
		before = number
		if v.Kind > kindMask || v.Flag > repr.FlagSmall {
			return "", nil, false
		}
		out = appendValue(binary.AppendUvarint(out, uint64(number)), v)
	}
	return row(out), restOf(p), true
}

// restOf returns what of a profile is in no row; nil if there is nothing.
func restOf(p *store.Profile) *store.Profile {
	if len(p.Unsubscribed)+len(p.Holds)+len(p.SeriesStates)+len(p.Goals)+len(p.Dates)+len(p.FreeSequences)+len(p.MergedFrom)+len(p.Aliases)+len(p.Matched) == 0 &&
		p.Forward.IsZero() && p.Moving.IsZero() && p.Generation == 0 && p.Merged == 0 && p.Rare == nil {
		return nil
	}
	rest := *p
	rest.Created, rest.LastCheck, rest.Companies, rest.Attributes = 0, 0, nil, nil
	return &rest
}

// appendText appends a text with its length in front.
func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

func appendValue(dst []byte, v *repr.Value) []byte {
	head := byte(v.Kind) | v.Flag*hasFlag
	if v.Exp != 0 {
		head |= hasExp
	}
	if v.Num != 0 {
		head |= hasNum
	}
	if v.Str != "" {
		head |= hasStr
	}
	dst = append(dst, head)
	if v.Exp != 0 {
		dst = binary.AppendVarint(dst, int64(v.Exp))
	}
	if v.Num != 0 {
		dst = binary.AppendVarint(dst, v.Num)
	}
	if v.Str != "" {
		dst = appendText(dst, v.Str)
	}
	return dst
}

// unpackProfile makes the profile of a row and its rest again, in memory that nothing else has
// or will have: who is shown it may keep it.
func (n *names) unpackProfile(s row, rest *store.Profile) *store.Profile {
	fresh := new(struct {
		profile   store.Profile
		companies [1]string
	})
	p := &fresh.profile
	if rest != nil {
		*p = *rest
	}
	p.Created, s = s.cutVarint()
	p.LastCheck, s = s.cutVarint()
	count, s := s.cutUvarint()
	if count == 1 {
		p.Companies = fresh.companies[:]
	} else if count > 0 {
		p.Companies = make([]string, count)
	}
	for i := range p.Companies {
		p.Companies[i], s = s.cutText()
	}
	if count, s = s.cutUvarint(); count == 0 {
		return p
	}
	p.Attributes = make([]store.Attribute, count)
	handles := *n.list.Load()
	for i := range p.Attributes {
		a := &p.Attributes[i]
		var number uint64
		number, s = s.cutUvarint()
		a.Name = handles[number]
		s = s.cutValue(&a.Value)
	}
	return p
}

// cutUvarint returns the number that s begins with, and what follows it.
func (s row) cutUvarint() (uint64, row) {
	if s[0] < 0x80 {
		return uint64(s[0]), s[1:]
	}
	return s.cutLong()
}

func (s row) cutLong() (x uint64, _ row) {
	for i, shift := 0, 0; ; i, shift = i+1, shift+7 {
		x |= uint64(s[i]&0x7f) << shift
		if s[i] < 0x80 {
			return x, s[i+1:]
		}
	}
}

func (s row) cutVarint() (int64, row) {
	x, s := s.cutUvarint()
	return int64(x>>1) ^ -int64(x&1), s
}

// cutValue fills v with what appendValue appended.
func (s row) cutValue(v *value.Value) row {
	to, head := peek.Of(v), s[0]
	s = s[1:]
	to.Kind, to.Flag = repr.Kind(head&kindMask), head&hasFlag/hasFlag
	if head&hasExp != 0 {
		var exp int64
		exp, s = s.cutVarint()
		to.Exp = int32(exp)
	}
	if head&hasNum != 0 {
		to.Num, s = s.cutVarint()
	}
	if head&hasStr != 0 {
		to.Str, s = s.cutText()
	}
	return s
}

func (s row) cutText() (string, row) {
	size, s := s.cutUvarint()
	return string(s[:size]), s[size:]
}
