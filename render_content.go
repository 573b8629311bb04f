package beckon

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/htmlescape"
	"github.com/beckon-go/beckon/internal/htmlplace"
)

// A renderContext is what the templates of one content are compiled for.
type renderContext struct {
	eventVars bool           // variables of the event exist (R2)
	loc       *time.Location // the workspace's zone; nil is UTC
	isolate   bool           // wrap text values in U+2068 … U+2069 (R5)
	limits    RenderLimits   // zero is the default of each
	filters   filterCache    // of all templates that are compiled together; nil: of this content alone
}

func (rc renderContext) location() *time.Location {
	if rc.loc == nil {
		return time.UTC
	}
	return rc.loc
}

// A compiledTemplate is one template, ready to be filled in. It is immutable.
type compiledTemplate struct {
	name     string // "subject", "body", "data.KEY"
	segments []segment
	fixed    bool   // no placeholder at all: text is the output
	text     string // the output of a fixed template
	oneLine  bool   // each run of control characters is one space (R5)
}

// A compiledContent is a [Content], compiled: immutable and safe for
// concurrent use.
type compiledContent struct {
	subject, body compiledTemplate
	data          []compiledTemplate // by key, sorted
	keys          []string
	rc            renderContext
	limit         int
	scratch       sync.Pool // of *filling
}

// compileContent compiles the subject, the body and the data of a content,
// where path is the place of the content ("messages[0].content") or empty. What is
// wrong is added to faults; the result is then of no use, but never nil.
func compileContent(c Content, rc renderContext, path string, faults *fault.List) *compiledContent {
	if rc.limits.negative() {
		faults.Fault(path, "a limit of rendering is negative")
	}
	rc.limits = rc.limits.withDefaults()
	if rc.filters == nil {
		rc.filters = filterCache{}
	}
	out := &compiledContent{rc: rc, limit: rc.limits.RenderedSize}
	if path != "" {
		path += "."
	}
	out.subject = compileTemplate(c.Subject, FormatText, rc, path, "subject", faults)
	out.subject.flatten()
	switch c.Format {
	case "":
		if looksLikeHTML(c.Body) {
			faults.Fault(path+"format", `missing: the body looks like HTML; say "html", or "text" if it is meant as it stands`)
		}
	case FormatText, FormatHTML:
	default:
		faults.Fault(path+"format", "unknown format "+fault.Quote(string(c.Format))+": expected text or html")
	}
	switch c.Missing {
	case "", MissingEmpty, MissingHold:
	default:
		faults.Fault(path+"missing", "unknown policy "+fault.Quote(string(c.Missing))+": expected empty or hold")
	}
	out.body = compileTemplate(c.Body, c.Format, rc, path, "body", faults)
	out.keys = slices.Sorted(maps.Keys(c.Data))
	for _, key := range out.keys {
		out.data = append(out.data, compileTemplate(c.Data[key], c.Format, rc, path, "data."+key, faults))
	}
	return out
}

// compileTemplate compiles one template for the place that format gives it.
func compileTemplate(src string, format Format, rc renderContext, path, name string, faults *fault.List) compiledTemplate {
	path += name
	t := compiledTemplate{name: name}
	found := faults.Found()
	t.segments = parseTemplate(src, rc, path, faults)
	if faults.Found() > found {
		return t
	}
	if format == FormatHTML {
		placeHTML(src, t.segments, path, faults)
	}
	t.segments = settle(t.segments, rc.isolate)
	if len(t.segments) == 1 {
		t.fixed, t.text = true, t.segments[0].text
	}
	return t
}

// settle escapes the fallbacks for their places and turns quoted texts into
// part of the fixed text.
func settle(segments []segment, isolate bool) []segment {
	out := segments[:0]
	before := ""
	for _, s := range segments {
		s.text = before + s.text
		before = ""
		if s.hole != nil {
			s.hole.absent = string(s.hole.appendFallback(nil))
			s.hole.plain = s.hole.filter == nil && !isolate && s.hole.place.kind != htmlplace.URL
			if s.hole.literal {
				before = s.text + s.hole.absent
				continue
			}
		}
		out = append(out, s)
	}
	return out
}

// flatten makes the template one line.
func (t *compiledTemplate) flatten() {
	t.oneLine = true
	if t.fixed {
		t.text = string(collapseControls([]byte(t.text)))
	}
}

// templates returns all templates of the content.
func (t *compiledContent) templates() []*compiledTemplate {
	all := []*compiledTemplate{&t.subject, &t.body}
	for i := range t.data {
		all = append(all, &t.data[i])
	}
	return all
}

// usesCompany reports whether any template shows company data (D2).
func (t *compiledContent) usesCompany() bool {
	for _, tmpl := range t.templates() {
		for i := range tmpl.segments {
			if h := tmpl.segments[i].hole; h != nil && h.ns == nsCompany {
				return true
			}
		}
	}
	return false
}

