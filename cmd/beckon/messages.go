package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/internal/decide"
	"github.com/beckon-go/beckon/internal/fault"
	"github.com/beckon-go/beckon/store"
)

func messagesVerb() *verb {
	return &verb{
		name: "messages", group: groupStores,
		purpose: "lists messages with their status and totals.",
		usage:   "-store S [-program P] [-status STATUS] [-channel CHANNEL] [-json]",
		about: `
With a program it lists the messages of that, with the status that is in effect.
Without one it lists those that have ever been live, and the status that pauses
and stops have left.
` + aboutStores,
		examples: []string{
			"beckon messages -store sqlite:beckon.db -program live.json",
			"beckon messages -store postgres://app@db/app -status paused -program live.json",
		},
		flags: storeFlags(
			textFlag("program", "the `file` of the program, or the folder of its files"),
			textFlag("status", "only those with the `status`: draft, live, paused or stopped"),
			textFlag("channel", "only those on the `channel`; needs -program"),
			jsonFlag("print a line of JSON for each message"),
		),
		run: listMessages,
	}
}

// listMessages lists messages.
func listMessages(ctx context.Context, c *call) error {
	if err := c.needArgs(0, 0, ""); err != nil {
		return err
	}
	if c.text("channel") != "" && c.text("program") == "" {
		return usagef("-channel needs -program: a store does not keep channels")
	}
	if status := c.text("status"); status != "" {
		known := []string{string(beckon.Draft), string(beckon.Live), string(beckon.Paused), string(beckon.Stopped)}
		if !slices.Contains(known, status) {
			return usagef("-status: %q is none of %s", status, strings.Join(known, ", "))
		}
	}
	return c.withEngine(ctx, c.now(), func(e *beckon.Engine, s store.Store, program *beckon.Program) error {
		filter := beckon.MessageFilter{Status: beckon.Status(c.text("status")), Channel: beckon.Channel(c.text("channel"))}
		var list []beckon.ListedMessage
		var err error
		if program != nil {
			list, err = e.Messages(ctx, filter)
		} else {
			list, err = keptMessages(ctx, e, s, filter.Status)
		}
		if err != nil {
			return err
		}
		return printMessages(c, list, program != nil)
	})
}

