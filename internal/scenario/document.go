package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon/internal/fault"
)

// A document collects what is wrong while its parts are read.
type document struct {
	faults   []flaw
	wantless bool // what steps want is passed over, whatever it is
}

// A flaw is one thing that is wrong with a document, at a path.
type flaw struct{ path, text string }

// String returns the path and what is wrong there.
func (f flaw) String() string { return f.path + ": " + f.text }

func (d *document) fault(path, format string, args ...any) {
	d.faults = append(d.faults, flaw{path, fmt.Sprintf(format, args...)})
}

// A member is one member of an object, its value as it was written: events
// and contacts must reach the engine byte for byte.
type member struct {
	name  string
	value json.RawMessage
}

// members takes an object apart, in order. Names that stand twice are faults.
func (d *document) members(raw json.RawMessage, path string) []member {
	if raw[0] != '{' {
		d.fault(path, "must be an object")
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	var out []member
	seen := map[string]bool{}
	_, _ = dec.Token() // the brace; raw has been checked to be JSON
	for dec.More() {
		name, _ := dec.Token()
		m := member{name: name.(string)} //nolint:errcheck // a key of an object that is JSON
		if err := dec.Decode(&m.value); err != nil {
			d.fault(path, "%v", err)
			return out
		}
		if seen[m.name] {
			d.fault(join(path, m.name), "given twice")
			continue
		}
		seen[m.name] = true
		out = append(out, m)
	}
	return out
}

// object reads the members of an object, each by its reader; others are
// faults.
func (d *document) object(raw json.RawMessage, path string, readers map[string]func(json.RawMessage, string)) {
	for _, m := range d.members(raw, path) {
		at := join(path, m.name)
		if read, ok := readers[m.name]; ok {
			read(m.value, at)
		} else {
			d.unknown(at, "field", m.name, sortedKeys(readers))
		}
	}
}

// unknown says that a name is none of those that are known, which one was probably meant, and which
// there are.
func (d *document) unknown(path, what, name string, known []string) {
	if near := fault.DidYouMean(name, known); near != "" {
		d.fault(path, "unknown %s%s Known are %s", what, near, strings.Join(known, ", "))
		return
	}
	if len(known) == 0 {
		d.fault(path, "unknown %s: none is known here", what)
		return
	}
	d.fault(path, "unknown %s; known are %s", what, strings.Join(known, ", "))
}

// take decodes a value that has one of encoding/json's own types.
func take[T any](d *document, dst *T) func(json.RawMessage, string) {
	return func(raw json.RawMessage, path string) {
		var v *T
		if err := json.Unmarshal(raw, &v); err != nil || v == nil {
			d.fault(path, "must be %s", typeName(dst))
			return
		}
		*dst = *v
	}
}

// takePointer is take for what may be left out.
func takePointer[T any](d *document, dst **T) func(json.RawMessage, string) {
	return func(raw json.RawMessage, path string) {
		n := len(d.faults)
		v := new(T)
		take(d, v)(raw, path)
		if len(d.faults) == n {
			*dst = v
		}
	}
}

// identifier takes a string, or an integer as its digits (E1).
func (d *document) identifier(dst *string) func(json.RawMessage, string) {
	return func(raw json.RawMessage, path string) {
		if digits := strings.TrimPrefix(string(raw), "-"); digits != "" && strings.Trim(digits, "0123456789") == "" {
			*dst = string(raw)
			return
		}
		take(d, dst)(raw, path)
	}
}

func typeName(v any) string {
	switch v.(type) {
	case *string:
		return "a string"
	case *bool:
		return "true or false"
	case *int, *int64:
		return "a whole number"
	case *time.Time:
		return "a time such as 2026-03-02T09:00:00Z"
	case *[]string:
		return "a list of strings"
	case *map[string]string:
		return "an object of strings"
	case *map[string]int64:
		return "an object of whole numbers"
	case *map[string]*time.Time:
		return "an object of times"
	default:
		return "an object of lists of strings"
	}
}

// keep takes a value as it is.
func keep(dst *json.RawMessage) func(json.RawMessage, string) {
	return func(raw json.RawMessage, _ string) { *dst = raw }
}

// join returns the path of a member, quoting names that would not read as one.
func join(path, name string) string {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool {
		return !(r == '_' || r == '-' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z')
	}) {
		return path + "[" + strconv.QuoteToASCII(name) + "]"
	}
	return path + "." + name
}
