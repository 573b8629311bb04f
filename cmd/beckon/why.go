package main

import (
	"bytes"
	"context"
	"fmt"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/store"
)

func whyVerb() *verb {
	return &verb{
		name: "why", group: groupStores,
		purpose: "says why a contact does not get a message, or that it would.",
		usage:   "-store S -program P [-event E] [-at T] [-json] USER_ID MESSAGE",
		about: `
It decides what would happen now, or at T, and records nothing. A message with an
event is judged as if that came; E has its metadata. Others are judged as on a
visit and a sweep, and one-offs as if they were sent. It asks a store; "beckon
explain" takes files in its place.
` + aboutStores,
		examples: []string{
			"beckon why -store sqlite:beckon.db -program live.json u1 welcome",
			"beckon why -store sqlite:beckon.db -program live.json -event order.json u1 receipt",
		},
		flags: storeFlags(append(
			whoFlags(),
			textFlag("program", "the `file` of the program"),
			textFlag("event", "the `file` of the event"),
			textFlag("at", "when: a `time` such as 2026-03-02T09:00:00Z; left out: now"),
			jsonFlag("print a line of JSON for each judgement"),
		)...),
		run: whyNot,
	}
}

// whyNot says what would become of a message for a contact.
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
		return usagef("the id of a message is missing")
	case len(rest) > 1:
		return usagef("there is %q beside the contact and the message", rest[1])
	}
	at, err := c.readAt()
	if err != nil {
		return err
	}
	return c.withEngine(ctx, at, func(e *beckon.Engine, _ store.Store, program *beckon.Program) error {
		m, err := messageOf(program, rest[0])
		if err != nil {
			return err
		}
		moments, note, err := momentsOf(c, m, who)
		if err != nil {
			return err
		}
		if !c.is("json") && note != "" {
			fmt.Fprintln(c.out, note)
		}
		told := 0
		for _, moment := range moments {
			traces, err := e.Explain(ctx, moment)
			if err != nil {
				return err
			}
			for i := range traces {
				t := &traces[i]
				if t.Message != m.ID && t.Message != "" {
					continue
				}
				told++
				if err := printTrace(c, t); err != nil {
					return err
				}
			}
		}
		if told == 0 {
			_, err = fmt.Fprintf(c.out, "%s is no candidate then\n", m.ID)
		}
		return err
	})
}

// momentsOf returns the moments at which a message is judged. note says what was supposed.
func momentsOf(c *call, m *beckon.Message, who beckon.Identity) (list []beckon.Moment, note string, err error) {
	if name := c.text("event"); name != "" {
		data, err := c.readFile(name)
		if err != nil {
			return nil, "", err
		}
		event, err := beckon.ParseEvent(bytes.NewReader(named(data, who)))
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", fileName(name), err)
		}
		return []beckon.Moment{event}, "", nil
	}
	switch {
	case m.Mode == beckon.OneOff:
		return []beckon.Moment{beckon.AtSend(who, m.ID)}, "", nil
	case m.Trigger != nil && m.Trigger.Event != "":
		event := beckon.Event{Name: m.Trigger.Event, UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID}
		return []beckon.Moment{event}, fmt.Sprintf("as if %q came now, without metadata:", m.Trigger.Event), nil
	}
	visit := beckon.Visit{UserID: who.UserID, ID: who.ID, Email: who.Email, AnonymousID: who.AnonymousID}
	return []beckon.Moment{visit, beckon.AtSweep(who)}, "", nil
}

func printTrace(c *call, t *beckon.MessageTrace) error {
	if c.is("json") {
		return c.printJSON(t)
	}
	if t.Message == "" {
		_, err := fmt.Fprintln(c.out, t.Note)
		return err
	}
	_, err := fmt.Fprint(c.out, inWords(c, &candidate{t.Message, t.CompanyID, string(t.Reason), t.RetryAt, t.Cap, why(t)}))
	return err
}
