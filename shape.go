package beckon

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/calendar"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/ojson"
)

// A shape reads documents that have fixed members: programs, contacts and
// visits. It collects all that is wrong and goes on with what is right, so
// that one reading finds every fault of a document. It judges the shape alone
// (names, types, spellings); what a document means is judged elsewhere.
type shape struct {
	faults *fault.List
	// wire says that the document is a contact or a visit, whose faults name a
	// field under several codes; those of a program name a path under one.
	wire bool
}

// A member is one member that an object may have, and what takes its value.
type member struct {
	name string
	read func(n *ojson.Node, path string)
}

// fault notes what is wrong at path; code is for the wire.
func (s *shape) fault(code Code, path, message string) {
	if s.wire {
		s.faults.Add(code, path, message)
		return
	}
	s.faults.Fault(path, message)
}

// object reads the members of an object. Names count as they are written,
// letter case included; one that is not known, or that stands twice, is a
// fault, and the others are read all the same.
func (s *shape) object(n *ojson.Node, path string, members ...member) {
	if !s.is(n, path, ojson.Object) {
		return
	}
	seen := make(map[string]bool, len(n.Members))
	for j := range n.Members {
		m := &n.Members[j]
		at := fault.JoinPath(path, m.Name)
		if seen[m.Name] {
			s.fault(ErrJSONInvalid, at, "given twice")
			continue
		}
		seen[m.Name] = true
		i := 0
		for i < len(members) && members[i].name != m.Name {
			i++
		}
		if i == len(members) {
			if !s.wire && s.faults.Full() { // nobody reads which one may have been meant
				s.fault(ErrJSONInvalid, at, "unknown field")
				continue
			}
			known := make([]string, len(members))
			for j := range members {
				known[j] = members[j].name
			}
			s.fault(ErrJSONInvalid, at, fault.UnknownField(m.Name, known))
			continue
		}
		members[i].read(&m.Value, at)
	}
}

// is reports whether n is of the kind, and notes a fault if it is not.
func (s *shape) is(n *ojson.Node, path string, kind ojson.Kind) bool {
	if n.Kind == kind {
		return true
	}
	s.fault(ErrTypeInvalid, path, "must be "+kind.String()+", is "+n.Kind.String())
	return false
}

// text takes a string.
func (s *shape) text(dst *string) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if s.is(n, path, ojson.String) {
			*dst = n.Text
		}
	}
}

// identifier takes a string, or an integer as its digits (E1).
func (s *shape) identifier(dst *string) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		switch {
		case n.Kind != ojson.Number:
			s.text(dst)(n, path)
		case identity.IsInteger(n.Text):
			*dst = n.Text
		default:
			s.fault(ErrTypeInvalid, path, identity.NumberFault(n.Text))
		}
	}
}

// flag takes true or false.
func (s *shape) flag(dst *bool) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if s.is(n, path, ojson.Bool) {
			*dst = n.Bool
		}
	}
}

// texts takes a list of strings; [] is not nil.
func (s *shape) texts(dst *[]string) func(*ojson.Node, string) {
	return listOf(s, dst, func(n *ojson.Node, path string) (text string) {
		s.text(&text)(n, path)
		return text
	})
}

// textMap takes an object of strings under any names.
func (s *shape) textMap(dst *map[string]string) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		entries(s, dst, n, path, func(n *ojson.Node, path string) (text string) {
			s.text(&text)(n, path)
			return text
		})
	}
}

// whole takes a whole number of at least low.
func (s *shape) whole(dst *int, low int) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if !s.is(n, path, ojson.Number) {
			return
		}
		i, ok := wholeLiteral(n.Text)
		switch {
		case !ok:
			s.fault(ErrTypeInvalid, path, "must be a whole number of at most 15 digits")
		case i < low:
			s.fault(ErrTypeInvalid, path, "must be at least "+strconv.Itoa(low))
		default:
			*dst = i
		}
	}
}

// share takes a number. Whether it is a share is not judged here.
func (s *shape) share(dst *float64) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if !s.is(n, path, ojson.Number) {
			return
		}
		f, err := strconv.ParseFloat(n.Text, 64)
		if err != nil {
			s.fault(ErrTypeInvalid, path, "must be a number from 0 to 1")
			return
		}
		*dst = f
	}
}

