package render

import (
	"strings"

	"github.com/beckon-go/beckon/internal/htmlescape"
	"github.com/beckon-go/beckon/internal/htmlplace"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/internal/weburl"
)

// defanged is what html/template writes in place of a URL that it refuses.
const defanged = "#ZgotmplZ"

// appendHTML writes a value in the form that its place in HTML asks for (R4),
// escaped for it (R5).
func (h *placeholder) appendHTML(dst []byte, v repr.Value, rc *Options) []byte {
	p := h.place
	start := len(dst)
	switch p.kind {
	case htmlplace.Text:
		if h.filter == nil {
			if out, ok := h.appendMarkup(dst, v, rc); ok {
				return out
			}
		}
		dst = h.appendText(dst, v, rc.location(), rc.Isolate)
	case htmlplace.RCDATA:
		dst = h.appendText(dst, v, rc.location(), rc.Isolate)
	default:
		if p.kind == htmlplace.URL && p.part == htmlplace.Whole {
			return appendWholeURL(dst, v)
		}
		if link, ok := v.URL(); ok && h.filter == nil {
			dst = append(dst, link...)
		} else {
			dst = h.appendText(dst, v, rc.location(), false)
		}
	}
	if len(dst) == start {
		return append(dst, h.absent...)
	}
	return p.escapeTail(dst, start)
}

// escapeTail escapes what was written to dst from start on: it is escaped
// behind itself and then moved to its place.
func (p place) escapeTail(dst []byte, start int) []byte {
	raw := dst[start:]
	end := len(dst)
	if p.part == htmlplace.PathStart && raw[0] == '/' {
		// Two slashes would begin a host.
		dst = append(dst, "%2f"...)
		raw = raw[1:]
	}
	dst = appendEscaped(p, dst, raw)
	return dst[:start+copy(dst[start:], dst[end:])]
}

// appendFallback writes the fallback, or nothing in the form that the place
// asks for.
func (p place) appendFallback(dst []byte, s string) []byte {
	switch {
	case s == "" && p.dot:
		return append(dst, '.')
	case s == "":
		return dst
	case p.kind == htmlplace.URL && p.part == htmlplace.Whole:
		if !isRelative(s) && !isWebURL(s) {
			return append(dst, defanged...)
		}
	}
	start := len(dst)
	return p.escapeTail(append(dst, s...), start)
}

// isRelative reports whether a fallback stays on the page's own host. A colon
// before any slash is refused, as html/template does.
func isRelative(s string) bool {
	if front, _, ok := strings.Cut(s, ":"); ok && !strings.Contains(front, "/") {
		return false
	}
	return s[0] == '?' || s[0] == '#' ||
		s[0] == '/' && !strings.HasPrefix(s, "//") && !strings.ContainsAny(s, "\\\t\n\r")
}

// appendWholeURL writes a value that a URL begins with. Only an http or https
// link with a host becomes one (R5); all else is refused in html/template's
// own way, also what html/template would let through, such as "//host".
func appendWholeURL(dst []byte, v repr.Value) []byte {
	link, ok := v.URL()
	if !ok && v.Kind == repr.KindString && isWebURL(v.Str) {
		link, ok = v.Str, true
	}
	if !ok {
		return append(dst, defanged...)
	}
	return htmlescape.AppendURL(dst, link)
}

// isWebURL reports whether a text is an http or https link with a host, by the
// rule that metadata is judged by (M3).
func isWebURL(s string) bool { return weburl.Check(s) == weburl.OK }

// appendMarkup writes a value that is more than text as an element of its own
// (R4); false means that the value, or the place, has none. Within a link, a
// link is its text: links do not nest.
func (h *placeholder) appendMarkup(dst []byte, v repr.Value, rc *Options) ([]byte, bool) {
	if h.place.noMarkup {
		return dst, false
	}
	href, _ := v.URL()
	text := href
	switch v.Kind {
	case repr.KindImage:
		dst = append(dst, `<img src="`...)
		dst = htmlescape.AppendURL(dst, href)
		return append(dst, `" alt="">`...), true
	case repr.KindLink:
	case repr.KindRichLink:
		text, _ = v.Title()
	case repr.KindStripe:
		if h.place.inLink {
			return dst, false
		}
		dst = append(dst, `<a href="https://dashboard.stripe.com/`...)
		dst = append(dst, stripePage(h.key, v.Str)...)
		dst = append(dst, '/')
		dst = htmlescape.AppendQuery(dst, v.Str)
		dst = append(dst, `">`...)
		dst = htmlescape.AppendText(dst, v.Str)
		return append(dst, "</a>"...), true
	default:
		return dst, false
	}
	if !h.place.inLink {
		dst = append(dst, `<a href="`...)
		dst = htmlescape.AppendURL(dst, href)
		dst = append(dst, `">`...)
	}
	start := len(dst)
	dst = append(dst, text...)
	if rc.Isolate && v.Kind == repr.KindRichLink {
		dst = isolate(dst, start)
	}
	dst = h.place.escapeTail(dst, start)
	if !h.place.inLink {
		dst = append(dst, "</a>"...)
	}
	return dst, true
}

// stripePage returns the dashboard's path for an identifier: by the metadata
// key that makes it one (M3), else by its prefix.
func stripePage(key, id string) string {
	kind := repr.StripeKey(key)
	if kind == repr.StripeOther {
		kind, _ = repr.StripePrefix(id)
	}
	switch kind {
	case repr.StripeCustomer:
		return "customers"
	case repr.StripeInvoice:
		return "invoices"
	default:
		return "payments"
	}
}
