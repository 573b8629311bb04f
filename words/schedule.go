package words

import (
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/beckon-go/beckon"
)

// Schedule returns during what hours a message goes out, such as:
//
//	only on Saturday from 22:00 to 02:00 the next day in Europe/Dublin; outside of that it is dropped
//
// Without a schedule it is "at any time".
func Schedule(m beckon.Message) string { return scheduleWords(m.Schedule, modeOf(&m)) }

// scheduleWords writes a schedule; the mode is empty in a series.
func scheduleWords(s *beckon.Schedule, mode beckon.Mode) string {
	if s == nil {
		return "at any time"
	}
	var parts []string
	if !s.Start.IsZero() {
		parts = append(parts, "from "+timeWords(s.Start)+" on")
	}
	if !s.Stop.IsZero() {
		parts = append(parts, "before "+timeWords(s.Stop))
	}
	switch {
	case len(s.Windows) > 0:
		parts = append(parts, zoned(s.Windows, s.Timezone, s.ContactTimezone))
	case s.Timezone != "" || s.ContactTimezone:
		parts = append(parts, "at any hour"+zoneWords(s.Timezone, s.ContactTimezone))
	}
	if s.OfficeHours {
		parts = append(parts, "within the office hours")
	}
	words := "at any time"
	if len(parts) > 0 {
		words = "only " + strings.Join(parts, ", and ")
	}
	return words + "; outside of that " + outsideWords(s.Outside, mode)
}

// outsideWords says what becomes of a message that may not go out. (S2, S3)
func outsideWords(outside beckon.Outside, mode beckon.Mode) string {
	switch {
	case outside != "" && outside != beckon.OutsideDrop && outside != beckon.OutsideHold:
		return strconv.Quote(string(outside))
	case mode == "":
		return "the walk waits"
	case mode != beckon.Triggered:
		return "it waits for an occasion within"
	case outside == beckon.OutsideHold:
		return "it waits for the opening"
	}
	return "it is dropped"
}

// zoneWords says in which zone windows are.
func zoneWords(zone string, contact bool) string {
	of := "the time zone of the program"
	if zone != "" {
		of = zoneName(zone)
	}
	if contact {
		return " in the contact's own time zone (without one in " + of + ")"
	}
	return " in " + of
}

// zoneName writes the name of a zone.
func zoneName(zone string) string {
	if strings.Trim(zone, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-") == "" {
		return zone
	}
	return strconv.Quote(zone)
}

// officeWords writes the workspace's hours.
func officeWords(o *beckon.OfficeHours) string {
	switch {
	case o == nil:
		return "none"
	case len(o.Windows) == 0:
		return "no windows" + zoneWords(o.Timezone, false)
	}
	return zoned(o.Windows, o.Timezone, false)
}

// zoned writes windows and their zone.
func zoned(windows []beckon.Window, zone string, contact bool) string {
	if len(windows) > 1 {
		return windowsWords(windows) + "," + zoneWords(zone, contact)
	}
	return windowsWords(windows) + zoneWords(zone, contact)
}

// quietWords writes quiet hours.
func quietWords(q *beckon.QuietHours) string {
	channels := "on the channels email, push, sms"
	if len(q.Channels) > 0 {
		channels = onChannels(q.Channels)
	}
	then := "waits"
	switch q.Then {
	case beckon.OutsideHold, "":
	case beckon.OutsideDrop:
		then = "is dropped"
	default:
		then = strconv.Quote(string(q.Then))
	}
	return zoned(q.Windows, q.Timezone, q.ContactTimezone) + ", " + channels + "; what is not transactional " + then
}

// onChannels lists channels.
func onChannels(channels []beckon.Channel) string {
	parts := make([]string, len(channels))
	for i, c := range channels {
		parts[i] = channelWords(c)
	}
	if len(parts) == 1 {
		return "on the channel " + parts[0]
	}
	return "on the channels " + strings.Join(parts, ", ")
}

// channelWords names a channel.
func channelWords(c beckon.Channel) string {
	switch {
	case c == "":
		return string(beckon.Chat)
	case c == beckon.ProductTour:
		return "product tour"
	case plainName.MatchString(string(c)):
		return string(c)
	}
	return strconv.Quote(string(c))
}

// shareWords writes a share as a percentage.
func shareWords(share float64) string {
	if share-share != 0 { // NaN, infinite
		return strconv.FormatFloat(share, 'g', -1, 64)
	}
	return decimal.NewFromFloat(share).Shift(2).String() + "%"
}
