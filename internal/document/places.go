package document

import (
	"strings"

	"github.com/beckon-go/beckon/internal/fault"
)

// Places are the places of faults of shape.
type Places struct {
	whole    bool            // one is about the document as a whole
	at       map[string]bool // where they stand
	parents  map[string]bool // the objects that have one
	misspelt map[string]bool // those that have a name that is not known
}

// PlacesOf returns the places of what a [Reader] has found.
func PlacesOf(shape fault.List) Places {
	p := Places{at: map[string]bool{}, parents: map[string]bool{}, misspelt: map[string]bool{}}
	for _, e := range shape {
		p.whole = p.whole || e.Path == ""
		p.at[e.Path] = true
		parent := e.Path[:max(0, strings.LastIndexAny(e.Path, ".["))]
		p.parents[parent] = true
		if strings.HasPrefix(e.Message, "unknown field") {
			p.misspelt[parent] = true
		}
	}
	return p
}

// Explain reports whether a fault of meaning at path may come from nothing but a
// fault of shape: it stands at one, inside one, at the object that has one, or
// beside one, where a name that was misspelt is missing, or names what stands in a list
// that could not be read.
func (p *Places) Explain(path string) bool {
	if p.whole || p.at[path] || p.parents[path] {
		return true
	}
	last := -1
	for i := range len(path) {
		if path[i] == '.' || path[i] == '[' {
			if p.at[path[:i]] {
				return true
			}
			last = i
		}
	}
	if last < 0 || path[last] != '.' {
		return false
	}
	return p.misspelt[path[:last]] || p.unread(path[last+1:])
}

// unread reports whether a member names one of a list of the program that could not be read.
func (p *Places) unread(member string) bool {
	switch member {
	case "segment", "enters", "leaves":
		return p.at["segments"] || p.misspelt[""]
	case "topic":
		return p.at["topics"] || p.misspelt[""]
	}
	return false
}
