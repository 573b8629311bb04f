// Package fold has the forms under which two spellings are one: of names of events, of keys
// and of email addresses. Hosts in other languages must come to the same forms.
package fold

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/fault"
)

// MaxEventName is the greatest number of Unicode code points of an event name (E2).
const MaxEventName = 255

// Rune returns the one letter that stands for all letters that differ only
// in case: K, k and the Kelvin sign are k, and S, s and the long s are s. It
// is the lower case letter of their orbit under Unicode's simple case folding,
// so it agrees with strings.EqualFold, and folding twice is folding once.
// (strings.ToLower and strings.EqualFold disagree with each other, on İ and ſ
// for two; that is why there is this function and no other.)
func Rune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	first := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		first = min(first, next)
	}
	lower := unicode.ToLower(unicode.ToUpper(first))
	for next := unicode.SimpleFold(first); next != first; next = unicode.SimpleFold(next) {
		if next == lower {
			return lower
		}
	}
	return first // a letter without another case, or whose lower case is no fold of it (İ)
}

// Key returns the form under which a metadata key is the same as every other
// spelling of it in letter case (M2). It does not allocate if key has that
// form. Bytes that are not UTF-8 stay as they are.
func Key(key string) string {
	for i, r := range key {
		if r >= utf8.RuneSelf || Rune(r) != r {
			return foldTail(key, i)
		}
	}
	return key
}

// foldTail folds key from byte i on.
func foldTail(key string, i int) string {
	out := append(make([]byte, 0, len(key)+utf8.UTFMax), key[:i]...)
	for i < len(key) {
		r, n := utf8.DecodeRuneInString(key[i:])
		if r == utf8.RuneError && n == 1 {
			out = append(out, key[i])
		} else {
			out = utf8.AppendRune(out, Rune(r))
		}
		i += n
	}
	return string(out)
}

// EqualKey reports whether two metadata keys are the same key (M2), which
// is Key(a) == Key(b) without allocating.
func EqualKey(a, b string) bool {
	for len(a) > 0 && len(b) > 0 && a[0]|b[0] < utf8.RuneSelf { // most keys to the end
		if a[0] != b[0] && Rune(rune(a[0])) != Rune(rune(b[0])) {
			return false
		}
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" {
		x, n := utf8.DecodeRuneInString(a)
		y, m := utf8.DecodeRuneInString(b)
		if (x == utf8.RuneError && n == 1) || (y == utf8.RuneError && m == 1) {
			if n != m || a[0] != b[0] { // bytes that are not UTF-8 equal only themselves
				return false
			}
		} else if x != y && Rune(x) != Rune(y) {
			return false
		}
		a, b = a[n:], b[m:]
	}
	return a == b
}

// MayEqualFold tells most different keys apart by their last letters, where
// numbered keys differ too. Past ASCII it has no opinion: a letter there may be
// a case of one within.
func MayEqualFold(a, b string) bool {
	if a == "" || b == "" {
		return a == b
	}
	x, y := a[len(a)-1], b[len(b)-1]
	return x|0x20 == y|0x20 || (x|y) >= utf8.RuneSelf
}

// EventName returns the one form of an event name that stands for all its
// spellings (E2), or a code for what is wrong with it. It does not
// allocate for a name that is canonical. The canonical form of a name with a
// fault is empty.
func EventName(name string) (canonical string, code fault.Code) {
	if isCanonicalASCII(name) {
		return name, ""
	}
	if !utf8.ValidString(name) {
		return "", fault.ErrTextNotUTF8
	}
	name = EventLabel(name)
	if name == "" {
		return "", fault.ErrEventNameMissing
	}
	same, length := true, 0
	for _, r := range name {
		if unicode.IsControl(r) {
			return "", fault.ErrEventNameInvalid
		}
		same = same && r == canonicalNameRune(r)
		length++
	}
	if length > MaxEventName {
		return "", fault.ErrEventNameInvalid
	}
	if same {
		return name, ""
	}
	out := make([]byte, 0, len(name)+utf8.UTFMax)
	for _, r := range name {
		out = utf8.AppendRune(out, canonicalNameRune(r))
	}
	return string(out), ""
}

func canonicalNameRune(r rune) rune {
	if r == '.' || r == '$' {
		return '-'
	}
	return Rune(r)
}

// isCanonicalASCII tells the usual name at a glance.
func isCanonicalASCII(name string) bool {
	if name == "" || len(name) > MaxEventName || name[0] == ' ' || name[len(name)-1] == ' ' {
		return false
	}
	for i := 0; i < len(name); i++ {
		if c := name[i]; c < ' ' || c >= 0x7f || 'A' <= c && c <= 'Z' || c == '.' || c == '$' {
			return false
		}
	}
	return true
}

// EventNameFault is the sentence for a code of EventName.
func EventNameFault(name string, code fault.Code) string {
	switch code {
	case fault.ErrTextNotUTF8:
		return "is not valid UTF-8: " + fault.Quote(name)
	case fault.ErrEventNameMissing:
		return "is missing: an event has a name that is not blank"
	}
	for _, r := range EventLabel(name) {
		if unicode.IsControl(r) {
			return "must not contain control characters, got " + fault.Quote(string(r))
		}
	}
	return "must have at most " + strconv.Itoa(MaxEventName) + " characters, got " +
		strconv.Itoa(utf8.RuneCountInString(EventLabel(name)))
}

// EventLabel returns the spelling of an event name under which it is shown: as
// sent, without leading and trailing space (E2).
func EventLabel(name string) string { return strings.TrimSpace(name) }

// DisplayKey returns a metadata key as people read it: dashes are spaces, the
// first letter is a capital, all else stays (M2). Different keys may be shown
// alike: "invited-friend" and "invited friend" are both "Invited friend".
func DisplayKey(key string) string {
	key = strings.ReplaceAll(key, "-", " ")
	r, n := utf8.DecodeRuneInString(key)
	if r == utf8.RuneError || unicode.ToTitle(r) == r {
		return key
	}
	return string(unicode.ToTitle(r)) + key[n:]
}
