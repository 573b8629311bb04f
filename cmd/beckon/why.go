package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/explain"
	"github.com/beckon-go/beckon/internal/suggest"
	"github.com/beckon-go/beckon/store"
)

func whyVerb() *verb {
	return &verb{
		name: "why", group: groupStores,
		purpose: "says why a contact does or does not get a message or a series.",
		usage:   "-store S -program P [-event E] [-at T] [-json] USER_ID ID",
		about: `
ID is that of a message, of a series, or of a block of one. It decides what would
happen now, or at T, and records nothing. A message with an event is judged as if
that came now as it last did; E has another. Others are judged on the occasion that
decides them. Of a series it says where the walk of the contact stands and what it
waits for, or why it has not begun. It asks a store; "beckon explain" takes files in
its place. The exit status is 1 if the contact, or the id, is not known.
` + aboutStores,
		examples: []string{
			"beckon why -store sqlite:beckon.db -program live.json u1 welcome",
			"beckon why -store sqlite:beckon.db -program live.json u1 onboarding",
			"beckon why -store sqlite:beckon.db -program live.json -event order.json u1 receipt",
		},
		flags: storeFlags(append(
			whoFlags(),
			textFlag("program", "the `file` of the program, or the folder of its files"),
			textFlag("event", "the `file` of the event"),
			textFlag("at", "when: a `time` such as 2026-03-02T09:00:00Z; left out: now"),
			jsonFlag("print a line of JSON for each judgement, and for each walk"),
		)...),
		run: whyNot,
	}
}

// whyNot says what would become of a message for a contact, or where it stands in a series.
func whyNot(ctx context.Context, c *call) error {
	if err := c.need("program"); err != nil {
		return err
	}
	who, rest, err := c.who()
	if err != nil {
		return err
	}
	switch {
	case len(rest) == 0:
		return usagef("the id of a message or a series is missing")
	case len(rest) > 1:
		return usagef("there is %q beside the contact and the message", rest[1])
	}
	at, err := c.readAt()
	if err != nil {
		return err
	}
	return c.withEngine(ctx, at, func(e *beckon.Engine, _ store.Store, program *beckon.Program) error {
		w := &inquiry{call: c, engine: e, who: who, id: rest[0]}
		w.find(program)
		if w.message == nil && len(w.series) == 0 {
			return unknownID(program, w.id)
		}
		if _, known, err := e.Export(ctx, who); !known {
			return cmp.Or(err, noContact(who))
		}
		if c.text("event") != "" {
			err := w.onEvent(ctx)
			if err == nil && len(w.series) > 0 && !c.is("json") {
				_, err = fmt.Fprintln(c.out, "before that event:")
			}
			if err != nil {
				return err
			}
		} else if w.message != nil {
			return w.onItsOwn(ctx)
		}
		return w.walks(ctx)
	})
}

// An inquiry is what is asked about one id.
type inquiry struct {
	*call
	engine  *beckon.Engine
	who     beckon.Identity
	id      string
	message *beckon.Message  // of the program; nil: the id is that of something in series
	series  []*beckon.Series // that have it
	told    int              // judgements
}

// find finds what an id names: a message, a series, a message in one, and else a block. Ids of
// blocks are their series' own, so several may have one.
func (w *inquiry) find(p *beckon.Program) {
	if i := slices.IndexFunc(p.Messages, func(m beckon.Message) bool { return m.ID == w.id }); i >= 0 {
		w.message = &p.Messages[i]
		return
	}
	for _, is := range []func(*beckon.Series) bool{
		func(s *beckon.Series) bool { return s.ID == w.id },
		func(s *beckon.Series) bool {
			return slices.ContainsFunc(s.Blocks, func(b beckon.Block) bool { return b.Message != nil && b.Message.ID == w.id })
		},
		func(s *beckon.Series) bool {
			return slices.ContainsFunc(s.Blocks, func(b beckon.Block) bool { return b.ID == w.id })
		},
	} {
		for i := range p.Series {
			if len(w.series) < len(p.Series) && is(&p.Series[i]) {
				w.series = append(w.series, &p.Series[i])
			}
		}
		if len(w.series) > 0 {
			return
		}
	}
}

// unknownID says that a program has nothing of an id, and what was probably meant.
func unknownID(p *beckon.Program, id string) error {
	var known []string
	for i := range p.Messages {
		known = append(known, p.Messages[i].ID)
	}
	for i := range p.Series {
		known = append(known, p.Series[i].ID)
		for k := range p.Series[i].Blocks {
			b := &p.Series[i].Blocks[k]
			if known = append(known, b.ID); b.Message != nil {
				known = append(known, b.Message.ID)
			}
		}
	}
	text := fmt.Sprintf("no message, series or block %q", id)
	if near := suggest.Nearest(id, known); near != "" {
		text += fmt.Sprintf(", did you mean %q?", near)
	}
	return &unknownError{text}
}

