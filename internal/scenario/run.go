package scenario

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/internal/together"
	"github.com/beckon-go/beckon/memstore"
)

// A Report is what came of one scenario.
type Report struct {
	Scenario    string
	Differences []Difference
	Steps       []Outcome // of the steps that were run
}

// OK reports whether all was as wanted.
func (r *Report) OK() bool { return len(r.Differences) == 0 }

// An Outcome is what came of one step.
type Outcome struct {
	Scenario string
	Step     int
	Result   *Result // nil if the verb yields none, or the call was refused
	Errors   []*beckon.Error
	Contacts []beckon.Identity      // of match
	Totals   *beckon.Totals         // of totals
	Messages []beckon.ListedMessage // of messages

	SeriesTotals *beckon.SeriesTotals // of totals of a series
}

// MarshalJSON returns {"scenario", "step", "result", "errors"}, and "contacts",
// "totals" or "messages" where the verb asks for them.
func (o Outcome) MarshalJSON() ([]byte, error) {
	if o.Errors == nil {
		o.Errors = []*beckon.Error{}
	}
	var totals any
	switch {
	case o.Totals != nil:
		totals = o.Totals
	case o.SeriesTotals != nil:
		totals = o.SeriesTotals
	}
	return json.Marshal(struct {
		Scenario string                 `json:"scenario"`
		Step     int                    `json:"step"`
		Result   *Result                `json:"result"`
		Errors   []*beckon.Error        `json:"errors"`
		Contacts []beckon.Identity      `json:"contacts,omitempty"`
		Totals   any                    `json:"totals,omitempty"`
		Messages []beckon.ListedMessage `json:"messages,omitempty"`
	}{o.Scenario, o.Step, o.Result, o.Errors, o.Contacts, totals, o.Messages})
}

// A Result is what a step decided: that of a call, or of a whole iterator.
type Result struct {
	EventID    string
	Duplicate  bool
	Deliveries []beckon.Delivery
	Held       []beckon.Held
	Warnings   []beckon.Warning
}

// MarshalJSON returns the same document as [beckon.Result].
func (r Result) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		EventID    string            `json:"event_id,omitempty"`
		Duplicate  bool              `json:"duplicate"`
		Deliveries []beckon.Delivery `json:"deliveries"`
		Held       []beckon.Held     `json:"held"`
		Warnings   []beckon.Warning  `json:"warnings"`
	}{r.EventID, r.Duplicate, orEmpty(r.Deliveries), orEmpty(r.Held), orEmpty(r.Warnings)})
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// Run runs the scenario on an engine and a store of its own.
func (s *Scenario) Run(ctx context.Context) *Report {
	report := &Report{Scenario: s.Name}
	s.Load(func(string) ([]together.File, error) {
		return nil, errors.New("it was not read from a file, so there is none beside it")
	})
	if len(s.faults) > 0 {
		for _, f := range s.faults {
			_, path, _ := strings.Cut(f.path, ".") // after "scenario"
			report.Differences = append(report.Differences, Difference{Step: programStep, Path: path, Fault: f.String()})
		}
		s.locate(report)
		return report
	}
	r := &runner{report: report}
	defer s.locate(report)
	if !r.start(ctx, s) {
		return report
	}
	for i := range s.steps {
		st := &s.steps[i]
		if !st.at.IsZero() {
			r.now = st.at
		}
		var why []beckon.MessageTrace
		if st.want != nil {
			why = r.explained(ctx, st)
		}
		out := r.do(ctx, st)
		out.Scenario, out.Step = s.Name, i
		report.Steps = append(report.Steps, out)
		c := &comparison{step: i, verb: st.verb, out: &out, report: report, names: &r.names, why: why}
		before := len(report.Differences)
		c.compare(st.want)
		if note := unheard(st, why, &out); note != "" && len(report.Differences) > before {
			report.Differences = append(report.Differences, Difference{Step: i, Verb: st.verb, Path: "steps[" + strconv.Itoa(i) + "].track.event_name", Fault: note})
		}
	}
	return report
}

// locate says of each difference where what was wanted stands.
func (s *Scenario) locate(r *Report) {
	type wanted struct {
		paths []string
		at    []int // whose they are
	}
	var own wanted
	beside := map[int]*wanted{} // by file
	for i := range r.Differences {
		d := &r.Differences[i]
		path := d.Path
		if d.Step == programStep && d.Field == "program" {
			switch {
			case s.given != nil: // it stands in no file
				continue
			case s.beside != nil:
				file, path := s.beside.find(path)
				d.File = s.beside.files[file].file
				if beside[file] == nil {
					beside[file] = &wanted{}
				}
				beside[file].paths, beside[file].at = append(beside[file].paths, path), append(beside[file].at, i)
				continue
			default:
				path = within("program", path)
			}
		}
		own.paths, own.at = append(own.paths, path), append(own.at, i)
	}
	set := func(from *source, w *wanted) {
		if len(w.paths) == 0 {
			return
		}
		for k, p := range from.places(w.paths) {
			r.Differences[w.at[k]].Line, r.Differences[w.at[k]].Column = p.line, p.column
		}
	}
	set(s.own, &own)
	for file, w := range beside {
		set(&s.beside.files[file], w)
	}
}

