package repr

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
	if v.Kind != w.Kind {
		return false
	}
	switch v.Kind {
	case KindNumber:
		return CompareNumbers(v, w) == 0
	case KindBool, KindDate:
		return v.Num == w.Num
	case KindMonetary:
		return v.Num == w.Num && SameCurrency(v, w)
	case KindRichLink:
		return v.RawURL() == w.RawURL() && v.RawTitle() == w.RawTitle()
	}
	return v.Str == w.Str
}

// SameCurrency compares the currencies of two monetary values, which may have
// been sent in different case.
func SameCurrency(v, w Value) bool {
	return v.Str == w.Str || CurrencyCode(v.Str) == CurrencyCode(w.Str)
}

// CompareNumbers compares two numbers, exactly and without allocating: -1, 0
// or +1. It is a total order. Both must be numbers.
func CompareNumbers(v, w Value) int {
	if v.Flag&w.Flag&FlagSmall != 0 {
		return exact.CompareSmall(v.Num, v.Exp, w.Num, w.Exp)
	}
	var a, b [24]byte // a number without a literal is small, and fits
	switch {
	case v.Str == "":
		return exact.Compare(exact.AppendSmall(a[:0], v.Num, v.Exp), w.Str)
	case w.Str == "":
		return exact.Compare(v.Str, exact.AppendSmall(b[:0], w.Num, w.Exp))
	}
	return exact.Compare(v.Str, w.Str)
}

// ConditionText returns what operators on text see (A4): a string, a link, an
// image or a Stripe identifier as it is, a rich link as its title.
func (v Value) ConditionText() (string, bool) {
	switch v.Kind {
	case KindString, KindLink, KindImage, KindStripe:
		return v.Str, true
	case KindRichLink:
		return v.RawTitle(), true
	}
	return "", false
}

// ConditionNumber returns what operators on numbers see (A4): a number as it
// is, money as its amount in major units.
func (v Value) ConditionNumber() (Value, bool) {
	switch v.Kind {
	case KindNumber:
		return v, true
	case KindMonetary:
		return Value{Kind: KindNumber, Flag: FlagSmall, Num: v.Num, Exp: v.Exp}, true
	}
	return Value{}, false
}

// ConditionDate returns what operators on dates see (A5), in Unix seconds: a
// date, a whole number of Unix seconds, RFC 3339 text with its fraction cut
// off, and a plain day, which is its first instant in loc; from the year 1 to
// 9999 as every date.
func (v Value) ConditionDate(loc *time.Location) (sec int64, ok bool) {
	switch v.Kind {
	case KindDate:
		return v.Num, true
	case KindNumber:
		sec, ok = v.Whole()
	case KindString:
		sec, ok = calendar.ParseDate(v.Str, loc)
	}
	return sec, ok && calendar.MinDate <= sec && sec <= calendar.MaxDate
}

// Whole returns a number as an int64, if it is a whole one.
func (v Value) Whole() (int64, bool) {
	if v.Exp == 0 && v.Flag&FlagSmall != 0 {
		return v.Num, true
	}
	if v.Str == "" {
		return 0, false
	}
	return exact.Whole(v.Str)
}

// AppendIdentity appends bytes that are the same for two values exactly if
// they are [Value.Equal], for hashing: they say where they end, so that the
// identities of several values may stand in a row.
func (v Value) AppendIdentity(dst []byte) []byte {
	dst = append(dst, byte(v.Kind))
	switch v.Kind {
	case KindNumber:
		var buf [24]byte
		if v.Str == "" {
			dst = exact.AppendCanonical(dst, exact.AppendSmall(buf[:0], v.Num, v.Exp))
		} else {
			dst = exact.AppendCanonical(dst, v.Str)
		}
		return append(dst, 0)
	case KindBool, KindDate:
		return binary.BigEndian.AppendUint64(dst, uint64(v.Num))
	case KindMonetary:
		dst = append(dst, CurrencyCode(v.Str)...)
		return binary.BigEndian.AppendUint64(dst, uint64(v.Num))
	case KindRichLink:
		dst = appendSized(dst, v.RawURL())
		return appendSized(append(dst, 1), v.RawTitle())
	case KindList, KindInvalid:
		dst = binary.AppendUvarint(append(dst, 0), uint64(v.Num))
		return append(dst, v.Str...)
	}
	return append(appendSized(dst, v.Str), 0)
}