// isOf reports whether a judgement is about what was asked.
func (w *inquiry) isOf(t *beckon.MessageTrace) bool {
	return t.Message == "" || t.Message == w.id ||
		slices.ContainsFunc(w.series, func(s *beckon.Series) bool { return s.ID == t.Series && !hasMessage(s, w.id) })
}

// hasMessage reports whether a series has a message of an id.
func hasMessage(s *beckon.Series, id string) bool {
	return slices.ContainsFunc(s.Blocks, func(b beckon.Block) bool { return b.Message != nil && b.Message.ID == id })
}

// onEvent tells what the event of a file would do.
func (w *inquiry) onEvent(ctx context.Context) error {
	name := w.text("event")
	data, err := w.readFile(name)
	if err != nil {
		return err
	}
	event, err := beckon.ParseEvent(bytes.NewReader(named(data, w.who)))
	if err != nil {
		return mistaken(name, data, anEvent, err)
	}
	if err := ofContact(ctx, w.engine, &event, w.who); err != nil {
		return fmt.Errorf("%s: %w", fileName(name), err)
	}
	traces, err := w.engine.Explain(ctx, event)
	if err != nil {
		return err
	}
	for i := range traces {
		if w.isOf(&traces[i]) {
			if err := w.tell(&traces[i]); err != nil {
				return err
			}
		}
	}
	if w.told == 0 {
		return w.note("it is no candidate then")
	}
	return nil
}

// onItsOwn tells of a message on the occasion that decides it, and what of it waits.
func (w *inquiry) onItsOwn(ctx context.Context) error {
	why, err := w.engine.Why(ctx, w.who, w.id)
	if err != nil {
		return err
	}
	if why.Event != "" && !w.is("json") {
		then := "now"
		if at := w.text("at"); at != "" {
			then = "at " + at
		}
		text := fmt.Sprintf("as if %q came %s, without metadata:", why.Event, then)
		if !why.EventAt.IsZero() {
			text = fmt.Sprintf("as if %q came %s, as it last did at %s:", why.Event, then, why.EventAt.Format(time.RFC3339))
		}
		if _, err := fmt.Fprintln(w.out, text); err != nil {
			return err
		}
	}
	for i := range why.Messages {
		if err := w.tell(&why.Messages[i]); err != nil {
			return err
		}
	}
	if why.Note != "" {
		return w.note(why.Note)
	}
	return nil
}

// walks tells where the contact stands in the series, and why.
func (w *inquiry) walks(ctx context.Context) error {
	list, err := w.engine.ExplainSeries(ctx, w.who)
	if err != nil {
		return err
	}
	for i := range list {
		x := &list[i]
		switch {
		case !slices.ContainsFunc(w.series, func(s *beckon.Series) bool { return s.ID == x.Series }):
		case w.is("json"):
			err = w.printJSON(x)
		default:
			_, err = io.WriteString(w.out, walkInWords(w.call, x))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// note says why there is no judgement.
func (w *inquiry) note(text string) error {
	if w.is("json") {
		return w.printJSON(struct {
			Message string `json:"message"`
			Note    string `json:"note"`
		}{w.id, text})
	}
	_, err := fmt.Fprintf(w.out, "%s: %s\n", w.id, text)
	return err
}

func (w *inquiry) tell(t *beckon.MessageTrace) error {
	w.told++
	if w.is("json") {
		return w.printJSON(t)
	}
	if t.Message == "" {
		_, err := fmt.Fprintln(w.out, t.Note)
		return err
	}
	_, err := io.WriteString(w.out, inWords(w.call, &candidate{t.Message, t.CompanyID, string(t.Reason), t.RetryAt, t.Cap, why(t)}))
	return err
}

// walkInWords returns where a walk stands, the rules on which that depends, and a paragraph.
func walkInWords(c *call, x *explain.Walk) string {
	what := c.style.Bad("has not begun")
	switch x.State {
	case explain.NeverBegan:
	case explain.Walking:
		what = c.style.Good("is at " + term.Plain(x.Block))
		if x.Until.IsZero() {
			break
		}
		what += ", until " + x.Until.Format(time.RFC3339)
	case explain.Finished:
		what = "is over"
	case explain.Exited:
		what = "was left by its exit rule"
	}
	t := &judged{}
	t.add("the rule of "+x.Block, x.Rule)
	if x.Entry != nil {
		t.add("the audience of its entry", x.Entry.Audience)
	}
	t.add("its exit rule", x.Exit)
	if x.Message != nil {
		t.lines = append(t.lines, why(x.Message))
	}
	return c.style.Bold(term.Plain(x.Series)) + " " + what + "\n" + indented(printable(t.text(x.String())))
}
