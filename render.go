package beckon

import (
	"time"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/render"
)

// Limits of rendering. Each is the default of an option; zero means it.
const (
	MaxTemplateSize      = render.MaxTemplateSize      // bytes of one template: 262,144
	MaxTemplateVariables = render.MaxTemplateVariables // placeholders in one template: 1000
	MaxRenderedSize      = render.MaxRenderedSize      // bytes of one rendered content, subject, body and data together: 1,048,576
)

// ErrRenderTooLarge is the code of a content that renders to more than the
// limit; a message is then held, failed.
const ErrRenderTooLarge = fault.ErrRenderTooLarge

// RenderLimits bound templates and what comes out of them. Zero is the default
// of each; there is no unlimited. A negative limit is a fault.
type RenderLimits struct {
	TemplateSize      int // bytes of one template; default MaxTemplateSize
	TemplateVariables int // placeholders in one template; default MaxTemplateVariables
	RenderedSize      int // bytes of one rendered content; default MaxRenderedSize
}

// A Renderer fills one [Content] in, without an engine: for previews, for test
// sends, and for hosts that want the templates alone. It is immutable and safe
// for concurrent use.
//
// # Templates
//
// A template is text with variables in double braces (R1):
//
//	{{ user.name }}  {{ name }}          an attribute of the contact, either way
//	{{ user.custom_attributes.plan }}    the same as {{ user.plan }}
//	{{ company.name }}                   an attribute of the company
//	{{ event.file_name }}                a metadata key; any case (M2), the first 20 keys (R6)
//	{{ event["file name"] }}             a name with spaces or dots, in single or double quotes
//	{{ name | fallback: "friend" }}      in place of an unknown value or an empty string (R3)
//	{{ event.price | money: "de-DE" }}   money in the manner of a locale; en-US if none is named
//	{{ event.at | date: "2 Jan 2006" }}  a date in a layout of package time
//	{{ at | date: "15:04", "Asia/Tokyo" }}  the same in a zone; else in the renderer's
//	{{ "{{" }}                           two braces
//
// In quotes, \" \' and \\ stand for the character alone. The order of filters
// does not matter; each stands once, and of money and date only one. A filter
// whose value is of another kind leaves it as it is: money is for monetary
// values, date for dates, RFC 3339 text and Unix seconds. There are no loops,
// conditions or calls, and values are never read as templates (R5).
//
// # Places
//
// Subjects are text on one line: each run of control characters, and of the
// line and paragraph separators U+2028 and U+2029, is one space. A body and
// data in [FormatText] are left as they are.
//
// In [FormatHTML] the fixed text is the author's, cleaned as html/template
// cleans it: comments go, and "<" that opens no tag is escaped. A value is
// escaped for its place exactly as html/template would, or more strictly.
// It may stand
//   - between tags, and in title and textarea;
//   - in the quoted attributes title, alt, class, id, lang, dir, width,
//     height, placeholder, datetime, aria-*, data-*, the value of form
//     controls, and the label of option and optgroup;
//   - in the quoted attributes href of a and area, src of img, video, audio
//     and source, poster of video, and data-* that hold a URL. The URL may
//     begin with the value, or with http:// or https:// and a complete host,
//     one slash, "?" or "#".
//
// Anywhere else, such as in a script, a style, an event handler, an iframe,
// svg, a comment or the name of a tag, a variable is a fault.
//
// A URL begins with a value only if that is an http or https link (M3), of
// whatever kind the value is; else "#ZgotmplZ" stands in its place. A fallback
// may be relative too, such as "#" or "/home". Between tags a link becomes a
// link, an image an img, a rich link a link on its title, and a Stripe
// identifier a link to https://dashboard.stripe.com/customers/ID (or
// /invoices/ID, /payments/ID); within a or button they are their text, except
// for images, and within select and datalist everything is (R4).
type Renderer struct {
	content *render.Content
	missing Missing
}

// A RenderOption sets up a [Renderer].
type RenderOption interface{ applyRender(*render.Options) }

type renderOption func(*render.Options)

func (f renderOption) applyRender(rc *render.Options) { f(rc) }

// WithRenderZone sets the zone of dates: of a contact's or company's date
// attributes, and of the filter date where it names none. The default, and
// nil, is UTC.
func WithRenderZone(loc *time.Location) RenderOption {
	return renderOption(func(rc *render.Options) { rc.Loc = loc })
}

// WithRenderIsolation wraps the text of values in U+2068 and U+2069, so that
// one written from right to left, or with bidirectional overrides, cannot
// reorder the text around it. It concerns strings, lists, titles and filtered
// values between tags, in title and textarea, in subjects and in
// [FormatText]; not URLs, attributes and numbers. By default values are left
// as they are (R5).
func WithRenderIsolation() RenderOption {
	return renderOption(func(rc *render.Options) { rc.Isolate = true })
}

// WithRenderLimits sets other limits than the default ones.
func WithRenderLimits(l RenderLimits) RenderOption {
	return renderOption(func(rc *render.Options) { rc.Limits = render.Limits(l) })
}

// NewRenderer compiles a content. All that is wrong with it is reported at
// once, as an [ErrorList] of [ErrProgramInvalid] with paths such as "body" and
// "data.button", and with line and column.
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

// Vars are the values that a template shows. Nil parts are unknown, and so is
// a value that its constructor refused. A value of the event has the type that
// its key and its text ask for, as in an event that is tracked (M3). Nothing
// is kept or changed.
type Vars struct {
	User    Attributes
	Company Attributes
	Event   Fields
}

// Rendered is a content, filled in.
type Rendered struct {
	Subject string
	Body    string
	Data    map[string]string // nil if the content has none; the caller's own
	// Missing reports that a variable without a fallback was unknown. Under
	// MissingHold nothing was rendered then (R3).
	Missing bool
}

// Render fills the content in. The only error is [ErrRenderTooLarge].
func (r *Renderer) Render(vars Vars) (Rendered, error) {
	out, err := r.content.FillWith(vars.given(), r.missing == MissingHold)
	return Rendered(out), raiseOne(err)
}

// AppendBody fills the body in alone and appends it to dst, which may be nil,
// as the functions of package strconv do: a host that writes many messages
// somewhere, and uses the memory of one again for the next, renders without
// allocating. The limit of rendering holds for what is appended. missing is
// [Rendered.Missing] of the body; under MissingHold, whatever part of the content
// it is that misses something, and then, as with an error, which can only be
// [ErrRenderTooLarge], dst is returned as it was.
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
	return render.Source{Format: string(c.Format), Subject: c.Subject, Body: c.Body, Data: c.Data, Missing: string(c.Missing)}
}
