package memstore

import (
	"encoding/binary"
	"math"
	"unique"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// What an event in a log has, besides its numbers. What it has not takes no place.
const (
	eventImported  = 1 << iota // Import
	eventHasID                 // EventID
	eventHasRare               // CompanyID and Source
	eventHasPage               // Page
	eventHasFields             // Metadata, which may be empty
)

const _ = uint(kindMask - repr.KindInvalid) // each kind of a value has room in its head

// sizeOf returns how many bytes an event takes at most.
func sizeOf(e *store.LoggedEvent) int {
	const numbers = 4*frame + 7*binary.MaxVarintLen64 + 1
	n := numbers + len(textOf(e.Name)) + len(e.EventID) + len(e.CompanyID) + len(e.Source) + 3*binary.MaxVarintLen32
	if e.Page != nil {
		n += binary.MaxVarintLen32 + len(e.Page.URL) + sizeOfValue(&e.Page.Seconds)
	}
	for i := range e.Metadata {
		n += binary.MaxVarintLen32 + len(e.Metadata[i].Key) + sizeOfValue(&e.Metadata[i].Value)
	}
	return n
}

func sizeOfValue(v *value.Value) int {
	return 1 + binary.MaxVarintLen32 + binary.MaxVarintLen64 + binary.MaxVarintLen32 + len(peek.Of(v).Str)
}

// textOf returns a name as a text; that of the zero Handle is empty.
func textOf(name unique.Handle[string]) string {
	if name == (unique.Handle[string]{}) {
		return ""
	}
	return name.Value()
}

// appendEvent packs an event, without a mark.
func appendEvent(dst []byte, n *names, guess uint32, e *store.LoggedEvent) []byte {
	begin := len(dst)
	dst = binary.LittleEndian.AppendUint32(append(dst, 0, 0, 0, 0), second(e.At))
	dst = binary.AppendUvarint(dst, e.Seq)
	if !isExact(second(e.At)) {
		dst = binary.AppendVarint(dst, e.At)
	}
	dst = binary.AppendVarint(dst, e.Arrived-e.At*1000)
	if number, ok := n.numberOf(e.Name, guess); ok {
		dst = binary.AppendUvarint(dst, uint64(number)+1)
	} else {
		dst = appendText(append(dst, 0), textOf(e.Name))
	}
	at := len(dst)
	dst = append(dst, 0)
	if e.Import {
		dst[at] |= eventImported
	}
	if e.EventID != "" {
		dst[at] |= eventHasID
		dst = appendText(dst, e.EventID)
	}
	if e.CompanyID != "" || e.Source != "" {
		dst[at] |= eventHasRare
		dst = appendText(appendText(dst, e.CompanyID), string(e.Source))
	}
	if e.Page != nil {
		dst[at] |= eventHasPage
		dst = appendValue(appendText(dst, e.Page.URL), peek.Of(&e.Page.Seconds))
	}
	if e.Metadata != nil {
		dst[at] |= eventHasFields
		dst = binary.AppendUvarint(dst, uint64(len(e.Metadata)))
		for i := range e.Metadata {
			dst = appendValue(appendText(dst, e.Metadata[i].Key), peek.Of(&e.Metadata[i].Value))
		}
	}
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0)
	size := uint32(len(dst) - begin)
	binary.LittleEndian.PutUint32(dst[begin:], size)
	binary.LittleEndian.PutUint32(dst[len(dst)-frame:], size)
	return dst
}

// secondAt returns when the packed event was that data begins with, as far as second says.
func secondAt(data []byte) uint32 { return binary.LittleEndian.Uint32(data[frame:]) }

// isExact reports whether what second returned says it all.
func isExact(second uint32) bool { return second != 0 && second != math.MaxUint32 }

// placeOf returns what the packed event that data begins with is sorted by.
func placeOf(data []byte) (seq uint64, at int64) {
	seq, size := binary.Uvarint(data[2*frame:])
	second := secondAt(data)
	if !isExact(second) {
		at, _ = binary.Varint(data[2*frame+size:])
		return seq, at
	}
	return seq, int64(second)
}

// isBefore reports whether the packed event that data begins with is before a time and number.
func isBefore(data []byte, at int64, seq uint64) bool {
	if has, want := secondAt(data), second(at); has != want {
		return has < want
	}
	number, when := placeOf(data)
	return when < at || when == at && number < seq
}

// unpackEvent makes an event again, in memory of its own.
func unpackEvent(n *names, data []byte) (e store.LoggedEvent) {
	s := row(data[2*frame : len(data)-2*frame])
	e.Seq, s = s.cutUvarint()
	if at := secondAt(data); isExact(at) {
		e.At = int64(at)
	} else {
		e.At, s = s.cutVarint()
	}
	e.Arrived, s = s.cutVarint()
	e.Arrived += e.At * 1000
	number, s := s.cutUvarint()
	if number > 0 {
		e.Name = (*n.list.Load())[number-1]
	} else {
		var name string
		name, s = s.cutText()
		e.Name = unique.Make(name)
	}
	has := s[0]
	s = s[1:]
	e.Import = has&eventImported != 0
	if has&eventHasID != 0 {
		e.EventID, s = s.cutText()
	}
	if has&eventHasRare != 0 {
		var source string
		e.CompanyID, s = s.cutText()
		source, s = s.cutText()
		e.Source = store.Source(source)
	}
	if has&eventHasPage != 0 {
		e.Page = new(store.Page)
		e.Page.URL, s = s.cutText()
		s = s.cutValue(&e.Page.Seconds)
	}
	if has&eventHasFields != 0 {
		var count uint64
		count, s = s.cutUvarint()
		e.Metadata = make(value.Fields, count)
		for i := range e.Metadata {
			e.Metadata[i].Key, s = s.cutText()
			s = s.cutValue(&e.Metadata[i].Value)
		}
	}
	return e
}
