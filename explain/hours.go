package explain

import (
	"time"

	"github.com/beckon-go/beckon/store"
)

// Hours say whether the hour is one for a message: by its schedule, the quiet hours of the
// program and the contact's snooze, in this order (S1, S4).
type Hours struct {
	Open     bool         `json:"open"`
	Reason   store.Reason `json:"reason,omitempty"`   // schedule, quiet or snoozed, if it is not open
	OpensAt  time.Time    `json:"opens_at,omitzero"`  // the first instant at which all of them let it out; zero if it is open, or none is near
	Schedule *Schedule    `json:"schedule,omitempty"` // nil if the message has none
	Quiet    []Quiet      `json:"quiet,omitempty"`    // those of the program that concern its channel
	Snoozed  time.Time    `json:"snoozed,omitzero"`   // the contact is snoozed until then
}

// A ZoneSource says where a zone came from.
type ZoneSource string

// The sources of zones.
const (
	ZoneOfContact ZoneSource = "contact" // the contact's own
	ZoneOfMessage ZoneSource = "message" // the message's schedule names it
	ZoneOfQuiet   ZoneSource = "quiet"   // the quiet hours name it
	ZoneOfOffice  ZoneSource = "office"  // the office hours name it
	ZoneOfProgram ZoneSource = "program" // the program's
	ZoneByDefault ZoneSource = "default" // none of them has one: UTC
)

// A Zone is the zone in which hours count.
type Zone struct {
	Name string     `json:"name"`
	From ZoneSource `json:"from"`
	// Wanted says that the contact's own was asked for, and it has none that is known.
	Wanted bool `json:"wanted,omitempty"`
	// Local is the instant of the decision as clocks there show it.
	Local time.Time `json:"local"`
}

// A Schedule is a message's, and how it stands (S1).
type Schedule struct {
	Open     bool      `json:"open"`
	OpensAt  time.Time `json:"opens_at,omitzero"` // if it is not open: when it next is; zero: never again
	Start    time.Time `json:"start,omitzero"`
	Stop     time.Time `json:"stop,omitzero"`
	Windows  []Window  `json:"windows,omitempty"`   // in Zone; none: always
	Zone     *Zone     `json:"zone,omitempty"`      // nil if there are no windows
	Office   []Window  `json:"office,omitempty"`    // the office hours, if it keeps to them
	InOffice *Zone     `json:"in_office,omitempty"` // the zone of those
	Holds    bool      `json:"holds,omitempty"`     // outside, a triggered message waits; else it is dropped (S2)
}

// A Window is a span of the week on the wall clock, From included, To excluded: such as
// "mon 09:00" and "mon 17:00". Windows that overlap or touch are one.
type Window struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Quiet are quiet hours of the program, and how they stand (S4).
type Quiet struct {
	Quiet   bool      `json:"quiet"`
	Ends    time.Time `json:"ends,omitzero"` // if they apply: when none of the channel does any more
	Windows []Window  `json:"windows"`
	Zone    Zone      `json:"zone"`
	Drops   bool      `json:"drops,omitempty"` // what would go out in them is dropped; else it waits
}
