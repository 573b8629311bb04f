package render

import "github.com/beckon-go/beckon/internal/fault"

// A Mention is a variable that a template names.
type Mention struct {
	Namespace Namespace
	Key       string
	Fallback  bool // it has one
}

// Mentioned returns the variables of a template that can be compiled, in order; of another,
// those that can be read.
func Mentioned(src string) (list []Mention) {
	for _, s := range parseTemplate(src, Options{Limits: Limits{}.withDefaults(), EventVars: true, Filters: Filters{}}, "", new(fault.List)) {
		if h := s.hole; h != nil && !h.literal {
			list = append(list, Mention{h.ns, h.key, h.has})
		}
	}
	return list
}

// LooksLikeHTML reports whether a body without a format is probably HTML.
func LooksLikeHTML(body string) bool { return looksLikeHTML(body) }
