package beckon

import "time"

// Outside says what becomes of a triggered message outside its windows. (S2)
type Outside string

// The policies. The zero Outside is OutsideDrop.
const (
	OutsideDrop Outside = "drop" // held schedule; nothing waits
	OutsideHold Outside = "hold" // waits for the opening, and Due sends it
)

// A Schedule is during what hours a message may go out. All parts must hold; a
// zero part, and a nil Schedule, is always open. Windows follow the clock on
// the wall and daylight saving, see docs/time.md. Zones are those of
// [time.LoadLocation], except "Local". Faults are an unknown Timezone or
// Outside, a Stop not after Start, OfficeHours that the program does not have,
// and a wrong [Window]. (S1)
type Schedule struct {
	Start           time.Time // included; zero: no start
	Stop            time.Time // excluded; zero: no stop
	Timezone        string    // IANA zone of the windows; empty is the workspace's
	ContactTimezone bool      // windows in the contact's own zone; in Timezone for those without one
	OfficeHours     bool      // within the workspace's office hours too
	Windows         []Window  // none: always
	Outside         Outside   // of triggered messages; others wait for a visit or sweep inside (S3)
}

// OfficeHours are the workspace's windows, at least one, in their own zone.
type OfficeHours struct {
	Timezone string // IANA zone; empty is the workspace's
	Windows  []Window
}

// A Window is a span of some days by the clock on the wall, From included, To
// excluded. To before From crosses midnight; the day is that on which it
// begins. From equal to To is a fault. (S1)
type Window struct {
	Days     []Weekday // none: every day
	From, To TimeOfDay
}

// A Weekday is "mon", "tue", "wed", "thu", "fri", "sat" or "sun".
type Weekday string

// A TimeOfDay is "HH:MM" on the wall clock. "24:00" can only end a window.
type TimeOfDay string
