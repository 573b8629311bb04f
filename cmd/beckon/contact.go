package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/store"
	"github.com/beckon-go/beckon/value"
)

func contactVerb() *verb {
	return &verb{
		name: "contact", group: groupStores,
		purpose: "prints what is known of a contact: data, events, sends, what waits.",
		usage:   "-store S [-json] USER_ID",
		about: `
The exit status is 1 if the contact is not known. It prints personal data.
` + aboutStores,
		examples: []string{
			"beckon contact -store sqlite:beckon.db u1",
			"beckon contact -store sqlite:beckon.db -email ada@example.com -json",
		},
		flags: storeFlags(append(whoFlags(), jsonFlag("print all that is kept, as JSON"))...),
		run:   showContact,
	}
}

// showContact prints what is known of a contact.
func showContact(ctx context.Context, c *call) error {
	who, rest, err := c.who()
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("there is %q beside the contact", rest[0])
	}
	return c.withEngine(ctx, c.now(), func(e *beckon.Engine, _ store.Store, _ *beckon.Program) error {
		all, known, err := e.Export(ctx, who)
		var damaged *beckon.DamagedError
		if err != nil && !(known && errors.As(err, &damaged)) {
			return err
		}
		if !known {
			return noContact(who)
		}
		if damaged != nil { // what can be read is printed all the same
			c.warn(damaged)
		}
		if c.is("json") {
			return c.printJSON(all)
		}
		p := contactPrinter{Writer: bufio.NewWriter(c.out), style: c.style}
		return errors.Join(p.print(&all), p.Flush())
	})
}

// noContact says that nobody is known by an identity.
func noContact(who beckon.Identity) error { return unknownf("no contact %q is known", nameOf(who)) }

// shownLast is how many of a contact's events and sends are printed, the newest.
const shownLast = 20

// A contactPrinter prints what is known of a contact, part by part.
type contactPrinter struct {
	*bufio.Writer
	style term.Style
}

func (p *contactPrinter) print(x *beckon.ContactExport) error {
	for _, line := range [][2]string{
		{"contact", identities(x.Identity)},
		{"also", joined(x.Aliases, identities)},
		{"created", instant(x.CreatedAt)},
		{"last seen", instant(x.LastSeenAt)},
		{"snoozed until", instant(x.SnoozedUntil)},
		{"unsubscribed", strings.Join(x.Unsubscribed, ", ")},
		{"companies", strings.Join(x.Companies, ", ")},
	} {
		if line[1] != "" {
			fmt.Fprintf(p, "%-14s %s\n", line[0], term.Plain(line[1]))
		}
	}
	attributes := p.table("attribute", "value")
	for _, name := range slices.Sorted(maps.Keys(x.Attributes)) {
		text := x.Attributes[name].String()
		if at, _ := x.Attributes[name].Time(); x.Attributes[name].Kind() == value.KindDate {
			text = instant(at)
		}
		attributes.Add(name, text)
	}
	events := p.table("event", "times", "first", "last")
	events.Numbers = []int{1}
	for _, e := range x.Events {
		events.Add(e.Name, strconv.FormatUint(e.Count, 10), instant(e.First), instant(e.Last))
	}
	log := p.table("sent", "message", "channel", "number")
	log.Numbers = []int{3}
	for _, s := range x.Log[max(0, len(x.Log)-shownLast):] {
		log.Add(instant(s.At), with(s.Message, s.CompanyID), string(s.Channel), strconv.Itoa(s.Sequence))
	}
	sends := p.table("message", "times", "last", "")
	sends.Numbers = []int{1}
	for _, s := range x.Sends {
		note := ""
		if s.Control {
			note = "control group: not sent"
		}
		sends.Add(with(s.Message, s.CompanyID), strconv.Itoa(s.Count), instant(s.Last), note)
	}
	waiting := p.table("waits", "until", "event")
	for _, w := range x.Waiting {
		waiting.Add(with(w.Message, w.CompanyID), instant(w.Until), w.Event.Name)
	}
	series := p.table("series", "at", "since", "entered")
	for _, j := range x.Series {
		at := j.Block
		if j.Done {
			at = "over"
		}
		series.Add(j.Series, at, instant(j.Since), instant(j.Entered))
	}
	pending := p.table("pending", "channel", "decided", "tries")
	pending.Numbers = []int{3}
	for i := range x.Pending {
		d := &x.Pending[i]
		pending.Add(with(d.Message, d.CompanyID), string(d.Channel), instant(d.At), strconv.Itoa(d.Tries()))
	}
	dead := p.table("given up", "at", "why")
	for i := range x.DeadLetters {
		d := &x.DeadLetters[i]
		dead.Add(with(d.Delivery.Message, d.Delivery.CompanyID), instant(d.At), d.Reason)
	}
	for _, t := range []*term.Table{attributes, events, sends, log, waiting, series, pending, dead} {
		if t.Len() == 0 {
			continue
		}
		if _, err := io.WriteString(p, "\n"); err != nil {
			return err
		}
		if err := t.Write(p); err != nil {
			return err
		}
	}
	return nil
}

func (p *contactPrinter) table(heading ...string) *term.Table {
	return &term.Table{Style: p.style, Heading: heading}
}

// with returns a message with the company that it is about.
func with(message, company string) string {
	if company == "" {
		return message
	}
	return message + "@" + company
}

// identities returns all identities of a contact.
func identities(who beckon.Identity) string {
	var parts []string
	for _, id := range [][2]string{{"user_id", who.UserID}, {"id", who.ID}, {"email", who.Email}, {"anonymous_id", who.AnonymousID}} {
		if id[1] != "" {
			parts = append(parts, id[0]+" "+id[1])
		}
	}
	return strings.Join(parts, ", ")
}

func joined[T any](list []T, text func(T) string) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = text(x)
	}
	return strings.Join(parts, "; ")
}
