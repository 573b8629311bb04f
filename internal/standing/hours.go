package standing

import (
	"fmt"
	"math"
	"time"

	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/hours"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/schedule"
	"github.com/beckon-go/beckon/store"
)

// Hours returns whether the hour is one for a message; nil if every hour is.
func Hours(p *plan.Plan, m *plan.Message, c hours.Contact, now int64) *explain.Hours {
	snoozed := c.Snoozed > now
	if m.Schedule == nil && len(m.Quiet) == 0 && !snoozed {
		return nil
	}
	shut := hours.At(m, c, now)
	h := &explain.Hours{Open: shut.Reason == plan.NotHeld, Reason: store.Reason(shut.Reason.Text())}
	if !h.Open {
		h.OpensAt = Instant(hours.Opens(m, c, now))
	}
	if snoozed {
		h.Snoozed = Instant(c.Snoozed)
	}
	if s := m.Schedule; s != nil {
		h.Schedule = scheduleOf(p, s, c.Zone, now)
	}
	for i := range m.Quiet {
		q := &m.Quiet[i]
		x := explain.Quiet{Windows: windows(q.Hours.Week), Drops: q.Drops}
		x.Zone = zoneOf(p, q.ZoneFor(c.Zone), q.ContactZone, c.Zone, q.Hours.Own, explain.ZoneOfQuiet, now)
		if x.Quiet, _ = schedule.QuietAt(m.Quiet[i:i+1], now, c.Zone); x.Quiet {
			ends, _ := schedule.QuietEnds(m.Quiet, now, c.Zone)
			x.Ends = Instant(ends)
		}
		h.Quiet = append(h.Quiet, x)
	}
	return h
}

func scheduleOf(p *plan.Plan, s *schedule.Schedule, contact *time.Location, now int64) *explain.Schedule {
	x := &explain.Schedule{Open: s.Open(now, contact), Holds: s.Hold, Windows: windows(s.Windows.Week), Office: windows(s.Office.Week)}
	if !x.Open {
		next, _ := s.NextOpen(now, contact)
		x.OpensAt = Instant(next)
	}
	if s.Start != math.MinInt64 {
		x.Start = time.UnixMilli(s.Start).UTC()
	}
	if s.Stop != math.MaxInt64 {
		x.Stop = time.UnixMilli(s.Stop).UTC()
	}
	if len(x.Windows) > 0 {
		z := zoneOf(p, s.ZoneFor(contact), s.ContactZone, contact, s.Windows.Own, explain.ZoneOfMessage, now)
		x.Zone = &z
	}
	if len(x.Office) > 0 {
		z := zoneOf(p, s.Office.Zone, false, nil, s.Office.Own, explain.ZoneOfOffice, now)
		x.InOffice = &z
	}
	return x
}

// zoneOf returns a zone, and where it came from: the contact's, if that is asked for and
// known, else that which is named with the hours, else the program's.
func zoneOf(p *plan.Plan, zone *time.Location, asked bool, contact *time.Location, own bool, named explain.ZoneSource, now int64) explain.Zone {
	z := explain.Zone{Name: zone.String(), Wanted: asked && contact == nil, Local: time.UnixMilli(now).In(zone)}
	switch {
	case asked && contact != nil:
		z.From = explain.ZoneOfContact
	case own:
		z.From = named
	case p.Zoned:
		z.From = explain.ZoneOfProgram
	default:
		z.From = explain.ZoneByDefault
	}
	return z
}

func windows(w schedule.Week) (list []explain.Window) {
	for _, s := range w {
		list = append(list, explain.Window{From: clock(s.From, false), To: clock(s.To, true)})
	}
	return list
}

// clock returns a second of the week as people write it. The end of a day is its 24:00.
func clock(sec int64, end bool) string {
	days := [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	day, rest := sec/calendar.DaySeconds, sec%calendar.DaySeconds
	if end && rest == 0 {
		day, rest = day-1, calendar.DaySeconds
	}
	return fmt.Sprintf("%s %02d:%02d", days[day%7], rest/3600, rest%3600/60)
}
