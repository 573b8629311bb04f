package tally

import (
	"encoding/binary"
	"math/big"
)

// A reader goes through what the appenders wrote. At the first thing that they cannot
// have written it is at its end: a store has checked what it keeps, so that only counts.
type reader struct {
	data string
	at   int
}

// more reports whether there is anything left.
func (r *reader) more() bool { return r.at < len(r.data) }

// fail ends the reading.
func (r *reader) fail() { r.at = len(r.data) + 1 }

// failed reports whether what was to be read was not there.
func (r *reader) failed() bool { return r.at > len(r.data) }

func (r *reader) uint() (n uint64) {
	for i := range binary.MaxVarintLen64 {
		if !r.more() {
			break
		}
		c := r.data[r.at]
		r.at++
		if c < 0x80 {
			return n | uint64(c)<<(7*i)
		}
		n |= uint64(c&0x7f) << (7 * i)
	}
	r.fail()
	return 0
}

func (r *reader) int() int64 {
	u := r.uint()
	return int64(u>>1) ^ -int64(u&1)
}

// text returns the next n bytes.
func (r *reader) text(n uint64) string {
	if r.failed() || n > uint64(len(r.data)-r.at) {
		r.fail()
		return ""
	}
	r.at += int(n)
	return r.data[r.at-int(n) : r.at]
}

// maxExponent is beyond the exponent of every value and every sum of them.
const maxExponent = 1 << 12

func (r *reader) number() Number {
	head := r.int()
	exp := head >> 1
	if exp < -maxExponent || exp > maxExponent {
		r.fail()
		return Number{}
	}
	if head&1 == 0 {
		return Number{coef: r.int(), exp: int32(exp)}
	}
	coef, ok := new(big.Int).SetString(r.text(r.uint()), 10)
	if !ok || coef.IsInt64() {
		r.fail()
		return Number{}
	}
	return Number{exp: int32(exp), long: coef}
}

// skipNumber is number without what it is.
func (r *reader) skipNumber() {
	if r.int()&1 == 0 {
		r.uint()
	} else {
		r.text(r.uint())
	}
}

// currency reads the code of a currency, empty for a plain number.
func (r *reader) currency() string {
	switch {
	case !r.more():
		r.fail()
		return ""
	case r.data[r.at] == 0:
		r.at++
		return ""
	}
	return r.text(3)
}
