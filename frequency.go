package beckon

import "time"

// DefaultEvery is the least distance between two sends of a triggered message
// to one contact where its frequency says nothing else. A transactional message
// has none: a second receipt within the minute goes out (F1).
const DefaultEvery = time.Minute

// A Frequency is how often a triggered message may reach one contact (F1). A
// nil or zero Frequency is the default: at most once a minute ([DefaultEvery]),
// without a maximum. Of a transactional message the default is no distance.
//
// "Once" is {Every: Seconds(0), Max: 1}. A negative Every or Max is a fault
// on publish, and so is a frequency on a message that is not triggered.
type Frequency struct {
	Every Duration // least distance from the last send (F2); zero is DefaultEvery, or none for a transactional message; Seconds(0) is none
	Max   int      // most sends; 0 is no maximum ("until stopped")
}

// A Cap limits sends across messages, per contact: at most Max within a
// sliding window (F5). Channel and Tag narrow it to messages that have both;
// with neither it spans all. Messages exempt from caps are neither held by it
// nor counted.
type Cap struct {
	ID      string   // required, unique in the program
	Channel Channel  // empty: every channel
	Tag     string   // empty: whatever the tags
	Max     int      // at least 1, at most MaxCapSends
	Within  Duration // longer than none; a send that is exactly so old is out
}
