package render

import (
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// A Namespace is where a variable looks.
type Namespace uint8

// The namespaces.
const (
	User Namespace = iota
	Company
	Event
)

// Variables is what a template reads from.
type Variables interface {
	// Lookup returns the place of a value, which is into if it stands nowhere
	// else: to hand values about costs more than to find them.
	Lookup(ns Namespace, key string, into *repr.Value) *repr.Value
}

// Vars are values that a host gives, without a record. A value of the event
// has the type that its key and its text ask for, as in an event that is
// tracked.
type Vars struct {
	User    map[string]value.Value
	Company map[string]value.Value
	Event   value.Fields
}

// Lookup implements [Variables].
func (v *Vars) Lookup(ns Namespace, key string, into *repr.Value) *repr.Value {
	switch ns {
	case Company:
		company := v.Company[key]
		*into = *peek.Of(&company)
	case Event:
		i := v.Event.Index(key)
		if i < 0 {
			*into = repr.Value{}
			return into
		}
		value := peek.Of(&v.Event[i].Value)
		if value.Kind == repr.KindString && !repr.MayBeTyped(key, value.Str) {
			return value
		}
		*into = repr.Typed(key, *value)
	default:
		user := v.User[key]
		*into = *peek.Of(&user)
	}
	return into
}
