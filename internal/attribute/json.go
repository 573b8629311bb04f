package attribute

import (
	"slices"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/document"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/peek"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// Members returns the members that take standard attributes into
// all. They stand at the top level or under "attributes": in both is a fault
// unless they agree.
func Members(s *document.Reader, all map[string]value.Value) []document.Member {
	set := func(name, path string, v value.Value) {
		if before, twice := all[name]; twice && (before.Kind() != v.Kind() || before.Text() != v.Text()) {
			s.Fault(fault.ErrJSONInvalid, path, "given twice, with different values")
			return
		}
		all[name] = v
	}
	texts, dates := Texts(), Dates()
	members := make([]document.Member, 0, len(texts)+len(dates)+6) // with those that a contact has besides
	for _, name := range texts {
		members = append(members, document.Member{Name: name, Read: func(n *ojson.Node, path string) {
			switch identifies := name == "user_id" || name == "id" || name == "email" || name == "anonymous_id"; {
			case n.Kind == ojson.Null:
				set(name, path, value.Value{})
			case identifies && n.Kind == ojson.Number:
				var digits string
				if s.Identifier(&digits)(n, path); digits != "" {
					set(name, path, value.String(digits))
				}
			case s.Is(n, path, ojson.String):
				set(name, path, Read(s, n, path))
			}
		}})
	}
	for _, name := range dates {
		members = append(members, document.Member{Name: name, Read: func(n *ojson.Node, path string) {
			if n.Kind == ojson.Null {
				set(name, path, value.Value{})
			} else if v, ok := readDate(s, n, path); ok {
				set(name, path, v)
			}
		}})
	}
	return append(members, document.Member{Name: SessionCount, Read: func(n *ojson.Node, path string) {
		switch n.Kind {
		case ojson.Null:
			set(SessionCount, path, value.Value{})
		case ojson.Number:
			set(SessionCount, path, Read(s, n, path))
		default:
			s.Fault(fault.ErrAttributeInvalid, path, "must be a number, is "+n.Kind.String())
		}
	}})
}

// readDate takes RFC 3339 or Unix seconds.
func readDate(s *document.Reader, n *ojson.Node, path string) (value.Value, bool) {
	var v value.Value
	switch n.Kind {
	case ojson.String:
		if midnight, plain := calendar.ParseDay(n.Text); plain && midnight >= calendar.MinDate {
			v = value.String(n.Text) // Update knows in which zone it begins
			break
		}
		sec, ok := calendar.ParseRFC3339(n.Text)
		if !ok {
			s.Fault(fault.ErrAttributeInvalid, path, fault.Quote(n.Text)+" is not a date: write it as 2026-01-05T09:00:00Z (RFC 3339), as a day (2026-01-05) or in Unix seconds")
			return value.Value{}, false
		}
		v = peek.Value(repr.NewDate(sec))
	case ojson.Number:
		seconds, ok := document.WholeNumber(n.Text)
		if !ok {
			s.Fault(fault.ErrAttributeInvalid, path, "is not a date: Unix seconds are a whole number")
			return value.Value{}, false
		}
		v = peek.Value(repr.NewDate(int64(seconds)))
	default:
		s.Fault(fault.ErrAttributeInvalid, path, "must be a date as RFC 3339 or in Unix seconds, is "+n.Kind.String())
		return value.Value{}, false
	}
	if err := v.Err(); err != nil {
		s.Fault(fault.ErrAttributeInvalid, path, "is not a date between the years 1 and 9999; is it in milliseconds?")
		return value.Value{}, false
	}
	return v, true
}

// ReadAll takes an object of attributes into all; a null becomes the zero
// Value, which unsets. Those that have a member of their own are read by it.
func ReadAll(s *document.Reader, all map[string]value.Value, n *ojson.Node, path string, standard ...document.Member) {
	if !s.Is(n, path, ojson.Object) {
		return
	}
	seen := make(map[string]bool, len(n.Members))
	for i := range n.Members {
		m := &n.Members[i]
		at := fault.JoinPath(path, m.Name)
		if seen[m.Name] {
			s.Fault(fault.ErrJSONInvalid, at, "given twice")
			continue
		}
		seen[m.Name] = true
		if j := slices.IndexFunc(standard, func(x document.Member) bool { return x.Name == m.Name }); j >= 0 {
			standard[j].Read(&m.Value, at)
		} else {
			all[m.Name] = Read(s, &m.Value, at)
		}
	}
}

// Read takes one value; null is the zero Value, which unsets.
func Read(s *document.Reader, n *ojson.Node, path string) value.Value {
	v, code, problem := repr.AttributeFromJSON(n)
	if code != "" {
		s.Fault(code, path, problem)
	}
	return peek.Value(v)
}
