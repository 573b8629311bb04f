package fuzz

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
)

// open wants an instant within the schedule, and outside of quiet hours (S1, S4).
func (w *witness) open(m *beckon.Message, at time.Time, c *beckon.Contact) error {
	if s := m.Schedule; s != nil {
		switch {
		case !s.Start.IsZero() && at.Before(s.Start):
			return fmt.Errorf("it starts at %s", s.Start)
		case !s.Stop.IsZero() && !at.Before(s.Stop):
			return fmt.Errorf("it has stopped at %s", s.Stop)
		case len(s.Windows) > 0 && !within(s.Windows, at, w.zone(s.Timezone, s.ContactTimezone, c)):
			return fmt.Errorf("%s is outside its windows", at.In(w.zone(s.Timezone, s.ContactTimezone, c)))
		case s.OfficeHours && w.program.OfficeHours != nil && !within(w.program.OfficeHours.Windows, at, w.zone(w.program.OfficeHours.Timezone, false, c)):
			return fmt.Errorf("%s is outside office hours", at.In(w.zone(w.program.OfficeHours.Timezone, false, c)))
		}
	}
	if m.Transactional {
		return nil
	}
	for i := range w.program.QuietHours {
		q := &w.program.QuietHours[i]
		channels := q.Channels
		if len(channels) == 0 {
			channels = []beckon.Channel{beckon.Email, beckon.Push, beckon.SMS}
		}
		if zone := w.zone(q.Timezone, q.ContactTimezone, c); slices.Contains(channels, m.Channel) && within(q.Windows, at, zone) {
			return fmt.Errorf("%s is in quiet hours", at.In(zone))
		}
	}
	return nil
}

// wanted wants a contact who is not snoozed and has not refused the message (S4, D11).
func wanted(m *beckon.Message, at time.Time, c *beckon.Contact) error {
	if m.Transactional {
		return nil
	}
	if at.Before(c.SnoozedUntil) {
		return fmt.Errorf("the contact is snoozed until %s", c.SnoozedUntil)
	}
	for _, from := range c.Unsubscribed {
		channel, tag, tagged := strings.Cut(from, ":")
		if channel == string(m.Channel) && (!tagged || slices.Contains(m.Tags, tag)) {
			return fmt.Errorf("the contact has unsubscribed from %s", from)
		}
	}
	return nil
}

// zone returns the zone in which windows count.
func (w *witness) zone(name string, own bool, c *beckon.Contact) *time.Location {
	names := []string{name, w.program.Timezone}
	if own {
		names = []string{c.Timezone, name, w.program.Timezone}
	}
	for _, n := range names {
		if n == "" {
			continue
		}
		if zone, err := time.LoadLocation(n); err == nil {
			return zone
		}
	}
	return time.UTC
}

// within reports whether the clock on the wall is within one of the windows. One whose end
// comes before its beginning runs past midnight.
func within(windows []beckon.Window, at time.Time, zone *time.Location) bool {
	local := at.In(zone)
	clock := beckon.TimeOfDay(local.Format("15:04"))
	day := func(days int) beckon.Weekday {
		return beckon.Weekday(strings.ToLower(local.AddDate(0, 0, days).Weekday().String()[:3]))
	}
	for _, w := range windows {
		on := func(d beckon.Weekday) bool { return len(w.Days) == 0 || slices.Contains(w.Days, d) }
		if w.From < w.To {
			if on(day(0)) && w.From <= clock && clock < w.To {
				return true
			}
			continue
		}
		if on(day(0)) && clock >= w.From || on(day(-1)) && clock < w.To {
			return true
		}
	}
	return false
}