// keptMessages returns the messages that the store has a record of, by id.
func keptMessages(ctx context.Context, e *beckon.Engine, s store.Store, status beckon.Status) ([]beckon.ListedMessage, error) {
	list := []beckon.ListedMessage{}
	err := scan(ctx, s, store.Query{Kinds: []store.Kind{store.KindMessage}}, func(rec *store.Record) {
		k := decide.ReadMessageState(rec)
		m := beckon.ListedMessage{ID: strings.Clone(rec.Key.ID), Mode: beckon.Mode(k.Mode), Status: beckon.Status(k.Status)}
		if m.Status == "" {
			m.Status = beckon.Live
		}
		if k.LiveAt != 0 {
			m.LiveAt = time.UnixMilli(k.LiveAt).UTC()
		}
		if status == "" || status == m.Status {
			list = append(list, m)
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b beckon.ListedMessage) int { return strings.Compare(a.ID, b.ID) })
	for i := range list {
		if list[i].Totals, err = e.Totals(ctx, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// scan calls fn with all records of a query.
func scan(ctx context.Context, s store.Store, q store.Query, fn func(*store.Record)) error {
	for at, first := store.Cursor(""), true; first || at != ""; first = false {
		next, err := s.Scan(ctx, q, at, scanPage, func(rec *store.Record) error {
			fn(rec)
			return nil
		})
		if err != nil {
			return err
		}
		at = next
	}
	return nil
}

// scanPage is how many records are read at a time.
const scanPage = 256

func printMessages(c *call, list []beckon.ListedMessage, full bool) error {
	if c.is("json") {
		for i := range list {
			if err := c.printJSON(list[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(c.out, "no messages")
		return err
	}
	t := term.Table{Style: c.style, Heading: []string{"message", "status", "live since", "sent", "held", "converted"}, Numbers: []int{3, 4, 5}}
	if full {
		t.Heading = []string{"message", "channel", "status", "live since", "sent", "held", "converted"}
		t.Numbers = []int{4, 5, 6}
	}
	for i := range list {
		m := &list[i]
		row := []string{m.ID}
		if full {
			row = append(row, string(m.Channel))
		}
		held := m.Totals.Judged - m.Totals.Sent
		t.Add(append(row, string(m.Status), instant(m.LiveAt), number(m.Totals.Sent), number(held), number(m.Totals.Converted))...)
	}
	return t.Write(c.out)
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

func totalsVerb() *verb {
	return &verb{
		name: "totals", group: groupStores,
		purpose: "prints the totals of a message or of a series.",
		usage:   "-store S [-series] [-json] ID",
		about: `
The exit status is 1 if the store does not know the name: the message was
never live and nobody was judged for it, or nobody entered the series.
` + aboutStores,
		examples: []string{
			"beckon totals -store sqlite:beckon.db welcome",
			"beckon totals -store sqlite:beckon.db -series onboarding",
		},
		flags: storeFlags(
			boolFlag("series", "ID is that of a series"),
			jsonFlag("print JSON"),
		),
		run: printTotals,
	}
}

// printTotals prints the totals of a message or a series.
func printTotals(ctx context.Context, c *call) error {
	if err := c.needArgs(1, 1, "the id of a message"); err != nil {
		return err
	}
	id := c.args()[0]
	return c.withEngine(ctx, c.now(), func(e *beckon.Engine, s store.Store, _ *beckon.Program) error {
		series, err := e.SeriesTotals(ctx, id)
		if err != nil {
			return err
		}
		if c.is("series") {
			if series.Entered == 0 {
				return unknownf("nobody has entered a series %q", id)
			}
			return printCounts(c, series, seriesRows(series))
		}
		totals, err := e.Totals(ctx, id)
		if err != nil {
			return err
		}
		if totals.Judged == 0 {
			if hint, unknown, err := notKept(ctx, s, id); err != nil {
				return err
			} else if unknown {
				if hint == "" && series.Entered > 0 {
					hint = ": with -series there is one of that id"
				}
				return unknownf("no message %q is known%s", id, hint)
			}
		}
		return printCounts(c, totals, totalsRows(totals))
	})
}

// notKept reports whether the store has no record of a message, and which name may
// have been meant.
func notKept(ctx context.Context, s store.Store, id string) (hint string, unknown bool, err error) {
	var names []string
	err = scan(ctx, s, store.Query{Kinds: []store.Kind{store.KindMessage}}, func(rec *store.Record) {
		names = append(names, strings.Clone(rec.Key.ID))
	})
	return fault.DidYouMean(id, names), !slices.Contains(names, id), err
}

// A count is one row of totals.
type count struct {
	name string
	n    int64
}

func totalsRows(t beckon.Totals) []count {
	rows := []count{{"judged", t.Judged}, {"sent", t.Sent}}
	for _, reason := range slices.Sorted(maps.Keys(t.Held)) {
		rows = append(rows, count{"held: " + string(reason), t.Held[reason]})
	}
	return append(rows, []count{
		{"control", t.Control},
		{"converted", t.Converted},
		{"control converted", t.ControlConverted},
		{"followed", t.Followed},
		{"given up", t.GivenUp},
	}...)
}

func seriesRows(t beckon.SeriesTotals) []count {
	rows := []count{{"entered", t.Entered}}
	for _, block := range slices.Sorted(maps.Keys(t.Blocks)) {
		rows = append(rows, count{"at " + block, t.Blocks[block]})
	}
	return append(rows, count{"finished", t.Finished}, count{"exited", t.Exited}, count{"converted", t.Converted})
}

func printCounts(c *call, totals any, rows []count) error {
	if c.is("json") {
		return c.printJSON(totals)
	}
	t := term.Table{Style: c.style, Heading: []string{"count", "of"}, Numbers: []int{0}}
	for _, r := range rows {
		t.Add(number(r.n), r.name)
	}
	return t.Write(c.out)
}
