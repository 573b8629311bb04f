// Package document reads JSON documents that have fixed members: programs, contacts and
// visits. It finds all that is wrong with their shape at once.
package document

import (
	"errors"
	"math"
	"strconv"

	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/identity"
	"github.com/beckon-go/beckon/internal/ojson"
)

// A Reader reads one document. It collects all that is wrong and goes on with what is
// right, so that one reading finds every fault of it. It judges the shape alone
// (names, types, spellings); what a document means is judged elsewhere.
type Reader struct {
	Faults *fault.List
	// Wire says that the document is a contact or a visit, whose faults name a
	// field under several codes; those of a program name a path under one.
	Wire bool
}

// A Member is one member that an object may have, and what takes its value.
type Member struct {
	Name string
	Read func(n *ojson.Node, path string)
}

// Fault notes what is wrong at path; code is for the wire.
func (s *Reader) Fault(code fault.Code, path, message string) {
	if s.Wire {
		s.Faults.Add(code, path, message)
		return
	}
	s.Faults.Fault(path, message)
}

// Object reads the members of an object. Names count as they are written,
// letter case included; one that is not known, or that stands twice, is a
// fault, and the others are read all the same.
func (s *Reader) Object(n *ojson.Node, path string, members ...Member) {
	if !s.Is(n, path, ojson.Object) {
		return
	}
	seen := make(map[string]bool, len(n.Members))
	for j := range n.Members {
		m := &n.Members[j]
		at := fault.JoinPath(path, m.Name)
		if seen[m.Name] {
			s.Fault(fault.ErrJSONInvalid, at, "given twice")
			continue
		}
		seen[m.Name] = true
		i := 0
		for i < len(members) && members[i].Name != m.Name {
			i++
		}
		if i == len(members) {
			if !s.Wire && s.Faults.Full() { // nobody reads which one may have been meant
				s.Fault(fault.ErrJSONInvalid, at, "unknown field")
				continue
			}
			known := make([]string, len(members))
			for j := range members {
				known[j] = members[j].Name
			}
			s.Fault(fault.ErrJSONInvalid, at, fault.UnknownField(m.Name, known))
			continue
		}
		members[i].Read(&m.Value, at)
	}
}

// Is reports whether n is of the kind, and notes a fault if it is not.
func (s *Reader) Is(n *ojson.Node, path string, kind ojson.Kind) bool {
	if n.Kind == kind {
		return true
	}
	s.Fault(fault.ErrTypeInvalid, path, "must be "+kind.String()+", is "+n.Kind.String())
	return false
}

// Text takes a string.
func (s *Reader) Text(dst *string) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if s.Is(n, path, ojson.String) {
			*dst = n.Text
		}
	}
}

// Identifier takes a string, or an integer as its digits (E1).
func (s *Reader) Identifier(dst *string) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		switch {
		case n.Kind != ojson.Number:
			s.Text(dst)(n, path)
		case identity.IsInteger(n.Text):
			*dst = n.Text
		default:
			s.Fault(fault.ErrTypeInvalid, path, identity.NumberFault(n.Text))
		}
	}
}

// Flag takes true or false.
func (s *Reader) Flag(dst *bool) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if s.Is(n, path, ojson.Bool) {
			*dst = n.Bool
		}
	}
}

// Texts takes a list of strings; [] is not nil.
func (s *Reader) Texts(dst *[]string) func(*ojson.Node, string) {
	return ListOf(s, dst, func(n *ojson.Node, path string) (text string) {
		s.Text(&text)(n, path)
		return text
	})
}

// TextMap takes an object of strings under any names.
func (s *Reader) TextMap(dst *map[string]string) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		Entries(s, dst, n, path, func(n *ojson.Node, path string) (text string) {
			s.Text(&text)(n, path)
			return text
		})
	}
}

// Whole takes a whole number of at least low.
func (s *Reader) Whole(dst *int, low int) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if !s.Is(n, path, ojson.Number) {
			return
		}
		i, ok := WholeNumber(n.Text)
		switch {
		case !ok:
			s.Fault(fault.ErrTypeInvalid, path, "must be a whole number of at most 15 digits")
		case i < low:
			s.Fault(fault.ErrTypeInvalid, path, "must be at least "+strconv.Itoa(low))
		default:
			*dst = i
		}
	}
}

// Share takes a number. Whether it is a share is not judged here.
func (s *Reader) Share(dst *float64) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if !s.Is(n, path, ojson.Number) {
			return
		}
		f, err := strconv.ParseFloat(n.Text, 64)
		if err != nil {
			s.Fault(fault.ErrTypeInvalid, path, "must be a number from 0 to 1")
			return
		}
		*dst = f
	}
}

// Word takes one of the words that an enumeration has.
func Word[T ~string](s *Reader, dst *T, words ...T) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if !s.Is(n, path, ojson.String) {
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
		s.Fault(fault.ErrTypeInvalid, path, fault.UnknownWord(n.Text, known))
	}
}

// ListOf takes an array, each item by read; [] is not nil.
func ListOf[T any](s *Reader, dst *[]T, read func(*ojson.Node, string) T) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		if !s.Is(n, path, ojson.Array) {
			return
		}
		items := make([]T, len(n.Items))
		for i := range n.Items {
			items[i] = read(&n.Items[i], path+"["+strconv.Itoa(i)+"]")
		}
		*dst = items
	}
}

// Entries takes an object as a map from any names, each value by read; {} is
// not nil.
func Entries[T any](s *Reader, dst *map[string]T, n *ojson.Node, path string, read func(*ojson.Node, string) T) {
	if !s.Is(n, path, ojson.Object) {
		return
	}
	m := make(map[string]T, len(n.Members))
	for i := range n.Members {
		e := &n.Members[i]
		at := fault.JoinPath(path, e.Name)
		if _, twice := m[e.Name]; twice {
			s.Fault(fault.ErrJSONInvalid, at, "given twice")
			continue
		}
		m[e.Name] = read(&e.Value, at)
	}
	*dst = m
}

// Pointer takes a value that may be absent, by read.
func Pointer[T any](dst **T, read func(*ojson.Node, string) T) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) {
		v := read(n, path)
		*dst = &v
	}
}

// Into takes a value, by read.
func Into[T any](dst *T, read func(*ojson.Node, string) T) func(*ojson.Node, string) {
	return func(n *ojson.Node, path string) { *dst = read(n, path) }
}

// WholeNumber returns a number literal as an int: 3, but also 3.0 and 3e2, which
// are the same number to JSON. Fifteen digits are exact in a float64.
func WholeNumber(literal string) (int, bool) {
	const limit = 999_999_999_999_999
	f, err := strconv.ParseFloat(literal, 64)
	if err != nil || f > min(limit, math.MaxInt) || f < max(-limit, math.MinInt) || f != math.Trunc(f) {
		return 0, false
	}
	return int(f), true
}

// Document reads the JSON itself. What is wrong with that is a fault at no
// path, with the place in bytes, and nil is returned.
func (s *Reader) Document(data []byte, limits ojson.Limits) *ojson.Node {
	n, err := ojson.ParseString(string(data), limits)
	if err == nil {
		return &n
	}
	code := fault.ErrJSONInvalid
	var broken *ojson.Error
	if errors.As(err, &broken) {
		switch broken.Reason {
		case ojson.NotUTF8:
			code = fault.ErrTextNotUTF8
		case ojson.TooLarge:
			code = fault.ErrBodyTooLarge
		}
	}
	s.Fault(code, "", err.Error())
	return nil
}
