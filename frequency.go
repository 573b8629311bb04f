package beckon

import "time"

// DefaultEvery is the default least distance between two sends of a triggered
// message to a contact; a transactional message has none. (F1)
const DefaultEvery = time.Minute

// A Frequency is how often a triggered message may reach one contact. The
// default, nil or zero, is at most once a minute ([DefaultEvery]) without a
// maximum, or no distance if the message is transactional. "Once" is {Every:
// Seconds(0), Max: 1}. Negative values, and one on a message that is not
// triggered, are faults. (F1)
type Frequency struct {
	Every Duration // least distance from the last send (F2); zero is DefaultEvery, or none for a transactional message; Seconds(0) is none
	Max   int      // most sends; 0 is no maximum ("until stopped")
}

// A Cap limits sends across messages, per contact: at most Max in a sliding
// window, of messages that have both Channel and Tag, or of all. Messages
// exempt from caps are neither held nor counted. (F5)
type Cap struct {
	ID      string   // required, unique in the program
	Channel Channel  // empty: every channel
	Tag     string   // empty: whatever the tags
	Max     int      // at least 1, at most MaxCapSends
	Within  Duration // longer than none; a send that is exactly so old is out
}
