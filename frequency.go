package beckon

import "time"

// DefaultEvery is the least distance of the default [Frequency]. (F1)
const DefaultEvery = time.Minute

// A Frequency is how often a message may reach one contact. The default, nil or
// zero, is at most once a minute ([DefaultEvery]) without a maximum, or no
// distance if the message is transactional. But nil on an ongoing message is
// once; with one it goes again to who matches then, for each company by itself
// if it uses company data. Negative values, and one on a one-off or in a
// series, are faults. (F1)
type Frequency struct {
	Every Duration `json:"every,omitzero"` // least distance from the last send (F2); zero is DefaultEvery, or none for a transactional message; Seconds(0) is none
	Max   int      `json:"max,omitzero"`   // most sends; 0 is no maximum ("until stopped")
	Wait  Duration `json:"wait,omitzero"`  // of triggered messages: what is throttled or capped waits for room, no longer than that, and Due sends it, the oldest first; at most [DefaultHolds] wait. Zero: it is dropped (F9)
	Per   string   `json:"per,omitzero"`   // a metadata key of the trigger's event: distance and maximum count for each value by itself, unknown included. The most recently used are remembered, [DefaultFrequencyValues] of them (F7)
}

// Once lets a message reach a contact once.
func Once() *Frequency { return &Frequency{Every: Seconds(0), Max: 1} }

// EachTime lets a message go out each time it is triggered.
func EachTime() *Frequency { return &Frequency{Every: Seconds(0)} }

// Every lets a message go out at most once in a distance.
func Every(d Duration) *Frequency { return &Frequency{Every: d} }

// A Cap limits sends across messages, per contact: at most Max in a sliding
// window, of messages that have both Channel and Tag, or of all. Messages
// exempt from caps are neither held nor counted. (F5)
type Cap struct {
	ID      string   `json:"id,omitzero"`      // required, unique in the program
	Channel Channel  `json:"channel,omitzero"` // empty: every channel
	Tag     string   `json:"tag,omitzero"`     // empty: whatever the tags
	Max     int      `json:"max,omitzero"`     // at least 1, at most MaxCapSends
	Within  Duration `json:"within,omitzero"`  // longer than none; a send that is exactly so old is out
}