// instant takes a time as RFC 3339. The zero time of Go stands for no time at
// all in these types, so it cannot be said in a document.
func (s *shape) instant(dst *time.Time) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if !s.is(n, path, ojson.String) {
			return
		}
		t, ok := calendar.ParseInstant(n.Text)
		switch {
		case !ok && calendar.WithoutZone(n.Text) != "":
			s.fault(ErrTypeInvalid, path, fault.Quote(n.Text)+" has no zone: "+calendar.WithoutZone(n.Text))
		case !ok:
			s.fault(ErrTypeInvalid, path, fault.Quote(n.Text)+" is not a time: write it as 2026-01-05T09:00:00Z (RFC 3339)")
		case t.IsZero():
			s.fault(ErrTypeInvalid, path, "is the first instant of year 1, which means no time: leave it out")
		default:
			*dst = t
		}
	}
}

// duration takes a duration; negative ones only where the field has a use for
// them.
func (s *shape) duration(dst *Duration, negative bool) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if n.Kind != ojson.String {
			s.fault(ErrTypeInvalid, path, "must be "+calendar.DurationText+", is "+n.Kind.String())
			return
		}
		d, problem := parseDuration(n.Text)
		switch {
		case problem != "":
			s.fault(ErrTypeInvalid, path, problem)
		case d.Negative() && !negative:
			s.fault(ErrTypeInvalid, path, fault.Quote(n.Text)+" is negative")
		default:
			*dst = d
		}
	}
}

// word takes one of the words that an enumeration has.
func word[T ~string](s *shape, dst *T, words ...T) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if !s.is(n, path, ojson.String) {
			return
		}
		for _, w := range words {
			if n.Text == string(w) {
				*dst = w
				return
			}
		}
		known := make([]string, len(words))
		for i, w := range words {
			known[i] = string(w)
		}
		s.fault(ErrTypeInvalid, path, fault.Quote(n.Text)+" is not known"+fault.DidYouMean(n.Text, known)+"; it must be one of "+strings.Join(known, ", "))
	}
}

// listOf takes an array, each item by read; [] is not nil.
func listOf[T any](s *shape, dst *[]T, read func(*ojson.Node, string) T) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if !s.is(n, path, ojson.Array) {
			return
		}
		items := make([]T, len(n.Items))
		for i := range n.Items {
			items[i] = read(&n.Items[i], path+"["+strconv.Itoa(i)+"]")
		}
		*dst = items
	}
}

// entries takes an object as a map from any names, each value by read; {} is
// not nil.
func entries[T any](s *shape, dst *map[string]T, n *ojson.Node, path string, read func(*ojson.Node, string) T) {
	if !s.is(n, path, ojson.Object) {
		return
	}
	m := make(map[string]T, len(n.Members))
	for i := range n.Members {
		e := &n.Members[i]
		at := fault.JoinPath(path, e.Name)
		if _, twice := m[e.Name]; twice {
			s.fault(ErrJSONInvalid, at, "given twice")
			continue
		}
		m[e.Name] = read(&e.Value, at)
	}
	*dst = m
}

// pointer takes a value that may be absent, by read.
func pointer[T any](dst **T, read func(*ojson.Node, string) T) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		v := read(n, path)
		*dst = &v
	}
}

// intoValue takes a value, by read.
func intoValue[T any](dst *T, read func(*ojson.Node, string) T) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) { *dst = read(n, path) }
}

// wholeLiteral returns a number literal as an int: 3, but also 3.0 and 3e2, which
// are the same number to JSON. Fifteen digits are exact in a float64.
func wholeLiteral(literal string) (int, bool) {
	const limit = 999_999_999_999_999
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil || f > min(limit, math.MaxInt) || f < max(-limit, math.MinInt) || f != math.Trunc(f) {
		return 0, false
	}
	return int(f), true
}

// document reads the JSON itself. What is wrong with that is a fault at no
// path, with the place in bytes, and nil is returned.
func (s *shape) document(data []byte, limits ojson.Limits) *ojson.Node {
	n, err := ojson.ParseString(string(data), limits)
	if err == nil {
		return &n
	}
	code := ErrJSONInvalid
	var broken *ojson.Error
	if errors.As(err, &broken) {
		switch broken.Reason {
		case ojson.NotUTF8:
			code = ErrTextNotUTF8
		case ojson.TooLarge:
			code = ErrBodyTooLarge
		}
	}
	s.fault(code, "", err.Error())
	return nil
}
