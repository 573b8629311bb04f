package beckon

import (
	"encoding/binary"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	exact "github.com/beckon-go/beckon/internal/decimal"
)

// Equal reports whether two values are the same: of one kind, and equal in
// what they stand for. Numbers are equal by value (1, 1.0 and 10e-1), money by
// currency and amount, all text exactly. A number never equals the text of its
// digits. Unknown equals unknown.
func (v Value) Equal(w Value) bool {
	if v.kind != w.kind {
		return false
	}
	switch v.kind {
	case KindNumber:
		return compareNumbers(v, w) == 0
	case KindBool, KindDate:
		return v.num == w.num
	case KindMonetary:
		return v.num == w.num && sameCurrency(v, w)
	case KindRichLink:
		return v.url() == w.url() && v.title() == w.title()
	}
	return v.str == w.str
}

// sameCurrency compares the currencies of two monetary values, which may have
// been sent in different case.
func sameCurrency(v, w Value) bool {
	return v.str == w.str || currencyCode(v.str) == currencyCode(w.str)
}

// compareNumbers compares two numbers, exactly and without allocating: -1, 0
// or +1. It is a total order. Both must be numbers.
func compareNumbers(v, w Value) int {
	if v.flag&w.flag&flagSmall != 0 {
		return exact.CompareSmall(v.num, v.exp, w.num, w.exp)
	}
	var a, b [24]byte // a number without a literal is small, and fits
	switch {
	case v.str == "":
		return exact.Compare(exact.AppendSmall(a[:0], v.num, v.exp), w.str)
	case w.str == "":
		return exact.Compare(v.str, exact.AppendSmall(b[:0], w.num, w.exp))
	}
	return exact.Compare(v.str, w.str)
}

// conditionText returns what operators on text see (A4): a string, a link, an
// image or a Stripe identifier as it is, a rich link as its title.
func (v Value) conditionText() (string, bool) {
	switch v.kind {
	case KindString, KindLink, KindImage, KindStripe:
		return v.str, true
	case KindRichLink:
		return v.title(), true
	}
	return "", false
}

// conditionNumber returns what operators on numbers see (A4): a number as it
// is, money as its amount in major units.
func (v Value) conditionNumber() (Value, bool) {
	switch v.kind {
	case KindNumber:
		return v, true
	case KindMonetary:
		return Value{kind: KindNumber, flag: flagSmall, num: v.num, exp: v.exp}, true
	}
	return Value{}, false
}

// conditionDate returns what operators on dates see (A5), in Unix seconds: a
// date, a whole number of Unix seconds, RFC 3339 text with its fraction cut
// off, and a plain day, which is its first instant in loc; from the year 1 to
// 9999 as every date.
func (v Value) conditionDate(loc *time.Location) (sec int64, ok bool) {
	switch v.kind {
	case KindDate:
		return v.num, true
	case KindNumber:
		sec, ok = v.whole()
	case KindString:
		sec, ok = calendar.ParseDate(v.str, loc)
	}
	return sec, ok && calendar.MinDate <= sec && sec <= calendar.MaxDate
}

// whole returns a number as an int64, if it is a whole one.
func (v Value) whole() (int64, bool) {
	if v.exp == 0 && v.flag&flagSmall != 0 {
		return v.num, true
	}
	if v.str == "" {
		return 0, false
	}
	return exact.Whole(v.str)
}

// appendIdentity appends bytes that are the same for two values exactly if
// they are [Value.Equal], for hashing: they say where they end, so that the
// identities of several values may stand in a row.
func (v Value) appendIdentity(dst []byte) []byte {
	dst = append(dst, byte(v.kind))
	switch v.kind {
	case KindNumber:
		var buf [24]byte
		if v.str == "" {
			dst = exact.AppendCanonical(dst, exact.AppendSmall(buf[:0], v.num, v.exp))
		} else {
			dst = exact.AppendCanonical(dst, v.str)
		}
		return append(dst, 0)
	case KindBool, KindDate:
		return binary.BigEndian.AppendUint64(dst, uint64(v.num))
	case KindMonetary:
		dst = append(dst, currencyCode(v.str)...)
		return binary.BigEndian.AppendUint64(dst, uint64(v.num))
	case KindRichLink:
		dst = appendSized(dst, v.url())
		return appendSized(append(dst, 1), v.title())
	case KindList, kindInvalid:
		dst = binary.AppendUvarint(append(dst, 0), uint64(v.num))
		return append(dst, v.str...)
	}
	return append(appendSized(dst, v.str), 0)
}
