package beckon

import (
	"time"
	"unique"
)

// A scope is what a condition or a template sees: the state before the
// occasion (A2), the occasion's own data, and one instant. It belongs to one
// decision and one goroutine.
type scope struct {
	rec     *Record
	now     int64          // Unix milliseconds
	loc     *time.Location // the workspace's
	fields  Fields         // the event's metadata, at most MaxMetadataKeys
	page    *Page          // nil: unknown
	company *Record        // nil: company data is unknown
	built   []Counter      // counters made from the event log for this decision
	event   unique.Handle[string]

	needEvents bool // a counter was asked for that must be built first
}

// A namespace is where a variable or a condition looks.
type namespace uint8

const (
	nsUser namespace = iota
	nsCompany
	nsEvent
)

// variables is what a template reads from; *scope is one.
type variables interface {
	lookup(ns namespace, key string) Value
}

// lookup gives the value of a user attribute, a company attribute or a
// metadata key; unknown if there is none.
func (s *scope) lookup(ns namespace, key string) Value {
	switch ns {
	case nsCompany:
		if s.company == nil {
			return Value{}
		}
		return companyAttribute(s.company, key)
	case nsEvent:
		v, _ := s.fields.Get(key)
		return v
	default:
		return userAttribute(s.rec, key)
	}
}

// userAttribute gives an attribute of a contact, the standard ones that are
// not stored as such included.
func userAttribute(rec *Record, name string) Value { return rec.Profile.Attribute(name) }

// companyAttribute gives an attribute of a company; company_id is its key.
func companyAttribute(rec *Record, name string) Value {
	if name == "company_id" {
		return String(rec.Key.ID)
	}
	return rec.Profile.Attribute(name)
}

// counter gives what is counted under a definition. Where the contact has
// events of the name but no such counter, it must be built from the event
// log: then the scope says so, and the zero Counter stands in.
func (s *scope) counter(def string, event unique.Handle[string]) *Counter {
	for i := range s.built {
		if s.built[i].Def == def {
			return &s.built[i]
		}
	}
	for i := range s.rec.Counters {
		if s.rec.Counters[i].Def == def {
			return &s.rec.Counters[i]
		}
	}
	if st, ok := s.rec.Stat(event); ok && st.Count > 0 {
		s.needEvents = true
	}
	return &Counter{Def: def}
}
