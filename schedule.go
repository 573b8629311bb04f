package beckon

import "time"

// Outside says what becomes of a triggered message outside its windows (S2).
type Outside string

// The policies. The zero Outside is OutsideDrop.
const (
	OutsideDrop Outside = "drop"
	OutsideHold Outside = "hold"
)

// A Schedule is during what hours a message may go out (S1).
type Schedule struct {
	Start, Stop     time.Time // start included, stop excluded; zero is open
	Timezone        string    // IANA zone; empty is the workspace's
	ContactTimezone bool      // the contact's own zone; Timezone for those without one
	OfficeHours     bool      // within the workspace's office hours too
	Windows         []Window  // none: always
	Outside         Outside
}

// OfficeHours are the workspace's own windows.
type OfficeHours struct {
	Timezone string // empty is the workspace's
	Windows  []Window
}

// A Window is a span of the day on some days of the week, by the wall clock.
type Window struct {
	Days     []Weekday // none: every day
	From, To TimeOfDay // From included, To excluded; To before From crosses midnight
}

// A Weekday is a day of the week: "mon" to "sun".
type Weekday string

// A TimeOfDay is a time on the wall clock, "HH:MM", "00:00" to "24:00".
type TimeOfDay string