// A runner is one engine and its clock.
type runner struct {
	engine *beckon.Engine
	now    time.Time
	report *Report
	names  Names
}

// start makes the engine and publishes the program at the instant of the
// first step. A program that is refused ends the scenario.
func (r *runner) start(ctx context.Context, s *Scenario) bool {
	if len(s.steps) > 0 {
		r.now = s.steps[0].at
	}
	out := r.guard(func() (out Outcome, err error) {
		if r.engine, err = beckon.New(memstore.New(), slices.Concat(s.setup, r.options(s.options))...); err != nil {
			return out, err
		}
		switch {
		case s.given != nil:
			return out, r.publishProgram(ctx, *s.given)
		case s.program != nil:
			return out, r.publish(ctx, s.program)
		}
		return out, nil
	})
	if len(out.Errors) == 0 {
		return true
	}
	out.Scenario, out.Step = s.Name, programStep
	r.report.Steps = append(r.report.Steps, out)
	for _, e := range out.Errors {
		r.report.Differences = append(r.report.Differences, Difference{Step: programStep, Field: "program", Path: e.Path, Got: e.Error(), Want: "a program that can be published"})
	}
	return false
}

func (r *runner) options(o options) []beckon.Option {
	opts := []beckon.Option{beckon.WithClock(func() time.Time { return r.now })}
	if o.strictMetadata {
		opts = append(opts, beckon.WithStrictMetadata())
	}
	if o.lenientMetadata {
		opts = append(opts, beckon.WithLenientMetadata())
	}
	if o.knownContactsOnly {
		opts = append(opts, beckon.WithKnownContactsOnly())
	}
	if o.eventNamesLimit != 0 {
		opts = append(opts, beckon.WithEventNamesLimit(o.eventNamesLimit))
	}
	for _, source := range sortedKeys(o.sourceChannels) {
		var channels []beckon.Channel
		for _, c := range o.sourceChannels[source] {
			channels = append(channels, beckon.Channel(c))
		}
		from := beckon.Source(source)
		if source == "direct" {
			from = beckon.SourceDirect
		}
		opts = append(opts, beckon.WithSourceChannels(from, channels...))
	}
	if o.outbox {
		opts = append(opts, beckon.WithOutbox())
	}
	if o.exactEmail {
		opts = append(opts, beckon.WithExactEmail())
	}
	if o.foreignCompanies {
		opts = append(opts, beckon.WithForeignCompanies())
	}
	return opts
}

// panicked is the code of a call that did not return.
const panicked beckon.Code = "panic"

// guard runs one thing and turns its error into the outcome's list. A panic
// would be a bug of the engine: it fails the step, and the others go on.
func (r *runner) guard(fn func() (Outcome, error)) (out Outcome) {
	defer func() {
		if p := recover(); p != nil {
			out = Outcome{Errors: []*beckon.Error{Panicked(p)}}
		}
	}()
	out, err := fn()
	out.Errors = flatten(err)
	return out
}

// flatten returns the single errors of err.
func flatten(err error) []*beckon.Error {
	if err == nil {
		return nil
	}
	var list beckon.ErrorList
	if errors.As(err, &list) {
		return list
	}
	var one *beckon.Error
	if errors.As(err, &one) {
		return []*beckon.Error{one}
	}
	var code beckon.Code
	if errors.As(err, &code) {
		return []*beckon.Error{{Code: code, Message: err.Error()}}
	}
	return []*beckon.Error{{Code: "error", Message: err.Error()}}
}

func (r *runner) publish(ctx context.Context, raw json.RawMessage) error {
	program, err := beckon.ParseProgram(raw)
	if err != nil {
		return err
	}
	return r.publishProgram(ctx, program)
}

func (r *runner) publishProgram(ctx context.Context, program beckon.Program) error {
	if err := r.engine.Publish(ctx, program); err != nil {
		return err
	}
	r.names.Add(&program)
	return nil
}

// collect takes a whole iterator. What it yielded before an error is kept.
func collect(deliveries iter.Seq2[beckon.Delivery, error], res *Result) error {
	var failed beckon.ErrorList
	for d, err := range deliveries {
		if err != nil {
			failed = append(failed, flatten(err)...)
			continue
		}
		res.Deliveries = append(res.Deliveries, d)
	}
	if len(failed) > 0 {
		return failed
	}
	return nil
}
