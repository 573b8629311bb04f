package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/beckon-go/beckon"
	"github.com/beckon-go/beckon/cmd/beckon/internal/stores"
	"github.com/beckon-go/beckon/cmd/beckon/internal/term"
	"github.com/beckon-go/beckon/store"
)

func outboxVerb() *verb {
	return &verb{
		name: "outbox", group: groupStores,
		purpose: "lists deliveries that are pending, or were given up.",
		usage:   "-store S [-dead [-retry ID | -discard ID]] [-limit N] [-json]",
		about: `
It lists what is pending. With -dead it lists dead letters, which were given up;
-retry makes one of them pending again, and -discard drops it. ID is that of a
delivery, or how it begins, or all. Only with one of these two it writes.
` + aboutStores,
		examples: []string{
			"beckon outbox -store sqlite:beckon.db",
			"beckon outbox -store sqlite:beckon.db -dead",
			"beckon outbox -store sqlite:beckon.db -dead -retry all",
		},
		flags: storeFlags(
			boolFlag("dead", "list dead letters"),
			textFlag("retry", "make the dead letter of this `id` pending again; all: each of them"),
			textFlag("discard", "drop the dead letter of this `id`; all: each of them"),
			textFlag("limit", "list at most so `many`; 0: all of them; left out: 100"),
			jsonFlag("print a line of JSON for each delivery"),
		),
		run: outbox,
	}
}

// outbox lists what is pending or was given up, or carries out what is to become of it.
func outbox(ctx context.Context, c *call) error {
	retry, discard := c.text("retry"), c.text("discard")
	limit := 100
	if text := c.text("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return usagef("-limit: %q is not a number of deliveries", text)
		}
		limit = n
	}
	switch {
	case c.flags.NArg() > 0:
		return c.needArgs(0, 0, "")
	case retry != "" && discard != "":
		return usagef("-retry and -discard: take one of them")
	case retry+discard != "" && !c.is("dead"):
		return usagef("-retry and -discard are for dead letters: -dead is missing")
	case retry != "":
		return settle(ctx, c, retry, "pending again", (*beckon.Engine).Replay)
	case discard != "":
		return settle(ctx, c, discard, "dropped", (*beckon.Engine).Discard)
	}
	return c.withEngine(ctx, c.now(), func(e *beckon.Engine, _ store.Store, _ *beckon.Program) error {
		if c.is("dead") {
			return listDead(c, e.DeadLetters(ctx), limit)
		}
		return listPending(c, e.Outbox(ctx), limit)
	})
}

func listPending(c *call, list iter.Seq2[beckon.Delivery, error], limit int) error {
	t := term.Table{Style: c.style, Heading: []string{"id", "message", "channel", "contact", "decided", "tries"}, Numbers: []int{5}}
	return listed(c, list, limit, &t, "nothing is pending", func(d beckon.Delivery) {
		t.Add(short(d.ID), with(d.Message, d.CompanyID), string(d.Channel), nameOf(d.Contact), instant(d.At), strconv.Itoa(max(d.Tries(), 0)))
	})
}

func listDead(c *call, list iter.Seq2[beckon.DeadLetter, error], limit int) error {
	t := term.Table{Style: c.style, Heading: []string{"id", "message", "contact", "given up", "why"}}
	return listed(c, list, limit, &t, "nothing was given up", func(d beckon.DeadLetter) {
		t.Add(short(d.Delivery.ID), with(d.Delivery.Message, d.Delivery.CompanyID), nameOf(d.Delivery.Contact), instant(d.At), d.Reason)
	})
}

// listed prints what a sequence yields: as lines of JSON, or by add in a table.
func listed[T any](c *call, list iter.Seq2[T, error], limit int, t *term.Table, none string, add func(T)) error {
	n := 0
	for x, err := range list {
		if err != nil {
			return err
		}
		if limit > 0 && n == limit {
			c.warn(fmt.Errorf("there are more than %d; -limit 0 lists all", limit))
			break
		}
		n++
		if c.is("json") {
			if err := c.printJSON(x); err != nil {
				return err
			}
			continue
		}
		add(x)
	}
	switch {
	case c.is("json"):
		return nil
	case n == 0:
		_, err := fmt.Fprintln(c.out, none)
		return err
	}
	return t.Write(c.out)
}

// settle carries out do on the dead letter of an id, or on all.
func settle(ctx context.Context, c *call, id, done string, do func(*beckon.Engine, context.Context, beckon.Delivery) error) error {
	return c.over(ctx, stores.Write, func(s store.Store) error {
		e, err := stores.Engine(ctx, s, beckon.WithClock(func() time.Time { return c.now() }))
		if err != nil {
			return err
		}
		var chosen []beckon.Delivery // before anything changes under the sequence
		for d, err := range e.DeadLetters(ctx) {
			if err != nil {
				return err
			}
			if id == "all" || strings.HasPrefix(d.Delivery.ID, id) {
				chosen = append(chosen, d.Delivery)
			}
		}
		if len(chosen) > 1 && id != "all" {
			return usagef("the ids of %d dead letters begin with %q: say more of it", len(chosen), id)
		}
		if len(chosen) == 0 && id != "all" {
			return unknownf("there is no dead letter %q", id)
		}
		var failures []error
		n := 0
		for _, d := range chosen {
			if err := do(e, ctx, d); err != nil {
				failures = append(failures, fmt.Errorf("%s: %w", d.ID, err))
				continue
			}
			n++
		}
		if c.is("json") {
			err = c.printJSON(map[string]int{"changed": n, "failed": len(failures)})
		} else {
			_, err = fmt.Fprintf(c.out, "%s: %s\n", plural(n, "dead letter"), done)
		}
		return errors.Join(append(failures, err)...)
	})
}

// short returns the beginning of an id, which tells it from others.
func short(id string) string { return id[:min(len(id), 12)] }

// plural returns a number with its noun.
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
