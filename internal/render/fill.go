package render

import (
	"fmt"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/htmlescape"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// Missing reports whether any variable without a fallback is unknown (R3). An
// empty string is a known value.
func (t *Content) Missing(v Variables) bool {
	f := t.filling()
	missing := t.subject.missing(v, &f.value) || t.body.missing(v, &f.value) || t.text.missing(v, &f.value)
	for i := range t.data {
		missing = missing || t.data[i].missing(v, &f.value)
	}
	for i := range t.parameters {
		h := t.parameters[i].hole
		missing = missing || !h.has && h.misses(v.Lookup(h.ns, h.key, &f.value))
	}
	t.release(f)
	return missing
}

func (t *compiled) missing(v Variables, into *repr.Value) bool {
	for i := range t.segments {
		h := t.segments[i].hole
		if h != nil && !h.has && h.misses(v.Lookup(h.ns, h.key, into)) {
			return true
		}
	}
	return false
}

// Render fills the templates in. The only error is [fault.ErrRenderTooLarge].
func (t *Content) Render(v Variables) (out Rendered, err error) {
	err = t.RenderInto(&out, v)
	return out, err
}

// RenderInto is Render into the caller's memory, which is zero: a Rendered that goes from
// call to call is copied each time.
func (t *Content) RenderInto(out *Rendered, v Variables) error {
	f := t.filling()
	err := t.fillAll(f, v, out)
	t.release(f)
	return err
}

// A Rendered is a content, filled in.
type Rendered struct {
	Subject string
	Body    string
	Text    string
	Data    map[string]string // nil if the content has none; the caller's own
	Missing bool              // a variable without a fallback was unknown

	Parameters map[string]value.Value // those that are known; nil if the content has none
}

// FillWith fills the content in with values that a host gives. If it is to be held
// for a value that is missing, and one is, it fills nothing in.
func (t *Content) FillWith(vars Vars, hold bool) (out Rendered, err error) {
	f := t.filling()
	f.vars = vars
	if hold && t.Missing(&f.vars) {
		out.Missing = true
	} else {
		err = t.fillAll(f, &f.vars, &out)
	}
	t.release(f)
	return out, err
}

// AppendBody is FillWith for the body alone, which it appends to dst. With an error
// dst is returned as it was.
func (t *Content) AppendBody(dst []byte, vars Vars, hold bool) (out []byte, missing bool, err error) {
	f := t.filling()
	f.vars = vars
	f.left, f.missing = t.limit, false
	out = dst
	if hold && t.Missing(&f.vars) {
		f.missing = true
	} else if out, err = t.appendTemplate(dst, &t.body, &f.vars, f); err != nil {
		out = out[:len(dst)]
	}
	missing = f.missing
	t.release(f)
	return out, missing, err
}

// A filling is the working state of one rendering, kept for the next one, so
// that rendering allocates its results alone.
type filling struct {
	buf     []byte
	left    int  // of the limit
	missing bool // a variable without a fallback was unknown
	vars    Vars
	value   repr.Value
}

// filling returns one, used before or new.
func (t *Content) filling() *filling {
	if f, ok := t.scratch.Get().(*filling); ok {
		return f
	}
	return new(filling)
}

// release keeps a filling for the next rendering, without the values. A
// buffer that one outsized message has grown is left to the collector.
func (t *Content) release(f *filling) {
	f.vars, f.value = Vars{}, repr.Value{}
	if cap(f.buf) <= 64<<10 {
		t.scratch.Put(f)
	}
}

// fillAll renders all templates into out. With an error it leaves nothing there.
func (t *Content) fillAll(f *filling, v Variables, out *Rendered) error {
	err := t.fillEach(f, v, out)
	if err != nil {
		*out = Rendered{}
	}
	return err
}

func (t *Content) fillEach(f *filling, v Variables, out *Rendered) (err error) {
	f.left, f.missing = t.limit, false
	if out.Subject, err = t.fill(&t.subject, v, f); err != nil {
		return err
	}
	if out.Body, err = t.fill(&t.body, v, f); err != nil {
		return err
	}
	if out.Text, err = t.fill(&t.text, v, f); err != nil {
		return err
	}
	if len(t.data) > 0 {
		out.Data = make(map[string]string, len(t.data))
	}
	for i := range t.data {
		if out.Data[t.keys[i]], err = t.fill(&t.data[i], v, f); err != nil {
			return err
		}
	}
	if out.Parameters, err = t.fillParameters(f, v); err != nil {
		return err
	}
	out.Missing = f.missing
	return nil
}

// fill renders one template by way of the buffer, within what is left of the
// limit.
func (t *Content) fill(tmpl *compiled, v Variables, f *filling) (string, error) {
	if tmpl.fixed {
		if f.left -= len(tmpl.text); f.left < 0 {
			return "", t.tooLarge(tmpl.name)
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
func (t *Content) appendTemplate(dst []byte, tmpl *compiled, v Variables, f *filling) ([]byte, error) {
	start := len(dst)
	for i := range tmpl.segments {
		s := &tmpl.segments[i]
		dst = append(dst, s.text...)
		if h := s.hole; h != nil {
			value := v.Lookup(h.ns, h.key, &f.value)
			if h.plain && value.Kind == repr.KindString && value.Str != "" { // the common case, without a copy
				if h.place.html {
					dst = htmlescape.AppendText(dst, value.Str)
				} else {
					dst = append(dst, value.Str...)
				}
			} else {
				var missing bool
				dst, missing = h.append(dst, *value, &t.rc)
				f.missing = f.missing || missing
			}
		}
		if len(dst)-start > f.left {
			return dst, t.tooLarge(tmpl.name)
		}
	}
	if tmpl.oneLine {
		dst = dst[:start+len(collapseControls(dst[start:]))]
	}
	f.left -= len(dst) - start
	return dst, nil
}

func (t *Content) tooLarge(field string) error {
	return &fault.Error{
		Code: fault.ErrRenderTooLarge, Field: field,
		Message: fmt.Sprintf("the content renders to more than %d bytes", t.limit),
	}
}
