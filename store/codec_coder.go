package store

import (
	"encoding/binary"
	"math"
	"time"
	"unique"

	"github.com/beckon-go/beckon/internal/intern"
)

// A coder writes values or reads them, by the same calls in the same order, so
// that the two directions cannot differ. While it writes it changes nothing
// that it is given a pointer to. After the first fault it reads zeros.
type coder struct {
	data    []byte      // writing: what was written
	body    string      // reading: all there is
	at      int         // up to here it was read
	version byte        // of the form
	kind    Kind        // of the key that the data is kept under; 0 if that is not known
	names   *nameTable  // may be nil
	rows    *rowMemory  // where rows come from; may be nil
	only    *Projection // reading a record: what is to be shown of it; nil: all
	form    *Form       // reading: where parts go; writing: what need not be made; may be nil
	reading bool
	err     error // reading only
}

func (c *coder) fail(what string) {
	if c.err == nil {
		c.err = corrupt(what)
	}
	c.at = len(c.body)
}

// writeUint writes a number that is mostly small.
func (c *coder) writeUint(n uint64) {
	if n < 0x80 { // nearly all of them: lengths, counts, flags
		c.data = append(c.data, byte(n))
		return
	}
	c.data = binary.AppendUvarint(c.data, n)
}

// readUint reads what writeUint wrote.
func (c *coder) readUint() uint64 {
	if c.at < len(c.body) && c.body[c.at] < 0x80 {
		c.at++
		return uint64(c.body[c.at-1])
	}
	return c.readLong()
}

// readLong is readUint for any number.
func (c *coder) readLong() (n uint64) {
	rest := c.body[c.at:]
	for i := range min(len(rest), binary.MaxVarintLen64) {
		b := rest[i]
		if b >= 0x80 {
			n |= uint64(b&0x7f) << (7 * i)
			continue
		}
		if i == binary.MaxVarintLen64-1 && b > 1 {
			break // over 64 bits
		}
		c.at += i + 1
		return n | uint64(b)<<(7*i)
	}
	c.fail("ends within a number")
	return 0
}

// writeInt writes a number that may be negative.
func (c *coder) writeInt(n int64) {
	c.writeUint(uint64(n<<1) ^ uint64(n>>63)) // zigzag: small for small negatives too
}

// readInt reads what writeInt wrote.
func (c *coder) readInt() int64 {
	u := c.readUint()
	return int64(u>>1) ^ -int64(u&1)
}

// readWithin is readInt for a narrow type; a number out of its range is a fault.
func (c *coder) readWithin(least, most int64) int64 {
	n := c.readInt()
	if n < least || n > most {
		c.fail("has a number out of its range")
		return 0
	}
	return n
}

func (c *coder) uint64(v *uint64) {
	if c.reading {
		*v = c.readUint()
		return
	}
	c.writeUint(*v)
}

func (c *coder) int64(v *int64) {
	if c.reading {
		*v = c.readInt()
		return
	}
	c.writeInt(*v)
}

func (c *coder) uint8(v *uint8) { c.upTo(v, math.MaxUint8) }

// upTo codes a small number that is at most so much.
func (c *coder) upTo(v *uint8, most uint8) {
	if c.reading {
		*v = uint8(c.readWithin(0, int64(most)))
		return
	}
	c.writeInt(int64(*v))
}

func (c *coder) uint32(v *uint32) {
	if c.reading {
		*v = uint32(c.readWithin(0, math.MaxUint32))
		return
	}
	c.writeInt(int64(*v))
}

func (c *coder) int32(v *int32) {
	if c.reading {
		*v = int32(c.readWithin(math.MinInt32, math.MaxInt32))
		return
	}
	c.writeInt(int64(*v))
}

func (c *coder) int(v *int) {
	if c.reading {
		*v = int(c.readWithin(math.MinInt, math.MaxInt))
		return
	}
	c.writeInt(int64(*v))
}

func (c *coder) bool(v *bool) {
	if c.reading {
		*v = c.readWithin(0, 1) == 1
		return
	}
	if *v {
		c.writeInt(1)
	} else {
		c.writeInt(0)
	}
}

// flags codes in one number what is so. Version 6 had the first alone.
func (c *coder) flags(list ...*bool) {
	if c.version < 7 {
		c.bool(list[0])
		return
	}
	if c.reading {
		n := c.readWithin(0, 1<<len(list)-1)
		for i, is := range list {
			*is = n&(1<<i) != 0
		}
		return
	}
	n := int64(0)
	for i, is := range list {
		if *is {
			n |= 1 << i
		}
	}
	c.writeInt(n)
}

// readLength reads the length of something whose elements take at
// least so many bytes, so that one that was made up is found at once.
func (c *coder) readLength(least int) int {
	n := c.readUint()
	if n > uint64(len(c.body)-c.at)/uint64(least) {
		c.fail("is cut short")
		return 0
	}
	return int(n)
}

// writeText writes a text behind its length.
func (c *coder) writeText(s string) {
	c.writeUint(uint64(len(s)))
	c.data = append(c.data, s...)
}

// readText reads a text, as a part of the one copy of all that is read.
func (c *coder) readText() string {
	n := c.readLength(1)
	s := c.body[c.at : c.at+n]
	c.at += n
	return s
}

func (c *coder) text(v *string) {
	if c.reading {
		*v = c.readText()
		return
	}
	c.writeText(*v)
}

// name codes an interned name; the zero handle is the empty name.
func (c *coder) name(v *unique.Handle[string]) {
	if !c.reading {
		c.writeText(intern.Text(*v))
		return
	}
	if s := c.readText(); s != "" {
		*v = c.names.get(s)
	}
}

// hash codes 16 bytes.
func (c *coder) hash(v *[16]byte) {
	switch {
	case !c.reading:
		c.data = append(c.data, v[:]...)
	case len(c.body)-c.at < len(v):
		c.fail("is cut short")
	default:
		c.at += copy(v[:], c.body[c.at:])
	}
}

// time codes an instant; it comes back in UTC.
func (c *coder) time(v *time.Time) {
	if !c.reading {
		c.writeInt(v.Unix())
		c.writeInt(int64(v.Nanosecond()))
		return
	}
	seconds := c.readInt()
	*v = time.Unix(seconds, c.readWithin(0, 999_999_999)).UTC()
}

// list codes a slice whose elements take at least so many bytes; an
// empty one comes back as nil.
func list[T any](c *coder, v *[]T, least int, code func(*coder, *T)) {
	if !c.reading {
		c.writeUint(uint64(len(*v)))
		for i := range *v {
			code(c, &(*v)[i])
		}
		return
	}
	n := c.readLength(least)
	if n == 0 {
		return
	}
	rows := rowsOf[T](c.rows, n) // readLength has seen that there is data for as many
	for i := range rows {
		code(c, &rows[i])
		if c.err != nil {
			return
		}
	}
	*v = rows
}

// optional codes what may be nil.
func optional[T any](c *coder, v **T, code func(*coder, *T)) {
	there := *v != nil
	c.bool(&there)
	if !there {
		return
	}
	if c.reading {
		*v = newOf[T](c.rows)
	}
	code(c, *v)
}
