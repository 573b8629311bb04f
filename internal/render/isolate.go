package render

import "unicode/utf8"

// Marks of the bidirectional algorithm.
const (
	firstStrongIsolate = '\u2068'
	popIsolate         = '\u2069'
)

// isolate wraps what was written to dst from start on in U+2068 … U+2069, so
// that the direction of a value cannot reorder the text around it. The value
// can neither leave its isolate nor leave one open: a U+2069 too many is left
// out, one that is missing is added, and since a paragraph ends every isolate, each
// paragraph of the value has its own.
func isolate(dst []byte, start int) []byte {
	if len(dst) == start {
		return dst
	}
	// The value is rewritten behind itself and then moved to its place.
	end, depth := len(dst), 0
	dst = utf8.AppendRune(dst, firstStrongIsolate)
	closeAll := func() {
		for ; depth >= 0; depth-- {
			dst = utf8.AppendRune(dst, popIsolate)
		}
		depth = 0
	}
	for i := start; i < end; {
		r, n := utf8.DecodeRune(dst[i:end])
		switch r {
		case '\u2066', '\u2067', firstStrongIsolate:
			depth++
			dst = append(dst, dst[i:i+n]...)
		case popIsolate:
			if depth > 0 {
				depth--
				dst = append(dst, dst[i:i+n]...)
			}
		case '\n', '\r', '\x1c', '\x1d', '\x1e', '\u0085', '\u2029':
			closeAll()
			dst = append(dst, dst[i:i+n]...)
			dst = utf8.AppendRune(dst, firstStrongIsolate)
		default:
			dst = append(dst, dst[i:i+n]...)
		}
		i += n
	}
	closeAll()
	return dst[:start+copy(dst[start:], dst[end:])]
}
