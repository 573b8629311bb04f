package column

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// The JSON of the columns stats, event_names, attributes and companies. All
// text in it is escaped as Escape says.

// AppendText appends a text as a JSON string.
func AppendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if isPlain(s) {
		dst = append(dst, s...)
		return append(dst, '"')
	}
	for _, r := range Escape(s) { // what is not UTF-8 becomes U+FFFD
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ':
			const digits = "0123456789abcdef"
			dst = append(dst, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// isPlain reports whether JSON has a text unchanged. Nearly all do.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// AppendStats appends statistics as {"name":[count,first,last],…}.
func AppendStats(dst []byte, stats []store.Stats) []byte {
	dst = append(dst, '{')
	for i := range stats {
		s := &stats[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendText(dst, s.Name.Value())
		dst = append(dst, ':', '[')
		dst = strconv.AppendUint(dst, s.Count, 10)
		dst = append(dst, ',')
		dst = appendTime(dst, s.First)
		dst = append(dst, ',')
		dst = appendTime(dst, s.Last)
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

// appendTime appends a number of seconds. Between the years 2001 and 2286 it has ten digits,
// which are put down two by two.
func appendTime(dst []byte, n int64) []byte {
	if n < 1e9 || n >= 1e10 {
		return strconv.AppendInt(dst, n, 10)
	}
	high, low := uint32(n/1e8), uint32(n%1e8)
	a, b := low/1e4, low%1e4
	var t [10]byte
	for i, pair := range [5]uint32{high, a / 100, a % 100, b / 100, b % 100} {
		t[2*i], t[2*i+1] = byte('0'+pair/10), byte('0'+pair%10)
	}
	return append(dst, t[:]...)
}

// AppendNames appends the names of statistics as ["name",…].
func AppendNames(dst []byte, stats []store.Stats) []byte {
	dst = append(dst, '[')
	for i := range stats {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendText(dst, stats[i].Name.Value())
	}
	return append(dst, ']')
}

// AppendTexts appends texts as ["text",…].
func AppendTexts(dst []byte, texts []string) []byte {
	dst = append(dst, '[')
	for i, s := range texts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendText(dst, s)
	}
	return append(dst, ']')
}

// AppendAttributes appends attributes as {"name":value,…}: text, numbers,
// booleans and lists as such, dates as Unix seconds, what else there is as
// Value.MarshalJSON has it.
func AppendAttributes(dst []byte, attributes []store.Attribute) []byte {
	dst = append(dst, '{')
	for i := range attributes {
		a := &attributes[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = AppendText(dst, a.Name.Value())
		dst = append(dst, ':')
		switch a.Value.Kind() {
		case value.KindString:
			dst = AppendText(dst, a.Value.Text())
		case value.KindList:
			dst = AppendTexts(dst, a.Value.Texts())
		case value.KindNumber, value.KindBool: // there is no text in it
			dst, _ = peek.Of(&a.Value).AppendJSON(dst) // one of these kinds is never invalid
		default:
			text, err := a.Value.MarshalJSON()
			if err != nil {
				text = []byte("null") // state has the value; here it only is to be found
			}
			dst = appendEscaped(dst, text)
		}
	}
	return append(dst, '}')
}

// appendEscaped appends JSON with the text in it escaped as Escape says.
func appendEscaped(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i:]
		switch {
		case bytes.HasPrefix(text, []byte(`\u0000`)):
			dst, text = append(dst, `\u0001\u0001`...), text[6:]
		case bytes.HasPrefix(text, []byte(`\u0001`)):
			dst, text = append(dst, `\u0001\u0002`...), text[6:]
		default:
			dst, text = append(dst, text[:2]...), text[2:]
		}
	}
}
