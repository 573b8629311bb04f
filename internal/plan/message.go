package plan

import (
	"unique"

	"github.com/beckon-go/beckon/internal/render"
	"github.com/beckon-go/beckon/internal/rule"
	"github.com/beckon-go/beckon/internal/schedule"
	"github.com/beckon-go/beckon/store"
)

// A Mode is how a message goes out (D1, D2, D5).
type Mode string

// The modes.
const (
	Triggered Mode = "triggered"
	Ongoing   Mode = "ongoing"
	OneOff    Mode = "one_off"
)

// A Status is where in its life a message or a series is.
type Status string

// The statuses.
const (
	Draft   Status = "draft"
	Live    Status = "live"
	Paused  Status = "paused"
	Stopped Status = "stopped" // for good (D7)
)

// A Message is content with rules about who gets it and when.
type Message struct {
	// What is looked at of each candidate stands together, in 64 bytes.
	ID          string
	Place       int // in Plan.ByPlace
	Where       *rule.Compiled
	Audience    *rule.Compiled
	Unless      *Unless
	Series      *Series // the series it belongs to; nil for most
	UsesCompany bool
	Dated       bool // it has a date
	Triggered   bool // its mode is Triggered
	Composed    bool // by the host, for one contact: it goes out now or never (D14)

	Index       int    // in Plan.Messages
	Name        string // for hosts
	Path        string // in the program, for faults found later
	Channel     store.Channel
	Mode        Mode
	Status      Status
	LiveAt      int64 // Unix milliseconds; 0: when it was first published live
	Tags        []string
	Priority    int
	Exempt      bool
	Event       unique.Handle[string]
	Date        string // the date attribute of a date rule (T5)
	Offset      int    // days from it
	Frequency   Frequency
	Schedule    *schedule.Schedule
	Goal        *Goal
	Control     float64
	Caps        []int32 // the groups of caps that concern it
	Content     *render.Content
	HoldMissing bool

	Transactional bool
}

// An Unless is the event that must not follow within a time (T6).
type Unless struct {
	Event  unique.Handle[string]
	Within int64 // milliseconds
	Same   string
}

// A Goal is a rule that is to come true within a time after the send (D9).
type Goal struct {
	Rule   *rule.Compiled
	Within int64 // milliseconds
}
