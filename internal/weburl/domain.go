package weburl

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/secure/bidirule"
	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// toASCII judges the labels of a domain and returns it in a form in which
// numbers and empty labels can be seen. It stands for "domain to ASCII" of the
// standard, which never needs to be written out here. In doubt about a
// character it refuses: the mapping tables of UTS #46 are approximated by
// compatibility normalisation, which maps the same or less.
func toASCII(host string) (string, Reason) {
	ascii := isASCII(host)
	if ascii && !hasPunycode(host) {
		return host, OK // the common case
	}
	if !ascii {
		var ok bool
		if host, ok = mapDomain(host); !ok {
			return "", Host
		}
	}
	if !validLabels(host) {
		return "", Host
	}
	return host, OK
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// mapDomain maps a domain as browsers do before they look it up: case and
// compatibility forms are folded, the ideographic full stop is a dot, and what
// is invisible and without meaning goes.
func mapDomain(host string) (string, bool) {
	if !utf8.ValidString(host) {
		return "", false
	}
	for _, r := range host {
		// One character that becomes several with a dot, such as U+2488.
		if 0x2024 <= r && r <= 0x2026 || 0x2488 <= r && r <= 0x249b {
			return "", false
		}
	}
	fold := func(s string) string { return norm.NFKC.String(strings.ToLower(s)) }
	mapped := strings.Map(func(r rune) rune {
		switch {
		case r == 0x3002:
			return '.'
		case ignored(r):
			return -1
		}
		return r
	}, fold(fold(host))) // twice: what normalisation brings out may need folding
	for i, r := range mapped {
		if r < utf8.RuneSelf {
			if forbidden(byte(r)) {
				return "", false // a wide % or a fraction's slash, now in plain sight
			}
		} else if !allowed(r) && !joins(mapped[:i], r) {
			return "", false
		}
	}
	return mapped, true
}

// ignored reports whether a domain is the same without the character.
func ignored(r rune) bool {
	switch {
	case r == 0xad, r == 0x34f, r == 0x200b, r == 0x2060, r == 0x2064, r == 0xfeff,
		0x180b <= r && r <= 0x180f, 0xfe00 <= r && r <= 0xfe0f, 0xe0100 <= r && r <= 0xe01ef:
		return true
	}
	return false
}

// allowed reports whether a mapped character outside ASCII can stand in a
// domain: letters, marks, numbers and symbols that Unicode has assigned.
func allowed(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != utf8.RuneError &&
		(r < 0x2ff0 || r > 0x2fff) // descriptions of ideographs
}

// joins reports whether r is a joiner, which may stand only where it changes
// how the letters before it are written.
func joins(before string, r rune) bool {
	if r != 0x200c && r != 0x200d {
		return false
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	virama := norm.NFC.PropertiesString(string(last)).CCC() == 9
	return virama || r == 0x200c && unicode.Is(unicode.Arabic, last)
}

// validLabels judges each label of a mapped domain.
func validLabels(host string) bool {
	rtl := false
	labels := strings.Split(host, ".")
	for i, label := range labels {
		if len(label) >= 4 && strings.EqualFold(label[:4], "xn--") {
			decoded, ok := decodePunycode(label[4:])
			if !ok || isASCII(decoded) {
				return false
			}
			// It must be the form that encoding would return: mapped already.
			if mapped, ok := mapDomain(decoded); !ok || mapped != decoded {
				return false
			}
			label = decoded
			labels[i] = label
		}
		first, _ := utf8.DecodeRuneInString(label)
		if unicode.Is(unicode.M, first) {
			return false
		}
		rtl = rtl || bidirule.DirectionString(label) == bidi.RightToLeft
	}
	if rtl {
		for _, label := range labels {
			if !bidirule.ValidString(label) {
				return false
			}
		}
	}
	return true
}

// hasPunycode reports whether a label begins with xn--.
func hasPunycode(host string) bool {
	for {
		if len(host) >= 4 && strings.EqualFold(host[:4], "xn--") {
			return true
		}
		i := strings.IndexByte(host, '.')
		if i < 0 {
			return false
		}
		host = host[i+1:]
	}
}

// Suspicious reports whether an accepted URL may deceive its reader: whether
// its host is not plain ASCII (a letter of another script may look like a
// Latin one), or an address in another form than four decimal numbers or
// brackets, or escaped, or if there is an invisible character anywhere.
func Suspicious(s string) bool { return !Plain(s) && suspicious(s) }

func suspicious(s string) bool {
	rest, _ := cutScheme(s)
	host, _, _ := split(authority(rest))
	if host == "" || !isASCII(host) || hasPunycode(host) || strings.IndexByte(host, '%') >= 0 {
		return true
	}
	if host[0] != '[' && endsInNumber(host) && !dottedQuad(host) {
		return true
	}
	if isASCII(s) {
		return false
	}
	for _, r := range s {
		if r == 0xad || r == 0x34f || r == 0x180e || 0x200b <= r && r <= 0x200d || 0x2060 <= r && r <= 0x2064 || r == 0xfeff {
			return true
		}
	}
	return false
}

// dottedQuad reports whether a host that browsers read as an IPv4 address is
// written as people do. What is not decimal begins with a 0, as 0x does.
func dottedQuad(host string) bool {
	dots, start := 0, true
	for i := range len(host) {
		c := host[i]
		switch {
		case c == '.':
			dots, start = dots+1, true
		case start && c == '0' && i+1 < len(host) && host[i+1] != '.':
			return false
		default:
			start = false
		}
	}
	return dots == 3 && !start
}
