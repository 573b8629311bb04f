package beckon

import (
	"slices"
	"time"

	"github.com/beckon-go/beckon/store"
)

// A Program is what an engine runs. No field is required. [json.Marshal] writes
// what [ParseProgram] reads, also of a part, except for [Attributes] that no JSON has:
// zero is left out, [] is kept.
type Program struct {
	Timezone    string          `json:"timezone,omitzero"` // IANA zone of the workspace; empty is UTC
	OfficeHours *OfficeHours    `json:"office_hours,omitzero"`
	Segments    map[string]Rule `json:"segments,omitzero"`
	Caps        []Cap           `json:"caps,omitzero"`
	Messages    []Message       `json:"messages,omitzero"`
	Series      []Series        `json:"series,omitzero"`
	QuietHours  []QuietHours    `json:"quiet_hours,omitzero"`
	Topics      []Topic         `json:"topics,omitzero"`
	Control     float64         `json:"control,omitzero"` // share of contacts held out from all but transactional messages, 0 to 1 (D10)

	Events    map[string]EventDeclaration `json:"events,omitzero"`     // by name; others may be tracked as well
	VetIgnore []string                    `json:"vet_ignore,omitzero"` // codes that [Vet] passes over
}

// A Mode is how a message goes out. (D1, D2, D5)
type Mode string

