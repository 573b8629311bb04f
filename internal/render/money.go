package render

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bojanz/currency"
	"golang.org/x/text/language"

	"github.com/beckon-go/beckon/internal/cldr"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/iso4217"
	"github.com/beckon-go/beckon/internal/repr"
)

// A moneyFilter shows monetary values in the manner of a locale, as CLDR has
// it. The decimals are those of ISO 4217 (M3), and every digit is exact. It is
// immutable: all that the locale decides is found when it is made.
type moneyFilter struct {
	usual   *moneyStyle
	english *moneyStyle       // of currencies that the locale writes as English does
	special []string          // the codes of those
	symbols map[string]string // by ISO 4217 code, where it is not the code itself
}

// A moneyStyle is how a locale writes an amount around its symbol.
type moneyStyle struct {
	digits        [10]string
	point, mark   string // the signs for decimals and groups
	group, groups int    // digits in the last group, and in those before it; 0: no groups
	least         int    // digits from which on there are groups

	positive, negative moneyPattern
}

// A moneyPattern is what stands around an amount; a currencySign in it stands
// for the symbol.
type moneyPattern struct{ before, after string }

const (
	currencySign = "¤"
	noBreakSpace = "\u00a0"
)

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
		return nil, fmt.Errorf("unknown locale %s", fault.Quote(locale))
	}
	in := cldr.Library(tag)
	differences := cldr.Of(tag)
	f := &moneyFilter{symbols: map[string]string{}}
	if differences.Style != nil {
		f.usual = readMoneyStyle(differences.Style)
	} else {
		f.usual = newMoneyStyle(in)
	}
	if tag.TypeForKey("va") == "posix" {
		f.usual.group = 0
	}
	if len(differences.English) > 0 {
		f.special, f.english = differences.English, newMoneyStyle(currency.Locale{Language: "en"})
	}
	for c := range iso4217.All() {
		symbol, ok := differences.Symbols[c.Code]
		if !ok {
			symbol, ok = currency.GetSymbol(c.Code, in)
		}
		if ok && symbol != c.Code {
			f.symbols[c.Code] = symbol
		}
	}
	return f, nil
}

// newMoneyStyle learns the style of a locale from amounts that the library
// writes in it.
func newMoneyStyle(in currency.Locale) *moneyStyle {
	formatter := currency.NewFormatter(in)
	formatter.SymbolMap["USD"] = currencySign
	write := func(number string, decimals uint8) string {
		formatter.MinDigits, formatter.MaxDigits = decimals, decimals
		amount, err := currency.NewAmount(number, "USD")
		if err != nil {
			return "" // all numbers here are written well
		}
		return formatter.Format(amount)
	}
	s := &moneyStyle{}
	before, after := aroundDigit(write("0", 0))
	s.positive = moneyPattern{before, after}
	inside := func(text string) string {
		return strings.TrimSuffix(strings.TrimPrefix(text, before), after)
	}
	for i := range s.digits {
		s.digits[i] = inside(write(strconv.Itoa(i), 0))
	}
	s.negative.before, s.negative.after, _ = strings.Cut(write("-1", 0), s.digits[1])
	half := inside(write("0.5", 1))
	s.point = strings.TrimSuffix(strings.TrimPrefix(half, s.digits[0]), s.digits[5])
	s.readGroups(inside(write("1111111111", 0)))
	for s.least = s.group + 1; s.group > 0 && !strings.Contains(inside(write(strings.Repeat("1", s.least), 0)), s.mark); {
		s.least++
	}
	return s
}

// readMoneyStyle makes a style of what CLDR says of a locale.
func readMoneyStyle(in *cldr.Style) *moneyStyle {
	s := &moneyStyle{point: in.Decimal, mark: in.Group}
	for i, r := range []rune(in.Digits)[:len(s.digits)] {
		s.digits[i] = string(r)
	}
	around := func(pattern string) (p moneyPattern, number string) {
		first, last := strings.IndexAny(pattern, "#0"), strings.LastIndexAny(pattern, "#0")+1
		sign := strings.NewReplacer("-", in.Minus)
		return moneyPattern{sign.Replace(pattern[:first]), sign.Replace(pattern[last:])}, pattern[first:last]
	}
	positive, negative, has := strings.Cut(in.Pattern, ";")
	if !has {
		negative = "-" + positive
	}
	var number string
	s.positive, number = around(positive)
	s.negative, _ = around(negative)
	whole, _, _ := strings.Cut(number, ".")
	if parts := strings.Split(whole, ","); len(parts) > 1 {
		s.group = len(parts[len(parts)-1])
		if s.groups = s.group; len(parts) > 2 {
			s.groups = len(parts[len(parts)-2])
		}
		s.least = s.group + in.Least
	}
	return s
}

// aroundDigit splits a text at its only digit.
func aroundDigit(text string) (before, after string) {
	i := max(strings.IndexFunc(text, unicode.IsDigit), 0)
	_, n := utf8.DecodeRuneInString(text[i:])
	return text[:i], text[i+n:]
}

// readGroups learns the grouping from a number of ten ones; without any, it
// stays as it is.
func (s *moneyStyle) readGroups(ones string) {
	one := s.digits[1]
	parts := strings.FieldsFunc(ones, func(r rune) bool { return string(r) != one })
	if len(parts) < 3 {
		return
	}
	s.groups = len(parts[len(parts)-2]) / len(one)
	s.group = len(parts[len(parts)-1]) / len(one)
	s.mark, _, _ = strings.Cut(ones[len(parts[0]):], one)
}

func (f *moneyFilter) apply(dst []byte, v repr.Value) ([]byte, bool) {
	code, ok := v.Currency()
	if !ok {
		return dst, false
	}
	symbol, ok := f.symbols[code]
	if !ok {
		symbol = code
	}
	s := f.usual
	if slices.Contains(f.special, code) {
		s = f.english
	}
	p := &s.positive
	if v.Num < 0 {
		p = &s.negative
	}
	dst = appendAround(dst, p.before, symbol)
	// Letters would run into the number, and so they would behind it.
	if strings.HasSuffix(p.before, currencySign) {
		if last, _ := utf8.DecodeLastRuneInString(symbol); unicode.IsLetter(last) {
			dst = append(dst, noBreakSpace...)
		}
	}
	dst = s.appendNumber(dst, v.Num, int(-v.Exp))
	if strings.HasPrefix(p.after, currencySign) {
		if first, _ := utf8.DecodeRuneInString(symbol); unicode.IsLetter(first) {
			dst = append(dst, noBreakSpace...)
		}
	}
	return appendAround(dst, p.after, symbol), true
}

// appendAround writes one side of a pattern.
func appendAround(dst []byte, side, symbol string) []byte {
	before, after, has := strings.Cut(side, currencySign)
	dst = append(dst, before...)
	if has {
		dst = append(dst, symbol...)
	}
	return append(dst, after...)
}

// appendNumber writes minor units without their sign, in major units.
func (s *moneyStyle) appendNumber(dst []byte, minor int64, decimals int) []byte {
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
			dst = append(dst, s.point...)
		}
		dst = append(dst, s.digits[d-'0']...)
		if left := whole - i - 1; left > 0 && whole >= s.least && s.groupEnds(left) {
			dst = append(dst, s.mark...)
		}
	}
	return dst
}

// groupEnds reports whether a group mark stands before the last n digits.
func (s *moneyStyle) groupEnds(n int) bool {
	return s.group > 0 && n >= s.group && (n-s.group)%s.groups == 0
}
