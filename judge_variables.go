package beckon

import (
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
)

// A shownScope is the scope of a decision as templates see it.
type shownScope scope

// lookup implements [variables].
func (s *shownScope) lookup(ns namespace, key string, into *repr.Value) *repr.Value {
	switch ns {
	case nsCompany:
		*into = (*scope)(s).companyAttribute(key)
	case nsEvent:
		if i := s.fields.Index(key); i >= 0 {
			return peek.Of(&s.fields[i].Value)
		}
		*into = repr.Value{}
	default:
		*into = userAttribute(s.rec, key)
	}
	return into
}
