package beckon

import (
	"strconv"

	exact "github.com/beckon-go/beckon/internal/decimal"
)

// Text returns the plain form of the value (R4): a string and a number as sent,
// true or false, a date as its Unix seconds, a link and an image as their URL,
// a rich link as "title (URL)", a Stripe identifier as it is, money as
// "349.99 EUR", a list joined by ", ". Unknown and invalid values have none.
func (v Value) Text() string {
	switch v.kind {
	case KindString, KindLink, KindImage, KindStripe:
		return v.str
	case KindNumber:
		if v.str != "" {
			return v.str
		}
	}
	return string(v.appendText(nil))
}

// appendText appends what Text gives, without allocating.
func (v Value) appendText(dst []byte) []byte {
	switch v.kind {
	case KindString, KindLink, KindImage, KindStripe:
		return append(dst, v.str...)
	case KindNumber:
		if v.str != "" {
			return append(dst, v.str...)
		}
		return exact.AppendSmall(dst, v.num, v.exp)
	case KindBool:
		return strconv.AppendBool(dst, v.num != 0)
	case KindDate:
		return strconv.AppendInt(dst, v.num, 10)
	case KindRichLink:
		dst = append(dst, v.title()...)
		dst = append(dst, " ("...)
		dst = append(dst, v.url()...)
		return append(dst, ')')
	case KindMonetary:
		dst = exact.AppendSmall(dst, v.num, v.exp)
		dst = append(dst, ' ')
		return append(dst, currencyCode(v.str)...)
	case KindList:
		for row := v.str; row != ""; {
			var s string
			s, row = cutText(row)
			dst = append(dst, s...)
			if row != "" {
				dst = append(dst, ", "...)
			}
		}
	}
	return dst
}

// String returns the plain form, as Text does, so that a value printed with
// package fmt reads well; an invalid one says that it is.
func (v Value) String() string {
	if v.kind == kindInvalid {
		code, _ := v.fault()
		return "!(" + string(code) + ")"
	}
	return v.Text()
}
