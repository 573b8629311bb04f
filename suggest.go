package beckon

import "github.com/beckon-go/beckon/internal/suggest"

// joinPath returns the path of a member: a.b, or a["b c"] where the name would
// not read as one.
func joinPath(path, name string) string {
	if !plainName(name) {
		return path + "[" + quoteInput(name) + "]"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// plainName reports whether a name can stand in a path as it is.
func plainName(name string) bool {
	if name == "" || len(name) > maxQuoted {
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

// unknownField says that a field is not known, and which one may have been
// meant.
func unknownField(name string, known []string) string {
	return "unknown field" + didYouMean(name, known)
}

// didYouMean returns `, did you mean "where"?`, or nothing if no known name is
// near.
func didYouMean(name string, known []string) string {
	near := meant(name, known)
	if near == "" {
		return ""
	}
	return `, did you mean "` + near + `"?`
}

// meant returns the known name that was probably meant: what another product
// calls so, which is no slip, else the nearest; empty if none is near.
func meant(name string, known []string) string {
	if word := otherWord(name, known); word != "" {
		return word
	}
	return suggest.Nearest(name, known)
}
