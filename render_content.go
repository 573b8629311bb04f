package beckon

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/htmlplace"
)

// What a template may be, and what may come out of it, unless a host says otherwise.
const (
	maxTemplateSize      = 256 << 10 // bytes of one template
	maxTemplateVariables = 1000      // placeholders in one template
	maxRenderedSize      = 1 << 20   // bytes of one rendered content: subject, body and data together
)

// renderLimits bound templates and what comes out of them. Zero is the default of
// each.
type renderLimits struct {
	TemplateSize      int
	TemplateVariables int
	RenderedSize      int
}

// negative reports whether any limit is.
func (l renderLimits) negative() bool {
	return min(l.TemplateSize, l.TemplateVariables, l.RenderedSize) < 0
}

// withDefaults returns the limits that hold.
func (l renderLimits) withDefaults() renderLimits {
	return renderLimits{
		TemplateSize:      cmp.Or(l.TemplateSize, maxTemplateSize),
		TemplateVariables: cmp.Or(l.TemplateVariables, maxTemplateVariables),
		RenderedSize:      cmp.Or(l.RenderedSize, maxRenderedSize),
	}
}

// A contentSource is a content as its author writes it: templates, and the words
// for their format and for what an unknown variable does.
type contentSource struct {
	Format  string // text or html; empty is text for a body that does not look like HTML
	Subject string
	Body    string
	Data    map[string]string
	Missing string // empty or hold
}

// The formats: values in HTML are escaped for their places.
const (
	formatText = "text"
	formatHTML = "html"
)

// A renderContext is what the templates of one content are compiled for.
type renderContext struct {
	eventVars bool           // variables of the event exist (R2)
	loc       *time.Location // the workspace's zone; nil is UTC
	isolate   bool           // wrap text values in U+2068 … U+2069 (R5)
	limits    renderLimits   // zero is the default of each
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

// A compiledContent is a content, compiled: immutable and safe for concurrent
// use.
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
func compileContent(c contentSource, rc renderContext, path string, faults *fault.List) *compiledContent {
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
	out.subject = compileTemplate(c.Subject, formatText, rc, path, "subject", faults)
	out.subject.flatten()
	switch c.Format {
	case "":
		if looksLikeHTML(c.Body) {
			faults.Fault(path+"format", `missing: the body looks like HTML; say "html", or "text" if it is meant as it stands`)
		}
	case formatText, formatHTML:
	default:
		faults.Fault(path+"format", "unknown format "+fault.Quote(c.Format)+": expected text or html")
	}
	switch c.Missing {
	case "", "empty", "hold":
	default:
		faults.Fault(path+"missing", "unknown policy "+fault.Quote(c.Missing)+": expected empty or hold")
	}
	out.body = compileTemplate(c.Body, c.Format, rc, path, "body", faults)
	out.keys = slices.Sorted(maps.Keys(c.Data))
	for _, key := range out.keys {
		out.data = append(out.data, compileTemplate(c.Data[key], c.Format, rc, path, "data."+key, faults))
	}
	return out
}

// compileTemplate compiles one template for the place that format gives it.
func compileTemplate(src, format string, rc renderContext, path, name string, faults *fault.List) compiledTemplate {
	path += name
	t := compiledTemplate{name: name}
	found := faults.Found()
	t.segments = parseTemplate(src, rc, path, faults)
	if faults.Found() > found {
		return t
	}
	if format == formatHTML {
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
