package beckon

import (
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/plan"
	"github.com/beckon-go/beckon/internal/schedule"
)

// Outside says what becomes of a triggered message outside its windows, or of any in quiet
// hours. (S2, S4)
type Outside string

// The policies. The zero Outside of a [Schedule] is OutsideDrop.
const (
	OutsideDrop Outside = "drop" // nothing waits
	OutsideHold Outside = "hold" // waits for the opening, and Due sends it
)

// A Schedule is during what hours a message may go out. All parts must hold; a zero
// part, and a nil Schedule, is always open. Windows follow the wall clock and
// daylight saving, see docs/time.md. Zones are those of [time.LoadLocation], except
// "Local". Faults are an unknown Timezone or Outside, a Stop not after Start, and
// OfficeHours where the program has none. (S1)
type Schedule struct {
	Start           time.Time `json:"start,omitzero"`            // included; zero: no start
	Stop            time.Time `json:"stop,omitzero"`             // excluded; zero: no stop
	Timezone        string    `json:"timezone,omitzero"`         // IANA zone of the windows; empty is the workspace's
	ContactTimezone bool      `json:"contact_timezone,omitzero"` // windows in the contact's own zone; in Timezone for those without one
	OfficeHours     bool      `json:"office_hours,omitzero"`     // within the workspace's office hours too
	Windows         []Window  `json:"windows,omitzero"`          // none: always
	Outside         Outside   `json:"outside,omitzero"`          // of triggered messages; others wait for a visit or sweep inside (S3)
}

// UnmarshalJSON reads a schedule, as [ParseProgram] does.
func (s *Schedule) UnmarshalJSON(data []byte) error { return unmarshalPart(data, s, (*shape).schedule) }

// OfficeHours are the workspace's windows, at least one, in their own zone.
type OfficeHours struct {
	Timezone string   `json:"timezone,omitzero"` // IANA zone; empty is the workspace's
	Windows  []Window `json:"windows,omitzero"`
}

// UnmarshalJSON reads office hours, as [ParseProgram] does.
func (o *OfficeHours) UnmarshalJSON(data []byte) error {
	return unmarshalPart(data, o, (*shape).officeHours)
}

// QuietHours are windows in which messages on some channels, unless they are Transactional,
// are held quiet until the first instant at which none applies to the channel. Due sends what
// is triggered or a one-off, a visit or a sweep what is ongoing, a walk stays at its message.
// One that drops prevails. (S4)
type QuietHours struct {
	Channels        []Channel `json:"channels,omitzero"`         // none: email, push and SMS
	Timezone        string    `json:"timezone,omitzero"`         // IANA zone; empty is the workspace's
	ContactTimezone bool      `json:"contact_timezone,omitzero"` // in the contact's own zone; in Timezone for those without one
	Windows         []Window  `json:"windows,omitzero"`          // one at least
	Then            Outside   `json:"then,omitzero"`             // zero is OutsideHold
}

// UnmarshalJSON reads quiet hours, as [ParseProgram] does.
func (q *QuietHours) UnmarshalJSON(data []byte) error {
	return unmarshalPart(data, q, (*shape).quietHours)
}

// A Window is a span of days by the wall clock, From included, To not. To before From crosses
// midnight; its day is the first. Equal is a fault. (S1)
type Window struct {
	Days []Weekday `json:"days,omitzero"` // none: every day
	From TimeOfDay `json:"from,omitzero"`
	To   TimeOfDay `json:"to,omitzero"`
}

// UnmarshalJSON reads a window, as [ParseProgram] does.
func (w *Window) UnmarshalJSON(data []byte) error { return unmarshalPart(data, w, (*shape).window) }

// A Weekday is "mon", "tue", "wed", "thu", "fri", "sat" or "sun".
type Weekday string

// A TimeOfDay is "HH:MM" on the wall clock. "24:00" can only end a window.
type TimeOfDay string

