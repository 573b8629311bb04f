package beckon

import "strconv"

// maxQuoted is how many characters of input an error may quote.
const maxQuoted = 64

// quoteInput gives input for an error's sentence: in quotes, escaped, and cut
// after 64 characters. It hides no secret; what may hold one is not quoted.
func quoteInput(s string) string {
	n := 0
	for i := range s {
		if n == maxQuoted {
			return strconv.QuoteToASCII(s[:i]) + "…"
		}
		n++
	}
	return strconv.QuoteToASCII(s)
}