// The modes. The zero Mode is triggered with a trigger, else ongoing.
const (
	Triggered Mode = "triggered" // each time its trigger fires, as often as its Frequency allows
	Ongoing   Mode = "ongoing"   // once, or as often as its Frequency allows, to all who match now or later: on a visit (in-app channels) or a sweep
	OneOff    Mode = "one_off"   // once, to those who match when it is sent
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

// A Channel carries a message. Zero is Chat; for your own see [Custom]. (D6)
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

// A Message is content, and who gets it and when. What it remembers (sends, pauses, totals)
// belongs to its ID and outlives programs: reuse an ID only for the same message. In a series
// it has no trigger, mode or frequency.
type Message struct {
	ID               string     `json:"id,omitzero"` // required, unique in the program
	Name             string     `json:"name,omitzero"`
	Channel          Channel    `json:"channel,omitzero"`
	Mode             Mode       `json:"mode,omitzero"`    // zero: triggered with a Trigger, else ongoing
	Status           Status     `json:"status,omitzero"`  // zero: a draft
	LiveAt           time.Time  `json:"live_at,omitzero"` // zero: the moment it is first published live (T2)
	Trigger          *Trigger   `json:"trigger,omitzero"`
	Audience         Rule       `json:"audience,omitzero"`  // the zero Rule: everyone
	Frequency        *Frequency `json:"frequency,omitzero"` // nil: at most once a minute, no distance if Transactional; once if ongoing (F1)
	Schedule         *Schedule  `json:"schedule,omitzero"`
	Goal             *Goal      `json:"goal,omitzero"`
	Control          float64    `json:"control,omitzero"`  // share of contacts held out, 0 to 1 (D10)
	Priority         int        `json:"priority,omitzero"` // higher is judged first (F5)
	Tags             []string   `json:"tags,omitzero"`
	ExemptFromCaps   bool       `json:"exempt_from_caps,omitzero"`   // both switches below off; with one of them on a fault
	LimitedByCaps    *bool      `json:"limited_by_caps,omitzero"`    // nil is on, or off if ExemptFromCaps is set; off: goes out in spite of caps (F8)
	CountsTowardCaps *bool      `json:"counts_toward_caps,omitzero"` // nil as above; off: takes no place in caps (F8)
	Transactional    bool       `json:"transactional,omitzero"`      // not held by unsubscription (D11), quiet hours or a snooze (S4), and without a distance unless Frequency sets one (F1)
	Topic            string     `json:"topic,omitzero"`              // one of Program.Topics (C6)
	ShowUntil        time.Time  `json:"show_until,omitzero"`         // kept for the host, the engine does not act on it; a fault with a trigger (D8)
	Content          Content    `json:"content,omitzero"`
	VetIgnore        []string   `json:"vet_ignore,omitzero"` // codes that [Vet] passes over
}

// UnmarshalJSON reads a message, as [ParseProgram] does.
func (m *Message) UnmarshalJSON(data []byte) error { return unmarshalPart(data, m, (*shape).message) }

// A Trigger sends a message: an event, a date of the contact, a change of an attribute, or a
// segment. Its methods return another one. (T1, T5, T7, T8)
type Trigger struct {
	Event     string    `json:"event,omitzero"`
	Filter    Rule      `json:"where,omitzero"`     // over the metadata, the page, and all that an audience sees (T3)
	Absence   *Unless   `json:"unless,omitzero"`    // the event that must not follow (T6)
	Recheck   bool      `json:"recheck,omitzero"`   // with Absence: the audience is judged again when the message goes out
	Date      string    `json:"date,omitzero"`      // a user attribute; instead of Event (T5)
	EventDate string    `json:"-"`                  // with Event: the metadata key whose date it waits for; "date": {"metadata": …} in JSON (T9)
	Offset    Duration  `json:"offset,omitzero"`    // from the date, negative before it; zero: the day itself. With hours or minutes it is due at an instant
	Time      TimeOfDay `json:"at,omitzero"`        // it is due then, in the zone of the Schedule (T9)
	Repeat    Period    `json:"every,omitzero"`     // of Date: it occurs again; zero: once
	Span      Duration  `json:"for,omitzero"`       // of Date, in-app: for so long visits show it; zero: until the day ends
	Attribute string    `json:"attribute,omitzero"` // that an update changes; instead of Event (T7)
	Old       *Value    `json:"from,omitzero"`      // of Attribute, before; nil: any, a zero Value: unknown
	New       *Value    `json:"to,omitzero"`        // of Attribute, after; nil: any, a zero Value: unknown
	Enters    string    `json:"enters,omitzero"`    // a segment that the contact begins to match; instead of Event (T8)
	Leaves    string    `json:"leaves,omitzero"`    // one that it ceases to match; instead of Event (T8)
}

// A Period is the time after which a date occurs again, in the zone in which it counts. 29
// February and the 31st fall on a shorter month's last day. (T9)
type Period string

// The periods.
const (
	Yearly  Period = "year"
	Monthly Period = "month"
	Weekly  Period = "week"
	Daily   Period = "day"
)

// An Unless holds a message back until another event did not follow. (T6)
type Unless struct {
	Event  string   `json:"event,omitzero"`
	Within Duration `json:"within,omitzero"`
	Same   string   `json:"same,omitzero"` // metadata key whose value must be the same on both sides; empty: any follower
	Or     []Unless `json:"-"`             // others, each with its own Within and the same Same: any of them cancels; not nil: a list in JSON
}

// A Goal is a rule that comes true within the span after the send. (D9)
type Goal struct {
	Rule   Rule     `json:"rule,omitzero"`
	Within Duration `json:"within,omitzero"`
}

// UnmarshalJSON reads a goal, as [ParseProgram] does.
func (g *Goal) UnmarshalJSON(data []byte) error { return unmarshalPart(data, g, (*shape).goal) }

// A Format says how a body is written and escaped. (R5)
type Format = store.Format

// The formats. Zero is text; a body that looks like HTML must say which.
const (
	FormatText = store.FormatText
	FormatHTML = store.FormatHTML
)

// A Missing says what an unknown variable without a fallback does. (R3)
type Missing string

// The policies. The zero Missing is MissingEmpty.
const (
	MissingEmpty Missing = "empty" // renders as nothing
	MissingHold  Missing = "hold"  // held, missing_value
)

// Content is what a message says: templates, see [Renderer]. Subject is text, Body and Data
// are in Format. HTML stays except for its variables; one in a comment, and "{%" and "{#", are
// faults. All may be empty. (R1, R3, R5)
type Content struct {
	Format     Format            `json:"format,omitzero"`
	Subject    string            `json:"subject,omitzero"`
	Body       string            `json:"body,omitzero"` // a variable needs its prefix, such as "event.", see above
	Text       string            `json:"text,omitzero"` // beside a body in HTML, and only there: the same as text
	Data       map[string]string `json:"data,omitzero"`
	Missing    Missing           `json:"missing,omitzero"`    // what an unknown variable does; zero: it renders as nothing
	Parameters map[string]string `json:"parameters,omitzero"` // variables by name, such as "event.order": their values go out as they are
}

// UnmarshalJSON reads content, as [ParseProgram] does.
func (c *Content) UnmarshalJSON(data []byte) error { return unmarshalPart(data, c, (*shape).content) }

// On returns a trigger on an event. (T1)
func On(event string) *Trigger { return &Trigger{Event: event} }

// Where returns the same trigger with this rule: over metadata, the page, and what an audience
// sees before the event. What it refuses is held filter. (T3)
func (t *Trigger) Where(rule Rule) *Trigger {
	narrowed := *t
	narrowed.Filter = rule
	return &narrowed
}

// Unless returns the same trigger, held back until another event did not follow within the
// time. same is the metadata key whose value both must share; empty: any follower. Called
// again it adds one: any cancels. (T6)
func (t *Trigger) Unless(event string, within Duration, same string) *Trigger {
	held, next := *t, Unless{Event: event, Within: within, Same: same}
	if t.Absence == nil {
		held.Absence = &next
		return &held
	}
	all := *t.Absence
	all.Or = append(slices.Clip(all.Or), next)
	held.Absence = &all
	return &held
}

// OnDate returns a trigger on a date attribute of the user, with an offset, negative before
// it. A sweep on that day sends it, or Due at its instant if it has a time or an offset in
// hours or minutes; in-app it is shown on visits. Each value, and each time it occurs again,
// counts once. (T5, T9)
func OnDate(attribute string, offset Duration) *Trigger {
	return &Trigger{Date: attribute, Offset: offset}
}

// ForDate returns the same trigger, which waits for a date of its event: Due sends it on every
// channel; Unless needs no time. (T9)
func (t *Trigger) ForDate(key string, offset Duration) *Trigger {
	dated := *t
	dated.EventDate, dated.Offset = key, offset
	return &dated
}

// At returns the same trigger, due at a time of day. (T9)
func (t *Trigger) At(time TimeOfDay) *Trigger {
	timed := *t
	timed.Time = time
	return &timed
}

// Every returns the same trigger, whose date occurs again. (T9)
func (t *Trigger) Every(p Period) *Trigger {
	again := *t
	again.Repeat = p
	return &again
}

// For returns the same trigger, shown for so long. (T9)
func (t *Trigger) For(d Duration) *Trigger {
	shown := *t
	shown.Span = d
	return &shown
}

// OnChange returns a trigger on an update that changes a user attribute. Rules and
// content see the change as the metadata keys from and to. (T7)
func OnChange(attribute string) *Trigger { return &Trigger{Attribute: attribute} }

// From returns the same trigger for changes from a value; zero: unknown. (T7)
func (t *Trigger) From(v Value) *Trigger {
	changed := *t
	changed.Old = &v
	return &changed
}

// To is From for the value after the change. (T7)
func (t *Trigger) To(v Value) *Trigger {
	changed := *t
	changed.New = &v
	return &changed
}

// OnEnter returns a trigger on a contact that begins to match a segment: on any of its
// occasions or, by time alone, on a sweep. (T8)
func OnEnter(segment string) *Trigger { return &Trigger{Enters: segment} }

// OnLeave is OnEnter for one that ceases to match. (T8)
func OnLeave(segment string) *Trigger { return &Trigger{Leaves: segment} }
