package fault

import (
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/suggest"
)

// JoinPath returns the path of a member: a.b, or a["b c"] where the name would
// not read as one.
func JoinPath(path, name string) string {
	if !PlainName(name) {
		return path + "[" + Quote(name) + "]"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// PlainName reports whether a name can stand in a path as it is.
func PlainName(name string) bool {
	if name == "" || len(name) > MaxQuoted {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if !(c == '_' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z') {
			return false
		}
	}
	return true
}

// UnknownField says that a field is not known, and which one may have been
// meant; else where it may stand.
func UnknownField(name string, known []string) string {
	meant := DidYouMean(name, known)
	if meant == "" && slices.Contains(known, "attributes") {
		meant = `; an attribute of your own stands under "attributes"`
	}
	return "unknown field" + meant
}

// DidYouMean returns `, did you mean "where"?`, or nothing if no known name is
// near.
func DidYouMean(name string, known []string) string {
	near := Meant(name, known)
	if near == "" {
		return ""
	}
	return `, did you mean "` + near + `"?`
}

// UnknownWord says that a word is none of those that can stand in its place, and which
// may have been meant.
func UnknownWord(word string, known []string) string {
	says := Quote(word) + " is not known"
	if near := DidYouMean(word, known); near != "" {
		return says + near + " It must be one of " + strings.Join(known, ", ")
	}
	return says + "; it must be one of " + strings.Join(known, ", ")
}

// Meant returns the known name that was probably meant: what another product
// calls so, which is no slip, else the nearest; empty if none is near.
func Meant(name string, known []string) string {
	if word := OtherWord(name, known); word != "" {
		return word
	}
	return suggest.Nearest(name, known)
}
