package beckon

import (
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/render"
)

// The limits of rendering. Each is the default of an option; zero means it.
const (
	MaxTemplateSize      = render.MaxTemplateSize      // bytes of one template: 262,144
	MaxTemplateVariables = render.MaxTemplateVariables // placeholders in one template: 1000
	MaxRenderedSize      = render.MaxRenderedSize      // bytes of one rendered content, subject, body and data together: 1,048,576
)

// RenderLimits bound templates and their output. Negative ones are faults.
type RenderLimits struct {
	TemplateSize      int // bytes of one template; default MaxTemplateSize
	TemplateVariables int // placeholders in one template; default MaxTemplateVariables
	RenderedSize      int // bytes of one rendered content; default MaxRenderedSize
}

// A Renderer fills one [Content] in, without an engine: for previews, test
// sends, and hosts that want the templates alone. It is immutable and safe for
// concurrent use. A template is text with variables in double braces:
//
//	{{ user.name }}  {{ name }}          an attribute of the contact, either way
//	{{ company.name }}                   an attribute of the company
//	{{ event["file name"] }}             a metadata key; any case, the first 20 keys
//	{{ name | fallback: "friend" }}      for an unknown value or an empty string
//	{{ event.price | money: "de-DE" }}   in the manner of a locale
//	{{ at | date: "15:04", "Asia/Tokyo" }}  in a layout of package time, and a zone
//
// Each value is escaped for its place, as html/template does or more strictly;
// a place where it may not stand is a fault. docs/programs.md has the filters
// and the places. (M2, R1, R3, R4, R5, R6)
type Renderer struct {
	content *render.Content
	missing Missing
}

// A RenderOption sets up a [Renderer].
type RenderOption interface{ applyRender(*render.Options) }

type renderOption func(*render.Options)

func (f renderOption) applyRender(rc *render.Options) { f(rc) }

// WithRenderZone sets the zone of date attributes, and of the filter date if it
// names none. The default, and nil, is UTC.
func WithRenderZone(loc *time.Location) RenderOption {
	return renderOption(func(rc *render.Options) { rc.Loc = loc })
}

// WithRenderIsolation wraps the text of values in U+2068 and U+2069, so that
// text from right to left cannot reorder what is around it: strings, lists,
// titles and filtered values, but not URLs, attributes and numbers. (R5)
func WithRenderIsolation() RenderOption {
	return renderOption(func(rc *render.Options) { rc.Isolate = true })
}

// WithRenderLimits sets other limits than the default ones.
func WithRenderLimits(l RenderLimits) RenderOption {
	return renderOption(func(rc *render.Options) { rc.Limits = render.Limits(l) })
}

// NewRenderer compiles a content. All faults come at once, as an [ErrorList] of
// [ErrProgramInvalid], with a path such as "data.button", line and column.
func NewRenderer(content Content, opts ...RenderOption) (*Renderer, error) {
	rc := render.Options{EventVars: true}
	for _, opt := range opts {
		if opt != nil {
			opt.applyRender(&rc)
		}
	}
	var faults fault.List
	r := &Renderer{content: render.Compile(content.source(), rc, "", &faults), missing: content.Missing}
	if err := raise(faults); err != nil {
		return nil, err
	}
	return r, nil
}

// Vars are the values that a template shows. What is nil, and a value that its constructor
// refused, is unknown. In Event the key and the text decide the type. (M3)
type Vars struct {
	User    Attributes
	Company Attributes
	Event   Fields
}

// Rendered is a content, filled in.
type Rendered struct {
	Subject    string
	Body       string
	Text       string            // beside a body in HTML; empty if the content has none
	Data       map[string]string // nil if the content has none; the caller's own
	Missing    bool              // a variable without a fallback was unknown; under MissingHold nothing was rendered (R3)
	Parameters map[string]Value  // those that are known; nil if the content has none; the caller's own
}

// Render fills the content in. The only error is [ErrRenderTooLarge].
func (r *Renderer) Render(vars Vars) (Rendered, error) {
	out, err := r.content.FillWith(vars.given(), r.missing == MissingHold)
	return Rendered(out), raiseOne(err)
}

// AppendBody fills only the body in and appends it to dst, which may be nil, so
// that a host that uses memory again renders without allocating. The limit of
// rendering holds for what is appended. missing is [Rendered.Missing] of the
// body, or under MissingHold of any part. Then, and with an error, which can
// only be [ErrRenderTooLarge], dst is returned as it was.
func (r *Renderer) AppendBody(dst []byte, vars Vars) (out []byte, missing bool, err error) {
	out, missing, err = r.content.AppendBody(dst, vars.given(), r.missing == MissingHold)
	return out, missing, raiseOne(err)
}

// given returns the values as the machine takes them.
func (v *Vars) given() render.Vars {
	return render.Vars{User: v.User, Company: v.Company, Event: v.Event}
}

// source returns the content as the machine compiles it.
func (c *Content) source() render.Source {
	return render.Source{Format: string(c.Format), Subject: c.Subject, Body: c.Body, Text: c.Text, Data: c.Data, Missing: string(c.Missing), Parameters: c.Parameters}
}
