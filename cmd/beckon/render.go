package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/sample"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/internal/scenario"
)

func renderVerb() *verb {
	return &verb{
		name: "render", group: groupPrograms,
		purpose: "shows a message as it goes out, with sample data or with yours.",
		usage:   "-program P [-contact C] [-event E] [-json] MESSAGE",
		about: `
It prints subject, body and the rest, and where each variable came from. Without
a contact, attributes are made up; without an event its metadata are, as the
program declares them. With a file, what is not in it is unknown: the fallback
stands in its place, or nothing. Of a contact's companies the first counts. Its
"history", which explain plays, is passed over. The event has to be the one that
triggers the message.

The exit status is 1 if a variable without a fallback is unknown.`,
		examples: []string{
			"beckon render -program program.json welcome",
			"beckon render -program program.json -contact ada.json -event order.json receipt",
		},
		flags: []cli.Flag{
			textFlag("program", "the `file` of the program, or the folder of its files"),
			textFlag("contact", "the `file` of a contact; left out: samples"),
			textFlag("event", "the `file` of an event; left out: samples"),
			jsonFlag("print JSON"),
		},
		run: renders,
	}
}

// A rendering is a message, filled in.
type rendering struct {
	Message    string                  `json:"message"`
	Channel    beckon.Channel          `json:"channel"`
	Subject    string                  `json:"subject"`
	Format     beckon.Format           `json:"format,omitempty"`
	Body       string                  `json:"body"`
	Text       string                  `json:"text,omitempty"`
	Data       map[string]string       `json:"data,omitempty"`
	Parameters map[string]beckon.Value `json:"parameters,omitempty"`
	Variables  []sample.Variable       `json:"variables"`
	Missing    bool                    `json:"missing"` // a variable without a fallback is unknown
	Held       bool                    `json:"held"`    // and so the message is held
}

// renders shows a message.
func renders(_ context.Context, c *call) error {
	if err := c.need("program"); err != nil {
		return err
	}
	if err := c.needArgs(1, 1, "the id of a message"); err != nil {
		return err
	}
	program, err := c.readProgram(c.text("program"))
	if err != nil {
		return err
	}
	m, err := messageOf(&program, c.args()[0])
	if err != nil {
		return ofProgram(c, err)
	}
	r, err := renderMessage(c, &program, m)
	if err != nil {
		return err
	}
	if c.is("json") {
		err = c.printJSON(r)
	} else {
		err = r.print(c.out, c.style)
	}
	if err == nil && r.Missing {
		return errFound
	}
	return err
}

// ofProgram says in which file something is wrong, or missing.
func ofProgram(c *call, err error) error {
	return fmt.Errorf("%s: %w", fileName(c.text("program")), err)
}

// renderMessage fills a message in.
func renderMessage(c *call, program *beckon.Program, m *beckon.Message) (*rendering, error) {
	zone := time.UTC
	if program.Timezone != "" {
		loc, err := time.LoadLocation(program.Timezone)
		if err != nil {
			return nil, ofProgram(c, fmt.Errorf("the program's timezone: %w", err))
		}
		zone = loc
	}
	renderer, err := beckon.NewRenderer(m.Content, beckon.WithRenderZone(zone))
	if err != nil {
		return nil, ofProgram(c, err)
	}
	given, err := readGiven(c, program, m)
	if err != nil {
		return nil, err
	}
	variables := given.Fill(sample.Mentioned(&m.Content))
	out, err := renderer.Render(given.Vars)
	if err != nil {
		return nil, ofProgram(c, err)
	}
	channel := m.Channel
	if channel == "" {
		channel = beckon.Chat
	}
	return &rendering{
		Message: m.ID, Channel: channel, Subject: out.Subject, Format: m.Content.Format, Body: out.Body, Text: out.Text, Data: out.Data,
		Parameters: out.Parameters, Variables: variables, Missing: out.Missing, Held: out.Missing && m.Content.Missing == beckon.MissingHold,
	}, nil
}

// readGiven reads the files that the flags name.
func readGiven(c *call, program *beckon.Program, m *beckon.Message) (*sample.Given, error) {
	g := &sample.Given{}
	if name := c.text("contact"); name != "" {
		data, err := c.readFile(name)
		if err != nil {
			return nil, err
		}
		contact, history, err := scenario.ParseHistory(data)
		if err != nil {
			return nil, mistaken(name, data, aContact, err)
		}
		if len(history) > 0 {
			c.warn(fmt.Errorf("%s: its history is not played: the contact is as the file has it", fileName(name)))
		}
		g.Contact(&contact)
	}
	if name := c.text("event"); name != "" {
		data, err := c.readFile(name)
		if err != nil {
			return nil, err
		}
		event, err := beckon.ParseEvent(bytes.NewReader(named(data, beckon.Identity{UserID: "u1"})))
		if err != nil {
			return nil, mistaken(name, data, anEvent, err)
		}
		if err := listens(program, m, event.Name); err != nil {
			return nil, fmt.Errorf("%s: %w", fileName(name), err)
		}
		g.Event(event.Metadata)
	} else if m.Trigger != nil {
		g.Declared = program.Events[m.Trigger.Event]
	}
	return g, nil
}

// listens returns an error if a message cannot have been triggered by an event of a name: its
// variables would never be those of such an event.
func listens(program *beckon.Program, m *beckon.Message, name string) error {
	trigger := m.Trigger
	for i := range program.Series {
		if s := &program.Series[i]; hasMessage(s, m.ID) {
			trigger = s.Entry.Trigger
		}
	}
	if trigger == nil || trigger.Event == "" {
		return fmt.Errorf("no event triggers %q: leave -event out", m.ID)
	}
	is, err := beckon.CanonicalEventName(name)
	want, other := beckon.CanonicalEventName(trigger.Event)
	if err := errors.Join(err, other); err != nil {
		return err
	}
	if is != want {
		return fmt.Errorf("the event is %q, and %q is triggered by %q", name, m.ID, trigger.Event)
	}
	return nil
}

func (r *rendering) print(w io.Writer, style term.Style) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s on %s\n", style.Bold(r.Message), r.Channel)
	part := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "\n%s\n%s\n", style.Bold(name), strings.TrimRight(printable(text), "\n"))
		}
	}
	part("subject", r.Subject)
	part("body", r.Body)
	part("text", r.Text)
	for _, name := range slices.Sorted(maps.Keys(r.Data)) {
		part("data."+name, r.Data[name])
	}
	for _, name := range slices.Sorted(maps.Keys(r.Parameters)) {
		part("parameters."+name, r.Parameters[name].String())
	}
	if len(r.Variables) > 0 {
		b.WriteString("\n")
		t := term.Table{Style: style, Heading: []string{"variable", "value", "from"}}
		for _, v := range r.Variables {
			t.Add(v.Name, v.Value, v.From)
		}
		if err := t.Write(&b); err != nil {
			return err
		}
	}
	switch {
	case r.Held:
		b.WriteString("\n" + style.Bad("it is held, missing_value: a variable without a fallback is unknown") + "\n")
	case r.Missing:
		b.WriteString("\n" + style.Warn("a variable without a fallback is unknown: nothing stands in its place") + "\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// printable returns a text of several lines without what would act on a terminal.
func printable(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = term.Plain(lines[i])
	}
	return strings.Join(lines, "\n")
}