// missing reports whether any variable without a fallback is unknown (R3). An
// empty string is a known value.
func (t *compiledContent) missing(v variables) bool {
	f := t.filling()
	missing := t.subject.missing(v, &f.value) || t.body.missing(v, &f.value)
	for i := range t.data {
		missing = missing || t.data[i].missing(v, &f.value)
	}
	t.release(f)
	return missing
}

func (t *compiledTemplate) missing(v variables, into *Value) bool {
	for i := range t.segments {
		h := t.segments[i].hole
		if h != nil && !h.has && h.misses(v.lookup(h.ns, h.key, into)) {
			return true
		}
	}
	return false
}

// render fills the templates in. The data map is nil if the content has none,
// else the caller's own. The only error is [ErrRenderTooLarge].
func (t *compiledContent) render(v variables) (subject, body string, data map[string]string, err error) {
	f := t.filling()
	out, err := t.fillAll(f, v)
	t.release(f)
	return out.Subject, out.Body, out.Data, err
}

// A filling is the working state of one rendering, kept for the next one, so
// that rendering allocates its results alone.
type filling struct {
	buf     []byte
	left    int  // of the limit
	missing bool // a variable without a fallback was unknown
	vars    Vars // of a Renderer
	value   Value
}

// filling returns one, used before or new.
func (t *compiledContent) filling() *filling {
	if f, ok := t.scratch.Get().(*filling); ok {
		return f
	}
	return new(filling)
}

// release keeps a filling for the next rendering, without the values. A
// buffer that one outsized message has grown is left to the collector.
func (t *compiledContent) release(f *filling) {
	f.vars, f.value = Vars{}, Value{}
	if cap(f.buf) <= 64<<10 {
		t.scratch.Put(f)
	}
}

// fillAll renders all templates.
func (t *compiledContent) fillAll(f *filling, v variables) (out Rendered, err error) {
	f.left, f.missing = t.limit, false
	if out.Subject, err = t.fill(&t.subject, v, f); err != nil {
		return Rendered{}, err
	}
	if out.Body, err = t.fill(&t.body, v, f); err != nil {
		return Rendered{}, err
	}
	if len(t.data) > 0 {
		out.Data = make(map[string]string, len(t.data))
	}
	for i := range t.data {
		if out.Data[t.keys[i]], err = t.fill(&t.data[i], v, f); err != nil {
			return Rendered{}, err
		}
	}
	out.Missing = f.missing
	return out, nil
}

// fill renders one template by way of the buffer, within what is left of the
// limit.
func (t *compiledContent) fill(tmpl *compiledTemplate, v variables, f *filling) (string, error) {
	if tmpl.fixed {
		if f.left -= len(tmpl.text); f.left < 0 {
			return "", t.tooLarge(tmpl)
		}
		return tmpl.text, nil
	}
	dst, err := t.appendTemplate(f.buf[:0], tmpl, v, f)
	f.buf = dst
	if err != nil {
		return "", err
	}
	return string(dst), nil
}

// appendTemplate is fill, to the end of dst, which it returns with an error too.
func (t *compiledContent) appendTemplate(dst []byte, tmpl *compiledTemplate, v variables, f *filling) ([]byte, error) {
	start := len(dst)
	for i := range tmpl.segments {
		s := &tmpl.segments[i]
		dst = append(dst, s.text...)
		if h := s.hole; h != nil {
			value := v.lookup(h.ns, h.key, &f.value)
			if h.plain && value.kind == KindString && value.str != "" { // the common case, without a copy
				if h.place.html {
					dst = htmlescape.AppendText(dst, value.str)
				} else {
					dst = append(dst, value.str...)
				}
			} else {
				var missing bool
				dst, missing = h.append(dst, *value, &t.rc)
				f.missing = f.missing || missing
			}
		}
		if len(dst)-start > f.left {
			return dst, t.tooLarge(tmpl)
		}
	}
	if tmpl.oneLine {
		dst = dst[:start+len(collapseControls(dst[start:]))]
	}
	f.left -= len(dst) - start
	return dst, nil
}

func (t *compiledContent) tooLarge(tmpl *compiledTemplate) error {
	return &Error{
		Code: ErrRenderTooLarge, Field: tmpl.name,
		Message: fmt.Sprintf("the content renders to more than %d bytes", t.limit),
	}
}

// withDefaults returns the limits that hold.
func (l RenderLimits) withDefaults() RenderLimits {
	return RenderLimits{
		TemplateSize:      cmp.Or(l.TemplateSize, MaxTemplateSize),
		TemplateVariables: cmp.Or(l.TemplateVariables, MaxTemplateVariables),
		RenderedSize:      cmp.Or(l.RenderedSize, MaxRenderedSize),
	}
}
