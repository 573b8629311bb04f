package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/internal/scenario"
)

// A candidate is what explain says of a message.
type candidate struct {
	Message   string     `json:"message"`
	CompanyID string     `json:"company_id"`
	Reason    string     `json:"reason"` // empty if it sends
	RetryAt   *time.Time `json:"retry_at"`
	Cap       string     `json:"cap"`
	Why       string     `json:"why"`
}

// An aside is what explain says beside the candidates.
type aside struct {
	refused []refusal
	notes   []string
	nothing bool // there is no candidate, and no note says why
}

// A refusal is a step of the history that was refused.
type refusal struct {
	History int             `json:"history"` // the step, from 0
	Errors  []*beckon.Error `json:"errors"`
}

func explainVerb() *verb {
	return &verb{
		name: "explain", group: groupHistory,
		purpose: "says what every candidate does for a contact, and why.",
		usage:   "[-json] -program P -contact C [-event E] [-at T]",
		about: `
It applies the contact of C, plays the steps of its "history", and decides the
event of E at T. Without E it decides a visit and a sweep. It takes files and
needs no store; "beckon why" asks a store. An event without an identity is of C;
one of another contact is an error.`,
		examples: []string{
			"beckon explain -program live.json -contact ada.json -event upload.json",
			"beckon explain -program live.json -contact ada.json -at 2026-03-02T09:00:00Z",
		},
		flags: []cli.Flag{
			textFlag("program", "the `file` of the program, or the folder of its files"),
			textFlag("contact", "the `file` of the contact, with its history"),
			textFlag("event", "the `file` of the event; left out: a visit and a sweep"),
			textFlag("at", "when: a `time` such as 2026-03-02T09:00:00Z; left out: now"),
			jsonFlag("print JSON"),
		},
		run: explains,
	}
}

// explains says what every candidate does for a contact, and why.
func explains(ctx context.Context, c *call) error {
	if err := cmp.Or(c.needArgs(0, 0, ""), c.need("program", "contact")); err != nil {
		return err
	}
	at, err := c.readAt()
	if err != nil {
		return err
	}
	candidates, told, err := explainFiles(ctx, c, at)
	if err != nil {
		return err
	}
	if c.is("json") {
		return c.printJSON(struct {
			Candidates []candidate `json:"candidates"`
			Errors     []refusal   `json:"errors,omitempty"`
			Notes      []string    `json:"notes,omitempty"`
		}{candidates, told.refused, told.notes})
	}
	out := bufio.NewWriter(c.out)
	for _, r := range told.refused {
		fmt.Fprintf(out, "history[%d] was refused: %v\n", r.History, beckon.ErrorList(r.Errors))
	}
	for _, note := range told.notes {
		fmt.Fprintln(out, note)
	}
	for i := range candidates {
		fmt.Fprint(out, inWords(c, &candidates[i]))
	}
	if told.nothing {
		fmt.Fprintln(out, "nothing is a candidate then")
	}
	return out.Flush()
}

// inWords returns what a candidate does, and why.
func inWords(c *call, x *candidate) string {
	name, what := with(x.Message, x.CompanyID), c.style.Good("sends")
	if x.Reason != "" {
		what = c.style.Bad("is held: " + x.Reason)
	}
	if x.Cap != "" {
		what += " by " + x.Cap
	}
	if x.RetryAt != nil {
		what += ", until " + x.RetryAt.Format(time.RFC3339)
	}
	return c.style.Bold(term.Plain(name)) + " " + what + "\n" + indented(printable(x.Why))
}

func indented(text string) string {
	if text == "" {
		return ""
	}
	return "    " + strings.ReplaceAll(text, "\n", "\n    ") + "\n"
}

// explainFiles returns what every candidate does, and what concerns no message.
func explainFiles(ctx context.Context, c *call, now time.Time) (list []candidate, beside *aside, err error) {
	programFile, contactFile, eventFile := c.text("program"), c.text("contact"), c.text("event")
	program, err := c.readProgram(programFile)
	if err != nil {
		return nil, nil, err
	}
	data, err := c.readFile(contactFile)
	if err != nil {
		return nil, nil, err
	}
	contact, history, err := scenario.ParseHistory(data)
	if err != nil {
		return nil, nil, mistaken(contactFile, data, aContact, err)
	}
	begins := now
	if len(history) > 0 {
		begins = history[0].At()
	}
	player, err := scenario.NewPlayer(ctx, program, begins)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fileName(programFile), err)
	}
	engine := player.Engine()
	if _, err := engine.Update(ctx, contact); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", fileName(contactFile), err)
	}
	beside = &aside{}
	for i, step := range history {
		if out := player.Do(ctx, step); len(out.Errors) > 0 {
			beside.refused = append(beside.refused, refusal{i, out.Errors})
		}
		if step.At().After(now) {
			beside.notes = append(beside.notes, fmt.Sprintf("history[%d] is at %s, which is after %s, for which is decided: it was played all the same",
				i, step.At().Format(time.RFC3339), now.Format(time.RFC3339)))
		}
	}
	player.Set(now)
	who := beckon.Identity{UserID: contact.UserID, ID: contact.ID, Email: contact.Email, AnonymousID: contact.AnonymousID}
	var traces []beckon.MessageTrace
	if eventFile == "" {
		traces, err = engine.Explain(ctx, beckon.Visit{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID})
		if err == nil {
			var swept []beckon.MessageTrace
			swept, err = engine.Explain(ctx, beckon.AtSweep(who))
			traces = append(traces, swept...)
		}
	} else {
		traces, err = explainEvent(ctx, c, engine, eventFile, who)
	}
	if err != nil {
		return nil, nil, err
	}
	list = []candidate{}
	beside.nothing = len(traces) == 0
	for i := range traces {
		t := &traces[i]
		if t.Message == "" {
			beside.notes = append(beside.notes, t.Note)
			continue
		}
		list = append(list, candidate{t.Message, t.CompanyID, string(t.Reason), t.RetryAt, t.Cap, why(t)})
	}
	return list, beside, nil
}

