package repr

import (
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/weburl"
)

// typedText makes a string, or a link or an image if the text is a URL (M3). A
// text that only resembles one stays text.
func typedText(s string) Value {
	if !mayBeURL(s) || weburl.Check(s) != weburl.OK {
		return String(s)
	}
	if weburl.ImagePath(s) {
		return Value{Kind: KindImage, Str: s}
	}
	return Value{Kind: KindLink, Str: s}
}

// mayBeURL tells most text by its first letters.
func mayBeURL(s string) bool { return len(s) > 2 && s[0]|0x20 == 'h' && s[1]|0x20 == 't' }

// suspiciousURL reports whether an accepted URL deserves a warning.
func suspiciousURL(url string) bool { return weburl.Suspicious(url) }

// DateOfNumber makes a date of a number of whole Unix seconds (M3).
func DateOfNumber(v Value) Value {
	sec, ok := v.Whole()
	switch {
	case !ok:
		return Invalid(fault.ErrMetadataDateInvalid, "must be whole Unix seconds, got "+fault.Quote(v.Text()))
	case sec < calendar.MinDate:
		return Invalid(fault.ErrMetadataDateInvalid, "must not lie before the year 1, got "+fault.Quote(v.Text()))
	case sec > calendar.MaxDate:
		message := "must not lie after the year 9999, got " + fault.Quote(v.Text())
		if sec/1000 <= calendar.MaxDate {
			message += "; this looks like milliseconds"
		}
		return Invalid(fault.ErrMetadataDateInvalid, message)
	}
	return Value{Kind: KindDate, Num: sec, Str: v.Str}
}
