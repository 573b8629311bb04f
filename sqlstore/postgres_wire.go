package sqlstore

import "encoding/binary"

// The statements that carry groups are executed with parameters that are put
// into the server's binary form here: arrays of a group's size pass without
// reflection and without a copy of each element.

// The types of parameters, as PostgreSQL numbers them.
const (
	oidBytea = 17
	oidInt8  = 20
	oidInt2  = 21
	oidText  = 25
	oidTID   = 27
	oidJSON  = 114

	oidJSONArray  = 199
	oidByteaArray = 1001
	oidInt2Array  = 1005
	oidTextArray  = 1009
	oidTIDArray   = 1010
	oidInt8Array  = 1016
)

// elementType returns the type of what is in an array of a type.
func elementType(array uint32) uint32 {
	switch array {
	case oidJSONArray:
		return oidJSON
	case oidByteaArray:
		return oidBytea
	case oidInt2Array:
		return oidInt2
	case oidTextArray:
		return oidText
	case oidTIDArray:
		return oidTID
	default:
		return oidInt8
	}
}

// An array is a parameter that is an array, in the making.
type array struct {
	data []byte
	n    int
}

const arrayHeader = 20

// reset makes it an empty array of elements of a type.
func (a *array) reset(element uint32) {
	a.n = 0
	a.data = binary.BigEndian.AppendUint32(a.data[:0], 1) // dimensions
	a.data = binary.BigEndian.AppendUint32(a.data, 0)     // no NULL in it
	a.data = binary.BigEndian.AppendUint32(a.data, element)
	a.data = binary.BigEndian.AppendUint32(a.data, 0) // elements: see value
	a.data = binary.BigEndian.AppendUint32(a.data, 1) // the index of the first
}

func (a *array) int8(v int64) {
	a.data = binary.BigEndian.AppendUint32(a.data, 8)
	a.data = binary.BigEndian.AppendUint64(a.data, uint64(v))
	a.n++
}

func (a *array) int2(v int16) {
	a.data = binary.BigEndian.AppendUint32(a.data, 2)
	a.data = binary.BigEndian.AppendUint16(a.data, uint16(v))
	a.n++
}

func (a *array) bytes(v []byte) {
	a.data = binary.BigEndian.AppendUint32(a.data, uint32(len(v)))
	a.data = append(a.data, v...)
	a.n++
}

func (a *array) text(v string) {
	a.data = binary.BigEndian.AppendUint32(a.data, uint32(len(v)))
	a.data = append(a.data, v...)
	a.n++
}

// build appends an element that is appended to dst by fn, and returns how long it is.
func (a *array) build(fn func(dst []byte) []byte) int {
	at := len(a.data)
	a.data = append(a.data, 0, 0, 0, 0)
	a.data = fn(a.data)
	size := len(a.data) - at - 4
	binary.BigEndian.PutUint32(a.data[at:], uint32(size))
	a.n++
	return size
}

// value returns the parameter.
func (a *array) value() []byte {
	binary.BigEndian.PutUint32(a.data[arrayHeader-8:], uint32(a.n))
	return a.data
}

// What comes back is in binary form too.

func wireInt2(data []byte) int16 { return int16(binary.BigEndian.Uint16(data)) }

func wireInt8(data []byte) int64 { return int64(binary.BigEndian.Uint64(data)) }
