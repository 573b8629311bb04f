package beckon

// A Frequency is how often a triggered message may reach one contact (F1).
type Frequency struct {
	Every Duration // least distance between sends; nil Frequency means one minute. Zero is none
	Max   int      // most sends; zero is no maximum ("until stopped")
}

// A Cap limits sends across messages, per contact: at most Max within a
// sliding window (F5). Channel and Tag narrow it; with neither it spans all.
type Cap struct {
	ID      string
	Channel Channel
	Tag     string
	Max     int
	Within  Duration
}
