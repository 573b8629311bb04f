package store

import (
	"strings"
	"unique"

	"github.com/beckon-go/beckon/internal/intern"
	"github.com/beckon-go/beckon/value"
)

// A Record is all that is known under one key. To a [Decider] it is
// read-only. Sections are sorted as their types say; names are interned by
// package unique, so that a comparison is one of pointers.
//
// Events have second resolution, everything else milliseconds; both count
// from 1970 in UTC.
type Record struct {
	Key    Key
	Exists bool // false: nothing is stored under the key

	LastSeen int64  // Unix milliseconds of the last visit; 0 if none
	EventSeq uint64 // events recorded so far: the Seq of the newest LoggedEvent

	Stats     []Stats        // by event name
	SendStats []SendStats    // by Message, Company, Control
	SendLog   []SendLogEntry // sends, in order of making
	Counters  []Counter      // by Def
	Permits   []Permits      // by Throttler; only of KindThrottle
	Dedup     []Dedup        // events remembered (E7), oldest first
	Pending   PendingList    // deliveries not acknowledged (Z1), and those given up, in the order in which they came
	Profile   *Profile       // what is rarely touched; nil if there is none
}

// Stats count one event name of one contact (E4).
type Stats struct {
	Name  unique.Handle[string] // canonical
	Count uint64                // saturates
	First int64                 // Unix seconds
	Last  int64
}

// SendStats count the sends of one message to one contact for one company.
type SendStats struct {
	Message string
	Company string // empty unless the message uses company data (D2)
	Control bool   // decided for the control group, not sent (D10)
	// Composed says that the host composed the message, and no program ever sent one of
	// this id: only a limited number of such rows is kept (D14).
	Composed bool
	Count    uint32 // not released
	Last     int64  // Unix milliseconds of the latest not released; 0 if Count is 0
	Prior    int64  // the latest that has left Record.SendLog; 0 if none
}

// A SendLogEntry is one send in the log: what caps across messages are counted from
// and what can be released (F4, F5).
type SendLogEntry struct {
	ID       string // the delivery's
	At       int64  // Unix milliseconds
	Message  string
	Company  string
	Channel  Channel
	Tags     []string // shared, never changed
	Sequence uint32
	Exempt   bool  // caps across messages do not count it
	Date     int64 // the value of the date attribute it was sent for (T5); 0 if none
}

// A Counter holds what conditions need to know of events that satisfy a rule:
// its identity is its definition, never the rule that uses it (A7).
type Counter struct {
	Def   string // event name and canonical where
	Count uint64 // all that satisfied it; saturates
	First int64  // Unix seconds; 0 if Count is 0
	Last  int64
	Times []int64 // the newest, oldest first, at most Keep
	Keep  int     // how many of the newest Times are exact: the most that any rule has needed
	Since int64   // exact for events from this second on; 0: for all
	// Missed is the EventSeq of the first event of its name that came while no rule
	// needed the counter: from there on it is to be counted from the event log before
	// it is used; 0: there is none.
	Missed uint64
	// Tally is what a counter of values keeps of them (A13), beside Times if it has any;
	// empty for all others. It says something to the engine alone.
	Tally string
}

// Dedup is one event remembered, so that a repeat is known (E7).
type Dedup struct {
	Hash [16]byte
	At   int64 // Unix milliseconds of arrival
}

// A Crossing says whether a contact matched the segment that triggers a message when
// that was last seen (T8).
type Crossing struct {
	Message string
	Matched bool
}

// An Attribute is a named value. The name is interned, as names of events are,
// so that a rule finds an attribute without comparing texts; [NewAttribute]
// makes one.
type Attribute struct {
	Name  unique.Handle[string]
	Value value.Value
}

// NewAttribute returns an attribute of that name.
func NewAttribute(name string, v value.Value) Attribute {
	return Attribute{Name: unique.Make(name), Value: v}
}

// A Hold is a message that waits in a contact: for its window (S2), for the end of
// quiet hours or of a snooze (S4), or to be sure that an event does not follow (T6).
type Hold struct {
	Message string
	Company string
	Due     int64  // Unix milliseconds
	Order   uint64 // order of arrival: the event's Seq
	Absence bool
	Same    string // the keyed value, as compared; "" with HasSame false: any follower, or none if Keyed
	HasSame bool
	Keyed   bool        // the trigger names a key
	Event   LoggedEvent // that triggers it; of a date rule only At, which is the date
	Until   int64       // Unix milliseconds: it waits for room no longer than that (F9); 0: not for room
	Capped  bool        // it waits for room in a cap
}

// A SeriesState is a contact's way through a series (X1).
type SeriesState struct {
	Series  string
	Block   string // where it stands; empty if Done
	Since   int64  // Unix milliseconds when the block was reached
	Due     int64  // when the block's time is up; 0 if it has none
	Done    bool
	Entered int64  // Unix milliseconds of the latest entry
	Entries uint32 // how often it was entered; 0 if not known
	Exits   uint32 // how often its exit rule ended it
}

