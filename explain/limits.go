package explain

import (
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/store"
)

// A Span is a length of time. Its JSON is a text such as "90s" or "1d12h", to the second;
// a day has 24 hours.
type Span time.Duration

// String returns the span as its JSON has it.
func (s Span) String() string {
	const day = 24 * time.Hour
	d := time.Duration(s)
	days, rest := calendar.Days(int(d/day)), calendar.DurationOf(d%day)
	switch {
	case d/day == 0:
		return rest.String()
	case d%day == 0:
		return days.String()
	}
	return days.Add(rest).String()
}

// MarshalText returns [Span.String].
func (s Span) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Span) UnmarshalText(text []byte) error {
	d, problem := calendar.ParseDuration(string(text))
	if problem != "" {
		return &time.ParseError{Layout: "1d12h", Value: string(text), Message: ": " + problem}
	}
	*s = Span(d.Elapsed())
	return nil
}

// A Frequency is how often a message may reach the contact, and how it stands (F1).
type Frequency struct {
	Every  Span      `json:"every"`            // the least distance
	Max    int       `json:"max,omitempty"`    // 0: no maximum
	Wait   Span      `json:"wait,omitempty"`   // what finds no room waits so long for some (F9); 0: it does not
	Per    string    `json:"per,omitempty"`    // a metadata key, whose values count each by itself (F7)
	Value  string    `json:"value,omitempty"`  // of that key, with its type; empty if it is unknown
	Count  int       `json:"count"`            // sends that count, before; those to the control group included
	Last   time.Time `json:"last,omitzero"`    // the latest of them
	Full   bool      `json:"full,omitempty"`   // there is no room
	FreeAt time.Time `json:"free_at,omitzero"` // there is room from then on; zero if there is some, or never will be
}

// MaxListedSends is how many sends a [Cap] lists: the newest.
const MaxListedSends = 100

// A Cap is a cap across messages that concerns a message, and how it stands (F5).
type Cap struct {
	ID      string        `json:"id"`
	Channel store.Channel `json:"channel,omitempty"` // empty: every channel
	Tag     string        `json:"tag,omitempty"`     // empty: whatever the tags
	Max     int           `json:"max"`
	Within  Span          `json:"within"`
	Count   int           `json:"count"` // sends in its window, with those of this occasion before the message
	Full    bool          `json:"full,omitempty"`
	FreeAt  time.Time     `json:"free_at,omitzero"`  // of a full one: it has room from then on, if nothing else is sent
	Sends   []Send        `json:"sends,omitempty"`   // in its window, oldest first; the newest [MaxListedSends]
	Ignored bool          `json:"ignored,omitempty"` // it does not hold this message, which is exempt (F8)
}

// A Send is one that counts for a cap.
type Send struct {
	Message string    `json:"message"`
	At      time.Time `json:"at"`
}

// Consent is what the contact has refused that concerns a message (C6, D11).
type Consent struct {
	Refused   bool      `json:"refused"`             // it is not wanted
	Of        string    `json:"of,omitempty"`        // what decided: a channel, one with a tag as push:promo, or a topic
	OptIn     bool      `json:"opt_in,omitempty"`    // nothing was chosen, and the topic asks for a yes
	At        time.Time `json:"at,omitzero"`         // when the contact said so
	From      string    `json:"from,omitempty"`      // and where
	Overruled bool      `json:"overruled,omitempty"` // the message is transactional, and goes out all the same
}

// Control says which side of the control groups the contact is on (D10).
type Control struct {
	Held    bool    `json:"held"`              // it is held out
	Of      string  `json:"of,omitempty"`      // by the "program" or the "message"; empty if it is not
	Message float64 `json:"message,omitempty"` // the share that the message holds out
	Program float64 `json:"program,omitempty"` // and the program; 0 if it does not concern the message
}
