package plan

import (
	"slices"
	"unique"

	"github.com/beckon-go/beckon/internal/dates"
	"github.com/beckon-go/beckon/internal/render"
	"github.com/beckon-go/beckon/internal/repr"
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
	Wait        *Wait   // nil: what triggers it does not wait
	Series      *Series // the series it belongs to; nil for most
	UsesCompany bool
	Dated       bool // it has a date
	Triggered   bool // its mode is Triggered
	Paced       bool // its frequency says how often it goes out (F1)
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
	NotLimited  bool // caps do not hold it
	NotCounted  bool // caps do not count it
	Event       unique.Handle[string]
	Date        string      // the date attribute of a date rule (T5)
	Dates       *dates.Rule // when that is due, or an event that waits for its own date (T9)
	DateText    string      // its trigger, as programs write it
	ByDue       bool        // it is a date rule that Due decides
	Change      *Change     // of an attribute, that triggers it (T7)
	Crossing    *Crossing
	Frequency   Frequency
	Schedule    *schedule.Schedule
	Quiet       []schedule.Quiet // of the program, those that concern it (S4)
	Topic       *Topic           // what it belongs to; nil: no topic (C6)
	Goal        *Goal
	Control     float64
	Caps        []int32 // the groups of caps that concern it
	Content     *render.Content
	HoldMissing bool

	Transactional bool
}

// A Crossing is a segment that triggers a message when a contact begins, or ceases, to
// match it (T8).
type Crossing struct {
	Name    string // of the segment
	Segment *rule.Compiled
	Leaves  bool
}

// A Change is a change of an attribute that triggers a message (T7).
type Change struct {
	Attribute string
	From, To  *repr.Value // nil: any value
}

// Is reports whether the attribute changes, from and to such values.
func (c *Change) Is(from, to *repr.Value) bool {
	return !same(from, to) && (c.From == nil || same(c.From, from)) && (c.To == nil || same(c.To, to))
}

// same reports whether two values of an attribute are the same: a text is the same
// whether it is a link or not.
func same(a, b *repr.Value) bool {
	if a.Equal(*b) {
		return true
	}
	x, isText := a.ConditionText()
	y, too := b.ConditionText()
	return isText && too && x == y
}

// A Wait is what the event that triggers a message waits for: to be sure that none of
// the followers comes (T6).
type Wait struct {
	Followers []Follower // any of them cancels it
	Same      string     // the metadata key that they have in common with it; empty: none
	Within    int64      // milliseconds: the longest of their times, after which the message goes out
	Date      string     // the metadata key whose date it waits for, in place of Within (T9); empty: none
	Recheck   bool       // then its audience is judged again
}

// A Follower is an event that must not follow within a time.
type Follower struct {
	Event  unique.Handle[string]
	Within int64 // milliseconds
}

// Follows reports whether events of a name are among the followers. w may be nil.
func (w *Wait) Follows(name unique.Handle[string]) bool {
	return w != nil && slices.ContainsFunc(w.Followers, func(f Follower) bool { return f.Event == name })
}

// A Goal is a rule that is to come true within a time after the send (D9).
type Goal struct {
	Rule   *rule.Compiled
	Within int64 // milliseconds
}
