package calendar

import (
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
)

// ParseRFC3339 reads a time as the grammar of RFC 3339 has it, in which T and Z
// are of either case, and returns its Unix second: a fraction is cut off. It
// differs from time.Parse in what it refuses (one-digit hours, a comma, a space
// for T), and in that refusing allocates nothing: hostile text is judged by date
// operators, too.
func ParseRFC3339(s string) (sec int64, ok bool) {
	const form = "0000-00-00T00:00:00"
	if len(s) <= len(form) || !hasForm(s, form) {
		return 0, false
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	hour, minute, second := two(11), two(14), two(17)
	rest := s[len(form):]
	if rest[0] == '.' {
		i := 1
		for i < len(rest) && '0' <= rest[i] && rest[i] <= '9' {
			i++
		}
		if i == 1 {
			return 0, false
		}
		rest = rest[i:]
	}
	east := 0
	switch {
	case rest == "Z" || rest == "z":
	case len(rest) == len("+00:00") && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':':
		for _, i := range [...]int{1, 2, 4, 5} {
			if rest[i] < '0' || rest[i] > '9' {
				return 0, false
			}
		}
		hours, minutes := int(rest[1]-'0')*10+int(rest[2]-'0'), int(rest[4]-'0')*10+int(rest[5]-'0')
		if hours > 23 || minutes > 59 {
			return 0, false
		}
		if east = hours*3600 + minutes*60; rest[0] == '-' {
			east = -east
		}
	default:
		return 0, false
	}
	if hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	midnight, ok := ParseDay(s[:len("0000-00-00")])
	return midnight + int64(hour*3600+minute*60+second-east), ok
}

// ParseDay reads a plain day, ten ASCII characters, and returns the Unix second
// with which it begins in UTC. It allocates nothing.
func ParseDay(s string) (midnight int64, ok bool) {
	const form = "0000-00-00"
	if len(s) != len(form) || !hasForm(s, form) {
		return 0, false
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	year, month, day := two(0)*100+two(2), time.Month(two(5)), two(8)
	// A month or a day that does not exist would move the date on.
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if y, m, d := t.Date(); y != year || m != month || d != day {
		return 0, false
	}
	return t.Unix(), true
}

// WithoutZone says of a text that would be a time if it named a zone how to write
// it; empty for all other texts.
func WithoutZone(s string) string {
	if len(s) > fault.MaxQuoted {
		return ""
	}
	if _, ok := ParseRFC3339(s + "Z"); !ok {
		return ""
	}
	return "write " + s + "Z, or an offset such as +01:00 in place of Z"
}

// hasForm reports whether s begins as form does: digits where that has zeros,
// and else the same, letters in either case.
func hasForm(s, form string) bool {
	for i := range len(form) {
		c := s[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if '0' <= c && c <= '9' {
			c = '0'
		}
		if c != form[i] {
			return false
		}
	}
	return true
}

// ParseDate reads a text as operators on dates do (A5): RFC 3339, or a plain
// day, which is its first instant in loc; from the year 1 to 9999.
func ParseDate(s string, loc *time.Location) (sec int64, ok bool) {
	if midnight, plain := ParseDay(s); plain {
		if sec = midnight; loc != time.UTC {
			sec = FirstAt(midnight, loc)
		}
	} else if sec, ok = ParseRFC3339(s); !ok {
		return 0, false
	}
	return sec, MinDate <= sec && sec <= MaxDate
}

// minDate is the first second of the year 1, maxDate the last of the year 9999.
const (
	MinDate = -62135596800
	MaxDate = 253402300799
)

// ParseInstant reads RFC 3339 as its grammar has it, T and Z of either case.
// time.Parse is wider: it takes hours of one digit, a comma before the fraction
// and any offset.
func ParseInstant(text string) (time.Time, bool) {
	const date = len("2006-01-02T15:04:05")
	text = strings.ToUpper(text)
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || text[len("2006-01-02T15")] != ':' || text[date] == ',' {
		return time.Time{}, false
	}
	if offset := text[len(text)-len("+00:00"):]; text[len(text)-1] != 'Z' && (offset[1:3] > "23" || offset[4:] > "59") {
		return time.Time{}, false
	}
	return t, true
}
