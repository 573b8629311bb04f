package beckon

// A Duration is a length of time as people write it in rules.
type Duration int64

// The units of a Duration.
const (
	Second Duration = 1
	Minute          = 60 * Second
	Hour            = 60 * Minute
	Day    Duration = 1 << 36
	Week            = 7 * Day
)
