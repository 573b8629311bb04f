package beckon

import (
	"encoding/json"
	"time"
)

// The types below are their namesakes with the names that the data contract
// gives to the fields. Each is converted, never copied field by field: a field
// that is added to the one and forgotten in the other does not compile.

type programJSON struct {
	Timezone    string          `json:"timezone,omitzero"`
	OfficeHours *OfficeHours    `json:"office_hours,omitzero"`
	Segments    map[string]Rule `json:"segments,omitzero"`
	Caps        []Cap           `json:"caps,omitzero"`
	Messages    []Message       `json:"messages,omitzero"`
	Series      []Series        `json:"series,omitzero"`
}

type messageJSON struct {
	ID             string     `json:"id,omitzero"`
	Name           string     `json:"name,omitzero"`
	Channel        Channel    `json:"channel,omitzero"`
	Mode           Mode       `json:"mode,omitzero"`
	Status         Status     `json:"status,omitzero"`
	LiveAt         time.Time  `json:"live_at,omitzero"`
	Trigger        *Trigger   `json:"trigger,omitzero"`
	Audience       Rule       `json:"audience,omitzero"`
	Frequency      *Frequency `json:"frequency,omitzero"`
	Schedule       *Schedule  `json:"schedule,omitzero"`
	Goal           *Goal      `json:"goal,omitzero"`
	Control        float64    `json:"control,omitzero"`
	Priority       int        `json:"priority,omitzero"`
	Tags           []string   `json:"tags,omitzero"`
	ExemptFromCaps bool       `json:"exempt_from_caps,omitzero"`
	Transactional  bool       `json:"transactional,omitzero"`
	ShowUntil      time.Time  `json:"show_until,omitzero"`
	Content        Content    `json:"content,omitzero"`
}

type triggerJSON struct {
	Event   string   `json:"event,omitzero"`
	Filter  Rule     `json:"where,omitzero"`
	Absence *Unless  `json:"unless,omitzero"`
	Date    string   `json:"date,omitzero"`
	Offset  Duration `json:"offset,omitzero"`
}

type unlessJSON struct {
	Event  string   `json:"event,omitzero"`
	Within Duration `json:"within,omitzero"`
	Same   string   `json:"same,omitzero"`
}

type goalJSON struct {
	Rule   Rule     `json:"rule,omitzero"`
	Within Duration `json:"within,omitzero"`
}

type contentJSON struct {
	Format  Format            `json:"format,omitzero"`
	Subject string            `json:"subject,omitzero"`
	Body    string            `json:"body,omitzero"`
	Data    map[string]string `json:"data,omitzero"`
	Missing Missing           `json:"missing,omitzero"`
}

type frequencyJSON struct {
	Every Duration `json:"every,omitzero"`
	Max   int      `json:"max,omitzero"`
}

type capJSON struct {
	ID      string   `json:"id,omitzero"`
	Channel Channel  `json:"channel,omitzero"`
	Tag     string   `json:"tag,omitzero"`
	Max     int      `json:"max,omitzero"`
	Within  Duration `json:"within,omitzero"`
}

type scheduleJSON struct {
	Start           time.Time `json:"start,omitzero"`
	Stop            time.Time `json:"stop,omitzero"`
	Timezone        string    `json:"timezone,omitzero"`
	ContactTimezone bool      `json:"contact_timezone,omitzero"`
	OfficeHours     bool      `json:"office_hours,omitzero"`
	Windows         []Window  `json:"windows,omitzero"`
	Outside         Outside   `json:"outside,omitzero"`
}

type officeHoursJSON struct {
	Timezone string   `json:"timezone,omitzero"`
	Windows  []Window `json:"windows,omitzero"`
}

type windowJSON struct {
	Days []Weekday `json:"days,omitzero"`
	From TimeOfDay `json:"from,omitzero"`
	To   TimeOfDay `json:"to,omitzero"`
}

type seriesJSON struct {
	ID      string  `json:"id,omitzero"`
	Status  Status  `json:"status,omitzero"`
	Entry   Entry   `json:"entry,omitzero"`
	Exit    Rule    `json:"exit,omitzero"`
	Reenter bool    `json:"reenter,omitzero"`
	Blocks  []Block `json:"blocks,omitzero"`
}

type entryJSON struct {
	Trigger  *Trigger `json:"trigger,omitzero"`
	Audience Rule     `json:"audience,omitzero"`
}

type blockJSON struct {
	ID      string   `json:"id,omitzero"`
	Wait    Duration `json:"wait,omitzero"`
	Rule    *Rule    `json:"rule,omitzero"`
	Within  Duration `json:"within,omitzero"`
	Yes     string   `json:"yes,omitzero"`
	No      string   `json:"no,omitzero"`
	Message *Message `json:"message,omitzero"`
	Update  *Update  `json:"update,omitzero"`
	Exit    bool     `json:"exit,omitzero"`
	Next    string   `json:"next,omitzero"`
}

type updateJSON struct {
	Attributes Attributes `json:"attributes,omitzero"`
}

// MarshalJSON returns what [ParseProgram] reads: zero is left out, [] is kept.
func (p Program) MarshalJSON() ([]byte, error) { return json.Marshal(programJSON(p)) }

// MarshalJSON returns the message as it stands in a program.
func (m Message) MarshalJSON() ([]byte, error) { return json.Marshal(messageJSON(m)) }

// MarshalJSON returns the trigger as it stands in a message.
func (t Trigger) MarshalJSON() ([]byte, error) { return json.Marshal(triggerJSON(t)) }

// MarshalJSON returns the absence as it stands in a trigger.
func (u Unless) MarshalJSON() ([]byte, error) { return json.Marshal(unlessJSON(u)) }

// MarshalJSON returns the goal as it stands in a message.
func (g Goal) MarshalJSON() ([]byte, error) { return json.Marshal(goalJSON(g)) }

// MarshalJSON returns the content as it stands in a message.
func (c Content) MarshalJSON() ([]byte, error) { return json.Marshal(contentJSON(c)) }

// MarshalJSON returns the frequency as it stands in a message.
func (f Frequency) MarshalJSON() ([]byte, error) { return json.Marshal(frequencyJSON(f)) }

// MarshalJSON returns the cap as it stands in a program.
func (c Cap) MarshalJSON() ([]byte, error) { return json.Marshal(capJSON(c)) }

// MarshalJSON returns the schedule as it stands in a message.
func (s Schedule) MarshalJSON() ([]byte, error) { return json.Marshal(scheduleJSON(s)) }

// MarshalJSON returns the office hours as they stand in a program.
func (o OfficeHours) MarshalJSON() ([]byte, error) { return json.Marshal(officeHoursJSON(o)) }

// MarshalJSON returns the window as it stands in a schedule.
func (w Window) MarshalJSON() ([]byte, error) { return json.Marshal(windowJSON(w)) }

// MarshalJSON returns the series as it stands in a program.
func (s Series) MarshalJSON() ([]byte, error) { return json.Marshal(seriesJSON(s)) }

// MarshalJSON returns the entry as it stands in a series.
func (e Entry) MarshalJSON() ([]byte, error) { return json.Marshal(entryJSON(e)) }

// MarshalJSON returns the block as it stands in a series.
func (b Block) MarshalJSON() ([]byte, error) { return json.Marshal(blockJSON(b)) }

// MarshalJSON returns the update as it stands in a block.
func (u Update) MarshalJSON() ([]byte, error) { return json.Marshal(updateJSON(u)) }
