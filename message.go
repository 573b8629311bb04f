package beckon

import (
	"time"

	"github.com/beckon-go/beckon/store"
)

// A Program is all that an engine runs: data, from Go or from JSON by
// [ParseProgram]. Every field is optional.
type Program struct {
	Timezone    string // IANA zone of the workspace; empty is UTC
	OfficeHours *OfficeHours
	Segments    map[string]Rule
	Caps        []Cap
	Messages    []Message
	Series      []Series
}

// A Mode is how a message goes out (D1, D2, D5).
type Mode string

// The modes. The zero Mode is triggered for a message with a trigger, else
// ongoing.
const (
	Triggered Mode = "triggered"
	Ongoing   Mode = "ongoing"
	OneOff    Mode = "one_off"
)

// A Status is where in its life a message or a series is.
type Status string

// The statuses. The zero Status is a draft.
const (
	Draft   Status = "draft"
	Live    Status = "live"
	Paused  Status = "paused"
	Stopped Status = "stopped" // for good (D7)
)

// A Channel is what carries a message (D6). The zero Channel is Chat. A
// host's own is "custom:NAME"; see [Custom].
type Channel = store.Channel

// The channels.
const (
	Chat        = store.Chat
	Post        = store.Post
	Email       = store.Email
	Banner      = store.Banner
	Push        = store.Push
	SMS         = store.SMS
	Carousel    = store.Carousel
	ProductTour = store.ProductTour
	Survey      = store.Survey
	Workflow    = store.Workflow
)

// Custom returns the channel custom:NAME of the host's own.
func Custom(name string) Channel { return store.Custom(name) }

// A Message is content with rules about who gets it and when.
//
// What it remembers (sends, when it went live, pauses, totals) belongs to its ID
// and outlives programs: reuse an ID only for the same message. The zero values
// are a draft for the channel chat with no rules; nothing is checked before
// [Engine.Publish]. A message of a series has no trigger, mode or frequency.
type Message struct {
	ID             string // required, unique in the program
	Name           string
	Channel        Channel
	Mode           Mode      // zero: triggered with a Trigger, else ongoing
	Status         Status    // zero: a draft
	LiveAt         time.Time // zero: the moment it is first published live (T2)
	Trigger        *Trigger
	Audience       Rule       // the zero Rule: everyone
	Frequency      *Frequency // of triggered messages only (F1); nil: at most once a minute, or no distance if Transactional
	Schedule       *Schedule
	Goal           *Goal
	Control        float64 // share of contacts held out, 0 to 1 (D10)
	Priority       int     // higher is judged first (F5)
	Tags           []string
	ExemptFromCaps bool
	Transactional  bool      // not held by unsubscription (D11), and without a distance unless Frequency sets one (F1)
	ShowUntil      time.Time // kept for the host, the engine does not act on it; a fault with a trigger (D8)
	Content        Content
}

// A Trigger is what makes a triggered message go out: an event (T1), or a
// date of the contact (T5).
type Trigger struct {
	Event   string
	Filter  Rule     // "where": over the event's metadata, the page, and all that an audience sees (T3)
	Absence *Unless  // "unless": the event that must not follow (T6)
	Date    string   // a user attribute; instead of Event (T5)
	Offset  Duration // whole days from Date, negative before it; zero: the day itself
}

// Unless holds a triggered message back until it is sure that another event
// did not follow (T6).
type Unless struct {
	Event  string
	Within Duration
	Same   string // metadata key whose value must be the same on both sides; empty: any follower
}

// A Goal is what a message is to bring about: a rule that comes true within
// the span after the send (D9).
type Goal struct {
	Rule   Rule
	Within Duration
}

// A Format says how a body is written and escaped.
type Format string

// The formats. The zero Format is text, for a body that does not look like HTML:
// one that does is a fault until its format is said (R5).
const (
	FormatText Format = "text"
	FormatHTML Format = "html"
)

// A Missing says what becomes of a message with an unknown variable that has
// no fallback (R3).
type Missing string

// The policies. The zero Missing is MissingEmpty.
const (
	MissingEmpty Missing = "empty" // renders as nothing
	MissingHold  Missing = "hold"  // held, missing_value
)

// Content is what a message says: templates (R1). Subject is always text, Body
// and Data are in Format. HTML stays as it is written except for its variables,
// conditional comments for Outlook included; a variable in a comment, and the
// tags "{%" and "{#" of other languages, are faults (R5).
//
// A variable says by its prefix where it comes from: {{ user.plan }},
// {{ company.name }}, and {{ event.file_name }} for the metadata of the event. One
// without a prefix is an attribute of the user, so {{ file_name }} is not the
// event's. An unknown variable renders as nothing, unless it has a fallback or
// Missing holds the message (R1, R3).
//
// All of it may be empty: a host that writes the text itself needs only to know
// which message to send.
type Content struct {
	Format  Format
	Subject string
	Body    string // a variable needs its prefix, such as "event.", see above
	Data    map[string]string
	Missing Missing // what an unknown variable does; zero: it renders as nothing
}
