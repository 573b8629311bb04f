package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/beckon-go/beckon/internal/event"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/internal/repr"
	"github.com/beckon-go/beckon/value"
)

// A parameter is a value that a host gets as it is, by the name that its own
// template has for it.
type parameter struct {
	name string
	hole *placeholder // what it names, and its fallback
}

// compileParameters compiles references by the names of their parameters.
func compileParameters(refs map[string]string, rc Options, path string, faults *fault.List) []parameter {
	if len(refs) == 0 {
		return nil
	}
	if limit := rc.Limits.TemplateVariables; len(refs) > limit {
		faults.Fault(path, fmt.Sprintf("%d parameters; at most %d are allowed", len(refs), limit))
		return nil
	}
	out := make([]parameter, 0, len(refs))
	for _, name := range slices.Sorted(maps.Keys(refs)) {
		at := fault.JoinPath(path, name)
		if invalidUTF8(name) >= 0 {
			faults.Fault(at, "the name of the parameter is not valid UTF-8")
			continue
		}
		if said := event.KeyFault(name); said != "" {
			faults.Fault(at, "a parameter is named as metadata is: "+said)
			continue
		}
		if hole := parseReference(refs[name], rc, at, faults); hole != nil {
			out = append(out, parameter{name, hole})
		}
	}
	return out
}

// parseReference reads a variable as it stands between braces, with a fallback or
// without; nil if it is none.
func parseReference(src string, rc Options, path string, faults *fault.List) *placeholder {
	if limit := rc.Limits.TemplateSize; len(src) > limit {
		faults.Fault(path, fmt.Sprintf("the parameter has %d bytes; at most %d are allowed", len(src), limit))
		return nil
	}
	p := &templateParser{src: src, rc: rc, path: path, faults: faults, bare: true}
	if i := invalidUTF8(src); i >= 0 {
		p.fault(i, "the parameter is not valid UTF-8 here")
		return nil
	}
	hole, err := p.expression(0)
	switch {
	case err != nil:
		p.fault(err.pos, err.msg)
		return nil
	case hole.literal:
		p.fault(0, "a parameter is a variable, such as event.order; a text of yours belongs in data")
		return nil
	case hole.filter != nil:
		p.fault(0, "a parameter is the value itself: of the filters it takes fallback alone")
		return nil
	}
	return hole
}

// fillParameters returns the values that parameters name, those that are known. It is
// nil if there are none.
func (t *Content) fillParameters(f *filling, v Variables) (out map[string]value.Value, err error) {
	if len(t.parameters) > 0 {
		out = make(map[string]value.Value, len(t.parameters))
	}
	for i := range t.parameters {
		p := &t.parameters[i]
		got := v.Lookup(p.hole.ns, p.hole.key, &f.value)
		switch {
		case p.hole.misses(got):
			f.missing = true
			continue
		case p.hole.has && isBlank(*got):
			out[p.name] = value.String(p.hole.fallback)
			f.left -= len(p.hole.fallback)
		default:
			own := *got
			own.Str = strings.Clone(got.Str) // and not a part of all that is known of the contact
			out[p.name] = value.Value(repr.Make(own))
			f.left -= len(own.Str)
		}
		if f.left -= len(p.name); f.left < 0 {
			return nil, t.tooLarge("parameters." + p.name)
		}
	}
	return out, nil
}
