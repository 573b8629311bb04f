// Package weburl decides which texts are web addresses that may become a link in a
// message. It does not take a URL apart and changes nothing: a URL is kept as it was
// sent. It refuses what the WHATWG URL standard refuses, and more. Every accepted URL
// has the scheme http or https, the two slashes and a host, so all programs that read
// it agree on the host.
package weburl

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLength is the greatest length of a URL, in Unicode code points.
const MaxLength = 2048

// A Reason says why a text is not accepted as a URL.
type Reason uint8

// The reasons. OK is the zero value.
const (
	OK        Reason = iota
	TooLong          // over MaxLength
	NotUTF8          // broken encoding
	Scheme           // does not begin with http:// or https://
	Space            // raw white space
	Control          // a raw control character
	Bidi             // a raw bidirectional control, which makes text read otherwise than it is
	Backslash        // read as a slash by browsers and not by others
	UserInfo         // a user or a password
	NoHost           // an empty host
	Host             // a host that cannot be one
	IPAddress        // a malformed IP address
	Port             // not a number up to 65535
)

// String returns the reason as the end of a sentence that begins with "the URL".
// It quotes nothing: a refused URL may hold a password anywhere.
func (r Reason) String() string {
	switch r {
	case OK:
		return "is fine"
	case TooLong:
		return "is longer than 2048 characters"
	case NotUTF8:
		return "is not valid UTF-8"
	case Scheme:
		return "does not begin with http:// or https://"
	case Space:
		return "contains a raw space"
	case Control:
		return "contains a raw control character"
	case Bidi:
		return "contains a bidirectional control character"
	case Backslash:
		return "contains a backslash"
	case UserInfo:
		return "contains a user or password"
	case NoHost:
		return "has no host"
	case Host:
		return "has an invalid host"
	case IPAddress:
		return "has a malformed IP address for a host"
	case Port:
		return "has an invalid port"
	}
	return "is invalid"
}

// Plain tells the usual URL at a glance: http or https in small letters, a host
// of letters, digits, dots and single dashes whose last label begins with a
// letter, and behind it visible ASCII without a backslash. Such a URL is
// accepted, and not suspicious.
func Plain(s string) bool {
	i := len("http")
	if len(s) < len("http://a") || len(s) > MaxLength || s[:i] != "http" {
		return false
	}
	if s[i] == 's' {
		i++
	}
	if s[i:i+3] != "://" {
		return false
	}
	i += 3
	last := byte('.') // character of the host
	label := byte(0)  // first character of the last label
host:
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c|0x20 && c|0x20 <= 'z', '0' <= c && c <= '9':
			if last == '.' {
				label = c
			}
		case (c == '.' || c == '-') && last != '.' && last != '-': // no empty label, and no xn--
		case c == '/' || c == '?' || c == '#':
			break host
		default:
			return false
		}
		last = c
	}
	if label < 'A' || last == '.' {
		return false
	}
	for ; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == '\\' {
			return false
		}
	}
	return true
}

// Check judges a text, and allocates nothing if its host is ASCII. Percent
// escapes in path, query and fragment are data and not looked into, and need
// not be well-formed: browsers take them so. In the host they are decoded and
// judged, as browsers do.
func Check(s string) Reason {
	if Plain(s) {
		return OK
	}
	return check(s)
}

// check is Check for every text.
func check(s string) Reason {
	// Four bytes are the most that one code point takes: what is longer is
	// not worth decoding.
	if len(s) > 4*MaxLength || len(s) > MaxLength && utf8.RuneCountInString(s) > MaxLength {
		return TooLong
	}
	rest, ok := cutScheme(s)
	if !ok {
		return Scheme
	}
	if r := characters(s); r != OK {
		return r
	}
	host, port, r := split(authority(rest))
	if r != OK {
		return r
	}
	if !validPort(port) {
		return Port
	}
	return checkHost(host)
}

// cutScheme cuts off http:// or https:// in any case of letters.
func cutScheme(s string) (rest string, ok bool) {
	if len(s) < len("http://") || !strings.EqualFold(s[:4], "http") {
		return "", false
	}
	s = s[4:]
	if s[0] == 's' || s[0] == 'S' {
		s = s[1:]
	}
	return strings.CutPrefix(s, "://")
}

// characters looks for what may stand nowhere in a URL.
func characters(s string) Reason {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c == ' ':
				return Space
			case c < ' ' || c == 0x7f:
				return Control
			case c == '\\':
				return Backslash
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return NotUTF8
		case r < 0xa0 && r != 0x85:
			return Control
		case unicode.IsSpace(r):
			return Space
		case isBidi(r):
			return Bidi
		}
		i += size
	}
	return OK
}

// isBidi reports whether r is one of the marks, embeddings, overrides and
// isolates that reorder the text around them.
func isBidi(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f ||
		0x202a <= r && r <= 0x202e || 0x2066 <= r && r <= 0x2069
}

// authority returns what stands before path, query and fragment.
func authority(rest string) string {
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return rest[:i]
	}
	return rest
}

// split returns host and port of an authority; the port is empty if there is
// none, and so it may be after a colon.
func split(auth string) (host, port string, r Reason) {
	if strings.IndexByte(auth, '@') >= 0 {
		return "", "", UserInfo
	}
	host = auth
	if i := strings.LastIndexByte(auth, ':'); i >= 0 && i > strings.LastIndexByte(auth, ']') {
		host, port = auth[:i], auth[i+1:]
	}
	if host == "" {
		return "", "", NoHost
	}
	return host, port, OK
}

// validPort takes leading zeros, as the standard does.
func validPort(port string) bool {
	n := 0
	for i := 0; i < len(port); i++ {
		c := port[i]
		if c < '0' || c > '9' {
			return false
		}
		if n = n*10 + int(c-'0'); n > 65535 {
			return false
		}
	}
	return true
}

// ImagePath reports whether the path of an accepted URL ends in the extension
// of an image, in any case of letters.
func ImagePath(s string) bool {
	rest, _ := cutScheme(s)
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	slash := strings.LastIndexByte(rest, '/')
	dot := strings.LastIndexByte(rest, '.')
	if slash < 0 || dot < slash {
		return false // no path, or a last segment without extension
	}
	ext := rest[dot+1:]
	if len(ext) > len("jpeg") {
		return false
	}
	var lower [4]byte
	for i := range len(ext) {
		c := ext[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower[i] = c
	}
	switch string(lower[:len(ext)]) {
	case "png", "jpg", "jpeg", "gif", "webp", "svg", "avif", "bmp", "ico", "tif", "tiff":
		return true
	}
	return false
}
