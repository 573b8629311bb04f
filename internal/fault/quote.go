package fault

import "strconv"

// MaxQuoted is how many characters of input an error may quote.
const MaxQuoted = 64

// Quote returns input for an error's sentence: in quotes, escaped, and cut
// after 64 characters. It hides no secret; what may hold one is not quoted.
func Quote(s string) string {
	n := 0
	for i := range s {
		if n == MaxQuoted {
			return strconv.QuoteToASCII(s[:i]) + "…"
		}
		n++
	}
	return strconv.QuoteToASCII(s)
}
