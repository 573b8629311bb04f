package beckon

import "html"

// A place is where a placeholder lands.
type place struct {
	html bool
}

func placeHTML(src string, segments []segment, path string, faults *ErrorList) {
	for i := range segments {
		if h := segments[i].hole; h != nil {
			h.place.html = true
		}
	}
}

func (p *place) appendFallback(dst []byte, s string) []byte {
	return append(dst, html.EscapeString(s)...)
}

func (h *placeholder) appendHTML(dst []byte, v Value, rc *renderContext) []byte {
	return append(dst, html.EscapeString(string(h.appendText(nil, v, rc)))...)
}
