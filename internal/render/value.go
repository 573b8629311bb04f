package render

import (
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/beckon-go/beckon/internal/repr"
)

// append writes what the placeholder shows: the value in the form that its
// place asks for (R4), escaped for it (R5), or the fallback (R3).
//
// It reports whether the value is missing.
func (h *placeholder) append(dst []byte, v repr.Value, rc *Options) (out []byte, missing bool) {
	switch {
	case isBlank(v):
		return append(dst, h.absent...), h.misses(&v)
	case h.place.html:
		return h.appendHTML(dst, v, rc), false
	}
	start := len(dst)
	dst = h.appendText(dst, v, rc.location(), rc.Isolate)
	if len(dst) == start {
		return append(dst, h.absent...), false
	}
	return dst, false
}

// misses reports whether a value is missing here: unknown, or refused by its
// constructor, and without a fallback (R3).
func (h *placeholder) misses(v *repr.Value) bool {
	return !h.has && (v.Kind == repr.KindUnknown || v.Kind == repr.KindInvalid)
}

// appendFallback writes the fallback as it stands in the output.
func (h *placeholder) appendFallback(dst []byte) []byte {
	if h.place.html {
		return h.place.appendFallback(dst, h.fallback)
	}
	return append(dst, h.fallback...)
}

// isBlank reports whether a value is unknown or the empty string, which a
// fallback replaces (R3). An empty list has no text either.
func isBlank(v repr.Value) bool {
	switch v.Kind {
	case repr.KindUnknown, repr.KindInvalid:
		return true
	case repr.KindString:
		return v.Str == ""
	case repr.KindList:
		return v.Num == 0
	default:
		return false
	}
}

// appendText writes a value as text: filtered, or in its plain form.
func (h *placeholder) appendText(dst []byte, v repr.Value, loc *time.Location, isolated bool) []byte {
	start := len(dst)
	if h.filter != nil {
		if out, ok := h.filter.apply(dst, v); ok {
			if isolated {
				return isolate(out, start)
			}
			return out
		}
	}
	switch v.Kind {
	case repr.KindDate:
		if h.ns == Event {
			return v.AppendText(dst)
		}
		return time.Unix(v.Num, 0).In(loc).AppendFormat(dst, time.RFC3339)
	case repr.KindRichLink:
		title, _ := v.Title()
		url, _ := v.URL()
		dst = append(dst, title...)
		if isolated {
			dst = isolate(dst, start)
		}
		dst = append(dst, " ("...)
		dst = append(dst, url...)
		return append(dst, ')')
	case repr.KindString, repr.KindList:
		dst = v.AppendText(dst)
		if isolated {
			return isolate(dst, start)
		}
		return dst
	default:
		return v.AppendText(dst)
	}
}

// collapseControls replaces each run of control characters by one space, in
// place; the line and paragraph separators U+2028 and U+2029 count as such.
func collapseControls(b []byte) []byte {
	clean := true
	for _, c := range b {
		// The Latin-1 controls begin with 0xC2, the separators with 0xE2.
		if c < ' ' || c == 0x7f || c == 0xc2 || c == 0xe2 {
			clean = false
			break
		}
	}
	if clean {
		return b
	}
	out, inRun := b[:0], false
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			if !inRun {
				out = append(out, ' ')
			}
			inRun = true
		} else {
			out = append(out, b[i:i+n]...)
			inRun = false
		}
		i += n
	}
	return out
}
