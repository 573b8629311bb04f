package beckon

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"time"
	"unique"
)

// The codes of data that cannot be decoded.
const (
	ErrDataCorrupt Code = "data_corrupt" // cut short, changed, or never encoded here
	ErrDataVersion Code = "data_version" // written by a newer version of this package
)

// dataVersion is the first byte of what is encoded. A change of the form takes
// the next number, and the decoder goes on reading the older ones.
const dataVersion = 1

// AppendRecord appends r in its persisted form to dst: a version, every field
// of r, a checksum. Equal records have equal forms. Stores and exports use it;
// it is read by [DecodeRecord], of this version of the package or a later one.
// It only reads r.
//
// Times are kept as instants and come back in UTC; an empty slice or map comes
// back as nil.
func AppendRecord(dst []byte, r *Record) []byte {
	return appendData(dst, r, codeRecord)
}

// DecodeRecord gives the record that AppendRecord wrote as data, which it does
// not keep. Anything else is an [*Error] with the code ErrDataCorrupt or
// ErrDataVersion. The memory it takes is bounded by len(data), times a
// constant.
func DecodeRecord(data []byte) (*Record, error) {
	r := new(Record)
	if err := decodeData(data, r, codeRecord); err != nil {
		return nil, err
	}
	return r, nil
}

// AppendLoggedEvent appends e in its persisted form to dst, as AppendRecord
// does for records.
func AppendLoggedEvent(dst []byte, e *LoggedEvent) []byte {
	return appendData(dst, e, codeLoggedEvent)
}

// DecodeLoggedEvent gives the event that AppendLoggedEvent wrote as data, as
// DecodeRecord does for records.
func DecodeLoggedEvent(data []byte) (LoggedEvent, error) {
	var e LoggedEvent
	if err := decodeData(data, &e, codeLoggedEvent); err != nil {
		return LoggedEvent{}, err
	}
	return e, nil
}

const checksumSize = 4

// checksum finds what was changed by accident; it is no signature. MakeTable
// makes this table only once.
func checksum(data []byte) uint32 {
	return crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
}

func appendData[T any](dst []byte, v *T, code func(*coder, *T)) []byte {
	start := len(dst)
	c := coder{data: append(dst, dataVersion)}
	code(&c, v)
	return binary.LittleEndian.AppendUint32(c.data, checksum(c.data[start:]))
}

func decodeData[T any](data []byte, v *T, code func(*coder, *T)) error {
	if len(data) <= checksumSize {
		return corrupt("is too short")
	}
	// The version comes first: a newer one may have another checksum.
	if data[0] > dataVersion {
		return &Error{Code: ErrDataVersion, Message: fmt.Sprintf("stored data has version %d; this package reads up to %d", data[0], dataVersion)}
	}
	body, sum := data[:len(data)-checksumSize], data[len(data)-checksumSize:]
	if checksum(body) != binary.LittleEndian.Uint32(sum) || body[0] != dataVersion {
		return corrupt("does not match its checksum")
	}
	c := coder{data: body[1:], reading: true}
	code(&c, v)
	if c.err == nil && len(c.data) > 0 {
		c.fail("goes on after its end")
	}
	return c.err
}

func corrupt(what string) error {
	return &Error{Code: ErrDataCorrupt, Message: "stored data " + what}
}

// A coder writes values or reads them, by the same calls in the same order, so
// that the two directions cannot differ. While it writes it changes nothing
// that it is given a pointer to. After the first fault it reads zeros.
type coder struct {
	data    []byte // what was written, or what is left to read
	reading bool
	err     error // reading only
}

func (c *coder) fail(what string) {
	if c.err == nil {
		c.err = corrupt(what)
	}
	c.data = nil
}

// uint64 codes a number that is mostly small.
func (c *coder) uint64(v *uint64) {
	if !c.reading {
		if *v < 0x80 { // nearly all of them: lengths, counts, flags
			c.data = append(c.data, byte(*v))
			return
		}
		c.data = binary.AppendUvarint(c.data, *v)
		return
	}
	if len(c.data) > 0 && c.data[0] < 0x80 {
		*v, c.data = uint64(c.data[0]), c.data[1:]
		return
	}
	n, size := binary.Uvarint(c.data)
	if size <= 0 {
		c.fail("ends within a number")
		return
	}
	*v, c.data = n, c.data[size:]
}

