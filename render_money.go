package beckon

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/beckon-go/beckon/internal/iso4217"
)

// A moneyFilter shows monetary values in the manner of a locale: its digits,
// separators and grouping, its symbol of the currency and the side it stands
// on. The decimals are those of ISO 4217 (M3), and every digit is exact.
// It is immutable: all that the locale decides is found when it is made.
type moneyFilter struct {
	digits             [10]string
	minus, point, mark string            // the signs for minus, decimals and groups
	group, groups      int               // digits in the last group, and in those before it
	symbols            map[string]string // by ISO 4217 code, where it is not the code itself
	before             bool              // the symbol stands before the number
	space              bool              // a no-break space stands between
}

func newMoneyFilter(args []string) (filter, error) {
	locale := "en-US"
	switch len(args) {
	case 0:
	case 1:
		locale = args[0]
	default:
		return nil, errors.New(`money takes at most one locale: money: "en-US"`)
	}
	tag, err := language.Parse(locale)
	if err != nil || tag == language.Und {
		return nil, fmt.Errorf("unknown locale %s", quoteInput(locale))
	}
	p := message.NewPrinter(tag)
	f := &moneyFilter{symbols: map[string]string{}}
	for i := range f.digits {
		f.digits[i] = p.Sprint(number.Decimal(i))
	}
	f.minus = strings.TrimSuffix(p.Sprint(number.Decimal(-1)), f.digits[1])
	half := p.Sprint(number.Decimal(0.5, number.Scale(1)))
	f.point = strings.TrimSuffix(strings.TrimPrefix(half, f.digits[0]), f.digits[5])
	f.readGroups(p.Sprint(number.Decimal(1111111111)))
	for c := range iso4217.All() {
		// A code that the locale data lacks shows as the code.
		if unit, err := currency.ParseISO(c.Code); err == nil {
			if symbol := p.Sprint(currency.Symbol(unit)); symbol != c.Code {
				f.symbols[c.Code] = symbol
			}
		}
	}
	f.before, f.space = symbolSide(tag)
	return f, nil
}

// readGroups learns the grouping from a number of ten ones; without any, it
// stays as it is.
func (f *moneyFilter) readGroups(ones string) {
	one := f.digits[1]
	parts := strings.FieldsFunc(ones, func(r rune) bool { return string(r) != one })
	if len(parts) < 3 {
		return
	}
	f.groups = len(parts[len(parts)-2]) / len(one)
	f.group = len(parts[len(parts)-1]) / len(one)
	f.mark, _, _ = strings.Cut(ones[len(parts[0]):], one)
}

// symbolSide says on which side of a number a language writes the symbol of a
// currency, and whether a space stands between.
func symbolSide(tag language.Tag) (before, space bool) {
	base, _ := tag.Base()
	region, _ := tag.Region()
	switch lang := base.String(); lang {
	case "en", "zh", "ja", "ko", "hi", "th", "tr", "ta", "te", "kn", "ml", "mr", "gu", "fil", "cy", "ga", "mt", "zu", "am", "af":
		return true, false
	case "nl", "id", "ms", "sw", "pa", "ar", "ur":
		return true, true
	case "pt":
		return region.String() == "BR", true
	case "de", "it":
		return slices.Contains([]string{"AT", "CH", "LI"}, region.String()), true
	case "es":
		return slices.Contains([]string{"MX", "US", "CO", "CL", "PE", "EC", "GT", "PR", "419"}, region.String()), region.String() == "ES"
	}
	return false, true
}

func (f *moneyFilter) apply(dst []byte, v Value) ([]byte, bool) {
	code, ok := v.Currency()
	if !ok {
		return dst, false
	}
	symbol, ok := f.symbols[code]
	if !ok {
		symbol = code
	}
	const noBreakSpace = "\u00a0"
	if v.num < 0 {
		dst = append(dst, f.minus...)
	}
	if f.before {
		dst = append(dst, symbol...)
		// Letters would run into the number.
		if last, _ := utf8.DecodeLastRuneInString(symbol); f.space || unicode.IsLetter(last) {
			dst = append(dst, noBreakSpace...)
		}
		return f.appendNumber(dst, v.num, int(-v.exp)), true
	}
	dst = f.appendNumber(dst, v.num, int(-v.exp))
	dst = append(dst, noBreakSpace...)
	return append(dst, symbol...), true
}

// appendNumber writes minor units without their sign, in major units.
func (f *moneyFilter) appendNumber(dst []byte, minor int64, decimals int) []byte {
	magnitude := uint64(minor)
	if minor < 0 {
		magnitude = -magnitude
	}
	var buf [32]byte
	digits := strconv.AppendUint(buf[:0], magnitude, 10)
	whole := len(digits) - decimals
	for i := min(0, whole-1); i < len(digits); i++ {
		d := byte('0') // in front of the first digit: 5 cents are 0.05
		if i >= 0 {
			d = digits[i]
		}
		if i == whole && decimals > 0 {
			dst = append(dst, f.point...)
		}
		dst = append(dst, f.digits[d-'0']...)
		if left := whole - i - 1; left > 0 && f.groupEnds(left) {
			dst = append(dst, f.mark...)
		}
	}
	return dst
}

// groupEnds reports whether a group mark stands before the last n digits.
func (f *moneyFilter) groupEnds(n int) bool {
	return f.group > 0 && n >= f.group && (n-f.group)%f.groups == 0
}
