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
	// that they had. A definition that changes later may have them, too, and then takes its place.
	Covering atomic.Value
	parts    []shapePart
	tail     string // behind the last value

	missed   atomic.Int32 // bodies since the last that was seen to have it
	patience int32        // so many of these, and another shape is learned; 0: none is
}

// A shapePart is one value of a body, and what stands before it.
type shapePart struct {
	before string    // from the end of the value before it
	field  bodyField // fieldMetadata is a value of the metadata
	key    string    // in the metadata
	kind   repr.Kind // under the key
}

const (
	leadIn        = `{"event_name":"`
	maxShapeBody  = 4 << 10 // bytes of a body that a shape is learned from
	firstPatience = 8
	// After so many bodies in a row that have another shape, one in so many is compared.
	alwaysTried, triedEach = 8, 8
	maxPatience            = 1 << 20
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
// full, because there is none yet or too many bodies in a row were not seen to have it. The
// more often that happened, the more it takes.
func (s *Shape) Learns() bool {
	return s == nil || s.patience > 0 && s.missed.Load() >= s.patience
}

// Learn returns the shape of a body in the place of before, which may be nil. ev is what was
// decoded from it without anything to say about it; covering, unless nil, becomes Covering. A body
// that has a field that is not known has no shape; what is returned is one that no body has.
func Learn(body string, ev *Event, covering any, before *Shape) *Shape {
	s := &Shape{name: strings.Clone(ev.Name), patience: firstPatience}
	if covering != nil {
		s.Covering.Store(covering)
	}
	if before != nil {
		s.patience = min(before.patience*2, maxPatience)
	}
	if len(body) > maxShapeBody || len(ev.Metadata) > value.MaxMetadataKeys || leadName(body) != ev.Name || !s.learn(body, ev.Metadata) {
		s.parts = nil
	}
	return s
}

func (s *Shape) learn(body string, fields value.Fields) bool {
	var in ojson.Scanner
	in.Init(body, MaxDepth, true)
	end := 0
	part := func(p shapePart) {
		in.Kind() // what stands before the value is taken
		p.before = strings.Clone(body[end:in.Place()])
		in.Skip()
		end = in.Place()
		s.parts = append(s.parts, p)
	}
	for in.Enter(); in.Next(); {
		switch field := bodyFieldNamed(in.Name()); field {
		case 0:
			return false
		case fieldEventName:
			in.Skip() // it stands first, and is the same in all
		case fieldMetadata:
			if in.Kind() != ojson.Object {
				return false
			}
			for in.Enter(); in.Next(); fields = fields[1:] {
				if key := in.Name(); len(fields) == 0 || fields[0].Key != key {
					return false
				}
				part(shapePart{field: field, key: strings.Clone(fields[0].Key), kind: peek.Of(&fields[0].Value).Kind})
			}
		default:
			part(shapePart{field: field})
		}
	}
	in.End()
	s.tail = strings.Clone(body[end:])
	return in.Err() == nil && len(s.parts) > 0 && len(fields) == 0
}

// of decodes a body that has the shape, and reports whether it has it. If not, nothing is
// decoded. A body that differs at its end is decoded nearly twice, so once many have differed
// only some are compared.
func (s *Shape) of(d *Decoder) bool {
	missed := s.missed.Load()
	if missed >= alwaysTried && missed%triedEach != 0 {
		s.missed.Add(1)
		return false
	}
	// A value of the metadata stands two deep in the body, and is read by itself here. What
	// nests deeper than this is decoded in full, which says what is wrong with it.
	d.Init(d.body, MaxDepth-2, true)
	if d.has(s) {
		if missed != 0 {
			s.missed.Store(0)
		}
		return true
	}
	d.Event, d.doubts, d.unknown = Event{}, 0, 0
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
			if d.value(p.field); d.Err() != nil {
				return false
			}
			if _, bad := d.TakeBadText(); bad {
				d.doubts |= knownTexts
			}
			continue
		}
		if len(fields) == cap(fields) {
			fields = slices.Grow(fields, 1)
		}
		fields = fields[:len(fields)+1]
		f := &fields[len(fields)-1]
		f.Key, f.Value = p.key, value.Value{}
		v := peek.Of(&f.Value)
		if d.metadataValue(p.key, v); d.Err() != nil {
			return false
		}
		d.judgeValue(v)
		if v.Kind != p.kind {
			d.doubts |= KnownKinds
		}
	}
	if !d.TakeExact(s.tail) || !d.AtEnd() {
		return false
	}
	e := &d.Event
	if e.Name = s.name; len(fields) > 0 {
		e.Metadata = fields
	}
	// An email that decides is looked at, and so is a text that may be too long.
	if identity.Blank(e.UserID) && identity.Blank(e.ID) ||
		max(len(e.UserID), len(e.ID), len(e.Email), len(e.AnonymousID), len(e.EventID), len(e.CompanyID)) > store.MaxIdentityLength {
		d.doubts |= knownTexts
	}
	return true
}
