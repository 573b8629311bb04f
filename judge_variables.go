package beckon

// A shownScope is the scope of a decision as templates see it.
type shownScope scope

// lookup implements [variables].
func (s *shownScope) lookup(ns namespace, key string, into *Value) *Value {
	switch ns {
	case nsCompany:
		*into = (*scope)(s).companyAttribute(key)
	case nsEvent:
		if v := s.fields.find(key); v != nil {
			return v
		}
		*into = Value{}
	default:
		*into = userAttribute(s.rec, key)
	}
	return into
}