// explainEvent explains the event of a file. An event that names nobody is the contact's.
func explainEvent(ctx context.Context, c *call, engine *beckon.Engine, name string, who beckon.Identity) ([]beckon.MessageTrace, error) {
	data, err := c.readFile(name)
	if err != nil {
		return nil, err
	}
	event, err := beckon.ParseEvent(bytes.NewReader(named(data, who)))
	if err != nil {
		return nil, mistaken(name, data, anEvent, err)
	}
	if err := ofContact(ctx, engine, &event, who); err != nil {
		return nil, fmt.Errorf("%s: %w", fileName(name), err)
	}
	traces, err := engine.Explain(ctx, event)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", fileName(name), err)
	}
	return traces, nil
}

// ofContact returns an error if an event is of another contact than the one that is asked
// about. Merges count: what is known of a visitor is of the user that it became.
func ofContact(ctx context.Context, engine *beckon.Engine, event *beckon.Event, who beckon.Identity) error {
	want, _, err := engine.Export(ctx, who)
	if err != nil {
		return err
	}
	got, known, err := engine.Export(ctx, beckon.Identity{UserID: event.UserID, ID: event.ID, Email: event.Email, AnonymousID: event.AnonymousID})
	if err != nil {
		return err
	}
	if !known || got.Identity != want.Identity {
		return errors.New("the event is of another contact than the one that is asked about; without an identity it is of that one")
	}
	return nil
}

// named returns an event's document with an identity, if it has none of its own: an empty one
// and null are none.
func named(data []byte, who beckon.Identity) []byte {
	var members map[string]json.RawMessage
	if json.Unmarshal(data, &members) != nil {
		return data // what is wrong with it is told when it is read
	}
	blank := false
	for _, name := range []string{"user_id", "id", "email", "anonymous_id"} {
		switch value, has := members[name]; {
		case !has:
		case string(value) != "null" && string(value) != `""`:
			return data
		default:
			blank = true
			delete(members, name)
		}
	}
	identity, err := json.Marshal(map[string]string{"user_id": who.UserID, "id": who.ID, "email": who.Email, "anonymous_id": who.AnonymousID})
	if err != nil {
		return data
	}
	rest := bytes.TrimSpace(data)[1:]
	if blank { // without the empty ones
		without, err := json.Marshal(members)
		if err != nil {
			return data
		}
		rest = without[1:]
	}
	if len(members) > 0 {
		identity = append(identity[:len(identity)-1], ',')
		return append(identity, rest...)
	}
	return identity
}

// why says why a candidate is held, or what it has passed: how its rules came out, with the
// values that they saw, and then a paragraph about all else.
func why(t *beckon.MessageTrace) string {
	j := &judged{}
	if t.Note != "" {
		j.lines = append(j.lines, t.Note)
	}
	j.add("the trigger's rule", t.Where)
	j.add("the audience", t.Audience)
	return j.text(t.String())
}

// A judged lists how rules came out.
type judged struct{ lines []string }

// add tells of a rule; nil is none.
func (j *judged) add(what string, r *beckon.RuleTrace) {
	if r == nil {
		return
	}
	verdict := "holds"
	if !r.Matched {
		verdict = "does not hold"
	}
	j.lines = append(j.lines, what+" "+verdict)
	j.lines = append(j.lines, tree(r, "  ")...)
}

// text returns the rules, and then a paragraph.
func (j *judged) text(paragraph string) string {
	return strings.Join(append(j.lines, paragraph), "\n")
}

// tree says of each part of a rule whether it holds, and what it saw.
func tree(r *beckon.RuleTrace, indent string) []string {
	mark := "✗ "
	if r.Matched {
		mark = "✓ "
	}
	line := indent + mark + r.Rule
	switch {
	case r.Problem != "":
		line += ": " + r.Problem
	case r.Unknown:
		line += ": unknown"
	case r.Seen != "":
		line += ": " + r.Seen
	}
	if !r.Since.IsZero() {
		line += ", exact since " + r.Since.Format(time.RFC3339)
	}
	lines := []string{line}
	for i := range r.Of {
		lines = append(lines, tree(&r.Of[i], indent+"  ")...)
	}
	return lines
}