// weekday numbers the days as hours count them; ok is false for no day.
func (d Weekday) number() (n int64, ok bool) {
	i := slices.Index([]Weekday{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, d)
	return int64(i), i >= 0
}

// seconds returns the seconds from midnight, 24:00 included; ok is false for
// what is not written HH:MM.
func (t TimeOfDay) seconds() (n int64, ok bool) {
	if len(t) != 5 || t[2] != ':' {
		return 0, false
	}
	for _, i := range [...]int{0, 1, 3, 4} {
		if t[i] < '0' || t[i] > '9' {
			return 0, false
		}
	}
	hour := int64(t[0]-'0')*10 + int64(t[1]-'0')
	minute := int64(t[3]-'0')*10 + int64(t[4]-'0')
	n = hour*3600 + minute*60
	return n, minute < 60 && n <= calendar.DaySeconds
}

// compileWindows makes hours of windows, which path names, and reports every
// fault in them.
func compileWindows(windows []Window, path string, faults *fault.List) schedule.Week {
	var spans []schedule.Span
	for i, w := range windows {
		at := path + "[" + strconv.Itoa(i) + "]"
		from, fromOK := w.From.seconds()
		if !fromOK {
			faults.Fault(at+".from", fault.Quote(string(w.From))+" is not a time of day: write it as 09:00")
		} else if from == calendar.DaySeconds {
			faults.Fault(at+".from", "a window cannot begin at 24:00: write 00:00 and name the next day")
		}
		to, toOK := w.To.seconds()
		if !toOK {
			faults.Fault(at+".to", fault.Quote(string(w.To))+" is not a time of day: write it as 17:00, up to 24:00")
		}
		if fromOK && toOK && from == to {
			faults.Fault(at+".to", "a window cannot end when it begins: the whole day is 00:00 to 24:00")
		}
		if to <= from {
			to += calendar.DaySeconds // crosses midnight: the day named is the day it begins
		}
		days := make([]int64, 0, 7)
		for j, d := range w.Days {
			n, ok := d.number()
			if !ok {
				faults.Fault(at+".days["+strconv.Itoa(j)+"]", fault.Quote(string(d))+" is not a day: write mon, tue, wed, thu, fri, sat or sun")
				continue
			}
			days = append(days, n)
		}
		if len(w.Days) == 0 {
			days = append(days, 0, 1, 2, 3, 4, 5, 6)
		}
		for _, n := range days {
			spans = append(spans, schedule.Span{From: n*calendar.DaySeconds + from, To: n*calendar.DaySeconds + to})
		}
	}
	return schedule.NewWeek(spans)
}

// A scheduleCompiler compiles the schedules of one program: all of them share
// the zones and the office hours.
type scheduleCompiler struct {
	workspace *time.Location
	office    *schedule.Hours // nil: the program has none
	zones     map[string]*time.Location
}

// newScheduleCompiler takes the office hours, nil for none, that path names.
// Faults in them are reported here, once.
func newScheduleCompiler(office *OfficeHours, workspace *time.Location, path string, faults *fault.List) *scheduleCompiler {
	c := &scheduleCompiler{workspace: workspace, zones: map[string]*time.Location{workspace.String(): workspace}}
	if office == nil {
		return c
	}
	if len(office.Windows) == 0 {
		faults.Fault(path+".windows", "office hours need a window")
	}
	loc := c.zone(office.Timezone, path, faults)
	c.office = &schedule.Hours{Week: compileWindows(office.Windows, path+".windows", faults), Zone: loc, Own: office.Timezone != ""}
	return c
}

// zone returns the zone of that name; the workspace's for none, and for one
// that is unknown, which is a fault.
func (c *scheduleCompiler) zone(name, path string, faults *fault.List) *time.Location {
	if name == "" {
		return c.workspace
	}
	loc, known := c.zones[name]
	if !known {
		var err error
		if loc, err = calendar.LoadZone(name); err != nil {
			loc = nil
		}
		c.zones[name] = loc
	}
	if loc == nil {
		faults.Fault(path+".timezone", calendar.ZoneFault(name))
		return c.workspace
	}
	return loc
}

// compile makes a schedule ready, and reports every fault in it by its path.
// Of a nil schedule it makes nil, which is always open.
func (c *scheduleCompiler) compile(s *Schedule, path string, faults *fault.List) *schedule.Schedule {
	if s == nil {
		return nil
	}
	out := &schedule.Schedule{Start: math.MinInt64, Stop: math.MaxInt64, ContactZone: s.ContactTimezone}
	if !s.Start.IsZero() {
		out.Start = boundary(s.Start, path+".start", faults)
	}
	if !s.Stop.IsZero() {
		out.Stop = boundary(s.Stop, path+".stop", faults)
	}
	if !s.Start.IsZero() && !s.Stop.IsZero() && !s.Start.Before(s.Stop) {
		faults.Fault(path+".stop", "the stop must come after the start")
	}
	out.Windows.Zone = c.zone(s.Timezone, path, faults)
	out.Windows.Own = s.Timezone != ""
	out.Windows.Week = compileWindows(s.Windows, path+".windows", faults)
	if s.OfficeHours {
		if c.office == nil {
			faults.Fault(path+".office_hours", "the program has no office hours")
		} else {
			out.Office = *c.office
		}
	}
	switch s.Outside {
	case OutsideHold:
		out.Hold = true
	case OutsideDrop, "":
	default:
		faults.Fault(path+".outside", fault.Quote(string(s.Outside))+" is not a policy: write drop or hold")
	}
	return out
}

// quiet makes quiet hours ready, and reports every fault in them by path.
func (c *scheduleCompiler) quiet(list []QuietHours, path string, faults *fault.List) []plan.QuietHours {
	out := make([]plan.QuietHours, 0, len(list))
	for i := range list {
		q, at := &list[i], path+"["+strconv.Itoa(i)+"]"
		for j, channel := range q.Channels {
			if message := channelFault(channel); message != "" {
				faults.Fault(at+".channels["+strconv.Itoa(j)+"]", message)
			} else if !KnownChannel(channel) {
				faults.Fault(at+".channels["+strconv.Itoa(j)+"]", channelUnknown(channel))
			}
		}
		if len(q.Windows) == 0 {
			faults.Fault(at+".windows", "quiet hours need a window")
		}
		switch q.Then {
		case OutsideHold, OutsideDrop, "":
		default:
			faults.Fault(at+".then", fault.Quote(string(q.Then))+" is not a policy: write hold or drop")
		}
		out = append(out, plan.QuietHours{Channels: slices.Clone(q.Channels), Quiet: schedule.Quiet{
			Hours:       schedule.Hours{Week: compileWindows(q.Windows, at+".windows", faults), Zone: c.zone(q.Timezone, at, faults), Own: q.Timezone != ""},
			ContactZone: q.ContactTimezone, Drops: q.Then == OutsideDrop,
		}})
	}
	return out
}

// boundary returns the first millisecond that is not before t. With it, a
// comparison of milliseconds says what one of exact instants says.
func boundary(t time.Time, path string, faults *fault.List) int64 {
	if year := t.UTC().Year(); year < 0 || year > 9999 {
		faults.Fault(path, "a time must lie in the years 0 to 9999")
		return 0
	}
	return firstMilli(t)
}

// firstMilli returns the first millisecond that is not before t.
func firstMilli(t time.Time) int64 {
	ms := t.UnixMilli()
	if t.After(time.UnixMilli(ms)) {
		ms++
	}
	return ms
}
