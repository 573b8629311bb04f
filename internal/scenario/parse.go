// Package scenario runs unit tests of a rule set that are written as data: a program,
// and steps. Each step does one thing to an engine at an instant, and says what it
// wants of it.
//
// The runner is part of the contract of the JSON format. cmd/beckon and package
// beckontest are thin shells around it.
package scenario

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/ojson"
	"github.com/beckon-go/beckon/internal/together"
)

// A Scenario is one test: an engine of its own, a program, and steps. What is
// wrong with its document is kept, and fails it when it is run, so that one bad
// scenario does not hide the others of its file.
type Scenario struct {
	Name    string
	program json.RawMessage
	file    string          // of the program, if it is not in the scenario
	given   *beckon.Program // runs in place of the scenario's own
	setup   []beckon.Option // that of the host whose program it is
	options options
	steps   []step
	faults  []flaw // what is wrong with the document

	own    *source // the scenario's document
	beside *beside // the files of its program
}

// Err returns what is wrong with the scenario's document; nil if nothing is.
func (s *Scenario) Err() error {
	if len(s.faults) == 0 {
		return nil
	}
	var lines []string
	for _, f := range s.faults {
		lines = append(lines, f.String())
	}
	return errors.New(strings.Join(lines, "\n"))
}

// For has the scenario test a program of the caller's, in place of its own or where it has
// none, on an engine with the options. Where the scenario has options that
// say otherwise, these hold.
func (s *Scenario) For(program beckon.Program, opts ...beckon.Option) {
	s.given, s.setup, s.program, s.file, s.beside = &program, opts, nil, "", nil
}

// Load reads the program of a scenario that names a file, by read, which takes the name as
// it is given: relative to the scenario's own file. It returns one document, or those of the
// files of a folder, which are one program.
func (s *Scenario) Load(read func(name string) ([]together.File, error)) {
	if s.file == "" {
		return
	}
	name := s.file
	s.file = ""
	files, err := read(name)
	if err != nil {
		s.faults = append(s.faults, flaw{"scenario.program_file", err.Error()})
		return
	}
	of := &beside{files: make([]source, len(files))}
	for i, f := range files {
		of.files[i] = source{file: f.Name, tree: &tree{text: string(f.Data)}}
	}
	if len(files) == 1 {
		s.program, s.beside = files[0].Data, of
		if data := files[0].Data; !json.Valid(data) {
			var whole json.RawMessage
			s.faults = append(s.faults, flaw{"scenario.program_file", strconv.Quote(files[0].Name) + " is " + placed(data, json.Unmarshal(data, &whole)).Error()})
		}
		return
	}
	of.joined = together.Join(files)
	for _, f := range of.joined.Faults() {
		s.faults = append(s.faults, flaw{"scenario.program_file", f.String()})
	}
	s.program, s.beside = of.joined.Text(), of
}

// A beside is the files of a program beside the scenario.
type beside struct {
	files  []source
	joined *together.Program // what several of them are; nil of one
}

// find returns in which file a path of the program is, and the path there.
func (b *beside) find(path string) (file int, own string) {
	if b.joined == nil {
		return 0, path
	}
	file, own, ok := b.joined.Find(path)
	if !ok {
		own = path
	}
	return file, own
}

// options set up the engine.
type options struct {
	strictMetadata    bool
	lenientMetadata   bool
	knownContactsOnly bool
	eventNamesLimit   int
	sourceChannels    map[string][]string
	outbox            bool
	foreignCompanies  bool
	exactEmail        bool
}

// A step does one thing at an instant.
type step struct {
	at    time.Time // zero: the clock stays
	verb  string
	arg   json.RawMessage // of a plain step that tracks, in event
	event string
	want  *want
}

// verbs are what a step can do.
func verbs() []string {
	return []string{
		"contact", "track", "track_json", "visit", "sweep", "due", "check", "send", "send_to", "merge", "archive", "unarchive",
		"publish", "pause", "resume", "stop", "release", "unsubscribe", "resubscribe", "delete", "totals", "messages", "match",
	}
}

