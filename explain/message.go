package explain

import (
	"strings"
	"time"

	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// An Occasion is what makes a decision happen.
type Occasion string

// The occasions.
const (
	OnEvent  Occasion = "event"  // an event is tracked
	OnVisit  Occasion = "visit"  // a login or a page view
	OnSweep  Occasion = "sweep"  // the hourly pass over all contacts, and a check of one
	OnUpdate Occasion = "update" // the contact's data changes
	OnSend   Occasion = "send"   // a one-off, or a composed message, goes out
	OnDue    Occasion = "due"    // time has passed
)

// A Message says what was decided of one message for a contact, and why. One with nothing
// but a Note says why there is no candidate: no program was published, no message listens
// to the event (and which was probably meant), its name is archived, it is history, or nobody
// is known whom a sweep, a one-off or Due could meet. (Z2)
type Message struct {
	Message   string       `json:"message"`
	CompanyID string       `json:"company_id,omitempty"`
	Sent      bool         `json:"sent"`
	Reason    store.Reason `json:"reason,omitempty"` // why it was held; empty if it is sent
	RetryAt   *time.Time   `json:"retry_at,omitempty"`
	Cap       string       `json:"cap,omitempty"`      // the id of the cap that held it
	Where     *Rule        `json:"where,omitempty"`    // the trigger's rule, its date (T5), change (T7) or segment (T8); nil if it has none
	Audience  *Rule        `json:"audience,omitempty"` // nil if it has none
	Sends     int          `json:"sends"`              // of this message to the contact, before it was judged, over all companies
	LastSent  *time.Time   `json:"last_sent,omitempty"`
	Subject   string       `json:"subject,omitempty"` // as it would be sent, also if it is held or a draft
	Body      string       `json:"body,omitempty"`
	Text      string       `json:"text,omitempty"`
	Note      string       `json:"note,omitempty"` // what Reason and rules do not say, in words

	Name       string                 `json:"name,omitempty"` // for people
	Channel    store.Channel          `json:"channel,omitempty"`
	Occasion   Occasion               `json:"occasion,omitempty"` // what was decided
	At         time.Time              `json:"at,omitzero"`        // when it was decided
	Live       *Live                  `json:"live,omitempty"`
	Frequency  *Frequency             `json:"frequency,omitempty"`  // nil if it has none
	Caps       []Cap                  `json:"caps,omitempty"`       // all that concern it, in the program's order
	Hours      *Hours                 `json:"hours,omitempty"`      // nil if every hour is one for it
	Consent    *Consent               `json:"consent,omitempty"`    // nil if the contact has refused nothing that concerns it
	Control    *Control               `json:"control,omitempty"`    // nil if it has no control group
	Waits      *Wait                  `json:"waits,omitempty"`      // nil if it does not wait in the contact
	Series     string                 `json:"series,omitempty"`     // the series that has it
	Data       map[string]string      `json:"data,omitempty"`       // as Body
	Parameters map[string]value.Value `json:"parameters,omitempty"` // as Body
	Missing    bool                   `json:"missing,omitempty"`    // a variable without a fallback is unknown (R3)
	Unknown    bool                   `json:"unknown,omitempty"`    // nobody is known by the identity that was given: it is about the contact that the occasion would make

	// SendsAt is the first instant, not before At, at which it could be sent if nothing but
	// time changes: SendsBy at that instant sends it, and a millisecond earlier does not.
	// It is At for what is sent, and zero if no time alone brings it about: Never says why.
	// What WithTraces of package beckon collects has neither: it was not asked.
	//
	// SendsBy is due if the message waits in the contact: Due is then taken to run whenever
	// something is due, and nothing else to happen. Else it is the same occasion once more, and
	// nothing is taken to happen to the contact until then, no Due either: what waits and
	// would be sent meanwhile may take room or change what rules see, and a visitor may be
	// forgotten (C5). DueBefore is when Due has something to do for the contact before
	// SendsAt, At at the earliest; zero if it has not.
	SendsAt   time.Time `json:"sends_at,omitzero"`
	SendsBy   Occasion  `json:"sends_by,omitempty"`
	DueBefore time.Time `json:"due_before,omitzero"`
	Never     string    `json:"never,omitempty"`
	// Unsure says that it is not known whether there is such an instant: Never says why.
	Unsure bool `json:"unsure,omitempty"`
}

// Live says whether a message, or a series, is live.
type Live struct {
	Status string    `json:"status"`         // draft, live, paused or stopped, as is in effect
	Since  time.Time `json:"since,omitzero"` // it is live from then on; after At: not yet
}

// A Wait is what a message waits for that waits in the contact.
type Wait struct {
	For     store.Reason `json:"for"`               // filter: its date; waiting: for another event not to follow, or a date; schedule, quiet, snoozed, throttled, capped or outbox_full
	Since   time.Time    `json:"since,omitzero"`    // its event arrived
	Due     bool         `json:"due,omitempty"`     // it is due, and was judged; else it waits on
	Until   time.Time    `json:"until,omitzero"`    // Due looks at it then
	GivesUp time.Time    `json:"gives_up,omitzero"` // it waits for room no longer than that (F9)
	Event   string       `json:"event,omitempty"`   // that triggered it
	Unless  []string     `json:"unless,omitempty"`  // the events that still cancel it (T6)
	Same    string       `json:"same,omitempty"`    // the metadata key that they must have in common with it
}

// Why says of one message or series what it does for a contact, and why.
type Why struct {
	Messages []Message `json:"messages,omitempty"` // by the occasion that decides it, then what waits
	Walks    []Walk    `json:"walks,omitempty"`    // of a series, or of a message in one
	Note     string    `json:"note,omitempty"`     // why there is nothing else, in words
	Event    string    `json:"event,omitempty"`    // of a message that an event triggers: that it is supposed to come now
	EventAt  time.Time `json:"event_at,omitzero"`  // as it came last, which was then; zero: none is kept (E9), and it is supposed to come without metadata
	Unknown  bool      `json:"unknown,omitempty"`  // nobody is known by the identity that was given
}

// String returns the paragraphs of all that it has. The first say that nobody is known, and
// which event is supposed to come.
func (w Why) String() string {
	var list []string
	switch {
	case !w.Unknown:
	case len(w.Messages) > 0:
		list = append(list, nobody)
	case len(w.Walks) == 0 && !strings.HasPrefix(w.Note, "nobody is known"):
		list = append(list, "Nobody is known by that id.")
	}
	switch {
	case w.Event == "":
	case w.EventAt.IsZero():
		list = append(list, "Suppose that the event "+quoted(w.Event)+" comes now, without metadata: the contact has none that is kept.")
	default:
		list = append(list, "Suppose that the event "+quoted(w.Event)+" comes now as it came last, at "+when(w.EventAt)+".")
	}
	for i := range w.Walks {
		list = append(list, w.Walks[i].String())
		if m := w.Walks[i].Message; m != nil {
			list = append(list, m.String())
		}
	}
	for i := range w.Messages {
		m := w.Messages[i]
		m.Unknown = m.Unknown && !w.Unknown // it was said
		list = append(list, m.String())
	}
	if w.Note != "" {
		list = append(list, sentence(w.Note))
	}
	return strings.Join(list, "\n")
}