// int64 codes a number that may be negative.
func (c *coder) int64(v *int64) {
	u := uint64(*v<<1) ^ uint64(*v>>63) // zigzag: small for small negatives too
	c.uint64(&u)
	if c.reading {
		*v = int64(u>>1) ^ -int64(u&1)
	}
}

// small codes a number of a narrow type; reading, one over limit is a fault.
func small[T ~uint8 | ~uint32 | ~int32 | ~int](c *coder, v *T, least, most int64) {
	n := int64(*v)
	c.int64(&n)
	if !c.reading {
		return
	}
	if n < least || n > most {
		c.fail("has a number out of its range")
		return
	}
	*v = T(n)
}

func (c *coder) uint8(v *uint8)   { small(c, v, 0, math.MaxUint8) }
func (c *coder) uint32(v *uint32) { small(c, v, 0, math.MaxUint32) }
func (c *coder) int32(v *int32)   { small(c, v, math.MinInt32, math.MaxInt32) }
func (c *coder) int(v *int)       { small(c, v, math.MinInt, math.MaxInt) }

func (c *coder) bool(v *bool) {
	var n uint8
	if *v {
		n = 1
	}
	small(c, &n, 0, 1)
	if c.reading {
		*v = n == 1
	}
}

// length codes the length of something of which each element takes at least
// one byte, so that one that was made up is found at once.
func (c *coder) length(n int) int {
	u := uint64(n)
	c.uint64(&u)
	if c.reading && u > uint64(len(c.data)) {
		c.fail("is cut short")
		return 0
	}
	return int(u)
}

// text codes a string of any type.
func text[T ~string](c *coder, v *T) {
	n := c.length(len(*v))
	if !c.reading {
		c.data = append(c.data, *v...)
		return
	}
	*v, c.data = T(c.data[:n]), c.data[n:]
}

// name codes an interned name; the zero handle is the empty name.
func (c *coder) name(v *unique.Handle[string]) {
	var s string
	if !c.reading {
		s = nameText(*v)
	}
	text(c, &s)
	if c.reading && s != "" {
		*v = unique.Make(s)
	}
}

// hash codes 16 bytes.
func (c *coder) hash(v *[16]byte) {
	switch {
	case !c.reading:
		c.data = append(c.data, v[:]...)
	case len(c.data) < len(v):
		c.fail("is cut short")
	default:
		c.data = c.data[copy(v[:], c.data):]
	}
}

// time codes an instant; it comes back in UTC.
func (c *coder) time(v *time.Time) {
	seconds, nanos := v.Unix(), int64(v.Nanosecond())
	c.int64(&seconds)
	c.int64(&nanos)
	if !c.reading {
		return
	}
	if nanos < 0 || nanos > 999_999_999 {
		c.fail("has a number out of its range")
		return
	}
	*v = time.Unix(seconds, nanos).UTC()
}

// list codes a slice; an empty one comes back as nil.
func list[T any](c *coder, v *[]T, code func(*coder, *T)) {
	n := c.length(len(*v))
	if !c.reading {
		for i := range *v {
			code(c, &(*v)[i])
		}
		return
	}
	if n == 0 {
		return
	}
	// A length alone may not ask for much: nearly all that stands in lists
	// takes four bytes and more.
	*v = make([]T, 0, min(n, len(c.data)/4+1))
	for range n {
		var zero T
		*v = append(*v, zero) // read in its place: elsewhere each row would be allocated
		code(c, &(*v)[len(*v)-1])
		if c.err != nil {
			return
		}
	}
}

// optional codes what may be nil.
func optional[T any](c *coder, v **T, code func(*coder, *T)) {
	there := *v != nil
	c.bool(&there)
	if !there {
		return
	}
	if c.reading {
		*v = new(T)
	}
	code(c, *v)
}