// Parse reads a file: one scenario or an array of them. The error says that
// the file is not JSON, or neither of the two; all else that is wrong belongs
// to a scenario.
func Parse(data []byte) ([]Scenario, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	var whole json.RawMessage
	if err := dec.Decode(&whole); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, errors.New("the file is empty")
		}
		return nil, placed(data, err)
	}
	end := int(dec.InputOffset())
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		line, column := ojson.Place(string(data), len(data)-len(bytes.TrimLeft(data[end:], " \t\r\n")))
		return nil, fmt.Errorf("something follows the JSON at line %d, column %d", line, column)
	}
	switch whole[0] {
	case '{':
		one := parseScenario(whole)
		one.own = &source{tree: &tree{text: string(data)}}
		return []Scenario{one}, nil
	case '[':
		var all []json.RawMessage
		if err := json.Unmarshal(whole, &all); err != nil {
			return nil, err
		}
		scenarios := make([]Scenario, len(all))
		whole := &tree{text: string(data)}
		for i, raw := range all {
			scenarios[i] = parseScenario(raw)
			scenarios[i].own = &source{tree: whole, at: "[" + strconv.Itoa(i) + "]"}
			if scenarios[i].Name == "" {
				scenarios[i].Name = "scenario " + strconv.Itoa(i)
			}
		}
		return scenarios, nil
	}
	return nil, errors.New("the file is neither a scenario nor an array of scenarios")
}

// placed says where in the file the JSON breaks off.
func placed(data []byte, err error) error {
	at := len(data)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		at = int(syntax.Offset) - 1 // it counts what was read, the bad character too
		if at >= len(bytes.TrimRight(data, " \t\r\n"))-1 && strings.Contains(err.Error(), "unexpected end") {
			at = len(data)
		}
	}
	line, column := ojson.Place(string(data), at)
	return fmt.Errorf("not JSON: %w at line %d, column %d", err, line, column)
}

func parseScenario(raw json.RawMessage) Scenario {
	var s Scenario
	d := &document{}
	d.object(raw, "scenario", map[string]func(json.RawMessage, string){
		"name":    take(d, &s.Name),
		"program": keep(&s.program),
		"program_file": func(raw json.RawMessage, path string) {
			if take(d, &s.file)(raw, path); s.file == "" && len(d.faults) == 0 {
				d.fault(path, "is empty")
			}
		},
		"options": func(raw json.RawMessage, path string) { s.options = d.options(raw, path) },
		"steps": func(raw json.RawMessage, path string) {
			var steps []json.RawMessage
			if err := json.Unmarshal(raw, &steps); err != nil {
				d.fault(path, "must be a list")
				return
			}
			s.steps = make([]step, len(steps))
			for i, one := range steps {
				s.steps[i] = d.step(one, path+"["+strconv.Itoa(i)+"]")
			}
		},
	})
	if s.file != "" && s.program != nil {
		d.fault("scenario.program_file", "stands beside a program: one of them is run")
	}
	if len(s.steps) == 0 && len(d.faults) == 0 {
		d.fault("scenario.steps", "empty: a scenario without steps tests nothing")
	}
	if len(s.steps) > 0 && s.steps[0].at.IsZero() && len(d.faults) == 0 {
		d.fault("scenario.steps[0].at", "missing: the first step sets the clock")
	}
	s.faults = d.faults
	return s
}

func (d *document) options(raw json.RawMessage, path string) (o options) {
	d.object(raw, path, map[string]func(json.RawMessage, string){
		"strict_metadata":     take(d, &o.strictMetadata),
		"lenient_metadata":    take(d, &o.lenientMetadata),
		"known_contacts_only": take(d, &o.knownContactsOnly),
		"event_names_limit":   take(d, &o.eventNamesLimit),
		"source_channels":     take(d, &o.sourceChannels),
		"outbox":              take(d, &o.outbox),
		"foreign_companies":   take(d, &o.foreignCompanies),
		"exact_email":         take(d, &o.exactEmail),
	})
	return o
}

func (d *document) step(raw json.RawMessage, path string) (s step) {
	known := verbs()
	for _, m := range d.members(raw, path) {
		at := join(path, m.name)
		switch {
		case m.name == "at":
			take(d, &s.at)(m.value, at)
		case m.name == "want" && d.wantless:
		case m.name == "want":
			s.want = d.want(m.value, at)
		case !slices.Contains(known, m.name):
			d.unknown(at, "verb", m.name, known)
		case s.verb != "":
			d.fault(path, "does two things, %s and %s; one step does one", s.verb, m.name)
		default:
			s.verb, s.arg = m.name, m.value
		}
	}
	if s.verb == "" && len(d.faults) == 0 {
		d.fault(path, "does nothing; it needs one of %s", strings.Join(known, ", "))
	}
	return s
}
