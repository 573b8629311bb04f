// Package declared has what a program declares of events (V1): which metadata they carry,
// and what is said of an event that is otherwise.
package declared

import (
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/fold"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// The words for what happens to keys that are not declared.
const (
	Accept = "accept"
	Warn   = "warn"
	Refuse = "refuse"
)

// OthersWords are these words.
func OthersWords() []string { return []string{Accept, Warn, Refuse} }

// types are the types that a key may be declared to have. Every other kind is none.
var types = [...]string{ //nolint:gochecknoglobals // a table that nothing writes to
	repr.KindString: "string", repr.KindNumber: "number", repr.KindBool: "boolean", repr.KindDate: "date", repr.KindLink: "link",
	repr.KindRichLink: "rich_link", repr.KindImage: "image", repr.KindStripe: "stripe", repr.KindMonetary: "monetary",
}

// TypeWords are the words for the types.
func TypeWords() []string { return types[repr.KindString:] }

// kindOf returns the kind of a type's word; unknown for any other word.
func kindOf(word string) repr.Kind { return repr.Kind(max(slices.Index(types[:], word), 0)) }

// An Event is what is declared of the events of a name. It is not changed once it is made.
type Event struct {
	Name        string // canonical
	Description string
	Keys        []Key // by Folded
	Others      string
}

// A Key is what is declared of a metadata key.
type Key struct {
	Key, Folded string    // as it is written, and as it is compared
	Kind        repr.Kind // unknown: any
	Required    bool
	Values      []repr.Value // nil: any
}

// Key returns what is declared of a key, which is folded; nil for nothing.
func (e *Event) Key(folded string) *Key {
	i, found := slices.BinarySearchFunc(e.Keys, folded, func(k Key, folded string) int { return strings.Compare(k.Folded, folded) })
	if !found {
		return nil
	}
	return &e.Keys[i]
}

// Takes reports whether a value is of the declared type: a link may be an image, and a
// string either.
func (k *Key) Takes(kind repr.Kind) bool {
	switch {
	case k.Kind == repr.KindUnknown || k.Kind == kind:
		return true
	case k.Kind == repr.KindString:
		return kind == repr.KindLink || kind == repr.KindImage
	}
	return k.Kind == repr.KindLink && kind == repr.KindImage
}

// has reports whether a value is one of the declared values. Of texts it only matters what
// they say, since one that is a URL becomes a link.
func (k *Key) has(v *repr.Value) bool {
	return k.Values == nil || slices.ContainsFunc(k.Values, func(w repr.Value) bool { return equal(v, &w) })
}

func equal(v, w *repr.Value) bool {
	if isText(v) && isText(w) {
		return v.Str == w.Str
	}
	return v.Equal(*w)
}

func isText(v *repr.Value) bool {
	return v.Kind == repr.KindString || v.Kind == repr.KindLink || v.Kind == repr.KindImage
}

// A Check is of one event.
type Check struct {
	Strict   bool // a mismatch is an error
	Errs     fault.List
	Warnings []fault.Warning
	More     int // warnings past those that are told
}

// Check judges metadata that have their types. Keys past those that count are not there,
// and of one with a fault of its own nothing more is said. Of keys in lower case it allocates
// nothing unless there is something to say.
func (e *Event) Check(c *Check, fields value.Fields) {
	fields = event.Counted(fields)
	for i := range e.Keys {
		k := &e.Keys[i]
		j := fields.Index(k.Folded)
		if j < 0 {
			if k.Required {
				c.mismatch(k.Key, "is required")
			}
			continue
		}
		v := peek.Of(&fields[j].Value)
		if code, _ := v.Fault(); code != "" {
			continue
		}
		switch {
		case !k.Takes(v.Kind):
			c.mismatch(fields[j].Key, "must be "+article(k.Kind)+types[k.Kind]+", is "+article(v.Kind)+types[v.Kind])
		case !k.has(v):
			c.mismatch(fields[j].Key, "must be one of "+k.list()+", is "+fault.Quote(v.Text()))
		}
	}
	if e.Others == "" || e.Others == Accept {
		return
	}
	for i := range fields {
		if e.Key(fold.Key(fields[i].Key)) != nil {
			continue
		}
		const message = "is not declared for this event"
		if field := event.FieldName(fields[i].Key); e.Others == Refuse {
			c.Errs.Add(fault.ErrMetadataUndeclared, field, message)
		} else {
			c.warn(fault.WarnMetadataUndeclared, field, message)
		}
	}
}

func (c *Check) mismatch(key, message string) {
	if c.Strict {
		c.Errs.Add(fault.ErrMetadataMismatch, event.FieldName(key), message)
		return
	}
	c.warn(fault.WarnMetadataMismatch, event.FieldName(key), message)
}

func (c *Check) warn(code fault.Code, field, message string) {
	if len(c.Warnings) >= fault.MaxErrors {
		c.More++
		return
	}
	c.Warnings = append(c.Warnings, fault.Warning{Code: code, Field: field, Message: message})
}

func article(k repr.Kind) string {
	if k == repr.KindImage {
		return "an "
	}
	return "a "
}

// maxListed is how many values a sentence lists.
const maxListed = 5

func (k *Key) list() string {
	var words []string
	for i := range k.Values[:min(len(k.Values), maxListed)] {
		words = append(words, fault.Quote(k.Values[i].Text()))
	}
	if len(k.Values) > maxListed {
		words = append(words, "…")
	}
	return strings.Join(words, ", ")
}
