package beckon

import "time"

// Outside says what becomes of a triggered message outside its windows (S2).
type Outside string

// The policies. The zero Outside is OutsideDrop.
const (
	OutsideDrop Outside = "drop"
	OutsideHold Outside = "hold"
)

// A Schedule is during what hours a message may go out (S1). All its parts
// must hold; one that is left zero holds always, so the zero Schedule, and a
// nil one, is always open.
//
// Windows go by the clock on the wall and follow daylight saving: one that
// begins in an hour that is left out opens when the clock has moved on, and
// an hour that comes twice is open both times.
//
// Zones are looked up as by [time.LoadLocation]; a program for machines without
// a zone database imports time/tzdata. "Local" is no zone here.
//
// Faults found on publish: an unknown Timezone or Outside, a Stop that is not
// after Start, OfficeHours in a program that has none, and all that a
// [Window] may not be.
type Schedule struct {
	Start           time.Time // included; zero: no start
	Stop            time.Time // excluded; zero: no stop
	Timezone        string    // IANA zone of the windows; empty is the workspace's
	ContactTimezone bool      // windows in the contact's own zone; in Timezone for those without one
	OfficeHours     bool      // within the workspace's office hours too
	Windows         []Window  // none: always
	Outside         Outside   // of triggered messages; others wait for a visit or sweep inside (S3)
}

// OfficeHours are the workspace's own windows, at least one. They are in
// their own zone, whatever that of the message or the contact.
type OfficeHours struct {
	Timezone string // IANA zone; empty is the workspace's
	Windows  []Window
}

// A Window is a span of the day on some days of the week, by the clock on the
// wall: From included, To excluded. To before From crosses midnight, and then
// the day named is the day it begins. From equal to To is a fault.
type Window struct {
	Days     []Weekday // none: every day
	From, To TimeOfDay
}

// A Weekday is a day of the week: "mon", "tue", "wed", "thu", "fri", "sat" or
// "sun".
type Weekday string

// A TimeOfDay is a time on the wall clock, "HH:MM" from "00:00" on. "24:00" is
// the end of the day and can only end a window.
type TimeOfDay string
