package scenario

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/ojson"
)

// A Step is one step of a scenario that stands alone, in a recording. What it wants is
// passed over. The zero Step does nothing.
type Step struct{ s step }

// ParseStep reads a step. The error lists all that is wrong with it.
func ParseStep(raw json.RawMessage) (Step, error) { return ParseLine(string(raw)) }

// ParseLine is ParseStep of a text.
func ParseLine(text string) (Step, error) {
	if s, ok := plainStep(text); ok {
		return Step{s}, nil
	}
	raw := json.RawMessage(text)
	if !json.Valid(raw) {
		return Step{}, beckon.ErrorList{{Code: scenarioInvalid, Message: "not JSON"}}
	}
	d := &document{wantless: true}
	st := Step{d.step(raw, "step")}
	if st.s.at.IsZero() && len(d.faults) == 0 {
		d.fault("step.at", "missing: each step of a recording has its time")
	}
	return st, d.err()
}

// plainStep reads a step of two members, its time and what it does, in one pass. It leaves
// all else to the document's own reader, which says what is wrong.
func plainStep(text string) (s step, ok bool) {
	var in ojson.Scanner
	in.Init(text, 0, true)
	if in.Kind() != ojson.Object {
		return s, false
	}
	for in.Enter(); in.Next(); {
		name := in.Name()
		switch kind := in.Kind(); {
		case name == "at" && kind == ojson.String && s.at.IsZero():
			from, text := in.Place(), in.Text()
			if in.Place()-from != len(text)+2 || s.at.UnmarshalText([]byte(text)) != nil { // with escapes it is no time
				return s, false
			}
		case s.verb == "" && kind != ojson.Invalid:
			if s.verb = verbNamed(name); s.verb == "" {
				return s, false
			}
			from := in.Place()
			in.Skip()
			if s.verb == "track" { // there are many of them: it is kept as it is
				s.event = text[from:in.Place()]
			} else {
				s.arg = json.RawMessage(text[from:in.Place()])
			}
		default:
			return s, false
		}
	}
	in.End()
	return s, in.Err() == nil && !s.at.IsZero() && s.verb != ""
}

// verbNamed returns what a step can do, the most frequent first; empty if it cannot. It keeps
// nothing of the name.
func verbNamed(name string) string {
	switch name {
	case "track":
		return "track"
	case "visit":
		return "visit"
	case "contact":
		return "contact"
	}
	list := verbs()
	if i := slices.Index(list, name); i >= 0 {
		return list[i]
	}
	return ""
}

// RunStep returns a step that does what concerns all contacts: due or sweep.
func RunStep(at time.Time, verb string) Step {
	return Step{step{at: at, verb: verb, arg: json.RawMessage("{}")}}
}

// At returns when the step happens.
func (s *Step) At() time.Time { return s.s.at }

// Verb returns what the step does; empty if nothing.
func (s *Step) Verb() string { return s.s.verb }

// Arg returns what the step does it with, as it was written.
func (s *Step) Arg() json.RawMessage {
	if s.s.event != "" {
		return json.RawMessage(s.s.event)
	}
	return s.s.arg
}

// body returns the event of a step that tracks one, for who reads it once.
func (s *step) body(r *ojson.Text) *ojson.Text {
	if s.event != "" {
		r.Reset(s.event)
	} else {
		r.Reset(string(s.arg))
	}
	return r
}
