package words

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
)

var (
	durationUnit = regexp.MustCompile(`([0-9]+)([wdhms])`)
	dayText      = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`)
	instantText  = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}:[0-9]{2}):([0-9]{2}(?:\.[0-9]+)?)(Z|[+-][0-9]{2}:[0-9]{2})$`)
)

// durationText reads the text of a duration; ok is false for another text.
func durationText(s string) (words string, ok bool) {
	d, err := beckon.ParseDuration(s)
	return durationWords(d), err == nil
}

// durationWords writes a duration in the units that it was written in: "1 day 12 hours".
// Its sign is for the sentence to say.
func durationWords(d beckon.Duration) string {
	var parts []string
	for _, m := range durationUnit.FindAllStringSubmatch(d.String(), -1) {
		unit := map[string]string{"w": "week", "d": "day", "h": "hour", "m": "minute", "s": "second"}[m[2]]
		parts = append(parts, plural(m[1], unit))
	}
	return strings.Join(parts, " ")
}

// spanWords says a duration behind "the last" or "the next": one hour is "hour".
func spanWords(duration string) string {
	if rest, one := strings.CutPrefix(duration, "1 "); one && !strings.Contains(rest, " ") {
		return rest
	}
	return duration
}

// plural writes a number of something.
func plural(n, unit string) string {
	if n == "1" {
		return "1 " + unit
	}
	return n + " " + unit + "s"
}

// dayWords writes the text of a day: "2 January 2026"; ok is false for another text.
func dayWords(s string) (words string, ok bool) {
	if !dayText.MatchString(s) {
		return "", false
	}
	t, err := time.Parse(time.DateOnly, s)
	return t.Format("2 January 2006"), err == nil
}

// instantWords writes the text of an instant: "2 January 2026 at 15:04 UTC", with seconds
// where it has any.
func instantWords(s string) (words string, ok bool) {
	m := instantText.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	day, ok := dayWords(m[1])
	if _, err := time.Parse(time.RFC3339Nano, s); !ok || err != nil {
		return "", false
	}
	at, zone := m[2], m[4]
	if m[3] != "00" {
		at += ":" + m[3]
	}
	if zone == "Z" {
		zone = "UTC"
	}
	return day + " at " + at + " " + zone, true
}

// timeWords writes an instant.
func timeWords(t time.Time) string {
	doc := t.Format(time.RFC3339Nano)
	if words, ok := instantWords(doc); ok {
		return words
	}
	return strconv.Quote(doc)
}

var dayNames = map[beckon.Weekday]string{ //nolint:gochecknoglobals // a table that nothing writes to
	"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}

var week = []beckon.Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} //nolint:gochecknoglobals // a table that nothing writes to

// daysWords writes the days of a window, in their order: "on Monday, Tuesday"; none is
// every day.
func daysWords(days []beckon.Weekday) string {
	if len(days) == 0 {
		return "every day"
	}
	if first := slices.Index(week, days[0]); len(days) > 2 && first >= 0 && first+len(days) <= len(week) && slices.Equal(days, week[first:first+len(days)]) {
		return "on " + dayNames[days[0]] + " to " + dayNames[days[len(days)-1]]
	}
	parts := make([]string, len(days))
	for i, d := range days {
		if parts[i] = dayNames[d]; parts[i] == "" {
			parts[i] = strconv.Quote(string(d))
		}
	}
	return "on " + strings.Join(parts, ", ")
}

// windowsWords writes windows: "on Saturday from 22:00 to 02:00 the next day, or on Sunday …".
func windowsWords(windows []beckon.Window) string {
	parts := make([]string, len(windows))
	for i, w := range windows {
		parts[i] = daysWords(w.Days) + " from " + clockWords(w.From) + " to " + clockWords(w.To)
		if w.To < w.From {
			parts[i] += " the next day"
		}
	}
	return strings.Join(parts, ", or ")
}

var clockText = regexp.MustCompile(`^[0-9]{2}:[0-9]{2}$`)

// clockWords writes a time of day.
func clockWords(t beckon.TimeOfDay) string {
	if clockText.MatchString(string(t)) {
		return string(t)
	}
	return strconv.Quote(string(t))
}
