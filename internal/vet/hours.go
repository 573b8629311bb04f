package vet

import (
	"slices"
	"strconv"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/schedule"
)

// hours looks at the windows of the workspace.
func (v *vetter) hours() {
	v.windows(v.program.Member("office_hours").Get("windows"), "office_hours.windows", v.root())
	each(v.program, "quiet_hours", func(q *ojson.Node, path string) { v.windows(q.Get("windows"), path+".windows", v.root()) })
}

// windows tells of a window that lies within the time of an earlier one, in part or whole.
func (v *vetter) windows(list *ojson.Node, path string, at owner) {
	if list == nil {
		return
	}
	var before []schedule.Span
	for i := range list.Items {
		spans := spansOf(&list.Items[i])
		if slices.ContainsFunc(spans, func(s schedule.Span) bool {
			return slices.ContainsFunc(before, func(b schedule.Span) bool { return s.From < b.To && b.From < s.To })
		}) {
			v.add(at, path+"["+strconv.Itoa(i)+"]", OverlappingWindows, "the window overlaps an earlier one", "join them")
		}
		before = append(before, spans...)
	}
}

// spansOf returns the seconds of the week in a window; what crosses the end of the week is
// two.
func spansOf(n *ojson.Node) (spans []schedule.Span) {
	const week = 7 * calendar.DaySeconds
	from, to := clock(text(n, "from")), clock(text(n, "to"))
	if to <= from {
		to += calendar.DaySeconds
	}
	days := []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	for day, name := range days {
		list := n.Get("days")
		if list != nil && len(list.Items) > 0 && !slices.ContainsFunc(list.Items, func(d ojson.Node) bool { return d.Text == name }) {
			continue
		}
		s := schedule.Span{From: int64(day)*calendar.DaySeconds + from, To: int64(day)*calendar.DaySeconds + to}
		if s.To > week {
			spans = append(spans, schedule.Span{From: 0, To: s.To - week})
			s.To = week
		}
		spans = append(spans, s)
	}
	return spans
}

// clock returns the seconds of a time of day that was checked.
func clock(text string) int64 {
	at, err := time.Parse("15:04", text)
	if err != nil {
		return calendar.DaySeconds // 24:00
	}
	return int64(at.Hour()*3600 + at.Minute()*60)
}

// closed says why a message's schedule never opens; empty if it does.
func (v *vetter) closed(n *ojson.Node) string {
	s := n.Get("schedule")
	if s == nil {
		return ""
	}
	begins := time.Unix(0, 0)
	later := func(text string) {
		if at, ok := calendar.ParseInstant(text); ok && at.After(begins) {
			begins = at
		}
	}
	later(text(n, "live_at"))
	stop, stops := calendar.ParseInstant(text(s, "stop"))
	if stops && !stop.After(begins) {
		return "it stops before it is live"
	}
	later(text(s, "start"))
	zone := func(names ...string) *time.Location {
		for _, name := range names {
			if loc, err := calendar.LoadZone(name); name != "" && err == nil {
				return loc
			}
		}
		return time.UTC
	}
	workspace := text(v.program, "timezone")
	c := schedule.Schedule{Start: begins.UnixMilli(), Stop: 253_402_300_799_999}
	if stops {
		c.Stop = stop.UnixMilli()
	}
	c.Windows = schedule.Hours{Zone: zone(text(s, "timezone"), workspace), Week: weekOf(s.Get("windows"))}
	if truth(s, "contact_timezone") { // some zone may open it
		c.Windows = schedule.Hours{Zone: time.UTC, Week: anywhere(c.Windows.Week)}
	}
	if office := s.Get("office_hours"); office != nil && office.Bool {
		hours := v.program.Member("office_hours")
		c.Office = schedule.Hours{Zone: zone(text(hours, "timezone"), workspace), Week: weekOf(hours.Get("windows"))}
	}
	if _, ok := c.NextOpen(c.Start, nil); !ok {
		if stops {
			return "its windows never open between its start and its stop"
		}
		return "its windows never meet the office hours"
	}
	return ""
}

func weekOf(list *ojson.Node) schedule.Week {
	if list == nil {
		return nil
	}
	var spans []schedule.Span
	for i := range list.Items {
		spans = append(spans, spansOf(&list.Items[i])...)
	}
	return schedule.NewWeek(spans)
}
