package htmlplace

import (
	"net/url"
	"strings"
)

// attributeKind says what a value in an attribute is, or that none may stand
// in it. What is not listed is refused.
func attributeKind(element, name string) Kind {
	switch element {
	case "script", "style", "iframe", "frame", "frameset", "object", "embed", "applet", "param",
		"base", "link", "meta", "svg", "math", "noembed", "noframes", "xmp", "plaintext", "portal":
		return Refused
	}
	switch name {
	case "title", "alt", "class", "id", "lang", "dir", "width", "height", "placeholder", "datetime":
		return Attribute
	case "label":
		return oneOf(element, Attribute, "option", "optgroup")
	case "value":
		return oneOf(element, Attribute, "option", "input", "button", "data", "li", "meter", "progress")
	case "href":
		return oneOf(element, URL, "a", "area")
	case "src":
		return oneOf(element, URL, "img", "video", "audio", "source")
	case "poster":
		return oneOf(element, URL, "video")
	}
	for _, prefix := range []string{"aria-", "data-"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok && plainName(rest) {
			return Custom
		}
	}
	return Refused
}

func oneOf(element string, kind Kind, elements ...string) Kind {
	for _, e := range elements {
		if e == element {
			return kind
		}
	}
	return Refused
}

// plainName reports whether the rest of a name has nothing odd in it.
func plainName(s string) bool {
	for i := range len(s) {
		if c := s[i]; c != '-' && c != '_' && c != '.' && !isLetter(c) && (c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// A Part is the part of a URL in which a placeholder stands.
type Part uint8

// The parts of a URL.
const (
	Whole     Part = iota // the beginning: the value is the URL, or its beginning
	Path                  // behind a host or a "/", in front of the query
	PathStart             // the same, behind a "/" that nothing precedes
	Query                 // in the query or the fragment
	Mail                  // in a mailto: or tel: link, in front of its query
)

// URLPart says in which part of a URL a place stands, and, if no value may
// stand there, why. The fallback of a placeholder that the URL begins with is
// given, since the rest must suit it too.
func (p Place) URLPart(fallback string) (part Part, reason string) {
	before := p.Before
	first := strings.TrimLeft(before[0], " \t\n\f\r")
	if first == "" && len(before) == 1 {
		return Whole, ""
	}
	fixed := first + strings.Join(before[1:], "")
	mail := p.Name == "href" && (hasPrefixFold(first, "mailto:") || hasPrefixFold(first, "tel:"))
	last := before[len(before)-1]
	if first == "" {
		// The value in front is a link or empty.
		if reason := fixedReason(strings.Join(before[1:], ""), true); reason != "" {
			return 0, reason
		}
		if fallback != "" {
			if reason := fixedReason(fallback+fixed, false); reason != "" {
				return 0, reason + " with the fallback"
			}
		}
	} else if reason := fixedReason(first, false); reason != "" && !mail {
		return 0, reason
	}
	if strings.ContainsAny(fixed, "\t\n\r") {
		return 0, "behind a line break or a tab in a URL"
	}
	// The "#" of a character reference that a value could complete is none.
	query := strings.IndexAny(fixed, "?#")
	switch {
	case p.openEntity && (query < 0 || query > strings.LastIndexByte(fixed, '&')):
		return 0, `behind an unfinished "&" in a URL`
	case query >= 0:
		return Query, ""
	case strings.ContainsRune(fixed, '\\'):
		return 0, "behind a backslash in a URL"
	case mail:
		return Mail, ""
	case fixed == "/" && last == "":
		return 0, `directly behind another variable that follows the first "/" of a URL`
	case fixed == "/":
		return PathStart, ""
	}
	return Path, ""
}

// fixedReason says why nothing may follow the fixed beginning of a URL, and ""
// if a value may: it is relative to the page or names a complete host.
func fixedReason(prefix string, behindValue bool) string {
	if prefix == "" {
		return "directly behind another variable that a URL begins with"
	}
	switch prefix[0] {
	case '?', '#':
		return ""
	case '/':
		if strings.HasPrefix(prefix, "//") || strings.HasPrefix(prefix, `/\`) {
			return `in a URL that begins with "//"`
		}
		return ""
	}
	if behindValue {
		return `behind a variable that a URL begins with, unless "/", "?" or "#" stands between`
	}
	scheme, rest, found := strings.Cut(prefix, "://")
	if !found || !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, "https") {
		return "in a URL that begins otherwise than with http://, https://, mailto:, tel:, a single /, ? or #"
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		return "in the host of a URL"
	}
	host := rest[:end]
	u, err := url.Parse("http://" + host)
	if err != nil || u.Hostname() == "" || u.User != nil || strings.ContainsAny(host, "\\@ \t\n\r") {
		return "in a URL without a proper host"
	}
	return ""
}

// endsInEntity reports whether raw text ends in a character reference that
// what follows could complete or extend.
func endsInEntity(raw string) bool {
	for _, c := range []byte(raw[strings.LastIndexByte(raw, '&')+1:]) {
		if c != '#' && !isLetter(c) && (c < '0' || c > '9') {
			return false
		}
	}
	return strings.Contains(raw, "&")
}
