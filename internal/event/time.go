package event

import (
	"strconv"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/decimal"
)

// unixSeconds reads a JSON number, however it is written, as whole seconds up
// to the year 9999, or says what is wrong with it. Zero is the caller's to
// judge.
func unixSeconds(literal string) (sec int64, message string) {
	if n, exp, ok := decimal.Plain(literal); ok && exp == 0 && n > 0 && n <= calendar.MaxDate {
		return n, ""
	}
	switch decimal.Sign(literal) {
	case 0:
		return 0, ""
	case -1:
		return 0, "must not be negative"
	}
	sec, ok := decimal.Whole(literal)
	switch {
	case !ok:
		return 0, "must be whole Unix seconds up to the year 9999"
	case sec > calendar.MaxDate:
		return 0, "must be whole Unix seconds" + calendar.LooksLike(sec)
	}
	return sec, ""
}

// createdAtFault judges Unix seconds by E5, "" if they are fine.
func createdAtFault(sec int64, now time.Time) string {
	message := ""
	switch {
	case sec < 0:
		message = "must not lie before 1970"
	case sec > calendar.MaxDate:
		message = "must be whole Unix seconds" + calendar.LooksLike(sec)
	case !now.IsZero() && sec > now.Unix()+maxAhead:
		message = "must not lie more than 24 hours ahead"
	default:
		return ""
	}
	return message + ", got " + strconv.FormatInt(sec, 10)
}

// maxAhead is how far in the future an event may lie, for clocks that
// disagree (E5).
const maxAhead = 24 * 60 * 60 // seconds

// Seconds returns an event's own time in Unix seconds, and whether it has one
// or means now (E5).
func Seconds(t time.Time) (seconds int64, given bool) {
	if t.IsZero() {
		return 0, false
	}
	seconds = t.Unix()
	return seconds, seconds != 0
}
