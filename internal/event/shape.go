package event

import (
	"slices"
	"strings"
	"sync/atomic"

	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

// A Shape is what the posted bodies of one event name have in common: all that stands around
// their values. Most clients send the same fields in the same order, so a body is first
// compared with the shape of the last one that was decoded in full. One that has it needs
// no look at names, at which of them are there twice, and at what each of them means: all
// that was seen to when the shape was learned. Any other body is decoded in full.
type Shape struct {
	name string // of the event; it stands first
	// Covering is what of the event's definition has all keys of the shape, of the kinds
	// that they had.
	Covering any
	parts    []shapePart
	tail     string // behind the last value

	missed   atomic.Int32 // bodies in a row that had another shape
	patience int32        // so many of these, and another shape is learned; 0: none is
}

// A shapePart is one value of a body, and what stands before it.
type shapePart struct {
	before string    // from the end of the value before it
	field  bodyField // fieldMetadata is a value of the metadata
	kind   ojson.Kind
	key    string    // in the metadata
	value  repr.Kind // under the key
}

const (
	leadIn        = `{"event_name":"`
	maxShapeBody  = 4 << 10 // bytes of a body that a shape is learned from
	maxShapeParts = 64
	firstPatience = 8
	maxPatience   = 1 << 20
)

// leadName returns the event's name if the body begins with it, in plain ASCII; else
// nothing.
func leadName(body string) string {
	if !strings.HasPrefix(body, leadIn) {
		return ""
	}
	end := ojson.PlainEnd(body, len(leadIn))
	if end < 0 {
		return ""
	}
	return body[len(leadIn):end]
}

// Learns reports whether a shape is to be learned from the body that was just decoded in
// full, because there is none yet or too many bodies had another. The more often that
// happened, the more it takes.
func (s *Shape) Learns() bool {
	return s == nil || s.patience > 0 && s.missed.Load() >= s.patience
}

// Learn returns the shape of a body in the place of before, which may be nil. ev is what was
// decoded from it without anything to say about it, and covering becomes Covering. A body
// that has no shape, such as one with a page or with a field that is not known, makes one
// that no body has.
func Learn(body string, ev *Event, covering any, before *Shape) *Shape {
	s := &Shape{name: strings.Clone(ev.Name), Covering: covering, patience: firstPatience}
	if before != nil {
		s.patience = min(before.patience*2, maxPatience)
	}
	if len(body) > maxShapeBody || leadName(body) != ev.Name || !s.learn(body, ev.Metadata) {
		s.parts = nil
	}
	return s
}

func (s *Shape) learn(body string, fields value.Fields) bool {
	var in ojson.Scanner
	in.Init(body, MaxDepth, true)
	end := 0
	part := func(field bodyField, key string, value repr.Kind) bool {
		p := shapePart{field: field, kind: in.Kind(), key: strings.Clone(key), value: value}
		from := in.Place()
		in.Skip()
		p.before, end = strings.Clone(body[end:from]), in.Place()
		s.parts = append(s.parts, p)
		return in.Err() == nil && len(s.parts) <= maxShapeParts && takes(field, p.kind)
	}
	for in.Enter(); in.Next(); {
		field := bodyFieldNamed(in.Name())
		switch field {
		case 0, fieldPage:
			return false
		case fieldEventName:
			in.Skip() // it stands first, and is the same in all
			continue
		case fieldMetadata:
			if in.Kind() != ojson.Object {
				return false
			}
		default:
			if !part(field, "", 0) {
				return false
			}
			continue
		}
		n := 0
		for in.Enter(); in.Next(); n++ {
			if key := in.Name(); n == len(fields) || fields[n].Key != key || !part(fieldMetadata, key, peek.Of(&fields[n].Value).Kind) {
				return false
			}
		}
		if n != len(fields) {
			return false
		}
	}
	in.End()
	s.tail = strings.Clone(body[end:])
	return in.Err() == nil && len(s.parts) > 0
}

// takes reports whether a value of the kind can stand in a shape.
func takes(field bodyField, kind ojson.Kind) bool {
	switch field {
	case fieldMetadata:
		return kind == ojson.String || kind == ojson.Number || kind == ojson.Bool
	case fieldCreatedAt:
		return kind == ojson.Number
	case fieldImport:
		return kind == ojson.Bool
	}
	return kind == ojson.String
}

// of decodes a body that has the shape, and reports whether it has it. If not, nothing is
// decoded.
func (s *Shape) of(d *Decoder) bool {
	d.Init(d.body, MaxDepth, true)
	if d.has(s) {
		if s.missed.Load() != 0 {
			s.missed.Store(0)
		}
		return true
	}
	d.Event, d.doubts = Event{}, 0
	s.missed.Add(1)
	return false
}

// has reports whether the body has the shape. If so d.Event is what it says, as if it had
// been decoded in full; if not, it may have been written to.
func (d *Decoder) has(s *Shape) bool {
	if len(s.parts) == 0 {
		return false
	}
	fields := d.Room[:0]
	for i := range s.parts {
		p := &s.parts[i]
		if !d.TakeExact(p.before) {
			return false
		}
		if p.field != fieldMetadata {
			if !d.shapedField(p) {
				return false
			}
			continue
		}
		if len(fields) == cap(fields) {
			fields = slices.Grow(fields, 1)
		}
		fields = fields[:len(fields)+1]
		f := &fields[len(fields)-1]
		f.Key, f.Value = p.key, value.Value{}
		if !d.shapedValue(p, peek.Of(&f.Value)) {
			return false
		}
	}
	if !d.TakeExact(s.tail) || !d.AtEnd() {
		return false
	}
	e := &d.Event
	if e.Name = s.name; len(fields) > 0 {
		e.Metadata = fields
	}
	if identity.Blank(e.UserID) && identity.Blank(e.ID) {
		d.doubts |= knownTexts // an address is looked at
	}
	return true
}

// shapedValue takes a value of the metadata.
func (d *Decoder) shapedValue(p *shapePart, v *repr.Value) bool {
	switch p.kind {
	case ojson.String:
		text, ok := d.goodText()
		if !ok {
			return false
		}
		d.textValue(p.key, text, v)
	case ojson.Number:
		if d.Kind() != ojson.Number {
			return false
		}
		literal := d.Literal()
		if d.Err() != nil {
			return false
		}
		v.SetNumber(p.key, literal)
	default:
		if d.Kind() != ojson.Bool {
			return false
		}
		*v = repr.Bool(d.Bool())
		if d.Err() != nil {
			return false
		}
	}
	if !v.Plain() {
		d.doubts |= knownSound | knownUsual
	}
	if v.Kind != p.value {
		d.doubts |= KnownKinds
	}
	return true
}

// identityText takes a text that stands beside the metadata.
func (d *Decoder) identityText() (text string, ok bool) {
	if text, ok = d.goodText(); len(text) > store.MaxIdentityLength {
		d.doubts |= knownTexts // it may be too long
	}
	return text, ok
}

// goodText takes a text that is UTF-8.
func (d *Decoder) goodText() (text string, ok bool) {
	if text, ok = d.TakeText(); ok {
		return text, true
	}
	text = d.Text()
	_, bad := d.TakeBadText()
	return text, !bad && d.Err() == nil
}

// shapedField takes a value that stands beside the metadata.
func (d *Decoder) shapedField(p *shapePart) (ok bool) {
	e := &d.Event
	switch p.field {
	case fieldImport:
		ok = d.Kind() == ojson.Bool
		e.Import = ok && d.Bool()
		return ok && d.Err() == nil
	case fieldCreatedAt:
		if d.Kind() != ojson.Number {
			return false
		}
		d.createdAt()
		return d.Err() == nil
	case fieldUserID:
		e.UserID, ok = d.identityText()
	case fieldID:
		e.ID, ok = d.identityText()
	case fieldEmail:
		e.Email, ok = d.identityText()
	case fieldAnonymousID:
		e.AnonymousID, ok = d.identityText()
	case fieldEventID:
		e.EventID, ok = d.identityText()
	case fieldCompanyID:
		e.CompanyID, ok = d.identityText()
	case fieldSource:
		var text string
		text, ok = d.goodText()
		e.Source = store.Source(text)
	}
	return ok
}
