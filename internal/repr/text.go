package repr

import (
	"strconv"

	exact "github.com/beckon-go/beckon/internal/decimal"
)

// Text returns the plain form of the value (R4): a string and a number as sent,
// true or false, a date as its Unix seconds, a link and an image as their URL,
// a rich link as "title (URL)", a Stripe identifier as it is, money as
// "349.99 EUR", a list joined by ", ". Unknown and invalid values have none.
func (v Value) Text() string {
	switch v.Kind {
	case KindString, KindLink, KindImage, KindStripe:
		return v.Str
	case KindNumber:
		if v.Str != "" {
			return v.Str
		}
	}
	return string(v.AppendText(nil))
}

// AppendText appends what Text returns, without allocating.
func (v Value) AppendText(dst []byte) []byte {
	switch v.Kind {
	case KindString, KindLink, KindImage, KindStripe:
		return append(dst, v.Str...)
	case KindNumber:
		if v.Str != "" {
			return append(dst, v.Str...)
		}
		return exact.AppendSmall(dst, v.Num, v.Exp)
	case KindBool:
		return strconv.AppendBool(dst, v.Num != 0)
	case KindDate:
		return strconv.AppendInt(dst, v.Num, 10)
	case KindRichLink:
		dst = append(dst, v.RawTitle()...)
		dst = append(dst, " ("...)
		dst = append(dst, v.RawURL()...)
		return append(dst, ')')
	case KindMonetary:
		dst = exact.AppendSmall(dst, v.Num, v.Exp)
		dst = append(dst, ' ')
		return append(dst, CurrencyCode(v.Str)...)
	case KindList:
		for row := v.Str; row != ""; {
			var s string
			s, row = CutText(row)
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
	if v.Kind == KindInvalid {
		code, _ := v.Fault()
		return "!(" + string(code) + ")"
	}
	return v.Text()
}
