// Package render compiles the templates of a content and fills them in. It knows
// values, not the contacts and events that have them.
package render

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
	MaxTemplateSize      = 256 << 10 // bytes of one template
	MaxTemplateVariables = 1000      // placeholders in one template
	MaxRenderedSize      = 1 << 20   // bytes of one rendered content: subject, body and data together
)

// Limits bound templates and what comes out of them. Zero is the default of
// each.
type Limits struct {
	TemplateSize      int
	TemplateVariables int
	RenderedSize      int
}

// Negative reports whether any limit is.
func (l Limits) Negative() bool {
	return min(l.TemplateSize, l.TemplateVariables, l.RenderedSize) < 0
}

// withDefaults returns the limits that hold.
func (l Limits) withDefaults() Limits {
	return Limits{
		TemplateSize:      cmp.Or(l.TemplateSize, MaxTemplateSize),
		TemplateVariables: cmp.Or(l.TemplateVariables, MaxTemplateVariables),
		RenderedSize:      cmp.Or(l.RenderedSize, MaxRenderedSize),
	}
}

// A Source is a content as its author writes it: templates, and the words
// for their format and for what an unknown variable does.
type Source struct {
	Format  string // text or html; empty is text for a body that does not look like HTML
	Subject string
	Body    string
	Text    string // beside a body in HTML
	Data    map[string]string
	Missing string // empty or hold

	Parameters map[string]string // variables by the names of parameters
}

// The formats: values in HTML are escaped for their places.
const (
	formatText = "text"
	formatHTML = "html"
)

// Options are what the templates of one content are compiled for.
type Options struct {
	EventVars bool           // variables of the event exist (R2)
	Loc       *time.Location // the workspace's zone; nil is UTC
	Isolate   bool           // wrap text values in U+2068 … U+2069 (R5)
	Limits    Limits         // zero is the default of each
	Filters   Filters        // of all templates that are compiled together; nil: of this content alone
}

func (rc Options) location() *time.Location {
	if rc.Loc == nil {
		return time.UTC
	}
	return rc.Loc
}

// A compiled is one template, ready to be filled in. It is immutable.
type compiled struct {
	name     string // "subject", "body", "data.KEY"
	segments []segment
	fixed    bool   // no placeholder at all: text is the output
	text     string // the output of a fixed template
	oneLine  bool   // each run of control characters is one space (R5)
}

// A Content is a content, compiled: immutable and safe for concurrent use.
type Content struct {
	format              string // html, or empty for text
	subject, body, text compiled
	data                []compiled // by key, sorted
	keys                []string
	parameters          []parameter // by name, sorted
	rc                  Options
	limit               int
	scratch             sync.Pool // of *filling
}

// Compile compiles the subject, the body, its text, the data and the parameters of a content,
// where path is the place of the content ("messages[0].content") or empty. What is
// wrong is added to faults; the result is then of no use, but never nil.
func Compile(c Source, rc Options, path string, faults *fault.List) *Content {
	if rc.Limits.Negative() {
		faults.Fault(path, "a limit of rendering is negative")
	}
	rc.Limits = rc.Limits.withDefaults()
	if rc.Filters == nil {
		rc.Filters = Filters{}
	}
	out := &Content{rc: rc, limit: rc.Limits.RenderedSize}
	if path != "" {
		path += "."
	}
	out.subject = compileTemplate(c.Subject, formatText, rc, path, "subject", faults)
	out.subject.flatten()
	switch {
	case c.Format == "" && looksLikeHTML(c.Body):
		faults.Fault(path+"format", `missing: the body looks like HTML; say "html", or "text" if it is meant as it stands`)
	case c.Format == formatHTML:
		out.format = formatHTML
	case c.Format == "" || c.Format == formatText:
		if c.Text != "" {
			faults.Fault(path+"text", `stands beside an HTML body only: say "html" as format, or leave it out`)
		}
	default:
		faults.Fault(path+"format", "unknown format "+fault.Quote(c.Format)+": expected text or html")
	}
	switch c.Missing {
	case "", "empty", "hold":
	default:
		faults.Fault(path+"missing", "unknown policy "+fault.Quote(c.Missing)+": expected empty or hold")
	}
	out.body = compileTemplate(c.Body, c.Format, rc, path, "body", faults)
	out.text = compileTemplate(c.Text, formatText, rc, path, "text", faults)
	out.keys = slices.Sorted(maps.Keys(c.Data))
	for _, key := range out.keys {
		t := compileTemplate(c.Data[key], c.Format, rc, fault.JoinPath(path+"data", key), "", faults)
		t.name = "data." + key
		out.data = append(out.data, t)
	}
	out.parameters = compileParameters(c.Parameters, rc, path+"parameters", faults)
	return out
}

// compileTemplate compiles one template for the place that format gives it.
func compileTemplate(src, format string, rc Options, path, name string, faults *fault.List) compiled {
	path += name
	t := compiled{name: name}
	found := faults.Found()
	t.segments = parseTemplate(src, rc, path, faults)
	if faults.Found() > found {
		return t
	}
	if format == formatHTML {
		placeHTML(src, t.segments, path, faults)
	}
	t.segments = settle(t.segments, rc.Isolate)
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
func (t *compiled) flatten() {
	t.oneLine = true
	if t.fixed {
		t.text = string(collapseControls([]byte(t.text)))
	}
}

// Format returns html if the body and the data are HTML, and else nothing.
func (t *Content) Format() string { return t.format }

// templates returns all templates of the content.
func (t *Content) templates() []*compiled {
	all := []*compiled{&t.subject, &t.body, &t.text}
	for i := range t.data {
		all = append(all, &t.data[i])
	}
	return all
}

// UsesCompany reports whether any template shows company data, or a parameter is of it (D2).
func (t *Content) UsesCompany() bool {
	for _, tmpl := range t.templates() {
		for i := range tmpl.segments {
			if h := tmpl.segments[i].hole; h != nil && h.ns == Company {
				return true
			}
		}
	}
	for i := range t.parameters {
		if t.parameters[i].hole.ns == Company {
			return true
		}
	}
	return false
}
