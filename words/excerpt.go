package words

import (
	"strconv"
	"unicode/utf8"
)

// maxExcerpt is how many bytes of a text are quoted, and around those that differ.
const (
	maxExcerpt = 300
	around     = 30
)

// excerpt quotes a text, or its beginning and how long it is.
func excerpt(s string) string {
	if len(s) <= maxExcerpt {
		return strconv.Quote(s)
	}
	return strconv.Quote(s[:runeStart(s, maxExcerpt)]) + " … (" + strconv.Itoa(utf8.RuneCountInString(s)) + " characters)"
}

// excerpts quotes two texts where they differ.
func excerpts(before, after string) (was, now string) {
	if len(before) <= maxExcerpt && len(after) <= maxExcerpt {
		return strconv.Quote(before), strconv.Quote(after)
	}
	from := 0
	for from < min(len(before), len(after)) && before[from] == after[from] {
		from++
	}
	same := 0
	for same < min(len(before), len(after))-from && before[len(before)-1-same] == after[len(after)-1-same] {
		same++
	}
	return cut(before, from, len(before)-same), cut(after, from, len(after)-same)
}

// cut quotes what is from a place to another, and what is around it.
func cut(s string, from, to int) string {
	begin, end := runeStart(s, max(0, from-around)), runeStart(s, min(len(s), to+around))
	left, right := "… ", " …"
	if begin == 0 {
		left = ""
	}
	if end == len(s) {
		right = ""
	}
	if end-begin > maxExcerpt {
		middle := runeStart(s, begin+maxExcerpt)
		return left + strconv.Quote(s[begin:middle]) + " … (" + strconv.Itoa(utf8.RuneCountInString(s[middle:end])) + " characters more)" + right
	}
	return left + strconv.Quote(s[begin:end]) + right
}

// runeStart returns the last beginning of a character that is not behind i.
func runeStart(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}
