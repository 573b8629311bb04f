// Package htmlescape escapes text for the places of an HTML document. Each
// function returns, byte for byte, what html/template writes for a plain string
// in that place; a test in this package holds them to it.
//
// All append to a slice and return it, in the manner of strconv.Append…, and
// allocate nothing beyond its growth. The source may be a part of the
// destination: it is read before anything is overwritten.
package htmlescape

// hex holds the digits of percent-encoding, in lower case as html/template
// has them.
const hex = "0123456789abcdef"

// special has a bit for each byte that does not stand for itself in text; all
// of them are below 64.
const special uint64 = 1<<0 | 1<<'"' | 1<<'&' | 1<<'\'' | 1<<'+' | 1<<'<' | 1<<'>'

// AppendText appends s for text, for title and textarea, and for an attribute
// value in quotes.
func AppendText[T ~string | ~[]byte](dst []byte, s T) []byte {
	run := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 64 || special>>c&1 == 0 {
			continue
		}
		dst = append(dst, s[run:i]...)
		run = i + 1
		switch c {
		case '"':
			dst = append(dst, "&#34;"...)
		case '&':
			dst = append(dst, "&amp;"...)
		case '\'':
			dst = append(dst, "&#39;"...)
		case '+':
			dst = append(dst, "&#43;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		default:
			dst = append(dst, "\uFFFD"...)
		}
	}
	return append(dst, s[run:]...)
}

// unreserved reports whether a byte stands for itself everywhere in a URL.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

// AppendURL appends s as a URL, or as a piece of one in front of its query,
// for an attribute value in quotes: what is no valid part of a URL is
// percent-encoded, and the rest escaped as text. It does not judge the scheme.
func AppendURL[T ~string | ~[]byte](dst []byte, s T) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if unreserved(c) {
			dst = append(dst, c)
			continue
		}
		switch c {
		case '!', '#', '$', '*', ',', '/', ':', ';', '=', '?', '@', '[', ']':
			dst = append(dst, c)
			continue
		case '&':
			dst = append(dst, "&amp;"...)
			continue
		case '+':
			dst = append(dst, "&#43;"...)
			continue
		case '%':
			// What is encoded already stays as it is.
			if i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
				dst = append(dst, c)
				continue
			}
		}
		dst = append(dst, '%', hex[c>>4], hex[c&15])
	}
	return dst
}

// AppendMail appends s as a piece of a mailto: or tel: link in front of its
// query: as a URL, but a "?" and a "&", which would begin and divide the query,
// are percent-encoded as well.
func AppendMail[T ~string | ~[]byte](dst []byte, s T) []byte {
	run := 0
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == '?' || c == '&' {
			dst = AppendURL(dst, s[run:i])
			dst = append(dst, '%', hex[c>>4], hex[c&15])
			run = i + 1
		}
	}
	return AppendURL(dst, s[run:])
}

// AppendQuery appends s as a piece of a URL's query or fragment: all but the
// unreserved characters is percent-encoded.
func AppendQuery[T ~string | ~[]byte](dst []byte, s T) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if unreserved(c) {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