// A GoalState is a goal that is open or reached for one message (D9).
type GoalState struct {
	Message   string
	Until     int64 // Unix milliseconds, included
	Control   bool
	Converted bool
	Sent      int64 // Unix milliseconds of the send; 0 if not known
}

// A DateState is a value for which a date rule has been decided (T5).
type DateState struct {
	Message string
	Company string
	Value   int64 // Unix seconds
}

// An ArmedDate says when a date rule with an instant falls due, so that Due finds the
// contact (T9).
type ArmedDate struct {
	Message string
	Due     int64 // Unix milliseconds; 0: never again
	Held    int64 // the latest value that was decided and not sent, as DateState has it; 0: none that still matters
}

// A FreeSequence is a released sequence number (F4).
type FreeSequence struct {
	Message  string
	Sequence uint32
}

// MergedFrom remembers a merge that the record has taken in.
type MergedFrom struct {
	From       Key
	Generation uint64
}

// A LoggedEvent is an event as it is kept for 90 days (E9).
type LoggedEvent struct {
	Seq       uint64 // counts the contact's events; unique in the contact
	Name      unique.Handle[string]
	At        int64 // Unix seconds: min(created_at, now)
	Arrived   int64 // Unix milliseconds
	EventID   string
	CompanyID string
	Source    Source
	Import    bool
	Page      *Page
	Metadata  value.Fields
}

// A Total is one count of a message or a series (Z2): Name is such as "sent",
// "given_up", or "held." with a reason. If [IsLatest], Count
// is an instant: the latest that a step has brought.
type Total struct {
	Name  string
	Count int64
}

// IsLatest reports whether the total of this name is no sum: a step that brings it
// raises it to its N, and never lowers it. N is an instant in Unix milliseconds then.
// Such names begin with "last.".
func IsLatest(name string) bool { return strings.HasPrefix(name, "last.") }

// NextDue is the instant at which the record next has something to decide by
// time alone: a hold, a block of a series, a date, a merge that nothing has followed.
// Zero is never.
func (r *Record) NextDue() int64 {
	if r.Profile == nil {
		return 0
	}
	due := r.Profile.Merged
	for i := range r.Profile.Holds {
		if at := r.Profile.Holds[i].Due; due == 0 || at < due {
			due = at
		}
	}
	for i := range r.Profile.SeriesStates {
		if at := r.Profile.SeriesStates[i].Due; at != 0 && (due == 0 || at < due) {
			due = at
		}
	}
	for _, x := range r.Profile.Rarely().Armed {
		if x.Due != 0 && (due == 0 || x.Due < due) {
			due = x.Due
		}
	}
	return due
}

// NextPending is the instant at which the first lease of a pending delivery
// ends, so that another worker may have it (Z1). Zero is never: nothing is
// pending. math.MaxInt64 is never, too, but something is kept that was given up. A lease that ended before 1970 ended at its first millisecond.
func (r *Record) NextPending() int64 {
	if r.Pending.Len() == 0 {
		return 0
	}
	return max(r.Pending.first(), 1)
}

// PendingChannels returns the channels of what is pending, leased or not. What was given
// up does not count.
func (r *Record) PendingChannels() ChannelSet { return r.Pending.channels() }

// Email is the contact's address as the index by email has it, which is folded
// ([FoldEmail]); empty if it has none, or leads elsewhere. But an identity that is
// an address, and is kept in other letters than the folded ones, has itself if it
// has no other: who looks for it by another spelling could not find it else.
func (r *Record) Email() string {
	if r.Profile == nil || !r.Key.Kind.IsContact() {
		return ""
	}
	if address := r.Profile.Attribute("email").Text(); address != "" && r.Profile.Forward.IsZero() {
		return FoldEmail(address)
	}
	if r.Key.Kind == KindEmail {
		if folded := FoldEmail(r.Key.ID); folded != r.Key.ID {
			return folded
		}
	}
	return ""
}

// Search returns the index of the first event name in Stats that is not less than
// name: where it stands, or would stand.
func (r *Record) Search(name string) int {
	low, high := 0, len(r.Stats)
	for low < high {
		if mid := int(uint(low+high) / 2); intern.Text(r.Stats[mid].Name) < name {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// manyNames is how many rows are looked through one by one, which compares pointers.
const manyNames = 64

// Stat returns what is counted of an event name; zero if nothing.
func (r *Record) Stat(name unique.Handle[string]) (Stats, bool) {
	if len(r.Stats) > manyNames {
		if i := r.Search(intern.Text(name)); i < len(r.Stats) && r.Stats[i].Name == name {
			return r.Stats[i], true
		}
		return Stats{Name: name}, false
	}
	for i := range r.Stats {
		if r.Stats[i].Name == name {
			return r.Stats[i], true
		}
	}
	return Stats{Name: name}, false
}

// Lacks reports whether the counter cannot tell what a rule that needs so many
// of the newest times asks, and is to be completed from the event log.
func (k *Counter) Lacks(keep int) bool {
	return k.Missed != 0 || k.Keep < keep && uint64(len(k.Times)) < k.Count
}
