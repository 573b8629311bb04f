package beckon

import (
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// A namespace is where a variable looks.
type namespace uint8

const (
	nsUser namespace = iota
	nsCompany
	nsEvent
)

// variables is what a template reads from.
type variables interface {
	// lookup returns the place of a value, which is into if it stands nowhere
	// else: to hand values about costs more than to find them.
	lookup(ns namespace, key string, into *repr.Value) *repr.Value
}

// givenVars are values that a host gives, without a record. A value of the event
// has the type that its key and its text ask for, as in an event that is
// tracked.
type givenVars struct {
	User    map[string]value.Value
	Company map[string]value.Value
	Event   value.Fields
}

// lookup implements [variables].
func (v *givenVars) lookup(ns namespace, key string, into *repr.Value) *repr.Value {
	switch ns {
	case nsCompany:
		company := v.Company[key]
		*into = *peek.Of(&company)
	case nsEvent:
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
